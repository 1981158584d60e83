"""Cells as offices write them, and what becomes of each."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.workbook import Cell, Formula
from loaders.cleaning import cells, codes, dates, headings, marks, names, numbers

REGISTRY = Path(__file__).resolve().parents[2] / "../shared/data/registry/changsha_enterprises.csv"
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
NAME = st.text(st.sampled_from("甲乙丙丁市有限公司第1234ab（）"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("  甲　公司\n", "甲 公司"),
        ("Ａ１２，（三）", "A12，（三）"),
        ("甲\u200b\ufeff公司\u00a0", "甲公司"),
        ("⼈民", "人民"),
        (12345.0, "12345"),
        (0.1, "0.1"),
        (1e22, "10000000000000000000000"),
        (float("nan"), None),
        (True, "是"),
        (dt.datetime(2021, 3, 5), "2021-03-05"),
        (dt.datetime(2021, 3, 5, 9, 30), "2021-03-05 09:30"),
        (Formula("=1+1", 2), "2"),
        ("Ｎ／Ａ", None),
        ("——", None),
        (" ", None),
        (None, None),
    ],
)
def test_text(cell: Cell, stored: str | None) -> None:
    assert cells.text(cell) == stored


def test_text_keeps_marks_of_none_when_they_are_answers() -> None:
    assert cells.text("无", blank_marks=False) == "无"


def test_name_unifies_brackets_and_keeps_spaces_between_latin_words() -> None:
    assert names.name("甲 市(乙) ABC Ltd【丙】公司") == "甲市（乙）ABC Ltd（丙）公司"


@given(st.text(max_size=30))
def test_name_key_is_idempotent(raw: str) -> None:
    assert names.name_key(names.name_key(raw)) == names.name_key(raw)


@given(NAME)
def test_name_key_is_blind_to_width_brackets_case_and_spaces(raw: str) -> None:
    key = names.name_key(raw)
    half = raw.replace("（", "(").replace("）", ")")
    for spelling in (half, half.translate(FULL_WIDTH), raw.upper(), f" {' '.join(raw)} ", f"《{raw}》", f"“{raw}”。"):
        assert names.name_key(spelling) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("甲（乙）公司", "甲（丙）公司"),
        ("甲（乙）公司", "甲公司"),
        ("1.5中心", "15中心"),
        ("第1-2支部", "第12支部"),
        ("A&B", "AB"),
    ],
)
def test_name_key_keeps_what_tells_firms_apart(one: str, other: str) -> None:
    assert names.name_key(one) != names.name_key(other)


@pytest.mark.parametrize(
    "spelling",
    ["91350100M000100Y43", " 91350100m000100y43", "９１３５０１００ Ｍ０００１００Ｙ４３", "'91350100M000100Y43"],
)
def test_credit_code_normal_form(spelling: str) -> None:
    assert codes.credit_code(spelling) == ("91350100M000100Y43", None)


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("91350100M000100Y4Z", "不允许"),
        ("91350100M000100Y44", "校验位"),
        ("91350100M000100Y4", "17 位"),
        ("430181000012345", "旧注册号"),
        (9.1430104184092e17, "已丢失"),
        ("9.14301E+17", "已丢失"),
        ("９.14301e17", "已丢失"),
        ("914301840923838000", "已丢失"),
        ("11010519491231002X", "身份证"),
        ("9" * 1_000_000, "过长"),
    ],
)
def test_credit_code_problems(cell: Cell, word: str) -> None:
    code, problem = codes.credit_code(cell)
    assert code is None
    assert problem is not None
    assert word in problem


@pytest.mark.parametrize(
    "cell",
    [
        "1.23457E+17",
        "1.23457e+17",
        " 1.23457 E+17",
        "1E+17",
        "4.30181E+11",
        "'1.2E17",
        "123456789012345000",
        "12345678901234500",
        "1234567890123450000000",
        1.234567890123457e17,
        123456789012345600.0,
        1e15,
        Formula("=A1", 1.5e17),
    ],
)
def test_a_code_that_was_a_number_has_lost_digits(cell: Cell) -> None:
    assert codes.code(cell) == (None, codes.LOST)


@pytest.mark.parametrize(
    "cell", ["待定", "0", "000000", 0, "办理中", "待补充", "未编码", "暂缺", "XXXX", "???", "尚未申请", "无代码"]
)
def test_what_stands_for_no_code_is_no_key(cell: Cell) -> None:
    code, problem = codes.code(cell)
    assert code is None
    assert problem


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("东镇", "东镇"),
        ("123456789012345678", "123456789012345678"),
        ("001.002.000", "001.002.000"),
        ("430181-1E5", "430181-1E5"),
        ("12E4", "12E4"),
        (430181101201.0, "430181101201"),
        (430181000000, "430181000000"),
        ("1234567890123450", "1234567890123450"),
        ("/", None),
        (None, None),
    ],
)
def test_a_code_that_is_whole_is_stored(cell: Cell, stored: str | None) -> None:
    assert codes.code(cell) == (stored, None)


@given(st.from_regex("[1-9][0-9]{17}", fullmatch=True))
def test_a_code_of_eighteen_digits_as_a_spreadsheet_keeps_it_is_no_key(digits: str) -> None:
    rounded = f"{float(digits):.15g}"
    for cell in (float(digits), f"{float(digits):.5E}", f"{int(float(rounded)):d}"[:15] + "000"):
        assert codes.digits_lost(cell)


def test_a_valid_credit_code_may_end_in_zeros() -> None:
    code = next(code for n in range(10_000) if (code := f"91990001{n:07d}000") and codes.credit_code(code)[0])
    assert codes.credit_code(code) == (code, None)
    assert codes.credit_code(float(code))[0] is None


def test_credit_code_blank_and_kind() -> None:
    assert codes.credit_code("无") == (None, None)
    assert codes.code_prefix_kind("91350100M000100Y43") == "企业"
    assert codes.code_prefix_kind("12350100M000100Y43") == ""
    assert codes.code_prefix_kind(None) == ""


@pytest.mark.parametrize(
    "cell",
    [
        "2021年3月5日",
        "2021.03.05",
        "2021-3-5",
        "2021/3/5",
        "20210305",
        "２０２１年３月５日",
        "2021 年 3 月 5 日",
        "44260",
        20210305,
        20210305.0,
        44260,
        44260.75,
        dt.date(2021, 3, 5),
        dt.datetime(2021, 3, 5, 8),
        "2021-03-05 08:00:00",
    ],
)
def test_date_spellings(cell: Cell) -> None:
    assert dates.date(cell) == (dt.date(2021, 3, 5), None)


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2024年2月", (2024, 2, 1), (2024, 2, 29)),
        ("2021.10", (2021, 10, 1), (2021, 10, 31)),
        ("202103", (2021, 3, 1), (2021, 3, 31)),
        ("2021.9", (2021, 9, 1), (2021, 9, 30)),
        ("2021.1月", (2021, 1, 1), (2021, 1, 31)),
        ("2021.01", (2021, 1, 1), (2021, 1, 31)),
        ("2021-1", (2021, 1, 1), (2021, 1, 31)),
        (2021.3, (2021, 3, 1), (2021, 3, 31)),
        ("2021", (2021, 1, 1), (2021, 12, 31)),
        (2021, (2021, 1, 1), (2021, 12, 31)),
    ],
)
def test_date_without_day(cell: Cell, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert dates.date(cell)[0] == dt.date(*first)
    assert dates.date(cell, end=True)[0] == dt.date(*last)


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("2021-02-30", "没有这一天"),
        ("2021年13月", "没有这个月份"),
        ("1899-12-31", "年份"),
        ("2101年1月", "年份"),
        ("1900-01-01", "默认值"),
        (dt.date(1900, 1, 1), "默认值"),
        (2021.1, "10 月"),
        ("2021.1", "10 月"),
        (" ２０２１．１ ", "10 月"),
        ("2021年3-5月", "不是日期"),
        ("2021-2023", "不是日期"),
        ("21.3.5", "不是日期"),
        ("3/5/2021", "不是日期"),
        (-5, "不是日期"),
        ("至今", "不是日期"),
        (True, "不是日期"),
        ("1" * 1_000_000, "不是日期"),
    ],
)
def test_date_problems(cell: Cell, word: str) -> None:
    day, problem = dates.date(cell)
    assert day is None
    assert problem is not None
    assert word in problem


def test_date_without_end_is_blank() -> None:
    assert dates.date("长期", end=True) == (None, None)


@given(st.dates(dt.date(1900, 3, 1), dt.date(2100, 12, 31)))
def test_date_round_trips(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    spellings: list[Cell] = [day, day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"]
    if serial >= 10000:
        spellings += [serial, float(serial)]
    assert {dates.date(cell) for cell in spellings} == {(day, None)}


@pytest.mark.parametrize(
    ("cell", "unit", "yuan"),
    [
        ("10,191(万元人民币)", None, 101_910_000),
        ("13.6万人民币", None, 136_000),
        ("50(万)", None, 500_000),
        ("50(万元)", None, 500_000),
        ("5万人民币元", None, 50_000),
        ("5万元人民币", None, 50_000),
        ("1.2亿元", None, 120_000_000),
        ("500元", "万元", 500),
        (500, "万元", 5_000_000),
        (1234.56785, "万元", 12_345_678),
        ("49,999.99元", None, 49_999),
        (4.99999, "万元", 49_999),
        ("4.99999万元", "元", 49_999),
        (4.999999999999999, "万元", 50_000),
        (0.1 + 0.2, "万元", 3_000),
        (Formula("=1.1*3", 3.3000000000000003), "万元", 33_000),
        ("3.5", "百万元", 3_500_000),
        (2, "千元", 2_000),
        (2, "十万元", 200_000),
        (0.1, "万", 1000),
        ("￥１，０００．５", None, 1000),
        ("-5万", None, -50_000),
        (3, None, 3),
    ],
)
def test_money(cell: Cell, unit: str | None, yuan: int) -> None:
    assert numbers.money(cell, unit) == (yuan, None)


@pytest.mark.parametrize(
    ("cell", "unit", "problem"),
    [
        ("50(万美元)", None, numbers.FOREIGN_CURRENCY),
        (50, "万港币", numbers.FOREIGN_CURRENCY),
        ("N/A", None, numbers.NO_AMOUNT),
        ("约500万", None, "约数"),
        ("100-500万", None, "约数"),
        ("13,6", None, "不是金额"),
        ("5", "人", "不是金额"),
        ("无限", None, "不是金额"),
        (1e30, None, "不合理"),
        ("9" * 1_000_000, None, "不是金额"),
    ],
)
def test_money_problems(cell: Cell, unit: str | None, problem: str) -> None:
    amount, said = numbers.money(cell, unit)
    assert amount is None
    assert said is not None
    assert problem in said


@given(st.decimals(-(10**6), 10**6, places=4))
def test_money_loses_nothing_to_floats(amount: object) -> None:
    expected = round(float(str(amount)) * 10_000)
    assert numbers.money(f"{amount:,}万元") == (expected, None)
    assert numbers.money(float(str(amount)), "万元") == (expected, None)


def test_empty_cells_have_no_problem() -> None:
    for function in (numbers.money, dates.date, numbers.integer, numbers.number, codes.credit_code):
        assert function(None) == function("  ") == (None, None)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("1,200人", 1200),
        ("３户", 3),
        (3.0, 3),
        ("3.0", 3),
        ("1.2万人", 12000),
        ("-3", -3),
        ("无", None),
        ("1 200 人", 1200),
    ],
)
def test_integer(cell: Cell, count: int | None) -> None:
    assert numbers.integer(cell) == (count, None)


@pytest.mark.parametrize(
    "cell",
    [
        "约50人",
        "3-5人",
        "50余人",
        3.5,
        "五",
        True,
        dt.date(2021, 3, 5),
        "3人5户",
        "1,20",
        "20 30",
        "12 3456",
        "9" * 1_000_000,
    ],
)
def test_integer_problems(cell: Cell) -> None:
    count, problem = numbers.integer(cell)
    assert count is None
    assert problem


def test_number() -> None:
    assert numbers.number("113.5") == (113.5, None)
    assert numbers.number("东经113")[1] == "不是数字"


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("甲公司、乙公司，丙,丁;戊；己\n庚", ["甲公司", "乙公司", "丙", "丁", "戊", "己", "庚"]),
        ("1.甲公司 2.乙公司", ["甲公司", "乙公司"]),
        ("1、甲公司2、乙公司", ["甲公司", "乙公司"]),
        ("①甲②乙", ["甲", "乙"]),
        ("（1）甲（2）乙", ["甲", "乙"]),
        ("甲（乙、丙（丁，戊）、己)公司、庚", ["甲（乙、丙（丁，戊）、己）公司", "庚"]),
        ("甲（乙、丙", ["甲（乙", "丙"]),
        ("甲、乙等3家企业", ["甲", "乙"]),
        ("甲、平等公司等。", ["甲", "平等公司"]),
        ("1.5创业中心、58同城", ["1.5创业中心", "58同城"]),
        ("甲、甲、无", ["甲"]),
        ("甲、……、***", ["甲"]),
        (123.0, ["123"]),
        (None, []),
    ],
)
def test_names(cell: Cell, parts: list[str]) -> None:
    assert names.names(cell) == parts


@pytest.mark.parametrize(
    ("cell", "missing"),
    [
        ("甲、乙等3家企业", True), ("甲、乙等2家", False), ("甲公司等", True), ("甲公司等共 5 户。", True), ("甲、平等公司", False),
        ("等高线公司", False), (3.0, False), (None, False),
    ],
)  # fmt: skip
def test_names_that_are_not_written_out(cell: Cell, missing: bool) -> None:
    assert names.left_out(cell, len(names.names(cell))) is missing


@given(
    st.lists(st.from_regex(r"[甲乙丙丁]{1,6}(（[戊己、，]{1,4}）)?公司", fullmatch=True), unique=True),
    st.sampled_from("、，,；;\n"),
)
def test_names_round_trip(parts: list[str], separator: str) -> None:
    assert names.names(separator.join(parts)) == parts


@pytest.mark.parametrize(
    ("cell", "heading"),
    [
        ("年营业收入\n（万元）", ("年营业收入", "万元")),
        ("从业人数(人)", ("从业人数", "人")),
        ("*企业名称（必填）", ("企业名称", None)),
        ("单位：万元", ("单位", "万元")),
        ("产值/万元", ("产值", "万元")),
        ("注册资金（人民币万元）（必填）", ("注册资金", "万元")),
        ("镇街 (园区)", ("镇街（园区）", None)),
        ("党员数（正式）（人）", ("党员数（正式）", "人")),
        ("证券简称'", ("证券简称", None)),
        (2023.0, ("2023", None)),
        ("户数（万户）", ("户数", "万户")),
        ("年营业收入（2025年，万元）", ("年营业收入（2025年）", "万元")),
        ("年营业收入（十万元，2025年度）", ("年营业收入（2025年度）", "十万元")),
        (None, ("", None)),
    ],
)
def test_header_text(cell: Cell, heading: tuple[str, str | None]) -> None:
    assert headings.header_text(cell) == heading


@pytest.mark.parametrize(
    "cell", ["、" * 300_000, "（示例" * 300_000, "1." * 200_000, " " * 300_000 + "甲", "等" * 300_000]
)
def test_no_function_is_slow_on_a_cell_of_megabytes(cell: str) -> None:
    for function in (
        cells.text,
        names.name,
        names.name_key,
        names.names,
        headings.header_text,
        headings.stated_units,
        headings.unit_alone,
        marks.yes_no,
        marks.ticked,
    ):
        function(cell)
    for parse in (codes.credit_code, dates.date, numbers.money, numbers.integer, numbers.number):
        assert parse(cell)[0] is None


def test_real_registry() -> None:
    if not REGISTRY.exists():
        pytest.skip(f"没有真实数据：{REGISTRY.name}")
    with REGISTRY.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    credit_codes = [codes.credit_code(row["统一社会信用代码"])[0] for row in rows]
    kinds = [codes.code_prefix_kind(code) for code in credit_codes if code]
    capital = [numbers.money(row["注册资金"]) for row in rows]
    assert len(rows) == 7806
    assert len(rows) - 10 < len(kinds) <= len(rows)
    assert kinds.count("") == 1
    assert sum(problem == numbers.NO_AMOUNT for _, problem in capital) == 1398
    assert sum(problem == numbers.FOREIGN_CURRENCY for _, problem in capital) == 68
    assert sum(problem is None and bool(yuan) for yuan, problem in capital) == 7806 - 1398 - 68
    assert all(dates.date(row["注册日期"])[1] is None for row in rows)
