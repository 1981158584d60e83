"""A row in which a part is more than its whole is remarked with both numbers, and both are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.ontology import load as load_ontology
from tests.loaders.desk import Desk, only, shaped

UNIT = "企业名称,年营业收入（万元）,"


def remarks(folder: Path, header: str, *rows: str, name: str = "非公企业.csv") -> dict[str, tuple[str, ...]]:
    """The examples of the remarks about parts and wholes, by their text."""
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    found = shaped(path).remarks
    return {
        found.texts[code].partition("，")[0]: tuple(e.partition("：")[2] for e in found.examples[code])
        for code in found.counts
        if code.startswith("more_than")
    }


@pytest.mark.parametrize(
    ("columns", "cells", "text", "shown"),
    [
        ("党员总数,正式党员数", "3,5", "正式党员数多于党员数", "正式党员数5人、党员数3人"),
        ("党员总数,预备党员数", "3,5", "预备党员数多于党员数", "预备党员数5人、党员数3人"),
        ("党员总数,正式党员数,预备党员数", "4,3,2", "正式党员数与预备党员数之和多于党员数", "正式党员数3人、预备党员数2人、党员数4人"),
        ("党员总数,正式党员数,预备党员数", "4,5,", "正式党员数多于党员数", "正式党员数5人、党员数4人"),
        ("从业人数,党员总数", "2,3", "党员数多于从业人数", "党员数3人、从业人数2人"),
        ("职工人数,正式党员数", "0,3", "正式党员数多于从业人数", "正式党员数3人、从业人数0人"),
        ("从业人数,组织关系在非公企业的党员", "2,3", "正式和预备党员数多于从业人数", "正式和预备党员数3人、从业人数2人"),
        ("组织关系在非公企业的党员,正式党员数", "2,3", "正式党员数多于正式和预备党员数", "正式党员数3人、正式和预备党员数2人"),
        ("从业人数,未转入党员数", "2,3", "未转入党员数多于从业人数", "未转入党员数3人、从业人数2人"),
    ],
)  # fmt: skip
def test_of_a_unit(tmp_path: Path, columns: str, cells: str, text: str, shown: str) -> None:
    assert remarks(tmp_path, UNIT + columns, f"一公司,1,{cells}") == {text: (shown,)}


@pytest.mark.parametrize(
    ("name", "header", "row", "text"),
    [
        ("社会组织.csv", "社会组织名称,登记机关,从业人员总数,专职人数", "一会,某局,3,4", "专职人数多于从业人数"),
        ("党组织.csv", "党组织全称,党组织类别,正式党员数,支委会委员数", "一支部,党支部,3,5", "支委会委员数多于正式党员数"),
        ("村.csv", "村名称,类别,收入（万元）,经营性收入（万元）", "一村,一般村,3,5", "经营性收入多于村集体经济总收入"),
        ("网格.csv", "网格名称,户数,上月沟通户数", "一格,3,5", "上月沟通户数多于户数"),
    ],
)  # fmt: skip
def test_in_other_ledgers(tmp_path: Path, name: str, header: str, row: str, text: str) -> None:
    assert list(remarks(tmp_path, header, row, name=name)) == [text]


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ("党员总数,正式党员数,预备党员数", "5,3,2"),
        ("党员总数,正式党员数", "3,3"),
        ("党员总数,正式党员数", ",5"),
        ("党员总数,正式党员数", "0,0"),
        ("从业人数,参保人数", "3,50"),
        ("从业人数,党员总数", "若干,5"),
        ("从业人数,党员总数", "-3,5"),
    ],
    ids=["sum", "all", "blank whole", "none", "of other people", "unreadable", "rejected"],
)
def test_what_is_not_remarked(tmp_path: Path, columns: str, cells: str) -> None:
    assert remarks(tmp_path, UNIT + columns, f"一公司,1,{cells}") == {}


def test_one_remark_for_many_rows_and_one_for_each_whole_of_a_row(tmp_path: Path) -> None:
    rows = [f"{number}公司,1,2,9,8" for number in range(5)]
    found = remarks(tmp_path, UNIT + "从业人数,党员总数,正式党员数", *rows)
    assert found == {"党员数多于从业人数": ("党员数9人、从业人数2人",) * 3}


def test_both_numbers_are_kept_and_members_may_be_more_than_staff(desk: Desk) -> None:
    report = only(desk.load(desk.csv("非公企业.csv", UNIT + "从业人数,正式党员数\n一公司,1,2,3\n")))
    (message,) = [m for m in report.messages if m.code.startswith("more_than")]
    assert "属实（如流动党员、挂靠）的不必改" in message.text
    assert (report.rejected, desk.query("MATCH (u:Unit) RETURN u.staff AS s, u.formal_members AS m")) == (
        0,
        [{"s": 2, "m": 3}],
    )


def test_parts_are_numbers_of_the_unit_of_their_whole() -> None:
    for kind in load_ontology().nodes.values():
        for whole in kind.properties.values():
            for part in (kind.properties[name] for parts in whole.parts for name in parts):
                assert (part.type, part.unit) == (whole.type, whole.unit), (kind.name, whole.name, part.name)
                assert whole.type in ("integer", "money", "number")
