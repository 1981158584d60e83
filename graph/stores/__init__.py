"""The engines that hold the graph, behind one screen of verbs; imports the ontology, errors and answers of `graph`."""
