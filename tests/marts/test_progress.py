"""mart.progress and mart.rollup against boring re-computations from the figures of the quarters."""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.marts import world as made_up
from tests.marts.world import Row, World

DAY = date(2026, 9, 10)  # before the due day of 2026-Q3, after that of 2026-08
Key = tuple[str, str, str]


def marts(world: World, *names: str) -> tuple[list[Row], ...]:
    with duckdb.connect(":memory:") as connection:
        made_up.write(world, connection)
        return tuple(connection.sql(f"select * from mart.{name}").pl().to_dicts() for name in names)


def quarter_before(period: str) -> str:
    year, quarter = int(period[:4]), int(period[-1])
    return f"{year - 1}-Q4" if quarter == 1 else f"{year}-Q{quarter - 1}"


def expected_rows(world: World) -> dict[Key, date]:
    """What is expected of whom in which quarter, with the due day."""
    units, periods = world.by("reference.org_unit", "org_unit"), world.by("reference.period", "period")
    starts: dict[str, date] = {}
    for sent in world.rows("core.submission"):
        if sent["outcome"] == "accepted" and not sent["is_withdrawn"]:
            province = units[sent["org_unit"]]["province"]
            start = periods[sent["period"]]["start_on"]
            starts[province] = min(start, starts.get(province, start))
    dues = {(r["form"], r["cadence"], r["period"]): r["due_on"] for r in world.rows("reference.due")}
    last_month = {
        r["period"]: r["part"] for r in world.rows("reference.period_part") if r["part_no"] == r["part_count"]
    }
    expected: dict[Key, date] = {}
    for row in world.rows("reference.expected_indicator"):
        unit = units[row["org_unit"]]
        if unit["province"] not in starts:
            continue
        start = max(starts[unit["province"]], date(2025, 7, 1))
        for period in periods.values():
            if period["cadence"] != "quarterly" or period["end_on"] < start or period["start_on"] > world.day:
                continue
            if unit["valid_from"] and period["end_on"] < unit["valid_from"]:
                continue
            if unit["valid_to"] and period["start_on"] > unit["valid_to"]:
                continue
            due_period = last_month[period["period"]] if row["cadence"] == "monthly" else period["period"]
            key = (row["indicator"], row["org_unit"], period["period"])
            expected[key] = dues[row["form"], row["cadence"], due_period]
    return expected


def target_of(world: World, indicator: str, scopes: list[str], year: int) -> Row | None:
    """The first scope that has any target; of it this year's, else the next one's, else the last one's, else year 0."""
    for scope in scopes:
        rows = {
            r["year"]: r for r in world.rows("reference.target") if (r["indicator"], r["scope"]) == (indicator, scope)
        }
        later = [y for y in sorted(rows) if y >= year]
        earlier = [y for y in sorted(rows) if 0 < y < year]
        if rows:
            return rows[later[0] if later else earlier[-1] if earlier else 0]
    return None


def met(direction: str, row: Row, target: float | None) -> bool | None:
    """By the interval of values a qualifier allows: met if all of it meets the target, missed if none of it does."""
    if row["value"] is None or target is None or row["qualifier"] == "approx":
        return None
    low = high = row["value"]
    step = 1e-9  # an open end: just above or just below
    match row["qualifier"]:
        case "gt":
            low, high = low + step, float("inf")
        case "ge":
            high = float("inf")
        case "lt":
            low, high = float("-inf"), high - step
        case "le":
            low = float("-inf")
        case "range":
            high = row["value_to"]
    if direction == "lower":
        low, high, target = -high, -low, -target
    if low >= target:
        return True
    return False if high < target else None


def same(one: Any, other: Any) -> bool:
    return one == (pytest.approx(other, abs=1e-9) if isinstance(other, float) else other)


@pytest.mark.parametrize("seed", range(4))
def test_progress_agrees_with_the_recomputation(seed: int) -> None:
    world = made_up.random_figures(made_up.empty(DAY), seed, share=0.4)
    figures, rows = marts(world, "figure", "progress")
    quarters = {p["period"] for p in world.rows("reference.period") if p["cadence"] == "quarterly"}
    given = {(f["indicator"], f["org_unit"], f["period"]): f for f in figures if f["period"] in quarters}
    expected = expected_rows(world)
    units, indicators = world.by("reference.org_unit", "org_unit"), world.by("reference.indicator", "indicator")
    found = {(r["indicator"], r["org_unit"], r["period"]): r for r in rows}
    assert len(found) == len(rows)
    assert found.keys() == given.keys() | expected.keys()
    for key, row in found.items():
        indicator, org_unit, period = key
        unit, figure = units[org_unit], given.get(key, {"status": "not_reported", "value": None, "qualifier": ""})
        status = figure["status"]
        if status == "not_reported" and key in expected and expected[key] >= DAY:
            status = "not_due"
        scopes = [org_unit, unit["kind"], unit["unit_group"], unit["province"], ""]
        target = target_of(world, indicator, scopes, int(period[:4]))
        direction = indicators[indicator]["direction"]
        before = given.get((indicator, org_unit, quarter_before(period)))
        comparable = figure["value"] is not None and figure["qualifier"] in ("", "approx")
        previous = before["value"] if before and before["qualifier"] in ("", "approx") else None
        sign = -1 if direction == "lower" else 1
        wanted = {
            "status": status,
            "value": figure["value"],
            "is_expected": key in expected,
            "due_on": expected.get(key),
            "target": target and target["value"],
            "target_year": target and target["year"],
            "target_source": target["source_document"] if target else "",
            "gap": sign * (figure["value"] - target["value"]) if comparable and target else None,
            "is_met": met(direction, figure, target and target["value"]),
            "previous_value": previous,
            "change": figure["value"] - previous if comparable and previous is not None else None,
        }
        for column, value in wanted.items():
            assert same(row[column], value), (key, column, row[column], value)
    assert {row["status"] for row in rows} == {"reported", "not_reported", "not_applicable", "no_activity", "not_due"}


@pytest.mark.parametrize("seed", range(2))
def test_units_are_ranked_within_their_group_only(seed: int) -> None:
    world = made_up.random_figures(made_up.empty(DAY, communes=8), seed, share=0.8)
    (rows,) = marts(world, "progress")
    ranked_kinds = {kind["kind"] for kind in world.rows("reference.unit_kind") if kind["is_ranked"]}
    lower = {i["indicator"] for i in world.rows("reference.indicator") if i["direction"] == "lower"}
    races: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] in ranked_kinds and row["value"] is not None and row["qualifier"] == "":
            races[row["province"], row["unit_group"], row["indicator"], row["period"]].append(row)
        else:
            assert row["rank"] is None
    for (_, _, indicator, _), racers in races.items():
        for row in racers:
            ahead = [
                r for r in racers if (r["value"] < row["value"] if indicator in lower else r["value"] > row["value"])
            ]
            assert (row["rank"], row["ranked_count"]) == (len(ahead) + 1, len(racers))


def sum_qualifier(qualifiers: set[str]) -> str:
    inexact = qualifiers - {""}
    for family in ({"gt", "ge"}, {"lt", "le"}, {"range"}):
        if inexact and inexact <= family:
            return next((q for q in ("gt", "lt") if q in inexact), min(inexact))
    return "approx" if inexact else ""


@pytest.mark.parametrize("seed", range(4))
def test_rollup_agrees_with_the_recomputation(seed: int) -> None:
    world = made_up.random_figures(made_up.empty(DAY, communes=6), seed, share=0.4)
    progress, rows = marts(world, "progress", "rollup")
    indicators = world.by("reference.indicator", "indicator")
    groups: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in progress:
        if row["unit_group"] != "area" or row["org_unit"] == row["province"]:
            groups[row["indicator"], row["province"], row["unit_group"], row["period"]].append(row)
    found = {(r["indicator"], r["province"], r["unit_group"], r["period"]): r for r in rows}
    assert len(found) == len(rows)
    assert found.keys() == groups.keys()
    for key, row in found.items():
        kind = indicators[key[0]]["kind"]
        units = groups[key]
        reported = [u for u in units if u["status"] == "reported"]
        summed = [
            u for u in reported if u["numerator"] is not None and (u["denominator"] is not None or kind != "ratio")
        ]
        numerator = sum(u["numerator"] for u in summed) if summed else None
        denominator = sum(u["denominator"] or 0 for u in summed) if summed else None
        if key[2] == "area":
            value, method = units[0]["value"], "own"
            qualifier = units[0]["qualifier"]
        elif kind == "score":
            values = [u["value"] for u in reported if u["value"] is not None]
            value, method, qualifier = statistics.median(values) if values else None, "median", ""
        else:
            qualifier, method = sum_qualifier({u["qualifier"] for u in summed}), "sum"
            qualifier = "approx" if kind == "ratio" and qualifier == "range" else qualifier
            value = numerator
            if kind == "ratio":
                value = indicators[key[0]]["factor"] * numerator / denominator if denominator else None
        in_scope = [
            u for u in units if u["is_expected"] or u["status"] in ("reported", "no_activity", "not_applicable")
        ]
        wanted = {
            "value": value,
            "method": method,
            "qualifier": qualifier,
            "unit_count_reported": len(reported),
            "unit_count_summed": len(summed),
            "unit_count_no_activity": sum(u["status"] == "no_activity" for u in units),
            "unit_count_not_applicable": sum(u["status"] == "not_applicable" for u in units),
            "unit_count_expected": 1 if key[2] == "area" else len(in_scope),
            "percent_only_count": sum(u["is_percent_only"] and u not in summed for u in units),
            "met_count": sum(u["is_met"] is True for u in units),
            "missed_count": sum(u["is_met"] is False for u in units),
        }
        if key[2] != "area":
            target = target_of(world, key[0], [key[2], key[1], ""], int(key[3][:4]))
            wanted["target"] = target and target["value"]
            wanted["as_of_min"] = min((u["as_of"] for u in reported), default=None)
            wanted["as_of_max"] = max((u["as_of"] for u in reported), default=None)
        before = found.get((*key[:3], quarter_before(key[3])))
        wanted["previous_value"] = before["value"] if before and before["qualifier"] in ("", "approx") else None
        for column, expected in wanted.items():
            assert same(row[column], expected), (key, column, row[column], expected)


def test_ratios_are_summed_never_averaged() -> None:
    world = made_up.empty(DAY)
    for org_unit, numerator, denominator in (("38001", 1, 1), ("38002", 0, 99)):
        world.add(
            "observation",
            indicator="XH03",
            org_unit=org_unit,
            period="2026-Q2",
            numerator=numerator,
            denominator=denominator,
        )
    (rows,) = marts(world, "rollup")
    (row,) = [r for r in rows if r["period"] == "2026-Q2"]
    assert (row["unit_group"], row["numerator"], row["denominator"], row["value"]) == ("commune", 1, 100, 1)


def test_a_province_has_its_own_report_beside_the_roll_up() -> None:
    world = made_up.empty(DAY)
    for org_unit, numerator in (("40", 30), ("40001", 1)):
        world.add(
            "observation", indicator="VB01", org_unit=org_unit, period="2026-Q2", numerator=numerator, denominator=40
        )
    (rows,) = marts(world, "rollup")
    assert {r["unit_group"]: (r["method"], r["value"]) for r in rows if r["period"] == "2026-Q2"} == {
        "area": ("own", 75),
        "commune": ("sum", 2.5),
    }


def test_nothing_is_expected_before_a_province_sent_anything() -> None:
    world = made_up.empty(DAY)
    assert marts(world, "progress") == ([],)
    world.add("submission", submission="1", org_unit="38.NV", period="2026-06")
    (rows,) = marts(world, "progress")
    assert {(r["province"], r["period"], r["status"]) for r in rows} == {
        ("38", "2026-Q2", "not_reported"),
        ("38", "2026-Q3", "not_due"),
    }
