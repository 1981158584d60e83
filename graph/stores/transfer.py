"""Copies a whole store as portions of Arrow tables: to a folder of Parquet, back, or into another store."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graph.errors import InputError
from graph.ontology import ARROW, Ontology
from graph.ontology import load as load_ontology
from graph.personal import MASK, clean, cleaned, is_personal_number
from graph.plain_files import read_text
from graph.stores import growth
from graph.stores.base import Reader, Store, Writer
from graph.stores.cypher import edge_columns, node_columns, schema_digest

#: rows of one portion, or a few more where one node has many edges: bounds the memory that moving takes
PORTION = 50_000
MANIFEST = "manifest.json"
FORMAT = 1
#: written last: the number of the last Change is the revision, and what has none is not complete
_LAST = "Change"
#: ends of a portion's edges, told beside each row where they are kept in a file
_ENDS = ("from_type", "to_type")
#: columns that tie rows to one another; the product mints what stands in them
_IDS = frozenset({"id", "key", "from", "to"})
#: columns of an export's edges that are none of their properties
_BESIDE = ("from", "to", *_ENDS)


@dataclass(frozen=True, slots=True)
class Portion:
    """Some nodes of a type, or some edges of a type between two types of node (`ends`)."""

    kind: str
    rows: pa.Table
    ends: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file of an export."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds: `schema` is that of the ontology's tables, `revision` that of the store."""

    format: int
    product: str
    schema: str
    revision: int
    files: tuple[File, ...]

    @property
    def digest(self) -> str:
        """Tells one export from another."""
        return hashlib.sha256("\n".join(f.sha256 for f in self.files).encode()).hexdigest()[:12]


# -- reading a store ------------------------------------------------------------------------------------


def portions(reader: Reader, ontology: Ontology) -> Iterator[Portion]:
    """Everything a store holds, nodes before edges, each portion in the order of its ids."""
    for node in ontology.nodes.values():
        columns = node_columns(node)
        picked = ", ".join(f"n.`{c}` AS `{c}`" for c in columns)
        for where, bounds in _windows(reader, f"(n:`{node.name}`)"):
            rows = reader.query(f"MATCH (n:`{node.name}`){where} RETURN {picked}", bounds)
            yield Portion(node.name, _sorted(_typed(rows, columns), "id"))
    for edge in ontology.edges.values():
        columns = {"from": "string", "to": "string"} | edge_columns(edge)
        picked = ", ".join(f"e.`{c}` AS `{c}`" for c in edge_columns(edge))
        for a, b in edge.ends:
            pattern = f"(n:`{a}`)-[e:`{edge.name}`]->(m:`{b}`)"
            for where, bounds in _windows(reader, pattern):
                rows = reader.query(f"MATCH {pattern}{where} RETURN n.id AS `from`, m.id AS `to`, {picked}", bounds)
                yield Portion(edge.name, _sorted(_typed(rows, columns), "key"), (a, b))


def clean_portions(reader: Reader, ontology: Ontology) -> Iterator[Portion]:
    """Everything a store holds, without numbers of persons, which a store of an older version may have."""
    for portion in portions(reader, ontology):
        columns = {c: portion.rows[c] for c in portion.rows.column_names}
        yield replace(portion, rows=pa.table({c: v if c in _IDS else _clean(v) for c, v in columns.items()}))


def _windows(reader: Reader, pattern: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ranges of the ids of `n` that part a pattern into portions: a WHERE and its parameters."""
    whole = reader.query(f"MATCH {pattern} RETURN count(*) AS times")["times"][0].as_py()
    if whole <= PORTION:
        if whole:
            yield "", {}
        return
    counts = _sorted(reader.query(f"MATCH {pattern} RETURN n.id AS id, count(*) AS times"), "id")
    number = (np.cumsum(counts["times"].to_numpy()) - 1) // PORTION
    bounds = ["", *counts["id"].take(np.flatnonzero(np.diff(number))).to_pylist(), "\U0010ffff"]
    for low, high in pairwise(bounds):
        yield " WHERE n.id > $low AND n.id <= $high", {"low": low, "high": high}


def _typed(rows: pa.Table, columns: Mapping[str, str]) -> pa.Table:
    """Columns in the order and of the types that the ontology declares: a store may not know those of a blank one."""
    return pa.table({c: rows[c].cast(ARROW[t]) for c, t in columns.items()})


def _clean(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values without numbers of persons."""
    listed = pa.types.is_list(values.type)
    if not listed and not pa.types.is_string(values.type):
        return values
    distinct = pc.unique(pc.list_flatten(values) if listed else values).drop_null().to_pylist()
    changed = {text: _as_json_or_text(text, one) for text, one in cleaned(distinct).items()}
    if not changed:
        return values
    instead = [
        [changed.get(one, one) for one in value] if isinstance(value, list) else changed.get(value, value)
        for value in values.to_pylist()
    ]
    return pa.chunked_array([pa.array(instead, values.type)])


def _as_json_or_text(text: str, masked: str) -> str:
    """A clean text; of JSON, in which a number may not be masked as it stands, every value clean."""
    try:
        whole = json.loads(text) if text[:1] in ("{", "[") else None
    except ValueError:
        whole = None
    return masked if whole is None else json.dumps(_clean_value(whole), ensure_ascii=False)


def _clean_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean_value(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean_value(one) for one in value]
    if isinstance(value, str):
        return clean(value)
    return MASK if isinstance(value, int | float) and is_personal_number(value) else value


def _sorted(rows: pa.Table, column: str) -> pa.Table:
    return rows.take(pc.sort_indices(rows[column])).combine_chunks()


# -- writing one ----------------------------------------------------------------------------------------


def write(writer: Writer, every: Iterable[Portion]) -> None:
    """Write portions into an empty store."""
    last: list[Portion] = []
    for portion in every:
        if portion.ends is not None:
            writer.link(portion.kind, *portion.ends, portion.rows)
        elif portion.kind == _LAST:
            last.append(portion)
        else:
            writer.upsert(portion.kind, portion.rows)
    for portion in last:
        writer.upsert(portion.kind, portion.rows)


@contextlib.contextmanager
def _filling(store: Store, author: str, purpose: str) -> Iterator[Writer]:
    with store.writer(author, purpose) as writer:
        if writer.revision:
            raise InputError(
                f"目标图库已有数据（第 {writer.revision} 版），只能写入空的图库。请另选一个图库位置，或先移走原来的图库。"
            )
        yield writer


def copy(source: Store, target: Store, author: str, named: str) -> int:
    """Everything of one store into another that is empty; the revision. `named` is the source, for messages.

    Raises InputError where the target is not empty or the source is, StoreError where either goes away.
    """
    ontology = load_ontology()
    with source.reader() as reader:
        if not reader.revision:
            raise InputError(f"图库 {named} 是空的，没有可以复制的内容。")
        with _filling(target, author, f"复制图库 {named} 第 {reader.revision} 版") as writer:
            write(writer, clean_portions(reader, ontology))
        return reader.revision


# -- a folder of Parquet --------------------------------------------------------------------------------


def export(store: Store, folder: Path, product: str) -> Manifest:
    """Everything a store holds as Parquet, one file a type, with a manifest; the folder appears as a whole.

    Raises InputError where the folder is there and not empty, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} 已存在且不是空文件夹。请换一个文件夹，或先移走其中的文件。")
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        try:
            with store.reader() as reader:
                manifest = _export(reader, part, product)
            if folder.exists():
                folder.rmdir()
            os.replace(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise InputError(f"文件夹 {folder} 不能写入（{error.strerror}）。请检查权限和磁盘空间。") from error
    return manifest


def _export(reader: Reader, folder: Path, product: str) -> Manifest:
    ontology = load_ontology()
    rows: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for portion in clean_portions(reader, ontology):
            table = portion.rows
            for name, end in zip(_ENDS, portion.ends or (), strict=False):
                table = table.append_column(name, pa.array([end] * table.num_rows, pa.string()))
            if portion.kind not in writers:
                path = folder / f"{portion.kind}.parquet"
                opened = pq.ParquetWriter(path, table.schema, compression="zstd")
                writers[portion.kind] = stack.enter_context(opened)
            # a row group is one portion: its edges have the same types at their ends
            writers[portion.kind].write_table(table, row_group_size=max(table.num_rows, 1))
            rows[portion.kind] = rows.get(portion.kind, 0) + table.num_rows
        revision = reader.revision
    files = []
    for kind, count in rows.items():
        path = folder / f"{kind}.parquet"
        with open(path, "rb") as file:
            os.fsync(file.fileno())
        files.append(File(path.name, count, _sha256(path)))
    manifest = Manifest(FORMAT, product, schema_digest(ontology), revision, tuple(files))
    with open(folder / MANIFEST, "w", encoding="utf-8") as out:
        json.dump(asdict(manifest), out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    return manifest


def check(folder: Path) -> Manifest:
    """What an export holds, once every file was compared with its manifest.

    Raises InputError naming the file that is missing, altered, cut short or not of the export.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder} 中没有 {MANIFEST}，不是导出的文件夹或没有拷贝完整。请重新导出或拷贝。")
    try:
        content = json.loads(read_text(path, "清单"))
        files = tuple(File(str(f["name"]), int(f["rows"]), str(f["sha256"])) for f in content["files"])
        manifest = Manifest(
            int(content["format"]), str(content["product"]), str(content["schema"]), int(content["revision"]), files
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(f"{path} 不能读取或已损坏。请重新导出或拷贝。") from error
    if manifest.format != FORMAT:
        raise InputError(
            f"{folder} 由另一版本（{manifest.product}）导出，格式与本程序不同。请用那个版本导入，或用原来的台账重新载入。"
        )
    listed = {f.name for f in manifest.files}
    for name in sorted({p.name for p in folder.iterdir()} - listed - {MANIFEST}):
        raise InputError(f"{folder / name} 不在清单中。请移走该文件，或重新导出。")
    for file in manifest.files:
        at = folder / file.name
        if file.name != f"{Path(file.name).stem}.parquet" or not at.is_file():
            raise InputError(f"缺少清单中的文件 {at}。请重新拷贝整个文件夹。")
        if _sha256(at) != file.sha256:
            raise InputError(f"{at} 与清单不符，已被改动或没有拷贝完整。请重新拷贝整个文件夹。")
    try:
        tables = _tables(folder, manifest.files)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{folder} 中的文件不是 Parquet，或已损坏。请重新导出或拷贝。") from error
    if wrong := growth.conflicts(tables, load_ontology()):
        raise InputError(
            f"{folder} 由另一版本（{manifest.product}）导出，其中 {'、'.join(wrong)} 与本程序不符。"
            "请用那个版本导入，或用原来的台账重新载入。"
        )
    return manifest


def _tables(folder: Path, files: Sequence[File]) -> dict[str, dict[str, str]]:
    """The tables of an export; see growth.Tables."""
    tables = {}
    for file in files:
        path = folder / file.name
        schema = pq.read_schema(path)
        items = {c.name: growth.kind_of(c.type) for c in schema if c.name not in _BESIDE}
        if set(_ENDS) <= set(schema.names):
            pairs = pq.read_table(path, columns=list(_ENDS)).group_by(list(_ENDS)).aggregate([])
            items |= {growth.pair(*row.values()): growth.ENDS for row in pairs.to_pylist()}
        tables[path.stem] = items
    return tables


def restore(folder: Path, store: Store, author: str) -> Manifest:
    """An export into an empty store. Raises InputError where the folder or the store is not fit for it."""
    manifest = check(folder)
    with _filling(store, author, f"导入 {folder.name}（{manifest.digest}）") as writer:
        write(writer, _read_portions(folder, manifest.files))
    return manifest


def _read_portions(folder: Path, files: Sequence[File]) -> Iterator[Portion]:
    """The portions of an export, nodes before edges."""
    ontology = load_ontology()
    for kind in (*ontology.nodes, *ontology.edges):
        if not any(f.name == f"{kind}.parquet" for f in files):
            continue
        with pq.ParquetFile(folder / f"{kind}.parquet") as file:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group)
                if kind in ontology.nodes:
                    yield Portion(kind, rows)
                else:
                    ends = (rows[_ENDS[0]][0].as_py(), rows[_ENDS[1]][0].as_py())
                    yield Portion(kind, rows.drop_columns(list(_ENDS)), ends)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
