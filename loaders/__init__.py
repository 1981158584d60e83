"""Ledgers into the graph, in the order read, recognize, shape, match, fold, write. Imports graph, and never the api."""
