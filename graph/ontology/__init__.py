"""The declaration of every type (graph/ontology.yaml), read and checked; imports `graph.answers` and `graph.errors`."""

from graph.ontology.reading import (
    ALWAYS_FROM,
    ALWAYS_TO,
    ARROW,
    PATH,
    EdgeType,
    NodeType,
    Ontology,
    Property,
    Style,
    load,
    parse,
)

__all__ = [
    "ALWAYS_FROM",
    "ALWAYS_TO",
    "ARROW",
    "PATH",
    "EdgeType",
    "NodeType",
    "Ontology",
    "Property",
    "Style",
    "load",
    "parse",
]
