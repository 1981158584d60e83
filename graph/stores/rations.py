"""What the system denies this process, in words: addresses, open files, threads, memory."""

from __future__ import annotations

import errno

#: what a system denied, by words in the messages of the engine and of Python
_RATIONED = {
    "Mmap for size": (
        "本进程可用的地址空间受限（ulimit -v 或容器的限制），而打开图库要预留 256 GB 地址，并不占用这么多内存。"
        "请放宽这一限制（ulimit -v unlimited）"
    ),
    "Too many open files": "本进程可同时打开的文件太少（ulimit -n）。请放宽这一限制（如 ulimit -n 1024）",
    "Resource temporarily unavailable": "本用户可用的线程太少（ulimit -u）。请放宽这一限制",
    "bad_alloc": "本进程可用的内存不够。请关闭其他程序，或放宽内存的限制",
    "Cannot allocate memory": "本进程可用的内存不够。请关闭其他程序，或放宽内存的限制",
}
_TEXT = {
    errno.EMFILE: "Too many open files",
    errno.ENFILE: "Too many open files",
    errno.ENOMEM: "Cannot allocate memory",
}


def rationed(error: BaseException) -> str:
    """What the system denies this process, and what to do about it; '' where it is something else."""
    text = str(error)
    if isinstance(error, OSError):
        text = _TEXT.get(error.errno or 0, "")
    elif isinstance(error, MemoryError):
        text = _TEXT[errno.ENOMEM]
    return next((words for part, words in _RATIONED.items() if part in text), "")
