"""An export of a business registry in the columns of its well-known portals: every column is used or named."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from graph.ontology import load as load_ontology
from graph.questions.lookup import find
from tests.loaders.desk import ON_EITHER, Desk, credit_code, only

#: headings as 企查查 and 天眼查 export them, each with what an ordinary firm has there
FIRM = {
    "企业名称": "甲县某某机械有限公司",
    "登记状态": "存续（在营、开业、在册）",
    "法定代表人": "赵甲样",
    "注册资本": "1000万元人民币",
    "实缴资本": "500.5万人民币",
    "成立日期": "2015-03-05",
    "核准日期": "2023-01-01",
    "所属省份": "某省",
    "所属城市": "某市",
    "所属区县": "甲县",
    "电话": "13800000000",
    "更多电话": "13900000000",
    "邮箱": "zhao@example.com",
    "统一社会信用代码": credit_code(1),
    "纳税人识别号": credit_code(1),
    "注册号": "990001000012345",
    "组织机构代码": "MA0000000",
    "参保人数": "12",
    "企业类型": "有限责任公司(自然人投资或控股)",
    "国标行业门类": "制造业",
    "国标行业大类": "通用设备制造业",
    "国标行业中类": "金属加工机械制造",
    "国标行业小类": "金属切削机床制造",
    "曾用名": "某某机床厂；甲县机床有限公司",
    "英文名": "Moumou Machinery",
    "网址": "www.example.com",
    "注册地址": "甲县东镇某路1号",
    "通信地址": "甲县西镇某路2号",
    "经营范围": "机床",
}
DROPPED = {"法定代表人", "电话", "更多电话", "邮箱"}
NAMED = {"核准日期", "纳税人识别号", "注册号", "组织机构代码", "国标行业中类", "国标行业小类", "英文名", "网址"}


def export(folder: Path, *firms: dict[str, str]) -> Path:
    """An export of firms that differ from an ordinary one."""
    path = folder / "查询导出.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*FIRM])
        writer.writeheader()
        writer.writerows({**FIRM, **firm} for firm in firms)
    return path


@ON_EITHER
def test_every_column_is_used_or_named(desk: Desk) -> None:
    report = only(desk.load(export(desk.folder, {})))
    assert (report.ledger, report.rows, report.accepted) == ("非公企业台账", 1, 1)
    assert set(report.dropped_columns) == DROPPED
    assert set(report.unknown_columns) == NAMED
    properties = load_ontology().nodes["Unit"].properties
    picked = ", ".join(f"u.`{name}` AS `{name}`" for name in properties)
    (unit,) = desk.query(f"MATCH (u:Unit) RETURN {picked}")
    stated: dict[str, Any] = {
        "name": "甲县某某机械有限公司", "operating": "在营", "registered_capital": 10_000_000, "paid_in_capital": 5_005_000,
        "credit_code": credit_code(1), "insured": 12, "staff": None, "industry": "通用设备制造业", "industry_section": "制造业",
        "former_names": ["某某机床厂", "甲县机床有限公司"], "registered_address": "甲县东镇某路1号", "address": None,
        "mailing_address": "甲县西镇某路2号", "business_scope": "机床",
    }  # fmt: skip
    assert {name: unit[name] for name in stated} == stated
    texts = str(
        desk.query("MATCH (t:SourceRow) RETURN t.values AS v") + desk.query("MATCH (m:Import) RETURN m.report AS v")
    )
    assert not any(FIRM[column] in texts for column in DROPPED)
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("甲县某某机械有限公司", "东镇")}


@ON_EITHER
def test_a_former_name_means_the_firm_of_today(desk: Desk) -> None:
    officers = desk.csv("指导员.csv", "指导员姓名,指导企业\n张某,甲县机床有限公司\n")
    desk.load(export(desk.folder, {}), officers)
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("张某", "甲县某某机械有限公司")}
    assert desk.reviews() == []
    with desk.store.reader() as reader:
        (unit,) = find(reader, load_ontology(), {"unit": ("Unit", "某某机床厂")}).values()
    assert unit.name == "甲县某某机械有限公司"


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (
            ("存续", "在业", "开业", "在营", "正常", "在册", "存续(在营、开业、在册)", "在营（开业）企业", "迁入"),
            "在营",
        ),
        (("停业", "歇业", "清算", "责令关闭", "已停业"), "停业"),
        (("注销", "已注销", "撤销", "除名", "吊销，已注销", "简易注销"), "注销"),
        (("吊销", "吊销未注销", "吊销，未注销", "吊销（未注销）"), "吊销"),
        (("迁出", "已迁出"), "迁出"),
        (("-", "", "其他状态"), None),
    ],
)
def test_states_of_registration(bare_desk: Desk, words: tuple[str, ...], state: str | None) -> None:
    firms = [
        {"企业名称": f"第{n}公司", "统一社会信用代码": credit_code(n), "登记状态": word, "曾用名": "-"}
        for n, word in enumerate(words)
    ]
    report = only(bare_desk.load(export(bare_desk.folder, *firms)))
    states = bare_desk.query("MATCH (u:Unit) RETURN DISTINCT u.operating AS state")
    assert [row["state"] for row in states] == [state]
    unread = [message for message in report.messages if message.code.startswith("blank_operating")]
    assert len(unread) == (state is None), "what is no known state is remarked"
