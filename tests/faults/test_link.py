"""A way to the server that is slow, silent or cut: things still work, or end in words, and nothing is written twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from api.cli.run import main
from api.declarations import declarations
from api.viewer import user_name
from graph.errors import StoreError
from graph.load_report import LoadReport
from graph.stores.base import Store
from graph.stores.neo4j import bolt, lease
from loaders import pipeline
from tests.faults.commands import AT_ONCE, contents, store_message
from tests.faults.conftest import NEVER
from tests.faults.link import COMMIT, Link, linked
from tests.places import Place

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
#: bytes of a load after which it is half done
HALF = 60_000


def through(link: Link, place: Place) -> Place:
    """The same place by way of a link."""
    return replace(place, location=link.url)


def load(store: Store, ledgers: Path) -> LoadReport:
    """What a load did."""
    settings, rules = declarations()
    return pipeline.load(
        store, pipeline.LoadRequest([ledgers], settings.locality(), author=user_name(), book=rules)
    ).report


# -- slow, silent -------------------------------------------------------------------------------------


def test_by_a_slow_link_all_is_well(using: Place, ledgers: Path, undisturbed: list[str], monkeypatch: Patch) -> None:
    with linked(using.location) as link:
        link.delay, link.rate = 0.005, 300_000
        monkeypatch.setenv("LIANGXIN_STORE", link.url)
        assert main(["load", str(ledgers)]) == 0
        assert main(["ask", "loads"]) == 0
    assert contents(using) == undisturbed


@pytest.mark.usefixtures("rules")
def test_a_link_that_falls_silent_in_a_question_is_a_question_past_its_time(
    using: Place, capsys: Capture, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("LIANGXIN_QUERY_SECONDS", "1")
    monkeypatch.setattr(bolt, "LATE", 0.5)
    with linked(using.location) as link:

        def hush(piece: bytes) -> None:
            link.silent = link.silent or NEVER in piece

        link.on_sent = hush
        begun = time.monotonic()
        assert main(["--store", link.url, "ask", "never_ends"]) == 3
        assert time.monotonic() - begun < 1 + AT_ONCE
    assert "1 秒内没有答完" in capsys.readouterr().err


def test_a_link_that_falls_silent_in_a_load_ends_it_with_its_lease(
    place: Place, ledgers: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(lease, "LEASE", 1.0)
    monkeypatch.setattr(lease, "BEAT", 0.3)
    monkeypatch.setattr(bolt, "GREETED", 1.0)
    monkeypatch.setattr(bolt, "LATE", 0.5)
    with linked(place.location) as link, closing(through(link, place).open()) as store:

        def hush(_: bytes) -> None:
            link.silent = link.silent or link.sent > HALF

        link.on_sent = hush
        with pytest.raises(StoreError, match="Neo4j 服务器"):
            load(store, ledgers)
    with closing(place.open(wait=10)) as store:
        assert load(store, ledgers).revision == 1


# -- cut ----------------------------------------------------------------------------------------------


def test_a_question_whose_link_is_cut_is_asked_again(using: Place, capsys: Capture) -> None:
    with linked(using.location) as link:
        answers = 0

        def cut(_: bytes) -> None:
            nonlocal answers
            answers += 1
            if answers == 10:
                link.cut()

        link.on_answer = cut
        assert main(["--store", link.url, "ask", "loads"]) == 0
        assert answers > 10
        capsys.readouterr()
        link.down = True
        assert store_message(capsys, "--store", link.url, "ask", "loads").startswith(f"连不上 Neo4j 服务器 {link.url}")


def cut_at_commit(link: Link, number: int, *, arrives: bool) -> None:
    """Cut the link once, at the commit of this number: before the server gets it, or when it says that it is done."""
    commits = 0

    def watch(piece: bytes) -> None:
        nonlocal commits
        commits += piece.endswith(COMMIT)
        if piece.endswith(COMMIT) and commits == number:
            if arrives:
                link.on_answer = answer
            else:
                link.cut()

    def answer(_: bytes) -> None:
        link.on_answer = None
        link.cut()

    link.on_sent = watch


def cut_after(link: Link, sent: int) -> None:
    """Cut the link once, when so many bytes have passed to the server."""

    def watch(_: bytes) -> None:
        if link.sent > sent:
            link.on_sent = None
            link.cut()

    link.on_sent = watch


#: a load commits that it writes, that it is about to commit, what it brings, that it is over
CUTS = {
    "half way": (lambda link: cut_after(link, HALF), "failed"),
    "claimed, and not told so": (lambda link: cut_at_commit(link, 1, arrives=True), "done"),
    "not marked": (lambda link: cut_at_commit(link, 2, arrives=False), "failed"),
    "not committed": (lambda link: cut_at_commit(link, 3, arrives=False), "failed"),
    "committed, and not told so": (lambda link: cut_at_commit(link, 3, arrives=True), "unknown"),
    "over, and not told so": (lambda link: cut_at_commit(link, 4, arrives=True), "done"),
}


@pytest.mark.parametrize(("cut", "outcome"), CUTS.values(), ids=CUTS)
def test_a_load_whose_link_is_cut_is_done_once(
    place: Place, ledgers: Path, undisturbed: list[str], cut: Callable[[Link], None], outcome: str
) -> None:
    with linked(place.location) as link, closing(through(link, place).open()) as store:
        cut(link)
        if outcome == "done":
            # what was asked may be asked again, and was
            assert load(store, ledgers).revision == 1
        else:
            said = "不能确定是否已经写入" if outcome == "unknown" else "连不上 Neo4j 服务器|不能确定是否已经写入"
            with pytest.raises(StoreError, match=said):
                load(store, ledgers)
        again = load(store, ledgers)
        assert again.revision == 1
        assert (again.totals["new"] > 0) == (outcome == "failed")
    assert contents(place) == undisturbed
