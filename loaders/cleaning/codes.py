"""Codes as keys: credit codes and others, those that a spreadsheet rounded, and the kind of unit that a credit code names."""

from __future__ import annotations

import re
import unicodedata

from graph.personal import MASK, is_identity
from graph.workbook import Cell, Formula
from loaders.cleaning.cells import TOO_LONG, text

_CODE = re.compile("[0-9A-HJ-NP-RTUWXY]{18}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+E\+?|E\+)\d{1,3}")
#: digits that a spreadsheet keeps of a number; it writes zeros for the others
_DIGITS_KEPT = 15
_KINDS = {
    "91": "企业",
    "92": "个体工商户",
    "93": "合作社",
    "51": "社会团体",
    "52": "社会服务机构",
    "53": "基金会",
}
LOST = "被存成了数字，后几位已丢失：请按文本重新填写"

#: nearly every code: of a two-new unit, with the division in digits
_PLAIN = re.compile("(?:9[123]|5[123])[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
#: the value of each character at each place: value × 3^place mod 31 (GB 32100-2015, annex A)
_VALUES = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHARES = [{c: v * pow(3, place, 31) for v, c in enumerate(_VALUES)} for place in range(17)]


def _checks(code: str) -> bool:
    """Whether the check character of 18 allowed characters holds; ten times faster than stdnum."""
    total = sum(share[c] for share, c in zip(_SHARES, code, strict=False))
    return _VALUES[-total % 31] == code[17]


def digits_lost(value: Cell) -> bool:
    """Whether a code has passed through a number and lost its last digits.

    9.14301E+17 as text, a number of 16 and more digits, and digits as text of which all after the fifteenth are zeros
    (at least two: one in ten codes of 16 digits ends in one).
    """
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, float):
        return abs(value) >= 10.0**_DIGITS_KEPT
    raw = text(value)
    if raw is None or len(raw) > TOO_LONG:
        return False
    code = _bare(raw)
    if code.isascii() and code.isdigit():
        return len(code) > _DIGITS_KEPT + 1 and not code[_DIGITS_KEPT:].strip("0")
    return _SCIENTIFIC.fullmatch(code) is not None


#: what is written where there is no code yet: as a key it would be that of all who have none
_NO_CODE = re.compile(
    "[0Xx?？*]+|(?:待|未|暂|正在|尚未|没有|无)(?:定|办理?|补|补充|编|编码|编制|填|知|缺|申请|申报|码|代码|编号|赋码|分配).*|不详|不明|新成立|办理中|申请中"
)


def code(value: Cell) -> tuple[str | None, str | None]:
    """A code of any form as it is stored, or the reason why it is none: one that lost digits is not a key."""
    if isinstance(value, str) and MASK in value:
        return None, "含有像是个人的身份证号或电话"
    if digits_lost(value):
        return None, LOST
    stored = text(value)
    if stored is not None and len(stored) <= TOO_LONG and _NO_CODE.fullmatch(stored):
        return None, "不是代码，不能用来区分"
    return stored, None


def _bare(raw: str) -> str:
    return re.sub(r"[\s'‘’`-]", "", unicodedata.normalize("NFKC", raw)).upper()


def credit_code(value: Cell) -> tuple[str | None, str | None]:
    """A 统一社会信用代码 (GB 32100-2015) in its normal form, or the reason why it is none."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and _checks(value) and not is_identity(value):
        # one in a thousand ends in 000 of its own
        return value, None
    if digits_lost(value):
        return None, LOST
    raw = text(value)
    if raw is None:
        return None, None
    if len(raw) > TOO_LONG:
        return None, "代码过长"
    # imported here so that a command that reads no ledger starts faster
    from stdnum.cn import uscc
    from stdnum.exceptions import ValidationError

    code = _bare(raw)
    if len(code) == 18 and is_identity(code):
        return None, "像是身份证号，不是统一社会信用代码"
    if len(code) == 18 and code.isascii():
        try:
            return uscc.validate(code), None
        except ValidationError:
            # stdnum accepts registrars with a digit only; A, N and Y begin codes of central bodies and farming
            if code[0] in "ANY" and _CODE.fullmatch(code) and uscc.calc_check_digit(code) == code[-1]:
                return code, None
    if len(code) == 15 and code.isdigit():
        return None, "是 15 位的旧注册号，不是 18 位统一社会信用代码"
    if len(code) != 18:
        return None, f"代码有 {len(code)} 位，应为 18 位"
    if not _CODE.fullmatch(code):
        return None, "代码含有不允许的字符（字母 I、O、S、V、Z 不会出现）"
    return None, "校验位不符，可能有一位写错"


def code_prefix_kind(code: str | None) -> str:
    """The kind of unit that a valid code is of; '' for bodies outside the two-new sector (12 事业单位 …) and for no code."""
    return _KINDS.get(code[:2], "") if code else ""
