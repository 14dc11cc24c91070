"""The sender's own workbook back: only what marking needs is changed, and the copy is known again."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import warnings
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from etl.errors import Refused
from etl.findings import Finding
from etl.marked_copy import (
    is_marked_copy,
    is_unchanged_marked_copy,
    marked_copy,
    marked_file_name,
    marked_origin,
    unchanged_finding,
    without_marks,
)
from etl.model import Cell, Sheet, Workbook
from etl.workbook.guard import STRICT, examine
from etl.workbook.readers import read
from tests.hostile import MAIN, READ, SHEET, good_ods, good_xls, good_xlsx, hostile_files, part, with_parts, with_sheet

SUBMISSION = "20260414T030000123456Z-abababababab-001"
FIRST = "Lỗi cần sửa"
RED, AMBER = "FFF8D0D4", "FFFDEBC8"
LARGEST = 50 * 2**20

NUMBER = Finding("cell.not_a_number", "Biểu 01", "E8", "tám mươi", "")
TOO_MANY = Finding("rule.numerator_exceeds_denominator", "Biểu 01", "E7", "83", "81")
PERCENT = Finding("rule.percentage_differs", "Biểu 01", "G9", "97,5%", "102,47")
EXAMPLE = Finding("row.example", "Biểu 01", "B10", "VD")
NO_FORM = Finding("form.not_found", expected="BM01, BM02")
FINDINGS = (EXAMPLE, PERCENT, NUMBER, TOO_MANY, NO_FORM)


def read_bytes(data: bytes, name: str = "a.xlsx") -> Workbook:
    return read(data, name, LARGEST)


def marked(data: bytes, findings: tuple[Finding, ...] = FINDINGS, name: str = "a.xlsx") -> bytes:
    kind = examine(data, name, LARGEST).kind
    return marked_copy(data, kind, findings, submission=SUBMISSION, file_name=name, workbook=read_bytes(data, name))


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def opened(data: bytes, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl says what it cannot keep
        return openpyxl.load_workbook(io.BytesIO(data), **options)


def picture() -> bytes:
    """A red square as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress((b"\0" + b"\xc0\x20\x20" * 16) * 16)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def rich() -> bytes:
    """A form with all that people put into one; sheets: guide, form, protected notes, hidden list."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        guide, form = book.add_worksheet("Hướng dẫn"), book.add_worksheet("Biểu 01")
        notes, hidden = book.add_worksheet("Ghi chú"), book.add_worksheet("Danh mục")
        guide.insert_textbox("B2", "Đọc kỹ trước khi nhập")
        guide.write("A1", "Hướng dẫn")
        bold = book.add_format({"bold": True, "font_name": "Times New Roman", "font_size": 13})
        boxed = book.add_format({"num_format": "#,##0", "border": 1, "bg_color": "#DDEBF7", "locked": False})
        percent = book.add_format({"num_format": "0.0%", "border": 1, "italic": True, "align": "right"})
        form.merge_range("A1:H1", "KẾT QUẢ THỰC HIỆN", bold)
        form.write_row("A3", ["Đơn vị báo cáo:", "", "UBND xã Con Cuông"])
        form.write_row("A6", ["STT", "Mã", "Tên", "ĐVT", "Số thực hiện", "Tổng số", "Tỷ lệ", "Ghi chú"], bold)
        for row in range(7, 15):
            form.write_row(row - 1, 0, [row - 6, f"VB{row:02}", f"Chỉ tiêu <{row}> & “khác”", "%"])
            form.write(row - 1, 4, "tám mươi" if row == 8 else row + 80, boxed)
            form.write_number(row - 1, 5, 81, boxed)
            form.write_formula(row - 1, 6, f"=E{row}/F{row}", percent, "#VALUE!" if row == 8 else (row + 80) / 81)
        form.write_rich_string("H7", "chữ ", bold, "đậm", " thường")
        form.insert_textbox("J2", "Ghi chú nổi")
        form.insert_button("J10", {"caption": "Kiểm tra"})
        form.insert_checkbox("J14", True)
        form.insert_image("L2", "logo.png", {"image_data": io.BytesIO(picture())})
        form.conditional_format("G7:G14", {"type": "data_bar", "data_bar_2010": True})
        form.data_validation("D7:D14", {"validate": "list", "source": ["%", "Số lượng"]})
        form.write_comment("A6", "Ghi chú của người gửi", {"author": "Chị Hà"})
        form.write_comment("E7", "Số này lấy từ báo cáo", {"author": "Chị Hà"})
        form.freeze_panes(6, 0)
        form.repeat_rows(5)
        form.print_area("A1:H14")
        form.protect("matkhau")
        form.activate()
        notes.write_string("A1", "=không phải công thức")
        notes.repeat_rows(0)
        notes.protect()
        hidden.write("A1", "VB07")
        hidden.hide()
        book.define_name("'Biểu 01'!Tong", "='Biểu 01'!$F$7:$F$14")
        book.define_name("Chung", "='Danh mục'!$A$1")
    return target.getvalue()


RICH = rich()
COPY = marked(RICH)
FORM_PART = "xl/worksheets/sheet2.xml"

ODDITIES = {each.name: each for each in hostile_files() if each.expected == {READ} and len(each.data) < 2**20}


# --- what stays -----------------------------------------------------------------------------------------------


def test_every_part_that_marking_does_not_need_is_the_same_byte_for_byte() -> None:
    before, after = members(RICH), members(COPY)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        FORM_PART,
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }
    assert set(after) - set(before) == {"xl/worksheets/sheet5.xml"}
    assert [name for name in after if name in before] == list(before)


def test_the_marked_sheet_differs_in_the_style_of_the_marked_cells_alone() -> None:
    before, after = part(RICH, FORM_PART), part(COPY, FORM_PART)
    style = re.compile(rb'(<c r="(?:E7|E8|G9)" s=)"\d+"')
    assert len(style.findall(before)) == 3
    assert style.sub(rb"\1", after) == style.sub(rb"\1", before).replace(b'tabSelected="1"', b'tabSelected="0"')


def test_styles_are_only_added() -> None:
    before, after = (ElementTree.fromstring(part(data, "xl/styles.xml")) for data in (RICH, COPY))
    for old, new in zip(before, after, strict=True):
        assert [ElementTree.tostring(entry) for entry in old] == [ElementTree.tostring(entry) for entry in new][
            : len(old)
        ]
        if "count" in new.attrib:
            assert int(new.attrib["count"]) == len(new)


def test_values_and_formulas_and_cached_results_are_the_senders() -> None:
    for options in ({}, {"data_only": True}):
        before, after = opened(RICH, **options), opened(COPY, **options)
        assert after.sheetnames == [FIRST, *before.sheetnames]
        for name in before.sheetnames:
            assert [[cell.value for cell in row] for row in after[name]] == [
                [cell.value for cell in row] for row in before[name]
            ]
            assert after[name].merged_cells.ranges == before[name].merged_cells.ranges
            assert after[name].sheet_state == before[name].sheet_state
            assert after[name].protection.sheet == before[name].protection.sheet
    assert opened(COPY, data_only=True)["Biểu 01"]["G9"].value == pytest.approx(89 / 81)


def test_our_reader_finds_the_same_cells() -> None:
    assert without_marks(read_bytes(COPY)).sheets == read_bytes(RICH).sheets


def test_names_of_one_sheet_still_belong_to_it() -> None:
    before, after = opened(RICH), opened(COPY)
    for name in before.sheetnames:
        assert after[name].print_title_rows == before[name].print_title_rows
        assert after[name].print_area == before[name].print_area
        assert set(after[name].defined_names) == set(before[name].defined_names)
    assert after["Biểu 01"].print_title_rows == "$6:$6"
    assert "Tong" in after["Biểu 01"].defined_names
    assert "Chung" in after.defined_names


# --- what is marked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "colour"), [("E7", RED), ("E8", RED), ("G9", AMBER)])
def test_a_marked_cell_keeps_its_look_but_for_the_fill(address: str, colour: str) -> None:
    before, after = opened(RICH)["Biểu 01"][address], opened(COPY)["Biểu 01"][address]
    assert after.fill.fill_type == "solid"
    assert after.fill.fgColor.rgb == colour
    for trait in ("number_format", "font", "border", "alignment", "protection"):
        assert repr(getattr(after, trait)) == repr(getattr(before, trait))


def test_no_other_cell_changes_its_look() -> None:
    before, after = opened(RICH)["Biểu 01"], opened(COPY)["Biểu 01"]
    different = {
        cell.coordinate
        for row in before
        for cell in row
        if cell.fill.fgColor.rgb != after[cell.coordinate].fill.fgColor.rgb
    }
    assert different == {"E7", "E8", "G9"}


def test_comments_say_what_is_wrong_and_the_senders_own_stay() -> None:
    sheet = opened(COPY)["Biểu 01"]
    assert sheet["E8"].comment.text == NUMBER.message_vi
    assert sheet["E8"].comment.text.startswith("Ô E8: ")
    assert sheet["E8"].comment.author == "Tiến Độ Số"
    assert sheet["A6"].comment.text == "Ghi chú của người gửi"
    assert sheet["E7"].comment.author == "Chị Hà"
    assert sheet["E7"].comment.text == f"Số này lấy từ báo cáo\n[Tiến Độ Số] {TOO_MANY.message_vi}"
    assert sheet["B10"].comment is None


def test_several_findings_of_a_cell_share_one_comment() -> None:
    second = Finding("cell.negative", "Biểu 01", "E8", "-80")
    unplaced = Finding("org_unit.abolished", "Biểu 01", "E8", "Huyện Như Xuân")
    copy = opened(marked(RICH, (PERCENT, NUMBER, second, unplaced)))["Biểu 01"]
    assert copy["E8"].comment.text.split("\n") == [
        NUMBER.message_vi,
        second.message_vi,
        f"Ô E8: {unplaced.message_vi}",
    ]
    assert copy["E8"].fill.fgColor.rgb == RED


def test_an_error_outweighs_a_warning_in_the_same_cell() -> None:
    warning = Finding("rule.percentage_differs", "Biểu 01", "E8", "1", "2")
    assert opened(marked(RICH, (warning, NUMBER)))["Biểu 01"]["E8"].fill.fgColor.rgb == RED


def test_every_comment_has_its_box_and_every_box_its_own_number() -> None:
    vml = part(COPY, "xl/drawings/vmlDrawing1.vml").decode()
    places = re.findall(r"<x:Row>(\d+)</x:Row>\s*<x:Column>(\d+)</x:Column>", vml)
    assert sorted(places) == sorted([("5", "0"), ("6", "4"), ("7", "4"), ("8", "6")])
    ids = re.findall(r'<v:shape id="(_x0000_s\d+)"', vml)
    assert (
        len(ids) == len(set(ids)) == len(places) + vml.count('ObjectType="Button"') + vml.count('ObjectType="Checkbox"')
    )
    ElementTree.fromstring(vml)


def test_a_cell_that_is_not_there_is_put_where_it_belongs() -> None:
    data = with_sheet(
        '<row r="3" spans="1:2"><c r="B3"><v>1</v></c><c r="F3"><v>2</v></c></row><row r="9"/>'
        '<row r="12"><c r="A12"><v>3</v></c></row>',
        before='<cols><col min="4" max="4" width="12" style="1"/></cols>',
    )
    places = ("A3", "D3", "G3", "C9", "B5", "A1", "B12", "D20")
    findings = tuple(Finding("cell.negative", "Biểu 01", place, "-1") for place in places)
    sheet = ElementTree.fromstring(part(marked(data, findings), SHEET))
    rows = sheet.findall(f"{{{MAIN}}}sheetData/{{{MAIN}}}row")
    assert [row.get("r") for row in rows] == ["1", "3", "5", "9", "12", "20"]
    assert [[cell.get("r") for cell in row] for row in rows] == [
        ["A1"],
        ["A3", "B3", "D3", "F3", "G3"],
        ["B5"],
        ["C9"],
        ["A12", "B12"],
        ["D20"],
    ]
    assert (
        opened(marked(data, findings))["Biểu 01"]["D3"].number_format
        == opened(good_xlsx(2))["Biểu 01"]["E7"].number_format
    )


def test_a_sheet_without_any_row_can_be_marked() -> None:
    data = with_sheet("")
    finding = Finding("org_unit.missing", "Biểu 01", "C3")
    read_already = Workbook("xlsx", (Sheet("Biểu 01", {}),))
    copy = marked_copy(data, "xlsx", [finding], submission="s", file_name="a.xlsx", workbook=read_already)
    assert opened(copy)["Biểu 01"]["C3"].fill.fgColor.rgb == RED


def test_cells_without_addresses_are_counted() -> None:
    data = with_sheet("<row><c><v>1</v></c></row><row><c><v>2</v></c><c><v>3</v></c></row>")
    copy = opened(marked(data, (Finding("cell.negative", "Biểu 01", "B2", "3"),)))["Biểu 01"]
    assert (copy["B2"].value, copy["B2"].fill.fgColor.rgb) == (3, RED)


def test_a_finding_inside_a_merge_marks_the_cell_that_shows() -> None:
    copy = opened(marked(RICH, (Finding("period.unreadable", "Biểu 01", "D1", "Quý 5"),)))["Biểu 01"]
    assert copy["A1"].fill.fgColor.rgb == RED
    assert copy["A1"].comment.text.startswith("Ô D1: ")


def test_no_more_than_five_hundred_cells_are_marked_errors_first() -> None:
    warnings_ = tuple(Finding("rule.percentage_differs", "Biểu 01", f"G{row}", "1", "2") for row in range(7, 307))
    errors = tuple(Finding("cell.negative", "Biểu 01", f"E{row}", "-1") for row in range(7, 407))
    sheet = opened(marked(good_xlsx(20), (*warnings_, *errors)))["Biểu 01"]
    colours = [cell.fill.fgColor.rgb for row in sheet for cell in row]
    assert (colours.count(RED), colours.count(AMBER)) == (400, 100)


# --- the sheet of findings ------------------------------------------------------------------------------------


def listed(data: bytes) -> list[list[Any]]:
    rows = [[cell.value for cell in row] for row in opened(data)[FIRST]]
    head = next(n for n, row in enumerate(rows) if row[0] == "STT")
    return rows[head + 1 :]


def test_findings_are_listed_errors_first_with_both_languages() -> None:
    ordered = [NUMBER, TOO_MANY, NO_FORM, PERCENT, EXAMPLE]
    levels = ["Lỗi", "Lỗi", "Lỗi", "Cần xem lại", "Để biết"]
    wanted = [
        [str(n), level, f.sheet or None, f.cell or None, f.shown or None, f.message_vi, f.message_en]
        for n, (level, f) in enumerate(zip(levels, ordered, strict=True), 1)
    ]
    assert [[value or None for value in row] for row in listed(COPY)] == wanted


def test_the_sheet_of_findings_comes_first_and_is_the_one_that_opens() -> None:
    book = opened(COPY)
    assert book.sheetnames[0] == FIRST
    assert book.active.title == FIRST
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == [FIRST]
    sheet = book[FIRST]
    assert sheet["A1"].value == "TRẢ LẠI – CẦN SỬA"
    assert SUBMISSION in sheet["A3"].value
    assert sheet.freeze_panes == "A8"
    assert all(cell.data_type in {"s", "inlineStr", "n"} for row in sheet for cell in row)
    assert sheet["F8"].alignment.wrap_text


def test_links_lead_to_the_cells() -> None:
    links = {cell.hyperlink.location for row in opened(COPY)[FIRST] for cell in row if cell.hyperlink}
    assert links == {"'Biểu 01'!E7", "'Biểu 01'!E8", "'Biểu 01'!G9", "'Biểu 01'!B10"}


@pytest.mark.parametrize("name", ["Q1 'nháp' 2", "A&B <1>", '"; =1+1', "Lỗi cần sửa"])
def test_hostile_sheet_names_stay_names(name: str) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet(name).write("A1", 1)
    copy = marked(target.getvalue(), (Finding("cell.negative", name, "A1", "=cmd|'/c calc'!A1"),))
    book = opened(copy)
    first = "Lỗi cần sửa (2)" if name == FIRST else FIRST
    assert book.sheetnames == [first, name]
    assert book[name]["A1"].fill.fgColor.rgb == RED
    assert book[first]["D8"].hyperlink.location == "'" + name.replace("'", "''") + "'!A1"
    assert b"<f>" not in part(copy, "xl/worksheets/sheet2.xml")
    assert (book[first]["E8"].value, book[first]["E8"].data_type) == ("=cmd|'/c calc'!A1", "s")


def test_text_that_xml_cannot_hold_and_excels_escapes_stay_text() -> None:
    finding = Finding("cell.not_a_number", "Biểu 01", "E8", "a\x07b_x0041_ \ud800<&>")
    copy = marked(RICH, (finding,))
    assert listed(copy)[0][4] == "a b_x005F_x0041_  <&>"
    assert read_bytes(copy).sheets[0].cells[(8, 5)].value == "a b_x0041_  <&>"


def test_no_link_leads_to_a_hidden_sheet_and_it_stays_hidden() -> None:
    copy = opened(marked(RICH, (Finding("cell.negative", "Danh mục", "A1", "-1"),)))
    assert copy["Danh mục"].sheet_state == "hidden"
    assert copy[FIRST]["D8"].hyperlink is None
    assert copy["Danh mục"]["A1"].fill.fgColor.rgb == RED


# --- odd packages ---------------------------------------------------------------------------------------------


def test_parts_with_prefixes_are_edited_in_their_own_dialect() -> None:
    def prefixed(name: str) -> bytes:
        content = part(good_xlsx(), name).decode()
        content = re.sub(r"<(/?)(?=[a-zA-Z])(?!\?)", r"<\1x:", content)
        return content.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"').encode()

    data = with_parts(good_xlsx(), {name: prefixed(name) for name in (SHEET, "xl/workbook.xml", "xl/styles.xml")})
    finding = Finding("cell.negative", "Biểu 01", "J8", "-1")
    copy = opened(marked(data, (TOO_MANY, finding)))
    assert copy.sheetnames == [FIRST, "Biểu 01"]
    for address in ("E7", "J8"):
        assert copy["Biểu 01"][address].fill.fgColor.rgb == RED
        assert copy["Biểu 01"][address].comment is not None


def test_a_strict_package_stays_strict() -> None:
    usual_to_strict = {usual: strict for strict, usual in STRICT.items()}

    def strict(content: bytes) -> bytes:
        for usual, name in usual_to_strict.items():
            content = content.replace(usual, name)
        return content

    data = with_parts(good_xlsx(), {name: strict(content) for name, content in members(good_xlsx()).items()})
    copy = marked(data, (TOO_MANY,))
    for name, content in members(copy).items():
        assert [usual for usual in usual_to_strict if usual in content] == [], name
    assert without_marks(read_bytes(copy)).sheets == read_bytes(data).sheets
    assert is_unchanged_marked_copy(read_bytes(copy))


def test_a_part_in_utf_16_is_edited_too() -> None:
    content = part(good_xlsx(), SHEET).decode().replace("UTF-8", "UTF-16")
    copy = marked(with_parts(good_xlsx(), {SHEET: content.encode("utf-16")}), (TOO_MANY,))
    assert opened(copy)["Biểu 01"]["E7"].fill.fgColor.rgb == RED


def test_what_looks_like_a_cell_inside_text_is_left_alone() -> None:
    trap = '<!-- <c r="E7" s="0"> --><row r="7"><c r="D7" t="inlineStr"><is><t><![CDATA[<c r="E7">]]></t></is></c>'
    copy = marked(with_sheet(trap + """<c r="E7" t='n' s = "1"><v>83</v></c></row>"""), (TOO_MANY,))
    assert trap.encode() in part(copy, SHEET)
    sheet = opened(copy)["Biểu 01"]
    assert (sheet["E7"].value, sheet["E7"].number_format, sheet["E7"].fill.fgColor.rgb) == (83, "#,##0", RED)


def test_a_threaded_comment_is_left_alone() -> None:
    comments = (
        f'<comments xmlns="{MAIN}"><authors><author>tc={{1}}</author></authors><commentList>'
        '<comment ref="E7" authorId="0"><text><t>[Threaded comment]</t></text></comment></commentList></comments>'
    ).encode()
    base = members(RICH)
    data = with_parts(RICH, {"xl/comments1.xml": comments, **{k: v for k, v in base.items() if k == FORM_PART}})
    sheet = opened(marked(data, (TOO_MANY, NUMBER)))["Biểu 01"]
    assert sheet["E7"].comment.text == "[Threaded comment]"
    assert sheet["E7"].fill.fgColor.rgb == RED
    assert sheet["E8"].comment.text == NUMBER.message_vi


def test_macros_stay_and_so_does_the_kind() -> None:
    types = part(RICH, "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    types = types.replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    )
    data = with_parts(RICH, {"[Content_Types].xml": types, "xl/vbaProject.bin": b"\xd0\xcf macros"})
    copy = marked(data, name="a.xlsm")
    assert members(copy)["xl/vbaProject.bin"] == b"\xd0\xcf macros"
    assert examine(copy, "a.xlsm", LARGEST).kind == "xlsm"
    assert marked_file_name("Biểu 01.xlsm", "xlsm") == "Biểu 01 - cần sửa.xlsm"
    assert marked_file_name("Biểu 01.xls", "xls") == "Biểu 01 - cần sửa.xlsx"


def test_a_document_type_is_never_expanded() -> None:
    bomb = b'<!DOCTYPE w [<!ENTITY a "aaaa">]>' + part(good_xlsx(), SHEET)
    data = with_parts(good_xlsx(), {SHEET: bomb})
    with pytest.raises(Refused):
        marked_copy(data, "xlsx", [TOO_MANY], submission="s", file_name="a.xlsx")


def test_a_package_that_cannot_be_edited_is_copied_from_what_was_read() -> None:
    data = with_sheet('<row r="7"><c r="E7"><v>83</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>')
    workbook = Workbook("xlsx", (Sheet("Biểu 01", {(7, 5): Cell(7, 5, 83), (3, 1): Cell(3, 1, 1)}),))
    copy = opened(marked_copy(data, "xlsx", [TOO_MANY], submission="s", file_name="a", workbook=workbook))
    assert (copy["Biểu 01"]["E7"].value, copy["Biểu 01"]["E7"].fill.fgColor.rgb) == (83, RED)
    with pytest.raises(Refused):
        marked_copy(data, "xlsx", [TOO_MANY], submission="s", file_name="a")


def test_a_drawing_of_an_unknown_make_costs_the_comments_alone() -> None:
    copy = opened(marked(with_parts(RICH, {"xl/drawings/vmlDrawing1.vml": b"<html></html>"}), (NUMBER,)))["Biểu 01"]
    assert copy["E8"].fill.fgColor.rgb == RED
    assert copy["E8"].comment is None
    assert copy["A6"].comment.text == "Ghi chú của người gửi"


@pytest.mark.parametrize("name", ODDITIES)
def test_every_file_that_can_be_read_can_be_marked(name: str) -> None:
    hostile = ODDITIES[name]
    workbook = read_bytes(hostile.data, hostile.file_name)
    findings = tuple(Finding("cell.negative", sheet.name, "E7", "-1") for sheet in workbook.sheets)
    after = read_bytes(marked(hostile.data, findings, hostile.file_name))
    values = [{place: cell.value for place, cell in sheet.cells.items()} for sheet in workbook.sheets]
    assert [
        {place: cell.value for place, cell in sheet.cells.items()} for sheet in without_marks(after).sheets
    ] == values
    assert is_unchanged_marked_copy(after)


# --- other kinds ----------------------------------------------------------------------------------------------

OTHERS = {
    "a.xls": (good_xls(), "Biểu 01", "B3"),
    "a.ods": (good_ods(repeated=3), "Biểu 01", "B2"),
    "a.csv": ("Mã;Số\nVB01;=1+1\nVB02;tám\n".encode(), "csv", "B3"),
    "a.html": (
        "<table><tr><td colspan=2>Biểu</td></tr><tr><td>VB01</td><td>007</td></tr></table>".encode(),
        "html",
        "B2",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_kinds_come_back_as_xlsx_with_the_same_values(name: str) -> None:
    data, sheet, address = OTHERS[name]
    copy = marked(data, (Finding("cell.negative", sheet, address, "x"),), name)
    before, after = read_bytes(data, name), read_bytes(copy)
    assert after.kind == "xlsx"
    values = [{place: cell.value for place, cell in each.cells.items()} for each in before.sheets]
    assert [{place: cell.value for place, cell in each.cells.items()} for each in without_marks(after).sheets] == values
    assert [each.merges for each in without_marks(after).sheets] == [each.merges for each in before.sheets]
    assert opened(copy)[sheet][address].fill.fgColor.rgb == RED
    assert not any(cell.formula for each in after.sheets for cell in each.cells.values())
    assert is_unchanged_marked_copy(after)


def test_names_that_excel_does_not_take_are_made_fit() -> None:
    long = "Biểu [01]: kết quả thực hiện/các chỉ tiêu chuyển đổi số"
    sheets = tuple(Sheet(name, {(1, 1): Cell(1, 1, -1)}) for name in (long, long + " 2"))
    finding = Finding("cell.negative", long, "A1", "-1")
    copy = opened(
        marked_copy(b"", "ods", [finding], submission="s", file_name="a.ods", workbook=Workbook("ods", sheets))
    )
    assert len(set(copy.sheetnames)) == 3
    assert copy[copy.sheetnames[1]]["A1"].fill.fgColor.rgb == RED
    assert copy[FIRST]["D8"].hyperlink.location == f"'{copy.sheetnames[1]}'!A1"


def test_a_kind_that_cannot_be_edited_needs_what_was_read() -> None:
    with pytest.raises(ValueError, match="xls"):
        marked_copy(good_xls(), "xls", [], submission="s", file_name="a.xls")


# --- knowing it again -----------------------------------------------------------------------------------------


def test_an_unchanged_copy_is_recognised_and_sent_back() -> None:
    workbook = read_bytes(COPY)
    assert is_marked_copy(workbook)
    assert marked_origin(workbook) == SUBMISSION
    assert is_unchanged_marked_copy(workbook)
    finding = unchanged_finding(workbook)
    assert finding is not None
    assert finding.code == "submission.marked_copy"
    assert "chưa được sửa" in finding.message_vi


def test_the_original_is_no_marked_copy() -> None:
    workbook = read_bytes(RICH)
    assert not is_marked_copy(workbook)
    assert not is_unchanged_marked_copy(workbook)
    assert marked_origin(workbook) is None
    assert unchanged_finding(workbook) is None
    assert without_marks(workbook) == workbook


MENDED = {
    "a number for words": (rb'<c r="E8"[^>]*>.*?</c>', b'<c r="E8"><v>80</v></c>'),
    "another number": (rb'(<c r="E9"[^>]*>)<v>89</v>', rb"\1<v>81</v>"),
    "emptied": (rb'(<c r="E9"[^>]*>)<v>89</v>', rb"\1"),
    "a formula calculated anew": (rb"<v>#VALUE!</v>", b"<v>0.4</v>"),
}


@pytest.mark.parametrize("mended", MENDED)
def test_one_mended_cell_makes_it_a_new_submission(mended: str) -> None:
    old, new = MENDED[mended]
    content, count = re.subn(old, new, part(COPY, FORM_PART), count=1)
    assert count == 1
    workbook = read_bytes(with_parts(COPY, {FORM_PART: content}))
    assert is_marked_copy(workbook)
    assert not is_unchanged_marked_copy(workbook)
    assert unchanged_finding(workbook) is None
    assert [sheet.name for sheet in without_marks(workbook).sheets] == ["Hướng dẫn", "Biểu 01", "Ghi chú", "Danh mục"]


def test_findings_about_the_dropped_sheet_are_dropped_with_it() -> None:
    workbook = read_bytes(COPY)
    about = (Finding("cell.encoding", FIRST, expected="TCVN3"), Finding("file.macros"))
    assert without_marks(replace(workbook, findings=about)).findings == about[1:]


def test_without_the_reading_the_copy_is_known_but_not_compared() -> None:
    workbook = read_bytes(marked_copy(RICH, "xlsx", FINDINGS, submission=SUBMISSION, file_name="a.xlsx"))
    assert marked_origin(workbook) == SUBMISSION
    assert not is_unchanged_marked_copy(workbook)


def test_a_copy_marked_again_bears_the_new_marks_alone() -> None:
    again = marked(COPY, (replace(NUMBER, cell="E9"),))
    before, after = opened(RICH), opened(again)
    assert after.sheetnames == [FIRST, *before.sheetnames]
    assert [row[3] for row in listed(again)] == ["E9"]
    sheet = after["Biểu 01"]
    assert sheet["E9"].fill.fgColor.rgb == RED
    for address in ("E7", "E8", "G9"):
        assert sheet[address].fill.fill_type == before["Biểu 01"][address].fill.fill_type
        assert sheet[address].fill.fgColor.rgb == before["Biểu 01"][address].fill.fgColor.rgb
    assert sheet["E8"].comment is None
    assert sheet["E7"].comment.text == "Số này lấy từ báo cáo"
    assert sheet.print_title_rows == "$6:$6"
    assert part(again, "xl/drawings/vmlDrawing1.vml").count(b'ObjectType="Note"') == 3
    assert is_unchanged_marked_copy(read_bytes(again))


def test_a_cell_marked_twice_still_knows_its_first_fill() -> None:
    twice = marked(COPY, (replace(PERCENT, cell="E8"),))
    assert opened(twice)["Biểu 01"]["E8"].fill.fgColor.rgb == AMBER
    third = opened(marked(twice, (NO_FORM,)))["Biểu 01"]["E8"]
    assert third.fill.fgColor.rgb == opened(RICH)["Biểu 01"]["E8"].fill.fgColor.rgb == "FFDDEBF7"


# --- other programs -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def resaved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy as LibreOffice saves it, and as a PDF."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "ban.xlsx").write_bytes(COPY)
    for target in ("pdf", "ods", "xlsx"):
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{folder}/profile",
                "--headless",
                *("--convert-to", target, "--outdir", str(folder / "out"), str(folder / "ban.xlsx")),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    return folder / "out"


def test_libreoffice_opens_it(resaved: Path) -> None:
    assert (resaved / "ban.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", ["ban.xlsx", "ban.ods"])
def test_opening_and_saving_is_no_change(resaved: Path, name: str) -> None:
    workbook = read_bytes((resaved / name).read_bytes(), name)
    assert marked_origin(workbook) == SUBMISSION
    assert is_unchanged_marked_copy(workbook)


def test_libreoffice_keeps_the_marks(resaved: Path) -> None:
    sheet = opened((resaved / "ban.xlsx").read_bytes())["Biểu 01"]
    assert sheet["E8"].fill.fgColor.rgb == RED
    assert NUMBER.message_vi in sheet["E8"].comment.text
    assert "Số này lấy từ báo cáo" in sheet["E7"].comment.text
    assert sheet["F9"].value == 81


def test_a_copy_that_libreoffice_saved_can_be_marked_again(resaved: Path) -> None:
    again = opened(marked((resaved / "ban.xlsx").read_bytes(), (replace(NUMBER, cell="E9"),)))
    sheet = again["Biểu 01"]
    colours = {address: sheet[address].fill.fgColor.rgb for address in ("E7", "E8", "E9", "G9", "E10")}
    assert colours == {"E7": "00000000", "E8": "00000000", "E9": RED, "G9": "00000000", "E10": "FFDDEBF7"}
    assert again.sheetnames == opened(COPY).sheetnames
    assert sheet["E9"].comment is not None
    assert sheet["E8"].comment is None
    assert sheet["A6"].comment.text.strip() == "Ghi chú của người gửi"
    assert sheet["E7"].comment.text.strip() == "Số này lấy từ báo cáo"


def test_openpyxl_saves_it_with_its_marks() -> None:
    book = opened(COPY)
    book["Ghi chú"]["A1"].comment = Comment("thêm", "Chị Hà")
    target = io.BytesIO()
    book.save(target)
    saved = opened(target.getvalue())
    assert saved["Biểu 01"]["E8"].comment.text == NUMBER.message_vi
    assert is_marked_copy(read_bytes(target.getvalue()))
