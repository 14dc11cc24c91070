"""mart.completeness and mart.conflict against boring re-computations."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest

from tests.marts import world as made_up
from tests.marts.world import Row

DAY = date(2026, 9, 10)


@pytest.mark.parametrize("seed", range(3))
def test_completeness_agrees_with_the_recomputation(seed: int) -> None:
    world = made_up.random_figures(made_up.empty(DAY), seed)
    rows = made_up.mart(world, "completeness")
    units, periods = world.by("reference.org_unit", "org_unit"), world.by("reference.period", "period")
    dues = {(r["form"], r["cadence"], r["period"]): r["due_on"] for r in world.rows("reference.due")}
    accepted: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for sent in world.rows("core.submission"):
        if sent["outcome"] == "accepted" and not sent["is_withdrawn"]:
            accepted[sent["form"], sent["org_unit"], sent["period"]].append(sent)
    begins: dict[str, date] = {}
    for _, org_unit, period in accepted:
        province, start = units[org_unit]["province"], periods[period]["start_on"]
        begins[province] = min(start, begins.get(province, start))
    found = {(r["form"], r["org_unit"], r["period"]): r for r in rows}
    assert len(found) == len(rows)
    wanted = set()
    for expected in world.rows("reference.expected"):
        unit = units[expected["org_unit"]]
        for period in periods.values():
            is_asked = (
                period["cadence"] == expected["cadence"]
                and period["end_on"] >= max(begins[unit["province"]], date(2025, 7, 1))
                and period["start_on"] <= DAY
                and (unit["valid_from"] is None or period["end_on"] >= unit["valid_from"])
            )
            if not is_asked:
                continue
            key = (expected["form"], expected["org_unit"], period["period"])
            wanted.add(key)
            row, due_on = found[key], dues[expected["form"], expected["cadence"], period["period"]]
            sent = accepted.get(key, [])
            first = min((s["received_at"] for s in sent), default=None)
            in_time = first is not None and (first + timedelta(hours=7)).date() <= due_on
            assert (row["due_on"], row["received_at"], row["is_received"]) == (due_on, first, bool(sent))
            assert (row["is_on_time"], row["is_late"]) == (in_time, bool(sent) and not in_time)
            assert row["is_due"] == (due_on < DAY)
            assert row["submission"] == max((s["submission"] for s in sent), default="")
            asked = {
                r["indicator"]
                for r in world.rows("reference.expected_indicator")
                if (r["form"], r["org_unit"]) == key[:2]
            }
            filled = {
                o["indicator"]
                for o in world.rows("core.observation")
                if (o["form"], o["org_unit"], o["period"]) == key and o["is_current"] and o["status"] != "not_reported"
            }
            assert row["cells_expected"] == (len(asked) or None)
            assert row["cells_filled"] == (len(asked & filled) if asked else None)
    assert found.keys() == wanted


@pytest.mark.parametrize(
    ("received_at", "is_on_time"),
    [("2026-06-16T16:59:00", True), ("2026-06-16T17:00:00", False)],
)
def test_the_due_day_ends_at_midnight_in_viet_nam(received_at: str, is_on_time: bool) -> None:
    world = made_up.empty(DAY)
    world.add(
        "submission",
        submission="1",
        org_unit="38001",
        period="2026-Q2",
        received_at=datetime.fromisoformat(received_at),
    )
    (row,) = [r for r in made_up.mart(world, "completeness") if r["is_received"]]
    assert (row["is_on_time"], row["is_late"]) == (is_on_time, not is_on_time)


def test_a_rejected_submission_is_counted_but_not_received() -> None:
    world = made_up.empty(DAY)
    world.add("submission", submission="1", org_unit="38001", period="2026-Q1")
    world.add("submission", submission="2", org_unit="38001", period="2026-Q2", outcome="rejected", is_current=False)
    rows = {(r["org_unit"], r["period"]): r for r in made_up.mart(world, "completeness")}
    row = rows["38001", "2026-Q2"]
    assert (row["is_received"], row["rejected_count"], row["is_due"]) == (False, 1, True)


@pytest.mark.parametrize("seed", range(3))
def test_conflicts_agree_with_the_recomputation(seed: int) -> None:
    world = made_up.random_figures(made_up.empty(DAY), seed, share=0.6)
    rows = made_up.mart(world, "conflict")
    sent: dict[tuple[str, str, str], dict[str, Row]] = defaultdict(dict)
    for row in world.rows("core.observation"):
        if row["is_current"] and row["status"] != "not_reported":
            sent[row["indicator"], row["org_unit"], row["period"]][row["form"]] = row
    wanted = {}
    for key, forms in sent.items():
        if len(forms) == 2:
            one, other = forms["bm01_indicators"], forms["bm03_by_unit"]
            if key[0] == "DL01":
                one, other = other, one
            plain = ("status", "qualifier", "value", "value_to")
            counts = [(one[c], other[c]) for c in ("numerator", "denominator")]
            if any(one[c] != other[c] for c in plain) or any(
                a is not None and b is not None and a != b for a, b in counts
            ):
                wanted[key] = (one["submission"], other["submission"])
    found = {(r["indicator"], r["org_unit"], r["period"]): (r["submission"], r["other_submission"]) for r in rows}
    assert len(found) == len(rows)
    assert wanted
    assert found == wanted
