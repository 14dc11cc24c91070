"""Every variation of layout (L), values (V), dates (D) and names (N) known from real forms, read as a careful reader
would read it. Each test bears the number of its variation.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from etl.archive import Archive
from etl.model import Outcome, Receipt
from etl.pipeline import Source
from etl.settings import Settings
from etl.vietnamese import sort_key
from tests import forms
from tests.forms import (
    BM01_HEADER,
    REFERENCE,
    Checker,
    Page,
    Written,
    bm01,
    bm02,
    bm03,
    figures,
    figures_of_units,
    findings,
    xlsx,
)
from tests.hostile import hostile_files

SOME = (("VB01", 3, 81), ("VB02", 40, 50))
SOME_READ = {"VB01": "3/81 = 3.703704", "VB02": "40/50 = 80"}


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    with forms.pipeline(tmp_path_factory.mktemp("live")) as opened:
        yield Checker(opened)


def identity(receipt: Receipt) -> tuple[str, str, str, str]:
    """Outcome, form, unit and period of a receipt."""
    return str(receipt.outcome), receipt.content.form, receipt.content.org_unit, receipt.content.period


def accepted(receipt: Receipt) -> dict[str, str]:
    """What was read, of a receipt that must be an acceptance."""
    errors = [(f.code, f.cell, f.message_vi) for f in receipt.content.findings if f.severity == "error"]
    assert errors == []
    assert receipt.outcome is Outcome.ACCEPTED
    return figures(receipt)


def one(check: Checker, indicator: str, *values: Any, **options: Any) -> tuple[str, set[tuple[str, str]]]:
    """What is read from a form with one row, and the findings with their cells; its row is row 11."""
    receipt = check(bm01((indicator, *values), **options))
    return figures(receipt).get(indicator, "nothing"), findings(receipt)


# --- layout -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header_row", range(4, 13))
def test_l01_title_block_above_and_header_in_rows_4_to_12(check: Checker, header_row: int) -> None:
    page = bm01(*SOME, header_row=header_row, agency=("UBND TỈNH THANH HÓA", "UBND XÃ NHƯ XUÂN"))
    if header_row > 8:
        page.put("A3", "Số: 12/BC-UBND").put("E3", "Như Xuân, ngày 15 tháng 3 năm 2026")
        page.put("A5", "(Kèm theo Báo cáo số 12/BC-UBND ngày 15/3/2026 của UBND xã Như Xuân)").merge("A5:H5")
    receipt = check(page)
    assert accepted(receipt) == SOME_READ
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert receipt.content.as_of == date(2026, 3, 14)
    assert findings(receipt) == set()
    assert [observation.cell for observation in receipt.content.observations] == [
        f"E{header_row + 1}",
        f"E{header_row + 2}",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        {"A2": ("Kỳ báo cáo:", "Quý I/2026"), "A3": ("Đơn vị:", "UBND xã Như Xuân"), "A4": ("Tình trạng:", "Tất cả")},
        {"A2": ("Kỳ báo cáo", "Quý I/2026"), "A3": ("Đơn vị", "UBND xã Như Xuân"), "A8": ("Tình trạng", "Đã gửi")},
        {"B2": ("Kỳ báo cáo: Quý I/2026",), "B3": ("Đơn vị: UBND xã Như Xuân",), "B8": ("Tình trạng: Tất cả",)},
        {"B2": ("Kỳ báo cáo:", None, "Quý I/2026"), "B6": ("Đơn vị:", None, "Xã Như Xuân"), "B8": ("Tình trạng:",)},
    ],
    ids=["labels in A", "without colon", "in one cell", "a blank cell between"],
)
def test_l02_label_block_in_b2_to_b8(check: Checker, lines: dict[str, tuple[Any, ...]]) -> None:
    page = bm01(*SOME, unit=None, period=None, header_row=11)
    for row in (8, 9):
        page.put(f"A{row}", None)
    for address, values in lines.items():
        page.put(address, *values)
    receipt = check(page)
    assert accepted(receipt) == SOME_READ
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert findings(receipt) == set()


def test_l03_merged_header_of_two_rows(check: Checker) -> None:
    page = bm01(("VB01", 3, 81, 3.7, "ghi chú"), ("VB02", 40, 50), header_row=10).moved(rows=0)
    page.put("A10", *BM01_HEADER[:4], "Kết quả thực hiện", None, None, "Ghi chú")
    below = page.moved(rows=1)
    below.cells = {at: value for at, value in below.cells.items() if at[0] > 11} | {
        at: value for at, value in page.cells.items() if at[0] <= 10
    }
    below.put("E11", "Số thực hiện", "Tổng số", "Tỷ lệ (%)")
    below.merge("A10:A11", "B10:B11", "C10:C11", "D10:D11", "E10:G10", "H10:H11")
    receipt = check(below)
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()
    assert receipt.content.observations[0].note == "ghi chú"


def test_l03_three_header_rows_and_leaf_labels_repeated_under_two_parents(check: Checker) -> None:
    page = bm03(
        (1, "Xã Như Xuân", 3, 81, None, 40, 50),
        (2, "Phường Hạc Thành", 8, 8, None, 0, 10),
        indicators=("DL01 Tỷ lệ số hóa cơ sở dữ liệu đất đai", "DVC06 Tỷ lệ số hóa kết quả"),
        header_row=9,
    )
    page.put("A8", "STT", "Đơn vị", "Kết quả thực hiện trong kỳ").put("A9", None, None)
    page.merges = [(8, 1, 10, 1), (8, 2, 10, 2), (8, 3, 8, 8), (9, 3, 9, 5), (9, 6, 9, 8)]
    page.put("A6", "Kỳ báo cáo:", "Quý I/2026").put("A5", "Đơn vị báo cáo:", "Sở Nông nghiệp và Môi trường")
    page.put("A7", "Số liệu tính đến ngày:", date(2026, 3, 14))
    receipt = check(page)
    accepted(receipt)
    assert figures_of_units(receipt) == {
        ("16174", "DL01"): "3/81 = 3.703704",
        ("16174", "DVC06"): "40/50 = 80",
        ("14797", "DL01"): "8/8 = 100",
        ("14797", "DVC06"): "0/10 = 0",
    }
    assert findings(receipt) == set()


def test_l03_the_columns_of_this_period_are_taken_where_leaf_labels_repeat(check: Checker) -> None:
    page = bm01(header_row=9)
    page.put("A9", *BM01_HEADER[:4], "Kỳ trước", None, "Kỳ này", None, None)
    page.put("E10", "Số thực hiện", "Tổng số", "Số thực hiện", "Tổng số", "Tỷ lệ (%)")
    page.merge("A9:A10", "B9:B10", "C9:C10", "D9:D10", "E9:F9", "G9:I9")
    page.put("A11", 1, "VB01", None, "%", 1, 70, 3, 81, 3.7)
    receipt = check(page)
    assert accepted(receipt) == {"VB01": "3/81 = 3.703704"}
    assert receipt.content.observations[0].cell == "G11"


def test_l03_the_same_column_twice_without_a_word_that_tells_them_apart_is_asked_back(check: Checker) -> None:
    page = bm01(header=(*BM01_HEADER[:6], "Số thực hiện", "Tổng số"))
    page.put("A11", 1, "VB01", None, "%", 3, 81, 5, 90)
    receipt = check(page)
    assert ("header.twice", "G10") in findings(receipt)
    assert receipt.outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    "numbers",
    [
        ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)=(5)/(6)", "(8)"),
        ("A", "B", "C", "D", 1, 2, "3=1/2", 4),
        (1, 2, 3, 4, 5, 6, "7=5/6*100", 8),
        ("1", "2", "3", "4", "5", "6", "7 = 5:6 x 100%", "8"),
        (None, None, None, None, "(1)", "(2)", "(3)=(1)/(2)"),
        ("[1]", "[2]", "[3]", "[4]", "[5]", "[6]", "[7]=[5]/[6]x100", "[8]"),
        (Written(-1, "(0)"), Written(-2, "(0)"), -3, -4, -5, -6, "(7)", -8),
    ],
    ids=str,
)
def test_l04_row_of_column_numbers(check: Checker, numbers: tuple[Any, ...]) -> None:
    page = bm01(*SOME, header_row=10)
    moved = page.moved(rows=1)
    moved.cells = {at: value for at, value in page.cells.items() if at[0] <= 10} | {
        at: value for at, value in moved.cells.items() if at[0] > 11
    }
    moved.put("A11", *numbers)
    receipt = check(moved)
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()


def test_l04_row_of_column_numbers_below_two_header_rows(check: Checker) -> None:
    page = bm03(("A", "B", "(1)", "(2)", "(3)=(1)/(2)"), (1, "Xã Như Xuân", 3, 81), (2, "Phường Hạc Thành", 1, 2))
    receipt = check(page)
    accepted(receipt)
    assert figures_of_units(receipt) == {("16174", "DL01"): "3/81 = 3.703704", ("14797", "DL01"): "1/2 = 50"}
    assert findings(receipt) == set()


@pytest.mark.parametrize("number", ["1", "1.", "01", "I", "1.1", "a)", "-", "*", "**I.**", "+", "I.1", "1)", None, 1.1])
def test_l05_running_numbers(check: Checker, number: Any) -> None:
    page = bm01(*SOME)
    page.put("A11", number)
    receipt = check(page)
    assert accepted(receipt) == SOME_READ
    tasks = bm02({}, {})
    tasks.put("A9", number)
    reports = check(tasks).content.tasks
    assert [report.task for report in reports] == ["NV-01", "NV-02"]
    units = bm03((number, "Xã Như Xuân", 3, 81), (2, "Phường Hạc Thành", 1, 2))
    assert set(figures_of_units(check(units)).values()) == {"3/81 = 3.703704", "1/2 = 50"}


def test_l06_roman_group_rows_whose_count_restarts(check: Checker) -> None:
    page = bm03(
        ("I", "Sở, ban, ngành"),
        (1, "Sở Nội vụ", 1, 2),
        (2, "Sở Tài chính", 2, 2),
        ("II.", "UBND xã, phường"),
        (1, "Xã Như Xuân", 3, 81),
        (2, "Phường Hạc Thành", 1, 2),
        ("III", "Văn phòng đăng ký đất đai", None, None),
    )
    receipt = check(page)
    accepted(receipt)
    assert list(figures_of_units(receipt)) == [
        ("38.NV", "DL01"), ("38.TC", "DL01"), ("16174", "DL01"), ("14797", "DL01"),
    ]  # fmt: skip
    assert findings(receipt) == set()


def test_l06_group_rows_among_indicators_and_tasks(check: Checker) -> None:
    page = bm01(("", None), ("VB01", 3, 81), ("", None), ("DVC01", 5, 10))
    page.put("A11", "I", None, "Văn bản điện tử").put("A13", "II", None, "Dịch vụ công trực tuyến").put("A14", 1)
    receipt = check(page)
    assert accepted(receipt) == {"VB01": "3/81 = 3.703704", "DVC01": "5/10 = 50"}
    assert findings(receipt) == set()
    tasks = bm02({}, {}, {}, {})
    for row, (number, title) in {9: ("I", "Nhiệm vụ quý I"), 11: ("II.", "Nhiệm vụ quý II")}.items():
        for letter in "BDEGHJ":
            tasks.put(f"{letter}{row}", None)
        tasks.put(f"A{row}", number, None, title)
    assert [report.task for report in check(tasks).content.tasks] == ["NV-02", "NV-04"]


@pytest.mark.parametrize(
    "word", ["Tổng", "Tổng số", "Tổng cộng", "TỔNG CỘNG", "Cộng", "Toàn tỉnh", "CỘNG:", "Tổng cộng (I+II)"]
)
@pytest.mark.parametrize("at_top", [True, False], ids=["top", "bottom"])
@pytest.mark.parametrize("column", ["number", "unit"])
def test_l07_totals_are_checked_and_not_loaded(check: Checker, word: str, at_top: bool, column: str) -> None:
    rows: list[tuple[Any, ...]] = [(1, "Xã Như Xuân", 3, 81), (2, "Phường Hạc Thành", 1, 2)]

    def with_total(numerator: int, denominator: int) -> Receipt:
        words = (word, None) if column == "number" else (None, word)
        total = (*words, numerator, denominator)
        return check(bm03(*([total, *rows] if at_top else [*rows, total])))

    right, wrong = with_total(4, 83), with_total(4, 84)
    for receipt in (right, wrong):
        accepted(receipt)
        assert figures_of_units(receipt) == {("16174", "DL01"): "3/81 = 3.703704", ("14797", "DL01"): "1/2 = 50"}
    assert findings(right) == set()
    assert findings(wrong) == {("rule.total_differs", "D10" if at_top else "D12")}


_GROUPED: list[tuple[Any, ...]] = [
    ("I", "Sở, ban, ngành", 3, 4),
    (1, "Sở Nội vụ", 1, 2),
    (2, "Sở Tài chính", 2, 2),
    ("II", "UBND xã, phường", 4, 83),
    (1, "Xã Như Xuân", 3, 81),
    (2, "Phường Hạc Thành", 1, 2),
]
_SUBTOTALS_BELOW: list[tuple[Any, ...]] = [
    ("I", "Sở, ban, ngành"),
    (1, "Sở Nội vụ", 1, 2),
    (2, "Sở Tài chính", 2, 2),
    (None, "Cộng I", 3, 4),
    ("II", "UBND xã, phường"),
    (1, "Xã Như Xuân", 3, 81),
    (2, "Phường Hạc Thành", 1, 2),
    (None, "Cộng II", 4, 83),
]


@pytest.mark.parametrize(
    ("rows", "wrong_cell"),
    [
        ([*_GROUPED, (None, "Tổng cộng", 7, 87)], "C13"),
        ([(None, "Toàn tỉnh", 7, 87), *_GROUPED], "C14"),
        ([*_SUBTOTALS_BELOW, (None, "Tổng cộng (I+II)", 7, 87)], "C13"),
        ([*[row[:2] if row[0] in ("I", "II") else row for row in _GROUPED], (None, "Tổng cộng", 7, 87)], "C16"),
        ([*[row[:2] if row[0] in ("I", "II") else row for row in _GROUPED], (None, "Cộng", 7, 87)], "C16"),
        ([*_GROUPED, (None, "Tổng số", 7, 87), (None, "Bình quân", 1.75, 21.75)], "C10"),
    ],
    ids=["figures in group rows", "total on top", "subtotals below", "groups, one total", "groups, one sum", "average"],
)
def test_l07_subtotals_stand_for_their_groups(check: Checker, rows: list[tuple[Any, ...]], wrong_cell: str) -> None:
    receipt = check(bm03(*rows))
    accepted(receipt)
    assert len(receipt.content.observations) == 4
    assert findings(receipt) == set()
    page = bm03(*rows)
    page.put(wrong_cell, 99)
    assert findings(check(page)) == {("rule.total_differs", wrong_cell)}


def test_l07_a_total_row_under_indicators_is_no_indicator(check: Checker) -> None:
    page = bm01(*SOME)
    page.put("A13", None, None, "Tổng cộng", None, 43, 131)
    receipt = check(page)
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()


_SIGNATURES = [
    ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    ("K/T GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
    ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"),
    ("TUQ. GIÁM ĐỐC",),
    ("THỦ TRƯỞNG ĐƠN VỊ", "(Ký, ghi rõ họ tên)"),
    ("Ký, họ tên",),
    ("CHỦ TỊCH", "(Ký tên, đóng dấu)"),
    ("GIÁM ĐỐC",),
    ("Thủ trưởng cơ quan",),
]


@pytest.mark.parametrize("signature", _SIGNATURES, ids=lambda lines: lines[0])
def test_l08_statistics_and_signature_block_under_the_table(check: Checker, signature: tuple[str, ...]) -> None:
    def with_block(page: Page) -> Page:
        row = page.last_row + 1
        page.put(f"A{row}", "Ghi chú: số liệu lấy từ hệ thống quản lý văn bản")
        page.put(f"A{row + 1}", "Xuất báo cáo bởi: Nguyễn Văn A")
        page.put(f"A{row + 2}", "Thời gian: 15/03/2026 08:30")
        page.put(f"F{row + 3}", "Như Xuân, ngày 15 tháng 3 năm 2026")
        page.put(f"B{row + 4}", "NGƯỜI LẬP BIỂU", None, None, None, signature[0])
        for below, line in enumerate(signature[1:], start=row + 5):
            page.put(f"F{below}", line)
        page.put(f"B{row + 9}", "Nguyễn Văn A", None, None, None, "Trần Thị B")
        page.put(f"A{row + 10}", "Nơi nhận:").put(f"A{row + 11}", "- Sở KH&CN;").put(f"A{row + 12}", "- Lưu: VT.")
        return page

    receipt = check(with_block(bm01(*SOME)))
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()
    receipt = check(with_block(bm02({}, {})))
    assert [report.task for report in receipt.content.tasks] == ["NV-01", "NV-02"]
    assert findings(receipt) == set()
    receipt = check(with_block(bm03((1, "Xã Như Xuân", 3, 81), (2, "Phường Hạc Thành", 1, 2))))
    accepted(receipt)
    assert len(receipt.content.observations) == 2
    assert findings(receipt) == set()


@pytest.mark.parametrize("signature", _SIGNATURES, ids=lambda lines: lines[0])
def test_l08_a_signature_block_without_a_date_ends_the_table_too(check: Checker, signature: tuple[str, ...]) -> None:
    page = bm03((1, "Xã Như Xuân", 3, 81), (2, "Phường Hạc Thành", 1, 2))
    page.put("B13", signature[0]).put("B17", "Trần Thị B").put("B19", "Số điện thoại").put("C19", 912345678)
    receipt = check(page)
    accepted(receipt)
    assert len(receipt.content.observations) == 2
    assert findings(receipt) == set()


def test_l08_counts_in_a_statistics_block_are_no_rows(check: Checker) -> None:
    page = bm01(*SOME)
    page.put("A14", "Thống kê").put("A15", "Tổng số chỉ tiêu:", None, None, None, 2)
    page.put("A16", "Đã báo cáo:", None, None, None, 2).put("A17", "Chưa báo cáo:", None, None, None, 0)
    receipt = check(page)
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()


def test_l09_vertical_merges_of_lead_and_document(check: Checker) -> None:
    page = bm02({"E": "Sở Tài chính"}, {"D": None, "E": None}, {"D": None, "E": None}, {"E": "Sở Nội vụ"})
    page.merge("D9:D11", "E9:E11")
    reports = check(page).content.tasks
    assert [report.lead for report in reports] == ["38.TC", "38.TC", "38.TC", "38.NV"]
    assert {report.assigned_in for report in reports} == {"Kế hoạch 266-KH/TU"}


def test_l09_a_unit_merged_over_rows_that_hold_one_indicator_each(check: Checker) -> None:
    page = bm03(
        (1, "Xã Như Xuân", 3, 81),
        (None, None, None, None, None, 40, 50),
        (2, "Phường Hạc Thành", 1, 2),
        (None, None, None, None, None, 7, 7),
        indicators=("DL01", "DVC06"),
    )
    page.merge("B10:B11", "B12:B13", "A10:A11", "A12:A13")
    receipt = check(page)
    accepted(receipt)
    assert figures_of_units(receipt) == {
        ("16174", "DL01"): "3/81 = 3.703704",
        ("16174", "DVC06"): "40/50 = 80",
        ("14797", "DL01"): "1/2 = 50",
        ("14797", "DVC06"): "7/7 = 100",
    }


def test_l09_a_task_merged_over_several_lines_of_text_is_one_task(check: Checker) -> None:
    page = bm02({"C": "Rà soát quy trình", "K": "đã rà soát"}, {}, {})
    for letter in "ABDEGHJ":
        page.put(f"{letter}10", None)
    page.put("C10", "và công bố").put("K10", "chưa công bố").merge("A9:A10", "B9:B10", "G9:G10", "H9:H10")
    receipt = check(page)
    assert [report.task for report in receipt.content.tasks] == ["NV-01", "NV-03"]
    first = receipt.content.tasks[0]
    assert (first.title, first.result) == ("Rà soát quy trình\nvà công bố", "đã rà soát\nchưa công bố")
    assert findings(receipt) == set()


def test_l09_a_total_merged_over_indicators_holds_for_each(check: Checker) -> None:
    page = bm01(("VB01", 3, 81), ("VB02", 40)).merge("F11:F12")
    assert accepted(check(page)) == {"VB01": "3/81 = 3.703704", "VB02": "40/81 = 49.38272"}


def test_l09_an_indicator_merged_over_two_lines_is_one_row(check: Checker) -> None:
    page = bm01(("VB01", 3, 81), ("VB02", 40, 50))
    page.put("A12", None, None, "(không mật)", None, None, None).merge("A11:A12", "B11:B12", "E11:E12", "F11:F12")
    page.put("A13", 2, "VB02", None, "%", 40, 50)
    assert accepted(check(page)) == SOME_READ


def test_l10_guide_sheet_with_sample_rows_and_hidden_copy(check: Checker) -> None:
    guide = bm01(("VB01", 83, 100), ("VB02", 9, 10), unit="UBND xã A", name="Hướng dẫn")
    hidden = bm01(("VB01", 1, 2), name="Biểu 01 (cũ)")
    hidden.hidden = True
    blank = Page("Sheet1").put("A1", " ")
    receipt = check(xlsx(guide, bm01(*SOME), hidden, blank))
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == {("sheet.left_out", ""), ("sheet.hidden", "")}


@pytest.mark.parametrize(
    ("names", "labelled"),
    [
        (("Tháng 1", "Tháng 2", "Tháng 3"), True),
        (("T1.2026", "T2.2026", "T3.2026"), False),
        (("Thang 1-2026", "Thang 2-2026", "Thang 3-2026"), False),
        (("Tháng 1", "Tháng 2", "Tháng 3"), False),
    ],
    ids=["labels", "T1.2026", "Thang 1-2026", "year from the file name"],
)
def test_l10_one_sheet_per_month_gives_three_submissions(
    check: Checker, names: tuple[str, ...], labelled: bool
) -> None:
    pages = [
        bm01(
            ("VB01", month, 81),
            unit="Sở Nội vụ",
            period=f"Tháng {month}/2026" if labelled else None,
            as_of=date(2026, month, 14),
            name=name,
        )
        for month, name in enumerate(names, start=1)
    ]
    receipts = check.all(xlsx(*pages), "So Noi vu_BM01_nam 2026.xlsx")
    assert [identity(receipt) for receipt in receipts] == [
        ("accepted", "bm01_indicators", "38.NV", f"2026-0{month}") for month in (1, 2, 3)
    ]
    assert [receipt.content.observations[0].numerator for receipt in receipts] == [1, 2, 3]


@pytest.mark.parametrize("labelled", [True, False], ids=["labels", "sheet names"])
def test_l10_one_sheet_per_unit(check: Checker, labelled: bool) -> None:
    units = {"Xã Như Xuân": "16174", "Phường Hạc Thành": "14797", "P. Sầm Sơn": "16531"}
    pages = [bm01(("VB01", 3, 81), unit=name if labelled else None, name=name) for name in units]
    receipts = check.all(xlsx(*pages), "Tong hop cac xa.xlsx")
    assert [identity(receipt) for receipt in receipts] == [
        ("accepted", "bm01_indicators", code, "2026-Q1") for code in units.values()
    ]


def test_l10_the_form_on_a_sheet_without_a_name_of_its_own(check: Checker) -> None:
    receipt = check(xlsx(bm01(*SOME, name="Sheet1"), Page("Sheet2"), Page("Sheet3")))
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()


@pytest.mark.parametrize("words", ["Ví dụ", "VD: VB01", "Thực nghiệm", "(Mẫu)", "Dòng mẫu", "ví dụ:"])
def test_l11_example_rows_left_in(check: Checker, words: str) -> None:
    page = bm01(("VB01", 83, 100), ("VB01", 3, 81), ("VB02", 40, 50))
    page.put("A11", words)
    receipt = check(page)
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == {("row.example", "B11")}
    tasks = bm02({"A": words}, {})
    assert [report.task for report in check(tasks).content.tasks] == ["NV-02"]
    units = bm03((words, "Xã Như Xuân", 83, 100), (1, "Xã Như Xuân", 3, 81))
    assert figures_of_units(check(units)) == {("16174", "DL01"): "3/81 = 3.703704"}


@pytest.mark.parametrize(
    "unit", ["16174", 16174, "Như Xuân", "UBND xã Như Xuân", "Xã Như Xuân, tỉnh Thanh Hóa", "UBND x. Như Xuân"], ids=str
)
def test_l12_the_unit_by_code_or_name(check: Checker, unit: Any) -> None:
    receipt = check(bm01(*SOME, unit=unit))
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    "name",
    ["1. Xã Như Xuân", "01) Xã Như Xuân", "- Xã Như Xuân", "Xã Như Xuân (*)", "Xã Như Xuân¹", "UBND\nxã Như Xuân"],
)
def test_l12_units_in_rows_with_running_numbers_and_footnotes(check: Checker, name: str) -> None:
    assert list(figures_of_units(check(bm03((None, name, 3, 81))))) == [("16174", "DL01")]


@pytest.mark.parametrize(
    ("name", "code", "read"),
    [
        ("Xã Như Xuân", 16174, True),
        (None, "16174", True),
        (None, 16174, True),
        ("Xã Như Xuâm", "16174", True),
        ("Xã Như Xuâm", None, False),
    ],
)
def test_l12_units_in_rows_by_a_column_of_codes(check: Checker, name: str | None, code: Any, read: bool) -> None:
    page = bm03((1, name, 3, 81)).put("F8", "Mã đơn vị").put("F10", code)
    receipt = check(page)
    assert figures_of_units(receipt) == ({("16174", "DL01"): "3/81 = 3.703704"} if read else {})
    assert (receipt.outcome is Outcome.ACCEPTED) == read


@pytest.mark.parametrize("unit", ["SKHCN", "Sở KH&CN", "38.KHCN", "Sở Khoa học và Công nghệ tỉnh Thanh Hóa"])
def test_l12_a_department_by_abbreviation_or_code(check: Checker, unit: str) -> None:
    receipt = check(bm01(*SOME, unit=unit, period="Tháng 3/2026"))
    assert identity(receipt) == ("accepted", "bm01_indicators", "38.KHCN", "2026-03")


@pytest.mark.parametrize(
    ("place", "file_name", "sheet"),
    [
        ("file", "UBND xã Như Xuân_BM01_Quý I-2026.xlsx", "Biểu 01"),
        ("file", "BM01_xa Nhu Xuan.xlsx", "Biểu 01"),
        ("file", "3. Xã Như Xuân - BM01.xlsx", "Biểu 01"),
        ("sheet", "bieu.xlsx", "Xã Như Xuân"),
        ("title", "bieu.xlsx", "Biểu 01"),
    ],
)
@pytest.mark.parametrize("label", [True, False], ids=["label left empty", "no label"])
def test_l12_the_unit_only_in_a_weaker_place(
    check: Checker, place: str, file_name: str, sheet: str, label: bool
) -> None:
    agency = ("UBND TỈNH THANH HÓA", "UBND XÃ NHƯ XUÂN") if place == "title" else ()
    page = bm01(*SOME, unit=None, name=sheet, agency=agency)
    if not label:
        page.put("A7", None)
    receipt = check(xlsx(page), file_name)
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert [code for code, _ in findings(receipt)] == ["org_unit.from_weaker_place"]
    words = {"file": "tên tệp", "sheet": "tên trang", "title": "phần tiêu đề"}[place]
    assert any(words in finding.message_vi for finding in receipt.content.findings)


def test_l13_many_units_in_one_cell(check: Checker) -> None:
    page = bm02(
        {"F": "Sở Tài chính, Sở Y tế; Công an tỉnh\nSở Văn hóa, Thể thao và Du lịch"},
        {"E": "Sở Tài chính, Sở Y tế"},
        {"F": "Các sở, ban, ngành; UBND các xã, phường"},
    )
    receipt = check(page)
    reports = receipt.content.tasks
    assert set(reports[0].coordinating) == {"38.TC", "38.YT", "38.CA", "38.VHTTDL"}
    assert (reports[1].lead, reports[1].lead_text) == ("", "Sở Tài chính, Sở Y tế")
    assert reports[2].coordinating == ()
    assert findings(receipt) == {("task.lead_not_single", "E10")}


def test_l13_two_units_in_one_row_of_figures_are_asked_back(check: Checker) -> None:
    receipt = check(bm03((1, "Xã Như Xuân, Phường Hạc Thành", 3, 81)))
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {("org_unit.unknown", "B10")}


def test_l14_hidden_rows_are_read_and_named(check: Checker) -> None:
    page = bm01(*SOME, ("VB03", 1, 4))
    page.hidden_rows = {12}
    receipt = check(page)
    assert accepted(receipt) == SOME_READ | {"VB03": "1/4 = 25"}
    assert findings(receipt) == {("row.hidden", "E12")}


def test_l14_validation_lists_comments_and_filters_do_not_matter(check: Checker) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.data_validation("E11:E20", {"validate": "decimal", "criteria": ">=", "value": 0})
        sheet.data_validation("H11:H20", {"validate": "list", "source": ["đạt", "không đạt"]})
        sheet.write_comment("E11", "Nhập số 99")
        sheet.autofilter("A10:H12")
        sheet.set_column("D:D", None, None, {"hidden": True})

    receipt = check(xlsx(bm01(*SOME), fill=fill))
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    ("file_name", "write"),
    [
        ("a.xls", forms.xls),
        ("a.xlsm", forms.without_results),
        ("a.ods", forms.ods),
        ("a.csv", forms.csv_file),
        ("a.csv", partial(forms.csv_file, delimiter="\t", encoding="utf-16")),
        ("a.csv", partial(forms.csv_file, delimiter=",")),
        ("a.xls", forms.html),
    ],
    ids=["xls", "xlsm", "ods", "csv with ;", "csv with tabs", "csv with commas", "html saved as xls"],
)
def test_l15_kinds_of_files(check: Checker, file_name: str, write: Callable[[Page], bytes]) -> None:
    receipt = check(write(bm01(("VB01", 3, 81, 3.7), ("VB02", None, None, 90.5), ("HT03", 614.025))), file_name)
    assert accepted(receipt) == {"VB01": "3/81 = 3.703704", "VB02": "90.5", "HT03": "614.025/· = 614.025"}
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert receipt.content.as_of == date(2026, 3, 14)
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    ("file_name", "write"),
    [("a.xls", forms.xls), ("a.ods", forms.ods), ("a.xls", forms.html)],
    ids=["xls", "ods", "html"],
)
def test_l15_merged_headers_in_other_kinds_of_files(
    check: Checker, file_name: str, write: Callable[[Page], bytes]
) -> None:
    page = bm03((1, "Xã Như Xuân", 3, 81, None, 1, 2), indicators=("DL01 Đất đai", "DVC06 Kết quả"))
    receipt = check(write(page), file_name)
    accepted(receipt)
    assert figures_of_units(receipt) == {("16174", "DL01"): "3/81 = 3.703704", ("16174", "DVC06"): "1/2 = 50"}


@pytest.mark.parametrize(
    ("columns", "read", "found"),
    [
        ({"G": Written(None, formula="=E11/F11*100")}, "3/81 = 3.703704", set()),
        ({"G": Written("#DIV/0!", formula="=E11/0")}, "3/81 = 3.703704", set()),
        ({"E": Written(7, formula="=3+4")}, "7/81 = 8.641975", set()),
        ({"E": Written("#REF!", formula="=#REF!+1")}, None, {("cell.broken_formula", "E11")}),
        ({"E": Written("#N/A", formula="=VLOOKUP(1,A1:B2,2,0)")}, None, {("cell.broken_formula", "E11")}),
        ({"F": Written("#DIV/0!", formula="=1/0")}, "3/· = none", {("cell.division_by_zero", "F11")}),
    ],
    ids=["percentage never calculated", "#DIV/0! in percentage", "formula", "#REF!", "#N/A", "#DIV/0!"],
)
def test_l16_formulas_and_errors(
    check: Checker, columns: dict[str, Any], read: str | None, found: set[tuple[str, str]]
) -> None:
    page = bm01(("VB01", 3, 81))
    for letter, value in columns.items():
        page.put(f"{letter}11", value)
    receipt = check(forms.without_results(page) if columns.get("G") else page)
    assert (receipt.outcome is Outcome.ACCEPTED) == (read is not None)
    assert findings(receipt) == found
    if read is not None:
        assert figures(receipt) == {"VB01": read}


def test_l16_a_number_that_was_never_calculated_is_asked_back(check: Checker) -> None:
    page = bm01(("VB01", None, 81))
    page.put("E11", Written(None, formula="=1+2"))
    receipt = check(forms.without_results(page))
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {("cell.not_calculated", "E11")}


def test_l17_formatted_empty_rows_down_to_the_last_row_of_excel(check: Checker) -> None:
    def fill(book: Any, sheet: Any) -> None:
        bordered = book.add_format({"border": 1})
        for row in [*range(12, 4_000), *range(1_048_570, 1_048_576)]:
            sheet.write_blank(row, 4, None, bordered)

    receipt = check(xlsx(bm01(*SOME), fill=fill))
    assert accepted(receipt) == SOME_READ
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    ("data", "file_name", "code"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "BM01 Như Xuân.pdf", "file.not_a_workbook"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "BM01 Như Xuân.xlsx", "file.not_a_workbook"),
        (next(file.data for file in hostile_files() if "file.password" in file.expected), "a.xlsx", "file.password"),
    ],
    ids=["pdf", "pdf named xlsx", "password"],
)
def test_l18_scans_and_locked_files_are_sent_back(check: Checker, data: bytes, file_name: str, code: str) -> None:
    receipt = check(data, file_name)
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {(code, "")}


# --- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "90,5%",
        "90.5%",
        "90,5 %",
        Written(0.905, "0.0%"),
        90.5,
        "90,5",
        " 90,5 ",
        "'90,5",
        "９０,５",
        "90,5\u00a0%",
        "đạt 90,5%",
    ],
    ids=str,
)
@pytest.mark.parametrize("column", ["percentage", "numerator"])
def test_v01_percentages(check: Checker, typed: Any, column: str) -> None:
    says_per_cent = isinstance(typed, Written) or (isinstance(typed, str) and "%" in typed)
    if column == "numerator" and not says_per_cent:
        read, found = one(check, "VB01", typed, 100)
        assert (read, found) == ("90.5/100 = 90.5", set())
        return
    values = (None, None, typed) if column == "percentage" else (typed,)
    assert one(check, "VB01", *values) == ("90.5", set())


def test_v01_a_column_of_fractions_is_taken_as_fractions(check: Checker) -> None:
    receipt = check(bm01(("VB01", None, None, 0.905), ("VB02", None, None, 0.88), ("VB03", None, None, 1)))
    assert accepted(receipt) == {"VB01": "90.5", "VB02": "88", "VB03": "100"}
    assert findings(receipt) == {
        ("cell.percent_scale", "G11"),
        ("cell.percent_scale", "G12"),
        ("cell.percent_scale", "G13"),
    }


def test_v01_fractions_are_proved_by_the_numbers_beside_them(check: Checker) -> None:
    receipt = check(bm01(("VB01", 905, 1000, 0.905), ("VB02", None, None, 0.5)))
    assert accepted(receipt) == {"VB01": "905/1000 = 90.5", "VB02": "50"}
    receipt = check(bm01(("VB01", 905, 1000, 90.5), ("VB02", None, None, 0.5)))
    assert accepted(receipt) == {"VB01": "905/1000 = 90.5", "VB02": "0.5"}


def test_v01_a_column_of_both_scales_is_flagged(check: Checker) -> None:
    receipt = check(bm01(("VB01", None, None, 0.905), ("VB02", None, None, 90.5), ("VB03", None, None, 0)))
    assert accepted(receipt) == {"VB01": "0.905", "VB02": "90.5", "VB03": "0"}
    assert findings(receipt) == {("cell.percent_scale", "G11")}
    receipt = check(bm01(("VB01", None, None, Written(0.905, "0.0%")), ("VB02", None, None, 90.5)))
    assert accepted(receipt) == {"VB01": "90.5", "VB02": "90.5"}
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    ("typed", "read", "doubtful"),
    [
        ((0.4, 1, 0), (40, 100, 0), {"J9", "J10"}),
        ((Written(0.4, "0%"), 100, "35%"), (40, 100, 35), set()),
        ((0.4, 40, 1), (0.4, 40, 1), {"J9"}),
        (("0,4", "0,75", None), (40, 75, None), {"J9", "J10"}),
    ],
)
def test_v01_progress_of_tasks(
    check: Checker, typed: tuple[Any, ...], read: tuple[float | None, ...], doubtful: set[str]
) -> None:
    receipt = check(bm02(*({"J": value} for value in typed)))
    assert tuple(report.progress_pct for report in receipt.content.tasks) == read
    assert {cell for code, cell in findings(receipt) if code == "cell.percent_scale"} == doubtful


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("trên 90%", "gt 90"),
        ("hơn 90%", "gt 90"),
        ("> 90%", "gt 90"),
        ("gần 90%", "approx 90"),
        ("khoảng 90%", "approx 90"),
        ("ít nhất 90%", "ge 90"),
        ("≥ 90%", "ge 90"),
        ("từ 90% trở lên", "ge 90"),
        ("dưới 5%", "lt 5"),
        ("40 - 50%", "range 40..50"),
        ("16-18%", "range 16..18"),
    ],
)
@pytest.mark.parametrize("column", ["E", "G"])
def test_v02_bounded_percentages(check: Checker, typed: str, read: str, column: str) -> None:
    values = (typed,) if column == "E" else (None, None, typed)
    assert one(check, "VB02", *values) == (read, {("cell.bounded_value", f"{column}11")})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("trên 40", "40/· = gt 40"),
        ("40 - 50", "40/· = range 40..50"),
        ("> 0,7", "0.7/· = gt 0.7"),
        ("khoảng 1.200", "1200/· = approx 1200"),
    ],
)
def test_v02_bounded_quantities(check: Checker, typed: str, read: str) -> None:
    assert one(check, "HT03", typed) == (read, {("cell.bounded_value", "E11")})


@pytest.mark.parametrize(
    "typed", ["3/81", "3 / 81", "3/81 (3,7%)", "03/81", "3 trên 81", "3/81 nhiệm vụ", "3 trên tổng số 81", "3⁄81"]
)
@pytest.mark.parametrize("total", [None, 81])
def test_v03_ratios_typed_into_one_cell(check: Checker, typed: str, total: int | None) -> None:
    assert one(check, "NV01", typed, total) == ("3/81 = 3.703704", set())


def test_v02_a_bounded_number_of_a_total(check: Checker) -> None:
    assert one(check, "VB01", "40-45", 50) == ("40/50 = range 80..90", {("cell.bounded_value", "E11")})
    assert one(check, "VB01", "khoảng 40", 50) == ("40/50 = approx 80", {("cell.bounded_value", "E11")})


def test_v03_a_ratio_typed_into_the_percentage(check: Checker) -> None:
    assert one(check, "NV01", None, None, "3/81") == ("3/81 = 3.703704", set())


def test_v03_two_totals_are_asked_back(check: Checker) -> None:
    assert one(check, "NV01", "3/81", 82)[1] == {("cell.two_totals", "E11")}


@pytest.mark.parametrize(
    ("typed", "total", "read"),
    [
        (Written(date(2026, 8, 3), "d-mmm"), 8, "3/8 = 37.5"),
        (Written(date(2026, 8, 3), "d-mmm"), None, "3/8 = 37.5"),
        (Written(date(2026, 8, 3), "d\\-mmm"), 8, "3/8 = 37.5"),
        (Written(date(2026, 8, 3), "[$-42A]d\\-mmm;@"), None, "3/8 = 37.5"),
        (Written(date(2026, 8, 3), "dd/mm"), 8, "3/8 = 37.5"),
        (Written(date(2026, 3, 8), "d-mmm"), 8, "3/8 = 37.5"),
        (Written(date(2026, 3, 3), "d-mmm"), None, "3/3 = 100"),
        (Written(date(1981, 3, 1), "mmm-yy"), None, "3/81 = 3.703704"),
        (Written(date(1981, 3, 1), "mmm\\-yy"), 81, "3/81 = 3.703704"),
        (Written(date(1981, 3, 1), "mmm-yy"), 1981, "3/1981 = 0.1514387"),
        (Written(date(2026, 3, 1), "mmm-yy"), 26, "3/26 = 11.53846"),
        (Written(date(2026, 3, 1), "mmm-yy"), 2026, "3/2026 = 0.1480750"),
    ],
)
def test_v04_ratios_that_excel_turned_into_dates_are_recovered(
    check: Checker, typed: Written, total: int | None, read: str
) -> None:
    got, found = one(check, "NV01", typed, total)
    assert (got.rstrip("0"), found) == (read.rstrip("0"), {("cell.date_as_ratio", "E11")})


@pytest.mark.parametrize(
    ("typed", "total"),
    [
        (Written(date(2026, 3, 14), "dd/mm/yyyy"), None),
        (Written(date(2026, 3, 14), "dd/mm/yyyy"), 14),
        (Written(date(2026, 8, 3), "d-mmm"), 9),
        (Written(date(2026, 3, 1), "mmm-yy"), None),
        (Written(date(1981, 3, 1), "mmm-yy"), 80),
    ],
)
def test_v04_other_dates_in_a_ratio_column_are_asked_back(check: Checker, typed: Written, total: int | None) -> None:
    receipt = check(bm01(("NV01", typed, total)))
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {("cell.date_not_a_number", "E11")}


def test_v04_a_date_in_the_place_of_a_count_is_asked_back(check: Checker) -> None:
    receipt = check(bm01(("HT01", Written(date(2026, 8, 3), "d-mmm"))))
    assert findings(receipt) == {("cell.date_not_a_number", "E11")}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("614,025 km", 614.025), ("614,025", 614.025), (614.025, 614.025), ("6.054.340", 6054340), ("1.038", 1038),
        ("1 234", 1234), ("1\u00a0234", 1234), ("'1234", 1234), ("1.234,5", 1234.5), (1038, 1038),
        (Written(1038, "#,##0"), 1038), ("12,0", 12),
    ],
)  # fmt: skip
def test_v05_decimal_comma_and_dots_between_thousands(check: Checker, typed: Any, value: float) -> None:
    assert one(check, "HT03", typed) == (f"{value:.10g}/· = {value:.7g}", set())


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("-", "no_activity"), ("–", "no_activity"), ("không", "no_activity"), ("Không phát sinh", "no_activity"),
        ("x", "not_applicable"), ("KXĐ", "not_applicable"), ("N/A", "not_applicable"),
        ("không thuộc phạm vi", "not_applicable"), ("chưa có số liệu", "not_reported"),
        ("đang tổng hợp", "not_reported"), ("…", "not_reported"), (None, "not_reported"), ("  ", "not_reported"),
    ],
)  # fmt: skip
def test_v06_zero_no_activity_not_applicable_and_not_reported_are_told_apart(
    check: Checker, typed: Any, read: str
) -> None:
    assert one(check, "VB01", typed) == (read, set())
    assert one(check, "HT01", typed) == (read, set())
    assert one(check, "VB01", None, None, typed) == (read, set())


def test_v06_zero_and_nothing_of_nothing(check: Checker) -> None:
    assert one(check, "VB01", 0, 81) == ("0/81 = 0", set())
    assert one(check, "VB01", "0", "81") == ("0/81 = 0", set())
    assert one(check, "HT01", 0) == ("0/· = 0", set())
    assert one(check, "VB01", 0, 0) == ("0/0 = none", set())
    assert one(check, "VB01", None, 81) == ("·/81 not_reported", set())
    assert one(check, "VB01", "-", 81) == ("·/81 no_activity", set())
    assert one(check, "VB01", None, None, None, "chưa phát sinh trong kỳ") == ("not_reported", set())


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12 nhiệm vụ", 12),
        ("5 thôn", 5),
        ("12¹", 12),
        ("12*", 12),
        ("25/5/2026: 12", 12),
        ("12 (thôn)", 12),
        ("Đạt 12", 12),
    ],
)
def test_v07_units_footnotes_and_remarks_in_the_cell(check: Checker, typed: str, value: int) -> None:
    assert one(check, "HT01", typed) == (f"{value}/· = {value}", set())


@pytest.mark.parametrize("typed", ["100% (166/166)", "166/166 (100%)", "100 % (166/166 xã, phường)"])
@pytest.mark.parametrize("column", ["E", "G"])
def test_v07_a_percentage_with_its_numbers(check: Checker, typed: str, column: str) -> None:
    values = (typed,) if column == "E" else (None, None, typed)
    assert one(check, "VB01", *values) == ("166/166 = 100", set())


@pytest.mark.parametrize("typed", ["12", "'12", " 12 ", "12\u00a0", "１２", "12.", Written("12", "@"), "\u200b12"])
def test_v08_numbers_as_text(check: Checker, typed: Any) -> None:
    assert one(check, "VB01", typed, "50") == ("12/50 = 24", set())
    assert one(check, "VB01", 12, Written("50", "@")) == ("12/50 = 24", set())


def test_v09_more_than_the_total_and_percentages_that_differ(check: Checker) -> None:
    assert one(check, "VB01", 82, 81)[1] == {("rule.numerator_exceeds_denominator", "E11")}
    assert one(check, "VB01", 3, 81, 37) == ("3/81 = 3.703704", {("rule.percentage_differs", "G11")})
    assert one(check, "VB01", 3, 81, 3.7) == ("3/81 = 3.703704", set())
    assert one(check, "VB01", 3, 81, 4) == ("3/81 = 3.703704", set())
    assert one(check, "VB01", -3, 81)[1] == {("cell.negative", "E11")}


_STATES = ("Hoàn thành", "Đang thực hiện", "Đang thực hiện", "Chưa thực hiện", "Thường xuyên")


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["Tổng số: 5; hoàn thành: 1; đang thực hiện: 2; chưa thực hiện: 1; thường xuyên: 1"], set()),
        (
            ["Tổng số nhiệm vụ: 5", "Đã hoàn thành: 1", "Đang thực hiện: 2", "Chưa thực hiện: 1", "Thường xuyên: 1"],
            set(),
        ),
        (["Tổng số: 81; hoàn thành: 1"], {("rule.total_differs", "A15")}),
        (["Tổng số: 5; hoàn thành: 3; đang thực hiện: 2"], {("rule.total_differs", "A15")}),
        (["Tổng số: 5 nhiệm vụ", "Trong đó: hoàn thành 1; chưa thực hiện 2"], {("rule.total_differs", "A16")}),
    ],
)
def test_v09_counts_under_a_table_of_tasks_are_compared_with_its_rows(
    check: Checker, lines: list[str], wrong: set[tuple[str, str]]
) -> None:
    page = bm02(
        *({"H": state, "J": None, "G": "Thường xuyên" if state == "Thường xuyên" else "30/6/2026"} for state in _STATES)
    )
    for row, line in enumerate(lines, start=15):
        page.put(f"A{row}", line)
    receipt = check(page)
    assert receipt.outcome is Outcome.ACCEPTED
    assert len(receipt.content.tasks) == 5
    assert findings(receipt) == wrong


@pytest.mark.parametrize("at_top", [True, False], ids=["top", "bottom"])
def test_v09_a_total_row_of_a_table_of_tasks_is_compared_with_its_rows(check: Checker, at_top: bool) -> None:
    def page(count: int) -> Page:
        made = bm02({}, {}, {})
        row = 9 if at_top else 12
        if at_top:
            rows = {at: value for at, value in made.cells.items() if at[0] > 8}
            made.cells = {at: value for at, value in made.cells.items() if at[0] <= 8}
            made.cells |= {(line + 1, column): value for (line, column), value in rows.items()}
        return made.put(f"A{row}", None, None, "Tổng số nhiệm vụ", count)

    for count, found in ((3, set()), (4, {("rule.total_differs", "D9" if at_top else "D12")})):
        receipt = check(page(count))
        assert len(receipt.content.tasks) == 3
        assert findings(receipt) == found


@pytest.mark.parametrize(
    ("unit", "typed", "read", "code"),
    [
        ("km", 614.025, "614.025/· = 614.025", None),
        ("Km", 614.025, "614.025/· = 614.025", None),
        ("m", 614025, "614.025/· = 614.025", "cell.unit_converted"),
        ("mét", 614025, "614.025/· = 614.025", "cell.unit_converted"),
        ("nghìn km", 0.614025, "614.025/· = 614.025", "cell.unit_converted"),
        ("triệu đồng", 614, None, "cell.unit_differs"),
        ("ha", 614, None, "cell.unit_differs"),
    ],
)
def test_v10_the_unit_of_the_row(check: Checker, unit: str, typed: float, read: str | None, code: str | None) -> None:
    page = bm01(("HT03", typed))
    page.put("D11", unit)
    receipt = check(page)
    assert {code for code, _ in findings(receipt)} == ({code} if code else set())
    assert (figures(receipt) if receipt.outcome is Outcome.ACCEPTED else None) == ({"HT03": read} if read else None)


@pytest.mark.parametrize("where", ["header", "line"])
@pytest.mark.parametrize(
    ("unit", "read", "code"),
    [
        ("nghìn hồ sơ", "3000/81000 = 3.703704", "cell.unit_converted"),
        ("1.000 hồ sơ", "3000/81000 = 3.703704", "cell.unit_converted"),
        ("triệu đồng", "3000000/8.1e+07 = 3.703704", "cell.unit_converted"),
        ("hồ sơ", "3/81 = 3.703704", None),
        ("%", "3/81 = 3.703704", None),
    ],
)
def test_v10_a_unit_for_the_whole_column_scales_both_numbers(
    check: Checker, where: str, unit: str, read: str, code: str | None
) -> None:
    page = bm01(("VB01", 3, 81, 3.7))
    if where == "header":
        page.put("E10", f"Số thực hiện ({unit})", f"Tổng số ({unit})")
    else:
        page.put("G9", f"Đơn vị tính: {unit}")
    receipt = check(page)
    assert accepted(receipt) == {"VB01": read.replace("8.1e+07", "81000000")}
    assert {code for code, _ in findings(receipt)} == ({code} if code else set())


@pytest.mark.parametrize(("typed", "factor"), [("614.025 m", 1000), ("614,025 km", 1)])
def test_v10_the_unit_inside_a_cell(check: Checker, typed: str, factor: int) -> None:
    converted = {("cell.unit_converted", "E11")} if factor != 1 else set()
    assert one(check, "HT03", typed) == ("614.025/· = 614.025", converted)


def test_v10_a_unit_called_trieu_is_no_million(check: Checker) -> None:
    page = bm01(("VB01", 3, 81), unit=None).put("A7", "Đơn vị: Triệu Sơn")
    receipt = check(page)
    assert accepted(receipt) == {"VB01": "3/81 = 3.703704"}
    assert findings(receipt) == set()


def test_v10_scales_of_numerator_and_total_may_differ(check: Checker) -> None:
    page = bm01(("VB01", 500, 2))
    page.put("E10", "Số thực hiện", "Tổng số (nghìn)")
    assert accepted(check(page)) == {"VB01": "500/2000 = 25"}


def test_v10_a_scale_inside_a_cell_is_asked_back(check: Checker) -> None:
    assert one(check, "HT03", "5 triệu")[1] == {("cell.not_a_number", "E11")}


@pytest.mark.parametrize(
    ("typed", "progress", "state", "code"),
    [
        ("Hoàn thành đúng tiến độ", None, "da_hoan_thanh", None),
        ("H/T đúng hạn", None, "da_hoan_thanh", None),
        ("Đang T/H (trong hạn)", None, "dang_thuc_hien", None),
        ("Đã và đang thực hiện", None, "dang_thuc_hien", None),
        ("Chưa bắt đầu", None, "chua_thuc_hien", None),
        ("Hoàn thành (100%)", None, "da_hoan_thanh", "task.state_unknown"),
        ("Đã hoàn thành, đạt 100%", None, "da_hoan_thanh", "task.state_unknown"),
        ("Hoàn thành 60%", None, "dang_thuc_hien", "task.state_unknown"),
        ("Hoàn thành một phần", None, "dang_thuc_hien", "task.state_unknown"),
        ("Đang triển khai theo kế hoạch", None, "dang_thuc_hien", "task.state_unknown"),
        ("đang lấy ý kiến", 30, "dang_thuc_hien", "task.state_unknown"),
        (None, 100, "da_hoan_thanh", "task.state_missing"),
        (None, None, "chua_thuc_hien", "task.state_missing"),
    ],
)
def test_states_of_tasks(check: Checker, typed: str | None, progress: int | None, state: str, code: str | None) -> None:
    receipt = check(bm02({"H": typed, "J": progress}))
    assert [report.state for report in receipt.content.tasks] == [state]
    assert {code for code, _ in findings(receipt)} == ({code} if code else set())


# --- dates and periods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        date(2026, 3, 14), "14/03/2026", "14/3/2026", "14.3.2026", "14-3-2026", "ngày 14/3/2026", "hết ngày 14/3/2026",
        "ngày 14 tháng 3 năm 2026", "2026-03-14", "14.3", "14/3", 46095, "46095", "14/3/26",
    ],
    ids=str,
)  # fmt: skip
def test_d01_spellings_of_the_as_of_date(check: Checker, typed: Any) -> None:
    receipt = check(bm01(*SOME, as_of=typed))
    assert receipt.content.as_of == date(2026, 3, 14)
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    "text", ["Số liệu tính đến ngày 14/3/2026", "(Tính đến ngày 14/3/2026)", "Số liệu tính đến 14.3.2026"]
)
def test_d01_the_as_of_date_in_a_line_of_its_own(check: Checker, text: str) -> None:
    receipt = check(bm01(*SOME, as_of=None).put("A9", text))
    assert receipt.content.as_of == date(2026, 3, 14)
    assert findings(receipt) == set()


@pytest.mark.parametrize("typed", ["3/4/2026", "03-04-2026", Written(date(2026, 4, 3), "m/d/yyyy")], ids=str)
def test_d01_day_before_month_always(check: Checker, typed: Any) -> None:
    receipt = check(bm01(*SOME, period="Tháng 4/2026", unit="Sở Nội vụ", as_of=typed))
    assert receipt.content.as_of == date(2026, 4, 3)
    assert findings(receipt) == set()


def test_d01_a_day_and_month_that_changed_places_is_seen(check: Checker) -> None:
    receipt = check(bm01(*SOME, period="Tháng 3/2026", unit="Sở Nội vụ", as_of=date(2026, 12, 3)))
    assert {code for code, _ in findings(receipt)} == {"as_of.after_receipt", "as_of.outside_period"}
    receipt = check(bm01(*SOME, as_of="sắp có"))
    assert receipt.content.as_of == date(2026, 3, 14)
    assert findings(receipt) == {("as_of.unreadable", "B9")}


@pytest.mark.parametrize(
    ("typed", "due_on", "precision"),
    [
        ("6/2025", date(2025, 6, 30), "month"), ("Tháng 4/2025", date(2025, 4, 30), "month"),
        (Written(date(2025, 6, 1), "mmm-yy"), date(2025, 6, 30), "month"),
        (Written(date(2025, 1, 6), "dd/yyyy"), date(2025, 6, 30), "month"),
        ("Quý II/2026", date(2026, 6, 30), "quarter"), ("hết quý II", date(2026, 6, 30), "quarter"),
        ("trước 30/6", date(2026, 6, 30), "day"), ("trong năm 2026", date(2026, 12, 31), "year"),
        ("24.4", date(2026, 4, 24), "day"), (date(2026, 6, 30), date(2026, 6, 30), "day"),
        (46203, date(2026, 6, 30), "day"), ("ngày 02/4/2026", date(2026, 4, 2), "day"),
        ("6 tháng đầu năm 2026", date(2026, 6, 30), "half"), ("hằng tháng", None, "recurring"),
        ("Thường xuyên", None, "recurring"),
    ],
    ids=str,
)  # fmt: skip
def test_d02_deadlines(check: Checker, typed: Any, due_on: date | None, precision: str) -> None:
    receipt = check(bm02({"G": typed}))
    (report,) = receipt.content.tasks
    assert (report.due_on, report.due_precision) == (due_on, precision)
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    "typed",
    [
        "Quý I/2026", "Quý I.2026", "quý 1 năm 2026", "Q1/2026", "QI-2026", "Quý I-2026", "Quí I/2026",
        "Quý I năm 2026",
        "QUÝ I/2026", "Qúy I/2026", "Kỳ: Quý I/2026", "2026-Q1", "Quý I/2026 (điều chỉnh)",
    ],
)  # fmt: skip
def test_d03_quarters(check: Checker, typed: str) -> None:
    receipt = check(bm01(*SOME, period=typed))
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert findings(receipt) == set()


@pytest.mark.parametrize(
    ("typed", "period"),
    [
        ("6 tháng đầu năm 2025", "2025-H1"), ("6 tháng cuối năm 2025", "2025-H2"), ("9 tháng năm 2025", "2025-9M"),
        ("9 tháng đầu năm 2025", "2025-9M"), ("Sơ kết 6 tháng năm 2025", "2025-H1"), ("cả năm 2025", "2025"),
        ("Tổng kết năm 2025", "2025"), ("Năm 2025", "2025"), ("2025", "2025"), (2025, "2025"),
        ("6 tháng/2025", "2025-H1"),
    ],
    ids=str,
)  # fmt: skip
def test_d04_halves_nine_months_and_years(check: Checker, typed: Any, period: str) -> None:
    receipt = check(bm01(*SOME, unit="Sở Nội vụ", period=typed, as_of=None))
    assert (receipt.outcome, receipt.content.period) == (Outcome.ACCEPTED, period)
    assert findings(receipt) == {("as_of.missing", "B9")}


@pytest.mark.parametrize(
    "typed",
    [
        "Tuần 12/2026", "Tuần 12", "Tuần thứ 12 năm 2026", "Từ ngày 16/3/2026 đến ngày 20/3/2026",
        "từ ngày 16/3 đến 20/3/2026", "Tuần từ 16/3/2026 đến 22/3/2026", "16/3 - 20/3/2026", "2026-W12",
    ],
)  # fmt: skip
def test_d05_weeks(check: Checker, typed: str) -> None:
    receipt = check(bm02({}, period=typed))
    assert identity(receipt) == ("accepted", "bm02_tasks", "38.NV", "2026-W12")
    assert findings(receipt) == set()


def test_d05_days_that_are_no_week_are_asked_back(check: Checker) -> None:
    receipt = check(bm02({}, period="Từ ngày 18/3/2026 đến ngày 24/3/2026"))
    assert ("period.unreadable", "B6") in findings(receipt)


@pytest.mark.parametrize(
    "typed",
    [
        Written(date(2026, 1, 3), "dd/yyyy"), Written(date(2026, 1, 3), "d/yyyy"), Written(date(2026, 3, 1), "mmm-yy"),
        Written(date(2026, 3, 1), "mm/yyyy"), date(2026, 3, 1), "3/2026", "Tháng 3/2026", "T3/2026",
        "tháng 03 năm 2026",
    ],
    ids=str,
)  # fmt: skip
def test_d06_months_that_excel_turned_into_days(check: Checker, typed: Any) -> None:
    receipt = check(bm01(*SOME, unit="Sở Nội vụ", period=typed))
    assert identity(receipt) == ("accepted", "bm01_indicators", "38.NV", "2026-03")
    assert findings(receipt) == set()


def test_d06_a_day_is_no_period(check: Checker) -> None:
    receipt = check(bm01(*SOME, unit="Sở Nội vụ", period=date(2026, 3, 17)))
    assert findings(receipt) == {("period.unreadable", "B8")}


@pytest.mark.parametrize(
    ("typed", "period", "as_of"),
    [
        ("Quý I/2026", "2026-Q1", date(2026, 3, 14)),
        ("Từ 15/12/2025 đến 14/3/2026", "2026-Q1", date(2026, 3, 14)),
        ("Quý I/2026 (từ 15/12/2025 đến 14/3/2026)", "2026-Q1", date(2026, 3, 14)),
        ("15/02/2026 - 14/03/2026", "2026-03", date(2026, 3, 14)),
        ("Từ 15/12/2024 đến 14/6/2025", "2025-H1", date(2025, 6, 14)),
        ("Từ 15/12/2024 đến 14/9/2025", "2025-9M", date(2025, 9, 14)),
        ("Từ 15/12/2024 đến 14/12/2025", "2025", date(2025, 12, 14)),
    ],
)
def test_d07_a_quarter_is_a_label_cut_off_on_the_14th(check: Checker, typed: str, period: str, as_of: date) -> None:
    receipt = check(bm01(*SOME, unit="Sở Nội vụ", period=typed, as_of=as_of))
    assert (receipt.outcome, receipt.content.period, receipt.content.as_of) == (Outcome.ACCEPTED, period, as_of)
    assert findings(receipt) == set()
    receipt = check(bm01(*SOME, unit="Sở Nội vụ", period=typed, as_of=None))
    assert receipt.content.as_of == as_of


def test_d07_a_report_before_the_end_of_its_quarter_is_none_of_the_future(check: Checker) -> None:
    receipt = check(bm01(*SOME), received_on=date(2026, 3, 16))
    assert receipt.outcome is Outcome.ACCEPTED
    receipt = check(bm01(*SOME, period="Quý III/2026"), received_on=date(2026, 3, 16))
    assert ("period.future", "B8") in findings(receipt)


def test_d08_a_late_correction_counts_and_what_it_corrects_is_kept(tmp_path: Path) -> None:
    with forms.pipeline(tmp_path / "live") as opened:
        for numerator, received_on in ((3, date(2026, 4, 14)), (4, date(2026, 9, 1))):
            data = xlsx(bm01(("VB01", numerator, 81), period="Quý I/2026"))
            checker = Checker(opened)
            assert checker(data, received_on=received_on).outcome is Outcome.ACCEPTED
            source = Source(data, "bieu.xlsx", checker.received_at(received_on))
            (receipt,) = opened.ingest([source])
            assert receipt.outcome is Outcome.ACCEPTED
    frames = Archive(Settings(live=tmp_path / "live").archive).frames()
    assert sorted(frames.observations["numerator"].to_list()) == [3, 4]


# --- names and encodings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Sở KH&CN", "38.KHCN"), ("Sở KHCN", "38.KHCN"), ("Sở KH-CN", "38.KHCN"), ("SKHCN", "38.KHCN"),
        ("Sở Khoa học & Công nghệ", "38.KHCN"), ("Sở Khoa học và công nghệ tỉnh Thanh Hóa", "38.KHCN"),
        ("Sở TT&TT", "38.KHCN"), ("Sở TN&MT", "38.NNMT"), ("Sở NN&PTNT", "38.NNMT"), ("Sở KH&ĐT", "38.TC"),
        ("Sở KHĐT", "38.TC"), ("Sở GTVT", "38.XD"), ("Sở LĐTBXH", "38.NV"), ("Ban Dân tộc", "38.DTTG"),
        ("Sở KH&CN tỉnh Nghệ An", "40.KHCN"), ("sở  khoa học\nvà công nghệ", "38.KHCN"),
    ],
)  # fmt: skip
def test_n01_departments_by_their_many_and_old_names(check: Checker, name: str, code: str) -> None:
    receipt = check(bm01(*SOME, unit=name, period="Tháng 3/2026"))
    assert identity(receipt) == ("accepted", "bm01_indicators", code, "2026-03")
    receipt = check(bm03((1, name, 3, 81)))
    assert list(figures_of_units(receipt)) == [(code, "DL01")]


def test_n01_what_is_not_in_the_list_is_not_guessed(check: Checker) -> None:
    receipt = check(bm01(*SOME, unit="Sở KHCM"))
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {("org_unit.unknown", "B7")}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UBND xã Như Xuân", "16174"), ("Ủy ban nhân dân xã Như Xuân", "16174"),
        ("Uỷ ban nhân dân xã Như Xuân", "16174"),
        ("xã Như Xuân", "16174"), ("X. Như Xuân", "16174"), ("P. Hạc Thành", "14797"), ("Phường Hạc Thành", "14797"),
        ("ỦY BAN NHÂN DÂN PHƯỜNG HẠC THÀNH", "14797"), ("UBND P. Hạc Thành", "14797"), (14797, "14797"),
        ("14797", "14797"),
    ],
    ids=str,
)  # fmt: skip
def test_n02_communes_by_their_many_names(check: Checker, name: Any, code: str) -> None:
    assert identity(check(bm01(*SOME, unit=name))) == ("accepted", "bm01_indicators", code, "2026-Q1")
    assert list(figures_of_units(check(bm03((1, name, 3, 81))))) == [(code, "DL01")]


@pytest.mark.parametrize("name", ["Đảng ủy xã Như Xuân", "Công an xã Như Xuân", "Trường THCS xã Như Xuân"])
def test_n02_another_body_of_the_same_place_is_another_unit(check: Checker, name: str) -> None:
    receipt = check(bm01(*SOME, unit=name))
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {("org_unit.unknown", "B7")}
    (finding,) = [finding for finding in receipt.content.findings if finding.code == "org_unit.unknown"]
    assert "Xã Như Xuân" in finding.message_vi


@pytest.mark.parametrize("name", ["Xã Hoá Quỳ", "Xã Hóa Quỳ", "xã Hóa Qùy"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_n03_tone_placement(check: Checker, name: str, form: Any) -> None:
    written = unicodedata.normalize(form, name)
    assert check(bm01(*SOME, unit=written)).content.org_unit == "16186"


@pytest.mark.parametrize(
    "change",
    [
        partial(unicodedata.normalize, "NFD"),
        lambda text: text.replace(" ", "\u00a0"),
        "\u200b".join,
        lambda text: text.replace("Đ", "Ð").replace("đ", "ð"),
        lambda text: f"\u00ad {text}\ufeff ",
    ],
    ids=["NFD", "NBSP", "zero width", "look-alikes", "soft hyphen"],
)
def test_n04_composed_decomposed_and_invisible_characters(check: Checker, change: Callable[[str], str]) -> None:
    page = bm01(*SOME, ("VB03", "không phát sinh"), unit="UBND phường Đông Tiến").changed(change)
    receipt = check(page)
    assert accepted(receipt) == SOME_READ | {"VB03": "no_activity"}
    assert identity(receipt) == ("accepted", "bm01_indicators", "15853", "2026-Q1")
    assert findings(receipt) == set()


_TCVN3 = dict(
    zip(
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ",
        bytes.fromhex(
            "b5b6b7b8b9 a8bbbcbdbec6 a9c7c8c9cacb ae cccecfd0d1 aad2d3d4d5d6 d7d8dcddde dfe1e2e3e4 abe5e6e7e8e9"
            "aceaebecedee eff1f2f3f4 adf5f6f7f8f9 fafbfcfdfe"
        ).decode("latin-1"),
        strict=True,
    )
) | dict(zip("ĂÂÊÔƠƯĐ", "¡¢£¤¥¦§", strict=True))
_VNI_OWN = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ", "ơ": "ô", "ư": "ö"}
_VNI_TONES = "\u0300\u0301\u0309\u0303\u0323"
_VNI_MARKS = {
    "": dict(zip(_VNI_TONES, "øùûõï", strict=True)),
    "\u0302": dict(zip(_VNI_TONES, "àáåãä", strict=True)) | {"": "â"},
    "\u0306": dict(zip(_VNI_TONES, "èéúüë", strict=True)) | {"": "ê"},
}


def tcvn3(text: str) -> str:
    """Lower case as the character set of 1993 has it; capitals with a tone stand as small letters in such fonts."""
    return "".join(_TCVN3.get(char, _TCVN3.get(char.lower(), char)) for char in unicodedata.normalize("NFC", text))


def vni(text: str) -> str:
    """A base letter and a letter for its marks."""
    written = []
    for char in unicodedata.normalize("NFC", text):
        lower = char.lower()
        marks = unicodedata.normalize("NFD", lower)
        tone = next((mark for mark in marks if mark in _VNI_TONES), "")
        if lower in _VNI_OWN or (lower[0] in _VNI_OWN and not tone):
            made = _VNI_OWN[lower]
        elif marks[0] in "ou" and "\u031b" in marks:
            made = {"o": "ô", "u": "ö"}[marks[0]] + (_VNI_MARKS[""][tone] if tone else "")
        elif len(marks) > 1:
            shape = "\u0302" if "\u0302" in marks else "\u0306" if "\u0306" in marks else ""
            made = marks[0] + _VNI_MARKS[shape][tone]
        else:
            made = lower
        written.append(made if char == lower else made.upper())
    return "".join(written)


@pytest.mark.parametrize(
    ("encode", "font", "encoding"),
    [(tcvn3, ".VnTime", "TCVN3"), (vni, "VNI-Times", "VNI"), (tcvn3, "", "TCVN3"), (vni, "", "VNI")],
    ids=["TCVN3", "VNI", "TCVN3 without its font", "VNI without its font"],
)
def test_n05_a_whole_sheet_in_a_legacy_encoding(
    check: Checker, encode: Callable[[str], str], font: str, encoding: str
) -> None:
    page = bm01(
        ("VB01", 3, 81, None, "Số liệu của hệ thống"), ("VB02", "không phát sinh"), unit="Ủy ban nhân dân xã Như Xuân"
    ).changed(encode, font)
    receipt = check(page)
    assert accepted(receipt) == {"VB01": "3/81 = 3.703704", "VB02": "no_activity"}
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert findings(receipt) == {("cell.encoding", "")}
    assert receipt.content.observations[0].note == "Số liệu của hệ thống"
    assert any(finding.expected == encoding for finding in receipt.content.findings)


@pytest.mark.parametrize(("encode", "font"), [(tcvn3, ".VnTime"), (vni, "VNI-Times")], ids=["TCVN3", "VNI"])
def test_n05_units_and_tasks_in_a_legacy_encoding(check: Checker, encode: Callable[[str], str], font: str) -> None:
    page = bm03((1, "Xã Như Xuân", 3, 81), (2, "Phường Hạc Thành", 1, 2), (None, "Tổng cộng", 4, 83)).changed(
        encode, font
    )
    receipt = check(page)
    accepted(receipt)
    assert list(figures_of_units(receipt)) == [("16174", "DL01"), ("14797", "DL01")]
    assert findings(receipt) == {("cell.encoding", "")}
    page = bm02({"F": "Sở Tài chính; Công an tỉnh", "H": "Đang thực hiện"}).changed(encode, font)
    (report,) = check(page).content.tasks
    assert (set(report.coordinating), report.title) == ({"38.TC", "38.CA"}, "Nhiệm vụ số 1")


def _without_marks(text: str) -> str:
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return bare.replace("đ", "d").replace("Đ", "D")


@pytest.mark.parametrize("change", [_without_marks, lambda text: _without_marks(text).upper(), str.upper])
def test_n06_upper_case_and_without_marks(check: Checker, change: Callable[[str], str]) -> None:
    receipt = check(bm01(*SOME, unit="UBND xã Như Xuân").changed(change))
    assert accepted(receipt) == SOME_READ
    assert identity(receipt) == ("accepted", "bm01_indicators", "16174", "2026-Q1")
    assert findings(receipt) == set()
    receipt = check(bm03((1, "Xã Như Xuân", 3, 81), (None, "Tổng cộng", 3, 81)).changed(change))
    accepted(receipt)
    assert list(figures_of_units(receipt)) == [("16174", "DL01")]
    (report,) = check(bm02({"H": "Hoàn thành", "J": 100}).changed(change)).content.tasks
    assert report.state == "da_hoan_thanh"


@pytest.mark.parametrize(("name", "code"), [("Phường Đông Tiến", "15853"), ("Xã Đồng Tiến", "15724")])
def test_n07_names_that_only_their_marks_tell_apart(check: Checker, name: str, code: str) -> None:
    assert check(bm01(*SOME, unit=name)).content.org_unit == code
    assert check(bm01(*SOME, unit=name.split(maxsplit=1)[1])).content.org_unit == code
    receipt = check(bm01(*SOME, unit="Dong Tien"))
    assert findings(receipt) == {("org_unit.unknown", "B7")}
    assert "Phường Đông Tiến" in receipt.content.findings[0].message_vi
    assert "Xã Đồng Tiến" in receipt.content.findings[0].message_vi


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Vân Du", "15190"), ("Xã Vân Du, tỉnh Nghệ An", "17560"), ("Sầm Sơn", "16531"), ("Nam Sầm Sơn", "16516"),
        ("Xã Quảng Ninh", "16540"), ("Xã Vân Du (Nghệ An)", "17560"),
    ],
)  # fmt: skip
def test_n08_the_same_name_in_two_provinces_and_names_inside_names(check: Checker, name: str, code: str) -> None:
    assert check(bm01(*SOME, unit=name)).content.org_unit == code


def test_n08_the_province_is_read_from_title_or_file_name(check: Checker) -> None:
    titled = bm01(*SOME, unit="Xã Vân Du", agency=("UBND TỈNH NGHỆ AN", "UBND XÃ VÂN DU"))
    assert check(titled).content.org_unit == "17560"
    assert check(xlsx(bm01(*SOME, unit="Xã Vân Du")), "Nghe An_Van Du.xlsx").content.org_unit == "17560"
    assert check(bm01(*SOME, unit="Xã Vân Du")).content.org_unit == "15190"


def test_n08_an_unknown_unit_is_answered_with_the_nearest_names(check: Checker) -> None:
    receipt = check(bm03((1, "Xã Như Xuân", 3, 81), (2, "Xã Như Xuâm", 1, 2)))
    assert receipt.outcome is Outcome.REJECTED
    (finding,) = receipt.content.findings
    assert (finding.code, finding.cell, finding.shown) == ("org_unit.unknown", "B11", "Xã Như Xuâm")
    assert "gần giống: Xã Như Xuân" in finding.message_vi


@pytest.mark.parametrize(
    ("name", "successors"),
    [
        ("UBND huyện Như Xuân", ("Xã Như Xuân", "Xã Hóa Quỳ")),
        ("Phường Đông Thọ", ("Phường Hàm Rồng", "Phường Hạc Thành")),
        ("TT. Hậu Lộc", ("Xã Hậu Lộc",)),
    ],
)
def test_n08_an_abolished_unit_is_told_what_succeeded_it(
    check: Checker, name: str, successors: tuple[str, ...]
) -> None:
    receipt = check(bm01(*SOME, unit=name))
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {("org_unit.abolished", "B7")}
    assert all(successor in receipt.content.findings[0].message_vi for successor in successors)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UBND huyện Như Xuân", "old.402"),
        ("Phường Đông Thọ, thành phố Thanh Hóa", "old.14758"),
        ("TT. Hậu Lộc", "old.16012"),
    ],
)
def test_n08_the_report_of_an_old_unit_for_its_time_is_loaded_to_it(check: Checker, name: str, code: str) -> None:
    receipt = check(bm01(*SOME, unit=name, period="Quý I/2025", as_of=date(2025, 3, 14)))
    assert identity(receipt) == ("accepted", "bm01_indicators", code, "2025-Q1")
    assert findings(receipt) == set()


def test_n09_units_stand_in_the_order_of_the_vietnamese_alphabet(check: Checker) -> None:
    names = ["Xã Đồng Tiến", "Xã Hóa Quỳ", "Xã Cẩm Thủy", "Xã Hà Trung", "Phường Đông Tiến", "Xã Đồng Lương"]
    receipt = check(bm03(*((number, name, 1, 2) for number, name in enumerate(names, start=1))))
    units = [REFERENCE.org_units[observation.org_unit].short_name for observation in receipt.content.observations]
    assert sorted(units, key=sort_key) == ["Cẩm Thủy", "Đồng Lương", "Đông Tiến", "Đồng Tiến", "Hà Trung", "Hóa Quỳ"]


# --- secrecy ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT", "  TỐI  MẬT ", "(MẬT)", "T Ố I  M Ậ T"])
@pytest.mark.parametrize("cell", ["H1", "A30"])
def test_a_secrecy_mark_outside_the_table_rejects_and_nothing_is_echoed(check: Checker, mark: str, cell: str) -> None:
    page = bm01(*SOME)
    page.put(cell, mark).put("A28", "Nơi nhận:")
    receipt = check(page)
    assert receipt.outcome is Outcome.REJECTED
    assert [finding.code for finding in receipt.content.findings] == ["submission.secret"]
    assert (receipt.content.form, receipt.content.org_unit, receipt.content.observations) == ("", "", ())
    assert "Như Xuân" not in json.dumps([finding.as_dict() for finding in receipt.content.findings], ensure_ascii=False)


@pytest.mark.parametrize(("encode", "font"), [(tcvn3, ".VnTimeH"), (vni, "VNI-Times")], ids=["TCVN3", "VNI"])
def test_a_secrecy_mark_in_a_legacy_encoding_or_on_a_hidden_sheet(
    check: Checker, encode: Callable[[str], str], font: str
) -> None:
    page = bm01(*SOME)
    page.put("H1", Written(encode("MẬT"), font=font))
    assert {code for code, _ in findings(check(page))} == {"submission.secret"}
    hidden = Page("Bìa", hidden=True).put("A1", "TUYỆT MẬT")
    assert {code for code, _ in findings(check(xlsx(bm01(*SOME), hidden)))} == {"submission.secret"}


def test_words_about_secrecy_are_no_mark(check: Checker) -> None:
    page = bm01(("VB01", 3, 81, None, "trừ văn bản mật"))
    page.put("A14", "Ghi chú: không tính văn bản mật, tối mật")
    page.put("C11", "Tỷ lệ văn bản điện tử đi (không mật) được ký số")
    assert accepted(check(page)) == {"VB01": "3/81 = 3.703704"}
