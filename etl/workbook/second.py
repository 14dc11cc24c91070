"""calamine: the only reader of xlsb, and the second opinion on all others."""

from __future__ import annotations

import io
import math
import re
from datetime import date, time, timedelta
from typing import Any

import python_calamine

from etl.findings import Finding
from etl.model import Cell, Sheet, column_letters
from etl.workbook.guard import BEYOND, MAX_COLUMN, MAX_ROW, Examined, refuse
from etl.workbook.sheets import EXCEL_ERRORS, SheetBuilder
from etl.workbook.shown import shown_text

MAX_AREA = 4_000_000
MAX_FINDINGS = 20
TOLERANCE = 1e-9
DATE_FORMATS = {"datetime": "dd/mm/yyyy hh:mm", "date": "dd/mm/yyyy", "time": "hh:mm", "timedelta": "[h]:mm"}
BLANKS = re.compile(r"\s+|_x[0-9A-Fa-f]{4}_")


def read_xlsb(examined: Examined) -> list[Sheet]:
    """All worksheets of a binary workbook: values only. Raises Refused."""
    book = _open(examined.data)
    sheets = []
    for meta in book.sheets_metadata:
        if meta.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.end is not None and (sheet.end[0] >= MAX_ROW or sheet.end[1] >= MAX_COLUMN):
            refuse("file.too_large", BEYOND)
        builder = SheetBuilder(meta.name, meta.visible is not python_calamine.SheetVisibleEnum.Visible)
        for row, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
            for column, value in enumerate(values, 1):
                number_format = DATE_FORMATS.get(type(value).__name__, "General")
                builder.add(row, column, _whole(value), number_format, error=value in EXCEL_ERRORS)
        sheets.append(builder.finish())
    return sheets


def disagreements(examined: Examined, sheets: list[Sheet]) -> list[Finding]:
    """Cells of visible sheets for which calamine has other numbers or other text than the reader before it.

    Only what both could hold is compared: no dates, errors, formulas without result, comments. If calamine cannot
    read the file at all there is no second opinion.
    """
    if sum(_area(sheet) for sheet in sheets) > MAX_AREA:
        return []
    try:
        book = _open(examined.data)
        names = set(book.sheet_names)
    except Exception:
        return []
    findings: list[Finding] = []
    for sheet in sheets:
        if not sheet.hidden and sheet.name in names:
            findings += _compare(book, sheet, covered=examined.kind == "ods")
    return findings[:MAX_FINDINGS]


def _open(data: bytes) -> Any:
    try:
        return python_calamine.load_workbook(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        refuse("file.password", "", cause=error)


def _compare(book: Any, sheet: Sheet, covered: bool) -> list[Finding]:
    try:
        rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
    except Exception:
        return []
    others = {
        (row, column): value
        for row, values in enumerate(rows, 1)
        for column, value in enumerate(values, 1)
        if value != ""
    }
    findings = []
    for place in sorted(sheet.cells.keys() | others.keys()):
        mine, other = sheet.cells.get(place), others.get(place)
        if not _agree(mine, other) and not (covered and _in_merge(sheet, place)):
            address = f"{column_letters(place[1])}{place[0]}"
            shown = [_shown(value)[:120] for value in (mine.value if mine else None, other)]
            findings.append(Finding("file.readers_disagree", sheet.name, address, *shown))
    return findings


def _agree(mine: Cell | None, other: Any) -> bool:
    if mine is not None and (mine.error or (mine.formula and mine.value in (None, ""))):
        return True
    value = None if mine is None else mine.value
    if isinstance(value, (date, time, bool)) or isinstance(other, (date, time, timedelta, bool)):
        return True
    if isinstance(other, str) and other in EXCEL_ERRORS:
        return True
    if isinstance(value, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(value, other, rel_tol=TOLERANCE, abs_tol=1e-12)
    return _bare(value) == _bare(other) or _same_number(value, other)


def _shown(value: Any) -> str:
    return shown_text(Cell(1, 1, value)) or "trống"


def _bare(value: Any) -> str:
    return "" if value is None else BLANKS.sub("", str(value))


def _same_number(value: Any, other: Any) -> bool:
    """A number that one reader gives as text."""
    try:
        return math.isclose(float(value), float(other), rel_tol=TOLERANCE)
    except (TypeError, ValueError, OverflowError):
        return False


def _in_merge(sheet: Sheet, place: tuple[int, int]) -> bool:
    row, column = place
    return any(
        top <= row <= bottom and left <= column <= right and (top, left) != place
        for top, left, bottom, right in sheet.merges
    )


def _area(sheet: Sheet) -> int:
    return max((row for row, _ in sheet.cells), default=0) * max((column for _, column in sheet.cells), default=0)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 10**15 else value
