"""Cells that hold a day or a month, whatever Excel made of what was typed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from etl.model import Cell

_EPOCH = date(1899, 12, 30)
_SERIALS = range(40_000, 60_000)  # 2009 to 2064: a day whose cell lost its date format
_BESIDE_CODE = re.compile(r'\[[^\]]*\]|"[^"]*"|\\|;.*$')


def date_code(number_format: str) -> str:
    """The bare date code of a number format: `[$-42A]d\\-mmm;@` → `d-mmm`."""
    return _BESIDE_CODE.sub("", number_format).strip().lower()


def day_of(cell: Cell | None) -> date | None:
    """The day in a date cell, or in a number that can only be the serial number of one."""
    value = cell.value if cell is not None else None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{5}", value.strip()):
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in _SERIALS:
        return _EPOCH + timedelta(days=int(value))
    return None


def month_of(cell: Cell | None) -> tuple[int, int] | None:
    """(month, year) where a date cell was typed as a month; None where it is a day.

    `3/2026` becomes 1 March with a format without day; in a cell formatted `dd/yyyy` it became 3 January.
    """
    value = cell.value if cell is not None else None
    if cell is None or not isinstance(value, date):
        return None
    code = date_code(cell.number_format)
    if "d" in code and "m" not in code and "y" in code and value.month == 1:
        return (value.day, value.year) if value.day <= 12 else None
    if value.day == 1 and "m" in code and "d" not in code:
        return value.month, value.year
    return None
