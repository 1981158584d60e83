"""Number formats of spreadsheet cells: how much smaller a cell shows its number, and the unit that it shows behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from loaders.cleaning.headings import UNIT

#: a quoted text, a character behind ! or \, something in brackets, a character that only takes room, a word, any other
_TOKEN = re.compile(r'"([^"]*)"|[!\\](.)|\[([^\]]*)\]|[_*].|(G/通用格式|General|[eE][+-]0+)|(.)', re.DOTALL)
_CONDITION = re.compile(r"([<>]=?|=|<>)(-?\d+(?:\.\d+)?)")
_FOREIGN = re.compile(r"[$€£]|USD|HKD|EUR|JPY")
_UNIT = re.compile(f"(?!%){UNIT}(?:人民币)?|[$€£]")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a format does to a number: it is shown divided by `divisor`, and with `unit` ('' for none)."""

    divisor: int = 1
    unit: str = ""

    @property
    def tells(self) -> bool:
        """Whether the number means something else than it would without the format."""
        return self.divisor != 1 or self.unit != ""


@dataclass(frozen=True, slots=True)
class _Section:
    effect: NumberFormat
    condition: tuple[str, Decimal] | None


def tells(code: str) -> bool:
    """Whether a format shows some numbers divided or with a unit."""
    return any(section.effect.tells for section in _sections(code))


def effect(value: float, code: str) -> NumberFormat:
    """What a format does to this number."""
    sections = _sections(code)
    number = Decimal(repr(value))
    for section in sections:
        if section.condition and _holds(number, *section.condition):
            return section.effect
    plain = [section for section in sections if not section.condition]
    if not plain:
        return NumberFormat()
    if len(plain) == len(sections) and len(plain) > 1:
        # the sections of positive numbers, negative numbers and zero
        return plain[1 if value < 0 else 2 if value == 0 and len(plain) > 2 else 0].effect
    return plain[0].effect


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    sections: list[_Section] = []
    texts: list[str] = []
    condition: tuple[str, Decimal] | None = None
    digits = commas = after_point = 0
    point = literal_point = False

    def close() -> None:
        nonlocal texts, condition, digits, commas, after_point, point, literal_point
        words = "".join(texts)
        match = _UNIT.search(words.replace(" ", "")) if digits else None
        divisor = 1000**commas * (10**after_point if literal_point and not point else 1) if digits else 1
        sections.append(_Section(NumberFormat(divisor, match[0] if match else ""), condition))
        texts, condition, digits, commas, after_point, point, literal_point = [], None, 0, 0, 0, False, False

    for quoted, escaped, bracket, word, other in _TOKEN.findall(code):
        literal = quoted or escaped
        if literal == ".":
            # 0!.0, writes a point before the last digit of the thousands: a number of ten thousands
            literal_point, after_point, commas = True, 0, 0
        elif literal:
            texts.append(literal)
        elif bracket:
            if match := _CONDITION.fullmatch(bracket):
                condition = match[1], Decimal(match[2])
            elif bracket.startswith("$") and _FOREIGN.search(bracket.partition("-")[0][1:]):
                texts.append("$")
        elif word:
            digits += 1
        elif other == ";":
            close()
        elif other and other in "0#?":
            digits += 1
            after_point += 1
            commas = 0
        elif other == "," and digits:
            commas += 1
        elif other == ".":
            point = True
        elif other:
            texts.append(other)
    close()
    return tuple(sections)


def _holds(value: Decimal, sign: str, bound: Decimal) -> bool:
    return {
        "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound, "=": value == bound,
        "<>": value != bound,
    }[sign]  # fmt: skip
