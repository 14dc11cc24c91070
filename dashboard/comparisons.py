"""Units compared in one quarter: ends of a ranking, strip, dumbbell, small multiples, tile map.

Frames in, Plotly figures out, as in `charts`: every mark of a unit carries (org_unit, indicator, period) in its
`customdata`, so that a click leads to the unit. `beside` says what a unit is compared with: its target or the median.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import plotly.graph_objects as go
import polars as pl

from dashboard import charts, text, theme
from dashboard.drawing import remembered
from dashboard.text import t

Row = Mapping[str, Any]
Beside = Literal["target", "median"]

FEW: Final = 10  # named units in a picture that a room can read
GREY: Final = "#AEB7C2"
TILE: Final = 0.94  # of its square
COLUMNS: Final = 5
MULTIPLE_HEIGHT: Final = 150


def mark_of(row: Row, beside: Beside) -> theme.Mark:
    """How a unit looks beside its target, or beside the median of like units."""
    if beside == "median" and row["median_standing"] is not None:
        return theme.MEDIAN_MARKS[row["median_standing"]]
    return theme.MARKS[charts.mark_of(row)]


def colours_of(row: Row, beside: Beside) -> tuple[str, str]:
    """Fill and ink of a unit's mark; a ratio of few cases is grey."""
    if row["is_small"]:
        return theme.MARKS["no_value"].colour, theme.INK
    if beside == "target" and row["gap_class"] is not None:
        fill, ink, _ = theme.GAP_CLASSES[row["gap_class"]]
        return fill, ink
    mark = mark_of(row, beside)
    return mark.colour, mark.ink


# ---------------------------------------------------------------- the ends of a ranking


def leaders(rows: pl.DataFrame, part: str, count: int = FEW) -> pl.DataFrame:
    """The first, the last or the units nearest to the target, best first; units with one rank stay together.

    Where a tie runs over the edge the picture holds at most half as many again.
    """
    ranked = rows.filter(pl.col("rank").is_not_null()).sort("rank", "sort_key")
    if part == "near":
        ranked = ranked.filter(pl.col("gap").is_not_null())
        return ranked.sort(pl.col("gap").abs(), "sort_key").head(count).sort("rank", "sort_key")
    if len(ranked) <= count:
        return ranked
    most = count + count // 2
    if part == "bottom":
        edge = ranked["rank"][-count]
        tied = ranked.filter(pl.col("rank") >= edge)
        return tied if len(tied) <= most else ranked.tail(count)
    edge = ranked["rank"][count - 1]
    tied = ranked.filter(pl.col("rank") <= edge)
    return tied if len(tied) <= most else ranked.head(count)


@remembered
def ends(rows: pl.DataFrame, beside: Beside = "target", *, longest: int = 18, words: int = 140) -> go.Figure:
    """Units as bars in the order given with rank, value and n/N, and a line at the target or at the median."""
    shown = list(rows.iter_rows(named=True))
    drawn = [colours_of(row, beside) for row in shown]
    unit = shown[0]["measure_unit"] if shown else ""
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=[row["value"] for row in shown],
            y=list(range(len(shown))),
            marker={"color": [fill for fill, _ in drawn], "line": {"color": theme.INK, "width": 0.6}},
            hovertext=[row["org_unit_name"] for row in shown],
            customdata=[_key(row) for row in shown],
            hovertemplate="<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
            unselected={"marker": {"opacity": 1}},
        )
    )
    charts.write_beside(figure, [_words(row, beside) for row in shown])
    _comparison_line(figure, shown, beside, unit)
    charts.dress(figure, height=34 + theme.ROW * max(len(shown), 1), top=24, right=words)
    figure.update_layout(
        bargap=0.25,
        showlegend=False,
        xaxis={**charts.value_axis(shown, unit), "showgrid": False, "showticklabels": False, "title": {"text": ""}},
        yaxis=charts.name_axis([f"{row['rank']}. {charts.axis_name(row, longest)}" for row in shown]),
    )
    return figure


def _words(row: Row, beside: Beside) -> str:
    shape = mark_of(row, beside).shape
    value = text.qualified(row["value"], row["qualifier"], row["value_to"], row["decimals"])
    counted = text.fraction(row["numerator"], row["denominator"]) if row["denominator"] is not None else ""
    return f"{shape} {value} {row['measure_unit']}".rstrip() + (f" ({counted})" if counted else "")


def _comparison_line(figure: go.Figure, shown: Sequence[Row], beside: Beside, unit: str) -> None:
    key = "target" if beside == "target" else "median_value"
    held = {row[key] for row in shown if row[key] is not None}
    if len(held) != 1:
        return
    value = held.pop()
    figure.add_vline(x=value, line={"color": theme.INK, "width": 1.5, "dash": "dash"})
    words = t(
        "target.short" if beside == "target" else "median.short",
        value=text.measured(value, unit, None if beside == "target" else 1),
    )
    figure.add_annotation(
        x=value, y=1, yref="paper", yanchor="bottom", xanchor="right", text=words, showarrow=False,
        font={"size": theme.SIZE_SMALL + 1, "color": theme.INK},
    )  # fmt: skip


# ---------------------------------------------------------------- strip: where a unit stands among all


@remembered
def strip(rows: pl.DataFrame, chosen: str = "", *, named: int = 1) -> go.Figure:
    """Every unit with a value as a dot; the chosen one large and named, `named` units at either end too."""
    shown = sorted(charts.valued(rows), key=lambda row: (row["value"], row["sort_key"]))
    unit = shown[0]["measure_unit"] if shown else ""
    heights = _heights([row["value"] for row in shown])
    large = [row["org_unit"] == chosen for row in shown]
    figure = go.Figure(
        go.Scatter(
            x=[row["value"] for row in shown],
            y=heights,
            mode="markers",
            marker={
                "size": [15 if is_chosen else 8 for is_chosen in large],
                "symbol": ["diamond" if is_chosen else "circle" for is_chosen in large],
                "color": [theme.GOOD if is_chosen else GREY for is_chosen in large],
                "line": {"color": theme.PAPER, "width": 0.8},
            },
            hovertext=[row["org_unit_name"] for row in shown],
            customdata=[_key(row) for row in shown],
            hovertemplate="<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
            unselected={"marker": {"opacity": 1}},
            cliponaxis=False,
        )
    )
    ends_of = {*range(min(named, len(shown))), *range(max(len(shown) - named, 0), len(shown))} if shown else set()
    for place, row in enumerate(shown):
        if large[place] or place in ends_of:
            _name_dot(figure, row, heights[place], chosen=large[place], is_right=place > len(shown) / 2)
    top = max(heights, default=0)
    _upright(figure, shown, "target", "target.short", unit, row=1)
    _upright(figure, shown, "median_value", "median.short", unit, row=0)
    charts.dress(figure, height=210, top=48, right=14, bottom=36)
    figure.update_layout(
        showlegend=False,
        xaxis=charts.value_axis(shown, unit) | _close_range(shown),
        yaxis={"visible": False, "range": [-1.5, max(top * 1.25, 6) + 2], "fixedrange": True},
    )
    return figure


@remembered
def spread(whole: Row, rows: pl.DataFrame) -> go.Figure:
    """Units of one's own on the band in which the middle half of all lie (a row of `distribution`); nobody else."""
    shown = sorted(charts.valued(rows), key=lambda row: (row["value"], row["sort_key"]))
    unit = whole["measure_unit"]
    figure = go.Figure(
        go.Scatter(
            x=[row["value"] for row in shown],
            y=[0.5] * len(shown),
            mode="markers",
            marker={"size": 15, "symbol": "diamond", "color": theme.GOOD, "line": {"color": theme.PAPER, "width": 0.8}},
            hovertext=[row["org_unit_name"] for row in shown],
            customdata=[_key(row) for row in shown],
            hovertemplate="<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
            unselected={"marker": {"opacity": 1}},
            cliponaxis=False,
        )
    )
    figure.add_vrect(
        x0=whole["lower_quartile"], x1=whole["upper_quartile"], fillcolor=GREY, opacity=0.45, line={"width": 0}
    )
    for row in shown[:FEW]:
        _name_dot(figure, row, 0.5, chosen=True, is_right=row["value"] > whole["median_value"])
    lines = [*shown, {**whole, "value": whole["lower_quartile"]}, {**whole, "value": whole["upper_quartile"]}]
    _upright(figure, [{**row, "target": whole["target"]} for row in lines], "target", "target.short", unit, row=1)
    _upright(figure, [{**row, "median_value": whole["median_value"]} for row in lines], "median_value", "median.short",
             unit, row=0)  # fmt: skip
    charts.dress(figure, height=190, top=48, right=14, bottom=36)
    figure.update_layout(
        showlegend=False,
        xaxis=charts.value_axis(lines, unit) | _close_range(lines),
        yaxis={"visible": False, "range": [-0.2, 1.8], "fixedrange": True},
    )
    return figure


def _heights(values: Sequence[float]) -> list[float]:
    """Dots of nearly one value are put on top of one another."""
    if not values:
        return []
    step = (max(values) - min(values)) / 90 or 1.0
    stacks: dict[int, int] = defaultdict(int)
    heights = []
    for value in values:
        bin_no = int((value - min(values)) / step)
        heights.append(float(stacks[bin_no]))
        stacks[bin_no] += 1
    return heights


def _close_range(shown: Sequence[Row]) -> dict[str, Any]:
    """Dots need no zero; the range holds all values, target and median."""
    held = [row[key] for row in shown for key in ("value", "target", "median_value") if row[key] is not None]
    if not held:
        return {}
    room = (max(held) - min(held)) * 0.04 or 1.0
    return {"range": [min(held) - room, max(held) + room], "zeroline": False}


def _name_dot(figure: go.Figure, row: Row, height: float, *, chosen: bool, is_right: bool) -> None:
    value = text.measured(row["value"], row["measure_unit"], row["decimals"])
    name = f"{charts.axis_name(row, 24)} {value}"
    figure.add_annotation(
        x=row["value"], y=height, text=f"<b>{name}</b>" if chosen else name, showarrow=True, arrowhead=0, arrowwidth=1,
        arrowcolor=theme.MUTED, ax=-18 if is_right else 18, ay=-64 if chosen else -34,
        xanchor="right" if is_right else "left", font={"size": theme.SIZE_SMALL + 1, "color": theme.INK},
        bgcolor="rgba(255,255,255,0.85)",
    )  # fmt: skip


def _upright(figure: go.Figure, shown: Sequence[Row], key: str, word: str, unit: str, *, row: int) -> None:
    held = {each[key] for each in shown if each[key] is not None}
    if len(held) != 1:
        return
    value = held.pop()
    figure.add_vline(x=value, line={"color": theme.INK, "width": 1.5, "dash": "dash" if row else "dot"})
    is_right = value > sum(_close_range(shown)["range"]) / 2
    figure.add_annotation(
        x=value, y=1, yref="paper", yanchor="bottom", yshift=18 * row, xanchor="right" if is_right else "left",
        text=t(word, value=text.measured(value, unit, None if key == "target" else 1)), showarrow=False,
        font={"size": theme.SIZE_SMALL + 1},
    )  # fmt: skip


# ---------------------------------------------------------------- dumbbell: who moved


def movers(rows: pl.DataFrame, count: int = 2 * FEW) -> pl.DataFrame:
    """The units that changed most against last quarter, the greatest gain first."""
    moved = rows.filter(pl.col("change").is_not_null() & pl.col("rank").is_not_null())
    better = pl.when(pl.col("direction") == "lower").then(-pl.col("change")).otherwise(pl.col("change"))
    moved = moved.with_columns(better=better).sort("better", "sort_key", descending=[True, False])
    if len(moved) <= count:
        return moved
    return pl.concat([moved.head(count - count // 2), moved.tail(count // 2)])


@remembered
def dumbbell(rows: pl.DataFrame, *, longest: int = 26, words: int = 200) -> go.Figure:
    """Last quarter (ring) → now (mark of its standing), in the order given, with the change beside it."""
    shown = list(rows.iter_rows(named=True))
    unit = shown[0]["measure_unit"] if shown else ""
    places = list(range(len(shown)))
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=[value for row in shown for value in (row["previous_value"], row["value"], None)],
            y=[place if value is not None else None for place in places for value in (0, 0, None)],
            mode="lines",
            line={"color": theme.FAINT, "width": 3},
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[row["previous_value"] for row in shown],
            y=places,
            mode="markers",
            marker={"size": 10, "color": theme.PAPER, "line": {"color": theme.MUTED, "width": 2}},
            customdata=[_key(row) for row in shown],
            hovertemplate=t("previous") + ": %{x:.1f}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[row["value"] for row in shown],
            y=places,
            mode="markers",
            marker={
                "size": 13,
                "color": [
                    colours_of(row, "target")[0] if row["gap_class"] is not None else theme.PLAIN for row in shown
                ],
                "line": {"color": theme.INK, "width": 0.8},
            },
            hovertext=[row["org_unit_name"] for row in shown],
            customdata=[_key(row) for row in shown],
            hovertemplate="<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
            unselected={"marker": {"opacity": 1}},
        )
    )
    charts.write_beside(
        figure,
        [
            f"{text.change(row['change'], unit)} → {text.number(row['value'], row['decimals'])}\u00a0{unit}".rstrip()
            for row in shown
        ],
    )
    _comparison_line(figure, shown, "target", unit)
    charts.dress(figure, height=58 + theme.ROW * max(len(shown), 1), top=24, right=words, bottom=30)
    figure.update_layout(
        showlegend=False,
        xaxis=charts.value_axis(shown, unit) | _close_range_of(shown) | {"nticks": 4, "tickangle": 0},
        yaxis=charts.name_axis([charts.axis_name(row, longest) for row in shown]),
    )
    return figure


def _close_range_of(shown: Sequence[Row]) -> dict[str, Any]:
    held = [row[key] for row in shown for key in ("value", "previous_value", "target") if row[key] is not None]
    if not held:
        return {}
    room = (max(held) - min(held)) * 0.05 or 1.0
    return {"range": [min(held) - room, max(held) + room], "zeroline": False}


# ---------------------------------------------------------------- small multiples


@remembered
def multiples(rows: pl.DataFrame, periods: Sequence[str], now: str, *, columns: int = COLUMNS) -> go.Figure:
    """One small line per unit over the quarters on one scale, its target beside it; furthest from the target first."""
    by_unit: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows.iter_rows(named=True):
        by_unit[row["org_unit"]][row["period"]] = row
    order = sorted(by_unit, key=lambda unit: _by_gap(by_unit[unit].get(now)))
    unit = str(rows["measure_unit"][0]) if len(rows) else ""
    lines = max(1, math.ceil(len(order) / columns))
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    notes: list[dict[str, Any]] = []
    span = charts.upright_axis([row[key] for row in charts.valued(rows) for key in ("value", "target")], unit)
    for place, code in enumerate(order):
        column, line = place % columns, place // columns
        suffix = "" if place == 0 else str(place + 1)
        left, top = column / columns, 1 - line / lines
        held = by_unit[code]
        traces += _small_lines(held, periods, suffix)
        right, low = left + 0.88 / columns, top - 0.9 / lines
        layout[f"xaxis{suffix}"] = {
            "domain": [left + 0.03 / columns, right],
            "anchor": f"y{suffix}",
            "range": [-0.4, len(periods) - 0.6],
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        }
        layout[f"yaxis{suffix}"] = {
            **span,
            "domain": [low, top - 0.36 / lines],
            "anchor": f"x{suffix}",
            "automargin": False,
            "showticklabels": False,
            "ticksuffix": "",
            "title": {"text": ""},
            "nticks": 3,
        }
        notes.append(_small_title(next(iter(held.values())), held.get(now), left, top))
        if charts.TWO_TIER_FROM in periods and periods.index(charts.TWO_TIER_FROM) > 0:
            layout.setdefault("shapes", []).append(
                {
                    "type": "line", "xref": f"x{suffix}", "yref": f"y{suffix} domain", "y0": 0, "y1": 1,
                    "x0": periods.index(charts.TWO_TIER_FROM) - 0.5, "x1": periods.index(charts.TWO_TIER_FROM) - 0.5,
                    "line": {"color": theme.BAD, "width": 1, "dash": "dot"},
                }
            )  # fmt: skip
    figure = go.Figure(traces, layout)
    figure.layout.annotations = notes
    charts.dress(figure, height=20 + MULTIPLE_HEIGHT * lines, top=10, bottom=10)
    figure.update_layout(showlegend=False)
    return figure


def _by_gap(row: Row | None) -> tuple[bool, float, str]:
    gap = row["gap"] if row is not None and row["gap"] is not None else None
    return gap is None, gap if gap is not None else 0.0, str(row["sort_key"]) if row is not None else ""


def _small_lines(held: Mapping[str, Row], periods: Sequence[str], suffix: str) -> list[dict[str, Any]]:
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    values = [held[period]["value"] if period in held else None for period in periods]
    last = max((place for place, value in enumerate(values) if value is not None), default=-1)
    target = {
        "type": "scatter", "x": list(range(len(periods))), "mode": "lines", "hoverinfo": "skip", **axes,
        "y": [held[period]["target"] if period in held else None for period in periods],
        "line": {"color": theme.INK, "width": 1.2, "dash": "dash"},
    }  # fmt: skip
    line = {
        "type": "scatter", "x": list(range(len(periods))), "y": values, "mode": "lines+markers", "connectgaps": False,
        **axes,
        "line": {"color": theme.GOOD, "width": 2},
        "marker": {"size": [9 if place == last else 5 for place in range(len(periods))], "color": theme.GOOD},
        "customdata": [_key(held[period]) if period in held else ["", "", period, ""] for period in periods],
        "hovertext": [text.quarter(period) for period in periods],
        "hovertemplate": "<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
        "cliponaxis": False,
        "unselected": {"marker": {"opacity": 1}},
    }  # fmt: skip
    return [target, line]


def _small_title(any_row: Row, now: Row | None, left: float, top: float) -> dict[str, Any]:
    name = charts.axis_name(any_row, 20)
    said = f"{theme.MARKS[charts.mark_of(now)].shape} {charts.value_with_unit(now)}" if now is not None else "—"
    return {
        "text": f"<b>{name}</b><br>{said}", "x": left, "y": top, "xref": "paper", "yref": "paper", "align": "left",
        "xanchor": "left", "yanchor": "top", "showarrow": False, "font": {"size": theme.SIZE_SMALL + 1},
    }  # fmt: skip


# ---------------------------------------------------------------- tile map


@remembered
def tile_map(
    tiles: pl.DataFrame, rows: pl.DataFrame, beside: Beside = "target", *, chosen: str = "", height: int = 440
) -> go.Figure:
    """One square per commune, west left, north on top, coloured and marked by how it stands; no area, no distance."""
    found = {row["org_unit"]: row for row in rows.iter_rows(named=True)}
    shown = list(tiles.iter_rows(named=True))
    drawn = [_tile(found.get(tile["org_unit"]), beside) for tile in shown]
    is_chosen = [tile["org_unit"] == chosen for tile in shown]
    figure = go.Figure(
        go.Bar(
            x=[tile["col"] for tile in shown],
            base=[tile["row"] - TILE / 2 for tile in shown],
            y=[TILE] * len(shown),
            width=TILE,
            marker={
                "color": [fill for fill, _, _, _ in drawn],
                "line": {
                    "color": [theme.INK if is_one else theme.FAINT for is_one in is_chosen],
                    "width": [3 if is_one else 0.7 for is_one in is_chosen],
                },
                "pattern": {
                    "shape": [pattern for _, _, pattern, _ in drawn],
                    "fillmode": "overlay",
                    "fgcolor": theme.FAINT,
                    "size": 5,
                    "solidity": 0.25,
                },
            },
            text=["" if pattern else shape for _, _, pattern, shape in drawn],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            insidetextfont={"size": theme.SIZE_SMALL, "color": [ink for _, ink, _, _ in drawn]},
            hovertext=[tile["org_unit_name"] for tile in shown],
            customdata=[_tile_key(tile, found.get(tile["org_unit"])) for tile in shown],
            hovertemplate="<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
            unselected={"marker": {"opacity": 1}},
        )
    )
    charts.dress(figure, height=height, top=4, right=4, bottom=4)
    columns = [tile["col"] for tile in shown] or [0]
    lines = [tile["row"] for tile in shown] or [0]
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure.update_layout(
        showlegend=False,
        barmode="overlay",
        xaxis={**hidden, "range": [min(columns) - 0.55, max(columns) + 0.55]},
        yaxis={**hidden, "range": [max(lines) + 0.55, min(lines) - 0.55], "scaleanchor": "x"},
    )
    return figure


def _tile(row: Row | None, beside: Beside) -> tuple[str, str, str, str]:
    """Fill, ink, pattern and shape of a square; a commune of which nothing is expected is left blank."""
    if row is None:
        return theme.PAPER, theme.MUTED, "", ""
    mark = mark_of(row, beside)
    fill, ink = colours_of(row, beside)
    return fill, ink, mark.pattern, mark.shape


def _tile_key(tile: Row, row: Row | None) -> list[Any]:
    return _key(row) if row is not None else [tile["org_unit"], "", "", t("mark.blank")]


def _key(row: Row) -> list[Any]:
    return [row["org_unit"], row["indicator"], row["period"], charts.describe(row)]
