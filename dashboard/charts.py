"""Frames in, Plotly figures out; no Streamlit, no questions asked, no indicator computed.

Every drawn figure carries the key of what it shows as `customdata`: (org_unit, indicator, period), so that a click
leads to its source; a point that is no figure has none. Colours tell how a figure stands, with a shape or a word
beside it; a figure that is not there is drawn as its own mark, never as zero and never as a gap in the row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl

from dashboard import text, theme
from dashboard.drawing import remembered
from dashboard.text import t

Row = Mapping[str, Any]

TWO_TIER_FROM: Final = "2025-Q3"  # districts ended and communes were merged on 01/07/2025
PERCENT: Final = "%"
WIDEST_CELL: Final = 0.11  # of the width of a heat map
FULL_HEAT_ROWS: Final = 60  # units in one block of a heat map; more go into blocks side by side
NARROW_HEAT_ROWS: Final = 90  # the same on a narrow screen, which has room for fewer blocks


# ---------------------------------------------------------------- how a figure stands


def mark_of(row: Row) -> str:
    """Which of `theme.MARKS` a row of `progress` or `rollup` has: its standing, or why there is no figure."""
    return str(row["standing"])


def value_breaks(values: Sequence[float], measure_unit: str) -> list[float]:
    """The four borders between five classes of values without a target: even steps for per cent, else fifths."""
    if measure_unit == PERCENT:
        return [20.0, 40.0, 60.0, 80.0]
    ordered = sorted(values)
    return [ordered[min(len(ordered) - 1, len(ordered) * fifth // 5)] for fifth in (1, 2, 3, 4)] if ordered else []


def value_text(row: Row) -> str:
    """What is written for a row in a narrow place: its value, or the shape of its mark."""
    if row["status"] == "reported" and row["value"] is not None:
        return text.qualified(row["value"], row["qualifier"], row["value_to"], _decimals(row))
    if row["status"] == "reported":
        return "0/0" if row["denominator"] == 0 else theme.MARKS["no_value"].shape
    return theme.MARKS[mark_of(row)].shape


def describe(row: Row) -> str:
    """One line of words about a row: value with unit, numerator and denominator, standing."""
    mark = theme.MARKS[mark_of(row)]
    parts = [f"{mark.shape} {t(mark.word)}"]
    if row["status"] == "reported" and row["value"] is not None:
        shown = text.qualified(row["value"], row["qualifier"], row["value_to"], _decimals(row))
        parts.insert(0, f"{shown} {row['measure_unit']}".strip())
        if row["denominator"] is not None:
            parts.insert(0, text.fraction(row["numerator"], row["denominator"]))
        if row["target"] is not None:
            parts.append(t("target.short", value=text.measured(row["target"], row["measure_unit"])))
    return " · ".join(parts)


def value_with_unit(row: Row) -> str:
    """`92,4 %`, or the shape of the mark of what is no figure."""
    if row["status"] != "reported" or row["value"] is None:
        return value_text(row)
    return f"{value_text(row)}\u00a0{row['measure_unit']}".rstrip()


def valued(rows: pl.DataFrame) -> list[Row]:
    """The rows of `progress` that hold a value."""
    return list(rows.filter((pl.col("status") == "reported") & pl.col("value").is_not_null()).iter_rows(named=True))


def _decimals(row: Row) -> int | None:
    return None if row.get("decimals") is None else int(row["decimals"])


# ---------------------------------------------------------------- heat map: unit × quarter


@remembered
def heatmap(rows: pl.DataFrame, periods: Sequence[str], order_by: str, *, narrow: bool = False) -> go.Figure:
    """Units down, quarters across, one indicator; sorted by the value of the quarter `order_by`, best first.

    On a `narrow` screen in fewer blocks, with more room for the names.

    A cell is a bar: bars can be hatched and clicked, which the cells of Plotly's own heat map cannot.
    """
    rows = rows.filter(pl.col("period").is_in(list(periods)))
    found = {(row["org_unit"], row["period"]): row for row in rows.iter_rows(named=True)}
    units = _ordered_units(rows, _last_with_value(rows, periods, order_by))
    fills = _fills(rows)
    blocks = _blocks(units, NARROW_HEAT_ROWS if narrow else FULL_HEAT_ROWS)
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for position, block in enumerate(blocks, start=1):
        cells = [found[unit, period] for unit in block for period in periods if (unit, period) in found]
        traces.append(_cells(cells, periods, fills, position))
        names = [axis_name(next(found[unit, p] for p in periods if (unit, p) in found)) for unit in block]
        width = 1 / len(blocks)
        left = (position - 1) * width + min(0.5 * width, 0.012 + (0.0096 if narrow else 0.0068) * max(map(len, names)))
        suffix = "" if position == 1 else str(position)
        axes[f"xaxis{suffix}"] = {
            "domain": [left, min(position * width - 0.005, left + WIDEST_CELL * len(periods))],
            "anchor": f"y{suffix}",
            "side": "top",
            "range": [0, len(periods)],
            "tickvals": [index + 0.5 for index in range(len(periods))],
            "ticktext": [_short_quarter(period) for period in periods],
            "tickfont": {"size": theme.SIZE_SMALL},
            "tickangle": 0,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        }
        axes[f"yaxis{suffix}"] = {
            "anchor": f"x{suffix}",
            "range": [max(len(b) for b in blocks) - 0.5, -0.5],
            "tickvals": list(range(len(block))),
            "ticktext": names,
            "tickfont": {"size": theme.SIZE_SMALL + (1 if len(blocks) == 1 else 0)},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        }
    tallest = max((len(block) for block in blocks), default=0)
    row_height = theme.ROW_DENSE if len(blocks) > 1 else theme.ROW
    figure = go.Figure(traces, axes)  # plain dicts: Plotly checks a Bar once when made and again when added
    dress(figure, height=48 + tallest * row_height, top=40)
    figure.update_layout(bargap=0.06, barmode="overlay", showlegend=False)
    return figure


def _cells(
    cells: Sequence[Row], periods: Sequence[str], fills: Mapping[tuple[str, str], tuple[str, str, str]], block: int
) -> dict[str, Any]:
    suffix = "" if block == 1 else str(block)
    order: dict[str, int] = {}
    for cell in cells:
        order.setdefault(cell["org_unit"], len(order))
    drawn = [fills[cell["org_unit"], cell["period"]] for cell in cells]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [0.96] * len(cells),
        "base": [periods.index(cell["period"]) + 0.02 for cell in cells],
        "y": [order[cell["org_unit"]] for cell in cells],
        "xaxis": f"x{suffix}",
        "yaxis": f"y{suffix}",
        "marker": {
            "color": [fill for fill, _, _ in drawn],
            "line": {"color": theme.GRID, "width": 0.6},
            "pattern": {
                "shape": [pattern for _, _, pattern in drawn],
                "fillmode": "overlay",
                "fgcolor": theme.FAINT,
                "size": 5,
                "solidity": 0.25,
            },
        },
        "text": ["" if pattern else value_text(cell) for cell, (_, _, pattern) in zip(cells, drawn, strict=True)],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"size": theme.SIZE_SMALL, "color": [ink for _, ink, _ in drawn]},
        "customdata": [[cell["org_unit"], cell["indicator"], cell["period"], describe(cell)] for cell in cells],
        "hovertext": [f"{cell['org_unit_name']}, {text.quarter(cell['period'])}" for cell in cells],
        "hovertemplate": "<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
        "unselected": {"marker": {"opacity": 1}},
    }


def _fills(rows: pl.DataFrame) -> dict[tuple[str, str], tuple[str, str, str]]:
    """(unit, quarter) → fill, ink, pattern of its cell."""
    breaks = value_classes(rows)
    fills = {}
    for row in rows.iter_rows(named=True):
        mark = theme.MARKS[mark_of(row)]
        fill, ink, pattern = mark.colour, mark.ink, mark.pattern
        if row["gap_class"] is not None:
            fill, ink, _ = theme.GAP_CLASSES[row["gap_class"]]
        elif mark_of(row) == "no_target":
            fill, ink = theme.VALUE_CLASSES[sum(row["value"] >= border for border in breaks)]
        fills[row["org_unit"], row["period"]] = fill, ink, pattern
    return fills


def value_classes(rows: pl.DataFrame) -> list[float]:
    """The borders of the value classes that the heat map of these rows uses."""
    drawn = rows.filter((pl.col("status") == "reported") & pl.col("value").is_not_null())
    if drawn.is_empty():
        return []
    return value_breaks(drawn["value"].to_list(), str(drawn["measure_unit"][0]))


def _last_with_value(rows: pl.DataFrame, periods: Sequence[str], wished: str) -> str:
    """The wished quarter, or the last one before it in which any unit has a value."""
    valued = set(rows.filter((pl.col("status") == "reported") & pl.col("value").is_not_null())["period"].to_list())
    before = [period for period in periods if period in valued and period <= wished]
    return before[-1] if before else wished


def _ordered_units(rows: pl.DataFrame, order_by: str) -> list[str]:
    """Units by their value in the quarter, best first; those without a value follow in alphabetical order."""
    if rows.is_empty():
        return []
    is_lower_better = rows["direction"][0] == "lower"
    key = {
        row["org_unit"]: (-row["value"] if not is_lower_better else row["value"])
        for row in rows.iter_rows(named=True)
        if row["period"] == order_by and row["status"] == "reported" and row["value"] is not None
    }
    names = dict(zip(rows["org_unit"], rows["sort_key"], strict=True))
    return sorted(names, key=lambda unit: (unit not in key, key.get(unit, 0.0), names[unit]))


def _blocks(units: Sequence[str], most: int) -> list[Sequence[str]]:
    count = max(1, math.ceil(len(units) / most))
    height = math.ceil(len(units) / count) or 1
    return [units[start : start + height] for start in range(0, len(units), height)]


def _short_quarter(period: str) -> str:
    year, _, part = period.partition("-")
    return f"{part}<br>{year}"


def axis_name(row: Row, longest: int = 26) -> str:
    name = str(row["short_name"] or row["org_unit_name"])
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


# ---------------------------------------------------------------- ranked bars


@remembered
def ranked(rows: pl.DataFrame) -> go.Figure:
    """Units with a value as horizontal bars in the order given, best on top, against the target."""
    shown = [row for row in rows.iter_rows(named=True) if row["status"] == "reported" and row["value"] is not None]
    marks = [theme.MARKS[mark_of(row)] for row in shown]
    unit = shown[0]["measure_unit"] if shown else ""
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=[row["value"] for row in shown],
            y=list(range(len(shown))),
            marker={
                "color": [theme.PLAIN if mark.word == "mark.no_target" else mark.colour for mark in marks],
                "line": {
                    "color": [theme.INK if mark.colour == theme.WARN else mark.colour for mark in marks],
                    "width": 0.8,
                },
            },
            customdata=[[row["org_unit"], row["indicator"], row["period"], describe(row)] for row in shown],
            hovertext=[row["org_unit_name"] for row in shown],
            hovertemplate="<b>%{hovertext}</b><br>%{customdata[3]}<extra></extra>",
            unselected={"marker": {"opacity": 1}},
        )
    )
    _target_marks(figure, shown, unit)
    write_beside(figure, [_bar_text(row) for row in shown])
    dress(figure, height=44 + theme.ROW * max(len(shown), 1), top=36, right=190)
    figure.update_layout(
        bargap=0.28,
        showlegend=False,
        xaxis={**value_axis(shown, unit), "showgrid": False, "showticklabels": False},
        yaxis=name_axis([f"{_place(row)}{axis_name(row, 30)}" for row in shown]),
    )
    return figure


def write_beside(figure: go.Figure, lines: Sequence[str]) -> None:
    """Words in a column right of the bars, where no line runs through them."""
    beside = {"x": 1.01, "xref": "paper", "xanchor": "left", "showarrow": False, "font": {"size": theme.SIZE_SMALL + 1}}
    notes = [{**beside, "y": place, "text": words} for place, words in enumerate(lines)]
    # All at once: Plotly checks every annotation anew whenever one is added.
    figure.layout.annotations = [*figure.layout.annotations, *notes]


def _bar_text(row: Row) -> str:
    mark = theme.MARKS[mark_of(row)]
    value = text.qualified(row["value"], row["qualifier"], row["value_to"], _decimals(row))
    counted = text.fraction(row["numerator"], row["denominator"]) if row["denominator"] is not None else ""
    return f"{mark.shape} {value} {row['measure_unit']}".rstrip() + (f"  ({counted})" if counted else "")


def _place(row: Row) -> str:
    return f"{row['rank']}. " if row.get("rank") is not None else ""


def _target_marks(figure: go.Figure, rows: Sequence[Row], unit: str) -> None:
    """One line if all units have one target, else a tick on each bar."""
    targets = {row["target"] for row in rows if row["target"] is not None}
    if len(targets) == 1:
        target = targets.pop()
        figure.add_vline(x=target, line={"color": theme.INK, "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=target,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=t("target.short", value=text.measured(target, unit)),
            showarrow=False,
            font={"size": theme.SIZE_SMALL + 1, "color": theme.INK},
        )
    elif targets:
        held = [(index, row["target"]) for index, row in enumerate(rows) if row["target"] is not None]
        figure.add_trace(
            go.Scatter(
                x=[target for _, target in held],
                y=[index for index, _ in held],
                mode="markers",
                marker={"symbol": "line-ns", "size": 16, "line": {"color": theme.INK, "width": 2}},
                hovertemplate=t("target") + ": %{x}<extra></extra>",
            )
        )


# ---------------------------------------------------------------- trend by quarter


@remembered
def trend(rows: pl.DataFrame, periods: Sequence[str], unit: str, decimals: int | None) -> go.Figure:
    """One line over quarters (columns period, value, target and, of a roll-up, the coverage counts).

    A quarter without a value breaks the line; a dotted upright line stands where 01/07/2025 is crossed.
    """
    found = {row["period"]: row for row in rows.iter_rows(named=True)}
    values = [found.get(period, {}).get("value") for period in periods]
    targets = [found.get(period, {}).get("target") for period in periods]
    places = list(range(len(periods)))
    figure = go.Figure()
    if any(target is not None for target in targets):
        figure.add_trace(
            go.Scatter(
                x=places,
                y=targets,
                mode="lines",
                line={"color": theme.INK, "width": 1.5, "dash": "dash", "shape": "hvh"},
                hovertemplate=t("target") + ": %{y}<extra></extra>",
            )
        )
        last = max(index for index, target in enumerate(targets) if target is not None)
        figure.add_annotation(
            x=last,
            y=targets[last],
            text=t("target.short", value=text.measured(targets[last], unit)),
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"size": theme.SIZE_SMALL + 1},
        )
    planned = [found.get(period, {}).get("planned_value") for period in periods]
    if any(value is not None for value in planned):
        figure.add_trace(
            go.Scatter(
                x=places,
                y=planned,
                mode="lines",
                line={"color": theme.MUTED, "width": 2, "dash": "dot"},
                hovertemplate=t("planned") + ": %{y:.1f}<extra></extra>",
            )
        )
        last = max(index for index, value in enumerate(planned) if value is not None)
        figure.add_annotation(
            x=last,
            y=planned[last],
            text=f"{t('planned')} {text.measured(planned[last], unit, 1)}",
            showarrow=False,
            xanchor="right",
            yanchor="top",
            font={"size": theme.SIZE_SMALL + 1, "color": theme.MUTED},
        )
    figure.add_trace(
        go.Scatter(
            x=places,
            y=values,
            mode="lines+markers+text",
            connectgaps=False,
            line={"color": theme.GOOD, "width": 2.5},
            marker={"size": 9, "color": theme.GOOD},
            text=[text.measured(value, unit, decimals) for value in values],
            textposition=_label_places(values, targets),
            textfont={"size": theme.SIZE_SMALL + 1},
            cliponaxis=False,
            customdata=[_trend_key(found.get(period), period) for period in periods],
            hovertemplate="<b>%{customdata[3]}</b><br>%{customdata[4]}<extra></extra>",
            unselected={"marker": {"opacity": 1}},
        )
    )
    if TWO_TIER_FROM in periods and periods.index(TWO_TIER_FROM) > 0:
        _break_line(figure, periods.index(TWO_TIER_FROM) - 0.5)
    dress(figure, height=330, top=40, right=30, bottom=56)
    figure.update_layout(
        showlegend=False,
        xaxis={
            "tickvals": places,
            "ticktext": [_trend_tick(found.get(period), period) for period in periods],
            "range": [-0.5, len(periods) - 0.5],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis=upright_axis(values + targets, unit),
    )
    return figure


def _label_places(values: Sequence[float | None], targets: Sequence[float | None]) -> list[str]:
    """Above the point, or below it where the target line would run through the words."""
    span = max((abs(value) for value in (*values, *targets) if value is not None), default=0)
    return [
        "bottom center"
        if value is not None and target is not None and 0 < target - value < 0.14 * span
        else "top center"
        for value, target in zip(values, targets, strict=True)
    ]


def _trend_key(row: Row | None, period: str) -> list[Any]:
    if row is None:
        return ["", "", period, text.quarter(period), ""]
    counted = text.fraction(row.get("numerator"), row.get("denominator"))
    return [row.get("org_unit", ""), row.get("indicator", ""), period, text.quarter(period), counted]


def _trend_tick(row: Row | None, period: str) -> str:
    label = text.quarter(period)
    if row is not None and row.get("unit_count_expected") is not None:
        return f"{label}<br>{coverage(row)}"
    if row is not None and row.get("status") not in {None, "reported"}:
        mark = theme.MARKS[mark_of(row)]
        return f"{label}<br>{mark.shape} {t(mark.word)}"
    return label if row is not None else f"{label}<br>—"


def coverage(row: Row) -> str:
    """`162/166`: units that reported or had nothing to report, of those expected without the exempt."""
    found = (row["unit_count_reported"] or 0) + (row["unit_count_no_activity"] or 0)
    expected = (row["unit_count_expected"] or 0) - (row["unit_count_not_applicable"] or 0)
    return text.fraction(found, max(expected, found))


def _break_line(figure: go.Figure, place: float) -> None:
    figure.add_vline(x=place, line={"color": theme.BAD, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=place,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=t("trend.break"),
        showarrow=False,
        font={"size": theme.SIZE_SMALL, "color": theme.BAD},
    )


# ---------------------------------------------------------------- bullets: every indicator of a group


@remembered
def bullets(rows: pl.DataFrame, *, longest: int = 52, beside: int = 300, brief: bool = False) -> go.Figure:
    """One row per indicator in per cent: bar to the value, tick at the target, triangle on the path, ring last quarter.

    Names are cut at `longest` letters; the words beside a bar have `beside` pixels, `brief` ones no numbers behind it.
    """
    shown = list(rows.iter_rows(named=True))
    places = list(range(len(shown)))
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=[row["value"] for row in shown],
            y=places,
            width=0.55,
            marker={"color": [_standing_colour(row) for row in shown], "line": {"color": theme.INK, "width": 0.4}},
            text=[_bullet_text(row) for row in shown],
            customdata=[["", row["indicator"], row["period"]] for row in shown],
            hovertext=[f"{row['indicator']} {text.name(row, 'indicator_name')}" for row in shown],
            hovertemplate="<b>%{hovertext}</b><br>%{text}<extra></extra>",
            textposition="none",
            unselected={"marker": {"opacity": 1}},
        )
    )
    signs = (
        ("target", "line-ns", 18, "target"),
        ("planned_value", "triangle-up", 10, "planned"),
        ("previous_value", "circle", 8, "previous"),
    )
    for key, symbol, size, word in signs:
        held = [(place, row[key]) for place, row in zip(places, shown, strict=True) if row[key] is not None]
        figure.add_trace(
            go.Scatter(
                x=[value for _, value in held],
                y=[place for place, _ in held],
                mode="markers",
                marker={
                    "symbol": symbol,
                    "size": size,
                    "color": theme.PAPER,  # white inside a dark edge is seen on every bar, in grey too
                    "line": {"width": 2.5 if key == "target" else 1.5, "color": theme.INK},
                },
                hovertemplate=t(word) + ": %{x:.1f}<extra></extra>",
            )
        )
    write_beside(figure, [_brief_text(row) if brief else _bullet_text(row) for row in shown])
    dress(figure, height=40 + 26 * max(len(shown), 1), top=8, right=beside, bottom=30)
    figure.update_layout(
        showlegend=False,
        xaxis={**value_axis(shown, PERCENT), "range": [0, 104], "tickangle": 0},
        yaxis=name_axis([_cut(f"{row['indicator']} {text.name(row, 'indicator_name')}", longest) for row in shown]),
    )
    return figure


def _bullet_text(row: Row) -> str:
    mark = theme.MARKS[mark_of(row)]
    value = text.measured(row["value"], row["measure_unit"], _decimals(row))
    counted = text.fraction(row["numerator"], row["denominator"]) if row["denominator"] is not None else ""
    return " · ".join(part for part in (f"{mark.shape} {value}", counted, f"{coverage(row)} {t('units')}") if part)


def _brief_text(row: Row) -> str:
    value = text.measured(row["value"], row["measure_unit"], _decimals(row))
    return f"{theme.MARKS[mark_of(row)].shape} {value} · {coverage(row)} {t('units')}"


def _standing_colour(row: Row) -> str:
    key = mark_of(row)
    return theme.PLAIN if key == "no_target" else theme.MARKS[key].colour


# ---------------------------------------------------------------- tasks


@remembered
def task_bars(rows: Sequence[Row], *, longest: int = 34, legend: bool = True) -> go.Figure:
    """Status of tasks as parts of 100 %, one bar per row (`label`, `counts` by status key); `done/total` at the end.

    The parts stand in one fixed order, in which everything in progress, everything overdue and everything not
    started is contiguous.
    """
    figure = go.Figure()
    totals = [sum(row["counts"].values()) for row in rows]
    for part in theme.TASK_PARTS:
        counts = [sum(row["counts"].get(status, 0) for status in part.statuses) for row in rows]
        if not any(counts):
            continue
        figure.add_trace(
            go.Bar(
                orientation="h",
                name=t(f"task.{part.part}"),
                x=[100 * count / total if total else 0 for count, total in zip(counts, totals, strict=True)],
                y=list(range(len(rows))),
                marker={
                    "color": part.colour,
                    "line": {"color": theme.PAPER, "width": 1},
                    "pattern": {
                        "shape": part.pattern,
                        "fillmode": "overlay",
                        "fgcolor": theme.PLAIN if part.part == "recurring" else part.ink,
                        "size": 8,
                        "solidity": 0.12,
                    },
                },
                text=[str(count) if count else "" for count in counts],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                constraintext="none",
                insidetextfont={"size": theme.SIZE_SMALL + 1, "color": part.ink},
                customdata=[
                    [row.get("lead", ""), count, total] for row, count, total in zip(rows, counts, totals, strict=True)
                ],
                hovertemplate="<b>%{fullData.name}</b>: %{customdata[1]}/%{customdata[2]}<extra></extra>",
                unselected={"marker": {"opacity": 1}},
            )
        )
    write_beside(figure, [_done_of_all(row["counts"]) for row in rows])
    dress(
        figure,
        height=56 + 28 * max(len(rows), 1) - (36 if not legend else 0),
        top=8,
        right=130,
        bottom=44 if legend else 8,
    )
    figure.update_layout(
        barmode="stack",
        showlegend=legend,
        bargap=0.25,
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"},
        xaxis={"range": [0, 100], "visible": False, "fixedrange": True},
        yaxis=name_axis([_cut(str(row["label"]), longest) for row in rows]),
    )
    return figure


def _done_of_all(counts: Mapping[str, int]) -> str:
    done, total = sum(counts.get(status, 0) for status in theme.TASK_PARTS[0].statuses), sum(counts.values())
    share = text.measured(100 * done / total if total else None, PERCENT, 1)
    return f"<b>{text.fraction(done, total)}</b> ({share})"


# ---------------------------------------------------------------- sizes


_GROWING: Final = frozenset(
    {"size", "width", "height", "l", "r", "t", "b", "pad", "standoff", "arrowwidth", "ax", "ay", "yshift"}
)


@remembered
def received(rows: pl.DataFrame, days: Sequence[date]) -> go.Figure:
    """How many submissions came on each of `days`, stacked by outcome (`day`, `outcome`, `submission_count`)."""
    figure = go.Figure()
    for outcome, (colour, pattern) in theme.OUTCOMES.items():
        counts = {row["day"]: row["submission_count"] for row in rows.filter(outcome=outcome).iter_rows(named=True)}
        if not counts:
            continue
        word = t(f"outcome.{outcome}")
        figure.add_trace(
            go.Bar(
                name=word,
                x=list(days),
                y=[counts.get(day, 0) for day in days],
                marker={
                    "color": colour,
                    "pattern": {
                        "shape": pattern,
                        "fillmode": "overlay",
                        "fgcolor": theme.INK,
                        "size": 6,
                        "solidity": 0.2,
                    },
                },
                hovertemplate=f"%{{x|%d/%m/%Y}}<br>{word}: %{{y}}<extra></extra>",
            )
        )
    dress(figure, height=240, top=36, bottom=28)
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        legend={"orientation": "h", "x": 0, "y": 1.18, "yanchor": "top", "traceorder": "normal"},
        xaxis={"tickformat": "%d/%m", "showgrid": False, "tickcolor": theme.GRID, "ticks": "outside"},
        yaxis={"gridcolor": theme.GRID, "rangemode": "tozero", "tickformat": ",d", "automargin": True},
    )
    return figure


def enlarged(figure: go.Figure, factor: float, *, height: int | None = None) -> go.Figure:
    """The same picture with letters, marks, lines and margins larger by a factor; `height` in pixels if it is given."""
    described = figure.to_plotly_json()
    for trace in described["data"]:
        _grow(trace, factor, skip=("width",))  # the width of a bar is a share of its row
    _grow(described["layout"], factor)
    if height is not None:
        described["layout"]["height"] = height
    return go.Figure(described, skip_invalid=False)


def _grow(part: dict[str, Any], factor: float, skip: Sequence[str] = ()) -> None:
    for key, value in part.items():
        if isinstance(value, dict):
            _grow(value, factor)
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            for inner in value:
                _grow(inner, factor)
        elif key in _GROWING and key not in skip:
            part[key] = [number * factor for number in value] if isinstance(value, list | tuple) else value * factor


# ---------------------------------------------------------------- shared dress


def dress(figure: go.Figure, *, height: int, top: int = 10, right: int = 10, bottom: int = 8) -> None:
    figure.update_layout(
        template="none",
        separators=text.separators(),
        height=height,
        margin={"l": 4, "r": right, "t": top, "b": bottom, "pad": 4},
        font={"family": theme.FONT, "size": theme.SIZE, "color": theme.INK},
        paper_bgcolor=theme.PAPER,
        plot_bgcolor=theme.PAPER,
        hoverlabel={"font": {"family": theme.FONT, "size": theme.SIZE}, "align": "left"},
        dragmode=False,
        clickmode="event+select",
    )


def name_axis(names: Sequence[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "range": [len(names) - 0.5, -0.5],
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def value_axis(rows: Sequence[Row], unit: str) -> dict[str, Any]:
    highest = max((max(row["value"] or 0, row["target"] or 0) for row in rows), default=0)
    lowest = min((row["value"] or 0 for row in rows), default=0)
    return {
        "range": [min(0, lowest), 100 if unit == PERCENT and highest <= 100 else (highest * 1.05 or 1)],
        "ticksuffix": f" {unit}" if unit == PERCENT else "",
        "title": {"text": "" if unit == PERCENT else unit},
        "nticks": 6,
        "gridcolor": theme.GRID,
        "zeroline": True,
        "zerolinecolor": theme.MUTED,
        "fixedrange": True,
    }


def upright_axis(values: Sequence[float | None], unit: str) -> dict[str, Any]:
    held = [value for value in values if value is not None]
    highest = max(held, default=0)
    return {
        "range": [min(0, *held) if held else 0, 108 if unit == PERCENT and highest <= 100 else (highest * 1.15 or 1)],
        "ticksuffix": f" {unit}" if unit == PERCENT else "",
        "title": {"text": "" if unit == PERCENT else unit, "standoff": 4},
        "nticks": 6,
        "automargin": True,
        "gridcolor": theme.GRID,
        "zeroline": False,
        "fixedrange": True,
    }


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"
