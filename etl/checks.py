"""Rules about the rows of one table: each check is a generator of findings, listed in `CHECKS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from etl.findings import Finding
from etl.model import Status, Table, TypedFigure
from etl.periods import cadence, period_dates
from etl.reference import Reference
from etl.vietnamese import format_date, format_number

PERCENTAGE_TOLERANCE = 0.06
TOTAL_TOLERANCE = 1e-6
BLANK_FORM_ROWS = 5

Check = Callable[[Table, Reference], Iterator[Finding]]


def numerator_exceeds_denominator(table: Table, reference: Reference) -> Iterator[Finding]:
    """n > d of a ratio is always a typing fault."""
    for typed in table.figures:
        figure = typed.observation
        if reference.indicators[figure.indicator].kind != "ratio":
            continue
        if figure.numerator is not None and figure.denominator is not None and figure.numerator > figure.denominator:
            yield Finding(
                "rule.numerator_exceeds_denominator",
                table.sheet,
                typed.numerator_cell,
                _number(figure.numerator),
                _number(figure.denominator),
            )


def percentage_differs(table: Table, reference: Reference) -> Iterator[Finding]:
    """The typed percentage against n/d, to the precision it was typed with."""
    for typed in table.figures:
        figure = typed.observation
        if typed.percentage is None or figure.value is None or not figure.denominator or figure.numerator is None:
            continue
        if reference.indicators[figure.indicator].kind != "ratio":
            continue
        if abs(typed.percentage - figure.value) > _tolerance(typed):
            shown, computed = typed.percentage_shown, format_number(figure.value, 1)
            yield Finding("rule.percentage_differs", table.sheet, typed.percentage_cell, shown, computed)


def _tolerance(typed: TypedFigure) -> float:
    """Half a unit of the last shown digit, at least 0,06 points."""
    _, comma, decimals = typed.percentage_shown.replace(".", ",").rstrip("% ").partition(",")
    return max(PERCENTAGE_TOLERANCE, 0.51 * 10 ** -len(decimals) if comma else 0.51)


def percentage_out_of_range(table: Table, reference: Reference) -> Iterator[Finding]:
    """A ratio outside 0–100 % where only the percentage was sent."""
    for typed in table.figures:
        figure = typed.observation
        if reference.indicators[figure.indicator].kind != "ratio" or figure.value is None:
            continue
        only_percentage = figure.numerator is None or figure.denominator is None
        if only_percentage and not 0 <= figure.value <= 100:
            yield Finding("rule.percentage_out_of_range", table.sheet, figure.cell, figure.shown)


def total_differs(table: Table, reference: Reference) -> Iterator[Finding]:
    """A typed total or subtotal against the sum of its rows."""
    for total in table.totals:
        if abs(total.value - total.rows_sum) > TOTAL_TOLERANCE * max(1.0, abs(total.value)):
            yield Finding("rule.total_differs", table.sheet, total.cell, total.shown, _number(total.rows_sum))


def duplicate_rows(table: Table, reference: Reference) -> Iterator[Finding]:
    """The same indicator of the same unit, or the same task, twice in one table."""
    seen: dict[tuple[str, str], TypedFigure] = {}
    for typed in table.figures:
        figure = typed.observation
        first = seen.setdefault((figure.org_unit, figure.indicator), typed)
        if first is typed:
            continue
        other = first.observation
        same = (other.numerator, other.denominator, other.value, other.status) == (
            figure.numerator,
            figure.denominator,
            figure.value,
            figure.status,
        )
        code = "row.duplicate" if same else "row.duplicate_differs"
        yield Finding(code, table.sheet, figure.cell, figure.indicator, other.cell)
    tasks: dict[tuple[str, str], str] = {}
    for task in table.tasks:
        if not task.report.task:
            continue
        identity = (task.report.assigned_in.casefold(), task.report.task.casefold())
        if identity in tasks:
            yield Finding("row.duplicate_differs", table.sheet, task.report.cell, task.report.task, tasks[identity])
        tasks.setdefault(identity, task.report.cell)


def state_against_dates(table: Table, reference: Reference) -> Iterator[Finding]:
    """The typed state against the one derived from due date, completion date and as-of date."""
    for typed in table.tasks:
        report = typed.report
        speaks_of_time = report.status.endswith(("_dung_han", "_qua_han"))
        if typed.claimed_status and speaks_of_time and typed.claimed_status != report.status:
            expected = STATUS_WORDS.get(report.status, report.status)
            yield Finding("task.state_against_dates", table.sheet, typed.state_cell, report.state_text, expected)
        if report.completed_on and table.as_of and report.completed_on > table.as_of:
            yield Finding(
                "task.completed_after_as_of",
                table.sheet,
                typed.completed_cell,
                format_date(report.completed_on),
                format_date(table.as_of),
            )


STATUS_WORDS = {
    "chua_thuc_hien_dung_han": "chưa thực hiện, trong hạn",
    "chua_thuc_hien_qua_han": "chưa thực hiện, quá hạn",
    "dang_thuc_hien_dung_han": "đang thực hiện, trong hạn",
    "dang_thuc_hien_qua_han": "đang thực hiện, quá hạn",
    "da_hoan_thanh_dung_han": "hoàn thành đúng hạn",
    "da_hoan_thanh_qua_han": "hoàn thành quá hạn",
    "thuong_xuyen": "thường xuyên",
}


def as_of_against_period(table: Table, reference: Reference) -> Iterator[Finding]:
    """The as-of date against the day of receipt and against the period.

    A quarter is a label: its data may be cut off on the 14th of its last month, so a period's days begin up to half a
    month before its first calendar day.
    """
    if table.as_of is None:
        return
    if table.as_of > table.received_on:
        yield Finding(
            "as_of.after_receipt",
            table.sheet,
            table.as_of_cell,
            format_date(table.as_of),
            format_date(table.received_on),
        )
    if not table.period:
        return
    start, end = period_dates(table.period)
    if not start - timedelta(days=17) <= table.as_of <= end:
        yield Finding(
            "as_of.outside_period",
            table.sheet,
            table.as_of_cell,
            format_date(table.as_of),
            f"{format_date(start)} – {format_date(end)}",
        )


def missing_indicators(table: Table, reference: Reference) -> Iterator[Finding]:
    """Indicators that the form asks of this unit in this period and that have no row."""
    if reference.forms[table.form].shape != "indicator_rows" or not table.org_unit or not table.period:
        return
    present = {typed.observation.indicator for typed in table.figures}
    expected = reference.indicators_expected(table.form, table.org_unit, cadence(table.period))
    missing = [code for code in expected if code not in present]
    if missing:
        yield Finding("rule.not_all_indicators", table.sheet, "", "", ", ".join(missing))


def nothing_reported(table: Table, reference: Reference) -> Iterator[Finding]:
    """A table without one figure, often the blank form sent by mistake: it would replace what was sent before."""
    given = [typed.observation for typed in table.figures if typed.observation.status is not Status.NOT_REPORTED]
    if len(table.figures) >= BLANK_FORM_ROWS and not given:
        yield Finding("rule.nothing_reported", table.sheet)


CHECKS: tuple[Check, ...] = (
    numerator_exceeds_denominator,
    percentage_differs,
    percentage_out_of_range,
    total_differs,
    duplicate_rows,
    state_against_dates,
    as_of_against_period,
    missing_indicators,
    nothing_reported,
)


def check(table: Table, reference: Reference) -> list[Finding]:
    """All findings of all checks about one table, in the order of `CHECKS`."""
    return [finding for rule in CHECKS for finding in rule(table, reference)]


def _number(value: float) -> str:
    return format_number(value, 0 if float(value).is_integer() else 2)
