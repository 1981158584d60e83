"""Ids of entities: a type's prefix and a hash of a natural key."""

from __future__ import annotations

import hashlib


def mint(prefix: str, *parts: str) -> str:
    """An id: the type's prefix and a hash of its first natural key. Minted once, never computed again."""
    return prefix + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
