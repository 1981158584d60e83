"""The graph and what it answers: ontology, stores, rules, questions and answers. Imports no other package here."""
