"""Logs beside the store: what the web service answered, and every defect under the number its user was given."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import traceback
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from api.console import say
from graph.errors import InputError

ACCESS = logging.getLogger("liangxin.access")
FOLDER = "logs"
#: the engine's own messages quote the query, not what is in the store; other messages may quote a ledger
_QUOTED = (RuntimeError, OSError, ImportError, AttributeError)


class _File(TimedRotatingFileHandler):
    """A log that the service outlives: where it cannot be written, that is said once."""

    _said = False

    def handleError(self, record: logging.LogRecord) -> None:
        if not self._said:
            self._said = True
            say(f"日志 {self.baseFilename} 写不进去，服务继续，但不再留下记录。请检查磁盘空间和权限，然后重新启动。")


def number() -> str:
    """A number to find one error again: short enough to be read out over the telephone."""
    return secrets.token_hex(4)


def folder_of(store: str) -> Path:
    """The folder of logs that belongs to a store: beside its file, or here where it is on a server."""
    return (Path.cwd() if "://" in store else Path(store).absolute().parent) / FOLDER


def to_file(folder: Path, days: int) -> Path:
    """Keep the service's log in `folder` for `days` days, one file a day; returns the current file.

    Raises InputError where there can be no such folder: a service has to keep a log.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"日志文件夹 {folder} 建立不了（{error.strerror}）。请检查权限和磁盘空间。") from error
    path = folder / "server.log"
    handler = _File(path, when="midnight", backupCount=days, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    # what the server under us complains of (a request that is no HTTP) belongs there too, not on the terminal
    for logger, level in ((ACCESS, logging.INFO), (logging.getLogger("uvicorn"), logging.WARNING)):
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    return path


def trace(error: BaseException) -> str:
    """Where a defect happened. Its message is left out where it may quote a value of a ledger (names, numbers)."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    said = f": {error}" if isinstance(error, _QUOTED) else ""
    return f"{frames}{type(error).__module__}.{type(error).__qualname__}{said}"


def keep(folder: Path, error: BaseException) -> tuple[str, Path | None]:
    """Append a defect of the command line to its log; the number it has there, and the file if it could be written."""
    given = number()
    path = folder / "command.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
            file.write(f"{now} 编号 {given}\n{trace(error)}\n")
    except OSError:
        return given, None
    return given, path
