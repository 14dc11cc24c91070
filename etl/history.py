"""What a table says against what is known already: the unit's own past, its peers, another form, its list of tasks.

Everything here is a warning: an odd figure may be right. What is known is what counted in the warehouse when the run
began; files of one run are not compared with one another. A figure is compared with figures of the same form, since
two forms may count differently (`rule.other_form_differs` says where they do), and never with its own earlier version.
"""

from __future__ import annotations

import logging
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from math import isnan, nan
from pathlib import Path
from typing import NamedTuple, Self

import polars as pl

from etl.findings import Finding
from etl.model import Observation, Qualifier, Status, Table, TaskState, TypedFigure, task_status
from etl.periods import cadence, label, order_key, period_dates, previous
from etl.reference import Indicator, Reference
from etl.vietnamese import format_date, format_number
from sql import queries, warehouse

log = logging.getLogger(__name__)

JUMP_POINTS = 15.0
OWN_PERIODS_LEAST, OWN_PERIODS_MOST = 4, 12
MAD_TO_SIGMA = 1.4826  # makes the median absolute deviation comparable with a standard deviation of normal data
OWN_SIGMAS = 4.0
PEERS_LEAST = 8
PEER_RANGES = 3.0
DENOMINATOR_SHARE = 0.10
SAME = 1e-6  # figures are kept to six decimals
PERCENTAGE_TOLERANCE = 0.06

# --- what is known --------------------------------------------------------------------------------------------------


class Past(NamedTuple):
    """A figure that counts, as a form gave it; `nan` where a number was not given."""

    period: str
    sender: str
    status: str
    qualifier: str
    numerator: float
    denominator: float
    value: float
    value_to: float


class PastTask(NamedTuple):
    """A task as a unit last reported it."""

    state: TaskState
    due_on: date | None
    completed_on: date | None


class Standing(NamedTuple):
    """What one sender last said about a listed task."""

    sender: str
    as_of: date
    state: TaskState


_EXACT = (str(Status.REPORTED), str(Qualifier.EXACT))
_cadence, _dates, _previous = lru_cache(cadence), lru_cache(period_dates), lru_cache(previous)
_Key = tuple[str | int, ...]
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Figures:
    """Figures by form, indicator and unit, oldest first, in columns of numbers: half a million take some 25 MB.

    `spans` says which rows belong together; `when` and `mark` point into `periods` and `marks` (0 is a reported, exact
    figure). `peer_values` holds the exact values alone, ascending within their `peer_spans`.
    """

    periods: tuple[str, ...] = ()  # by their last, then their first day
    places: Mapping[str, int] = field(default_factory=dict)  # in `periods`
    ends: tuple[date, ...] = ()
    cadences: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = (_EXACT,)
    forms: tuple[str, ...] = ()
    spans: Mapping[_Key, _Span] = field(default_factory=dict)
    when: Sequence[int] = ()
    sender: Sequence[int] = ()
    mark: Sequence[int] = ()
    numerator: Sequence[float] = ()
    denominator: Sequence[float] = ()
    value: Sequence[float] = ()
    value_to: Sequence[float] = ()
    peer_spans: Mapping[_Key, _Span] = field(default_factory=dict)
    peer_values: Sequence[float] = ()

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Self:
        if frame.is_empty():
            return cls()
        periods = sorted(frame["period"].unique(), key=lambda period: (period_dates(period)[1], order_key(period)))
        senders = frame["sender"].unique().to_list()
        pairs = frame.select("status", "qualifier").unique().rows()
        marks = [_EXACT, *(pair for pair in pairs if pair != _EXACT)]
        codes = {f"{status} {qualifier}": code for code, (status, qualifier) in enumerate(marks)}
        frame = frame.with_columns(
            pl.col("form", "indicator", "org_unit", "province", "unit_group").cast(pl.Categorical),  # sorts faster
            _code("period", periods).alias("when"),
            _code("sender", senders),
            pl.concat_str("status", "qualifier", separator=" ")
            .replace_strict(codes, return_dtype=pl.UInt8)
            .alias("mark"),
        )
        own = _grouped(frame, _OWN_KEY, "when")
        is_peer = (pl.col("mark") == 0) & pl.col("value").is_not_null() & (pl.col("unit_group") != "")
        peers = _grouped(frame.filter(is_peer), _PEER_KEY, "value")
        return cls(
            periods=tuple(periods),
            places={period: place for place, period in enumerate(periods)},
            ends=tuple(period_dates(period)[1] for period in periods),
            cadences=tuple(cadence(period) for period in periods),
            senders=tuple(senders),
            marks=tuple(marks),
            forms=tuple(sorted(frame["form"].unique())),
            spans=_spans(own, _OWN_KEY),
            when=array("H", own["when"].to_list()),
            sender=array("H", own["sender"].to_list()),
            mark=array("B", own["mark"].to_list()),
            numerator=_floats(own["numerator"]),
            denominator=_floats(own["denominator"]),
            value=_floats(own["value"]),
            value_to=_floats(own["value_to"]),
            peer_spans=_spans(peers, _PEER_KEY),
            peer_values=_floats(peers["value"]),
        )

    def past(self, row: int) -> Past:
        return Past(
            self.periods[self.when[row]],
            self.senders[self.sender[row]],
            *self.marks[self.mark[row]],
            self.numerator[row],
            self.denominator[row],
            self.value[row],
            self.value_to[row],
        )

    def rows_before(self, form: str, indicator: str, org_unit: str, period: str) -> range:
        """The rows of periods that ended before this one did, newest first."""
        start, stop = self.spans.get((form, indicator, org_unit), (0, 0))
        if start == stop:
            return range(0)
        first_not_before = bisect_left(self.ends, _dates(period)[1])
        return range(bisect_left(self.when, first_not_before, start, stop) - 1, start - 1, -1)

    def row_of(self, form: str, indicator: str, org_unit: str, period: str) -> int | None:
        start, stop = self.spans.get((form, indicator, org_unit), (0, 0))
        place = self.places.get(period)
        if place is None or start == stop:
            return None
        row = bisect_left(self.when, place, start, stop)
        return row if row < stop and self.when[row] == place else None


_OWN_KEY = ("form", "indicator", "org_unit")
_PEER_KEY = ("form", "indicator", "province", "unit_group", "when")


def _code(column: str, known: Sequence[str]) -> pl.Expr:
    return pl.col(column).replace_strict({name: code for code, name in enumerate(known)}, return_dtype=pl.UInt16)


def _floats(column: pl.Series) -> array[float]:
    return array("d", column.cast(pl.Float64).fill_null(nan).to_list())


def _grouped(frame: pl.DataFrame, key: tuple[str, ...], within: str) -> pl.DataFrame:
    """The rows of a key next to one another, ascending within it."""
    return frame.sort(*(pl.col(name).to_physical() for name in key), within)


def _spans(frame: pl.DataFrame, columns: tuple[str, ...]) -> dict[_Key, _Span]:
    """The rows of a grouped frame that share these columns: key → (first, one after the last)."""
    spans, start = {}, 0
    for *key, count in frame.group_by(columns, maintain_order=True).len().iter_rows():
        spans[tuple(key)] = (start, start + count)
        start += count
    return spans


@dataclass(frozen=True, slots=True)
class History:
    """What is known before a run, asked figure by figure and task by task. Without a warehouse nothing is."""

    _figures: _Figures = field(default_factory=_Figures)
    _reports: Mapping[str, tuple[tuple[date, tuple[PastTask, ...]], ...]] = field(default_factory=dict)
    _standings: Mapping[str, tuple[Standing, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, figures: pl.DataFrame, tasks: pl.DataFrame) -> Self:
        """From the answers of `queries.history_figures` and `queries.history_tasks`."""
        reports: dict[tuple[str, str, date], list[PastTask]] = defaultdict(list)
        standings: dict[str, dict[str, Standing]] = defaultdict(dict)
        for sender, submission, as_of, listed_task, state, due_on, completed_on in tasks.select(_TASK_COLUMNS).rows():
            reports[sender, submission, as_of].append(PastTask(TaskState(state), due_on, completed_on))
            if listed_task:
                standings[listed_task][sender] = Standing(sender, as_of, TaskState(state))  # the newest comes last
        of_sender: dict[str, list[tuple[date, tuple[PastTask, ...]]]] = defaultdict(list)
        for (sender, _, as_of), rows in reports.items():
            of_sender[sender].append((as_of, tuple(rows)))
        return cls(
            _Figures.of(figures),
            {sender: tuple(made) for sender, made in of_sender.items()},
            {task: tuple(said.values()) for task, said in standings.items()},
        )

    def before(self, form: str, indicator: str, org_unit: str, period: str) -> Iterator[Past]:
        """What a form said of a unit for periods that ended earlier, newest first."""
        return map(self._figures.past, self._figures.rows_before(form, indicator, org_unit, period))

    def values_before(self, form: str, indicator: str, org_unit: str, period: str, most: int) -> list[float]:
        """The exact values of the last earlier periods of the same cadence, newest first, at most so many."""
        figures, wanted = self._figures, _cadence(period)
        values: list[float] = []
        for row in figures.rows_before(form, indicator, org_unit, period):
            if figures.mark[row] == 0 and figures.cadences[figures.when[row]] == wanted:
                value = figures.value[row]
                if not isnan(value):
                    values.append(value)
                if len(values) == most:
                    break
        return values

    def at(self, form: str, indicator: str, org_unit: str, period: str) -> Past | None:
        """What a form says of a unit for this very period."""
        row = self._figures.row_of(form, indicator, org_unit, period)
        return None if row is None else self._figures.past(row)

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that gave figures."""
        return self._figures.forms

    def peer_values(
        self, form: str, indicator: str, province: str, unit_group: str, period: str, apart_from: float | None
    ) -> Sequence[float]:
        """The exact values of a group of units, ascending, without one of this value (a unit's own)."""
        place = self._figures.places.get(period, -1)
        start, stop = self._figures.peer_spans.get((form, indicator, province, unit_group, place), (0, 0))
        values = self._figures.peer_values[start:stop]
        if apart_from is None:
            return values
        own = bisect_left(values, apart_from)
        return [*values[:own], *values[own + 1 :]]

    def task_report(self, sender: str, first: date, last: date) -> tuple[date, tuple[PastTask, ...]] | None:
        """The sender's last list of tasks with an as-of date between the two days."""
        made = self._reports.get(sender, ())
        return next((report for report in reversed(made) if first <= report[0] <= last), None)

    def standings(self, task: str) -> tuple[Standing, ...]:
        """What each sender last said about a listed task (`assigned_in|task`)."""
        return self._standings.get(task, ())


_TASK_COLUMNS = ("sender", "submission", "as_of", "listed_task", "state", "due_on", "completed_on")

NOTHING_KNOWN = History()


def load_history(warehouse_folder: Path) -> History:
    """The history in the published warehouse, remembered until another is published; nothing if there is none yet.

    Of a damaged warehouse nothing is read: what the newest sound version before it knows counts, and the log says so.
    """
    found = warehouse.published(warehouse_folder)
    if found.fault:
        known = found.warehouse.stem if found.warehouse else "nothing that is known already"
        log.error("The published warehouse is damaged (%s); this run is compared with %s.", found.fault, known)
    return _loaded(warehouse.version(found.warehouse)) if found.warehouse else NOTHING_KNOWN


@lru_cache(maxsize=1)
def _loaded(version: warehouse.Version) -> History:
    scope = queries.Scope.all(Path(version[0]))
    return History.of(queries.history_figures(scope), queries.history_tasks(scope))


# --- the unit's own past --------------------------------------------------------------------------------------------

HistoryCheck = Callable[[Table, Reference, History], Iterator[Finding]]


def cumulative_fell(table: Table, reference: Reference, history: History) -> Iterator[Finding]:
    """A cumulative figure lower than the last one the same form gave for an earlier period of the same year.

    Judged on exact numerators (of a count: its value). The year of the period stands for the programme year; a new
    one begins anew. Source: the meaning of "cumulative" in the catalogue (last value, must not fall).
    """
    for typed in table.figures:
        figure = typed.observation
        if reference.indicators[figure.indicator].value_type != "cumulative":
            continue
        if figure.numerator is None or not _is_exact(figure):
            continue
        for past in history.before(table.form, figure.indicator, figure.org_unit, table.period):
            if _year(past.period) != _year(table.period):
                break
            if (past.status, past.qualifier) == _EXACT and not isnan(past.numerator):
                if figure.numerator < past.numerator - SAME:
                    before = f"{_number(past.numerator)} ({label(past.period)})"
                    yield _finding("rule.cumulative_fell", table, typed, before)
                break


def jump_own_history(table: Table, reference: Reference, history: History) -> Iterator[Finding]:
    """A ratio or score far from the unit's own usual level.

    Usual is the median of the last 4 to 12 earlier periods of the same cadence; far is more than 15 points and more
    than 4 × 1.4826 × MAD (the median distance from that median), which one odd period cannot move. Of a small total
    it is also more than one case makes: 0/1 → 1/1 is news, no jump. A cumulative ratio may only jump upwards: a fall
    is `rule.cumulative_fell` or a new programme. Thresholds are ours.
    """
    for typed, indicator, value in _levels(table, reference):
        figure = typed.observation
        past = history.values_before(table.form, figure.indicator, figure.org_unit, table.period, most=OWN_PERIODS_MOST)
        if len(past) < OWN_PERIODS_LEAST:
            continue
        middle = quantile(sorted(past), 0.5)
        distance = abs(value - middle)
        if distance <= JUMP_POINTS or (indicator.value_type == "cumulative" and value < middle):
            continue
        spread = quantile(sorted(abs(other - middle) for other in past), 0.5)
        if distance > max(OWN_SIGMAS * MAD_TO_SIGMA * spread, _one_case(indicator, figure)):
            change = f"{_level(middle, indicator)} → {_level(value, indicator)}"
            yield _finding("rule.jump_own_history", table, typed, change)


def denominator_changed(table: Table, reference: Reference, history: History) -> Iterator[Finding]:
    """The total of a standing ratio more than 10 % off the last one the same form gave earlier, without a note.

    Snapshot and cumulative ratios only: what is counted within a period has another total each time. So has an
    indicator whose definition says `total_varies`, and a cumulative one in a new year's programme. A form without a
    note column is asked too. The threshold is ours.
    """
    for typed in table.figures:
        figure = typed.observation
        indicator = reference.indicators[figure.indicator]
        if indicator.kind != "ratio" or indicator.value_type == "in_period" or indicator.total_varies:
            continue
        if not figure.denominator or not _is_exact(figure) or figure.note.strip():
            continue
        for past in history.before(table.form, figure.indicator, figure.org_unit, table.period):
            if indicator.value_type == "cumulative" and _year(past.period) != _year(table.period):
                break
            if past.status == Status.REPORTED and past.denominator > 0:
                if abs(figure.denominator - past.denominator) > DENOMINATOR_SHARE * past.denominator + SAME:
                    before = f"{_number(past.denominator)} ({label(past.period)})"
                    cell = typed.denominator_cell or figure.cell
                    shown = typed.denominator_shown or _number(figure.denominator)
                    yield Finding("rule.denominator_changed", table.sheet, cell, shown, before)
                break


# --- others ---------------------------------------------------------------------------------------------------------


def jump_peers(table: Table, reference: Reference, history: History) -> Iterator[Finding]:
    """A ratio or score far outside what like units reported.

    Like units are the others of the same group (communes; departments) and province in the same form and period, or
    in the period before while fewer than 8 have reported. Far outside is below Q1 − 3 × IQR or above Q3 + 3 × IQR
    (Tukey's outer fences, quartiles as in Excel's QUARTILE.INC) and at least 15 points off the median; of a small
    total also more than one case makes. Fences: J. W. Tukey, Exploratory Data Analysis (1977); the rest is ours.
    """
    for typed, indicator, value in _levels(table, reference):
        values = _peers(table, reference, history, typed.observation)
        if len(values) < PEERS_LEAST:
            continue
        distance = abs(value - quantile(values, 0.5))
        if distance < JUMP_POINTS or distance <= _one_case(indicator, typed.observation):
            continue
        lower, upper = quantile(values, 0.25), quantile(values, 0.75)
        fence = PEER_RANGES * (upper - lower)
        if not lower - fence <= value <= upper + fence:
            usual = f"{_level(lower, indicator)} – {_level(upper, indicator)}"
            yield _finding("rule.jump_peers", table, typed, f"{_level(value, indicator)} / {usual}")


def _peers(table: Table, reference: Reference, history: History, figure: Observation) -> Sequence[float]:
    province, group = reference.province_of(figure.org_unit), reference.unit_group(figure.org_unit)
    values: Sequence[float] = ()
    for period in (table.period, _previous(table.period)):
        own = history.at(table.form, figure.indicator, figure.org_unit, period)
        is_among = own is not None and (own.status, own.qualifier) == _EXACT and not isnan(own.value)
        values = history.peer_values(
            table.form, figure.indicator, province, group, period, own.value if own and is_among else None
        )
        if len(values) >= PEERS_LEAST:
            break
    return values


def other_form_differs(table: Table, reference: Reference, history: History) -> Iterator[Finding]:
    """Another form says something else about the same indicator, unit and period: as `mart.conflict` judges it.

    A cell left empty contradicts nothing; values are equal to the sixth decimal. The other form and its sender are
    named; what it says only where the figure is about the sender's own unit.
    """
    forms = sorted(
        (form for form in history.forms if form != table.form and form in reference.forms),
        key=lambda form: (reference.forms[form].rank, form),
    )
    for typed in table.figures:
        figure = typed.observation
        if figure.status is Status.NOT_REPORTED:
            continue
        for form in forms:
            past = history.at(form, figure.indicator, figure.org_unit, table.period)
            if past is not None and _differs(figure, past):
                other = f"{reference.forms[form].code}, {reference.org_units[past.sender].name}"
                if figure.org_unit == table.org_unit:
                    other += f": {_said(past, reference.indicators[figure.indicator])}"
                yield _finding("rule.other_form_differs", table, typed, other)
                break


def _differs(figure: Observation, past: Past) -> bool:
    if (figure.status, figure.qualifier) != (past.status, past.qualifier):
        return True
    if not (_same(figure.value, past.value) and _same(figure.value_to, past.value_to)):
        return True
    parts = ((figure.numerator, past.numerator), (figure.denominator, past.denominator))
    return any(one is not None and not isnan(other) and not _same(one, other) for one, other in parts)


def _same(one: float | None, other: float) -> bool:
    if one is None or isnan(other):
        return one is None and isnan(other)
    return abs(one - other) < SAME


def _said(past: Past, indicator: Indicator) -> str:
    """A past figure in words: `70/81 = 86,4 %`, `không phát sinh`."""
    if past.status != Status.REPORTED:
        return _STATUS_WORDS[past.status]
    parts = "" if isnan(past.numerator) or isnan(past.denominator) else _ratio(past.numerator, past.denominator)
    value = "" if isnan(past.value) else _level(past.value, indicator)
    return " = ".join(part for part in (parts, value) if part) or "—"


_STATUS_WORDS = {
    str(Status.NO_ACTIVITY): "không phát sinh",
    str(Status.NOT_APPLICABLE): "không thuộc phạm vi",
    str(Status.NOT_REPORTED): "chưa có số liệu",
}

# --- tasks ----------------------------------------------------------------------------------------------------------


def computed_differs(table: Table, reference: Reference, history: History) -> Iterator[Finding]:
    """NV01–NV04 as a unit reports them against our own count of the tasks that it listed itself.

    Counted is its last list with an as-of date within the period and not after the figures' own, with the states of
    the figures' as-of date; no such list, no finding. Numerators and denominators must be equal; where only a
    percentage was sent, it must be to 0.06 points. What is counted stands in the catalogue: NV01 done of all, NV02 done
    of those due in the period, NV03 overdue of the open ones (recurring ones left out), NV04 not started of all.
    """
    figures = [
        typed
        for typed in table.figures
        if typed.observation.indicator in _COUNTED
        and typed.observation.org_unit == table.org_unit
        and _is_exact(typed.observation)
    ]
    if not figures:
        return
    first, last = period_dates(table.period)
    day = min(table.as_of or last, last)
    report = history.task_report(table.org_unit, first, day)
    if report is None:
        return
    as_of, tasks = report
    for typed in figures:
        figure = typed.observation
        counted, total = _COUNTED[figure.indicator](tasks, as_of, day, (first, last))
        if not total:
            continue
        if figure.numerator is None or figure.denominator is None:
            value = reference.indicators[figure.indicator].factor * counted / total
            is_same = figure.value is None or abs(figure.value - value) <= PERCENTAGE_TOLERANCE
        else:
            is_same = _same(figure.numerator, counted) and _same(figure.denominator, total)
        if not is_same:
            yield _finding("rule.computed_differs", table, typed, f"{_ratio(counted, total)} ({format_date(as_of)})")


_Counting = Callable[[Sequence[PastTask], date, date, tuple[date, date]], tuple[int, int]]


def _done(tasks: Sequence[PastTask], as_of: date, day: date, within: tuple[date, date]) -> tuple[int, int]:
    return sum(task.state is TaskState.DONE for task in tasks), len(tasks)


def _done_of_due(tasks: Sequence[PastTask], as_of: date, day: date, within: tuple[date, date]) -> tuple[int, int]:
    due = [task for task in tasks if task.due_on and within[0] <= task.due_on <= within[1]]
    return sum(task.state is TaskState.DONE for task in due), len(due)


def _overdue(tasks: Sequence[PastTask], as_of: date, day: date, within: tuple[date, date]) -> tuple[int, int]:
    still_open = [task for task in tasks if task.state in (TaskState.NOT_STARTED, TaskState.IN_PROGRESS)]
    statuses = [task_status(task.state, task.due_on, task.completed_on, as_of, day) for task in still_open]
    return sum(status.endswith("_qua_han") for status in statuses), len(still_open)


def _not_started(tasks: Sequence[PastTask], as_of: date, day: date, within: tuple[date, date]) -> tuple[int, int]:
    return sum(task.state is TaskState.NOT_STARTED for task in tasks), len(tasks)


_COUNTED: Mapping[str, _Counting] = {
    "NV01": _done,
    "NV02": _done_of_due,
    "NV03": _overdue,
    "NV04": _not_started,
}


def task_reported_by_other(table: Table, reference: Reference, history: History) -> Iterator[Finding]:
    """A listed task of which another sender says something that cannot also be true.

    States of the same day must be equal; of different days the later one may not lie behind the earlier one (not
    started, in progress, done). Each other sender's newest report is looked at, the newest contradiction is named.
    Ours; which of the two counts is settled by the marts (latest as-of date, ties to the lead).
    """
    as_of = table.as_of or table.received_on
    for typed in table.tasks:
        report = typed.report
        task = reference.find_task(report.assigned_in, report.task) if report.task else None
        if task is None:
            continue
        said = history.standings(f"{task.assigned_in}|{task.task}")
        against = [
            other
            for other in said
            if other.sender != table.org_unit and _contradicts((as_of, report.state), (other.as_of, other.state))
        ]
        if against:
            newest = max(against, key=lambda other: other.as_of)
            name = reference.org_units[newest.sender].name
            words = f"{name}, {format_date(newest.as_of)}: {_STATE_WORDS[newest.state]}"
            shown = report.state_text or _STATE_WORDS[report.state]
            yield Finding("rule.task_reported_by_other", table.sheet, typed.state_cell, shown, words)


def _contradicts(one: tuple[date, TaskState], other: tuple[date, TaskState]) -> bool:
    if one[0] == other[0]:
        return one[1] is not other[1]
    (_, earlier), (_, later) = sorted((one, other), key=lambda said: said[0])
    return earlier in _ORDER and later in _ORDER and _ORDER.index(later) < _ORDER.index(earlier)


_ORDER = (TaskState.NOT_STARTED, TaskState.IN_PROGRESS, TaskState.DONE)
_STATE_WORDS = {
    TaskState.NOT_STARTED: "chưa thực hiện",
    TaskState.IN_PROGRESS: "đang thực hiện",
    TaskState.DONE: "đã hoàn thành",
    TaskState.RECURRING: "thường xuyên",
}

HISTORY_CHECKS: tuple[HistoryCheck, ...] = (
    cumulative_fell,
    jump_own_history,
    jump_peers,
    denominator_changed,
    other_form_differs,
    computed_differs,
    task_reported_by_other,
)


def check(table: Table, reference: Reference, history: History) -> list[Finding]:
    """All findings of all checks about one table, in the order of `HISTORY_CHECKS`; none without sender or period."""
    if history is NOTHING_KNOWN or not table.org_unit or not table.period:
        return []
    return [finding for rule in HISTORY_CHECKS for finding in rule(table, reference, history)]


# --- numbers and words ----------------------------------------------------------------------------------------------


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of ascending values lies, between neighbours by proportion; 0.5 = the median."""
    place = (len(ordered) - 1) * share
    below = int(place)
    if below == place:
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)


def _levels(table: Table, reference: Reference) -> Iterator[tuple[TypedFigure, Indicator, float]]:
    """The ratios and scores that were given exactly; one above 100 % is a fault of another kind."""
    for typed in table.figures:
        figure = typed.observation
        indicator = reference.indicators[figure.indicator]
        if indicator.kind not in ("ratio", "score") or figure.value is None or not _is_exact(figure):
            continue
        if indicator.kind == "score" or figure.value <= indicator.factor:
            yield typed, indicator, figure.value


def _is_exact(figure: Observation) -> bool:
    return figure.status is Status.REPORTED and figure.qualifier is Qualifier.EXACT


def _one_case(indicator: Indicator, figure: Observation) -> float:
    """By how much one case more or less moves a ratio, with room for rounding; 0 where the total is not known."""
    if indicator.kind != "ratio" or not figure.denominator:
        return 0.0
    return indicator.factor / figure.denominator + 10 * SAME


def _year(period: str) -> str:
    return period[:4]


def _finding(code: str, table: Table, typed: TypedFigure, expected: str) -> Finding:
    return Finding(code, table.sheet, typed.observation.cell, typed.observation.shown, expected)


def _level(value: float, indicator: Indicator) -> str:
    unit = f" {indicator.measure_unit}" if indicator.kind == "ratio" else ""
    return f"{format_number(value, indicator.decimals)}{unit}"


def _ratio(numerator: float, denominator: float) -> str:
    return f"{_number(numerator)}/{_number(denominator)}"


def _number(value: float) -> str:
    return format_number(value, 0 if float(value).is_integer() else 2)
