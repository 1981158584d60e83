"""Names and sizes of what is sent, and that nothing of it is left."""

from __future__ import annotations

import io
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.web import uploads
from api.web.uploads import Uploads, safe_path
from graph.errors import InputError, StoreBusyError, UnknownError
from graph.load_report import LoadReport
from loaders.pipeline import LoadResult


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Uploads]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = Uploads()
    yield made
    made.close()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("企业台账.xlsx", ("企业台账.xlsx",)),
        ("台账/东镇/企业.xlsx", ("台账", "东镇", "企业.xlsx")),
        ("../../etc/passwd", ("etc", "passwd")),
        ("..\\..\\windows\\a.csv", ("windows", "a.csv")),
        ("/etc/passwd", ("etc", "passwd")),
        ("C:\\台账\\a.csv", ("C_", "台账", "a.csv")),
        ("a\x00.csv", ("a.csv",)),
        ("𠮷祥公司.csv", ("𠮷祥公司.csv",)),
        ("甲\u202excod.csv", ("甲xcod.csv",)),
        ("a\u2066b\u200f.csv", ("ab.csv",)),
        ("<script>.csv", ("_script_.csv",)),
        ("e\u0301.csv", ("é.csv",)),
        (".", ("未命名",)),
        ("..", ("未命名",)),
        ("", ("未命名",)),
        ("///", ("未命名",)),
        ("\udcff.csv", ("_.csv",)),
    ],
)
def test_a_name_stays_as_people_know_it_and_leads_nowhere_else(name: str, parts: tuple[str, ...]) -> None:
    assert safe_path(name) == parts


def test_long_names_keep_their_ending() -> None:
    (name,) = safe_path("很" * 1000 + ".xlsx")
    assert name.endswith(".xlsx")
    assert 190 < len(name.encode()) <= 210
    assert len(safe_path("/".join("abcdefghijklmnop"))) == uploads.DEEPEST


def test_what_is_sent_is_private_and_both_of_one_name_are_kept(kept: Uploads, tmp_path: Path) -> None:
    one = kept.keep(
        [("a/企业.csv", io.BytesIO(b"1")), ("a/企业.csv", io.BytesIO(b"2")), ("../x.csv", io.BytesIO(b"3"))]
    )
    found = {str(p.relative_to(one.folder)): p for p in one.folder.rglob("*") if p.is_file()}
    assert sorted(found) == ["a/企业(2).csv", "a/企业.csv", "x.csv"]
    assert found["a/企业(2).csv"].read_bytes() == b"2"
    assert tmp_path in one.folder.parents
    for path in (one.folder, one.folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(found["x.csv"].stat().st_mode) == 0o600
    assert [p.name for p in one.paths] == ["a", "x.csv"]
    assert kept.find(one.id) is one
    kept.drop(one)
    assert not one.folder.exists()
    with pytest.raises(UnknownError, match="重新上传"):
        kept.find(one.id)


def test_too_much_is_refused_and_nothing_of_it_kept(
    kept: Uploads, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 3 << 20)
    with pytest.raises(InputError, match="最多上传 3 MB"):
        kept.keep([("a.csv", io.BytesIO(bytes(2 << 20))), ("b.csv", io.BytesIO(bytes(2 << 20)))])
    with pytest.raises(InputError, match="没有选择文件"):
        kept.keep([])
    assert [p for p in tmp_path.rglob("*") if p.suffix == ".csv"] == []
    for _ in range(uploads.MOST):
        kept.keep([("a.csv", io.BytesIO(b"1"))])
    with pytest.raises(InputError, match="先导入或放弃"):
        kept.keep([("a.csv", io.BytesIO(b"1"))])


def test_what_nobody_asks_after_is_deleted(kept: Uploads) -> None:
    one = kept.keep([("a.csv", io.BytesIO(b"1"))])
    one.touched -= uploads.KEPT + 1
    assert kept.waiting() == []
    assert not one.folder.exists()


def test_what_a_killed_process_left_is_deleted_and_what_another_holds_is_not(kept: Uploads, tmp_path: Path) -> None:
    left = tmp_path / f"{uploads.PREFIX}dead"
    (left / "x").mkdir(parents=True)
    (left / "x" / "a.csv").write_text("1")
    (left / "lock").touch()
    other = Uploads()
    held = other.keep([("a.csv", io.BytesIO(b"1"))])
    uploads.sweep()
    assert not left.exists()
    kept.keep([("a.csv", io.BytesIO(b"1"))])
    assert held.folder.exists()
    other.close()


def test_who_closes_waits_for_the_load_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made, done = Uploads(), []
    one = made.keep([("a.csv", io.BytesIO(b"1"))])

    def load(upload: uploads.Upload) -> LoadResult:
        time.sleep(0.3)
        done.append(upload.paths[0].read_bytes())
        return LoadResult(LoadReport(1, ()), None)

    made.run(one, load, preview=False)
    with pytest.raises(StoreBusyError, match="不能放弃"):
        made.drop(one)
    made.close()
    assert (done, one.state) == ([b"1"], "done")
    assert [*tmp_path.iterdir()] == []
