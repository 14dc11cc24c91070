"""What has changed between two warehouses: what a meeting saw, and what is known now.

The present one is asked for names. Each side is narrowed by its own scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from sql import queries, warehouse
from sql.queries import Scope

# Sums of fractions may differ in a digit that nobody sent.
DECIMALS = 9
REMEMBERED = 8

_FIGURE = ("indicator", "org_unit", "period")
_NUMBERS = ("numerator", "denominator", "value", "value_to")
_TASK_SHOWN = ("task", "title", "assigned_in", "lead", "sender")


@dataclass(frozen=True, slots=True)
class Changes:
    """Three frames, empty where nothing changed; columns that end in `_then` say what stood there before.

    figures: indicator × org_unit × period, `change` is new, revised, gone, or target (only the judgement moved);
    `met_change` is met, missed or "". tasks: task_key, `change` is new, status or gone; `is_reported` tells a new
    report from mere passing of time. withdrawn: submissions that were taken back since.
    """

    figures: pl.DataFrame
    tasks: pl.DataFrame
    withdrawn: pl.DataFrame


def changes(now: Scope, then: Scope, *, province: str) -> Changes:
    """What is otherwise in `now` than it was in `then`, of one province; remembered until either is replaced."""
    versions = (warehouse.version(now.warehouse), warehouse.version(then.warehouse))
    return _remembered(versions, now, then, province)


@lru_cache(maxsize=REMEMBERED)
def _remembered(
    versions: tuple[warehouse.Version, warehouse.Version],  # here only so that a new version is another question
    now: Scope,
    then: Scope,
    province: str,
) -> Changes:
    return Changes(
        _figures(now, then, province),
        _tasks(now, then, province),
        _withdrawn(now, then, province),
    )


def _figures(now: Scope, then: Scope, province: str) -> pl.DataFrame:
    present, past = (queries.figure_states(scope, province=province) for scope in (now, then))
    both = present.join(past, on=_FIGURE, how="full", suffix="_then", coalesce=True)
    is_same = pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.col(f"{name}_then")) for name in ("status", "qualifier")),
        *(pl.col(name).round(DECIMALS).eq_missing(pl.col(f"{name}_then").round(DECIMALS)) for name in _NUMBERS),
    )
    judged = (
        pl.when(pl.col("is_met") & ~pl.col("is_met_then"))
        .then(pl.lit("met"))
        .when(~pl.col("is_met") & pl.col("is_met_then"))
        .then(pl.lit("missed"))
        .otherwise(pl.lit(""))
    )
    change = (
        pl.when(pl.col("status_then").is_null())
        .then(pl.lit("new"))
        .when(pl.col("status").is_null())
        .then(pl.lit("gone"))
        .when(~is_same)
        .then(pl.lit("revised"))
        .when(pl.col("is_met").ne_missing(pl.col("is_met_then")))
        .then(pl.lit("target"))
    )
    changed = both.with_columns(change=change, met_change=judged).filter(pl.col("change").is_not_null())
    indicators = queries.indicators(now).select(
        "indicator", "measure_unit", "decimals", indicator_name_vi="name_vi", indicator_name_en="name_en"
    )
    return (
        changed.join(indicators, on="indicator", how="left")
        .join(_unit_names(now, province), on="org_unit", how="left")
        .sort(_FIGURE)
    )


def _tasks(now: Scope, then: Scope, province: str) -> pl.DataFrame:
    present, past = (queries.task_states(scope, province=province) for scope in (now, then))
    both = present.join(past, on="task_key", how="full", suffix="_then", coalesce=True)
    change = (
        pl.when(pl.col("status_then").is_null())
        .then(pl.lit("new"))
        .when(pl.col("status").is_null())
        .then(pl.lit("gone"))
        .when(pl.col("status") != pl.col("status_then"))
        .then(pl.lit("status"))
    )
    return (
        both.with_columns(
            *(pl.coalesce(name, f"{name}_then").alias(name) for name in _TASK_SHOWN),
            change=change,
            is_reported=pl.col("submission").ne_missing(pl.col("submission_then")),
        )
        .filter(pl.col("change").is_not_null())
        .join(
            _unit_names(now, province).rename(lambda name: f"lead_{name}"),
            left_on="lead",
            right_on="lead_org_unit",
            how="left",
        )
        .sort("task_key")
    )


def _withdrawn(now: Scope, then: Scope, province: str) -> pl.DataFrame:
    present, past = (queries.submission_states(scope, province=province) for scope in (now, then))
    counted = past.filter(~pl.col("is_withdrawn"))
    return (
        present.filter("is_withdrawn")
        .join(counted.select("submission"), on="submission", how="semi")
        .join(_unit_names(now, province), on="org_unit", how="left")
        .sort("submission")
    )


def _unit_names(scope: Scope, province: str) -> pl.DataFrame:
    return queries.org_units(scope, province=province).select("org_unit", "name", "short_name")
