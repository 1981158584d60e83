"""Opens the store at an address; the only place that does, and where engines are registered."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from api import settings_file
from api.settings import Settings
from graph.errors import StoreError
from graph.plain_files import read_text, shown_path, trouble
from graph.stores.base import Store

#: bytes of the name of a store's file: a file system allows 255, and the files beside it have longer names
LONGEST_NAME = 200
# an adapter is imported when its store is opened, so that other commands start without its driver


def _file(location: str, create: bool, wait: float, settings: Settings) -> Store:
    from graph.stores.ladybug.store import EmbeddedStore

    path = Path(location)
    if problem := trouble(path, "图库"):
        raise StoreError(problem)
    if len(path.name.encode(errors="replace")) > LONGEST_NAME:
        raise StoreError(f"图库 {shown_path(path)} 的文件名太长。请不超过 {LONGEST_NAME} 个字节（一个汉字 3 个字节）。")
    try:
        location.encode()
    except UnicodeEncodeError:
        raise StoreError(f"图库 {shown_path(path)} 的文件名不是 UTF-8。请换一个名称。") from None
    return EmbeddedStore(path, create=create, wait=wait, timeout=settings.query_seconds)


def _neo4j(location: str, create: bool, wait: float, settings: Settings) -> Store:
    from graph.stores.neo4j.bolt import Server
    from graph.stores.neo4j.store import Neo4jStore

    server = Server(
        location,
        os.environ.get("LIANGXIN_NEO4J_USER") or "neo4j",
        _password(),
        database=settings.neo4j.database,
        ca_file=_ca_file(settings),
        timeout=settings.query_seconds,
    )
    return Neo4jStore(server, lambda path: _file(str(path), True, wait, settings), create=create, wait=wait)


Opener = Callable[[str, bool, float, Settings], Store]
#: the opener by the scheme of the address; an address without a scheme is a file
FILE: Opener = _file
SERVERS: dict[str, Opener] = {
    "bolt": _neo4j,
    "bolt+s": _neo4j,
    "bolt+ssc": _neo4j,
    "neo4j": _neo4j,
    "neo4j+s": _neo4j,
    "neo4j+ssc": _neo4j,
}


def open_store(location: str, *, create: bool = False, wait: float = 10.0, settings: Settings | None = None) -> Store:
    """The store at a path or on a server.

    Raises StoreAbsentError where there is none (unless `create`), StoreError where it is unusable or unreachable.
    """
    scheme, address, rest = location.partition("://")
    if address and "@" in rest:
        raise StoreError(
            "图库地址里不能写用户名和密码。请用环境变量 LIANGXIN_NEO4J_USER 和 LIANGXIN_NEO4J_PASSWORD"
            "（或 LIANGXIN_NEO4J_PASSWORD_FILE 指明存放密码的文件）。"
        )
    if address and scheme not in SERVERS:
        raise StoreError(
            f"不认识图库地址 {location[:80]}。请用 --store 指明一个文件路径，或 bolt://、neo4j:// 开头的服务器地址。"
        )
    opener = SERVERS[scheme] if address else FILE
    return opener(location, create, wait, settings or settings_file.load()[0])


def is_server(location: str) -> bool:
    """Whether the address is that of a server, not of a file."""
    scheme, address, _ = location.partition("://")
    return bool(address) and scheme in SERVERS


def _password() -> str:
    password = os.environ.get("LIANGXIN_NEO4J_PASSWORD")
    if password:
        return password
    file = os.environ.get("LIANGXIN_NEO4J_PASSWORD_FILE")
    if not file:
        raise StoreError(
            "没有给出 Neo4j 服务器的密码。请设置环境变量 LIANGXIN_NEO4J_PASSWORD，"
            "或用 LIANGXIN_NEO4J_PASSWORD_FILE 指明存放密码的文件。"
        )
    return read_text(Path(file), "密码文件（LIANGXIN_NEO4J_PASSWORD_FILE）", StoreError).strip()


def _ca_file(settings: Settings) -> Path | None:
    """The file of the setting, which the driver opens; StoreError where it is no ordinary file."""
    if not settings.neo4j.ca_file:
        return None
    path = Path(settings.neo4j.ca_file)
    if problem := trouble(path, "证书文件（neo4j.ca_file）"):
        raise StoreError(problem)
    return path
