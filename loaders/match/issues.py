"""The issue of a ledger that a sheet is: what it calls itself, the day it is about, and the sheet that it replaces."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from loaders.cleaning.names import BRACKETS
from loaders.recognize.ledgers import DATED
from loaders.shape.rows import Issue
from loaders.shape.shaping import Shaped

_YEAR = r"(?<!\d)(?P<year>20\d\d)"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
#: how titles and files write a day, a month, a quarter, a half or a year
_DATES = re.compile(
    rf"{_YEAR}\s*年\s*(?:{_MONTH}\s*月(?:\s*{_DAY}\s*[日号]|底|末|份)?|第?(?P<quarter>[一二三四1-4])季度?|(?P<half>[上下])半年|度)?"
    rf"|{_YEAR.replace('year', 'y2')}(?P<mark>[-./_])(?P<m2>1[0-2]|0?[1-9])(?:(?P=mark)(?P<d2>3[01]|[12]\d|0?[1-9]))?(?!\d)"
    rf"|{_YEAR.replace('year', 'y3')}(?P<m3>1[0-2]|0[1-9])(?P<d3>3[01]|[12]\d|0[1-9])?(?!\d)"
)
#: a part of a year without the year
_PERIODS = re.compile(r"(?<!\d)(?:1[0-2]|0?[1-9])月(?:份|底|末)?|第?[一二三四1-4]季度|[上下]半年")
_LEDGER = re.compile(r"台账|名单|名册|花名册|一览表|汇总表|登记表|统计表|明细表|情况表|清单")
#: what a ledger may list, where its name has no such word
_KIND = re.compile(r"企业|单位|组织|个体|工商户|小个专|合作社|市场|商户|协会|商会")
#: words that tell no ledger from another
_COMMON = re.compile(
    r"台账|名单|花名册|名册|一览表|汇总表|登记表|统计表|明细表|情况表|清单|汇总|统计|明细|基本情况|基本信息|情况|信息|数据"
    r"|党建|工作|全[省市县区镇街]|各镇街?|最新|更新|回填|全量|增量|副本|新|旧|表|[\W\d_]|[a-z]",
    re.IGNORECASE,
)


def dated(texts: Iterable[str]) -> dt.date | None:
    """The day that the first dated one of these texts means; of a month, a quarter or a year its last day."""
    for text in texts:
        if len(text) <= 100 and (match := _DATES.search(unicodedata.normalize("NFKC", text))):
            part = match.groupdict()
            year = int(part["year"] or part["y2"] or part["y3"])
            month = int(part["month"] or part["m2"] or part["m3"] or 0)
            day = int(part["day"] or part["d2"] or part["d3"] or 0)
            if part["quarter"]:
                month = 3 * ("一二三四".find(part["quarter"]) + 1 or int(part["quarter"]))
            elif part["half"]:
                month = 6 if part["half"] == "上" else 12
            month = month or 12
            last = calendar.monthrange(year, month)[1]
            return dt.date(year, month, min(day or last, last))
    return None


@lru_cache(maxsize=10_000)
def series(file: str, sheet: str) -> tuple[str, str]:
    """What the issues of one sheet have in common: its file and name without the dates in them."""
    return _undated(PurePosixPath(file).with_suffix("").as_posix()), _undated(sheet)


def _undated(text: str) -> str:
    bare = _PERIODS.sub("", _DATES.sub("", unicodedata.normalize("NFKC", text)))
    return re.sub(r"[\s()（）_\-.,，、]+", "", bare).casefold()


def issues(one: Shaped, loaded: int, day: dt.date) -> None:
    """Give the rows of a sheet their issue; a row that states its own date has one of its own."""
    file = PurePosixPath(one.table.file)
    names = [one.table.sheet, file.stem, *reversed(file.parts[:-1])]
    own = Issue(loaded, day, dated((*one.layout.titles, *names)), _listing(one, names[:2]))
    by_date: dict[str, Issue] = {}
    dates = any(column.field == DATED for column in one.layout.columns)
    for row in one.rows:
        stated = row.values.get(DATED) if dates else None
        if stated and stated not in by_date:
            by_date[stated] = Issue(loaded, day, dated([stated]) or own.dated, own.listing)
        row.issue = by_date[stated] if stated else own


def _listing(one: Shaped, names: Iterable[str]) -> str:
    """What the sheet calls itself: the first of its titles, its name and its file's that names a ledger; '' for none."""
    titles = (t for t in one.layout.titles if _LEDGER.search(t))
    return next((t for t in (*titles, *(n for n in names if _LEDGER.search(n) or _KIND.search(n))) if len(t) <= 60), "")


def listing_key(text: str, divisions: Iterable[str]) -> str:
    """What distinguishes a ledger's own name from others: without divisions, dates and words that all ledgers have."""
    bare = unicodedata.normalize("NFKC", text).translate(BRACKETS)
    bare = _PERIODS.sub("", _DATES.sub("", re.sub("（[^（）]*）", "", bare)))
    for name in divisions:
        bare = bare.replace(name, "")
    return _COMMON.sub("", bare.replace("非公有制", "非公"))
