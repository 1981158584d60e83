"""The ledger that each table is, and the field that each of its columns states. Imports read and cleaning."""
