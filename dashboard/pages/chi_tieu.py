"""One indicator: what it means, how the units of a group stand against the target, and how it went by quarter."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import charts, filters, panels, sources, text
from dashboard.text import t
from sql import queries

view = filters.open_view()
chosen = view.selection
panels.head(view, t("page.chi_tieu"), "unit_group", "period", "indicator")
filters.draw(view, "indicator", "unit_group", "period")

indicator = next(
    queries.indicators(view.scope).filter(pl.col("indicator") == chosen.indicator).iter_rows(named=True), None
)
history = queries.rollup(view.scope, province=chosen.province, unit_group=chosen.unit_group, indicator=chosen.indicator)
rows = queries.progress(
    view.scope,
    province=chosen.province,
    unit_group=chosen.unit_group,
    indicator=chosen.indicator,
    period=chosen.period,
)
now = next(history.filter(pl.col("period") == chosen.period).iter_rows(named=True), None)

if indicator is None:
    st.info(t("nothing_here"))
    st.stop()
st.subheader(sources.plain(f"{indicator['indicator']} · {text.name(indicator, 'name')}"))
left, right = st.columns([1, 1.7], gap="medium")
with left:
    panels.figure_tile(view, now, None)
    panels.definition(indicator, now)
with right:
    st.markdown(f"**{t('trend.title')}** · {sources.plain(view.label('unit_group'))}")
    if history.is_empty():
        st.info(t("nothing_here"))
    else:
        sources.chart(
            charts.trend(history, panels.all_quarters(history), indicator["measure_unit"], indicator["decimals"]),
            "trend",
            t("trend.title"),
        )
        st.caption(t("coverage.under"))

st.subheader(t("ranked.title", group=sources.plain(view.label("unit_group")), period=text.quarter(chosen.period)))
valued = rows.filter((pl.col("status") == "reported") & pl.col("value").is_not_null())
valued = valued.sort("rank", "sort_key", nulls_last=True)
if valued.is_empty():
    st.info(t("nothing_here"))
else:
    panels.standing_legend(valued)
    sources.chart(charts.ranked(panels.part_of_ranking(valued)), "ranked", t("ranked.title", group="", period=""))
    st.caption(t("click"))
panels.without_value(rows.filter((pl.col("status") != "reported") | pl.col("value").is_null()))
if not rows.is_empty():
    with st.expander(t("table")):
        panels.unit_table(rows.sort("rank", "sort_key", nulls_last=True), "units")

sources.open_source(view)
