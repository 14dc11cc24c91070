"""Overview: how a group does, who leads and who lags, what is overdue and who has not reported, in ten seconds."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import charts, comparisons, filters, headings, panels, screen, sources, text, visitor, workbooks
from dashboard.extracts import Choice
from dashboard.text import t
from etl.access import pages_for
from sql import queries

view = filters.open_view()
chosen = view.selection
group = view.label("unit_group")
pages = pages_for(visitor.principal())
is_own = view.scope.org_units is not None
book = panels.head(view, t("page.tong_quan"), "unit_group", "period", "indicator")
with st.container(horizontal=True, vertical_alignment="top", gap="small"):
    for field in ("unit_group", "period", "indicator"):
        filters.pick(view, field)
    beside = panels.pick_beside()

together = queries.rollup(view.scope, province=chosen.province, unit_group=chosen.unit_group, period=chosen.period)
own = queries.rollup(
    view.scope, province=chosen.province, unit_group="area", indicator=chosen.indicator, period=chosen.period
)
headline = next(together.filter(pl.col("indicator") == chosen.indicator).iter_rows(named=True), None)
tasks = next(
    queries.task_headline(view.scope, province=chosen.province, period=chosen.period).iter_rows(named=True), None
)
due = queries.completeness(view.scope, province=chosen.province, period=chosen.period)
history = queries.progress(
    view.scope, province=chosen.province, unit_group=chosen.unit_group, indicator=chosen.indicator
)
rows = history.filter(pl.col("period") == chosen.period)
by_lead = queries.task_summary(view.scope, province=chosen.province, period=chosen.period)
by_lead = by_lead.filter(pl.col("task_count") > 0).sort("overdue_count", "task_count", descending=True)

book.add(t("book.together"), together, workbooks.TOGETHER)
book.add(t("book.units"), rows.sort("rank", "sort_key", nulls_last=True), workbooks.FIGURES)
book.add(t("task.by_lead"), by_lead, workbooks.TASK_COUNTS)
book.add(t("book.missing"), due.filter(~pl.col("is_received")), workbooks.REPORTS, **workbooks.REPORT_WORDS)
book.add(t("book.quarters"), history, workbooks.FIGURES)
book.add_behind(Choice((chosen.indicator,), unit_groups=(chosen.unit_group,), periods=(chosen.period,)))

first, second, *others = st.columns([1.35, 1, 1, 1] if "nhiem_vu" in pages else [1.35, 1], gap="small")
with first:
    panels.figure_tile(view, headline, next(own.iter_rows(named=True), None))
with second:
    panels.met_tile(headline)
for column, draw in zip(
    others, (partial(panels.task_tile, tasks, own=is_own), partial(panels.received_tile, due)), strict=False
):
    with column:
        draw()

# ---------------------------------------------------------------- who leads, who lags, and where

tiles = queries.tiles(view.scope, province=chosen.province)
tiles = tiles.filter(pl.col("org_unit").is_in(rows["org_unit"].implode()))
title = headings.median(rows) if beside == "median" else headings.met(headline, group)
panels.section(title, headings.about(headline, group, chosen.period) if headline else "")
if is_own:
    panels.own_place(view, rows, chosen.unit_group)
elif rows.is_empty():
    st.info(t("nothing_here"))
else:
    about = headings.about_rows(rows, group, chosen.period)
    legend = panels.beside_legend(rows, beside)
    ranking, where = st.columns([2, 1.15], gap="medium") if not tiles.is_empty() else (st.container(), None)
    with ranking:
        panels.ends_of_ranking(rows, beside, "leaders", about, legend)
    if where is not None:
        with where:
            panels.finding(t("map.title"), t("map.note"))
            sources.chart(
                comparisons.tile_map(tiles, rows, beside, height=300),
                "tiles",
                f"{t('map.title')}: {title}",
                partial(panels.unit_lines, rows),
                opens="don_vi",
                about=f"{about}. {t('map.note')}",
                legend=legend,
            )
    if "don_vi" in pages:
        st.caption(t("click.unit"))
    panels.without_value(rows.filter(pl.col("rank").is_null()))

# ---------------------------------------------------------------- what is overdue, who has not reported

if "nhiem_vu" in pages:
    late, absent = st.columns(2, gap="medium")
    with late:
        panels.finding(headings.overdue(by_lead, own=is_own), f"{t('overdue.title')} · {text.quarter(chosen.period)}")
        if not by_lead.is_empty():
            worst = [panels.task_counts(row, panels.lead_name(row)) for row in by_lead.head(6).iter_rows(named=True)]
            legend = panels.task_legend()
            sources.chart(
                charts.task_bars(worst, legend=False),
                "overdue",
                headings.overdue(by_lead, own=is_own),
                partial(panels.task_lines, by_lead),
                opens="don_vi",
                about=f"{t('overdue.title')} · {text.quarter(chosen.period)}",
                legend=legend,
            )
    with absent:
        panels.finding(headings.missing(due, own=is_own), f"{t('missing.title')} · {text.quarter(chosen.period)}")
        panels.missing_list(due, queries.org_units(view.scope, province=chosen.province))

# ---------------------------------------------------------------- every indicator of the group, every quarter

drawn = together.filter((pl.col("measure_unit") == charts.PERCENT) & pl.col("value").is_not_null())
if not drawn.is_empty():
    about = f"{t('all_indicators.title', group=group, period=text.quarter(chosen.period))}. {t('all_indicators.sub')}"
    panels.finding(headings.indicators_met(together), about)
    sources.chart(
        charts.bullets(drawn, longest=38, beside=190, brief=True) if screen.is_narrow() else charts.bullets(drawn),
        "bullets",
        headings.indicators_met(together),
        partial(panels.rollup_lines, together),
        opens="chi_tieu",
        about=about,
    )
    st.caption(t("click.indicator"))

if not history.is_empty():
    words = t("heatmap.title", group=group, indicator=view.label("indicator"))
    about = t("heatmap.sub", unit=history["measure_unit"][0], period=text.quarter(chosen.period))
    panels.finding(words, about)
    legend = panels.heat_legend(history)
    quarters = panels.last_quarters(history, chosen.period)
    sources.chart(
        charts.heatmap(history, quarters, chosen.period, narrow=screen.is_narrow()),
        "heatmap",
        f"{words}: {headings.course(history, quarters)}",
        partial(panels.quarter_lines, history, quarters),
        title=words,
        about=about,
        legend=legend,
    )
    st.caption(t("click"))

sources.open_source(view)
