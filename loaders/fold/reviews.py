"""待核实: the questions that a person has to decide, with the evidence for and against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph import privacy
from graph.ids import mint
from loaders.shape.rows import Row

MERGE, APART, IGNORE = "合并", "分开", "忽略"
OPEN, DECIDED, CLOSED = "open", "decided", "closed"


@dataclass(slots=True)
class Reviews:
    """The reviews of one fold, by an id that is the same as long as the question is the same.

    `decisions` holds people's decisions by review id. A review's `rows` are the SourceRows it marks.
    """

    decisions: Mapping[str, str]
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(
        self,
        kind: str,
        identity: Iterable[str],
        question: str,
        row: Row | None,
        *,
        sensitivity: str = privacy.OPEN,
        **more: Any,
    ) -> str:
        """Add a review of a row, open or decided, and return its id. `sensitivity` is that of the names its texts quote."""
        id_ = mint("v", kind, *identity)
        if id_ not in self.by_id:
            decision = self.decisions.get(id_)
            # a name or code as the decision settles the question only if it resolves, and then nothing asks it
            settled = decision == IGNORE or (kind == "lookalike" and decision in (MERGE, APART))
            where = {"file": row.file, "sheet": row.sheet, "line": row.line} if row else {}
            self.by_id[id_] = {
                "id": id_,
                "kind": kind,
                "state": DECIDED if settled else OPEN,
                "decision": decision or None,
                "sensitivity": sensitivity,
                "question": question,
                "rows": [],
                **where,
                **more,
            }
        if row:
            self.by_id[id_]["rows"].append(row.id)
        return id_

    def mark(self, id_: str, rows: Iterable[Row]) -> None:
        """Have a review mark further rows."""
        self.by_id[id_]["rows"] += [row.id for row in rows]

    def decision(self, kind: str, *identity: str) -> str:
        """The decision on the question of this identity, or ''."""
        return self.decisions.get(mint("v", kind, *identity), "") if self.decisions else ""
