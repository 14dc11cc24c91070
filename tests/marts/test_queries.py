"""Every question: a file and a function of the same name, narrowed by scope and parameters."""

from __future__ import annotations

import gc
import inspect
import re
import shutil
import weakref
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sql
from sql import queries
from sql.queries import Scope
from sql.warehouse import OPEN_VERSIONS

FOLDER = Path(sql.__file__).parent
QUESTIONS = {
    name: function
    for name, function in inspect.getmembers(queries, inspect.isfunction)
    if function.__module__ == "sql.queries" and not name.startswith("_") and name != "dataclass"
}
GIVEN: dict[str, Any] = {
    "province": "38",
    "home": "38",
    "period": "2026-Q2",
    "indicator": "VB01",
    "org_unit": "38.KHCN",
    "task_key": "key-1",
    "submission": "00000001",
    "form": "bm01_indicators",
    "unit_group": "commune",
}
OPEN_TO_ALL = {"indicators", "meetings", "slides"}  # but for the indicators that may be seen
GROUPED = {
    "rollup",
    "distribution",
    "task_summary",
    "task_headline",
    "build_state",
    "provinces",
    "quarters",
    "unit_groups",
}


def ask(name: str, scope: Scope, **narrowed: Any) -> pl.DataFrame:
    needed = [
        p.name
        for p in inspect.signature(QUESTIONS[name]).parameters.values()
        if p.name != "scope" and p.default is inspect.Parameter.empty
    ]
    return QUESTIONS[name](scope, **{key: GIVEN[key] for key in needed}, **narrowed)  # type: ignore[no-any-return]


def test_every_file_has_its_function_and_every_function_its_file() -> None:
    assert {path.stem for path in (FOLDER / "queries").glob("*.sql")} == QUESTIONS.keys()
    assert {path.stem for path in (FOLDER / "marts").glob("*.sql")} == set(sql.MARTS)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_question_is_a_sentence_then_one_select_narrowed_by_scope(name: str) -> None:
    text = sql.statement(name)
    assert re.match(r"-- [A-Z].*\.\n", text)
    assert ";" not in re.sub(r"--.*", "", text)
    assert ("$org_units" in text) == (name not in OPEN_TO_ALL)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_every_question_is_answered_in_plain_types(warehouse_file: Path, name: str) -> None:
    frame = ask(name, Scope.all(warehouse_file))
    assert len(frame.columns) > 2
    for column, kind in frame.schema.items():
        assert not isinstance(kind, pl.Null | pl.Decimal | pl.Int128), (column, kind)


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - OPEN_TO_ALL - GROUPED - {"source"}))
def test_a_scope_hides_every_other_unit(warehouse_file: Path, name: str) -> None:
    whole = ask(name, Scope.all(warehouse_file))
    nobody = ask(name, Scope(warehouse_file, frozenset()))
    own = ask(name, Scope(warehouse_file, frozenset({"38.KHCN"})))
    assert nobody.height == 0
    assert own.height <= whole.height
    sides = [column for column in ("org_unit", "lead", "sender") if column in own.columns]
    for row in own.select(sides).to_dicts() if sides else []:
        assert "38.KHCN" in row.values()


@pytest.mark.parametrize("name", ["rollup", "task_summary", "task_headline", "quarters", "unit_groups"])
def test_who_may_see_no_unit_sees_no_sum(warehouse_file: Path, name: str) -> None:
    assert ask(name, Scope.all(warehouse_file)).height > 0
    assert ask(name, Scope(warehouse_file, frozenset())).height == 0


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("progress", "period", "2026-Q2"),
        ("progress", "unit_group", "commune"),
        ("progress", "indicator", "VB01"),
        ("progress", "org_unit", "38.KHCN"),
        ("rollup", "period", "2026-Q2"),
        ("rollup", "unit_group", "department"),
        ("rollup", "indicator", "VB01"),
        ("tasks", "lead", "38.KHCN"),
        ("task_summary", "period", "2026-Q2"),
        ("task_headline", "period", "2026-Q2"),
        ("submissions", "province", "38"),
        ("submissions", "form", "bm03_by_unit"),
        ("submissions", "period", "2026-Q2"),
        ("submissions", "org_unit", "38.KHCN"),
        ("submissions", "outcome", "rejected"),
        ("completeness", "period", "2026-Q2"),
        ("completeness", "form", "bm01_indicators"),
        ("export_observations", "period", "2026-Q2"),
        ("export_observations", "org_unit", "38.KHCN"),
        ("export_observations", "indicator", "VB01"),
        ("export_progress", "period", "2026-Q2"),
        ("export_submissions", "period", "2026-Q2"),
        ("export_tasks", "period", "2026-Q2"),
    ],
)
def test_a_parameter_keeps_exactly_its_rows(warehouse_file: Path, name: str, parameter: str, value: str) -> None:
    scope = Scope.all(warehouse_file)
    whole, part = ask(name, scope), ask(name, scope, **{parameter: value})
    assert 0 < part.height < whole.height
    assert part.sort(pl.all()).equals(whole.filter(pl.col(parameter) == value).sort(pl.all()))


def test_a_list_of_submissions_is_cut_into_pages_and_counted(warehouse_file: Path) -> None:
    scope = Scope.all(warehouse_file)
    everything = queries.submissions(scope)
    home = everything.filter(pl.col("province").is_in(["38", ""]))
    assert 0 < home.height < everything.height
    pages = [queries.submissions(scope, home="38", limit=3, offset=first) for first in range(0, home.height, 3)]
    assert pl.concat(pages).equals(home)
    facets = queries.submission_facets(scope, home="38")
    assert facets.filter(pl.col("facet") == "")["submission_count"].to_list() == [home.height]
    for facet in ("form", "period", "org_unit", "outcome"):
        counted = dict(facets.filter(pl.col("facet") == facet).select("value", "submission_count").iter_rows())
        assert counted == dict(home.group_by(facet).len().iter_rows())
    narrowed = queries.submission_facets(scope, home="38", outcome="rejected")
    assert narrowed.filter(pl.col("facet") == "")["submission_count"].sum() == counted["rejected"]


def test_history_adds_what_was_superseded(warehouse_file: Path) -> None:
    scope = Scope.all(warehouse_file)
    for name in ("export_observations", "export_tasks"):
        assert ask(name, scope, history=True).height > ask(name, scope).height


def test_export_columns_are_those_of_the_command_line(warehouse_file: Path) -> None:
    scope = Scope.all(warehouse_file)
    observations = queries.export_observations(scope).drop("value_to").columns
    assert observations == [
        "submission",
        "file",
        "form",
        "org_unit",
        "org_unit_name",
        "indicator",
        "period",
        "as_of",
        "numerator",
        "denominator",
        "value",
        "qualifier",
        "status",
        "sheet",
        "cell",
        "shown",
    ]
    assert queries.export_tasks(scope).columns == [
        "submission",
        "file",
        "org_unit",
        "task",
        "title",
        "assigned_in",
        "lead",
        "coordinating",
        "due_on",
        "due_precision",
        "due_text",
        "status",
        "completed_on",
        "progress_pct",
        "result",
        "obstacle",
        "proposal",
        "period",
        "as_of",
        "sheet",
        "cell",
        "shown",
    ]


def test_the_source_of_a_figure_is_itself_and_its_parts(warehouse_file: Path) -> None:
    scope = Scope.all(warehouse_file)
    every = queries.export_observations(scope, org_unit="38.KHCN", indicator="VB01")
    behind = queries.source(scope, indicator="VB01", org_unit="38.KHCN", period="2026-Q2")
    wanted = every.filter(pl.col("period").is_in(["2026-Q2", "2026-04", "2026-05", "2026-06"]))
    assert wanted.height > 0
    assert sorted(behind["submission"]) == sorted(wanted["submission"])


def test_an_answer_is_remembered_until_the_version_changes(warehouse_file: Path) -> None:
    scope = Scope.all(warehouse_file)
    assert queries.org_units(scope, province="38") is queries.org_units(Scope.all(warehouse_file), province="38")
    assert queries.org_units(scope, province="38") is not queries.org_units(scope, province="40")


def test_memory_for_answers_is_bounded(warehouse_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = Scope.all(warehouse_file)
    monkeypatch.setattr(queries, "_remembered", queries._Memory())
    one = queries.org_units(scope, province="38")
    monkeypatch.setattr(queries, "MOST_BYTES", int(one.estimated_size()) + 1)
    assert queries.org_units(scope, province="38") is one
    queries.org_units(scope, province="40")
    again = queries.org_units(scope, province="38")
    assert again is not one
    assert again.equals(one)
    assert queries.org_units(scope, province="38") is again


def test_answers_of_an_old_version_go_with_it(warehouse_file: Path, tmp_path: Path) -> None:
    copies = [Path(shutil.copy(warehouse_file, tmp_path / f"{number}.duckdb")) for number in range(OPEN_VERSIONS + 1)]
    first = queries.org_units(Scope.all(copies[0]), province="38")
    held = weakref.ref(first)
    assert queries.org_units(Scope.all(copies[0]), province="38") is first
    del first
    for newer in copies[1:]:
        assert held() is not None
        queries.org_units(Scope.all(newer), province="38")
    gc.collect()
    assert held() is None
