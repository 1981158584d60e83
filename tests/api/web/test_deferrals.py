"""暂缓 set on the page: a row of the ledger, changed and taken back like any other."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest

from tests.api.town import AS_OF, LEDGERS, Town

GIVEN = {
    "subject": "第1公司",
    "rule": "coverage_blank",
    "reason": "筹备开业",
    "approved_by": "甲县工委",
    "approved_on": "2026-01-02",
    "until": "2026-12-31",
}


def listed(town: Town) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = town.client.get("/answers/deferrals.json").json()["rows"]
    return rows


def test_one_is_set_changed_and_taken_back(copied: Town) -> None:
    before = copied.client.get("/answers/coverage_blank.json").json()
    assert "没有登记暂缓" in copied.client.get("/deferrals").text
    got = copied.client.post("/deferrals/set", GIVEN)
    assert (got.status_code, got.headers.get("location")) == (303, "/deferrals"), got.text
    (row,) = listed(copied)
    assert (row["state"], row["subject"], row["until"]) == ("有效", "第1公司", "2026-12-31")
    after = copied.client.get("/answers/coverage_blank.json").json()
    marked = {r["subject"]: r["deferred"] for r in after["rows"] if r["deferred"]}
    assert marked == {"第1公司": "至 2026-12-31，甲县工委批准：筹备开业"}
    assert [r["subject"] for r in after["rows"]] == [r["subject"] for r in before["rows"]]
    page = copied.client.get("/deferrals").text
    assert "筹备开业" in page
    assert 'href="/answers/coverage_blank' in page
    # the same again, for the same unit by its code: another date, not another 暂缓
    (unit,) = copied.client.get(f"/answers/search.json?q={quote('第1公司')}").json()["rows"][:1]
    copied.client.post("/deferrals/set", GIVEN | {"subject": unit["id"], "until": "2026-03-31"})
    (row,) = listed(copied)
    assert (row["state"], row["until"]) == ("已到期", "2026-03-31")
    assert copied.client.post("/load/undo", {"number": str(copied.revision)}).status_code == 303
    (row,) = listed(copied)
    assert row["until"] == "2026-12-31"
    assert AS_OF.isoformat() < row["until"]


def test_profile_and_form_tell_of_it_and_count_it_all_the_same(fresh: Town) -> None:
    ledger = "企业名称,所属镇街,从业人员数量,年营业收入（万元）,正式党员数\n一公司,东镇,9,10,4\n二公司,东镇,9,10,1\n三公司,东镇,9,10,4\n"
    fresh.load(LEDGERS[0], ("非公企业.csv", ledger.encode()))
    (before,) = fresh.client.get("/answers/annual_form.json").json()["rows"]
    fresh.client.post("/deferrals/set", GIVEN | {"subject": "一公司", "rule": "org_should_exist"})
    fresh.client.post("/deferrals/set", GIVEN | {"subject": "二公司", "rule": "org_should_join", "until": "2026-06-29"})
    form = fresh.client.get("/answers/annual_form.json").json()
    assert form["rows"] == [before]
    assert before["unbuilt"] == 3
    waiting = [note for note in form["notes"] if "暂缓" in note]
    assert waiting == ["非公企业组织覆盖：应建未建，其中已批准暂缓 1 家，仍计入未建。"]
    sheet = openpyxl.load_workbook(io.BytesIO(fresh.client.get("/answers/annual_form.xlsx").content)).worksheets[0]
    assert waiting[0] in [row[0] for row in sheet.iter_rows(values_only=True)]
    (unit,) = fresh.client.get(f"/answers/search.json?q={quote('一公司')}").json()["rows"][:1]
    rows = fresh.client.get(f"/answers/unit.json?unit={unit['id']}").json()["rows"]
    told = {
        row["item"]: "已批准暂缓：至 2026-12-31，甲县工委批准：筹备开业" in row["detail"]
        for row in rows
        if row["group"] == "问题"
    }
    assert told["应建未建"]
    assert sum(told.values()) == 1


def test_a_division_waits_as_a_whole(copied: Town) -> None:
    assert copied.client.post("/deferrals/set", GIVEN | {"subject": "东镇"}).status_code == 303
    rows = copied.client.get("/answers/coverage_blank.json").json()["rows"]
    assert {r["division"] for r in rows if r["deferred"]} == {"东镇"}
    assert all(r["deferred"] for r in rows if r["division"] == "东镇")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"subject": "没有的公司"}, "没有找到名为“没有的公司”"),
        ({"rule": "no_such"}, "no_such"),
        ({"reason": ""}, "没有填理由"),
        ({"approved_by": "委" * 201}, "批准机关过长"),
        ({"until": "明年"}, "明年"),
        ({"until": "2026-01-01"}, "早于批准日期"),
    ],
)
def test_what_cannot_be_is_refused(loaded: Town, wrong: dict[str, str], said: str) -> None:
    revision = loaded.revision
    got = loaded.client.post("/deferrals/set", GIVEN | wrong)
    assert 400 <= got.status_code < 500
    assert said in got.text
    assert loaded.revision == revision
