"""The unit of amounts wherever it stands, and one remark a column where it stands nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from tests.loaders.desk import shaped, shaped_files
from tests.loaders.read.test_files import compound, put
from tests.loaders.read.test_old_workbooks import formatted


def values(folder: Path, text: str, name: str = "非公企业.csv") -> dict[str, Any]:
    """The values of the first row of a text table."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return shaped(path).rows[0].values


@pytest.mark.parametrize(
    "text",
    [
        "企业名称,从业人员数量,年营业收入（万元）\n甲公司,10,3500\n",
        "企业名称,从业人员数量,年营业收入（2025年，万元）\n甲公司,10,3500\n",
        "企业名称,从业人员数量,年营业收入\n,人,万元\n甲公司,10,3500\n",
        "序号,企业名称,从业人员数量,年营业收入\n,,（人）,（万元）\n1,甲公司,10,3500\n",
        "企业名称,经营情况,\n,年营业收入,从业人员数量\n,万元,人\n甲公司,3500,10\n",
        "企业名称,经营情况（万元）,\n,年营业收入,从业人员数量\n甲公司,3500,10\n",
        "企业名称,从业人员数量（人，含临时工）,年营业收入（万元/年）\n甲公司,10,3500\n",
        "某县非公企业台账,,\n,,单位：万元、人\n企业名称,从业人员数量,年营业收入\n甲公司,10,3500\n",
        "某县非公企业台账（单位：万元）,,\n企业名称,从业人员数量,年营业收入\n甲公司,10,3500\n",
        "填报单位：某镇,,金额单位：人民币万元\n企业名称,从业人员数量,年营业收入\n甲公司,10,3500\n",
        "企业名称,从业人员数量,年营业收入\n甲公司,10,3500\n注：金额单位为万元,,\n",
        "企业名称,从业人员数量,年营业收入\n甲公司,10,3500万元\n",
        "单位：元,,\n企业名称,从业人员数量,年营业收入（万元）\n甲公司,10,3500\n",
        "单位：万元,,\n企业名称,从业人员数量,年营业收入\n甲公司,10,3500万\n",
        "单位：千元,,\n企业名称,从业人员数量,年营业收入\n甲公司,10,35000\n",
        "企业名称,从业人员数量（百人）,年营业收入（百万元）\n甲公司,0.1,35\n",
    ],
)
def test_the_unit_of_an_amount(tmp_path: Path, text: str) -> None:
    stated = values(tmp_path, text)
    assert (stated["staff"], stated["revenue"]) == (10, 35_000_000)


def test_the_unit_in_the_name_of_the_file(tmp_path: Path) -> None:
    text = "企业名称,从业人员数量,年营业收入\n甲公司,10,3500\n"
    assert values(tmp_path, text, "营业收入（万元）.csv")["revenue"] == 35_000_000


@pytest.mark.parametrize(
    "text",
    [
        "村名称,户数（万户）,集体经济总收入（万元）\n甲村,0.3,4.99999\n",
        "单位：万户、万元,,\n村名称,户数,集体经济总收入\n甲村,0.3,4.99999\n",
        "村名称,户数,集体经济总收入\n,万户,万元\n甲村,0.3,4.99999\n",
        "村名称,户数,集体经济总收入\n甲村,3000户,49999.9元\n",
    ],
)
def test_the_unit_of_households(tmp_path: Path, text: str) -> None:
    stated = values(tmp_path, text, "村.csv")
    assert (stated["households"], stated["income"]) == (3000, 49_999)


@pytest.mark.parametrize("title", ["", "单位：万元、亿元,,,\n"])
def test_an_amount_without_a_unit_is_kept_and_remarked_once_a_column(tmp_path: Path, title: str) -> None:
    path = tmp_path / "非公企业.csv"
    rows = "甲公司,10,3500,100万元\n乙公司,10,3600,0\n丙公司,10,,200万\n"
    path.write_text(f"{title}企业名称,从业人员数量,年营业收入,注册资本\n{rows}", encoding="utf-8")
    one = shaped(path)
    assert [row.values.get("revenue") for row in one.rows] == [3500, 3600, None]
    assert one.remarks.counts == {"no_unit_revenue": 1}
    assert "按元计" in one.remarks.texts["no_unit_revenue"]
    assert "“3500”" in one.remarks.examples["no_unit_revenue"][0]


def test_a_count_under_a_unit_of_money_is_blank_and_remarked(tmp_path: Path) -> None:
    path = tmp_path / "非公企业.csv"
    path.write_text("企业名称,从业人员数量（万元）,年营业收入（万元）\n甲公司,10,1\n", encoding="utf-8")
    one = shaped(path)
    assert "staff" not in one.rows[0].values
    assert any("表头单位是万元" in text for text in one.remarks.texts.values())


def workbook(folder: Path, header: str, number: float, code: str, excel: int | None = None) -> Path:
    """A workbook of one enterprise whose amount has a number format; a sheet without formats stands before it.

    It is an .xlsx, or an .xls of one sheet of this version of its records.
    """
    if excel:
        rows = [["非公企业", None, None], ["企业名称", "从业人员数量", header], ["甲公司", 10, number]]
        content = compound({"Workbook" if excel == 8 else "Book": formatted(rows, code, version=excel)})
        return put(folder / "非公企业.xls", content)
    path = folder / "非公企业.xlsx"
    book = Workbook(str(path))
    book.add_worksheet("说明").write(0, 0, "说明")
    sheet = book.add_worksheet("企业 & 其他")
    sheet.write_row(1, 0, ["企业名称", "从业人员数量", header])
    sheet.write_row(2, 0, ["甲公司", 10])
    sheet.write_number(2, 2, number, book.add_format({"num_format": code}))
    book.close()
    return path


@pytest.mark.parametrize("excel", [None, 8, 5])
@pytest.mark.parametrize(
    ("header", "number", "code"),
    [
        ("年营业收入（万元）", 35_000_000, "0!.0,"),
        ("年营业收入（万元）", 35_000_000, "0\\.0,"),
        ("年营业收入（万元）", 35_000_000, "0!.0000"),
        ("年营业收入（百万元）", 35_000_000, "0.00,,"),
        ("年营业收入（千元）", 35_000_000, "#,##0,"),
        ("年营业收入", 3500, '#,##0.00"万元"'),
        ("年营业收入", 3500, '#,##0"万"'),
        ("年营业收入", 35_000, '#,##0.00"千元"'),
        ("年营业收入（元）", 3500, '0"万元"'),
        ("年营业收入", 35_000_000, '0!.0,"万元"'),
        ("年营业收入", 35_000_000, '[>=10000]0!.0,"万元";0"元"'),
        ("年营业收入（万元）", 3500, "#,##0.00"),
        ("年营业收入（元）", 35_000_000, "#,##0.00"),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(
    tmp_path: Path, header: str, number: float, code: str, excel: int | None
) -> None:
    (one,), _ = shaped_files([workbook(tmp_path, header, number, code, excel)])
    assert one.rows[0].values["revenue"] == 35_000_000
    assert one.remarks.counts == {}


@pytest.mark.parametrize("header", ["年营业收入", "年营业收入（元）"])
def test_a_number_shown_divided_without_a_unit_is_kept_and_remarked(tmp_path: Path, header: str) -> None:
    (one,), _ = shaped_files([workbook(tmp_path, header, 35_000_000, "0!.0,")])
    assert one.rows[0].values["revenue"] == 35_000_000
    assert one.remarks.counts == {"no_unit_revenue": 1}
