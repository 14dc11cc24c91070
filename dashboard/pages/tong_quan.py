"""Overview: one indicator of one unit group over the quarters, all its indicators now, and the tasks in a line."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import charts, filters, panels, sources, text
from dashboard.text import t
from sql import queries

view = filters.open_view()
chosen = view.selection
panels.head(view, t("page.tong_quan"), "unit_group", "period", "indicator")
filters.draw(view, "unit_group", "period", "indicator")

together = queries.rollup(view.scope, province=chosen.province, unit_group=chosen.unit_group, period=chosen.period)
own = queries.rollup(
    view.scope, province=chosen.province, unit_group="area", indicator=chosen.indicator, period=chosen.period
)
headline = next(together.filter(pl.col("indicator") == chosen.indicator).iter_rows(named=True), None)
tasks = next(
    queries.task_headline(view.scope, province=chosen.province, period=chosen.period).iter_rows(named=True), None
)
due = queries.completeness(view.scope, province=chosen.province, period=chosen.period)

first, second, third, fourth = st.columns([1.35, 1, 1, 1], gap="small")
with first:
    panels.figure_tile(view, headline, next(own.iter_rows(named=True), None))
with second:
    panels.met_tile(headline)
with third:
    panels.task_tile(tasks)
with fourth:
    panels.received_tile(due)

rows = queries.progress(view.scope, province=chosen.province, unit_group=chosen.unit_group, indicator=chosen.indicator)
st.subheader(
    t("heatmap.title", group=sources.plain(view.label("unit_group")), indicator=sources.plain(view.label("indicator")))
)
if rows.is_empty():
    st.info(t("nothing_here"))
else:
    panels.heat_legend(rows)
    sources.chart(
        charts.heatmap(rows, panels.last_quarters(rows, chosen.period), chosen.period),
        "heatmap",
        t("heatmap.title", group=view.label("unit_group"), indicator=view.label("indicator")),
    )
    st.caption(t("heatmap.sub", unit=rows["measure_unit"][0], period=text.quarter(chosen.period)) + ". " + t("click"))

st.subheader(
    t("all_indicators.title", group=sources.plain(view.label("unit_group")), period=text.quarter(chosen.period))
)
drawn = together.filter((pl.col("measure_unit") == charts.PERCENT) & pl.col("value").is_not_null())
if together.is_empty():
    st.info(t("nothing_here"))
if not drawn.is_empty():
    st.caption(t("all_indicators.sub"))
    sources.chart(charts.bullets(drawn), "bullets", t("all_indicators"))
if not together.is_empty():
    with st.expander(t("table")):
        panels.rollup_table(together, "rollup")

sources.open_source(view)
