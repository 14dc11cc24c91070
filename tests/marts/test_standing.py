"""How a figure stands: classes of the gap, the median of like units, small denominators, the planned path."""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.marts import world as made_up
from tests.marts.world import World

DAY = date(2026, 8, 15)
Row = dict[str, Any]


def marts(world: World, *names: str) -> list[list[Row]]:
    with duckdb.connect(":memory:") as connection:
        made_up.write(world, connection)
        return [connection.sql(f"select * from mart.{name}").pl().to_dicts() for name in names]


def number_of(period: str) -> int:
    return int(period[:4]) * 4 + int(period[-1])


def relative(value: float, other: float, indicator: Row) -> float:
    gap = other - value if indicator["direction"] == "lower" else value - other
    if indicator["measure_unit"] == "%":
        return gap
    return 100 * gap / abs(other) if other else 100.0 * ((gap > 0) - (gap < 0))


@pytest.mark.parametrize("seed", range(2))
def test_standing_class_median_and_smallness_agree_with_the_recomputation(seed: int) -> None:
    world = made_up.random_figures(made_up.empty(DAY), seed, share=0.4)
    (rows,) = marts(world, "progress")
    indicators, bands = world.by("reference.indicator", "indicator"), world.by("reference.band", "indicator")
    like: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in rows:
        if row["rank"] is not None:
            like[row["province"], row["unit_group"], row["indicator"], row["period"]].append(row["value"])
    seen = set()
    for row in rows:
        indicator, band = indicators[row["indicator"]], bands[row["indicator"]]
        limits = (0, -band["attention"], -band["behind"], -band["far_behind"])
        exact = row["value"] is not None and row["qualifier"] in ("", "approx")
        gap = relative(row["value"], row["target"], indicator) if exact and row["target"] is not None else None
        assert row["gap_class"] == (None if gap is None else sum(gap < limit for limit in limits))
        if row["status"] != "reported":
            standing = row["status"]
        elif row["value"] is None:
            standing = "no_value"
        elif row["is_met"] is None:
            standing = "no_target"
        else:
            near = gap is not None and gap >= -band["attention"]
            standing = "met" if row["is_met"] else "attention" if near else "behind"
        assert row["standing"] == standing
        seen.add(standing)
        values = like[row["province"], row["unit_group"], row["indicator"], row["period"]]
        median = statistics.median(values) if values else None
        assert row["median_value"] == (pytest.approx(median) if values else None)
        if exact and median is not None:
            beside = relative(row["value"], median, indicator)
            if abs(abs(beside) - band["attention"]) > 1e-9:
                around = abs(beside) < band["attention"]
                assert row["median_standing"] == ("around" if around else "above" if beside > 0 else "below")
        is_ratio = indicator["kind"] == "ratio"
        small = is_ratio and row["denominator"] is not None and row["denominator"] < band["least_denominator"]
        assert row["is_small"] == small
    assert {"met", "attention", "behind", "no_target", "not_reported"} <= seen


def test_a_path_is_straight_between_its_points_and_on_to_the_targets() -> None:
    world = made_up.empty(DAY)
    for unit, numerator, denominator in (("38001", 10, 40), ("38002", 20, 20), ("38.NV", 1, 2)):
        world.add(
            "observation", indicator="VB04", org_unit=unit, period="2025-Q3", numerator=numerator,
            denominator=denominator,
        )  # fmt: skip
    (plan,) = marts(world, "plan")
    paths: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for row in plan:
        paths[row["province"], row["unit_group"], row["indicator"], row["scope"]][row["period"]] = row["value"]
    # From what communes had reached together, 30/60, to the point given, to the targets of 2026 (45) and 2027 (40).
    communes = paths["38", "commune", "VB04", ""]
    assert communes["2025-Q3"] == 50
    assert communes["2025-Q4"] == 47
    assert [communes[f"2026-Q{quarter}"] for quarter in (1, 4)] == [44, 45]
    assert communes["2026-Q2"] == pytest.approx(44 + 1 / 3)
    assert communes["2027-Q2"] == 42.5
    assert max(communes, key=number_of) == "2027-Q4"
    assert paths["38", "department", "VB04", ""]["2025-Q3"] == 50
    # Nobody had reported in the other province: its path begins with the point given.
    assert min(paths["40", "commune", "VB04", ""]) == "2026-Q1"
    # A lower target leads down; a target without a year leads nowhere.
    assert paths["38", "commune", "DVC05", ""]["2026-Q1"] == 25
    assert paths["38", "commune", "DVC05", ""]["2027-Q4"] == 5


def test_a_unit_follows_its_own_path_before_that_of_its_group() -> None:
    world = made_up.empty(DAY)
    for unit in ("38.KHCN", "38.NV", "38001"):
        world.add("observation", indicator="VB01", org_unit=unit, period="2026-Q4", numerator=30, denominator=50)
    progress, rollup = marts(world, "progress", "rollup")
    planned = {row["org_unit"]: row["planned_value"] for row in progress if row["period"] == "2026-Q4"}
    assert planned == {"38.KHCN": 60, "38.NV": None, "38001": 58}  # 50 + 4/20 of the way to 90
    together = {row["unit_group"]: row["planned_value"] for row in rollup if row["period"] == "2026-Q4"}
    assert together == {"department": None, "commune": 58}
