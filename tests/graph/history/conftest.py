"""The desks of the loaders' tests, which make the revisions that these tests look at."""

from __future__ import annotations

from tests.loaders.conftest import bare_desk, desk, divided_store, empty_store

__all__ = ["bare_desk", "desk", "divided_store", "empty_store"]
