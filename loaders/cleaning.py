"""One cell's text into one typed value: pure functions that know nothing of ledgers.

Those that can fail return `(value, problem)`: the value or None, and None or a short Chinese phrase that says
what is wrong without repeating the cell (which may be personal). A blank cell is (None, None).

All may be memoized by value and type (True == 1 == 1.0 in Python, but they do not mean the same in a cell);
for `str`, of which nearly all cells are, a plain dict does.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from graph.workbook import Cell, Formula

NO_AMOUNT = "没有金额"
FOREIGN_CURRENCY = "外币，未折算"
_TOO_LONG = 80  # no number, date or code is longer; keeps patterns off a cell of 1 MB

_BLANKS = frozenset(
    re.split(" ", "n/a na #n/a null none nil 无 暂无 空 未填 未填写 - -- --- — —— ——— – ― / // \\ ／ … *")
)
#: of those, the ones that state something: that there is none
_NONE = frozenset(("无", "暂无"))
#: full-width forms and look-alikes become what they stand for; Chinese punctuation stays
_FOLD = {
    code: folded
    for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0xFF01, 0xFF5F))
    if (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code) and chr(code) not in "！（），：；？～"
} | dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF), "")
_BRACKETS = str.maketrans(dict.fromkeys("([{【〔［｛", "（") | dict.fromkeys(")]}】〕］｝", "）"))
_CJK_GAP = re.compile(r"(?<=[\u3400-\u9fff（）])\s+|\s+(?=[\u3400-\u9fff（）])")


def text(value: Cell, *, blank_marks: bool = True) -> str | None:
    """A cell as it is stored: one line, no invisible characters, full-width letters and digits folded.

    Chinese punctuation stays. A whole float is written as an integer. 'N/A', '无', '-', '／' … are blank
    unless `blank_marks` is False.
    """
    if isinstance(value, str):
        if value.isalnum() and unicodedata.is_normalized("NFKC", value):
            clean = value
        else:
            clean = " ".join(value.translate(_FOLD).split())
        return None if not clean or (blank_marks and len(clean) < 7 and clean.lower() in _BLANKS) else clean
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, Formula):
        return text(value.value, blank_marks=blank_marks)
    if isinstance(value, dt.datetime):
        whole_day = value.time() == dt.time()
        return value.date().isoformat() if whole_day else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def none(value: Cell) -> bool:
    """Whether a cell states in a word that there is none, where '-', 'N/A' or 未填 state nothing."""
    return text(value, blank_marks=False) in _NONE


def name(value: Cell) -> str | None:
    """A name as it is stored: `text` with brackets of every kind as （） and no space beside a Chinese character."""
    clean = text(value)
    if clean is None or clean.isalnum():
        return clean
    return _CJK_GAP.sub("", clean.translate(_BRACKETS)).strip() or None


_KEY_BRACKETS = str.maketrans(dict.fromkeys("[{【〔（", "(") | dict.fromkeys("]}】〕）", ")"))
_KEY_DASH = re.compile("[‐‑‒–—―−─~～﹣_]+")
# between two digits a mark tells 1.5 from 15; elsewhere it is a matter of taste
_KEY_DROP = re.compile(r"(?<!\d)[^\w()&+#@%/-]|[^\w()&+#@%/-](?!\d)|\s")


def name_key(name: str | None) -> str:
    """What two spellings of one name have in common; '' for none.

    Blind to width, case, spaces, kind of brackets, quotes, dots and commas. The content of brackets, hyphens
    and & + # @ % / stay: they tell firms apart. Idempotent.
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


# Codes ----------------------------------------------------------------------------------------------------

_CODE = re.compile("[0-9A-HJ-NP-RTUWXY]{18}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+")
_KINDS = {
    "91": "企业",
    "92": "个体工商户",
    "93": "合作社",
    "51": "社会团体",
    "52": "社会服务机构",
    "53": "基金会",
}
_LOST = "代码被存成了数字，后几位已丢失：请按文本重新填写"


#: a code as nearly all are written: of a kind of ours, its division in digits
_PLAIN = re.compile("(?:9[123]|5[123])[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
#: what each character contributes at each place: its value × 3^place mod 31 (GB 32100-2015, annex A)
_VALUES = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHARES = [{c: v * pow(3, place, 31) for v, c in enumerate(_VALUES)} for place in range(17)]


def _checks(code: str) -> bool:
    """Whether the check character of 18 allowed characters holds; stdnum says the same ten times slower."""
    total = sum(share[c] for share, c in zip(_SHARES, code, strict=False))
    return _VALUES[-total % 31] == code[17]


def credit_code(value: Cell) -> tuple[str | None, str | None]:
    """A 统一社会信用代码 (GB 32100-2015) whose check character holds, in its normal form."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and _checks(value):
        return value, None
    if isinstance(value, float) and abs(value) >= 2**53:
        return None, _LOST
    raw = text(value)
    if raw is None:
        return None, None
    if len(raw) > _TOO_LONG:
        return None, "代码过长"
    # a command that reads no ledger starts faster without
    from stdnum.cn import ric, uscc
    from stdnum.exceptions import ValidationError

    code = re.sub(r"[\s'‘’`-]", "", unicodedata.normalize("NFKC", raw)).upper()
    if len(code) == 18 and code.isascii():
        try:
            return uscc.validate(code), None
        except ValidationError:
            # stdnum knows the digits of registrars only; A, N and Y begin codes of central bodies and farming
            if code[0] in "ANY" and _CODE.fullmatch(code) and uscc.calc_check_digit(code) == code[-1]:
                return code, None
    if _SCIENTIFIC.fullmatch(code):
        return None, _LOST
    if ric.is_valid(code):
        return None, "像是身份证号，不是统一社会信用代码"
    if len(code) == 15 and code.isdigit():
        return None, "是 15 位的旧注册号，不是 18 位统一社会信用代码"
    if len(code) != 18:
        return None, f"代码有 {len(code)} 位，应为 18 位"
    if not _CODE.fullmatch(code):
        return None, "代码含有不允许的字符（字母 I、O、S、V、Z 不会出现）"
    return None, "代码校验位不符，可能有一位写错"


def code_prefix_kind(code: str | None) -> str:
    """What kind of unit a valid code names; '' for what is no unit of ours (12 机关事业单位 …) and for none."""
    return _KINDS.get(code[:2], "") if code else ""


# Dates ----------------------------------------------------------------------------------------------------

_DATE = re.compile(r"(\d{4})(?:年(\d{1,2})月(\d{1,2})[日号]?|([./-])(\d{1,2})\4(\d{1,2})日?)")
_MONTH = re.compile(r"(\d{4})[年./-](\d{1,2})月?份?")
_YEAR = re.compile(r"(\d{4})年?度?")
_CLOCK = re.compile(r"[ T]*(?<=[ T日号])\d{1,2}[:时].*")
_OPEN_END = frozenset({"长期", "至今", "无固定期限", "永久", "长期有效"})
_EPOCH = dt.date(1899, 12, 30)
_BAD_DATE = "不是日期：请写成 2021-03-05、2021年3月5日 或 2021年3月"


def date(value: Cell, *, end: bool = False) -> tuple[dt.date | None, str | None]:
    """A day between 1900 and 2100.

    A month without a day is its first day, or with `end` its last; a year alone likewise. With `end`, 长期 and
    至今 are blank. A whole number of five digits is an Excel serial; of four a year; of six and eight year,
    month, day. The number 2021.1 is refused: a cell that was typed 2021.10 looks the same.
    """
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        return (day, None) if 1900 <= day.year <= 2100 else (None, "年份不在 1900 至 2100 之间")
    if isinstance(value, bool):
        return None, _BAD_DATE
    raw = text(value)
    if raw is None:
        return None, None
    if len(raw) > _TOO_LONG:
        return None, _BAD_DATE
    raw = _CLOCK.sub("", unicodedata.normalize("NFKC", raw)).replace(" ", "")
    if end and raw in _OPEN_END:
        return None, None
    if raw.isascii() and raw.isdigit():
        return _digits_date(raw, end)
    if isinstance(value, float):
        whole, _, rest = raw.partition(".")
        if len(whole) == 5:
            return _digits_date(whole, end)  # a serial with a time of day
        if rest == "1" and len(whole) == 4:
            return None, "可能是 1 月，也可能是 10 月：请写成 2021年1月 的样子"
    if match := _DATE.fullmatch(raw):
        return _day(int(match[1]), int(match[2] or match[5]), int(match[3] or match[6]), end)
    if match := _MONTH.fullmatch(raw):
        return _day(int(match[1]), int(match[2]), None, end)
    if match := _YEAR.fullmatch(raw):
        return _day(int(match[1]), None, None, end)
    return None, _BAD_DATE


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
    return (dt.date(year, month, day), None) if 1 <= day <= last else (None, "没有这一天")


# Numbers --------------------------------------------------------------------------------------------------

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

    The unit is the cell's own (元, 万元, 万人民币, (万) …), else `header_unit`, else 元. Foreign currency and a
    mark for "none" (N/A, 无, -) are None with FOREIGN_CURRENCY and NO_AMOUNT; only an empty cell has no problem.
    """
    raw = _numeric_text(value)
    if raw is None:
        return None, NO_AMOUNT if text(value, blank_marks=False) else None
    upper = raw.upper()
    unit = unicodedata.normalize("NFKC", header_unit or "")
    if _FOREIGN.search(upper) or _FOREIGN.search(unit):
        return None, FOREIGN_CURRENCY
    match = _NUMBER.fullmatch(_CURRENCY.sub("", upper)) if len(raw) <= _TOO_LONG else None
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
    match = _NUMBER.fullmatch(raw) if len(raw) <= _TOO_LONG else None
    if match is None or not _COUNTERS.fullmatch(match[2]):
        return None, _not_plain(raw, what)
    decimal = Decimal(match[1].replace(",", "")) * (10**4 if match[2].startswith("万") else 1)
    return (decimal, None) if abs(decimal) < 10**15 else (None, f"{what}大得不合理")


def _numeric_text(value: Cell) -> str | None:
    raw = text(value)
    return None if raw is None else "".join(unicodedata.normalize("NFKC", raw).replace("−", "-").split())


def _not_plain(raw: str, what: str) -> str:
    rough = len(raw) <= _TOO_LONG and _ROUGH.search(raw)
    return f"是约数或范围，不是一个确定的{what}" if rough else f"不是{what}"


# Words ----------------------------------------------------------------------------------------------------

_YES = frozenset((*"是有对真已√✓✔☑■●◉yt1v", "yes", "true"))
_NO = frozenset((*"否无不未假没×✗✘☒□☐○xnf0-—/／\\", "没有", "no", "false", "--", "——"))
_UNKNOWN = re.compile("不[详明清确知]|未知|待|是否|有无|是/否")


def yes_no(value: Cell) -> bool | None:
    """是, 有, √, Y, 1, 已… are True; 否, 无, ×, N, 0, 未…, / are False; blank and anything else None."""
    if isinstance(value, bool):
        return value
    raw = text(value, blank_marks=False)
    if raw is None or _UNKNOWN.match(raw):
        return None
    word = raw.lower()
    if word in _YES or word[0] in "是有已√✓✔☑■":
        return True
    return False if word in _NO or word[0] in "否无未没不×✗✘" else None


def ticked(value: Cell) -> bool:
    """Whether a cell of a tick column is ticked: any mark is, but a negative or unknowing one."""
    raw = text(value)
    return raw is not None and yes_no(value) is not False and not _UNKNOWN.match(raw)


_SEPARATOR = re.compile(r"[、，,；;\n\r]")
_FIRST_NUMBER = re.compile(r"\s*(?:[（(]?1[）)]|1[.．、](?!\d)|①)")
_NUMBERING = re.compile(r"(?:[（(]\d{1,2}[）)]|(?<!\d)\d{1,2}(?:[.．、](?!\d)|[）)])|[①-⑳])\s*")
_AND_MORE = re.compile(r"等(?:共?\s*\d+\s*[家户个所名](?:企业|单位|公司|社会组织|组织)?)?[。.]?$")


def names(value: Cell) -> list[str]:
    """The names in one cell, in order, each once, each as `name` has it.

    Joined by 、，,；; or line breaks, or numbered (1.甲 2.乙, ①甲②乙); what stands inside brackets is never
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
    """A heading for matching, without whitespace, notes (（必填）, *) and unit; and the unit, or None.

    '年营业收入\n（万元）' is ('年营业收入', '万元'). Brackets with other content stay, as （）.
    """
    raw = unicodedata.normalize("NFKC", (text(value, blank_marks=False) or "")[:200])
    heading = "".join(raw.split()).translate(_BRACKETS)
    heading = _NOTE.sub("", heading).strip("*★☆'\"‘’“”:：")
    for pattern in (_BRACKETED_UNIT, _TRAILING_UNIT):
        if match := pattern.search(heading):
            return pattern.sub("", heading).strip("*:："), match[1]
    return heading, None
