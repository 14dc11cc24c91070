"""From the cells of one figure (numerator, total, percentage) to a number, its qualifier and its status.

Rules of the field: `0` is zero, `-` means that nothing occurred, blank means not reported; `3/81` is 3 of 81; a
percentage is read by its number format; a ratio that Excel turned into a date is recovered only where proved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from etl.findings import Finding
from etl.model import Cell, Observation, Qualifier, Status, TypedFigure
from etl.reading.grid import Grid
from etl.reading.moments import date_code
from etl.reading.scaling import Named, Scaling
from etl.reference import Indicator
from etl.vietnamese import format_number, parse_number
from etl.workbook import shown_text

_DAY_MONTH_FORMAT = re.compile(r"d{1,2}[-/ .]m{1,5}|m{1,5}[-/ .]d{1,2}")
_QUALIFIER_WORDS = {
    Qualifier.GT: "lớn hơn số đã ghi",
    Qualifier.GE: "từ số đã ghi trở lên",
    Qualifier.LT: "nhỏ hơn số đã ghi",
    Qualifier.LE: "không quá số đã ghi",
    Qualifier.APPROX: "gần đúng",
    Qualifier.RANGE: "trong khoảng đã ghi",
}
_MONTH_YEAR_FORMAT = re.compile(r"m{1,5}[-/ .]y{2,4}")


@dataclass(frozen=True, slots=True)
class Typed:
    """One cell read: a value with its qualifier, a typed ratio, or a status; `blank` where nothing stood."""

    blank: bool = True
    value: float | None = None
    value_to: float | None = None
    qualifier: Qualifier = Qualifier.EXACT
    status: Status = Status.NOT_REPORTED
    ratio: tuple[float, float] | None = None
    percent: bool = False
    cell: str = ""
    shown: str = ""
    uncalculated: bool = False
    unit: str = ""


_BLANK = Typed()


class FigureReader:
    """Reads the figures of the table whose header begins at `header_row`; gathers findings in `findings`."""

    def __init__(self, grid: Grid, header_row: int) -> None:
        self.grid = grid
        self.sheet = grid.sheet.name
        self.findings: list[Finding] = []
        self.scaling = Scaling(grid, header_row, self.findings)

    def figure(
        self,
        indicator: Indicator,
        org_unit: str,
        row: int,
        columns: dict[str, int],
        *,
        percent_scale: float = 1.0,
        units: Mapping[str, Named] | None = None,
        row_unit: Named = ("", ""),
        note: str = "",
    ) -> TypedFigure:
        """The figure of one indicator in one row.

        `columns` maps numerator, denominator, percentage (or value) to columns; `percent_scale` is 100 where the
        percentages of the column were typed as fractions without a % format; `units` are those that the columns'
        headers name, `row_unit` the row's own.
        """
        numerator = self._read(row, columns.get("numerator") or columns.get("value"))
        denominator = self._read(row, columns.get("denominator"), total=True)
        percentage = self._read(row, columns.get("percentage"), is_percentage=True)
        factors = self.scaling.factors(indicator, units or {}, row_unit)
        numerator = self._scaled(indicator, numerator, factors, "numerator" if "numerator" in columns else "value")
        denominator = self._scaled(indicator, denominator, factors, "denominator")
        if percentage.value is not None and not percentage.percent and percent_scale != 1:
            percentage = _rescaled(percentage, percent_scale)
        is_ratio = indicator.kind == "ratio"
        numerator, n, d = self._resolved(numerator, denominator, is_ratio)
        if is_ratio and numerator.percent and numerator.ratio is None:
            percentage, numerator, n = numerator, _BLANK, None
        if is_ratio and percentage.ratio and n is None and d is None:
            n, d = percentage.ratio
        first = next((typed for typed in (numerator, denominator, percentage) if typed.cell), None)
        value, value_to, qualifier, status = _valued(indicator, n, d, numerator, denominator, percentage, is_ratio)
        if percentage.uncalculated and n is None and d is None:
            self._found("cell.percentage_not_calculated", percentage.cell)
        fallback = columns.get("numerator") or columns.get("value") or columns.get("percentage") or 1
        observation = Observation(
            indicator=indicator.code,
            org_unit=org_unit,
            numerator=n,
            denominator=d,
            value=value,
            value_to=value_to,
            qualifier=qualifier,
            status=status,
            sheet=self.sheet,
            cell=first.cell if first else _address(row, fallback),
            shown=first.shown if first else "",
            note=note,
        )
        if qualifier is not Qualifier.EXACT:
            self._found("cell.bounded_value", observation.cell, observation.shown, _QUALIFIER_WORDS[qualifier])
        return TypedFigure(
            observation=observation,
            numerator_cell=numerator.cell,
            denominator_cell=denominator.cell or (numerator.cell if numerator.ratio else ""),
            denominator_shown=denominator.shown,
            percentage=percentage.value,
            percentage_cell=percentage.cell,
            percentage_shown=percentage.shown,
        )

    def _scaled(self, indicator: Indicator, typed: Typed, factors: Mapping[str, float], column: str) -> Typed:
        """The cell in the indicator's unit; a percentage has none."""
        if typed.value is None and typed.ratio is None:
            return typed
        factor = factors.get(column, 1.0)
        if typed.unit and (own := self.scaling.of_cell(indicator, (typed.unit, typed.cell))) is not None:
            factor = own
        if factor == 1 or (typed.percent and typed.ratio is None):
            return typed
        ratio = typed.ratio and (
            _times(typed.ratio[0], factor),
            _times(typed.ratio[1], factors.get("denominator", 1.0)),
        )
        value = typed.value if typed.value is None or typed.percent else _times(typed.value, factor)
        return replace(typed, value=value, value_to=typed.value_to and _times(typed.value_to, factor), ratio=ratio)

    def _resolved(
        self, numerator: Typed, denominator: Typed, is_ratio: bool
    ) -> tuple[Typed, float | None, float | None]:
        """Numerator and denominator after a typed ratio (`3/81`, or a date that proves to be one) is taken apart."""
        cell = self.grid.sheet.cells.get(_place(numerator.cell)) if numerator.cell else None
        if cell is not None and isinstance(cell.value, date | datetime):
            ratio = _ratio_of_date(cell, denominator.value) if is_ratio else None
            if ratio is None:
                self._found("cell.date_not_a_number", numerator.cell, numerator.shown)
                return numerator, None, denominator.value
            self._found("cell.date_as_ratio", numerator.cell, numerator.shown, f"{ratio[0]:g}/{ratio[1]:g}")
            return _with_ratio(numerator, ratio), ratio[0], ratio[1]
        if numerator.ratio is None:
            return numerator, None if numerator.percent and is_ratio else numerator.value, denominator.value
        n, d = numerator.ratio
        if denominator.value is not None and denominator.value != d:
            self._found("cell.two_totals", numerator.cell, numerator.shown, denominator.shown)
        return numerator, n, d

    def _read(self, row: int, column: int | None, *, total: bool = False, is_percentage: bool = False) -> Typed:
        cell = self.grid.cell(row, column) if column else None
        if cell is None or column is None:
            return _BLANK
        if cell.row != row and not total:
            # one total may stand for several rows, one result may not
            self._found("cell.merged", Cell(row, column, None).address, "", cell.address)
            return _BLANK
        shown = shown_text(cell)
        if cell.error:
            if str(cell.value).startswith("#DIV/0"):
                if not is_percentage:
                    self._found("cell.division_by_zero", cell.address, shown)
                return _BLANK
            self._found("cell.broken_formula", cell.address, shown)
            return _BLANK
        if cell.value is None:
            if not cell.formula:
                return _BLANK
            if is_percentage:
                return Typed(cell=cell.address, uncalculated=True)
            self._found("cell.not_calculated", cell.address)
            return _BLANK
        if isinstance(cell.value, bool):
            self._found("cell.not_a_number", cell.address, shown)
            return _BLANK
        if isinstance(cell.value, int | float):
            return self._number(cell, shown)
        if isinstance(cell.value, str):
            return self._text(cell, shown)
        if total or is_percentage:
            self._found("cell.date_not_a_number", cell.address, shown)
            return _BLANK
        return Typed(blank=False, cell=cell.address, shown=shown, status=Status.REPORTED)

    def _number(self, cell: Cell, shown: str) -> Typed:
        assert isinstance(cell.value, int | float)
        percent = "%" in cell.number_format
        value = round(cell.value * 100, 10) if percent else float(cell.value)
        if value < 0:
            self._found("cell.negative", cell.address, shown)
        return Typed(False, value, status=Status.REPORTED, percent=percent, cell=cell.address, shown=shown)

    def _text(self, cell: Cell, shown: str) -> Typed:
        text = self.grid.text(cell.row, cell.column)
        if not text:
            return _BLANK
        number = parse_number(text)
        if number is None:
            self._found("cell.not_a_number", cell.address, shown)
            return Typed(cell=cell.address, shown=shown)
        if (number.value or 0) < 0:
            self._found("cell.negative", cell.address, shown)
        ratio = None
        if number.numerator is not None and number.denominator is not None:
            ratio = (number.numerator, number.denominator)
        status = Status(number.status)
        return Typed(
            blank=False,
            value=number.value,
            value_to=number.value_to,
            qualifier=Qualifier(number.qualifier),
            status=status,
            ratio=ratio,
            percent=number.percent,
            cell=cell.address,
            shown=shown,
            unit=number.trace.rpartition("; ")[2],
        )

    def _found(self, code: str, cell: str, shown: str = "", expected: str = "") -> None:
        self.findings.append(Finding(code, self.sheet, cell, shown, expected))

    def percent_scale(self, rows: Iterable[int], columns: dict[str, int]) -> float:
        """100 if the column's plain percentages were typed as fractions (0.905 for 90,5 %), else 1.

        One column has one scale: it is decided by the rows whose two numbers prove it, else by all values lying
        between 0 and 1 with at least one true fraction; a proof both ways leaves the values as typed.
        """
        column = columns.get("percentage")
        if column is None:
            return 1.0
        as_fraction = as_percent = 0
        plain: list[tuple[Cell, float]] = []
        for row in rows:
            cell = self.grid.cell(row, column)
            value = _plain_number(self.grid, cell)
            if cell is None or value is None:
                continue
            plain.append((cell, value))
            n = _plain_number(self.grid, self.grid.cell(row, columns.get("numerator", 0)))
            d = _plain_number(self.grid, self.grid.cell(row, columns.get("denominator", 0)))
            if n is None or not d:
                continue
            as_fraction += abs(value - n / d) < 0.01 and n > 0
            as_percent += abs(value - 100 * n / d) < 1 and n > 0
        fractions = [(cell, value) for cell, value in plain if 0 < value < 1]
        is_fractions = all(0 <= value <= 1 for _, value in plain) and bool(fractions)
        if as_percent or not (as_fraction or is_fractions):
            # most likely a slip among per cents; a row whose numbers prove its percentage is beyond doubt
            for cell, value in fractions:
                if not self._is_proved(cell, value, columns):
                    shown = shown_text(cell)
                    self._found("cell.percent_scale", cell.address, shown, f"{value:g}".replace(".", ","))
            return 1.0
        for cell, value in plain:
            if value <= 1:
                self._found("cell.percent_scale", cell.address, shown_text(cell), format_number(value * 100, 1))
        return 100.0

    def plain_number(self, cell: Cell | None) -> float | None:
        """The number in a cell, typed as a number or as text; None for percentages, ratios and anything else."""
        return _plain_number(self.grid, cell)

    def _is_proved(self, cell: Cell, value: float, columns: dict[str, int]) -> bool:
        n = _plain_number(self.grid, self.grid.cell(cell.row, columns.get("numerator", 0)))
        d = _plain_number(self.grid, self.grid.cell(cell.row, columns.get("denominator", 0)))
        return n is not None and bool(d) and abs(value - 100 * n / (d or 1)) < 1


def _valued(
    indicator: Indicator,
    n: float | None,
    d: float | None,
    numerator: Typed,
    denominator: Typed,
    percentage: Typed,
    is_ratio: bool,
) -> tuple[float | None, float | None, Qualifier, Status]:
    """Value, upper end, qualifier and status by the settled rules (status is read from these three cells only)."""
    if not is_ratio:
        source = numerator if not numerator.blank else percentage
        return source.value, source.value_to, source.qualifier, source.status
    if n is not None and d is not None:
        value = None if d == 0 else indicator.factor * n / d
        upper = None if d == 0 or numerator.value_to is None else indicator.factor * numerator.value_to / d
        return value, upper, numerator.qualifier, Status.REPORTED
    if percentage.value is not None and n is None:
        return percentage.value, percentage.value_to, percentage.qualifier, Status.REPORTED
    if n is not None:
        return None, None, numerator.qualifier, Status.REPORTED
    for typed in (numerator, percentage, denominator):
        if not typed.blank and typed.status not in (Status.REPORTED, Status.NOT_REPORTED):
            return None, None, Qualifier.EXACT, typed.status
    return None, None, Qualifier.EXACT, Status.NOT_REPORTED


def _ratio_of_date(cell: Cell, total: float | None) -> tuple[float, float] | None:
    """The ratio that Excel stored as this date, or None where format and context do not prove it.

    A typed `3/8` becomes a day and month (`d-mmm`), a typed `3/81` the first of a month (`mmm-yy`). Which of day and
    month is the numerator, and whether 81 or 1981 was typed, follows from the total column; else from numerator ≤
    denominator, and a month of this century is left alone: `3/2026` was meant as a month.
    """
    assert isinstance(cell.value, date)
    day, month, year = cell.value.day, cell.value.month, cell.value.year
    code = date_code(cell.number_format)
    if _MONTH_YEAR_FORMAT.fullmatch(code) and day == 1:
        candidates = [(month, year % 100), (month, year)]
        if total is None:
            candidates = candidates[:1] if year < 2000 else []
    elif _DAY_MONTH_FORMAT.fullmatch(code):
        candidates = [(day, month), (month, day)]
    else:
        return None
    proved = {(float(n), float(d)) for n, d in candidates if n <= d and d > 0 and (total is None or float(d) == total)}
    return proved.pop() if len(proved) == 1 else None


def _with_ratio(typed: Typed, ratio: tuple[float, float]) -> Typed:
    return Typed(False, ratio[0], ratio=ratio, status=Status.REPORTED, cell=typed.cell, shown=typed.shown)


def _rescaled(typed: Typed, scale: float) -> Typed:
    if typed.value is None or typed.value > 1:
        return typed
    return replace(typed, value=round(typed.value * scale, 10))


def _times(value: float, factor: float) -> float:
    """Without the dust of binary fractions: 614025 × 0,001 is 614,025."""
    return round(value * factor, 9)


def _plain_number(grid: Grid, cell: Cell | None) -> float | None:
    if cell is None or isinstance(cell.value, bool):
        return None
    if isinstance(cell.value, int | float):
        return None if "%" in cell.number_format else float(cell.value)
    if isinstance(cell.value, str):
        number = parse_number(grid.text(cell.row, cell.column))
        return None if number is None or number.percent or number.numerator is not None else number.value
    return None


def _address(row: int, column: int) -> str:
    return Cell(row, column, None).address


def _place(address: str) -> tuple[int, int]:
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(address[len(letters) :]), column
