"""What became of the rows of a load: the report of every file, and the rejected rows as a workbook to correct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from graph.load_report import FileReport, LoadReport, Message
from graph.stores.base import Reader
from graph.workbook import Sheet, Workbook
from loaders.match.reconciliation import Group, Reconciliation, Tally
from loaders.read.files import preview_text
from loaders.shape.shaping import Shaped, rejects_sheet


def report(reconciled: Reconciliation, open_groups: Set[Group], revision: int) -> LoadReport:
    """What became of every row of every file; `open_groups` are those that an open Review marks."""
    retired = {ledger: len(groups) for ledger, groups in reconciled.unlisted.items()}
    files = [
        # the first sheet of a ledger carries what the whole ledger retires
        _report(one, tally, reconciled.fates, open_groups, retired.pop(one.layout.ledger.name, 0))
        for one, tally in zip(reconciled.shaped, reconciled.tallies, strict=True)
    ]
    return LoadReport(revision, (*files, *reconciled.skipped))


def unchanged(reader: Reader, reconciled: Reconciliation) -> LoadReport:
    """The report of a load that brings nothing new."""
    reviews = reader.query("MATCH (v:Review) WHERE v.state = 'open' RETURN v.rows AS marked")["marked"].to_pylist()
    marked = {row for rows in reviews for row in rows or ()}
    open_groups = {group for group, members in reconciled.stored.items() if any(h.id in marked for h in members)}
    return report(reconciled, open_groups, reconciled.revision)


def rejects(shaped: Sequence[Shaped]) -> Workbook | None:
    """The rejected rows of all sheets, each with its reasons; None where there are none."""
    sheets: list[Sheet] = []
    used: dict[str, int] = {}
    for one in shaped:
        sheet = rejects_sheet(one)
        if sheet:
            used[sheet.name] = used.get(sheet.name, 0) + 1
            name = sheet.name if used[sheet.name] == 1 else f"{sheet.name[:26]}({used[sheet.name]})"
            sheets.append(replace(sheet, name=name))
    return Workbook("拒收行.xlsx", sheets) if sheets else None


def _report(
    one: Shaped,
    tally: Tally,
    fates: Mapping[Group, str],
    open_groups: Set[Group],
    retired: int,
) -> FileReport:
    counts = dict.fromkeys(("new", "changed", "unchanged"), 0)
    counts["new"] = len(tally.accepted)
    reviews = 0
    for row in tally.accepted if fates or open_groups else ():
        group = (row.ledger, row.entity)
        if fate := fates.get(group):
            counts["new"] -= 1
            counts[fate] += 1
        reviews += group in open_groups
    return FileReport(
        file=one.table.file,
        sheet=one.table.sheet,
        ledger=one.layout.ledger.label,
        rows=one.total,
        accepted=len(tally.accepted),
        merged=tally.merged,
        rejected=len(one.rejected),
        retired=retired,
        reviews=reviews,
        dropped_columns=one.layout.named("drop"),
        unknown_columns=one.layout.named("unknown", "repeated"),
        messages=tuple(_messages(one)),
        **counts,
    )


def _messages(one: Shaped) -> Iterator[Message]:
    dropped = one.layout.named("drop")
    if dropped:
        yield Message("dropped_columns", len(dropped), f"个人信息列未保存：{_quoted(dropped)}")
    unknown = one.layout.named("unknown", "repeated")
    # the columns of our own 待核实 workbook are there to be read, not to be loaded
    if unknown and one.layout.ledger.entity != "Review":
        yield Message(
            "unknown_columns",
            len(unknown),
            f"未识别的列未保存：{_quoted(unknown)}。如需要，请在网页上选择含义，或用 --mapping 指明",
        )
    for code, count in one.remarks.counts.items():
        yield Message(code, count, one.remarks.texts[code], tuple(one.remarks.examples[code]))


def _quoted(headers: Sequence[str]) -> str:
    return "、".join(preview_text(header) for header in headers)
