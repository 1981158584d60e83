"""A small disk, which a test can fill."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import lacking


@dataclass(frozen=True)
class Disk:
    """A folder with its own file system, if one could be mounted."""

    path: Path
    mounted: bool

    @contextlib.contextmanager
    def full(self, *, but: int = 0) -> Iterator[None]:
        """Fill the disk except for `but` bytes, for the time of the block."""
        if not self.mounted:
            lacking("不能挂载 tmpfs，写满磁盘的测试跳过。请以 root 运行测试。")
        ballast = self.path / "ballast"
        with open(ballast, "wb") as file:
            for _ in range((shutil.disk_usage(self.path).free - but) // 4096):
                file.write(bytes(4096))
        yield
        ballast.unlink()


@contextlib.contextmanager
def small_disk(path: Path, size: str) -> Iterator[Disk]:
    """An empty disk of `size` ("64m") at a folder; without the right to mount, it cannot be filled."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield Disk(path, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", str(path)], check=True)
