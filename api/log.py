"""Logs: what the web service answered, and each defect under the number that its user was given."""

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
#: errors whose messages quote a query but never a value of a ledger
_SAFE = (RuntimeError, OSError, ImportError, AttributeError)


class _File(TimedRotatingFileHandler):
    """A log file; where it cannot be written, the service goes on and says so once."""

    _reported = False

    def handleError(self, record: logging.LogRecord) -> None:
        if not self._reported:
            self._reported = True
            say(f"日志 {self.baseFilename} 写不进去，服务继续，但不再留下记录。请检查磁盘空间和权限，然后重新启动。")


def number() -> str:
    """A number that identifies one error, short enough to be read out over the telephone."""
    return secrets.token_hex(4)


def to_file(folder: Path, days: int) -> Path:
    """Write the log of the service to `folder`, a file a day, kept for `days` days; returns the current file.

    Raises InputError where the folder cannot be made, because a service must keep a log.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"日志文件夹 {folder} 建立不了（{error.strerror}）。请检查权限和磁盘空间。") from error
    path = folder / "server.log"
    handler = _File(path, when="midnight", backupCount=days, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    # warnings of others (such as of a request that is not HTTP) belong there too, not on the terminal
    others = (logging.getLogger(name) for name in ("uvicorn", "python_multipart"))
    for logger, level in ((ACCESS, logging.INFO), *((other, logging.WARNING) for other in others)):
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    return path


def trace(error: BaseException) -> str:
    """The stack of a defect, without its message where that may quote a value of a ledger."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    message = f": {error}" if isinstance(error, _SAFE) else ""
    return f"{frames}{type(error).__module__}.{type(error).__qualname__}{message}"


def keep(folder: Path, error: BaseException) -> tuple[str, Path | None]:
    """Append a defect of a command to its log; returns its number, and the file if it could be written."""
    assigned = number()
    path = folder / "command.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
            file.write(f"{now} 编号 {assigned}\n{trace(error)}\n")
    except OSError:
        return assigned, None
    return assigned, path
