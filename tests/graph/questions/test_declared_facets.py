"""A property declared as a facet in the ontology is a filter, a column and a facet of both lists without code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph import ontology
from graph.answers import Answer
from graph.errors import DeclarationError, QuestionError
from graph.locality import Locality
from graph.ontology.reading import PATH
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.facets import parameters
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Store
from loaders.sample import REFERENCE_DATE

TEXT = PATH.read_text(encoding="utf-8")
UNION, AUTHORITY = "trade_union: {label: 工会, type: boolean", "competent_authority: {label: 业务主管单位, type: string"
KEY_UNIT, NATURE = "key_unit: {label: 是否重点, type: boolean", "nature: {label: 社会组织类别, type: string"
CHECK = "annual_check:\n        label: 年检\n        type: string\n"


def declared(*declarations: str, facet: str = "true") -> ontology.Ontology:
    """The ontology with a facet on each of these declarations."""
    text = TEXT
    for one in declarations:
        assert text.count(one) == 1
        text = text.replace(one, f"{one}        facet: {facet}\n" if one.endswith("\n") else f"{one}, facet: {facet}")
    return ontology.parse(text)


def answered(store: Store, known: ontology.Ontology, name: str, **given: str) -> Answer:
    context = Inquiry(REFERENCE_DATE, Locality(), known, book=book())
    with store.reader() as reader:
        return ask(catalogue(book(), known), reader, context, name, {"region": "丁市", **given})


@pytest.mark.parametrize("name", ["units", "gaps"])
def test_facets_of_every_type_narrow_both_lists(sample_store: Store, name: str) -> None:
    before = answered(sample_store, ontology.load(), name)
    known = declared(UNION, AUTHORITY, CHECK)
    whole = answered(sample_store, known, name)
    assert len(whole.rows) == len(before.rows)
    there = {f.parameter for f in before.facets}
    assert [f for f in whole.facets if f.parameter in there] == list(before.facets)
    assert [(f.parameter, f.label) for f in whole.facets if f.parameter not in there] == [
        ("trade_union", "工会"), ("competent_authority", "业务主管单位"), ("annual_check", "年检"),
    ]  # fmt: skip
    columns = {c.name: c for c in whole.columns}
    assert columns["annual_check"].label == "年检"
    assert columns["trade_union"].type == "boolean"
    assert [c.name for c in before.columns] == [
        c.name for c in whole.columns if c.name in {b.name for b in before.columns}
    ]
    for parameter in ("trade_union", "competent_authority", "annual_check"):
        (facet,) = (f for f in whole.facets if f.parameter == parameter)
        choice = facet.choices[-1]
        left = answered(sample_store, known, name, **{parameter: choice.value})
        assert 0 < len(left.rows) == choice.count < len(whole.rows)
        shown = {row[parameter] for row in left.rows}
        assert shown == (
            {choice.value} if parameter != "trade_union" else {{"是": True, "否": False}.get(choice.value)}
        )
    with pytest.raises(QuestionError, match="annual_check"):
        answered(sample_store, ontology.load(), name, annual_check="合格")


def test_a_facet_may_be_called_otherwise_in_lists(sample_store: Store) -> None:
    known = declared(KEY_UNIT, facet="{name: focus, label: 重点, yes: 重点单位, no: 一般单位}")
    found = answered(sample_store, known, "units", focus="重点单位")
    (column,) = (c for c in found.columns if c.name == "focus")
    assert (column.label, column.type) == ("重点", "string")
    assert {row["focus"] for row in found.rows} == {"重点单位"}
    assert "key_unit" not in {c.name for c in found.columns}


def test_the_facets_of_the_product(sample_store: Store) -> None:
    found = answered(sample_store, ontology.load(), "units", kind="企业", scale="规上")
    assert {(row["kind"], row["scale"]) for row in found.rows} == {("企业", "规上")}
    kind, scale = (f for f in found.facets if f.parameter in ("kind", "scale"))
    assert [(f.parameter, f.label) for f in (kind, scale)] == [("kind", "单位类型"), ("scale", "规模")]
    assert {c.value: c.label for c in kind.choices}["企业"] == "非公企业"
    assert {c.value for c in scale.choices if c.chosen} == {"规上"}
    declared_since = {p.name for p in parameters(ontology.load())} - {"kind", "scale"}
    assert [c.name for c in found.columns if c.name not in declared_since] == [
        "name", "kind", "division", "org", "work", "formal", "staff", "scale", "key_unit", "code",
    ]  # fmt: skip
    assert {p.name for p in catalogue(book())["gaps"].parameters} == {
        "rule",
        "level",
        "severity",
        "kind",
        "scale",
    } | declared_since


@pytest.mark.parametrize("name", ["units", "gaps"])
def test_lists_are_narrowed_by_reason_and_by_place(sample_store: Store, name: str) -> None:
    whole = answered(sample_store, ontology.load(), name, region="")
    labels = {c.name: c.label for c in whole.columns}
    for parameter, label in (("reason_unbuilt", "未建立原因"), ("place", "园区、楼宇")):
        assert labels[parameter] == label
        (facet,) = (f for f in whole.facets if f.parameter == parameter)
        assert facet.label == label
        for choice in facet.choices[:2]:
            left = answered(sample_store, ontology.load(), name, region="", **{parameter: choice.value})
            assert 0 < len(left.rows) == choice.count < len(whole.rows)
            shown = (
                {row[parameter] for row in left.rows} if parameter != "place" else {r["place_id"] for r in left.rows}
            )
            assert shown == {choice.value}
    assert "industry" in labels


def test_every_reason_that_is_recorded_is_counted(sample_store: Store) -> None:
    whole = answered(sample_store, ontology.load(), "units", region="")
    (facet,) = (f for f in whole.facets if f.parameter == "reason_unbuilt")
    with sample_store.reader() as reader:
        query = "MATCH (u:Unit) WHERE u.listed AND u.reason_unbuilt <> '' RETURN count(u) AS n"
        assert sum(c.count for c in facet.choices) == reader.query(query)["n"][0].as_py() == 390


def test_a_place_is_named_by_its_name_and_found_itself(sample_store: Store) -> None:
    """Problems of a building are those of its units, and its own."""
    hubs = answered(sample_store, ontology.load(), "hub_blank", region="").rows
    assert hubs
    hub = hubs[0]
    problems = answered(sample_store, ontology.load(), "gaps", region="", place=hub["subject"]).rows
    assert {r["place"] for r in problems} == {hub["subject"]}
    assert hub["subject_id"] in {r["subject_id"] for r in problems if r["rule"] == "hub_blank"}
    assert {r["rule"] for r in problems} > {"hub_blank"}


def test_a_choice_without_rows_is_called_by_its_name(sample_store: Store) -> None:
    hub = answered(sample_store, ontology.load(), "hub_blank", region="丁市").rows[0]["subject"]
    given = {"place": hub, "rule": "village_income_weak", "severity": "high"}
    nothing = answered(sample_store, ontology.load(), "gaps", region="甲市", **given)
    assert not nothing.rows
    chosen = {f.parameter: c.label for f in nothing.facets for c in f.choices if c.chosen}
    assert chosen == {"place": hub, "rule": "集体经济薄弱", "severity": "高"}


def test_a_restricted_rule_offers_no_divisions(sample_store: Store) -> None:
    """Not even the number of a restricted rule's findings in a place is shown."""
    weak = answered(sample_store, ontology.load(), "gaps", rule="weak_org_five_ones", region="")
    assert weak.rows
    assert not {"region", "place"} & {f.parameter for f in weak.facets}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (KEY_UNIT, f"{KEY_UNIT}, facet: {{name: a, colour: b}}", "colour"),
        (KEY_UNIT, f"{KEY_UNIT}, facet: {{yes: 重点}}", "yes 和 no"),
        (NATURE, f"{NATURE}, facet: {{yes: 甲, no: 乙}}", "yes 和 no"),
        (KEY_UNIT, f"{KEY_UNIT}, facet: 规模", "facet"),
        (KEY_UNIT, f"{KEY_UNIT}, facet: {{name: 规模}}", "规模"),
        ("staff: {label: 从业人数, type: integer", "staff: {label: 从业人数, facet: true, type: integer", "integer"),
        (
            "legal_unit: {label: 法人单位统一社会信用代码",
            "legal_unit: {facet: true, label: 法人单位统一社会信用代码",
            "Unit",
        ),
        (NATURE, f"{NATURE}, facet: true, sensitivity: case", "公开"),
    ],
)
def test_an_invalid_facet_is_named_with_its_mend(old: str, new: str, said: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(DeclarationError, match=rf"ontology.yaml 第 \d+ 行：.*{said}.*。请.*。"):
        ontology.parse(TEXT.replace(old, new))


def test_a_facet_called_as_a_parameter_is_refused_at_start() -> None:
    with pytest.raises(DeclarationError, match=r"“units”已有参数“org”.*请在 facet 里另写 name"):
        catalogue(book(), declared(KEY_UNIT, facet="{name: org}"))
    assert replace(catalogue(book())["units"], parameters=()).narrowed
