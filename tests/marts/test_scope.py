"""Row rights: whoever may see one unit is never answered with a word or a number of another.

Every text and every number of the warehouse bears a mark of whose it is; every question is asked in every way, also for
other units by name, and all that comes back is searched for marks of others.
"""

from __future__ import annotations

import inspect
import itertools
import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import sql
from sql import queries
from sql.queries import LEAST_UNITS, Scope
from tests.marts import world as made_up
from tests.marts.test_queries import QUESTIONS

MARK = re.compile(r"⟦([^⟧]*)⟧")  # the units to whom a text may be told, with | between
SPREAD = {"median_value", "lower_quartile", "upper_quartile"}  # may equal the one figure in the middle
TASKS = 30
FOR_UNIT, FOR_ACCOUNT = "38001", "38002"  # an account of the second had a file refused that named the first
LEAD = "38.NNMT"  # sends figures about communes

Numbers = dict[int, set[str]]


def mark(*units: str) -> str:
    return f"⟦{'|'.join(units)}⟧"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which every text says whose it is and every number is that of one cell alone."""
    world = made_up.random_figures(made_up.empty(date(2026, 10, 5), communes=8), seed=5, share=0.7, years=(2026,))
    _figures_about_others(world)
    made_up.random_tasks(world, seed=5, count=TASKS)
    chance = random.Random(5)
    numbers = chance.sample(range(1_000_000, 9_000_000), 2 * len(world.rows("core.observation")))
    for row in world.rows("core.task_report"):
        _mark_task(world, row)
    senders = world.by("core.submission", "submission")
    for row in world.rows("core.observation"):
        _mark_figure(row, senders[row["submission"]]["org_unit"], numbers)
    for row in world.rows("core.submission"):
        own = mark(row["org_unit"])
        row |= {"file_name": f"{own}.xlsx", "sender": own, "sheet": own}
        finding = {"shown": own, "message_vi": own, "message_en": own, "cell": own}
        world.add("finding", submission=row["submission"], position=1, code="rule.jump_own_history", **finding)
    world.tables["reference.quality"] = [{"code": "rule.jump_own_history", "family": "dung"}]
    refused = {"submission": "99999999", "org_unit": "", "sent_for": FOR_ACCOUNT, "outcome": "rejected"}
    own = mark(FOR_ACCOUNT)
    world.add("submission", **refused, period="2026-Q2", file_name=own, sender=own, sheet=own, is_current=False)
    path = tmp_path_factory.mktemp("marked") / "v00000001.duckdb"
    with duckdb.connect(str(path)) as connection:
        made_up.write(world, connection)
        connection.execute("checkpoint")
    return path


def _figures_about_others(world: made_up.World) -> None:
    """A department's file with a row for each commune, in quarters for which most have sent their own."""
    for place, period in enumerate(("2026-Q1", "2026-Q2")):
        submission = f"{800000 + place:08d}"
        sent = {"submission": submission, "form": "bm03_by_unit", "period": period, "as_of": date(2026, 3, 14)}
        world.add("submission", **sent, org_unit=LEAD)
        for unit in world.rows("reference.org_unit"):
            if unit["unit_group"] == "commune" and unit["province"] == "38":
                figure = {"numerator": 1.0, "denominator": 2.0, "value": 50.0}
                for indicator in ("VB01", "DL01"):
                    world.add("observation", **sent, **figure, org_unit=unit["org_unit"], indicator=indicator)


def _mark_task(world: made_up.World, row: made_up.Row) -> None:
    own = mark(row["org_unit"], *filter(None, [row["lead"]]))
    words = ("title", "result", "obstacle", "proposal", "coordinating_text", "due_text", "shown", "sheet", "cell")
    row |= dict.fromkeys(words, own)
    sent = {key: row[key] for key in ("submission", "form", "org_unit", "period", "as_of")}
    world.add("submission", **sent, file=f"{row['submission']:0>64}")


def _mark_figure(row: made_up.Row, sender: str, numbers: list[int]) -> None:
    row |= {"shown": mark(row["org_unit"], sender), "note": mark(sender), "sheet": mark(row["org_unit"], sender)}
    if row.get("indicator") == "DVC12" or row["numerator"] is None:
        return
    numerator = float(numbers.pop())
    if row["denominator"] is None:
        row |= {"numerator": numerator, "value": numerator}
    else:
        total = numerator + numbers.pop()
        is_ratio = row["value"] != row["numerator"]
        row |= {"numerator": numerator, "denominator": total, "value": 100 * numerator / total}
        row |= {} if is_ratio else {"value": numerator}


# ---------------------------------------------------------------- asking in every way


@pytest.fixture(scope="module")
def ways(marked: Path) -> dict[str, list[dict[str, Any]]]:
    """For each question: all it needs in every combination, and beside that each of its other parameters in turn."""
    whole = Scope.all(marked)
    by_sender = queries.submissions(whole).group_by("org_unit").agg(pl.col("submission").first())
    units = ["38001", "38002", "38.NNMT", "38.KHCN", "38"]
    values: dict[str, list[Any]] = {
        "province": ["38", "40"],
        "home": ["38"],
        "period": ["2026-Q2", "2026-05"],
        "indicator": ["VB01"],
        "org_unit": units,
        "lead": units,
        "unit_group": ["commune", "department", "area"],
        "form": ["bm01_indicators", "bm03_by_unit"],
        "history": [True],
        "submission": by_sender["submission"].to_list(),
        "task_key": [f"key-{number}" for number in range(0, TASKS, 3)],
        "words": [("don", "vi")],
        "boundaries": ["as_reported"],
        "order": ["value"],
        "units": [tuple(units)],
    }
    found = {}
    for name, question in QUESTIONS.items():
        given = [p for p in inspect.signature(question).parameters.values() if p.name != "scope"]
        needed = [p.name for p in given if p.default is inspect.Parameter.empty]
        first = [dict(zip(needed, each, strict=True)) for each in itertools.product(*(values[key] for key in needed))]
        varied = [(p.name, value) for p in given if p.name not in needed for value in values.get(p.name, [])]
        found[name] = first + [{**first[0], key: value} for key, value in varied]
    return found


def answers(scope: Scope, ways: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any], pl.DataFrame]]:
    for name, asked in ways.items():
        for arguments in asked:
            yield name, arguments, QUESTIONS[name](scope, **arguments)


def texts_of(frame: pl.DataFrame) -> set[str]:
    flat = [frame[column].explode() if frame[column].dtype == pl.List else frame[column] for column in frame.columns]
    return {word for column in flat if column.dtype == pl.String for word in column.unique().to_list() if word}


def numbers_of(frame: pl.DataFrame) -> set[int]:
    floats = [name for name, kind in frame.schema.items() if kind == pl.Float64 and name not in SPREAD]
    return {round(value) for name in floats for value in frame[name].drop_nulls().to_list() if value >= 1_000_000}


@pytest.fixture(scope="module")
def owners(marked: Path) -> Numbers:
    """Whose each number is: the unit's it is about and the sender's; a quarter made of months is the unit's."""
    whole = Scope.all(marked)
    found: Numbers = {}
    senders = dict(queries.export_submissions(whole, history=True).select("submission", "org_unit").iter_rows())
    for rows in (queries.export_observations(whole, history=True), queries.export_progress(whole)):
        for row in rows.iter_rows(named=True):
            for key in ("numerator", "denominator"):
                if row[key] is not None and row[key] >= 1_000_000:
                    told = found.setdefault(round(row[key]), set())
                    told |= {row["org_unit"], senders.get(row["submission"], "")}
    return found


def leaks(scope: Scope, frame: pl.DataFrame, owners: Numbers) -> list[str]:
    seen = scope.org_units or frozenset()
    words = {word for word in texts_of(frame) for found in MARK.findall(word) if not seen & set(found.split("|"))}
    numbers = {str(number) for number in numbers_of(frame) if number in owners and not seen & owners[number]}
    return sorted(words | numbers)


# ---------------------------------------------------------------- nothing of others, everything of one's own


@pytest.mark.parametrize("units", [("38001",), ("38002",), ("38.NNMT",), ("38003", "38.NV"), ()], ids=str)
def test_nothing_of_another_unit_comes_back(
    marked: Path, ways: dict[str, list[dict[str, Any]]], owners: Numbers, units: tuple[str, ...]
) -> None:
    scope = Scope(marked, frozenset(units), aggregates=True)
    found = [(name, asked, leaks(scope, frame, owners)) for name, asked, frame in answers(scope, ways)]
    assert [leak for leak in found if leak[2]] == []


def test_whoever_may_see_all_sees_every_mark(
    marked: Path, ways: dict[str, list[dict[str, Any]]], owners: Numbers
) -> None:
    """The test above can fail: each mark and each number is reached by some question."""
    scope = Scope.all(marked)
    words, numbers = set[str](), set[int]()
    for _, _, frame in answers(scope, ways):
        words |= {unit for word in texts_of(frame) for found in MARK.findall(word) for unit in found.split("|")}
        numbers |= numbers_of(frame)
    units = {code for code in queries.org_units(scope, province="38")["org_unit"] if not code.startswith("old")}
    assert units <= words
    assert owners.keys() <= numbers
    assert len(owners) > 1000


def test_one_sees_all_of_ones_own(marked: Path) -> None:
    whole, own = Scope.all(marked), Scope(marked, frozenset({"38001"}), aggregates=True)
    for ask in (queries.progress, queries.completeness, queries.submissions):
        expected = ask(whole, province="38").filter(pl.col("org_unit") == "38001")
        columns = [name for name in expected.columns if not name.startswith("median")]
        assert expected.height > 0
        assert ask(own, province="38").select(columns).equals(expected.select(columns))


def test_a_file_refused_for_naming_another_unit_is_seen_by_its_sender_alone(marked: Path) -> None:
    for unit, count in ((FOR_ACCOUNT, 1), (FOR_UNIT, 0)):
        scope = Scope(marked, frozenset({unit}), aggregates=True)
        assert queries.submission(scope, submission="99999999").height == count
        assert queries.findings(scope, submission="99999999").height == 0
    assert queries.submission(Scope.all(marked), submission="99999999").height == 1


# ---------------------------------------------------------------- sums of the rest


def test_sums_of_many_are_those_of_everyone_and_sums_of_few_are_kept_back(marked: Path) -> None:
    whole, own = Scope.all(marked), Scope(marked, frozenset({"38001"}), aggregates=True)
    key = ["indicator", "unit_group", "period"]
    told = queries.rollup(own, province="38")
    known = queries.rollup(whole, province="38")
    assert "area" in known["unit_group"]
    assert "area" not in told["unit_group"]
    both = told.join(known, on=key, suffix="_known")
    behind = pl.when(pl.col("method") == "median").then("unit_count_reported").otherwise("unit_count_summed")
    few = both.filter(behind < LEAST_UNITS)
    many = both.filter(behind >= LEAST_UNITS)
    assert len(few) > 20
    assert few["value"].is_null().all()
    assert few["numerator"].is_null().all()
    assert few["value_known"].is_not_null().any()
    assert len(many) > 20
    assert many["value"].to_list() == many["value_known"].to_list()


def test_the_spread_of_a_group_is_that_of_its_ranked_units(marked: Path) -> None:
    own = Scope(marked, frozenset({"38001"}), aggregates=True)
    rows = queries.progress(Scope.all(marked), province="38", unit_group="commune", indicator="VB01")
    told = queries.distribution(own, province="38", unit_group="commune", indicator="VB01")
    assert told.height > 1
    for row in told.iter_rows(named=True):
        values = rows.filter((pl.col("period") == row["period"]) & pl.col("rank").is_not_null())["value"]
        assert row["unit_count"] == len(values) >= LEAST_UNITS
        for key, share in (("lower_quartile", 0.25), ("median_value", 0.5), ("upper_quartile", 0.75)):
            assert row[key] == pytest.approx(values.quantile(share, "linear"))
    assert queries.distribution(own, province="38", unit_group="party", indicator="VB01").is_empty()
    nothing = Scope(marked, frozenset({"38001"}))
    assert queries.distribution(nothing, province="38", unit_group="commune", indicator="VB01").is_empty()


# ---------------------------------------------------------------- some indicators only


def test_who_may_see_some_indicators_is_answered_about_these_alone(
    marked: Path, ways: dict[str, list[dict[str, Any]]]
) -> None:
    scope = Scope(marked, indicators=frozenset({"VB01"}), aggregates=True)
    answered = set()
    for name, asked, frame in answers(scope, ways):
        if "indicator" in frame.columns:
            assert set(frame["indicator"]) <= {"VB01"}, (name, asked)
        if frame.height:
            answered.add(name)
    assert answered <= queries._NAMES | {name for name in QUESTIONS if "$of_indicators" in sql.statement(name)}
    assert {"progress", "rollup", "explore", "indicators", "org_units"} <= answered
    assert not {"submissions", "tasks", "task_headline", "findings", "completeness", "source"} & answered


# ---------------------------------------------------------------- many at once


def test_many_askers_at_once_get_each_their_own(marked: Path) -> None:
    """8 threads × 500 questions, the same one under many scopes and all of it remembered: no answer is another's."""
    units = [code for code in queries.org_units(Scope.all(marked), province="38")["org_unit"] if "old" not in code]
    periods = ("2026-Q1", "2026-Q2", "2026-Q3")

    def ask(thread: int) -> int:
        wrong = 0
        for turn in range(500):
            unit, period = units[(turn * 7 + thread) % len(units)], periods[turn % 3]
            scope = Scope(marked, frozenset({unit}), aggregates=turn % 2 == 0)
            rows = queries.progress(scope, province="38", period=period)
            wrong += rows.is_empty() or set(rows["org_unit"]) != {unit} or set(rows["period"]) != {period}
        return wrong

    expected = queries.progress(Scope.all(marked), province="38")
    assert set(units) <= set(expected["org_unit"])
    queries._remembered.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 0


def test_the_scope_is_part_of_what_an_answer_is_remembered_by(marked: Path) -> None:
    asked = {"province": "38", "period": "2026-Q2"}
    scopes = [
        Scope.all(marked),
        Scope(marked, frozenset({"38001"}), aggregates=True),
        Scope(marked, frozenset({"38001"})),
        Scope(marked, frozenset({"38002"})),
        Scope(marked, indicators=frozenset({"VB01"})),
    ]
    first = [queries.rollup(scope, **asked) for scope in scopes]
    again = [queries.rollup(scope, **asked) for scope in reversed(scopes)]
    assert all(one is other for one, other in zip(first, reversed(again), strict=True))
    assert len({id(frame) for frame in first}) == len(scopes)
