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
class Change:
    """What a row of a load changed of what earlier rows of its ledger state about an entity.

    `before` is '' where nothing was stated, `after` where the load ends what was. `line` is None for an entity that a
    ledger declared whole no longer lists. `name_sensitivity` is the class of the
    entity's name, `sensitivity` that of the two values.
    """

    line: int | None
    name: str
    field: str
    before: str
    after: str
    name_sensitivity: str
    sensitivity: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one sheet. rows = accepted + merged + rejected; accepted = new + changed + unchanged.

    `changes` are those of its changed rows; of a large load the first thousands.
    """

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
    changes: tuple[Change, ...] = ()


#: the counts of a FileReport, summed in LoadReport.totals
COUNTS = ("rows", "accepted", "new", "changed", "unchanged", "merged", "rejected", "retired", "reviews")


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, sheet by sheet. `revision` is that of the store afterwards.

    `notes` name the rules that failed when the load was measured.
    """

    revision: int
    files: tuple[FileReport, ...]
    preview: bool = False
    notes: tuple[str, ...] = ()

    @property
    def totals(self) -> dict[str, int]:
        """Each count summed over all sheets."""
        return {count: sum(getattr(f, count) for f in self.files) for count in COUNTS}

    def to_json(self) -> dict[str, Any]:
        """The contract's JSON form."""
        return {
            "revision": self.revision,
            "totals": self.totals,
            **({"notes": list(self.notes)} if self.notes else {}),
            "files": [plain({f.name: getattr(report, f.name) for f in fields(report)}) for report in self.files],
        }
