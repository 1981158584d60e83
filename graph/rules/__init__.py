"""Rules and bases as files, and the book that checks and runs them."""
