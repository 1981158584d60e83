"""Dates as offices write them, whole or without a day or a month."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata

from graph.workbook import Cell, Formula
from loaders.cleaning.cells import TOO_LONG, text

_DATE = re.compile(r"(\d{4})(?:年(\d{1,2})月(\d{1,2})[日号]?|([./-])(\d{1,2})\4(\d{1,2})日?)")
_MONTH = re.compile(r"(\d{4})[年./-](\d{1,2})月?份?")
_YEAR = re.compile(r"(\d{4})年?度?")
_DOUBTFUL = re.compile(r"\d{4}\.1")
_CLOCK = re.compile(r"[ T]*(?<=[ T日号])\d{1,2}[:时].*")
_OPEN_END = frozenset({"长期", "至今", "今", "无固定期限", "永久", "长期有效"})
_PIECE = r"(?:\d{8}|\d{4}(?:年?\d{1,2}月?|[年./-]\d{1,2}(?:[月./-]\d{1,2}日?|月)?|年)?)"
#: two dates; after 起 or 至今 there is no second
_PERIOD = re.compile(
    rf"(?:自|从)?({_PIECE})(?:起|开始)?(?:(?:至|到|[-~—–]+)({_PIECE}|{'|'.join(sorted(_OPEN_END))})(?:止|为止)?)?"
)
_BAD_PERIOD = "不是起止两个日期：请写成 2025年3月至2027年3月"
_EPOCH = dt.date(1899, 12, 30)
#: what spreadsheets and databases write for a day that nobody filled in
_NO_DAY = dt.date(1900, 1, 1)
_BAD_DATE = "不是日期：请写成 2021-03-05、2021年3月5日 或 2021年3月"


def date(value: Cell, *, end: bool = False) -> tuple[dt.date | None, str | None]:
    """A day between 1900 and 2100; 1900-01-01 is what programs write for none, and refused.

    A month without a day is its first day, or with `end` its last; a year alone likewise. With `end`, 长期 and
    至今 are blank. A whole number of five digits is an Excel serial; of four a year; of six and eight year,
    month, day. 2021.1 is refused: a cell that was typed 2021.10 looks the same, in a text made from it too.
    """
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        return _in_range(day)
    if isinstance(value, bool):
        return None, _BAD_DATE
    raw = text(value)
    if raw is None:
        return None, None
    if len(raw) > TOO_LONG:
        return None, _BAD_DATE
    raw = _CLOCK.sub("", unicodedata.normalize("NFKC", raw)).replace(" ", "")
    raw = raw.removesuffix("止" if end else "起")
    if end and raw in _OPEN_END:
        return None, None
    if raw.isascii() and raw.isdigit():
        return _digits_date(raw, end)
    if isinstance(value, float):
        whole = raw.partition(".")[0]
        if len(whole) == 5:
            return _digits_date(whole, end)  # a serial with a time of day
    if _DOUBTFUL.fullmatch(raw):
        return None, "可能是 1 月，也可能是 10 月：请写成 2021年1月 的样子"
    if match := _DATE.fullmatch(raw):
        return _day(int(match[1]), int(match[2] or match[5]), int(match[3] or match[6]), end)
    if match := _MONTH.fullmatch(raw):
        return _day(int(match[1]), int(match[2]), None, end)
    if match := _YEAR.fullmatch(raw):
        return _day(int(match[1]), None, None, end)
    return None, _BAD_DATE


def period(value: Cell) -> tuple[tuple[dt.date | None, dt.date | None] | None, str | None]:
    """The first and the last day of a text such as 2025.3-2027.3, 2025年3月至今 or 2025年3月起; no last day is None.

    One date alone does not say which of the two it is.
    """
    raw = text(value)
    if raw is None:
        return None, None
    raw = unicodedata.normalize("NFKC", raw).replace(" ", "") if len(raw) <= TOO_LONG else ""
    match = _PERIOD.fullmatch(raw)
    if match is None or not (match[2] or raw.endswith(("起", "开始"))):
        return None, _BAD_PERIOD
    (since, wrong), (to, wrong_too) = date(match[1]), date(match[2] or None, end=True)
    problem = wrong or wrong_too
    return (None, problem) if problem else ((since, to), None)


def _digits_date(digits: str, end: bool) -> tuple[dt.date | None, str | None]:
    if len(digits) == 5:
        serial = _EPOCH + dt.timedelta(days=int(digits))
        return (serial, None) if 1900 <= serial.year <= 2100 and int(digits) > 60 else (None, _BAD_DATE)
    if len(digits) not in (4, 6, 8):
        return None, _BAD_DATE
    months, days = digits[4:6], digits[6:]
    return _day(int(digits[:4]), int(months) if months else None, int(days) if days else None, end)


def _day(year: int, month: int | None, day: int | None, end: bool) -> tuple[dt.date | None, str | None]:
    if not 1900 <= year <= 2100:
        return None, "年份不在 1900 至 2100 之间"
    month = month if month is not None else 12 if end else 1
    if not 1 <= month <= 12:
        return None, "没有这个月份"
    last = calendar.monthrange(year, month)[1]
    day = day if day is not None else last if end else 1
    return _in_range(dt.date(year, month, day)) if 1 <= day <= last else (None, "没有这一天")


def _in_range(day: dt.date) -> tuple[dt.date | None, str | None]:
    if day == _NO_DAY:
        return None, "写的是 1900-01-01，多半是没有日期时的默认值：请填写真实日期，没有就留空"
    return (day, None) if 1900 <= day.year <= 2100 else (None, "年份不在 1900 至 2100 之间")
