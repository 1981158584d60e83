"""Keeps uploaded files in a private folder until they are loaded, and runs one load at a time."""

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
from graph.personal import clean
from loaders.pipeline import LoadResult
from loaders.recognize.inspection import SeenSheet

#: most bytes and files of one upload, and most nested folders
MOST_BYTES, MOST_FILES, DEEPEST = 300 << 20, 200, 8
#: most uploads at once, and seconds after which one that nobody opens is deleted
MOST, KEPT = 5, 3600
PREFIX = "liangxin-upload-"
#: bytes of one name, of the 255 that file systems allow
_LONGEST = 200

_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')


@dataclass(slots=True)
class Upload:
    """Uploaded files with the options, the progress and the result of their load.

    `state` is waiting (for a decision), running or done; `problem` says why the last load failed.
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
        """The files and folders to load, as on the command line."""
        return sorted(self.folder.iterdir()) if self.folder.is_dir() else []

    def progress(self, what: str, done: int, of: int) -> None:
        """Receive the progress of a load."""
        self.step = f"正在{what}" if what in ("核对", "写入") else f"正在读取 {clean(what)}"


class Uploads:
    """All uploads of this process; one load runs at a time."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}
        self._mutex = threading.Lock()
        self._writing = threading.Lock()
        self._worker: threading.Thread | None = None
        self._root: Path | None = None
        self._lock: FileLock | None = None

    def keep(self, files: Iterable[tuple[str, BinaryIO]]) -> Upload:
        """Store uploaded files, each under its own name made safe. Raises InputError."""
        self._expire()
        with self._mutex:
            if len(self._uploads) >= MOST:
                raise InputError(f"已有 {MOST} 批文件等待导入。请先导入或放弃其中一批。")
            id_ = secrets.token_urlsafe(16)
            upload = Upload(id_, self._folder() / id_, ())
            self._uploads[id_] = upload
        try:
            upload.names = tuple(_write(upload.folder, files))
            if not upload.names:
                raise InputError("没有选择文件。请选择台账文件或文件夹后再提交。")
        except BaseException as error:
            self.drop(upload)
            if isinstance(error, OSError):
                raise InputError(f"文件存不下来（{error.strerror}）。请检查临时文件夹的空间和权限。") from error
            raise
        return upload

    def find(self, id_: str) -> Upload:
        """The upload of an id, kept for another hour. Raises UnknownError where it is deleted."""
        self._expire()
        upload = self._uploads.get(id_)
        if upload is None:
            raise UnknownError("这批文件已经不在了（超过一小时、已放弃，或服务重新启动过）。请重新上传。")
        upload.touched = time.monotonic()
        return upload

    def waiting(self) -> list[Upload]:
        """The uploads that are not loaded yet, the oldest first."""
        self._expire()
        return [upload for upload in [*self._uploads.values()] if upload.state != "done"]

    def drop(self, upload: Upload) -> None:
        """Delete an upload. Raises StoreBusyError while it is being loaded."""
        if upload.state == "running":
            raise StoreBusyError("这批文件正在导入，不能放弃。请等它完成后再撤销。")
        self._uploads.pop(upload.id, None)
        shutil.rmtree(upload.folder, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Run one load, undo or decision at a time; StoreBusyError for a second one."""
        if not self._writing.acquire(blocking=False):
            raise StoreBusyError("另一批台账正在导入。请等它完成后再试。")
        try:
            yield
        finally:
            self._writing.release()

    def run(self, upload: Upload, load: Callable[[Upload], LoadResult], *, preview: bool) -> None:
        """Load or preview in a thread of its own; the files are deleted once they are loaded."""
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
        """Wait for the running load, and delete all uploads."""
        if self._worker:
            self._worker.join()
        self._uploads.clear()
        if self._root and self._lock:
            self._lock.release()
            shutil.rmtree(self._root, ignore_errors=True)
            self._root = self._lock = None

    def _expire(self) -> None:
        """Delete uploads that nobody has opened for an hour."""
        before = time.monotonic() - KEPT
        for upload in [*self._uploads.values()]:
            if upload.state != "running" and upload.touched < before:
                self.drop(upload)

    def _folder(self) -> Path:
        """The private folder of this process, made at first use."""
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix=PREFIX))
            # locked while this process lives, so that other processes keep the folder
            self._lock = FileLock(self._root / "lock")
            self._lock.acquire(timeout=0)
            atexit.register(self.close)
        return self._root


def sweep() -> None:
    """Delete what killed processes have left of uploads."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _sweep(folder)


def _sweep(folder: Path) -> None:
    """Delete the folder of a killed process; a folder in use or of another user stays."""
    lock = FileLock(folder / "lock", timeout=0)
    try:
        if folder.is_symlink() or not (folder / "lock").is_file():
            return
        with lock:
            shutil.rmtree(folder, ignore_errors=True)
    except (OSError, Timeout):
        return


def _write(folder: Path, files: Iterable[tuple[str, BinaryIO]]) -> Iterator[str]:
    """Write files to a folder; yields the path of each below it. Raises InputError beyond MOST_BYTES."""
    folder.mkdir(mode=0o700)
    left = MOST_BYTES
    for name, stream in files:
        parts = safe_path(name)
        target = _unused(folder.joinpath(*parts))
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
    """The path, with a number where an earlier file has the same name."""
    number = 1
    path = target
    while path.exists():
        number += 1
        path = target.with_name(f"{target.stem}({number}){target.suffix}")
    return path


def safe_path(name: str) -> tuple[str, ...]:
    """The parts of a relative path that cannot leave its folder; characters that people read stay."""
    parts = [safe_name(part) for part in re.split(r"[/\\]", name)]
    return tuple([part for part in parts if part][-DEEPEST:]) or ("未命名",)


def safe_name(name: str) -> str:
    """One name without characters that terminals, pages or file systems interpret; '' where nothing is left."""
    text = unicodedata.normalize("NFC", name[:2000].encode("utf-8", "replace").decode("utf-8"))
    text = clean("".join(c for c in text if unicodedata.category(c)[0] != "C"))
    text = _FORBIDDEN.sub("_", text).strip().rstrip(".")
    if not text.strip(". "):
        return ""
    stem, dot, suffix = text.rpartition(".")
    if not dot or len(suffix) > 8:
        stem, dot, suffix = text, "", ""
    while len(stem.encode()) > _LONGEST:
        stem = stem[:-1]
    return f"{stem}{dot}{suffix}"
