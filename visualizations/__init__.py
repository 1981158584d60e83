"""Renders answers as pages, networks, workbooks and reports; imports graph alone, and never a store."""
