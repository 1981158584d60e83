"""The commands ask, questions, rules and report."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from api.cli.output import emit, show_json, store_of, writable
from graph.errors import InputError

if TYPE_CHECKING:
    from graph.answers import Answer


def ask(options: Namespace) -> None:
    """Answer one question, as a table or a file."""
    from api import viewer
    from api.office import open_office

    parameters = _pairs(options.parameters)
    if options.as_of:
        if "as_of" in parameters:
            raise InputError("截止日期写了两次：--as-of 和 as_of=。请只留一个。")
        parameters["as_of"] = options.as_of.isoformat()
    out = Path(options.out) if options.out else None
    form = options.format or (out.suffix.lower().lstrip(".") if out else "table")
    if form not in ("table", "json", "csv", "xlsx"):
        raise InputError(f"不能写成 {out}。请把文件名结尾写成 .json、.csv 或 .xlsx，或用 --format 指明。")
    if out:
        writable(out)
    elif form == "xlsx" and sys.stdout.isatty():
        raise InputError("xlsx 是表格文件，不能显示在屏幕上。请加 --out 文件.xlsx。")
    reader = viewer.of_command_line()
    office = open_office(store_of(options), wait=options.wait)
    with closing(office):
        paged = form == "table" or (form == "json" and ("page" in parameters or "size" in parameters))
        answer = (office.page if paged else office.answer)(options.name, parameters, reader)
        if form == "table" and not out:
            from api.cli import terminal

            terminal.answer(answer, sys.stdout, more=_more(answer, parameters))
        else:
            from api.sample_data import fictional

            emit(_rendered(answer, form, fictional(office)), out)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """The parameters of arguments written name=value."""
    parameters: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError(f"参数“{text[:60]}”应写成 名=值，如 region=丁市。")
        if name in parameters:
            raise InputError(f"参数 {name[:60]} 写了两次。请只留一个。")
        parameters[name] = value
    return parameters


def _more(answer: Answer, parameters: dict[str, str]) -> str:
    """How to read the rows that a page leaves out; '' where it leaves out none."""
    page, size = answer.parameters.get("page", 1), answer.parameters.get("size", 0)
    left = (answer.of_rows or 0) - page * size
    follow = (
        f"加 page={page + 1} 看下一页"
        if "page" in parameters or "size" in parameters
        else "加 page=2 看下一页，或用 --format xlsx 导出全部"
    )
    return f"另有 {left:,} 条，共 {answer.of_rows:,} 条：{follow}。" if left > 0 else ""


def _rendered(answer: Answer, form: str, fictional: bool) -> bytes:
    if form == "xlsx":
        import io

        from visualizations.sheets import writing

        stream = io.BytesIO()
        writing.write(writing.answer_workbook(answer, fictional=fictional), stream)
        return stream.getvalue()
    if form == "csv":
        from visualizations.sheets import writing

        return writing.answer_csv(answer)
    if form == "json":
        return (json.dumps(answer.to_json(), ensure_ascii=False, indent=2) + "\n").encode()
    import io

    from api.cli import terminal

    text = io.StringIO()
    terminal.answer(answer, text)
    return text.getvalue().encode()


def questions(options: Namespace) -> None:
    """List what can be asked."""
    from api import inventory
    from api.cli import terminal
    from api.declarations import declarations
    from api.questions_page import described
    from graph.parameters import COMMON, Parameter
    from graph.questions import catalogue

    _, book = declarations()
    listed = catalogue(book).values()
    if options.format == "json":
        show_json(inventory.questions(listed))
        return

    def spelled(parameters: Sequence[Parameter]) -> str:
        return "、".join(
            f"{p.name}（{p.label}{'：' if p.choices else ''}{described(p)}{'，必填' if p.required else ''}）"
            for p in parameters
        )

    rows = [[q.name, q.title, spelled(q.parameters), q.help] for q in listed]
    terminal.table(("问题", "名称", "参数", "回答什么"), rows, [False] * 4, sys.stdout)
    print(f"\n每个问题都可以加：{spelled(COMMON)}")


def rules(options: Namespace) -> None:
    """List the rules in force, check them, or print one to be pasted into a Neo4j console."""
    if options.check:
        _check_rules(options)
        return
    import datetime as dt

    from api import inventory
    from api.cli import terminal
    from api.declarations import declarations
    from graph.ontology import load as load_ontology
    from graph.questions.problems.findings import decisions
    from graph.rules.inquiry import Inquiry

    settings, book = declarations()
    selected = [book.rule(options.rule)] if options.rule else [*book.rules.values()]
    if options.format == "json":
        show_json(inventory.rules(selected, book, settings.locality(), load_ontology()))
        return
    if options.rule:
        as_of = options.as_of or dt.date.today()
        print(inventory.pasted(selected[0], Inquiry(as_of, settings.locality(), load_ontology(), book=book)))
        return
    rows = [
        [
            rule.id,
            rule.title,
            decisions(force := book.force(rule, settings.locality())),
            "；".join((*(f"{p.name}：{p}" for p in force.parameters), *inventory.elsewhere(rule, settings.locality()))),
            "；".join(rule.basis),
            rule.level,
        ]
        for rule in selected
    ]
    terminal.table(("规则", "名称", "严重程度和启用", "参数", "依据", "依据层级"), rows, [False] * 6, sys.stdout)


def _check_rules(options: Namespace) -> None:
    """Have the engine run the rules. Raises DeclarationError with the faults of those that it cannot run."""
    from api.office import open_office
    from graph.errors import DeclarationError, StoreAbsentError

    with ExitStack() as ending:
        try:
            office = open_office(store_of(options), as_of=options.as_of, wait=options.wait)
        except StoreAbsentError:
            folder = ending.enter_context(TemporaryDirectory(prefix="liangxin-"))
            office = open_office(str(Path(folder) / "empty.lbug"), as_of=options.as_of, create=True)
        ending.enter_context(closing(office))
        selected = [office.book.rule(options.rule)] if options.rule else [*office.book.rules.values()]
        faults = {
            fault.rule: fault
            for fault in office.check_rules([rule.id for rule in selected], office.book.bases.values(), run=True)
        }
        if options.format == "json":
            show_json(
                [
                    {"rule": r.id, "title": r.title, "fault": faults[r.id].why if r.id in faults else None}
                    for r in selected
                ]
            )
        where = f"图库第 {revision} 版的数据上" if (revision := office.revision()) else "空图库上（还没有载入台账）"
    if faults:
        raise DeclarationError("\n".join((f"{len(faults)} 条规则不能执行：", *(f.why for f in faults.values()))))
    if options.format != "json":
        own = sum(rule.own for rule in selected)
        print(f"{len(selected)} 条规则（其中本地的 {own} 条）在{where}逐条执行过，没有出错的。")


def report(options: Namespace) -> None:
    """Write the report of a division."""
    from api import viewer
    from api.office import open_office
    from api.reporting import county_report

    path = Path(options.file)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"报告文件 {path} 应以 .html 结尾。")
    writable(path)
    reader = viewer.of_command_line()
    office = open_office(store_of(options), as_of=options.as_of, wait=options.wait)
    with closing(office):
        text = county_report(office, reader if options.names else reader.without_names(), options.region)
    emit(text.encode(), path)
