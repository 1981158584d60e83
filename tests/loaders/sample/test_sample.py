"""The sample: its figures, its disguise, its planted problems and mistakes."""

from __future__ import annotations

import csv
import datetime as dt
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from stdnum.cn import uscc

from graph import ontology
from graph.errors import InputError, UnknownError
from graph.locality import Locality
from graph.workbook import Cell, Formula, Workbook
from loaders.sample import PLACES, REFERENCE_DATE, generate, mistakes, names, planted
from loaders.sample.build import build
from loaders.sample.layout import exact, money, month
from loaders.sample.model import County
from loaders.sample.truth import in_base, in_force

MARK = "演示数据·虚构"
Written = dict[str, dict[str, list[list[Cell]]]]


def read(workbooks: Sequence[Workbook]) -> Written:
    return {book.name: {sheet.name: [list(row) for row in sheet.rows] for sheet in book.sheets} for book in workbooks}


@pytest.fixture(scope="module")
def written() -> Written:
    return read(list(generate()))


@pytest.fixture(scope="module")
def models() -> dict[str, County]:
    return {name: build(place, 0) for name, place in PLACES.items()}


def records(rows: list[list[Cell]], header: int = 3) -> list[dict[str, Cell]]:
    """Rows below the header (its last line is line `header`) by their column, without totals."""
    names_ = [next(str(row[i]) for row in reversed(rows[2:header]) if row[i]) for i in range(len(rows[0]))]
    return [dict(zip(names_, row, strict=True)) for row in rows[header:] if row[0] != "合计"]


def test_every_sheet_is_marked_and_every_ledger_states_its_source_and_date(written: Written) -> None:
    for file, sheets in written.items():
        for name, rows in sheets.items():
            assert MARK in str(rows[0][0]), (file, name)
            if len(rows) > 6:
                assert "规模参照公开报道" in str(rows[1][0])
                assert "数据截止 2026年6月30日" in str(rows[1][0])


def test_same_seed_same_workbooks_other_seed_others() -> None:
    first, again, other = (read(list(generate("丙县", seed=seed))) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_default_sample_is_the_same_on_every_machine(models: dict[str, County]) -> None:
    # values fixed once: a change of interpreter or of platform must not move them
    unit = models["丁市"].units[1000]
    assert (unit.name, unit.code, unit.staff) == ("丁市淇荇彦新材料有限公司", "91990103MAP37TPD8R", 29)


def test_figures_of_the_source_documents(models: dict[str, County]) -> None:
    units = {name: len(county.units) for name, county in models.items()}
    assert (units["甲市"], units["丁市"]) == (466, 1426)
    officers = {name: len(county.officers) for name, county in models.items()}
    assert (officers["甲市"], officers["丁市"]) == (240, 525)
    assert len(models["乙市"].organizations) == 1446
    assert len(models["戊街道"].organizations) == 191

    food, storage, *others = models["甲市"].chains
    assert [len(chain.firms) for chain in (food, storage)] == [25, 17]
    assert [sum(firm.revenue for firm in chain.firms) for chain in (food, storage)] == [1_200_000, 3_470_000]
    leading = {c.plan.name: c.committee is not None for c in models["甲市"].chains if c.plan.key}
    assert leading == {
        "先进储能材料产业链": True,
        "工程机械产业链": False,
        "智能家电和智能硬件产业链": False,
    }
    assert (len(others), food.plan.key, food.committee is not None) == (2, False, True)
    kinds = Counter(region.kind for region in models["甲市"].regions)
    assert (kinds["镇"] + kinds["街道"], kinds["行政村"]) == (29, 278)
    incomes = [village.income for village in models["甲市"].villages]
    assert (min(incomes) >= 20, sum(i >= 50 for i in incomes), sum(i >= 100 for i in incomes)) == (True, 40, 12)
    assert sum(village.households for village in models["甲市"].villages) > 480_000

    pairs = models["乙市"].pairs
    kind_of = {partner.name: partner.kind for partner in models["乙市"].partners}
    sides = Counter(kind_of[pair.first] in ("机关", "国企") for pair in pairs)
    assert (sides[True], sides[False]) == (58, 104)
    assert "商会" in kind_of.values()
    assert min(v.income for v in models["乙市"].villages if v.kind == "行政村") >= 5
    assert sum(officer.role == "乡村振兴指导员" for officer in models["乙市"].officers) == 178

    hills = models["丁市"]
    assert all(unit.key for unit in hills.units)
    assert len(hills.chains) == 15
    assert len({name for chain in hills.chains for name in chain.departments}) == 17
    rural = [village for village in hills.villages if village.kind == "行政村"]
    assert (len(rural), sum(v.income for v in rural), min(v.income for v in rural)) == (302, 10_200, 20)
    assert sum(village.households for village in hills.villages) == 419_200
    assert sum(region.kind in ("楼宇", "商圈") for region in hills.parks) == 5
    assert sum(site.park is not None and site.park.kind in ("楼宇", "商圈") for site in hills.sites) == 5
    assert sum(village.weak for village in hills.villages) == 5

    for group in models["戊街道"].groups:
        roles = Counter(role for _, role in group.members)
        assert (roles["组长"], roles["副组长"]) == (1, 2)
    assert len(models["戊街道"].groups) == 3
    assert {"一类", "二类", "三类"} <= {site.grade for site in models["戊街道"].sites}

    teams = {name: (len(county.teams), sum(t.people for t in county.teams)) for name, county in models.items()}
    assert (teams["甲市"], teams["乙市"], teams["丁市"][1]) == ((140, 331), (144, 247), 339)
    assert all(team.people > 0 for county in models.values() for team in county.teams)
    assert (len(models["乙市"].grids), sum(grid.members for grid in models["乙市"].grids)) == (603, 10_425)
    assert len({holding.unit.number for holding in hills.holdings}) == 64


def test_three_hundred_postings_ended_before_the_last_quarter(models: dict[str, County]) -> None:
    county = models["丁市"]
    ended = [officer for officer in county.officers if not in_force(officer)]
    assert sum(len(officer.units) for officer in ended) == 300
    assert max(officer.end for officer in ended if officer.end) == dt.date(2025, 12, 31)
    guided = [unit.number for officer in county.officers for unit in officer.units]
    assert sorted(guided) == sorted(unit.number for unit in county.units)
    # a posting that ended on the first day of the quarter before is still in force
    assert any(officer.end == dt.date(2026, 1, 1) for officer in county.officers)


def test_every_planted_rule_is_found_somewhere_and_counted_where_meant() -> None:
    by_place = {name: planted(name) for name in PLACES}
    # three rules wait until a county names its industries, the interval of visits, and from how many members on
    waiting = ("industry_without_committee", "visit_overdue", "party_staff_missing")
    settings = Locality(
        key_industries=("物业", "互联网"), visit_interval_days=92, thresholds={"party_staff_min_members": 3}
    )
    when_set = {name: planted(name, locality=settings) for name in PLACES}
    for rule in by_place["丁市"]:
        # the groups of 戊街道 have all that they need, as in the document that they are taken from
        somewhere = any(counts[rule] > 0 for counts in when_set.values())
        assert somewhere != (rule == "group_leadership"), f"{rule}: plant it in a place, loaders/sample/places.py"
        if rule in waiting:
            assert not any(counts[rule] for counts in by_place.values()), rule
        else:
            assert [counts[rule] for counts in by_place.values()] == [counts[rule] for counts in when_set.values()], (
                rule
            )
    for name, place in PLACES.items():
        counts = by_place[name]
        assert counts["org_should_exist"] == place.exist
        assert counts["org_should_join"] == place.join
        assert counts["org_suspected"] == place.suspected
        assert counts["key_unit_without_officer"] == place.ended
        assert counts["officer_overloaded"] == place.overloaded
        assert counts["term_overdue"] == place.overdue
        assert counts["not_in_group"] == place.ungrouped + place.doubly_grouped
        assert counts["partner_missing"] == place.villages_unpaired + place.groups_unpaired
        assert counts["weak_org_five_ones"] == place.weak_lacking
        assert counts["household_ratio"] == place.grids_over
        assert counts["household_contact"] == place.grids_unvisited
        assert counts["partner_inactive"] == place.idle_pairs
        assert counts["committee_missing"] == place.life.uncommitted
        assert counts["org_meeting_overdue"] == place.life.meeting
        assert counts["org_committee_overdue"] == place.life.committee
        assert counts["org_day_overdue"] == place.life.day
        # a branch records one of the two, and those planted neither
        assert counts["org_life_meeting_overdue"] + counts["member_review_overdue"] == (
            place.life.recorded - place.life.late + place.life.review
        )
        assert counts["chain_head_without_org"] == sum(not chain.head_covered for chain in place.chains)
        assert counts["village_income_weak"] == place.poor_incomes
        assert counts["site_not_accepted"] == place.rooms_unaccepted
        assert counts["chain_unit_unlinked"] >= place.unlinked
    assert by_place["甲市"]["coverage_blank"] == 0
    assert by_place["甲市"]["chain_without_committee"] == 2
    assert sum(counts["org_life_meeting_overdue"] for counts in by_place.values()) >= 93
    # 1,170 demands solved; villages of 甲市 and 丁市 all at 20万 and more, none of 乙市 below 5万
    assert [by_place[name]["demand_unmet"] for name in ("甲市", "丙县")] == [0, 5]
    assert [by_place[name]["village_income_low"] for name in ("甲市", "丁市")] == [0, 0]
    assert by_place["乙市"]["village_income_weak"] == 0
    # 5 楼宇商圈党群服务中心, one in each
    assert [by_place[name]["hub_without_center"] for name in ("甲市", "丁市", "戊街道")] == [0, 0, 1]
    assert [by_place[name]["hub_blank"] for name in ("甲市", "丁市", "戊街道")] == [0, 2, 1]
    assert 0 < by_place["丁市"]["coverage_blank"] < 300


def test_coverage_is_healthy_but_improvable(models: dict[str, County]) -> None:
    for county in models.values():
        based = [unit for unit in county.units if in_base(unit)]
        assert 0.58 <= sum(unit.organization is not None for unit in based) / len(based) <= 0.77


def test_names_are_distinct_over_all_places_and_name_no_real_county(models: dict[str, County]) -> None:
    for pick in ("units", "organizations"):
        entries = [entry.name for county in models.values() for entry in getattr(county, pick)]
        assert len(entries) == len(set(entries)), pick
    regions = [region.name for county in models.values() for region in county.regions]
    assert len(regions) == len(set(regions))
    for county in models.values():
        people = [names.person(officer.number) for officer in county.officers]
        assert len(people) == len(set(people))


def test_no_town_bears_the_name_of_a_real_county(models: dict[str, County]) -> None:
    file = Path(__file__).resolve().parents[3] / "../shared/data/divisions/adcodes.csv"
    if not file.exists():
        pytest.skip("没有 ../shared/data，跳过与真实区划的比对")
    lines = file.read_text(encoding="utf-8").splitlines()
    real = {row[1].rstrip("省市县区") for row in csv.reader(lines) if len(row) > 1}
    for county in models.values():
        for region in county.regions:
            assert region.name.removesuffix("街道").rstrip("镇村社区") not in real


def test_codes_are_valid_and_of_no_assigned_division(models: dict[str, County]) -> None:
    codes = [unit.code for county in models.values() for unit in county.units if unit.code]
    codes += [partner.code for county in models.values() for partner in county.partners]
    assert len(codes) == len(set(codes))
    assert all(uscc.is_valid(code) and code[2:4] == "99" for code in codes)
    assert {"91", "92", "93", "51", "52", "53"} <= {code[:2] for code in codes}
    assert not uscc.is_valid(names.broken_code(codes[0]))


def test_identity_numbers_are_nobodys() -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number in range(500):
        text = names.identity_number("990103", number)
        right = "10X98765432"[sum(int(d) * w for d, w in zip(text, weights, strict=False)) % 11]
        assert len(text) == 18
        assert text[-1] != right


def test_the_mistakes_are_in_the_ledgers_in_their_numbers(written: Written, models: dict[str, County]) -> None:
    for name in PLACES:
        told = mistakes(name)
        file = next(file for file in written if file.startswith(f"{name}/非公企业台账"))
        header = {"丁市": 4, "戊街道": 5}.get(name, 3)
        rows = records(written[file]["非公企业台账"], header)
        label = "单位名称" if "单位名称" in rows[0] else "企业名称"
        code = next(key for key in rows[0] if "信用代码" in key)
        staff = next(key for key in ("从业人员数量", "职工数", "从业人数", "职工人数") if key in rows[0])
        nameless = [row for row in rows if not row[label]]
        assert len(nameless) == told["nameless_row"]
        assert sum(row["党组织成立时间"] == "2021年13月" for row in rows) == told["impossible_date"]
        assert sum(row[staff] == -12 for row in rows) == told["negative_number"]
        coded = [str(row[code]) for row in rows if row[code]]
        assert sum(not uscc.is_valid(text) for text in coded) == told["invalid_code"]
        assert sum(text.startswith("12") for text in coded) == told["code_prefix_12"]
        repeated = Counter(repr([v for k, v in row.items() if k != "序号"]) for row in rows)
        assert sum(count - 1 for count in repeated.values()) == told["duplicate_row"]
        # with the mistakes set aside every enterprise is listed exactly once
        known = {unit.name for unit in models[name].units if unit.kind == "企业"}
        assert {row[label] for row in rows if row[label] and not str(row[code] or "").startswith("12")} == known

        listed = {unit.name for unit in models[name].units}
        guided = {stray for officer in models[name].officers for stray in officer.strays}
        assert len(guided - listed) == told["dangling_unit"]
        organizations = {org.name for org in models[name].organizations}
        assert sum(bool(o.stray) for o in models[name].organizations) == told["dangling_superior"]
        assert not organizations & {o.stray for o in models[name].organizations}
        twins = [unit for unit in models[name].units if unit.twin]
        assert len(twins) == told["look_alike"]
        for twin in twins:
            original = twin.name.replace("有限责任公司", "有限公司")
            assert original in listed
            assert not twin.code


def test_layouts_have_the_traps_of_real_ledgers(written: Written) -> None:
    books = {book.name: book for book in generate()}
    tick = written["丁市/非公企业台账.xlsx"]["非公企业台账"]
    children = [str(cell) for cell in tick[3] if cell]
    assert children.count("其他") == 2
    assert "√" in tick[4]
    assert isinstance(tick[-1][14], Formula)
    body = [row[14] for row in tick[4:-1]]
    assert tick[-1][14].value == sum(value for value in body if isinstance(value, int))
    assert tick[-1][14].text == f"=SUM(O5:O{len(tick) - 1})"
    assert [sheet.hidden for sheet in books["丁市/非公企业台账.xlsx"].sheets] == [False, True, False]
    spans = books["丁市/非公企业台账.xlsx"].sheets[0].merges
    assert (2, 1, 2, 3) in spans  # 坐落地 over 园区, 楼宇, 其他
    assert (2, 0, 3, 0) in spans  # 序号 over both rows
    numbered = books["甲市/非公企业台账.xlsx"].sheets[0]
    assert sum(top != bottom and left == right == 0 for top, left, bottom, right in numbered.merges) > 20
    assert sum(row[0] is None for row in list(numbered.rows)[3:]) > 300
    doubled = written["丁市/社会组织台账.xlsx"]["社会组织台账"]
    assert [cell for cell in doubled[3] if cell].count("书记名称") == 2
    assert {books[name].encoding for name in books if name.endswith(".csv")} == {"gb18030", "utf-8-sig"}
    assert isinstance(written["甲市/区划.xlsx"]["区划"][3][0], int)
    assert isinstance(written["丁市/区划.xlsx"]["区划"][3][0], str)


def test_dates_and_amounts_are_spelled_in_all_ways() -> None:
    day = dt.date(2021, 3, 5)
    assert [month(day, style) for style in range(6)] == [day, "2021-03-05", "20210305", "2021年3月", "2021.3", 44260]
    assert [exact(day, style) for style in (3, 4)] == ["2021年3月5日", "2021/3/5"]
    assert [money(3250), money(12_500)] == ["3,250万元", "1.25亿元"]


def test_references_between_ledgers_resolve(models: dict[str, County]) -> None:
    for county in models.values():
        places = {region.name for region in county.villages} | {group.name for group in county.groups}
        partners = {partner.name for partner in county.partners}
        assert all(pair.first in partners and pair.second in places for pair in county.pairs)
        assert not partners & {unit.name for unit in county.units}
        parents = {region.name for region in county.regions} | {""}
        assert all(region.parent in parents for region in county.regions)
        for organization in county.organizations:
            assert (organization.start is None) == (organization.end is None)
            assert organization.start is None or organization.start <= REFERENCE_DATE


def test_headers_are_those_of_the_ontology(written: Written) -> None:
    known = {
        header
        for node in ontology.load().nodes.values()
        for entry in node.properties.values()
        for header in entry.headers
    }
    for file in ("乙市/非公企业台账.xlsx", "丙县/非公企业台账.csv", "甲市/非公企业台账.xlsx"):
        header = [str(cell).split("（")[0] for cell in written[file]["非公企业台账"][2]]
        assert len(known & set(header)) >= 10, (file, header)


def test_scaling_is_linear_and_keeps_its_promises() -> None:
    start = time.process_time()
    books = read(list(generate(units=2_000)))
    assert time.process_time() - start < 2
    assert all(name.startswith("丁市/") for name in books)
    told = planted("丁市", units=2_000)
    assert told["key_unit_without_officer"] == 300 * 2_000 // 1_426
    assert len(build(PLACES["丁市"].scaled_to(2_000), 0).units) == 2_000
    assert len({names.mark(number) for number in range(0, 1_030_301, 7)}) == len(range(0, 1_030_301, 7))


@pytest.mark.parametrize("name", list(PLACES))
@pytest.mark.parametrize("units", [100, 351])
def test_any_place_can_be_scaled(name: str, units: int) -> None:
    county = build(PLACES[name].scaled_to(units), 3)
    assert len(county.units) == units
    assert planted(name, 3, units=units)["officer_overloaded"] >= 0


def test_refuses_what_it_cannot_make() -> None:
    with pytest.raises(UnknownError, match="可选：甲市"):
        next(generate("庚县"))
    with pytest.raises(InputError, match="100 至"):
        next(generate("丁市", units=0))
