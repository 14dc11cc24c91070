"""The words of a reminder to units that have not sent a form: official Vietnamese, and English beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from babel.dates import format_date

from etl import periods
from etl.reference import Form

# To whom a reporting line reports (domain: the government's and the Party's).
_RECIPIENTS: dict[str, tuple[str, str]] = {
    "ubnd": ("UBND tỉnh", "the provincial People's Committee"),
    "vptu": ("Văn phòng Tỉnh ủy", "the Office of the Provincial Party Committee"),
    "": ("cơ quan tổng hợp", "the office in charge"),
}


def reminder_text(
    form: Form,
    period: str,
    units: Sequence[str],
    due_on: date,
    line: str,
    lang: Literal["vi", "en"] = "vi",
    *,
    on: date,
) -> str:
    """A reminder written on the day `on` to units of one reporting line (`ubnd`, `vptu` or "").

    `units` are names, in the order in which they are addressed. Until the due day it announces the deadline, after it
    it asks for what is missing. Raises ValueError without a unit.
    """
    if not units:
        raise ValueError("a reminder needs somebody to go to")
    write = _in_english if lang == "en" else _in_vietnamese
    return write(form, periods.label(period, lang), units, due_on, line, (on - due_on).days, on)


def _in_vietnamese(
    form: Form, period: str, units: Sequence[str], due_on: date, line: str, days_late: int, on: date
) -> str:
    form_name = f"{form.code} “{form.name_vi}”, kỳ {period}"
    recipient = _RECIPIENTS[line][0]
    if days_late > 0:
        asked = (
            f"Thời hạn gửi báo cáo {form_name} là ngày {due_on:%d/%m/%Y}. Đến ngày {on:%d/%m/%Y} (quá hạn {days_late} "
            f"ngày), hệ thống chưa nhận được báo cáo hợp lệ của quý cơ quan, đơn vị.\n\nĐể bảo đảm việc tổng hợp, báo "
            f"cáo {recipient}, trân trọng đề nghị quý cơ quan, đơn vị khẩn trương hoàn thiện và gửi báo cáo. Trường "
            "hợp đã gửi, đề nghị kiểm tra phiếu phản hồi để khắc phục các lỗi đã nêu (nếu có)."
        )
    else:
        left = f"còn {-days_late} ngày" if days_late else "hôm nay"
        asked = (
            f"Để bảo đảm việc tổng hợp, báo cáo {recipient}, trân trọng đề nghị quý cơ quan, đơn vị gửi báo cáo "
            f"{form_name}, chậm nhất ngày {due_on:%d/%m/%Y} ({left})."
        )
    return (
        "\n".join((f"V/v đôn đốc gửi báo cáo {form.code}, kỳ {period}", "", *_addressed("Kính gửi:", units), "", asked))
        + "\n\nTrân trọng cảm ơn sự phối hợp của quý cơ quan, đơn vị./."
    )


def _in_english(
    form: Form, period: str, units: Sequence[str], due_on: date, line: str, days_late: int, on: date
) -> str:
    form_name = f"{form.code} “{form.name_en}” for {period}"
    recipient = _RECIPIENTS[line][1]
    if days_late > 0:
        days = "1 day" if days_late == 1 else f"{days_late} days"
        asked = (
            f"The report {form_name} was due on {_english_day(due_on)}. As of {_english_day(on)} ({days} late) no "
            f"valid report of yours has been received.\n\nSo that the figures can be put before {recipient}, please "
            "complete and send it without delay. If you have sent it already, please see its receipt for what is to be "
            "mended."
        )
    else:
        left = {0: "today", -1: "1 day left"}.get(days_late, f"{-days_late} days left")
        asked = (
            f"So that the figures can be put before {recipient}, please send the report {form_name} by "
            f"{_english_day(due_on)} ({left})."
        )
    return (
        "\n".join((f"Reminder: report {form.code} for {period}", "", *_addressed("To:", units), "", asked))
        + "\n\nThank you for your cooperation."
    )


def _addressed(word: str, units: Sequence[str]) -> list[str]:
    return [f"{word} {units[0]}"] if len(units) == 1 else [word, *(f"- {unit}" for unit in units)]


def _english_day(day: date) -> str:
    return format_date(day, "d MMMM y", locale="en")
