"""Mapping files: the meanings of columns whose headers do not say them or are recognized wrongly."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from graph.errors import InputError
from graph.ontology.declaration import Declaration, Shape, shortened
from graph.personal import clean
from graph.plain_files import kind_of, read_text, shown_path, trouble
from loaders.recognize.ledgers import ledgers

#: the meaning of a column that is not to be stored
IGNORED = "不保存"

#: the last line that a sheet can have
LAST_LINE = 1_048_576
#: most characters of a pattern for names of files or sheets: to match one takes the square of its length
LONGEST_PATTERN = 255
_SHAPE: dict[str, Shape] = {
    "file": "any",
    "sheet": "any",
    "ledger": "any",
    "header": "any",
    "header_rows": "any",
    "columns": {"*": "any"},
}
#: a heading in `seen` may be blank
_KEYS = {*_SHAPE, "seen"}
_EXAMPLE = "- {ledger: 非公企业台账, header: 3, columns: {学校名称: 单位名称}}"


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """The meanings of the columns of sheets whose file and sheet names fit these patterns.

    The texts are clean, as those of tables are. `header` is the line (from 1) of the header. A mapping with `seen` is for the sheets with exactly these headings,
    on any line.
    """

    ledger: str
    file: str = "*"
    sheet: str = "*"
    header: int = 0
    header_rows: int = 1
    seen: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> tuple[SheetMapping, ...]:
    """The mappings of a YAML file. Raises InputError that names a wrong entry and what to write."""
    declaration = Declaration(f"对应表 {shown_path(path)}", read_text(path, "对应表"), InputError)
    data = declaration.data
    entries = {f"/{i}": entry for i, entry in enumerate(data)} if isinstance(data, list) else {"": data}
    mappings = []
    for number, (at, entry) in enumerate(entries.items(), 1):
        where = f"{declaration.source} 第 {declaration.lines.get(at, 1)} 行起的第 {number} 项"
        if not isinstance(entry, dict):
            raise InputError(f"{where}不是“键: 值”。请按 {_EXAMPLE} 的形式书写。")
        declaration.check(entry, _SHAPE, at)
        mappings.append(_entry(where, entry))
    return tuple(mappings)


def saved(path: Path) -> tuple[SheetMapping, ...]:
    """The mappings that people chose before; () if the file does not exist."""
    return () if not trouble(path, "对应表") and kind_of(path) == "absent" else read(path)


def save(path: Path, chosen: SheetMapping) -> None:
    """Save a person's choice in place of one for the same headings. Raises InputError if the file cannot be written."""
    others = [one for one in saved(path) if set(one.seen) != set(chosen.seen)]
    text = yaml.safe_dump([*map(_written, (*others, chosen))], allow_unicode=True, sort_keys=False, width=120)
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(f"# 在网页上选定的表头含义；导入和 inspect 都会用到\n{text}", encoding="utf-8")
        os.replace(new, path)
    except OSError as error:
        raise InputError(f"对应表 {path} 写不进去（{error.strerror}）。请检查权限和磁盘空间。") from error


def _written(one: SheetMapping) -> dict[str, Any]:
    stated = {"file": one.file, "sheet": one.sheet, "header": one.header, "header_rows": one.header_rows}
    default = SheetMapping("")
    entry: dict[str, Any] = {"ledger": ledgers()[one.ledger].label}
    entry |= {key: value for key, value in stated.items() if value != getattr(default, key)}
    return entry | {"seen": [*one.seen], "columns": {**one.columns}}


def _entry(where: str, entry: dict[str, Any]) -> SheetMapping:
    for key in entry:
        if key not in _KEYS:
            raise InputError(f"{where}有不认识的“{shortened(key)}”。可用：{'、'.join(sorted(_KEYS))}。")
    declared = ledgers()
    names = {**{name: name for name in declared}, **{declared[n].label: n for n in declared}}
    ledger = names.get(str(entry.get("ledger", "")))
    if ledger is None:
        raise InputError(
            f"{where}的 ledger“{shortened(entry.get('ledger', ''))}”不是台账。可用：{'、'.join(declared[n].label for n in declared)}。"
        )
    columns = entry.get("columns") or {}
    words = {IGNORED} | {w for f in declared[ledger].fields.values() for w in (f.name, f.property.label, *f.headers)}
    for header, name in columns.items():
        if str(name) not in words:
            raise InputError(
                f"{where}：“{declared[ledger].label}”没有“{shortened(name)}”（列“{shortened(header)}”）。请用 liangxin inspect 查看可用的名称。"
            )
    for key in ("header", "header_rows"):
        if key in entry and (type(entry[key]) is not int or not 1 <= entry[key] <= LAST_LINE):
            raise InputError(f"{where}的 {key} 应为从 1 起的行号，最大 {LAST_LINE:,}。")
    for key in ("file", "sheet"):
        if len(str(entry.get(key, ""))) > LONGEST_PATTERN:
            raise InputError(f"{where}的 {key} 太长。名称请不超过 {LONGEST_PATTERN} 个字符，可用 * 代替其中一段。")
    seen: Sequence[Any] = entry.get("seen") or ()
    if not isinstance(seen, list | tuple):
        raise InputError(f"{where}的 seen 应为表头的名单。例如 seen: [学校名称, 在岗人数]。")
    return SheetMapping(
        ledger,
        clean(str(entry.get("file", "*"))),
        clean(str(entry.get("sheet", "*"))),
        entry.get("header", 0),
        entry.get("header_rows", 1),
        tuple(clean(str(heading)) for heading in seen),
        {clean(str(k)): str(v) for k, v in columns.items()},
    )
