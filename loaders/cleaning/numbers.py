"""Counts, numbers and amounts of money."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import ROUND_FLOOR, Decimal

from graph.workbook import Cell, Formula
from loaders.cleaning.cells import TOO_LONG, text

NO_AMOUNT = "没有金额"
FOREIGN_CURRENCY = "外币，未折算"

_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(.*)")
#: a space, but not one between two numbers: 1 200 is one, 20 30 is two
_SPACE = re.compile(r"(?<!\d)\s+|\s+(?!\d)|(?<=\d)\s(?=\d{3}(?!\d))")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d+.*")
_ROUGH = re.compile(r"约|左右|余|多|近|以上|以下|不足|至|到|\d[-~—–]\d|[<>≥≤±]")
_FOREIGN = re.compile(
    "美[元金]|港[元币]|欧元|日[元圆]|英镑|澳[元币门]|加[元拿]|[台臺]币|韩[元圆]|法郎|新加坡|卢布|马克|泰铢|外币"
    "|[$€£]|USD|HKD|EUR|JPY|GBP|AUD|CAD|TWD|KRW|SGD|CHF"
)
#: how bookkeepers write an amount below zero; others write an amount in brackets that is not
_IN_BRACKETS = re.compile(r"\([\d,.]+\)")
_CURRENCY = re.compile("人民币|RMB|CNY|[¥()整]")
_QUANTITY = re.compile(
    r"[\W\d_A-Za-z约近超余多共计有左右以上下不足至到大概几数若干无未填报详清楚待定核实查空缺暂同前一二两三四五六七八九十百千万亿零〇半人名个户家元位组村所条次项年月日号]*"
)
#: more than there are of anything that is counted: a longer number is another kind of number
_COUNTABLE = 10**9
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
_COUNTER = re.compile(
    "(十万|百万|千万|百|千|万|亿)?(?:[人户个家名位所支条次件项组处村镇届年月天岁期块台间亩]|人次|公里|平方米)?"
)
_AMOUNT = re.compile("元|人民币|RMB|CNY|[¥￥]|[百千万亿]")


def money(value: Cell, header_unit: str | None = None) -> tuple[int | None, str | None]:
    """An amount in whole 元, rounded down: 49,999.99元 is below 5万元.

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
    if len(raw) <= TOO_LONG and _IN_BRACKETS.fullmatch(raw):
        return None, "写在括号里，可能是负数"
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
    return int(amount.to_integral_value(ROUND_FLOOR)), None


def has_unit(value: Cell) -> bool:
    """Whether an amount names its unit or currency itself."""
    return (
        isinstance(value, str) and _AMOUNT.search(unicodedata.normalize("NFKC", value[:TOO_LONG]).upper()) is not None
    )


def integer(value: Cell, header_unit: str | None = None) -> tuple[int | None, str | None]:
    """A count: '1,200人', '3户', '５', 3.0. '约50人', '3-5人' and 3.5 are problems.

    The unit is the cell's own (人, 万人 …), else `header_unit`: 3.25 under 万户 is 32,500.
    """
    decimal, problem = _decimal(value, "整数", header_unit)
    if decimal is not None and abs(decimal) >= _COUNTABLE:
        return None, "整数大得不合理"
    if decimal is None or decimal == decimal.to_integral_value():
        return (None if decimal is None else int(decimal)), problem
    return None, "不是整数"


def is_quantity(value: Cell) -> bool:
    """Whether a cell says how many, even if not as a number (约五十人): it names no one."""
    return not isinstance(value, str) or _QUANTITY.fullmatch(value) is not None


def number(value: Cell, header_unit: str | None = None) -> tuple[float | None, str | None]:
    """A number with or without decimals, otherwise like `integer`."""
    decimal, problem = _decimal(value, "数字", header_unit)
    return (None if decimal is None else float(decimal)), problem


def _decimal(value: Cell, what: str, header_unit: str | None) -> tuple[Decimal | None, str | None]:
    raw = _numeric_text(value)
    if raw is None:
        return None, None
    if isinstance(value, bool | dt.date):
        return None, f"不是{what}"
    match = _NUMBER.fullmatch(raw) if len(raw) <= TOO_LONG else None
    own = _COUNTER.fullmatch(match[2]) if match else None
    if match is None or own is None:
        return None, _not_plain(raw, what)
    counter = own if match[2] or not header_unit else _COUNTER.fullmatch(header_unit)
    if counter is None:
        return None, f"的表头单位是{header_unit}，不是{what}的单位"
    decimal = Decimal(match[1].replace(",", "")) * _SCALES[counter[1] or ""]
    return (decimal, None) if abs(decimal) < 10**15 else (None, f"{what}大得不合理")


def _numeric_text(value: Cell) -> str | None:
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, float) and math.isfinite(value):
        # a spreadsheet computes with more digits than the fifteen that it shows: 4.999999999999999 is 5
        value = format(Decimal(f"{value:.15g}"), "f")
    raw = text(value)
    return None if raw is None else _SPACE.sub("", unicodedata.normalize("NFKC", raw).replace("−", "-"))


def _not_plain(raw: str, what: str) -> str:
    if len(raw) <= TOO_LONG and _SCIENTIFIC.fullmatch(raw):
        return "是科学记数，后几位可能已丢失：请改为数值格式后重新填写"
    rough = len(raw) <= TOO_LONG and _ROUGH.search(raw)
    return f"是约数或范围，不是一个确定的{what}" if rough else f"不是{what}"
