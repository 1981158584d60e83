"""Questions about industry chains. May import questions.network."""
