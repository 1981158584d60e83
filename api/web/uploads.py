"""Files that were sent to be loaded: in a private folder outside of everything served, until they are loaded."""

from __future__ import annotations

import atexit
import re
import secrets
import shutil
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from api import log
from graph.errors import InputError, LiangxinError, StoreBusyError, UnknownError
from loaders.pipeline import LoadResult
from loaders.recognize.inspection import SeenSheet

#: of one upload: bytes in all, files, folders one in another
MOST_BYTES, MOST_FILES, DEEPEST = 300 << 20, 200, 8
#: uploads kept at once, and for how many seconds one is kept that nobody asks after
MOST, KEPT = 5, 3600
PREFIX = "liangxin-upload-"
#: of one name; what file systems bear is 255 bytes
_LONGEST = 200

_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')


@dataclass(slots=True)
class Upload:
    """What was sent: where it is, how it is to be loaded, what was made of it, and how far a load of it is.

    `state`: waiting (for a decision), running, done; `problem` says why the last try failed.
    """

    id: str
    folder: Path
    names: tuple[str, ...]
    division: str = ""
    complete: tuple[tuple[str, str], ...] = ()
    state: str = "waiting"
    preview: bool = False
    step: str = ""
    problem: str = ""
    result: LoadResult | None = None
    sheets: list[SeenSheet] | None = None
    touched: float = field(default_factory=time.monotonic)

    @property
    def paths(self) -> list[Path]:
        """What is loaded: the files and folders, as if they were named on the command line."""
        return sorted(self.folder.iterdir()) if self.folder.is_dir() else []

    def progress(self, what: str, done: int, of: int) -> None:
        """Told by a load how far it is."""
        self.step = f"正在{what}" if what in ("核对", "写入") else f"正在读取 {what}"


class Uploads:
    """All uploads of this process, and the one load that runs at a time."""

    def __init__(self) -> None:
        self._known: dict[str, Upload] = {}
        self._mutex = threading.Lock()
        self._writing = threading.Lock()
        self._worker: threading.Thread | None = None
        self._root: Path | None = None
        self._held: FileLock | None = None

    def keep(self, files: Iterable[tuple[str, BinaryIO]]) -> Upload:
        """Keep what was sent, each file under the name it came with, made safe."""
        self._let_go()
        with self._mutex:
            if len(self._known) >= MOST:
                raise InputError(f"已有 {MOST} 批文件等待导入。请先导入或放弃其中一批。")
            id_ = secrets.token_urlsafe(16)
            upload = Upload(id_, self._folder() / id_, ())
            self._known[id_] = upload
        try:
            upload.names = tuple(_written(upload.folder, files))
            if not upload.names:
                raise InputError("没有选择文件。请选择台账文件或文件夹后再提交。")
        except BaseException as error:
            self.drop(upload)
            if isinstance(error, OSError):
                raise InputError(f"文件存不下来（{error.strerror}）。请检查临时文件夹的空间和权限。") from error
            raise
        return upload

    def find(self, id_: str) -> Upload:
        """The upload of an id, kept for another hour. Raises UnknownError where it is no more."""
        self._let_go()
        found = self._known.get(id_)
        if found is None:
            raise UnknownError("这批文件已经不在了（超过一小时、已放弃，或服务重新启动过）。请重新上传。")
        found.touched = time.monotonic()
        return found

    def waiting(self) -> list[Upload]:
        """All that are not loaded yet, the oldest first."""
        self._let_go()
        return [upload for upload in [*self._known.values()] if upload.state != "done"]

    def drop(self, upload: Upload) -> None:
        """Delete what was sent."""
        if upload.state == "running":
            raise StoreBusyError("这批文件正在导入，不能放弃。请等它完成后再撤销。")
        self._known.pop(upload.id, None)
        shutil.rmtree(upload.folder, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One load, undo or decision at a time in this process; another is told to come again."""
        if not self._writing.acquire(blocking=False):
            raise StoreBusyError("另一批台账正在导入。请等它完成后再试。")
        try:
            yield
        finally:
            self._writing.release()

    def run(self, upload: Upload, load: Callable[[Upload], LoadResult], *, preview: bool) -> None:
        """Load in a thread of its own, or try to; what was sent is deleted once it is loaded."""
        if not self._writing.acquire(blocking=False):
            raise StoreBusyError("另一批台账正在导入。请等它完成后再试。")
        if upload.state != "waiting":
            self._writing.release()
            raise InputError("这批文件已经导入。请重新上传。")
        upload.state, upload.preview, upload.step = "running", preview, "正在开始"
        upload.problem, upload.result = "", None

        def work() -> None:
            after = "waiting"
            try:
                upload.result = load(upload)
                after = "waiting" if preview else "done"
            except LiangxinError as error:
                upload.problem = str(error)
            except Exception as error:
                number = log.number()
                log.ACCESS.error("编号 %s 导入 %s", number, log.trace(error))
                upload.problem = f"程序出了故障，图库没有改变。请把编号 {number} 告诉维护人员。"
            finally:
                if after == "done":
                    shutil.rmtree(upload.folder, ignore_errors=True)
                upload.touched = time.monotonic()
                upload.state = after
                self._writing.release()

        self._worker = threading.Thread(target=work, name="liangxin-load", daemon=True)
        self._worker.start()

    def close(self) -> None:
        """Wait for the load that runs, and delete everything that was sent."""
        if self._worker:
            self._worker.join()
        self._known.clear()
        if self._root and self._held:
            self._held.release()
            shutil.rmtree(self._root, ignore_errors=True)
            self._root = self._held = None

    def _let_go(self) -> None:
        """Delete what nobody has asked after for an hour."""
        before = time.monotonic() - KEPT
        for upload in [*self._known.values()]:
            if upload.state != "running" and upload.touched < before:
                self.drop(upload)

    def _folder(self) -> Path:
        """The private folder of this process, made when it is first needed; those of dead processes are deleted."""
        if self._root is None:
            for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
                _sweep(left)
            self._root = Path(tempfile.mkdtemp(prefix=PREFIX))
            # held for as long as this process lives, so that another one can tell
            self._held = FileLock(self._root / "lock")
            self._held.acquire(timeout=0)
            atexit.register(self.close)
        return self._root


def _sweep(folder: Path) -> None:
    """Delete the folder of a process that was killed; that of another user, or one in use, is left."""
    lock = FileLock(folder / "lock", timeout=0)
    try:
        if folder.is_symlink() or not (folder / "lock").is_file():
            return
        with lock:
            shutil.rmtree(folder, ignore_errors=True)
    except (OSError, Timeout):
        return


def _written(folder: Path, files: Iterable[tuple[str, BinaryIO]]) -> Iterator[str]:
    folder.mkdir(mode=0o700)
    left = MOST_BYTES
    for name, stream in files:
        parts = safe_path(name)
        target = folder.joinpath(*parts)
        target = _unused(target)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with target.open("xb") as out:
            while some := stream.read(1 << 20):
                left -= len(some)
                if left < 0:
                    raise InputError(f"一次最多上传 {MOST_BYTES >> 20} MB。请分几次上传。")
                out.write(some)
        target.chmod(0o600)
        yield "/".join(parts)


def _unused(target: Path) -> Path:
    """A name that no earlier file has: of two of one name, both are kept."""
    number = 1
    found = target
    while found.exists():
        number += 1
        found = target.with_name(f"{target.stem}({number}){target.suffix}")
    return found


def safe_path(name: str) -> tuple[str, ...]:
    """The parts of a relative path that lies below any folder, whatever was sent; names stay as people know them."""
    parts = [safe_name(part) for part in re.split(r"[/\\]", name)]
    return tuple([part for part in parts if part][-DEEPEST:]) or ("未命名",)


def safe_name(name: str) -> str:
    """One name without what steers a terminal, a page or a file system; '' for what names no file."""
    text = unicodedata.normalize("NFC", name[:2000].encode("utf-8", "replace").decode("utf-8"))
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    text = _FORBIDDEN.sub("_", text).strip().rstrip(".")
    if not text.strip(". "):
        return ""
    stem, dot, suffix = text.rpartition(".")
    if not dot or len(suffix) > 8:
        stem, dot, suffix = text, "", ""
    while len(stem.encode()) > _LONGEST:
        stem = stem[:-1]
    return f"{stem}{dot}{suffix}"
