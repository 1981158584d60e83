"""Builds the network of an answer with pyvis, and renders it through our own template.

The writer of pyvis is not used, because it writes raw HTML and links to a CDN. vis-network comes from the installed
package.
"""

from __future__ import annotations

import base64
import html
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from graph.answers import Node, QuestionLink, Subgraph
from graph.ontology import Ontology
from visualizations.html.assets import asset
from visualizations.html.markup import Site, embedded, macro, script_hash
from visualizations.network.layout import GAP, positions
from visualizations.show import fact
from visualizations.style import MARKED, OUTLINES, STATELESS, STATES, legend, radius, style

if TYPE_CHECKING:
    from pyvis.network import Network

#: more nodes cannot be read, and the file would be too large to mail
MAX_NODES = 1500
#: most characters of a drawn label, which has two lines
LABEL = 16
#: size of the area in which the whole network is first seen; most hubs named there; relations that make a hub; size of
#: other names
STAGE, NAMED, HUB, FONT = (800.0, 540.0), 60, 8, 13
#: a county at the start of a name
_COUNTY = re.compile(r"[^省市县区旗]{1,5}[市县区旗]")
#: longer lines are drawn faint, because they lead from one island to another
FAR = 8 * GAP

_OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "tooltipDelay": 120, "hideEdgesOnDrag": True, "multiselect": False},
    "nodes": {
        "font": {
            "face": "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif",
            "color": "#1c2730",
            "strokeWidth": 3,
            "strokeColor": "#ffffff",
        },
        "scaling": {"label": {"drawThreshold": 9}},
    },
    "edges": {
        "smooth": False,
        "color": {"color": "#aab4bd", "highlight": "#0b5a78", "hover": "#5b7486"},
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.4}},
        "selectionWidth": 2,
    },
}


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that a drawing on a served page leads to.

    `profiles` are those of nodes by type, with {} for the id; `walk` is that of `explore`, which the id follows; `address`
    gives that of a step; `picture` is that of the drawing as a file.
    """

    profiles: Mapping[str, str] = field(default_factory=dict)
    walk: str = ""
    address: Callable[[QuestionLink], str] = lambda asked: ""
    picture: str = ""


def build(subgraph: Subgraph, ontology: Ontology) -> Network:
    """A pyvis Network of a subgraph: nodes at fixed places, titles escaped, styles from the ontology.

    Each node also has its `type`, `name` (the whole label), `mark` and `facts`, pairs of label and text. At most
    MAX_NODES nodes are drawn, see `around`.
    """
    # imports IPython in half a second, which a page without a network need not pay
    from pyvis.network import Network

    subgraph = around(subgraph)
    places = positions(subgraph)
    names = _names(subgraph)
    fonts = _fonts(subgraph, places, names)
    network: Network = Network(directed=True, cdn_resources="in_line")
    for node in subgraph.nodes:
        drawn = style(ontology, node.type)
        color = STATELESS if subgraph.states else drawn.color
        state = STATES.get(node.state) if subgraph.states else None
        x, y = places[node.id]
        network.add_node(
            node.id,
            label=names[node.id],
            shape=drawn.shape,
            color={
                "background": state.fill if state else color,
                "border": state.border if state else MARKED if node.mark else color,
            },
            type=node.type,
            state=node.state if state else "",
            title=html.escape(_title(node, ontology)),
            name=node.label,
            mark=node.mark,
            facts=[(label, fact(value)) for label, value, _ in node.facts],
            x=x,
            y=y,
            physics=False,
            size=radius(node.size),
            borderWidth=state.width if state else 8 if node.mark else 1,
            shapeProperties={"borderDashes": list(state.dashes) if state and state.dashes else False},
            steps=node.steps,
            font={"size": fonts[node.id]},
        )
    for edge in subgraph.edges:
        # twice the weight makes a line one unit wider
        width = min(8.0, 1 + round(math.log2(max(edge.weight, 1)), 1))
        network.add_edge(
            edge.source,
            edge.target,
            title=html.escape(edge.label),
            relation=edge.label,
            width=width,
            arrow=edge.type in ontology.edges,
        )
    network.options = _OPTIONS
    return network


def around(subgraph: Subgraph, most: int = MAX_NODES) -> Subgraph:
    """At most `most` nodes, the best connected first, then the marked, with the edges among them."""
    nodes = subgraph.nodes
    if len(nodes) > most:
        degrees = _degrees(subgraph)
        best = sorted(range(len(nodes)), key=lambda i: (-degrees[nodes[i].id], not nodes[i].mark, i))[:most]
        nodes = tuple(nodes[i] for i in sorted(best))
    drawn = {n.id for n in nodes}
    edges = tuple(e for e in subgraph.edges if e.source in drawn and e.target in drawn)
    return replace(subgraph, nodes=nodes, edges=edges, left_out=subgraph.left_out + len(subgraph.nodes) - len(nodes))


def draw(
    subgraph: Subgraph,
    ontology: Ontology,
    caption: str = "关系网络",
    site: Site | None = None,
    links: Links | None = None,
) -> Markup:
    """The network as a part of a page: a search, the drawing, the facts of the chosen node, the legend.

    A served page loads the scripts; a file contains them, and `script_hashes` names them for its
    Content-Security-Policy. The number of nodes that are not drawn is stated.
    """
    shown = around(subgraph)
    network = build(shown, ontology)
    return macro(
        "network",
        caption=caption,
        nodes=len(network.nodes),
        edges=len(network.edges),
        left_out=shown.left_out,
        legend=legend_of(shown, ontology),
        data=embedded(_payload(network, shown, ontology, links)),
        library="" if site else Markup(_library()[0]),
        script="" if site else Markup(asset("network.js").text),
        nonce=site.nonce if site else "",
        picture=links.picture if links else "",
    )


@dataclass(frozen=True, slots=True)
class Legend:
    """The legend of a drawing: shapes as (label, path, fill, stroke, width, dashes), marks, sizes as (words, size)."""

    shapes: tuple[tuple[str, str, str, str, float, str], ...]
    marks: tuple[str, ...]
    states: str = ""
    measure: str = ""
    sizes: tuple[tuple[str, float], ...] = ()


def legend_of(subgraph: Subgraph, ontology: Ontology) -> Legend:
    """The legend of a subgraph: its types, states, marks and sizes."""
    shapes = []
    present = {n.state for n in subgraph.nodes} if subgraph.states else set()
    for entry in legend(ontology, (n.type for n in subgraph.nodes)):
        color = STATELESS if subgraph.states else entry.color
        hollow = entry.shape == "box"
        shapes.append(
            (entry.label, OUTLINES[entry.shape], "#fff" if hollow else color, color, 2.0 if hollow else 0.0, "")
        )
    for state in STATES.values():
        if state.label in present:
            dashes = " ".join(str(d / 2) for d in state.dashes)
            shapes.append((state.label, OUTLINES["dot"], state.fill, state.border, max(1.0, state.width / 2), dashes))
    marks = tuple(sorted({n.mark for n in subgraph.nodes if n.mark}))
    return Legend(tuple(shapes), marks, subgraph.states, subgraph.measure, subgraph.sizes)


def script_hashes() -> list[str]:
    """The CSP sources of the two scripts of a network in a file."""
    return [_library()[1], script_hash(asset("network.js").text)]


@lru_cache(maxsize=1)
def _library() -> tuple[str, str]:
    """vis-network gzipped in base64, and the CSP source of its text as the page runs it."""
    library = asset("vis-network.js")
    return base64.b64encode(library.packed).decode("ascii"), script_hash(library.text)


def _payload(network: Network, subgraph: Subgraph, ontology: Ontology, links: Links | None) -> dict[str, Any]:
    """The network as compact JSON: types, labels of facts and relations are listed once; see network.js."""
    index = {n["id"]: i for i, n in enumerate(network.nodes)}
    keys = {label: i for i, label in enumerate(dict.fromkeys(k for n in network.nodes for k, _ in n["facts"]))}
    relations = {r: i for i, r in enumerate(dict.fromkeys(e["relation"] for e in network.edges))}
    entries = {entry.type: entry for entry in legend(ontology, (n["type"] for n in network.nodes))}
    types = list(entries)
    states = list(STATES) if subgraph.states else []
    payload: dict[str, Any] = {
        "options": network.options,
        "far": FAR,
        "marked": MARKED,
        "types": [
            {"label": e.label, "color": STATELESS if subgraph.states else e.color, "shape": e.shape}
            for e in entries.values()
        ],
        "states": [
            {"label": s, "fill": STATES[s].fill, "border": STATES[s].border, "width": STATES[s].width,
             "dashes": list(STATES[s].dashes) or False}
            for s in states
        ],
        "keys": list(keys),
        "relations": list(relations),
        "nodes": [
            [
                types.index(n["type"]),
                n["name"],
                "" if n["label"] == n["name"] else n["label"],
                n["mark"],
                n["x"],
                n["y"],
                n["size"],
                n["font"]["size"],
                [part for key, text in n["facts"] for part in (keys[key], text)],
                states.index(n["state"]) if n["state"] else -1,
            ]
            for n in network.nodes
        ],
        "edges": [
            [index[e["from"]], index[e["to"]], relations[e["relation"]], *([] if e["arrow"] else [e["width"]])]
            for e in network.edges
        ],
    }  # fmt: skip
    if links:
        payload["profiles"] = [links.profiles.get(t, "") for t in types]
        payload["walk"] = links.walk
        payload["ids"] = list(index)
        payload["steps"] = {
            index[n["id"]]: [[step.label, links.address(step.question), step.kind] for step in n["steps"]]
            for n in network.nodes
            if n["steps"]
        }
    return payload


def _degrees(subgraph: Subgraph) -> Counter[str]:
    degrees: Counter[str] = Counter()
    for edge in subgraph.edges:
        degrees[edge.source] += 1
        degrees[edge.target] += 1
    return degrees


def _names(subgraph: Subgraph) -> dict[str, str]:
    """Labels as drawn, by id, without a county that most names begin with."""
    counties = Counter(match[0] for node in subgraph.nodes if (match := _COUNTY.match(node.label)))
    county, times = counties.most_common(1)[0] if counties else ("", 0)
    prefix = county if times > max(3, len(subgraph.nodes) / 2) else ""
    return {node.id: _short(node, prefix, node.state if subgraph.states else "") for node in subgraph.nodes}


def _fonts(subgraph: Subgraph, places: Mapping[str, tuple[float, float]], names: Mapping[str, str]) -> dict[str, int]:
    """The size of each label: the names of hubs can be read while the whole network is in view.

    Of hubs whose names would overlap, the better connected has the large name.
    """
    spans = [max(axis, default=0) - min(axis, default=0) for axis in zip(*places.values(), strict=True)]
    whole = max((span / side for span, side in zip(spans, STAGE, strict=False)), default=1.0)
    large = max(FONT, round(FONT * whole))
    degrees = _degrees(subgraph)
    fonts = dict.fromkeys(places, FONT)
    taken: list[tuple[float, float, float, float]] = []
    for hub in sorted((n for n in degrees if degrees[n] >= HUB), key=lambda n: (-degrees[n], n))[:NAMED]:
        x, y = places[hub]
        lines = names[hub].splitlines()
        half = max(map(len, lines)) * large / 2
        box = (x - half, y, x + half, y + (len(lines) + 0.5) * 1.2 * large)
        if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            taken.append(box)
            fonts[hub] = large
    return fonts


def _short(node: Node, prefix: str = "", state: str = "") -> str:
    """The label as drawn: without `prefix`, cut to LABEL characters in at most two lines, with mark and state below."""
    text = " ".join(node.label.split())
    text = text.removeprefix(prefix) or text
    text = text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"
    if len(text) > LABEL // 2 + 2:
        half = (len(text) + 1) // 2
        text = f"{text[:half]}\n{text[half:]}"
    return text + "".join(f"\n〔{word}〕" for word in dict.fromkeys((node.mark, state)) if word)


def _title(node: Node, ontology: Ontology) -> str:
    kind = ontology.nodes[node.type].label if node.type in ontology.nodes else node.type
    return f"{kind}：{node.label[:80]}"
