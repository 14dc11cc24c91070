"""The factor that each figure of a table must be multiplied by, from the units its header, rows and cells name."""

from __future__ import annotations

from collections.abc import Mapping

from etl.findings import Finding
from etl.model import Cell
from etl.reading.grid import Grid
from etl.reading.measure_units import conversion, parse_unit, scale_of, unit_line
from etl.reference import Indicator
from etl.vietnamese import format_number

_NONE: Mapping[str, float] = {}
Named = tuple[str, str]  # a unit's words and the cell they stand in


class Scaling:
    """Units of one table. A row's own unit goes before its column's, the column's before the line above the table."""

    def __init__(self, grid: Grid, header_row: int, findings: list[Finding]) -> None:
        self._sheet = grid.sheet.name
        self._findings = findings
        self._told: set[str] = set()
        self._line = _line_above(grid, header_row)

    def factors(
        self, indicator: Indicator, units: Mapping[str, Named], row_unit: Named = ("", "")
    ) -> Mapping[str, float]:
        """Column key → factor; keys without one stand for 1. What nobody can convert is an error finding."""
        if not self._line[0] and not units and not row_unit[0]:
            return _NONE
        named = {key: units.get(key, self._line) for key in ("numerator", "denominator", "value")}
        if indicator.kind == "ratio":
            return {
                key: self._pure_scale(row_unit if scale_of(row_unit[0]) != 1 else unit) for key, unit in named.items()
            }
        return {key: self._factor(indicator, unit, row_unit) for key, unit in named.items()}

    def _pure_scale(self, unit: Named) -> float:
        """Both numbers of a ratio count the same things: only thousands and millions matter."""
        factor = scale_of(unit[0])
        self._tell(unit, factor)
        return factor

    def _factor(self, indicator: Indicator, column_unit: Named, row_unit: Named) -> float:
        own = indicator.measure_unit
        column, wanted = parse_unit(column_unit[0]), parse_unit(own)
        is_named = bool(column_unit[0]) and (column.scale != 1 or column.kind == wanted.kind != "")
        if row_unit[0] and is_named and column.scale != 1:
            return self._differs(row_unit, f"{own}; {column_unit[0]}")
        unit = row_unit if row_unit[0] else column_unit if is_named else ("", "")
        if not unit[0]:
            return 1.0
        factor = conversion(unit[0], own)
        if factor is None:
            return self._differs(unit, own)
        self._tell(unit, factor)
        return factor

    def of_cell(self, indicator: Indicator, unit: Named) -> float | None:
        """The factor for a unit that stands behind the number in its cell; None if it says nothing about size."""
        typed, wanted = parse_unit(unit[0]), parse_unit(indicator.measure_unit)
        if not typed.kind or not wanted.kind or indicator.kind == "ratio":
            return None
        factor = conversion(unit[0], indicator.measure_unit)
        if factor is None:
            return self._differs(unit, indicator.measure_unit)
        self._tell(unit, factor)
        return factor

    def _tell(self, unit: Named, factor: float) -> None:
        if factor != 1 and unit[1] not in self._told:
            self._told.add(unit[1])
            words = format_number(factor) if factor >= 1 else f"{factor:g}".replace(".", ",")
            self._findings.append(Finding("cell.unit_converted", self._sheet, unit[1], unit[0], words))

    def _differs(self, unit: Named, expected: str) -> float:
        if unit[1] not in self._told:
            self._told.add(unit[1])
            self._findings.append(Finding("cell.unit_differs", self._sheet, unit[1], unit[0], expected))
        return 1.0


def _line_above(grid: Grid, header_row: int) -> Named:
    for row, column, text in grid.texts(header_row - 1):
        if len(text) < 60 and (unit := unit_line(text)):
            return unit, Cell(row, column, None).address
    return "", ""
