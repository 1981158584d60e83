"""Starts the web service, on addresses of this machine only until accounts exist."""

from __future__ import annotations

import datetime as dt
import ipaddress
import signal
import socket
from contextlib import closing

from api import log
from api.console import say, version
from api.locations import logs_of
from api.office import open_office
from api.viewer import of_server, user_name
from api.web.app import create_app
from api.web.uploads import sweep
from graph.errors import InputError
from loaders.read import apart


def serve(store: str, host: str, port: int, as_of: dt.date | None, wait: float) -> None:
    """Answer requests until interrupted. Raises InputError for a host or port that cannot be used."""
    with closing(listen(host, port)) as listener:
        author = user_name()
        # a new store is filled by the page 数据导入
        office = open_office(store, as_of=as_of, create=True, wait=wait)
        sweep()
        path = log.to_file(logs_of(store), office.settings.log_days)
        import uvicorn

        from api.web.protocol import Protocol

        app = create_app(office, of_server(office.settings.viewer, author), version=version())
        config = uvicorn.Config(
            app, http=Protocol, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="off",
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        for fault in office.prepare_rules():
            say(fault.note)
        # listen before the message, so that a reader of it can ask at once
        listener.listen()
        address = f"[{host}]" if ":" in host else host
        empty = "" if office.revision() else "；图库还是空的，请打开此地址，在“数据导入”载入台账"
        say(f"已启动：http://{address}:{listener.getsockname()[1]}/ （按 Ctrl+C 结束，日志在 {path}{empty}）")
        # what reads files waits for the first one
        apart.prepare()
        with closing(office), closing(app.state.uploads):
            # SIGTERM, and SIGHUP of a terminal that is closed, delete the uploads too
            for ending in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(ending) is not signal.SIG_IGN:
                    signal.signal(ending, signal.default_int_handler)
            uvicorn.Server(config).run(sockets=[listener])
            # an interrupt ends the server also where it was started with interrupts ignored (`&` in a script)
            raise KeyboardInterrupt


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address of this machine."""
    if not loopback(host):
        raise InputError(f"不能监听 {host[:80]}：帐号功能启用之前只对本机开放。请用 --host 127.0.0.1。")
    if port > 65535:
        raise InputError(f"端口 {port} 不存在。请取 1 到 65535。")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on a socket declared as TCP; else each answer waits 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(f"端口 {port} 不能使用（{error.strerror}）。请用 --port 换一个端口。") from error
    return listener


def loopback(host: str) -> bool:
    """Whether no other machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
