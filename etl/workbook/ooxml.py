"""xlsx and xlsm through openpyxl; what openpyxl drops beside the values comes from the guard's scan."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import ROW_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from etl.model import Sheet
from etl.workbook.guard import MAX_SHEETS, Examined, SheetScan, parse_address, refuse
from etl.workbook.sheets import EXCEL_ERRORS, SheetBuilder


def read(examined: Examined) -> list[Sheet]:
    """All worksheets. Raises Refused; any other exception means a damaged file."""
    # Step by step and not load_workbook: properties, theme, drawings, comments and links are not ours to read,
    # and a fault in one of them is no reason to send a form back.
    reader: Any = ExcelReader(io.BytesIO(examined.data), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    if len(reader.parser.sheets) > MAX_SHEETS:
        refuse("file.too_large", f"{len(reader.parser.sheets)} trang tính")
    return list(_sheets(reader, examined))


def _sheets(reader: Any, examined: Examined) -> Iterator[Sheet]:
    looks = _looks(reader.wb)
    found = 0
    for sheet, relation in reader.parser.find_sheets():
        found += 1
        if not relation.Type.endswith("/worksheet"):
            continue
        scan = examined.scans.get(relation.target)
        if scan is None:
            refuse("file.unreadable", f"thiếu nội dung trang “{sheet.name}”")
        builder = SheetBuilder(sheet.name, hidden=sheet.state != "visible")
        builder.hidden_rows = scan.hidden_rows
        builder.merges = [_range(merge) for merge in scan.merges if merge]
        _fill(builder, reader, relation.target, scan, looks)
        yield builder.finish()
    if found < len(reader.parser.sheets):
        refuse("file.unreadable", "thiếu nội dung một trang tính")


def _fill(builder: SheetBuilder, reader: Any, part: str, scan: SheetScan, looks: list[tuple[str, str]]) -> None:
    book = reader.wb
    with reader.archive.open(part) as stream:
        parser = _Parser(stream, reader.shared_strings, True, book.epoch, book._date_formats, book._timedelta_formats)
        for _, element in iterparse(stream):
            if element.tag != ROW_TAG:
                continue
            for cell in parser.parse_row(element)[1]:
                place, value = (cell["row"], cell["column"]), cell["value"]
                formula = place in scan.formulas
                if value is None and not formula:
                    continue
                error = cell["data_type"] == "e" or (isinstance(value, str) and value in EXCEL_ERRORS and formula)
                number_format, font = looks[cell["style_id"]]
                builder.add(*place, value, number_format, font, formula=formula, error=error)
            element.clear()


class _Parser(WorkSheetParser):
    """One unreadable cell stays one unreadable cell: its text is kept as it stands."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        kind = element.get("t", "n")
        try:
            cell: dict[str, Any] = super().parse_cell(element)
        except (ValueError, OverflowError, TypeError):
            text = next((child.text for child in element if child.tag.endswith("}v")), None)
            row, column = (
                parse_address(element.get("r", "")) if element.get("r") else (self.row_counter, self.col_counter)
            )
            self.col_counter = column
            style = element.get("s", "0")
            style_id = int(style) if style.isdigit() else 0
            return {"row": row, "column": column, "value": text, "data_type": "s", "style_id": style_id}
        if cell["value"] is None and kind == "str":
            cell["value"] = ""  # a formula whose result is the empty text, not one that was never calculated
        return cell


def _looks(book: Any) -> list[tuple[str, str]]:
    """Number format and font by style number."""
    looks = []
    for style in book._cell_styles:
        number = style.numFmtId
        if number < BUILTIN_FORMATS_MAX_SIZE:
            number_format = BUILTIN_FORMATS.get(number, "General")
        else:
            number_format = book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE]
        looks.append((number_format, book._fonts[style.fontId].name or ""))
    return looks or [("General", "")]


def _range(text: str) -> tuple[int, int, int, int]:
    first, _, last = text.partition(":")
    (top, left), (bottom, right) = parse_address(first), parse_address(last or first)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)
