"""Tasks: how many stand where, what is due in the quarter, which lead units are behind, and the list, overdue first."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import charts, filters, headings, panels, sources, text, workbooks
from dashboard.text import t
from sql import queries

view = filters.open_view(newest=True)
chosen = view.selection
book = panels.head(view, t("page.nhiem_vu"), "period")
summary = queries.task_summary(view.scope, province=chosen.province, period=chosen.period)
leads = {row["lead"]: panels.lead_name(row) for row in summary.iter_rows(named=True) if row["lead"]}
with st.container(horizontal=True, vertical_alignment="top", gap="small"):
    filters.pick(view, "period")
    lead = filters.pick_extra("chu-tri", t("field.lead"), leads)

book.narrow(t("field.lead"), leads.get(lead, ""))
if summary.is_empty():
    st.info(t("task.none" if view.scope.org_units is None else "unit.no_tasks"))
    st.stop()

together = queries.task_headline(view.scope, province=chosen.province, period=chosen.period)
counted = summary.filter(pl.col("lead") == lead) if lead else together
tasks = queries.tasks(view.scope, province=chosen.province, period=chosen.period, lead=lead or None)
book.add(t("task.list"), tasks, workbooks.TASKS, state=workbooks.task_state)
book.add(t("task.summary", period=text.quarter(chosen.period)), counted, workbooks.TASK_COUNTS)
book.add(t("task.by_lead"), summary if not lead else summary.clear(), workbooks.TASK_COUNTS)
st.subheader(t("task.summary", period=text.quarter(chosen.period)))
panels.task_headline(counted.row(0, named=True))
legend = panels.task_legend()
sources.chart(
    charts.task_bars([panels.task_counts(counted.row(0, named=True), "")], legend=False),
    "task-all",
    f"{t('task.summary', period=text.quarter(chosen.period))}: {headings.tasks(counted.row(0, named=True))}",
    partial(panels.task_lines, counted),
    title=t("task.summary", period=text.quarter(chosen.period)),
    legend=legend,
)

if not lead:
    st.subheader(t("task.by_lead"))
    st.caption(t("task.by_lead.sub"))
    by_lead = summary.sort("overdue_count", "task_count", descending=True)
    bars = [panels.task_counts(row, panels.lead_name(row)) for row in by_lead.iter_rows(named=True)]
    sources.chart(
        charts.task_bars(bars, legend=False),
        "task-leads",
        f"{t('task.by_lead')}: {headings.overdue(by_lead)}",
        partial(panels.task_lines, by_lead),
        title=t("task.by_lead"),
        parameter="chu-tri",
        legend=legend,
        about=f"{t('task.by_lead.sub')} · {text.quarter(chosen.period)}",
    )

st.subheader(t("task.list"))
panels.task_table(tasks, "tasks")

sources.open_source(view)
