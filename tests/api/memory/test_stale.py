"""After a load of another process, a page shows the revision before it for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.memory.stale import RecentRevisions
from api.office import open_office
from tests.api.town import LEDGERS, UNITS, Town, end, town
from tests.loaders.desk import credit_code

PAGE = "/answers/overview"
pytestmark = pytest.mark.usefixtures("few_rules")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Town]:
    found = town(tmp_path)
    found.load(*LEDGERS)
    yield found
    end(found)


def elsewhere(made: Town, number: int) -> None:
    """Another process loads one more unit."""
    ledger = made.folder / "又一家.csv"
    ledger.write_text(f"{UNITS}第{number}公司,{credit_code(number)},东镇,9,2020-01-01\n", encoding="utf-8")
    with closing(open_office(str(made.folder / "town.lbug"))) as office:
        office.load([ledger], "别处")


def revision(made: Town, **headers: str) -> int:
    """The revision that a page says it shows."""
    page = made.client.get(PAGE, accept="text/html", **headers)
    return next(r for r in range(made.revision, 0, -1) if f"第 {r} 版" in page.text)


def test_a_page_shows_the_last_revision_until_the_new_answer_is_made(made: Town) -> None:
    before = revision(made)
    elsewhere(made, 50)
    assert revision(made) == before
    until = time.monotonic() + 20
    while revision(made) == before and time.monotonic() < until:
        time.sleep(0.05)
    assert revision(made) == made.revision == before + 1


def test_who_reloads_sees_what_is_there_now(made: Town) -> None:
    before = revision(made)
    elsewhere(made, 51)
    assert revision(made, **{"cache-control": "max-age=0"}) == before + 1


def test_files_and_json_are_of_now(made: Town) -> None:
    before = revision(made)
    elsewhere(made, 52)
    assert made.client.get(f"{PAGE}.json").json()["revision"] == before + 1


def test_who_loads_here_sees_it_at_once(made: Town) -> None:
    before = revision(made)
    made.load(("非公企业.csv", f"{UNITS}第53公司,{credit_code(53)},东镇,9,2020-01-01\n".encode()))
    assert revision(made) == before + 1
    made.office.undo("测试", before + 1)
    assert revision(made) == before + 2


def test_a_revision_is_shown_only_for_a_while_after_it_was_the_latest() -> None:
    with closing(RecentRevisions(0.2)) as recent:
        assert recent.before(1) == []
        assert recent.before(2) == [1]
        assert recent.before(3) == [2, 1]
        time.sleep(0.25)
        assert recent.before(4) == []
        assert recent.before(5) == [4]
        recent.forget()
        assert recent.before(6) == []


def test_what_many_want_is_made_once_and_again_after_it_failed() -> None:
    may_end, made = threading.Event(), list[str]()

    def fail() -> None:
        may_end.wait(10)
        made.append("tried")
        raise ValueError

    def settled() -> bool:
        """All that was wanted is made: one thing is made after another."""
        done = threading.Event()
        recent.make(done, done.set)
        return done.wait(10)

    with closing(RecentRevisions()) as recent:
        for _ in range(3):
            recent.make("key", fail)
        may_end.set()
        assert settled()
        assert made == ["tried"]
        recent.make("key", fail)
        assert settled()
    assert made == ["tried", "tried"]
