"""The macros of the warehouse against the rules of the reader, over all combinations."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import duckdb
import polars as pl

from etl.model import TaskState, task_status

DUE = date(2026, 6, 30)


def test_task_status_is_the_readers_rule(in_memory: duckdb.DuckDBPyConnection) -> None:
    around = [DUE + timedelta(days=n) for n in (-1, 0, 1)]
    cases = [
        {"state": str(state), "due_on": due_on, "completed_on": completed_on, "as_of": as_of, "day": day}
        for state, due_on, completed_on, as_of, day in itertools.product(
            TaskState, [None, DUE], [None, *around], around, around
        )
    ]
    in_memory.register("cases", pl.DataFrame(cases, infer_schema_length=None))
    rows = (
        in_memory.sql("select *, core.task_status(state, due_on, completed_on, as_of, day) as status from cases")
        .pl()
        .to_dicts()
    )
    assert len(rows) == len(cases)
    for row in rows:
        wanted = task_status(TaskState(row["state"]), row["due_on"], row["completed_on"], row["as_of"], day=row["day"])
        assert row["status"] == wanted, row


def test_the_local_day_begins_at_17_utc(in_memory: duckdb.DuckDBPyConnection) -> None:
    query = "select core.local_day($moment::timestamp)"
    assert in_memory.execute(query, {"moment": "2026-06-30 16:59:59"}).fetchall() == [(date(2026, 6, 30),)]
    assert in_memory.execute(query, {"moment": "2026-06-30 17:00:00"}).fetchall() == [(date(2026, 7, 1),)]
