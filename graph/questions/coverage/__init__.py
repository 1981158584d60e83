"""两个覆盖 and other figures of a county by division. May import questions.problems."""
