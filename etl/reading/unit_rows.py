"""Forms whose rows are units, with the columns of one or more indicators beside each other (BM03)."""

from __future__ import annotations

from datetime import date

from etl.findings import Finding
from etl.model import Cell, Observation, TypedFigure, TypedTotal
from etl.reading.figures import FigureReader
from etl.reading.grid import Grid
from etl.reading.labels import unit_finding
from etl.reading.layout import (
    Layout,
    data_rows,
    is_average,
    is_column_numbers,
    is_example,
    is_group_number,
    is_note,
    is_total,
)
from etl.reference import Reference
from etl.workbook import shown_text


def read_rows(
    grid: Grid, layout: Layout, reference: Reference, province: str, on: date
) -> tuple[list[TypedFigure], list[TypedTotal], list[Finding], int]:
    """The figures of all units, the total cells with the sums they should show, findings, and the last row.

    `on` is the day on which the units' names are looked up. A subtotal stands for the rows since the last group row
    or subtotal, a total for all rows.
    """
    reader = FigureReader(grid)
    unit_column = layout.columns["org_unit"]
    code_column = layout.columns.get("official_code", 0)
    figures: list[TypedFigure] = []
    totals: list[TypedTotal] = []
    group: list[TypedFigure] = []
    unit_rows: list[tuple[int, str]] = []
    last_row = layout.first_row - 1
    rows = data_rows(grid, layout)
    scales: dict[str, float] = {}
    for measures in layout.measures:
        scales[measures.indicator] = reader.percent_scale(rows, measures.columns)
    for row in rows:
        last_row = row
        name = grid.text(row, unit_column) or (grid.words(row, code_column) if code_column else "")
        number = grid.words(row, layout.columns["number"]) if "number" in layout.columns else ""
        words = [text for text in (number, name) if text]
        if is_column_numbers(grid, row) or any(is_note(text) for text in words):
            continue
        if any(is_example(text) for text in words):
            reader.findings.append(Finding("row.example", grid.sheet.name, _address(row, unit_column), name))
            continue
        total_word = next((text for text in words if is_total(text)), None)
        if total_word is not None:
            if not is_average(total_word):
                is_subtotal = (bool(group) and len(group) < len(figures)) or _names_group(total_word)
                totals.extend(_totals(grid, layout, row, group if is_subtotal else figures))
            group = []
            continue
        if not name or (is_group_number(number) and not _has_figures(grid, layout, row)):
            group = []
            continue
        cell = grid.cell(row, unit_column)
        match = reference.find_org_unit(name, province, on)
        if match.org_unit is None:
            if not _has_figures(grid, layout, row) and not number:
                continue
            shown = shown_text(cell) if cell else name
            address = cell.address if cell else _address(row, unit_column)
            reader.findings.append(unit_finding(reference, match, grid.sheet.name, address, shown))
            continue
        unit_rows.append((row, match.org_unit))
        for measures in layout.measures:
            figure = reader.figure(
                reference.indicators[measures.indicator],
                match.org_unit,
                row,
                measures.columns,
                percent_scale=scales[measures.indicator],
            )
            figures.append(figure)
            group.append(figure)
    return figures, totals, reader.findings, last_row


def _totals(grid: Grid, layout: Layout, row: int, figures: list[TypedFigure]) -> list[TypedTotal]:
    totals = []
    for measures in layout.measures:
        observations = [typed.observation for typed in figures if typed.observation.indicator == measures.indicator]
        for measure in ("numerator", "denominator", "value"):
            column = measures.columns.get(measure)
            cell = grid.cell(row, column) if column else None
            if cell is None or isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
                continue
            if "%" in cell.number_format:
                continue
            parts = [_part(observation, measure) for observation in observations]
            known = [part for part in parts if part is not None]
            if known:
                totals.append(TypedTotal(cell.address, shown_text(cell), float(cell.value), sum(known)))
    return totals


def _part(observation: Observation, measure: str) -> float | None:
    if measure == "numerator":
        return observation.numerator
    if measure == "denominator":
        return observation.denominator
    return observation.value


def _has_figures(grid: Grid, layout: Layout, row: int) -> bool:
    columns = [column for measures in layout.measures for column in measures.columns.values()]
    return any((cell := grid.cell(row, column)) is not None and cell.value is not None for column in columns)


def _names_group(text: str) -> bool:
    """`Cộng I`, `Cộng II`: a subtotal by its own words."""
    words = text.casefold().split()
    return len(words) == 2 and words[0] == "cộng" and is_group_number(words[1])


def _address(row: int, column: int) -> str:
    return Cell(row, column, None).address
