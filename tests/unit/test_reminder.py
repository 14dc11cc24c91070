from __future__ import annotations

from datetime import date, timedelta

import pytest

from etl.reference import Reference, load_reference
from etl.reminder import reminder_text
from etl.settings import REPOSITORY

DUE = date(2026, 3, 17)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


def test_a_reminder_after_the_due_day_names_form_period_deadline_and_every_unit(reference: Reference) -> None:
    text = reminder_text(
        reference.forms["bm01_indicators"],
        "2026-Q1",
        ["Xã Hậu Lộc", "Phường Hạc Thành"],
        DUE,
        "ubnd",
        "vi",
        on=date(2026, 3, 20),
    )
    assert text == (
        "V/v đôn đốc gửi báo cáo BM01, kỳ Quý I/2026\n\n"
        "Kính gửi:\n- Xã Hậu Lộc\n- Phường Hạc Thành\n\n"
        "Thời hạn gửi báo cáo BM01 “Kết quả thực hiện chỉ tiêu chuyển đổi số”, kỳ Quý I/2026 là ngày 17/03/2026. "
        "Đến ngày 20/03/2026 (quá hạn 3 ngày), hệ thống chưa nhận được báo cáo hợp lệ của quý cơ quan, đơn vị.\n\n"
        "Để bảo đảm việc tổng hợp, báo cáo UBND tỉnh, trân trọng đề nghị quý cơ quan, đơn vị khẩn trương hoàn thiện "
        "và gửi báo cáo. Trường hợp đã gửi, đề nghị kiểm tra phiếu phản hồi để khắc phục các lỗi đã nêu (nếu có).\n\n"
        "Trân trọng cảm ơn sự phối hợp của quý cơ quan, đơn vị./."
    )


@pytest.mark.parametrize(
    ("on", "vietnamese", "english"),
    [
        (date(2026, 3, 10), "còn 7 ngày", "7 days left"),
        (date(2026, 3, 16), "còn 1 ngày", "1 day left"),
        (DUE, "hôm nay", "today"),
        (date(2026, 3, 18), "quá hạn 1 ngày", "1 day late"),
        (date(2026, 3, 27), "quá hạn 10 ngày", "10 days late"),
    ],
)
def test_the_days_left_or_past_are_told(reference: Reference, on: date, vietnamese: str, english: str) -> None:
    form = reference.forms["bm02_tasks"]
    assert f"({vietnamese})" in reminder_text(form, "2026-W12", ["Sở Y tế"], DUE, "ubnd", "vi", on=on)
    assert f"({english})" in reminder_text(form, "2026-W12", ["Sở Y tế"], DUE, "ubnd", "en", on=on)


@pytest.mark.parametrize(
    ("line", "vietnamese", "english"),
    [
        ("ubnd", "báo cáo UBND tỉnh,", "the provincial People's Committee,"),
        ("vptu", "báo cáo Văn phòng Tỉnh ủy,", "the Office of the Provincial Party Committee,"),
        ("", "báo cáo cơ quan tổng hợp,", "the office in charge,"),
    ],
)
@pytest.mark.parametrize("late", [-3, 3])
def test_each_line_reports_to_its_own_office(
    reference: Reference, line: str, vietnamese: str, english: str, late: int
) -> None:
    form, on = reference.forms["bm01_indicators"], DUE + timedelta(days=late)
    assert vietnamese in reminder_text(form, "2026-03", ["Một đơn vị"], DUE, line, "vi", on=on)
    text = reminder_text(form, "2026-03", ["Một đơn vị"], DUE, line, "en", on=on)
    assert english in text
    assert "To: Một đơn vị\n" in text


def test_nobody_cannot_be_reminded(reference: Reference) -> None:
    with pytest.raises(ValueError, match="somebody"):
        reminder_text(reference.forms["bm01_indicators"], "2026-Q1", [], DUE, "ubnd", "vi", on=DUE)
