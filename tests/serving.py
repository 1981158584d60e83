"""Serves an application on a port in a thread, for browsers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn
from fastapi import FastAPI

from api.web.protocol import Protocol
from api.web.server import listen


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of an application for the time of the block."""
    with closing(listen("127.0.0.1", 0)) as listener:
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, http=Protocol, log_config=None, access_log=False, lifespan="off"))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        running.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        running.join(10)
