"""What pages load and files carry: our own style sheet and scripts, Bootstrap's and vis-network's from their packages."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

#: where they are served; the address changes with the content, so that a browser may keep each for good
FOLDER = "/static/"
#: name on our pages: (package, path in it)
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
    """One file: its address, its bytes, the same gzipped, and its media type."""

    address: str
    data: bytes
    packed: bytes
    media_type: str

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.data.decode("utf-8")


@lru_cache(maxsize=len(_SOURCES))
def asset(name: str) -> Asset:
    """An asset by its name; KeyError where there is none such."""
    package, path = _SOURCES[name]
    data = (resources.files(package) / path).read_bytes()
    stem, _, suffix = name.rpartition(".")
    address = f"{FOLDER}{stem}.{hashlib.blake2b(data, digest_size=6).hexdigest()}.{suffix}"
    return Asset(address, data, gzip.compress(data, 9, mtime=0), _MEDIA[suffix])


def served() -> dict[str, Asset]:
    """Every asset by the address it is served at."""
    return {made.address: made for made in map(asset, _SOURCES)}
