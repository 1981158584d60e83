"""A load report as an Answer with a row for each sheet, so that it is shown like any other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from graph.answers import Answer, Column, plain
from graph.load_report import COUNTS, LoadReport

_LABELS = ("行数", "收下", "新增", "更新", "不变", "合并", "退回", "不再列入", "待核实")
COLUMNS = (
    Column("file", "文件"),
    Column("sheet", "工作表"),
    Column("ledger", "台账"),
    *(Column(name, label, "integer") for name, label in zip(COUNTS, _LABELS, strict=True)),
)


def report_answer(report: LoadReport, label: Callable[[str], str] = str) -> Answer:
    """The report as an answer; several sheets have a row of sums. `label` gives the label of a ledger."""
    rows = [
        {c.name: getattr(f, c.name) for c in COLUMNS} | {"ledger": label(f.ledger) or "未识别"} for f in report.files
    ]
    if len(rows) > 1:
        rows.append({"file": "合计", "sheet": "", "ledger": "", **report.totals})
    notes = (outcome(report), *report.notes)
    title = "预览结果" if report.preview else "导入结果"
    return Answer("load", title, dt.date.today(), report.revision, COLUMNS, tuple(rows), notes=notes)


_CHANGE_COLUMNS = (
    Column("file", "文件"),
    Column("sheet", "工作表"),
    Column("line", "行", "integer"),
    Column("name", "对象", sensitivity_from="name_sensitivity"),
    Column("field", "项目"),
    Column("before", "原来", sensitivity_from="sensitivity"),
    Column("after", "现在", sensitivity_from="sensitivity"),
)


def changes_answer(report: LoadReport) -> Answer:
    """What the load changed of earlier ledgers, as an answer with a row for each value."""
    rows = [
        plain(change)
        | {"file": f.file, "sheet": f.sheet, "before": change.before or "未填", "after": change.after or "（无）"}
        for f in report.files
        for change in f.changes
    ]
    title = "改动和终止的内容"
    return Answer("load_changes", title, dt.date.today(), report.revision, _CHANGE_COLUMNS, tuple(rows))


def outcome(report: LoadReport) -> str:
    """The report in one or two sentences."""
    totals = report.totals
    text = f"共 {totals['rows']:,} 行，收下 {totals['accepted']:,} 行，退回 {totals['rejected']:,} 行"
    text += f"，待核实 {totals['reviews']:,} 项。" if totals["reviews"] else "。"
    if report.preview:
        return f"{text}这是预演，图库没有改变。"
    if totals["new"] or totals["changed"] or totals["retired"]:
        return f"{text}图库现为版本 {report.revision}。"
    return f"{text}与图库一致，仍为版本 {report.revision}。"
