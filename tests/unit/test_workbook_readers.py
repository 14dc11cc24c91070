from __future__ import annotations

import io
import logging
import os
import random
import signal
import threading
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from odf import number as odf_number
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties, TextProperties
from odf.table import CoveredTableCell, Table, TableCell, TableColumn, TableHeaderRows, TableRow
from odf.text import LineBreak, P, S

from etl.errors import HouseError, Refused
from etl.model import Cell, Sheet, Workbook
from etl.workbook import WorkbookReader, frames, shown_text
from etl.workbook.guard import examine
from etl.workbook.readers import read
from etl.workbook.second import disagreements
from tests.hostile import good_ods, good_xls, good_xlsx, part, with_parts, with_sheet

MEGABYTE = 2**20
moment = partial(datetime, tzinfo=None)  # spreadsheets know no time zone
Fill = Callable[[xlsxwriter.Workbook, "xlsxwriter.workbook.Worksheet"], None]


def read_bytes(data: bytes, file_name: str = "a.xlsx") -> Workbook:
    return read(data, file_name, 20 * MEGABYTE)


def xlsx(fill: Fill, **options: object) -> Workbook:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        fill(book, book.add_worksheet("Biểu 01"))
    return read_bytes(target.getvalue())


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()


# --- xlsx -----------------------------------------------------------------------------------------------------


def test_xlsx_values_formats_and_formulas() -> None:
    def fill(book: xlsxwriter.Workbook, sheet: xlsxwriter.workbook.Worksheet) -> None:
        sheet.write_string("A1", "Đơn vị")
        sheet.write_string("B1", "1.204")
        sheet.write_number("C1", 0.905, book.add_format({"num_format": "0.0%"}))
        sheet.write_datetime("D1", moment(2025, 6, 24), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_datetime("E1", moment(2025, 6, 24, 8, 30), book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
        sheet.write_boolean("F1", True)
        sheet.write_formula("G1", "=3/81*100", book.add_format({"num_format": "0.00"}), 3 / 81 * 100)
        sheet.write_formula("H1", "=1/0", None, "#DIV/0!")
        sheet.write_blank("I1", None, book.add_format({"bold": True}))

    cells = xlsx(fill).sheets[0].cells
    assert {place[1]: cell.value for place, cell in cells.items()} == {
        1: "Đơn vị",
        2: "1.204",
        3: 0.905,
        4: date(2025, 6, 24),
        5: moment(2025, 6, 24, 8, 30),
        6: True,
        7: pytest.approx(3.7037037),
        8: "#DIV/0!",
    }
    assert [place[1] for place, cell in cells.items() if cell.formula] == [7, 8]
    assert [place[1] for place, cell in cells.items() if cell.error] == [8]
    assert cells[(1, 3)].number_format == "0.0%"
    assert cells[(1, 7)].address == "G1"
    assert shown_text(cells[(1, 7)]) == "3,70"


def test_a_formula_no_program_calculated_has_no_value() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Tổng", 1, 2, "=B1+C1"])
    cell = read_bytes(saved(book.save)).sheets[0].cells[(1, 4)]
    assert cell.formula
    assert cell.value is None


def test_a_formula_that_gives_the_empty_text_was_calculated() -> None:
    cells = '<c r="A1"><v>1</v></c><c r="B1" t="str"><f>IF(A1=1,"",2)</f><v></v></c>'
    cell = read_bytes(with_sheet(f'<row r="1">{cells}</row>')).sheets[0].cells[(1, 2)]
    assert cell.formula
    assert cell.value == ""


def test_xlsx_merges_hidden_sheets_rows_and_legacy_fonts() -> None:
    def fill(book: xlsxwriter.Workbook, sheet: xlsxwriter.workbook.Worksheet) -> None:
        sheet.merge_range("A1:C2", "Së Khoa häc", book.add_format({"font_name": ".VnTimeH"}))
        sheet.write("C5", 1, book.add_format({"font_name": "Times New Roman"}))
        sheet.set_row(4, None, None, {"hidden": True})
        for name, hide in (("Ẩn", "hide"), ("Rất ẩn", "very_hidden")):
            other = book.add_worksheet(name)
            other.write("A1", "x")
            getattr(other, hide)()

    workbook = xlsx(fill)
    sheet = workbook.sheets[0]
    assert sheet.merges == ((1, 1, 2, 3),)
    assert sheet.hidden_rows == {5}
    assert sheet.cells[(1, 1)].font == ".VnTimeH"
    assert sheet.cells[(5, 3)].font == ""
    assert [each.hidden for each in workbook.sheets] == [False, True, True]


def test_the_1904_date_system_is_honoured() -> None:
    def fill(book: xlsxwriter.Workbook, sheet: xlsxwriter.workbook.Worksheet) -> None:
        sheet.write_datetime("A1", moment(2026, 3, 14), book.add_format({"num_format": "dd/mm/yyyy"}))

    assert xlsx(fill, date_1904=True).sheets[0].cells[(1, 1)].value == date(2026, 3, 14)


def test_what_is_no_number_or_date_stays_text() -> None:
    cells = (
        '<c r="A1" t="d"><v>2026-13-45</v></c><c r="B1"><v>NaN</v></c><c r="C1"><v>1E999</v></c><c r="D1"><v>12</v></c>'
    )
    values = [cell.value for cell in read_bytes(with_sheet(f'<row r="1">{cells}</row>')).sheets[0].cells.values()]
    assert values == ["2026-13-45", "NaN", "inf", 12]


def test_text_is_kept_as_it_was_sent() -> None:
    decomposed = "Thanh Hóa\u0301\nTỉnh  "

    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.workbook.Worksheet) -> None:
        sheet.write_string("A1", decomposed)

    assert xlsx(fill).sheets[0].cells[(1, 1)].value == decomposed


def test_macros_and_links_are_told() -> None:
    usual = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    types = part(good_xlsx(), "[Content_Types].xml")
    types = types.replace(usual, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    changes = {
        "[Content_Types].xml": types,
        "xl/vbaProject.bin": b"\x00",
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
    }
    workbook = read_bytes(with_parts(good_xlsx(), changes))
    assert workbook.kind == "xlsm"
    assert [finding.code for finding in workbook.findings] == ["file.macros", "file.external_links"]


# --- xls ------------------------------------------------------------------------------------------------------


def old_book() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Biểu 01")
    sheet.write_merge(0, 0, 0, 2, "Së Khoa häc", xlwt.easyxf("font: name .VnTime"))
    sheet.write(1, 0, moment(2025, 2, 10), xlwt.easyxf(num_format_str="dd/mm/yyyy"))
    sheet.write(1, 1, 0.905, xlwt.easyxf(num_format_str="0.0%"))
    sheet.write(1, 2, 1038)
    sheet.write(1, 3, True)
    sheet.write(1, 4, xlwt.Formula("C2+1"))
    sheet.write(1, 5, time(8, 30), xlwt.easyxf(num_format_str="hh:mm"))
    sheet.row(3).hidden = True
    sheet.write(3, 0, "ẩn")
    hidden = book.add_sheet("Ẩn")
    hidden.write(0, 0, 1)
    hidden.visibility = 1
    return saved(book.save)


def test_xls_values_formats_fonts_and_hidden_things() -> None:
    workbook = read_bytes(old_book(), "a.xls")
    sheet = workbook.sheets[0]
    assert workbook.kind == "xls"
    assert [cell.value for cell in sheet.cells.values()] == [
        "Së Khoa häc",
        date(2025, 2, 10),
        0.905,
        1038,
        True,
        None,
        time(8, 30),
        "ẩn",
    ]
    assert sheet.cells[(1, 1)].font == ".VnTime"
    assert sheet.cells[(2, 2)].number_format == "0.0%"
    assert sheet.cells[(2, 5)].formula
    assert sheet.merges == ((1, 1, 1, 3),)
    assert sheet.hidden_rows == {4}
    assert workbook.sheets[1].hidden
    assert not workbook.findings


# --- ods ------------------------------------------------------------------------------------------------------


def text_cell(*pieces: object, **attributes: object) -> TableCell:
    cell = TableCell(valuetype="string", **attributes)
    paragraph = P()
    for piece in pieces:
        paragraph.addText(piece) if isinstance(piece, str) else paragraph.addElement(piece)
    cell.addElement(paragraph)
    return cell


def open_document() -> bytes:
    document = OpenDocumentSpreadsheet()
    percent = odf_number.PercentageStyle(name="N1")
    percent.addElement(odf_number.Number(decimalplaces="1", minintegerdigits="1"))
    percent.addElement(odf_number.Text(text="%"))
    day = odf_number.DateStyle(name="N2")
    for piece in (odf_number.Day(style="long"), odf_number.Text(text="/"), odf_number.Month(style="long")):
        day.addElement(piece)
    shown_percent = Style(name="ce1", family="table-cell", datastylename="N1")
    shown_day = Style(name="ce2", family="table-cell", datastylename="N2", parentstylename="ce3")
    legacy = Style(name="ce3", family="table-cell")
    legacy.addElement(TextProperties(fontname="VNI-Times"))
    hidden = Style(name="ta1", family="table")
    hidden.addElement(TableProperties(display="false"))
    document.styles.addElement(legacy)
    for style in (percent, day, shown_percent, shown_day, hidden):
        document.automaticstyles.addElement(style)
    table = Table(name="Biểu 01")
    table.addElement(TableColumn(numbercolumnsrepeated="16384", defaultcellstylename="ce1"))
    heading = TableHeaderRows()
    row = TableRow()
    row.addElement(text_cell("Tên", LineBreak(), "dài", S(c=2), "x", numbercolumnsspanned="2"))
    row.addElement(CoveredTableCell())
    heading.addElement(row)
    table.addElement(heading)
    row = TableRow()
    row.addElement(TableCell(valuetype="percentage", value="0.905"))
    row.addElement(TableCell(valuetype="date", datevalue="2026-08-03", stylename="ce2"))
    row.addElement(TableCell(valuetype="time", timevalue="PT08H30M00S"))
    row.addElement(TableCell(valuetype="boolean", booleanvalue="true"))
    row.addElement(TableCell(valuetype="float", value="12", numbercolumnsrepeated="2", formula="of:=3*4"))
    commented = TableCell(valuetype="string")
    note = Annotation()
    note.addElement(P(text="lời bình"))
    commented.addElement(note)
    commented.addElement(P(text="chữ"))
    row.addElement(commented)
    row.addElement(TableCell(numbercolumnsrepeated="16000"))
    table.addElement(row)
    table.addElement(TableRow(numberrowsrepeated="3"))
    row = TableRow(visibility="collapse", numberrowsrepeated="2")
    row.addElement(text_cell("lặp"))
    table.addElement(row)
    table.addElement(TableRow(numberrowsrepeated="1048000"))
    document.spreadsheet.addElement(table)
    other = Table(name="Ẩn", stylename="ta1")
    row = TableRow()
    row.addElement(text_cell("x"))
    other.addElement(row)
    document.spreadsheet.addElement(other)
    return saved(document.write)


def test_ods_values_repeats_formats_and_hidden_things() -> None:
    workbook = read_bytes(open_document(), "a.ods")
    sheet = workbook.sheets[0]
    assert {place: cell.value for place, cell in sheet.cells.items()} == {
        (1, 1): "Tên\ndài  x",
        (2, 1): 0.905,
        (2, 2): date(2026, 8, 3),
        (2, 3): time(8, 30),
        (2, 4): True,
        (2, 5): 12,
        (2, 6): 12,
        (2, 7): "chữ",
        (6, 1): "lặp",
        (7, 1): "lặp",
    }
    assert sheet.cells[(2, 1)].number_format == "0.0%"
    assert shown_text(sheet.cells[(2, 1)]) == "90,5%"
    assert sheet.cells[(2, 2)].font == "VNI-Times"
    assert shown_text(sheet.cells[(2, 2)]) == "03/08"
    assert sheet.cells[(2, 6)].formula
    assert sheet.merges == ((1, 1, 1, 2),)
    assert sheet.hidden_rows == {6, 7}
    assert workbook.sheets[1].hidden
    assert not workbook.findings


# --- csv and html ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_csv_in_any_delimiter_and_unicode_encoding(encoding: str, mark: str) -> None:
    rows = [["Mã", "Tên", "Số"], ["VB01", "Tỷ lệ", "1.204"], ["VB02", 'nói "có"', "96.3"]]
    text = "\r\n".join(mark.join(f'"{value.replace(chr(34), chr(34) * 2)}"' for value in row) for row in rows)
    data = ("\ufeff" + text if encoding == "utf-16-be" else text).encode(encoding)
    cells = read_bytes(data, "a.csv").sheets[0].cells
    assert [[cells[(r, c)].value for c in (1, 2, 3)] for r in (1, 2, 3)] == rows


def test_csv_with_decimal_commas_is_cut_at_semicolons() -> None:
    data = "Mã;Số;Tỷ lệ\nVB01;1,5;96,3\nVB02;2,5;90,1\n".encode()
    assert read_bytes(data, "a.csv").sheets[0].cells[(2, 3)].value == "96,3"


@pytest.mark.parametrize(
    ("text", "encoding"), [("Tê\u0301n xa\u0303;1\nB;2", "cp1258"), ("Së Khoa häc vµ;1\nB;2", "cp1252")]
)
def test_csv_of_old_windows_encodings(text: str, encoding: str) -> None:
    assert read_bytes(text.encode(encoding), "a.csv").sheets[0].cells[(1, 1)].value == text.split(";", maxsplit=1)[0]


def test_csv_that_names_its_delimiter_keeps_its_rows() -> None:
    cells = read_bytes(b"sep=|\r\na|b\r\n1|2\r\n", "a.csv").sheets[0].cells
    assert cells[(3, 2)].value == "2"


def test_html_tables_spans_entities_and_titles() -> None:
    page = """<html><head><meta charset="utf-8"><style>td{}</style><title>x</title></head><body><p>Đơn vị: Sở A</p>
    <table><tr><th rowspan=2>STT</th><th colspan="2">Số &amp; tỷ&nbsp;lệ</th></tr><tr><td>a<br>b</td><td></td></tr>
    <tr><td>1<td>1.204<td>96,3%</table></body></html>"""
    sheet = read_bytes(page.encode(), "a.xls").sheets[0]
    assert {place: cell.value for place, cell in sheet.cells.items()} == {
        (1, 1): "Đơn vị: Sở A",
        (2, 1): "STT",
        (2, 2): "Số & tỷ\xa0lệ",
        (3, 2): "a\nb",
        (4, 1): "1",
        (4, 2): "1.204",
        (4, 3): "96,3%",
    }
    assert sheet.merges == ((2, 1, 3, 1), (2, 2, 2, 3))


# --- the second opinion ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name"),
    [(good_xlsx(), "a.xlsx"), (good_xls(), "a.xls"), (open_document(), "a.ods"), (old_book(), "a.xls")],
)
def test_readers_agree_about_good_files(data: bytes, name: str) -> None:
    assert read_bytes(data, name).findings == ()


def changed(sheet: Sheet, place: tuple[int, int], value: str | int | float | None, hidden: bool = False) -> Sheet:
    cells = dict(sheet.cells)
    if value is None:
        del cells[place]
    else:
        cells[place] = Cell(*place, value)
    return Sheet(sheet.name, cells, sheet.merges, hidden)


@pytest.mark.parametrize(
    ("value", "told"),
    [(7, False), (7 * (1 + 1e-12), False), ("7", False), (8, True), (7.00001, True), ("bảy", True), (None, True)],
)
def test_other_values_are_told_with_their_cell(value: str | int | float | None, told: bool) -> None:
    examined = examine(good_xlsx(), "a.xlsx", MEGABYTE)
    sheet = read_bytes(good_xlsx()).sheets[0]
    findings = disagreements(examined, [changed(sheet, (7, 5), value)])
    assert [(f.code, f.cell, f.expected) for f in findings] == [("file.readers_disagree", "E7", "7")] * told


def test_hidden_sheets_are_not_compared() -> None:
    sheet = read_bytes(good_xlsx()).sheets[0]
    assert disagreements(examine(good_xlsx(), "a.xlsx", MEGABYTE), [changed(sheet, (7, 5), 8, hidden=True)]) == []


# --- frames ---------------------------------------------------------------------------------------------------

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dates(),
    st.datetimes(),
    st.times(),
)


@given(values, st.text(st.characters(exclude_categories=["Cs"])), st.booleans(), st.booleans())
def test_a_workbook_comes_through_the_pipe_unchanged(value: object, look: str, formula: bool, error: bool) -> None:
    cell = Cell(3, 2, value, look, look, formula, error)  # type: ignore[arg-type]
    workbook = Workbook("xlsx", (Sheet(look, {(3, 2): cell}, ((1, 1, 2, 2),), formula, frozenset({4})),))
    assert frames.decode(frames.encode(workbook)) == workbook


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"{}",
        b'{"refused":[]}',
        b'{"refused":[["no.such"]]}',
        b'{"kind":1,"sheets":[],"findings":[]}',
        b"[" * 10_000,
    ],
)
def test_an_answer_of_another_shape_is_no_workbook(answer: bytes) -> None:
    with pytest.raises(frames.FrameError):
        frames.decode(answer)


@pytest.mark.parametrize("stream", [b"\x00\x00", b"\x00\x00\x00\x05abc", b"\xff\xff\xff\xff"])
def test_a_broken_frame_is_told(stream: bytes) -> None:
    with pytest.raises(frames.FrameError):
        frames.receive(io.BytesIO(stream))


# --- children -------------------------------------------------------------------------------------------------


def heavy(rows: int = 4000) -> bytes:
    """Takes a child several seconds (500 rows: about one)."""
    dice = random.Random(1)
    numbers = (("".join(f"<c><v>{dice.random()}</v></c>" for _ in range(100))) for _ in range(rows))
    return with_sheet("".join(f"<row>{cells}</row>" for cells in numbers))


def test_a_file_that_takes_too_long_is_refused_and_the_next_one_read() -> None:
    with WorkbookReader(1, 1, 1024, 20) as reader:
        with pytest.raises(Refused) as refused:
            reader.read(heavy(), "a.xlsx")
        assert (refused.value.finding.code, refused.value.finding.expected) == ("file.reader_died", "quá 1 giây")
        assert reader.read(good_xlsx(), "a.xlsx").sheets


def test_a_file_that_takes_too_much_memory_is_refused() -> None:
    with WorkbookReader(1, 30, 90, 20) as reader:
        with pytest.raises(Refused) as refused:
            reader.read(heavy(rows=1500), "a.xlsx")
        assert (refused.value.finding.code, refused.value.finding.expected) == (
            "file.reader_died",
            "cần quá nhiều bộ nhớ",
        )
        assert reader.read(good_xls(), "a.xls").sheets


def children() -> set[int]:
    """The reading children of this process."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = (stat.parent / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == os.getpid() and "etl.workbook.readers" in command:
            found.add(int(stat.parent.name))
    return found


def test_a_killed_child_is_replaced_and_the_file_not_blamed(caplog: pytest.LogCaptureFixture) -> None:
    before = children()
    with WorkbookReader(1, 30, 1024, 20) as reader:
        reader.read(good_xlsx(), "a.xlsx")
        (child,) = children() - before
        data = heavy(rows=1_500)
        killer = threading.Timer(0.3, os.kill, (child, signal.SIGKILL))
        killer.start()
        with caplog.at_level(logging.WARNING, "etl.workbook.pool"):
            assert reader.read(data, "a.xlsx").sheets
        killer.join()
        (other,) = children() - before
        assert other != child
        assert "exit -9" in caplog.text
    assert children() == before


def test_one_child_serves_many_files_and_goes_after_a_refusal() -> None:
    before = children()
    with WorkbookReader(1, 30, 1024, 20) as reader:
        assert children() == before
        reader.read(good_xlsx(), "a.xlsx")
        first = children() - before
        reader.read(good_ods(), "a.ods")
        assert children() - before == first
        with pytest.raises(Refused):
            reader.read(b"%PDF-1.7 nothing else", "a.xlsx")
        reader.read(good_xlsx(), "a.xlsx")
        assert (children() - before).isdisjoint(first)


def test_a_child_goes_after_two_hundred_files() -> None:
    before = children()
    with WorkbookReader(1, 30, 1024, 20) as reader:
        serving = []
        for _ in range(201):
            reader.read("Mã;Số\nVB01;1\n".encode(), "a.csv")
            serving.append(frozenset(children() - before))
    assert serving[0] == serving[198]
    assert serving[199] == frozenset()
    assert len(serving[200]) == 1


def test_several_threads_share_a_bounded_pool() -> None:
    before = children()
    answers: list[int] = []
    with WorkbookReader(2, 30, 1024, 20) as reader:

        def work(rows: int) -> None:
            sheet = reader.read(good_xlsx(rows), "a.xlsx").sheets[0]
            answers.append(rows - sum(column == 5 and row > 6 for row, column in sheet.cells))

        threads = [threading.Thread(target=work, args=(rows,)) for rows in range(1, 17)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(children() - before) <= 2
    assert answers == [0] * 16


def test_many_files_come_back_in_order_and_are_taken_a_few_at_a_time() -> None:
    taken: list[int] = []

    def files() -> object:
        for number in range(40):
            taken.append(number)
            yield number, (b"%PDF-" if number == 11 else good_xlsx(number % 5 + 1)), "a.xlsx"

    with WorkbookReader(2, 30, 1024, 20) as reader:
        for count, (number, answer) in enumerate(reader.read_many(files())):  # type: ignore[arg-type]
            assert number == count
            assert isinstance(answer, Refused) == (number == 11)
            assert len(taken) <= count + 7
    assert len(taken) == 40


def test_a_closed_reader_reads_no_more() -> None:
    reader = WorkbookReader(1, 30, 1024, 20)
    reader.read(good_xls(), "a.xls")
    reader.close()
    with pytest.raises(HouseError):
        reader.read(good_xls(), "a.xls")


# --- what a person sees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        ("  3/81 ", "General", "  3/81 "),
        (None, "General", ""),
        (1204, "General", "1204"),
        (1204, "#,##0", "1.204"),
        (1234567.891, "#,##0.00", "1.234.567,89"),
        (-1204, "#,##0", "-1.204"),
        (-1204, "#,##0;(#,##0)", "(1.204)"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (0.905, "0.0%", "90,5%"),
        (0.905, "0%", "91%"),
        (0.904999999999999, "0.00%", "90,50%"),
        (3.7037037, "0.00", "3,70"),
        (2.675, "0.00", "2,68"),
        (614.025, "General", "614,025"),
        (3.7037037037037, "General", "3,7037037037"),
        (100.0, "General", "100"),
        (5, "00", "05"),
        (0.5, "#.##", ",5"),
        (1.5, "0.0#", "1,5"),
        (12, '0" xã"', "12 xã"),
        (1204, "_(* #,##0_);_(* \\(#,##0\\)", "1.204"),
        (1204, "[Red]#,##0", "1.204"),
        (1500000, '#,##0,"k"', "1.500k"),
        (1204, "@", "1204"),
        (0.5, "# ?/?", "0,5"),
        (1.5, "[h]:mm", "36:00"),
        (True, "General", "TRUE"),
        (False, "0", "FALSE"),
        ("#REF!", "0.0", "#REF!"),
        (date(2025, 6, 24), "dd/mm/yyyy", "24/06/2025"),
        (date(2025, 6, 24), "General", "24/06/2025"),
        (date(2025, 6, 24), "[$-42A]dd mmmm yyyy;@", "24/06/2025"),
        (date(2026, 8, 3), "d-mmm", "03/08"),
        (date(2026, 8, 3), "mm-dd-yy", "03/08/2026"),
        (date(1981, 3, 1), "mmm-yy", "03/1981"),
        (date(2026, 1, 5), "dd/yyyy", "05/2026"),
        (date(2026, 1, 5), '"ngày" dd "tháng" mm', "05/01"),
        (moment(2026, 1, 5, 8, 5), "dd/mm/yyyy hh:mm", "05/01/2026 08:05"),
        (moment(2026, 1, 5, 8, 5), "dd/mm/yyyy", "05/01/2026"),
        (time(8, 5), "hh:mm", "08:05"),
    ],
)
def test_shown_text(value: object, number_format: str, shown: str) -> None:
    assert shown_text(Cell(1, 1, value, number_format)) == shown  # type: ignore[arg-type]


@given(st.decimals(-(10**9), 10**9, places=4))
def test_two_places_are_rounded_as_people_round(number: Decimal) -> None:
    shown = shown_text(Cell(1, 1, float(number), "#,##0.00"))
    assert abs(Decimal(shown.replace(".", "").replace(",", ".")) - number) <= Decimal("0.005")
