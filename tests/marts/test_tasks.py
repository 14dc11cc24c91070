"""The task marts against boring re-computations, and the headline of a real task list."""

from __future__ import annotations

from collections import Counter
from datetime import date

import duckdb
import pytest

from etl.model import TaskState, task_status
from tests.marts import world as made_up
from tests.marts.world import Row, World

DAY = date(2026, 8, 20)


def marts(world: World, *names: str) -> tuple[list[Row], ...]:
    with duckdb.connect(":memory:") as connection:
        made_up.write(world, connection)
        return tuple(connection.sql(f"select * from mart.{name}").pl().to_dicts() for name in names)


def latest(reports: list[Row], until: date) -> Row | None:
    known = [r for r in reports if r["is_current"] and r["as_of"] <= until]
    return max(known, key=lambda r: (r["as_of"], r["org_unit"] == r["lead"], r["submission"]), default=None)


def status_on(report: Row, day: date) -> str:
    return task_status(TaskState(report["state"]), report["due_on"], report["completed_on"], report["as_of"], day)


def days_overdue(report: Row, day: date) -> int | None:
    if report["due_on"] is None or report["state"] == "thuong_xuyen":
        return None
    if not status_on(report, day).endswith("_qua_han"):
        return 0
    end = report["completed_on"] if report["state"] == "da_hoan_thanh" else day
    return (end - report["due_on"]).days


@pytest.mark.parametrize("seed", range(4))
def test_agree_with_the_recomputation(seed: int) -> None:
    world = made_up.random_tasks(made_up.empty(DAY), seed)
    tasks, by_quarter, counts = marts(world, "task", "task_quarter", "task_status")
    reports: dict[str, list[Row]] = {}
    for report in world.rows("core.task_report"):
        reports.setdefault(report["task_key"], []).append(report)

    wanted = {key: best for key, rows in reports.items() if (best := latest(rows, date.max))}
    assert {t["task_key"]: t["submission"] for t in tasks} == {k: r["submission"] for k, r in wanted.items()}
    for task in tasks:
        report = wanted[task["task_key"]]
        assert task["status"] == status_on(report, DAY)
        assert task["days_overdue"] == days_overdue(report, DAY)
        assert task["report_count"] == sum(r["is_current"] for r in reports[task["task_key"]])

    quarters = [p for p in world.rows("reference.period") if p["cadence"] == "quarterly" and p["start_on"] <= DAY]
    in_quarter = {}
    for key, rows in reports.items():
        for quarter in quarters:
            if best := latest(rows, quarter["end_on"]):
                in_quarter[key, quarter["period"]] = (best, quarter)
    assert len(by_quarter) == len(in_quarter)
    tally: Counter[tuple[str, str, str, str]] = Counter()
    for row in by_quarter:
        best, quarter = in_quarter[row["task_key"], row["period"]]
        view_on = min(quarter["end_on"], DAY)
        status = status_on(best, view_on)
        is_due = best["due_on"] is not None and quarter["start_on"] <= best["due_on"] <= quarter["end_on"]
        assert row["submission"] == best["submission"]
        assert (row["status"], row["view_on"], row["is_due_in_quarter"]) == (status, view_on, is_due)
        assert row["days_overdue"] == days_overdue(best, view_on)
        place = (row["province"], row["period"], row["lead"])
        is_open = best["state"] in ("chua_thuc_hien", "dang_thuc_hien")
        tally.update(
            {
                (*place, "task_count"): 1,
                (*place, status): 1,
                (*place, "done_count"): best["state"] == "da_hoan_thanh",
                (*place, "in_progress_count"): best["state"] in ("dang_thuc_hien", "thuong_xuyen"),
                (*place, "not_started_count"): best["state"] == "chua_thuc_hien",
                (*place, "overdue_count"): is_open and status.endswith("qua_han"),
                (*place, "due_count"): is_due,
                (*place, "due_done_count"): is_due and best["state"] == "da_hoan_thanh",
            }
        )
    for row in counts:
        for column in row.keys() - {"province", "period", "lead"}:
            if column in ("recurring_count", "due_in_progress_count", "due_not_started_count"):
                continue
            assert row[column] == tally[row["province"], row["period"], row["lead"], column], (row, column)
        assert row["recurring_count"] == row["thuong_xuyen"]
        assert row["due_count"] == row["due_done_count"] + row["due_in_progress_count"] + row["due_not_started_count"]
    assert sum(row["task_count"] for row in counts) == len(by_quarter)


def nghe_an_81() -> World:
    """The list of 24/06/2025: 8 tasks due on 30/06 of which 3 done, 3 recurring, 3 not started, the rest under way."""
    world = made_up.empty(date(2026, 9, 1))
    states = ["da_hoan_thanh"] * 3 + ["dang_thuc_hien"] * 72 + ["thuong_xuyen"] * 3 + ["chua_thuc_hien"] * 3
    for number, state in enumerate(states):
        due_on = date(2025, 6, 30) if number < 8 else date(2025, 12, 31)
        world.add(
            "task_report",
            submission="1",
            org_unit="40",
            task_key=f"40|CT2025-{number}",
            lead="40.KHCN" if number < 70 else "",
            state=state,
            due_on=None if state == "thuong_xuyen" else due_on,
            period="2025-Q2",
            as_of=date(2025, 6, 24),
        )
    return world


def test_headline_of_nghe_an_in_the_second_quarter_of_2025() -> None:
    (rows,) = marts(nghe_an_81(), "task_status")
    second = [row for row in rows if (row["province"], row["period"]) == ("40", "2025-Q2")]
    headline = {c: sum(row[c] for row in second) for c in second[0] if c.endswith(("_count", "_han", "_xuyen"))}
    assert headline["task_count"] == 81
    assert (headline["done_count"], headline["in_progress_count"], headline["not_started_count"]) == (3, 75, 3)
    assert (headline["recurring_count"], headline["overdue_count"]) == (3, 0)
    assert (headline["due_count"], headline["due_done_count"], headline["due_in_progress_count"]) == (8, 3, 5)
    assert headline["da_hoan_thanh_dung_han"] == 3


def test_a_silent_unit_goes_overdue() -> None:
    rows, counts = marts(nghe_an_81(), "task", "task_status")
    assert Counter(row["status"] for row in rows)["dang_thuc_hien_qua_han"] == 72
    overdue = Counter[str]()
    for row in counts:
        overdue[row["period"]] += row["overdue_count"]
    assert overdue == {"2025-Q2": 0, "2025-Q3": 5, "2025-Q4": 5, "2026-Q1": 75, "2026-Q2": 75, "2026-Q3": 75}


def test_among_equal_as_of_dates_the_leads_own_report_counts() -> None:
    world = made_up.empty(DAY)
    for submission, sender in (("1", "38.NV"), ("2", "38.KHCN")):
        world.add("task_report", submission=submission, org_unit=sender, lead="38.NV", task_key="k")
    (rows,) = marts(world, "task")
    assert [(row["sender"], row["report_count"]) for row in rows] == [("38.NV", 2)]
