"""Where a form stands on a sheet: its header row and columns, and which rows are not data.

Headers are found by wording, never by address; the wordings are in the form's definition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from etl.findings import Finding
from etl.model import column_letters
from etl.reading.grid import Grid, key
from etl.reference import Form, Reference

HEADER_SEARCH_ROWS = 60
BLANK_ROWS_END = 25

_COLUMN_NUMBER = re.compile(r"^\(?\s*(\d{1,2}|[a-z])\s*\)?(\s*=\s*[\d\s()/*+\-x:.,%]+)?$")
_ROMAN = re.compile(r"^(?=[ivxlc])(x{0,3})(ix|iv|v?i{0,3})[.)]?$|^[a-zđ][.)]?$|^phần\b", re.IGNORECASE)
_TOTAL = re.compile(
    r"^(tổng( số| cộng)?|cộng( [ivx]+| [a-z0-9]{1,3})?|toàn tỉnh|bình quân|trung bình|tổng (toàn tỉnh|chung|hợp))"
    r"\b[ :.]*"
)
_END = re.compile(
    r"^(người lập( biểu| báo cáo)?|thủ trưởng|(tm|kt|k/t|tl|tuq|q)[. ]|nơi nhận|"
    r"xuất báo cáo|ký, ghi rõ|xác nhận của)|"
    r"\bngày\s+(\d{1,2}|[.…]+)\s+tháng\s+(\d{1,2}|[.…]+)\s+năm\b"
)
_NOTE = re.compile(r"^(ghi chú|chú thích|lưu ý|hướng dẫn|nguồn)\s*[:.]")
_EXAMPLE = re.compile(r"\b(ví dụ|vd:|thực nghiệm|dòng mẫu|\(mẫu\))")


@dataclass(frozen=True, slots=True)
class Measures:
    """The columns of one indicator in a table of units: measure key → column."""

    indicator: str
    columns: dict[str, int]
    header_cell: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A form found on a sheet: header row, first data row, column number of each column key."""

    form: Form
    header_row: int
    first_row: int
    columns: dict[str, int]
    measures: tuple[Measures, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def is_complete(self) -> bool:
        return not any(finding.code == "header.missing" for finding in self.findings)


def find_layout(grid: Grid, reference: Reference) -> Layout | None:
    """The form that this sheet holds, or None; of several the one whose header matches most columns.

    A sheet that bears a form's title and at least two of its headers, but lacks required ones, is that form with
    `header.missing` findings.
    """
    best: tuple[float, Layout] | None = None
    for form in reference.forms.values():
        wordings = {key(text): column.key for column in form.columns for text in (column.header, *column.also)}
        for row in grid.rows:
            if row > HEADER_SEARCH_ROWS:
                break
            layout = _layout_at(grid, reference, form, row, wordings)
            if layout is None:
                continue
            score = len(layout.columns) + 2 * len(layout.measures) + (3 if _has_title(grid, form, row) else 0)
            missing = sum(finding.code == "header.missing" for finding in layout.findings)
            score -= 4 * missing
            if best is None or score > best[0]:
                best = (score, layout)
    return best[1] if best else None


def _layout_at(grid: Grid, reference: Reference, form: Form, row: int, wordings: dict[str, str]) -> Layout | None:
    columns: dict[str, int] = {}
    added: list[Finding] = []
    for column in grid.columns(row):
        text = grid.own_text(row, column)
        if not text:
            continue
        column_key = wordings.get(key(text))
        if column_key and column_key not in columns:
            columns[column_key] = column
        elif form.shape != "unit_rows":
            added.append(Finding("header.added", grid.sheet.name, f"{column_letters(column)}{row}", text))
    required = [column for column in form.columns if column.required]
    found = sum(column.key in columns for column in required)
    if form.shape == "unit_rows":
        if "org_unit" not in columns:
            return None
        measures, last_header = _measures(grid, reference, form, row)
        if not measures:
            return None
        return Layout(form, row, _first_data_row(grid, last_header), columns, measures)
    if found < min(2, len(required)) or len(columns) < 3:
        return None
    missing = [
        Finding("header.missing", grid.sheet.name, "", "", column.header)
        for column in required
        if column.key not in columns
    ]
    if missing and not _has_title(grid, form, row):
        return None
    return Layout(form, row, _first_data_row(grid, row), columns, (), (*missing, *added))


def _measures(grid: Grid, reference: Reference, form: Form, row: int) -> tuple[tuple[Measures, ...], int]:
    """The indicator headers of this row with their measure columns below, and the last header row."""
    wordings = {key(text): measure.key for measure in form.measures for text in (measure.header, *measure.also)}
    found: list[Measures] = []
    last_header = row
    for column in grid.columns(row):
        text = grid.own_text(row, column)
        indicator = reference.find_indicator(text) if text else None
        if indicator is None:
            continue
        columns: dict[str, int] = {}
        for below in (row + 1, row + 2):
            for offset in range(grid.span(row, column)):
                measure = wordings.get(key(grid.own_text(below, column + offset)))
                if measure and measure not in columns:
                    columns[measure] = column + offset
                    last_header = max(last_header, below)
            if columns:
                break
        found.append(Measures(indicator.code, columns or {"value": column}, f"{column_letters(column)}{row}"))
    return tuple(found), last_header


def _first_data_row(grid: Grid, header_row: int) -> int:
    """The row after the header and the row of column numbers, if one stands there."""
    row = header_row + 1
    if is_column_numbers(grid, row):
        row += 1
    return row


def is_column_numbers(grid: Grid, row: int) -> bool:
    """Whether the row only numbers the columns: (1) (2) (3)=(1)/(2), or A B 1 2."""
    texts = [grid.words(row, column).casefold() for column in grid.columns(row)]
    return len(texts) >= 3 and all(_COLUMN_NUMBER.match(text) for text in texts)


def _has_title(grid: Grid, form: Form, before_row: int) -> bool:
    titles = [key(title) for title in form.titles]
    return any(
        any(title in key(text) for title in titles) for row, _, text in grid.texts(before_row - 1) if row < before_row
    )


def is_end(text: str) -> bool:
    """Whether the text belongs to the block under a table: place and date, signatures, recipients."""
    return bool(_END.search(text.casefold()))


def is_note(text: str) -> bool:
    return bool(_NOTE.match(text.casefold()))


def is_total(text: str) -> bool:
    """Whether the text names a total or subtotal row (Tổng, Cộng I, Toàn tỉnh, Bình quân …)."""
    return bool(_TOTAL.match(text.casefold()))


def is_average(text: str) -> bool:
    return text.casefold().startswith(("bình quân", "trung bình"))


def is_group_number(text: str) -> bool:
    """Whether a running number marks a group row: I, II., A, b) …"""
    return bool(_ROMAN.match(text.strip()))


def is_example(text: str) -> bool:
    return bool(_EXAMPLE.search(text.casefold()))


def data_rows(grid: Grid, layout: Layout) -> list[int]:
    """Rows from the first data row to the end of the table: signature block, or a long run of blank rows."""
    rows: list[int] = []
    previous = layout.first_row - 1
    for row in grid.rows:
        if row < layout.first_row:
            continue
        if row - previous > BLANK_ROWS_END:
            break
        texts = [grid.own_text(row, column) for column in grid.columns(row)]
        if len([text for text in texts if text]) <= 3 and any(is_end(text) for text in texts if text):
            break
        previous = row
        rows.append(row)
    return rows
