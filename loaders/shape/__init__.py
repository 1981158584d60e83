"""The data rows of recognized tables, and of forms, as typed values. Imports recognize, read and cleaning."""
