"""Answers and load reports as tables for the terminal, and a progress bar."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TextIO

from rich.cells import cell_len

from graph.answers import Answer, Column, Total
from graph.load_report import LoadReport
from graph.personal import without_controls
from visualizations.pages import loading
from visualizations.show import NUMERIC, counted, figure, heading, show
from visualizations.style import SEVERITIES

_WIDEST_CELL = 60

Progress = Callable[[str, int, int], None]


def safe(text: str) -> str:
    """`text` on one line, without characters that a ledger must not send to the terminal."""
    return without_controls(" ".join(text.splitlines()).replace("\t", " "))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool], out: TextIO) -> None:
    """Print a table aligned by the width of Chinese characters; folded on a terminal only, never cut."""
    cells = [[safe(cell) for cell in row] for row in (headings, *rows)]
    if out.isatty():
        _fitted(cells, numeric, out)
        return
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  ".join(map(_padded, row, widths, numeric)), file=out)


def _padded(cell: str, width: int, right: bool) -> str:
    blank = " " * (width - cell_len(cell.rstrip()))
    return blank + cell.rstrip() if right else cell.rstrip() + blank


def _fitted(cells: Sequence[Sequence[str]], numeric: Sequence[bool], out: TextIO) -> None:
    """The table, folded to the width of the terminal."""
    # imported here, because a command that writes to no terminal starts faster without them
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name, right in zip(cells[0], numeric, strict=True):
        drawn.add_column(Text(name), justify="right" if right else "left", overflow="fold", max_width=_WIDEST_CELL)
    for row in cells[1:]:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(file=out, highlight=False, color_system=None).print(drawn)


def answer(shown: Answer, out: TextIO, *, more: str = "") -> None:
    """Print an answer: title, figures, rows, notes and basis; `more` says how to read on."""
    revision = f"，图库版本 {shown.revision}" if shown.revision else ""
    print(f"{safe(shown.title)}（数据截止 {shown.as_of.isoformat()}{revision}）", file=out)
    for total in shown.totals:
        print(f"  {safe(_total(total))}", file=out)
    if shown.columns and shown.rows:
        print(file=out)
        rows = ([_cell(row, c) for c in shown.columns] for row in shown.rows)
        table([heading(c) for c in shown.columns], rows, [c.type in NUMERIC for c in shown.columns], out)
    elif not shown.rows:
        print("  没有符合条件的记录。", file=out)
    if more:
        print(more, file=out)
    print(file=out)
    for label, texts in (("说明", shown.notes), ("依据", shown.basis)):
        for text in texts:
            print(f"{label}：{safe(text)}", file=out)


def _cell(row: Mapping[str, Any], column: Column) -> str:
    value = row.get(column.name)
    if column.role == "severity" and value in SEVERITIES:
        return SEVERITIES[str(value)].label
    return show(value, column, row)


def _total(total: Total) -> str:
    if total.numerator is not None:
        return (
            f"{total.label}：{figure(total)}（{total.numerator:,} ÷ {total.denominator:,} {total.denominator_label}）"
        )
    of = f"（{total.denominator:,} {total.denominator_label}中）" if total.denominator is not None else ""
    return f"{total.label}：{counted(replace(total, denominator=None))}{of}"


#: changes of a load that are printed; --json has more
SHOWN_CHANGES = 50


def load_report(report: LoadReport, labels: Callable[[str], str], out: TextIO) -> None:
    """Print a load report: a line for each sheet, then the messages. `labels` gives the label of a ledger."""
    shown = loading.report_answer(report, labels)
    rows = [[show(row[c.name], c) if row[c.name] != "" else "" for c in shown.columns] for row in shown.rows]
    table([c.label for c in shown.columns], rows, [c.type in NUMERIC for c in shown.columns], out)
    for f in report.files:
        lines = [f"{safe(m.text)}（{m.count:,} 处）{_examples(m.examples)}" for m in f.messages]
        if lines:
            print(f"\n{safe(f.file)}{safe('：' + f.sheet) if f.sheet else ''}", file=out)
            for line in lines:
                print(f"  · {line}", file=out)
    changed = loading.changes_answer(report)
    if changed.rows:
        print(f"\n{changed.title}（{len(changed.rows):,} 项）", file=out)
        for row in changed.rows[:SHOWN_CHANGES]:
            values = f"{row['name']} {row['field']}：{row['before']} → {row['after']}"
            line = f"第 {row['line']} 行" if row["line"] else ""
            print(f"  · {safe(values)}（{safe(row['file'])}{line}）", file=out)
        if len(changed.rows) > SHOWN_CHANGES:
            print(f"  · 其余 {len(changed.rows) - SHOWN_CHANGES:,} 项见 --json", file=out)
    for note in report.notes:
        print(f"\n注意：{safe(note)}", file=out)
    print(f"\n{loading.outcome(report)}", file=out)


def _examples(examples: Sequence[str]) -> str:
    return f" 例：{safe('；'.join(examples))}" if examples else ""


@contextlib.contextmanager
def progress() -> Iterator[Progress | None]:
    """A progress bar on standard error if that is a terminal, else None."""
    if not sys.stderr.isatty():
        yield None
        return
    # imported here as in _fitted
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def step(what: str, done: int, of: int) -> None:
            bar.update(task, description=Text(safe(what)).plain.replace("[", "\\["), completed=done, total=of or None)

        yield step
