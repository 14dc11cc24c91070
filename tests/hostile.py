"""Files nobody should open without a guard, honest oddities among them; all made here, none kept."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import openpyxl
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet, OpenDocumentText
from odf.table import Table, TableCell, TableRow
from odf.text import P

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"
READ = ""


@dataclass(frozen=True)
class Hostile:
    """One file, and the only findings it may be refused with; `READ` means that it must be read."""

    name: str
    file_name: str
    data: bytes
    expected: frozenset[str]


def good_xlsx(rows: int = 20) -> bytes:
    """An ordinary form: title, label cells, header, `rows` rows with a formula and its result."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Biểu 01")
        whole, ratio = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "0.0"})
        sheet.merge_range("A1:H1", "KẾT QUẢ THỰC HIỆN CHỈ TIÊU CHUYỂN ĐỔI SỐ")
        sheet.write_row("A3", ["Đơn vị báo cáo:", "", "UBND xã Con Cuông"])
        sheet.write_row("A6", ["STT", "Mã chỉ tiêu", "Tên", "ĐVT", "Số thực hiện", "Tổng số", "Tỷ lệ (%)", "Ghi chú"])
        for row in range(7, 7 + rows):
            sheet.write_row(row - 1, 0, [row - 6, f"VB{row:02}", f"Chỉ tiêu số {row}", "%"])
            sheet.write_number(row - 1, 4, row, whole)
            sheet.write_number(row - 1, 5, 1204, whole)
            sheet.write_formula(row - 1, 6, f"=E{row}/F{row}*100", ratio, row / 1204 * 100)
    return target.getvalue()


def good_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Biểu 01")
    for row in range(12):
        sheet.write(row, 0, f"Chỉ tiêu {row}")
        sheet.write(row, 1, row * 1.5)
    return _saved(book.save)


def good_ods(repeated: int = 1, value: str = "3") -> bytes:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Biểu 01")
    row = TableRow(numberrowsrepeated=repeated)
    row.addElement(_ods_text("Chỉ tiêu"))
    row.addElement(TableCell(valuetype="float", value=value))
    table.addElement(row)
    document.spreadsheet.addElement(table)
    return _saved(document.write)


def sheet_xml(rows: str, after: str = "", before: str = "") -> bytes:
    head = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">'
    return f"{head}{before}<sheetData>{rows}</sheetData>{after}</worksheet>".encode()


def with_parts(data: bytes, changes: dict[str, bytes | None]) -> bytes:
    """A zip package with parts replaced, added, or (None) left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        parts: dict[str, bytes | None] = {name: source.read(name) for name in source.namelist()} | changes
        for name, content in parts.items():
            if content is not None:
                packed.writestr(name, content)
    return target.getvalue()


def with_sheet(rows: str, after: str = "", before: str = "") -> bytes:
    """The good workbook with other rows on its sheet."""
    return with_parts(good_xlsx(2), {SHEET: sheet_xml(rows, after, before)})


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return source.read(name)


Row = tuple[str, str, bytes, str]
Group = Callable[[], Iterator[Row]]


def hostile_files(*groups: Group) -> Iterator[Hostile]:
    """Every file of these groups (default: of all) with the verdict that is due."""
    for group in groups or ALL_GROUPS:
        for name, file_name, data, expected in group():
            yield Hostile(name, file_name, data, frozenset(expected.split("|")))


def _not_workbooks() -> Iterator[Row]:
    yield "nothing", "a.xlsx", b"", "file.empty"
    yield "only zeros", "a.xlsx", bytes(2000), "file.empty"
    heads = {
        "pdf": b"%PDF-1.7\n",
        "png": b"\x89PNG\r\n\x1a\n",
        "rar": b"Rar!\x1a\x07",
        "7z": b"7z\xbc\xaf\x27\x1c",
        "rtf": b"{\\rtf1 bi\xe1\xbb\x83u}",
        "program": b"MZ\x90\x00",
        "noise": bytes(random.Random(1).randbytes(5000)),
        "prose": "Kính gửi: Sở Khoa học và Công nghệ".encode(),
        "xml": b'<?xml version="1.0"?><report><a>1</a></report>',
    }
    for name, head in heads.items():
        yield name, "Bieu 01.xlsx", head + b"\n" * 100, "file.not_a_workbook"
    yield (
        "word in zip",
        "a.xlsx",
        _zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>"}),
        "file.not_a_workbook",
    )
    yield "zip of things", "a.xlsx", _zipped({"readme.txt": b"x"}), "file.not_a_workbook"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    yield "word in OLE", "a.xls", ole + "WordDocument".encode("utf-16-le"), "file.not_a_workbook"
    yield "encrypted workbook", "a.xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "file.password"
    yield "page without table", "a.xls", b"<html><body><p>Xin ch\xc3\xa0o</p></body></html>", "file.not_a_workbook"


def zip_attacks() -> Iterator[Row]:
    good = good_xlsx(2)
    yield "bomb", "a.xlsx", with_parts(good, {"xl/sharedStrings.xml": b"<sst>" + b" " * (12 * 2**20)}), "file.unsafe"
    yield "many parts", "a.xlsx", with_parts(good, {f"xl/x{n}.xml": b"<a/>" for n in range(2100)}), "file.unsafe"
    yield "path upwards", "a.xlsx", with_parts(good, {"../../etc/cron.d/x": b"<a/>"}), "file.unsafe"
    yield "path from the root", "a.xlsx", with_parts(good, {"/etc/x": b"<a/>"}), "file.unsafe"
    yield "same name twice", "a.xlsx", with_parts(good, {SHEET.upper(): b"<a/>"}), "file.unsafe"
    yield "locked zip", "a.xlsx", _flagged(good), "file.password"
    yield "lying size", "a.xlsx", _lying(good), "file.unreadable"
    yield "cut short", "a.xlsx", good[: len(good) // 2], "file.unreadable"
    yield "head only", "a.xlsx", good[:30], "file.unreadable"


def xml_attacks() -> Iterator[Row]:
    laughs = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    yield "billion laughs", "a.xlsx", with_parts(good_xlsx(2), {SHEET: laughs.encode() + sheet_xml("")}), "file.unsafe"
    xxe = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>'
    yield (
        "outside entity",
        "a.xlsx",
        with_parts(good_xlsx(2), {SHEET: xxe.encode() + sheet_xml(rows)[21:]}),
        "file.unsafe",
    )
    wide = ('<?xml version="1.0" encoding="utf-16"?>' + laughs + "<worksheet/>").encode("utf-16")
    yield "laughs in utf-16", "a.xlsx", with_parts(good_xlsx(2), {SHEET: wide}), "file.unsafe"
    ods = with_parts(good_ods(), {"content.xml": b"<!DOCTYPE x>" + part(good_ods(), "content.xml")[39:]})
    yield "doctype in ods", "a.ods", ods, "file.unsafe"


def _size_attacks() -> Iterator[Row]:
    cell = '<row r="{0}"><c r="{1}"><v>1</v></c></row>'
    yield "far corner", "a.xlsx", with_sheet(cell.format(1048576, "XFD1048576")), "file.too_large"
    yield "far row", "a.xlsx", with_sheet(cell.format(1048576, "A1048576")), "file.too_large"
    yield "far column", "a.xlsx", with_sheet(cell.format(1, "IW1")), "file.too_large"
    yield (
        "far and quoted otherwise",
        "a.xlsx",
        with_sheet("<row r = '1'><c\nr = '&#88;FD1' ><v>1</v></c></row>"),
        "file.too_large",
    )
    prefixed = sheet_xml(cell.format(1, "XFD1")).replace(b"<", b"<x:").replace(b"<x:/", b"</x:")
    prefixed = prefixed.replace(b"<x:?", b"<?").replace(b"xmlns=", b"xmlns:x=")
    yield "far with a prefix", "a.xlsx", with_parts(good_xlsx(2), {SHEET: prefixed}), "file.too_large"
    yield (
        "wide row without addresses",
        "a.xlsx",
        with_sheet("<row>" + "<c><v>1</v></c>" * 50_000 + "</row>"),
        "file.too_large",
    )
    yield "wide row of nothing", "a.xlsx", with_sheet("<row>" + "<c/>" * 50_000 + "</row>"), "file.unsafe"
    many = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 30_001))
    yield (
        "too many merges",
        "a.xlsx",
        with_sheet(cell.format(1, "A1"), f"<mergeCells>{many}</mergeCells>"),
        "file.too_large",
    )
    yield "too many sheets", "a.xlsx", _many_sheets(600), "file.too_large"
    yield "ods repeated for ever", "a.ods", good_ods(repeated=1_048_576), "file.too_large"
    yield "csv too long", "a.csv", b"a;b\n" * 100_100, "file.too_large"
    yield "csv too wide", "a.csv", b";".join([b"a"] * 300) + b"\n", "file.too_large"


def _broken() -> Iterator[Row]:
    good = good_xlsx(2)
    yield "no workbook part", "a.xlsx", with_parts(good, {"xl/workbook.xml": None}), "file.unreadable"
    yield "no sheet part", "a.xlsx", with_parts(good, {SHEET: None}), "file.unreadable"
    yield "no list of parts", "a.xlsx", with_parts(good, {"[Content_Types].xml": None}), "file.unreadable"
    yield "sheet not well-formed", "a.xlsx", with_parts(good, {SHEET: sheet_xml("<row><c")}), "file.unreadable"
    yield "address that is none", "a.xlsx", with_sheet('<row r="1"><c r="1A"><v>1</v></c></row>'), "file.unreadable"
    workbook = re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", part(good, "xl/workbook.xml"))
    yield "no sheets", "a.xlsx", with_parts(good, {"xl/workbook.xml": workbook}), "file.empty|file.unreadable"
    yield "no cells", "a.xlsx", with_sheet(""), "file.empty"
    yield "only blanks", "a.xlsx", with_sheet('<row r="1"><c r="A1" t="str"><v>  </v></c></row>'), "file.empty"
    yield "xls cut short", "a.xls", good_xls()[:3000], "file.unreadable"
    yield "xls of noise", "a.xls", _noisy_xls(), "file.unreadable|file.not_a_workbook|file.empty"


def _other_formats() -> Iterator[Row]:
    manifest = b'<manifest:manifest xmlns:manifest="m"><manifest:encryption-data/></manifest:manifest>'
    yield "locked ods", "a.ods", with_parts(good_ods(), {"META-INF/manifest.xml": manifest}), "file.password"
    document = OpenDocumentText()
    document.text.addElement(P(text="Kính gửi"))
    yield "odt", "a.ods", _saved(document.write), "file.not_a_workbook"
    flat = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    yield "xml spreadsheet", "a.xls", flat, "file.unreadable"
    yield "flat ods", "a.fods", b'<?xml version="1.0"?><office:document xmlns:office="o"/>', "file.unreadable"
    types = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    yield (
        "xlsb of nothing",
        "a.xlsb",
        _zipped({"[Content_Types].xml": types, "xl/workbook.bin": b"\x00"}),
        "file.unreadable|file.reader_died|file.empty",
    )


def _honest() -> Iterator[Row]:
    good = good_xlsx()
    yield "good", "a.xlsx", good, READ
    yield "xlsx called xls", "a.xls", good, READ
    yield "xls called xlsx", "a.xlsx", good_xls(), READ
    yield "ods called xlsx", "a.xlsx", good_ods(), READ
    empty = "".join(
        f'<row r="{r}" s="1" ht="15"><c r="A{r}" s="1"/><c r="B{r}" s="1"/></row>' for r in range(2, 1_000_001)
    )
    yield "a million empty rows", "a.xlsx", with_sheet('<row r="1"><c r="A1"><v>7</v></c></row>' + empty), READ
    cell = '<row r="1"><c r="A1"><v>1</v></c></row>'
    yield "empty cell far away", "a.xlsx", with_sheet(cell + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'), READ
    merges = "".join(f'<mergeCell ref="A{n}:XFD{n}"/>' for n in range(1, 201))
    yield "merges over all columns", "a.xlsx", with_sheet(cell, f"<mergeCells>{merges}</mergeCells>"), READ
    yield "dimension that lies", "a.xlsx", with_sheet(cell, before='<dimension ref="A1:XFD1048576"/>'), READ
    odd = '<c r="A1" t="d"><v>2026-13-45</v></c><c r="B1" t="b"><v>7x</v></c>'
    odd += '<c r="C1"><v>NaN</v></c><c r="D1"><v>1E999</v></c>'
    yield "cells that are wrong", "a.xlsx", with_sheet(f'<row r="1">{odd}</row>'), READ
    broken = {"docProps/core.xml": b"<broken", "docProps/app.xml": b"", "xl/theme/theme1.xml": b"<a><b></a>"}
    yield "broken where nobody looks", "a.xlsx", with_parts(good, broken), READ
    yield "strict", "a.xlsx", _strict(good), READ
    yield "html called xls", "a.xls", b"<table><tr><td>M\xc3\xa3</td><td>1.204</td></tr></table>", READ
    yield "csv", "a.csv", "Mã;Số\nVB01;96,3\n".encode(), READ


ALL_GROUPS = (_not_workbooks, zip_attacks, xml_attacks, _size_attacks, _broken, _other_formats, _honest)

# --- how they are made ----------------------------------------------------------------------------------------


def mutations(seed: int, count: int) -> Iterator[Hostile]:
    """Damaged copies of good workbooks: bytes flipped, members dropped, tails cut, names exchanged."""
    dice = random.Random(seed)
    originals = [("a.xlsx", good_xlsx(8)), ("a.xls", good_xls()), ("a.ods", good_ods())]
    for number in range(count):
        file_name, data = dice.choice(originals)
        damage = dice.choice([_flip, _flip_inside, _drop, _cut])
        yield Hostile(
            f"{number} {damage.__name__} {file_name}",
            dice.choice(["a.xls", "a.xlsx", "a.ods", "a.csv"]),
            damage(data, dice),
            frozenset(),
        )


def _flip(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 20)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _flip_inside(data: bytes, dice: random.Random) -> bytes:
    """Damage within a part whose checksum is right."""
    if not data.startswith(b"PK"):
        return _flip(data, dice)
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        name = dice.choice(source.namelist())
    content = part(data, name)
    return with_parts(data, {name: _flip(content, dice) if content else content})


def _drop(data: bytes, dice: random.Random) -> bytes:
    if not data.startswith(b"PK"):
        return _cut(data, dice)
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return with_parts(data, {dice.choice(source.namelist()): None})


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()


def _zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return target.getvalue()


def _ods_text(text: str) -> TableCell:
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=text))
    return cell


def _flagged(data: bytes) -> bytes:
    """Every directory entry says that it is encrypted."""
    changed = bytearray(data)
    for match in re.finditer(rb"PK\x01\x02", data):
        changed[match.start() + 8] |= 1
    return bytes(changed)


def _lying(data: bytes) -> bytes:
    """A part that unpacks to more than its directory entry says."""
    content = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * 3_000_000)
    changed = bytearray(with_parts(data, {SHEET: content}))
    entry = changed.rindex(b"PK\x01\x02", 0, changed.rindex(SHEET.encode()))
    changed[entry + 24 : entry + 28] = (5000).to_bytes(4, "little")
    return bytes(changed)


def _many_sheets(count: int) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for number in range(count):
        book.create_sheet(f"T{number}").append([number])
    return _saved(book.save)


def _noisy_xls() -> bytes:
    data = bytearray(good_xls())
    noise = random.Random(3).randbytes(3000)
    data[600:3600] = noise
    return bytes(data)


def _strict(data: bytes) -> bytes:
    changes: dict[str, bytes | None] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        for name in source.namelist():
            content = source.read(name)
            content = content.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            changes[name] = content.replace(
                RELATIONS.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships"
            )
    return with_parts(data, changes)
