"""mart.figure against a boring re-computation, and against figures worked out by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from tests.marts import world as made_up
from tests.marts.world import Row, World

DAY = date(2026, 10, 5)
COMPARED = (
    "numerator", "denominator", "value", "value_to", "qualifier", "status", "as_of", "part_count_found",
    "part_count_expected", "is_derived", "is_percent_only", "submission", "form", "cell",
)  # fmt: skip


def own_figures(world: World) -> dict[tuple[str, str, str], Row]:
    """One row per indicator × unit × period: empty cells last, then the form's rank, then the later submission."""
    indicators, forms = world.by("reference.indicator", "indicator"), world.by("reference.form", "form")
    leads = {(row["form"], row["indicator"]) for row in world.rows("reference.form_lead")}
    rivals: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in world.rows("core.observation"):
        if row["is_current"]:
            rivals[row["indicator"], row["org_unit"], row["period"]].append(row)
    figures = {}
    for key, rows in rivals.items():
        best = rows[0]
        for row in rows[1:]:
            if _weight(row, forms, leads) > _weight(best, forms, leads):
                best = row
        figures[key] = _own(best, indicators[key[0]])
    return figures


def _weight(row: Row, forms: dict[str, Row], leads: set[tuple[str, str]]) -> tuple[bool, int, str]:
    rank = -1 if (row["form"], row["indicator"]) in leads else forms[row["form"]]["rank"]
    return row["status"] != "not_reported", -rank, row["submission"]


def _own(row: Row, indicator: Row) -> Row:
    numerator, denominator, value = row["numerator"], row["denominator"], row["value"]
    is_ratio = indicator["kind"] == "ratio"
    if row["status"] != "reported":
        value = None
    elif not is_ratio:
        numerator = value = numerator if numerator is not None else value
    elif numerator is not None and denominator is not None:
        value = indicator["factor"] * numerator / denominator if denominator else None
    is_complete = numerator is not None and (denominator is not None or not is_ratio)
    return {
        **row,
        "numerator": numerator,
        "value": value,
        "part_count_found": None,
        "part_count_expected": None,
        "is_derived": False,
        "is_percent_only": row["status"] == "reported" and is_ratio and value is not None and not _both(row),
        "is_summed": row["status"] == "reported" and is_complete,
    }


def _both(row: Row) -> bool:
    return row["numerator"] is not None and row["denominator"] is not None


def all_figures(world: World) -> dict[tuple[str, str, str], Row]:
    own = own_figures(world)
    parts: dict[str, list[str]] = defaultdict(list)
    for row in world.rows("reference.period_part"):
        parts[row["period"]].append(row["part"])
    ends = {row["period"]: row["position"] for row in world.rows("reference.period")}
    indicators = world.by("reference.indicator", "indicator")
    figures = dict(own)
    for indicator, org_unit in {key[:2] for key in own}:
        for period, part_list in parts.items():
            kept = own.get((indicator, org_unit, period))
            if kept and kept["status"] != "not_reported":
                continue
            leaves = [(part, leaf) for part in part_list for leaf in _leaves(own, indicator, org_unit, part, parts)]
            if leaves:
                leaves.sort(key=lambda pair: ends[pair[1]["period"]])
                derived = _derived(indicators[indicator], leaves, len(part_list))
                if kept is None or derived["status"] != "not_reported":
                    figures[indicator, org_unit, period] = derived
    return figures


def _leaves(
    own: dict[tuple[str, str, str], Row], indicator: str, org_unit: str, part: str, parts: dict[str, list[str]]
) -> list[Row]:
    itself = own.get((indicator, org_unit, part))
    below = [own[indicator, org_unit, p] for p in parts.get(part, []) if (indicator, org_unit, p) in own]
    if itself and itself["status"] != "not_reported":
        return [itself]
    return below + ([itself] if itself else [])


def _derived(indicator: Row, leaves: list[tuple[str, Row]], part_count: int) -> Row:
    given = [(part, leaf) for part, leaf in leaves if leaf["status"] != "not_reported"]
    last = (given or leaves)[-1][1]
    common = {"part_count_expected": part_count, "is_derived": True}
    if indicator["value_type"] != "in_period" or indicator["kind"] == "score":
        return {**last, **common, "part_count_found": len({part for part, _ in given})}
    summed = [leaf for _, leaf in leaves if leaf["is_summed"]]
    statuses = {leaf["status"] for _, leaf in leaves}
    numerator = sum(leaf["numerator"] for leaf in summed) if summed else None
    denominators = [leaf["denominator"] for leaf in summed]
    denominator = sum(denominators) if summed and None not in denominators else None
    qualifier = _sum_qualifier({leaf["qualifier"] for leaf in summed})
    value_to = None
    if indicator["kind"] == "ratio":
        value = indicator["factor"] * numerator / denominator if denominator else None
        qualifier = "approx" if qualifier == "range" else qualifier
    else:
        value = numerator
        if qualifier == "range":
            value_to = sum(leaf["value"] if leaf["value_to"] is None else leaf["value_to"] for leaf in summed)
    found = {part for part, leaf in leaves if leaf["is_summed"] or leaf["status"] in ("no_activity", "not_applicable")}
    order = ("reported", "no_activity", "not_applicable", "not_reported")
    return {
        **last,
        **common,
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "value_to": value_to,
        "qualifier": qualifier,
        "status": next(status for status in order if status in statuses),
        "as_of": max(leaf["as_of"] for _, leaf in given) if given else last["as_of"],
        "part_count_found": len(found),
        "is_percent_only": any(leaf["is_percent_only"] for _, leaf in leaves),
    }


def _sum_qualifier(qualifiers: set[str]) -> str:
    inexact = qualifiers - {""}
    if not inexact:
        return ""
    if inexact <= {"gt", "ge"}:
        return "gt" if "gt" in inexact else "ge"
    if inexact <= {"lt", "le"}:
        return "lt" if "lt" in inexact else "le"
    return "range" if inexact == {"range"} else "approx"


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_the_recomputation(seed: int) -> None:
    world = made_up.random_figures(made_up.empty(DAY, communes=2), seed, share=0.3 + 0.15 * seed)
    rows = made_up.mart(world, "figure")
    expected = all_figures(world)
    found = {(row["indicator"], row["org_unit"], row["period"]): row for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == expected.keys()
    for key, row in found.items():
        for column in COMPARED:
            assert _same(row[column], expected[key][column]), (key, column, row, expected[key])


def _same(one: Any, other: Any) -> bool:
    return one == (pytest.approx(other) if isinstance(other, float) else other)


def figure(world: World, period: str) -> Row:
    (row,) = [row for row in made_up.mart(world, "figure") if row["period"] == period]
    return row


def test_months_of_a_ratio_add_up_by_numerator_and_denominator() -> None:
    world = made_up.empty(DAY)
    for month, (numerator, denominator) in {"2026-01": (1, 10), "2026-02": (90, 90)}.items():
        world.add(
            "observation",
            indicator="VB01",
            org_unit="38.NV",
            period=month,
            numerator=numerator,
            denominator=denominator,
        )
    row = figure(world, "2026-Q1")
    assert (row["numerator"], row["denominator"], row["value"]) == (91, 100, 91)
    assert (row["part_count_found"], row["part_count_expected"]) == (2, 3)
    assert figure(world, "2026-H1")["value"] == 91


def test_of_a_snapshot_the_last_month_counts_and_a_blank_one_does_not() -> None:
    world = made_up.empty(DAY)
    world.add("observation", indicator="VB04", org_unit="38.NV", period="2026-01", numerator=1, denominator=4)
    world.add(
        "observation", indicator="VB04", org_unit="38.NV", period="2026-02", numerator=3, denominator=4, cell="E9"
    )
    world.add("observation", indicator="VB04", org_unit="38.NV", period="2026-03", status="not_reported")
    row = figure(world, "2026-Q1")
    assert (row["value"], row["cell"], row["part_count_found"]) == (75, "E9", 2)


def test_a_percentage_alone_is_a_missing_part() -> None:
    world = made_up.empty(DAY)
    world.add("observation", indicator="VB01", org_unit="38.NV", period="2026-01", numerator=1, denominator=4)
    world.add("observation", indicator="VB01", org_unit="38.NV", period="2026-02", value=90.0, qualifier="gt")
    row = figure(world, "2026-Q1")
    assert (row["value"], row["part_count_found"], row["is_percent_only"]) == (25, 1, True)


def test_weeks_never_add_up() -> None:
    world = made_up.empty(DAY)
    world.add("observation", indicator="VB01", org_unit="38.NV", period="2026-W05", numerator=1, denominator=4)
    assert [row["period"] for row in made_up.mart(world, "figure")] == ["2026-W05"]


def test_the_lead_form_beats_the_better_rank_only_for_its_indicators() -> None:
    world = made_up.empty(DAY)
    for indicator in ("DL01", "VB01"):
        for form, numerator in (("bm01_indicators", 1), ("bm03_by_unit", 2)):
            world.add(
                "observation",
                form=form,
                indicator=indicator,
                org_unit="38001",
                period="2026-Q2",
                numerator=numerator,
                denominator=4,
            )
    values = {row["indicator"]: row["form"] for row in made_up.mart(world, "figure") if row["period"] == "2026-Q2"}
    assert values == {"DL01": "bm03_by_unit", "VB01": "bm01_indicators"}
