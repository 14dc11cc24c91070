"""mart.quality against a boring re-computation, and single rules by hand; who has reported, and the calendar."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.errors import WrongReference
from etl.reference import QUALITY_FAMILIES, load_reference
from etl.settings import REPOSITORY
from sql import queries
from sql.queries import Scope
from tests.marts import world as made_up
from tests.marts.world import Row, World

DAY = date(2026, 10, 5)
FAMILY = {
    "cell.negative": "dung",
    "rule.numerator_exceeds_denominator": "dung",
    "rule.not_all_indicators": "du",
    "submission.duplicate": "sach",
    "cell.encoding": "sach",
    "as_of.after_receipt": "song",
    "rule.percentage_differs": "thong_nhat",
    "rule.total_differs": "thong_nhat",
    "indicator.from_name": "dung_chung",
    "file.macros": None,
}


def world_with_findings(seed: int, share: float = 0.3) -> World:
    """Figures and weekly tasks of two provinces with findings of every family, returned and withdrawn ones too."""
    world = made_up.random_figures(made_up.empty(DAY), seed=seed, share=share)
    chance = random.Random(seed)
    world.tables["reference.quality"] = [{"code": code, "family": family} for code, family in FAMILY.items() if family]
    world.rows("reference.task").append(
        {
            "assigned_in": "KH 1", "task": "T-1", "title": "Một", "lead": "38.NV", "due_on": DAY,
            "due_precision": "day", "programme": "",
        }
    )  # fmt: skip
    weeks = [p for p in world.rows("reference.period") if p["cadence"] == "weekly" and p["start_on"] < DAY]
    for number in range(150):
        week = chance.choice(weeks)
        _send_tasks(world, chance, f"9{number:07d}", week)
    counts: dict[str, int] = defaultdict(int)
    for row in world.rows("core.observation"):
        counts[row["submission"]] += 1
    for sent in world.rows("core.submission"):
        is_accepted = sent["outcome"] == "accepted"
        sent["observation_count"] = counts[sent["submission"]] if is_accepted else 0
        for position in range(chance.choice([0, 0, 0, 1, 2, 5])):
            world.add(
                "finding",
                submission=sent["submission"],
                position=position + 1,
                code=chance.choice(list(FAMILY)),
                sheet="Biểu 01",
                cell=chance.choice(["", "E12", "E13", "E14"]),
            )
    sent_by = world.by("core.submission", "submission")
    world.tables["core.observation"] = [
        {**row, "is_current": row["is_current"] and not sent_by[row["submission"]]["is_withdrawn"]}
        for row in world.rows("core.observation")
        if sent_by[row["submission"]]["outcome"] == "accepted"
    ]
    return world


def _send_tasks(world: World, chance: random.Random, submission: str, week: Row) -> None:
    sender = chance.choice(["38.KHCN", "38.NV", "40.NV"])
    world.add(
        "submission",
        submission=submission,
        form="bm02_tasks",
        org_unit=sender,
        period=week["period"],
        as_of=week["start_on"],
        received_at=datetime.combine(week["end_on"], datetime.min.time()) - timedelta(days=chance.randrange(5)),
        outcome="accepted",
        task_count=2,
        is_withdrawn=chance.random() < 0.1,
    )
    for number in (1, 2):
        world.add(
            "task_report",
            submission=submission,
            org_unit=sender,
            task_key=f"{submission}-{number}",
            task="T-1" if chance.random() < 0.5 else f"T-{number + 1}",
            assigned_in="KH 1" if chance.random() < 0.8 else "",
            cell=f"B{number}",
            period=week["period"],
        )


def marts(world: World, *names: str) -> tuple[list[Row], ...]:
    with duckdb.connect(":memory:") as connection:
        made_up.write(world, connection)
        return tuple(connection.sql(f"select * from mart.{name}").pl().to_dicts() for name in names)


def quarter_of(world: World) -> dict[str, str]:
    quarters = [p for p in world.rows("reference.period") if p["cadence"] == "quarterly"]
    return {
        p["period"]: next(q["period"] for q in quarters if q["start_on"] <= p["end_on"] <= q["end_on"])
        for p in world.rows("reference.period")
        if any(q["start_on"] <= p["end_on"] <= q["end_on"] for q in quarters)
    }


def flags(world: World, conflicts: list[Row]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """(submission, family) → the cells that something is the matter with."""
    cells: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for row in world.rows("core.finding"):
        if family := FAMILY[row["code"]]:
            cells[row["submission"], family].add((row["sheet"], row["cell"]))
    for row in conflicts:
        cells[row["submission"], "thong_nhat"].add((row["sheet"], row["cell"]))
        cells[row["other_submission"], "thong_nhat"].add((row["other_sheet"], row["other_cell"]))
    for row in world.rows("core.task_report"):
        if (row["assigned_in"], row["task"]) != ("KH 1", "T-1"):
            cells[row["submission"], "dung_chung"].add((row["sheet"], row["cell"]))
    return cells


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_quality_agrees_with_the_recomputation(seed: int) -> None:
    world = world_with_findings(seed)
    got, completeness, conflicts = marts(world, "quality", "completeness", "conflict")
    quarter, cells = quarter_of(world), flags(world, conflicts)
    periods = world.by("reference.period", "period")
    asked: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in world.rows("reference.expected_indicator"):
        asked[row["form"], row["cadence"], row["org_unit"]] += 1

    shares: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    last: dict[tuple[str, str], date] = {}
    spine: set[tuple[str, str]] = set()
    for sent in world.rows("core.submission"):
        if sent["is_withdrawn"]:
            continue
        unit, period = key = sent["org_unit"], quarter[sent["period"]]
        spine.add(key)
        wrong = {family: len(cells[sent["submission"], family]) for family in QUALITY_FAMILIES}
        if sent["outcome"] == "accepted":
            rows = sent["observation_count"] + sent["task_count"]
            last[key] = max(last.get(key, date.min), sent["as_of"])
            shares[unit, period, "dung_chung"][0] += max(rows - wrong["dung_chung"], 0)
            shares[unit, period, "dung_chung"][1] += rows
        else:
            wanted = asked.get((sent["form"], periods[sent["period"]]["cadence"], unit), 0)
            rows = max(wanted, wrong["dung"], wrong["thong_nhat"])
        for family in ("dung", "thong_nhat"):
            shares[unit, period, family][0] += max(rows - wrong[family], 0)
            shares[unit, period, family][1] += rows
        shares[unit, period, "sach"][0] += not wrong["sach"]
        shares[unit, period, "sach"][1] += 1
    for row in completeness:
        if not (row["is_due"] or row["is_received"]):
            continue
        unit, period = row["org_unit"], quarter[row["period"]]
        spine.add((unit, period))
        is_plain = row["cells_expected"] is None
        shares[unit, period, "du"][0] += row["is_received"] if is_plain else row["cells_filled"]
        shares[unit, period, "du"][1] += 1 if is_plain else row["cells_expected"]
        if row["is_due"] or row["is_on_time"]:
            shares[unit, period, "song"][0] += row["is_on_time"]
            shares[unit, period, "song"][1] += 1

    assert {(row["org_unit"], row["period"], row["family"]) for row in got} == {
        (*key, family) for key in spine for family in QUALITY_FAMILIES
    }
    for row in got:
        right, of = shares[row["org_unit"], row["period"], row["family"]]
        key = (row["org_unit"], row["period"], row["family"])
        assert (row["numerator"], row["denominator"]) == (right, of), key
        assert row["measure"] == (pytest.approx(100 * right / of) if of else None), key
        if row["family"] == "song":
            end = periods[row["period"]]["end_on"]
            heard = [day for (unit, q), day in last.items() if unit == key[0] and periods[q]["end_on"] <= end]
            assert row["age_days"] == (max((min(end, DAY) - max(heard)).days, 0) if heard else None), key
        else:
            assert row["age_days"] is None
    assert len({row["family"] for row in got if row["measure"] not in (None, 0, 100)}) == len(QUALITY_FAMILIES)


def test_a_family_to_which_no_finding_belongs_is_not_measured() -> None:
    world = world_with_findings(1)
    world.tables["reference.quality"] = [r for r in world.rows("reference.quality") if r["family"] == "sach"]
    (got,) = marts(world, "quality")
    assert {row["family"] for row in got} == {"du", "sach", "song"}


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    path = tmp_path_factory.mktemp("warehouse") / "v00000001.duckdb"
    with duckdb.connect(str(path)) as connection:
        made_up.write(world_with_findings(4, share=0.8), connection)
    return Scope.all(path)


def test_the_findings_of_a_family_are_those_it_counts(scope: Scope) -> None:
    measures = queries.quality(scope, province="38", period="2026-Q2").to_dicts()
    counted = {(row["org_unit"], row["family"]): row["finding_count"] for row in measures}
    behind: dict[tuple[str, str], int] = defaultdict(int)
    reasons = defaultdict(set)
    for row in queries.quality_findings(scope, province="38", period="2026-Q2").to_dicts():
        reasons[row["family"]].add(row["reason"])
        if row["reason"] == "finding":
            behind[row["org_unit"], row["family"]] += 1
            assert FAMILY[row["code"]] == row["family"]
    assert {key: count for key, count in counted.items() if count} == behind
    assert sum(behind.values()) > 20
    assert reasons["du"] == {"finding", "missing", "incomplete"}
    assert reasons["song"] == {"finding", "missing", "late"}
    assert reasons["thong_nhat"] == {"finding", "conflict"}
    assert reasons["dung_chung"] == {"finding", "task"}
    assert reasons["dung"] == reasons["sach"] == {"finding"}


@pytest.mark.parametrize("family", QUALITY_FAMILIES)
def test_findings_are_narrowed_by_unit_and_family(scope: Scope, family: str) -> None:
    whole = queries.quality_findings(scope, province="38", period="2026-Q2").to_dicts()
    part = queries.quality_findings(
        scope, province="38", period="2026-Q2", org_unit="38.KHCN", family=family
    ).to_dicts()
    assert part == [row for row in whole if row["org_unit"] == "38.KHCN" and row["family"] == family]


def test_both_sides_of_a_conflict_see_it(scope: Scope) -> None:
    found = [
        row
        for row in queries.quality_findings(scope, province="38", period="2026-Q2", family="thong_nhat").to_dicts()
        if row["reason"] == "conflict"
    ]
    pairs = {(row["submission"], row["cell"], row["other_submission"], row["other_cell"]) for row in found}
    assert pairs
    assert {(other, other_cell, one, cell) for one, cell, other, other_cell in pairs} == pairs


def test_groups_are_the_sums_of_their_units(scope: Scope) -> None:
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in queries.quality(scope, province="38").to_dicts():
        total = sums[row["unit_group"], row["period"], row["family"]]
        total[0] += row["numerator"]
        total[1] += row["denominator"]
    got = queries.quality_summary(scope, province="38").to_dicts()
    assert {
        (row["unit_group"], row["period"], row["family"]): [row["numerator"], row["denominator"]] for row in got
    } == sums
    for row in got:
        assert row["measure"] == (
            pytest.approx(100 * row["numerator"] / row["denominator"]) if row["denominator"] else None
        )


# the table of families


def _with_line(tmp_path: Path, line: str) -> Path:
    copy = tmp_path / "reference"
    shutil.copytree(REPOSITORY / "data" / "reference", copy)
    with (copy / "quality.csv").open("a", encoding="utf-8") as stream:
        stream.write(line)
    return copy


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("cell.negativ,dung\n", "unknown finding 'cell.negativ'"),
        ("sheet.hidden,good\n", "unknown family 'good'"),
        ("cell.negative,sach\n", "finding 'cell.negative' stands in line"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(WrongReference, match=rf"quality\.csv:\d+: {fault}"):
        load_reference(_with_line(tmp_path, line))


def test_the_shipped_table_fills_every_family_and_names_no_fault_of_a_file() -> None:
    families = load_reference(REPOSITORY / "data" / "reference").quality
    assert set(families.values()) == set(QUALITY_FAMILIES)
    assert families["rule.numerator_exceeds_denominator"] == "dung"
    assert families["rule.percentage_differs"] == families["rule.total_differs"] == "thong_nhat"
    assert "file.password" not in families


def test_an_installation_without_the_table_still_starts(tmp_path: Path) -> None:
    copy = _with_line(tmp_path, "")
    (copy / "quality.csv").unlink()
    assert load_reference(copy).quality == {}


# who has reported


def test_the_summary_counts_every_expected_report_once(scope: Scope) -> None:
    rows = queries.completeness(scope, province="38").to_dicts()
    kinds: dict[str, Callable[[Row], bool]] = {
        "expected_count": lambda row: True,
        "received_count": lambda row: row["is_received"],
        "on_time_count": lambda row: row["is_on_time"],
        "late_count": lambda row: row["is_late"],
        "missing_count": lambda row: row["is_due"] and not row["is_received"],
        "not_due_count": lambda row: not row["is_due"] and not row["is_received"],
        "returned_count": lambda row: not row["is_received"] and row["rejected_count"] > 0,
    }
    wanted: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(kinds, 0))
    for row in rows:
        for name, is_so in kinds.items():
            wanted[row["form"], row["period"], row["reporting_line"]][name] += is_so(row)
    got = {
        (row["form"], row["period"], row["reporting_line"]): {name: row[name] for name in kinds}
        for row in queries.completeness_summary(scope, province="38").to_dicts()
    }
    assert got == wanted
    for counts in got.values():
        assert counts["expected_count"] == (
            counts["received_count"] + counts["missing_count"] + counts["not_due_count"]
        )


def test_a_quarter_brings_the_months_and_weeks_that_end_in_it(scope: Scope) -> None:
    periods = {row["period"] for row in queries.completeness_summary(scope, province="38", period="2026-Q2").to_dicts()}
    assert {"2026-Q2", "2026-04", "2026-05", "2026-06", "2026-W14", "2026-W26"} <= periods
    assert not {"2026-Q1", "2026-03", "2026-07", "2026-W13", "2026-W27"} & periods
    (month,) = {
        row["period"] for row in queries.completeness_summary(scope, province="38", period="2026-05").to_dicts()
    } - {f"2026-W{week}" for week in range(18, 23)}
    assert month == "2026-05"


def test_the_missing_are_those_who_did_not_send(scope: Scope) -> None:
    received: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for row in queries.completeness(scope, province="38").to_dicts():
        received[row["form"], row["period"]].add(row["is_received"])
    form, period = next(key for key, answers in received.items() if len(answers) == 2)
    given = {"province": "38", "form": form, "period": period}
    wanted = queries.completeness(scope, **given).to_dicts()
    got = queries.missing_units(scope, **given).to_dicts()
    assert {row["org_unit"] for row in got} == {row["org_unit"] for row in wanted if not row["is_received"]}
    assert got
    assert len(got) < len(wanted)
    for row in got:
        assert row["days_late"] == max((DAY - row["due_on"]).days, 0)
        assert bool(row["returned_submission"]) == (row["rejected_count"] > 0)


def _calendar(folder: Path, day: date) -> dict[tuple[str, str, bool], dict[str, Any]]:
    world = made_up.empty(day)
    world.add(
        "submission",
        submission="1",
        org_unit="38000",
        period="2026-Q1",
        received_at=datetime.fromisoformat("2026-03-01"),
    )
    world.add(
        "submission",
        submission="2",
        org_unit="38001",
        period="2026-Q1",
        received_at=datetime.fromisoformat("2026-03-17"),
    )
    world.add(
        "submission",
        submission="3",
        org_unit="38.NV",
        period="2026-03",
        received_at=datetime.fromisoformat("2026-03-03"),
    )
    path = folder / f"{day}.duckdb"
    with duckdb.connect(str(path)) as connection:
        made_up.write(world, connection)
    rows = queries.calendar(Scope.all(path), province="38").to_dicts()
    return {(row["form"], row["cadence"], row["is_open"]): row for row in rows}


@pytest.mark.parametrize(
    ("day", "open_period", "days_left", "closed_period"),
    [
        (date(2026, 3, 10), "2026-Q1", 6, "2025-Q4"),
        (date(2026, 3, 16), "2026-Q1", 0, "2025-Q4"),
        (date(2026, 3, 17), "2026-Q2", 91, "2026-Q1"),
    ],
)
def test_the_calendar_shows_the_cycles_around_the_day(
    tmp_path: Path, day: date, open_period: str, days_left: int, closed_period: str
) -> None:
    cycles = _calendar(tmp_path, day)
    current = cycles["bm01_indicators", "quarterly", True]
    past = cycles["bm01_indicators", "quarterly", False]
    assert (current["period"], current["days_left"]) == (open_period, days_left)
    assert (past["period"], past["days_left"] < 0) == (closed_period, True)
    assert current["expected_count"] == past["expected_count"] == 4
    first = current if open_period == "2026-Q1" else past
    assert (first["received_count"], first["on_time_count"], first["missing_count"]) == (2, 1, 2)
    monthly = cycles["bm01_indicators", "monthly", open_period == "2026-Q1"]
    assert (monthly["period"], monthly["expected_count"], monthly["received_count"]) == ("2026-03", 3, 1)
    weekly = cycles["bm02_tasks", "weekly", True]
    assert weekly["due_on"].weekday() == 4
    assert 0 <= weekly["days_left"] < 7
