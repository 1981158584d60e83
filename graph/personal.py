"""Numbers of persons inside texts, and characters that deceive: what is kept or shown has neither.

An identity number has 18 digits, with a province, a real date of birth and its check digit, or 15 digits with province
and date. A wrong check digit is a slip, and the number as personal as before, unless it is a credit code: by its check
character, its registrar and the province that follows. A number that holds as both stays an identity number: credit
codes of firms begin with 9, as no province does, and fewer than one in a million of others reads as one of a person.
Fifteen digits are an old registration number only where a word beside them says so and their check digit holds, and
an account or a code only where a word says so. Mobile numbers have 11 digits (+86, 0 in front), landlines an area code.
Digits may be of any width, apart by spaces, hyphens, dots, brackets or marks upon them, or Chinese numerals; where they
stand in the groups that people write, a mark may be between these.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate, filterfalse

#: what stands for a number of a person: no digit, and names are compared without it
MASK = "***"
#: characters of the shortest, a telephone number
SHORTEST = 11

_APART = r"[ \t\n\r\xa0\u2000-\u200a\u202f\u3000\-\u2010-\u2015\u2212\ufe63\uff0d_·•.()（）\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]"
#: at least as many digits as a telephone number has
_RUN = re.compile(rf"\d(?:{_APART}{{0,3}}\d){{10,}}[XxＸｘ]?")
_GROUP = re.compile(r"\d+[XxＸｘ]?")
_BARE = re.compile(r"\s*\d+[XxＸｘ]?\s*")
#: codes of the frequent kinds that no number of a person looks like: firms, villages, ids and digests of the graph
_PLAIN_CODE = re.compile("9[0-9A-Za-z]{17}|[1-9][0-9]{11}|[a-z]{0,3}[0-9a-f]{16}")
_NUMERALS = "〇○零一二三四五六七八九幺两壹贰貳叁參肆伍陆陸柒捌玖"
_SPELLED = re.compile(rf"[{_NUMERALS}](?:[ \u3000\-—]?[{_NUMERALS}]){{10,17}}")
# looked for from the first digit only, because the texts that have fewer are many
_ENOUGH = re.compile(rf"(?<![\d{_NUMERALS}])[\d{_NUMERALS}](?:{_APART}{{0,3}}[\d{_NUMERALS}]){{10}}")
_SPELLED_DIGITS = str.maketrans(_NUMERALS, "00012345678912" + "122334566789", " \u3000-—")
#: digits in the groups that people write them in, apart by a mark (not those of lists and of dimensions) or many spaces
_GROUPED = re.compile(
    r"(?<![\d.])(?:1[3-9]\d(?:([^\w\s,，、;；:：*×]|\s{1,12})\d{4}\1|\s{4,12}\d{4})\d{4}|\d{6}([^\w]{1,3})\d{8}\2\d{3}[\dXxＸｘ])(?![\dA-Za-z])"
)
_MOBILE = re.compile(r"(?:(?:00)?86|0)?1[3-9]\d{9}")
_LOCAL = r"(?:(?:10|2\d) ?[2-9]\d{3} ?\d{4}|[3-9]\d\d ?[2-9]\d{2,3} ?\d{4})(?: \d{1,6})?"
_LANDLINE = re.compile(rf"(?:(?:00)?86 ?)?0 ?{_LOCAL}")
_LANDLINE_ABROAD = re.compile(rf"(?:00)?86 ?{_LOCAL}")
_DATE_IN_FRONT = re.compile(r"(?:19|20)\d\d (?:\d\d? \d\d?(?: |$)|(?:19|20)\d\d )")
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
#: words beside 15 digits that are the number of an account, or that may be an old registration number
_ACCOUNT = re.compile("[账帐]号|账户|卡号|编号|编码|组织代码|code$", re.IGNORECASE)
_REGISTRATION = re.compile("注册号|登记号|注册码|登记证|执照|信用代码")
_COUNTRY = re.compile(r"[+＋](?:\s?86[\s-]*)?$")
_DECIMALS = re.compile(r"\d\.$")
_BESIDE = 12
#: an id or a digest of the graph, and a credit code
_ID = re.compile("[a-z]{0,3}[0-9a-f]{16}")
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_REGISTRARS = frozenset(
    [
        "11",
        "12",
        "13",
        "19",
        "21",
        "29",
        "31",
        "32",
        "33",
        "34",
        "35",
        "39",
        "41",
        "49",
        "51",
        "52",
        "53",
        "59",
        "61",
        "62",
        "69",
        "71",
        "72",
        "79",
        "81",
        "89",
        "91",
        "92",
        "93",
    ]
)
_WORD = re.compile(r"[0-9A-Za-z]+")

#: control characters but for tab and line breaks, marks that turn the direction of a text, characters without a width
_DECEIVING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


def clean(text: str, heading: str = "") -> str:
    """A text as it may be kept and shown: numbers of persons masked, no deceiving characters. Idempotent.

    `heading` is that of the text's column, which may say what a number is.
    """
    return without_numbers(without_controls(text), heading)


def without_controls(text: str) -> str:
    """A text without control characters (tab and line breaks stay), marks of direction and characters of no width."""
    return _DECEIVING.sub("", text)


def without_numbers(text: str, heading: str = "") -> str:
    """A text with MASK in place of each number of a person."""
    spans = [*_personal_spans(text, heading)]
    if not spans:
        return text
    parts: list[str] = []
    last = 0
    for start, end in spans:
        parts += (text[last:start], MASK)
        last = end
    return "".join(parts) + text[last:]


def is_deceiving(text: str) -> bool:
    """Whether a text has characters that `without_controls` removes."""
    return _DECEIVING.search(text) is not None


def cleaned(texts: Iterable[str]) -> dict[str, str]:
    """Of many texts those that are not clean, each as it may be kept and shown."""
    whole = [*{*texts}]
    suspects = {*may_have_numbers(whole)}
    if not "".join(whole).isprintable():
        # what deceives is not printable
        suspects.update(filterfalse(str.isprintable, whole))
    return {text: one for text in suspects if (one := clean(text)) != text}


def may_have_numbers(texts: Iterable[str]) -> list[str]:
    """Of many texts those with enough digits in a row for a number of a person; many that have are none.

    All are looked at as one text, because nearly none has: a call for each costs more than the search.
    """
    long_enough = [*filterfalse(_PLAIN_CODE.fullmatch, [text for text in texts if len(text) >= SHORTEST])]
    joined = "|".join(long_enough)
    starts = [hit.start() for kind in (_ENOUGH, _GROUPED) for hit in kind.finditer(joined)]
    if not starts:
        return []
    ends = [*accumulate(len(text) + 1 for text in long_enough)]
    return [long_enough[place] for place in {bisect_right(ends, start) for start in starts}]


def is_bare(text: str) -> bool:
    """Whether a text is one number and nothing else, so that its column says what it is."""
    return _BARE.fullmatch(text) is not None


def is_personal_number(value: int | float, heading: str = "") -> bool:
    """Whether a number that a spreadsheet keeps as such is one of a person."""
    if isinstance(value, bool) or not 1e10 <= value < 1e18 or value != int(value):
        return False
    digits = str(int(value))
    if len(digits) == 18:
        # the last digits are lost
        return _born(digits[:6], digits[6:14])
    return without_numbers(digits, heading) != digits


def is_identity(digits: str) -> bool:
    """Whether 18 characters are an identity number with its check digit, or 15 digits may be one of before 1999."""
    if len(digits) == 15:
        return _born(digits[:6], "19" + digits[6:12])
    return len(digits) == 18 and _born(digits[:6], digits[6:14]) and _checks_as_identity(digits)


def _personal_spans(text: str, heading: str) -> Iterable[tuple[int, int]]:
    if len(text) < SHORTEST or _PLAIN_CODE.fullmatch(text):
        return
    spans: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        groups = [*_GROUP.finditer(text, run.start(), run.end())]
        first = 0
        while first < len(groups):
            last = _personal_groups(text, groups, first, heading)
            if last < 0:
                first += 1
                continue
            spans.append(_widened(text, groups[first].start(), groups[last].end()))
            first = last + 1
    for spelled in _SPELLED.finditer(text):
        digits = spelled[0].translate(_SPELLED_DIGITS)
        if _MOBILE.fullmatch(digits) or is_identity(digits):
            spans.append(spelled.span())
    for grouped in _GROUPED.finditer(text):
        digits = "".join(map(_ascii, re.findall(r"\d+[XxＸｘ]?", grouped[0])))
        overlaps = any(start < grouped.end() and grouped.start() < end for start, end in spans)
        if not overlaps and (len(digits) == 11 or is_identity(digits)):
            spans.append(grouped.span())
    yield from sorted(spans)


def _personal_groups(text: str, groups: list[re.Match[str]], first: int, heading: str) -> int:
    """The last of the groups of digits from `first` that make a number of a person; -1 if none do."""
    start = groups[first].start()
    digits, spaced, best = "", "", -1
    for last in range(first, min(first + 18, len(groups))):
        group = _ascii(groups[last][0])
        digits += group
        spaced += group if last == first else f" {group}"
        if len(digits) > 22 and last > first:
            break
        number = digits if len(digits) == 18 else digits.rstrip("X")
        several = last - first + 1
        plain = several == 1
        if plain:
            if _is_number(number, text, start, groups[last].end(), heading):
                best = last
        elif _is_spaced(
            number, spaced.rstrip("X"), text[start : groups[last].end()], several, groups[first : last + 1]
        ):
            best = last
    return best


def _is_number(digits: str, text: str, start: int, end: int, heading: str) -> bool:
    """Whether digits without a space between them, at this place of a text, are a number of a person."""
    if (
        _MOBILE.fullmatch(digits)
        or _LANDLINE.fullmatch(digits)
        or (text[max(0, start - 1) : start] in ("+", "＋") and _LANDLINE_ABROAD.fullmatch(digits))
    ):
        return not _inside_code(text, start, end)
    if len(digits) == 18:
        return _born(digits[:6], digits[6:14]) and (_checks_as_identity(digits) or not _is_credit_code(digits))
    if len(digits) == 15:
        beside = heading + text[max(0, start - _BESIDE) : start]
        return (
            is_identity(digits)
            and not _inside_code(text, start, end)
            and _DECIMALS.search(text[max(0, start - 2) : start]) is None
            and not (_ACCOUNT.search(beside) and not _REGISTRATION.search(beside))
            and not (_REGISTRATION.search(beside) and _checks_as_registration(digits))
        )
    return 21 < len(digits) <= 90 and _is_joined(digits)


def _is_spaced(digits: str, spaced: str, written: str, groups: int, parts: list[re.Match[str]]) -> bool:
    """Whether groups of digits together are a number of a person."""
    single = all(len(part[0]) == 1 for part in parts)
    dots = written.count(".")
    if dots:
        return dots == groups - 1 == 2 and _MOBILE.fullmatch(digits) is not None and len(parts[1][0]) == 4
    if _LANDLINE.fullmatch(spaced) or _LANDLINE_ABROAD.fullmatch(spaced):
        return True
    if _MOBILE.fullmatch(digits):
        begins = groups <= 2 or single or (groups <= 6 and len(parts[0][0]) > 2)
        return begins and _DATE_IN_FRONT.match(spaced) is None
    if len(digits) == 18 and (single or groups <= 7):
        return is_identity(digits) or (groups <= 4 and _born(digits[:6], digits[6:14]))
    return len(digits) == 15 and (single or groups <= 4) and len(parts[0][0]) in (1, 3, 6) and is_identity(digits)


def _is_joined(digits: str) -> bool:
    """Whether numbers of persons stand one behind the other."""
    position = 0
    while position < len(digits):
        for length in (11, 18, 15):
            part = digits[position : position + length]
            if len(part) == length and (_MOBILE.fullmatch(part) if length == 11 else is_identity(part)):
                position += length
                break
        else:
            return False
    return True


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the sign or bracket in front that belongs to the number."""
    if text[max(0, start - 1) : start] in ("(", "（") and any(mark in text[start:end] for mark in ")）"):
        start -= 1
    if country := _COUNTRY.search(text[max(0, start - 6) : start]):
        start -= len(country[0])
    return start, end


def _inside_code(text: str, start: int, end: int) -> bool:
    """Whether the digits are part of an id of the graph or of a credit code."""
    begin = start
    while begin and text[begin - 1].isascii() and text[begin - 1].isalnum():
        begin -= 1
    word = _WORD.match(text, begin)
    whole = word[0] if word else ""
    return len(whole) > end - start and (
        _ID.fullmatch(whole) is not None or (len(whole) == 18 and _checks_as_credit(whole.upper()))
    )


def _ascii(group: str) -> str:
    """A group of digits of any width in plain digits, with a capital X."""
    if group.isascii():
        return group.upper()
    return "".join("X" if c in "XxＸｘ" else str(int(c)) for c in group)


def _born(division: str, date: str) -> bool:
    if division[:2] not in _PROVINCES or date[:2] not in ("18", "19", "20") or not date.isdigit():
        return False
    try:
        dt.date(int(date[:4]), int(date[4:6]), int(date[6:]))
    except ValueError:
        return False
    return True


_IDENTITY_WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]


def _checks_as_identity(digits: str) -> bool:
    if not digits[:17].isdigit():
        return False
    total = sum(weight * int(c) for weight, c in zip(_IDENTITY_WEIGHTS, digits, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def _checks_as_credit(code: str) -> bool:
    """Whether the check character of a credit code holds (GB 32100-2015)."""
    if any(c not in _CREDIT for c in code):
        return False
    total = sum(_CREDIT.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    return _CREDIT[-total % 31] == code[17]


def _is_credit_code(digits: str) -> bool:
    """Whether digits are a credit code: check character, a registrar with its kind of body, and a province after them."""
    return digits[:2] in _REGISTRARS and digits[2:4] in _PROVINCES | {"10"} and _checks_as_credit(digits)


def _checks_as_registration(digits: str) -> bool:
    """Whether the check digit of a registration number holds (ISO 7064, MOD 11,10)."""
    product = 10
    for digit in map(int, digits[:-1]):
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (product + int(digits[-1])) % 10 == 1
