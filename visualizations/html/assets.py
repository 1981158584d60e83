"""The style sheets and scripts of pages: our own, and those of Bootstrap and vis-network from their packages."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

#: the folder of their addresses; an address changes with the content, so that browsers may cache it for good
FOLDER = "/static/"
#: package and path by name
_SOURCES = {
    "bootstrap.css": ("bootstrap", "static/bootstrap/css/bootstrap.min.css"),
    "vis-network.js": ("pyvis", "templates/lib/vis-9.1.2/vis-network.min.js"),
    "style.css": ("visualizations", "static/style.css"),
    "pages.js": ("visualizations", "static/pages.js"),
    "network.js": ("visualizations", "static/network.js"),
}
_MEDIA = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its address, its bytes, the same bytes gzipped, and its media type."""

    address: str
    data: bytes
    packed: bytes
    media_type: str

    @property
    def text(self) -> str:
        """The content as text."""
        return self.data.decode("utf-8")


@lru_cache(maxsize=len(_SOURCES))
def asset(name: str) -> Asset:
    """The asset of a name; KeyError for an unknown name."""
    package, path = _SOURCES[name]
    data = (resources.files(package) / path).read_bytes()
    stem, _, suffix = name.rpartition(".")
    address = f"{FOLDER}{stem}.{hashlib.blake2b(data, digest_size=6).hexdigest()}.{suffix}"
    return Asset(address, data, gzip.compress(data, 9, mtime=0), _MEDIA[suffix])


def served() -> dict[str, Asset]:
    """Every asset by its address."""
    return {a.address: a for a in map(asset, _SOURCES)}
