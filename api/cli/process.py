"""Switches of the whole interpreter. A server answers others while it writes, so that only a command turns them."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator

#: commands that write a graph and do nothing beside it
WRITING = frozenset({"load", "undo", "import", "copy"})
#: how long Python may keep its lock from the engine's thread, which asks for it many times a statement
SLICE_SECONDS = 0.0005


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Have the interpreter serve one write: no collection of cycles, of which a load makes none, and short slices."""
    collecting, slice_ = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(SLICE_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(slice_)
        if collecting:
            gc.enable()
