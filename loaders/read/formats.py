"""The number formats of cells in an .xlsx that show a number smaller than it is, or with a unit.

python-calamine gives numbers without their formats. Nearly every workbook has no such format, and of the others only
the sheets are searched. Those of an .xls are among its records (loaders.read.xls).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from loaders.read.package import Package, column_number
from loaders.read.tables import Place

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_STYLE = re.compile(rb"""\bs=["'](\d+)["']""")


def telling_styles(package: Package) -> dict[bytes, str]:
    """The telling formats of a workbook by the number of the style, as cells name it."""
    codes: dict[str, str] = {}
    used: list[str] = []
    inside = ""

    def seen(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name in ("cellStyleXfs", "cellXfs"):
            inside = name
        elif name == "xf" and inside == "cellXfs":
            used.append(attributes.get("numFmtId", ""))

    package.each(package.styles, seen)
    if not codes:
        return {}
    from loaders.cleaning.formats import tells  # a reader that starts faster: few workbooks have formats of their own

    telling = {number: code for number, code in codes.items() if tells(code)}
    return {str(index).encode(): telling[number] for index, number in enumerate(used) if number in telling}


def format_places(xml: bytes, styles: Mapping[bytes, str]) -> dict[Place, str]:
    """The telling formats of the cells in the XML of a sheet."""
    places: dict[Place, str] = {}
    for cell in _CELL.finditer(xml):
        style, place = _STYLE.search(cell[1]), _PLACE.search(cell[1])
        if style and place and (code := styles.get(style[1])):
            places[int(place[2]) - 1, column_number(place[1]) - 1] = code
    return places
