"""Names: as they are stored, as they are compared, and several in one cell."""

from __future__ import annotations

import re
import unicodedata

from graph.personal import MASK
from graph.workbook import Cell
from loaders.cleaning.cells import text

BRACKETS = str.maketrans(dict.fromkeys("([{【〔［｛", "（") | dict.fromkeys(")]}】〕］｝", "）"))
_MARKS = re.compile(r"[\W_]+")
_CJK_GAP = re.compile(r"(?<=[\u3400-\u9fff（）])\s+|\s+(?=[\u3400-\u9fff（）])")


def name(value: Cell) -> str | None:
    """A name as it is stored: `text` with brackets of every kind as （） and no space beside a Chinese character.

    The number of a person, masked, is no name, and neither are marks alone (……, ***).
    """
    clean = text(value)
    if clean is None or clean.isalnum():
        return clean
    if MASK in clean and not clean.replace(MASK, "").strip(" ()（）/、"):
        return None
    if _MARKS.fullmatch(clean):
        return None
    return _CJK_GAP.sub("", clean.translate(BRACKETS)).strip() or None


_KEY_BRACKETS = str.maketrans(dict.fromkeys("[{【〔（", "(") | dict.fromkeys("]}】〕）", ")"))
_KEY_DASH = re.compile("[‐‑‒–—―−─~～﹣_]+")
# a mark between two digits distinguishes 1.5 from 15; elsewhere spellings differ in it
_KEY_DROP = re.compile(r"(?<!\d)[^\w()&+#@%/-]|[^\w()&+#@%/-](?!\d)|\s")


def name_key(name: str | None) -> str:
    """The form of a name that all its spellings share; '' for no name.

    Width, case, spaces, kinds of brackets, quotes, dots and commas do not count. The content of brackets, hyphens
    and & + # @ % / do, because they distinguish firms. Idempotent.
    """
    if not name:
        return ""
    if name.isalnum() and unicodedata.is_normalized("NFKC", name) and name == name.casefold():
        return name
    key = name
    while True:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", key).casefold())
        folded = _KEY_DROP.sub("", _KEY_DASH.sub("-", folded.translate(_KEY_BRACKETS)))
        if folded == key:
            return key
        key = folded


_SEPARATOR = re.compile(r"[、，,；;\n\r]")
_FIRST_NUMBER = re.compile(r"\s*(?:[（(]?1[）)]|1[.．、](?!\d)|①)")
_NUMBERING = re.compile(r"(?:[（(]\d{1,2}[）)]|(?<!\d)\d{1,2}(?:[.．、](?!\d)|[）)])|[①-⑳])\s*")
_AND_MORE = re.compile(r"等(?:共?\s*(\d+)\s*[家户个所名](?:企业|单位|公司|社会组织|组织)?)?[。.]?$")


def names(value: Cell) -> list[str]:
    """The distinct names in one cell in order, each as `name` returns it.

    They are joined by 、，,；; or line breaks, or numbered (1.甲 2.乙, ①甲②乙). The text inside brackets is never
    cut. A closing 等 or 等3家企业 is dropped.
    """
    raw = value if isinstance(value, str) else text(value) or ""
    if _FIRST_NUMBER.match(raw):
        raw = _NUMBERING.sub("\n", raw)
    raw = _AND_MORE.sub("", raw.strip())
    parts = _SEPARATOR.split(raw)
    if len(parts) > 1 and any(map(_depth, parts)) and _depth(raw) == 0:
        parts = _rejoined(parts, _SEPARATOR.findall(raw))
    return list(dict.fromkeys(clean for part in parts if (clean := name(part)) is not None))


def left_out(value: Cell, listed: int) -> bool:
    """Whether a cell with names ends in 等, or in 等3家 where fewer than three are `listed`: some are not written out."""
    match = _AND_MORE.search(value.strip()) if isinstance(value, str) else None
    return match is not None and (match[1] is None or int(match[1]) > listed)


def _depth(part: str) -> int:
    return part.count("（") + part.count("(") - part.count("）") - part.count(")")


def _rejoined(parts: list[str], separators: list[str]) -> list[str]:
    """Parts joined again where a bracket was open between them."""
    whole: list[list[str]] = []
    depth = 0
    for separator, part in zip(["", *separators], parts, strict=True):
        if depth > 0:
            whole[-1] += (separator, part)
        else:
            whole.append([part])
        depth += _depth(part)
    return ["".join(pieces) for pieces in whole]
