"""Files to shaped rows: what was recognized, and what was passed over and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from graph.errors import InputError
from graph.load_report import FileReport, Message
from graph.ontology import load as load_ontology
from loaders.read import files
from loaders.recognize.headers import Recognizer, Unrecognized, mapping_for
from loaders.recognize.ledgers import Ledger
from loaders.recognize.mapping import SheetMapping
from loaders.request import Progress
from loaders.shape.rows import Keeper
from loaders.shape.shaping import Shaped, shape


def read(
    paths: Sequence[Path],
    declared: Mapping[str, Ledger],
    mapping: Sequence[SheetMapping] = (),
    progress: Progress | None = None,
) -> tuple[list[Shaped], list[FileReport]]:
    """Every sheet of the paths shaped, and those that were passed over, each with its reason."""
    recognizer = Recognizer(declared, load_ontology())
    keeper = Keeper()
    shaped: list[Shaped] = []
    skipped: list[FileReport] = []
    for path in paths:
        used = 0
        refused: list[str] = []
        for table in files.read(path):
            if progress:
                progress(table.file, len(shaped), 0)
            if isinstance(table, files.Skipped):
                skipped.append(_skipped(table.file, table.sheet, table.reason))
                refused.append(f"{table.file} {table.sheet}".strip() + f"：{table.reason}")
                continue
            found = recognizer.recognize(table, mapping_for(mapping, table))
            if isinstance(found, Unrecognized):
                skipped.append(_skipped(table.file, table.sheet, found.sentence()))
                refused.append(f"{table.file}“{table.sheet}”{found.sentence()}")
                continue
            one = shape(table, found, keeper)
            if not one.total:
                reason = f"识别为“{found.ledger.label}”，但表头下没有数据行。请检查是否导出完整"
                skipped.append(_skipped(table.file, table.sheet, reason))
                refused.append(f"{table.file}“{table.sheet}”{reason}。")
                continue
            used += 1
            shaped.append(one)
        if not used and not path.is_dir() and path.suffix.lower() != ".zip":
            raise InputError(refused[0] if refused else f"{path} 中没有可以载入的工作表。请检查文件。")
        if not used and len(paths) == 1:
            raise InputError(f"{path} 中没有可以载入的台账。{refused[0] if refused else '请检查文件夹。'}")
    return shaped, skipped


def _skipped(file: str, sheet: str, reason: str) -> FileReport:
    return FileReport(file, sheet, "", messages=(Message("skipped", 1, f"未载入：{reason}"),))
