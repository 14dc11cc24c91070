"""Who is bound to a unit sends, sees and withdraws for it and those below alone: beforehand and when taken in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard import scopes
from dashboard.intake import Checked, Intake
from etl import audit, inbox
from etl.access import LOCAL, Principal, Role
from etl.build import build
from etl.model import Outcome, Receipt
from etl.pipeline import Pipeline
from etl.reference import copy_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from etl.watch import Watcher
from sql import queries, warehouse
from tests.pipeline.test_history_checks import Rows, figures
from tests.watching import settle

OWN, OTHER, LEAD = "14758", "14797", "38.NNMT"
CLERK = Principal("Văn thư A", Role.SUBMITTER, OWN, id="user:a")
STRANGER = Principal("Văn thư B", Role.SUBMITTER, OTHER, id="user:b")
OF_LEAD = Principal("Sở", Role.SUBMITTER, LEAD, id="user:so")
STEWARD = Principal("Quản trị số liệu", Role.STEWARD, id="user:s")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Intake]:
    settings = Settings(live=tmp_path / "live", parser_processes=1)
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    opened = Intake(settings)
    yield opened
    opened.close()


def workbook(desk: Intake, form: str, org_unit: str, rows: Rows, period: str = "2026-Q1") -> bytes:
    stream = io.BytesIO()
    write_template(desk.reference, form, org_unit, period, rows=rows, path_or_stream=stream)
    return stream.getvalue()


def watch(desk: Intake) -> list[Receipt]:
    with Pipeline(desk.settings, desk.reference) as pipeline:
        return settle(Watcher(desk.settings, pipeline))


def send(desk: Intake, data: bytes, principal: Principal) -> str:
    """The submission that a file becomes."""
    arrival = desk.send(data, "bieu.xlsx", principal.name, principal)
    [receipt] = watch(desk)
    assert receipt.submission.startswith(arrival)
    return receipt.submission


def codes(checked: Checked) -> list[str]:
    return [finding.code for finding in checked.findings]


def test_a_file_of_another_unit_is_refused_before_and_after_it_is_sent(desk: Intake) -> None:
    known = [workbook(desk, "bm01_indicators", OTHER, figures(DL01=(777, 1000)), p) for p in ("2025-Q3", "2025-Q4")]
    for data in known:
        send(desk, data, LOCAL)
    data = workbook(desk, "bm01_indicators", OTHER, figures(DL01=(5, 4000)))
    assert desk.check(data, "a.xlsx", STRANGER).is_acceptable
    checked = desk.check(data, "a.xlsx", CLERK)
    assert not checked.is_acceptable
    assert codes(checked) == ["org_unit.not_yours"]  # nothing of what is known of the other unit
    [finding] = checked.findings
    names = [desk.reference.org_units[unit].name for unit in (OTHER, OWN)]
    assert [finding.shown, finding.expected] == names
    assert all(name in finding.message_vi for name in names)
    submission = send(desk, data, CLERK)
    record = desk.archive.receipt(submission)
    assert record is not None
    assert (record["outcome"], record["org_unit"], record["observations"]) == (Outcome.REJECTED, "", [])
    assert (record["account"], record["sent_for"], record["sender"]) == ("user:a", OWN, "Văn thư A")
    assert [found["code"] for found in record["findings"]] == ["org_unit.not_yours"]
    assert desk.record(submission, CLERK) is not None
    assert desk.record(submission, STEWARD) is not None
    assert desk.record(submission, STRANGER) is None
    assert desk.rows_read(record) == ([], [])


def test_ones_own_file_is_taken_in_and_others_do_not_see_its_receipt(desk: Intake) -> None:
    data = workbook(desk, "bm01_indicators", OWN, figures(DL01=(5, 10)))
    assert desk.check(data, "a.xlsx", CLERK).is_acceptable
    arrival = desk.send(data, "a.xlsx", CLERK.name, CLERK)
    assert desk.is_waiting(arrival, CLERK)
    assert desk.is_waiting(arrival, STEWARD)
    assert not desk.is_waiting(arrival, STRANGER)
    [receipt] = watch(desk)
    assert receipt.outcome is Outcome.ACCEPTED
    assert [record["org_unit"] for record in desk.answers(arrival, CLERK)] == [OWN]
    assert desk.answers(arrival, STRANGER) == []
    path = warehouse.current(desk.settings.warehouse)
    assert path is not None
    seen = {
        who.id: queries.submissions(scopes.scope_of(who, desk.settings, path)).height
        for who in (CLERK, STRANGER, STEWARD)
    }
    assert seen == {"user:a": 1, "user:b": 0, "user:s": 1}


def test_the_same_bytes_in_the_hands_of_another_are_not_called_a_duplicate(desk: Intake) -> None:
    data = workbook(desk, "bm01_indicators", OWN, figures(DL01=(5, 10)))
    send(desk, data, CLERK)
    assert desk.check(data, "a.xlsx", CLERK).earlier
    checked = desk.check(data, "a.xlsx", STRANGER)
    assert not checked.earlier
    assert codes(checked) == ["org_unit.not_yours"]
    record = desk.archive.receipt(send(desk, data, STRANGER))
    assert record is not None
    assert [found["code"] for found in record["findings"]] == ["org_unit.not_yours"]


def test_figures_about_others_are_for_the_leads_of_a_form(desk: Intake) -> None:
    rows = {OTHER: {("DL01", "numerator"): 5, ("DL01", "denominator"): 10}}
    assert desk.check(workbook(desk, "bm03_by_unit", LEAD, rows), "a.xlsx", OF_LEAD).is_acceptable
    checked = desk.check(workbook(desk, "bm03_by_unit", OWN, rows), "a.xlsx", CLERK)
    assert "org_unit.not_yours" in codes(checked)
    assert checked.findings[-1].cell


def test_only_ones_own_reports_are_withdrawn_by_a_clerk_and_any_by_a_steward(desk: Intake) -> None:
    first = send(desk, workbook(desk, "bm01_indicators", OWN, figures(DL01=(5, 10))), CLERK)
    desk.request_withdrawal(first, "không phải của mình", STRANGER.name, STRANGER)
    assert not desk.is_withdrawal_waiting(first)
    # a wish that somebody put there himself is held against the unit again
    at = datetime.now(UTC)
    inbox.request_withdrawal(desk.settings, first, "giả", STRANGER.name, at, sent_for=OTHER)
    watch(desk)
    assert desk.withdrawal(first) is None
    desk.request_withdrawal(first, "gửi nhầm", CLERK.name, CLERK)
    watch(desk)
    done = desk.withdrawal(first)
    assert done is not None
    assert (done["by"], done["reason"]) == (CLERK.name, "gửi nhầm")
    second = send(desk, workbook(desk, "bm01_indicators", OTHER, figures(DL01=(6, 10))), STRANGER)
    desk.request_withdrawal(second, "sai số liệu", STEWARD.name, STEWARD)
    watch(desk)
    assert desk.withdrawal(second) is not None
    recorded = [line for line in audit.lines(desk.settings) if line["event"] == audit.Event.WITHDRAWAL]
    assert [line["who"] for line in recorded] == ["user:s", "user:a"]


def test_ones_own_units_are_the_same_by_the_reference_and_by_the_warehouse(desk: Intake) -> None:
    build(desk.settings, desk.reference)
    for unit in ("38", LEAD, OWN, "15001"):
        who = Principal("ai", Role.SUBMITTER, unit)
        if unit in desk.reference.org_units:
            assert scopes.own_units(who, desk.settings) == desk.reference.units_below(unit)
    own = desk.reference.units_below(OWN)
    merged = {step.old_org_unit for step in desk.reference.successions if step.new_org_unit == OWN}
    assert own - {OWN} == {old for old in merged if len(desk.reference.successors(old)) == 1}
    assert len(own) > 1
