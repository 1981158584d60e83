"""The number formats of cells in an .xlsx that show a number smaller than it is, or with a unit.

python-calamine gives numbers without their formats. Nearly every workbook has no such format, and of the others only
the sheets are searched.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from xml.etree import ElementTree

from loaders.cleaning.formats import tells
from loaders.read.archives import ZIP_ERRORS
from loaders.read.tables import Skipped, Table, shown_name

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_STYLE = re.compile(rb"""\bs=["'](\d+)["']""")


def with_formats(tables: Iterable[Table | Skipped], data: bytes) -> Iterator[Table | Skipped]:
    """The tables of a workbook, each with the telling formats of its cells."""
    formats: Mapping[str, dict[tuple[int, int], str]] | None = None
    for table in tables:
        if isinstance(table, Table):
            if formats is None:
                formats = _formats(data) if data.startswith(b"PK") else {}
            if table.sheet in formats:
                table = replace(table, formats=formats[table.sheet])
        yield table


def _formats(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """The telling formats by the shown name of the sheet, then by row and column; {} for a workbook without any."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename.replace("\\", "/").casefold(): info for info in archive.infolist()}
            styles = _styles(archive, members)
            if not styles:
                return {}
            return {
                name: places
                for name, path in _sheets(archive, members)
                if path in members and (places := _places(archive.read(members[path]), styles))
            }
    except (*ZIP_ERRORS, ElementTree.ParseError, NotImplementedError, RuntimeError):
        return {}


def _root(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(members[name])) if name in members else ElementTree.Element("none")


def _styles(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> dict[bytes, str]:
    """The telling formats by the number of the style, as cells name it."""
    root = _root(archive, members, "xl/styles.xml")
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in root.iterfind("./{*}numFmts/{*}numFmt")}
    telling = {number: code for number, code in codes.items() if tells(code)}
    if not telling:
        return {}
    styles = root.iterfind("./{*}cellXfs/{*}xf")
    used = ((index, telling.get(style.get("numFmtId"))) for index, style in enumerate(styles))
    return {str(index).encode(): code for index, code in used if code}


def _sheets(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
    """The shown name of each sheet, and the path of its member."""
    targets = {one.get("Id"): one.get("Target", "") for one in _root(archive, members, "xl/_rels/workbook.xml.rels")}
    for sheet in _root(archive, members, "xl/workbook.xml").iterfind("./{*}sheets/{*}sheet"):
        identity = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        target = targets.get(identity, "").replace("\\", "/")
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").casefold()
        yield shown_name(sheet.get("name", "")), path


def _places(xml: bytes, styles: Mapping[bytes, str]) -> dict[tuple[int, int], str]:
    places: dict[tuple[int, int], str] = {}
    for cell in _CELL.finditer(xml):
        style, place = _STYLE.search(cell[1]), _PLACE.search(cell[1])
        if style and place and (code := styles.get(style[1])):
            column = 0
            for letter in place[1]:
                column = column * 26 + letter - 64
            places[int(place[2]) - 1, column - 1] = code
    return places
