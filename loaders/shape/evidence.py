"""Whether a sheet is evidence of what its ledger takes for granted: that the enterprises it lists are 非公."""

from __future__ import annotations

from loaders.read.tables import Table
from loaders.recognize.headers import Layout

#: the mark of a row whose sheet is no such evidence
UNEVIDENT = "@unevident"
OWNERSHIP_UNKNOWN = (
    "表名、标题和列名都没有写明是非公企业，企业类型也没有写明的企业，所有制按不明处理，没有党组织的列为待核实。"
    "请在标题写明“非公企业”，或补填企业类型、所有制后重新载入"
)
#: only 两新组织 have these: an officer is sent to them, or the reason why they have no organization is asked
_FIELDS = frozenset({"has_officer", "reason_unbuilt", "@officers", "@liaisons", "incubated"})


def is_evidence(table: Table, layout: Layout) -> bool:
    """Whether a word of evidence stands in the titles, the names of file and sheet, or a heading; or a column tells."""
    words = layout.ledger.evidence
    texts = (table.file, table.sheet, *layout.titles, *(use.path for use in layout.columns))
    return (
        not words
        or any(word in text for text in texts for word in words)
        or any(use.field in _FIELDS for use in layout.columns)
    )
