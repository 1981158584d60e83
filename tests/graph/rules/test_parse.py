"""A broken rule or base file is refused at start, with its name, the line and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import DeclarationError
from graph.ontology import load as load_ontology
from graph.rules.book import Book, book
from graph.rules.parse import read_base, read_rule
from graph.rules.rule import Query

GOOD = """// id: long_named
// title: 名称过长
// severity: warn
// subject: Unit
// meaning: 名称见{limit}的单位
// denominator: 全部单位
// basis: [县里的规定]
// remedy: 改名
// params:
//   limit: {label: 从业人数, default: 3, unit: 人}
// facts:
//   region: Region.name
//   covered: {label: 有党组织, type: boolean, via: COVERS}
// given: [as_of]

// a comment with 'quotes' and ; in it
MATCH (u:Unit)-[:LOCATED_IN]->(r:Region)
WHERE u.listed AND (size($scope) = 0 OR r.id IN $scope) AND u.founded_on < $as_of
WITH u, r, EXISTS { MATCH (u)<-[:COVERS]-(:PartyOrg) } AS covered
RETURN u.id AS id, CASE WHEN u.staff > $limit THEN 'finding' ELSE 'clear' END AS verdict,
  coalesce(u.staff, 0) AS staff, r.name AS region, covered AS covered
ORDER BY id;
"""


def write(folder: Path, text: str, name: str = "long_named.cypher") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_good_file(tmp_path: Path) -> None:
    rule = read_rule(write(tmp_path, GOOD), load_ontology())
    assert rule.params["limit"].default == 3
    assert rule.level == "地方做法", "a county's own rule rests on its own practice unless it says otherwise"
    stated = GOOD.replace("// remedy: 改名", "// level: 规范性文件\n// remedy: 改名")
    assert read_rule(write(tmp_path, stated), load_ontology()).level == "规范性文件"
    assert rule.query.returns == ("id", "verdict", "staff", "region", "covered")
    assert "//" not in rule.query.cypher
    assert not rule.query.cypher.endswith(";")
    assert rule.facts["region"].label == "名称"
    assert rule.facts["staff"].unit == "人"
    assert rule.via == {"covered": "COVERS"}
    assert [*rule.listed("finding")] == ["staff", "region"], "lists do not show a condition"
    for fact, listed in (
        ("boolean, listed: true", ["staff", "region", "covered"]),
        ("integer, listed: false", ["staff", "region"]),
    ):
        told = GOOD.replace("type: boolean", f"type: {fact}")
        assert [*read_rule(write(tmp_path, told), load_ontology()).listed("finding")] == listed
    assert rule.verdicts == {"finding", "clear"}


@pytest.mark.parametrize(
    ("scoped", "everywhere"),
    [
        ("u.listed AND (size($scope) = 0 OR u.id IN $scope)", "u.listed AND true"),
        ("( size($scope)=0 or (u.a = ')' AND f(u.b)) ) AND u.c", "true AND u.c"),
        ("(size($scope) = 0 OR u.a) AND NOT EXISTS { MATCH (v) WHERE (size($scope) = 0 OR v.b) }",
         "true AND NOT EXISTS { MATCH (v) WHERE true }"),
        ("u.name = '(size($scope) = 0 OR' AND u.a", "u.name = '(size($scope) = 0 OR' AND u.a"),
        ("size($scope) = 0 AND u.a", "size($scope) = 0 AND u.a"),
    ],
)  # fmt: skip
def test_where_no_scope_is_asked_for_none_is_looked_for(scoped: str, everywhere: str) -> None:
    query = Query(scoped, 1, ("id",), frozenset({"scope"}))
    assert query.text({"scope": []}) == everywhere
    assert query.text({"scope": ["r1"]}) == scoped


def test_no_rule_of_ours_looks_for_a_scope_where_none_is_asked_for() -> None:
    for rule in book().rules.values():
        assert "$scope" in rule.query.cypher, rule.id
        assert "scope" not in rule.query.text({"scope": []}), rule.id


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("// severity: warn", "// severity: bad", 3, "严重程度"),
        ("// remedy: 改名", "// level: 国法\n// remedy: 改名", 8, "依据层级"),
        ("// subject: Unit", "// subject: Company", 4, "Company"),
        ("// subject: Unit", "// subject: Review", 4, "Review"),
        ("// title: 名称过长\n", "", 1, "title"),
        ("// title: 名称过长", "// titel: 名称过长", 1, "title"),
        ("// remedy: 改名", "// remedy: 改名\n// extra: 1", 9, "extra"),
        ("// remedy: 改名", "// remedy: 改名\n// action: rename", 9, "rename"),
        ("// remedy: 改名", "// remedy: 改名\n// sensitivity: secret", 9, "secret"),
        ("// id: long_named", "// id: other", 1, "文件名"),
        ("// meaning: 名称见{limit}", "// meaning: 名称见{limits}", 5, "limits"),
        ("// given: [as_of]", "// given: [as_of, today]", 14, "today"),
        ("// given: [as_of]", "// given: [as_of, key_chains]", 14, "key_chains"),
        ("{label: 从业人数, default: 3, unit: 人}", "3", 10, "limit"),
        ("{label: 从业人数, default: 3, unit: 人}", "{label: 从业人数", 11, "YAML"),
        ("//   region: Region.name", "//   region: Region.nome", 12, "nome"),
        ("//   region: Region.name", "//   region: {label: 区划, type: text}", 12, "region"),
        ("//   region: Region.name", "//   region: Region.name\n//   other: Region.name", 13, "other"),
        ("via: COVERS", "via: COVERED", 13, "COVERED"),
        ("via: COVERS", "via: SUBORDINATE_TO", 13, "SUBORDINATE_TO"),
        ("type: boolean, via", "type: boolean, listed: 不, via", 13, "listed"),
        ("// given: [as_of]", "// given: [as_of]\n// unverified_facts: [regions]", 15, "regions"),
        ("\n// a comment", "\n// population\n// a comment", 16, "一条规则只有一个查询"),
        ("// given: [as_of]\n\n", "// given: [as_of]\n// finding\n", 15, "“// finding”一节是旧写法"),
        ("// a comment", "MATCH (n) RETURN n.id AS id ORDER BY id;\n// a comment", 16, "一个查询"),
        ("u.founded_on < $as_of", "u.founded_on < $as_off", 18, "$as_off"),
        ("u.staff > $limit THEN", "u.staff > 3 THEN", 10, "limit"),
        ("(size($scope) = 0 OR r.id IN $scope) AND u.founded", "u.founded", 16, "区划"),
        ("END AS verdict", "END AS said", 16, "verdict"),
        ("THEN 'finding'", "THEN 'problem'", 16, "'finding'"),
        ("coalesce(u.staff, 0) AS staff", "u.staff", 16, "AS"),
        ("coalesce(u.staff, 0) AS staff", "u.staff AS stuff", 11, "stuff"),
        ("RETURN u.id AS id", "RETURN u.name AS name", 16, "id"),
        ("\nORDER BY id;", ";", 16, "次序"),
        ("\nORDER BY id;", "\nORDER BY region;", 16, "次序"),
        ("coalesce(u.staff, 0)", "labels(u)", 21, "labels"),
        ("coalesce(u.staff, 0)", "toString(u.staff)", 21, "toString"),
        ("coalesce(u.staff, 0)", "date()", 21, "date"),
        ("coalesce(u.staff, 0)", "size(range(1, 100000000000))", 21, "range"),
        ("coalesce(u.staff, 0)", "size(range(1, u.staff))", 21, "range"),
        ("coalesce(u.staff, 0)", "size(replace(u.name, 'a', 'aaaa'))", 21, "replace"),
        ("coalesce(u.staff, 0)", "size(u.name" + " + u.name" * 13 + ")", 21, "超过 12 处"),
        ("coalesce(u.staff, 0)", "size([u.staff" + ", [1]" * 12 + "])", 21, "超过 12 处"),
        ("WITH u, r,", "SET u.staff = 1\nWITH u, r,", 19, "SET"),
        ("MATCH (u:Unit)-", "/* ' */ DETACH DELETE u /* ' */\nMATCH (u:Unit)-", 17, "DETACH"),
    ],
)
def test_broken_rule(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    with pytest.raises(DeclarationError) as error:
        read_rule(write(tmp_path, GOOD.replace(old, new, 1)), load_ontology())
    message = str(error.value)
    assert message.startswith(f"long_named.cypher 第 {line} 行"), message
    assert words in message
    assert "请" in message


def test_a_fact_that_matters_where_something_is_not_known_is_listed_there_alone(tmp_path: Path) -> None:
    told = GOOD.replace("// given", "// unverified_facts: [region]\n// given")
    rule = read_rule(write(tmp_path, told), load_ontology())
    assert [*rule.listed("finding")] == ["staff"]
    assert [*rule.listed("unverified")] == ["staff", "region"]


def test_the_action_of_a_remedy_is_data_and_may_be_left_out(tmp_path: Path) -> None:
    assert read_rule(write(tmp_path, GOOD), load_ontology()).action == ""
    told = GOOD.replace("// remedy: 改名", "// remedy: 改名\n// action: verify")
    assert read_rule(write(tmp_path, told), load_ontology()).action == "verify"


def test_text_before_the_front_matter_and_nothing_after_it(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="第 1 行"):
        read_rule(write(tmp_path, "MATCH (n) RETURN n.id AS id ORDER BY id\n" + GOOD), load_ontology())
    with pytest.raises(DeclarationError, match="第 14 行：说明之后没有查询"):
        read_rule(write(tmp_path, GOOD.partition("\n\n")[0]), load_ontology())


def test_empty_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="没有说明"):
        read_rule(write(tmp_path, ""), load_ontology())
    path = tmp_path / "long_named.cypher"
    path.write_bytes("// id: 规则".encode("gb18030"))
    with pytest.raises(DeclarationError, match="UTF-8"):
        read_rule(path, load_ontology())


def test_words_of_cypher_in_a_string_are_text(tmp_path: Path) -> None:
    text = GOOD.replace("u.staff > $limit", "u.staff > $limit AND u.name <> 'SET // type(x); $nobody, RETURN'")
    assert "$nobody" in read_rule(write(tmp_path, text), load_ontology()).query.cypher


def test_union_must_return_the_same(tmp_path: Path) -> None:
    branch = "\nUNION ALL\nMATCH (u:Unit) WHERE size($scope) = 0 RETURN u.id AS id, 'clear' AS verdict ORDER BY id;"
    with pytest.raises(DeclarationError, match="UNION ALL"):
        read_rule(write(tmp_path, GOOD.rstrip("; \n") + branch), load_ontology())


def test_broken_base(tmp_path: Path) -> None:
    text = "// id: 大企业\n// kind: 企业\n// meaning: 大\n\n// member\nMATCH (u:Unit) RETURN u.id AS id ORDER BY id;\n"
    with pytest.raises(DeclarationError, match=r"大企业\.cypher 第 6 行：缺少“undecided”"):
        read_base(write(tmp_path, text, "大企业.cypher"))


def test_county_folder_adds_a_rule_and_a_base(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "bases").mkdir()
    query = "MATCH (u:Unit) WHERE u.staff > $many RETURN u.id AS id ORDER BY id;\n"
    base = (
        "// id: 大企业\n// kind: 企业\n// meaning: 职工{many}人以上\n// params: {many: {label: 人数, default: 9}}\n"
        f"\n// member\n{query}\n// undecided\n{query}"
    )
    write(tmp_path / "bases", base, "大企业.cypher")
    plain, more = Book.load(), Book.load([tmp_path])
    assert set(more.rules) - set(plain.rules) == {"long_named"}
    assert set(more.bases) - set(plain.bases) == {"大企业"}
    assert plain.digest != more.digest


def test_county_folder_cannot_take_an_id_or_be_absent(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("long_named", "term_overdue", 1), "term_overdue.cypher")
    with pytest.raises(DeclarationError, match="已被另一文件使用"):
        Book.load([tmp_path])
    with pytest.raises(DeclarationError, match="不存在"):
        Book.load([tmp_path / "none"])
