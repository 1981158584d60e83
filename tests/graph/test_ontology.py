"""The ontology: what it declares holds together, and a broken declaration names its line and the mend."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from graph import ontology
from graph.errors import DeclarationError
from graph.ontology import ARROW, parse
from loaders.recognize.ledgers import compile_ledgers

SMALL = """\
version: 1
sensitivities: {open: 公开, person: 姓名}
drop:
  身份证号: [身份证号, 证件号码]
nodes:
  Region:
    label: 区划
    prefix: r
    keys: [[code], [name, division]]
    style: {color: "#5b6470", shape: square}
    properties:
      name: {label: 名称, type: string, headers: [名称]}
      code: {label: 代码, type: string, format: division_code, headers: [代码]}
  Unit:
    label: 单位
    prefix: u
    keys: [[name, division]]
    style: {color: "#2f6f9f", shape: dot}
    properties:
      name: {label: 名称, type: string, headers: [企业名称]}
      staff: {label: 人数, type: integer, unit: 人, headers: [从业人数], sensitivity: person}
      kind: {label: 类型, type: string, headers: [类型], values: {企业: [公司], 其他: []}}
edges:
  LOCATED_IN:
    label: 位于
    sentence: "{from} 位于 {to}"
    ends: [[Unit, Region]]
  SUPPLIES:
    label: 供货
    sentence: "{from} 供货给 {to}"
    dated: true
    ends: [[Unit, Unit]]
    properties:
      product: {label: 产品, type: string, headers: [产品]}
system:
  Change:
    label: 变更
    prefix: x
    properties:
      number: {label: 版本, type: integer}
ledgers:
  units:
    label: 企业台账
    titles: [企业]
    entity: Unit
    needs: [name]
    signs: [staff]
    placed_by: [镇街]
    links:
      - {field: buyer, edge: SUPPLIES, to: [Unit], headers: [客户], many: true, with: [product], dates: {valid_from: [起]}}
  supplies:
    label: 供货
    titles: [供货]
    edge: SUPPLIES
    from: {types: [Unit], headers: [供方]}
    to: {types: [Unit], headers: [需方]}
    dates: {valid_from: [签约]}
"""


def mended(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def test_the_small_one_is_right() -> None:
    assert [t.name for t in parse(SMALL).entities] == ["Region", "Unit"]
    assert compile_ledgers(parse(SMALL)).keys() == {"units", "supplies"}


@pytest.mark.parametrize(
    ("old", "new", "line", "says", "mend"),
    [
        ("version: 1", "version: 一", 1, "整数", "version: 1"),
        ("drop:\n  身份证号: [身份证号, 证件号码]\n", "", 1, "缺少“drop”", "drop:"),
        ("system:", "extra: 1\nsystem:", 37, "不认识的一节“extra”", "之一"),
        ("type: integer, unit", "type: int, unit", 20, "类型“int”不存在", "integer"),
        ("sensitivity: person", "sensitivity: secret", 20, "敏感级别“secret”未声明", "person"),
        ("format: division_code", "format: postcode", 13, "格式“postcode”不存在", "credit_code"),
        ("label: 人数, ", "", 20, "缺少 label 或 type", "staff: {label: 中文名, type: string}"),
        ("unit: 人", "unti: 人", 20, "不认识的“unti”", "unit"),
        ("    prefix: u\n", "", 14, "缺少 prefix", "补写 prefix"),
        ("prefix: u", "prefix: r", 16, "前缀“r”已被 Region 使用", "换一个"),
        ("keys: [[name, division]]", "keys: [[title, division]]", 17, "未声明的属性“title”", "声明 title"),
        ("shape: dot", "shape: egg", 18, "形状“egg”不存在", "dot"),
        ("    style: {color: \"#2f6f9f\", shape: dot}\n", "", 14, "缺少 style", "补写 style"),
        ("ends: [[Unit, Region]]", "ends: [[Unit, Place]]", 26, "“Place”不是已声明的类型", "声明 Place"),
        ("    sentence: \"{from} 位于 {to}\"\n", "", 23, "缺少 sentence", "补写 sentence"),
        ("dated: true", "datde: true", 30, "不认识的“datde”", "dated"),
        ("entity: Unit", "entity: Company", 45, "实体“Company”未声明", "nodes"),
        ("    entity: Unit\n", "", 42, "entity 或 edge 之一", "entity: 类型名"),
        ("edge: SUPPLIES, to", "edge: SELLS, to", 50, "未声明的关系“SELLS”", "edges"),
        ("    edge: SUPPLIES\n", "    edge: SELLS\n", 54, "未声明的关系“SELLS”", "edges"),
        ("needs: [name]", "needs: [title]", 46, "“title”", "之一"),
        ("signs: [staff]", "signs: [people]", 47, "“people”", "之一"),
        ("with: [product]", "with: [goods]", 50, "“goods”", "之一"),
        ("to: [Unit], headers", "to: [Company], headers", 50, "“Company”", "之一"),
        ("from: {types: [Unit]", "from: {types: [Company]", 55, "“Company”", "之一"),
        ("titles: [企业]", "title: [企业]", 44, "不认识的“title”", "titles"),
        ("type: integer, unit: 人", "type: boolean, values: {对: [对的]}", 20, "值不是 是 或 否", "values"),
        ("headers: [类型], values", "headers: [类型], also: none, values", 21, "“none”", "之一"),
        ("unit: 人,", "unit: 人, parts: [[women]],", 20, "“women”", "之一"),
        ("unit: 人,", "unit: 人, parts: [[kind]],", 20, "“kind”不是 integer", "删去"),
        ("placed_by: [镇街]", "placed_by: [镇街]\n    placed_within: {town: [镇]}", 49, "“town”", "之一"),
        ("prefix: x", "prefix: x\n    prefix: y", 40, "写了两次", "删去"),
        ("label: 供货\n    titles", "label: [供货\n    titles", 53, "YAML", "改正"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line_and_the_mend(old: str, new: str, line: int, says: str, mend: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        parse(mended(old, new), "县.yaml")
    message = str(caught.value)
    assert message.startswith("县.yaml 第 ")
    assert says in message
    assert mend in message.partition(says)[2]
    (named,) = re.findall(r"第 (\d+) 行", message)
    assert abs(int(named) - line) <= 2, message


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _places(child, (*path, key))


def _spoiled() -> Iterator[tuple[str, str]]:
    whole = yaml.safe_load(SMALL)
    for path in _places(whole):
        for wrong in ("删", None, "x", [[]], {"x": "x"}):
            data = copy.deepcopy(whole)
            at = data
            for step in path[:-1]:
                at = at[step]
            if wrong == "删":
                del at[path[-1]]
            else:
                at[path[-1]] = wrong
            yield f"{path} = {wrong}", yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def complained(text: str) -> str | None:
    """What is said of a declaration; anything but a DeclarationError is a defect."""
    try:
        compile_ledgers(parse(text))
    except DeclarationError as error:
        return str(error)
    return None


def test_whatever_is_wrong_is_said_in_words() -> None:
    count = 0
    for what, text in _spoiled():
        complaint = complained(text)
        count += bool(complaint)
        assert complaint is None or re.search("第 .*请", complaint), (what, complaint)
    assert count > 300


@pytest.mark.parametrize("text", ["", "[]", "null", "7", "- a", "a: b: c", "\t", "{"])
def test_what_is_no_ontology_at_all(text: str) -> None:
    with pytest.raises(DeclarationError, match="请"):
        parse(text)


# -- the product's own ------------------------------------------------------------------------------


def test_every_ledger_compiles_and_reaches_what_it_names() -> None:
    declared = ontology.load()
    for ledger in compile_ledgers(declared).values():
        assert ledger.fields.keys() >= {*ledger.needs}, ledger.name
        assert ledger.signs <= ledger.fields.keys(), ledger.name
        assert ledger.entity in {t.name for t in declared.nodes.values()} | {""}
        for link in ledger.links:
            for end in link.types:
                pair = (ledger.entity, end) if link.outward else (end, ledger.entity)
                assert pair in declared.edges[link.edge].ends, (ledger.name, link.edge)


def test_everything_that_is_located_has_an_edge_to_a_region() -> None:
    declared = ontology.load()
    located = {a for a, _ in declared.edges["LOCATED_IN"].ends}
    assert located == {t.name for t in declared.entities} - {"Region", "Product"}


def test_the_first_letters_of_an_id_tell_its_type() -> None:
    declared = ontology.load()
    assert [declared.type_of(entity) for entity in ("u1", "r0a", "m3", "", "1u", "单位")] == [
        "Unit", "Region", "Import", "", "", "",
    ]  # fmt: skip
    longer = replace(declared.nodes["Unit"], name="Unite", prefix="un")
    for nodes in ({**declared.nodes, "Unite": longer}, {"Unite": longer, **declared.nodes}):
        both = replace(declared, nodes=nodes)
        assert [both.type_of(entity) for entity in ("u1", "un1")] == ["Unit", "Unite"], "the longest prefix counts"


def test_no_header_is_both_kept_and_dropped() -> None:
    declared = ontology.load()
    dropped = {h for headers in declared.drop.values() for h in headers}
    for ledger in compile_ledgers(declared).values():
        for one in ledger.fields.values():
            assert dropped.isdisjoint(one.headers), (ledger.name, one.name)


def test_what_names_a_person_is_marked_so() -> None:
    declared = ontology.load()
    for path in ("GuidanceOfficer.name", "PartyOrg.secretary", "JointGroup.leader", "JointGroup.staff", "Leader.name",
                 "PAIRED_WITH.contact", "Change.author"):  # fmt: skip
        assert declared.property(path).sensitivity == "person", path
    for path in ("Unit.formal_members", "Unit.members", "PartyOrg.formal_members"):
        assert declared.property(path).sensitivity == "members", path


def test_types_are_those_that_cross_a_stores_border() -> None:
    declared = ontology.load()
    assert {p.type for k in (*declared.nodes.values(), *declared.edges.values()) for p in k.properties.values()} <= set(
        ARROW
    )
    with pytest.raises(KeyError, match="Unit"):
        declared.property("Unit.nothing")
