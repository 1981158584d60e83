"""Starts the web service on this machine, and nowhere else until there are accounts."""

from __future__ import annotations

import datetime as dt
import ipaddress
import signal
import socket
from contextlib import closing

from api import log
from api.console import say, version
from api.office import open_office, server_viewer
from api.viewer import user_name
from api.web.app import create_app
from graph.errors import InputError


def serve(store: str, host: str, port: int, as_of: dt.date | None, wait: float) -> None:
    """Answer requests until interrupted. Raises InputError for a host or port that cannot be used."""
    with closing(listen(host, port)) as listener:
        author = user_name()
        # one that is not there yet is filled by the pages
        office = open_office(store, as_of=as_of, create=True, wait=wait)
        path = log.to_file(log.folder_of(store), office.settings.log_days)
        import uvicorn

        app = create_app(office, server_viewer(office.settings, author), version=version())
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="off",
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        # who reads that it has started may ask at once
        listener.listen()
        shown = f"[{host}]" if ":" in host else host
        empty = "" if office.revision() else "；图库还是空的，请打开此地址，在“数据导入”载入台账"
        say(f"已启动：http://{shown}:{listener.getsockname()[1]}/ （按 Ctrl+C 结束，日志在 {path}{empty}）")
        with closing(office), closing(app.state.uploads):
            # who ends it this way too leaves nothing behind that was sent
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            uvicorn.Server(config).run(sockets=[listener])
            # where interrupts were ignored at the start (`&` in a script), one ends the server all the same
            raise KeyboardInterrupt


def listen(host: str, port: int) -> socket.socket:
    """A socket of this machine, bound before anything else is done."""
    if not loopback(host):
        raise InputError(f"不能监听 {host[:80]}：帐号功能启用之前只对本机开放。请用 --host 127.0.0.1。")
    if port > 65535:
        raise InputError(f"端口 {port} 不存在。请取 1 到 65535。")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once only where a socket says that it is TCP; else each answer waits 40 ms for a sign of the last
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(f"端口 {port} 不能使用（{error.strerror}）。请用 --port 换一个端口。") from error
    return listener


def loopback(host: str) -> bool:
    """Whether an address is one that no other machine can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
