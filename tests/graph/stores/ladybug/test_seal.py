"""A published file that is not what was published: no answer is given from it, nothing is built on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cli.run import main
from graph.errors import StoreAbsentError, StoreError
from graph.stores.ladybug import seal
from graph.stores.ladybug.store import EmbeddedStore
from tests.graph.stores.ladybug.test_store import put, units


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one unit, to be copied."""
    path = tmp_path_factory.mktemp("published") / "a.lbug"
    with contextlib.closing(EmbeddedStore(path, create=True)) as store, store.writer("甲", "写") as writer:
        put(writer, u1="一")
    return path


@pytest.fixture
def path(published: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(published, tmp_path / "a.lbug"))


def read(path: Path) -> dict[str, str]:
    with contextlib.closing(EmbeddedStore(path)) as store, store.reader() as reader:
        return units(reader)


def refusals(path: Path) -> list[str]:
    """What a reader, a writer and `verify` say; each refuses, and leaves the file as it is."""
    before, said = path.read_bytes(), []
    with contextlib.closing(EmbeddedStore(path, wait=0.1)) as store:
        for use in (store.reader, lambda: store.writer("甲", "写"), lambda: contextlib.nullcontext(store.integrity())):
            with pytest.raises(StoreError) as caught, use():
                pass
            said.append(str(caught.value))
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir() if p.suffix != ".lock"] == [path.name]
    return said


def _put(content: bytearray, at: int, piece: bytes) -> bytearray:
    content[at : at + len(piece)] = piece
    return content


def _swapped(content: bytearray) -> bytearray:
    pages = [content[i : i + seal.PAGE] for i in range(0, len(content), seal.PAGE)]
    one, other = next((i, j) for i in range(1, len(pages)) for j in range(i + 1, len(pages)) if pages[i] != pages[j])
    pages[one], pages[other] = pages[other], pages[one]
    return bytearray(b"".join(pages))


CORRUPTIONS: dict[str, Callable[[bytearray], bytearray]] = {
    "a page zeroed": lambda c: _put(c, len(c) // 2 // seal.PAGE * seal.PAGE, bytes(seal.PAGE)),
    "the first page zeroed": lambda c: _put(c, 0, bytes(seal.PAGE)),
    "the last page zeroed": lambda c: _put(c, len(c) - seal.PAGE, bytes(seal.PAGE)),
    "the sector of the seal zeroed": lambda c: _put(c, seal.PAGE - 512, bytes(512)),
    "the seal at the end zeroed": lambda c: _put(c, len(c) - 64, bytes(64)),
    "two pages swapped": _swapped,
    "cut by a byte": lambda c: c[:-1],
    "cut by a page": lambda c: c[: -seal.PAGE],
    "cut to the engine's pages": lambda c: c[: len(c) // seal.PAGE * seal.PAGE - seal.PAGE],
    "cut to half": lambda c: c[: len(c) // 2],
    "cut to the first page": lambda c: c[: seal.PAGE],
    "cut to a few bytes": lambda c: c[:5],
    "a byte more": lambda c: c + b"\0",
    "a page more": lambda c: c + bytes(seal.PAGE),
    "itself once more": lambda c: c + c,
    "shifted": lambda c: c[: seal.PAGE] + bytes(1) + c[seal.PAGE : -1],
    "the version of the format": lambda c: _put(c, 4, b"\x37"),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_what_was_altered_is_not_answered_from(path: Path, corruption: str) -> None:
    altered = CORRUPTIONS[corruption](bytearray(path.read_bytes()))
    assert altered != path.read_bytes()
    path.write_bytes(altered)
    for said in refusals(path):
        assert "损坏" in said
        assert "备份" in said
        assert "liangxin import" in said
        assert "liangxin load" in said


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_bit_can_be_flipped(published: Path, tmp_path: Path, share: float, bit: int) -> None:
    content = bytearray(published.read_bytes())
    content[int(share * len(content))] ^= 1 << bit
    (tmp_path / "a.lbug").write_bytes(content)
    with pytest.raises((seal.AlteredError, seal.ForeignError)):
        seal.check(tmp_path / "a.lbug")


def test_no_bit_of_the_seals_can_be_flipped(published: Path, tmp_path: Path) -> None:
    content = published.read_bytes()
    ends = (seal.PAGE - 64, len(content) - 160)
    for at in (*range(8), *range(ends[0], seal.PAGE), *range(ends[1], len(content))):
        altered = bytearray(content)
        altered[at] ^= 1
        (tmp_path / "a.lbug").write_bytes(altered)
        with pytest.raises((seal.AlteredError, seal.ForeignError)):
            seal.check(tmp_path / "a.lbug")


def test_what_is_no_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.lbug"
    with contextlib.closing(sqlite3.connect(tmp_path / "sqlite")) as other:
        other.execute("CREATE TABLE t (a)")
        other.commit()
    for content in (b"", "企业名称,所属镇街\n".encode("gbk"), (tmp_path / "sqlite").read_bytes(), os.urandom(9000)):
        (tmp_path / "sqlite").unlink(missing_ok=True)
        path.write_bytes(content)
        assert all("不是图库文件" in said for said in refusals(path))
    path.unlink()
    for location, why in ((tmp_path, "是文件夹"), (Path("/"), "是文件夹"), (tmp_path / ("长" * 300), "不能使用")):
        with pytest.raises(StoreError, match=why):
            EmbeddedStore(location, create=True)
    os.mkfifo(path)
    with pytest.raises(StoreError, match="是管道或设备"):
        EmbeddedStore(path)


def test_a_store_that_rots_while_it_is_served(path: Path) -> None:
    with contextlib.closing(EmbeddedStore(path)) as store:
        with store.reader() as reader:
            assert units(reader) == {"u1": "一"}
        times = path.stat()
        with open(path, "r+b") as file:
            file.seek(5 * seal.PAGE)
            file.write(os.urandom(seal.PAGE))
        # whoever sets the clock of the file back is found out too
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        with pytest.raises(StoreError, match="已损坏"), store.reader():
            pass


def test_a_copy_has_its_checksums_and_can_be_moved(path: Path, tmp_path: Path) -> None:
    for name in ("b.lbug", "c.lbug"):
        shutil.copy(path, tmp_path / name)
        path = tmp_path / name
        with contextlib.closing(EmbeddedStore(path)) as store:
            assert "逐块核对无误" in store.integrity()
            with store.writer("甲", "写") as writer:
                put(writer, u2=name)
            assert "逐块核对无误" in store.integrity()
        assert read(path) == {"u1": "一", "u2": name}


def test_a_file_without_checksums_is_read_and_the_next_write_adds_them(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seal.take_off(path)
    assert seal.check(path) == 0
    assert read(path) == {"u1": "一"}
    monkeypatch.setenv("LIANGXIN_STORE", str(path))
    assert main(["verify"]) == 0
    assert "没有校验和" in capsys.readouterr().err
    with contextlib.closing(EmbeddedStore(path)) as store, store.writer("甲", "写"):
        pass
    assert seal.check(path) > 0
    assert main(["verify"]) == 0
    assert "逐块核对无误" in capsys.readouterr().err


def test_unknown_bytes_are_a_sentence(path: Path) -> None:
    """Of a file without checksums, in which nothing else can be found out."""
    with contextlib.closing(EmbeddedStore(path)) as store, store.writer("甲", "写") as writer:
        put(writer, u1="很长的一个名称很长的一个名称很长的一个名称")
    seal.take_off(path)
    content = path.read_bytes()
    text = "很长的一个名称很长的一个名称很长的一个名称".encode()
    assert text in content
    path.write_bytes(content.replace(text, b"\xff" * len(text)))
    with pytest.raises(StoreError, match="不是文字"):
        read(path)


# -- one file by several names ----------------------------------------------------------------------


@pytest.fixture
def links(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Names of the store: a link, a link to it, one through a linked folder, relative ones."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "link.lbug").symlink_to(path)
    (folder / "second").symlink_to("link.lbug")
    (tmp_path / "folder").symlink_to(tmp_path)
    monkeypatch.chdir(folder)
    return [folder / "link.lbug", Path("second"), tmp_path / "folder" / "a.lbug", Path("../a.lbug"), path]


def test_a_write_through_a_link_replaces_what_it_leads_to(path: Path, links: list[Path]) -> None:
    for number, name in enumerate(links):
        with contextlib.closing(EmbeddedStore(name)) as store, store.writer("甲", "写") as writer:
            put(writer, u1=f"第{number}次")
        assert {read(other)["u1"] for other in links} == {f"第{number}次"}
    assert links[0].is_symlink()
    assert not path.is_symlink()
    assert sorted(p.name for p in links[0].parent.iterdir()) == ["link.lbug", "second"]


def test_all_names_have_one_lock(links: list[Path]) -> None:
    with contextlib.closing(EmbeddedStore(links[-1])) as store, store.writer("甲", "长的写入"):
        for name in links:
            other = EmbeddedStore(name, wait=0.01)
            with pytest.raises(StoreError, match=r"甲 自 .*长的写入"), other.writer("乙", "写"):
                pass


def test_a_link_to_nothing_is_followed_and_a_circle_refused(tmp_path: Path) -> None:
    link, target = tmp_path / "link.lbug", tmp_path / "new.lbug"
    link.symlink_to(target)
    with pytest.raises(StoreAbsentError):
        EmbeddedStore(link)
    with contextlib.closing(EmbeddedStore(link, create=True)) as store, store.writer("甲", "写") as writer:
        put(writer, u1="一")
    assert link.is_symlink()
    assert read(target) == read(link) == {"u1": "一"}
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(StoreError):
        EmbeddedStore(tmp_path / "one", create=True)


# -- rations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ration", "arguments"), [("-v 4000000", "ask loads"), ("-v 4000000", "undo --load 1"), ("-n 6", "undo --load 1")]
)
def test_a_ration_of_the_system_is_no_damage(path: Path, ration: str, arguments: str) -> None:
    command = f"ulimit {ration} && exec {sys.executable} -m api.cli.run --store {path} {arguments}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert f"ulimit {ration[:2]}" in ended.stderr
    assert "已损坏" not in ended.stderr
