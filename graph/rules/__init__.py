"""Rules and bases: reads their files, holds them in a book, runs them. Imports the ground of `graph`, no question."""
