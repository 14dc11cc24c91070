"""xls through xlrd; which cells are formulas, and links to other files, from the records themselves."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from typing import Any

import xlrd

from etl.model import Sheet
from etl.workbook.guard import Examined, refuse
from etl.workbook.sheets import RawValue, SheetBuilder

BOF, FORMULA, SUPBOOK = 0x0809, 0x0006, 0x01AE
EMPTY_RESULT = b"\x03"


def read(examined: Examined) -> list[Sheet]:
    """All worksheets; notes links in `examined`. Raises Refused; any other exception means a damaged file."""
    try:
        book = xlrd.open_workbook(
            file_contents=examined.data, formatting_info=True, logfile=sys.stderr, ragged_rows=True, on_demand=True
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            refuse("file.password", "", cause=error)
        if "can't find workbook" in str(error).lower():
            refuse("file.not_a_workbook", "tệp OLE không có bảng tính", cause=error)
        raise
    records = Records(bytes(book.mem[book.base : book.base + book.stream_len]), book.base)
    examined.external_links = records.external_links
    looks = [(_format(book, xf), book.font_list[xf.font_index].name) for xf in book.xf_list]
    starts = book._sh_abs_posn
    return [
        _sheet(book, book.sheet_by_index(number), records.formulas.get(starts[number], {}), records.calculated, looks)
        for number in range(book.nsheets)
    ]


class Records:
    """What xlrd does not tell: per sheet start its formula cells and whether their result is the empty text."""

    def __init__(self, stream: bytes, base: int) -> None:
        self.formulas: dict[int, dict[tuple[int, int], bool]] = {}
        self.external_links = False
        sheet: dict[tuple[int, int], bool] = {}
        for start, kind, body in _walk(stream):
            if kind == BOF:
                sheet = self.formulas.setdefault(start + base, {})
            elif kind == FORMULA and len(body) >= 14:
                row, column = struct.unpack("<HH", body[:4])
                sheet[(row, column)] = body[12:14] == b"\xff\xff" and body[6:7] == EMPTY_RESULT
            elif kind == SUPBOOK and len(body) > 4:
                self.external_links = True

    @property
    def calculated(self) -> bool:
        """A program that calculates nothing leaves every result as the empty text, Excel only some."""
        return not all(empty for sheet in self.formulas.values() for empty in sheet.values())


def _walk(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield place, kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _sheet(
    book: Any, sheet: Any, formulas: dict[tuple[int, int], bool], calculated: bool, looks: list[tuple[str, str]]
) -> Sheet:
    builder = SheetBuilder(sheet.name, hidden=sheet.visibility != 0)
    builder.merges = [(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    builder.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            kind = sheet.cell_type(row, column)
            formula = (row, column) in formulas
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) and not formula:
                continue
            value = _value(book, kind, sheet.cell_value(row, column))
            if value == "" and formula and not calculated:
                value = None
            number_format, font = looks[sheet.cell_xf_index(row, column)]
            error = kind == xlrd.XL_CELL_ERROR
            builder.add(row + 1, column + 1, value, number_format, font, formula=formula, error=error)
    return builder.finish()


def _value(book: Any, kind: int, value: Any) -> RawValue:
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#VALUE!"))
    if kind == xlrd.XL_CELL_DATE:
        return _moment(book, value)
    if kind == xlrd.XL_CELL_NUMBER and float(value).is_integer() and abs(value) < 10**15:
        return int(value)
    return value  # type: ignore[no-any-return]


def _moment(book: Any, serial: float) -> RawValue:
    try:
        moment = xlrd.xldate_as_datetime(serial, book.datemode)
    except (xlrd.xldate.XLDateError, OverflowError, ValueError):
        return serial
    return moment.time() if 0 <= serial < 1 else moment  # type: ignore[no-any-return]


def _format(book: Any, xf: Any) -> str:
    found = book.format_map.get(xf.format_key)
    return found.format_str if found is not None else "General"
