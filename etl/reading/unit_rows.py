"""Forms whose rows are units, with the columns of one or more indicators beside each other (BM03)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from etl.findings import Finding
from etl.model import Cell, Observation, Status, TypedFigure, TypedTotal
from etl.reading.figures import FigureReader
from etl.reading.grid import Grid
from etl.reading.labels import unit_finding
from etl.reading.layout import Layout, Measures, data_rows
from etl.reading.words import (
    is_average,
    is_example,
    is_grand_total,
    is_group_number,
    is_note,
    is_subtotal,
    is_total,
)
from etl.reference import Reference, UnitMatch
from etl.workbook import shown_text

_MARKS = re.compile(r"^\W*\d{1,3}\s*[.)/-]\s*|^[-+*•–]\s*|\s*(\(\*+\)|\(\d\)|\*+|[¹²³⁰⁴-⁹]+)$")


@dataclass(slots=True)
class _Group:
    """The rows under one group row; the first group of a table may have none.

    `doubt` is what must be said of the group row if no rows follow: then it was meant as a unit.
    """

    figures: list[TypedFigure] = field(default_factory=list)
    has_total: bool = False
    doubt: Finding | None = None


@dataclass(slots=True)
class _Total:
    """A total row met while reading: which rows it may stand for is known only at the end."""

    row: int
    word: str
    group: _Group


def read_rows(
    grid: Grid, layout: Layout, reference: Reference, province: str, on: date
) -> tuple[list[TypedFigure], list[TypedTotal], list[Finding], int]:
    """The figures of all units, the total cells with the sums they should show, findings, and the last row.

    `on` is the day on which the units' names are looked up.
    """
    reader = _UnitReader(grid, layout, reference, province, on)
    reader.read()
    return reader.figures, reader.totals(), reader.reader.findings, reader.last_row


class _UnitReader:
    def __init__(self, grid: Grid, layout: Layout, reference: Reference, province: str, on: date) -> None:
        self.grid = grid
        self.layout = layout
        self.reference = reference
        self.province = province
        self.on = on
        self.reader = FigureReader(grid, layout.header_row)
        self.figures: list[TypedFigure] = []
        self.last_row = layout.first_row - 1
        self._groups = [_Group()]
        self._totals: list[_Total] = []
        self._scales: dict[str, float] = {}

    def read(self) -> None:
        rows = data_rows(self.grid, self.layout)
        for measures in self.layout.measures:
            self._scales[measures.indicator] = self.reader.percent_scale(rows, measures.columns)
        for row in rows:
            self.last_row = row
            self._read_row(row)
        self.reader.findings += [group.doubt for group in self._groups if group.doubt and not group.figures]

    def _read_row(self, row: int) -> None:
        name, code, number = self._words(row, "org_unit"), self._words(row, "official_code"), self._words(row, "number")
        words = [text for text in (number, name) if text]
        if any(is_note(text) for text in words):
            return
        if any(is_example(text) for text in words):
            self.reader.findings.append(
                Finding("row.example", self.grid.sheet.name, self._address(row, "org_unit"), name or number)
            )
            return
        total_word = next((text for text in words if is_total(text)), None)
        if total_word is not None:
            self._meet_total(row, total_word)
        elif not name and not code:
            if is_group_number(number):
                self._begin_group(row)
        else:
            self._read_unit(row, name, code, number)

    def _meet_total(self, row: int, word: str) -> None:
        if is_average(word):
            return
        group = self._groups[-1]
        self._totals.append(_Total(row, word, group))
        group.has_total = True

    def _begin_group(self, row: int, doubt: Finding | None = None) -> None:
        """A group row; figures in it are the group's subtotal."""
        has_figures = self._has_figures(row)
        group = _Group(has_total=has_figures, doubt=doubt if has_figures else None)
        self._groups.append(group)
        if has_figures:
            self._totals.append(_Total(row, "", group))

    def _read_unit(self, row: int, name: str, code: str, number: str) -> None:
        match = self._match(name, code)
        has_figures = self._has_figures(row)
        if match.org_unit is None:
            if name.endswith(":"):
                return  # a line of the statistics under the table
            if not has_figures and (not number or is_group_number(number)):
                self._begin_group(row)
                return
            address = self._address(row, "org_unit" if name else "official_code")
            finding = unit_finding(self.reference, match, self.grid.sheet.name, address, name or code)
            if is_group_number(number):
                self._begin_group(row, doubt=finding)
            else:
                self.reader.findings.append(finding)
            return
        if is_group_number(number) and not has_figures:
            self._begin_group(row)
            return
        self._check_code(row, match.org_unit, name, code)
        is_continued = self.grid.is_continued(row, self.layout.columns["org_unit"])
        for measures in self.layout.measures:
            self._read_figure(row, match.org_unit, measures, is_continued)

    def _check_code(self, row: int, org_unit: str, name: str, code: str) -> None:
        """A code that stands for another unit than the name beside it."""
        by_code = self.reference.find_org_unit(code, self.province, self.on).org_unit if name and code else None
        if by_code and by_code != org_unit:
            other = self.reference.org_units[by_code].name
            self.reader.findings.append(
                Finding("org_unit.code_differs", self.grid.sheet.name, self._address(row, "org_unit"), name, other)
            )

    def _match(self, name: str, code: str) -> UnitMatch:
        """By name; else by the name without a running number in front and notes behind; else by the code."""
        match = self.reference.find_org_unit(name or code, self.province, self.on)
        for other in (_MARKS.sub("", name), code):
            if match.org_unit is None and match.abolished is None and other and other != name:
                found = self.reference.find_org_unit(other, self.province, self.on)
                match = found if found.org_unit or found.abolished else match
        return match

    def _read_figure(self, row: int, org_unit: str, measures: Measures, is_continued: bool) -> None:
        """A further row of a merged unit says something only where something stands."""
        if is_continued and not self._has_figures(row, measures):
            return
        figure = self.reader.figure(
            self.reference.indicators[measures.indicator],
            org_unit,
            row,
            measures.columns,
            percent_scale=self._scales[measures.indicator],
            units=measures.units,
        )
        if is_continued:
            self._forget_blank(figure.observation)
        self.figures.append(figure)
        self._groups[-1].figures.append(figure)

    def _forget_blank(self, observation: Observation) -> None:
        """What the merged unit's first row left blank is given by a further row."""
        for figures in (self.figures, self._groups[-1].figures):
            figures[:] = [
                typed
                for typed in figures
                if (typed.observation.org_unit, typed.observation.indicator)
                != (observation.org_unit, observation.indicator)
                or typed.observation.status is not Status.NOT_REPORTED
                or typed.denominator_cell
            ]

    def totals(self) -> list[TypedTotal]:
        """The cells of the total rows, each with the sum of the rows it stands for."""
        return [cell for total in self._totals for cell in self._total_cells(total.row, self._rows_of(total))]

    def _rows_of(self, total: _Total) -> list[TypedFigure]:
        """By its own words, else by its place: the group it stands in, or all where other groups have no total."""
        filled = [group for group in self._groups if group.figures]
        if not total.word or is_subtotal(total.word):
            return total.group.figures
        if is_grand_total(total.word) or len(filled) < 2 or total.group not in filled:
            return self.figures
        same_group = [other for other in self._totals if other.group is total.group]
        if total is same_group[0] and any(group.has_total for group in filled if group is not total.group):
            return total.group.figures
        return self.figures

    def _total_cells(self, row: int, figures: list[TypedFigure]) -> list[TypedTotal]:
        totals = []
        for measures in self.layout.measures:
            indicator = self.reference.indicators[measures.indicator]
            factors = self.reader.scaling.factors(indicator, measures.units)
            observations = [typed.observation for typed in figures if typed.observation.indicator == measures.indicator]
            for measure in ("numerator", "denominator", "value"):
                column = measures.columns.get(measure)
                cell = self.grid.cell(row, column) if column else None
                value = self.reader.plain_number(cell)
                parts = [part for observation in observations if (part := _part(observation, measure)) is not None]
                if cell is None or value is None or not parts:
                    continue
                totals.append(TypedTotal(cell.address, shown_text(cell), value * factors.get(measure, 1.0), sum(parts)))
        return totals

    def _has_figures(self, row: int, measures: Measures | None = None) -> bool:
        of = self.layout.measures if measures is None else (measures,)
        columns = [column for each in of for column in each.columns.values()]
        return any((cell := self.grid.sheet.cells.get((row, column))) and cell.value is not None for column in columns)

    def _words(self, row: int, name: str) -> str:
        column = self.layout.columns.get(name)
        return self.grid.words(row, column) if column else ""

    def _address(self, row: int, name: str) -> str:
        return Cell(row, self.layout.columns[name], None).address


def _part(observation: Observation, measure: str) -> float | None:
    if measure == "numerator":
        return observation.numerator
    if measure == "denominator":
        return observation.denominator
    return observation.value
