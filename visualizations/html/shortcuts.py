"""The keyboard shortcuts of pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key and its effect. The element that it activates has it as data-key; the script contains no key."""

    key: str
    does: str


#: by their names in templates; the shortcuts of the main pages are part of the navigation
SHORTCUTS: Mapping[str, Shortcut] = {
    "find": Shortcut("/", "到本页的查找框或第一个筛选框"),
    "next": Shortcut("n", "下一页"),
    "previous": Shortcut("p", "上一页"),
    "help": Shortcut("?", "键盘快捷键"),
}
