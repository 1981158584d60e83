"""The changes of the store, the reviews and the ledger rows. May import questions.problems and questions.coverage."""
