"""A folder of paths that are no ordinary files, and commands with random arguments over the real grammar."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from hypothesis import strategies as st

from api.cli.grammar import COMMANDS, Parser
from graph.questions import catalogue
from graph.rules.book import book

LEDGER = "企业名称,所属镇街,从业人员数量,党员人数\n甲公司,东镇,10,3\n乙公司,东镇,5,0\n"
#: things in the folder by name, with the word that a message calls each by
SPECIAL: Mapping[str, str] = {
    "管道.csv": "管道",
    "套接字.csv": "套接字",
    "文件夹.csv": "文件夹",
    "/dev/zero": "设备",
    "长" * 100: "用不了",
    "x\0y.csv": "用不了",
    "环.csv": "用不了",
}


def furnish(folder: Path, store: Path) -> None:
    """Make the special paths in a folder, with one small ledger, one mapping and a copy of a store."""
    os.mkfifo(folder / "管道.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        # a socket's path may have some 100 characters only
        os.chdir(folder)
        listener.bind("套接字.csv")
        os.chdir(here)
    (folder / "文件夹.csv").mkdir()
    (folder / "环.csv").symlink_to("环.csv")
    (folder / "断.csv").symlink_to("无处")
    (folder / "企业.csv").write_text(LEDGER, encoding="utf-8")
    (folder / "空.csv").write_bytes(b"")
    (folder / "乱.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(256)))
    (folder / "对应.yaml").write_text("- {ledger: 非公企业台账, columns: {厂名: 单位名称}}\n", encoding="utf-8")
    (folder / "深.yaml").write_text("[" * 10_000, encoding="utf-8")
    shutil.copyfile(store, folder / "县.lbug")


#: values of arguments that are files to be read
READ = [*SPECIAL, "断.csv", "企业.csv", "空.csv", "乱.xlsx", "对应.yaml", "深.yaml", "县.lbug", ".", "", "没有/没有", "-", "~", "a\nb"]  # fmt: skip
#: and of those that are written, all below the working directory
WRITTEN = [*(name for name in SPECIAL if not name.startswith("/")), "出.json", "出.csv", "出.xlsx", "出.html", "没有/出.html", "", ".", "企业.csv/出.html", "长" * 90 + ".html"]  # fmt: skip
STORES = [*SPECIAL, "县.lbug", "企业.csv", "空.csv", "新.lbug", "没有/新.lbug", "/", ".", "..", "n" * 210, "bolt://", "bolt://[", "bolt://127.0.0.1:99999", "neo4j://a:b@c", "http://x", "bolt://127.0.0.1:9", "\udcff.lbug"]  # fmt: skip
WORDS = [
    "", " ", "0", "-1", "1e9", "9" * 400, "NaN", "inf", "²", "٣", "0001-01-01", "9999-12-31", "2026-02-30", "2026-W01-1",
    "2026-06-30", "甲", "东镇", "戊街道", "r1", "u1", "%s", "%(prog)s", "{0}", "--", "-", "-h", "--help", "--wait", "=", "a=",
    "'; MATCH (n) DETACH DELETE n //", "\x1b[31m", "\u202e", "\udcff", "\x00", "a\nb", "enterprises:东镇", "x:y",
    "org_should_exist", "table", "json", "region=东镇", "page=2", "size=99999999999999999999", "as_of=2026-06-30",
    "severity=高", "sort=-name", "columns=name,name", "region=", "unit=u1", "x=y", "page=" + "9" * 5000, "question=open",
]  # fmt: skip
#: options that are never left out, because what they default to would take too long or wait
ALWAYS: Mapping[str, tuple[str, ...]] = {
    "sample": ("--place", "戊街道", "--units", "100"),
    "serve": ("--port", "0"),
}
#: values by command and argument, where the kind of the argument does not say them
_OWN: Mapping[tuple[str, str], list[str]] = {
    ("ask", "name"): [*sorted(catalogue(book())), "x", ""],
    ("ask", "out"): WRITTEN,
    ("report", "file"): WRITTEN,
    ("load", "rejects"): WRITTEN,
    ("sample", "folder"): WRITTEN,
    ("export", "folder"): WRITTEN,
    ("import", "folder"): READ,
    ("inspect", "file"): READ,
    ("load", "paths"): READ,
    ("copy", "source"): STORES,
    ("copy", "target"): STORES,
    ("serve", "host"): ["127.0.0.1", "localhost", "::1", "0.0.0.0", "", "x" * 300, "\udcff"],
    ("serve", "port"): ["0", "70000", "-1", "x"],
    ("*", "mapping"): READ,
    ("*", "store"): STORES,
    ("*", "wait"): ["0", "1", "-1", "nan", "9" * 7, "0.5"],
}


@st.composite
def commands(draw: Callable[..., object]) -> list[str]:
    """The arguments of one command: its own options and others, with values that fit and values that do not."""
    name = str(
        draw(st.sampled_from([*COMMANDS, "", "x"]) if draw(st.integers(0, 30)) == 0 else st.sampled_from([*COMMANDS]))
    )
    arguments: list[str] = []
    if name in COMMANDS:
        parser = Parser("liangxin", "")
        COMMANDS[name][1](parser)
        for action in parser._actions:
            arguments += draw(_one(name, action))  # type: ignore[arg-type, call-overload]
    before = [*(("--store", str(draw(st.sampled_from(STORES)))) if draw(st.booleans()) else ("--store", "县.lbug"))]
    if draw(st.integers(0, 5)) == 0:
        before += ["--wait", str(draw(st.sampled_from(_OWN["*", "wait"])))]
    if draw(st.integers(0, 9)) == 0:
        arguments.insert(int(str(draw(st.integers(0, len(arguments))))), str(draw(st.sampled_from(WORDS))))
    return [*before, *([name] if name else []), *ALWAYS.get(name, ()), *arguments]


def _one(command: str, action: argparse.Action) -> st.SearchStrategy[list[str]]:
    """An argument as it stands in a command, at times left out or written twice."""
    values = _OWN.get((command, action.dest)) or _OWN.get(("*", action.dest)) or WORDS
    value = st.sampled_from([*(str(choice) for choice in action.choices or ()), *values])
    if not action.option_strings:
        most = 3 if action.nargs in ("+", "*") else 1
        return st.lists(value, min_size=0 if action.nargs in ("*", "?") else 1, max_size=most)
    option = action.option_strings[-1]
    once = st.just([option]) if action.nargs == 0 else st.tuples(st.just(option), value).map(list)
    return st.one_of(st.just([]), st.just([]), once) if not action.required else once
