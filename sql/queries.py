"""Every question that may be asked of a warehouse: one function per file of `queries/`, a Scope first.

Answers are remembered by version, scope and parameters, so a new version is a refresh and nothing is ever invalidated.
The frames are shared between callers: treat them as immutable. A parameter that is None does not narrow.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Literal, Self

import polars as pl
from prometheus_client import Histogram

from sql import statement, warehouse

MOST_BYTES = 32 * 2**20  # of answers remembered by a process
SECONDS_PER_EXPORT = 60.0
QUERY_SECONDS = Histogram(
    "tiendoso_query_seconds",
    "Questions put to the warehouse; those answered from memory are not among them.",
    ["query"],
    buckets=(0.005, 0.025, 0.1, 0.25, 1, 5, 30),
)
LEAST_UNITS = 5  # behind a figure that is told to those who may not see the units themselves

# Questions about names and days alone. Any other that knows nothing of indicators has no answer for who may see some.
_NAMES = frozenset(
    {
        "build_state",
        "provinces",
        "quarters",
        "org_units",
        "units_below",
        "unit_groups",
        "tiles",
        "find_units",
        "meetings",
        "slides",
    }
)

Param = str | bool | int | tuple[str, ...] | None
Boundaries = Literal["today", "as_reported"]
Layout = Literal["long", "period", "indicator"]
Order = Literal["unit", "indicator", "value", "gap", "change", "rank"]
Given = tuple[tuple[str, Param], ...]
_Key = tuple[warehouse.Version, Path, str, Given]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an asker may see: one warehouse, and of it the rows of these units and indicators (None = every one).

    Roll-ups belong to their province's unit: whoever may see `38` sees the figures of all of Thanh Hóa together. With
    `aggregates` the sums, medians and counts of all units may be seen too, as long as LEAST_UNITS stand behind them:
    fewer would tell the figure of one of them.
    """

    warehouse: Path
    org_units: frozenset[str] | None = None
    indicators: frozenset[str] | None = None
    aggregates: bool = False

    @classmethod
    def all(cls, warehouse: Path) -> Self:
        return cls(warehouse)

    def at(self, warehouse: Path) -> Self:
        """The same rights in another warehouse."""
        return replace(self, warehouse=warehouse)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is hidden."""
        return self.org_units is None and self.indicators is None

    def sees(self, org_unit: str) -> bool:
        """Whether the rows of a unit may be seen."""
        return self.org_units is None or org_unit in self.org_units


# ---------------------------------------------------------------- the warehouse and what it speaks of


def build_state(scope: Scope) -> pl.DataFrame:
    """One row: this build, its day, and the latest as-of date and arrival of what counts in it."""
    return _ask(scope, "build_state")


def provinces(scope: Scope) -> pl.DataFrame:
    """The provinces of the reference data, each with the number of submissions that count; most first."""
    return _ask(scope, "provinces")


def quarters(scope: Scope, *, province: str) -> pl.DataFrame:
    """The quarters for which a province has figures or task reports, newest first."""
    return _ask(scope, "quarters", province=province)


def org_units(scope: Scope, *, province: str) -> pl.DataFrame:
    """The units of a province, abolished ones too, with kind, group and names."""
    return _ask(scope, "org_units", province=province)


def units_below(scope: Scope, *, org_unit: str) -> pl.DataFrame:
    """A unit with all below it, and the old units that went whole into one of them: what is its own."""
    return _ask(scope, "units_below", org_unit=org_unit)


def unit_groups(scope: Scope, *, province: str) -> pl.DataFrame:
    """The groups within which units of a province are compared, each with its number of units in force."""
    return _ask(scope, "unit_groups", province=province)


def indicators(scope: Scope) -> pl.DataFrame:
    """The catalogue of indicators in its order, as far as it may be seen."""
    return _ask(scope, "indicators")


def meetings(scope: Scope) -> pl.DataFrame:
    """The meetings whose view may be called up again; the same for every scope."""
    return _ask(scope, "meetings")


def slides(scope: Scope) -> pl.DataFrame:
    """The slides of a meeting in their order; the same for every scope."""
    return _ask(scope, "slides")


def tiles(scope: Scope, *, province: str) -> pl.DataFrame:
    """The tile map of a province: one square per commune, col 0 in the west, row 0 in the north."""
    return _ask(scope, "tiles", province=province)


# ---------------------------------------------------------------- figures


def progress(
    scope: Scope,
    *,
    province: str,
    unit_group: str | None = None,
    indicator: str | None = None,
    org_unit: str | None = None,
    period: str | None = None,
) -> pl.DataFrame:
    """Indicator × org unit × quarter: figure, target, rank, change, and what is still missing."""
    return _ask(
        scope,
        "progress",
        province=province,
        unit_group=unit_group,
        indicator=indicator,
        org_unit=org_unit,
        period=period,
    )


def rollup(
    scope: Scope,
    *,
    province: str,
    unit_group: str | None = None,
    indicator: str | None = None,
    period: str | None = None,
) -> pl.DataFrame:
    """Indicator × unit group × quarter: the units of a province added up, and the province's own report (`area`).

    Without `period` it is the trend, oldest quarter first.
    """
    return _ask(scope, "rollup", province=province, unit_group=unit_group, indicator=indicator, period=period)


def distribution(
    scope: Scope, *, province: str, unit_group: str, indicator: str, period: str | None = None
) -> pl.DataFrame:
    """Quarter by quarter how the ranked units of a group spread: quartiles, median, how many met the target."""
    return _ask(scope, "distribution", province=province, unit_group=unit_group, indicator=indicator, period=period)


def source(scope: Scope, *, indicator: str, org_unit: str, period: str) -> pl.DataFrame:
    """Every observation that counts behind a figure, of the period itself and of its parts, each with its cell."""
    return _ask(scope, "source", indicator=indicator, org_unit=org_unit, period=period)


def conflicts(scope: Scope, *, province: str) -> pl.DataFrame:
    """Figures for which two forms say different things: the one that counts and the other."""
    return _ask(scope, "conflicts", province=province)


# ---------------------------------------------------------------- many figures at once


def explore(
    scope: Scope,
    *,
    province: str,
    indicators: tuple[str, ...] | None = None,
    units: tuple[str, ...] | None = None,
    unit_groups: tuple[str, ...] | None = None,
    reporting_lines: tuple[str, ...] | None = None,
    periods: tuple[str, ...] | None = None,
    layout: Layout = "long",
    order: Order = "unit",
    limit: int | None = None,
    offset: int = 0,
) -> pl.DataFrame:
    """Figures of many units, indicators and quarters in lines `offset` + 1 … `offset` + `limit` of `line_count`.

    A line is a row, or in the other layouts what shares one: all quarters, or all indicators. Without `limit`
    everything. Not remembered: there are too many different selections, and some are large.
    """
    return _export(
        scope,
        "explore",
        province=province,
        indicators=indicators,
        units=units,
        unit_groups=unit_groups,
        reporting_lines=reporting_lines,
        periods=periods,
        layout=layout,
        order=order,
        limit=limit,
        offset=offset,
    )


def explore_sources(
    scope: Scope,
    *,
    province: str,
    indicators: tuple[str, ...] | None = None,
    units: tuple[str, ...] | None = None,
    unit_groups: tuple[str, ...] | None = None,
    reporting_lines: tuple[str, ...] | None = None,
    periods: tuple[str, ...] | None = None,
) -> pl.DataFrame:
    """Every observation that counts behind such figures, each with its cell; not remembered."""
    return _export(
        scope,
        "explore_sources",
        province=province,
        indicators=indicators,
        units=units,
        unit_groups=unit_groups,
        reporting_lines=reporting_lines,
        periods=periods,
    )


def find_units(scope: Scope, *, province: str, words: tuple[str, ...] | None = None) -> pl.DataFrame:
    """Units of today by words (without marks) of their name or of what they were before the merger; nearest first."""
    return _ask(scope, "find_units", province=province, words=words)


# ---------------------------------------------------------------- across the merger of communes


def progress_boundaries(
    scope: Scope,
    *,
    province: str,
    indicator: str | None = None,
    org_unit: str | None = None,
    boundaries: Boundaries = "today",
) -> pl.DataFrame:
    """Indicator × org unit × quarter within today's boundaries, or as reported; oldest quarter first.

    `today`: before the merger a unit has what its predecessors gave together (`is_added_up`, with counts of units
    added and of split ones left out). `as_reported`: what each unit sent; of one unit, its predecessors' too.
    """
    return _ask(
        scope,
        "progress_boundaries",
        province=province,
        indicator=indicator,
        org_unit=org_unit,
        boundaries=boundaries,
    )


def rollup_boundaries(scope: Scope, *, province: str, indicator: str, boundaries: Boundaries = "today") -> pl.DataFrame:
    """The communes of a province added up by quarter, across the merger as one series or apart (unit group `old`)."""
    return _ask(scope, "rollup_boundaries", province=province, indicator=indicator, boundaries=boundaries)


def predecessors(scope: Scope, *, org_unit: str, indicator: str, period: str) -> pl.DataFrame:
    """The old units that went into a unit, whole ones first, each with its own figure and its cell."""
    return _ask(scope, "predecessors", org_unit=org_unit, indicator=indicator, period=period)


# ---------------------------------------------------------------- tasks


def tasks(scope: Scope, *, province: str, period: str, lead: str | None = None) -> pl.DataFrame:
    """The tasks of a province as they stood in a quarter, overdue first."""
    return _ask(scope, "tasks", province=province, period=period, lead=lead)


def task_summary(scope: Scope, *, province: str, period: str | None = None) -> pl.DataFrame:
    """Counts of tasks by quarter and lead; lead '' = no lead assigned. Without `period` every quarter."""
    return _ask(scope, "task_summary", province=province, period=period)


def task_headline(scope: Scope, *, province: str, period: str | None = None) -> pl.DataFrame:
    """The same counts over all leads: one row per quarter, oldest first."""
    return _ask(scope, "task_headline", province=province, period=period)


def task_history(scope: Scope, *, task_key: str) -> pl.DataFrame:
    """Every report of one task, oldest first, superseded ones too."""
    return _ask(scope, "task_history", task_key=task_key)


# ---------------------------------------------------------------- submissions


def submissions(
    scope: Scope,
    *,
    province: str | None = None,
    home: str | None = None,
    form: str | None = None,
    period: str | None = None,
    org_unit: str | None = None,
    outcome: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> pl.DataFrame:
    """What was received, newest first, whatever became of it; without `limit` all of it.

    `home` is a province with those that name no unit that is known, and so belong to no province.
    """
    return _ask(
        scope,
        "submissions",
        province=province,
        home=home,
        form=form,
        period=period,
        org_unit=org_unit,
        outcome=outcome,
        limit=limit,
        offset=offset,
    )


def submission_facets(
    scope: Scope,
    *,
    home: str,
    form: str | None = None,
    period: str | None = None,
    org_unit: str | None = None,
    outcome: str | None = None,
) -> pl.DataFrame:
    """How many such submissions there are in all (facet '') and of each form, period, org_unit and outcome."""
    return _ask(scope, "submission_facets", home=home, form=form, period=period, org_unit=org_unit, outcome=outcome)


def received_by_day(scope: Scope) -> pl.DataFrame:
    """How many submissions came on each day (in Viet Nam), by outcome."""
    return _ask(scope, "received_by_day")


def submission(scope: Scope, *, submission: str) -> pl.DataFrame:
    """One submission, or no row."""
    return _ask(scope, "submission", submission=submission)


def findings(scope: Scope, *, submission: str) -> pl.DataFrame:
    """The findings of one submission in their order."""
    return _ask(scope, "findings", submission=submission)


def submission_observations(scope: Scope, *, submission: str) -> pl.DataFrame:
    """The observations of one submission with names, as they stood."""
    return _ask(scope, "submission_observations", submission=submission)


def submission_tasks(scope: Scope, *, submission: str) -> pl.DataFrame:
    """The task reports of one submission with names, as they stood."""
    return _ask(scope, "submission_tasks", submission=submission)


def completeness(scope: Scope, *, province: str, period: str | None = None, form: str | None = None) -> pl.DataFrame:
    """Form × org unit × period: what was due, whether and when it came, and how much of it was filled in."""
    return _ask(scope, "completeness", province=province, period=period, form=form)


def completeness_summary(scope: Scope, *, province: str, period: str | None = None) -> pl.DataFrame:
    """Form × period × reporting line: expected, received, on time, late, missing, not due yet.

    A quarter (or longer) asked for also brings the months and weeks that end in it.
    """
    return _ask(scope, "completeness_summary", province=province, period=period)


def calendar(scope: Scope, *, province: str) -> pl.DataFrame:
    """For each form and cadence the next cycle to fall due and the last that did, with days left and who has sent."""
    return _ask(scope, "calendar", province=province)


def missing_units(scope: Scope, *, province: str, form: str, period: str) -> pl.DataFrame:
    """The units that have not sent a form for a period, by reporting line, UBND first."""
    return _ask(scope, "missing_units", province=province, form=form, period=period)


# ---------------------------------------------------------------- data quality


def quality(scope: Scope, *, province: str, period: str | None = None, org_unit: str | None = None) -> pl.DataFrame:
    """Org unit × quarter × family of data quality: measure (0–100 %), numerator, denominator; newest quarter first."""
    return _ask(scope, "quality", province=province, period=period, org_unit=org_unit)


def quality_summary(scope: Scope, *, province: str, period: str | None = None) -> pl.DataFrame:
    """Unit group × quarter × family: the senders' numerators and denominators added up."""
    return _ask(scope, "quality_summary", province=province, period=period)


def quality_findings(
    scope: Scope, *, province: str, period: str, org_unit: str | None = None, family: str | None = None
) -> pl.DataFrame:
    """What stands behind the measures of a quarter: findings, conflicts, unlisted tasks, reports late or missing."""
    return _ask(scope, "quality_findings", province=province, period=period, org_unit=org_unit, family=family)


# ---------------------------------------------------------------- two warehouses compared (sql.changes): not remembered


def figure_states(scope: Scope, *, province: str) -> pl.DataFrame:
    """Every figure of a province's quarters that counts, in few columns."""
    return _export(scope, "figure_states", province=province)


def task_states(scope: Scope, *, province: str) -> pl.DataFrame:
    """Every task of a province as last reported, in few columns."""
    return _export(scope, "task_states", province=province)


def submission_states(scope: Scope, *, province: str) -> pl.DataFrame:
    """Every accepted submission of a province, and whether it was withdrawn or still counts."""
    return _export(scope, "submission_states", province=province)


# ---------------------------------------------------------------- exports: large, so not remembered


def export_observations(
    scope: Scope,
    *,
    period: str | None = None,
    org_unit: str | None = None,
    indicator: str | None = None,
    history: bool = False,
) -> pl.DataFrame:
    """Observations that count; with `history` superseded and withdrawn ones too."""
    return _export(scope, "export_observations", period=period, org_unit=org_unit, indicator=indicator, history=history)


def export_tasks(
    scope: Scope, *, period: str | None = None, org_unit: str | None = None, history: bool = False
) -> pl.DataFrame:
    """Task reports that count, with `history` all; `org_unit` is the lead or the sender."""
    return _export(scope, "export_tasks", period=period, org_unit=org_unit, history=history)


def export_submissions(
    scope: Scope,
    *,
    period: str | None = None,
    org_unit: str | None = None,
    indicator: str | None = None,
    history: bool = False,
) -> pl.DataFrame:
    """Submissions that count and those not accepted; with `history` superseded and withdrawn ones too."""
    return _export(scope, "export_submissions", period=period, org_unit=org_unit, indicator=indicator, history=history)


def export_findings(
    scope: Scope,
    *,
    period: str | None = None,
    org_unit: str | None = None,
    indicator: str | None = None,
    history: bool = False,
) -> pl.DataFrame:
    """The findings of those submissions."""
    return _export(scope, "export_findings", period=period, org_unit=org_unit, indicator=indicator, history=history)


def export_progress(
    scope: Scope, *, period: str | None = None, org_unit: str | None = None, indicator: str | None = None
) -> pl.DataFrame:
    """Indicator × org unit × quarter, every figure that counts and what is still missing."""
    return _export(scope, "export_progress", period=period, org_unit=org_unit, indicator=indicator)


# ---------------------------------------------------------------- what new submissions are compared with: likewise


def history_figures(scope: Scope) -> pl.DataFrame:
    """Every figure that counts within its own form, with its sender and the group its unit is compared in."""
    return _export(scope, "history_figures")


def history_tasks(scope: Scope) -> pl.DataFrame:
    """Every task report that counts, oldest first; `listed_task` is "" for a task that is not in the list."""
    return _export(scope, "history_tasks")


# ---------------------------------------------------------------- asking


def _ask(scope: Scope, name: str, **params: Param) -> pl.DataFrame:
    return _remembered(warehouse.version(scope.warehouse), scope.warehouse, name, _given(scope, name, params))


def _export(scope: Scope, name: str, **params: Param) -> pl.DataFrame:
    return _answer(scope.warehouse, name, _given(scope, name, params), seconds=SECONDS_PER_EXPORT)


def _given(scope: Scope, name: str, params: dict[str, Param]) -> Given:
    """The parameters of a statement, its part of the scope among them: together with its name the key of its answer."""
    text = statement(name)
    if scope.indicators is not None and name not in _NAMES and "$of_indicators" not in text:
        scope = replace(scope, org_units=frozenset(), aggregates=False)
    rights: dict[str, Param] = {
        "org_units": None if scope.org_units is None else tuple(sorted(scope.org_units)),
        "of_indicators": None if scope.indicators is None else tuple(sorted(scope.indicators)),
        "aggregates": scope.aggregates,
        "least_units": LEAST_UNITS,
    }
    return (*((key, value) for key, value in rights.items() if f"${key}" in text), *sorted(params.items()))


def _answer(path: Path, name: str, given: Given, seconds: float = warehouse.SECONDS_PER_QUERY) -> pl.DataFrame:
    params = {key: list(value) if isinstance(value, tuple) else value for key, value in given}
    with QUERY_SECONDS.labels(name).time():
        return warehouse.query(path, statement(name), params, seconds=seconds)


class _Memory:
    """The answers last asked for, within a number of bytes; those of an old version go together, as its instance does.

    One by one they would stay until many newer ones had come, and memory would grow with every load of data.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[_Key, tuple[pl.DataFrame, int]] = OrderedDict()
        self._versions: OrderedDict[warehouse.Version, None] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def __call__(self, version: warehouse.Version, path: Path, name: str, given: Given) -> pl.DataFrame:
        key = version, path, name, given
        with self._lock:
            self._note(version)
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][0]
        frame = _answer(path, name, given)
        with self._lock:
            if version in self._versions:
                self._drop(key)
                size = int(frame.estimated_size())
                self._held[key] = frame, size
                self._size += size
                while self._size > MOST_BYTES:
                    self._drop(next(iter(self._held)))
        return frame

    def cache_clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._versions.clear()
            self._size = 0

    def _note(self, version: warehouse.Version) -> None:
        self._versions[version] = None
        self._versions.move_to_end(version)
        while len(self._versions) > warehouse.OPEN_VERSIONS:
            gone, _ = self._versions.popitem(last=False)
            for key in [key for key in self._held if key[0] == gone]:
                self._drop(key)

    def _drop(self, key: _Key) -> None:
        if key in self._held:
            self._size -= self._held.pop(key)[1]


_remembered = _Memory()
