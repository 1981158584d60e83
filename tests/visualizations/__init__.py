"""What leaves the house: workbooks, pages, networks and reports."""
