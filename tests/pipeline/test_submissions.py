"""Real-looking submissions of twelve senders give exactly what a careful reader gets out of them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from etl.cli import main

SUBMISSIONS = Path(__file__).parent / "submissions"


def expected() -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (SUBMISSIONS / "expected.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            rows[row["file"]].append(row)
    return rows


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All twelve loaded through the command line; receipts by file name, exported tables."""
    live = tmp_path_factory.mktemp("live")
    env = {"TIENDOSO_LIVE": str(live)}
    runner = CliRunner()
    paths = sorted(str(path) for path in SUBMISSIONS.iterdir() if path.suffix in {".xlsx", ".xls", ".ods"})
    result = runner.invoke(main, ["ingest", *paths, "--json"], env=env, catch_exceptions=False)
    receipts = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    tables = {}
    for table in ("observations", "tasks"):
        out = live / f"{table}.json"
        exported = runner.invoke(main, ["export", table, "--history", "-o", str(out)], env=env, catch_exceptions=False)
        assert exported.exit_code == 0, exported.output
        tables[table] = json.loads(out.read_text())
    return {"receipts": receipts, "exit_code": result.exit_code, **tables}


def test_every_file_is_accepted(loaded: dict[str, Any]) -> None:
    returned = {
        receipt["file_name"]: receipt["findings"] for receipt in loaded["receipts"] if receipt["outcome"] != "accepted"
    }
    assert returned == {}
    assert {receipt["file_name"] for receipt in loaded["receipts"]} == set(expected())
    assert loaded["exit_code"] == 0


@pytest.mark.parametrize("file", sorted(expected()))
def test_sender_period_and_day_are_found(loaded: dict[str, Any], file: str) -> None:
    got = {
        (receipt["form"], receipt["period"], receipt["as_of"])
        for receipt in loaded["receipts"]
        if receipt["file_name"] == file
    }
    assert got == {(row["form"], row["period"], row["as_of"]) for row in expected()[file]}


@pytest.mark.parametrize("file", sorted(expected()))
def test_observations_are_exactly_the_expected_ones(loaded: dict[str, Any], file: str) -> None:
    submissions = {receipt["submission"] for receipt in loaded["receipts"] if receipt["file_name"] == file}
    got = {
        (row["org_unit"], row["indicator"]): row for row in loaded["observations"] if row["submission"] in submissions
    }
    wanted = {
        (row["org_unit"], row["key"]): row
        for row in expected()[file]
        if row["kind"] == "observation" and row["status"] != "optional"
    }
    optional = {
        (row["org_unit"], row["key"])
        for row in expected()[file]
        if row["kind"] == "observation" and row["status"] == "optional"
    }
    assert set(wanted) - set(got) == set()
    assert set(got) - set(wanted) - optional == set()
    for identity, row in wanted.items():
        observation = got[identity]
        assert observation["period"] == row["period"]
        assert (observation["qualifier"] or "") == row["qualifier"], identity
        assert observation["status"] == row["status"], identity
        assert (observation["sheet"], observation["cell"]) == (row["sheet"], row["cell"]), identity
        for name in ("numerator", "denominator", "value"):
            number = float(row[name]) if row[name] else None
            assert observation[name] == pytest.approx(number, abs=1e-6), (identity, name)


@pytest.mark.parametrize("file", sorted(expected()))
def test_tasks_are_exactly_the_expected_ones(loaded: dict[str, Any], file: str) -> None:
    submissions = {receipt["submission"] for receipt in loaded["receipts"] if receipt["file_name"] == file}
    got = {row["task"] or row["title"]: row for row in loaded["tasks"] if row["submission"] in submissions}
    wanted = {row["key"]: row for row in expected()[file] if row["kind"] == "task"}
    assert set(got) == set(wanted)
    for identity, row in wanted.items():
        task = got[identity]
        notes = dict(
            part.strip().split("=", 1)
            for part in row["note"].split(";")
            if "=" in part and " " not in part.strip().split("=")[0]
        )
        assert (task["due_on"] or "") == row["value"], identity
        assert task["due_precision"] == row["qualifier"], identity
        if row["qualifier"] in {"none"}:
            assert task["status"].rsplit("_", 2)[0] == row["status"].rsplit("_", 2)[0], identity
        else:
            assert task["status"] == row["status"], identity
        assert task["progress_pct"] == (float(row["numerator"]) if row["numerator"] else None), identity
        assert (task["lead"] or "") == notes.get("lead", ""), identity
        coordinating = [unit for unit in notes.get("coord", "").split("|") if unit]
        assert sorted(task["coordinating"] or []) == sorted(coordinating), identity
        assert (task["completed_on"] or "") == notes.get("done", ""), identity
        assert (task["sheet"], task["cell"]) == (row["sheet"], row["cell"]), identity


@pytest.mark.parametrize("file", sorted(expected()))
def test_findings_lead_to_the_cells(loaded: dict[str, Any], file: str) -> None:
    met = {
        (finding["sheet"], finding["cell"]): finding["severity"]
        for receipt in loaded["receipts"]
        if receipt["file_name"] == file
        for finding in receipt["findings"]
    }
    for row in expected()[file]:
        if row["kind"] == "finding" and row["status"] != "optional":
            assert met.get((row["sheet"], row["cell"])) == row["status"], row["key"]
    assert "error" not in met.values()
