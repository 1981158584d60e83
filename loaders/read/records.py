"""How the records of a text were written, which shows the ones that have come apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

#: a record is not looked for in more pieces than this
_PIECES = 6


@dataclass(frozen=True, slots=True)
class Records:
    """`widths` are the numbers of fields of the records, by row.

    `unquoted` has, for records with a line end or a delimiter inside quotes, the number of fields of each of their
    lines if quotes meant nothing. `broken` are the reasons why records cannot be trusted whatever the header is.
    """

    widths: Sequence[int] = ()
    unquoted: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    broken: Mapping[int, str] = field(default_factory=dict)

    def faults(self, header: range, data: range) -> dict[int, str]:
        """The reasons, as phrases, why records among `data` must not be read under this header, by row."""
        faults = {row: reason for row, reason in self.broken.items() if row in data}
        if not self.widths:
            return faults
        expected = max(self.widths[row] for row in header)
        if not self.unquoted and {*self.widths[data.start : data.stop]} <= {expected}:
            return faults
        for row in data:
            width, lines = self.widths[row], self.unquoted.get(row, ())
            if width > expected:
                faults[row] = f"有 {width} 列，表头只有 {expected} 列：可能有逗号没有放进引号，后面的列都错了位"
            elif expected in lines and expected > 1 and (len(lines) > 1 or width < expected):
                faults[row] = "引号可能没有配对，把几列或几行并成了一格"
        for pieces in self._split(data, expected):
            faults |= dict.fromkeys(pieces, f"不足 {expected} 列，可能是一行被换行截成了几行")
        return faults

    def _split(self, data: range, expected: int) -> Iterator[range]:
        """Neighbours that are each too short and together one whole record, where other records are whole."""
        whole = any(self.widths[row] == expected for row in data)
        start = data.start
        while whole and start < data.stop:
            stop, width = start + 1, self.widths[start]
            while 1 < width < expected and stop < min(data.stop, start + _PIECES) and 0 < self.widths[stop] < expected:
                width += self.widths[stop] - 1
                stop += 1
            if width == expected and stop > start + 1 and self.widths[stop - 1] > 1:
                yield range(start, stop)
                start = stop
            else:
                start += 1
