"""The cells of workbooks: records below titles, columns by any of their headers, numbers, days, yes and no."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd

_SERIAL_ZERO = dt.date(1899, 12, 30)


def table(folder: Path, stem: str, sheet: str = "") -> pd.DataFrame:
    """The records of a sheet below title, note and header, without the line of totals; empty if the sheet does not exist.

    A column below another is named `parent/child`.
    """
    book, text = folder / f"{stem}.xlsx", folder / f"{stem}.csv"
    if book.exists():
        with pd.ExcelFile(book, engine="calamine") as sheets:
            if (sheet or stem) not in sheets.sheet_names:
                return pd.DataFrame()
            cells = pd.read_excel(sheets, sheet_name=sheet or stem, header=None, skiprows=2, dtype=object)
    elif text.exists():
        cells = _text(text)
    else:
        return pd.DataFrame()
    # the first column spans all lines of a header, so it is empty in the further ones
    depth = 1 + next((i for i, first in enumerate(cells.iloc[1:, 0].notna()) if first), 0)
    records = cells.iloc[depth:].set_axis(_names(cells.iloc[:depth]), axis=1)
    return records[records.iloc[:, 0] != "合计"].reset_index(drop=True)


def _text(path: Path) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return pd.read_csv(path, header=None, skiprows=2, dtype=object, encoding=encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(path)


def _names(header: pd.DataFrame) -> list[str]:
    above: list[list[Any]] = header.ffill(axis=1).to_numpy().tolist()
    names = []
    for column, cells in enumerate(header.to_numpy().T.tolist()):
        last = max((row for row, cell in enumerate(cells) if pd.notna(cell)), default=0)
        names.append(f"{above[last - 1][column]}/{cells[last]}" if last else str(cells[0]))
    return names


def pick(records: pd.DataFrame, **headers: str) -> pd.DataFrame:
    """The columns by new name, each by the first of its headers (`a|b`, whole or below a parent) that the records have."""
    by_header: dict[str, str] = {}
    for name in records.columns:
        by_header.setdefault(name, name)
        by_header.setdefault(name.rpartition("/")[2], name)
    own = {new: next((by_header[h] for h in one.split("|") if h in by_header), None) for new, one in headers.items()}
    picked = {new: records[old] if old else pd.Series(None, records.index, object) for new, old in own.items()}
    return pd.DataFrame(picked, index=records.index)


def numbers(column: pd.Series[Any]) -> pd.Series[float]:
    """Counts, also in full-width digits or with 人."""
    plain = column.map(lambda cell: unicodedata.normalize("NFKC", str(cell)).removesuffix("人"), na_action="ignore")
    counts: pd.Series[float] = pd.to_numeric(plain, errors="coerce")
    # a negative count is a mistake and states nothing
    return counts.where(counts >= 0)


def yes(column: pd.Series[Any]) -> pd.Series[bool]:
    """Whether the cell says 是."""
    return column == "是"


def days(column: pd.Series[Any]) -> pd.Series[Any]:
    """Comparable days; a blank is neither before nor after any."""
    return pd.to_datetime(column.map(day, na_action="ignore"))


def day(value: Any) -> dt.date | None:
    """A date in any of the spellings of ledgers; None if it is none."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, int | float):
        return _SERIAL_ZERO + dt.timedelta(int(value))
    digits = str(value).replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    try:
        if digits.isdigit() and len(digits) == 5:
            return _SERIAL_ZERO + dt.timedelta(int(digits))
        if digits.isdigit():
            return dt.datetime.strptime(digits, "%Y%m%d").date()
        year, month, day = map(int, digits.split("-"))
        return dt.date(year, month, day)
    except ValueError:
        return None
