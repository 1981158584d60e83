"""Fictional names and codes, each a pure function of a number, so that they are unique by construction."""

from __future__ import annotations

from functools import cache

#: syllables rarely combined in a firm's name; a prime number of them, which `mark` relies on
_SYLLABLES = (
    "岚栎沅槿蕤泓澹翊珩璟瑄琬珞玦砚磬笙筠箬篁"
    "茴荇荻菀菡蓁蔚薇蘅藜桁桉梧棠楹榛樾槭檀橼"
    "汀沁泠洄浔浠涓淇渌湛溆溱滢漪潆澍濂瀚灏熠"
    "旻昀昉晏晗晞暄曦朔朗钰铄锦镕霁霖霭韶颀飏"
    "骊骐骞鸢鸾鹤鹭麒黛鼎屿岑峤峻崧嵘巍彦律徽"
    "宸"
)
_PRIME = len(_SYLLABLES)

_SURNAMES = (
    "温江柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷"
    "罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧"
)
_GIVEN_FIRST = "嘉若思承景清语知念安书怀望沐以乐新远明启泽致润修展向立守同恒"
_GIVEN_SECOND = "川禾溪宁朗原澄舟岩树言初舒白行远州年和林平桐野青苗山石辰夏秋"

_PLACE_FIRST = "岫泠栎槐枫菱蓼荻柘梓桐榆橘柚茭萍苇蒲苔芷蕨荇鹭鹇雁鸢"
_PLACE_SECOND = "溪塘坪湾桥岭浦渡冲垄坡洲"
_VILLAGE_PREFIX = "上下新大小老前后"

_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_VALUE = {character: value for value, character in enumerate(_CODE_ALPHABET)}
_CODE_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_BODY_VALUE = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def mark(number: int) -> str:
    """The 字号 of firm `number`: three syllables.

    Any two of the first 10,201 differ in at least two syllables (the third is a check on the first two), so
    that no matcher may take two different firms for one; distinct up to 1,030,301.
    """
    lap, place = divmod(number, _PRIME * _PRIME)
    second, first = divmod(place * 4409 % (_PRIME * _PRIME), _PRIME)  # a walk on which neighbours differ in all
    return _SYLLABLES[first] + _SYLLABLES[second] + _SYLLABLES[(3 * first + 7 * second + lap + 11) % _PRIME]


def person(number: int) -> str:
    """Person `number`; distinct up to the size of the three lists' product, 70,200, then longer by a syllable."""
    size = len(_SURNAMES) * len(_GIVEN_FIRST) * len(_GIVEN_SECOND)
    lap, place = divmod(number, size)
    # 7,919 is prime and divides none of the lists' lengths: a walk through all combinations that looks random
    place = place * 7919 % size
    rest, surname = divmod(place, len(_SURNAMES))
    first, second = divmod(rest, len(_GIVEN_SECOND))
    middle = "" if not lap else _SYLLABLES[lap % _PRIME]
    return _SURNAMES[surname] + middle + _GIVEN_FIRST[first] + _GIVEN_SECOND[second]


def town(number: int) -> str:
    """The name of town `number` without 镇 or 街道; distinct up to 312."""
    second, first = divmod(number, len(_PLACE_FIRST))
    return _PLACE_FIRST[first] + _PLACE_SECOND[second % len(_PLACE_SECOND)]


def village(number: int) -> str:
    """The name of village or community `number` without 村 or 社区; distinct up to 2,496, never a town's."""
    rest, first = divmod(number, len(_PLACE_FIRST))
    prefix, second = divmod(rest, len(_PLACE_SECOND))
    return _VILLAGE_PREFIX[prefix % len(_VILLAGE_PREFIX)] + _PLACE_FIRST[first] + _PLACE_SECOND[second]


def credit_code(prefix: str, division: str, number: int) -> str:
    """A 统一社会信用代码 that passes both its check digits (GB 32100-2015, GB 11714).

    `prefix` is the two characters of 登记管理部门 and 机构类别, `division` six digits that GB/T 2260 does
    not assign, `number` below 31**6.
    """
    stem = prefix + division + "MA"
    body_sum, code_sum = _stem_sums(stem)
    rest = number * 48_271_129 % 887_503_681  # a walk over all 31**6 numbers: neighbours do not look alike
    body = ""
    for position in range(6):
        rest, value = divmod(rest, 31)
        character = _CODE_ALPHABET[value]
        body += character
        body_sum += _BODY_VALUE[character] * _BODY_WEIGHTS[2 + position]
        code_sum += value * _CODE_WEIGHTS[10 + position]
    check = "0123456789X0"[11 - body_sum % 11]
    return stem + body + check + _CODE_ALPHABET[-(code_sum + _CODE_VALUE[check] * _CODE_WEIGHTS[16]) % 31]


@cache
def _stem_sums(stem: str) -> tuple[int, int]:
    """What the first ten characters add to the two checksums."""
    body = sum(_BODY_VALUE[c] * w for c, w in zip(stem[8:], _BODY_WEIGHTS, strict=False))
    return body, sum(_CODE_VALUE[c] * w for c, w in zip(stem, _CODE_WEIGHTS, strict=False))


def broken_code(code: str) -> str:
    """The same code with a check digit that is wrong."""
    return code[:-1] + _CODE_ALPHABET[(_CODE_VALUE[code[-1]] + 1) % 31]


def identity_number(division: str, number: int) -> str:
    """18 characters in the form of an identity number whose check digit is wrong on purpose: nobody's."""
    digits = f"{division}19{70 + number % 30}{1 + number % 12:02d}{1 + number % 28:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    right = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
    return digits + "10X98765432"[(right + 1) % 11]


def phone(number: int) -> str:
    """Eleven digits under a prefix that no carrier has."""
    return f"100{number % 100_000_000:08d}"
