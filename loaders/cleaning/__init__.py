"""One cell's text into one typed value: pure functions that know nothing of ledgers. Imports only graph.workbook and graph.personal.

A function that can fail returns `(value, problem)`: the value or None, and None or a short Chinese phrase that says
what is wrong without repeating the cell, which may be personal. A blank cell is (None, None).

Every function may be memoized by value and type: True == 1 == 1.0 in Python, but a cell means something else by each.
"""
