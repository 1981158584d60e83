"""What a load changed of what the ledgers said before, as its report lists it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from graph.history.differences import declared_field, value_text
from graph.load_report import Change, Message
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.privacy import OPEN, classes
from loaders.match import reconciliation
from loaders.match.facts import Fact, Key, current_facts, ends_by_itself, facts_of
from loaders.match.reconciliation import Reconciliation
from loaders.read.tables import preview_text
from loaders.recognize.ledgers import Ledger, Link
from loaders.shape.rows import Row
from loaders.shape.shaping import Shaped

_LONGEST = 200
#: the id of the entity of some types that a text in a row means, '' for none or several
Meant = Callable[[Row, Sequence[str], str], str]


def changes_by_sheet(matched: Reconciliation) -> dict[tuple[str, str], list[Change]]:
    """The changes of a load by file and sheet."""
    ontology = load_ontology()
    by_sheet: dict[tuple[str, str], list[Change]] = {}
    for change in matched.changes:
        row = change.row
        by_sheet.setdefault((row.file, row.sheet), []).extend(_changes(change, ontology))
    return by_sheet


def unlisted(matched: Reconciliation, one: Shaped) -> Iterator[Change]:
    """The entities that the ledger of a sheet, declared whole, no longer lists."""
    ontology = load_ontology()
    for row in matched.unlisted_rows:
        if row.ledger == one.layout.ledger.name:
            stated = current_facts([(row, facts_of(row))])
            name, sensitivity = _named(row.origin.ledger, stated, ontology)
            yield Change(None, name, one.layout.ledger.label, "列入", "不再列入", sensitivity, OPEN)


def _changes(change: reconciliation.Change, ontology: Ontology) -> Iterator[Change]:
    row, ledger = change.row, change.row.origin.ledger
    name, sensitivity = _named(ledger, change.now, ontology)
    for key in dict.fromkeys((*change.now, *change.was)):
        before, after = (stated[key].value if key in stated else None for stated in (change.was, change.now))
        if len(key) == 1 and True in (before, after) and any(link.field == key[0] for link in ledger.links):
            before, after = (_targets(stated, key[0]) for stated in (change.was, change.now))
        if len(key) == 2 or before == after:
            continue
        if len(key) == 3 and not (key[:2] in change.was and key[:2] in change.now):
            continue
        declared = declared_field(ontology, row.ledger, key[-1])
        if declared is None:
            continue
        label, prop, of_value = declared
        if len(key) == 3:
            end, _, of_end = declared_field(ontology, row.ledger, key[0]) or ("", None, OPEN)
            label = f"{end}“{change.now[key[:2]].value}”的{label}"
            of_value = classes((of_value, of_end))
        old, new = ("" if v in (None, []) else preview_text(value_text(v, prop), _LONGEST) for v in (before, after))
        yield Change(row.line, name, label, old, new, sensitivity, of_value)


def _named(ledger: Ledger, stated: Mapping[Key, Fact], ontology: Ontology) -> tuple[str, str]:
    """What rows that state this are about, and the class of that name."""
    names = [stated[key].value for key in (("@from",), ("@to",)) if key in stated]
    types = [kind for end in ledger.ends for kind in end]
    if ledger.entity == "Review":
        return str(stated["id",].value), OPEN
    if ledger.entity:
        called = (ontology.nodes[ledger.entity].called.name,)
        names, types = [stated[called].value if called in stated else ""], [ledger.entity]
    return preview_text("—".join(map(str, names))), classes(ontology.nodes[kind].called.sensitivity for kind in types)


def _targets(stated: Mapping[Key, Fact], name: str) -> list[Any]:
    """The names in a list, however its cells put them in order."""
    return sorted(fact.value for key, fact in stated.items() if len(key) == 2 and key[0] == name)


def kept_relations(matched: Reconciliation, one: Shaped, meant: Meant) -> Iterator[Message]:
    """The remark on relations that stay, because a sheet that names others of the same entity does not end them.

    One to an entity that the sheet names by another of its names is named again.
    """
    links = [link for link in one.layout.ledger.links if ends_by_itself(link)]
    examples: list[str] = []
    for change in matched.changes if links else ():
        if (change.row.file, change.row.sheet) == (one.table.file, one.table.sheet):
            examples += (f"第 {change.row.line} 行：{name}" for name in _kept(change, links, meant))
    if examples:
        text = "这次没有再写、仍按以前台账保留的联系对象。如已结束，请填写终止日期，或把这份台账声明为全量"
        yield Message("kept_relations", len(examples), text, tuple(examples[:3]))


def _kept(change: reconciliation.Change, links: Iterable[Link], meant: Meant) -> Iterator[str]:
    for link in links:
        if (link.field,) in change.stated:
            names = {key: str(fact.value) for key, fact in change.now.items() if len(key) == 2 and key[0] == link.field}
            again = {meant(change.row, link.types, name) for key, name in names.items() if key in change.stated} - {""}
            for key, name in names.items():
                if key not in change.stated and meant(change.row, link.types, name) not in again:
                    yield name
