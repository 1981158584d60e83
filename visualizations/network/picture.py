"""A drawing as an SVG file, with the places, shapes and legend of the page."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from graph.answers import Answer
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.network.network import FONT, Legend, around, build, legend_of
from visualizations.style import OUTLINES, radius

#: the width, the margin and the height of a line of the legend, in units of the file
WIDTH, MARGIN, LINE = 1400.0, 30.0, 26.0
#: the size of the largest name, in units of the file
HUB = 10.0
#: the width of a character and the radius of the largest circle in the legend
CHARACTER, CIRCLE = 14.0, 11.0
#: characters that XML does not allow
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def svg(answer: Answer, ontology: Ontology, *, fictional: bool = False) -> str:
    """The drawing of an answer with a graph, with title, date and legend."""
    assert answer.graph is not None
    shown = around(answer.graph)
    network = build(shown, ontology)
    nodes = network.nodes
    reach = [(n["x"], n["y"], n["size"] + 90.0) for n in nodes] or [(0.0, 0.0, 100.0)]
    left, top = (min(at[i] - at[2] for at in reach) for i in (0, 1))
    right, bottom = (max(at[i] + at[2] for at in reach) for i in (0, 1))
    inner = WIDTH - 2 * MARGIN
    scale = min(1.0, inner / (right - left))
    places = {n["id"]: n for n in nodes}
    text = markup.render(
        "picture.svg",
        answer=answer,
        fictional=fictional,
        width=round(WIDTH),
        margin=MARGIN,
        line=LINE,
        height=round((bottom - top) * scale),
        scale=scale,
        # centred
        shift=(MARGIN + (inner - (right - left) * scale) / 2 - left * scale, -top * scale),
        nodes=[_node(n, HUB / scale) for n in nodes],
        edges=[_edge(e, places[e["from"]], places[e["to"]]) for e in network.edges],
        legend=_legend_lines(legend_of(shown, ontology), inner),
        left_out=shown.left_out,
    )
    return _CONTROL.sub("", text)


def _edge(edge: dict[str, Any], start: dict[str, Any], end: dict[str, Any]) -> dict[str, Any]:
    """An edge as the template draws it; it ends at the border of its target, so that the arrow is visible."""
    across, down = end["x"] - start["x"], end["y"] - start["y"]
    whole = math.hypot(across, down)
    share = max(0.0, 1 - (end["size"] + 4) / whole) if edge["arrow"] and whole else 1.0
    at = (start["x"], start["y"], round(start["x"] + across * share, 1), round(start["y"] + down * share, 1))
    return {"at": at, "width": edge["width"], "arrow": edge["arrow"], "title": edge["relation"]}


def _node(node: dict[str, Any], most: float) -> dict[str, Any]:
    """A node as the template draws it, its name no larger than `most`."""
    font = max(FONT, min(node["font"]["size"], round(most)))
    dashes = node["shapeProperties"]["borderDashes"]
    hollow = node["shape"] == "box"
    scale = node["size"] / 8
    return {
        "x": node["x"],
        "y": node["y"],
        "scale": round(scale, 3),
        "path": OUTLINES[node["shape"]],
        "fill": "#ffffff" if hollow else node["color"]["background"],
        "stroke": node["color"]["border"],
        # in units of the path, which is scaled
        "width": round(max(node["borderWidth"], 2 if hollow else 1) / scale, 2),
        "dashes": " ".join(str(round(d / scale, 2)) for d in dashes) if dashes else "",
        "lines": str(node["label"]).split("\n"),
        "font": font,
        "below": node["size"] + font + 3,
        "title": str(node["name"]),
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the legend: its label, after a shape or a circle."""

    label: str
    path: str = ""
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dashes: str = ""
    radius: float = 0.0

    @property
    def length(self) -> float:
        return CHARACTER * len(self.label) + (24 if self.path or self.radius else 0) + 24


def _legend_lines(legend: Legend, width: float) -> list[list[tuple[float, Entry]]]:
    """The legend in lines no longer than `width`: each entry with its horizontal position."""
    entries = [Entry(*shape) for shape in legend.shapes]
    if legend.states:
        entries.append(Entry(f"图形为类型；圆点的填充和边线为单位的{legend.states}，名称下另注〔〕"))
    elif entries:
        entries.append(Entry("图形和颜色为类型"))
    if legend.marks:
        marks = "〕〔".join(legend.marks)
        entries.append(Entry(f"{'名称下' if legend.states else '粗边并'}注〔{marks}〕"))
    if legend.measure:
        largest = max((size for _, size in legend.sizes), default=1.0)
        entries.append(Entry(f"大小为{legend.measure}："))
        entries += [Entry(words, radius=CIRCLE * radius(s) / radius(largest)) for words, s in legend.sizes]
    lines: list[list[tuple[float, Entry]]] = [[]]
    x = 0.0
    for entry in entries:
        if lines[-1] and x + entry.length > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, entry))
        x += entry.length
    return lines
