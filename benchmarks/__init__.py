"""Measures the product beside its peers in one run; `python -m benchmarks` prints the table; imports all packages."""
