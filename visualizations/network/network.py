"""Networks of an answer: built as pyvis Networks here and nowhere else, and rendered through our own template.

pyvis writes titles, headings and menus as raw HTML and links to a CDN, so its own writer is not used; vis-network
comes from the installed package, gzipped into the page.
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

#: more than this no one can read, and the file grows past what is mailed
MAX_NODES = 1500
#: characters of a drawn label, in lines of half as many
LABEL = 16
#: the stage a whole network is first seen on; how many nodes with how many relations may be named
#: then, where there is room; the size of a name
STAGE, NAMED, HUB, FONT = (800.0, 540.0), 60, 8, 13
_COUNTY = re.compile(r"[^省市县区旗]{1,5}[市县区旗]")
#: longer lines are drawn faint: they lead from one island to another
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
class Ways:
    """Where a drawing on a served page leads: a node's profile by its type ({} for the id), the walk that starts there
    (the id follows), the address of a step, and of the drawing as a file."""

    profiles: Mapping[str, str] = field(default_factory=dict)
    walk: str = ""
    address: Callable[[QuestionLink], str] = lambda asked: ""
    picture: str = ""


def build(subgraph: Subgraph, ontology: Ontology) -> Network:
    """A pyvis Network of a subgraph: still, every node in its place, titles escaped, styles from the ontology.

    Each node also carries its `type`, `name` (the whole label), `mark` and `facts`, pairs of label and text. Of
    more than MAX_NODES nodes the best connected are kept; edges to nodes not kept are left out.
    """
    from pyvis.network import (
        Network,
    )  # takes half a second (IPython), which no page without a network should pay

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
        # twice as many are one wider
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
    """At most `most` nodes, the best connected and the marked first, with the edges among them."""
    nodes = subgraph.nodes
    if len(nodes) > most:
        degrees = _degrees(subgraph)
        best = sorted(range(len(nodes)), key=lambda i: (-degrees[nodes[i].id], not nodes[i].mark, i))[:most]
        nodes = tuple(nodes[i] for i in sorted(best))
    kept = {n.id for n in nodes}
    edges = tuple(e for e in subgraph.edges if e.source in kept and e.target in kept)
    return replace(subgraph, nodes=nodes, edges=edges, left_out=subgraph.left_out + len(subgraph.nodes) - len(nodes))


def draw(
    subgraph: Subgraph,
    ontology: Ontology,
    caption: str = "关系网络",
    site: Site | None = None,
    ways: Ways | None = None,
) -> Markup:
    """The network as a part of a page: a search, the drawing, the facts of the node chosen, a legend.

    Needs no other host. On a served page its scripts are loaded; a file carries them, and `script_hashes` names them for
    its Content-Security-Policy. What is not drawn is said to be so.
    """
    shown = around(subgraph)
    network = build(shown, ontology)
    return macro(
        "network",
        caption=caption,
        nodes=len(network.nodes),
        edges=len(network.edges),
        left_out=shown.left_out,
        key=key(shown, ontology),
        data=embedded(_payload(network, shown, ontology, ways)),
        library="" if site else Markup(_library()[0]),
        script="" if site else Markup(asset("network.js").text),
        nonce=site.nonce if site else "",
        picture=ways.picture if ways else "",
    )


@dataclass(frozen=True, slots=True)
class Key:
    """What a legend explains: shapes by (label, path, fill, stroke, width, dashes), marks, and sizes by (words, size)."""

    shapes: tuple[tuple[str, str, str, str, float, str], ...]
    marks: tuple[str, ...]
    states: str = ""
    measure: str = ""
    sizes: tuple[tuple[str, float], ...] = ()


def key(subgraph: Subgraph, ontology: Ontology) -> Key:
    """The legend of a subgraph: its types, then its states, its marks, its sizes."""
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
    return Key(tuple(shapes), marks, subgraph.states, subgraph.measure, subgraph.sizes)


def script_hashes() -> list[str]:
    """The CSP sources of the two scripts a rendered network runs."""
    return [_library()[1], script_hash(asset("network.js").text)]


@lru_cache(maxsize=1)
def _library() -> tuple[str, str]:
    """vis-network gzipped in base64, and its CSP hash; CSP hashes the text as the page will run it."""
    library = asset("vis-network.js")
    return base64.b64encode(library.packed).decode("ascii"), script_hash(library.text)


def _payload(network: Network, subgraph: Subgraph, ontology: Ontology, ways: Ways | None) -> dict[str, Any]:
    """The network in few bytes: what repeats (types, labels of facts, relations) is listed once."""
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
    if ways:
        payload["profiles"] = [ways.profiles.get(t, "") for t in types]
        payload["walk"] = ways.walk
        payload["ids"] = list(index)
        payload["steps"] = {
            index[n["id"]]: [[step.label, ways.address(step.asked), step.kind] for step in n["steps"]]
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
    """Labels as drawn, by id; a county that most names begin with is left out."""
    counties = Counter(found[0] for node in subgraph.nodes if (found := _COUNTY.match(node.label)))
    county, times = counties.most_common(1)[0] if counties else ("", 0)
    left = county if times > max(3, len(subgraph.nodes) / 2) else ""
    return {node.id: _short(node, left, node.state if subgraph.states else "") for node in subgraph.nodes}


def _fonts(subgraph: Subgraph, places: Mapping[str, tuple[float, float]], names: Mapping[str, str]) -> dict[str, int]:
    """Size of each label: names of the hubs are readable while the whole is in view, the others from nearer.

    Of hubs too close for both names to be read, the better connected is named.
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


def _short(node: Node, left: str = "", state: str = "") -> str:
    """The label as drawn: without what it begins with if that is `left`, cut, in two lines at most, its mark beneath."""
    text = " ".join(node.label.split())
    text = text.removeprefix(left) or text
    text = text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"
    if len(text) > LABEL // 2 + 2:
        half = (len(text) + 1) // 2
        text = f"{text[:half]}\n{text[half:]}"
    return text + "".join(f"\n〔{said}〕" for said in dict.fromkeys((node.mark, state)) if said)


def _title(node: Node, ontology: Ontology) -> str:
    kind = ontology.nodes[node.type].label if node.type in ontology.nodes else node.type
    return f"{kind}：{node.label[:80]}"
