"""Which division a name or an address means."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from loaders.match.growth import grow, level_of
from loaders.match.places import Places, Region, unplaced_id
from loaders.match.placing import Placer
from loaders.recognize.ledgers import ledgers


def tree(*facts: tuple[str, str, str, str]) -> Places:
    """Regions of (id, name, code, parent's name)."""
    return grow({i: {"name": n, "code": c, "parent": p} for i, n, c, p in facts}, {})[0]


@pytest.fixture(scope="module")
def changsha() -> Places:
    """A few of the divisions around 长沙, as they are today, with the 县 that a list still carries."""
    return tree(
        ("hn", "湖南省", "43", ""),
        ("cs", "长沙市", "4301", ""),
        ("yl", "岳麓区", "430104", ""),
        ("kf", "开福区", "430105", ""),
        ("wc", "望城区", "430112", ""),
        ("csx", "长沙县", "430121", ""),
        ("nx0", "宁乡县", "430124", ""),
        ("ly", "浏阳市", "430181", ""),
        ("nx", "宁乡市", "430182", ""),
        ("hy", "衡阳市", "4304", ""),
        ("hyx", "衡阳县", "430421", ""),
        ("yl1", "观沙岭街道", "430104006", ""),
        ("kf1", "浏阳河街道", "430105009", ""),
        ("ly1", "大瑶镇", "430181102", ""),
        ("ly2", "永安镇", "430181105", ""),
        ("csx1", "北山镇", "430121109", ""),
        ("nx1", "花明楼镇", "430182116", ""),
        ("wc1", "桥驿镇", "430112105", ""),
        ("ly1v", "新河村委会", "430181102205", ""),
        ("csx1v", "新桥社区居委会", "430121109001", ""),
        ("nx1v", "新河村委会", "430182116205", ""),
        ("hyx1", "永安镇", "430421110", ""),
    )


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("长沙市开福区浏阳河路九尾冲33号", "kf"),
        ("湖南省长沙市开福区浏阳河街道1号", "kf1"),
        ("长沙市浏阳河路48号", ""),
        ("浏阳河路48号", ""),
        ("浏阳市淮川浏阳河路48号", "ly"),
        ("浏阳大瑶镇南山路1号", "ly1"),
        ("浏阳经济开发区1号", "ly"),
        ("湖南省长沙市浏阳市大瑶镇新河村1组", "ly1v"),
        ("长沙县北山镇新桥社区1号", "csx1v"),
        ("湖南省长沙县星沙镇", "csx"),
        ("长沙市长沙县北山镇", "csx1"),
        ("长沙市岳麓区观沙岭街道1号", "yl1"),
        ("长沙市芙蓉中路二段279号", ""),
        ("望城县桥驿镇桥头驿", "wc1"),
        ("长沙市望城区桥驿镇", "wc1"),
        ("宁乡县花明楼镇花明楼村", "nx1"),
        ("宁乡市花明楼镇新河村", "nx1v"),
        ("花明楼镇新河村", ""),
        ("永安镇1号", ""),
        ("衡阳县永安镇", "hyx1"),
        ("", ""),
    ],
)
def test_addresses(changsha: Places, address: str, place: str) -> None:
    assert changsha.address(address, "cs" if place not in ("hyx1",) else "")[0].replace("cs", "", place == "") == place


@pytest.mark.parametrize(
    ("name", "within", "found"),
    [
        ("长沙市", "", ["cs"]),
        ("长沙县", "", ["csx"]),
        ("望城县", "", ["wc"]),
        ("宁乡县", "", ["nx"]),
        ("430124", "", ["nx"]),
        ("宁乡", "", ["nx"]),
        ("430181102", "", ["ly1"]),
        ("永安镇", "", ["ly2", "hyx1"]),
        ("永安镇", "cs", ["ly2"]),
        ("永安", "hyx", ["hyx1"]),
        ("新河村", "", ["ly1v", "nx1v"]),
        ("新河村", "ly", ["ly1v"]),
        ("花明楼镇新河村", "nx", ["nx1v"]),
        ("观沙岭街道办事处", "", ["yl1"]),
        ("新桥社区", "", ["csx1v"]),
        ("没有的镇", "", []),
    ],
)
def test_names_are_resolved_inside_a_division_or_not_at_all(
    changsha: Places, name: str, within: str, found: list[str]
) -> None:
    assert changsha.find(name, within) == found


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("浏阳市非公企业党建工作台账", "ly"),
        ("宁乡市花明楼镇两新组织台账", "nx1"),
        ("宁乡县两新组织台账", "nx"),
        ("观沙岭街道台账", "yl1"),
        ("永安镇台账", ""),
        ("企业台账", ""),
    ],
)
def test_titles(changsha: Places, title: str, place: str) -> None:
    assert changsha.titled(title) == place


def test_counties_of_one_name_are_told_by_nothing_but_their_city() -> None:
    places = tree(
        ("a", "甲市", "9901", ""), ("b", "乙市", "9902", ""), ("a1", "鼓楼区", "990102", ""), ("b1", "鼓楼区", "990202", "")
    )  # fmt: skip
    assert places.find("鼓楼区") == ["a1", "b1"]
    assert places.address("鼓楼区某路1号")[0] == ""
    assert places.address("鼓楼区某路1号", "b")[0] == "b1"


def test_parents_by_name_by_code_and_in_a_circle() -> None:
    facts = {
        "a": {"name": "甲县", "code": "990001", "kind": "县"},
        "b": {"name": "乙县", "code": "990002", "kind": "县"},
        "a1": {"name": "城关镇", "parent": "甲县", "kind": "镇街"},
        "b1": {"name": "城关镇", "parent": "990002", "kind": "镇街"},
        "v": {"name": "某村", "parent": "城关镇", "kind": "村"},
        "x": {"name": "圈一", "parent": "圈二"},
        "y": {"name": "圈二", "parent": "圈一"},
        "z": {"name": "孤镇", "parent": "没有的县"},
    }
    places, lost = grow(facts, {"v": "b"})
    assert places.by_id["a1"].parent == "a"
    assert places.by_id["b1"].parent == "b"
    assert places.by_id["v"].parent == "b1", "inside the division of its ledger"
    assert lost.keys() >= {"z"}
    assert len({"x", "y"} & lost.keys()) == 1, "a circle is cut once"
    assert grow(facts, {})[1].keys() >= {"v"}, "elsewhere it is not resolved by name alone"


def test_a_row_lies_where_its_own_column_says_else_its_address_else_below_its_ledger(changsha: Places) -> None:
    placer = Placer(changsha)
    unit = ledgers()["enterprises"]
    assert placer.place({"@placed": "大瑶镇", "address": "宁乡市花明楼镇"}, unit, "cs") == ("ly1", "")
    assert placer.place({"address": "宁乡市花明楼镇", "registered_address": "浏阳市大瑶镇"}, unit, "cs") == ("nx1", "")
    assert placer.place({"address": "某路1号", "registered_address": "浏阳市大瑶镇"}, unit, "cs") == ("ly1", "")
    assert placer.place({}, unit, "ly") == (unplaced_id("ly"), "")
    assert placer.place({}, unit, "ly1") == ("ly1", "")
    assert placer.place({"@placed": "北镇"}, unit, "ly") == (unplaced_id("ly"), "北镇")
    assert placer.place({"@placed": "大瑶镇/永和镇"}, unit, "ly") == ("ly1", ""), "永和镇 is no division here"
    assert placer.place({"@placed": "永安镇"}, unit, "") == (unplaced_id(""), "永安镇")
    for two in ("大瑶镇/永安镇", "大瑶镇、永安镇", "浏阳市大瑶镇和永安镇"):
        assert placer.place({"@placed": two}, unit, "ly") == (unplaced_id("ly"), two), "two towns are a question"
    assert placer.unplaced == {unplaced_id("ly"): "ly", unplaced_id(""): ""}
    assert placer.place({}, ledgers()["chains"], "ly") == ("ly", "")


def test_a_park_is_no_division() -> None:
    places = Places(
        [
            Region("a", "甲县", "990001", "县"),
            Region("t", "东镇", "", "镇街", "a"),
            Region("p", "东园", "", "园区", "t"),
        ]
    )
    assert places.find("东园", "a") == []
    assert places.find("东园", "a", places=True) == ["p"]
    unit = ledgers()["enterprises"]
    assert Placer(places).place({"@placed": "东园"}, unit, "a") == ("t", "")
    # a unit of which no town is stated lies in that of its park
    assert Placer(places).place({"@place": "东园"}, unit, "a") == ("t", "")
    assert Placer(places).place({"@place": "东园", "address": "甲县某路"}, unit, "a") == ("t", "")
    assert Placer(places).place({"@place": "东园", "@placed": "东真"}, unit, "a") == (unplaced_id("a"), "东真")
    assert Placer(places).place({"@place": "西园"}, unit, "a") == (unplaced_id("a"), "")


def test_levels() -> None:
    assert [level_of(c, n) for c, n in (("43", ""), ("4301", ""), ("430181", ""), ("430181102", ""))] == [
        "省",
        "市",
        "县",
        "镇街",
    ]
    assert [level_of("430181102205", n) for n in ("新河村委会", "新桥社区居委会")] == ["村", "社区"]


# -- real divisions ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hunan(data_dir: Path) -> Places:
    facts: dict[str, dict[str, str]] = {}
    for name in ("areas", "streets", "villages"):
        with (data_dir / f"divisions/hunan_{name}.csv").open(encoding="utf-8-sig") as file:
            facts |= {row["code"]: {"code": row["code"], "name": row["name"]} for row in csv.DictReader(file)}
    return grow(facts, {})[0]


@pytest.mark.parametrize(("code", "towns", "villages"), [("430181", 32, 326), ("430182", 29, 278), ("430104", 19, 192)])
def test_real_counties(hunan: Places, code: str, towns: int, villages: int) -> None:
    children = [c for c in hunan.tree.children[code] if hunan.by_id[c].kind == "镇街"]
    assert (len(children), sum(len(hunan.tree.children.get(c, ())) for c in children)) == (towns, villages)


def test_a_name_of_several_real_counties_is_never_resolved_by_name_alone(hunan: Places) -> None:
    times: dict[str, set[str]] = {}
    for region in hunan.by_id.values():
        times.setdefault(region.name, set()).add(region.code[:6])
    several = [n for n, counties in times.items() if len(counties) > 1]
    assert len(several) > 2000
    for name in several[::20]:
        assert len(hunan.find(name)) != 1, name
        for county in sorted(times[name])[:2]:
            assert all(found.startswith(county) for found in hunan.find(name, county)), name
