"""The counter of the web: a reading that writes nothing, the sending, the receipt, marked copies, withdrawing."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashboard import intake
from dashboard.intake import Intake
from etl import audit, inbox
from etl.access import LOCAL
from etl.archive import Archive
from etl.errors import HouseError
from etl.model import Outcome, Receipt
from etl.pipeline import Pipeline
from etl.reference import copy_reference
from etl.settings import REPOSITORY, Settings
from etl.watch import Watcher
from tests.watching import settle

NAME = "Sở KHCN_BM01_Tháng 3-2026.xlsx"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Intake]:
    settings = Settings(live=tmp_path / "live", parser_processes=1)
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    opened = Intake(settings)
    yield opened
    opened.close()


def filled(desk: Intake, **cells: Any) -> bytes:
    """The template of a department for March 2026, every figure 40/90 but for `cells`."""
    book = openpyxl.load_workbook(io.BytesIO(desk.template("bm01_indicators", "38.KHCN", "2026-03")))
    sheet = book.worksheets[0]
    for row in range(14, sheet.max_row + 1):
        if isinstance(sheet.cell(row, 2).value, str):
            sheet.cell(row, 5).value, sheet.cell(row, 6).value = 40, 90
    for address, value in cells.items():
        sheet[address] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def everything_below(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def watch(desk: Intake) -> list[Receipt]:
    """The watcher at work until all is read and built."""
    with Pipeline(desk.settings, desk.reference) as pipeline:
        return settle(Watcher(desk.settings, pipeline))


def test_checking_writes_nothing_and_says_what_sending_would(desk: Intake) -> None:
    data = filled(desk)
    before = everything_below(desk.settings.live)
    checked = desk.check(data, NAME, LOCAL)
    assert everything_below(desk.settings.live) == before
    assert checked.is_acceptable
    [receipt] = checked.receipts
    assert (receipt.content.org_unit, receipt.content.period) == ("38.KHCN", "2026-03")
    arrival = desk.send(data, NAME, "Nguyễn Văn A", LOCAL)
    watch(desk)
    [record] = desk.answers(arrival, LOCAL)
    observations, tasks = intake.rows_of(receipt)
    assert record["outcome"] == Outcome.ACCEPTED
    assert record["sender"] == "Nguyễn Văn A"
    assert record["channel"] == "web"
    assert json.loads(json.dumps(observations)) == record["observations"]
    assert list(tasks) == record["tasks"]


def test_the_web_writes_only_below_its_landing_and_into_the_audit_log(desk: Intake) -> None:
    before = set(everything_below(desk.settings.live))
    arrival = desk.send(filled(desk), "..\\..\\C:/x/" + NAME, "A", LOCAL)
    new = {path for path in set(everything_below(desk.settings.live)) - before if not path.startswith("audit/")}
    line = next(iter(audit.lines(desk.settings)))
    assert (line["event"], line["who"], line["about"]) == ("upload", "local", {"file": NAME, "arrival": arrival})
    assert new == {f"landing/web/{arrival}/content", f"landing/web/{arrival}/arrival.json"}
    assert desk.is_waiting(arrival, LOCAL)
    assert desk.answers(arrival, LOCAL) == []
    watch(desk)
    assert not desk.is_waiting(arrival, LOCAL)
    assert desk.answers(arrival, LOCAL)[0]["file_name"] == NAME


def test_the_same_file_again_is_known_before_it_is_sent(desk: Intake) -> None:
    data = filled(desk)
    arrival = desk.send(data, NAME, "", LOCAL)
    watch(desk)
    checked = desk.check(data, NAME, LOCAL)
    assert checked.earlier == desk.answers(arrival, LOCAL)[0]["submission"]
    assert not checked.is_acceptable


def test_a_queue_that_nobody_works_at_is_bounded(desk: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 2)
    for n in range(2):
        desk.send(b"%d" % n, NAME, "", LOCAL)
    with pytest.raises(HouseError):
        desk.send(b"one more", NAME, "", LOCAL)


def test_a_returned_report_comes_back_marked_and_only_a_mended_one_is_read(desk: Intake) -> None:
    wrong = filled(desk, E14="tám mươi")
    checked = desk.check(wrong, NAME, LOCAL)
    assert not checked.is_acceptable
    made = desk.mark(checked)
    assert made is not None
    assert made[0].endswith(".xlsx")

    arrival = desk.send(wrong, NAME, "", LOCAL)
    watch(desk)
    [record] = desk.answers(arrival, LOCAL)
    assert record["outcome"] == Outcome.REJECTED
    assert record["observations"] == []
    read_again, _ = desk.rows_read(record)
    assert len(read_again) == len(checked.receipts[0].content.observations)

    found = desk.marked_copy(record)
    assert found is not None
    name, marked = found
    book = openpyxl.load_workbook(io.BytesIO(marked))
    assert book.worksheets[1]["E14"].comment is not None
    assert "tám mươi" in book.worksheets[1]["E14"].comment.text

    [unchanged] = desk.check(marked, name, LOCAL).receipts
    assert [finding.code for finding in unchanged.content.findings] == ["submission.marked_copy"]
    assert unchanged.content.findings[0].expected == record["submission"]
    assert not desk.check(marked, name, LOCAL).is_worth_sending

    book.worksheets[1]["E14"] = 41
    stream = io.BytesIO()
    book.save(stream)
    mended = desk.check(stream.getvalue(), name, LOCAL)
    assert mended.is_acceptable
    assert mended.receipts[0].content.observations[0].shown == "41"


def test_nothing_of_a_secret_file_is_kept_or_shown(desk: Intake) -> None:
    checked = desk.check(filled(desk, J2="TỐI MẬT", E14=4321), NAME, LOCAL)
    assert checked.is_secret
    assert not checked.is_worth_sending
    assert checked.data == b""
    assert desk.mark(checked) is None
    assert "4321" not in str(checked)


def test_there_is_no_marked_copy_of_what_is_no_workbook(desk: Intake) -> None:
    checked = desk.check(b"%PDF-1.7", "bao-cao.xlsx", LOCAL)
    assert not checked.is_acceptable
    assert desk.mark(checked) is None
    arrival = desk.send(b"%PDF-1.7", "bao-cao.xlsx", "", LOCAL)
    watch(desk)
    [record] = desk.answers(arrival, LOCAL)
    assert desk.marked_copy(record) is None
    assert desk.rows_read(record) == ([], [])


def test_a_withdrawal_is_wished_by_the_web_and_done_by_the_watcher(desk: Intake) -> None:
    arrival = desk.send(filled(desk), NAME, "", LOCAL)
    watch(desk)
    submission = desk.answers(arrival, LOCAL)[0]["submission"]
    desk.request_withdrawal(submission, "Gửi nhầm kỳ", "Trần B", LOCAL)
    desk.request_withdrawal(submission, "lần hai", "khác", LOCAL)
    assert desk.is_withdrawal_waiting(submission)
    assert desk.withdrawal(submission) is None
    watch(desk)
    assert not desk.is_withdrawal_waiting(submission)
    done = desk.withdrawal(submission)
    assert done is not None
    assert (done["reason"], done["by"]) == ("Gửi nhầm kỳ", "Trần B")
    assert Archive(desk.settings.archive).receipt(submission) is not None
    frames = Archive(desk.settings.archive).frames()
    assert frames.withdrawals["submission"].to_list() == [submission]
    desk.request_withdrawal(submission, "lần ba", "khác", LOCAL)
    watch(desk)
    assert desk.withdrawal(submission) == done
    assert not desk.is_withdrawal_waiting(submission)


@pytest.mark.parametrize("submission", ["", "../../etc/passwd", "20260101T000000.000000Z-aaaaaaaaaaaa-001"])
def test_what_was_never_received_cannot_be_withdrawn(desk: Intake, submission: str) -> None:
    desk.request_withdrawal(submission, "lý do", "ai", LOCAL)
    assert inbox.withdrawal_requests(desk.settings) == []
    assert desk.answers(submission, LOCAL) == []
    assert not desk.is_waiting(submission, LOCAL)


def test_a_damaged_wish_stays_and_hinders_nobody(desk: Intake, caplog: pytest.LogCaptureFixture) -> None:
    folder = desk.settings.landing / "web" / "withdrawals"
    folder.mkdir(parents=True)
    (folder / "20260101T000000.000000Z-aaaaaaaaaaaa-001.json").write_text("{", encoding="utf-8")
    assert inbox.withdrawal_requests(desk.settings) == []
    assert "is left where it is" in caplog.text


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("C:\\Users\\a\\Báo cáo.xlsx", "Báo cáo.xlsx"),
        ("../../x/y.xlsx", "y.xlsx"),
        ("a\x00b\n.xlsx", "ab.xlsx"),
        ("", "tep"),
        ("n" * 400 + ".xlsx", "n" * 195 + ".xlsx"),
        ("<img src=x>.xlsx", "<img src=x>.xlsx"),
    ],
)
def test_names_of_files_lose_folders_and_control_characters(given: str, plain: str) -> None:
    assert intake.plain_name(given) == plain


@pytest.mark.parametrize(
    ("cadence", "period"),
    [
        ("weekly", "2026-W53"),
        ("monthly", "2026-12"),
        ("quarterly", "2026-Q4"),
        ("half", "2026-H2"),
        ("nine_months", "2026-9M"),
        ("yearly", "2026"),
    ],
)
def test_the_period_under_way(cadence: str, period: str) -> None:
    assert intake.current_period(cadence, date(2026, 12, 31)) == period


def test_a_unit_may_choose_among_its_own_cadences(desk: Intake) -> None:
    form, units = desk.reference.forms["bm01_indicators"], desk.reference.org_units
    offered = desk.periods(form, units["38.KHCN"], date(2026, 11, 22))
    assert list(offered)[:2] == ["2026-11", "2026-10"]
    assert offered["2026-11"] == date(2026, 11, 17)
    commune = next(unit for unit in units.values() if unit.kind == "xa" and unit.parent == "38")
    assert next(iter(desk.periods(form, commune, date(2026, 11, 22)))) == "2026-Q4"
    assert min(desk.periods(form, commune, date(2026, 11, 22))) >= "2025-Q3"
