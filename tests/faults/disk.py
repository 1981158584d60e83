"""A disk that can be full: a small one of its own; where none may be mounted, a limit on what is written."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Disk:
    """A folder that can run out of room."""

    path: Path
    mounted: bool

    @contextlib.contextmanager
    def full(self, *, but: int = 0, for_process: int = 0) -> Iterator[list[str]]:
        """Only `but` bytes can still be written to it, for the time of the block.

        Where nothing is mounted, no file can grow by more, for a process that is named, and for a command that
        has the words in front of it that are yielded.
        """
        if self.mounted:
            ballast = self.path / "ballast"
            with open(ballast, "wb") as file:
                for _ in range((shutil.disk_usage(self.path).free - but) // 4096):
                    file.write(bytes(4096))
            yield []
            ballast.unlink()
            return
        largest = max((file.stat().st_size for file in self.path.rglob("*") if file.is_file()), default=0)
        limit = ["prlimit", f"--fsize={largest + but}:"]
        if for_process:
            subprocess.run([*limit, "--pid", str(for_process)], check=True)
        yield limit


@contextlib.contextmanager
def small_disk(path: Path, size: str) -> Iterator[Disk]:
    """A disk of so many bytes ("64m") at a folder, empty."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield Disk(path, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=True)
