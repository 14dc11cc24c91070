"""What several pages show: the head of a page, legends, tiles of headline figures, tables of figures and of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import escape
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard import (
    chart_image,
    charts,
    comparisons,
    filters,
    headings,
    sources,
    tables,
    text,
    theme,
    visitor,
    workbooks,
)
from dashboard.chart_image import Swatch
from dashboard.filters import Moment, Unknown, View
from dashboard.sources import numbers, plain
from dashboard.tables import Lines
from dashboard.text import t
from dashboard.workbooks import Book
from etl import periods
from etl.access import Action, pages_for
from sql import queries

Row = Mapping[str, Any]

QUARTERS_SHOWN: Final = 8
OWN_TILES: Final = 4  # in a row
LONG_RANKING: Final = 25  # units; longer rankings show their ends, or what lies around the target


# ---------------------------------------------------------------- head of a page


def head(view: View, title: str, *used: str, whole_page: bool = True) -> Book:
    """Title, whether the data is made up, until when it counts, and wishes of the URL that could not be met.

    Returns the workbook of the `whole_page`, which the page tells what it shows.
    """
    st.title(title)
    book = Book(view, title, *used)
    facts = [t("as_of", day=text.day(view.build.get("latest_as_of") or view.build.get("as_of")))]
    if view.build.get("latest_received_at"):
        facts.append(t("received", moment=text.moment(view.build["latest_received_at"])))
    link = f"[{t('link')}](?{urlencode(filters.link_parameters() | filters.to_parameters(view.selection))})"
    demo = f" :orange-badge[:material/info: {t('demo.long')}]" if view.build.get("is_demo") else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":gray[{' · '.join(facts)}]{demo} {link}", width="stretch")
        if whole_page and view.may(Action.EXPORT):
            book.offer(title)
        chart_image.listen(view)
    if view.scope.org_units is not None:
        units = queries.org_units(view.scope, province=view.selection.province)
        is_one = view.principal is not None and view.principal.org_unit in units["org_unit"]
        bound = units.filter(org_unit=view.principal.org_unit)["name"].item() if is_one and view.principal else ""
        st.caption(t("own.only", unit=plain(bound or t("own.unit"))))
    if view.moment is not None:
        _past(view.moment)
    missed = unmet(view, *used)
    if missed:
        st.info("  \n".join(missed))
    return book


def unmet(view: View, *used: str) -> list[str]:
    """Wishes of the URL that could not be met, in words, each with what is shown instead."""
    return [_unknown(missed) for missed in view.unknown if missed.field in {*used, "province", "moment", "language"}]


def _past(moment: Moment) -> None:
    """That the page shows the past: which moment, of which meeting, and the way back."""
    shown, back = st.columns([5, 1], gap="small", vertical_alignment="center")
    named = f" — {plain(moment.name)}" if moment.name else ""
    with shown:
        words = f"**{t('moment.shown', moment=text.moment(moment.at))}**{named}. {t('moment.note')}"
        st.warning(words, icon=":material/history:")
    with back:
        st.button(t("moment.back"), on_click=filters.forget, args=(filters.PARAMETERS["moment"],), width="stretch")


def _unknown(missed: Unknown) -> str:
    field = t(f"field.{missed.field}")
    return t("unknown_value", value=plain(missed.value[:60]), field=field, shown=plain(missed.shown))


# ---------------------------------------------------------------- legends


def heat_legend(rows: pl.DataFrame, *, cells: bool = True) -> list[Swatch]:
    """What the colours and shapes of a heat map (of `cells`, else of squares) of these rows mean."""
    items = []
    if rows["target"].is_not_null().any():
        unit = t("class.points" if rows["measure_unit"][0] == charts.PERCENT else "class.of_target")
        limits = {key: text.number(rows[key][0]) for key in ("attention", "behind", "far_behind")}
        for place, (fill, ink, word) in enumerate(theme.GAP_CLASSES):
            shape = "" if cells else theme.GAP_SHAPES[place]
            items.append(Swatch(fill, ink, "", shape, t(word, **limits) + (f" {unit}" if place == 1 else "")))
    else:
        borders = [text.number(border) for border in charts.value_classes(rows)]
        middle = [f"{a}–{b}" for a, b in pairwise(borders)]
        names = [f"< {borders[0]}", *middle, f"≥ {borders[-1]}"] if borders else []
        for (fill, ink), words in zip(theme.VALUE_CLASSES, names, strict=False):
            items.append(Swatch(fill, ink, "", "", words))
    absent = ("not_reported", "not_due", "no_activity", "not_applicable")
    zero, blank = (
        Swatch(theme.PAPER, theme.INK, "", sign, t(f"mark.{word}")) for sign, word in (("0", "zero"), ("", "blank"))
    )
    if not cells:
        present = set(rows["standing"].to_list())
        return _legend([*items, *(_mark_swatch(key) for key in absent if key in present)])
    return _legend([*items, zero, *(_mark_swatch(key) for key in absent), blank])


def standing_legend(rows: pl.DataFrame, *, everything: bool = False) -> None:
    """The marks of figures that have a value; with `everything` also of those that have none."""
    keys = [key for key in theme.MARKS if everything or key in {"met", "attention", "behind", "no_target"}]
    _legend([_mark_swatch(key) for key in keys])
    for limit in rows["attention"].unique().drop_nulls().sort()[:1]:
        st.caption(t("mark.attention.rule", points=text.number(limit)))


def marks_legend(marks: Iterable[theme.Mark]) -> None:
    """What each of these marks means."""
    _legend([Swatch(mark.colour, mark.ink, mark.pattern, mark.shape, t(mark.word)) for mark in marks])


def _legend(swatches: list[Swatch]) -> list[Swatch]:
    """Draws the legend; returns it for the pictures below, which bear it too."""
    drawn = "".join(map(_drawn, swatches))
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:0.267rem 1.067rem;font-size:0.867rem">{drawn}</div>')
    return swatches


def _mark_swatch(key: str) -> Swatch:
    mark = theme.MARKS[key]
    return Swatch(mark.colour, mark.ink, mark.pattern, mark.shape, t(mark.word))


def _drawn(swatch: Swatch) -> str:
    is_hatched = swatch.pattern == "/"
    hatch = f"repeating-linear-gradient(135deg,{theme.FAINT} 0 1px,{swatch.fill} 1px 5px)"
    box = (
        f"display:inline-block;width:1.2rem;height:1.067rem;line-height:1.067rem;text-align:center;font-size:0.733rem;"
        f"background:{hatch if is_hatched else swatch.fill};color:{swatch.ink};border:1px solid {theme.FAINT};"
        f"margin-right:0.333rem;flex:none"
    )
    inside = "" if is_hatched else escape(swatch.shape)
    row = "display:inline-flex;align-items:center"
    return f'<span style="{row}"><span style="{box}">{inside}</span>{escape(swatch.words)}</span>'


# ---------------------------------------------------------------- tiles of headline figures


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure as a length below its headline: parts of 100 with their colours, and what stands on that scale."""

    parts: Sequence[tuple[float, str]]
    target: float | None = None
    planned: float | None = None
    previous: float | None = None


def tile(
    label: str,
    large: str,
    beside: str,
    *lines: str,
    mark: theme.Mark | None = None,
    bar: Bar | None = None,
    opens: tables.Key | None = None,
    page: str = "",
) -> None:
    """One headline figure: what it is, the figure, what it is made of, how it stands, and the way to its source."""
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.caption(plain(label))
        counted = f'<span style="{_BESIDE}">{escape(beside)}</span>' if beside else ""
        st.html(f'<div style="{_LARGE}"><b>{escape(large or "—")}</b>{counted}</div>{_bar(bar) if bar else ""}')
        first, *others = [line for line in lines if line] or [""]
        if mark is not None:
            st.html(f'<div style="{_LINE}">{_badge(mark)}{escape(first)}</div>')
        elif first:
            st.caption(plain(first))
        for line in others:
            st.caption(plain(line))
        if opens is not None:
            sources.button(opens, f"tile-{label}")
        elif page in pages_for(visitor.principal()):
            st.page_link(
                sources.PAGES / f"{page}.py",
                label=t(f"page.{page}"),
                icon=":material/arrow_forward:",
                query_params=filters.link_parameters(),
            )


_LARGE: Final = (
    f"display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .5em;font-size:1.75rem;line-height:1.25;color:{theme.INK}"
)
_BESIDE: Final = f"font-size:1rem;color:{theme.MUTED}"
_LINE: Final = f"display:flex;flex-wrap:wrap;align-items:center;gap:0 .5em;font-size:.875rem;color:{theme.MUTED}"


def _badge(mark: theme.Mark) -> str:
    edge = theme.INK if mark.colour == theme.WARN else theme.FAINT if mark.colour == theme.PAPER else mark.colour
    look = (
        f"background:{mark.colour};color:{mark.ink};border:1px solid {edge};border-radius:4px;padding:0 .45em;"
        "font-weight:600;white-space:nowrap"
    )
    return f'<span style="{look}">{escape(mark.shape)} {escape(t(mark.word))}</span>'


def _bar(bar: Bar) -> str:
    """The length as HTML; the words of the tile say the same, so it is left out for those who hear the page."""
    place, drawn = 0.0, []
    for share, colour in bar.parts:
        width = max(0.0, min(100 - place, share))
        look = f"position:absolute;left:{place:.2f}%;width:{width:.2f}%;top:0.2rem;height:0.667rem;background:{colour}"
        drawn.append(f'<i style="{look}"></i>')
        place += width
    signs = (
        (
            bar.previous,
            f"top:.267rem;width:.533rem;height:.533rem;border-radius:50%;"
            f"border:1.5px solid {theme.INK};background:{theme.PAPER}",
        ),
        (bar.planned, f"top:-1px;border:0.333rem solid transparent;border-bottom:0.6rem solid {theme.INK};width:0"),
        (bar.target, f"top:-2px;width:0.2rem;height:1.333rem;background:{theme.INK}"),
    )
    for value, look in signs:
        if value is not None and 0 <= value <= 100:
            drawn.append(f'<i style="position:absolute;left:{value:.2f}%;transform:translateX(-50%);{look}"></i>')
    ground = f"linear-gradient({theme.LIGHT},{theme.LIGHT}) 0 0.2rem/100% 0.667rem no-repeat"
    frame = f"position:relative;height:1.067rem;margin:0.267rem 0 0.4rem;background:{ground}"
    return f'<div aria-hidden="true" style="{frame}">{"".join(drawn)}</div>'


def figure_tile(view: View, row: Row | None, own: Row | None) -> None:
    """The chosen indicator of a group: n/d, then the value, against target and last quarter, with its coverage."""
    label = view.label("indicator")
    if row is None:
        tile(label, "", "", t("nothing_here"))
        return
    value = text.qualified(row["value"], row["qualifier"], row["value_to"], row["decimals"])
    value = f"{value} {row['measure_unit']}".strip() if value else ""
    counted = text.fraction(row["numerator"], row["denominator"]) if row["denominator"] is not None else ""
    mark = theme.MARKS[charts.mark_of(row)]
    target = (
        t("target.year", value=text.measured(row["target"], row["measure_unit"]), year=row["target_year"] or "—")
        if row["target"] is not None
        else t("target.none")
    )
    moved = text.change(row["change"], row["measure_unit"])
    planned = text.measured(row["planned_value"], row["measure_unit"], 1)
    if row["planned_gap"] is not None:
        late = text.measured(-row["planned_gap"], t("points") if row["measure_unit"] == "%" else row["measure_unit"], 1)
        on_path = round(row["planned_gap"], 1) >= 0
        planned = t("planned.on", value=planned) if on_path else t("planned.behind", gap=late, value=planned)
    is_share = row["measure_unit"] == charts.PERCENT and row["value"] is not None
    colour = theme.PLAIN if charts.mark_of(row) == "no_target" else mark.colour
    tile(
        label,
        value or counted,
        counted if value and counted else t("median") if value and row["method"] == "median" else "",
        target[:1].upper() + target[1:],
        planned[:1].upper() + planned[1:] if row["planned_gap"] is not None else "",
        f"{t('change')}: {moved}" if moved else t("change.none") if value else "",
        " · ".join(filter(None, (f"{t('coverage')} {charts.coverage(row)} {t('units')}", as_of(row)))),
        f"{t('own')}: {charts.describe({**own, 'status': 'reported'})}" if own and own["value"] is not None else "",
        t("percent_only", count=row["percent_only_count"]) if row["percent_only_count"] else "",
        mark=mark if row["target"] is not None else None,
        bar=Bar(((row["value"], colour),), row["target"], row["planned_value"], row["previous_value"])
        if is_share
        else None,
        opens=("figure", "", row["indicator"], row["period"]),
    )


def met_tile(row: Row | None) -> None:
    """How many units of a group met the target of an indicator."""
    if row is None or not row["unit_count_reported"]:
        tile(t("units_met"), "", "", t("nothing_here"))
    elif row["target"] is None:
        tile(t("units_reported"), f"{charts.coverage(row)} {t('units')}", "", t("target.none"), as_of(row))
    else:
        judged = row["met_count"] + row["missed_count"]
        tile(
            t("units_met"),
            f"{text.fraction(row['met_count'], judged)} {t('units')}" if judged else "",
            "",
            t("target.short", value=text.measured(row["target"], row["measure_unit"])),
            f"{t('coverage')} {charts.coverage(row)} {t('units')}",
            as_of(row),
            bar=Bar(((100 * row["met_count"] / judged, theme.GOOD),)) if judged else None,
            page="chi_tieu",
        )


def as_of(row: Row) -> str:
    """Until when the figures of a roll-up count: a day, or the first and the last."""
    days = [text.day(day) for day in dict.fromkeys((row["as_of_min"], row["as_of_max"])) if day is not None]
    return t("as_of", day="–".join(days)) if days else ""


def task_tile(row: Row | None, *, own: bool = False) -> None:
    """The task list in one line: done of all, and what is due, overdue and recurring.

    `own` says that all else on the page is about one's own unit, and this is not.
    """
    label = t("task.done_of_all") + (f" · {t('task.province')}" if own else "")
    if row is None or not row["task_count"]:
        tile(label, "", "", t("task.none"))
        return
    done, total = row["done_count"], row["task_count"]
    counts = task_counts(row, "")["counts"]
    parts = [(100 * sum(counts[status] for status in part.statuses) / total, part.colour) for part in theme.TASK_PARTS]
    tile(
        label,
        f"{text.fraction(done, total)} {t('tasks')}",
        _share(done, total),
        f"{t('task.in_progress')} {_counted(row['in_progress_count'], total)}, "
        + t("task.of_recurring", count=row["recurring_count"]),
        f"{t('task.not_started')} {_counted(row['not_started_count'], total)}",
        f"{t('task.overdue')} {text.fraction(row['overdue_count'], total)} · "
        f"{t('task.due_short')} {text.fraction(row['due_done_count'], row['due_count'])}",
        bar=Bar(parts),
        page="nhiem_vu",
    )


def received_tile(rows: pl.DataFrame) -> None:
    """How many of the reports expected for the quarter have come."""
    if rows.is_empty():
        tile(t("report.received"), "", "", t("nothing_here"))
        return
    received, expected = int(rows["is_received"].sum()), len(rows)
    due = rows["due_on"].drop_nulls()
    last = due.max() if len(due) else None
    tile(
        t("report.received"),
        f"{text.fraction(received, expected)} {t('reports')}",
        _share(received, expected),
        t("report.on_time", count=int(rows["is_on_time"].sum()), late=int(rows["is_late"].sum())),
        t("report.due", day=text.day(last)) if isinstance(last, date) else "",
        bar=Bar(
            (
                (100 * int(rows["is_on_time"].sum()) / expected, theme.GOOD),
                (100 * int(rows["is_late"].sum()) / expected, theme.WARN),
            )
        ),
        page="bao_cao",
    )


def _share(part: float, whole: float) -> str:
    # The share of a count that stands beside it; figures of indicators are divided in the marts.
    return text.measured(100 * part / whole, charts.PERCENT, 1) if whole else ""


def _counted(part: float, whole: float) -> str:
    return f"{text.fraction(part, whole)} ({_share(part, whole)})"


# ---------------------------------------------------------------- who leads, who lags, where, what is late


def finding(title: str, about: str = "") -> None:
    """The title of a picture, and right below it what it is about."""
    with st.container(gap="xsmall"):
        st.markdown(f"##### {plain(title)}")
        if about:
            st.caption(plain(about))


def section(title: str, about: str) -> None:
    """The title of a part of a page, and right below it what it is about."""
    with st.container(gap="xsmall"):
        st.subheader(plain(title))
        st.caption(plain(about))


def pick_beside() -> comparisons.Beside:
    """Whether units are seen against their target or against the median of like units."""
    options = {"chi-tieu": t("beside.target"), "trung-vi": t("beside.median")}
    chosen = filters.pick_side(filters.BESIDE, t("beside"), options, "chi-tieu")
    return "median" if chosen == "trung-vi" else "target"


def beside_legend(rows: pl.DataFrame, beside: comparisons.Beside) -> list[Swatch]:
    """What the marks of units mean, beside the target or beside the median; and small ones, if there are any."""
    if rows.is_empty():
        return []
    if beside == "target":
        legend = heat_legend(rows, cells=False)
    else:
        limit = text.number(rows["attention"][0])
        absent = [_mark_swatch("not_reported")] if (rows["status"] != "reported").any() else []
        marks = [
            Swatch(mark.colour, mark.ink, "", mark.shape, t(mark.word, attention=limit))
            for mark in theme.MEDIAN_MARKS.values()
        ]
        legend = _legend([*marks, *absent])
    if rows["is_small"].any():
        st.caption(t("small.rule", count=text.number(rows["least_denominator"][0])))
    return legend


def ends_of_ranking(
    rows: pl.DataFrame, beside: comparisons.Beside, key: str, about: str, legend: Sequence[Swatch]
) -> None:
    """The first, and beside them the last or those nearest to the target."""
    told: dict[str, Any] = {"opens": "don_vi", "about": about, "legend": legend}
    table = partial(unit_lines, rows)
    if rows["rank"].is_null().all():
        st.info(t("nothing_here"))
        return
    parts = {"cuoi-bang": t("leaders.bottom"), "sat-chi-tieu": t("leaders.near")}
    has_target = rows["gap"].is_not_null().any()
    part = filters.pick_side(filters.PART, t("leaders"), parts, "cuoi-bang") if has_target else "cuoi-bang"
    first, last = st.columns(2, gap="small")
    ranked = len(rows.filter(pl.col("rank").is_not_null()))
    count = min(comparisons.FEW, -(-ranked // 2))  # of few units each half
    with first:
        finding(headings.first(rows))
        top = comparisons.leaders(rows, "top", count)
        sources.chart(comparisons.ends(top, beside), f"{key}-top", headings.first(rows), table, **told)
    with last:
        title = headings.near(rows) if part == "sat-chi-tieu" else headings.last(rows)
        finding(title)
        shown = comparisons.leaders(rows, "near" if part == "sat-chi-tieu" else "bottom", count)
        sources.chart(comparisons.ends(shown, beside), f"{key}-{part}", title, table, **told)


def own_place(view: View, rows: pl.DataFrame, unit_group: str) -> None:
    """Where units of one's own stand among those of their group, of which nobody else is named or drawn."""
    chosen = view.selection
    asked = {"province": chosen.province, "indicator": chosen.indicator, "period": chosen.period}
    whole = next(queries.distribution(view.scope, unit_group=unit_group, **asked).iter_rows(named=True), None)
    shown = list(rows.iter_rows(named=True))
    for start in range(0, min(len(shown), 2 * OWN_TILES), OWN_TILES):
        for column, row in zip(st.columns(OWN_TILES, gap="small"), shown[start : start + OWN_TILES], strict=False):
            with column:
                _place_tile(row)
    if whole is None:
        st.caption(t("spread.few", count=queries.LEAST_UNITS))
        return
    limits = {key: text.measured(whole[f"{key}_quartile"], whole["measure_unit"], 1) for key in ("lower", "upper")}
    about = t("spread.sub", count=whole["unit_count"], **limits)
    finding(t("spread.title"), about)
    words = f"{t('spread.title')}. {about}"
    drawn, table = comparisons.spread(whole, rows), partial(unit_lines, rows)
    sources.chart(drawn, "own-spread", words, table, opens="don_vi", about=about)


def _place_tile(row: Row) -> None:
    """One unit's figure with its rank, its standing and how far it is from the median."""
    value = _value(row)
    place = text.fraction(row["rank"], row["ranked_count"]) if row["rank"] else ""
    gap = row["median_gap"]
    unit = t("points") if row["measure_unit"] == charts.PERCENT else row["measure_unit"]
    away = text.measured(abs(gap), unit, 1) if gap is not None else ""
    mark = theme.MARKS[charts.mark_of(row)]
    tile(
        str(row["short_name"] or row["org_unit_name"]),
        value or f"{mark.shape} {t(mark.word)}",
        text.fraction(row["numerator"], row["denominator"]) if row["denominator"] is not None and value else "",
        t("own.place", place=place) if place else "",
        t("own.above" if gap >= 0 else "own.below", gap=away) if gap is not None else "",
        mark=mark if value and row["target"] is not None else None,
        opens=("figure", row["org_unit"], row["indicator"], row["period"]),
    )


def missing_list(rows: pl.DataFrame, names: pl.DataFrame, most: int = 24) -> None:
    """The units whose expected report has not come, form by form (rows of `completeness`)."""
    called = dict(names.select("org_unit", "short_name").iter_rows())
    absent = rows.filter(~pl.col("is_received"))
    for form, held in absent.group_by("form", maintain_order=True):
        units = [called.get(code, code) for code in held["org_unit"].to_list()]
        more = f" {t('missing.more', count=len(units) - most)}" if len(units) > most else ""
        code = str(form[0]).split("_")[0].upper()
        st.markdown(f"**▨ {code}** ({len(units)}): {plain(', '.join(units[:most]))}{more}")


def task_legend() -> list[Swatch]:
    """What the parts of task bars are, in their order."""
    parts = theme.TASK_PARTS
    return _legend([Swatch(part.colour, part.ink, part.pattern, "", t(f"task.{part.part}")) for part in parts])


def task_lines(rows: pl.DataFrame) -> Lines:
    """The counts behind task bars, in the parts of the bars."""
    shown = list(rows.iter_rows(named=True))
    counts = [task_counts(row, "")["counts"] for row in shown]
    columns = {
        t("task.lead"): [lead_name(row) if "lead" in row else t("all") for row in shown],
        t("tasks"): numbers([text.number(row["task_count"]) for row in shown]),
        **{
            t(f"task.{part.part}"): numbers([text.number(sum(own[key] for key in part.statuses)) for own in counts])
            for part in theme.TASK_PARTS
        },
    }
    return Lines(columns, [tables.unit_address(str(row.get("lead") or "")) for row in shown])


def trend_lines(rows: pl.DataFrame) -> Lines:
    """The figures behind a line over quarters."""
    shown = list(rows.iter_rows(named=True))
    columns = {
        t("field.period"): [text.quarter(row["period"]) for row in shown],
        **_value_columns(shown),
        t("planned"): numbers([text.measured(row["planned_value"], row["measure_unit"], 1) for row in shown]),
        t("coverage"): [charts.coverage(row) if "unit_count_expected" in row else "" for row in shown],
    }
    keys = [("figure", str(row.get("org_unit") or ""), row["indicator"], row["period"]) for row in shown]
    return Lines(columns, [tables.source_address(key) for key in keys])


def across_the_merger(view: View, book: Book) -> None:
    """The chosen figure of a commune on both sides of 01/07/2025, if anything was reported before that day."""
    chosen = view.selection
    asked = {"province": chosen.province, "indicator": chosen.indicator, "org_unit": chosen.org_unit}
    reported = queries.progress_boundaries(view.scope, **asked, boundaries="as_reported")
    if reported.filter(pl.col("start_on") < periods.period_dates(charts.TWO_TIER_FROM)[0]).is_empty():
        return
    st.markdown(f"**{t('boundaries.title')}**")
    options = {"hien-nay": t("boundaries.today"), "nhu-bao-cao": t("boundaries.as_reported")}
    side = filters.pick_side(filters.BOUNDARIES, t("boundaries"), options, "hien-nay")
    today = queries.progress_boundaries(view.scope, **asked, boundaries="today")
    shown = today if side == "hien-nay" else reported
    _boundaries_table(shown)
    book.add(t("boundaries.title"), shown, (*workbooks.FIGURES, "how"), how=_origin)


def _boundaries_table(rows: pl.DataFrame) -> None:
    """Quarters across the merger, each figure with its unit and how it was got; what was split is said, not guessed."""
    shown = list(rows.iter_rows(named=True))
    columns = {
        t("field.period"): [text.quarter(row["period"]) for row in shown],
        t("unit"): [row["org_unit_name"] for row in shown],
        t("fraction"): [text.fraction(row["numerator"], row["denominator"]) for row in shown],
        t("value"): numbers([_value(row) for row in shown]),
        t("boundaries.how"): [_origin(row) for row in shown],
    }
    sources.draw_table(columns, height="content")


def _origin(row: Row) -> str:
    if not row["is_added_up"]:
        return "; ".join([t("boundaries.own"), *([t("boundaries.part_own")] if row["share_kind"] == "part" else [])])
    whole = t(
        "boundaries.added", count=text.number(row["unit_count_summed"]), of=text.number(row["unit_count_expected"])
    )
    parts = [t("boundaries.part", count=text.number(row["part_unit_count"]))] if row["part_unit_count"] else []
    return "; ".join([whole, *parts])


# ---------------------------------------------------------------- one indicator


def definition(indicator: Row, now: Row | None) -> None:
    """What an indicator is: formula, direction, kind, source documents."""
    lines = [(t("definition.formula"), _formula(indicator))]
    lines.append((t("definition.better"), t(f"definition.{indicator['direction']}")))
    lines.append((t("definition.value_type"), t(f"definition.{indicator['value_type']}")))
    lines.append((t("definition.source"), indicator["source_document"]))
    if now is not None and now["target"] is not None:
        lines.append((t("definition.target_source"), now["target_source"]))
    lines.append((t("definition.note"), indicator["note"]))
    with st.expander(t("definition"), expanded=True):
        st.markdown("  \n".join(f"**{label}:** {plain(words)}" for label, words in lines if words))


def _formula(indicator: Row) -> str:
    if indicator["kind"] != "ratio":
        return f"{indicator['numerator_name']} ({indicator['measure_unit']})"
    factor = f" × {text.number(indicator['factor'])} %" if indicator["factor"] == 100 else ""
    return f"({indicator['numerator_name']}) / ({indicator['denominator_name']}){factor}"


def part_of_ranking(rows: pl.DataFrame) -> pl.DataFrame:
    """The part of a long ranking that is to be seen; the whole of a short one."""
    if len(rows) <= LONG_RANKING:
        return rows
    parts = {
        "top": t("ranked.top", count=20),
        "bottom": t("ranked.bottom", count=20),
        "near": t("ranked.near"),
        "all": t("ranked.all", count=len(rows)),
    }
    if rows["target"].is_null().all():
        del parts["near"]
    part = st.segmented_control(
        t("ranked.show"), list(parts), format_func=parts.__getitem__, default="top", required=True, key="ranked-part"
    )
    if part == "bottom":
        return rows.tail(20)
    if part == "near":
        return rows.sort(pl.col("gap").abs(), nulls_last=True).head(20).sort("rank", "sort_key", nulls_last=True)
    return rows if part == "all" else rows.head(20)


def without_value(rows: pl.DataFrame) -> None:
    """The units that have no rank, by why: there is no figure, or it is a bound, a range or an estimate."""
    if rows.is_empty():
        return
    by_reason: dict[str, list[str]] = {}
    for row in rows.sort("sort_key").iter_rows(named=True):
        mark = theme.MARKS[charts.mark_of(row)]
        is_inexact = row["value"] is not None and row["status"] == "reported"
        reason = f"≈ {t('unranked.inexact')}" if is_inexact else f"{mark.shape} {t(mark.word)}"
        by_reason.setdefault(reason, []).append(str(row["short_name"] or row["org_unit_name"]))
    with st.expander(t("without_value", count=len(rows))):
        for reason, names in by_reason.items():
            st.markdown(f"**{plain(reason)}** ({len(names)}): {plain(', '.join(names))}")


# ---------------------------------------------------------------- tables of figures


def unit_lines(rows: pl.DataFrame) -> Lines:
    """Units with one indicator, best first; each leads to its unit."""
    shown = list(rows.sort("rank", "sort_key", nulls_last=True).iter_rows(named=True))
    columns = {
        t("unit"): [row["org_unit_name"] for row in shown],
        t("rank"): numbers([text.number(row["rank"]) for row in shown]),
        **_figure_columns(shown),
    }
    cells = {(place, t("value")): tables.source_address(_key(row)) for place, row in enumerate(shown)}
    return Lines(columns, [tables.unit_address(row["org_unit"], row["indicator"]) for row in shown], cells)


def mover_lines(rows: pl.DataFrame) -> Lines:
    """Units with last quarter's value beside this one's."""
    shown = list(rows.iter_rows(named=True))
    columns = {
        t("unit"): [row["org_unit_name"] for row in shown],
        t("previous"): numbers(
            [text.measured(row["previous_value"], row["measure_unit"], row["decimals"]) for row in shown]
        ),
        **_value_columns(shown),
    }
    return Lines(columns, [tables.unit_address(row["org_unit"], row["indicator"]) for row in shown])


def quarter_lines(rows: pl.DataFrame, quarters: Sequence[str]) -> Lines:
    """Units down, quarters across, one indicator; each cell leads to its source."""
    held = {(row["org_unit"], row["period"]): row for row in rows.iter_rows(named=True)}
    units = dict(rows.sort("sort_key").select("org_unit", "org_unit_name").iter_rows())
    columns = {t("unit"): list(units.values())}
    cells = {}
    for quarter in quarters:
        own = [held.get((unit, quarter)) for unit in units]
        columns[text.quarter(quarter)] = numbers([charts.value_with_unit(row) if row else "" for row in own])
        for place, row in enumerate(own):
            if row is not None:
                cells[place, text.quarter(quarter)] = tables.source_address(_key(row))
    indicator = str(rows["indicator"][0]) if len(rows) else ""
    return Lines(columns, [tables.unit_address(unit, indicator) for unit in units], cells)


def indicator_table(rows: pl.DataFrame, key: str) -> None:
    """Indicators of one unit; a row opens its source."""
    shown = list(rows.iter_rows(named=True))
    columns = {
        t("indicator"): [f"{row['indicator']} · {text.name(row, 'indicator_name')}" for row in shown],
        **_figure_columns(shown),
        t("rank"): [text.fraction(row["rank"], row["ranked_count"]) if row["rank"] else "" for row in shown],
    }
    sources.table(columns, [_key(row) for row in shown], key, tones=standing_tones(), height="content")


def rollup_lines(rows: pl.DataFrame) -> Lines:
    """Indicators of one group together; each leads to its indicator, its value to the units behind it."""
    shown = list(rows.iter_rows(named=True))
    marks = [theme.MARKS[charts.mark_of(row)] for row in shown]
    columns = {
        t("indicator"): [f"{row['indicator']} · {text.name(row, 'indicator_name')}" for row in shown],
        **_value_columns(shown),
        t("status"): [f"{mark.shape} {t(mark.word)}" for mark in marks],
        t("coverage"): [charts.coverage(row) for row in shown],
        t("as_of.column"): [_days(row) for row in shown],
    }
    name = filters.PARAMETERS["indicator"]
    keys: list[tables.Key] = [("figure", "", row["indicator"], row["period"]) for row in shown]
    cells = {(place, t("value")): tables.source_address(key) for place, key in enumerate(keys)}
    return Lines(columns, [tables.address("chi_tieu", **{name: row["indicator"]}) for row in shown], cells)


def standing_tones() -> sources.Tones:
    """The colours of the words for how a figure stands, as a table shows them."""
    return {t("status"): {f"{mark.shape} {t(mark.word)}": mark.colour for mark in theme.MARKS.values()}}


def _figure_columns(shown: Sequence[Row]) -> dict[str, list[str]]:
    marks = [theme.MARKS[charts.mark_of(row)] for row in shown]
    return {
        **_value_columns(shown),
        t("status"): [f"{mark.shape} {t(mark.word)}" for mark in marks],
        t("parts"): [_parts(row) for row in shown],
        t("as_of.column"): [text.day(row["as_of"]) for row in shown],
    }


def _value_columns(shown: Sequence[Row]) -> dict[str, list[str]]:
    def measured(row: Row, key: str) -> str:
        return text.measured(row[key], row["measure_unit"], row["decimals"] if key == "value" else None)

    return {
        t("fraction"): [
            text.fraction(row["numerator"], row["denominator"]) if row["denominator"] is not None else ""
            for row in shown
        ],
        t("value"): numbers([_value(row) for row in shown]),
        t("target"): numbers([measured(row, "target") for row in shown]),
        t("change"): [text.change(row["change"], row["measure_unit"]) for row in shown],
    }


def _value(row: Row) -> str:
    if row["value"] is None:
        return ""
    return f"{text.qualified(row['value'], row['qualifier'], row['value_to'], row['decimals'])} {row['measure_unit']}"


def _parts(row: Row) -> str:
    if row["is_percent_only"]:
        return t("percent_only.mark")
    if not row["is_derived"]:
        return ""
    return t("coverage.parts", found=row["part_count_found"], expected=row["part_count_expected"])


def _days(row: Row) -> str:
    return "–".join(text.day(day) for day in dict.fromkeys((row["as_of_min"], row["as_of_max"])) if day is not None)


def _key(row: Row) -> tables.Key:
    return "figure", row["org_unit"], row["indicator"], row["period"]


# ---------------------------------------------------------------- tasks


def task_headline(row: Row) -> None:
    """The partition of a task list in the words of the secretariat: each part as n/d, then per cent."""
    total = row["task_count"]
    columns = st.columns(5, gap="small")
    late = row["da_hoan_thanh_qua_han"]
    parts = (
        ("task.done", row["done_count"], t("task.late_done", count=late) if late else ""),
        ("task.in_progress", row["in_progress_count"], t("task.of_recurring", count=row["recurring_count"])),
        ("task.not_started", row["not_started_count"], ""),
        ("task.overdue", row["overdue_count"], t("task.overdue.note")),
    )
    for column, (label, count, note) in zip(columns, parts, strict=False):
        with column:
            tile(t(label), text.fraction(count, total), _share(count, total), note)
    with columns[4]:
        due, done = row["due_count"], row["due_done_count"]
        note = t("task.due_rest", doing=row["due_in_progress_count"], waiting=row["due_not_started_count"])
        tile(
            t("task.due_done"),
            text.fraction(done, due) if due else "",
            _share(done, due),
            note if due else t("task.none_due"),
        )


def task_counts(row: Row, label: str) -> dict[str, Any]:
    """A row of counts as a bar of `charts.task_bars`."""
    statuses = [status for part in theme.TASK_PARTS for status in part.statuses]
    return {"label": label, "lead": row.get("lead", ""), "counts": {status: int(row[status]) for status in statuses}}


def lead_name(row: Row) -> str:
    return str(row["lead_name"] or row["lead"]) if row["lead"] else t("task.unassigned")


def task_table(rows: pl.DataFrame, key: str) -> None:
    """Tasks, the longest overdue first; a row opens its report."""
    shown = list(rows.iter_rows(named=True))
    open_late = [row["days_overdue"] if row["state"] in {"dang_thuc_hien", "chua_thuc_hien"} else 0 for row in shown]
    columns = {
        t("task.code"): [row["task"] for row in shown],
        t("task"): [row["title"] for row in shown],
        t("field.lead"): [row["lead_name"] for row in shown] if rows["lead"].n_unique() > 1 else [],
        t("task.due_on"): [row["due_text"] or text.day(row["due_on"]) for row in shown],
        t("status"): [f"{theme.task_shape(row['status'])} {t('status.' + row['status'])}" for row in shown],
        t("task.days_overdue"): numbers([text.number(days) if days else "" for days in open_late]),
        t("task.progress"): numbers([text.number(row["progress_pct"], 0) for row in shown]),
        t("as_of.column"): [text.day(row["as_of"]) for row in shown],
    }
    keys = [("task", row["task_key"], "", row["period"]) for row in shown]
    part_of = {status: part.colour for part in theme.TASK_PARTS for status in part.statuses}
    tones = {f"{theme.task_shape(status)} {t('status.' + status)}": colour for status, colour in part_of.items()}
    sources.table(columns, keys, key, tones={t("status"): tones}, height=560 if len(shown) > 14 else "content")


# ---------------------------------------------------------------- quarters of a chart


def last_quarters(rows: pl.DataFrame, last: str) -> list[str]:
    """The quarters up to `last` that a heat map has room for, from the first that has a row."""
    shown = [period for period in all_quarters(rows) if periods.order_key(period) <= periods.order_key(last)]
    return shown[-QUARTERS_SHOWN:]


def all_quarters(rows: pl.DataFrame) -> list[str]:
    """Every quarter from the first to the last with a row, those without one too."""
    held = sorted(set(rows["period"].to_list()), key=periods.order_key)
    found = held[:1]
    while found and found[-1] != held[-1]:
        found.append(periods.next_period(found[-1]))
    return found
