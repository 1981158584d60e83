"""What an answer depends on besides the graph and the rules: the date, the county's decisions, the parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.answers import Answer, Column
from graph.faults import Faults
from graph.locality import Locality
from graph.ontology import Ontology
from graph.stores.base import Reader


@dataclass(frozen=True, slots=True)
class Context:
    """The date, place and parameters of a question.

    `scope` holds the ids of the Regions asked about, all their descendants included; empty means all. `base` is the
    name of a 口径 or ''. `chain` is the id of an IndustryChain or ''. `parameters` are those of one question, with
    entities as ids; `shown` are all parameters as they were written.
    """

    as_of: dt.date
    locality: Locality
    ontology: Ontology
    scope: tuple[str, ...] = ()
    base: str = ""
    chain: str = ""
    severity: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    #: the classes of sensitivity of which who asks may not even learn that there is something (see privacy.PROTECTED)
    protected: frozenset[str] = frozenset()
    #: rules that are off, and those whose failure this question has met; it says so in its notes
    faults: Faults = field(default_factory=Faults, repr=False, compare=False)

    def answer(
        self,
        reader: Reader,
        name: str,
        title: str,
        columns: Sequence[Column],
        rows: Iterable[Mapping[str, Any]],
        **more: Any,
    ) -> Answer:
        """An Answer stamped with the date, revision and parameters asked with."""
        return Answer(
            name=name,
            title=title,
            as_of=self.as_of,
            revision=reader.revision,
            columns=tuple(columns),
            rows=tuple(rows),
            parameters=self.shown,
            prepared_by=self.locality.prepared_by,
            **more,
        )
