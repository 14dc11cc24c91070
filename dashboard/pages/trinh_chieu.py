"""Slides of a meeting: one message each, from a list kept as reference data, moved by arrow keys or a clicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import chart_image, charts, comparisons, filters, headings, panels, sources, stage, tables, text, theme
from dashboard.chart_image import Swatch
from dashboard.filters import View
from dashboard.tables import Lines
from dashboard.text import t
from sql import queries

Row = Mapping[str, Any]
ROWS: Final = 10  # named units of a picture, see theme.ROOM
HEIGHT: Final = 800
BULLETS: Final = 9
COMPARED: Final = ("ranking", "map", "movers", "strip", "multiples")  # kinds that show units side by side


class Picture:
    """A slide: its finding, what it is about, the figure with its table (or words), its legend, what a click opens."""

    def __init__(
        self, title: str, about: str, figure: go.Figure | None = None, table: Callable[[], Lines] = Lines, *,
        legend: list[Swatch] | None = None, words: str = "", opens: str = "don_vi",
    ) -> None:  # fmt: skip
        self.title, self.about, self.figure, self.table = title, about, figure, table
        self.legend, self.words, self.opens = legend or [], words, opens


def figures_of(view: View, group: str, indicator: str) -> pl.DataFrame:
    return queries.progress(
        view.scope,
        province=view.selection.province,
        unit_group=group,
        indicator=indicator,
        period=view.selection.period,
    )


def rollup_of(view: View, group: str) -> pl.DataFrame:
    return queries.rollup(view.scope, province=view.selection.province, unit_group=group, period=view.selection.period)


def show_bullets(view: View, group: str, _indicator: str, _part: str) -> Picture:
    rows = rollup_of(view, group)
    drawn = rows.filter((pl.col("measure_unit") == charts.PERCENT) & pl.col("value").is_not_null())
    judged = drawn.filter(pl.col("target").is_not_null())
    shown = (judged if not judged.is_empty() else drawn).sort("gap", nulls_last=True).head(BULLETS)
    about = f"{name_of(view, group)} · {text.quarter(view.selection.period)} · {t('all_indicators.sub')}"
    figure = charts.bullets(shown, longest=38, beside=170, brief=True) if not shown.is_empty() else None
    return Picture(headings.indicators_met(rows), about, figure, partial(panels.rollup_lines, rows), opens="chi_tieu")


def show_ranking(view: View, group: str, indicator: str, part: str) -> Picture:
    rows = figures_of(view, group, indicator)
    title = {"top": headings.first, "bottom": headings.last, "near": headings.near}[part](rows)
    shown = comparisons.leaders(rows, part, ROWS)
    figure = comparisons.ends(shown, longest=22, words=205) if not shown.is_empty() else None
    about = headings.about_rows(rows, name_of(view, group), view.selection.period)
    return Picture(title, about, figure, partial(panels.unit_lines, rows))


def show_map(view: View, group: str, indicator: str, part: str) -> Picture:
    rows = figures_of(view, group, indicator)
    beside: comparisons.Beside = "median" if part == "median" else "target"
    now = next(rollup_of(view, group).filter(pl.col("indicator") == indicator).iter_rows(named=True), None)
    title = headings.median(rows) if beside == "median" else headings.met(now, name_of(view, group))
    tiles = queries.tiles(view.scope, province=view.selection.province)
    tiles = tiles.filter(pl.col("org_unit").is_in(rows["org_unit"].implode()))
    figure = comparisons.tile_map(tiles, rows, beside) if not tiles.is_empty() else None
    about = headings.about_rows(rows, name_of(view, group), view.selection.period)
    return Picture(title, about, figure, partial(panels.unit_lines, rows), legend=legend_of(rows, beside))


def show_movers(view: View, group: str, indicator: str, _part: str) -> Picture:
    rows = figures_of(view, group, indicator)
    shown = comparisons.movers(rows, ROWS)
    figure = comparisons.dumbbell(shown, longest=22, words=190) if not shown.is_empty() else None
    about = headings.about_rows(rows, name_of(view, group), view.selection.period)
    return Picture(headings.moved(rows), f"{about}. {t('movers.sub')}", figure, partial(panels.mover_lines, shown))


def show_strip(view: View, group: str, indicator: str, _part: str) -> Picture:
    rows = figures_of(view, group, indicator)
    figure = comparisons.strip(rows, wished_unit(view), named=1) if charts.valued(rows) else None
    about = headings.about_rows(rows, name_of(view, group), view.selection.period)
    return Picture(headings.median(rows), f"{about}. {t('strip.sub')}", figure, partial(panels.unit_lines, rows))


def show_own(view: View, group: str, indicator: str, _part: str) -> Picture:
    """Where one's own units stand within their group, of which nobody else is named."""
    rows = figures_of(view, group, indicator)
    asked = {"province": view.selection.province, "indicator": indicator, "period": view.selection.period}
    whole = next(queries.distribution(view.scope, unit_group=group, **asked).iter_rows(named=True), None)
    figure = comparisons.spread(whole, rows) if whole is not None and charts.valued(rows) else None
    about = headings.about_rows(rows, name_of(view, group), view.selection.period)
    return Picture(headings.own_place(rows), about, figure, partial(panels.unit_lines, rows))


def show_multiples(view: View, group: str, indicator: str, _part: str) -> Picture:
    rows = queries.progress(view.scope, province=view.selection.province, unit_group=group, indicator=indicator)
    now = rows.filter(pl.col("period") == view.selection.period)
    held = now.filter(pl.col("value").is_not_null()).sort("gap", nulls_last=True)["org_unit"].head(15)
    past = rows.filter(pl.col("org_unit").is_in(held.implode()))
    quarters = panels.last_quarters(past, view.selection.period)[-5:] if not past.is_empty() else []
    figure = comparisons.multiples(past, quarters, view.selection.period) if quarters else None
    between = f"{text.quarter(quarters[0])} – {text.quarter(quarters[-1])}. " if quarters else ""
    together = next(rollup_of(view, group).filter(pl.col("indicator") == indicator).iter_rows(named=True), None)
    about = headings.about_rows(now, name_of(view, group), view.selection.period)
    table = partial(panels.quarter_lines, past, quarters)
    return Picture(
        headings.met(together, name_of(view, group)), f"{about}. {between}{t('multiples.sub')}", figure, table
    )


def show_tasks(view: View, _group: str, _indicator: str, part: str) -> Picture:
    province, period = view.selection.province, view.selection.period
    by_lead = queries.task_summary(view.scope, province=province, period=period)
    whole = next(queries.task_headline(view.scope, province=province, period=period).iter_rows(named=True), None)
    about = f"{t('overdue.title' if part == 'leads' else 'tasks')} · {text.quarter(period)}"
    title = headings.overdue(by_lead) if part == "leads" else headings.tasks(whole)
    if whole is None or not whole["task_count"]:
        return Picture(title, about, opens="nhiem_vu")
    if part == "all":
        bars = [panels.task_counts(whole, "")]
    else:
        worst = by_lead.filter(pl.col("task_count") > 0).sort("overdue_count", "task_count", descending=True)
        bars = [
            panels.task_counts(row, str(row["short_name"] or panels.lead_name(row)))
            for row in worst.head(7).iter_rows(named=True)
        ]
    figure = charts.task_bars(bars, longest=22, legend=False)
    return Picture(title, about, figure, partial(panels.task_lines, by_lead), legend=task_legend(), opens="don_vi")


def show_missing(view: View, group: str, _indicator: str, _part: str) -> Picture:
    rows = queries.completeness(view.scope, province=view.selection.province, period=view.selection.period)
    if group:
        rows = rows.filter(pl.col("unit_group") == group)
    names = dict(
        queries.org_units(view.scope, province=view.selection.province).select("org_unit", "short_name").iter_rows()
    )
    lines = []
    for form, held in rows.filter(~pl.col("is_received")).group_by("form", maintain_order=True):
        units = [str(names.get(code, code)) for code in held["org_unit"].to_list()]
        more = f" {t('missing.more', count=len(units) - 40)}" if len(units) > 40 else ""
        code = str(form[0]).split("_")[0].upper()
        lines.append(f"<p><b>▨ {code} ({len(units)}):</b> {escape(', '.join(units[:40]))}{escape(more)}</p>")
    about = f"{t('missing.title')} · {text.quarter(view.selection.period)}"
    return Picture(
        headings.missing(rows, own=view.scope.org_units is not None), about, words="".join(lines), opens="ai_da_bao_cao"
    )


KINDS: Final[Mapping[str, Callable[[View, str, str, str], Picture]]] = {
    "bullets": show_bullets,
    "ranking": show_ranking,
    "map": show_map,
    "movers": show_movers,
    "strip": show_strip,
    "own": show_own,
    "multiples": show_multiples,
    "tasks": show_tasks,
    "missing": show_missing,
}


def slides_of(view: View) -> pl.DataFrame:
    """The slides of the list; who may see units of his own alone gets, for those that compare units, his own place."""
    slides = queries.slides(view.scope)
    if view.scope.org_units is None:
        return slides
    groups = queries.org_units(view.scope, province=view.selection.province)["unit_group"].unique()
    own = slides.filter(pl.col("unit_group").is_in(["", *groups]) & (pl.col("part") != "leads"))
    own = own.with_columns(kind=pl.when(pl.col("kind").is_in(COMPARED)).then(pl.lit("own")).otherwise("kind"))
    due = queries.completeness(view.scope, province=view.selection.province, period=view.selection.period)
    if due["is_received"].all():
        own = own.filter(pl.col("kind") != "missing")
    return own.unique(["kind", "unit_group", "indicator"], keep="first", maintain_order=True)


def name_of(view: View, group: str) -> str:
    return view.options["unit_group"].get(group, group)


def wished_unit(view: View) -> str:
    """The unit that the URL names; none is picked out unless it does."""
    return view.selection.org_unit if filters.PARAMETERS["org_unit"] in st.query_params else ""


def task_legend() -> list[Swatch]:
    return [swatch(part.colour, t(f"task.{part.part}"), hatched=bool(part.pattern)) for part in theme.TASK_PARTS]


def swatch(fill: str, words: str, *, hatched: bool = False) -> Swatch:
    return Swatch(fill, theme.INK, "/" if hatched else "", "", words)


def drawn(swatch: Swatch) -> str:
    """A square as high as the letters, and its words."""
    hatch = f"repeating-linear-gradient(135deg,{theme.FAINT} 0 2px,{swatch.fill} 2px 9px)"
    return f'<span><i style="background:{hatch if swatch.pattern else swatch.fill}"></i>{escape(swatch.words)}</span>'


def legend_of(rows: pl.DataFrame, beside: comparisons.Beside) -> list[Swatch]:
    """Swatches with words for what the squares of these rows look like, in the order of the classes."""
    if rows.is_empty():
        return []
    limits = {key: text.number(rows[key][0]) for key in ("attention", "behind", "far_behind")}
    if beside == "median":
        seen = set(rows["median_standing"].to_list())
        items = [
            (mark.colour, f"{mark.shape} {t(mark.word, **limits)}")
            for key, mark in theme.MEDIAN_MARKS.items()
            if key in seen
        ]
    else:
        classes = set(rows["gap_class"].to_list())
        items = [
            (fill, f"{theme.GAP_SHAPES[place]} {t(word, **limits)}")
            for place, (fill, _, word) in enumerate(theme.GAP_CLASSES)
            if place in classes
        ]
    absent = sorted(set(rows.filter(pl.col("status") != "reported")["standing"].to_list()))
    marks = [theme.MARKS[key] for key in absent]
    hatched = [swatch(mark.colour, t(mark.word), hatched=mark.pattern == "/") for mark in marks]
    return [*(swatch(fill, words) for fill, words in items), *hatched]


def move_to(order: list[str], place: int, move: str = "") -> None:
    """Show another slide, or leave; in a callback."""
    move = move or stage.moved()
    if move == "leave":
        sources.go_to("tong_quan", slide="", returns="")
    elif move:
        wanted = {"next": place + 1, "previous": place - 1, "first": 0, "last": len(order) - 1}[move]
        st.query_params[filters.SLIDE] = order[min(max(wanted, 0), len(order) - 1)]


def draw(view: View, slide: Row, place: int, order: list[str]) -> None:
    group = slide["unit_group"] or view.selection.unit_group
    indicator = slide["indicator"] or view.selection.indicator
    picture = KINDS[slide["kind"]](view, group, indicator, slide["part"])
    shown, key = "", f"slide-{slide['slide']}"
    chart_image.listen(view)
    with st.container(key=stage.KEY):
        st.title(t("page.trinh_chieu"), anchor=False)  # for those who listen; the eye sees the finding
        st.header(sources.plain(picture.title), anchor=False)
        for words in panels.unmet(view, "unit_group", "period", "indicator"):
            st.caption(words)
        st.html(f'<div class="about">{escape(picture.about)}</div>')
        if picture.legend:
            st.html(f'<div class="legend">{"".join(map(drawn, picture.legend))}</div>')
        if picture.figure is not None:
            height = HEIGHT - (60 if picture.legend else 0)
            tall = round(picture.figure.layout.height * theme.ROOM)
            fitting = height if slide["kind"] in {"map", "strip", "multiples"} else min(height, tall)
            scaled = charts.enlarged(picture.figure, theme.ROOM * stage.scale(), height=round(fitting * stage.scale()))
            shown = sources.chart(scaled, key, picture.title, picture.table, opens=picture.opens, on_stage=True)
        elif picture.words:
            st.html(f'<div class="list">{picture.words}</div>')
        foot(
            view,
            place,
            order,
            partial(chart_image.control, shown, picture.title, picture.about, picture.legend, tables.link(key)),
        )


def foot(view: View, place: int, order: list[str], offer_image: Callable[[], None]) -> None:
    facts = [t("app"), t("as_of", day=text.day(view.build.get("latest_as_of") or view.build.get("as_of")))]
    if view.moment is not None:
        facts.append(t("moment.shown", moment=text.moment(view.moment.at)))
    demo = f":orange[**{t('wall.demo')}**] " if view.build.get("is_demo") else ""
    with st.container(key="slide-foot", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{demo}:gray[{sources.plain(' · '.join(facts))}]", width="stretch")
        offer_image()
        stage.keys(partial(move_to, order, place))
        for move, sign, word in (("previous", "‹", "slide.previous"), ("next", "›", "slide.next")):
            if move == "next":
                st.markdown(f"**{t('slide.of', place=place + 1, count=len(order))}**", width="content")
            st.button(sign, key=f"slide-{move}", help=t(word), on_click=move_to, args=(order, place, move))


view = filters.open_view()
st.html(stage.LOOK)
slides = slides_of(view)
if slides.is_empty():
    st.title(t("page.trinh_chieu"))
    st.info(t("slide.none"))
    st.stop()
order = slides["slide"].to_list()
wished = st.query_params.get(filters.SLIDE, "")
place = order.index(wished) if wished in order else 0
draw(view, slides.row(place, named=True), place, order)
