"""The demonstration: the same for one seed, complete, plausible, and labelled as invented in every workbook."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl.demo import REMARK, Planned, plan_demo, write_demo
from etl.periods import cut_off
from etl.reference import Reference, load_reference

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "reference"
QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(SHIPPED)


@pytest.fixture(scope="module")
def plans(reference: Reference) -> list[Planned]:
    return plan_demo(reference)


def _good(plans: list[Planned], form: str = "bm01_indicators") -> list[Planned]:
    """The submissions that are not sent again because of a fault."""
    again = {(p.org_unit, p.period) for p in plans if p.suffix == "_gửi lại"}
    return [p for p in plans if p.form == form and (p.suffix or (p.org_unit, p.period) not in again)]


def test_one_seed_gives_one_demonstration_and_another_seed_another(reference: Reference, plans: list[Planned]) -> None:
    assert plan_demo(reference) == plans
    assert [p.rows for p in plan_demo(reference, seed=58)] != [p.rows for p in plans]


def test_the_same_bytes_are_written_each_time(reference: Reference, tmp_path: Path) -> None:
    digests = []
    for folder in ("one", "other"):
        written = write_demo(reference, tmp_path / folder)
        digests.append([(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path, *_ in _first(written, 30)])
    assert digests[0] == digests[1]


def _first(items: Any, count: int) -> list[Any]:
    return [item for item, _ in zip(items, range(count), strict=False)]


def test_every_unit_sends_its_forms(reference: Reference, plans: list[Planned]) -> None:
    senders = defaultdict(set)
    for planned in plans:
        senders[planned.form, planned.period].add(planned.org_unit)
    communes = {
        code for code in reference.expected("bm01_indicators", "2026-Q1") if reference.province_of(code) == "38"
    }
    assert len(communes) == 166
    for quarter in QUARTERS:
        assert senders["bm01_indicators", quarter] <= communes
        assert len(senders["bm01_indicators", quarter]) >= 155
        assert senders["bm03_by_unit", quarter] == {"38.NNMT"}
    assert any(len(senders["bm01_indicators", quarter]) < 166 for quarter in QUARTERS)
    months = [period for form, period in senders if form == "bm01_indicators" and "Q" not in period]
    assert len(months) == 15
    assert all(12 <= len(senders["bm01_indicators", month]) <= 14 for month in months)
    assert 1_000 <= len(plans) <= 1_200


def test_arrivals_are_ordered_mostly_in_time_and_never_before_the_cut_off(
    reference: Reference, plans: list[Planned]
) -> None:
    assert [p.received_at for p in plans] == sorted(p.received_at for p in plans)
    assert all(p.received_at.date() >= cut_off(p.period) for p in plans)
    assert all(p.received_at.weekday() < 5 for p in plans)
    assert plans[-1].received_at.date() <= date(2026, 11, 1)
    first = [p for p in plans if not p.suffix]
    late = sum(p.received_at.date() > (reference.due_on(p.form, p.period) or date.max) for p in first)
    assert 0.02 < late / len(first) < 0.2


def test_corrections_and_resent_forms_come_after_what_they_mend(plans: list[Planned]) -> None:
    first = {(p.form, p.org_unit, p.period): p for p in plans if not p.suffix}
    again = [p for p in plans if p.suffix]
    assert Counter(p.suffix for p in again)["_điều chỉnh"] >= 20
    assert Counter(p.suffix for p in again)["_gửi lại"] >= 3
    for planned in again:
        before = first[planned.form, planned.org_unit, planned.period]
        assert before.received_at < planned.received_at
        assert before.rows != planned.rows


def test_numerators_lie_within_their_totals_and_cumulative_figures_never_fall(
    reference: Reference, plans: list[Planned]
) -> None:
    series: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for planned in _good(plans):
        for code, values in planned.rows.items():
            numerator, total = values.get("numerator"), values.get("denominator")
            if isinstance(numerator, int | float) and isinstance(total, int | float):
                assert 0 <= numerator <= total, (planned, code)
                if reference.indicators[code].value_type == "cumulative" and not planned.suffix:
                    series[planned.org_unit, code].append((planned.period, numerator))
    assert len(series) > 800
    for values_over_time in series.values():
        numbers = [number for _, number in sorted(values_over_time)]
        assert numbers == sorted(numbers)


def test_levels_are_plausible_and_rise(plans: list[Planned]) -> None:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for planned in _good(plans):
        for code in ("VB01", "DVC02", "DVC05"):
            values = planned.rows[code]
            if "Q" in planned.period and isinstance(values.get("denominator"), int):
                sums[code, planned.period][0] += int(str(values["numerator"]))
                sums[code, planned.period][1] += int(str(values["denominator"]))
    rates = {key: 100 * numerator / total for key, (numerator, total) in sums.items()}
    assert all(85 <= rates["VB01", quarter] <= 100 for quarter in QUARTERS)
    assert 20 <= rates["DVC02", QUARTERS[0]] < rates["DVC02", QUARTERS[-1]] <= 75
    assert 0 < rates["DVC05", QUARTERS[-1]] < rates["DVC05", QUARTERS[0]] < 6


def test_every_status_of_a_figure_occurs(plans: list[Planned]) -> None:
    figures = [values for planned in _good(plans) for values in planned.rows.values()]
    assert any(values.get("numerator") == "-" for values in figures)
    assert any(values.get("numerator") == "x" for values in figures)
    assert any("numerator" not in values and "percentage" not in values for values in figures)
    assert any("percentage" in values and "denominator" not in values for values in figures)
    assert any(values.get("numerator") == 0 for values in figures)


def test_tasks_go_forward_and_all_states_occur_in_the_last_week(reference: Reference, plans: list[Planned]) -> None:
    states: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for planned in plans:
        if planned.form == "bm02_tasks":
            for task, values in planned.rows.items():
                states[task].append((planned.period, values["state"]))
                done = values.get("completed_on")
                assert done is None or (isinstance(done, date) and done <= cut_off(planned.period))
    assert len(states) == 81
    order = ["Chưa thực hiện", "Đang thực hiện", "Hoàn thành"]
    for history in states.values():
        words = [word for _, word in sorted(history)]
        assert set(words) == {"Thường xuyên"} or words == sorted(words, key=order.index)
    last = cut_off("2026-W40")
    now = {task: sorted(history)[-1][1] for task, history in states.items()}
    due = {task.task: task.due_on or date.max for task in reference.tasks.values()}
    counts = Counter(now.values())
    assert counts["Thường xuyên"] == 3
    assert counts["Hoàn thành"] > 30
    assert counts["Chưa thực hiện"] > 0
    assert sum(word == "Đang thực hiện" and due[task] < last for task, word in now.items()) >= 3
    assert sum(word == "Đang thực hiện" and due[task] >= last for task, word in now.items()) >= 3


def test_the_lead_and_the_communes_sometimes_disagree(plans: list[Planned]) -> None:
    own = {(p.org_unit, p.period): p.rows for p in plans if p.form == "bm01_indicators" and not p.suffix}
    same = other = 0
    for planned in plans:
        if planned.form == "bm03_by_unit":
            for unit, values in planned.rows.items():
                if ("DL01", "numerator") in values:
                    agrees = values["DL01", "numerator"] == own[unit, planned.period]["DL01"]["numerator"]
                    same, other = same + agrees, other + (not agrees)
    assert same > 500
    assert 0.01 < other / same < 0.1


def test_every_workbook_says_that_it_is_invented(reference: Reference, tmp_path: Path) -> None:
    names = set()
    shown: dict[str, Any] = {}
    for path, received_at, sender in write_demo(reference, tmp_path):
        names.add(path)
        assert received_at.utcoffset() is not None
        assert sender.endswith("@minh-hoa.example")
        with zipfile.ZipFile(path) as parts:
            assert f"<t>{REMARK}</t>" in parts.read("xl/sharedStrings.xml").decode()
        form = path.stem.split("_")[1]
        if form not in shown:
            shown[form] = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]["B10"].value
        path.unlink()
    assert shown == {"BM01": REMARK, "BM02": REMARK, "BM03": REMARK}
    assert len(names) == len(plan_demo(reference))
