"""Loading on the pages: the same as on the command line, and nothing of what was sent is left."""

from __future__ import annotations

import io
import re
import threading
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.cli.run import main
from api.viewer import Viewer
from loaders import pipeline
from loaders.recognize import mapping
from tests.api.county import NAMELESS
from tests.api.town import AS_OF, LEDGERS, ROWS, UNITS, Town, end, town
from tests.loaders.desk import ask_few, credit_code
from tests.loaders.read.test_apart import with_row
from tests.places import Place

#: headings that no ledger knows
STRANGE = "厂名,人头,镇\n一厂,7,东镇\n二厂,9,西镇\n"


def command(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """A command as a clerk gives it."""
    ask_few(monkeypatch)
    monkeypatch.chdir(folder)
    assert main(["--store", "town.lbug", *words]) == 0


def test_with_nothing_in_it_the_first_page_says_what_to_do(fresh: Town) -> None:
    got = fresh.client.get("/")
    assert (got.status_code, got.headers["location"]) == (307, "/load")
    page = fresh.client.get("/load").text
    assert "图库还是空的" in page
    assert "撤销最近" not in page
    for url in ("/answers/gaps", "/reviews", "/answers/loads", "/healthz"):
        assert fresh.client.get(url).status_code == 200


def test_a_preview_tells_and_changes_nothing(fresh: Town) -> None:
    address = fresh.upload(*LEDGERS)
    files = [*fresh.uploads.find(address.rpartition("/")[2]).folder.iterdir()]
    before = fresh.digests()
    assert fresh.client.post(f"{address}/preview").status_code == 303
    page = fresh.client.settled(address)
    assert "这是预演，图库没有改变" in page
    assert "待核实 2 项" in page
    assert fresh.revision == 0
    assert fresh.digests() == before
    assert all(f.exists() for f in files)
    # what could not be taken can be had before anything is loaded
    assert fresh.client.get(f"{address}/rejects.xlsx").status_code == 200


def test_a_load_is_that_of_the_command_line(
    loaded: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in LEDGERS:
        (tmp_path / name).write_bytes(content)
    # the pages measure on the day that their office asks about
    day = AS_OF.isoformat()
    command(tmp_path, monkeypatch, "load", "--as-of", day, *sorted(name for name, _ in LEDGERS))
    other = town(tmp_path)
    assert loaded.digests() == other.digests()
    end(other)
    (row,) = loaded.client.get("/answers/loads.json").json()["rows"]
    assert (row["files"], row["rejected"], row["reviews"]) == (["区划.csv", "非公企业.csv"], 1, 2)


def test_a_folder_is_loaded_as_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stores = []
    for name in ("web", "command"):
        (tmp_path / name).mkdir()
    (tmp_path / "command" / "台账" / "东镇").mkdir(parents=True)
    names = ["台账/区划.csv", "台账/东镇/非公企业.csv"]
    web = town(tmp_path / "web")
    web.load(*((name, content) for name, (_, content) in zip(names, LEDGERS, strict=True)))
    for name, (_, content) in zip(names, LEDGERS, strict=True):
        (tmp_path / "command" / name).write_bytes(content)
    command(tmp_path / "command", monkeypatch, "load", "--as-of", AS_OF.isoformat(), "台账")
    stores = [web, town(tmp_path / "command")]
    assert stores[0].digests() == stores[1].digests()
    for one in stores:
        end(one)


def test_what_was_sent_is_deleted_once_it_is_loaded_or_given_up(copied: Town) -> None:
    for how in ("commit", "drop"):
        address = copied.upload(("更多.csv", (UNITS + "另一公司,,东镇,3,\n").encode()))
        folder = copied.uploads.find(address.rpartition("/")[2]).folder
        assert folder.exists()
        assert "更多.csv" in copied.client.get("/load").text
        assert copied.client.post(f"{address}/{how}").status_code == 303
        if how == "commit":
            assert "图库现为版本 2" in copied.client.settled(address)
            assert copied.client.post(f"{address}/commit").status_code == 422
        else:
            assert copied.client.get(address).status_code == 404
        assert not folder.exists()
    assert copied.revision == 2


def test_rejected_rows_come_back_corrected(copied: Town) -> None:
    address = copied.upload(("非公企业.csv", LEDGERS[1][1]))
    copied.client.post(f"{address}/commit")
    assert "与图库一致" in copied.client.settled(address)
    got = copied.client.get(f"{address}/rejects.xlsx")
    assert "filename*=UTF-8''%E6%8B%92%E6%94%B6%E8%A1%8C.xlsx" in got.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(got.content))
    cells = {c.value: c for row in book.worksheets[0].iter_rows() for c in row}
    assert "坏日期公司" in cells
    cells["昨天"].value = "2021-03-05"
    stream = io.BytesIO()
    book.save(stream)
    assert "收下 1 行，退回 0 行" in copied.load(("拒收行.xlsx", stream.getvalue()))
    # nothing rejected: there is nothing to be had
    last = copied.upload(("区划.csv", LEDGERS[0][1]))
    assert copied.client.get(f"{last}/rejects.xlsx").status_code == 404


def test_the_last_load_is_undone(copied: Town) -> None:
    before = copied.office.answer("unit", {"unit": "第1公司"}, NAMELESS).rows
    copied.load(("更多.csv", (UNITS + f"第1公司改名,{credit_code(1)},东镇,99,\n").encode()))
    assert copied.client.post("/load/undo", {"number": "1"}).status_code == 422
    page = copied.client.get("/load").text
    number = re.search(r'name="number" value="(\d+)"', page)
    assert number is not None
    assert number[1] == "2"
    got = copied.client.post("/load/undo", {"number": number[1]})
    assert (got.status_code, got.headers["location"]) == (303, "/load#history")
    assert copied.revision == 3
    # a second click, or the page of a second person
    for again in (number[1], "", "x", "-1"):
        assert copied.client.post("/load/undo", {"number": again}).status_code == 422
    assert copied.revision == 3
    assert copied.office.answer("unit", {"unit": "第1公司"}, NAMELESS).rows == before
    changes = copied.client.get("/answers/loads.json").json()["rows"]
    assert [c["kind"] for c in changes] == ["撤销", "载入", "载入"]
    # the author is who looks at the pages
    assert copied.office.answer("loads", {}, Viewer("看", (), frozenset({"person"}))).rows[0]["author"] == NAMELESS.name


def test_a_ledger_declared_whole_retires_what_it_no_longer_lists(copied: Town) -> None:
    fewer = ("非公企业.csv", (UNITS + "".join(ROWS[6:])).encode())
    address = copied.upload(fewer)
    page = copied.client.get(address).text
    assert 'name="complete" value="enterprises"' in page
    copied.client.post(f"{address}/commit", {"complete": "enterprises", "division": "甲县"})
    page = copied.client.settled(address)
    assert "没有导入，图库没有改变" in page
    assert "超过 5%" in page
    assert copied.revision == 1
    # nothing of what was filled in is lost
    assert 'value="甲县"' in page
    assert 'value="enterprises" checked' in page
    copied.client.post(f"{address}/commit", {"complete": "enterprises", "division": "甲县", "confirmed": "1"})
    assert "图库现为版本 2" in copied.client.settled(address)
    assert copied.client.get("/answers/loads.json").json()["rows"][0]["retired"] == 8
    last = copied.upload(fewer)
    got = copied.client.post(f"{last}/commit", {"complete": "enterprises"})
    assert got.status_code == 422
    assert "填写区划" in got.json()["detail"]


def test_what_cannot_be_loaded_says_why_and_nothing_is_lost(copied: Town) -> None:
    for name, content, said in (
        ("名单.csv", "姓名,民族\n某人,汉\n".encode(), "像是人员名册"),
        ("坏.xlsx", b"PK\x03\x04rubbish", "已损坏"),
        ("空.csv", b"", "空文件"),
        ("图.png", b"\x89PNG", "不是可以读取的类型"),
    ):
        address = copied.upload((name, content))
        assert said in copied.client.get(address).text
        copied.client.post(f"{address}/commit")
        page = copied.client.settled(address)
        assert "没有导入" in page
        assert said in page
        copied.client.post(f"{address}/drop")
    assert copied.revision == 1
    address = copied.upload(LEDGERS[1])
    copied.client.post(f"{address}/preview", {"division": "不存在的县"})
    assert "不存在的县" in copied.client.settled(address)


def test_a_defect_has_a_number_that_is_in_the_log(
    copied: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "某人的姓名"

    def broken(*_: object, **__: object) -> None:
        raise ValueError(secret)

    monkeypatch.setattr(pipeline, "load", broken)
    address = copied.upload(LEDGERS[0])
    copied.client.post(f"{address}/commit")
    page = copied.client.settled(address)
    number = re.search(r"编号 ([0-9a-f]{8})", page)
    assert number is not None
    assert number[1] in caplog.text
    assert secret not in caplog.text + page


def test_one_load_at_a_time_while_pages_are_answered(copied: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    going, seen = threading.Event(), threading.Event()
    load = pipeline.load

    def slow(*words: Any, **more: Any) -> pipeline.LoadResult:
        more["progress"]("非公企业.csv", 3, 0)
        seen.set()
        assert going.wait(20)
        return load(*words, **more)

    monkeypatch.setattr(pipeline, "load", slow)
    address, other = copied.upload(LEDGERS[1]), copied.upload(("更多.csv", LEDGERS[1][1]))
    copied.client.post(f"{address}/commit")
    assert seen.wait(20)
    page = copied.client.get(address, accept="text/html").text
    assert "正在读取 非公企业.csv" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    for url, fields in (
        (f"{other}/commit", {}),
        ("/load/undo", {"number": "1"}),
        ("/reviews/decide", {"decision-v": "忽略"}),
    ):
        got = copied.client.post(url, fields)
        assert (got.status_code, got.json()["title"]) == (503, "图库正在被写入")
    for url in (f"{address}/drop", f"{address}/mapping", f"{address}/commit"):
        assert copied.client.post(url).status_code in (422, 503)
    for url in ("/answers/gaps", "/load", "/reviews", other):
        assert copied.client.get(url).status_code == 200
    going.set()
    assert "与图库一致" in copied.client.settled(address)
    assert copied.client.post(f"{other}/commit").status_code == 303
    copied.client.settled(other)


# -- what columns mean --------------------------------------------------------------------------------


def test_a_choice_is_remembered_by_the_pages_and_the_command_line(
    copied: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = copied.upload(("名册.csv", STRANGE.encode()))
    page = copied.client.get(address).text
    assert "不会导入" in page
    fields: dict[str, Any] = {"sheet": "0", "ledger": "enterprises", "header": "1", "header_rows": "1"}
    got = copied.client.post(f"{address}/mapping", fields)
    assert (got.status_code, got.headers["location"]) == (303, f"{address}?sheet=0#sheet")
    page = copied.client.get(address).text
    assert "厂名更正为" in page
    words = {"column-0": "单位名称", "column-1": "从业人数", "column-2": "所在区划"}
    assert copied.client.post(f"{address}/mapping", {**fields, **words}).status_code == 303
    assert "不会导入" not in copied.client.get(address).text
    copied.client.post(f"{address}/drop")
    # the next file with these headings: other order, other name, a title above them
    again = "本镇名册,,\n序号,镇,人头,厂名\n1,东镇,7,一厂\n"
    assert "收下 1 行" in copied.load(("下月.csv", again.encode()))
    assert copied.office.answer("unit", {"unit": "一厂"}, NAMELESS)
    # a rejected row of such a sheet comes back in our own workbook
    wrong = "厂名,人头,镇\n三厂,-5,东镇\n"
    address = copied.upload(("又.csv", wrong.encode()))
    copied.client.post(f"{address}/preview")
    assert "退回 1 行" in copied.client.settled(address)
    book = openpyxl.load_workbook(io.BytesIO(copied.client.get(f"{address}/rejects.xlsx").content))
    (cell,) = [c for row in book.worksheets[0].iter_rows() for c in row if str(c.value) == "-5"]
    cell.value = 5
    stream = io.BytesIO()
    book.save(stream)
    assert "收下 1 行，退回 0 行" in copied.load(("拒收行.xlsx", stream.getvalue()))
    (copied.folder / "再下月.csv").write_text(STRANGE, encoding="utf-8")
    command(copied.folder, monkeypatch, "inspect", "再下月.csv")
    assert "单位名称" in capsys.readouterr().out
    command(copied.folder, monkeypatch, "load", "再下月.csv")
    assert copied.office.answer("unit", {"unit": "二厂"}, NAMELESS)
    # one choice for one set of headings
    assert len(mapping.saved(copied.office.mappings)) == 1


def test_a_column_is_not_kept_or_taken_for_another_when_so_chosen(copied: Town) -> None:
    table = "企业名称,统一社会信用代码,所属镇街,从业人员数量,职工数,法定代表人\n新厂,,东镇,7,8,张三\n"
    address = copied.upload(("新.csv", table.encode()))
    page = copied.client.get(address).text
    assert "法定代表人更正为" not in page
    assert "张三" not in page
    fields = {"sheet": "0", "ledger": "enterprises", "header": "1", "header_rows": "1"}
    said = {"column-3": "不保存", "column-4": "从业人数", "column-5": "单位名称"}
    assert copied.client.post(f"{address}/mapping", {**fields, **said}).status_code == 303
    assert "按选择不保存" in copied.client.get(address).text
    (one,) = mapping.saved(copied.office.mappings)
    # what is dropped at the door is dropped whatever is sent
    assert one.columns == {"从业人员数量": "不保存", "职工数": "从业人数"}
    copied.client.post(f"{address}/commit")
    copied.client.settled(address)
    with copied.office.store.reader() as reader:
        found = reader.query("MATCH (u:Unit) WHERE u.name = '新厂' RETURN u.staff AS staff")
    assert found["staff"].to_pylist() == [8]
    # taken back: as the headings say
    address = copied.upload(("新.csv", table.encode()))
    assert copied.client.post(f"{address}/mapping", fields).status_code == 303
    (one,) = mapping.saved(copied.office.mappings)
    assert one.columns == {}


@pytest.mark.parametrize(
    "wrong",
    [{"ledger": "没有"}, {"ledger": "ledger"}, {"header": "0"}, {"header": "99"}, {"header": "-1"}, {"header_rows": "4"},
     {"column-0": "没有这一项"}, {"header_rows": "x"}],
)  # fmt: skip
def test_what_cannot_be_chosen_is_refused(loaded: Town, wrong: dict[str, str]) -> None:
    address = loaded.upload(LEDGERS[1])
    fields = {"sheet": "0", "ledger": "enterprises", "header": "1", "header_rows": "1", **wrong}
    got = loaded.client.post(f"{address}/mapping", fields)
    assert got.status_code == 422
    assert not loaded.office.mappings.exists()
    loaded.client.post(f"{address}/drop")


def test_names_of_files_and_headings_are_text(copied: Town) -> None:
    name, heading = "<img src=x onerror=alert(1)>.csv", "<script>alert(1)</script>"
    table = f"企业名称,统一社会信用代码,所属镇街,从业人员数量,{heading},\u202e{{{{7*7}}}}\n<b>厂</b>,,东镇,7,<i>,x\n"
    address = copied.upload((name, table.encode()), ("../../𠮷\x01.csv", table.encode()))
    page = copied.client.get(f"{address}?sheet=0").text + copied.client.get("/load").text
    copied.client.post(f"{address}/commit")
    page += copied.client.settled(address)
    for text in ("<script>alert", "<img", "<b>厂", "<i>", ">49<", "\u202e"):
        assert text not in page
    assert "&lt;script&gt;" in page
    assert "𠮷" in page
    assert copied.client.get("/load/../../etc/passwd").status_code == 404


def test_either_engine_is_filled_and_emptied(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place.use(monkeypatch)
    made = town(tmp_path, location=place.location)
    assert made.client.get("/").headers["location"] == "/load"
    assert made.office.mappings == tmp_path / "表头对照.yaml"
    assert "图库现为版本 1" in made.load(*LEDGERS)
    first, *others = made.reviews()
    assert made.client.post("/reviews/decide", {f"decision-{first['id']}": "忽略"}).status_code == 303
    assert made.reviews() == others
    for number in ("2", "1"):
        assert made.client.post("/load/undo", {"number": number}).status_code == 303
    assert made.client.post("/load/undo", {"number": "1"}).status_code == 422
    assert made.client.get("/answers/overview.json").json()["totals"][0]["value"] == 0
    end(made)


def test_a_workbook_that_kills_its_reader_leaves_the_service_as_it_was(fresh: Town) -> None:
    """The library asks for 30 GB for the first of these, and the process that asks is aborted."""
    address = fresh.upload(*LEDGERS, ("坏.xlsx", with_row(b'<row><c r="AAAAAAA3"><v>1</v></c></row>')))
    assert "AAAAAAA3" in fresh.client.get(address).text
    assert fresh.client.post(f"{address}/preview").status_code == 303
    page = fresh.client.settled(address)
    assert "坏.xlsx" in page
    assert "AAAAAAA3" in page
    assert fresh.revision == 0
    assert fresh.client.get("/healthz").status_code == 200
    assert "导入" in fresh.load(*LEDGERS)
    assert fresh.revision == 1
