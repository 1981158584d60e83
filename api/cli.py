"""The command line: every verb of the contract, its exit status, and one Chinese sentence when it fails.

What a command needs is imported when it runs, so that help and mistakes answer at once.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.usage import parse, say
from graph.errors import InputError, LiangxinError, StoreAbsentError

if TYPE_CHECKING:
    from graph.answers import Answer
    from graph.workbook import Workbook
    from loaders.mapping import SheetMapping

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status of the contract: 0, 1, 2, 3 or 130."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    options: Namespace | None = None
    try:
        found = parse(sys.argv[1:] if arguments is None else arguments)
        if isinstance(found, str):
            print(found)
        else:
            options = found
            _COMMANDS[options.command](options)
        sys.stdout.flush()
    except LiangxinError as error:
        say(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        say(_interrupted(options))
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read has read enough; point stdout elsewhere so that the interpreter's own flush is quiet
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        from api import log

        number, path = log.keep(log.folder_of(_store(options)), error)
        where = f"详情见 {path}" if path else "日志文件写不进去"
        say(f"程序出了故障，编号 {number}，{where}。请把编号和该日志交给维护人员。")
        return LiangxinError.exit_status
    return 0


def _interrupted(options: Namespace | None) -> str:
    from api.bootstrap import is_server

    if options is None or options.command not in ("load", "undo"):
        return "已中断。"
    if is_server(_store(options)):
        return "已中断。大的写入可能做了一部分，重新执行同一命令，会把它做完。"
    return "已中断，图库没有改变。"


def _store(options: Namespace | None) -> str:
    from api.bootstrap import DEFAULT_STORE

    return (options.store if options is not None else "") or DEFAULT_STORE


def _ask(options: Namespace) -> None:
    from api import viewer
    from api.bootstrap import open_office

    given = _pairs(options.given)
    if options.as_of:
        given["as_of"] = options.as_of.isoformat()
    out = Path(options.out) if options.out else None
    form = options.format or (out.suffix.lower().lstrip(".") if out else "table")
    if form not in ("table", "json", "csv", "xlsx"):
        raise InputError(f"不能写成 {out}。请把文件名结尾写成 .json、.csv 或 .xlsx，或用 --format 指明。")
    if out:
        _writable(out)
    elif form == "xlsx" and sys.stdout.isatty():
        raise InputError("xlsx 是表格文件，不能显示在屏幕上。请加 --out 文件.xlsx。")
    who = viewer.of_command_line()
    office = open_office(_store(options), wait=options.wait, author=who.name)
    with closing(office):
        paged = form == "table" or (form == "json" and ("page" in given or "size" in given))
        answer = (office.page if paged else office.answer)(options.name, given, who)
        if form == "table" and not out:
            from api import terminal

            terminal.answer(answer, sys.stdout, more=_more(answer, given))
        else:
            from api.sample_data import fictional

            _emit(_rendered(answer, form, fictional(office)), out)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError(f"参数“{text[:60]}”应写成 名=值，如 region=丁市。")
        if name in given:
            raise InputError(f"参数 {name[:60]} 写了两次。请只留一个。")
        given[name] = value
    return given


def _more(answer: Answer, given: dict[str, str]) -> str:
    page, size = answer.parameters.get("page", 1), answer.parameters.get("size", 0)
    left = (answer.of_rows or 0) - page * size
    follow = (
        f"加 page={page + 1} 看下一页"
        if "page" in given or "size" in given
        else "加 page=2 看下一页，或用 --format xlsx 导出全部"
    )
    return f"另有 {left:,} 条，共 {answer.of_rows:,} 条：{follow}。" if left > 0 else ""


def _rendered(answer: Answer, form: str, fictional: bool) -> bytes:
    if form == "xlsx":
        import io

        from visualizations import sheets

        stream = io.BytesIO()
        sheets.write(sheets.answer_workbook(answer, fictional=fictional), stream)
        return stream.getvalue()
    if form == "csv":
        from visualizations import sheets

        return sheets.answer_csv(answer)
    if form == "json":
        return (json.dumps(answer.to_json(), ensure_ascii=False, indent=2) + "\n").encode()
    import io

    from api import terminal

    text = io.StringIO()
    terminal.answer(answer, text)
    return text.getvalue().encode()


def _emit(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise _unwritable(out, error) from error
    say(f"已写入 {out}。")


def _writable(path: Path) -> None:
    """Refuse, before any work is done, a file that could not be written."""
    if path.is_dir():
        raise InputError(f"{path} 是文件夹。请写明文件名。")
    if not path.absolute().parent.is_dir():
        raise InputError(f"文件夹 {path.absolute().parent} 不存在。请先建立，或换一个位置。")


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"无法写入 {path}（{error.strerror}）。请关闭正在打开它的程序，或换一个可写的位置。")


def _questions(options: Namespace) -> None:
    from api import listing, terminal
    from api.bootstrap import declarations
    from graph.questions import catalogue
    from graph.questions.base import COMMON, Parameter

    _, book = declarations()
    known = catalogue(book).values()
    if options.format == "json":
        _json(listing.questions(known))
        return

    def spelled(parameters: Sequence[Parameter]) -> str:
        return "、".join(f"{p.name}（{p.label}{'，必填' if p.required else ''}）" for p in parameters)

    rows = [[q.name, q.title, spelled(q.parameters), q.help] for q in known]
    terminal.table(("问题", "名称", "参数", "回答什么"), rows, [False] * 4, sys.stdout)
    print(f"\n每个问题都可以加：{spelled(COMMON)}")


def _rules(options: Namespace) -> None:
    import datetime as dt

    from api import listing, terminal
    from api.bootstrap import declarations
    from graph.ontology import load as load_ontology
    from graph.questions.base import Context
    from graph.questions.gaps import decisions

    decided, book = declarations()
    known = [book.rule(options.rule)] if options.rule else [*book.rules.values()]
    if options.format == "json":
        _json(listing.rules(known, book, decided.locality(), load_ontology()))
        return
    if options.rule:
        as_of = options.as_of or dt.date.today()
        print(listing.pasted(known[0], Context(as_of, decided.locality(), book, load_ontology())))
        return
    rows = [
        [
            rule.id,
            rule.title,
            decisions(force := book.force(rule, decided.locality())),
            "；".join((*(f"{p.name}：{p}" for p in force.parameters), *listing.elsewhere(rule, decided.locality()))),
            "；".join(rule.basis),
        ]
        for rule in known
    ]
    terminal.table(("规则", "名称", "严重程度和启用", "参数", "依据"), rows, [False] * 5, sys.stdout)


def _json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _sample(options: Namespace) -> None:
    from loaders import sample
    from visualizations import sheets

    folder = Path(options.folder)
    written = 0
    for workbook in sample.generate(options.place, units=options.units, seed=options.seed):
        target = folder / workbook.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(target.parent, error) from error
        sheets.write(workbook, target)
        written += 1
    say(f"已在 {folder} 写入 {written} 个台账文件（演示数据·虚构，截止日期 {sample.REFERENCE_DATE.isoformat()}）。")


def _inspect(options: Namespace) -> None:
    from api import terminal
    from api.bootstrap import declarations
    from loaders import pipeline

    decided, _ = declarations()
    chosen = _mapping(options)
    answer = pipeline.inspect(Path(options.file), decided.locality(), chosen)
    if options.format == "json":
        _json(answer.to_json())
    else:
        terminal.answer(answer, sys.stdout)


def _mapping(options: Namespace) -> tuple[SheetMapping, ...]:
    """What a file says of headers, and after it what people chose on the pages."""
    from api.bootstrap import mappings_of
    from loaders import mapping

    given = mapping.read(Path(options.mapping)) if options.mapping else ()
    return (*given, *mapping.saved(mappings_of(_store(options))))


def _load(options: Namespace) -> None:
    import contextlib
    import tempfile

    from api import terminal, viewer
    from api.bootstrap import declarations, open_store
    from graph.ontology import load as load_ontology
    from loaders import pipeline

    rejects = Path(options.rejects) if options.rejects else None
    if rejects is not None:
        if rejects.suffix.lower() != ".xlsx":
            raise InputError(f"--rejects 的文件 {rejects} 应以 .xlsx 结尾。")
        _writable(rejects)
    decided, book = declarations()
    chosen = _mapping(options)
    paths = [Path(path) for path in options.paths]
    for path in paths:
        if not path.exists():
            raise InputError(f"没有找到 {path}。请检查路径。")
    location = _store(options)
    with contextlib.ExitStack() as stack:
        try:
            store = open_store(location, create=not options.preview, wait=options.wait, settings=decided)
        except StoreAbsentError:
            # what would become of a store that is not there yet is tried on one that nobody keeps
            location = str(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "preview.lbug")
            store = open_store(location, create=True, wait=options.wait)
        stack.callback(store.close)
        progress = stack.enter_context(terminal.progress())
        result = pipeline.load(
            store,
            paths,
            decided.locality(),
            author=viewer.user_name(),
            book=book,
            as_of=options.as_of,
            division=options.division,
            mapping=chosen,
            complete=options.complete,
            preview=options.preview,
            confirmed=options.yes,
            progress=progress,
        )
    ledgers = load_ontology().ledgers
    if options.json:
        _json(result.report.to_json())
    else:
        terminal.load_report(
            result.report, lambda name: ledgers[name]["label"] if name in ledgers else name, sys.stdout
        )
    if rejects is not None:
        _write_rejects(result.rejects, rejects)


def _write_rejects(workbook: Workbook | None, path: Path) -> None:
    from visualizations import sheets

    if workbook is None:
        say("没有退回的行，未写退回表。")
        return
    sheets.write(workbook, path)
    say(f"退回的行已写入 {path}，改正后可再导入。")


def _undo(options: Namespace) -> None:
    from api import viewer
    from api.bootstrap import declarations, open_store
    from loaders import pipeline

    decided, book = declarations()
    with closing(open_store(_store(options), wait=options.wait, settings=decided)) as store:
        revision = pipeline.undo(store, viewer.user_name(), book, decided.locality(), options.as_of)
    say(f"已撤销最近一次导入，图库现为版本 {revision}。")


def _export(options: Namespace) -> None:
    from api.bootstrap import open_store
    from api.usage import version
    from graph import moving

    with closing(open_store(_store(options), wait=options.wait)) as store:
        made = moving.export(store, Path(options.folder), version())
    count = sum(file.rows for file in made.files)
    say(f"已把第 {made.revision} 版图库的 {count:,} 条记录写入 {options.folder}（{len(made.files)} 个文件和清单）。")


def _import(options: Namespace) -> None:
    from api import viewer
    from api.bootstrap import open_store
    from graph import moving

    folder = Path(options.folder)
    # before a store is made for it
    moving.check(folder)
    with closing(open_store(_store(options), create=True, wait=options.wait)) as store:
        made = moving.restore(folder, store, viewer.user_name())
    say(f"已导入 {sum(file.rows for file in made.files):,} 条记录，图库现为第 {made.revision} 版。")


def _copy(options: Namespace) -> None:
    from api import viewer
    from api.bootstrap import open_store
    from graph import moving

    with (
        closing(open_store(options.source, wait=options.wait)) as source,
        closing(open_store(options.target, create=True, wait=options.wait)) as target,
    ):
        revision = moving.copy(source, target, viewer.user_name(), options.source)
    say(f"已把 {options.source} 复制到 {options.target}，图库为第 {revision} 版。")


def _verify(options: Namespace) -> None:
    from api import terminal
    from api.bootstrap import open_store
    from graph.errors import StoreError
    from graph.verifying import verify

    with closing(open_store(_store(options), wait=options.wait)) as store, store.reader() as reader:
        answer = verify(reader)
    if options.json:
        _json(answer.to_json())
    elif answer.rows:
        terminal.answer(answer, sys.stdout)
    if answer.rows:
        raise StoreError(f"图库有 {len(answer.rows)} 处不一致，见上表。")
    say(f"图库第 {answer.revision} 版检查完毕，没有发现问题。")


def _report(options: Namespace) -> None:
    from api import viewer
    from api.bootstrap import open_office
    from api.reporting import county_report

    path = Path(options.file)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"报告文件 {path} 应以 .html 结尾。")
    _writable(path)
    who = viewer.of_command_line()
    office = open_office(_store(options), as_of=options.as_of, wait=options.wait, author=who.name)
    with closing(office):
        text = county_report(office, who if options.names else who.without_names(), options.region)
    _emit(text.encode(), path)


def _serve(options: Namespace) -> None:
    from api.server import serve

    serve(_store(options), options.host, options.port, options.as_of, options.wait)


_COMMANDS: dict[str, Callable[[Namespace], None]] = {
    "ask": _ask,
    "questions": _questions,
    "rules": _rules,
    "sample": _sample,
    "inspect": _inspect,
    "load": _load,
    "undo": _undo,
    "export": _export,
    "import": _import,
    "copy": _copy,
    "verify": _verify,
    "report": _report,
    "serve": _serve,
}

if __name__ == "__main__":
    raise SystemExit(main())
