"""What wears a store of the sample out, at length: a disk that alters its file, and a year of small decisions.

`make torture` runs it: `python -m tests.wear [CORRUPTIONS] [DECISIONS]`.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from api.cli.run import main as run
from graph.errors import StoreError
from graph.stores.ladybug.store import EmbeddedStore
from loaders.shape.entry import Entry
from tests.places import CLERK, office

PAGE = 4096
#: a store may become this many times as large by decisions
GROWN = 1.5


def rot(path: Path, times: int, seed: int = 0) -> str:
    """Alter a copy of a store in one place after another: each is refused, and put right it is read."""
    chance, copy = random.Random(seed), path.with_name("rotten.lbug")
    shutil.copy(path, copy)
    size, kinds = path.stat().st_size, ("bit", "page", "swap", "cut", "more")
    for number in range(times):
        kind, at = kinds[number % len(kinds)], chance.randrange(size)
        page = at // PAGE * PAGE
        with open(copy, "r+b") as file:
            before = os.pread(file.fileno(), PAGE, page)
            other = os.pread(file.fileno(), PAGE, chance.randrange(size) // PAGE * PAGE)
            piece = {"bit": _flipped(before, chance), "page": bytes(len(before)), "swap": other}.get(kind, before)
            os.pwrite(file.fileno(), piece, page)
            if kind in ("cut", "more"):
                file.truncate(at if kind == "cut" else size + chance.randrange(1, 9 * PAGE))
        altered = kind in ("cut", "more") or piece != before
        try:
            with contextlib.closing(EmbeddedStore(copy)) as store, store.reader():
                assert not altered, f"{number}: {kind} at {at} was answered from"
        except StoreError as error:
            if not altered or "损坏" not in str(error):
                raise
        if kind in ("cut", "more"):
            shutil.copy(path, copy)
        else:
            with open(copy, "r+b") as file:
                os.pwrite(file.fileno(), before, page)
    copy.unlink()
    return f"{times} corruptions of {size:,} bytes, none was answered from"


def _flipped(page: bytes, chance: random.Random) -> bytes:
    altered = bytearray(page)
    altered[chance.randrange(len(altered))] ^= 1 << chance.randrange(8)
    return bytes(altered)


def decide(path: Path, times: int) -> str:
    """Decide the reviews of a store one way and the other; asserts that it stays about as large."""
    before = path.stat().st_size
    with contextlib.closing(EmbeddedStore(path)) as store:
        desk = office(store)
        reviews = [row["id"] for row in desk.answer("reviews", {}, CLERK).rows]
        for number in range(times):
            decision = ("忽略", "分开")[number // len(reviews) % 2]
            desk.enter(Entry("decisions", [{"id": reviews[number % len(reviews)], "decision": decision}], "", ""), "甲")
    after = path.stat().st_size
    assert after < GROWN * before, (before, after)
    return f"{times} decisions: {before:,} bytes became {after:,}"


def main(corruptions: int = 1_000, decisions: int = 200) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.lbug"
        assert run(["sample", f"{folder}/ledgers"]) == 0
        assert run(["--store", str(path), "load", f"{folder}/ledgers", "--as-of", "2026-06-30"]) == 0
        print(rot(path, corruptions), flush=True)
        print(decide(path, decisions), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
