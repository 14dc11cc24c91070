"""Merged communes: what the old ones gave adds up to today's, against sums by hand and figure by figure."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from etl import periods
from etl.archive import Archive
from etl.build import build
from etl.model import Observation, Qualifier, Status, Submission
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from sql import queries, warehouse
from sql.queries import Scope
from tests import made

Row = dict[str, Any]
Key = tuple[str, str, str]

# Of every kind: in-period ratios, a snapshot, a cumulative one, a count, a quantity, a score.
INDICATORS = ("VB01", "VB04", "XH03", "HT01", "HT03", "DVC12", "DVC05")
WHOLE = ("VB01", "VB04")  # these every old unit gives in full for 2025-Q1
MERGED_ON = date(2025, 7, 1)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture(scope="module")
def scope(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Scope:
    """Every old commune before the merger, every commune of today after it, some with a year of its own."""
    settings = Settings(live=tmp_path_factory.mktemp("live"))
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    archive = Archive(settings.archive)
    chance = random.Random(20250701)
    sent: list[tuple[str, str]] = []
    for old in {step.old_org_unit: None for step in reference.successions}:
        sent += [(old, "2025-Q1"), *((old, period) for period in ("2025-04", "2025-06") if chance.random() < 0.4)]
    for new in {step.new_org_unit: None for step in reference.successions}:
        sent += [(new, period) for period in ("2025-Q3", "2025-Q4") if chance.random() < 0.7]
        sent += [(new, "2025")] if chance.random() < 0.2 else []
    with patch("os.fsync"):  # nothing here is to outlive the test
        for number, (unit, period) in enumerate(sent):
            rows = tuple(
                _figure(chance, reference, indicator, unit, is_whole=indicator in WHOLE and period == "2025-Q1")
                for indicator in INDICATORS
                if chance.random() < 0.6 or (indicator in WHOLE and period == "2025-Q1")
            )
            content = Submission("bm01_indicators", unit, period, periods.period_dates(period)[1], "Biểu 01", rows)
            at = made.RECEIVED + timedelta(milliseconds=number)
            archive.record(made.receipt(content, received_at=at, file=f"{number:012x}{number:052x}"))
        path = build(settings, reference, day=date(2026, 6, 30))
    return Scope.all(path)


def _figure(chance: random.Random, reference: Reference, indicator: str, unit: str, is_whole: bool) -> Observation:
    denominator = float(chance.randint(1, 400))
    numerator = float(chance.randint(0, int(denominator)))
    row = made.observation(indicator, unit, numerator, denominator)
    is_ratio = reference.indicators[indicator].kind == "ratio"
    if not is_ratio:
        row = replace(row, denominator=None, value=numerator)
    draw = 1.0 if is_whole else chance.random()
    if draw < 0.1:
        return replace(row, numerator=None, denominator=None, value=None, status=Status.NOT_REPORTED)
    if draw < 0.2:
        return replace(row, numerator=None, denominator=None, value=None, status=Status.NO_ACTIVITY)
    if draw < 0.3:
        return replace(row, numerator=None if is_ratio else numerator, denominator=None)
    if draw < 0.4:
        return replace(row, qualifier=chance.choice([Qualifier.GE, Qualifier.LT, Qualifier.APPROX]))
    return row


def figures(scope: Scope) -> dict[Key, Row]:
    rows = warehouse.query(scope.warehouse, "select * from mart.figure").to_dicts()
    return {(row["indicator"], row["org_unit"], row["period"]): row for row in rows}


def today(scope: Scope) -> dict[Key, Row]:
    rows = warehouse.query(scope.warehouse, "select * from mart.figure_today").to_dicts()
    return {(row["indicator"], row["org_unit"], row["period"]): row for row in rows}


def wholes_and_parts(reference: Reference) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Unit of today → the old ones that went into it whole, and those of which it took a part."""
    whole: dict[str, list[str]] = defaultdict(list)
    part: dict[str, list[str]] = defaultdict(list)
    for step in reference.successions:
        (whole if step.share_kind == "whole" else part)[step.new_org_unit].append(step.old_org_unit)
    return whole, part


@pytest.mark.parametrize("indicator", WHOLE)
def test_nghe_an_adds_up_exactly_and_thanh_hoa_all_but_what_was_split(
    scope: Scope, reference: Reference, indicator: str
) -> None:
    reported, merged = figures(scope), today(scope)
    split = {step.old_org_unit for step in reference.successions if step.share_kind == "part"}
    assert {reference.province_of(old) for old in split} == {"38"}
    for province in ("38", "40"):
        olds = {
            step.old_org_unit for step in reference.successions if reference.province_of(step.old_org_unit) == province
        }
        assert len(olds) == {"38": 547, "40": 412}[province]
        for number in ("numerator", "denominator"):
            before = sum(reported[indicator, old, "2025-Q1"][number] for old in olds - split)
            after = sum(
                row[number]
                for (code, unit, period), row in merged.items()
                if code == indicator and period == "2025-Q1" and row["province"] == province and row[number] is not None
            )
            assert before == after > 0
    listed = {
        row["org_unit"]
        for unit in {step.new_org_unit for step in reference.successions if step.old_org_unit in split}
        for row in queries.predecessors(scope, org_unit=unit, indicator=indicator, period="2025-Q1").to_dicts()
        if row["share_kind"] == "part"
        and row["numerator"] == reported[indicator, row["org_unit"], "2025-Q1"]["numerator"]
    }
    assert listed == split
    assert len(split) == 10


def test_every_figure_of_today_is_the_sum_of_its_predecessors(scope: Scope, reference: Reference) -> None:
    reported, merged = figures(scope), today(scope)
    whole, part = wholes_and_parts(reference)
    ends = {row["period"]: periods.period_dates(row["period"]) for row in reported.values()}
    wanted: dict[Key, Row] = {}
    for unit in sorted(whole.keys() | part.keys()):
        for indicator in INDICATORS:
            for period, (start_on, end_on) in ends.items():
                if start_on < MERGED_ON:
                    row = _by_hand(reported, reference, (indicator, unit, period), whole[unit], part[unit], end_on)
                    if row:
                        wanted[indicator, unit, period] = row
    assert merged.keys() == wanted.keys()
    for key, row in wanted.items():
        got = {name: merged[key][name] for name in row}
        assert got == pytest.approx(row, nan_ok=True), key


def _by_hand(
    reported: dict[Key, Row], reference: Reference, key: Key, wholes: list[str], parts: list[str], end_on: date
) -> Row | None:
    indicator, _, period = key
    definition = reference.indicators[indicator]
    is_ratio = definition.kind == "ratio"
    is_added = definition.value_type == "in_period" and definition.kind != "score"
    own = reported.get(key)
    own_given = own is not None and own["status"] != "not_reported"
    crosses = end_on >= MERGED_ON
    if own_given and not (own["is_derived"] and crosses and is_added):  # type: ignore[index]
        return None

    def given(old: str) -> Row | None:
        row = reported.get((indicator, old, period))
        return row if row and row["status"] != "not_reported" else None

    rows = [row for old in wholes if (row := given(old))]
    split = [row for old in parts if (row := given(old))]
    if not rows and not split:
        return None
    before = len(rows)
    if own_given and own is not None:
        rows = [*rows, own]
    numbers = [
        row
        for row in rows
        if row["status"] == "reported"
        and definition.kind != "score"
        and row["numerator"] is not None
        and (row["denominator"] is not None or not is_ratio)
    ]
    numerator = sum(row["numerator"] for row in numbers) if numbers else None
    denominators = [row["denominator"] for row in numbers]
    denominator = sum(denominators) if numbers and None not in denominators else None
    statuses = {row["status"] for row in rows}
    value = numerator
    if is_ratio:
        value = definition.factor * numerator / denominator if numerator is not None and denominator else None
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "status": next((s for s in ("reported", "no_activity", "not_applicable") if s in statuses), "not_reported"),
        "unit_count_expected": len(wholes),
        "unit_count_reported": before,
        "unit_count_summed": len(numbers) - (own is not None and own_given and any(row is own for row in numbers)),
        "part_unit_count": len(parts),
        "part_reported_count": len(split),
        "as_of": max((row["as_of"] for row in [*rows, *split] if row["as_of"]), default=None),
    }


def test_a_ratio_is_never_averaged_and_a_score_never_added(scope: Scope, reference: Reference) -> None:
    for (indicator, _, _), row in today(scope).items():
        definition = reference.indicators[indicator]
        if definition.kind == "score":
            assert row["value"] is None
        elif definition.kind == "ratio" and row["value"] is not None:
            assert row["value"] == pytest.approx(definition.factor * row["numerator"] / row["denominator"])


def test_a_year_holds_the_time_before_and_after_the_merger(scope: Scope, reference: Reference) -> None:
    merged, reported = today(scope), figures(scope)
    whole, _ = wholes_and_parts(reference)
    unit, own = next(
        (unit, row)
        for (indicator, unit, period), row in reported.items()
        if indicator == "VB01"
        and period == "2025"
        and row["is_derived"]
        and row["numerator"] is not None
        and whole.get(unit)
    )
    before = sum(
        row["numerator"] or 0
        for old in whole[unit]
        if (row := reported.get(("VB01", old, "2025"))) and row["denominator"] is not None
    )
    assert merged["VB01", unit, "2025"]["numerator"] == own["numerator"] + before
    assert before > 0


def test_one_unit_within_todays_boundaries_or_as_reported(scope: Scope, reference: Reference) -> None:
    whole, part = wholes_and_parts(reference)
    unit = next(code for code in part if whole[code])
    given = {"province": "38", "indicator": "VB01", "org_unit": unit}
    now = queries.progress_boundaries(scope, **given, boundaries="today").to_dicts()
    assert {row["org_unit"] for row in now} == {unit}
    assert [row["period"] for row in now] == sorted({row["period"] for row in now})
    (before,) = (row for row in now if row["period"] == "2025-Q1")
    assert before["is_added_up"]
    assert (before["unit_count_summed"], before["part_reported_count"]) == (len(whole[unit]), len(part[unit]))
    assert not any(row["is_added_up"] for row in now if row["start_on"] >= MERGED_ON)

    sent = queries.progress_boundaries(scope, **given, boundaries="as_reported").to_dicts()
    assert not any(row["is_added_up"] for row in sent)
    first = {row["org_unit"]: row for row in sent if row["period"] == "2025-Q1"}
    assert first.keys() == {*whole[unit], *part[unit]}
    assert {code for code, row in first.items() if row["share_kind"] == "part"} == set(part[unit])
    assert sum(first[old]["numerator"] for old in whole[unit]) == before["numerator"]


@pytest.mark.parametrize("province", ["38", "40"])
def test_the_province_is_whole_on_both_sides_of_the_merger(scope: Scope, reference: Reference, province: str) -> None:
    reported = figures(scope)
    olds = {step.old_org_unit for step in reference.successions if reference.province_of(step.old_org_unit) == province}
    rows = queries.rollup_boundaries(scope, province=province, indicator="VB01").to_dicts()
    assert {row["unit_group"] for row in rows} == {"commune"}
    first = next(row for row in rows if row["period"] == "2025-Q1")
    assert first["numerator"] == sum(reported["VB01", old, "2025-Q1"]["numerator"] for old in olds)
    assert first["unit_count_summed"] == len(olds)
    apart = queries.rollup_boundaries(scope, province=province, indicator="VB01", boundaries="as_reported").to_dicts()
    assert {row["unit_group"]: row["period"] < "2025-Q3" for row in apart} == {"old": True, "commune": False}
    assert sum(row["numerator"] or 0 for row in apart) == sum(row["numerator"] or 0 for row in rows)


def test_no_unit_goes_whole_into_two(tmp_path: Path) -> None:
    from etl.errors import WrongReference

    copy = tmp_path / "reference"
    shutil.copytree(REPOSITORY / "data" / "reference", copy)
    with (copy / "succession.csv").open("a", encoding="utf-8") as stream:
        stream.write("old.14755,Phường Hàm Rồng,old_phuong,Thành phố Thanh Hóa,14797,whole\n")
    with pytest.raises(WrongReference, match=r"succession\.csv:\d+: unit 'old\.14755' cannot go whole"):
        load_reference(copy)
