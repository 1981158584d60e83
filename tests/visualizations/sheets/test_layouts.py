"""The annual form as a workbook: the layout that is handed in."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from typing import Any

import openpyxl

from graph import ontology
from graph.answers import Answer
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Store
from visualizations.pages.page import single_file
from visualizations.sheets.writing import answer_workbook, write

CONTEXT = Inquiry(dt.date(2026, 6, 30), Locality(prepared_by="丁市两新工委"), ontology.load(), book=book())


def form(store: Store, **given: str) -> Answer:
    with store.reader() as reader:
        return ask(catalogue(book()), reader, CONTEXT, "annual_form", {"region": "丁市", **given})


def opened(answer: Answer) -> Any:
    stream = io.BytesIO()
    write(answer_workbook(answer, fictional=True), stream)
    return openpyxl.load_workbook(stream)


def test_each_kind_has_a_sheet_with_a_merged_heading_and_its_own_sum(sample_store: Store) -> None:
    answer = form(sample_store)
    book_ = opened(answer)
    assert book_.sheetnames == ["非公企业", "社会组织", "指标", "依据与说明"]
    for kind in ("非公企业", "社会组织"):
        sheet, own = book_[kind], [row for row in answer.rows if row["kind"] == kind]
        assert sheet["A1"].value == f"{kind}党组织组建情况年报表"
        assert sheet["A2"].value.startswith(f"口径：{own[0]['base']}：")
        for said in ("数据截止日：2026-06-30", "制表单位：丁市两新工委", "内部资料", "演示数据·虚构"):
            assert said in sheet["A3"].value
        assert [c.value for c in sheet[4]] == [
            "区划", "单位数（家）", "已建党组织（家）", None, None, None, "未建党组织（家）", None, None, None, "待核实（家）",
        ]  # fmt: skip
        assert [c.value for c in sheet[5]] == [
            None, None, "小计", "单独组建", "联合组建", "方式不明", "小计", "应建未建", "仅有个别党员", "没有党员", None,
        ]  # fmt: skip
        merged = {str(m) for m in sheet.merged_cells.ranges}
        assert {"A1:K1", "A2:K2", "A3:K3", "A4:A5", "B4:B5", "C4:F4", "G4:J4", "K4:K5"} <= merged
        total = [c.value for c in sheet[6]]
        assert total[0] == "合计"
        units, built, *modes = total[1:6]
        unbuilt, *reasons = total[6:10]
        assert units == built + unbuilt + total[10] == sum(row["units"] for row in own)
        assert built == sum(modes)
        assert unbuilt == sum(reasons)
        lines = [[c.value for c in row] for row in sheet.iter_rows(min_row=7, max_row=6 + len(own))]
        assert [line[0] for line in lines] == [row["division"] for row in own]
        assert total[1:] == [sum(column) for column in list(zip(*lines, strict=True))[1:]]
        below = [row[0].value for row in sheet.iter_rows(min_row=7 + len(own))]
        assert below[0].startswith((f"{kind}不能封表：", f"{kind}可以封表："))
        assert "单位数 = 单独组建 + 联合组建 + 方式不明 + 未建 + 待核实" in below[-2]
        assert below[-1].startswith("填表人：")


def test_some_columns_alone_are_a_plain_table_and_no_units_no_form(sample_store: Store) -> None:
    assert opened(form(sample_store, columns="division,units")).sheetnames[0] == "年报表"
    assert opened(replace(form(sample_store), rows=())).sheetnames[0] == "年报表"


def test_on_a_page_what_belongs_together_stands_under_one_heading(sample_store: Store) -> None:
    page = single_file(form(sample_store), ontology.load())
    assert '<th scope="colgroup" class="group" colspan="4">已建党组织（家）</th>' in page
    assert '<th scope="colgroup" class="group" colspan="4">未建党组织（家）</th>' in page
    assert "封表" in page
