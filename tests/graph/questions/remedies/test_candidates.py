"""处理方案: the candidates for problems of officers, chains, groups, parks, villages, pairings and demands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graph import ontology
from graph.answers import Answer
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.remedies.candidates import FINDERS
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.questions.towns import AS_OF, LIKE, placed, two_towns
from tests.graph.rules.building import Graph

CONTEXT = Inquiry(
    AS_OF,
    Locality(visit_interval_days=30, thresholds={"party_staff_missing.party_staff_min_members": 3}),
    ontology.load(),
    book=book(),
)
QUESTIONS = catalogue(CONTEXT.book)


def county() -> Graph:
    """One county of two towns, and a county beside it."""
    made = two_towns()
    made.node("PartyOrg", "o_town", kind="综合党委")
    made.edge("o_town", "LOCATED_IN", "r1")
    _officers(made)
    _organizations(made)
    _villages(made)
    _demands(made)
    return made


def _in(made: Graph, node_type: str, node: str, region: str, **more: Any) -> None:
    made.node(node_type, node, **more)
    made.edge(node, "LOCATED_IN", region)


def _officers(made: Graph) -> None:
    def unit(name: str, at: float, region: str = "r1", **more: Any) -> None:
        placed(made, "Unit", name, at, region, formal_members=0, **LIKE, **more)

    unit("u_blank_1km", 1)
    unit("u_key_1km", 1, key_unit=True)
    unit("u_key_3km", 3, key_unit=True)
    unit("u_far", 20, "r2")
    unit("u_other_county", 0, "r8")
    unit("u_run_out", 2, key_unit=True)
    unit("u_visited", 5, key_unit=True)
    for officer, at, more in (
        ("g_idle", 0, {"capacity": 2}),
        ("g_liaison", 0, {"role": "联络员"}),
        ("g_run_out", 9, {}),
        ("g_late", 9, {}),
        ("g_later", 12, {}),
        ("g_lately", 0, {"capacity": 1}),
    ):
        placed(made, "GuidanceOfficer", officer, at, **more)
    made.edge("g_run_out", "GUIDES", "u_run_out", valid_to=dt.date(2026, 5, 31))
    for officer, day in (("g_late", dt.date(2026, 5, 1)), ("g_later", dt.date(2026, 3, 1)),
                         ("g_lately", dt.date(2026, 6, 20))):  # fmt: skip
        made.edge(officer, "GUIDES", "u_visited", last_visit=day)


def _organizations(made: Graph) -> None:
    made.node("IndustryChain", "c1", name="烟花")
    made.node("IndustryChain", "c2", name="食品")
    for org, region in (("o_firm", "r1"), ("o_committee", "r2"), ("o_department", "r1"), ("o_head", "r1"),
                        ("o_second", "r1")):  # fmt: skip
        _in(made, "PartyOrg", org, region)
    for unit in ("u_firm", "u_head"):
        placed(made, "Unit", unit, 0, formal_members=3)
        made.edge(unit, "IN_CHAIN", "c1")
    made.edge("u_firm", "IN_CHAIN", "c2")
    made.edge("o_firm", "COVERS", "u_firm", mode="单独")
    made.edge("o_head", "COVERS", "u_head", mode="单独")
    made.edge("u_head", "LEADS_CHAIN", "c1", role="链主")
    made.edge("o_committee", "LEADS_CHAIN", "c1", role="产业链党委")
    made.edge("o_department", "LEADS_CHAIN", "c1", role="牵头部门党组织")
    # tied to the committee of the other chain, which is none to be linked with
    made.edge("o_second", "LEADS_CHAIN", "c2", role="产业链党委")
    made.edge("o_firm", "SUBORDINATE_TO", "o_second")

    placed(made, "Unit", "u_incubated", 0, incubated=True, formal_members=4, party_staff=0)
    made.edge("o_firm", "COVERS", "u_incubated", mode="联合")
    placed(made, "Unit", "u_incubated_bare", 0, incubated=True, formal_members=4, party_staff=0)

    _in(made, "JointGroup", "j1", "r1", staff="专干甲")
    _in(made, "JointGroup", "j2", "r1", staff="专干乙")
    for org, group, role, members in (("o_m1", "j1", "组长", 9), ("o_m2", "j1", "组长", 3), ("o_m3", "j1", "副组长", 3),
                                      ("o_m4", "j1", "成员", 3), ("o_m5", "j1", "成员", 8)):  # fmt: skip
        _in(made, "PartyOrg", org, "r1", formal_members=members)
        made.edge(org, "GROUPED_IN", group, role=role)

    made.node("Region", "r4", name="科技楼", kind="楼宇")
    made.edge("r4", "PART_OF", "r1")
    for number, members in enumerate((0, 2, 1, 0, 0)):
        placed(made, "Unit", f"u_park{number}", 0, formal_members=members, operating="在营")
        made.edge(f"u_park{number}", "IN_PLACE", "r4")
    for org in ("o_park", "o_covers_one", "o_covers_two"):
        _in(made, "PartyOrg", org, "r2")
    made.edge("o_park", "IN_PLACE", "r4")
    for org, unit in (("o_covers_one", "u_park0"), ("o_covers_two", "u_park1"), ("o_covers_two", "u_park2")):
        made.edge(org, "COVERS", unit, mode="联合")
    for site, region, kind in (("s_town", "r1", "党群服务中心"), ("s_west", "r2", "党群服务中心"),
                               ("s_class", "r1", "活动阵地")):  # fmt: skip
        _in(made, "Site", site, region, kind=kind, grade="未达标")

    _in(made, "PartyOrg", "o_hosts", "r1", two_new=True)
    made.edge("o_hosts", "HOSTS", "s_class")
    made.edge("o_hosts", "SUBORDINATE_TO", "o_town")
    _in(made, "Activity", "a1", "r1", kind="党课", held_on=dt.date(2025, 1, 5))
    made.edge("o_hosts", "TOOK_PART", "a1")


def _villages(made: Graph) -> None:
    made.node("Region", "r3", name="甲村", kind="村", income=30_000.0, operating_income=90_000.0)
    made.node("Region", "r5", name="乙村", kind="村", weak_organization=True, income=300_000.0)
    made.node("Region", "r6", name="一网格", kind="网格", households=90, linkers=2)
    made.node("Region", "r7", name="丙村", kind="村", income=30_000.0)
    for region, above in (("r3", "r1"), ("r5", "r1"), ("r6", "r3"), ("r7", "r2")):
        made.edge(region, "PART_OF", above)
    for leader, level, region in (("l_county", "县级", "r0"), ("l_grid", "镇街", "r1"), ("l_none", "镇街", "r1")):
        _in(made, "Leader", leader, region, level=level)
    _in(made, "WorkTeam", "w1", "r1")
    for partner, kind, region in (("n_office", "机关", "r1"), ("n_firm", "民企", "r1"), ("n_state", "国企", "r1")):
        _in(made, "PartnerUnit", partner, region, kind=kind)
    made.edge("l_county", "CONTACTS", "r3")
    made.edge("l_grid", "CONTACTS", "r6")
    made.edge("w1", "STATIONED", "r3")
    made.edge("n_office", "PAIRED_WITH", "r3", valid_from=dt.date(2024, 1, 1), last_activity=dt.date(2025, 3, 1))
    made.edge("n_firm", "PAIRED_WITH", "r3", valid_from=dt.date(2024, 1, 1), last_activity=dt.date(2024, 9, 1))
    made.edge("n_state", "PAIRED_WITH", "r3", valid_from=dt.date(2020, 1, 1), valid_to=dt.date(2023, 1, 1))


def _demands(made: Graph) -> None:
    def item(name: str, region: str = "r1", **more: Any) -> None:
        _in(made, "ListItem", name, region, **{"kind": "需求", "progress": "办理中", **more})

    for partner, region in (("n_given", "r0"), ("n_once", "r1"), ("n_twice", "r1"), ("n_west", "r2"),
                            ("n_other", "r8")):  # fmt: skip
        _in(made, "PartnerUnit", partner, region, kind="机关")
    for number, handler in enumerate(("n_once", "n_twice", "n_twice", "n_west", "n_other")):
        item(f"i_solved{number}", progress="已办结", handler=handler)
    item("i_open", handler="n_given")
    item("i_late", due_on=dt.date(2026, 1, 1))
    item("i_free", "r1", kind="资源", progress=None)
    item("i_west", "r2", kind="任务", progress=None)
    item("i_done", "r1", kind="任务", progress="已办结")
    item("i_elsewhere", "r8", kind="资源", progress=None)
    item("i_taken", "r1", kind="资源", progress=None)
    made.edge("i_late", "MATCHED_TO", "i_taken")


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    with module_store.writer("测试", "建立") as writer:
        county().write(writer)
    with module_store.reader() as opened:
        yield opened


Found = Callable[..., list[tuple[Any, Any, Any]]]


@pytest.fixture(scope="module")
def answered(reader: Reader) -> Callable[..., Answer]:
    def answer(rule: str, *, allowed: tuple[str, ...] = (), **given: str) -> Answer:
        return ask(QUESTIONS, reader, CONTEXT, "remedy", {"rule": rule, **given}, allowed=allowed)

    return answer


@pytest.fixture(scope="module")
def found(answered: Callable[..., Answer]) -> Found:
    def rows(rule: str, **given: Any) -> list[tuple[Any, Any, Any]]:
        return [(r["candidate_id"], r["role"], r["reason"]) for r in answered(rule, **given).rows]

    return rows


def test_actions_without_a_finder() -> None:
    without = {rule.action for rule in CONTEXT.book.rules.values()} - set(FINDERS)
    assert without == {"verify", "complete", "by_members"}, "by_members becomes one of the others"


def test_an_idle_officer_gets_the_nearest_units_in_want_of_one(found: Found) -> None:
    assert found("officer_idle", node="g_idle") == [
        ("u_key_1km", "待派驻单位", "重点未派驻、空白点；同镇街"),
        ("u_blank_1km", "待派驻单位", "空白点；同镇街"),
    ], "of two as near the key unit first, and as many as he may have"


def test_a_liaison_does_not_count_for_a_key_unit(found: Found) -> None:
    assert found("officer_idle", node="g_liaison")[0] == ("u_blank_1km", "待派驻单位", "空白点；同镇街")
    assert {why.split("；")[0] for _, _, why in found("officer_idle", node="g_liaison")} == {"空白点"}


def test_an_ended_posting_is_renewed_or_taken_over(found: Found) -> None:
    rows = found("officer_expired", node="g_run_out")
    assert rows[0] == ("g_run_out", "指导员", "到期的派驻 1 家，由本人续派")
    assert [officer for officer, _, _ in rows[1:]] == ["g_late", "g_later", "g_liaison", "g_idle"], (
        "the nearest with room, of two as near who has more of it; g_lately has none"
    )


def test_the_officer_with_the_earliest_last_visit_comes_first(found: Found) -> None:
    assert found("visit_overdue", unit="u_visited") == [
        ("g_later", "指导员", "最近走访 2026-03-01，已过 121 天"),
        ("g_late", "指导员", "最近走访 2026-05-01，已过 60 天"),
    ], "not who was there within the interval"


def test_a_firm_is_linked_to_the_committee_of_the_chain_that_it_is_not_tied_to(found: Found) -> None:
    assert found("chain_unit_unlinked", unit="u_firm") == [
        ("o_committee", "产业链党委", "产业链：烟花"),
        ("o_department", "牵头部门党组织", "产业链：烟花"),
        ("o_head", "链主党组织", "产业链：烟花"),
    ]


def test_the_own_organization_appoints_else_the_superior(found: Found) -> None:
    assert found("party_staff_missing", unit="u_incubated") == [("o_firm", "本单位党组织", "联合组建")]
    assert found("party_staff_missing", unit="u_incubated_bare") == [("o_town", "上级党组织", "本镇街的综合党委")]


def test_a_group_is_led_by_its_members(found: Found, answered: Callable[..., Answer]) -> None:
    head, deputy = "现有组长 2 个，应为 1 个；本组成员", "现有副组长 1 个，应为 2 个；本组成员"
    assert found("group_leadership", node="j1") == [
        ("o_m1", "现任组长", head),
        ("o_m2", "现任组长", head),
        ("o_m5", "副组长人选", deputy),
        ("o_m4", "副组长人选", deputy),
        ("o_town", "上级党组织", "本镇街的综合党委"),
    ], "all as near: the one with more 正式党员 first"
    assert [r["members"] for r in answered("group_leadership", node="j1").rows] == [9, 3, 8, 3, None]
    assert found("group_leadership", node="j2") == [("o_town", "上级党组织", "本镇街的综合党委")], "no member at all"


def test_a_center_is_built_by_whoever_is_there_or_one_is_shared(found: Found) -> None:
    assert found("hub_without_center", node="r4") == [
        ("o_park", "本处党组织", "坐落于此"),
        ("o_covers_two", "本处党组织", "覆盖此处单位 2 家"),
        ("o_covers_one", "本处党组织", "覆盖此处单位 1 家"),
        ("o_town", "上级党组织", "本镇街的综合党委"),
        ("s_town", "可共用的阵地", "同镇街"),
    ]


@pytest.mark.parametrize("rule", ["site_not_accepted", "org_day_overdue"])
def test_the_superior_oversees_what_an_organization_must_do_itself(found: Found, rule: str) -> None:
    assert found(rule, node="o_hosts") == [("o_town", "上级党组织", "现隶属")]


def test_the_helpers_of_a_village_plan_with_it(found: Found, answered: Callable[..., Answer]) -> None:
    assert found("village_income_weak", node="r3") == [
        ("l_county", "联系领导", "县级；联系甲村"),
        ("w1", "驻村工作队", "驻甲村"),
        ("n_firm", "结对单位", "民企；结对甲村"),
        ("n_office", "结对单位", "机关；结对甲村"),
    ], "not whose pairing has ended"
    assert {r["candidate_sensitivity"] for r in answered("village_income_weak", node="r3").rows} == {"person", "open"}


def test_a_village_without_helpers_gets_the_remedy_alone(answered: Callable[..., Answer]) -> None:
    (row,) = answered("village_income_weak", node="r7").rows
    assert (row["candidate_id"], row["rank"]) == (None, None)
    assert row["reason"].startswith("制定")
    assert row["reason"].endswith("。所问范围内没有符合条件的候选。")


def test_a_grid_has_its_own_leader_and_those_of_its_village(found: Found) -> None:
    assert found("household_ratio", node="r6")[:3] == [
        ("l_grid", "联系领导", "镇街；联系一网格"),
        ("l_county", "联系领导", "县级；联系甲村"),
        ("w1", "驻村工作队", "驻甲村"),
    ]


def test_a_remedy_does_not_reveal_a_weak_organization(found: Found, reader: Reader) -> None:
    assert CONTEXT.book.findings(reader, "weak_org_five_ones", CONTEXT)
    assert not found("weak_org_five_ones", node="r5"), "its name stays with those who handle it"


def test_the_side_with_the_earliest_last_activity_comes_first(found: Found) -> None:
    assert found("partner_inactive", node="r3") == [
        ("n_firm", "甲方", "最近活动 2024-09-01"),
        ("n_office", "甲方", "最近活动 2025-03-01"),
    ]


def test_a_demand_goes_to_its_handler_to_free_resources_and_to_other_solvers(found: Found) -> None:
    assert found("demand_unmet", node="i_open") == [
        ("n_given", "交办单位", "已办结需求 0 项"),
        ("i_free", "资源", "尚未匹配其他需求；同镇街"),
        ("i_west", "任务", "尚未匹配其他需求；相邻镇街"),
        ("n_twice", "办结过需求的单位", "已办结需求 2 项；同镇街"),
        ("n_once", "办结过需求的单位", "已办结需求 1 项；同镇街"),
        ("n_west", "办结过需求的单位", "已办结需求 1 项；相邻镇街"),
    ], "nothing that is taken, done or of another county"


def test_a_late_demand_stays_with_its_match(found: Found) -> None:
    rows = found("demand_unmet", node="i_late")
    assert rows[0] == ("i_taken", "资源", "已匹配，尚未办结；同镇街")
    assert [who for who, _, _ in rows[1:]] == ["n_twice", "n_once", "n_west"]


def test_the_text_of_a_demand_stays_with_its_role(answered: Callable[..., Answer]) -> None:
    classed = {r["candidate_id"]: r["candidate_sensitivity"] for r in answered("demand_unmet", node="i_open").rows}
    assert (classed["i_free"], classed["n_given"]) == ("case", "open")


def test_a_viewer_of_one_town_gets_no_one_from_elsewhere(found: Found) -> None:
    town = ("r1", "r3", "r4", "r5", "r6")
    assert [who for who, _, _ in found("demand_unmet", node="i_open", allowed=town)] == ["i_free", "n_twice", "n_once"]
    assert [who for who, _, _ in found("chain_unit_unlinked", unit="u_firm", allowed=town)] == [
        "o_department", "o_head",
    ]  # fmt: skip
    assert [who for who, _, _ in found("hub_without_center", node="r4", allowed=town)] == ["o_town", "s_town"]
