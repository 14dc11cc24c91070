"""Submitted reports: what came, what was done with it and why, and what was read beside what stood in the cell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboard import filters, panels, readings, sources, text, workbooks
from dashboard.filters import View
from dashboard.sources import numbers, plain
from dashboard.text import t
from dashboard.workbooks import Book
from sql import queries

Row = Mapping[str, Any]

LINES: Final = 200  # of one page


def choose(book: Book, facets: pl.DataFrame) -> dict[str, str | None]:
    """Form, period, sender and outcome to narrow the list by; None = all."""
    held = {
        facet: {row["value"]: text.name(row, "label") for row in rows.iter_rows(named=True) if row["value"]}
        for (facet,), rows in facets.group_by("facet", maintain_order=True)
    }
    outcomes = {outcome: t(f"outcome.{outcome}") for outcome in ("accepted", "rejected", "duplicate")}
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        chosen = {
            "form": filters.pick_extra("bieu", t("field.form"), held.get("form", {})),
            "period": filters.pick_extra("ky", t("source.period"), held.get("period", {}), 190),
            "org_unit": filters.pick_extra("gui", t("report.sender"), held.get("org_unit", {})),
            "outcome": filters.pick_extra("ket-qua", t("field.outcome"), outcomes, 170),
        }
    for field, label in (("form", "field.form"), ("period", "source.period"), ("org_unit", "report.sender")):
        book.narrow(t(label), held.get(field, {}).get(chosen[field], ""))
    book.narrow(t("field.outcome"), outcomes.get(chosen["outcome"], ""))
    return {field: value or None for field, value in chosen.items()}


def counted(facets: pl.DataFrame) -> dict[str, int]:
    """How many submissions there are by outcome; '' = all."""
    rows = facets.filter(pl.col("facet").is_in(["", "outcome"]))
    return {"": 0, **dict(rows.select("value", "submission_count").iter_rows())}


def all_of(view: View, chosen: dict[str, str | None]) -> pl.DataFrame:
    """Every submission chosen, where the list shows a page of them."""
    return queries.submissions(view.scope, home=view.selection.province, limit=None, offset=0, **chosen)


def list_of(rows: pl.DataFrame, counts: Mapping[str, int], first: int) -> None:
    """One page of the submissions, newest first; choosing one opens its receipt."""
    shown = list(rows.iter_rows(named=True))
    said = (
        t("report.counts", count=text.number(counts[""])),
        t("report.counts.accepted", count=text.number(counts.get("accepted", 0))),
        t("report.counts.rejected", count=text.number(counts.get("rejected", 0))),
    )
    pages = -(-counts[""] // LINES)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        place = {"first": text.number(first + 1), "last": text.number(first + len(shown))}
        lines = t("explore.shown", count=text.number(counts[""]), **place) + ". " if pages > 1 else ""
        st.caption(" · ".join(said) + ". " + lines + t("report.choose"))
        if pages > 1:
            filters.turn_pages(pages)
    columns = {
        t("report.received_at"): [text.moment(row["received_at"]) for row in shown],
        t("report.sender"): [row["org_unit_name"] or row["org_unit"] for row in shown],
        t("report.form"): [row["form_code"] for row in shown],
        t("report.period"): [text.name(row, "period_label") for row in shown],
        t("report.as_of"): [text.day(row["as_of"]) for row in shown],
        t("report.outcome"): [readings.state(row) for row in shown],
        t("report.rows"): numbers([text.number(row["observation_count"] + row["task_count"]) for row in shown]),
        t("report.errors"): numbers([text.number(row["error_count"] or None) for row in shown]),
        t("report.warnings"): numbers([text.number(row["warning_count"] or None) for row in shown]),
        t("report.file"): [row["file_name"] for row in shown],
    }
    sources.link_table(columns, [row["submission"] for row in shown], "submissions", filters.RECEIPT)


def receipt(view: View, book: Book, row: Row) -> None:
    """The receipt of one submission, its findings, and its rows beside the cells they were read from."""
    st.subheader(f"{t('report.receipt')} · {plain(row['org_unit_name'] or row['org_unit'] or '—')}")
    st.markdown(f"**{readings.state(row)}**")
    facts = (
        ("report.file", row["file_name"]),
        ("report.form", f"{row['form_code']} {text.name(row, 'form_name')}".strip()),
        ("report.period", text.name(row, "period_label")),
        ("report.as_of", text.day(row["as_of"])),
        ("report.received_at", text.moment(row["received_at"])),
        ("source.sender", row["sender"]),
        ("report.number", row["submission"]),
    )
    st.text("\n".join(f"{t(label)}: {words}" for label, words in facts if words))
    findings = queries.findings(view.scope, submission=row["submission"])
    readings.links(row["submission"], row["outcome"], findings["code"])
    readings.findings(list(findings.iter_rows(named=True)))
    book.narrow(t("report.number"), row["submission"])
    book.add(t("report.findings"), findings, workbooks.FINDINGS)
    st.markdown(f"**{t('report.read_rows')}**")
    if not row["observation_count"] and not row["task_count"]:
        st.caption(t("report.no_rows"))
    if row["observation_count"]:
        rows = queries.submission_observations(view.scope, submission=row["submission"])
        readings.observations(list(rows.iter_rows(named=True)))
        book.add(t("book.read_figures"), rows, workbooks.READ_FIGURES, state=lambda row: t(f"read.{row['status']}"))
    if row["task_count"]:
        rows = queries.submission_tasks(view.scope, submission=row["submission"])
        readings.task_reports(list(rows.iter_rows(named=True)))
        book.add(t("book.read_tasks"), rows, workbooks.READ_TASKS, state=workbooks.task_state)


view = filters.open_view(needs_figures=False)
book = panels.head(view, t("page.bao_cao"))
opened = st.query_params.get(filters.RECEIPT, "")
if opened:
    st.button(t("report.close"), icon=":material/arrow_back:", on_click=filters.forget, args=(filters.RECEIPT,))
    found = queries.submission(view.scope, submission=opened)
    if found.is_empty():
        st.info(t("report.no_receipt"))
    else:
        receipt(view, book, found.row(0, named=True))
else:
    home = view.selection.province
    everything = queries.submission_facets(view.scope, home=home)
    chosen = choose(book, everything)
    counts = counted(queries.submission_facets(view.scope, home=home, **chosen))
    first = (filters.page_wished(-(-counts[""] // LINES)) - 1) * LINES
    rows = queries.submissions(view.scope, home=home, limit=LINES, offset=first, **chosen)
    if rows.is_empty():
        st.info(t("nothing_here") if counted(everything)[""] else t("no_data"))
    else:
        list_of(rows, counts, first)
        book.add_asked(
            t("page.bao_cao"),
            partial(all_of, view, chosen),
            workbooks.SUBMISSIONS,
            outcome=readings.state,
        )
