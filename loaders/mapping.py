"""The mapping file: what the columns of a sheet mean where its headers do not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from graph.errors import InputError
from loaders.ledgers import ledgers

_KEYS = {"file", "sheet", "ledger", "header", "header_rows", "columns"}
_EXAMPLE = "- {ledger: 非公企业台账, header: 3, columns: {学校名称: 单位名称}}"


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """For sheets whose file and sheet names fit these patterns. `header` is the line (from 1) of the header."""

    ledger: str
    file: str = "*"
    sheet: str = "*"
    header: int = 0
    header_rows: int = 1
    columns: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> tuple[SheetMapping, ...]:
    """The mappings of a YAML file, a list; InputError names the entry and what to write."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"对应表 {path} 打不开（{error.strerror}）。请检查文件名。") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"对应表 {path} 不是 UTF-8 的 YAML。请按 {_EXAMPLE} 的形式书写。") from error
    entries = data if isinstance(data, list) else [data]
    return tuple(_entry(path, number, entry) for number, entry in enumerate(entries, 1))


def _entry(path: Path, number: int, entry: Any) -> SheetMapping:
    where = f"对应表 {path} 第 {number} 项"
    if not isinstance(entry, dict):
        raise InputError(f"{where}不是“键: 值”。请按 {_EXAMPLE} 的形式书写。")
    for key in entry:
        if key not in _KEYS:
            raise InputError(f"{where}有不认识的“{key}”。可用：{'、'.join(sorted(_KEYS))}。")
    known = ledgers()
    names = {**{name: name for name in known}, **{known[n].label: n for n in known}}
    ledger = names.get(str(entry.get("ledger", "")))
    if ledger is None:
        raise InputError(
            f"{where}的 ledger“{entry.get('ledger', '')}”不是台账。可用：{'、'.join(known[n].label for n in known)}。"
        )
    columns = entry.get("columns") or {}
    if not isinstance(columns, dict):
        raise InputError(f"{where}的 columns 应为“表头: 含义”。例如 columns: {{学校名称: 单位名称}}。")
    words = {w for f in known[ledger].fields.values() for w in (f.name, f.property.label, *f.headers)}
    for header, name in columns.items():
        if str(name) not in words:
            raise InputError(
                f"{where}：“{known[ledger].label}”没有“{name}”（列“{header}”）。请用 liangxin inspect 查看可用的名称。"
            )
    for key in ("header", "header_rows"):
        if key in entry and (not isinstance(entry[key], int) or entry[key] < 1):
            raise InputError(f"{where}的 {key} 应为从 1 起的行号。")
    return SheetMapping(
        ledger,
        str(entry.get("file", "*")),
        str(entry.get("sheet", "*")),
        entry.get("header", 0),
        entry.get("header_rows", 1),
        {str(k): str(v) for k, v in columns.items()},
    )
