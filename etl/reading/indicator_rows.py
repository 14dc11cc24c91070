"""Forms whose rows are indicators: one unit, one period, one indicator a row (BM01)."""

from __future__ import annotations

from etl.findings import Finding
from etl.model import TypedFigure
from etl.reading.figures import FigureReader
from etl.reading.grid import Grid
from etl.reading.layout import Layout, data_rows
from etl.reading.words import is_example, is_note, is_total
from etl.reference import Indicator, Reference

_FIGURE_KEYS = ("numerator", "denominator", "percentage", "value")


def read_rows(
    grid: Grid, layout: Layout, reference: Reference, org_unit: str
) -> tuple[list[TypedFigure], list[Finding], int]:
    """The figures of the table, the findings met on the way, and the last row of the table."""
    columns = {name: layout.columns[name] for name in _FIGURE_KEYS if name in layout.columns}
    reader = FigureReader(grid, layout.header_row)
    rows: list[tuple[int, Indicator]] = []
    last_row = layout.first_row - 1
    for row in data_rows(grid, layout):
        last_row = row
        indicator = _indicator(grid, layout, reference, row, reader)
        if indicator is not None:
            rows.append((row, indicator))
    scale = reader.percent_scale((row for row, indicator in rows if indicator.kind == "ratio"), columns)
    note_column = layout.columns.get("note", 0)
    unit_column = layout.columns.get("measure_unit", 0)
    figures = [
        reader.figure(
            indicator,
            org_unit,
            row,
            columns,
            percent_scale=scale,
            units=layout.units,
            row_unit=(grid.text(row, unit_column), _address(grid, row, unit_column)) if unit_column else ("", ""),
            note=grid.text(row, note_column) if note_column else "",
        )
        for row, indicator in rows
    ]
    return figures, reader.findings, last_row


def _indicator(grid: Grid, layout: Layout, reference: Reference, row: int, reader: FigureReader) -> Indicator | None:
    """The row's indicator; None for a group, total, example or note row."""
    code_column = layout.columns.get("indicator", 0)
    name_column = layout.columns.get("indicator_name", 0)
    code = grid.words(row, code_column) if code_column else ""
    name = grid.text(row, name_column) if name_column else ""
    words = [grid.own_text(row, column) for column in grid.columns(row)]
    if any(is_note(text) for text in words if text):
        return None
    sheet = grid.sheet.name
    address = _address(grid, row, code_column or name_column)
    if any(is_example(text) for text in words[:4] if text):
        reader.findings.append(Finding("row.example", sheet, address, code or name))
        return None
    if any(is_total(text) for text in words[:3] if text) and not reference.find_indicator(code or name):
        return None
    if code_column and grid.is_continued(row, code_column) and not _has_own_figures(grid, layout, row):
        return None  # a further line of the row above
    if code:
        indicator = reference.find_indicator(code)
        if indicator is None:
            nearest = reference.nearest_indicators(name or code)
            hint = f"; gần giống: {', '.join(nearest)}" if nearest else ""
            reader.findings.append(Finding("indicator.unknown", sheet, address, code, hint))
            return None
        named = reference.find_indicator(name) if name else None
        if named is not None and named.code != indicator.code:
            reader.findings.append(Finding("indicator.places_differ", sheet, address, indicator.code, named.code))
        return indicator
    if name and (indicator := reference.find_indicator(name)):
        reader.findings.append(
            Finding("indicator.from_name", sheet, _address(grid, row, name_column), name, indicator.code)
        )
        return indicator
    if any(text.endswith(":") for text in words):
        return None  # a line of the statistics under the table
    if any(_is_number(grid, row, layout.columns.get(key, 0)) for key in _FIGURE_KEYS):
        reader.findings.append(Finding("row.not_understood", sheet, _address(grid, row, name_column), name))
    return None


def _has_own_figures(grid: Grid, layout: Layout, row: int) -> bool:
    return any((row, layout.columns.get(key, 0)) in grid.sheet.cells for key in _FIGURE_KEYS)


def _is_number(grid: Grid, row: int, column: int) -> bool:
    cell = grid.cell(row, column)
    return cell is not None and isinstance(cell.value, int | float) and not isinstance(cell.value, bool)


def _address(grid: Grid, row: int, column: int) -> str:
    cell = grid.cell(row, column) if column else None
    if cell is not None:
        return cell.address
    columns = grid.columns(row)
    first = grid.cell(row, columns[0]) if columns else None
    return first.address if first else ""
