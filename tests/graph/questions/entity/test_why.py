"""Why a rule finds a subject or not: verdicts, facts, conditions, sources, and refused questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.answers import Answer
from graph.errors import QuestionError, UnknownError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.entity.profiles import PROFILES
from graph.questions.entity.why import VERDICTS
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from loaders import pipeline
from tests.graph.questions.conftest import NODES
from tests.graph.questions.towns import AS_OF

QuestionLink = Callable[..., Answer]


def rows(answer: Answer, item: str, rule: str = "") -> list[dict[str, Any]]:
    """The rows of an item, of one rule if it is named."""
    return [dict(r) for r in answer.rows if r["item"] == item and rule in ("", r["rule"])]


def row(answer: Answer, item: str, rule: str = "") -> dict[str, Any]:
    """The one row of an item."""
    (found,) = rows(answer, item, rule)
    return found


def test_a_finding_is_told_with_facts_clause_parameter_and_what_turns_it(asked: QuestionLink) -> None:
    answer = asked("why", unit="u5", rule="org_should_exist")
    assert {r["verdict"] for r in answer.rows if r["rule"]} == {"问题"}
    members = row(answer, "正式党员数（人）")
    assert (members["value"], members["sensitivity"]) == (4, "members")
    assert "正式党员3名以上" in row(answer, "结论")["detail"]
    assert row(answer, "有计入组织覆盖的党组织覆盖")["value"] == "否"
    assert row(answer, "覆盖它的党组织")["value"] == "无"
    assert row(answer, "依据")["value"].startswith("《中国共产党章程》第三十条")
    assert row(answer, "参数")["value"] == "应建党组织的正式党员数 3人（默认）"
    assert [r["value"] for r in rows(answer, "怎样会改变")] == ["有计入组织覆盖的党组织覆盖", "正式党员数核实后不足3名"]
    assert row(answer, "处理建议")["value"] == "指导成立党支部"
    assert answer.total("finding").value == 1


def test_why_not_names_what_covers_it_and_the_row_that_says_so(asked: QuestionLink) -> None:
    answer = asked("why", unit="u1", rule="org_should_join")
    assert row(answer, "结论")["value"] == "符合"
    assert row(answer, "有计入组织覆盖的党组织覆盖")["value"] == "是"
    cover = row(answer, "覆盖它的党组织")
    assert (cover["value"], cover["target"]) == ("第1企业党支部", "o2")
    assert (cover["file"], cover["sheet"], cover["line"]) == ("台账.xlsx", "enterprises", 7)
    members = row(answer, "正式党员数（人）")
    assert (members["value"], members["line"]) == (1, 7)
    assert not rows(answer, "怎样会改变")


def test_outside_the_denominator_the_fact_that_keeps_it_out_is_told(asked: QuestionLink) -> None:
    answer = asked("why", unit="u1", rule="org_should_exist")
    assert row(answer, "结论")["detail"] == "不属于口径内正式党员3名以上的单位"
    members = row(answer, "正式党员数（人）")
    assert members["value"] == 1
    blank = row(asked("why", unit="u1", rule="org_suspected"), "党员数（人）")
    assert (blank["value"], blank["sensitivity"]) == ("未填", "open")
    assert row(asked("why", unit="u6", rule="org_should_join"), "在册")["value"] == "否"


def test_an_edge_that_the_rule_does_not_count_is_no_cover(asked: QuestionLink) -> None:
    """A 临时党支部 stands on the edge, which the rule leaves out."""
    assert row(asked("why", unit="u2", rule="org_should_join"), "覆盖它的党组织")["value"] == "无"
    guided = row(asked("why", unit="u2", rule="coverage_blank"), "联系指导它的指导员")
    assert (guided["value"], guided["target"], guided["sensitivity"]) == ("指导员甲", "g1", "person")
    assert guided["detail"] == "指导员；到期待续派"
    ended = asked("why", unit="u3", rule="coverage_blank")
    assert row(ended, "联系指导它的指导员")["value"] == "无", "it ended"
    assert row(ended, "派驻情况")["value"] == "到期未续派"


def test_other_subjects_are_asked_by_their_own_parameter(asked: QuestionLink) -> None:
    officer = asked("why", officer="g1")
    assert row(officer, "在岗联系单位数（家）", "officer_overloaded")["value"] == 2
    assert {r["target"] for r in rows(officer, "联系指导的两新组织")} == {"u1", "u2"}
    village = asked("why", region="甲村")
    assert row(village, "结论", "partner_missing")["value"] == "符合"
    paired = row(village, "结对的对象", "partner_missing")
    assert (paired["value"], paired["target"], paired["line"]) == ("丁市财政服务局", "n1", 5)
    assert row(asked("why", region="乙村"), "结对的对象", "partner_missing")["value"] == "无"
    chain = asked("why", chain="烟花")
    leading = {r["value"]: r["detail"] for r in rows(chain, "引领它的党组织")}
    assert leading["烟花产业链党委"] == "产业链党委"
    assert len(leading) == 2, "an ordinary member stands there as what it is"
    assert {r["rule"] for r in asked("why", partner="n1").rows if r["rule"]} == {"partner_inactive"}


def test_a_region_beside_another_subject_narrows_it(asked: QuestionLink) -> None:
    assert row(asked("why", unit="u1", region="东镇"), "单位名称")["value"] == "第1企业有限公司"
    for more in ({"region": "西镇"}, {"allowed": ("r2", "r4")}):
        with pytest.raises(UnknownError):
            asked("why", unit="u1", **more)


def test_what_cannot_be_asked_says_what_to_do(asked: QuestionLink) -> None:
    with pytest.raises(QuestionError, match="只能问一个对象，而这里有 unit、org"):
        asked("why", unit="u1", org="o1")
    with pytest.raises(QuestionError, match="规则 term_overdue 的对象是党组织，不是两新组织"):
        asked("why", unit="u1", rule="term_overdue")
    with pytest.raises(QuestionError, match="rule 不能是“没有”"):
        asked("why", unit="u1", rule="没有")
    nothing = asked("why")
    assert not nothing.rows
    assert "unit=（两新组织）" in nothing.notes[0]
    assert [f.parameter for f in nothing.fields] == ["unit"]


def test_every_verdict_is_that_of_the_rule(asked: QuestionLink, county: Reader, context: Inquiry) -> None:
    for name, node_type, _ in PROFILES:
        for node in NODES[node_type]:
            answer = asked("why", **{name: node["id"]})
            for rule in (r for r in context.book.rules.values() if node_type in r.subjects and r.sensitivity == "open"):
                outcome = context.book.run(county, rule.id, context)
                said = "clear" if node["id"] in outcome.population else "outside"
                for state, found in (("unverified", outcome.unverified), ("finding", outcome.findings)):
                    if node["id"] in {f.subject for f in found}:
                        said = state
                assert row(answer, "结论", rule.id)["value"] == VERDICTS[said], (node["id"], rule.id)
            order = [list(VERDICTS.values()).index(r["value"]) for r in rows(answer, "结论")]
            assert order == sorted(order), "findings first"


def test_severity_narrows_the_rules(asked: QuestionLink, context: Inquiry) -> None:
    high = {r.id for r in context.book.rules.values() if r.severity == "high" and "Unit" in r.subjects}
    assert {r["rule"] for r in asked("why", unit="u1", severity="high").rows if r["rule"]} == high


def test_each_of_two_roles_between_the_same_ends_cites_the_ledger_that_states_it(store: Store) -> None:
    for ledger, row in (
        ("regions", {"name": "丁市", "code": "990001", "kind": "县"}),
        ("enterprises", {"name": "甲公司", "kind": "企业", "staff": 100, "@placed": "丁市", "@liaisons": "张三"}),
        ("officers", {"name": "张三", "@units": "甲公司", "role": "指导员", "@placed": "丁市"}),
    ):
        request = pipeline.LoadRequest((), Locality(), "测试", book(), as_of=AS_OF)
        pipeline.enter(store, pipeline.Entry(ledger, [row], f"{ledger}.xlsx", "表"), request)
    context = Inquiry(AS_OF, Locality(), load_ontology(), book=book())
    with store.reader() as reader:
        answer = ask(catalogue(book()), reader, context, "why", {"unit": "甲公司", "rule": "coverage_blank"})
    files = {(r["detail"], r["file"]) for r in answer.rows if r["value"] == "张三"}
    assert files == {("联络员", "enterprises.xlsx"), ("指导员", "officers.xlsx")}
