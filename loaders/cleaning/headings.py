"""The heading of a column: the words that tell its meaning, and the unit of its values."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from graph.personal import clean
from graph.workbook import Cell
from loaders.cleaning.cells import text
from loaders.cleaning.names import BRACKETS

#: a unit of amounts or counts; its group leaves the currency out
UNIT = (
    "(?:人民币)?((?:十|百|千|万|十万|百万|千万|亿|万亿)?元|万?[美欧港日]元|(?:百|千|万)?(?:人次|[人户个家名])|[千万亿]"
    "|[亩岁年月次条件%]|公里|米|平方米|m2|km)"
)
_BRACKETED_UNIT = re.compile(rf"（(?:单位[:：]?)?{UNIT}(?:人民币)?(?:/年|[，,；;、][^（）]*)?）")
#: a unit with the year that the amounts are of: （2025年，万元）
_YEAR_AND_UNIT = re.compile(rf"（(\d{{4}}年?度?)[，,、/]{UNIT}）")
_UNIT_AND_YEAR = re.compile(rf"（{UNIT}[，,、/](\d{{4}}年?度?)）")
_UNIT_ALONE = re.compile(rf"（?(?:单位[:：]?)?{UNIT}(?:人民币)?）?")
#: where the title of a sheet, or a note on it, says in what its amounts are
_STATED = re.compile("单位(?:均为|[:：为是]|\\s)*(?=([^）。]*))")
_BETWEEN = re.compile("[、，,/;；\\s和及]+")
_WHOLE_UNIT = re.compile(f"{UNIT}(?:人民币)?")
_TRAILING_UNIT = re.compile(rf"(?<=.)[:：/.]{UNIT}$")
#: the number of a column before its heading: 1.企业名称, （2）所属镇街, ③从业人数
_NUMBERED = re.compile("^\\s*(?:(?:[（(]\\d{1,2}[）)]|\\d{1,2}[.、．)）])|[①-⑳])\\s*(?=[\\u4e00-\\u9fff])")
_NOTE = re.compile(
    "（(?:[必选]填|可选|可不填|可空|请?打[√✓]|请?填?是[/或、]?否|下拉选择?|[ymd年月日./-]{2,}|示例.*|例如.*|如[:：].*)）",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 14, typed=True)
def header_text(value: Cell) -> tuple[str, str | None]:
    """The heading of a column without whitespace, notes (（必填）, *) and unit; and the unit, or None.

    '年营业收入\n（万元）' is ('年营业收入', '万元'). Brackets with other content stay, as （）; a year beside the unit too.
    """
    raw = clean((text(value, blank_marks=False) or "")[:200])
    raw = unicodedata.normalize("NFKC", _NUMBERED.sub("", raw))
    heading = "".join(raw.split()).translate(BRACKETS)
    heading = _NOTE.sub("", heading).strip("*★☆'\"‘’“”:：?")
    for pattern, year, unit in ((_YEAR_AND_UNIT, 1, 2), (_UNIT_AND_YEAR, 2, 1)):
        if match := pattern.search(heading):
            return pattern.sub(f"（{match[year]}）", heading).strip("*:："), match[unit]
    for pattern in (_BRACKETED_UNIT, _TRAILING_UNIT):
        if match := pattern.search(heading):
            return pattern.sub("", heading).strip("*:："), match[1]
    return heading, None


def unit_alone(value: Cell) -> str | None:
    """The unit that a cell below a heading states: 万元, （万元）, 单位：人; None for a cell with anything else."""
    heading = "".join((text(value) or "").split()).translate(BRACKETS)
    match = _UNIT_ALONE.fullmatch(heading)
    return match[1] if match else None


def stated_units(title: str) -> list[str]:
    """The units that a title or a note states: 单位：万元、人 gives 万元 and 人, 收入统计表（万元） gives 万元."""
    line = unicodedata.normalize("NFKC", title[:200]).translate(BRACKETS)
    units = [match[1] for match in _BRACKETED_UNIT.finditer("".join(line.split()))]
    for stated in _STATED.finditer(line):
        for part in _BETWEEN.split(stated[1]):
            unit = _WHOLE_UNIT.fullmatch(part)
            if unit is None:
                break
            units.append(unit[1])
    return list(dict.fromkeys(units))
