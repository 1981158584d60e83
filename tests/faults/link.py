"""A TCP proxy to a Neo4j server that can be slow, silent or cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

#: the Bolt message by which a client commits, in its chunk
COMMIT = b"\x00\x02\xb0\x12\x00\x00"
_PIECE = 1 << 14


class Link:
    """Passes bytes on in both directions; settings take effect at once, also for open connections."""

    def __init__(self, target: str) -> None:
        place = urlsplit(target)
        assert place.hostname is not None
        self._target = (place.hostname, place.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._mutex = threading.Lock()
        self.url = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"
        #: seconds by which each piece is delayed
        self.delay = 0.0
        #: bytes a second, 0 for no limit
        self.rate = 0
        #: connections are accepted, and nothing passes
        self.silent = False
        #: connections are accepted and closed
        self.down = False
        #: bytes passed to the server
        self.sent = 0
        #: called with each piece before it is passed to the server, or to the client
        self.on_sent: Callable[[bytes], None] | None = None
        self.on_answer: Callable[[bytes], None] | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Close every connection, and drop what has not been passed on."""
        with self._mutex:
            ended, self._open = self._open, set()
        for end in ended:
            _end(end)

    def close(self) -> None:
        """Close the listener and every connection."""
        _end(self._listener)
        self.cut()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.down:
                    _end(client)
                    continue
                try:
                    server = socket.create_connection(self._target)
                except OSError:
                    _end(client)
                    continue
                for end in (client, server):
                    # as client and server do, else each small piece is delayed by 40 ms
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._mutex:
                    self._open |= {client, server}
                for way in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass, args=way, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, upward: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(min(_PIECE, self.rate // 10 or _PIECE)):
                watch = self.on_sent if upward else self.on_answer
                if watch is not None:
                    watch(piece)
                time.sleep(self.delay + (len(piece) / self.rate if self.rate else 0))
                while self.silent:
                    time.sleep(0.02)
                sink.sendall(piece)
                self.sent += len(piece) if upward else 0
        for end in (source, sink):
            with self._mutex:
                self._open.discard(end)
            _end(end)


@contextlib.contextmanager
def linked(target: str) -> Iterator[Link]:
    """A link for the time of the block."""
    link = Link(target)
    try:
        yield link
    finally:
        link.close()


@contextlib.contextmanager
def swallowing() -> Iterator[str]:
    """An address whose connections are never accepted, so that nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"bolt://127.0.0.1:{listener.getsockname()[1]}"


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
