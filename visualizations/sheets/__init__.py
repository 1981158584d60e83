"""Answers and ledgers as .xlsx and .csv files; imports html.tables for the headings of columns."""
