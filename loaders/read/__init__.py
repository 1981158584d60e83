"""Files as tables of cells: workbooks, text tables, folders and zips. Imports no other stage of a load."""
