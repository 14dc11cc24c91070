"""What a picture shows, said in one short sentence made from its own rows, and the line of facts below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from dashboard import text
from dashboard.text import t

Row = Mapping[str, Any]


def about(row: Row, group: str, period: str) -> str:
    """Measure, measure unit, kind of unit, quarter and until when the figures count."""
    days = [row.get("as_of_min") or row.get("as_of"), row.get("as_of_max") or row.get("as_of")]
    parts = [
        f"{row['indicator']} {text.name(row, 'indicator_name')} ({row['measure_unit']})",
        group,
        text.quarter(period),
        as_of(days),
    ]
    return " · ".join(part for part in parts if part)


def about_rows(rows: pl.DataFrame, group: str, period: str) -> str:
    """The same for units of one indicator, from the first to the last as-of date among them."""
    if rows.is_empty():
        return ""
    days = rows["as_of"].drop_nulls()
    return about(
        {**rows.row(0, named=True), "as_of_min": days.min(), "as_of_max": days.max(), "as_of": None}, group, period
    )


def as_of(days: list[Any]) -> str:
    held = [text.day(day) for day in dict.fromkeys(days) if isinstance(day, date)]
    return t("as_of", day="–".join(held)) if held else ""


def met(row: Row | None, group: str) -> str:
    """How many units met the target; without a target what they come to together."""
    if row is None or row["value"] is None:
        return t("finding.nothing")
    if row["target"] is None or not row["met_count"] + row["missed_count"]:
        value = text.measured(row["value"], row["measure_unit"], row["decimals"])
        return t("finding.together", group=group, value=value)
    count = text.fraction(row["met_count"], row["met_count"] + row["missed_count"])
    return t("finding.met", count=count, group=_lower(group), target=text.measured(row["target"], row["measure_unit"]))


def first(rows: pl.DataFrame) -> str:
    """Who leads; those who share the first rank together."""
    ranked = rows.filter(pl.col("rank").is_not_null())
    return _end(ranked.filter(pl.col("rank") == pl.col("rank").min()), "finding.leads", "finding.lead_together")


def last(rows: pl.DataFrame) -> str:
    ranked = rows.filter(pl.col("rank").is_not_null())
    return _end(ranked.filter(pl.col("rank") == pl.col("rank").max()), "finding.lags", "finding.lag_together")


def _end(rows: pl.DataFrame, one: str, several: str) -> str:
    if rows.is_empty():
        return t("finding.nothing")
    row = rows.row(0, named=True)
    value = text.measured(row["value"], row["measure_unit"], row["decimals"])
    if len(rows) > 1:
        return t(several, count=len(rows), value=value)
    return t(one, unit=row["short_name"] or row["org_unit_name"], value=value)


def near(rows: pl.DataFrame) -> str:
    """How many units fall short of the target by little."""
    return t("finding.near", count=len(rows.filter(standing="attention")))


def median(rows: pl.DataFrame) -> str:
    """What half of the units reach."""
    held = rows.filter(pl.col("median_value").is_not_null())
    if held.is_empty():
        return t("finding.nothing")
    row = held.row(0, named=True)
    key = "finding.median_lower" if row["direction"] == "lower" else "finding.median"
    return t(key, value=text.measured(row["median_value"], row["measure_unit"], row["decimals"]))


def own_place(rows: pl.DataFrame) -> str:
    """The figure and the rank of the first of these units."""
    held = rows.filter(pl.col("value").is_not_null()).sort("rank", nulls_last=True)
    if held.is_empty():
        return t("finding.nothing")
    row = held.row(0, named=True)
    value = text.measured(row["value"], row["measure_unit"], row["decimals"])
    unit = row["short_name"] or row["org_unit_name"]
    if row["rank"] is None:
        return t("own.finding_unranked", unit=unit, value=value)
    return t("own.finding", unit=unit, value=value, place=text.fraction(row["rank"], row["ranked_count"]))


def moved(rows: pl.DataFrame) -> str:
    """How many of the units that can be compared did better than last quarter."""
    held = rows.filter(pl.col("change").is_not_null())
    if held.is_empty():
        return t("finding.no_change")
    sign = pl.when(pl.col("direction") == "lower").then(-1).otherwise(1)
    gained = held.filter(pl.col("change") * sign > 0)
    return t("finding.moved", count=text.fraction(len(gained), len(held)))


def indicators_met(rows: pl.DataFrame) -> str:
    """How many of the indicators with a target meet it."""
    judged = rows.filter(pl.col("standing").is_in(["met", "attention", "behind"]))
    if judged.is_empty():
        return t("finding.no_targets", count=len(rows))
    return t("finding.indicators", count=text.fraction(len(judged.filter(standing="met")), len(judged)))


def trend(rows: pl.DataFrame) -> str:
    """From the first value of a line to its last."""
    held = rows.filter(pl.col("value").is_not_null()).sort("start_on")
    if held.is_empty():
        return t("finding.nothing")
    said = [
        f"{text.quarter(row['period'])} {text.measured(row['value'], row['measure_unit'], row['decimals'])}"
        for row in (held.row(0, named=True), held.row(-1, named=True))
    ]
    return " → ".join(dict.fromkeys(said))


def course(rows: pl.DataFrame, quarters: Sequence[str]) -> str:
    """How many units have a value in the first and in the last of these quarters, and from which to which it goes."""
    said = []
    for quarter in dict.fromkeys((quarters[0], quarters[-1])) if quarters else ():
        held = rows.filter((pl.col("period") == quarter) & pl.col("value").is_not_null())
        if not held.is_empty():
            row = held.row(0, named=True)
            values: list[float] = held["value"].to_list()
            ends = [text.number(value, row["decimals"]) for value in (min(values), max(values))]
            said.append(
                t("finding.course", period=text.quarter(quarter), count=len(held), low=ends[0], high=ends[1])
                + f"\u00a0{row['measure_unit']}"
            )
    return "; ".join(said) or t("finding.nothing")


def tasks(row: Row | None) -> str:
    if row is None or not row["task_count"]:
        return t("task.none")
    done = text.fraction(row["done_count"], row["task_count"])
    return t("finding.tasks", done=done, overdue=row["overdue_count"])


def overdue(rows: pl.DataFrame, *, own: bool = False) -> str:
    """Who has most tasks overdue; `own` says that the rows are those of one's own unit alone."""
    late = rows.filter((pl.col("overdue_count") > 0) & (pl.col("lead") != ""))
    if late.is_empty():
        return t("finding.none_overdue_own" if own else "finding.none_overdue")
    row = late.sort("overdue_count", descending=True).row(0, named=True)
    return t("finding.overdue", unit=row["short_name"] or row["lead_name"], count=row["overdue_count"])


def missing(rows: pl.DataFrame, *, own: bool = False) -> str:
    """How many expected reports have not come (rows of `completeness`); `own`: those of one's own unit alone."""
    if rows.is_empty():
        return t("finding.nothing")
    absent = len(rows.filter(~pl.col("is_received")))
    key = f"finding.{'missing' if absent else 'all_in'}{'_own' if own else ''}"
    return t(key, count=text.fraction(absent or len(rows), len(rows)))


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
