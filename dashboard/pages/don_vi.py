"""One unit: every indicator of a quarter with its source, one of them over time, and the tasks it leads."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import charts, comparisons, filters, headings, panels, sources, text, workbooks
from dashboard.extracts import Choice
from dashboard.text import t
from sql import queries

view = filters.open_view()
book = panels.head(view, t("page.don_vi"), "org_unit", "period")
view = book.view = filters.pick_unit(view)
chosen = view.selection

st.subheader(sources.plain(view.label("org_unit")))
rows = queries.progress(view.scope, province=chosen.province, org_unit=chosen.org_unit, period=chosen.period)
book.add(t("book.indicators"), rows, workbooks.FIGURES)
st.markdown(f"**{t('unit.indicators', period=text.quarter(chosen.period))}**")
if rows.is_empty():
    st.info(t("nothing_here"))
else:
    panels.standing_legend(rows, everything=True)
    panels.indicator_table(rows, "indicators")
    st.caption(t("click"))
    past = queries.progress(view.scope, province=chosen.province, org_unit=chosen.org_unit, indicator=chosen.indicator)
    book.add(t("trend.title"), past, workbooks.FIGURES)
    st.markdown(f"**{t('trend.title')}**")
    filters.draw(view, "indicator")
    if past.is_empty():
        st.info(t("nothing_here"))
    else:
        first = past.row(0, named=True)
        sources.chart(
            charts.trend(past, panels.all_quarters(past), first["measure_unit"], first["decimals"]),
            "unit-trend",
            f"{t('trend.title')}: {headings.trend(past)}",
            partial(panels.trend_lines, past),
            title=t("trend.title"),
            about=headings.about(first, view.label("org_unit"), chosen.period),
        )
        panels.across_the_merger(view, book)
        like = queries.progress(
            view.scope,
            province=chosen.province,
            unit_group=first["unit_group"],
            indicator=chosen.indicator,
            period=chosen.period,
        )
        if view.scope.org_units is not None:
            own_row = like.filter(org_unit=chosen.org_unit)
            panels.own_place(view, own_row, first["unit_group"])
        elif charts.valued(like):
            book.add(t("strip.title"), like.sort("rank", "sort_key", nulls_last=True), workbooks.FIGURES)
            names = {
                row["unit_group"]: text.name(row, "group_name")
                for row in queries.unit_groups(view.scope, province=chosen.province).iter_rows(named=True)
            }
            about = headings.about_rows(like, names.get(first["unit_group"], ""), chosen.period)
            panels.finding(headings.median(like), f"{t('strip.title')}. {t('strip.sub')}. {about}")
            sources.chart(
                comparisons.strip(like, chosen.org_unit),
                "unit-strip",
                headings.median(like),
                partial(panels.unit_lines, like),
                opens="don_vi",
                about=f"{about} · {view.label('org_unit')}",
            )

st.subheader(t("unit.tasks"))
tasks = queries.tasks(view.scope, province=chosen.province, period=chosen.period, lead=chosen.org_unit)
book.add(t("unit.tasks"), tasks, workbooks.TASKS, state=workbooks.task_state)
book.add_behind(Choice(units=(chosen.org_unit,), periods=(chosen.period,)))
if tasks.is_empty():
    st.info(t("unit.no_tasks"))
else:
    summary = queries.task_summary(view.scope, province=chosen.province, period=chosen.period)
    own = summary.filter(pl.col("lead") == chosen.org_unit).row(0, named=True)
    about = f"{view.label('org_unit')} · {text.quarter(chosen.period)}"
    sources.chart(
        charts.task_bars([panels.task_counts(own, "")]),
        "unit-tasks-bar",
        f"{t('unit.tasks')}: {headings.tasks(own)}",
        partial(panels.task_lines, summary.filter(pl.col("lead") == chosen.org_unit)),
        title=t("unit.tasks"),
        about=about,
    )
    panels.task_table(tasks, "unit-tasks")

sources.open_source(view)
