"""The cells of an .xlsx whose value is lost: error values, and formulas that were never calculated.

python-calamine gives both as blank or as text. Bytes are searched, for an XML parser takes as long as reading itself.
"""

from __future__ import annotations

import re

from loaders.read.package import column_number
from loaders.read.tables import Place

_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
#: a cell with an error value: its opening tag, and the value
_ERROR_CELL = re.compile(
    rb"(<(?:\w+:)?c\b[^>]*\bt\s*=\s*[\"']e[\"'][^>]*>)\s*(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*"
    rb"(?:<(?:\w+:)?v>([^<]{0,40})</)?"
)
#: a formula without a value, or (then there is a group) with the value 0; in a few files, tags have a prefix
_VALUELESS, _VALUELESS_PREFIXED = (
    re.compile(rb"<%bf\b[^>]*(?:/>|>[^<]*</%bf>)\s*(?:</%bc>|<%bv(?:\s*/>|></|>(0)</))" % ((prefix,) * 4))
    for prefix in (b"", rb"\w+:")
)
#: bytes that an opened cell takes up to the end of its value
_LONGEST_CELL = 1 << 16


class LostValues:
    """What the XML of a sheet tells of cells whose value is lost: what stands there, '' for a formula never calculated."""

    def __init__(self, uncomputed: bool) -> None:
        self.lost: dict[Place, str] = {}
        self._uncomputed = uncomputed
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        """Read the next part of the XML."""
        block = self._tail + chunk
        # a single byte that is rarely there is looked for first: that is ten times faster than a longer text
        if b'"e"' in block or (b"'" in block and b"'e'" in block):
            for match in _ERROR_CELL.finditer(block):
                self._lose(match[1], (match[2] or b"").decode("utf-8", "replace") or "错误值")
        prefixed = b":" in block
        formula = _VALUELESS if b"<f" in block else _VALUELESS_PREFIXED if prefixed and b":f" in block else None
        if formula:
            for match in formula.finditer(block):
                start = _last_cell(block, match.start(), prefixed)
                opening = block[max(start, 0) : match.start()]
                # t="str" is a text that a formula computed, here an empty one
                if b't="str"' not in opening and b't="e"' not in opening and (self._uncomputed or match[1] is None):
                    self._lose(opening, "")
        # a cell may go on in the next part
        self._tail = block[max(_last_cell(block, len(block), prefixed), len(block) - _LONGEST_CELL) :]

    def _lose(self, opening: bytes, value: str) -> None:
        if found := _REFERENCE.search(opening):
            self.lost[int(found[2]) - 1, column_number(found[1]) - 1] = value


def _last_cell(block: bytes, end: int, prefixed: bool) -> int:
    """Where the last cell before `end` opens; -1 if none does."""
    plain = block.rfind(b"<c ", 0, end)
    return max(plain, block.rfind(b":c ", 0, end)) if prefixed else plain
