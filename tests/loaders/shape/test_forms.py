"""Exports of forms (WPS, 腾讯文档, 钉钉) and lists of registries, in the headings that these have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.loaders.desk import Desk, only, shaped


def values(folder: Path, header: str, row: str, name: str = "企业.csv") -> dict[str, Any]:
    path = folder / name
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    return dict(shaped(path).rows[0].values)


@pytest.mark.parametrize(
    ("heading", "field", "cell", "value"),
    [
        ("从业人员数量（填空）", "staff", "56", 56),
        ("*从业人员数量（选填）", "staff", "56人", 56),
        ("员工人数（人）", "staff", "56", 56),
        ("4.贵单位是否已成立党组织？（必填）", "has_organization", "已成立", True),
        ("4、贵单位是否已成立党组织?", "has_organization", "未成立", False),
        ("是否已建党组织（单选）", "has_organization", "A.是", True),
        ("5.是否为规模以上企业（必填）", "above_scale", "否", False),
        ("7.其中党员人数（必填）", "members", "5", 5),
        ("所有制（单选）", "ownership", "A、民营", "非公"),
        ("企业类型（单选）", "registration_type", "B. 有限责任公司", "有限责任公司"),
    ],
)
def test_headings_of_forms(tmp_path: Path, heading: str, field: str, cell: str, value: object) -> None:
    found = values(
        tmp_path,
        f"提交者（自动）,提交时间（自动）,1.企业名称（必填）,{heading},年营业收入（万元）",
        f"匿名,2026-06-01,一公司,{cell},1",
    )
    assert found[field] == value


@pytest.mark.parametrize(
    ("heading", "field", "cell", "value"),
    [
        ("社会组织类型", "nature", "民办非企业单位", "民办非企业单位"),
        ("2025年度检查结论", "annual_check", "基本合格", "基本合格"),
        ("年检结论", "annual_check", "未参加年检", "未参检"),
        ("成立登记日期", "founded_on", "2009-08-01", "2009-08-01"),
    ],
)
def test_headings_of_the_registry_of_societies(tmp_path: Path, heading: str, field: str, cell: str, value: str) -> None:
    found = values(
        tmp_path, f"登记证号,社会组织名称,登记管理机关,{heading}", f"甲字第1号,一协会,某局,{cell}", "名录.csv"
    )
    assert str(found[field]) == value


@pytest.mark.parametrize(
    ("heading", "said", "taken"),
    [
        ("审批状态", "已撤销", False), ("审批状态", "已撤回", False), ("审批结果", "拒绝", False), ("流程状态", "已驳回", False),
        ("审核结果", "审核不通过", False), ("填报状态", "草稿", False), ("审批状态", "完成", True), ("审批结果", "同意", True),
        ("审批状态", "审批中", True), ("审批状态", "", True), ("经营情况说明", "已撤销", True),
    ],
)  # fmt: skip
def test_what_was_withdrawn_or_refused_is_no_record(desk: Desk, heading: str, said: str, taken: bool) -> None:
    report = only(
        desk.load(
            desk.csv(
                "钉钉.csv",
                f"审批编号,{heading},企业名称,所属镇街,员工数,正式党员数\n1,{said},一公司,东镇,5,3\n2,,二公司,东镇,5,3\n",
            )
        )
    )
    assert (report.accepted, report.rejected) == ((2, 0) if taken else (1, 1))
    assert ("一公司" in desk.listed()) is taken
    if not taken:
        (message,) = (m for m in report.messages if m.code == "withdrawn")
        assert message.examples == (f"钉钉.csv“钉钉”第 2 行：{heading}“{said}”",)


@pytest.mark.parametrize(
    "heading", ["提交者（自动）", "提交人", "填写人", "填写者", "录入员", "创建人", "上报人", "发起人"]
)
def test_who_filled_in_a_form_is_dropped(desk: Desk, heading: str) -> None:
    report = only(
        desk.load(desk.csv("表.csv", f"{heading},企业名称,所属镇街,员工数,年营业收入（万元）\n某某,一公司,东镇,5,1\n"))
    )
    assert (report.accepted, report.dropped_columns, report.unknown_columns) == (1, (heading,), ())
