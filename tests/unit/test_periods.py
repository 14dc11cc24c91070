"""Periods, dates and deadlines: spellings with the answer a careful reader gives, and properties of the calendar."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.periods import (
    Deadline,
    all_periods,
    cadence,
    cut_off,
    due_day,
    find_period,
    label,
    next_period,
    order_key,
    parse_date,
    parse_deadline,
    parse_period,
    parts,
    period_dates,
    previous,
    previous_year,
    quarter_containing,
    quarter_of,
)

PERIODS = list(all_periods(2024, 2030))
periods = st.sampled_from(PERIODS)


def unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(char for char in decomposed if not unicodedata.combining(char))


SPELLINGS = {
    "2026-03": ("Tháng 3/2026", "T3/2026", "T3-2026", "03/2026", "3-2026", "tháng 03 năm 2026", "Tháng 3, năm 2026",
                "15/02/2026–14/03/2026", "01/3/2026 - 31/3/2026", "Kỳ báo cáo: tháng 3/2026", "2026-03"),
    "2026-Q1": ("Quý I/2026", "Quý I.2026", "Quí 1 năm 2026", "Q1/2026", "QI-2026", "Quý I-2026", "quý 1 năm 2026",
                "15/12/2025-14/03/2026", "01/01/2026 - 31/03/2026", "Kỳ báo cáo: Quý I/2026", "Quý I / 2026",
                "Quý I/2026 (từ 15/12/2025 đến 14/3/2026)", "2026-Q1", "Quý I/2026, năm 2026"),
    "2026-Q4": ("Quý IV-2026", "Quý 4/2026", "Quý IV năm 2026"),
    "2026-H1": ("6 tháng đầu năm 2026", "Sơ kết 6 tháng đầu năm 2026", "sơ kết 6 tháng năm 2026",
                "06 tháng đầu năm 2026",
                "15/12/2025 - 14/6/2026", "từ ngày 01/01/2026 đến ngày 30/6/2026", "6T đầu năm 2026"),
    "2026-H2": ("6 tháng cuối năm 2026", "15/6/2026-14/12/2026"),
    "2026-9M": ("9 tháng đầu năm 2026", "9 tháng năm 2026", "9 tháng/2026", "15/12/2025–14/9/2026"),
    "2026": ("Năm 2026", "cả năm 2026", "2026", "Tổng kết năm 2026", "15/12/2025–14/12/2026"),
    "2026-W12": ("Tuần 12/2026", "tuần thứ 12 năm 2026", "Từ ngày 16/3/2026 đến ngày 20/3/2026", "16/3/2026-22/3/2026",
                 "từ ngày 16/3 đến 20/3/2026", "Tuần 12 (từ ngày 16/3/2026 đến ngày 20/3/2026)", "2026-W12"),
    "2026-W01": ("từ 29/12/2025 đến 02/01/2026", "tuần 1/2026"),
}  # fmt: skip


@pytest.mark.parametrize(("period", "text"), [(period, text) for period, texts in SPELLINGS.items() for text in texts])
def test_spellings(period: str, text: str) -> None:
    for spelling in (text, unicodedata.normalize("NFD", text), text.upper(), unaccented(text), f"  {text}\u00a0"):
        assert parse_period(spelling) == period, spelling


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Tháng 3", "2026-03"), ("Quý II", "2026-Q2"), ("6 tháng đầu năm", "2026-H1"), ("6 tháng cuối năm", "2026-H2"),
        ("sơ kết 6 tháng", "2026-H1"), ("9 tháng", "2026-9M"), ("cả năm", "2026"), ("Tuần 12", "2026-W12"),
        ("15/12–14/6", "2026-H1"), ("15/12–14/9", "2026-9M"), ("15/12–14/12", "2026"), ("từ 16/3 đến 20/3", "2026-W12"),
    ],
)  # fmt: skip
def test_the_year_comes_from_the_context(text: str, period: str) -> None:
    assert parse_period(text, default_year=2026) == period
    assert parse_period(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "Sheet1", "Biểu 01", "Quý V/2026", "Tháng 13/2026", "Tuần 60/2026", "Tuần 53/2025", "24-6-2025",
     "02/01/2026 - 31/03/2026",
     "Quý I/2026 và Quý II/2026", "Quý I, II/2026", "tháng 4-5/2026", "Quý 12/2026", "2025-2026", "giai đoạn 2026-2030",
     "Tuần 13 (từ ngày 16/3/2026 đến ngày 20/3/2026)", "17/3/2026 - 23/3/2026", "ngày 16 tháng 3 năm 2026"],
)  # fmt: skip
def test_no_period(text: str) -> None:
    assert parse_period(text) is None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("06_So KHCN Thanh Hoa_BM01_Thang 3-2026.xlsx", "2026-03"),
        ("05_Huyen Nhu Xuan_BM01_T2-2025.xls", "2025-02"),
        ("07_UBND phường Hạc Thành_BM01_Quý I-2026.xlsx", "2026-Q1"),
        ("09_So Noi vu Nghe An_BM02_Tuan 21-2026.xlsx", "2026-W21"),
        ("03_HDND Thanh Hoa_BM01_2025.xlsx", "2025"),
        ("01_NgheAn_BM01_BM02_24-6-2025.xlsx", None),
        ("BM01_Thang_3_2026.xlsx", "2026-03"),
        ("BM01_01_2026.xlsx", None),
        ("BM01_03-2026_ky.xlsx", "2026-03"),
        ("Tháng 3-2026 (1).xlsx", "2026-03"),
        ("KẾT QUẢ THỰC HIỆN CHỈ TIÊU CHUYỂN ĐỔI SỐ QUÝ I NĂM 2026", "2026-Q1"),
        ("Biểu 01 tháng 3/2026", "2026-03"),
        ("Tiến độ nhiệm vụ năm 2026 (Quý I/2026)", "2026-Q1"),
        ("Kế hoạch giai đoạn 2025-2030, kết quả Quý II/2026", "2026-Q2"),
        ("Kết quả 6 tháng đầu năm, nhiệm vụ 6 tháng cuối năm 2026", None),
        ("Tổng kết năm 2025, nhiệm vụ năm 2026", None),
        ("Quý I/2026 so với Quý I/2025", None),
        ("Thanh Hóa, ngày 16 tháng 3 năm 2026", None),
        ("Thanh Hóa, ngày … tháng 3 năm 2026", None),
        ("Quyết định 12/2026/QĐ-UBND", None),
        ("thời hạn 6 tháng", None),
    ],
)
def test_find_period(text: str, period: str | None) -> None:
    assert find_period(text) == period
    assert find_period(unicodedata.normalize("NFD", text)) == period


@pytest.mark.parametrize("period", PERIODS)
def test_labels_read_back(period: str) -> None:
    assert parse_period(label(period)) == period
    assert parse_period(period) == period


@pytest.mark.parametrize(
    ("period", "vi", "en"),
    [
        ("2026-03", "Tháng 3/2026", "March 2026"), ("2026-Q1", "Quý I/2026", "Q1/2026"), ("2026", "Năm 2026", "2026"),
        ("2026-H1", "6 tháng đầu năm 2026", "First half of 2026"), ("2026-W12", "Tuần 12/2026", "Week 12/2026"),
        ("2026-H2", "6 tháng cuối năm 2026", "Second half of 2026"),
        ("2026-9M", "9 tháng năm 2026", "First nine months of 2026"),
    ],
)  # fmt: skip
def test_labels(period: str, vi: str, en: str) -> None:
    assert (label(period), label(period, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("period", "start", "end", "name"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "monthly"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "quarterly"),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31), "half"),
        ("2026-9M", date(2026, 1, 1), date(2026, 9, 30), "nine_months"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "yearly"),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4), "weekly"),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), "weekly"),
    ],
)
def test_dates_and_cadence(period: str, start: date, end: date, name: str) -> None:
    assert period_dates(period) == (start, end)
    assert cadence(period) == name


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-Q5", "2026-H3", "2025-W53", "2026-W00", "26-Q1", "Quý I", "2026-8M"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        period_dates(text)


def test_parts() -> None:
    assert parts("2026-Q2") == ("2026-04", "2026-05", "2026-06")
    assert parts("2026-H2") == ("2026-Q3", "2026-Q4")
    assert parts("2026-9M") == ("2026-Q1", "2026-Q2", "2026-Q3")
    assert parts("2026") == ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")
    assert parts("2026-03") == parts("2026-W12") == ()


@settings(deadline=None)  # a busy machine is no fault
@given(periods)
def test_parts_fill_the_period_without_gaps(period: str) -> None:
    if pieces := parts(period):
        spans = [period_dates(piece) for piece in pieces]
        assert (spans[0][0], spans[-1][1]) == period_dates(period)
        assert all(before[1] + timedelta(days=1) == after[0] for before, after in pairwise(spans))


def test_cut_off_and_due_day() -> None:
    assert cut_off("2026-Q1") == date(2026, 3, 14)
    assert cut_off("2026-W21") == date(2026, 5, 22)
    assert cut_off("2026-02", 31) == date(2026, 2, 28)
    assert due_day("2026-Q1") == date(2026, 3, 17)  # 14 March 2026 is a Saturday
    assert due_day("2026-04") == date(2026, 4, 16)
    assert due_day("2026-04", holidays=frozenset({date(2026, 4, 15)})) == date(2026, 4, 17)
    assert due_day("2026-W21", weekday=4) == date(2026, 5, 22)
    assert due_day("2026-W18", weekday=4, holidays=frozenset({date(2026, 4, 30), date(2026, 5, 1)})) == date(2026, 5, 4)
    assert due_day("2026-W21") == date(2026, 5, 26)


def test_neighbours() -> None:
    assert (previous("2026-01"), next_period("2026-12")) == ("2025-12", "2027-01")
    assert (previous("2026-Q1"), next_period("2026-H1"), previous("2026-9M")) == ("2025-Q4", "2026-H2", "2025-9M")
    assert (next_period("2026-W53"), previous("2026-W01"), next_period("2026")) == ("2027-W01", "2025-W52", "2027")
    assert (previous_year("2026-Q3"), previous_year("2026-W53"), previous_year("2026-W12")) == (
        "2025-Q3",
        "2025-W52",
        "2025-W12",
    )


@settings(deadline=None)
@given(periods)
def test_next_undoes_previous(period: str) -> None:
    assert next_period(previous(period)) == period
    assert period_dates(previous(period))[1] < period_dates(period)[1]


def test_quarters() -> None:
    assert [quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 12)] == ["2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4"]
    assert quarter_containing("2026-05") == quarter_containing("2026-Q2") == "2026-Q2"
    assert quarter_containing("2026-W14") == "2026-Q2"  # 30 March to 5 April: its Friday counts
    assert quarter_containing("2026-H1") is None


def test_order() -> None:
    for _, group in groupby(PERIODS, key=cadence):
        keys = [order_key(period) for period in group]
        assert all(one < other for one, other in pairwise(keys))
    mixed = ["2026-01", "2026-Q1", "2026-H1", "2026-9M", "2026", "2026-02", "2026-Q2"]
    assert all(order_key(one) < order_key(other) for one, other in pairwise(mixed))
    assert len(PERIODS) == len(set(PERIODS)) == 7 * (12 + 4 + 2 + 1 + 1 + 52) + 1  # 2026 alone has a week 53


@pytest.mark.parametrize(
    "text",
    ["02/04/2026", "2/4/2026", "2.4.2026", "02-4-2026", "ngày 02/4/2026", "ngày 02 tháng 4 năm 2026", "2026-04-02",
     "Thanh Hóa, ngày 02 tháng 4 năm 2026", "02/4/2026 (tạm tính)", "2026-04-02 00:00:00", "NGÀY 02/4/2026.", "02/4/26",
     "02 / 4 / 2026", "02/4/2026 (thay cho 01/4/2026)"],
)  # fmt: skip
def test_dates(text: str) -> None:
    assert parse_date(text) == date(2026, 4, 2)
    assert parse_date(unicodedata.normalize("NFD", text)) == date(2026, 4, 2)


def test_a_date_without_year_needs_one() -> None:
    assert parse_date("24.4") is None
    assert parse_date("24.4", default_year=2026) == date(2026, 4, 24)


@pytest.mark.parametrize("text", ["", "31/9/2026", "4/24/2026", "tháng 4", "12", "từ 1/4/2026 hoặc 2/4/2026"])
def test_no_date(text: str) -> None:
    assert parse_date(text) is None


@settings(deadline=None)
@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_reads_back(day: date) -> None:
    assert parse_date(f"{day.day}/{day.month}/{day.year}") == day
    assert parse_date(f"ngày {day.day:02d} tháng {day.month} năm {day.year}") == day
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "due_on", "precision"),
    [
        ("30/5/2026", date(2026, 5, 30), "day"), ("trước 02/4/2026", date(2026, 4, 2), "day"),
        ("Trước ngày 30/6", date(2026, 6, 30), "day"), ("từ 1/4/2026 đến 30/5/2026", date(2026, 5, 30), "day"),
        ("6/2025", date(2025, 6, 30), "month"), ("Tháng 4/2025", date(2025, 4, 30), "month"),
        ("Tháng 9/2025", date(2025, 9, 30), "month"), ("trước tháng 6/2026", date(2026, 6, 30), "month"),
        ("Quý II/2026", date(2026, 6, 30), "quarter"), ("hết quý II", date(2026, 6, 30), "quarter"),
        ("Trong quý III năm 2025", date(2025, 9, 30), "quarter"), ("9 tháng năm 2026", date(2026, 9, 30), "quarter"),
        ("6 tháng cuối năm 2025", date(2025, 12, 31), "half"), ("6 tháng đầu năm", date(2026, 6, 30), "half"),
        ("trong năm 2026", date(2026, 12, 31), "year"), ("năm 2026¹", date(2026, 12, 31), "year"),
        ("2026", date(2026, 12, 31), "year"), ("Trong năm", date(2026, 12, 31), "year"),
        ("2025 - 2026", date(2026, 12, 31), "year"), ("giai đoạn 2025-2030", date(2030, 12, 31), "year"),
        ("hằng tháng", None, "recurring"), ("Hàng quý", None, "recurring"), ("Thường xuyên", None, "recurring"),
        ("định kỳ", None, "recurring"), ("liên tục", None, "recurring"), ("hằng năm", None, "recurring"),
        ("Trước ngày 25 hằng tháng", None, "recurring"),
        ("02 năm", None, "none"), ("", None, "none"), ("31/9/2026", None, "none"), ("Quý II, III/2026", None, "none"),
        ("tháng 4-5/2026", None, "none"), ("1/4/2026; 30/5/2026", None, "none"), ("sau khi có hướng dẫn", None, "none"),
    ],
)  # fmt: skip
def test_deadlines(text: str, due_on: date | None, precision: str) -> None:
    for spelling in (text, unicodedata.normalize("NFD", text), text.upper(), unaccented(text)):
        assert parse_deadline(spelling, default_year=2026) == Deadline(due_on, precision), spelling


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    for found in (parse_period(text, default_year=2026), find_period(text)):
        assert found is None or period_dates(found)
    deadline = parse_deadline(text, default_year=2026)
    assert (deadline.due_on is None) == (deadline.precision in ("recurring", "none"))
