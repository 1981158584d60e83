"""Files with a few bytes altered at random, read: `python -m tests.loaders.read.mutants [COUNT]` of each kind.

Each must be read or refused in a sentence, the process that asked must live, and none may need more time or memory than
its size allows.
"""

from __future__ import annotations

import csv
import io
import random
import resource
import struct
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from loaders.read.apart import Reading, stop_idle
from loaders.read.tables import Skipped
from tests.loaders.read.test_files import biff, compound, zipped

KINDS = (".xlsx", ".xls", ".csv", ".zip")
_HEADER = ("企业名称", "从业人数", "成立日期")
_ROWS = [_HEADER, *((f"{n}号厂", n, "2021-03-05") for n in range(30))]
#: what a mutation puts in the place of a few bytes of XML or of a text
_NASTY = (
    b"9" * 12, b"XFD1048576", b"-1", b"\0", b"<", b'"', b"</row>", b"&#0;", b"999999999", b"</sheetData>", b"AAAAAAA",
    b"../../x", b"\xff\xfe", b"," * 500, b"\n",
)  # fmt: skip


def whole(kind: str) -> bytes:
    """A sound file of a kind."""
    if kind == ".csv":
        text = io.StringIO()
        csv.writer(text).writerows(_ROWS)
        return text.getvalue().encode("gb18030")
    if kind == ".xls":
        end = struct.pack("<HH", 0x000A, 0)
        beginning = biff()
        listed = struct.pack("<IBBBB", len(beginning) + 4 + 9 + 4, 0, 0, 1, 0) + b"S"
        numbers = (struct.pack("<HHHHHd", 0x0203, 14, n // 3, n % 3, 0, n) for n in range(90))
        sheet = struct.pack("<HHHHHHII", 0x0809, 16, 0x600, 0x10, 0, 0, 0, 6) + b"".join(numbers) + end
        return compound({"Workbook": biff((0x0085, listed)) + end + sheet})
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        for name in ("一", "二"):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(_ROWS):
                sheet.write_row(row, 0, cells)
            sheet.write_formula(40, 0, "=1+1")
    return stream.getvalue() if kind == ".xlsx" else zipped({"甲.xlsx": stream.getvalue(), "乙.csv": whole(".csv")})


def mutants(kind: str, count: int, seed: int) -> Iterator[bytes]:
    """Mutations of a sound file: of its bytes, or of a part inside, packed anew."""
    chance = random.Random(f"{kind}{seed}")
    sound = whole(kind)
    for number in range(count):
        if kind not in (".xlsx", ".zip") or number % 4 == 0:
            yield _altered(sound, chance)
            continue
        with zipfile.ZipFile(io.BytesIO(sound)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        part = chance.choice([name for name in parts if not name.startswith(("docProps", "xl/theme"))])
        yield zipped({**parts, part: _altered(parts[part], chance)})


def _altered(content: bytes, chance: random.Random) -> bytes:
    altered = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(altered))
        match chance.randrange(4):
            case 0:
                altered[at] = chance.randrange(256)
            case 1:
                del altered[at : at + chance.randint(1, 40)]
            case 2:
                altered[at : at + chance.randint(0, 12)] = chance.choice(_NASTY)
            case _:
                altered[at:at] = altered[at : at + chance.randint(1, 400)]
        altered = altered or bytearray(b"x")
    return bytes(altered)


def read_all(folder: Path, kind: str, count: int, seed: int) -> int:
    """Read so many mutants in one folder; returns how many were refused. AssertionError if one was not answered."""
    for number, content in enumerate(mutants(kind, count, seed)):
        (folder / f"{number:05}{kind}").write_bytes(content)
    with Reading() as reading:
        items = list(reading.read(folder))
    assert {item.file.split("/")[0] for item in items} == {path.name for path in folder.iterdir()}
    refused = [item for item in items if isinstance(item, Skipped)]
    assert all(item.reason.isprintable() and len(item.reason) < 200 for item in refused)
    return len(refused)


def main() -> None:
    """Read mutants of each kind, and say what became of them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    for kind in KINDS:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            refused = read_all(Path(folder), kind, count, seed=18)
        stop_idle()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        print(f"{kind}: {count} read, {refused} sheets or files refused, {time.monotonic() - started:.0f} s, {peak} MB")
        assert peak < 1024


if __name__ == "__main__":
    main()
