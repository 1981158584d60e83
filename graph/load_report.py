"""What a load did, sheet by sheet: plain frozen data that commands and pages render."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from graph.answers import plain


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of remark of a load: how often, what it means, up to three examples with file, sheet, line."""

    code: str
    count: int
    text: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one sheet. rows = accepted + merged + rejected; accepted = new + changed + unchanged."""

    file: str
    sheet: str
    ledger: str
    rows: int = 0
    accepted: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    merged: int = 0
    rejected: int = 0
    retired: int = 0
    reviews: int = 0
    dropped_columns: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()


#: the counts of a FileReport, summed in LoadReport.totals
COUNTS = ("rows", "accepted", "new", "changed", "unchanged", "merged", "rejected", "retired", "reviews")


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, sheet by sheet. `revision` is that of the store afterwards."""

    revision: int
    files: tuple[FileReport, ...]
    preview: bool = False

    @property
    def totals(self) -> dict[str, int]:
        """Each count summed over all sheets."""
        return {count: sum(getattr(f, count) for f in self.files) for count in COUNTS}

    def to_json(self) -> dict[str, Any]:
        """The contract's JSON form."""
        return {
            "revision": self.revision,
            "totals": self.totals,
            "files": [plain({f.name: getattr(report, f.name) for f in fields(report)}) for report in self.files],
        }
