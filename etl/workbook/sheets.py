"""One sheet in the making: values made plain, limits kept, merges cut to what is filled."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta

from etl.model import Cell, CellValue, Sheet
from etl.workbook.guard import BEYOND, MAX_CELLS, MAX_COLUMN, MAX_MERGES, MAX_ROW, TOO_MANY_CELLS, refuse

MAX_MERGED_AREA = 2_000_000
EXCEL_ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!"})
# Only these decide how a text reads: TCVN3 (.VnTime), VNI-Times and their kin; others are left out of the answer.
LEGACY_FONT = re.compile(r"\.|vn|vps|abc|bk ?hcm", re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Merge = tuple[int, int, int, int]
RawValue = CellValue | timedelta


class SheetBuilder:
    """Takes cells as a parser finds them; `finish` gives the sheet."""

    def __init__(self, name: str, hidden: bool = False) -> None:
        self.name = name
        self.hidden = hidden
        self.hidden_rows: set[int] = set()
        self.merges: list[Merge] = []
        self._cells: dict[tuple[int, int], Cell] = {}

    def add(
        self,
        row: int,
        column: int,
        value: RawValue,
        number_format: str = "General",
        font: str = "",
        *,
        formula: bool = False,
        error: bool = False,
    ) -> None:
        """Take one cell; those without value and formula are left out. Raises Refused beyond the limits."""
        if not formula and (value is None or value == ""):
            return
        if row > MAX_ROW or column > MAX_COLUMN:
            refuse("file.too_large", BEYOND)
        if len(self._cells) >= MAX_CELLS:
            refuse("file.too_large", TOO_MANY_CELLS)
        font = font if LEGACY_FONT.match(font) else ""
        self._cells[(row, column)] = Cell(row, column, plain(value), number_format, font, formula, error)

    def finish(self) -> Sheet:
        last_row = max((row for row, _ in self._cells), default=0)
        last_column = max((column for _, column in self._cells), default=0)
        merges = tuple(_cut(merge, last_row, last_column) for merge in self.merges)
        merges = tuple(merge for merge in merges if merge[2] > merge[0] or merge[3] > merge[1])
        if len(merges) > MAX_MERGES or sum(map(_area, merges)) > MAX_MERGED_AREA:
            refuse("file.unsafe", "ô gộp chồng lên nhau hoặc quá nhiều")
        hidden_rows = frozenset(row for row in self.hidden_rows if row <= last_row)
        return Sheet(self.name, self._cells, merges, self.hidden, hidden_rows)


def plain(value: RawValue) -> CellValue:
    """A value as cells hold it: midnight is a date, a duration is days, what is no finite number is text."""
    if isinstance(value, str):
        return ESCAPED.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
        return value.date() if value.time() == time() else value
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if value is None or isinstance(value, (bool, date, time)):
        return value
    return _number(value)


def _number(value: int | float) -> int | float | str:
    if isinstance(value, int) and abs(value) < 10**15:
        return value
    try:
        number = float(value)
    except OverflowError:
        return str(value)[:100]
    return number if math.isfinite(number) else str(value)


def _cut(merge: Merge, last_row: int, last_column: int) -> Merge:
    return merge[0], merge[1], min(merge[2], max(last_row, merge[0])), min(merge[3], max(last_column, merge[1]))


def _area(merge: Merge) -> int:
    return (merge[2] - merge[0] + 1) * (merge[3] - merge[1] + 1)
