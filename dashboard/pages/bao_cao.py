"""Submitted reports: what came, what was done with it and why, and what was read beside what stood in the cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import filters, panels, readings, sources, text
from dashboard.filters import View
from dashboard.sources import numbers, plain
from dashboard.text import t
from etl import periods
from sql import queries

Row = Mapping[str, Any]


def choose(rows: pl.DataFrame) -> tuple[str, str, str, str]:
    """Form, period, sender and outcome to narrow the list by; '' = all."""
    forms, held, senders = {}, {}, {}
    for row in rows.iter_rows(named=True):
        forms[row["form"]] = f"{row['form_code']} {text.name(row, 'form_name')}".strip()
        held[row["period"]] = text.name(row, "period_label")
        senders[row["org_unit"]] = row["org_unit_name"] or row["org_unit"]
    newest_first = sorted(filter(None, held), key=periods.order_key, reverse=True)
    outcomes = {outcome: t(f"outcome.{outcome}") for outcome in ("accepted", "rejected", "duplicate")}
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        return (
            filters.pick_extra("bieu", t("field.form"), {key: name for key, name in sorted(forms.items()) if key}),
            filters.pick_extra("ky", t("source.period"), {key: held[key] for key in newest_first}, 190),
            filters.pick_extra("gui", t("report.sender"), {key: name for key, name in senders.items() if key}),
            filters.pick_extra("ket-qua", t("field.outcome"), outcomes, 170),
        )


def list_of(rows: pl.DataFrame) -> None:
    """The submissions, newest first; choosing one opens its receipt."""
    shown = list(rows.iter_rows(named=True))
    accepted = sum(row["outcome"] == "accepted" for row in shown)
    rejected = sum(row["outcome"] == "rejected" for row in shown)
    counts = (
        t("report.counts", count=text.number(len(shown))),
        t("report.counts.accepted", count=text.number(accepted)),
        t("report.counts.rejected", count=text.number(rejected)),
    )
    st.caption(" · ".join(counts) + ". " + t("report.choose"))
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


def receipt(view: View, row: Row) -> None:
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
    st.markdown(f"**{t('report.read_rows')}**")
    if not row["observation_count"] and not row["task_count"]:
        st.caption(t("report.no_rows"))
    if row["observation_count"]:
        rows = queries.submission_observations(view.scope, submission=row["submission"])
        readings.observations(list(rows.iter_rows(named=True)))
    if row["task_count"]:
        rows = queries.submission_tasks(view.scope, submission=row["submission"])
        readings.task_reports(list(rows.iter_rows(named=True)))


view = filters.open_view(needs_figures=False)
# A refused file may name no unit that exists, and then belongs to no province.
at_home = pl.col("province").is_in([view.selection.province, ""])
panels.head(view, t("page.bao_cao"))
opened = st.query_params.get(filters.RECEIPT, "")
if opened:
    st.button(t("report.close"), icon=":material/arrow_back:", on_click=filters.forget, args=(filters.RECEIPT,))
    found = queries.submission(view.scope, submission=opened)
    if found.is_empty():
        st.info(t("report.no_receipt"))
    else:
        receipt(view, found.row(0, named=True))
else:
    everything = queries.submissions(view.scope).filter(at_home)
    form, period, sender, outcome = choose(everything)
    rows = queries.submissions(
        view.scope,
        form=form or None,
        period=period or None,
        org_unit=sender or None,
        outcome=outcome or None,
    ).filter(at_home)
    if rows.is_empty():
        st.info(t("nothing_here") if len(everything) else t("no_data"))
    else:
        list_of(rows)
