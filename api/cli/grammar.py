"""The grammar of the command line: its commands and options, and Chinese messages for mistakes in them."""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from api.console import version
from graph.errors import InputError

FORMATS = ("table", "json", "csv", "xlsx")
LISTS = ("table", "json")
#: messages of argparse as patterns, and their Chinese
_MESSAGES = (
    (r"the following arguments are required: (.+)", "缺少 {0}"),
    (r"unrecognized arguments: (.+)", "不认识“{0}”"),
    (r"argument (.+): expected (?:one|at least one) argument", "{0} 后面缺少内容"),
    (r"argument (.+): invalid choice: '(.*)' \(choose from (.+)\)", "{0} 不能是“{1}”，可用 {2}"),
    (r"argument (.+): invalid \S+ value: '(.*)'", "{0} 的值“{1}”写法不对"),
    (r"argument (.+): ignored explicit argument '(.*)'", "{0} 后面不带内容，却写了“{1}”"),
    (r"ambiguous option: (.+) could match (.+)", "{0} 不明确，可能是 {1}"),
    (r"argument (.+?): (.+)", "{0}：{1}"),
)


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "用法：")


class Parser(argparse.ArgumentParser):
    """An ArgumentParser with Chinese messages, which raises InputError instead of ending the process."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog=prog, description=description, add_help=False, allow_abbrev=False, formatter_class=_Formatter
        )
        self._positionals.title, self._optionals.title = "参数", "选项"

    def format_help(self) -> str:
        return re.sub(r"(?m)^(参数|选项):$", r"\1：", super().format_help())

    def error(self, message: str) -> NoReturn:
        message = message.replace(", 参数=值", "")
        for pattern, text in _MESSAGES:
            match = re.fullmatch(pattern, message)
            if match:
                message = text.format(*(part.replace("'", "") for part in match.groups()))
                break
        raise InputError(f"命令写法不对：{message}。请用 {self.prog} --help 查看用法。")


def day(text: str) -> dt.date:
    """The date of an option, written as in ISO 8601."""
    from graph.parameters import parse_date

    try:
        return parse_date(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip("。")) from None


def seconds(text: str) -> float:
    """A number of seconds, not negative."""
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", text):
        raise argparse.ArgumentTypeError(f"“{text[:40]}”不是秒数")
    return float(text)


def count(text: str) -> int:
    """A positive whole number."""
    if not re.fullmatch(r"\d{1,8}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"“{text[:40]}”不是正整数")
    return int(text)


def seed(text: str) -> int:
    """A whole number, not negative."""
    if not re.fullmatch(r"\d{1,9}", text):
        raise argparse.ArgumentTypeError(f"“{text[:40]}”不是整数")
    return int(text)


def scope(text: str) -> tuple[str, str]:
    """The ledger and the division of LEDGER:DIVISION."""
    ledger, colon, division = text.replace("：", ":").partition(":")
    if not (colon and ledger and division):
        raise argparse.ArgumentTypeError(f"“{text[:60]}”应写成 台账:区划，如 enterprises:丁市")
    return ledger, division


def _ask(p: Parser) -> None:
    p.add_argument("name", metavar="问题", help="liangxin questions 列出可以问什么；规则的编号也是问题")
    p.add_argument("parameters", metavar="参数=值", nargs="*", help="如 region=丁市 severity=high page=2 sort=-staff")
    p.add_argument("--as-of", metavar="日期", type=day, help="按哪一天的有效期计算，默认今天")
    p.add_argument("--format", choices=FORMATS, help="输出格式，默认 table；有 --out 时按文件名")
    p.add_argument("--out", metavar="文件", help="写入文件，而不是屏幕")


def _lists(p: Parser) -> None:
    p.add_argument("--format", choices=LISTS, default="table", help="输出格式，默认 table")


def _rules(p: Parser) -> None:
    p.add_argument("rule", metavar="规则", nargs="?", default="",
                   help="写出这一条的参数和查询，可粘贴到 Neo4j Browser 或 cypher-shell；不写则列出全部")  # fmt: skip
    p.add_argument("--as-of", metavar="日期", type=day, help="参数按哪一天计算，默认今天")
    p.add_argument("--check", action="store_true",
                   help="让图库逐条执行（写了规则的，只这一条），指出不能执行的是哪个文件第几行")  # fmt: skip
    _lists(p)


def _sample(p: Parser) -> None:
    p.add_argument("folder", metavar="文件夹", help="写入的文件夹，没有则新建")
    p.add_argument("--place", metavar="地方", help="只写一处，如 丁市；默认五处全写")
    p.add_argument("--units", metavar="个数", type=count, help="把一处（默认丁市）放大或缩小到这么多单位")
    p.add_argument("--seed", metavar="数", type=seed, default=0, help="同一个数写出同样的文件，默认 0")


def _inspect(p: Parser) -> None:
    p.add_argument("file", metavar="文件", help="要查看的台账")
    p.add_argument("--mapping", metavar="文件", help="表头对照文件（YAML）")
    p.add_argument("--format", choices=LISTS, default="table", help="输出格式，默认 table")


def _load(p: Parser) -> None:
    p.add_argument("paths", metavar="路径", nargs="+", help="台账文件、文件夹或 zip")
    p.add_argument("--division", metavar="区划", default="", help="台账未写区划时归入何处，默认为设置 home")
    p.add_argument("--mapping", metavar="文件", help="表头对照文件（YAML）")
    p.add_argument("--complete", metavar="台账:区划", type=scope, action="append", default=[],
                   help="声明这是该区划该台账的全部，未列出的不再列入；可写多次")  # fmt: skip
    p.add_argument("--preview", action="store_true", help="只说明会怎样，不写入")
    p.add_argument("--yes", action="store_true", help="确认不再列入的超过 5%% 也照办")
    p.add_argument("--rejects", metavar="文件.xlsx", help="把退回的行写入此文件，改正后可再导入")
    p.add_argument("--json", action="store_true", help="以 JSON 输出导入报告")
    _measured(p)


def _measured(p: Parser) -> None:
    p.add_argument("--as-of", metavar="日期", type=day, help="写入后按哪一天的有效期计量各规则，默认今天")


def _undo(p: Parser) -> None:
    p.add_argument("--load", metavar="版本", type=count,
                   help="撤销哪一版的导入，只能是最近一次；不写时撤销最近一次，但刚撤销过之后必须写明")  # fmt: skip
    _measured(p)


def _report(p: Parser) -> None:
    p.add_argument("file", metavar="文件.html", help="报告写入的文件")
    p.add_argument("--region", metavar="区划", default="", help="只报告这一区划，默认全部")
    p.add_argument("--as-of", metavar="日期", type=day, help="数据截止日，默认今天")
    p.add_argument("--names", action="store_true", help="写出姓名；默认以职务代称")


def _serve(p: Parser) -> None:
    p.add_argument("--host", metavar="地址", default="127.0.0.1", help="只能是本机地址，默认 127.0.0.1")
    p.add_argument("--port", metavar="端口", type=seed, default=8000, help="默认 8000")
    p.add_argument("--as-of", metavar="日期", type=day, help="按哪一天的有效期计算，默认今天")


def _folder(p: Parser) -> None:
    p.add_argument("folder", metavar="文件夹", help="Parquet 文件和清单所在的文件夹")


def _copy(p: Parser) -> None:
    p.add_argument("--from", dest="source", metavar="图库", required=True, help="复制哪个图库：文件或服务器地址")
    p.add_argument("--to", dest="target", metavar="图库", required=True, help="复制到哪里，须是空的：文件或服务器地址")


def _verify(p: Parser) -> None:
    p.add_argument("--json", action="store_true", help="以 JSON 输出")


#: each command: a sentence of help, and the function that declares its options
COMMANDS: dict[str, tuple[str, Callable[[Parser], None]]] = {
    "load": ("读入台账", _load),
    "inspect": ("查看一个文件会被认成什么台账，不写入", _inspect),
    "ask": ("回答一个问题", _ask),
    "questions": ("列出可以问的问题", _lists),
    "rules": ("列出规则及其依据、参数，或写出一条供粘贴", _rules),
    "report": ("写出一份可以离线打开的报告", _report),
    "serve": ("启动本机网页服务", _serve),
    "undo": ("撤销最近一次导入", _undo),
    "export": ("把整个图库写成 Parquet 文件夹", _folder),
    "import": ("把导出的文件夹写入一个空的图库", _folder),
    "copy": ("把一个图库复制到另一个空的图库", _copy),
    "verify": ("检查图库是否完整一致", _verify),
    "sample": ("写出虚构的演示台账", _sample),
}


def _general(p: Parser, *, top: bool) -> None:
    default: Any = None if top else argparse.SUPPRESS
    p.add_argument(
        "--store",
        metavar="图库",
        default=default,
        help="图库文件或 Neo4j 服务器地址，默认为环境变量 LIANGXIN_STORE 或 ./liangxin.lbug",
    )
    p.add_argument("--wait", metavar="秒数", type=seconds, default=10.0 if top else default,
                   help="图库正被写入时最多等多久，默认 10")  # fmt: skip
    p.add_argument("-h", "--help", action="store_true", default=False if top else default, help="显示用法")


def parse(arguments: Sequence[str]) -> argparse.Namespace | str:
    """The command with its options, or the text of --help or --version. Raises InputError in Chinese."""
    top = Parser("liangxin", "两新党建图谱：把两新组织台账变成一张图，回答问题，条条有依据。")
    _general(top, top=True)
    top.add_argument("--version", action="store_true", help="显示版本")
    top.add_argument("command", metavar="命令", nargs="?", help=argparse.SUPPRESS)
    top.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    top.usage = "liangxin [选项] 命令 …"
    general = top.parse_args(_split(arguments))
    if general.version:
        return version()
    if not general.command:
        if general.help:
            return _overview(top)
        raise InputError("缺少命令。请用 liangxin --help 查看用法。")
    if general.command not in COMMANDS:
        near = difflib.get_close_matches(general.command, COMMANDS, n=2)
        hint = f"是否想写 {'、'.join(near)}？" if near else f"可用：{'、'.join(COMMANDS)}。"
        raise InputError(f"没有命令“{general.command[:40]}”。{hint}")
    what, declare = COMMANDS[general.command]
    parser = Parser(f"liangxin {general.command}", what + "。")
    declare(parser)
    _general(parser, top=False)
    if general.help or {"-h", "--help"} & set(general.rest):
        return parser.format_help()
    options = parser.parse_intermixed_args(general.rest, argparse.Namespace(**vars(general)))
    options.store = options.store or os.environ.get("LIANGXIN_STORE") or ""
    return options


def _split(arguments: Sequence[str]) -> list[str]:
    """The arguments with `--` after the command, so that argparse leaves its options to the command's parser."""
    index = 0
    while index < len(arguments) and arguments[index].startswith("-"):
        index += 2 if arguments[index] in ("--store", "--wait") else 1
    return [*arguments[: index + 1], *(["--"] if len(arguments) > index + 1 else []), *arguments[index + 1 :]]


def _overview(top: Parser) -> str:
    general = top.format_help().partition("\n\n")[2]
    options = general[general.index("选项") :].partition("\n\n")[0]
    commands = "\n".join(f"  {name:<10} {what}" for name, (what, _) in COMMANDS.items())
    parts = ("用法：liangxin [选项] 命令 …", top.description, f"命令：\n{commands}", options)
    return "\n\n".join((*(str(part) for part in parts), "用 liangxin 命令 --help 查看某个命令的用法。"))
