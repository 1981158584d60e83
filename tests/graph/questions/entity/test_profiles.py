"""Profiles: the facts, relations and problems of one entity, and the ledger row of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.answers import Answer
from graph.errors import QuestionError, UnknownError

QuestionLink = Callable[..., Answer]


def row(answer: Answer, item: str) -> dict[str, Any]:
    """The one row of an item."""
    (found,) = [r for r in answer.rows if r["item"] == item]
    return dict(found)


def where(found: dict[str, Any]) -> tuple[Any, Any, Any]:
    return found["file"], found["sheet"], found["line"]


def test_a_unit_states_each_fact_with_the_row_it_came_from(asked: QuestionLink) -> None:
    answer = asked("unit", unit="第1企业有限公司")
    assert where(row(answer, "从业人数（人）")) == ("台账.xlsx", "enterprises", 8), (
        "the row that gave 10, not the ended one"
    )
    assert where(row(answer, "正式党员数（人）")) == ("台账.xlsx", "enterprises", 7)
    assert row(answer, "正式党员数（人）")["sensitivity"] == "members"
    assert where(row(answer, "所有制")) == (None, None, None), "what no live row states has no source"
    assert row(answer, "所属口径")["detail"] == "由系统推定"
    assert [r["line"] for r in answer.rows if r["group"] == "来源"] == [8, 7]
    assert answer.total("sources").value == 2


def test_a_unit_states_its_relations_in_both_directions(asked: QuestionLink) -> None:
    answer = asked("unit", unit="u1")
    covered = row(answer, "覆盖本两新组织的党组织")
    assert (covered["value"], covered["target"], covered["detail"]) == ("第1企业党支部", "o2", "组建方式 单独")
    assert where(covered) == ("台账.xlsx", "enterprises", 7), "the unit's own row says 是否成立党组织"
    guided = row(answer, "联系指导本两新组织的指导员")
    assert (guided["value"], guided["sensitivity"]) == ("指导员甲", "person")
    assert where(guided) == ("台账.xlsx", "officers", 4), "the officer's row names the unit"
    assert row(answer, "链上的产业链")["detail"] == "环节 制造"
    assert row(answer, "位于的区划")["value"] == "东镇"
    link = next(c for c in answer.columns if c.name == "value")
    assert link.link == ("*", "target")
    assert link.sensitivity_from == "sensitivity"


def test_a_relation_out_of_force_says_so(asked: QuestionLink) -> None:
    details = {u: row(asked("unit", unit=u), "联系指导本两新组织的指导员")["detail"] for u in ("u2", "u3", "u4")}
    assert details == {
        "u2": "角色 指导员；至 2026-03-31；到期待续派",
        "u3": "角色 指导员；至 2025-12-31；到期未续派",
        "u4": "角色 指导员；指导员已调离",
    }


def test_problems_and_open_reviews_of_the_entity_are_listed(asked: QuestionLink) -> None:
    problems = [r for r in asked("unit", unit="u5").rows if r["group"] == "问题"]
    problem = next(r for r in problems if r["item"] == "应建未建")
    assert (problem["rule"], problem["severity"]) == ("org_should_exist", "high")
    assert "依据：《中国共产党章程》第三十条" in problem["detail"]
    assert asked("unit", unit="u5").total("problems").value == len(problems)
    assert "应建未建" not in {r["item"] for r in asked("unit", unit="u1").rows}
    review = row(asked("unit", unit="u2"), "待核实事项")
    assert "是不是同一家单位" in review["value"]
    assert review["line"] == 7
    assert not [r for r in asked("unit", unit="u3").rows if r["item"] == "待核实事项"], "a decided one is closed"


def coverage(answer: Answer) -> list[tuple[Any, ...]]:
    """Item, value and target of what stands under 两个覆盖."""
    return [(r["item"], r["value"], r["target"]) for r in answer.rows if r["group"] == "两个覆盖"]


def test_a_unit_says_its_states_and_why(asked: QuestionLink) -> None:
    answer = asked("unit", unit="u1")
    assert coverage(answer) == [
        ("组织覆盖", "单独组建", None),
        ("覆盖它的党组织", "第1企业党支部", "o2"),
        ("工作覆盖", "已覆盖", None),
        ("在岗的指导员", "指导员甲", "g1"),
        ("口径", "实体运营非公企业", None),
    ]
    assert where(row(answer, "覆盖它的党组织")) == ("台账.xlsx", "enterprises", 7)
    assert row(answer, "在岗的指导员")["sensitivity"] == "person"
    assert row(answer, "工作覆盖")["detail"] == "有党组织覆盖；指导员1名在岗"
    bare = asked("unit", unit="u5")
    # a unit that an organization covers needs no reason, whatever its ledger says
    assert [line[:2] for line in coverage(bare)][:3] == [
        ("组织覆盖", "应建未建"), ("未建立原因", "没有党员"), ("工作覆盖", "未覆盖"),
    ]  # fmt: skip
    assert row(bare, "组织覆盖")["detail"] == "正式党员3名以上，没有党组织覆盖", (
        "of members no more than the state tells"
    )


def test_a_posting_that_ended_is_told_and_covers_nothing(asked: QuestionLink) -> None:
    answer = asked("unit", unit="u3")
    assert row(answer, "工作覆盖")["value"] == "未覆盖"
    assert row(answer, "工作覆盖")["detail"].endswith("另有1名登记在册的到期未续派、已离任或角色不计入")
    assert not [r for r in answer.rows if r["item"].startswith("在岗的")]


def test_the_states_of_a_profile_are_those_of_the_register(asked: QuestionLink) -> None:
    for unit in asked("units").rows:
        answer = asked("unit", unit=unit["unit_id"])
        assert (row(answer, "组织覆盖")["value"], row(answer, "工作覆盖")["value"]) == (unit["org"], unit["work"])


def test_an_organization_says_what_its_coverage_counts_for(asked: QuestionLink) -> None:
    assert row(asked("org", org="o2"), "组织覆盖")["value"] == "1 家单位"
    assert row(asked("org", org="o3"), "组织覆盖")["detail"] == "临时党支部不计入组织覆盖"


def test_a_retired_record_says_that_it_is_no_longer_listed(asked: QuestionLink) -> None:
    assert row(asked("unit", unit="u6"), "在册")["value"] == "否"


def test_a_small_neighbourhood_is_drawn_two_steps_far(asked: QuestionLink) -> None:
    graph = asked("unit", unit="u1").graph
    assert graph is not None
    ids = {node.id for node in graph.nodes}
    assert {"u1", "o2", "g1", "c1", "r1"} <= ids
    assert {"o1", "u2", "u3"} <= ids, "the branch's superior, the officer's and the chain's other firms"
    assert "u6" not in ids
    assert max(graph.nodes, key=lambda n: n.size).id == "u1"
    assert {(e.source, e.target, e.type) for e in graph.edges} >= {
        ("o2", "u1", "COVERS"),
        ("o2", "o1", "SUBORDINATE_TO"),
    }
    assert len(graph.edges) == len(set(graph.edges))


def test_what_a_unit_states_of_its_organization_is_the_organization_s_source(asked: QuestionLink) -> None:
    answer = asked("org", org="第1企业党支部")
    secretary = row(answer, "书记")
    assert (secretary["value"], secretary["sensitivity"]) == ("书记乙", "person")
    assert where(secretary) == ("台账.xlsx", "enterprises", 7)
    assert row(answer, "隶属的党组织")["target"] == "o1"
    assert row(asked("org", org="o1"), "隶属本党组织的党组织")["target"] == "o2"
    assert row(answer, "届满日期")["value"] == "2027-05-01"


def test_a_pairing_carries_its_row_and_its_contact_apart(asked: QuestionLink) -> None:
    answer = asked("partner", partner="n1")
    paired = {r["value"]: r for r in answer.rows if r["item"] == "结对的区划"}
    assert where(paired["甲村"]) == ("台账.xlsx", "pairings", 5)
    assert paired["甲村"]["detail"] == "共建事项 修路；完成情况 进行中；2024-03-01 起"
    assert paired["乙村"]["detail"].endswith("已到期")
    contact = row(answer, "结对：联系人")
    assert (contact["value"], contact["sensitivity"]) == ("联系人甲", "person")


def test_every_type_has_its_profile(asked: QuestionLink) -> None:
    region = asked("region", region="东镇")
    assert row(region, "位于本区划的两新组织数")["value"] == 3
    assert {r["target"] for r in region.rows if r["item"] == "属于本区划的区划"} == {"r3"}
    assert {r["target"] for r in asked("officer", officer="g1").rows if r["item"] == "联系指导的两新组织"} == {
        "u1",
        "u2",
        "u3",
    }
    assert row(asked("officer", officer="g1"), "指导员姓名")["sensitivity"] == "person"
    assert row(asked("chain", chain="烟花"), "产值（元）")["value"] == 12_000_000_000
    assert row(asked("group", group="第一联组"), "组长")["sensitivity"] == "person"
    assert "未结对" in {r["item"] for r in asked("group", group="第一联组").rows}


def test_a_place_and_a_chain_lead_to_what_lies_in_them(asked: QuestionLink) -> None:
    for name, entity in (("region", "r1"), ("chain", "c1")):
        steps = {step.question for step in asked(name, **{name: entity}).steps}
        assert {(question, ((name, entity),)) for question in ("overview", "gaps", "units")} <= steps
    assert [step.question[0] for step in asked("unit", unit="u1").steps] == ["explore", "why"]
    assert [step.question[0] for step in asked("partner", partner="n1").steps] == ["explore", "why"]


def test_an_entity_outside_what_may_be_seen_is_not_shown(asked: QuestionLink) -> None:
    assert asked("unit", unit="u4", allowed=("r2", "r4")).rows
    for hidden in ({"unit": "u1"}, {"region": "东镇"}, {"unit": "没有此家"}):
        with pytest.raises(UnknownError, match="或不在可见范围内"):
            asked(next(iter(hidden)), allowed=("r2", "r4"), **hidden)
    with pytest.raises(UnknownError, match="所问区划内没有"):
        asked("unit", unit="u1", region="西镇")


def test_an_unknown_or_missing_entity_is_named(asked: QuestionLink) -> None:
    with pytest.raises(UnknownError, match="没有此家"):
        asked("unit", unit="没有此家")
    with pytest.raises(QuestionError, match="需要参数 unit"):
        asked("unit")
