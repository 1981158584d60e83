"""Every parameter of every question refuses a value that it does not know, and lists those that it knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.memory.cache import TableCache
from api.memory.reader import CachingReader
from graph import ontology
from graph.errors import QuestionError, UnknownError
from graph.locality import Locality
from graph.parameters import COMMON, Parameter, nearest
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.questions.towns import AS_OF, two_towns

CONTEXT = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
QUESTIONS = catalogue(book())
RULES = [name for name in QUESTIONS if name in book().rules]
NONSENSE = "瞎写一气"
#: what is searched for may be any text
FREE = {("search", "q")}
#: a value for each parameter that a question cannot do without
REQUIRED = {
    "unit": "u1", "org": "o1", "officer": "g1", "region": "r1", "chain": "c1", "partner": "n1", "group": "j1",
    "from": "r1", "to": "r2", "q": "镇",
}  # fmt: skip


def pairs() -> Iterator[tuple[str, Parameter]]:
    """Every question with each of its parameters. Questions of rules take the same ones, so that all but one are asked
    for their own only."""
    for name, question in QUESTIONS.items():
        common = () if name in RULES[1:] else COMMON
        yield from ((name, parameter) for parameter in {p.name: p for p in (*common, *question.parameters)}.values())


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    """Two towns with a unit and one of everything that has a profile."""
    made = two_towns()
    made.node("Unit", "u1", name="甲公司", industry="制造业", reason_unbuilt="正在筹建", kind="企业")
    made.edge("u1", "LOCATED_IN", "r1")
    for node_type, node in (
        ("PartyOrg", "o1"), ("GuidanceOfficer", "g1"), ("IndustryChain", "c1"), ("PartnerUnit", "n1"), ("JointGroup", "j1")
    ):  # fmt: skip
        made.node(node_type, node, name=node)
        made.edge(node, "LOCATED_IN", "r1")
    with module_store.writer("测试", "建立") as writer:
        made.write(writer)
    with module_store.reader() as opened:
        yield CachingReader(opened, TableCache())


def refused(reader: Reader, name: str, given: dict[str, str]) -> str:
    """The message with which a question is refused."""
    needed = {p.name: REQUIRED[p.name] for p in QUESTIONS[name].parameters if p.required}
    with pytest.raises(QuestionError) as caught:
        ask(QUESTIONS, reader, CONTEXT, name, {**needed, **given})
    return str(caught.value)


def test_nonsense_is_refused_by_every_parameter_of_every_question(reader: Reader) -> None:
    refusals = 0
    for name, parameter in pairs():
        if (name, parameter.name) in FREE:
            continue
        message = refused(reader, name, {parameter.name: NONSENSE})
        assert NONSENSE in message, (name, parameter.name)
        for value in list(parameter.offered(CONTEXT) or ())[:60]:
            assert value in message, (name, parameter.name)
        refusals += 1
    assert refusals > 200


def test_nonsense_is_refused_without_what_else_a_question_asks_for(reader: Reader) -> None:
    """A drawing without a start and a list of no rule do not look at all that they are asked with."""
    for name, parameter in (
        ("explore", "types"), ("explore", "relations"), ("explore", "limit"), ("explore", "colour"),
        ("explore", "open"), ("why", "rule"), ("remedy", "rule"),
    ):  # fmt: skip
        assert NONSENSE in refused(reader, name, {parameter: NONSENSE})


def test_a_known_value_is_taken_wherever_a_list_is_narrowed(reader: Reader) -> None:
    for name, parameter in pairs():
        offered = parameter.offered(CONTEXT)
        if offered and name in ("units", "deadlines", "deferrals", "influence", "reviews", "overview"):
            for value, label in offered.items():
                for written in (value, label):
                    ask(QUESTIONS, reader, CONTEXT, name, {parameter.name: written})


def test_the_values_known_are_those_declared_and_those_recorded(reader: Reader) -> None:
    def names(**given: str) -> list[str]:
        return [row["name"] for row in ask(QUESTIONS, reader, CONTEXT, "units", given).rows]

    # recorded, though not declared; declared, though not recorded
    assert names(industry="制造业") == names(reason_unbuilt="正在筹建") == ["甲公司"]
    assert names(reason_unbuilt="没有党员") == names(kind="社会组织") == names(org="单独组建") == []
    assert "可用：制造业。" in refused(reader, "units", {"industry": "制造"})
    assert "可用：正在筹建、" in refused(reader, "units", {"reason_unbuilt": "在筹建"})
    assert "可用：企业（非公企业）、" in refused(reader, "units", {"kind": "非公有企业"})


def test_a_division_is_no_park_or_building(reader: Reader) -> None:
    for name in ("units", "gaps"):
        message = refused(reader, name, {"place": "r1"})
        assert "（镇街）" in message
        assert "园区、楼宇、商圈" in message


def test_the_words_of_a_viewer_come_from_the_divisions_that_they_may_see(reader: Reader) -> None:
    with pytest.raises(QuestionError, match="还没有填写过所属行业") as caught:
        ask(QUESTIONS, reader, CONTEXT, "units", {"industry": NONSENSE}, allowed=("r2",))
    assert "制造业" not in str(caught.value)


def test_a_label_means_its_value(reader: Reader) -> None:
    for name, given, value in (
        ("gaps", {"severity": "高"}, "high"), ("gaps", {"rule": "应建未建"}, "org_should_exist"),
        ("units", {"kind": "非公企业"}, "企业"), ("influence", {"type": "党组织"}, "PartyOrg"),
        ("reviews", {"state": "已处理"}, "decided"), ("explore", {"types": "两新组织，PartyOrg、区划"}, "Unit,PartyOrg,Region"),
    ):  # fmt: skip
        assert list(ask(QUESTIONS, reader, CONTEXT, name, given).parameters.values()) == [value]


def test_an_unknown_name_is_refused_with_the_nearest(reader: Reader) -> None:
    with pytest.raises(UnknownError, match="相近的有：东镇、西镇"):
        ask(QUESTIONS, reader, CONTEXT, "overview", {"region": "冬镇"})
    with pytest.raises(UnknownError, match="没有找到区划“丁石”。相近的有：丁市"):
        ask(QUESTIONS, reader, CONTEXT, "units", {"place": "丁石"})


def test_the_nearest_come_first() -> None:
    assert nearest("三有", ["规上企业", "三有企业", "社会组织"], 2) == ["三有企业", "规上企业"]
    assert nearest("应建未健", ["无党员", "应联建未联建", "应建未建"], 2) == ["应建未建", "应联建未联建"]
    assert nearest("甲", ["乙", "甲乙丙丁戊己庚"], 9, 0.5) == ["甲乙丙丁戊己庚"]
