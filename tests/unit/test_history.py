"""Rules against what is known already: both sides of every threshold, by hand-made histories."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from etl import history as rules
from etl.findings import WORDING, Finding, Severity
from etl.history import HISTORY_CHECKS, NOTHING_KNOWN, History
from etl.model import Observation, Qualifier, Status, Table, TaskState, TypedFigure, TypedTask
from etl.reference import load_reference
from etl.settings import REPOSITORY
from tests import made

REFERENCE = load_reference(REPOSITORY / "data" / "reference")
UNIT, OTHER, LEAD = "14758", "14797", "38.NNMT"
DEPARTMENT, OFFICE = "38.KHCN", "38.VPTU"
COMMUNES = sorted(code for code in REFERENCE.org_units if code.isdigit() and REFERENCE.province_of(code) == "38")[1:]

Row = dict[str, Any]

FIGURE_SCHEMA = {
    "form": pl.String, "indicator": pl.String, "org_unit": pl.String, "period": pl.String, "sender": pl.String,
    "province": pl.String, "unit_group": pl.String, "numerator": pl.Float64, "denominator": pl.Float64,
    "value": pl.Float64, "value_to": pl.Float64, "qualifier": pl.String, "status": pl.String,
}  # fmt: skip
TASK_SCHEMA = {
    "sender": pl.String, "submission": pl.String, "as_of": pl.Date, "listed_task": pl.String, "state": pl.String,
    "due_on": pl.Date, "completed_on": pl.Date,
}  # fmt: skip


def past(indicator: str, period: str, numerator: float | None, denominator: float | None = None, **changed: Any) -> Row:
    """A figure as the warehouse gives it."""
    row: Row = {
        "form": "bm01_indicators",
        "indicator": indicator,
        "org_unit": UNIT,
        "period": period,
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator if not denominator else round(100 * (numerator or 0) / denominator, 6),
        "value_to": None,
        "qualifier": "",
        "status": "reported",
    } | changed
    unit = row["org_unit"]
    return {
        "sender": unit,
        "province": REFERENCE.province_of(unit),
        "unit_group": REFERENCE.unit_group(unit),
    } | row


def known(rows: Iterable[Row] = (), tasks: Iterable[Row] = ()) -> History:
    return History.of(pl.DataFrame(list(rows), schema=FIGURE_SCHEMA), pl.DataFrame(list(tasks), schema=TASK_SCHEMA))


def sent(indicator: str, numerator: float | None, denominator: float | None = None, **changed: Any) -> TypedFigure:
    """A figure of a new table in row 14: E14 the number, F14 the total."""
    value = numerator if not denominator else round(100 * (numerator or 0) / denominator, 6)
    figure = Observation(
        indicator, UNIT, numerator, denominator, value, None, Qualifier.EXACT, Status.REPORTED, "Biểu 01", "E14",
        f"{numerator}", "",
    )  # fmt: skip
    return TypedFigure(replace(figure, **changed), "E14", "F14", f"{denominator}")


def table(*figures: TypedFigure, period: str = "2026-Q3", **changed: Any) -> Table:
    content = Table(
        form="bm01_indicators",
        org_unit=UNIT,
        province="38",
        period=period,
        as_of=None,
        sheet="Biểu 01",
        received_on=date(2026, 9, 16),
        figures=figures,
    )
    return replace(content, **changed)


def found(rule: rules.HistoryCheck, content: Table, history: History) -> list[Finding]:
    return list(rule(content, REFERENCE, history))


def cells(rule: rules.HistoryCheck, content: Table, history: History) -> list[tuple[str, str]]:
    return [(finding.code, finding.cell) for finding in found(rule, content, history)]


# --- all rules ------------------------------------------------------------------------------------------------------


def test_every_rule_says_how_it_judges_and_only_warns() -> None:
    codes = {f"rule.{rule.__name__}" for rule in HISTORY_CHECKS}
    assert {WORDING[code].severity for code in codes} == {Severity.WARNING}
    assert all(len(rule.__doc__ or "") > 150 for rule in HISTORY_CHECKS)


def test_where_nothing_is_known_nothing_is_found() -> None:
    content = table(sent("XH01", 0), sent("VB01", 1, 100), sent("NV01", 3, 81))
    assert rules.check(content, REFERENCE, NOTHING_KNOWN) == []
    assert rules.check(content, REFERENCE, known()) == []


@pytest.mark.parametrize("unfinished", [{"org_unit": ""}, {"period": ""}])
def test_a_table_without_sender_or_period_is_not_compared(unfinished: dict[str, str]) -> None:
    history = known([past("XH01", "2026-Q2", 5)])
    assert rules.check(table(sent("XH01", 0)), REFERENCE, history) != []
    assert rules.check(table(sent("XH01", 0), **unfinished), REFERENCE, history) == []


# --- cumulative figures ---------------------------------------------------------------------------------------------

FELL = [("rule.cumulative_fell", "E14")]


@pytest.mark.parametrize(("numerator", "expected"), [(4, FELL), (5, []), (6, [])])
def test_a_cumulative_figure_may_not_fall(numerator: float, expected: list[tuple[str, str]]) -> None:
    history = known([past("XH01", "2026-Q1", 9), past("XH01", "2026-Q2", 5)])
    assert cells(rules.cumulative_fell, table(sent("XH01", numerator)), history) == expected


def test_the_earlier_figure_is_named() -> None:
    (finding,) = found(rules.cumulative_fell, table(sent("DL01", 80, 1000)), known([past("DL01", "2026-Q1", 90, 1000)]))
    assert (finding.shown, finding.expected) == ("80", "90 (Quý I/2026)")
    assert "“80”" in finding.message_vi
    assert "90 (Quý I/2026)" in finding.message_en


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ({"period": "2026-06"}, FELL),  # a month of the same year, whatever its length
        ({"period": "2025-Q4"}, []),  # another programme year
        ({"period": "2026-Q3"}, []),  # its own earlier version
        ({"period": "2026-Q4"}, []),  # later
        ({"period": "2026-9M"}, []),  # ends the same day
        ({"org_unit": OTHER}, []),
        ({"form": "bm03_by_unit"}, []),
        ({"qualifier": "approx"}, []),
        ({"status": "no_activity", "numerator": None, "value": None}, []),
        ({"numerator": None}, []),
    ],
)
def test_what_a_cumulative_figure_is_compared_with(earlier: Row, expected: list[tuple[str, str]]) -> None:
    row = {"indicator": "XH01", "period": "2026-Q2", "numerator": 9.0} | earlier
    assert cells(rules.cumulative_fell, table(sent("XH01", 5)), known([past(**row)])) == expected


def test_a_gap_is_looked_over_but_not_into_another_year() -> None:
    blank = past("XH01", "2026-Q2", None, status="no_activity")
    assert cells(rules.cumulative_fell, table(sent("XH01", 5)), known([past("XH01", "2026-Q1", 9), blank])) == FELL
    assert cells(rules.cumulative_fell, table(sent("XH01", 5)), known([past("XH01", "2025-Q4", 9), blank])) == []


@pytest.mark.parametrize("indicator", ["HT01", "NV08", "VB01"])
def test_other_figures_may_fall(indicator: str) -> None:
    assert cells(rules.cumulative_fell, table(sent(indicator, 5, 100)), known([past(indicator, "2026-Q2", 9)])) == []


def test_an_inexact_figure_is_not_said_to_have_fallen() -> None:
    history = known([past("XH01", "2026-Q2", 9)])
    assert cells(rules.cumulative_fell, table(sent("XH01", 5, qualifier=Qualifier.GT)), history) == []


# --- jumps against the own past -------------------------------------------------------------------------------------

JUMP = [("rule.jump_own_history", "E14")]
QUARTERS = ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def own_past(values: Iterable[float], indicator: str = "VB01", last: str = "2026-06", **changed: Any) -> list[Row]:
    """Monthly values, the last one of the month `last`."""
    values = list(values)
    end = int(last[:4]) * 12 + int(last[5:]) - 1
    months = range(end - len(values) + 1, end + 1)
    return [
        past(indicator, f"{month // 12}-{month % 12 + 1:02}", value * 10, 1000, **changed)
        for month, value in zip(months, values, strict=True)
    ]


@pytest.mark.parametrize(
    ("value", "expected"), [(70, []), (85, []), (85.1, JUMP), (55, []), (54.9, JUMP), (0, JUMP), (100, JUMP)]
)
def test_a_jump_is_more_than_fifteen_points_off_a_steady_level(value: float, expected: list[tuple[str, str]]) -> None:
    content = table(sent("VB01", value * 10, 1000), period="2026-07")
    assert cells(rules.jump_own_history, content, known(own_past([70, 70, 70, 70]))) == expected


def test_the_change_is_shown_from_the_median_to_now() -> None:
    content = table(sent("VB01", 120, 1000), period="2026-07")
    (finding,) = found(rules.jump_own_history, content, known(own_past([70, 71, 72, 73])))
    assert finding.expected == "71,5 % → 12,0 %"


@pytest.mark.parametrize(("count", "expected"), [(3, []), (4, JUMP)])
def test_four_earlier_periods_are_needed(count: int, expected: list[tuple[str, str]]) -> None:
    content = table(sent("VB01", 100, 1000), period="2026-07")
    assert cells(rules.jump_own_history, content, known(own_past([70] * count))) == expected


@pytest.mark.parametrize("seed", range(40))
def test_a_jump_is_judged_by_median_and_mad(seed: int) -> None:
    chance = random.Random(seed)
    values = [round(chance.gauss(50, chance.choice((1, 6, 15))) % 100, 1) for _ in range(chance.randint(4, 20))]
    value = round(chance.uniform(0, 100), 1)
    last = values[-12:]
    median = statistics.median(last)
    mad = statistics.median(abs(other - median) for other in last)
    is_jump = abs(value - median) > max(15, 4 * 1.4826 * mad)
    content = table(sent("VB01", value * 10, 1000), period="2026-07")
    assert cells(rules.jump_own_history, content, known(own_past(values))) == (JUMP if is_jump else [])


def test_only_the_last_twelve_periods_count() -> None:
    content = table(sent("VB01", 900, 1000), period="2026-07")
    assert cells(rules.jump_own_history, content, known(own_past([10] * 20 + [90] * 12))) == []
    assert cells(rules.jump_own_history, content, known(own_past([10] * 20 + [90] * 5))) == JUMP


@pytest.mark.parametrize(
    "changed",
    [
        {"form": "bm03_by_unit"},
        {"org_unit": OTHER},
        {"qualifier": "approx"},
        {"status": "not_applicable"},
        {"value": None},
        {"last": "2026-10"},
    ],
)
def test_what_is_no_past_of_this_figure(changed: Row) -> None:
    """The last one: only the first three months lie before July."""
    content = table(sent("VB01", 100, 1000), period="2026-07")
    values = [70] * 6
    assert cells(rules.jump_own_history, content, known(own_past(values))) == JUMP
    assert cells(rules.jump_own_history, content, known(own_past(values, **changed))) == []


def test_quarters_are_not_compared_with_months() -> None:
    content = table(sent("VB01", 100, 1000), period="2026-Q3")
    assert cells(rules.jump_own_history, content, known(own_past([70] * 8))) == []
    quarters = [past("VB01", quarter, 700, 1000) for quarter in QUARTERS]
    assert cells(rules.jump_own_history, content, known([*own_past([10] * 8), *quarters])) == JUMP


@pytest.mark.parametrize(
    ("numerator", "total", "expected"), [(1, 1, []), (1, 2, []), (2, 2, JUMP), (1, 6, []), (2, 6, JUMP)]
)
def test_one_case_of_a_small_total_is_no_jump(numerator: int, total: int, expected: list[tuple[str, str]]) -> None:
    history = known(past("XH04", quarter, 0, total) for quarter in QUARTERS)
    assert cells(rules.jump_own_history, table(sent("XH04", numerator, total)), history) == expected


@pytest.mark.parametrize(("value", "expected"), [(5, []), (95, JUMP)])
def test_a_cumulative_ratio_jumps_upwards_only(value: float, expected: list[tuple[str, str]]) -> None:
    history = known(past("DL03", quarter, 500, 1000) for quarter in QUARTERS)
    assert cells(rules.jump_own_history, table(sent("DL03", value * 10, 1000)), history) == expected


def test_scores_are_judged_and_counts_are_not() -> None:
    scores = known(past("DVC12", quarter, 80) for quarter in QUARTERS)
    assert cells(rules.jump_own_history, table(sent("DVC12", 60)), scores) == JUMP
    assert cells(rules.jump_own_history, table(sent("DVC12", 66)), scores) == []
    counts = known(past("HT01", quarter, 80) for quarter in QUARTERS)
    assert cells(rules.jump_own_history, table(sent("HT01", 10)), counts) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"qualifier": Qualifier.APPROX},
        {"status": Status.NOT_REPORTED, "value": None},
        {"value": None},
        {"value": 130.0},
    ],
)
def test_a_figure_without_an_exact_sensible_value_is_not_judged(changed: dict[str, Any]) -> None:
    history = known(past("VB01", quarter, 700, 1000) for quarter in QUARTERS)
    assert cells(rules.jump_own_history, table(sent("VB01", 100, 1000, **changed)), history) == []


# --- jumps against the peers ----------------------------------------------------------------------------------------

PEER_JUMP = [("rule.jump_peers", "E14")]


def peers(values: Iterable[float], period: str = "2026-Q3", indicator: str = "VB01", **changed: Any) -> list[Row]:
    return [
        past(indicator, period, value * 10, 1000, org_unit=unit, **changed)
        for unit, value in zip(COMMUNES, values, strict=False)
    ]


@pytest.mark.parametrize("seed", range(60))
def test_peers_are_judged_by_quartiles_and_median(seed: int) -> None:
    chance = random.Random(seed)
    values = [round(chance.gauss(60, chance.choice((0.5, 3, 9))) % 100, 1) for _ in range(chance.randint(8, 40))]
    value = round(chance.uniform(0, 100), 1)
    first, median, third = statistics.quantiles(values, n=4, method="inclusive")
    fence = 3 * (third - first)
    is_outside = value < first - fence or value > third + fence
    is_jump = is_outside and abs(value - median) >= 15
    content = table(sent("VB01", value * 10, 1000))
    assert cells(rules.jump_peers, content, known(peers(values))) == (PEER_JUMP if is_jump else [])


@pytest.mark.parametrize(("value", "expected"), [(60, PEER_JUMP), (60.1, []), (90, PEER_JUMP), (89.9, [])])
def test_fifteen_points_off_the_median_of_equals_are_far(value: float, expected: list[tuple[str, str]]) -> None:
    content = table(sent("VB01", value * 10, 1000))
    assert cells(rules.jump_peers, content, known(peers([75] * 8))) == expected


@pytest.mark.parametrize(("value", "expected"), [(26, []), (25.9, PEER_JUMP), (82, []), (82.1, PEER_JUMP)])
def test_the_fence_itself_is_inside(value: float, expected: list[tuple[str, str]]) -> None:
    """Quartiles 50 and 58: the fences stand at 50 − 24 and 58 + 24."""
    history = known(peers([49, 50, 50, 54, 54, 54, 58, 58, 59]))
    assert cells(rules.jump_peers, table(sent("VB01", value * 10, 1000)), history) == expected


@pytest.mark.parametrize(("count", "expected"), [(7, []), (8, PEER_JUMP)])
def test_eight_peers_are_needed(count: int, expected: list[tuple[str, str]]) -> None:
    assert cells(rules.jump_peers, table(sent("VB01", 100, 1000)), known(peers([80] * count))) == expected


def test_the_own_earlier_version_is_no_peer() -> None:
    own = past("VB01", "2026-Q3", 800, 1000)
    assert cells(rules.jump_peers, table(sent("VB01", 100, 1000)), known([*peers([80] * 7), own])) == []
    assert cells(rules.jump_peers, table(sent("VB01", 100, 1000)), known([*peers([80] * 8), own])) == PEER_JUMP


def test_while_few_have_reported_the_period_before_is_asked() -> None:
    content = table(sent("VB01", 100, 1000))
    before = peers([80] * 8, "2026-Q2")
    assert cells(rules.jump_peers, content, known(before)) == PEER_JUMP
    assert cells(rules.jump_peers, content, known([*before, *peers([10] * 7)])) == PEER_JUMP
    assert cells(rules.jump_peers, content, known([*before, *peers([10] * 8)])) == []
    assert cells(rules.jump_peers, content, known(peers([80] * 8, "2026-Q1"))) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"form": "bm03_by_unit"},
        {"province": "40"},
        {"unit_group": "department"},
        {"unit_group": ""},
        {"qualifier": "gt"},
        {"status": "no_activity"},
        {"indicator": "VB03"},
    ],
)
def test_who_is_no_peer(changed: Row) -> None:
    assert cells(rules.jump_peers, table(sent("VB01", 100, 1000)), known(peers([80] * 9, **changed))) == []


def test_one_case_of_a_small_total_is_not_far_from_the_peers() -> None:
    history = known(peers([100] * 9, indicator="XH04"))
    assert cells(rules.jump_peers, table(sent("XH04", 0, 1)), history) == []
    assert cells(rules.jump_peers, table(sent("XH04", 0, 2)), history) == PEER_JUMP


def test_the_value_and_the_middle_half_are_shown() -> None:
    (finding,) = found(rules.jump_peers, table(sent("VB01", 100, 1000)), known(peers(range(80, 89))))
    assert finding.expected == "10,0 % / 82,0 % – 86,0 %"


# --- denominators ---------------------------------------------------------------------------------------------------

CHANGED = [("rule.denominator_changed", "F14")]


@pytest.mark.parametrize(("total", "expected"), [(100, []), (110, []), (111, CHANGED), (90, []), (89, CHANGED)])
@pytest.mark.parametrize("indicator", ["DL01", "XH04"])
def test_a_total_may_change_by_a_tenth(indicator: str, total: float, expected: list[tuple[str, str]]) -> None:
    content = table(sent(indicator, 50, total))
    assert cells(rules.denominator_changed, content, known([past(indicator, "2026-Q2", 50, 100)])) == expected


def test_a_note_explains_a_new_total() -> None:
    history = known([past("XH04", "2026-Q2", 50, 100)])
    assert cells(rules.denominator_changed, table(sent("XH04", 50, 200, note="Sáp nhập thôn")), history) == []
    assert cells(rules.denominator_changed, table(sent("XH04", 50, 200, note="  ")), history) == CHANGED


def test_the_total_before_is_named() -> None:
    (finding,) = found(
        rules.denominator_changed, table(sent("XH04", 50, 200)), known([past("XH04", "2026-Q1", 50, 100)])
    )
    assert (finding.shown, finding.expected) == ("200", "100 (Quý I/2026)")


@pytest.mark.parametrize(
    ("indicator", "period", "expected"),
    [
        ("XH04", "2025-Q4", CHANGED),  # a snapshot knows no programme year
        ("DL01", "2025-Q4", []),  # a cumulative figure does
        ("VB01", "2026-Q2", []),  # counted within the period
        ("NV03", "2026-Q2", []),  # open tasks: their number is meant to change
        ("XH04", "2026-Q3", []),  # its own earlier version
    ],
)
def test_which_totals_should_stand(indicator: str, period: str, expected: list[tuple[str, str]]) -> None:
    history = known([past(indicator, period, 50, 100)])
    assert cells(rules.denominator_changed, table(sent(indicator, 50, 200)), history) == expected


@pytest.mark.parametrize("earlier", [{"denominator": None}, {"denominator": 0}, {"status": "not_applicable"}])
def test_a_period_without_total_is_looked_over(earlier: Row) -> None:
    gap = past("XH04", "2026-Q2", 50, 200) | earlier
    content = table(sent("XH04", 50, 200))
    assert cells(rules.denominator_changed, content, known([past("XH04", "2026-Q1", 50, 100), gap])) == CHANGED
    assert cells(rules.denominator_changed, content, known([gap])) == []


# --- another form ---------------------------------------------------------------------------------------------------

DIFFERS = [("rule.other_form_differs", "E14")]


def by_lead(
    indicator: str = "DL01", numerator: float | None = 70, denominator: float | None = 81, **changed: Any
) -> Row:
    return past(indicator, "2026-Q3", numerator, denominator, **({"form": "bm03_by_unit", "sender": LEAD} | changed))


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (sent("DL01", 70, 81), []),
        (sent("DL01", 70.0000001, 81, value=86.419753), []),
        (sent("DL01", 69, 81), DIFFERS),
        (sent("DL01", 140, 162), DIFFERS),  # the same percentage of other numbers
        (sent("DL01", None, None, value=86.419753), []),  # a percentage alone, the same one
        (sent("DL01", None, None, value=80.0), DIFFERS),
        (sent("DL01", 70, 81, qualifier=Qualifier.GE), DIFFERS),
        (sent("DL01", None, None, value=None, status=Status.NO_ACTIVITY), DIFFERS),
        (sent("DL01", None, None, value=None, status=Status.NOT_REPORTED), []),
    ],
)
def test_two_forms_should_say_the_same(figure: TypedFigure, expected: list[tuple[str, str]]) -> None:
    assert cells(rules.other_form_differs, table(figure), known([by_lead()])) == expected


@pytest.mark.parametrize("other", [{"org_unit": OTHER}, {"period": "2026-Q2"}, {"form": "bm01_indicators"}])
def test_other_figures_are_no_contradiction(other: Row) -> None:
    history = known([by_lead() | other])
    assert cells(rules.other_form_differs, table(sent("DL01", 10, 81)), history) == []


def test_about_itself_a_unit_is_told_form_sender_and_value() -> None:
    (finding,) = found(rules.other_form_differs, table(sent("DL01", 10, 81)), known([by_lead()]))
    assert finding.expected == f"BM03, {REFERENCE.org_units[LEAD].name}: 70/81 = 86,4 %"


def test_about_another_unit_the_value_is_not_told() -> None:
    content = table(sent("DL01", 10, 81), form="bm03_by_unit", org_unit=LEAD)
    (finding,) = found(rules.other_form_differs, content, known([past("DL01", "2026-Q3", 70, 81)]))
    assert finding.expected == f"BM01, {REFERENCE.org_units[UNIT].name}"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"status": "no_activity", "numerator": None, "denominator": None, "value": None}, "không phát sinh"),
        ({"status": "not_applicable", "numerator": None, "denominator": None, "value": None}, "không thuộc phạm vi"),
        ({"numerator": None, "denominator": None, "value": 55.5}, "55,5 %"),
    ],
)
def test_what_the_other_form_says_is_put_in_words(other: Row, words: str) -> None:
    (finding,) = found(rules.other_form_differs, table(sent("DL01", 10, 81)), known([by_lead() | other]))
    assert finding.expected.endswith(f": {words}")


# --- tasks ----------------------------------------------------------------------------------------------------------

COMPUTED = [("rule.computed_differs", "E14")]
AS_OF = date(2026, 9, 11)


def task(
    state: str, due_on: date | None = None, *, as_of: date = AS_OF, sender: str = DEPARTMENT, listed_task: str = ""
) -> Row:
    return {
        "sender": sender,
        "submission": f"{sender} {as_of}",
        "as_of": as_of,
        "listed_task": listed_task,
        "state": state,
        "due_on": due_on,
        "completed_on": None,
    }


TASKS = [
    task("da_hoan_thanh", date(2026, 6, 30)),
    task("da_hoan_thanh", date(2026, 8, 31)),
    task("da_hoan_thanh"),
    task("dang_thuc_hien", date(2026, 8, 31)),  # overdue
    task("dang_thuc_hien", date(2026, 9, 13)),  # due between the list and the figures: overdue by then
    task("dang_thuc_hien", date(2026, 12, 31)),
    task("chua_thuc_hien", date(2026, 9, 14)),  # the due day itself is in time
    task("chua_thuc_hien", date(2027, 6, 30)),
    task("thuong_xuyen"),
]
COUNTED = {"NV01": (3, 9), "NV02": (1, 4), "NV03": (2, 5), "NV04": (2, 9)}


def about_tasks(indicator: str, numerator: float | None, total: float | None, **changed: Any) -> Table:
    figure = sent(indicator, numerator, total, org_unit=DEPARTMENT)
    return table(figure, **({"org_unit": DEPARTMENT, "as_of": date(2026, 9, 14)} | changed))


@pytest.mark.parametrize("indicator", sorted(COUNTED))
def test_task_figures_should_equal_the_units_own_list(indicator: str) -> None:
    numerator, total = COUNTED[indicator]
    history = known(tasks=TASKS)
    assert cells(rules.computed_differs, about_tasks(indicator, numerator, total), history) == []
    assert cells(rules.computed_differs, about_tasks(indicator, numerator + 1, total), history) == COMPUTED
    assert cells(rules.computed_differs, about_tasks(indicator, numerator, total + 1), history) == COMPUTED


def test_the_count_and_its_day_are_shown() -> None:
    (finding,) = found(rules.computed_differs, about_tasks("NV01", 5, 9), known(tasks=TASKS))
    assert finding.expected == "3/9 (11/09/2026)"


@pytest.mark.parametrize(("percentage", "expected"), [(33.33, []), (33.39, []), (33.4, COMPUTED)])
def test_a_percentage_alone_is_compared_as_one(percentage: float, expected: list[tuple[str, str]]) -> None:
    figure = sent("NV01", None, None, value=percentage, org_unit=DEPARTMENT)
    content = table(figure, org_unit=DEPARTMENT, as_of=AS_OF)
    assert cells(rules.computed_differs, content, known(tasks=TASKS)) == expected


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 6, 30), []),  # before the quarter
        (date(2026, 7, 1), COMPUTED),
        (date(2026, 9, 14), COMPUTED),
        (date(2026, 9, 15), []),  # after the figures' own day
    ],
)
def test_the_list_is_of_the_same_period(as_of: date, expected: list[tuple[str, str]]) -> None:
    history = known(tasks=[task("da_hoan_thanh", as_of=as_of)])
    assert cells(rules.computed_differs, about_tasks("NV01", 0, 1), history) == expected


def test_the_last_list_counts() -> None:
    older, newer = task("chua_thuc_hien", as_of=date(2026, 8, 28)), task("da_hoan_thanh", as_of=date(2026, 9, 4))
    history = known(tasks=[older, newer])
    assert cells(rules.computed_differs, about_tasks("NV01", 1, 1), history) == []
    assert cells(rules.computed_differs, about_tasks("NV01", 1, 1, as_of=date(2026, 9, 1)), history) == COMPUTED


def test_without_as_of_date_the_period_itself_bounds_the_list() -> None:
    history = known(tasks=[task("da_hoan_thanh", as_of=date(2026, 9, 30))])
    assert cells(rules.computed_differs, about_tasks("NV01", 0, 1, as_of=None), history) == COMPUTED


def test_nothing_is_computed_where_there_is_nothing_to_count() -> None:
    recurring = known(tasks=[task("thuong_xuyen")])
    assert cells(rules.computed_differs, about_tasks("NV02", 3, 8), recurring) == []
    assert cells(rules.computed_differs, about_tasks("NV01", 3, 8, org_unit=UNIT), known(tasks=TASKS)) == []
    assert cells(rules.computed_differs, about_tasks("VB01", 3, 8), known(tasks=TASKS)) == []
    other = known(tasks=[task("da_hoan_thanh", sender=OFFICE)])
    assert cells(rules.computed_differs, about_tasks("NV01", 0, 1), other) == []


LISTED = next(iter(REFERENCE.tasks.values()))
KEY = f"{LISTED.assigned_in}|{LISTED.task}"
BY_OTHER = [("rule.task_reported_by_other", "H13")]


def about_task(state: TaskState, **changed: str) -> Table:
    report = replace(made.task(LISTED.task, DEPARTMENT, state), assigned_in=LISTED.assigned_in, **changed)
    return table(
        form="bm02_tasks", org_unit=DEPARTMENT, as_of=AS_OF, figures=(), tasks=(TypedTask(report, "", "H13", ""),)
    )


@pytest.mark.parametrize("day", [date(2026, 9, 4), AS_OF, date(2026, 9, 18)])
@pytest.mark.parametrize("other", list(TaskState))
@pytest.mark.parametrize("own", list(TaskState))
def test_two_senders_of_one_task_may_not_contradict_each_other(own: TaskState, other: TaskState, day: date) -> None:
    order = ["chua_thuc_hien", "dang_thuc_hien", "da_hoan_thanh"]
    if day == AS_OF:
        is_contradiction = own != other
    elif "thuong_xuyen" in (own, other):
        is_contradiction = False
    elif day < AS_OF:
        is_contradiction = order.index(own) < order.index(other)
    else:
        is_contradiction = order.index(other) < order.index(own)
    history = known(tasks=[task(other, as_of=day, sender=OFFICE, listed_task=KEY)])
    expected = BY_OTHER if is_contradiction else []
    assert cells(rules.task_reported_by_other, about_task(own), history) == expected


def test_the_other_sender_its_day_and_its_word_are_named() -> None:
    history = known(tasks=[task("da_hoan_thanh", sender=OFFICE, listed_task=KEY)])
    (finding,) = found(rules.task_reported_by_other, about_task(TaskState.IN_PROGRESS), history)
    assert finding.shown == "Đang thực hiện"
    assert finding.expected == f"{REFERENCE.org_units[OFFICE].name}, 11/09/2026: đã hoàn thành"


def test_each_other_senders_newest_report_counts() -> None:
    older = task("da_hoan_thanh", as_of=date(2026, 8, 1), sender=OFFICE, listed_task=KEY)
    newer = task("dang_thuc_hien", as_of=AS_OF, sender=OFFICE, listed_task=KEY)
    assert cells(rules.task_reported_by_other, about_task(TaskState.IN_PROGRESS), known(tasks=[older])) == BY_OTHER
    assert cells(rules.task_reported_by_other, about_task(TaskState.IN_PROGRESS), known(tasks=[older, newer])) == []


def test_own_reports_and_unlisted_tasks_contradict_nobody() -> None:
    own = known(tasks=[task("da_hoan_thanh", listed_task=KEY)])
    assert cells(rules.task_reported_by_other, about_task(TaskState.NOT_STARTED), own) == []
    other = known(tasks=[task("da_hoan_thanh", sender=OFFICE, listed_task=KEY)])
    assert cells(rules.task_reported_by_other, about_task(TaskState.NOT_STARTED, task="NV-1"), other) == []
    assert cells(rules.task_reported_by_other, about_task(TaskState.NOT_STARTED, task=""), other) == []


# --- quartiles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(2, 30))
def test_quantiles_lie_between_neighbours_by_proportion(count: int) -> None:
    values = sorted(random.Random(count).uniform(0, 100) for _ in range(count))
    computed = [rules.quantile(values, share) for share in (0.25, 0.5, 0.75)]
    assert computed == pytest.approx(statistics.quantiles(values, n=4, method="inclusive"))
    assert rules.quantile(values, 0.5) == pytest.approx(statistics.median(values))
