"""A whole page as one workbook: a page says what it shows, the file is made when somebody asks for it.

Cells hold numbers, not the words of the page; a column without any value is left out, as it is on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboard import charts, citation, extracts, matrix, text, theme
from dashboard.extracts import Choice
from dashboard.filters import View
from dashboard.text import t
from etl.export import Column, Sheet, write_workbook

Row = Mapping[str, Any]
Words = Callable[[Row], Any]

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What a column of a question is called in a file: key of `text`. `x_name` is taken in the language shown.
HEADINGS: Final[Mapping[str, str]] = {
    "org_unit": "export.code",
    "org_unit_name": "unit",
    "group_name": "field.unit_group",
    "line": "line",
    "indicator": "indicator",
    "indicator_name": "explore.indicator_name",
    "period_label": "field.period",
    "numerator": "numerator",
    "denominator": "denominator",
    "value": "value",
    "qualifier": "explore.qualifier",
    "value_to": "explore.value_to",
    "measure_unit": "explore.measure_unit",
    "target": "target",
    "planned_value": "planned",
    "median_value": "median",
    "gap": "gap",
    "change": "change",
    "rank": "rank",
    "ranked_count": "explore.ranked",
    "mark": "status",
    "unit_count_reported": "export.units_reported",
    "unit_count_expected": "export.units_expected",
    "met_count": "export.units_met",
    "missed_count": "export.units_missed",
    "part_count_found": "export.parts_found",
    "part_count_expected": "export.parts_expected",
    "as_of": "as_of.column",
    "as_of_min": "export.as_of_first",
    "as_of_max": "export.as_of_last",
    "file_name": "source.file",
    "sheet": "sheet",
    "cell": "cell",
    "shown": "source.shown",
    "note": "definition.note",
    "submission": "report.number",
    "task": "task.code",
    "title": "task",
    "assigned_in": "task.assigned_in",
    "lead": "export.lead_code",
    "lead_name": "field.lead",
    "coordinating_text": "task.coordinating",
    "due_text": "export.due_text",
    "due_on": "task.due_on",
    "days_overdue": "task.days_overdue",
    "completed_on": "task.completed_on",
    "progress_pct": "task.progress",
    "result": "task.result",
    "obstacle": "task.obstacle",
    "proposal": "task.proposal",
    "task_count": "tasks",
    "done_count": "task.done",
    "in_progress_count": "task.in_progress",
    "recurring_count": "task.recurring",
    "not_started_count": "task.not_started",
    "overdue_count": "task.overdue",
    "due_count": "export.due_count",
    "due_done_count": "task.due_done",
    "form_code": "report.form",
    "form_name": "field.form",
    "received_at": "report.received_at",
    "sender": "source.sender",
    "observation_count": "export.figures",
    "error_count": "report.errors",
    "warning_count": "report.warnings",
    "expected_count": "due.expected",
    "received_count": "due.received",
    "on_time_count": "due.in_time",
    "late_count": "due.received_late",
    "missing_count": "due.missing",
    "not_due_count": "due.not_due",
    "returned_count": "due.returned",
    "days_left": "export.days_left",
    "days_late": "due.days_late",
    "returned_at": "due.returned_at",
    "cells_filled": "export.cells_filled",
    "cells_expected": "export.cells_expected",
    "family": "quality.family",
    "measure": "export.measure",
    "unit_count": "export.units",
    "finding_count": "quality.count",
    "age_days": "export.age",
    "median_age_days": "export.age",
    "code": "task.code",
    "message": "finding",
    "outcome": "report.outcome",
    "state": "status",
    "judged": "changes.judged",
    "then": "changes.then",
    "now": "changes.now",
    "why": "changes.why",
    "how": "boundaries.how",
}

_MEASURED: Final = (
    *("numerator", "denominator", "value", "qualifier", "value_to", "measure_unit"),
    *("target", "planned_value", "gap", "change"),
)
_PLACE: Final = ("sheet", "cell", "shown", "submission")
FIGURES: Final = (
    *("org_unit", "org_unit_name", "indicator", "indicator_name", "period_label", *_MEASURED, "median_value"),
    *("rank", "ranked_count", "mark", "part_count_found", "part_count_expected", "as_of", *_PLACE),
)
TOGETHER: Final = (
    *("group_name", "indicator", "indicator_name", "period_label", *_MEASURED, "mark"),
    *("unit_count_reported", "unit_count_expected", "met_count", "missed_count", "as_of_min", "as_of_max"),
)
TASKS: Final = (
    *("task", "title", "assigned_in", "lead", "lead_name", "coordinating_text", "due_text", "due_on", "state"),
    *("days_overdue", "completed_on", "progress_pct", "result", "obstacle", "proposal", "as_of", *_PLACE),
)
TASK_COUNTS: Final = (
    *("lead", "lead_name", "task_count", "done_count", "in_progress_count", "recurring_count", "not_started_count"),
    *("overdue_count", "due_count", "due_done_count"),
)
REPORTS: Final = (
    *("form_code", "form_name", "org_unit", "org_unit_name", "line", "period_label", "due_on", "state", "received_at"),
    *("cells_filled", "cells_expected", "submission"),
)
REPORT_COUNTS: Final = (
    *("form_code", "form_name", "period_label", "line", "due_on", "days_left", "expected_count", "received_count"),
    *("on_time_count", "late_count", "missing_count", "not_due_count", "returned_count"),
    *("cells_filled", "cells_expected"),
)
MISSING: Final = (
    "form_code",
    "line",
    "org_unit",
    "org_unit_name",
    "period_label",
    "due_on",
    "days_late",
    "returned_at",
)
SUBMISSIONS: Final = (
    *("received_at", "org_unit", "org_unit_name", "form_code", "form_name", "period_label", "as_of", "outcome"),
    *("observation_count", "task_count", "error_count", "warning_count", "sender", "file_name", "submission"),
)
FINDINGS: Final = (
    *("family", "org_unit", "org_unit_name", "form_code", "period_label", "code", "message", "sheet", "cell", "shown"),
    *("file_name", "received_at", "submission"),
)
READ_FIGURES: Final = (
    *("sheet", "cell", "shown", "numerator", "denominator", "value", "qualifier", "value_to", "measure_unit", "state"),
    *("indicator", "indicator_name", "org_unit", "org_unit_name", "as_of", "note"),
)
READ_TASKS: Final = (
    *("sheet", "cell", "shown", "task", "title", "lead", "lead_name", "due_text", "due_on", "state", "completed_on"),
    *("progress_pct", "result", "obstacle", "proposal", "as_of"),
)
QUALITY: Final = (
    *("group_name", "org_unit", "org_unit_name", "period_label", "family", "measure", "numerator", "denominator"),
    *("unit_count", "finding_count", "age_days", "median_age_days"),
)
CHANGED: Final = (
    *("org_unit", "org_unit_name", "indicator", "indicator_name", "period_label", "state", "measure_unit"),
    *("numerator_then", "denominator_then", "value_then", "numerator", "denominator", "value", "judged", *_PLACE),
)
CHANGED_TASKS: Final = ("task", "title", "lead", "lead_name", "then", "now", "why", "sheet", "cell", "submission")

_BY_INDICATOR: Final = frozenset({"value", "value_to", "gap", "change", "planned_value", "median_value"})


class Book:
    """What one page shows, sheet by sheet, and what it was narrowed to."""

    def __init__(self, view: View, title: str, *used: str) -> None:
        self.view, self.title = view, title
        self._link = citation.permalink(view)
        self._fields = used
        self._narrowed: list[tuple[str, str]] = []
        self._sheets: list[Callable[[], Sheet]] = []

    def narrow(self, label: str, words: str) -> None:
        """Say of a filter of the page's own what it is set to."""
        self._narrowed.append((label, words))

    def add(self, name: str, rows: pl.DataFrame, columns: tuple[str, ...], **words: Words) -> None:
        """A sheet of these columns of what was asked; `words` are columns made of a row when the file is made."""
        if not rows.is_empty():
            self.add_asked(name, lambda: rows, columns, **words)

    def add_asked(self, name: str, ask: Callable[[], pl.DataFrame], columns: tuple[str, ...], **words: Words) -> None:
        """The same of rows that are asked for only when the file is made: all those of which the page shows a part."""
        self._sheets.append(lambda: sheet(name, ask(), columns, words))

    def add_table(self, choice: Choice) -> None:
        """The table of a free selection, all its pages."""
        self._sheets.append(lambda: extracts.table_sheet(extracts.ask(self.view, choice), choice))

    def add_behind(self, choice: Choice) -> None:
        """Every cell behind the figures of a choice, and what its indicators mean."""
        self._sheets.append(lambda: extracts.source_sheet(extracts.sources(self.view, choice)))
        self._sheets.append(lambda: extracts.meaning_sheet(self.view, choice))

    def make(self) -> bytes:
        """The workbook; made outside the run of the page."""
        text.use(self.view.selection.language)
        about = citation.about(self.view, self.title, self.filters(), self._link)
        with extracts.FEW_AT_ONCE:
            made = [make() for make in self._sheets]
            return write_workbook(made or [Sheet(t("nothing_here"), pl.DataFrame())], about)

    def filters(self) -> list[tuple[str, str]]:
        """What the page was narrowed to: label and words."""
        used = [(t(f"field.{field}"), self.view.label(field)) for field in ("province", *self._fields)]
        return [(label, words) for label, words in (*used, *self._narrowed) if words]

    def offer(self, name: str) -> None:
        """The button that makes and fetches the workbook; it may be drawn before the page has said what it shows."""
        st.download_button(
            t("workbook"),
            data=self.make,
            file_name=f"{citation.file_name(name)}_{self.view.scope.warehouse.stem}.xlsx",
            mime=MIME,
            icon=":material/table_view:",
            type="tertiary",
            on_click="ignore",
            key="whole-page",
        )


def sheet(name: str, rows: pl.DataFrame, columns: tuple[str, ...], words: Mapping[str, Words]) -> Sheet:
    """A sheet of what was asked: full names, numbers as numbers, Vietnamese time, columns without a value left out."""
    rows = _with_words(rows, {"mark": extracts.standing} | dict(words) if "standing" in rows.columns else words)
    moments = [column for column, dtype in rows.schema.items() if isinstance(dtype, pl.Datetime)]
    rows = rows.with_columns(extracts.in_vietnam(column) for column in moments)
    found = {column: _in_language(rows, column) for column in columns}
    held = {column: own for column, own in found.items() if own in rows.columns and not _is_blank(rows[own])}
    return Sheet(name, rows, {own: _column(column, rows) for column, own in held.items()}, fixed=2)


def _with_words(rows: pl.DataFrame, words: Mapping[str, Words]) -> pl.DataFrame:
    if not words:
        return rows
    shown = list(rows.iter_rows(named=True))
    return rows.with_columns(pl.Series(column, [say(row) for row in shown]) for column, say in words.items())


def _in_language(rows: pl.DataFrame, column: str) -> str:
    own = f"{column}_{text.language()}"
    return own if own in rows.columns else column


def _is_blank(values: pl.Series) -> bool:
    return bool(values.is_null().all() or (values.dtype == pl.String and (values.fill_null("") == "").all()))


def _column(column: str, rows: pl.DataFrame) -> Column:
    was = column.removesuffix("_then")
    made = Column(t(HEADINGS[was]) if was == column else f"{t(HEADINGS[was])} · {t('changes.then')}")
    if column == "mark":
        return replace(made, fills=extracts.mark_fills())
    if column == "measure":
        return replace(made, unit=charts.PERCENT, decimals=2)
    if was in _BY_INDICATOR and "decimals" in rows.columns:
        return replace(made, decimals="decimals")
    return made


def report_state(row: Row) -> str:
    """What became of an expected report, in words."""
    return t(theme.REPORT_MARKS[matrix.state_of(row)].word)


def line_name(row: Row) -> str:
    """The reporting line of a row, in words."""
    return t(f"line.{row['reporting_line'] or 'none'}")


REPORT_WORDS: Final[Mapping[str, Words]] = {"state": report_state, "line": line_name}


def task_state(row: Row) -> str:
    """How a task stands, in words."""
    return t(f"status.{row['status']}")
