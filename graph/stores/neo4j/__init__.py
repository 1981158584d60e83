"""The engine on a server; `bolt` alone imports its driver, and the rest imports `graph.stores` and the ontology."""
