"""The command line and the service say the same, whichever engine holds the graph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.run import main
from api.office import open_office
from api.web.app import create_app
from tests.api.client import Client
from tests.api.county import CLERK, write_county
from tests.conftest import Servers
from tests.loaders.desk import DIVISIONS, ask_few, credit_code
from tests.places import ENGINES, Place

UNITS = "企业名称,统一社会信用代码,所属镇街,从业人员数量,正式党员数,年营业收入（万元）\n"
ROWS = [f"第{n}公司,{credit_code(n)},{'东镇' if n % 2 else '西镇'},{n},{n % 6},10" for n in range(60)]
AS_OF = "2026-06-30"
#: what is said besides that is the engine's, the clock's or one request's
CHANGING = re.compile(
    r'20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\+\d\d:\d\d)?|耗时.*|nonce="[^"]*"|(图库|数据)文件的校验和.*'
)


def steps(folder: Path) -> Iterator[list[str]]:
    """What a clerk does in a year."""
    (folder / "区划.csv").write_text(DIVISIONS, encoding="utf-8")
    (folder / "非公企业.csv").write_text(UNITS + "\n".join(ROWS), encoding="utf-8")
    (folder / "现有企业.csv").write_text(UNITS + "\n".join(ROWS[5:]), encoding="utf-8")
    (folder / "坏.csv").write_text("姓名,民族\n某人,汉\n", encoding="utf-8")
    ask = ["ask", "org_should_exist", "--as-of", AS_OF]
    fewer = ["load", "现有企业.csv", "--division", "甲县", "--complete", "非公企业台账:甲县"]
    yield ["load", "区划.csv", "非公企业.csv", "--division", "甲县", "--preview"]
    yield ["load", "区划.csv", "非公企业.csv", "--division", "甲县"]
    yield ["load", "区划.csv", "非公企业.csv", "--division", "甲县", "--json"]
    yield ["load", "坏.csv"]
    yield ask
    yield [*ask, "page=2", "size=7", "sort=-formal_members", "--format", "json"]
    yield [*ask, "page=99", "size=7"]
    yield ["export", "before"]
    yield fewer
    yield [*fewer, "--yes"]
    yield [*ask, "region=东镇", "--format", "csv"]
    yield ["undo"]
    yield ["verify"]
    yield ["import", "before"]


def test_commands(
    on_server: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_few(monkeypatch)
    said: dict[str, list[tuple[object, ...]]] = {}
    for engine, place in (("embedded", Place("county.lbug")), ("neo4j", on_server)):
        (tmp_path / engine).mkdir()
        monkeypatch.chdir(tmp_path / engine)
        place.use(monkeypatch)
        for words in steps(tmp_path / engine):
            status = main(words)
            out, err = (CHANGING.sub("", text.replace(place.location, "图库")) for text in capsys.readouterr())
            said.setdefault(engine, []).append((words, status, out, err))
    for one, other in zip(said["embedded"], said["neo4j"], strict=True):
        assert one == other
    assert [status for _, status, *_ in said["neo4j"]].count(0) == 10
    # what a file was exported as is the same on the server, and in a file again
    on_server.empty()
    monkeypatch.chdir(tmp_path / "embedded")
    assert main(["import", "before"]) == 0
    assert main(["copy", "--from", on_server.location, "--to", "copied.lbug"]) == 0
    assert main(["ask", "org_should_exist", "--as-of", AS_OF, "--store", "copied.lbug"]) == 0
    assert capsys.readouterr().out == said["embedded"][4][2]


@pytest.fixture(scope="module")
def answers(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What the service says of the small county, by engine and address."""
    found: dict[str, dict[str, str]] = {}
    with pytest.MonkeyPatch.context() as patch:
        ask_few(patch)
        for engine in ENGINES:
            place = engine.empty(tmp_path_factory.mktemp("county"), servers)
            place.use(patch)
            store = place.open()
            with store.writer("测试", "建立") as writer:
                write_county(writer)
            store.close()
            office = open_office(place.location)
            client = Client(create_app(office, CLERK))
            found[engine.name] = {address: client.get(f"{address}?as_of={AS_OF}").text for address in ADDRESSES}
            office.close()
    return found


ADDRESSES = (
    "/healthz",
    "/",
    *(
        f"/answers/{name}"
        for name in (
            "overview.json",
            "overview.csv",
            "loads.json",
            "reviews.json",
            "org_should_exist",
            "officer_overloaded.json",
        )
    ),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages(answers: dict[str, dict[str, str]], address: str) -> None:
    one, other = (CHANGING.sub("", answers[engine.name][address]) for engine in ENGINES)
    assert one == other
    if address.endswith(".json"):
        assert json.loads(answers["neo4j"][address])["revision"] == 1
