"""The recognized sheets of one file, folder or zip, shaped; a sheet that cannot be loaded gives its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from graph.errors import InputError
from graph.load_report import FileReport, Message
from loaders.read.tables import Skipped
from loaders.recognize.headers import Unrecognized
from loaders.recognize.sheets import RecognizedSheet
from loaders.shape.rows import Spool
from loaders.shape.shaping import Shaped, shape


def shape_sheets(
    path: Path,
    sheets: Iterable[RecognizedSheet | Skipped],
    spool: Spool,
    *,
    only_path: bool,
    clearing: Collection[str] = (),
) -> Iterator[Shaped | FileReport]:
    """Each sheet of `path` shaped, or the report that it was skipped and why.

    Raises InputError after the last sheet if none could be used and `path` is one file, or a folder or zip and the
    only path of the load.
    """
    used = False
    refusals: list[str] = []
    for sheet in sheets:
        if isinstance(sheet, Skipped):
            refusals.append(f"{sheet.file} {sheet.sheet}".strip() + f"：{sheet.reason}")
            yield _skipped(sheet.file, sheet.sheet, sheet.reason)
            continue
        table = sheet.table
        if isinstance(sheet.layout, Unrecognized):
            reason = sheet.layout.sentence()
            refusals.append(f"{table.file}“{table.sheet}”{reason}")
            yield _skipped(table.file, table.sheet, reason)
            continue
        shaped = shape(table, sheet.layout, spool, clearing)
        if not shaped.total:
            reason = f"识别为“{sheet.layout.ledger.label}”，但表头下没有数据行。请检查是否导出完整"
            refusals.append(f"{table.file}“{table.sheet}”{reason}。")
            yield _skipped(table.file, table.sheet, reason)
            continue
        used = True
        yield shaped
    if not used and not path.is_dir() and path.suffix.lower() != ".zip":
        raise InputError(refusals[0] if refusals else f"{path} 中没有可以载入的工作表。请检查文件。")
    if not used and only_path:
        raise InputError(f"{path} 中没有可以载入的台账。{refusals[0] if refusals else '请检查文件夹。'}")


def _skipped(file: str, sheet: str, reason: str) -> FileReport:
    return FileReport(file, sheet, "", messages=(Message("skipped", 1, f"未载入：{reason}"),))
