"""处理方案: the candidates for problems of units and organizations, in the order worked out by hand for a small town."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import ontology
from graph.answers import Answer
from graph.errors import QuestionError, UnknownError
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.remedies.candidates import FINDERS
from graph.questions.remedies.candidates.joint import unions
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.rules.rule import ACTIONS
from graph.stores.base import Reader, Store
from tests.graph.questions.towns import AS_OF, EAST, LIKE, NORTH, placed, two_towns
from tests.graph.rules.building import Graph

CONTEXT = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
QUESTIONS = catalogue(CONTEXT.book)


def town() -> Graph:
    """One county of two towns that touch, and a county beside it; the middle of a town is where its name is."""
    made = two_towns()
    made.node("Region", "r3", name="甲村", kind="村", category=["脱贫村"])
    made.node("Region", "r4", name="科技园", kind="园区")
    for region, above in (("r3", "r1"), ("r4", "r1")):
        made.edge(region, "PART_OF", above)

    def unit(name: str, at: float, region: str = "r1", **more: Any) -> None:
        placed(made, "Unit", name, at, region, **LIKE, **more)

    unit("u1", 0, formal_members=0, above_scale=True, key_unit=True, industry="食品")
    for number, name in enumerate(("ua", "ub", "uc", "ud", "ue")):
        unit(name, number, formal_members=0, industry="食品" if name == "ub" else "烟花")
    unit("u3", 0, formal_members=3)
    unit("uj", 0, formal_members=1)
    unit("uj1", 1, formal_members=1)
    unit("uj2", 2, formal_members=1)
    unit("uj3", 3, formal_members=2)
    unit("ujx", 1, "r2", formal_members=2)  # of another town, with nothing in common
    unit("ujp", 25, "r2", formal_members=2)  # of another town, in the same park
    unit("uw", 20, "r2", formal_members=0)
    unit("ux", 0, formal_members=None, members=5)
    for name in ("uj", "ujp"):
        made.edge(name, "IN_PLACE", "r4")

    def officer(name: str, at: float, region: str = "r1", units: tuple[str, ...] = (), **more: Any) -> None:
        made.node("GuidanceOfficer", name, latitude=NORTH + at / 100, longitude=EAST, **more)
        made.edge(name, "LOCATED_IN", region)
        for guided in units:
            made.edge(name, "GUIDES", guided)

    officer("g_near_full", 0, units=("ua", "ub"), capacity=2)
    officer("g_gone", 0, duty="调离")
    officer("g_liaison", 0.5, role="联络员")
    officer("g_village", 0, role="乡村振兴指导员")
    officer("g_other_county", 0, "r8")
    officer("g_3km", 3, units=("uc",))
    officer("g_1km", 1, units=("ud", "ue"), capacity=3)
    officer("g_1km_food", 1, units=("ub", "ue"), capacity=3)
    officer("g_20km", 20, "r2")
    officer("g_20a", 20, "r2")
    for left in ("u1", "uw"):
        made.edge("g_20km", "GUIDES", left, valid_to=dt.date(2025, 12, 31))
    officer("g_9km", 9)
    officer("g_10km", 10)

    made.node("PartyOrg", "o_town", kind="综合党委")
    made.node("PartyOrg", "o_county", kind="综合党委")
    made.node("PartyOrg", "o_branch", kind="支部", term_to=dt.date(2026, 5, 31))
    made.node("PartyOrg", "o_west", kind="综合党委")
    made.node("PartyOrg", "o_joint", kind="联合支部")
    made.node("PartyOrg", "o_full", kind="联合支部")
    for org, region in (("o_town", "r1"), ("o_county", "r0"), ("o_branch", "r1"), ("o_west", "r2"),
                        ("o_joint", "r1"), ("o_full", "r1")):  # fmt: skip
        made.edge(org, "LOCATED_IN", region)
    made.edge("o_branch", "SUBORDINATE_TO", "o_town")
    made.edge("o_joint", "COVERS", "ua", mode="联合")
    for covered in ("ua", "ub", "uc", "ud", "ue"):
        made.edge("o_full", "COVERS", covered, mode="联合")

    for partner, kind, region in (("n_once", "机关", "r1"), ("n_far", "国企", "r2"), ("n_near", "商会", "r1"),
                                  ("n_other", "机关", "r8"), ("n_village", "村社", "r1")):  # fmt: skip
        made.node("PartnerUnit", partner, kind=kind)
        made.edge(partner, "LOCATED_IN", region)
    made.node("Region", "r5", name="乙村", kind="村")
    made.edge("r5", "PART_OF", "r2")
    made.edge("n_once", "PAIRED_WITH", "r5")

    made.node("IndustryChain", "c1", name="食品", key_chain=True, lead_department=["财政服务局", "工业发展局"])
    made.edge("c1", "LOCATED_IN", "r0")
    made.node("PartyOrg", "o_lead", name="工业发展局机关党委", kind="党委")
    made.node("PartyOrg", "o_head", kind="支部")
    for org in ("o_lead", "o_head"):
        made.edge(org, "LOCATED_IN", "r2")
    unit("u_head", 0, "r2", formal_members=0)
    made.edge("u_head", "LEADS_CHAIN", "c1", role="链主")
    made.edge("o_head", "COVERS", "u_head", mode="单独")
    made.edge("ua", "IN_CHAIN", "c1")
    made.edge("ub", "IN_CHAIN", "c1")
    return made


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    with module_store.writer("测试", "建立") as writer:
        town().write(writer)
    with module_store.reader() as opened:
        yield opened


@pytest.fixture(scope="module")
def asked(reader: Reader) -> Callable[..., Answer]:
    def answer(*, allowed: tuple[str, ...] = (), **given: str) -> Answer:
        return ask(QUESTIONS, reader, CONTEXT, "remedy", given, allowed=allowed)

    return answer


QuestionLink = Callable[..., Answer]


def ranking(answer: Answer, rule: str) -> list[tuple[Any, Any, Any]]:
    return [(r["rank"], r["candidate_id"], r["role"]) for r in answer.rows if r["rule"] == rule]


def test_the_five_nearest_officers_who_can_take_one_more(asked: QuestionLink) -> None:
    answer = asked(unit="u1", rule="key_unit_without_officer")
    assert [r["candidate_id"] for r in answer.rows] == ["g_1km_food", "g_1km", "g_3km", "g_9km", "g_10km"], (
        "not who is full, gone, a 联络员, of another kind or another county; of two as near, of the same industry first"
    )
    assert [r["rank"] for r in answer.rows] == [1, 2, 3, 4, 5]
    assert [r["km"] for r in answer.rows] == [1.1, 1.1, 3.3, 10.0, 11.1]
    assert answer.rows[0]["reason"] == "还可联系 1 家（在岗联系 2 家，上限 3 家）；所联系单位中同行业 1 家；同镇街"
    assert answer.rows[2]["reason"] == "还可联系 4 家（在岗联系 1 家，上限 5 家）；同镇街"
    assert {r["action"] for r in answer.rows} == {"选派指导员"}
    candidate = next(c for c in answer.columns if c.name == "candidate")
    assert {r[candidate.sensitivity_from] for r in answer.rows} == {"person"}
    assert answer.total("problems").value == 1


def test_a_liaison_counts_for_a_blank_and_former_officers_are_marked(asked: QuestionLink) -> None:
    rows = asked(unit="u_head", rule="coverage_blank").rows
    assert not rows, "it is covered"
    rows = asked(unit="uj", rule="coverage_blank").rows
    assert (rows[0]["candidate_id"], rows[0]["role"]) == ("g_liaison", "联络员")
    rows = asked(unit="uw", rule="coverage_blank").rows
    assert [r["candidate_id"] for r in rows][:2] == ["g_20km", "g_20a"], "of two as near who was there before"
    assert rows[0]["reason"] == "还可联系 5 家（在岗联系 0 家，上限 5 家）；曾联系本单位；同镇街"


def test_every_candidate_has_room_by_the_count_of_officer_overloaded(asked: QuestionLink, reader: Reader) -> None:
    rule = CONTEXT.book.rule("officer_overloaded")
    given = CONTEXT.book.parameters(rule.id, CONTEXT)
    load = {r["id"]: r for r in reader.query(rule.query.cypher, given).to_pylist()}
    offered = {r["candidate_id"] for unit in ("u1", "uj", "u3") for r in asked(unit=unit).rows} & set(load)
    assert offered
    assert all(load[officer]["units"] < load[officer]["limit"] for officer in offered)
    over = {f.subject for f in CONTEXT.book.run(reader, rule.id, CONTEXT).findings}
    assert not offered & over
    assert "g_near_full" in load.keys() - offered, "full, though not over"


def test_a_branch_has_a_superior_and_neighbours(asked: QuestionLink) -> None:
    found = ranking(asked(unit="u3"), "org_should_exist")
    assert found[0] == (1, "o_town", "上级党组织"), "of its own town, not of the county"
    assert {role for _, _, role in found[1:]} == {"就近党组织"}
    assert {org for _, org, _ in found[1:]} == {"o_branch", "o_full", "o_joint"}


def test_a_joint_branch_of_neighbours_who_are_enough_together(asked: QuestionLink) -> None:
    found = ranking(asked(unit="uj"), "org_should_join")
    assert found == [
        (1, "o_joint", "现有联合党支部"),  # in the middle of the town, 0 km; o_full has no room
        (2, "uj1", "合建单位"),
        (2, "uj2", "合建单位"),
        (3, "uj3", "合建单位"),
        (4, "ujp", "合建单位"),
    ]
    rows = {r["candidate_id"]: r for r in asked(unit="uj", rule="org_should_join").rows}
    assert rows["ujp"]["reason"] == "同园区（楼宇）；与本单位共 2 家，合计正式党员不少于 3 名"
    assert rows["uj3"]["reason"].startswith("同镇街；")
    assert rows["uj3"]["members"] == 2
    column = next(c for c in asked(unit="uj").columns if c.name == "members")
    assert column.sensitivity == "members"


def test_a_problem_to_verify_has_no_candidates(asked: QuestionLink) -> None:
    (row,) = asked(unit="ux", rule="org_suspected").rows
    assert (row["action"], row["candidate"], row["rank"]) == ("核实", None, None)
    assert row["reason"] == "请核实：正式和预备党员数 未填；党员数 5人"
    assert row["reason_sensitivity"] == "members"


def test_an_election_has_its_date_and_the_superior(asked: QuestionLink) -> None:
    (row,) = asked(node="o_branch", rule="term_overdue").rows
    assert (row["candidate_id"], row["reason"]) == ("o_town", "届满日期 2026-05-31，已过 30 天；现隶属")


def test_partners_with_the_fewest_pairings_first(asked: QuestionLink) -> None:
    found = ranking(asked(node="甲村"), "partner_missing")
    assert [partner for _, partner, _ in found] == ["n_near", "n_far", "n_once"], "no village, none of another county"
    row = asked(node="甲村", rule="partner_missing").rows[0]
    assert (row["km"], row["steps"]) == (None, 1), "the village has no coordinates"
    assert row["reason"] == "现有结对 0 对；同镇街"
    assert asked(node="r3", rule="partner_missing").rows[1]["reason"] == "现有结对 0 对；相邻镇街"


def test_candidates_to_lead_a_chain(asked: QuestionLink) -> None:
    found = ranking(asked(node="c1"), "chain_without_committee")
    assert found == [
        (1, "o_lead", "牵头部门党组织"),
        (2, "o_head", "链上党组织"),
        (3, "o_full", "链上党组织"),
        (4, "o_joint", "链上党组织"),
    ]


def test_a_viewer_of_one_town_gets_no_one_from_elsewhere(asked: QuestionLink) -> None:
    assert [r["candidate_id"] for r in asked(unit="ujp", rule="org_should_join").rows] == ["ujx", "uj"]
    rows = asked(unit="ujp", allowed=("r2",)).rows
    assert {r["candidate_id"] for r in rows if r["rule"] == "org_should_join"} == {"ujx"}
    assert {r["candidate_id"] for r in rows if r["rule"] == "coverage_blank"} == {"g_20a", "g_20km"}
    with pytest.raises(UnknownError):
        asked(unit="ujx", allowed=("r1", "r3", "r4"))
    with pytest.raises(UnknownError):
        asked(node="o_west", allowed=("r1", "r3", "r4"))


def test_a_subject_without_problems_has_a_note(asked: QuestionLink) -> None:
    answer = asked(node="o_west", rule="org_should_close")
    assert not answer.rows
    assert answer.notes == ("按截止日期的各项规则，没有发现问题。",)


def test_exactly_one_subject_must_be_named(asked: QuestionLink) -> None:
    assert not asked().rows
    assert "问题清单" in asked().notes[0]
    with pytest.raises(QuestionError, match="只写一个"):
        asked(unit="u1", node="o_west")


def test_an_unknown_rule_is_named(asked: QuestionLink) -> None:
    with pytest.raises(QuestionError, match="rule 不能是“no_such_rule”"):
        asked(unit="u1", rule="no_such_rule")


def test_actions_are_declared() -> None:
    assert set(FINDERS) <= set(ACTIONS)
    assert {rule.action for rule in CONTEXT.book.rules.values()} <= {"", *ACTIONS}


@given(
    st.integers(0, 4), st.lists(st.integers(1, 2), max_size=8), st.integers(2, 6), st.integers(2, 6),
)  # fmt: skip
def test_unions_keep_the_constraints(own: int, near: list[int], minimum: int, most: int) -> None:
    for chosen in unions(own, near, minimum, most):
        total = own + sum(near[c] for c in chosen)
        assert total >= minimum
        assert 2 <= len(chosen) + 1 <= most
        assert len(set(chosen)) == len(chosen)
        assert all(total - near[c] < minimum for c in chosen), "none that is not needed"


@given(st.integers(1, 2), st.lists(st.integers(1, 2), min_size=2, max_size=8))
def test_two_neighbours_always_make_a_branch(own: int, near: list[int]) -> None:
    found = unions(own, near, 3, 5)
    assert found
    assert found[0][-1] <= 1, "the nearest two are always enough"


@st.composite
def towns(draw: st.DrawFn) -> Graph:
    """Scattered units with few members, some of them covered, in a chain or in a park."""
    made = Graph()
    made.node("Region", "r0", kind="县", latitude=NORTH, longitude=EAST)
    for region in ("r1", "r2"):
        made.node("Region", region, kind="镇街", latitude=NORTH, longitude=EAST)
        made.edge(region, "PART_OF", "r0")
    made.node("Region", "r9", kind="园区")
    made.node("IndustryChain", "c1")
    for number in range(draw(st.integers(2, 9))):
        name = f"u{number}"
        made.node(
            "Unit", name, latitude=NORTH + draw(st.integers(0, 9)) / 100, longitude=EAST,
            formal_members=draw(st.sampled_from([1, 2, 1, 2, 0, 3, None])), **LIKE,
        )  # fmt: skip
        made.edge(name, "LOCATED_IN", draw(st.sampled_from(["r1", "r2"])))
        if draw(st.booleans()):
            made.edge(name, *draw(st.sampled_from([("IN_CHAIN", "c1"), ("IN_PLACE", "r9")])))
        if draw(st.integers(0, 3)) == 0:
            made.node("PartyOrg", f"o{number}", kind=draw(st.sampled_from(["支部", "联合支部"])))
            made.edge(f"o{number}", "LOCATED_IN", "r1")
            made.edge(f"o{number}", "COVERS", name, mode=draw(st.sampled_from(["单独", "联合"])))
    return made


@settings(max_examples=12, deadline=None)
@given(made=towns())
def test_a_proposed_joint_branch_always_meets_the_rules(made: Graph, tmp_path_factory: pytest.TempPathFactory) -> None:
    from graph.stores.ladybug.store import EmbeddedStore

    path: Path = tmp_path_factory.mktemp("town") / "a.lbug"
    store = EmbeddedStore(path, create=True)
    with store.writer("测试", "建立") as writer:
        made.write(writer)
    covered = {end for _, kind, end, _ in made.edges if kind == "COVERS"}
    tied: dict[str, set[str]] = {}
    for start, kind, end, _ in made.edges:
        if kind in ("LOCATED_IN", "IN_CHAIN", "IN_PLACE"):
            tied.setdefault(start, set()).add(end)
    members = {node: more["formal_members"] for node, (kind, more) in made.nodes.items() if kind == "Unit"}
    with store.reader() as reader:
        for finding in CONTEXT.book.run(reader, "org_should_join", CONTEXT).findings:
            me = finding.subject
            rows = ask(QUESTIONS, reader, CONTEXT, "remedy", {"unit": me, "rule": "org_should_join"}).rows
            together: dict[int, list[str]] = {}
            for row in rows:
                if row["role"] == "合建单位":
                    together.setdefault(row["rank"], []).append(row["candidate_id"])
            for units in together.values():
                assert not {me, *units} & covered
                assert all(members[u] in (1, 2) for u in units)
                assert members[me] + sum(members[u] for u in units) >= 3
                assert len(units) + 1 <= 5
                assert all(tied[u] & tied[me] for u in units), "of the same chain, park or town"
    store.close()
