"""The commands sample, inspect, load and undo."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.output import folder_of, show_json, store_of, unwritable, writable
from api.console import say
from graph.errors import InputError, StoreAbsentError
from graph.plain_files import kind_of, shown_path, trouble

if TYPE_CHECKING:
    from graph.workbook import Workbook
    from loaders.recognize.mapping import SheetMapping


def sample(options: Namespace) -> None:
    """Write the sample ledgers."""
    from loaders import sample as county
    from visualizations.sheets import writing

    folder = folder_of(options.folder)
    written = 0
    for workbook in county.generate(options.place, units=options.units, seed=options.seed):
        target = folder / workbook.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(target.parent, error) from error
        writing.write(workbook, target)
        written += 1
    say(f"已在 {folder} 写入 {written} 个台账文件（演示数据·虚构，截止日期 {county.REFERENCE_DATE.isoformat()}）。")


def inspect(options: Namespace) -> None:
    """Show which ledger a file is recognized as."""
    from loaders.read import apart

    # the process that reads starts while this one imports the rest
    apart.prepare()
    from api.cli import terminal
    from api.declarations import declarations
    from loaders import pipeline

    settings, _ = declarations()
    answer = pipeline.inspect(Path(options.file), settings.locality(), _mapping(options))
    if options.format == "json":
        show_json(answer.to_json())
    else:
        terminal.answer(answer, sys.stdout)


def _mapping(options: Namespace) -> tuple[SheetMapping, ...]:
    """The meanings of headers in the file of --mapping, then those chosen on the pages."""
    from api.locations import mappings_of
    from loaders.recognize import mapping

    of_file = mapping.read(Path(options.mapping)) if options.mapping else ()
    return (*of_file, *mapping.saved(mappings_of(store_of(options))))


def load(options: Namespace) -> None:
    """Load ledgers, or preview what loading them would do."""
    from loaders.read import apart

    # the process that reads starts while this one imports the rest
    apart.prepare()
    import contextlib
    import tempfile

    from api import viewer
    from api.cli import terminal
    from api.declarations import declarations
    from api.opening import open_store
    from graph.ontology import load as load_ontology
    from loaders import pipeline

    rejects = Path(options.rejects) if options.rejects else None
    if rejects is not None:
        if rejects.suffix.lower() != ".xlsx":
            raise InputError(f"--rejects 的文件 {rejects} 应以 .xlsx 结尾。")
        writable(rejects)
    settings, book = declarations()
    headers = _mapping(options)
    paths = [Path(path) for path in options.paths]
    for path in paths:
        if problem := trouble(path, "台账", "folder"):
            raise InputError(problem)
        if kind_of(path) == "absent":
            raise InputError(f"没有找到 {shown_path(path)}。请检查路径。")
    location = store_of(options)
    with contextlib.ExitStack() as stack:
        try:
            store = open_store(location, create=not options.preview, wait=options.wait, settings=settings)
        except StoreAbsentError:
            # a preview for a store that does not exist uses a temporary one
            location = str(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "preview.lbug")
            store = open_store(location, create=True, wait=options.wait)
        stack.callback(store.close)
        progress = stack.enter_context(terminal.progress())
        request = pipeline.LoadRequest(
            paths, settings.locality(), viewer.user_name(), book,
            as_of=options.as_of, division=options.division, mapping=headers, complete=options.complete,
            preview=options.preview, confirmed=options.yes,
        )  # fmt: skip
        result = pipeline.load(store, request, progress)
    ledgers = load_ontology().ledgers
    if options.json:
        show_json(result.report.to_json())
    else:
        terminal.load_report(
            result.report, lambda name: ledgers[name]["label"] if name in ledgers else name, sys.stdout
        )
    if rejects is not None:
        _write_rejects(result.rejects, rejects)


def _write_rejects(workbook: Workbook | None, path: Path) -> None:
    from visualizations.sheets import writing

    if workbook is None:
        say("没有退回的行，未写退回表。")
        return
    writing.write(workbook, path)
    say(f"退回的行已写入 {path}，改正后可再导入。")


def undo(options: Namespace) -> None:
    """Take back the load named, or the last one: that is found out before anyone is waited for, and compared after.

    Who repeats the command means the same load, not the one before it: after an undo, that has to be named.
    """
    from api import viewer
    from api.declarations import declarations
    from api.opening import open_store
    from loaders import pipeline

    settings, book = declarations()
    with closing(open_store(store_of(options), wait=options.wait, settings=settings)) as store:
        number, what = options.load, f"第 {options.load} 版"
        if number is None:
            last = pipeline.last_load(store)
            if last.after_undo:
                raise InputError(
                    f"最近一次操作已经是撤销，没有再撤销什么。再往前的一次导入是{last}；"
                    f"确要撤销它，请执行 liangxin undo --load {last.number}。"
                )
            number, what = last.number, str(last)
        revision = pipeline.undo(store, viewer.user_name(), book, settings.locality(), options.as_of, load=number)
    say(f"已撤销{what}的导入，图库现为版本 {revision}。")
