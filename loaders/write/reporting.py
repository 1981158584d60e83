"""What became of the rows of a load: the report of every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from graph.load_report import FileReport, LoadReport, Message
from graph.stores.base import Reader
from loaders.match.reconciliation import Group, Reconciliation, Tally
from loaders.read.tables import preview_text
from loaders.shape.shaping import Shaped
from loaders.write.changes import Meant, changes_by_sheet, kept_relations, unlisted


def report(matched: Reconciliation, open_groups: Set[Group], revision: int, meant: Meant) -> LoadReport:
    """The report of every file and sheet; `open_groups` are the groups that an open Review marks.

    `meant` gives the entity that a name in a row means.
    """
    retired = {ledger: len({h.entity for h in heads}) for ledger, heads in matched.unlisted.items()}
    files = [
        # the first sheet of a ledger reports what the whole ledger retires
        _report(one, tally, matched.fates, open_groups, retired.pop(one.layout.ledger.name, 0))
        for one, tally in zip(matched.shaped, matched.tallies, strict=True)
    ]
    changes, others, ledgers = changes_by_sheet(matched), dict(matched.others), set[str]()
    for number, one in enumerate(matched.shaped):
        ledger = one.layout.ledger.name
        made = changes.get((one.table.file, one.table.sheet), [])
        if ledger not in ledgers:
            made += unlisted(matched, one)
            ledgers.add(ledger)
        more = [*kept_relations(matched, one, meant), *_other_ledgers(others.pop(ledger, Counter()))]
        if made or more:
            files[number] = replace(files[number], changes=tuple(made), messages=(*files[number].messages, *more))
    return LoadReport(revision, (*files, *matched.skipped))


def unchanged(reader: Reader, matched: Reconciliation) -> LoadReport:
    """The report of a load that brings nothing new."""
    reviews = reader.query("MATCH (v:Review) WHERE v.state = 'open' RETURN v.rows AS marked")["marked"].to_pylist()
    marked = {row for rows in reviews for row in rows or ()}
    open_groups = {group for group, members in matched.stored.items() if any(h.id in marked for h in members)}
    return report(matched, open_groups, matched.revision, lambda row, types, text: "")


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
        unknown_columns=one.layout.named("unknown", "repeated", "earlier"),
        messages=tuple(_messages(one)),
        new=counts["new"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
    )


def _messages(one: Shaped) -> Iterator[Message]:
    dropped = one.layout.named("drop")
    if dropped:
        yield Message("dropped_columns", len(dropped), f"个人信息列未保存：{_quoted(dropped)}")
    refused = [use for use in one.layout.columns if use.refused]
    if refused:
        named = "、".join(f"“{preview_text(use.path)}”指为“{use.refused}”" for use in refused)
        text = f"对应表把个人信息列{named}，没有采用，这些列不保存。请从对应表中去掉"
        yield Message("refused_columns", len(refused), text)
    unknown = one.layout.named("unknown", "repeated")
    # columns of our own 待核实 workbook are for reading and are not loaded
    if unknown and one.layout.ledger.entity != "Review":
        yield Message(
            "unknown_columns",
            len(unknown),
            f"未识别的列未保存：{_quoted(unknown)}。如需要，请在网页上选择含义，或用 --mapping 指明",
        )
    if earlier := one.layout.named("earlier"):
        text = f"同一项列有几个年份的，只取最后的年份；没有采用：{_quoted(earlier)}"
        yield Message("earlier_columns", len(earlier), text)
    for code, count in one.remarks.counts.items():
        yield Message(code, count, one.remarks.texts[code], tuple(one.remarks.examples[code]))


def _other_ledgers(others: Counter[str]) -> Iterator[Message]:
    if others:
        names = "、".join(f"“{preview_text(name)}”" for name in others)
        text = f"由{names}载入的不在这次全量的范围内，没有变动。如也要全量载入，请另行声明"
        yield Message("other_ledgers", others.total(), text)


def _quoted(headers: Sequence[str]) -> str:
    return "、".join(preview_text(header) for header in headers)
