"""Switches of the whole interpreter; only commands turn them, because a server answers others while it writes."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator

#: commands that only write a graph
WRITING = frozenset({"load", "undo", "import", "copy"})
#: seconds for which Python may keep its lock from the thread of the engine, which needs it often in a statement
SLICE_SECONDS = 0.0005


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Tune the interpreter for one write: short thread slices, and no collection of cycles, because a load makes none."""
    collecting, slice_ = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(SLICE_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(slice_)
        if collecting:
            gc.enable()
