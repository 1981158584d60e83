"""Writes workbooks and CSV files: sheets that loaders make, and answers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from graph.answers import Answer, Column, Value
from graph.errors import InputError
from graph.workbook import Cell, Formula, Row, Sheet, Span, Workbook
from visualizations.sheets.layouts import forms
from visualizations.sheets.xlsx import DATE, FormattedSheet, write_xlsx
from visualizations.show import figure, heading, is_rate, moment, percent, show_as
from visualizations.style import SEVERITIES

_COUNT = "#,##0"
_FORMATS = {
    "percent": "0.0%",
    "money": _COUNT,
    "integer": _COUNT,
    "date": DATE,
    "string": "@",
    "strings": "@",
}
_WIDTHS = {"percent": 10, "money": 16, "integer": 11, "number": 12, "date": 12, "boolean": 8}
#: widths of columns with long text, or for people to write in
_WIDE = {"decision": 16, "question": 44, "evidence_for": 36, "evidence_against": 36, "reason": 40}


def write(workbook: Workbook, target: Path | BinaryIO) -> None:
    """Write a workbook to a file or a stream, as .csv if its name ends so, else as .xlsx; equal input gives equal bytes.

    Text is written as text, so that a value of a ledger cannot run as a formula, become a link or lose its zeros; only
    a Formula is written as a formula. Raises InputError when the target cannot be written or a sheet is too long.
    """
    try:
        if workbook.name.lower().endswith(".csv"):
            _write_csv(workbook, target)
        else:
            write_xlsx(workbook, target)
    except OSError as error:
        where = target if isinstance(target, Path) else workbook.name
        raise InputError(f"无法写入 {where}：{error}。请关闭正在打开它的程序，或换一个可写的位置。") from error


def _write_csv(workbook: Workbook, target: Path | BinaryIO) -> None:
    if len(workbook.sheets) != 1:
        raise ValueError(f"{workbook.name}: a .csv has one sheet, not {len(workbook.sheets)}")
    stream = target.open("wb") if isinstance(target, Path) else target
    text = io.TextIOWrapper(stream, encoding=workbook.encoding, newline="")
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        for row in workbook.sheets[0].rows:
            writer.writerow([_csv_cell(cell) for cell in row])
        text.flush()
    finally:
        text.detach()
        if isinstance(target, Path):
            stream.close()


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, Formula):
        cell = cell.value
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None).isoformat(" ", "seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return inert(cell) if isinstance(cell, str) else str(cell)


def inert(text: str) -> str:
    """Text that a spreadsheet reading a CSV does not take for a formula: an apostrophe is put before it.

    WPS and Excel show the apostrophe; hiding the danger (a leading tab) would not survive saving and opening again.
    Full-width signs count too: Chinese editions read them as the plain ones. A lone dash is a blank, not a formula.
    """
    if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠") and text.strip("-－+＋ "):
        return f"'{text}"
    return text


_DIGITS = re.compile(r"[0-9]+([eE][0-9]+)?")


def _code(text: str) -> str:
    """A code with a trailing tab if it has more than 11 digits, a leading zero or the form 12E5.

    The tab makes WPS and Excel show it as text instead of 9.14E+17; `="…"` would be a formula.
    """
    if _DIGITS.fullmatch(text) and (len(text) > 11 or (text[0] == "0" and len(text) > 1) or not text.isdigit()):
        return f"{text}\t"
    return text


def ordered(answer: Answer) -> list[Column]:
    """The columns as exported, with 处理决定, which people fill in, as the last."""
    return sorted(answer.columns, key=lambda c: c.role == "decision")


def answer_csv(answer: Answer) -> bytes:
    """The rows of an answer as CSV for WPS: UTF-8 with BOM, 中文 labels, RFC 4180 quoting and line ends.

    Numbers stay numbers; a percentage is written 38.07%, which spreadsheets read as a number. Text that could run as a
    formula is made inert, and long codes end in a tab.
    """
    columns = ordered(answer)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([inert(heading(c)) for c in columns])
    for row in answer.rows:
        writer.writerow([_answer_text(row.get(c.name), c) for c in columns])
    return buffer.getvalue().encode("utf-8-sig", "replace")


def _answer_text(value: Value, column: Column) -> str:
    cell = _answer_cell(value, column)
    if column.type == "percent" and isinstance(cell, int | float):
        return f"{cell * 100:.2f}%"
    text = _csv_cell(cell)
    return _code(text) if isinstance(cell, str) else text


def _answer_cell(value: Value, column: Column) -> Cell:
    """A value as a cell: text and numbers as they are, lists joined, yes and no in words."""
    if value is None or value == []:
        return None
    if column.role == "severity" and value in SEVERITIES:
        return SEVERITIES[str(value)].label
    if isinstance(value, bool) or (isinstance(value, Sequence) and not isinstance(value, str)):
        return show_as(value, column.type)
    if column.type == "string" and isinstance(value, int | float):
        return str(value)
    return moment(value) if isinstance(value, str) else value


FICTIONAL = "演示数据·虚构"


def answer_workbook(answer: Answer, *, fictional: bool = False) -> Workbook:
    """An answer as a workbook with sheets of its rows, its figures (指标) and its basis.

    `fictional` marks every sheet as one of the sample.
    """
    below = f"{note(answer)}　{FICTIONAL}" if fictional else note(answer)
    sheets = forms(answer, below) or [_rows_sheet(answer, below)]
    if answer.totals:
        sheets.append(_totals_sheet(answer, below))
    sheets.append(_basis_sheet(answer, below))
    return Workbook(f"{answer.name}.xlsx", sheets)


def note(answer: Answer) -> str:
    """The line under a title: base, date, revision, author and, where only a page is written, the number of rows."""
    parts = [f"数据截止日：{answer.as_of.isoformat()}", f"版本：{answer.revision}"]
    base = answer.parameters.get("base")
    if base:
        parts.insert(0, f"口径：{base}")
    if answer.prepared_by:
        parts.append(f"制表单位：{answer.prepared_by}")
    if answer.of_rows is not None and answer.of_rows > len(answer.rows):
        parts.append(f"共 {answer.of_rows:,} 行，本表 {len(answer.rows):,} 行")
    parts.append("内部资料")
    return "　".join(parts)


def _title_merges(width: int, lines: int = 2) -> list[Span]:
    return [(line, 0, line, width - 1) for line in range(lines)] if width > 1 else []


def _rows_sheet(answer: Answer, below: str) -> Sheet:
    columns = ordered(answer)

    def rows() -> Iterator[Row]:
        yield [answer.title]
        yield [below]
        yield [_xlsx_heading(c) for c in columns]
        for row in answer.rows:
            yield [_answer_cell(row.get(c.name), c) for c in columns]

    return FormattedSheet(
        answer.title,
        rows(),
        _title_merges(len(columns)),
        header_rows=3,
        widths=[_width(c, answer.rows) for c in columns],
        formats=[_FORMATS.get(c.type, "") for c in columns],
    )


def _xlsx_heading(column: Column) -> str:
    """The heading as on a page, but with the unit of money, which is 元 in every cell."""
    return f"{column.label}（{column.unit or '元'}）" if column.type == "money" else heading(column)


def _width(column: Column, rows: Sequence[Mapping[str, Any]]) -> int:
    if column.name in _WIDE:
        return _WIDE[column.name]
    longest = max((len(show_as(row.get(column.name), column.type)) for row in rows[:200]), default=0)
    least = _WIDTHS.get(column.type, 8)
    each = 2 if column.type in ("string", "strings") else 1
    return min(44, max(least, longest * each + 2, len(heading(column)) * 2 + 2))


def _totals_sheet(answer: Answer, below: str) -> Sheet:
    labels = ["指标", "数值", "单位", "比率", "分子", "分母", "分母口径"]
    rows: list[Row] = [[f"{answer.title}　指标"], [below], labels]
    for t in answer.totals:
        plain, ratio = (None, figure(t) if t.value is None else t.value) if is_rate(t) else (t.value, None)
        rows.append([t.label, plain, t.unit, ratio, t.numerator, t.denominator, t.denominator_label])
    return FormattedSheet(
        "指标",
        rows,
        _title_merges(len(labels)),
        header_rows=3,
        widths=(34, 14, 8, 10, 12, 12, 40),
        formats=("@", "General", "@", "0.0%", _COUNT, _COUNT, "@"),
    )


def _basis_sheet(answer: Answer, below: str) -> Sheet:
    rows: list[Row] = [["依据与说明"], [below], ["类别", "内容"]]
    rows += [["依据", text] for text in answer.basis]
    rows += [["说明", text] for text in answer.notes]
    rows += [["查询条件", f"{key} = {show_as(value, 'string')}"] for key, value in answer.parameters.items()]
    rows += [["查询语句", text] for text in answer.cypher]
    for t in answer.totals:
        if is_rate(t) and t.value is not None:
            parts = f"{t.numerator:,} ÷ {t.denominator:,}（{t.denominator_label}）"
            rows.append(["比率", f"{t.label} = {parts} = {percent(t.value, 2)}"])
    return Sheet("依据与说明", rows, _title_merges(2), header_rows=3, widths=(14, 110))
