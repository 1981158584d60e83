"""What a ledger is evidence of: branch offices, kinds, 所有制, 链主, terms, secretaries, organizations that it names."""

from __future__ import annotations

import datetime as dt

import pytest

from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from loaders.fold.branches import parent_of
from loaders.fold.kinds import ownership_by_type
from tests.loaders.desk import ON_EITHER, Desk, credit_code

AS_OF = dt.date(2026, 6, 30)
CODES = [credit_code(number) for number in range(8)]
UNITS = "MATCH (u:Unit) WHERE u.listed RETURN u.name AS name, {} AS value ORDER BY name"


def values(desk: Desk, column: str) -> dict[str, object]:
    return {row["name"]: row["value"] for row in desk.query(UNITS.format(column))}


def states(desk: Desk, as_of: dt.date = AS_OF) -> dict[str, str]:
    """The 组织覆盖 of each unit as 单位名册 shows it."""
    context = Inquiry(as_of, Locality(), load_ontology(), book=book())
    with desk.store.reader() as reader:
        return {row["name"]: row["org"] for row in ask(catalogue(book()), reader, context, "units", {}).rows}


# -- branch offices ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "parent"),
    [
        ({"name": "远方连锁有限公司甲县分公司"}, "远方连锁有限公司"),
        ({"name": "远方连锁股份有限公司东镇分店"}, "远方连锁股份有限公司"),
        ({"name": "远方有限责任公司第三分厂"}, "远方有限责任公司"),
        ({"name": "远方连锁有限公司（甲县分公司）"}, "远方连锁有限公司"),
        ({"name": "远方商业银行甲县支行"}, "远方商业银行"),
        ({"name": "远方商业银行股份有限公司甲县支行"}, "远方商业银行股份有限公司"),
        ({"name": "甲县餐饮协会东镇分会"}, "甲县餐饮协会"),
        ({"name": "远方连锁有限公司东镇便利店"}, ""),
        ({"name": "远方连锁有限公司东镇便利店", "branch_of_parent": True}, "远方连锁有限公司"),
        ({"name": "远方连锁有限公司东镇便利店", "registration_type": "有限责任公司分公司"}, "远方连锁有限公司"),
        ({"name": "远方连锁有限公司甲县分公司", "branch_of_parent": False}, ""),
        ({"name": "东镇便利店", "branch_of_parent": True}, ""),
        ({"name": "东镇便利店", "branch_of_parent": True, "parent_unit": "远方公司"}, "远方公司"),
        ({"name": "远方控股有限公司", "parent_unit": "远方集团公司"}, ""),
        ({"name": "甲县分公司"}, ""),
        ({"name": "远方有限公司"}, ""),
    ],
)
def test_the_parent_of_a_branch_office(unit: dict[str, object], parent: str) -> None:
    assert parent_of(unit) == parent


@ON_EITHER
def test_a_branch_office_leaves_the_base_by_an_organization_of_its_parent_alone(desk: Desk) -> None:
    branches = ("甲县分公司", "东镇分公司", "西镇分公司", "南街道分公司", "河口分公司")
    names = ["远方有限公司", *(f"远方有限公司{branch}" for branch in branches), "近处有限公司", "外地有限公司东镇分店"]
    desk.load(
        desk.units(
            "非公企业.csv",
            *(
                (name, code, "东镇", 5, 3, above)
                for name, code, above in zip(names, CODES, ["", "", "", "", "", "", "", "外地有限公司"], strict=True)
            ),
            more=("正式党员数", "所属总公司"),
        ),
        desk.csv(
            "党组织.csv",
            "党组织全称,党组织类别,行政区划,覆盖单位,组建方式\n"
            "远方党支部,党支部,东镇,远方有限公司、远方有限公司甲县分公司,联合\n"
            "东镇联合党支部,联合党支部,东镇,近处有限公司、远方有限公司东镇分公司,联合\n"
            "远方有限公司西镇分公司党支部,党支部,东镇,远方有限公司西镇分公司,单独\n"
            "远方有限公司功能型党支部,功能型党支部,东镇,远方有限公司、远方有限公司南街道分公司,联合\n"
            "中共外地有限公司委员会,党委,东镇,外地有限公司东镇分店,联合\n",
        ),
    )
    assert states(desk) == {
        "远方有限公司": "联合组建",
        "远方有限公司甲县分公司": "不适用",
        "远方有限公司东镇分公司": "联合组建",
        "远方有限公司西镇分公司": "单独组建",
        "远方有限公司南街道分公司": "应建未建",
        "远方有限公司河口分公司": "应建未建",
        "近处有限公司": "联合组建",
        "外地有限公司东镇分店": "不适用",
    }


# -- kinds and 所有制 -------------------------------------------------------------------------------


def test_kinds_by_type_and_name_where_there_is_no_code(desk: Desk) -> None:
    rows = (
        ("甲店", "", "个体工商户", "", "个体工商户"),
        ("乙店", "", "个体工商户（个人经营）", "", "个体工商户"),
        ("丙店", "", "个体", "", "个体工商户"),
        ("丁店", credit_code(4, "92"), "", "", "个体工商户"),
        ("戊厂", "", "个人独资企业", "", "企业"),
        ("己社", "", "农民专业合作社", "", "合作社"),
        ("庚种植专业合作社", "", "", "", "合作社"),
        ("辛园", "", "民办非企业单位", "", "社会组织"),
        ("壬公司", CODES[5], "有限责任公司", "", "企业"),
        ("癸公司", CODES[6], "", "个体户", "个体工商户"),
    )
    desk.load(
        desk.units("非公企业.csv", *((n, c, "东镇", 3, t, k) for n, c, t, k, _ in rows), more=("企业类型", "单位类型"))
    )
    assert values(desk, "u.kind") == {name: kind for name, _, _, _, kind in rows}


@pytest.mark.parametrize(
    ("registered", "ownership"),
    [
        ("私营企业", "非公"),
        ("有限责任公司(自然人投资或控股)", "非公"),
        ("有限责任公司(自然人独资)", "非公"),
        ("有限责任公司(自然人投资或控股的法人独资)", "非公"),
        ("个人独资企业", "非公"),
        ("普通合伙企业", "非公"),
        ("有限责任公司(港澳台投资、非独资)", "非公"),
        ("外商投资企业", "非公"),
        ("有限责任公司(外商投资企业法人独资)", "非公"),
        ("有限责任公司(国有独资)", "公有控股"),
        ("有限责任公司(国有控股)", "公有控股"),
        ("股份有限公司(上市、国有控股)", "公有控股"),
        ("全民所有制", "公有控股"),
        ("集体所有制", "公有控股"),
        ("有限责任公司(非自然人投资或控股的法人独资)", ""),
        ("其他有限责任公司", ""),
        ("股份有限公司(非上市)", ""),
        ("", ""),
    ],
)
def test_ownership_that_the_type_of_a_firm_tells(registered: str, ownership: str) -> None:
    assert ownership_by_type(registered) == ownership


@pytest.mark.parametrize(
    ("file", "title", "columns", "ownership"),
    [
        ("企业名单.csv", "", "", "不明"),
        ("规上企业.csv", "甲县规模以上企业名单", "", "不明"),
        ("企业名单.csv", "", "是否成立党组织", "不明"),
        ("非公企业台账.csv", "", "", "非公"),
        ("两新/企业名单.csv", "", "", "不明"),
        ("两新组织企业.csv", "", "", "非公"),
        ("企业名单.csv", "甲县民营企业名单", "", "非公"),
        ("企业名单.csv", "甲县非公有制企业情况", "", "非公"),
        ("企业名单.csv", "", "企业出资人姓名", "非公"),
        ("企业名单.csv", "", "组织关系在非公企业的党员", "非公"),
        ("企业名单.csv", "", "是否选派党建工作指导员或联络员", "非公"),
        ("企业名单.csv", "", "未建立原因", "非公"),
    ],
)
def test_an_enterprise_is_private_on_evidence_alone(
    desk: Desk, file: str, title: str, columns: str, ownership: str
) -> None:
    head = ["企业名称", "所属镇街", "年营业收入（万元）", "正式党员数", "企业类型", "所有制"]
    lines = [title] if title else []
    lines.append(",".join(head + [columns] * bool(columns)))
    lines += [
        "甲公司,东镇,9,3,,",
        "乙公司,东镇,9,3,私营企业,",
        "丙公司,东镇,9,3,国有独资公司,",
        "丁公司,东镇,9,3,,公有控股",
    ]
    result = desk.load(desk.csv(file, "\n".join(lines) + "\n"))
    expected = {"甲公司": ownership, "乙公司": "非公", "丙公司": "公有控股", "丁公司": "公有控股"}
    assert values(desk, "u.ownership") == expected
    state = "应建未建" if ownership == "非公" else "待核实"
    assert states(desk) == {"甲公司": state, "乙公司": "应建未建", "丙公司": "不适用", "丁公司": "不适用"}
    remarks = [message.text for report in result.report.files for message in report.messages]
    assert any("所有制按不明处理" in text for text in remarks) == (ownership == "不明")


# -- chains, officers, secretaries ------------------------------------------------------------------


@ON_EITHER
def test_a_head_of_a_chain_is_one_by_its_role_too(desk: Desk) -> None:
    roles = ("链主", "链主企业", "链长企业", "链主单位", "成员", "", "龙头企业")
    units = [f"第{number}公司" for number in range(len(roles))]
    desk.load(
        desk.units("非公企业.csv", *((name, "", "东镇", 5) for name in units)),
        desk.csv("产业链名单.csv", "所属重点产业链,链主企业名称,牵头服务部门\n食品产业链,第0公司,某局\n"),
        desk.csv(
            "链上企业.csv",
            "产业链,企业,环节,角色\n"
            + "".join(f"食品产业链,{u},加工,{r}\n" for u, r in zip(units, roles, strict=True)),
        ),
    )
    assert desk.edges("LEADS_CHAIN", "Unit", "IndustryChain") == {(unit, "食品产业链") for unit in units[:4]}
    assert {row["n"] for row in desk.query("MATCH (:Unit)-[l:LEADS_CHAIN]->() RETURN count(*) AS n")} == {4}
    # a sheet of chain firms alone, later: the firm becomes a head without another ledger
    desk.load(desk.csv("链上企业2.csv", "产业链,企业,环节,角色\n食品产业链,第4公司,加工,链主\n"))
    assert ("第4公司", "食品产业链") in desk.edges("LEADS_CHAIN", "Unit", "IndustryChain")


def test_the_term_of_an_officer_with_and_without_units(desk: Desk) -> None:
    desk.load(
        desk.units("非公企业.csv", ("一公司", "", "东镇", 5), ("二公司", "", "东镇", 5)),
        desk.csv(
            "指导员.csv",
            "指导员姓名,工作单位,指导企业,任期起,任期止\n"
            "张某,某局,一公司,2024-01-01,2025-12-31\n"
            "李某,某局,,2020-01-01,2022-12-31\n"
            "王某,某局,,2027-01-01,\n"
            "赵某,某局,,,\n"
            "钱某,某局,一公司,2020-01-01,2021-12-31\n"
            "钱某,某局,二公司,2024-01-01,2027-12-31\n",
        ),
    )
    terms = desk.query("MATCH (o:GuidanceOfficer) RETURN o.name AS n, o.term_from AS a, o.term_to AS b ORDER BY n")
    assert {row["n"]: (row["a"], row["b"]) for row in terms} == {
        "张某": (dt.date(2024, 1, 1), dt.date(2025, 12, 31)),
        "李某": (dt.date(2020, 1, 1), dt.date(2022, 12, 31)),
        "王某": (dt.date(2027, 1, 1), None),
        "赵某": (None, None),
        "钱某": (dt.date(2020, 1, 1), dt.date(2027, 12, 31)),
    }


def test_a_vacancy_is_one_in_a_sheet_that_names_secretaries(desk: Desk) -> None:
    header = "党组织全称,党组织类别,行政区划"
    desk.load(
        desk.csv("党组织.csv", f"{header},党组织书记\n甲党支部,党支部,东镇,张某\n乙党支部,党支部,西镇,\n"),
        desk.csv("南街道党组织.csv", f"{header},党组织书记\n丙党支部,党支部,南街道,\n"),
        desk.csv("另册党组织.csv", f"{header}\n丁党支部,党支部,东镇\n戊党支部,党支部,南街道\n"),
    )
    rows = desk.query("MATCH (o:PartyOrg) RETURN o.name AS name, o.secretary_column AS told ORDER BY name")
    told = {"甲党支部": True, "乙党支部": True, "丙党支部": False, "丁党支部": True, "戊党支部": False}
    assert {row["name"]: row["told"] for row in rows} == told


def test_the_name_of_a_chain_committee_tells_its_kind(desk: Desk) -> None:
    rows = {
        "食品产业链党委,党委": "产业链党委",
        "食品产业链综合党委,": "产业链党委",
        "中共甲县储能产业链委员会,党委": "产业链党委",
        "甲县党建联盟党委,党委": "联盟党委",
        "甲县产业链联盟党委,联盟党委": "联盟党委",
        "甲县产业链服务公司党委,党委": "党委",
        "食品产业链党支部,党支部": "支部",
    }
    desk.load(desk.csv("党组织.csv", "党组织全称,党组织类别,行政区划\n" + "".join(f"{row},东镇\n" for row in rows)))
    kinds = desk.query("MATCH (o:PartyOrg) RETURN o.name AS name, o.kind AS kind")
    assert {row["name"]: row["kind"] for row in kinds} == {row.split(",")[0]: kind for row, kind in rows.items()}


# -- organizations that a row names -----------------------------------------------------------------


@ON_EITHER
def test_a_stated_organization_whose_name_no_ledger_has_covers_and_is_asked_about(desk: Desk) -> None:
    rows = (
        ("甲公司", "是", "甲公司党支部", "单独", "单独组建"),
        ("乙公司", "是", "某联合党支部", "联合", "联合组建"),
        ("丙公司", "是", "某联合党支部", "联合", "联合组建"),
        ("丁公司", "是", "某联合党支部", "", "联合组建"),
        ("戊公司", "是", "党支部", "单独", "单独组建"),
        ("己公司", "是", "别的党支部", "单独", "单独组建"),
        ("庚公司", "", "某联合党支部", "联合", "应建未建"),
        ("辛公司", "否", "某联合党支部", "联合", "应建未建"),
        ("壬公司", "是", "", "", "方式不明"),
        ("癸公司", "是", "癸公司党委", "", "单独组建"),
    )
    more = ("正式党员数", "是否成立党组织", "所属党组织名称", "组建形式")
    desk.load(
        desk.units(
            "非公企业.csv", *((u, "", "东镇", 5, 3, has, org, mode) for u, has, org, mode, _ in rows), more=more
        ),
        desk.csv(
            "党组织.csv",
            "党组织全称,党组织类别,行政区划,覆盖单位,组建方式\n别的党支部,党支部,东镇,,\n癸公司党支部,党支部,东镇,癸公司,单独\n",
        ),
    )
    assert states(desk) == {unit: state for unit, _, _, _, state in rows}
    asked = [review["question"] for review in desk.reviews() if review["kind"] == "dangling"]
    assert len(asked) == 8, asked
    covered = {unit for org, unit in desk.edges("COVERS", "PartyOrg", "Unit") if org == "某联合党支部"}
    assert covered == {"乙公司", "丙公司", "丁公司"}
    assert len(desk.listed("PartyOrg")) == 6
