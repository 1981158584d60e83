"""The package of an .xlsx: which parts are its sheets, as its relationships say, and what they claim of themselves.

XML is read by expat, which here meets no entities: a part with a document type is refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.parsers import expat

from loaders.read.archives import ZIP_ERRORS, members_of, open_archive, open_member
from loaders.read.tables import (
    DAMAGED,
    MOST_COLUMNS,
    MOST_ROWS,
    READABLE,
    SPARSE,
    UnusableError,
    is_sparse,
    preview_text,
)

_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_OUTSIDE = "所在的位置在文件之外或不存在，没有读取：请用 WPS 打开检查后另存"
_SAME = "内部有几张工作表用的是同一份内容（可能是特意构造的），没有打开：请用 WPS 打开检查后另存"
_STRANGE = "有一个位置写成“{}”，表格里没有这样的位置，没有读取：请用 WPS 打开检查后另存"
_CLAIM = "内部声称有 {} 项内容，与大小不符，没有读取：请用 WPS 打开检查后另存"
DOCTYPE = b"<!DOCTYPE"
ENTITIES = "内部带有实体声明（可能是特意构造的），没有打开：请用 WPS 打开检查后另存"

#: what is called for each element: its name without namespace, and its attributes
OnElement = Callable[[str, dict[str, str]], None]


class _EnoughError(Exception):
    """No further element is of interest."""


@dataclass(slots=True)
class Package:
    """An open .xlsx: its members by path in lower case, and its sheets as (name, path).

    `uncomputed`: it was written by a program that leaves computing to the one that opens the file. `faults` are the
    reasons why sheets must not be read, by name.
    """

    archive: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    sheets: list[tuple[str, str]] = field(default_factory=list)
    styles: str = "xl/styles.xml"
    strings: str = "xl/sharedstrings.xml"
    uncomputed: bool = False
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def expanded(self) -> int:
        """The bytes that all members together expand to."""
        return sum(info.file_size for info in self.members.values())

    def size(self, path: str) -> int:
        """What a member expands to; 0 if there is none."""
        return self.members[path].file_size if path in self.members else 0

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of a member in parts, to its end, which proves its size and checksum; nothing if there is none."""
        if (info := self.members.get(path)) is None:
            return
        try:
            with open_member(self.archive, info) as stream:
                while chunk := stream.read(1 << 20):
                    yield chunk
        except ZIP_ERRORS:
            raise UnusableError(DAMAGED) from None

    def each(self, path: str, seen: OnElement) -> None:
        """Call `seen` for each element of a member. Where the XML breaks off, what came before it counts."""
        parser = expat.ParserCreate(namespace_separator=" ")

        def start(name: str, attributes: dict[str, str]) -> None:
            seen(name.rpartition(" ")[2], attributes)

        parser.StartElementHandler = start
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            for chunk in self.chunks(path):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, _EnoughError):
            return


def open_package(data: bytes) -> Package:
    """The package in these bytes. Raises UnusableError if they are none, or one of unbearable size."""
    archive = open_archive(data)
    members: dict[str, zipfile.ZipInfo] = {}
    for info in members_of(archive):
        # some programs write paths with backslashes, or in capitals
        path = info.filename.replace("\\", "/").casefold().lstrip("/")
        if path in members:
            raise UnusableError(f"内部有两份“{preview_text(path)}”，分不清以哪份为准：请用 WPS 打开检查后另存")
        members[path] = info
    if "xl/workbook.bin" in members:
        raise UnusableError(f"内容是 .xlsb 工作簿：{READABLE}")
    if not any(name.startswith("xl/") for name in members):
        kind = "Word 文档" if "word/document.xml" in members else "不是 Excel 工作簿的压缩文件"
        raise UnusableError(f"内容{kind if kind[0] == '不' else '是' + kind}，与后缀不符：{READABLE}")
    package = Package(archive, members)
    _follow(package)
    return package


def examine(package: Package) -> None:
    """Read every sheet whole, and add to the faults those whose cells lie where a library cannot bear them.

    Raises UnusableError where shared parts claim more than they can have. It takes as long as reading itself, so it is
    for files that a reader failed at, and for systems that cannot limit a reader.
    """
    for path in (package.strings, package.styles):
        package.each(path, lambda _, attributes: _check_claim(attributes, package.expanded))
    for name, path in package.sheets:
        try:
            _examine_sheet(package, path)
        except UnusableError as error:
            package.faults.setdefault(name, str(error))


def _examine_sheet(package: Package, path: str) -> None:
    size = package.size(path)
    row = column = rows = columns = 0

    def seen(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, rows, columns
        if name == "row":
            row, column = _number(attributes["r"]) if "r" in attributes else row + 1, 0
        elif name == "c":
            if "r" in attributes:
                row, column = _place(attributes["r"])
            else:
                column += 1
            if row > rows or column > columns:
                rows, columns = max(rows, row), max(columns, column)
                if rows > MOST_ROWS or columns > MOST_COLUMNS or is_sparse(rows, columns, size):
                    raise UnusableError(SPARSE.format(rows, columns))
        elif "count" in attributes:
            _check_claim(attributes, package.expanded)

    package.each(path, seen)


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[0-9]{1,7}\s*", text):
        raise UnusableError(_STRANGE.format(preview_text(text, 20)))
    return int(text)


def _place(text: str) -> tuple[int, int]:
    """Row and column of a cell, from 1. Raises UnusableError if no sheet has that cell."""
    place = _PLACE.fullmatch(text.strip())
    if not place or place[2].strip("0") == "":
        raise UnusableError(_STRANGE.format(preview_text(text, 20)))
    return int(place[2]), column_number(place[1].upper().encode())


def column_number(letters: bytes) -> int:
    """The number of a column by its letters: A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_claim(attributes: Mapping[str, str], size: int) -> None:
    """Raise UnusableError if an element says that it has more items than there are bytes."""
    for key in ("count", "uniqueCount"):
        claim = attributes.get(key, "0").strip()
        if claim.isdecimal() and (len(claim) > 12 or int(claim) > max(size, 1000)):
            raise UnusableError(_CLAIM.format(preview_text(claim, 20)))


# Relationships -------------------------------------------------------------------------------------------


def _follow(package: Package) -> None:
    """Find the sheets, styles and shared strings from the root on, as the package's relationships name them."""
    book = (
        next((path for kind, path, _ in _relations(package, "") if kind == "officeDocument"), "") or "xl/workbook.xml"
    )
    by_id: dict[str, tuple[str, str]] = {}
    for kind, path, identity in _relations(package, book):
        by_id[identity] = kind, path
        if kind == "styles":
            package.styles = path
        elif kind == "sharedStrings":
            package.strings = path

    def seen(name: str, attributes: dict[str, str]) -> None:
        if name == "calcPr":
            package.uncomputed = attributes.get("fullCalcOnLoad") in ("1", "true")
        elif name == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            title = attributes.get("name", "")
            kind, path = by_id.get(identity, ("worksheet", ""))
            if kind == "worksheet":
                package.sheets.append((title, path))
                if by_id and path not in package.members:
                    package.faults[title] = _OUTSIDE

    def first(_: str, attributes: dict[str, str]) -> None:
        _check_claim(attributes, package.expanded)
        raise _EnoughError

    package.each(book, seen)
    paths = [path for _, path in package.sheets if path in package.members]
    if len(paths) > len({*paths}):
        raise UnusableError(_SAME)
    package.each(package.strings, first)


def _relations(package: Package, part: str) -> Iterator[tuple[str, str, str]]:
    """Kind, path and id of each relationship of a part; the path is '' where it leads outside."""
    folder, name = posixpath.split(part)
    found: list[tuple[str, str, str]] = []

    def seen(element: str, attributes: dict[str, str]) -> None:
        if element != "Relationship":
            return
        target = unquote(attributes.get("Target", "")).replace("\\", "/")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        path = posixpath.normpath(path).casefold()
        outside = attributes.get("TargetMode") == "External" or path.startswith("../")
        kind = attributes.get("Type", "").rpartition("/")[2]
        found.append((kind, "" if outside else path, attributes.get("Id", "")))

    package.each(posixpath.join(folder, "_rels", f"{name}.rels").casefold(), seen)
    yield from found


def _refuse_doctype(*_: object) -> None:
    raise UnusableError(ENTITIES)
