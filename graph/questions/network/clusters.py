"""A network too large to be read, as groups: its divisions or its chains, each of which opens; and where to start."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow.compute as pc

from graph.answers import Answer, Column, Edge, Field, Node, QuestionLink, Step, Subgraph, Total
from graph.context import Context
from graph.coverage.states import COVERED
from graph.errors import QuestionError
from graph.parameters import KINDS, Parameter
from graph.privacy import OPEN
from graph.questions.network import colouring, subgraphs
from graph.questions.network.subgraphs import Mask, Network
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

GROUP = Parameter("group", "汇总（region 按区划，chain 按产业链，none 不汇总）")
LIMIT = Parameter("limit", "最多节点数，默认 1500")
GROUPS = {"": "超过 1,500 个节点时按区划汇总", "region": "按区划汇总", "chain": "按产业链汇总", "none": "不汇总"}
#: nodes that one picture holds
MOST_NODES = 1500
LARGEST = 4.0
#: the distance of two groups on their round
APART = 120.0
#: the type of a line between groups, which has no direction
BETWEEN = "between"
NOWHERE_ID = "nowhere"


def chosen(context: Context) -> Field:
    """The choice of a grouping, checked."""
    if (given := context.parameters[GROUP.name]) not in GROUPS:
        raise QuestionError(f"group 不能是“{given[:60]}”。可用：{'、'.join(filter(None, GROUPS))}。")
    return Field(GROUP.name, "汇总", tuple(GROUPS.items()))


@dataclass(frozen=True, slots=True)
class Group:
    """One group: what is asked to open it, and its members by position."""

    id: str
    name: str
    type: str
    opens: QuestionLink | None
    members: Mask


def wanted(reader: Reader, context: Context, network: Network, candidates: Mask) -> list[Group]:
    """The groups to show the candidates as; none where they are drawn as they are, or would all be in one."""
    by = context.parameters[GROUP.name]
    many = not context.parameters[LIMIT.name] and candidates.sum() > MOST_NODES
    if by == "none" or (not by and not many):
        return []
    core = candidates & subgraphs.within(network, context)
    found = (
        by_chain(network, context, core) if by == "chain" else by_region(network, context, core, Regions.read(reader))
    )
    return found if len(found) > 1 else []


def by_region(network: Network, context: Context, candidates: Mask, divisions: Regions) -> list[Group]:
    """The candidates by the division that a list would show them under."""
    regions = network.nodes["region"].to_pylist()
    at = np.flatnonzero(candidates)
    row_of = divisions.rows({regions[i] for i in at}, context.scope)
    members: dict[str, list[int]] = {}
    for i in at:
        members.setdefault(row_of.get(regions[i], ""), []).append(int(i))
    higher = divisions.higher(members)
    found = []
    for region in sorted(members, key=divisions.sort_key):
        mask = np.zeros(len(regions), bool)
        mask[members[region]] = True
        # what lies at a higher level than the rows cannot be asked for apart from them
        opens = ("network", (("region", region),)) if region and region not in higher else None
        name = divisions.name(region) + ("（本级）" if region in higher else "")
        found.append(Group(region or NOWHERE_ID, name, "Region", opens, mask))
    return found


def by_chain(network: Network, context: Context, candidates: Mask) -> list[Group]:
    """The candidates by chain: its firms, who leads it, and who covers or guides a firm; several chains may share one."""
    rows = network.nodes.filter(pc.equal(network.nodes["type"], "IndustryChain")).to_pylist()
    found = []
    for row in rows:
        if context.chain in ("", row["id"]):
            members = candidates & subgraphs.of_chain(network, row["id"])
            if members.any():
                opens = ("network", (("chain", row["id"]),))
                found.append(Group(row["id"], row["name"], "IndustryChain", opens, members))
    return sorted(found, key=lambda g: (-int(g.members.sum()), g.id))


def grouped(reader: Reader, context: Inquiry, network: Network, found: Sequence[Group]) -> Answer:
    """The network as groups, a row and a node each."""
    regional = found[0].type == "Region"
    rows = _rows(reader, context, network, found)
    held = np.any([g.members for g in found], axis=0)
    between = "两组之间的有效关系数" if regional else "两条链共有的成员数"
    return context.answer(
        reader,
        "network",
        f"图谱（{GROUPS['region' if regional else 'chain']}）",
        _columns(),
        rows,
        totals=(
            Total("groups", "组", len(found), "个"),
            Total("nodes", "组内节点", int(held.sum()), "个"),
        ),
        basis=(
            f"每组一个图形，面积与组内节点数成正比，连线越粗，{between}越多。“打开”进入一组。",
            _BASIS,
        ),
        cypher=(*network.cypher, *colouring.cypher(context)),
        graph=_picture(found, rows, _between(network, found)),
        fields=(chosen(context),),
    )


_BASIS = "组织覆盖率 = 有党组织覆盖的单位数 ÷ 口径内单位数；非公企业与社会组织分别统计，不相加。"


def start(reader: Reader, context: Inquiry) -> Answer:
    """Where one may start: the divisions and the chains."""
    network = subgraphs.read(reader, context)
    core = subgraphs.within(network, context)
    core &= subgraphs.around(network, core)
    regions = by_region(network, context, core, Regions.read(reader))
    groups = [*regions, *by_chain(network, context, core)]
    rows = _rows(reader, context, network, groups)
    return context.answer(
        reader,
        "explore",
        "图谱",
        _columns(),
        rows,
        basis=("从“查找”、下面的一个区划或一条产业链，或任何一份档案开始：“打开”看整体，“逐步展开”从它走起。", _BASIS),
        cypher=(*network.cypher, *colouring.cypher(context)),
        graph=_picture(groups, rows),
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
            Column(f"share_{kind}", f"{name}组织覆盖率", "percent", group=name, short="组织覆盖率"),
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


def _rows(reader: Reader, context: Inquiry, network: Network, groups: Sequence[Group]) -> list[dict[str, Any]]:
    """What each group holds: units in their base by kind, how many are covered, organizations, relations."""
    states = colouring.states(reader, context)
    ids = network.nodes["id"].to_pylist()
    orgs = network.of_type("PartyOrg")
    rows = []
    for group in groups:
        counts: Counter[tuple[str, bool]] = Counter()
        for i in np.flatnonzero(group.members & network.of_type("Unit")):
            if (state := states.get(ids[i])) and state.state != colouring.OUTSIDE:
                counts[state.kind, state.state == COVERED] += 1
        inside = group.members.astype(np.float64)
        row: dict[str, Any] = {
            "name": group.name,
            "type": context.ontology.nodes[group.type].label,
            "steps": "、".join(step.label for step in _steps(group)) or None,
            "orgs": int((group.members & orgs).sum()),
            "nodes": int(group.members.sum()),
            "relations": int(inside @ (network.graph.matrix @ inside)) // 2,
            "id": group.id,
        }
        for kind in KINDS:
            covered, units = counts[kind, True], counts[kind, True] + counts[kind, False]
            row |= {
                f"units_{kind}": units,
                f"covered_{kind}": covered,
                f"share_{kind}": covered / units if units else None,
            }
        rows.append(row)
    return rows


def _steps(group: Group) -> tuple[Step, ...]:
    if group.opens is None:
        return ()
    return (Step("打开", group.opens), Step("逐步展开", ("explore", (("node", group.id),))))


def _picture(groups: Sequence[Group], rows: Iterable[Mapping[str, Any]], edges: tuple[Edge, ...] = ()) -> Subgraph:
    """A node for each group; those that have something in common on a round, so that every line is seen."""
    row_of = {row["id"]: row for row in rows}
    most = max((row_of[g.id]["nodes"] for g in groups), default=1)

    def size(count: int) -> float:
        return round(LARGEST * math.sqrt(count / most), 2)

    nodes: list[Node] = []
    for group in groups:
        row = row_of[group.id]
        facts: list[tuple[str, str | int | None, str]] = [
            (f"{name}组织覆盖率", _share(row[f"covered_{kind}"], row[f"units_{kind}"]), OPEN)
            for kind, name in KINDS.items()
        ]
        facts += [("党组织（个）", row["orgs"], OPEN), ("全部节点（个）", row["nodes"], OPEN)]
        facts.append(("组内关系（条）", row["relations"], OPEN))
        label = f"{group.name} {row['nodes']:,}"
        x, y = None, None
        if edges:
            angle = 2 * math.pi * len(nodes) / len(groups) - math.pi / 2
            reach = max(260.0, len(groups) * APART / (2 * math.pi))
            x, y = round(reach * 1.5 * math.cos(angle), 1), round(reach * math.sin(angle), 1)
        nodes.append(
            Node(group.id, group.type, label, tuple(facts), size=size(row["nodes"]), steps=_steps(group), x=x, y=y)
        )
    sizes = tuple((f"{n:,} 个", size(n)) for n in sorted({most, max(1, most // 4)}))
    return Subgraph(tuple(nodes), edges, measure="组内节点数（即名称后的数）", sizes=sizes)


def _between(network: Network, groups: Sequence[Group]) -> tuple[Edge, ...]:
    if not groups:
        return ()
    # a command starts faster without SciPy
    from scipy import sparse

    member = sparse.csr_array(np.array([g.members for g in groups], dtype=np.float64).T)
    regional = groups[0].type == "Region"
    common = (member.T @ network.graph.matrix @ member if regional else member.T @ member).toarray()
    found = []
    for i, j in combinations(range(len(groups)), 2):
        if count := int(common[i, j]):
            label = f"关系 {count:,} 条" if regional else f"共有成员 {count:,} 个"
            found.append(Edge(groups[i].id, groups[j].id, BETWEEN, label, count))
    return tuple(found)


def _share(covered: int, units: int) -> str | None:
    return f"{covered / units:.1%}（{covered:,} ÷ {units:,}）" if units else None
