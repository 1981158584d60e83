from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from loaders.read.tables import Table
from loaders.recognize import inspection, mapping
from loaders.recognize.headers import Layout, Recognizer, mapping_for
from loaders.recognize.inspection import SeenSheet
from loaders.recognize.ledgers import ledgers
from loaders.recognize.mapping import IGNORED, SheetMapping


def seen(tmp_path: Path, text: str, *choices: SheetMapping) -> SeenSheet:
    path = tmp_path / "表.csv"
    path.write_text(text, encoding="utf-8")
    (one,) = inspection.look([path], Locality(), choices)
    return one


@pytest.mark.parametrize("ledger", ledgers())
def test_every_choice_is_a_field_of_its_own(ledger: str) -> None:
    words = inspection.choices(ledger)
    assert len({*words}) == len(words)
    table = Table("a", "b", [[f"列甲{chr(0x4E00 + n)}" for n in range(len(words))]])
    said = dict(zip(map(str, table.rows[0]), words, strict=True))
    found = Recognizer(ledgers(), load_ontology()).recognize(table, SheetMapping(ledger, header=1, columns=said))
    assert isinstance(found, Layout)
    assert [use.field for use in found.columns] == list(ledgers()[ledger].fields)


def test_a_choice_holds_for_the_same_headings_wherever_they_stand() -> None:
    one = SheetMapping("enterprises", seen=("厂名", "人头（人）"), columns={"厂名": "单位名称"})
    for rows, line in (
        ([["厂名", "人头"], ["a", 1]], 1),
        ([["标题"], [], ["序号", "人头（人）", "厂 名"], [1, 2, "a"]], 3),
        ([["厂名", "人头", "拒收原因"]], 1),
    ):
        found = mapping_for([one], Table("x.csv", "y", rows))  # type: ignore[arg-type]
        assert found is not None
        assert found.header == line
    for rows in ([["厂名"]], [["厂名", "人头", "地址"]], [], [["a"]] * 40):
        assert mapping_for([one], Table("x.csv", "y", rows)) is None  # type: ignore[arg-type]


def test_what_was_chosen_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "表头对照.yaml"
    assert mapping.saved(path) == ()
    one = SheetMapping(
        "enterprises",
        seen=("厂名", "=1+1: {x}", "甲/乙"),
        header_rows=2,
        columns={"厂名": "单位名称", "甲/乙": IGNORED},
    )
    other = SheetMapping("societies", seen=("团名",), columns={})
    for said in (one, other, one):
        mapping.save(path, said)
    assert {*map(str, mapping.saved(path))} == {str(one), str(other)}
    mapping.save(path, SheetMapping("societies", seen=one.seen[::-1]))
    assert [m.ledger for m in mapping.saved(path)] == ["societies", "societies"]
    with pytest.raises(InputError, match="写不进去"):
        mapping.save(tmp_path / "没有" / "x.yaml", one)
    # the heading of a column may be blank
    mapping.save(path, SheetMapping("societies", seen=("团名", "")))
    assert ("团名", "") in [m.seen for m in mapping.saved(path)]
    path.write_text("- {ledger: 结对, seen: 1}\n", encoding="utf-8")
    with pytest.raises(InputError, match="名单"):
        mapping.saved(path)


def test_the_last_word_of_a_heading_is_not_taken_for_another_column(tmp_path: Path) -> None:
    said = {"名称": IGNORED}
    text = "名称,上级\n,名称\n"
    one = SheetMapping("enterprises", seen=("名称", "上级/名称"), header_rows=2, columns=said)
    found = seen(tmp_path, text + "一厂,某镇\n", one)
    assert (found.columns[0].path, found.columns[0].role) == ("名称", "ignored")
    assert found.columns[1].role != "ignored"


def test_two_columns_of_one_name_are_not_both_taken(tmp_path: Path) -> None:
    one = SheetMapping("enterprises", seen=("厂", "数"), columns={"厂": "单位名称", "数": "从业人数"})
    found = seen(tmp_path, "厂,数,数\n一厂,1,2\n", one)
    assert [c.role for c in found.columns] == ["field", "field", "unknown"]


def test_a_sheet_that_is_none_can_be_made_one(tmp_path: Path) -> None:
    none = seen(tmp_path, "某某镇,\n甲,乙\n一厂,7\n")
    assert not none.ledger
    assert "不是能识别的台账" in none.reason
    assert [line for line, _ in none.lines()] == [2]
    first = inspection.chosen(none, "enterprises", 2, 1, {0: "单位名称"})
    # columns that were not shown yet cannot have been chosen
    assert (first.seen, first.columns) == (("甲", "乙"), {})
    again = seen(tmp_path, "某某镇,\n甲,乙\n一厂,7\n", first)
    assert "缺少 企业名称" in again.reason
    whole = inspection.chosen(again, "enterprises", 2, 1, {0: "单位名称", 1: "从业人数"})
    made = seen(tmp_path, "某某镇,\n甲,乙\n一厂,7\n", whole)
    assert (made.reason, made.header, made.count("field")) == ("", 2, 2)
    assert [c.chosen for c in made.columns] == ["单位名称", "从业人数"]


def test_a_column_without_a_heading_is_named_and_its_values_are_not_shown(tmp_path: Path) -> None:
    one = seen(tmp_path, "企业名称,年营业收入,\n甲公司,1,某某\n")
    (column,) = (c for c in one.columns if c.index == 2)
    assert (column.path, column.meaning, column.example, column.open) == (
        "（无表头）C 列",
        "未能识别，不保存",
        None,
        False,
    )


def test_a_second_table_is_shown_as_a_sheet_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("企业名称,年营业收入\n甲公司,1\n\n党组织名称,上级党组织\n甲支部,某党委\n", encoding="utf-8")
    first, second = inspection.look([path], Locality())
    assert (first.label, first.header, second.label, second.header) == ("非公企业台账", 1, "党组织", 4)
