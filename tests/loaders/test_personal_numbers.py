"""Personal numbers in every position of a load are found nowhere afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.recognize.mapping import SheetMapping
from tests.loaders.desk import Desk, only

PHONE, IDENTITY = "13800000035", "430102198001010321"


def test_no_number_reaches_store_report_or_rejects(desk: Desk, tmp_path: Path) -> None:
    header = ["企业名称", "所属镇街", "从业人数", "党员数", "经营地址", "成立日期", "法定代表人", f"备注{PHONE}"]
    rows = [
        [f"甲有限公司{PHONE}", "东镇", 5, int(PHONE), f"路1号 {IDENTITY}", "2020-01-01", "赵六", PHONE],
        ["乙有限公司", "东镇", IDENTITY, PHONE, PHONE, f"明天{PHONE}", "赵六", PHONE],
    ]
    result = desk.load(desk.xlsx(f"非公企业台账{PHONE}.xlsx", [[f"非公企业台账 {PHONE}"], header, *rows]))
    report = only(result)
    assert (report.accepted, report.rejected) == (1, 1)
    assert result.rejects is not None
    stored = desk.query("MATCH (t:SourceRow) RETURN t.file AS file, t.`values` AS text")
    assert "甲有限公司" in repr(stored)
    shown = repr(report) + repr([[*sheet.rows] for sheet in result.rejects.sheets]) + repr(stored)
    assert PHONE not in shown
    assert IDENTITY not in shown
    files = [f for f in desk.folder.rglob("*.lbug*") if f.is_file()]
    assert files
    for file in files:
        content = file.read_bytes()
        assert PHONE.encode() not in content, file
        assert IDENTITY.encode() not in content, file


@pytest.mark.parametrize("person", ["法定代表人", "业主", "实控人信息", "对接人", "家庭成员情况", "单位责任人"])
def test_what_is_merged_below_persons_is_dropped(desk: Desk, person: str) -> None:
    rows = [
        ["企业名称", "所属镇街", "从业人数", person, None, None],
        [None, None, None, "经营地址", "电话", None],
        ["甲有限公司", "东镇", 5, "赵六六", "无", "赵七七"],
    ]
    merges = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5)]
    report = only(desk.load(desk.xlsx("非公企业台账.xlsx", rows, merges)))
    assert report.accepted == 1
    assert len(report.dropped_columns) == 3
    assert "赵" not in repr(desk.query("MATCH (t:SourceRow) RETURN t.`values` AS text"))


def test_a_mapping_does_not_bring_a_personal_column_in(desk: Desk) -> None:
    rows = [["企业名称", "所属镇街", "从业人数", "法定代表人"], ["甲有限公司", "东镇", 5, "赵六六"]]
    mapping = (SheetMapping("enterprises", columns={"法定代表人": "经营范围"}),)
    report = only(desk.load(desk.xlsx("非公企业台账.xlsx", rows), mapping=mapping))
    assert report.dropped_columns == ("法定代表人",)
    assert any(m.code == "refused_columns" and "没有采用" in m.text for m in report.messages)
