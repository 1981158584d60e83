"""The entity of each row, and the rows that are new, changed or no longer listed. Imports shape and what is below it."""
