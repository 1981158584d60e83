"""Everything about one entity: its profile, and why the rules judge it so. May import all topics but records and remedies."""
