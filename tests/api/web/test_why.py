"""Why, from ledgers to what leaves: the row of each fact, what a viewer may see of it, and its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.viewer import Viewer
from graph.answers import Answer
from tests.api.county import CLERK, text_of
from tests.api.town import DIVISIONS, Town, end, town
from tests.loaders.desk import credit_code

OFFICER = "东方龘靐"
#: one who may see neither names nor counts of members
STRANGER = Viewer("外人")
UNITS = f"""企业名称,统一社会信用代码,所属镇街,是否规上企业,年营业收入（万元）,从业人员数量,正式党员数
甲公司,{credit_code(1)},东镇,是,3000,80,4
乙公司,{credit_code(2)},东镇,是,3000,80,7
丙公司,{credit_code(3)},西镇,否,300,8,2
"""
ORGS = "党组织名称,党组织类别,所在区划,覆盖单位\n乙公司党支部,支部,东镇,乙公司\n"
OFFICERS = f"姓名,角色,联系单位,所属镇街\n{OFFICER},指导员,乙公司,东镇\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of three firms, one of them with a branch and an officer."""
    found = town(tmp_path_factory.mktemp("why"))
    ledgers = {"区划": DIVISIONS, "非公企业台账": UNITS, "党组织": ORGS, "党建指导员": OFFICERS}
    found.load(*((f"{name}.csv", text.encode()) for name, text in ledgers.items()))
    yield found
    end(found)


def row(answer: Answer, item: str) -> dict[str, Any]:
    (found,) = [r for r in answer.rows if r["item"] == item]
    return dict(found)


def test_each_fact_has_the_row_it_was_loaded_from(made: Town) -> None:
    answer = made.office.answer("why", {"unit": "甲公司", "rule": "org_should_exist"}, CLERK)
    members = row(answer, "正式党员数（人）")
    assert row(answer, "结论")["value"] == "问题"
    assert (members["value"], members["file"], members["line"]) == (4, "非公企业台账.csv", 2)
    other = made.office.answer("why", {"unit": "乙公司", "rule": "org_should_exist"}, CLERK)
    cover, members = row(other, "覆盖它的党组织"), row(other, "正式党员数（人）")
    assert row(other, "结论")["value"] == "符合"
    assert (cover["value"], cover["file"], cover["line"]) == ("乙公司党支部", "党组织.csv", 2)
    assert (members["value"], members["file"], members["line"]) == (7, "非公企业台账.csv", 3)


def test_the_parameter_in_force_is_told_and_whether_the_county_set_it(
    made: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIANGXIN_THRESHOLDS", "org_min_members=5")
    own = town(tmp_path, location=str(made.folder / "town.lbug"))
    try:
        answer = own.office.answer("why", {"unit": "甲公司", "rule": "org_should_exist"}, CLERK)
    finally:
        end(own)
    assert row(answer, "结论")["value"] == "不涉及"
    assert "正式党员5名以上" in row(answer, "结论")["detail"]
    assert row(answer, "参数")["value"] == "应建党组织的正式党员数 5人（本地设置）"


def test_counts_and_names_are_seen_by_those_who_may(made: Town) -> None:
    given = {"unit": "乙公司"}
    clerk, other = (made.office.answer("why", given, viewer) for viewer in (CLERK, STRANGER))
    assert OFFICER in str(clerk.rows)
    assert OFFICER not in str(other)
    shown = {r["value"] for r in other.rows if r["item"] == "正式党员数（人）"}
    assert shown == {"≥3"}, "a band"
    assert {r["value"] for r in clerk.rows if r["item"] == "正式党员数（人）"} == {7}
    for suffix in ("", ".json", ".csv", ".xlsx", ".html"):
        got = made.client.get(f"/answers/why{suffix}?unit=乙公司")
        assert got.status_code == 200
        text = text_of(got.content, suffix)
        assert OFFICER not in text, suffix


def test_an_officer_s_own_explanation_names_no_one_to_those_who_may_not_see_names(made: Town) -> None:
    with made.office.reader() as reader:
        (officer,) = reader.query("MATCH (o:GuidanceOfficer) RETURN o.id AS id")["id"].to_pylist()
    assert OFFICER in str(made.office.answer("why", {"officer": officer}, CLERK))
    for suffix in ("", ".json", ".csv", ".html"):
        assert OFFICER not in made.client.get(f"/answers/why{suffix}?officer={officer}").text


def test_the_page_of_a_unit_leads_to_why_and_that_page_has_a_section_for_each_rule(made: Town) -> None:
    profile = made.client.get("/answers/unit?unit=甲公司").text
    (link,) = re.findall(r'href="(/answers/why\?[^"]*)"', profile)
    page = made.client.get(link.replace("&amp;", "&")).text
    headings = re.findall(r"<h2[^>]*>([^<]+)", page)
    assert headings.index("应建未建") < headings.index("应联建未联建"), "findings first"
    assert "非公企业台账.csv" in page
    assert "第 2 行" in page
    asked = made.client.get("/answers/why").text
    assert '<input name="unit"' in asked
    assert "请指明一个对象" in asked
