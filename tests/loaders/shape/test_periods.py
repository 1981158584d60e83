"""A column that states the first and the last day of a term as one text gives both dates."""

from __future__ import annotations

import datetime as dt

import pytest

from loaders.cleaning import dates
from tests.loaders.desk import Desk, only

D = dt.date


@pytest.mark.parametrize(
    ("text", "since", "to"),
    [
        ("2025.3-2027.3", D(2025, 3, 1), D(2027, 3, 31)),
        ("2025.03.15-2027.03.14", D(2025, 3, 15), D(2027, 3, 14)),
        ("2025-03-2027-03", D(2025, 3, 1), D(2027, 3, 31)),
        ("2025-03-15-2027-03-14", D(2025, 3, 15), D(2027, 3, 14)),
        ("2025/3/15～2027/3/14", D(2025, 3, 15), D(2027, 3, 14)),
        ("２０２５年３月－２０２７年３月", D(2025, 3, 1), D(2027, 3, 31)),
        ("2025年3月15日至2027年3月14日", D(2025, 3, 15), D(2027, 3, 14)),
        ("自2025年3月起至2027年3月止", D(2025, 3, 1), D(2027, 3, 31)),
        ("2025年3月 — 2027年3月", D(2025, 3, 1), D(2027, 3, 31)),
        ("202503-202703", D(2025, 3, 1), D(2027, 3, 31)),
        ("20250315-20270314", D(2025, 3, 15), D(2027, 3, 14)),
        ("2025-2027", D(2025, 1, 1), D(2027, 12, 31)),
        ("2025年3月至今", D(2025, 3, 1), None),
        ("2025.3.15至长期", D(2025, 3, 15), None),
        ("2025年3月起", D(2025, 3, 1), None),
    ],
)
def test_a_period(text: str, since: dt.date, to: dt.date | None) -> None:
    assert dates.period(text) == ((since, to), None)


@pytest.mark.parametrize(
    "text",
    ["三年", "2025年3月", "2025.1-2027.1", "2025年13月-2027年1月", "长期", "2025", 45000, "2025年3月-5月", "1" * 99],
)
def test_what_is_no_period(text: str | int) -> None:
    value, problem = dates.period(text)
    assert (value, bool(problem)) == (None, True)


def test_a_blank_is_no_problem() -> None:
    assert dates.period(None) == dates.period("/") == (None, None)


def test_a_posting_ends_by_the_term_of_its_officer(desk: Desk) -> None:
    rows = "官一,某局,一公司,2024年1月至2025年12月\n官二,某局,二公司,2025.3-2027.3\n官三,某局,三公司,两年\n"
    units = [(f"{n}公司", "", "东镇", 5) for n in "一二三"]
    desk.load(desk.units("企业.csv", *units))
    report = only(desk.load(desk.csv("指导员.csv", f"指导员姓名,工作单位,指导企业,任期\n{rows}")))
    assert (report.rejected, report.unknown_columns) == (0, ())
    (message,) = (m for m in report.messages if m.code.startswith("blank_@period"))
    assert message.examples == ("指导员.csv“指导员”第 4 行：起止日期“两年”",)
    terms = desk.query(
        "MATCH (o:GuidanceOfficer)-[g:GUIDES]->(:Unit) RETURN o.name AS o, g.valid_from AS a, g.valid_to AS b"
    )
    assert {r["o"]: (r["a"], r["b"]) for r in terms} == {
        "官一": (D(2024, 1, 1), D(2025, 12, 31)),
        "官二": (D(2025, 3, 1), D(2027, 3, 31)),
        "官三": (D(1, 1, 1), D(9999, 12, 31)),
    }


def test_terms_of_organizations_and_pairings(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5), ("二公司", "", "东镇", 5)))
    desk.load(desk.csv("党组织.csv", "党组织全称,党组织类别,行政区划,本届任期\n一支部,党支部,东镇,2023.05-2026.05\n"))
    desk.load(desk.csv("结对.csv", "甲方,乙方,结对时间,结对期限\n一公司,二公司,2024年3月起,2024.3-2026.3\n"))
    assert desk.query("MATCH (o:PartyOrg) RETURN o.term_from AS a, o.term_to AS b") == [
        {"a": D(2023, 5, 1), "b": D(2026, 5, 31)}
    ]
    assert desk.query("MATCH (:Unit)-[p:PAIRED_WITH]->(:Unit) RETURN p.valid_from AS a, p.valid_to AS b") == [
        {"a": D(2024, 3, 1), "b": D(2026, 3, 31)}
    ]


def test_a_column_of_its_own_goes_before_the_period(desk: Desk) -> None:
    header = "党组织全称,党组织类别,本届任期,届满日期"
    desk.load(
        desk.csv("党组织.csv", f"{header}\n一支部,党支部,2023.05-2026.05,2027-01-01\n二支部,党支部,2023.05-2026.05,\n")
    )
    ends = desk.query("MATCH (o:PartyOrg) RETURN o.name AS o, o.term_to AS b")
    assert [r["b"] for r in ends if r["o"] == "一支部"] == [D(2027, 1, 1)]
    assert [r["b"] for r in ends if r["o"] == "二支部"] == [D(2026, 5, 31)]


def test_villages_of_one_name_are_told_apart_by_their_towns(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)))
    desk.load(desk.csv("结对.csv", "甲方,乙方,签约日期\n一公司,河口村,2026-01-01\n"))
    (review,) = desk.reviews()
    assert "河口村（东镇，" in review["evidence_for"]
    assert "河口村（西镇，" in review["evidence_for"]
