from __future__ import annotations

import io
import time
import zipfile

import pytest

from etl.errors import Refused
from etl.workbook import guard
from tests.hostile import (
    good_ods,
    good_xls,
    good_xlsx,
    hostile_files,
    part,
    sheet_xml,
    with_parts,
    with_sheet,
    xml_attacks,
    zip_attacks,
)

MEGABYTE = 2**20
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("data", "file_name", "kind"),
    [
        (good_xlsx(), "a.xlsx", "xlsx"),
        (good_xlsx(), "a.pdf", "xlsx"),
        (good_xls(), "a.xlsx", "xls"),
        (good_ods(), "a.bin", "ods"),
        (b"a;b\n1;2\n", "a.csv", "csv"),
        ("a;b\n1;2\n".encode("utf-16"), "a.csv", "csv"),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", "a.xls", "html"),
        (b'<?xml version="1.0"?>\n<html xmlns="x"><table></table></html>', "a.xls", "html"),
    ],
)
def test_the_kind_is_told_by_the_content_not_the_name(data: bytes, file_name: str, kind: str) -> None:
    assert guard.guard(data, file_name, MEGABYTE) == kind


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xlsm"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", "xlsx"),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
    ],
)
def test_the_kind_of_a_package_stands_in_its_content_types(content_type: str, kind: str) -> None:
    usual = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    types = part(good_xlsx(), "[Content_Types].xml").replace(usual, content_type.encode())
    assert guard.guard(with_parts(good_xlsx(), {"[Content_Types].xml": types}), "a.xlsx", MEGABYTE) == kind


def test_a_file_may_be_as_large_as_allowed_and_no_larger() -> None:
    data = good_xlsx()
    assert guard.guard(data, "a.xlsx", len(data)) == "xlsx"
    with pytest.raises(Refused) as refused:
        guard.guard(data, "a.xlsx", len(data) - 1)
    assert refused.value.finding.code == "file.too_large"


ATTACKS = {attack.name: attack for attack in hostile_files(zip_attacks, xml_attacks)}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_end_here_before_any_parser(name: str) -> None:
    attack = ATTACKS[name]
    with pytest.raises(Refused) as refused:
        guard.guard(attack.data, attack.file_name, 20 * MEGABYTE)
    assert refused.value.finding.code in attack.expected


@pytest.mark.parametrize(("size", "refused"), [(200 * MEGABYTE, False), (200 * MEGABYTE + 1, True)])
def test_the_sum_of_all_parts_is_bounded(size: int, refused: bool) -> None:
    archive = zipfile.ZipFile(io.BytesIO(good_xlsx()))
    rest = sum(info.file_size for info in archive.infolist())
    archive.infolist()[0].file_size += size - rest
    archive.infolist()[0].compress_size += 2 * MEGABYTE
    if not refused:
        guard.check_directory(archive, 3 * MEGABYTE)
        return
    with pytest.raises(Refused) as error:
        guard.check_directory(archive, 3 * MEGABYTE)
    assert error.value.finding.code == "file.unsafe"


@pytest.mark.parametrize(("row", "column", "refused"), [(100_000, "IV", False), (100_001, "A", True), (1, "IW", True)])
def test_the_last_row_and_column_are_inside(row: int, column: str, refused: bool) -> None:
    data = with_sheet(f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>')
    if not refused:
        assert guard.guard(data, "a.xlsx", MEGABYTE) == "xlsx"
        return
    with pytest.raises(Refused) as error:
        guard.guard(data, "a.xlsx", MEGABYTE)
    assert error.value.finding.code == "file.too_large"


def test_the_scan_knows_formulas_hidden_rows_and_merges() -> None:
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><v>1</v></c></row>'
        '<row r="2" hidden="1"><c r="C2"><f>2</f></c></row><row><c><v>1</v></c></row>'
    )
    extension = '<extLst><ext xmlns:xm="x"><xm:f>Sheet1!A1</xm:f></ext></extLst>'
    data = with_sheet(rows, f'<mergeCells><mergeCell ref="A1:B2"/></mergeCells>{extension}')
    scan = guard.examine(data, "a.xlsx", MEGABYTE).scans[SHEET]
    assert scan.formulas == {(1, 1), (2, 3)}
    assert scan.hidden_rows == {2}
    assert scan.merges == ["A1:B2"]
    assert scan.cells == 4


def test_empty_cells_are_cut_out_of_large_sheets_and_nothing_else() -> None:
    filled = [
        f'<row r="{r}"><c r="A{r}" s="1"/><c r="B{r}" t="str"><v>giá trị {r}</v></c></row>' for r in range(1, 20_000)
    ]
    examined = guard.examine(with_sheet("".join(filled) + '<row r="90000" ht="3"/>'), "a.xlsx", 20 * MEGABYTE)
    kept = part(examined.data, SHEET).decode()
    assert kept.count("<v>giá trị ") == 19_999
    assert '"A5"' not in kept
    assert "90000" not in kept


def test_cells_without_addresses_are_never_cut_out() -> None:
    rows = '<row r="1">' + '<c r="A1"/><c/><c><v>3</v></c>' + "</row>" + '<row r="2" spans="1:5"/>' * 60_000
    examined = guard.examine(with_sheet(rows), "a.xlsx", 20 * MEGABYTE)
    assert part(examined.data, SHEET) == sheet_xml(rows)


def test_an_ordinary_file_costs_milliseconds() -> None:
    data = good_xlsx(30)
    began = time.perf_counter()
    for _ in range(10):
        guard.guard(data, "a.xlsx", MEGABYTE)
    assert (time.perf_counter() - began) / 10 < 0.05


@pytest.mark.parametrize("address", ["A0", "1A", "", "ABCD1", "A-1", "A1:B2"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        guard.parse_address(address)


@pytest.mark.parametrize(("address", "place"), [("A1", (1, 1)), ("$AA$12", (12, 27)), ("XFD1048576", (1048576, 16384))])
def test_addresses(address: str, place: tuple[int, int]) -> None:
    assert guard.parse_address(address) == place
