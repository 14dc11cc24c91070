"""The blank workbooks: structure, protection, drop-downs, computed results; made from the form's definition alone."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl.reference import Reference, load_reference
from etl.template import write_template

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "reference"
ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII")
BM01 = ["STT", "Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Số thực hiện", "Tổng số", "Tỷ lệ (%)", "Ghi chú"]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(SHIPPED)


def _sheet(reference: Reference, form: str, unit: str, period: str, *, values: bool = False, **more: Any) -> Any:
    stream = io.BytesIO()
    write_template(reference, form, unit, period, path_or_stream=stream, **more)
    book = openpyxl.load_workbook(io.BytesIO(stream.getvalue()), data_only=values)
    assert len(book.worksheets) == 1
    return book.worksheets[0]


def _row_of(sheet: Any, column: str, text: str) -> int:
    (row,) = [cell.row for cell in sheet[column] if cell.value == text]
    return int(row)


def _midnight(year: int, month: int, day: int) -> datetime:
    return datetime.combine(date(year, month, day), time())


def test_the_head_names_sender_period_and_day(reference: Reference) -> None:
    sheet = _sheet(reference, "bm01_indicators", "16174", "2026-Q1")
    assert sheet.title == "Biểu 01"
    assert (sheet["A1"].value, sheet["A2"].value) == ("UBND TỈNH THANH HÓA", "UBND XÃ NHƯ XUÂN")
    assert (sheet["D1"].value, sheet["D2"].value) == (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    )
    assert sheet["A5"].value == "KẾT QUẢ THỰC HIỆN CHỈ TIÊU CHUYỂN ĐỔI SỐ"
    assert [sheet[f"B{row}"].value for row in (7, 8, 9)] == [
        "Đơn vị báo cáo:", "Kỳ báo cáo:", "Số liệu tính đến ngày:",
    ]  # fmt: skip
    assert [sheet[f"C{row}"].value for row in (7, 8)] == ["UBND xã Như Xuân", "Quý I/2026"]
    assert sheet["C9"].value.date() == date(2026, 3, 14)
    fonts = {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert fonts == {"Times New Roman"}


def test_a_party_body_writes_under_its_own_motto(reference: Reference) -> None:
    sheet = _sheet(reference, "bm02_tasks", "38.VPTU", "2026-W12")
    assert (sheet["A1"].value, sheet["F1"].value) == ("TỈNH ỦY THANH HÓA", "ĐẢNG CỘNG SẢN VIỆT NAM")
    assert sheet["C7"].value == "Văn phòng Tỉnh ủy"


def test_bm01_lists_the_units_indicators_by_topic(reference: Reference) -> None:
    sheet = _sheet(reference, "bm01_indicators", "16174", "2026-Q1")
    assert [cell.value for cell in sheet[11]] == BM01
    assert [cell.value for cell in sheet[12]] == ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)=(5)/(6)", "(8)"]
    codes = [cell.value for cell in sheet["B"][12:] if cell.value in reference.indicators]
    assert set(codes) == set(reference.indicators_expected("bm01_indicators", "16174", "quarterly"))
    assert codes == [code for code in reference.indicators if code in codes]
    romans = [(cell.value, sheet.cell(cell.row, 3).value) for cell in sheet["A"][12:] if str(cell.value) in ROMANS]
    assert romans[0] == ("I", "Văn bản điện tử, chữ ký số")
    assert len({topic for _, topic in romans}) == len({reference.indicators[code].topic for code in codes})


def test_entry_cells_are_open_and_all_else_is_locked(reference: Reference) -> None:
    sheet = _sheet(reference, "bm01_indicators", "16174", "2026-Q1")
    assert sheet.protection.sheet
    row = _row_of(sheet, "B", "VB01")
    assert [sheet.cell(row, column).protection.locked for column in range(1, 9)] == [
        True, True, True, True, False, False, True, False,
    ]  # fmt: skip
    assert all(sheet[f"B{line}"].protection.locked and sheet[f"C{line}"].protection.locked for line in (7, 8))
    assert sheet["B9"].protection.locked
    assert not sheet["C9"].protection.locked
    assert all(cell.protection.locked for cell in (*sheet[11], *sheet[12], *sheet[13]))
    score = _row_of(sheet, "B", "DVC12")
    assert not sheet.cell(score, 5).protection.locked
    assert sheet.cell(score, 6).protection.locked  # a score has no total


def test_percentages_are_formulas_with_their_results(reference: Reference) -> None:
    rows: Mapping[str, Any] = {
        "VB01": {"numerator": 412, "denominator": 430, "note": "đến 14/3"},
        "VB02": {"numerator": 5},
        "DVC12": {"numerator": 91.35},
    }
    sheet = _sheet(reference, "bm01_indicators", "38.KHCN", "2026-03", rows=rows)
    results = _sheet(reference, "bm01_indicators", "38.KHCN", "2026-03", rows=rows, values=True)
    row = _row_of(sheet, "B", "VB01")
    assert sheet.cell(row, 7).value == f'=IFERROR(E{row}/F{row}*100,"…")'
    assert results.cell(row, 7).value == pytest.approx(100 * 412 / 430)
    assert results.cell(row, 8).value == "đến 14/3"
    assert results.cell(_row_of(sheet, "B", "VB02"), 7).value == "…"
    score = _row_of(sheet, "B", "DVC12")
    assert (results.cell(score, 5).value, results.cell(score, 5).number_format) == (91.35, "#,##0.00")
    assert sheet.cell(score, 7).value is None


def test_a_ratio_is_typed_into_a_cell_that_shows_a_date_as_one(reference: Reference) -> None:
    sheet = _sheet(reference, "bm01_indicators", "38.KHCN", "2026-03")
    assert sheet.cell(_row_of(sheet, "B", "VB01"), 5).number_format == "General"
    assert sheet.cell(_row_of(sheet, "B", "HT03"), 5).number_format == "#,##0.000"


def test_the_page_prints_on_a4_across_with_its_header_repeated(reference: Reference) -> None:
    for form, unit, period, rows, pane in (
        ("bm01_indicators", "16174", "2026-Q1", "11:12", "D13"),
        ("bm02_tasks", "38.KHCN", "2026-W12", "11:12", "D13"),
        ("bm03_by_unit", "38.NNMT", "2026-Q2", "11:13", "C14"),
    ):
        sheet = _sheet(reference, form, unit, period)
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0  # as many pages down as needed, one across
        assert sheet.print_title_rows.replace("$", "") == rows
        assert sheet.freeze_panes == pane
        assert "THỦ TRƯỞNG ĐƠN VỊ" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_bm02_lists_the_leads_tasks_with_room_for_more(reference: Reference) -> None:
    done = {"state": "Hoàn thành", "completed_on": date(2026, 3, 2), "progress": 100}
    rows: Mapping[str, Any] = {"266-KH/TU-33": done, "SKHCN-01": {"title": "Nhiệm vụ thêm", "due": date(2026, 4, 1)}}
    sheet = _sheet(reference, "bm02_tasks", "38.KHCN", "2026-W12", rows=rows)
    own = [task for task in reference.tasks.values() if task.lead == "38.KHCN"]
    listed = [cell.value for cell in sheet["B"][12:] if str(cell.value).startswith("266-KH/TU-")]
    assert listed == [task.task for task in own]
    first = _row_of(sheet, "B", own[0].task)
    assert (sheet[f"C{first}"].value, sheet[f"E{first}"].value) == (own[0].title, "Sở Khoa học và Công nghệ")
    assert sheet[f"C{first}"].protection.locked
    assert not sheet[f"H{first}"].protection.locked
    row = _row_of(sheet, "B", "266-KH/TU-33")
    assert [sheet[f"{column}{row}"].value for column in "HIJ"] == ["Hoàn thành", _midnight(2026, 3, 2), 100]
    assert sheet[f"G{row}"].value == "Quý III/2025"
    added = _row_of(sheet, "B", "SKHCN-01")
    assert sheet[f"G{added}"].value == _midnight(2026, 4, 1)
    assert not any(sheet.cell(added + 1, column).protection.locked for column in range(1, 14))


def test_bm02_offers_states_dates_and_progress(reference: Reference) -> None:
    sheet = _sheet(reference, "bm02_tasks", "38.KHCN", "2026-W12")
    rules = {str(rule.sqref)[0]: rule for rule in sheet.data_validations.dataValidation}
    assert rules["H"].type == "list"
    assert rules["H"].formula1 == '"Chưa thực hiện,Đang thực hiện,Hoàn thành,Thường xuyên"'
    assert rules["I"].type == "date"
    assert (rules["J"].type, rules["J"].formula1, rules["J"].formula2) == ("decimal", "0", "100")
    start, end = str(rules["H"].sqref).replace("H", "").split(":")
    assert int(start) == 13
    assert int(end) >= 13 + sum(task.lead == "38.KHCN" for task in reference.tasks.values()) + 8


def test_bm01_asks_for_numbers_dashes_or_x(reference: Reference) -> None:
    sheet = _sheet(reference, "bm01_indicators", "16174", "2026-Q1")
    (rule,) = sheet.data_validations.dataValidation
    assert str(rule.sqref).startswith("E13:F")
    assert rule.formula1 == 'OR(AND(ISNUMBER(E13),E13>=0),E13="-",E13="x")'


def test_bm03_lists_the_provinces_communes_under_the_leads_indicators(reference: Reference) -> None:
    rows: Mapping[str, Any] = {
        "14797": {("DL01", "numerator"): 8120, ("DL01", "denominator"): 21340},
        "16174": {("DL01", "numerator"): 905, ("DL01", "denominator"): 6630},
    }
    sheet = _sheet(reference, "bm03_by_unit", "38.NNMT", "2026-Q2", rows=rows, values=True)
    assert [sheet.cell(11, column).value for column in (1, 2, 3, 6)] == [
        "STT", "Đơn vị",
        "DVC06 Tỷ lệ số hóa hồ sơ khi tiếp nhận", "DL01 Tỷ lệ số hóa cơ sở dữ liệu đất đai",
    ]  # fmt: skip
    assert {str(merge) for merge in sheet.merged_cells.ranges} >= {"A11:A12", "B11:B12", "C11:E11", "F11:H11"}
    assert [cell.value for cell in sheet[12]][2:] == ["Số thực hiện", "Tổng số", "Tỷ lệ (%)"] * 2
    assert [cell.value for cell in sheet[13]] == ["A", "B", "(1)", "(2)", "(3)=(1)/(2)", "(4)", "(5)", "(6)=(4)/(5)"]
    names = [cell.value for cell in sheet["B"] if str(cell.value).startswith(("Xã ", "Phường "))]
    assert len(names) == 166
    assert names.index("Phường Đông Tiến") < names.index("Xã Đồng Tiến")
    row = _row_of(sheet, "B", "Phường Hạc Thành")
    assert sheet.cell(row, 8).value == pytest.approx(100 * 8120 / 21340)
    total = _row_of(sheet, "B", "Tổng cộng")
    assert [sheet.cell(total, column).value for column in (6, 7)] == [8120 + 905, 21340 + 6630]
    assert sheet.cell(total, 8).value == pytest.approx(100 * 9025 / 27970)
    assert all(sheet.cell(total, column).protection.locked for column in range(1, 9))


def test_bm03_totals_add_the_subtotals(reference: Reference) -> None:
    sheet = _sheet(reference, "bm03_by_unit", "38.NNMT", "2026-Q2")
    wards, communes = _row_of(sheet, "B", "Cộng I"), _row_of(sheet, "B", "Cộng II")
    assert sheet.cell(wards, 3).value == f"=SUM(C15:C{wards - 1})"
    assert sheet.cell(_row_of(sheet, "B", "Tổng cộng"), 3).value == f"=SUM(C{wards}:C{wards},C{communes}:C{communes})"


@pytest.mark.parametrize("org_unit", ["38", "38.HDND", "40.VPTU.CYCDS", "40.NNMT", "17254", "old.402", "VN"])
@pytest.mark.parametrize("form", ["bm01_indicators", "bm02_tasks", "bm03_by_unit"])
@pytest.mark.parametrize("period", ["2026-Q1", "2026-05", "2026-W21", "2026-H1", "2026"])
def test_a_workbook_can_be_made_for_anybody(reference: Reference, form: str, org_unit: str, period: str) -> None:
    sheet = _sheet(reference, form, org_unit, period)
    assert sheet.max_row > 13
    assert "THỦ TRƯỞNG ĐƠN VỊ" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_the_same_rows_give_the_same_bytes_and_a_remark_is_seen(reference: Reference) -> None:
    streams = [io.BytesIO(), io.BytesIO()]
    for stream in streams:
        write_template(
            reference, "bm01_indicators", "16174", "2026-Q1", path_or_stream=stream, remark="Dữ liệu minh họa"
        )
    assert streams[0].getvalue() == streams[1].getvalue()
    sheet = openpyxl.load_workbook(streams[0]).worksheets[0]
    assert sheet["B10"].value == "Dữ liệu minh họa"
    assert any(str(cell.value).endswith("Dữ liệu minh họa.") for cell in sheet["B"])


def test_a_workbook_is_written_to_a_path(reference: Reference, tmp_path: Path) -> None:
    path = tmp_path / "biểu.xlsx"
    write_template(reference, "bm01_indicators", "16174", "2026-Q1", path_or_stream=path)
    assert openpyxl.load_workbook(path).sheetnames == ["Biểu 01"]
