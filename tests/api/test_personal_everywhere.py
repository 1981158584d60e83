"""Numbers of persons wherever text enters the product, looked for wherever text or bytes leave it."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pyarrow.parquet as pq
import pytest
from openpyxl.comments import Comment

from api.cli.run import main
from api.office import open_office
from api.web.app import create_app
from tests.api.client import Client
from tests.places import CLERK, Place

AS_OF = "2026-06-30"
RULE = """// id: {name}
// title: 本地规则 {title}
// severity: warn
// subject: Unit
// meaning: 找 {meaning}
// denominator: 全部单位 {denominator}
// basis: [依据 {basis}]
// remedy: 打电话 {remedy}

MATCH (u:Unit) WHERE u.listed AND (size($scope) = 0 OR EXISTS {{ MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope }})
RETURN u.id AS id, 'finding' AS verdict, u.staff AS staff ORDER BY id
"""
Capture = pytest.CaptureFixture[str]


class Corpus:
    """A number for each position, so that one that is seen again says where it came in."""

    def __init__(self) -> None:
        self.positions: dict[str, str] = {}

    def phone(self, position: str) -> str:
        """A mobile number."""
        return self._placed(position, f"139{len(self.positions):03d}64208")

    def spaced(self, position: str) -> str:
        """A mobile number as people write one."""
        number = f"138{len(self.positions):03d}64208"
        return self._placed(position, f"{number[:3]} {number[3:7]} {number[7:]}")

    def identity(self, position: str) -> str:
        """An identity number with its check digit."""
        body = f"43010219800101{len(self.positions):03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
        return self._placed(position, body + check)

    def _placed(self, position: str, text: str) -> str:
        self.positions[text] = position
        return text

    def seen(self, content: str | bytes) -> set[str]:
        """The positions whose number is in a text or in bytes of UTF-8."""
        if isinstance(content, bytes):
            return {position for text, position in self.positions.items() if text.encode() in content}
        return {position for text, position in self.positions.items() if text in content}


def write(folder: Path, corpus: Corpus) -> list[str]:
    """Ledgers, a mapping, a rule and settings with a number in each position; the arguments of a load of them."""
    inside = folder / f"台账 {corpus.phone('folder')}"
    inside.mkdir()
    (inside / "区划.csv").write_text(
        "代码,名称,上级,类别\n990001,甲县,,县\n990001101,东镇,甲县,镇街\n", encoding="utf-8"
    )
    book = openpyxl.Workbook()
    book.properties.creator = corpus.phone("workbook author")
    sheet = book.active
    assert sheet is not None
    sheet.title = f"企业{corpus.phone('sheet name')}"
    sheet.append([f"甲县非公企业台账（联系人张三 {corpus.spaced('title')}）"])
    header = ["企业名称", "所属镇街", "从业人数", "正式党员数", "注册地址", "成立日期", "行业", "法定代表人", "备注"]
    sheet.append([*header, f"说明{corpus.phone('heading')}", corpus.identity("heading alone")])
    sheet.append(["甲公司", "东镇", 5, 3, f"东镇路1号 {corpus.phone('address')}", "2020-01-01", f"制造{corpus.identity('industry')}",
                  f"李四{corpus.phone('dropped column')}", f"打 {corpus.spaced('remark')}", corpus.phone("unknown column"), "无"])  # fmt: skip
    sheet.append([f"乙公司{corpus.phone('name of a unit')}", "东镇", corpus.phone("count"), int(corpus.phone("number in a count")), "路",
                  "2020-01-01", None, None, corpus.identity("remark identity")])  # fmt: skip
    sheet.append(
        [
            "丙公司",
            "东镇",
            5,
            3,
            corpus.identity("rejected address"),
            f"昨天{corpus.phone('rejected date')}",
            None,
            None,
            "坏",
        ]
    )
    sheet.append(["丁公司", f"无此镇{corpus.phone('unknown town')}", 5, 3])
    sheet.append([f"备注：有事找王五 {corpus.phone('note below')}"])
    sheet["A3"].comment = Comment(corpus.phone("comment"), corpus.phone("author of a comment"))
    book.save(inside / f"非公企业台账{corpus.identity('file name')}.xlsx")
    rows = [
        ["党组织名称", "类别", "所属镇街", "覆盖单位", "党员数", "书记", "联系电话", "备注"],
        [f"甲公司党支部{corpus.phone('name of an org')}", "党支部", "东镇", "甲公司", "3", "赵六", corpus.phone("phone column"), corpus.spaced("org remark")],
    ]  # fmt: skip
    (inside / "党组织.csv").write_text("\n".join(map(",".join, rows)), encoding="gb18030")
    (inside / "暂缓.csv").write_text(
        f"对象,暂缓事项,理由,批准机关,批准日期,暂缓期限\n甲公司,应建未建党组织,搬迁中 {corpus.phone('reason')},工委{corpus.spaced('approved by')},2026-01-01,2026-12-31\n",
        encoding="utf-8",
    )
    (folder / "对照.yaml").write_text(
        f"enterprises:\n  columns:\n    说明{corpus.phone('mapping heading')}: 经营范围\n    法定代表人: 经营范围\n",
        encoding="utf-8",
    )
    rules = folder / "规则"
    rules.mkdir()
    texts = {key: corpus.phone(f"rule {key}") for key in ("title", "meaning", "denominator", "basis", "remedy")}
    (rules / "own_rule.cypher").write_text(RULE.format(name="own_rule", **texts), encoding="utf-8")
    (folder / "liangxin.toml").write_text(
        f'home = "甲县"\nrules_folder = "规则"\nprepared_by = "工委 {corpus.phone("setting prepared_by")}"\n',
        encoding="utf-8",
    )
    return [inside.name, "--as-of", AS_OF]


def texts_of(path: Path) -> Iterator[str | bytes]:
    """The content of a file as bytes, and what is packed in it."""
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from map(archive.read, archive.namelist())
    if path.suffix == ".parquet":
        yield repr(pq.read_table(path).to_pydict())


def test_a_number_that_came_in_anywhere_is_nowhere_afterwards(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    place.use(monkeypatch)
    corpus = Corpus()
    load = write(tmp_path, corpus)
    inputs = {path for path in tmp_path.rglob("*") if path.is_file()}
    left: dict[str, set[str]] = {}

    def look(where: str, *contents: str | bytes) -> None:
        if seen := set().union(*map(corpus.seen, contents)):
            left.setdefault(where, set()).update(seen)

    def run(*words: str) -> str:
        main([*words])
        said = capsys.readouterr()
        look(" ".join(words[:2]), said.out, said.err)
        return said.out

    book = next(path for path in inputs if path.suffix == ".xlsx")
    run("inspect", str(book))
    run("load", *load, "--preview")
    run("load", *load, "--json", "--rejects", "退回.xlsx")
    run("load", *load, "--mapping", "对照.yaml")
    run("load", f"没有{corpus.phone('missing file')}.xlsx")
    for question in ("units", "gaps", "overview", "reviews", "loads", "deferrals", "rules", "own_rule", "changes"):
        run("ask", question, "--as-of", AS_OF, "--format", "json")
        run("ask", question, "--as-of", AS_OF, "--out", f"{question}.xlsx")
    run("ask", "units", f"unit={corpus.phone('unknown unit')}")
    run("ask", "units", f"{corpus.phone('unknown parameter')}=x")
    run("rules", "own_rule")
    run("rules", "--check")
    run("report", "报告.html", "--as-of", AS_OF)
    run("report", "有名.html", "--as-of", AS_OF, "--names")
    run("export", "导出")
    run("verify")
    client = Client(create_app(open_office(place.location, as_of=dt.date(2026, 6, 30)), CLERK))
    with closing(client.app.state.office), closing(client.app.state.uploads):
        form = {"subject": "甲公司", "rule": "own_rule", "reason": f"迁址 {corpus.phone('web reason')}", "approved_by": "工委",
                "approved_on": "2026-01-01", "until": "2026-12-31"}  # fmt: skip
        look("deferral", client.post("/deferrals/set", form).text)
        for row in client.get("/answers/reviews.json").json()["rows"]:
            given = {f"decision-{row['id']}-text": f"东镇{corpus.phone('decision ' + row['kind'])}"}
            look("decision", client.post("/reviews/decide", given).text)
        upload = client.post("/load", files=[(f"企业{corpus.phone('upload name')}.csv", b"a,b\n1,2\n")])
        look("upload", upload.text)
        if upload.status_code == 303:
            look("upload page", client.get(str(upload.headers["location"])).text)
        unit = re.findall(r'href="/units/(\w+)', client.get("/answers/units").text)[0]
        addresses = [
            "/",
            "/reviews",
            "/deferrals",
            "/load",
            f"/units/{unit}",
            "/rules",
            "/answers/own_rule",
            "/openapi.json",
        ]
        addresses += [
            f"/answers/{name}{form}"
            for name in ("units", "gaps", "loads", "reviews", "deferrals")
            for form in ("", ".json", ".csv")
        ]
        for address in addresses:
            look(address, client.get(address).text)
        for position, url in {
            "query value": "/answers/units?unit={}",
            "query name": "/answers/units?{}=x",
            "question": "/answers/{}",
            "entity": "/units/{}",
            "search": "/search?q={}",
        }.items():
            look(position, client.get(url.format(quote(corpus.phone(position)))).text)
    for path in tmp_path.rglob("*"):
        if path.is_file() and path not in inputs:
            look(path.name, *texts_of(path))
    assert not left, "\n".join(f"{where}: {sorted(positions)}" for where, positions in left.items())
