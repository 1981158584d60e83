"""Counts, numbers and amounts of money."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from graph.workbook import Cell
from loaders.cleaning.cells import TOO_LONG, text

NO_AMOUNT = "没有金额"
FOREIGN_CURRENCY = "外币，未折算"

_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(.*)")
_ROUGH = re.compile(r"约|左右|余|多|近|以上|以下|不足|至|到|\d[-~—–]\d|[<>≥≤±]")
_FOREIGN = re.compile(
    "美[元金]|港[元币]|欧元|日[元圆]|英镑|澳[元币门]|加[元拿]|[台臺]币|韩[元圆]|法郎|新加坡|卢布|马克|泰铢|外币"
    "|[$€£]|USD|HKD|EUR|JPY|GBP|AUD|CAD|TWD|KRW|SGD|CHF"
)
_CURRENCY = re.compile("人民币|RMB|CNY|[¥()整]")
_SCALES = {
    "": 1,
    "元": 1,
    "百": 100,
    "千": 1000,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
}
_COUNTERS = re.compile("万?(?:[人户个家名位所支条次件项组处村镇届年月天岁期块台间亩]|人次|公里|平方米)?")


def money(value: Cell, header_unit: str | None = None) -> tuple[int | None, str | None]:
    """An amount in whole 元, halves rounded up.

    The unit is the cell's own (元, 万元, 万人民币, (万) …), else `header_unit`, else 元. A foreign currency is None with
    FOREIGN_CURRENCY, a mark for "none" (N/A, 无, -) is None with NO_AMOUNT. An empty cell has no problem.
    """
    raw = _numeric_text(value)
    if raw is None:
        return None, NO_AMOUNT if text(value, blank_marks=False) else None
    upper = raw.upper()
    unit = unicodedata.normalize("NFKC", header_unit or "")
    if _FOREIGN.search(upper) or _FOREIGN.search(unit):
        return None, FOREIGN_CURRENCY
    match = _NUMBER.fullmatch(_CURRENCY.sub("", upper)) if len(raw) <= TOO_LONG else None
    if match is None:
        return None, _not_plain(raw, "金额")
    own = match[2].replace("圆", "元")
    scale = _SCALES.get(own.removesuffix("元") if own else _CURRENCY.sub("", unit).removesuffix("元"))
    if scale is None:
        return None, _not_plain(raw, "金额")
    amount = Decimal(match[1].replace(",", "")) * scale
    if abs(amount) >= 10**15:
        return None, "金额大得不合理，请核对单位"
    return int(amount.to_integral_value(ROUND_HALF_UP)), None


def integer(value: Cell) -> tuple[int | None, str | None]:
    """A count: '1,200人', '3户', '５', 3.0. '约50人', '3-5人' and 3.5 are problems."""
    decimal, problem = _decimal(value, "整数")
    if decimal is None or decimal == decimal.to_integral_value():
        return (None if decimal is None else int(decimal)), problem
    return None, "不是整数"


def number(value: Cell) -> tuple[float | None, str | None]:
    """A number with or without decimals, otherwise like `integer`."""
    decimal, problem = _decimal(value, "数字")
    return (None if decimal is None else float(decimal)), problem


def _decimal(value: Cell, what: str) -> tuple[Decimal | None, str | None]:
    raw = _numeric_text(value)
    if raw is None:
        return None, None
    if isinstance(value, bool | dt.date):
        return None, f"不是{what}"
    match = _NUMBER.fullmatch(raw) if len(raw) <= TOO_LONG else None
    if match is None or not _COUNTERS.fullmatch(match[2]):
        return None, _not_plain(raw, what)
    decimal = Decimal(match[1].replace(",", "")) * (10**4 if match[2].startswith("万") else 1)
    return (decimal, None) if abs(decimal) < 10**15 else (None, f"{what}大得不合理")


def _numeric_text(value: Cell) -> str | None:
    raw = text(value)
    return None if raw is None else "".join(unicodedata.normalize("NFKC", raw).replace("−", "-").split())


def _not_plain(raw: str, what: str) -> str:
    rough = len(raw) <= TOO_LONG and _ROUGH.search(raw)
    return f"是约数或范围，不是一个确定的{what}" if rough else f"不是{what}"
