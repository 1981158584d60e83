"""A network too large to read, as clusters: one for each division or chain. And the page of places to start from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow.compute as pc

from graph.answers import Answer, Column, Edge, Field, Node, QuestionLink, Step, Subgraph, Total, blank_of, share
from graph.context import Context
from graph.coverage.states import COVERED, UNVERIFIED
from graph.parameters import KINDS, Parameter
from graph.privacy import OPEN
from graph.questions.network import colouring, subgraphs
from graph.questions.network.subgraphs import Mask, Network
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

GROUPS = {"region": "按区划汇总", "chain": "按产业链汇总", "none": "不汇总"}
GROUP = Parameter("group", "汇总", values=GROUPS)
LIMIT = Parameter("limit", "最多节点数，默认 1500", bounds=(1, 5_000))
#: the most nodes that are drawn one by one
MOST_NODES = 1500
#: the field for how to form clusters
FIELD = Field(GROUP.name, GROUP.label, (("", "超过 1,500 个节点时按区划汇总"), *GROUPS.items()))
#: the size of the largest cluster
LARGEST = 4.0
#: the distance of two clusters on their ellipse
APART = 120.0
#: the type of an edge between clusters, which has no direction
BETWEEN = "between"
NOWHERE_ID = "nowhere"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A division or a chain drawn as one node: `opens` is the question that shows it, `members` its nodes."""

    id: str
    name: str
    type: str
    opens: QuestionLink | None
    members: Mask


def split(reader: Reader, context: Context, network: Network, candidates: Mask) -> list[Cluster]:
    """The clusters to draw the candidates as; [] where they are drawn one by one, or would all be in one cluster."""
    by = context.parameters[GROUP.name]
    many = not context.parameters[LIMIT.name] and candidates.sum() > MOST_NODES
    if by == "none" or (not by and not many):
        return []
    core = candidates & subgraphs.within(network, context)
    if by == "chain":
        clusters = by_chain(network, context, core)
    else:
        clusters = by_region(network, context, core, Regions.read(reader))
    return clusters if len(clusters) > 1 else []


def by_region(network: Network, context: Context, candidates: Mask, divisions: Regions) -> list[Cluster]:
    """The candidates by the division whose row counts them in a list."""
    regions = network.nodes["region"].to_pylist()
    at = np.flatnonzero(candidates)
    row_of = divisions.rows({regions[i] for i in at}, context.scope)
    members: dict[str, list[int]] = {}
    for i in at:
        members.setdefault(row_of.get(regions[i], ""), []).append(int(i))
    higher = divisions.higher(members)
    clusters = []
    for region in sorted(members, key=divisions.sort_key):
        mask = np.zeros(len(regions), bool)
        mask[members[region]] = True
        # a division above other rows cannot be asked for without them
        opens = ("network", (("region", region),)) if region and region not in higher else None
        name = divisions.name(region) + ("（本级）" if region in higher else "")
        clusters.append(Cluster(region or NOWHERE_ID, name, "Region", opens, mask))
    return clusters


def by_chain(network: Network, context: Context, candidates: Mask) -> list[Cluster]:
    """The candidates by chain (see subgraphs.of_chain), the largest cluster first. A node may be in several."""
    rows = network.nodes.filter(pc.equal(network.nodes["type"], "IndustryChain")).to_pylist()
    clusters = []
    for row in rows:
        if context.chain in ("", row["id"]):
            members = candidates & subgraphs.of_chain(network, row["id"])
            if members.any():
                opens = ("network", (("chain", row["id"]),))
                clusters.append(Cluster(row["id"], row["name"], "IndustryChain", opens, members))
    return sorted(clusters, key=lambda c: (-int(c.members.sum()), c.id))


def answer(reader: Reader, context: Inquiry, network: Network, clusters: Sequence[Cluster]) -> Answer:
    """The network as clusters, a row and a node each."""
    regional = clusters[0].type == "Region"
    rows = _rows(reader, context, network, clusters)
    inside = np.any([c.members for c in clusters], axis=0)
    between = "两组之间的有效关系数" if regional else "两条链共有的成员数"
    return context.answer(
        reader,
        "network",
        f"图谱（{GROUPS['region' if regional else 'chain']}）",
        _columns(),
        rows,
        totals=(
            Total("groups", "组", len(clusters), "个"),
            Total("nodes", "组内节点", int(inside.sum()), "个"),
        ),
        basis=(
            f"每组一个图形，面积与组内节点数成正比，连线越粗，{between}越多。“打开”进入一组。",
            _BASIS,
        ),
        cypher=(*network.cypher, *colouring.cypher(context)),
        graph=_picture(clusters, rows, _between(network, clusters)),
        fields=(FIELD,),
    )


_BASIS = "组织覆盖率 = 有党组织覆盖的单位数 ÷ 口径内单位数；非公企业与社会组织分别统计，不相加。"


def start(reader: Reader, context: Inquiry) -> Answer:
    """The divisions and the chains as clusters, from each of which an exploration may start."""
    network = subgraphs.read(reader, context)
    core = subgraphs.within(network, context)
    core &= subgraphs.around(network, core)
    clusters = [*by_region(network, context, core, Regions.read(reader)), *by_chain(network, context, core)]
    rows = _rows(reader, context, network, clusters)
    return context.answer(
        reader,
        "explore",
        "图谱",
        _columns(),
        rows,
        basis=("从“查找”、下面的一个区划或一条产业链，或任何一份档案开始：“打开”看整体，“逐步展开”从它走起。", _BASIS),
        cypher=(*network.cypher, *colouring.cypher(context)),
        graph=_picture(clusters, rows),
        steps=(
            Step("整个网络，按区划汇总", ("network", ((GROUP.name, "region"),))),
            Step("整个网络，按产业链汇总", ("network", ((GROUP.name, "chain"),))),
        ),
    )


def _columns() -> tuple[Column, ...]:
    by_kind: list[Column] = []
    for kind, name in KINDS.items():
        by_kind += [
            Column(f"units_{kind}", f"{name}口径内", "integer", "家", group=name, short="口径内"),
            Column(f"covered_{kind}", f"{name}已覆盖", "integer", "家", group=name, short="已覆盖"),
            Column(
                f"share_{kind}",
                f"{name}组织覆盖率",
                "percent",
                group=name,
                short="组织覆盖率",
                blank_from=blank_of(f"share_{kind}"),
            ),
        ]
    return (
        Column("name", "名称", link=("*", "id")),
        Column("type", "类型"),
        Column("steps", "图谱", steps=True),
        *by_kind,
        Column("orgs", "党组织", "integer", "个"),
        Column("nodes", "全部节点", "integer", "个"),
        Column("relations", "组内关系", "integer", "条"),
    )


def _rows(reader: Reader, context: Inquiry, network: Network, clusters: Sequence[Cluster]) -> list[dict[str, Any]]:
    """Numbers of each cluster: by kind the units in the base and the covered ones, organizations, nodes, relations."""
    states = colouring.states(reader, context)
    ids = network.nodes["id"].to_pylist()
    orgs = network.of_type("PartyOrg")
    rows = []
    for cluster in clusters:
        counts: Counter[tuple[str, str]] = Counter()
        for i in np.flatnonzero(cluster.members & network.of_type("Unit")):
            if (state := states.get(ids[i])) and state.state != colouring.OUTSIDE:
                counts[state.kind, state.state] += 1
        inside = cluster.members.astype(np.float64)
        row: dict[str, Any] = {
            "name": cluster.name,
            "type": context.ontology.nodes[cluster.type].label,
            "steps": "、".join(step.label for step in _steps(cluster)) or None,
            "orgs": int((cluster.members & orgs).sum()),
            "nodes": int(cluster.members.sum()),
            "relations": int(inside @ (network.graph.matrix @ inside)) // 2,
            "id": cluster.id,
        }
        for kind in KINDS:
            covered, unverified = counts[kind, COVERED], counts[kind, UNVERIFIED]
            units = sum(counts[kind, state] for state in colouring.STATES)
            row |= {
                f"units_{kind}": units,
                f"covered_{kind}": covered,
                **share(f"share_{kind}", covered, units, unverified),
            }
        rows.append(row)
    return rows


def _steps(cluster: Cluster) -> tuple[Step, ...]:
    if cluster.opens is None:
        return ()
    return (Step("打开", cluster.opens), Step("逐步展开", ("explore", (("node", cluster.id),))))


def _picture(clusters: Sequence[Cluster], rows: Iterable[Mapping[str, Any]], edges: tuple[Edge, ...] = ()) -> Subgraph:
    """A node for each cluster. With edges, the nodes stand on an ellipse, so that no edge hides another."""
    row_of = {row["id"]: row for row in rows}
    most = max((row_of[c.id]["nodes"] for c in clusters), default=1)

    def size(count: int) -> float:
        return round(LARGEST * math.sqrt(count / most), 2)

    nodes: list[Node] = []
    for cluster in clusters:
        row = row_of[cluster.id]
        facts: list[tuple[str, str | int | None, str]] = [
            (f"{name}组织覆盖率", _share(row[f"covered_{kind}"], row[f"units_{kind}"]), OPEN)
            for kind, name in KINDS.items()
        ]
        facts += [("党组织（个）", row["orgs"], OPEN), ("全部节点（个）", row["nodes"], OPEN)]
        facts.append(("组内关系（条）", row["relations"], OPEN))
        label = f"{cluster.name} {row['nodes']:,}"
        x, y = None, None
        if edges:
            angle = 2 * math.pi * len(nodes) / len(clusters) - math.pi / 2
            radius = max(260.0, len(clusters) * APART / (2 * math.pi))
            x, y = round(radius * 1.5 * math.cos(angle), 1), round(radius * math.sin(angle), 1)
        nodes.append(
            Node(
                cluster.id, cluster.type, label, tuple(facts),
                size=size(row["nodes"]), steps=_steps(cluster), x=x, y=y,
            )
        )  # fmt: skip
    sizes = tuple((f"{n:,} 个", size(n)) for n in sorted({most, max(1, most // 4)}))
    return Subgraph(tuple(nodes), edges, measure="组内节点数（即名称后的数）", sizes=sizes)


def _between(network: Network, clusters: Sequence[Cluster]) -> tuple[Edge, ...]:
    """An edge between two divisions for the relations across, between two chains for the members in common."""
    # a command starts faster without SciPy
    from scipy import sparse

    member = sparse.csr_array(np.array([c.members for c in clusters], dtype=np.float64).T)
    regional = clusters[0].type == "Region"
    common = (member.T @ network.graph.matrix @ member if regional else member.T @ member).toarray()
    edges = []
    for i, j in combinations(range(len(clusters)), 2):
        if count := int(common[i, j]):
            label = f"关系 {count:,} 条" if regional else f"共有成员 {count:,} 个"
            edges.append(Edge(clusters[i].id, clusters[j].id, BETWEEN, label, count))
    return tuple(edges)


def _share(covered: int, units: int) -> str | None:
    return f"{covered / units:.1%}（{covered:,} ÷ {units:,}）" if units else None
