"""An .xlsx of a workbook whose own kind cannot be edited (xls, ods, xlsb, csv, html): values, formats, merges."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

from etl.model import Cell, Sheet, Workbook
from etl.workbook import shown_text

MAX_NAME = 31
MAX_TEXT = 32_767
EARLIEST = 1900
MAX_WIDTH, MIN_WIDTH = 45, 6
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
DATE_FORMATS = {datetime: "dd/mm/yyyy hh:mm", date: "dd/mm/yyyy", time: "hh:mm"}


def named_for_excel(workbook: Workbook) -> tuple[Workbook, dict[str, str]]:
    """The workbook as it will stand in an .xlsx, and the new name of each sheet: 31 letters, none twice.

    Formulas are their results there; a cell without value is left out.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    sheets = []
    for sheet in workbook.sheets:
        name = _free(NOT_IN_NAMES.sub("-", sheet.name).strip("' ") or "Trang", taken)
        taken.add(name.casefold())
        names.setdefault(sheet.name, name)
        cells = {place: replace(cell, formula=False) for place, cell in sheet.cells.items() if cell.value is not None}
        sheets.append(replace(sheet, name=name, cells=cells))
    return replace(workbook, kind="xlsx", sheets=tuple(sheets)), names


def _free(name: str, taken: set[str]) -> str:
    candidate, n = name[:MAX_NAME], 1
    while candidate.casefold() in taken:
        n += 1
        candidate = f"{name[: MAX_NAME - len(str(n)) - 1]}~{n}"
    return candidate


def plain_copy(workbook: Workbook) -> bytes:
    """The bytes of an .xlsx with these sheets. Text stays text, whatever it looks like."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        formats: dict[tuple[str, str, bool], Any] = {}
        for sheet in workbook.sheets:
            _write_sheet(book, sheet, formats)
        visible = [n for n, sheet in enumerate(workbook.sheets) if not sheet.hidden]
        book.worksheets()[visible[0] if visible else 0].activate()
    return target.getvalue()


def _write_sheet(book: Any, sheet: Sheet, formats: dict[tuple[str, str, bool], Any]) -> None:
    page = book.add_worksheet(sheet.name)
    widths: dict[int, int] = {}
    merged = {(top, left) for top, left, _, _ in sheet.merges}
    for top, left, bottom, right in _apart(sheet.merges):
        page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "", _format(book, formats, "General", "", True))
    for place, cell in sorted(sheet.cells.items()):
        _write(page, cell, _format(book, formats, _number_format(cell), cell.font, place in merged))
        if place not in merged:
            longest = max(map(len, shown_text(cell).split("\n")), default=0)
            widths[place[1]] = max(widths.get(place[1], MIN_WIDTH), min(MAX_WIDTH, longest + 2))
    for column, width in widths.items():
        page.set_column(column - 1, column - 1, width)
    for row in sheet.hidden_rows:
        page.set_row(row - 1, None, None, {"hidden": True})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    if sheet.hidden:
        page.hide()


def _apart(merges: tuple[tuple[int, int, int, int], ...]) -> list[tuple[int, int, int, int]]:
    """The merges that do not overlap an earlier one; Excel refuses a file in which two do."""
    kept: list[tuple[int, int, int, int]] = []
    for merge in merges:
        if not any(
            merge[0] <= other[2] and other[0] <= merge[2] and merge[1] <= other[3] and other[1] <= merge[3]
            for other in kept
        ):
            kept.append(merge)
    return kept


def _number_format(cell: Cell) -> str:
    if isinstance(cell.value, date | time) and cell.number_format in {"General", "@", ""}:
        return DATE_FORMATS[type(cell.value)]
    return cell.number_format


def _format(book: Any, formats: dict[tuple[str, str, bool], Any], number_format: str, font: str, merged: bool) -> Any:
    key = (number_format, font, merged)
    if key not in formats:
        look: dict[str, Any] = {"text_wrap": True, "valign": "top", "num_format": number_format or "General"}
        if font:
            look["font_name"] = font
        if merged:
            look |= {"align": "center", "valign": "vcenter"}
        formats[key] = book.add_format(look)
    return formats[key]


def _write(page: Any, cell: Cell, look: Any) -> None:
    row, column, value = cell.row - 1, cell.column - 1, cell.value
    if isinstance(value, bool):
        page.write_boolean(row, column, value, look)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, look)
    elif isinstance(value, time) or (isinstance(value, date) and value.year >= EARLIEST):
        page.write_datetime(row, column, value, look)
    else:
        page.write_string(row, column, str(value)[:MAX_TEXT], look)
