"""Colours and shapes of types, from the ontology, and of severities and states, told apart without colour too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.ontology import Ontology, Style

#: the style of a type for which the ontology declares none
PLAIN = Style("#777777", "dot")


@dataclass(frozen=True, slots=True)
class Severity:
    """A severity: its label, a colour with contrast 4.5 : 1 on white, and a glyph for readers who see no colour."""

    name: str
    label: str
    color: str
    glyph: str


#: the most severe first; a problem is never drawn in the red of the Party's emblem
SEVERITIES: dict[str, Severity] = {
    s.name: s
    for s in (
        Severity("high", "高", "#7a3b00", "◆"),
        Severity("medium", "中", "#9c6200", "▲"),
        Severity("warn", "提醒", "#33688a", "●"),
        Severity("suggest", "建议", "#66727c", "○"),
    )
}


@dataclass(frozen=True, slots=True)
class State:
    """How a state is drawn: its fill, and the colour, width and dashes of its border."""

    label: str
    fill: str
    border: str
    width: int
    dashes: tuple[int, ...] = ()


#: the states of 组织覆盖: covered is solid and dark, states that need work are hollow
STATES: dict[str, State] = {
    s.label: s
    for s in (
        State("已覆盖", "#2f6f9f", "#2f6f9f", 1),
        State("应建未建", "#ffffff", "#7a3b00", 7),
        State("应联建未联建", "#ffffff", "#9c6200", 5, (7, 5)),
        State("无党员", "#c3ccd3", "#66727c", 1),
        State("待核实", "#ffffff", "#33688a", 2, (2, 3)),
        State("不在口径内", "#eef1f3", "#8c99a3", 1),
    )
}
#: the border of a marked node
MARKED = "#d97800"
#: the colour of a node without a state in a drawing whose colours are states
STATELESS = "#8c99a3"


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A type in a legend, with its colour and its shape, named as in vis-network."""

    type: str
    label: str
    color: str
    shape: str


def radius(size: float) -> float:
    """The radius of a node of a relative size, in units of the drawing."""
    return round(14 + 8 * size, 1)


def style(ontology: Ontology, node_type: str) -> Style:
    """The style of a type; a grey dot where the ontology declares none."""
    kind = ontology.nodes.get(node_type)
    return kind.style if kind is not None and kind.style is not None else PLAIN


def legend(ontology: Ontology, types: Iterable[str]) -> list[LegendEntry]:
    """The legend of types, in the order of the ontology, undeclared types last by name."""
    present = set(types)
    declared = [name for name in ontology.nodes if name in present]
    entries = []
    for name in (*declared, *sorted(present - set(declared))):
        drawn = style(ontology, name)
        label = ontology.nodes[name].label if name in ontology.nodes else name
        entries.append(LegendEntry(name, label, drawn.color, drawn.shape))
    return entries


#: the shapes of vis-network as SVG paths in a box of 20 × 20
OUTLINES: dict[str, str] = {
    "square": "M4 4h12v12H4z",
    "dot": "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
    "diamond": "M10 2l7 8-7 8-7-8z",
    "triangle": "M10 3l8 14H2z",
    "triangleDown": "M10 17L2 3h16z",
    "hexagon": "M6 3h8l4 7-4 7H6l-4-7z",
    "star": "M10 1l2.6 6 6.4.5-4.9 4.3 1.5 6.4L10 14.8l-5.6 3.4 1.5-6.4L1 7.5 7.4 7z",
    "box": "M1 6h18v8H1z",
    "text": "M3 4h14v3h-5.3v10H8.3V7H3z",
}
