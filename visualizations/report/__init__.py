"""The report of a division as one HTML file: report.py puts its parts together; imports html and network."""
