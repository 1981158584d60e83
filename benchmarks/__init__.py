"""What is fast, measured beside its peers in one run; not tests. `python -m benchmarks` prints the table."""
