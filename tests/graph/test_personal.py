"""Numbers of persons in texts: masked wherever they stand, and nothing else is."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from graph.personal import MASK, clean
from loaders.cleaning.codes import credit_code

DATES = st.dates(min_value=dt.date(1930, 1, 1), max_value=dt.date(2010, 1, 1))


@st.composite
def identities(draw: st.DrawFn) -> str:
    """Fictional identity numbers with a valid check digit."""
    body = f"430102{draw(DATES):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return body + ric.calc_check_digit(body + "0")


MOBILES = st.builds("1{}{:09}".format, st.integers(3, 9), st.integers(0, 10**9 - 1))
WORDS = st.text("张三有限公司号电话：，、/。（", max_size=6)


@given(WORDS, st.one_of(identities(), MOBILES), WORDS)
def test_no_number_stays_and_masking_again_changes_nothing(before: str, number: str, after: str) -> None:
    cleaned = clean(before + number + after)
    assert number not in cleaned
    assert MASK in cleaned
    assert clean(cleaned) == cleaned


@given(st.integers(0, 10**9 - 1), st.sampled_from(["91", "92", "93"]))
def test_credit_codes_stay(number: int, registrar: str) -> None:
    body = f"{registrar}430102{number:09}"
    code = body + uscc.calc_check_digit(body)
    assert clean(code) == code
    assert clean(f"代码{code}。") == f"代码{code}。"


@pytest.mark.parametrize(
    "text",
    [
        "+86 138-0000-0035", "１３８００００００３５", "138\u200b00000035", "0731-88888888-8001", "（0731）88888888",
        "1 3 8 0 0 0 0 0 0 3 5", "一三八〇〇〇〇〇〇三五", "1380000000313900000035", "430102800101012", "8613800000035",
        "138/0000/0035", "138|0000|0035", "138。0000。0035", "138'0000'0035", "138      0000      0035", "138    00000035",
        "一三八 〇〇〇〇 〇〇三五", "壹叁捌零零零零零零叁伍", "430102/19800101/0329", "430102,19800101,0329",
        "1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e33\ufe0f\u20e35",
    ],
)  # fmt: skip
def test_ways_to_write_a_number(text: str) -> None:
    assert clean(text) == MASK


@pytest.mark.parametrize(
    "text",
    [
        "2019-05-06 10:00:00", "1998-01-01 001", "13,800,000,035", "430102001001", "XK16-005-000328",
        "1.234567890123457e+17", "账号：430102800101012", "t13800000035abcde", "u4896a13800000035", "见 u4896a13800000035。", "5dc13800000035c0", "15 20 30 40 50 60",
        "138、1234、5678", "158*1200*1500mm", "199:2024:2025", "2024/05/12-2025/06/30", "330127/2024/0001", "430102,19800101,0322",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert clean(text) == text


def test_what_deceives_is_removed() -> None:
    assert clean("甲\x1b[31m\u202e公司\u2066\x00") == "甲[31m公司"


@given(
    st.integers(0, 10**9 - 1),
    st.sampled_from(["91", "92", "93", "51", "52", "53"]),
    st.sampled_from(
        ["{}", "代码：{}（有效）", "{}、2020-01-01", "路12号 {} 5000万元", "统一社会信用代码{}，注册资本1,000,000.00元"]
    ),
)
def test_a_code_and_what_stands_beside_it_stay(number: int, registrar: str, context: str) -> None:
    body = f"{registrar}430102{number:09}"
    text = context.format(body + uscc.calc_check_digit(body))
    assert clean(text) == text


def test_a_credit_code_that_is_an_identity_number_is_none_of_a_firm() -> None:
    both = next(
        code
        for number in range(100_000)
        if uscc.calc_check_digit(body := f"5201021980{number // 1000 % 12 + 1:02}01{number % 1000:03}")
        == ric.calc_check_digit(body + "0")
        for code in [body + ric.calc_check_digit(body + "0")]
    )
    assert clean(both) == MASK
    assert credit_code(both) == (None, "像是身份证号，不是统一社会信用代码")
