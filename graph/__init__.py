"""What is known and what can be asked: ontology, stores, rules, questions and answers."""
