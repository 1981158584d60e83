"""The commands export, import, copy and verify, which move or check a whole graph."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import closing

from api.cli.output import folder_of, show_json, store_of
from api.console import say


def export(options: Namespace) -> None:
    """Write the whole graph to a folder."""
    from api.console import version
    from api.opening import open_store
    from graph.stores import transfer

    folder = folder_of(options.folder)
    with closing(open_store(store_of(options), wait=options.wait)) as store:
        manifest = transfer.export(store, folder, version())
    count = sum(file.rows for file in manifest.files)
    say(
        f"已把第 {manifest.revision} 版图库的 {count:,} 条记录写入 {options.folder}（{len(manifest.files)} 个文件和清单）。"
    )


def restore(options: Namespace) -> None:
    """Fill an empty store from an exported folder."""
    from api import viewer
    from api.opening import open_store
    from graph.stores import transfer

    folder = folder_of(options.folder)
    # a broken folder is refused before the store is made
    transfer.check(folder)
    with closing(open_store(store_of(options), create=True, wait=options.wait)) as store:
        manifest = transfer.restore(folder, store, viewer.user_name())
    say(f"已导入 {sum(file.rows for file in manifest.files):,} 条记录，图库现为第 {manifest.revision} 版。")


def copy(options: Namespace) -> None:
    """Fill one store from another."""
    from api import viewer
    from api.opening import open_store
    from graph.stores import transfer

    with (
        closing(open_store(options.source, wait=options.wait)) as source,
        closing(open_store(options.target, create=True, wait=options.wait)) as target,
    ):
        revision = transfer.copy(source, target, viewer.user_name(), options.source)
    say(f"已把 {options.source} 复制到 {options.target}，图库为第 {revision} 版。")


def verify(options: Namespace) -> None:
    """Check that the graph is consistent; StoreError where it is not."""
    from api.cli import terminal
    from api.opening import open_store
    from graph.errors import StoreError
    from graph.stores.verify import verify

    with closing(open_store(store_of(options), wait=options.wait)) as store:
        integrity = store.integrity()
        with store.reader() as reader:
            answer = verify(reader, integrity)
    if options.json:
        show_json(answer.to_json())
    elif answer.rows:
        terminal.answer(answer, sys.stdout)
    if answer.rows:
        raise StoreError(f"图库有 {len(answer.rows)} 处不一致，见上表。")
    say(f"图库第 {answer.revision} 版检查完毕，没有发现问题。{integrity}")
