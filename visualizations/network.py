"""Networks of an answer: built as pyvis Networks here and nowhere else, and rendered through our own template.

pyvis writes titles, headings and menus as raw HTML and links to a CDN, so its own writer is not used; vis-network
comes from the installed package, gzipped into the page.
"""

from __future__ import annotations

import base64
import html
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from graph.answers import Node, Subgraph
from graph.ontology import Ontology
from visualizations.assets import asset
from visualizations.layout import GAP, positions
from visualizations.markup import Site, embedded, macro, script_hash
from visualizations.show import fact
from visualizations.style import legend, style

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
MARKED = "#d97800"

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
        x, y = places[node.id]
        network.add_node(
            node.id,
            label=names[node.id],
            shape=drawn.shape,
            color={"background": drawn.color, "border": MARKED if node.mark else drawn.color},
            type=node.type,
            title=html.escape(_title(node, ontology)),
            name=node.label,
            mark=node.mark,
            facts=[(label, fact(value)) for label, value, _ in node.facts],
            x=x,
            y=y,
            physics=False,
            size=round(14 + 8 * node.size, 1),
            borderWidth=8 if node.mark else 1,
            font={"size": fonts[node.id]},
        )
    for edge in subgraph.edges:
        network.add_edge(edge.source, edge.target, title=html.escape(edge.label), relation=edge.label)
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
    return Subgraph(nodes, edges, subgraph.left_out + len(subgraph.nodes) - len(nodes))


def render(
    network: Network,
    ontology: Ontology,
    *,
    left_out: int = 0,
    caption: str = "关系网络",
    site: Site | None = None,
) -> Markup:
    """The network as a part of a page: a search, the drawing, the facts of the node chosen, a legend.

    Needs no other host. On a served page its scripts are loaded; a file carries them, and `script_hashes` names them for
    its Content-Security-Policy. `left_out` nodes are said to be not drawn.
    """
    types = [entry.type for entry in legend(ontology, (n["type"] for n in network.nodes))]
    return macro(
        "network",
        caption=caption,
        nodes=len(network.nodes),
        edges=len(network.edges),
        left_out=left_out,
        legend=legend(ontology, types),
        marks=sorted({n["mark"] for n in network.nodes if n["mark"]}),
        marked=MARKED,
        data=embedded(_payload(network, ontology, types)),
        library="" if site else Markup(_library()[0]),
        script="" if site else Markup(asset("network.js").text),
        nonce=site.nonce if site else "",
    )


def draw(subgraph: Subgraph, ontology: Ontology, caption: str = "关系网络", site: Site | None = None) -> Markup:
    """Build and render in one step: what pages and reports call; `site` is that of a served page."""
    shown = around(subgraph)
    return render(build(shown, ontology), ontology, left_out=shown.left_out, caption=caption, site=site)


def script_hashes() -> list[str]:
    """The CSP sources of the two scripts a rendered network runs."""
    return [_library()[1], script_hash(asset("network.js").text)]


@lru_cache(maxsize=1)
def _library() -> tuple[str, str]:
    """vis-network gzipped in base64, and its CSP hash; CSP hashes the text as the page will run it."""
    library = asset("vis-network.js")
    return base64.b64encode(library.packed).decode("ascii"), script_hash(library.text)


def _payload(network: Network, ontology: Ontology, types: list[str]) -> dict[str, Any]:
    """The network in few bytes: what repeats (types, labels of facts, relations) is listed once."""
    index = {n["id"]: i for i, n in enumerate(network.nodes)}
    keys = {label: i for i, label in enumerate(dict.fromkeys(k for n in network.nodes for k, _ in n["facts"]))}
    relations = {r: i for i, r in enumerate(dict.fromkeys(e["relation"] for e in network.edges))}
    entries = {entry.type: entry for entry in legend(ontology, types)}
    return {
        "options": network.options,
        "far": FAR,
        "marked": MARKED,
        "types": [{"label": entries[t].label, "color": entries[t].color, "shape": entries[t].shape} for t in types],
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
            ]
            for n in network.nodes
        ],
        "edges": [[index[e["from"]], index[e["to"]], relations[e["relation"]]] for e in network.edges],
    }


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
    return {node.id: _short(node, left) for node in subgraph.nodes}


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


def _short(node: Node, left: str = "") -> str:
    """The label as drawn: without what it begins with if that is `left`, cut, in two lines at most, with its mark beneath."""
    text = " ".join(node.label.split())
    text = text.removeprefix(left) or text
    text = text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"
    if len(text) > LABEL // 2 + 2:
        half = (len(text) + 1) // 2
        text = f"{text[:half]}\n{text[half:]}"
    return f"{text}\n〔{node.mark}〕" if node.mark else text


def _title(node: Node, ontology: Ontology) -> str:
    kind = ontology.nodes[node.type].label if node.type in ontology.nodes else node.type
    return f"{kind}：{node.label[:80]}"
