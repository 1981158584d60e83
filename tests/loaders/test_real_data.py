"""The real registry and divisions of ../shared/data, loaded whole."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.locality import Locality
from graph.rules.book import book
from graph.stores.base import Reader
from graph.stores.ladybug.store import EmbeddedStore
from loaders import pipeline

NAMES = ("areas", "streets", "villages")


@pytest.fixture(scope="module")
def loaded(
    data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[pipeline.LoadResult, EmbeddedStore]]:
    store = EmbeddedStore(tmp_path_factory.mktemp("real") / "real.lbug", create=True)
    paths = [data_dir / "divisions", data_dir / "registry"]
    yield pipeline.load(store, pipeline.LoadRequest(paths, Locality(home="4301"), author="测试", book=book())), store
    store.close()


@pytest.fixture(scope="module")
def reader(loaded: tuple[pipeline.LoadResult, EmbeddedStore]) -> Iterator[Reader]:
    with loaded[1].reader() as reader:
        yield reader


@pytest.fixture(scope="module")
def lines(data_dir: Path) -> list[dict[str, str]]:
    with (data_dir / "registry/changsha_enterprises.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_every_row_is_accounted_for(loaded: tuple[pipeline.LoadResult, EmbeddedStore]) -> None:
    for one in loaded[0].report.files:
        assert one.rows == one.accepted + one.merged + one.rejected, one.file
        assert one.accepted == one.new + one.changed + one.unchanged
    (registry,) = [f for f in loaded[0].report.files if f.file == "changsha_enterprises.csv"]
    assert (registry.ledger, registry.rows, registry.accepted, registry.rejected) == ("非公企业台账", 7806, 7805, 1)
    assert registry.dropped_columns == ("法人代表",)
    counts = {m.text: m.count for m in registry.messages}
    assert counts["注册资金没有金额，按空白处理，原文留存"] == 1398
    assert counts["注册资金外币，未折算，按空白处理，原文留存"] == 68


def test_a_code_of_a_public_institution_is_no_unit(
    loaded: tuple[pipeline.LoadResult, EmbeddedStore], reader: Reader
) -> None:
    rejects = loaded[0].rejects
    assert rejects is not None
    (sheet,) = rejects.sheets
    *_, header, row = (list(r) for r in sheet.rows)
    assert row[header.index("统一社会信用代码")] == "12430103740636493K"
    assert row[header.index("法人代表")] is None
    assert "12" in str(row[-1])
    assert reader.query("MATCH (u:Unit) WHERE u.credit_code STARTS WITH '12' RETURN u.id AS id").num_rows == 0


def test_no_value_of_the_legal_representatives_is_kept(
    loaded: tuple[pipeline.LoadResult, EmbeddedStore], reader: Reader, lines: list[dict[str, str]]
) -> None:
    people = {line["法人代表"].strip() for line in lines if "*" in line["法人代表"]}
    assert len(people) > 200
    result, store = loaded
    assert result.rejects is not None
    texts = [
        json.dumps(result.report.to_json(), ensure_ascii=False),
        str([list(s.rows) for s in result.rejects.sheets]),
    ]
    texts += reader.query("MATCH (t:SourceRow) RETURN t.values AS v")["v"].to_pylist()
    texts += reader.query("MATCH (m:Import) RETURN m.report AS v")["v"].to_pylist()
    whole = "\n".join(texts)
    kept = store.path.read_bytes()
    assert [person for person in people if person in whole] == []
    # the file itself is searched for every fifth of them: it holds a hundred megabytes
    for person in sorted(p for p in people if not p.isascii())[::5]:
        assert person.encode() not in kept


def test_capital_becomes_yuan(reader: Reader, lines: list[dict[str, str]]) -> None:
    table = reader.query("MATCH (u:Unit) WHERE u.listed RETURN u.credit_code AS code, u.registered_capital AS capital")
    capital = dict(zip(table["code"].to_pylist(), table["capital"].to_pylist(), strict=True))
    stated = {line["统一社会信用代码"]: line["注册资金"] for line in lines}
    assert capital["914301041840923835"] == 136_000  # 13.6万人民币
    assert capital["914301001840877603"] == 101_910_000  # 10,191(万元人民币)
    assert capital["914301001838435017"] == 67_495_500  # 6,749.5500(万元人民币)
    blank = {code for code, value in capital.items() if value is None}
    assert len(blank) == 1398 + 68
    foreign = [stated[code] for code in blank if stated[code] != "N/A"]
    assert len(foreign) == 68
    assert not any("人民币" in text for text in foreign)


def test_divisions_become_regions_with_their_hierarchy(reader: Reader) -> None:
    for code, towns, villages in (("430181", 32, 326), ("430182", 29, 278), ("430104", 19, 192)):
        (found,) = reader.query(
            "MATCH (t:Region)-[:PART_OF]->(c:Region {code: $code}) OPTIONAL MATCH (v:Region)-[:PART_OF]->(t) "
            "RETURN count(DISTINCT t.id) AS towns, count(v.id) AS villages",
            {"code": code},
        ).to_pylist()
        assert found == {"towns": towns, "villages": villages}, code


@pytest.mark.parametrize(
    ("name", "county", "place"),
    [
        ("湖南长沙胶鞋厂", "开福区", "开福区"),  # 长沙市开福区浏阳河路
        ("湖南丽臣实业股份有限公司", "开福区", "开福区"),
        ("湖南浏阳建筑工程股份有限公司", "浏阳市", "浏阳市"),  # 浏阳市淮川浏阳河路
        ("望城县杨桥花岗岩制品厂", "望城区", "桥驿镇"),  # 望城县桥驿镇, code of 430122
        ("宁乡县花明楼镇杨林塑料制品厂", "宁乡市", "花明楼镇"),  # although a list still carries 430124 宁乡县
        ("长沙锐平信息科技有限公司", "", "未落地"),  # 长沙高新开发区: a zone across counties
    ],
)
def test_units_land_in_todays_divisions(reader: Reader, name: str, county: str, place: str) -> None:
    (found,) = reader.query(
        "MATCH (u:Unit {name: $name})-[:LOCATED_IN]->(r:Region) RETURN r.id AS id, r.name AS place", {"name": name}
    ).to_pylist()
    counties = reader.query(
        "MATCH (r:Region {id: $id})-[:PART_OF*0..4]->(c:Region) WHERE c.kind = '县' RETURN c.name AS name", found
    )["name"].to_pylist()
    assert counties == ([county] if county else [])
    assert found["place"].startswith(place)


def test_everyone_is_somewhere_and_no_one_in_a_county_of_the_past(reader: Reader) -> None:
    placed = reader.query("MATCH (u:Unit)-[:LOCATED_IN]->(r:Region) RETURN u.id AS u, r.code AS code")
    assert placed.num_rows == len(set(placed["u"].to_pylist())) == 7805
    assert "430124" not in placed["code"].to_pylist()


def test_a_street_of_another_countys_name_is_not_that_county(reader: Reader, lines: list[dict[str, str]]) -> None:
    table = reader.query(
        "MATCH (u:Unit)-[:LOCATED_IN]->(r:Region)-[:PART_OF*0..4]->(c:Region {code: '430181'}) "
        "RETURN DISTINCT u.credit_code AS code"
    )
    liuyang = set(table["code"].to_pylist())
    misleading = [x for x in lines if "浏阳河" in x["注册地址"] and "浏阳市" not in x["注册地址"]]
    assert len(misleading) > 20
    assert [x["注册地址"] for x in misleading if x["统一社会信用代码"] in liuyang] == []
