"""One indicator: what it means, how the units of a group stand against the target, and how it went by quarter."""

from __future__ import annotations

from functools import partial
from typing import Final

import polars as pl
import streamlit as st

from dashboard import charts, comparisons, filters, headings, panels, sources, text, visitor, workbooks
from dashboard.extracts import Choice
from dashboard.text import t
from etl.access import pages_for
from sql import queries

MULTIPLES: Final = 30  # small pictures that fit one page

view = filters.open_view()
chosen = view.selection
book = panels.head(view, t("page.chi_tieu"), "unit_group", "period", "indicator")
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
book.add(t("trend.title"), history, workbooks.TOGETHER)
book.add(t("book.units"), rows.sort("rank", "sort_key", nulls_last=True), workbooks.FIGURES)
book.add_behind(Choice((chosen.indicator,), unit_groups=(chosen.unit_group,), periods=(chosen.period,)))
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
            f"{t('trend.title')}: {headings.trend(history)}",
            partial(panels.trend_lines, history),
            title=t("trend.title"),
            about=f"{indicator['indicator']} {text.name(indicator, 'name')} · {view.label('unit_group')}",
        )
        st.caption(t("coverage.under"))

group = view.label("unit_group")
valued = rows.filter((pl.col("status") == "reported") & pl.col("value").is_not_null())
valued = valued.sort("rank", "sort_key", nulls_last=True)
panels.section(headings.met(now, group), headings.about(now, group, chosen.period) if now else "")
if view.scope.org_units is not None:
    panels.own_place(view, rows, chosen.unit_group)
    sources.open_source(view)
    st.stop()
if valued.is_empty():
    st.info(t("nothing_here"))
else:
    about = headings.about_rows(valued, group, chosen.period)
    panels.finding(headings.median(valued), t("strip.sub"))
    table = partial(panels.unit_lines, rows)
    sources.chart(
        comparisons.strip(valued, named=1), "strip", headings.median(valued), table, opens="don_vi", about=about
    )
    beside = panels.pick_beside()
    legend = panels.beside_legend(rows, beside)
    ranked, where = st.columns([1.5, 1], gap="medium")
    with ranked:
        panels.finding(headings.first(valued), t("ranked.title", group=group, period=text.quarter(chosen.period)))
        part = panels.part_of_ranking(valued)
        sources.chart(
            comparisons.ends(part, beside, longest=30, words=190),
            "ranked",
            headings.first(valued),
            table,
            opens="don_vi",
            about=about,
            legend=legend,
        )
    with where:
        moved = comparisons.movers(rows)
        panels.finding(headings.moved(rows), f"{t('movers.title')}. {t('movers.sub')}")
        if not moved.is_empty():
            sources.chart(
                comparisons.dumbbell(moved),
                "movers",
                headings.moved(rows),
                partial(panels.mover_lines, moved),
                opens="don_vi",
                about=f"{about}. {t('movers.title')}. {t('movers.sub')}",
            )
    if "don_vi" in pages_for(visitor.principal()):
        st.caption(t("click.unit"))
panels.without_value(rows.filter(pl.col("rank").is_null()))

tiles = queries.tiles(view.scope, province=chosen.province)
tiles = tiles.filter(pl.col("org_unit").is_in(rows["org_unit"].implode()))
if not valued.is_empty() and not tiles.is_empty():
    panels.finding(t("map.title"), t("map.note"))
    sources.chart(
        comparisons.tile_map(tiles, rows, beside),
        "tiles",
        f"{t('map.title')}: {headings.met(now, group)}",
        table,
        opens="don_vi",
        about=f"{about}. {t('map.note')}",
        legend=legend,
    )
elif len(valued) <= MULTIPLES:
    past = queries.progress(
        view.scope, province=chosen.province, unit_group=chosen.unit_group, indicator=chosen.indicator
    )
    past = past.filter(pl.col("org_unit").is_in(valued["org_unit"].implode()))
    book.add(t("multiples.title"), past, workbooks.FIGURES)
    if not past.is_empty():
        quarters = panels.last_quarters(past, chosen.period)
        between = f"{text.quarter(quarters[0])} – {text.quarter(quarters[-1])}"
        panels.finding(t("multiples.title"), f"{between}. {t('multiples.sub')}")
        sources.chart(
            comparisons.multiples(past, quarters, chosen.period),
            "multiples",
            f"{t('multiples.title')}: {headings.met(now, group)}",
            partial(panels.quarter_lines, past, quarters),
            title=t("multiples.title"),
            opens="don_vi",
            about=f"{headings.about_rows(rows, group, chosen.period)}. {between}. {t('multiples.sub')}",
        )

sources.open_source(view)
