"""Runs one command of the command line; the exit status, and one Chinese sentence when it fails.

A command imports what it needs when it runs, so that help and mistakes answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from api.cli import asking, keeping, loading
from api.cli.grammar import parse
from api.cli.output import store_of
from api.cli.process import WRITING, alone
from api.console import say
from api.locations import logs_of
from graph.errors import LiangxinError, StoreError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    0: done; 1: a defect of the program; 2: unusable input; 3: the store cannot be used; 130: interrupted.
    """
    if arguments is None:
        # called as a program, so the process may be changed
        sys.meta_path[:] = [_WithoutPandas if finder is PathFinder else finder for finder in sys.meta_path]
        # looking for cycles takes a twentieth of a question's time, and a command ends before they take memory
        gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    options: Namespace | None = None
    try:
        parsed = parse(sys.argv[1:] if arguments is None else arguments)
        if isinstance(parsed, str):
            print(parsed)
        else:
            options = parsed
            with alone() if options.command in WRITING else nullcontext():
                _COMMANDS[options.command](options)
        sys.stdout.flush()
    except LiangxinError as error:
        say(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        say(_interrupted(options))
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of the pipe has closed it; without this the interpreter's flush at exit would complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        from api import log
        from graph.stores.rations import rationed

        if ration := rationed(error):
            say(f"没有做成：{ration}，再重新执行。")
            return StoreError.exit_status
        number, path = log.keep(logs_of(store_of(options)), error)
        where = f"详情见 {path}" if path else "日志文件写不进去"
        say(f"程序出了故障，编号 {number}，{where}。请把编号和该日志交给维护人员。")
        return LiangxinError.exit_status
    return 0


class _WithoutPandas(PathFinder):
    """Hides pandas, which no command uses.

    Where pandas is installed, as for the tests, pyarrow imports it for the first array made of a list, in 0.5 s.
    """

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if fullname == "pandas" else super().find_spec(fullname, path, target)


def _interrupted(options: Namespace | None) -> str:
    from api.opening import is_server

    if options is None or options.command not in ("load", "undo"):
        return "已中断。"
    if is_server(store_of(options)):
        return "已中断。大的写入可能做了一部分，重新执行同一命令，会把它做完。"
    return "已中断，图库没有改变。"


def _serve(options: Namespace) -> None:
    from api.web.server import serve

    # a server does not end: see main
    gc.enable()
    serve(store_of(options), options.host, options.port, options.as_of, options.wait)


_COMMANDS: dict[str, Callable[[Namespace], None]] = {
    "ask": asking.ask,
    "questions": asking.questions,
    "rules": asking.rules,
    "report": asking.report,
    "sample": loading.sample,
    "inspect": loading.inspect,
    "load": loading.load,
    "undo": loading.undo,
    "export": keeping.export,
    "import": keeping.restore,
    "copy": keeping.copy,
    "verify": keeping.verify,
    "serve": _serve,
}

if __name__ == "__main__":
    raise SystemExit(main())
