from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api import locations, log
from api.cli import run, terminal
from api.cli.run import main
from api.web import server
from graph.errors import InputError
from graph.load_report import FileReport, LoadReport, Message
from tests.api.county import OFFICER, PEOPLE

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(county: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The small county's store as the one in use, from an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIANGXIN_STORE", str(county))
    return county


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest sample place, as files."""
    folder = tmp_path_factory.mktemp("ledgers")
    assert main(["sample", str(folder), "--place", "戊街道", "--units", "100"]) == 0
    return folder


# -- asking -------------------------------------------------------------------------------------------


def test_ask_prints_a_table_with_its_basis(store: Path, capsys: Capture) -> None:
    assert main(["ask", "org_should_exist", "region=东镇", "--as-of", "2026-06-30"]) == 0
    out, err = capsys.readouterr()
    assert "应建未建（数据截止 2026-06-30" in out
    assert "u2号公司" in out
    assert "依据：" in out
    assert err == ""


def test_ask_shows_a_page_and_says_how_many_more(store: Path, capsys: Capture) -> None:
    assert main(["ask", "gaps", "size=2"]) == 0
    assert "加 page=2 看下一页" in capsys.readouterr().out
    assert main(["ask", "gaps", "size=2", "page=99"]) == 2
    assert "没有第 99 页" in capsys.readouterr().err


def test_ask_in_every_format_says_the_same(store: Path, capsys: Capture, tmp_path: Path) -> None:
    assert main(["ask", "gaps", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert main(["ask", "gaps", "page=2", "size=2", "--out", "gaps.csv"]) == 0
    rows = list(csv.reader(io.StringIO((tmp_path / "gaps.csv").read_text(encoding="utf-8-sig"))))
    assert [row[2] for row in rows[1:]] == [row["subject"] for row in found["rows"]]
    assert main(["ask", "gaps", "--out", "gaps.xlsx"]) == 0
    assert (tmp_path / "gaps.xlsx").read_bytes()[:2] == b"PK"
    assert capsys.readouterr().out == ""


def test_the_command_line_sees_names(store: Path, capsys: Capture) -> None:
    assert main(["ask", "officer", "officer=g1"]) == 0
    assert OFFICER in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "缺少命令"),
        (["aks"], "没有命令“aks”。是否想写 ask"),
        (["--sotre", "x"], "不认识“--sotre”"),
        (["ask"], "缺少 问题"),
        (["ask", "nothing"], "没有名为“nothing”的问题"),
        (["ask", "gaps", "colour=red"], "没有参数“colour”"),
        (["ask", "gaps", "red"], "参数“red”应写成 名=值"),
        (["ask", "gaps", "--as-of", "2026-06-30", "as_of=2026-01-01"], "截止日期写了两次"),
        (["ask", "units", "org=应建"], "org 不能是“应建”。可用：应建未建、"),
        (
            ["ask", "gaps", "rule=应建"],
            "rule 不能是“应建”。可用：org_suspected（疑似应建）、org_should_exist（应建未建）、",
        ),
        (["ask", "deadlines", "kind=换"], "kind 不能是“换”。可用：换届、"),
        (["ask", "gaps", "page=1", "page=2"], "写了两次"),
        (["ask", "gaps", "--format", "pdf"], "--format 不能是“pdf”"),
        (["ask", "gaps", "--as-of", "2026-02-30"], "日期“2026-02-30”无法识别"),
        (["ask", "gaps", "--out", "gaps.pdf"], "请把文件名结尾写成"),
        (["ask", "gaps", "--out", "nowhere/gaps.csv"], "不存在"),
        (["ask", "unit", "unit='; MATCH (n) DETACH DELETE n //"], "没有找到两新组织"),
        (["--wait", "soon", "ask", "gaps"], "“soon”不是秒数"),
        (["load"], "缺少 路径"),
        (["load", "nowhere.xlsx"], "没有找到 nowhere.xlsx"),
        (["load", ".", "--complete", "enterprises"], "应写成 台账:区划"),
        (["load", ".", "--rejects", "out.csv"], "应以 .xlsx 结尾"),
        (["sample", "out", "--place", "庚市"], "没有名为“庚市”的示例地区"),
        (["rules", "org_shuold_exist"], "没有名为“org_shuold_exist”的规则。可用：coverage_blank、"),
        (["rules", "org_should_exist", "--as-of", "0001-01-01"], "不在 1900 年至 2200 年之间"),
        (["report", "out.html", "--as-of", "0001-01-01"], "不在 1900 年至 2200 年之间"),
        (["report", "out.pdf"], "应以 .html 结尾"),
        (["report", "out.html", "--region", "无此地"], "没有找到区划“无此地”"),
        (["serve", "--host", "0.0.0.0"], "只对本机开放"),
        (["serve", "--port", "70000"], "端口 70000 不存在"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_status_2(
    store: Path, capsys: Capture, arguments: list[str], said: str
) -> None:
    before = store.read_bytes()
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert out == ""
    assert store.read_bytes() == before


def test_a_store_that_cannot_be_used_is_status_3(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANGXIN_NEO4J_PASSWORD", "没有这样的密码")
    for location, said in (
        (str(tmp_path / "none.lbug"), "没有找到图库"),
        (str(tmp_path), "是文件夹"),
        ("bolt://127.0.0.1:9", "连不上 Neo4j 服务器 bolt://127.0.0.1:9"),
        ("bolt://甲:没有这样的密码@127.0.0.1:9", "不能写用户名和密码"),
    ):
        assert main(["ask", "overview", "--store", location]) == 3
        said_on_stderr = capsys.readouterr().err
        assert said in said_on_stderr
        assert "没有这样的密码" not in said_on_stderr
    monkeypatch.delenv("LIANGXIN_NEO4J_PASSWORD")
    assert main(["ask", "overview", "--store", "bolt://127.0.0.1:9"]) == 3
    assert "LIANGXIN_NEO4J_PASSWORD_FILE" in capsys.readouterr().err
    broken = tmp_path / "broken.lbug"
    broken.write_bytes(b"not a store")
    assert main(["--store", str(broken), "ask", "overview"]) == 3
    assert "打不开" in capsys.readouterr().err


def test_broken_settings_are_named(store: Path, capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "liangxin.toml").write_text("hoem = 1", encoding="utf-8")
    assert main(["questions"]) == 2
    assert "liangxin.toml" in capsys.readouterr().err


def test_a_defect_has_a_number_and_leaves_its_message_out_of_the_log(
    county: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ValueError(f"cannot read {OFFICER}")

    monkeypatch.setitem(run._COMMANDS, "undo", broken)
    assert main(["undo", "--store", str(tmp_path / "s.lbug")]) == 1
    err = capsys.readouterr().err
    text = (tmp_path / locations.LOGS / "command.log").read_text(encoding="utf-8")
    number = err.partition("编号 ")[2].partition("，")[0]
    assert number
    assert number in text
    assert "ValueError" in text
    assert OFFICER not in text + err


def test_an_interruption_is_status_130(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(run._COMMANDS, "load", interrupted)
    assert main(["load", "x"]) == 130
    assert capsys.readouterr().err == "已中断，图库没有改变。\n"
    assert main(["load", "x", "--store", "bolt://127.0.0.1:9"]) == 130
    assert "重新执行同一命令" in capsys.readouterr().err


def test_lists(capsys: Capture) -> None:
    assert main(["questions", "--format", "json"]) == 0
    listed = {q["name"]: q for q in json.loads(capsys.readouterr().out)}
    assert {"overview", "gaps", "unit", "org_should_exist"} <= listed.keys()
    assert {p["name"] for p in listed["overview"]["parameters"]} >= {"region", "base", "chain", "severity", "as_of"}
    assert main(["rules", "--format", "json"]) == 0
    rules = {r["id"]: r for r in json.loads(capsys.readouterr().out)}
    assert rules["org_should_exist"]["params"][0]["value"] == 3
    assert main(["rules"]) == 0
    assert "应建未建" in capsys.readouterr().out


def test_one_rule_is_listed_or_written_out(capsys: Capture) -> None:
    assert main(["rules", "org_should_exist", "--format", "json"]) == 0
    assert [r["id"] for r in json.loads(capsys.readouterr().out)] == ["org_should_exist"]
    assert main(["rules", "org_should_exist", "--as-of", "2026-06-30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ":param org_min_members => 3;" in lines
    assert ":param as_of => date('2026-06-30');" in lines
    assert ":param scope => [];" in lines
    assert lines[-1].endswith(";")


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in run._COMMANDS)])
def test_help_is_in_chinese(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "用法：" in out
    assert "选项：" in out
    for word in ("usage", "optional", "show this"):
        assert word not in out


# -- loading ------------------------------------------------------------------------------------------


def test_load_report_undo(ledgers: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIANGXIN_STORE", str(tmp_path / "s.lbug"))
    assert main(["load", str(ledgers), "--preview"]) == 0
    assert "这是预演，图库没有改变。" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert main(["load", str(ledgers), "--rejects", "rejects.xlsx"]) == 0
    out = capsys.readouterr().out
    assert "非公企业台账" in out
    assert "图库现为版本 1" in out
    assert (tmp_path / "rejects.xlsx").exists()
    assert main(["load", str(ledgers), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    totals = report["totals"]
    assert totals["rows"] == totals["accepted"] + totals["merged"] + totals["rejected"]
    assert (totals["new"], totals["changed"], report["revision"]) == (0, 0, 1)
    assert main(["report", "report.html", "--as-of", "2026-06-30"]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("戊街道", "2026-06-30", "演示数据·虚构", "内部资料", "非涉密系统，严禁录入涉密信息"):
        assert words in page
    assert main(["undo"]) == 0
    assert "图库现为版本 2" in capsys.readouterr().err
    assert main(["undo"]) == 2


def test_an_undo_that_is_repeated_takes_back_no_other_load(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIANGXIN_STORE", "a.lbug")
    for staff in (5, 6, 7):
        Path("企业.csv").write_text(f"企业名称,所属镇街,从业人员数量\n一公司,东镇,{staff}\n", encoding="utf-8")
        assert main(["load", "企业.csv"]) == 0
    capsys.readouterr()
    assert main(["undo"]) == 0
    assert re.fullmatch(
        r"已撤销第 3 版（20\d\d-.*，载入 1 个文件：企业.csv）的导入，图库现为版本 4。\n", capsys.readouterr().err
    )
    assert main(["undo"]) == 2
    assert "确要撤销它，请执行 liangxin undo --load 2。" in capsys.readouterr().err
    assert main(["undo", "--load", "3"]) == 2
    assert "第 3 版的导入已经撤销过了" in capsys.readouterr().err
    assert main(["undo", "--load", "2"]) == 0
    assert "已撤销第 2 版的导入，图库现为版本 5。" in capsys.readouterr().err
    # a load makes it the last again
    assert main(["load", "企业.csv"]) == 0
    assert main(["undo"]) == 0


def test_a_report_names_no_one_unless_asked(store: Path, tmp_path: Path) -> None:
    assert main(["report", "a.html"]) == 0
    assert main(["report", "b.html", "--names"]) == 0
    without, with_names = ((tmp_path / f"{n}.html").read_text(encoding="utf-8") for n in "ab")
    assert not any(person in without for person in PEOPLE)
    assert OFFICER in with_names


def test_inspect_writes_nothing(
    ledgers: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = next(ledgers.rglob("党组织.xlsx"))
    assert main(["inspect", str(file)]) == 0
    assert "党组织" in capsys.readouterr().out
    assert main(["inspect", str(file), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]
    assert list(tmp_path.iterdir()) == []


def test_the_report_of_a_load_shows_what_a_clerk_must_know() -> None:
    messages = (Message("code", 2, "统一社会信用代码校验不符", ("甲.xlsx 第 3 行",)),)
    file = FileReport("甲\x1b[31m.xlsx", "一", "enterprises", 3, 2, 2, 0, 0, 0, 1, 0, 1, messages=messages)
    out = io.StringIO()
    terminal.load_report(LoadReport(7, (file,)), {"enterprises": "非公企业台账"}.get, out)  # type: ignore[arg-type]
    text = out.getvalue()
    assert "统一社会信用代码校验不符（2 处） 例：甲.xlsx 第 3 行" in text
    assert "共 3 行，收下 2 行，退回 1 行，待核实 1 项。图库现为版本 7。" in text
    assert "\x1b" not in text


def test_tables_align_chinese_and_are_never_cut_in_a_file() -> None:
    out = io.StringIO()
    long = "很长的名称" * 40
    terminal.table(("名称", "数"), [[long, "1"], ["短[b]名[/b]", "22"]], [False, True], out)
    lines = out.getvalue().splitlines()
    assert long in lines[1]
    assert "短[b]名[/b]" in lines[2]
    assert lines[1].rstrip().endswith(" 1")


# -- the process --------------------------------------------------------------------------------------


def process(*arguments: str, before: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    shell = ["sh", "-c", f'{before} exec "$@"', "sh"] if before else []
    return subprocess.Popen(
        [*shell, sys.executable, "-m", "api.cli.run", *arguments], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_reader_that_goes_away_is_no_error() -> None:
    running = process("questions", "--format", "json")
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    assert running.wait(30) == 0
    assert running.stderr.read() == ""
    running.stderr.close()


def test_serve_starts_where_there_is_no_store_and_says_what_to_do(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import uvicorn

    # the logs of this process stay as they are
    monkeypatch.setattr(log, "to_file", lambda *_: tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    try:
        assert run.main(["--store", str(tmp_path / "new.lbug"), "serve", "--port", "0"]) == run.INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "还是空的" in capsys.readouterr().err


# a shell ignores interrupts for what a script starts in its background
@pytest.mark.parametrize("before", ["", "trap '' INT;"])
def test_serve_answers_until_it_is_interrupted(county: Path, tmp_path: Path, before: str) -> None:
    import httpx

    copy = tmp_path / "s.lbug"
    copy.write_bytes(county.read_bytes())
    running = process("serve", "--store", str(copy), "--port", "0", "--as-of", "2026-06-30", before=before)
    assert running.stderr is not None
    address = running.stderr.readline().partition("已启动：")[2].split()[0]
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        assert client.get("/answers/overview.json").json()["as_of"] == "2026-06-30"
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert (out, err) == ("", "已中断。\n")
    kept = (tmp_path / locations.LOGS / "server.log").read_text(encoding="utf-8")
    assert "GET '/healthz' 200" in kept


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    async def at_once() -> bool:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = server.listen("127.0.0.1", 0)
        async with await asyncio.start_server(accepted, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            found = await told
            writer.close()
            await writer.wait_closed()
        return bool(found)

    assert asyncio.run(at_once())


def test_a_port_in_use_is_refused() -> None:
    taken = server.listen("127.0.0.1", 0)
    try:
        taken.listen()
        with pytest.raises(InputError, match="请用 --port 换一个端口"):
            server.listen("127.0.0.1", taken.getsockname()[1])
    finally:
        taken.close()


@pytest.mark.parametrize(
    ("host", "ours"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.5", False), ("example.com", False), ("", False)],
)  # fmt: skip
def test_only_addresses_of_this_machine_are_listened_on(host: str, ours: bool) -> None:
    assert server.loopback(host) is ours


def test_logs_are_kept_as_long_as_the_settings_say(tmp_path: Path) -> None:
    before = list(log.ACCESS.handlers)
    log.to_file(tmp_path / "logs", 200)
    added = [h for h in log.ACCESS.handlers if h not in before]
    assert [getattr(h, "backupCount", None) for h in added] == [200]
    for handler in added:
        log.ACCESS.removeHandler(handler)
        handler.close()
    log.ACCESS.propagate = True


def test_a_table_in_a_file_is_aligned_by_the_width_of_characters_and_never_folded() -> None:
    out = io.StringIO()
    long = "很长的名称" * 40
    terminal.table(("名称", "人数"), [["甲乙", "1,234"], ["a\tb", "5"], [long, ""]], [False, True], out)
    lines = out.getvalue().splitlines()
    assert [line.replace(" ", "") for line in lines] == ["名称人数", "甲乙1,234", "ab5", long]
    assert {len(line) + sum(c > "\u2e80" for c in line) for line in lines} == {len(long) * 2 + 2 + 5}
