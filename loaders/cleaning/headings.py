"""The heading of a column: the words that tell its meaning, and the unit of its values."""

from __future__ import annotations

import re
import unicodedata

from graph.workbook import Cell
from loaders.cleaning.cells import text
from loaders.cleaning.names import BRACKETS

_UNIT = (
    "(?:人民币)?((?:十|百|千|万|百万|千万|亿)?元|万[美欧]元|[万亿]|万?[人户]|人次|[名个家亩岁年月次%]"
    "|公里|米|平方米|m2|km)"
)
_BRACKETED_UNIT = re.compile(rf"（(?:单位[:：]?)?{_UNIT}(?:人民币)?）")
_TRAILING_UNIT = re.compile(rf"(?<=.)[:：/.]{_UNIT}$")
_NOTE = re.compile(
    "（(?:[必选]填|可选|可不填|可空|请?打[√✓]|请?填?是[/或、]?否|下拉选择?|[ymd年月日./-]{2,}|示例.*|例如.*|如[:：].*)）",
    re.IGNORECASE,
)


def header_text(value: Cell) -> tuple[str, str | None]:
    """The heading of a column without whitespace, notes (（必填）, *) and unit; and the unit, or None.

    '年营业收入\n（万元）' is ('年营业收入', '万元'). Brackets with other content stay, as （）.
    """
    raw = unicodedata.normalize("NFKC", (text(value, blank_marks=False) or "")[:200])
    heading = "".join(raw.split()).translate(BRACKETS)
    heading = _NOTE.sub("", heading).strip("*★☆'\"‘’“”:：")
    for pattern in (_BRACKETED_UNIT, _TRAILING_UNIT):
        if match := pattern.search(heading):
            return pattern.sub("", heading).strip("*:："), match[1]
    return heading, None
