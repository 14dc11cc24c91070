"""Who has reported: the cycles under way, expected against received, who is missing, and what to write to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

import polars as pl
import streamlit as st

from dashboard import citation, filters, intake, matrix, panels, sources, text, theme, workbooks
from dashboard.filters import View
from dashboard.text import t
from dashboard.workbooks import Book
from etl import periods
from etl.access import Action
from etl.export import write
from etl.reminder import reminder_text
from sql import queries

Row = Mapping[str, Any]

SHOWN: Final = {"weekly": 13, "monthly": 12, "quarterly": 8}
LINES: Final = ("ubnd", "vptu", "")
FORMATS: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def cycles(view: View, book: Book) -> None:
    """The next report of each form to fall due, with a countdown, and how the last one went."""
    calendar = queries.calendar(view.scope, province=view.selection.province)
    book.add(t("book.calendar"), calendar.filter("is_open"), workbooks.REPORT_COUNTS)
    rows = list(calendar.iter_rows(named=True))
    coming = [row for row in rows if row["is_open"]]
    before = {(row["form"], row["cadence"]): row for row in rows if not row["is_open"]}
    if not coming:
        st.info(t("nothing_here"))
        return
    for column, row in zip(st.columns(len(coming), gap="small"), coming, strict=True):
        last = before.get((row["form"], row["cadence"]))
        with column:
            panels.tile(
                f"{row['form_code']} {t('cadence.' + row['cadence'])} · {text.name(row, 'period_label')}",
                t("due.today") if row["days_left"] == 0 else t("due.left", days=row["days_left"]),
                "",
                t("report.due", day=text.day(row["due_on"])),
                t("due.so_far", found=row["received_count"], expected=row["expected_count"]),
                t(
                    "due.last",
                    period=text.name(last, "period_label"),
                    found=last["received_count"],
                    expected=last["expected_count"],
                )
                if last
                else "",
            )


def choose(rows: pl.DataFrame) -> tuple[str, str, str]:
    """Form, cadence and period to look at; the newest that is due or of which something has come."""
    kinds = {}
    for row in rows.sort("form_code").iter_rows(named=True):
        words = f"{row['form_code']} {t('cadence.' + row['cadence'])} · {text.name(row, 'form_name')}"
        kinds[f"{row['form']}.{row['cadence']}"] = words
    senders = rows.group_by("form", "cadence").agg(pl.col("org_unit").n_unique())
    largest = senders.sort("org_unit", "form", descending=[True, False]).row(0)
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        kind = filters.pick_one("nhip", t("field.form"), kinds, ".".join(map(str, largest[:2])))
        form, _, cadence = kind.partition(".")
        own = rows.filter((pl.col("form") == form) & (pl.col("cadence") == cadence))
        labels = {row["period"]: text.name(row, "period_label") for row in own.iter_rows(named=True)}
        newest = sorted(labels, key=periods.order_key, reverse=True)
        settled = own.filter(pl.col("is_due") | pl.col("is_received"))["period"].unique().to_list()
        default = max(settled, key=periods.order_key, default="")
        return (
            form,
            cadence,
            filters.pick_one("ky", t("source.period"), {key: labels[key] for key in newest}, default, 190),
        )


def receipt_links() -> Callable[[str], str]:
    """The address of a submission's receipt; there are thousands in a matrix, with the same parameters."""
    kept = urlencode(filters.link_parameters())
    return lambda submission: f"/bao_cao?{kept}{'&' if kept else ''}{filters.RECEIPT}={quote(submission)}"


def legend() -> None:
    panels.marks_legend(theme.REPORT_MARKS.values())


def totals(view: View, book: Book, form: str, period: str) -> None:
    """The counts of one report by reporting line."""
    rows = queries.completeness_summary(view.scope, province=view.selection.province, period=period)
    rows = rows.filter((pl.col("form") == form) & (pl.col("period") == period))
    book.add(t("book.report_counts"), rows, workbooks.REPORT_COUNTS, line=workbooks.line_name)
    shown = list(rows.iter_rows(named=True))
    columns = {
        t("line"): [line_name(row["reporting_line"]) for row in shown],
        t("due.expected"): [text.number(row["expected_count"]) for row in shown],
        t("due.received"): [text.number(row["received_count"]) for row in shown],
        t("due.in_time"): [text.number(row["on_time_count"]) for row in shown],
        t("due.received_late"): [text.number(row["late_count"]) for row in shown],
        t("due.missing"): [text.number(row["missing_count"]) for row in shown],
        t("due.not_due"): [text.number(row["not_due_count"]) for row in shown],
        t("due.returned"): [text.number(row["returned_count"]) for row in shown],
        t("due.cells"): [text.fraction(row["cells_filled"], row["cells_expected"]) for row in shown],
    }
    sources.draw_table(columns, key="totals", height="content")


def missing(view: View, book: Book, form: str, period: str) -> None:
    """The units that have not sent, by reporting line, and a reminder to copy for each line."""
    rows = queries.missing_units(view.scope, province=view.selection.province, form=form, period=period)
    book.add(t("book.missing"), rows, workbooks.MISSING, line=workbooks.line_name)
    st.subheader(t("due.missing.title", period=periods.label(period, text.language()), count=len(rows)))
    if rows.is_empty():
        st.success(t("due.nobody"))
        return
    take_home(view, missing_table(rows), "missing", rows["form_code"][0], period)
    for line in LINES:
        of_line = rows.filter(pl.col("reporting_line") == line)
        if of_line.is_empty():
            continue
        st.markdown(f"**{line_name(line)}** ({len(of_line)})")
        left, right = st.columns([1, 1.2], gap="medium")
        with left:
            names(of_line)
        with right:
            remind(view, form, period, line, of_line)


def line_name(line: str) -> str:
    return t(f"line.{line or 'none'}")


def names(rows: pl.DataFrame) -> None:
    shown = list(rows.iter_rows(named=True))
    columns = {
        t("unit"): [row["org_unit_name"] for row in shown],
        t("report.due.column"): [text.day(row["due_on"]) for row in shown],
        t("due.days_late"): sources.numbers([text.number(row["days_late"] or None) for row in shown]),
        t("due.returned_at"): [text.moment(row["returned_at"]) for row in shown],
    }
    sources.draw_table(
        columns, key=f"missing-{shown[0]['reporting_line']}", height=420 if len(shown) > 10 else "content"
    )


def remind(view: View, form: str, period: str, line: str, rows: pl.DataFrame) -> None:
    """Ready words to the units of a line, to be copied."""
    desk = intake.open_intake(view.settings)
    due_on = rows["due_on"].drop_nulls()
    if desk is None or form not in desk.reference.forms or due_on.is_empty():
        return
    language: Literal["vi", "en"] = "en" if text.language() == "en" else "vi"
    words = reminder_text(
        desk.reference.forms[form],
        period,
        rows["org_unit_name"].to_list(),
        due_on[0],
        line,
        language,
        on=view.build["as_of"],
    )
    st.caption(t("due.remind"))
    st.code(words, language=None, wrap_lines=True, height=420 if len(rows) > 10 else "content")


def take_home(view: View, frame: pl.DataFrame, name: str, form_code: str, period: str) -> None:
    """A table as a workbook, and as a csv that Excel opens, for those who may take tables along."""
    if not view.may(Action.EXPORT):
        return
    used = (t("report.form"), form_code), (t("report.period"), periods.label(period, text.language()))
    about = citation.about(view, t(f"due.export.{name}"), used)
    with st.container(horizontal=True, gap="small"):
        for file_format, mime in FORMATS.items():
            st.download_button(
                f"{t('due.export.' + name)} (.{file_format})",
                data=partial(write, frame, file_format, about, for_excel=True),
                file_name=f"{name.replace('_', '-')}_{form_code}_{period}.{file_format}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"export-{name}-{file_format}",
            )


def matrix_table(rows: pl.DataFrame) -> pl.DataFrame:
    """The matrix as rows: unit, period, what became of its report."""
    shown = list(rows.iter_rows(named=True))
    return pl.DataFrame(
        {
            t("export.code"): [row["org_unit"] for row in shown],
            t("unit"): [row["org_unit_name"] for row in shown],
            t("line"): [line_name(row["reporting_line"]) for row in shown],
            t("report.period"): [text.name(row, "period_label") for row in shown],
            t("report.due.column"): [row["due_on"] for row in shown],
            t("status"): [t(theme.REPORT_MARKS[matrix.state_of(row)].word) for row in shown],
            t("report.received_at"): [text.moment(row["received_at"]) for row in shown],
            t("export.cells_filled"): [row["cells_filled"] for row in shown],
            t("export.cells_expected"): [row["cells_expected"] for row in shown],
        }
    )


def missing_table(rows: pl.DataFrame) -> pl.DataFrame:
    """The units that have not sent, as rows."""
    shown = list(rows.iter_rows(named=True))
    return pl.DataFrame(
        {
            t("line"): [line_name(row["reporting_line"]) for row in shown],
            t("export.code"): [row["org_unit"] for row in shown],
            t("unit"): [row["org_unit_name"] for row in shown],
            t("report.due.column"): [row["due_on"] for row in shown],
            t("due.days_late"): [row["days_late"] for row in shown],
            t("due.returned_at"): [text.moment(row["returned_at"]) for row in shown],
        }
    )


view = filters.open_view(needs_figures=False)
book = panels.head(view, t("page.ai_da_bao_cao"))
st.subheader(t("due.calendar", day=text.day(view.build.get("as_of"))))
cycles(view, book)
everything = queries.completeness(view.scope, province=view.selection.province)
if everything.is_empty():
    st.info(t("nothing_here"))
    st.stop()
form, cadence, period = choose(everything)
own = everything.filter((pl.col("form") == form) & (pl.col("cadence") == cadence))
until = periods.order_key(period)
columns = sorted((p for p in own["period"].unique() if periods.order_key(p) <= until), key=periods.order_key)
columns = columns[-SHOWN.get(cadence, 8) :]
of_matrix = own.filter(pl.col("period").is_in(columns))

book.narrow(t("field.form"), f"{own['form_code'][0]} {t('cadence.' + cadence)}")
book.narrow(t("source.period"), periods.label(period, text.language()))
totals(view, book, form, period)
book.add(t("due.export.matrix"), of_matrix.sort("period", "sort_key"), workbooks.REPORTS, **workbooks.REPORT_WORDS)
legend()
st.html(matrix.submissions(of_matrix, columns, receipt_links()))
st.caption(t("due.matrix.note"))
take_home(view, matrix_table(of_matrix.sort("period", "sort_key")), "matrix", own["form_code"][0], period)
missing(view, book, form, period)
