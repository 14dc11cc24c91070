"""What stands before any parser: is this a workbook at all, and is it safe to open?

Order: size, magic bytes (never the extension), zip directory, a streamed scan of every XML part. Only zipfile,
zlib and expat touch the bytes here; each step costs little before the next one is taken.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, NoReturn
from xml.parsers import expat

from etl.errors import Refused
from etl.findings import Finding

MAX_ROW = 100_000
MAX_COLUMN = 256
MAX_CELLS = 2_000_000
MAX_CELLS_IN_ROW = 16_384
MAX_MERGES = 20_000
MAX_SHEETS = 500
MAX_PARTS = 2_000
MAX_UNPACKED = 200 * 2**20
MAX_RATIO = 200
RATIO_COUNTS_ABOVE = 5 * 2**20
TRIM_ABOVE = 2**20
BLOCK = 256 * 1024
BEYOND = "có số liệu ngoài 100.000 dòng × 256 cột"
TOO_MANY_CELLS = "hơn 2.000.000 ô có số liệu"
DAMAGED = "tệp bị hỏng hoặc bị cắt cụt"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RAW_BIFF = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
OTHER_FILES = {
    b"%PDF": "tệp PDF",
    b"\x89PNG": "tệp ảnh",
    b"\xff\xd8\xff": "tệp ảnh",
    b"GIF8": "tệp ảnh",
    b"II*\x00": "tệp ảnh",
    b"MM\x00*": "tệp ảnh",
    b"Rar!": "tệp nén RAR",
    b"7z\xbc\xaf": "tệp nén 7z",
    b"\x1f\x8b": "tệp nén GZIP",
    b"{\\rtf": "tệp văn bản RTF",
    b"MZ": "tệp chương trình",
    b"\x7fELF": "tệp chương trình",
    b"MIME-Version:": "trang web lưu dạng .mht",
}
STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}

# Only cells and rows that carry their own address are cut out: the place of the others hangs on their neighbours.
EMPTY_CELL = re.compile(rb'<c(?=\s[^<>]*\br=")(?:\s+[\w:.-]+="[^"<>&]*")*\s*(?:/>|></c>)')
EMPTY_ROW = re.compile(rb'<row(?=\s[^<>]*\br=")(?:\s+[\w:.-]+="[^"<>&]*")*\s*(?:/>|>\s*</row>)')


@dataclass
class SheetScan:
    """What the streamed scan of one OOXML sheet part saw; merges are still as written (`A1:H1`)."""

    cells: int = 0
    formulas: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    merges: list[str] = field(default_factory=list)
    unnumbered: bool = False


@dataclass
class Examined:
    """The verdict on bytes that may be opened: their kind, and for OOXML what the readers should take instead."""

    kind: str
    data: bytes
    scans: dict[str, SheetScan] = field(default_factory=dict)
    macros: bool = False
    external_links: bool = False


def guard(data: bytes, file_name: str, max_bytes: int) -> str:
    """The kind of a workbook that may be opened: xlsx, xlsm, xlsb, xls, ods, csv or html. Raises Refused."""
    return examine(data, file_name, max_bytes).kind


def examine(data: bytes, file_name: str, max_bytes: int) -> Examined:
    """As `guard`, with all that was seen on the way. Raises Refused."""
    check_size(data, max_bytes)
    head = data[:512]
    if head.startswith(b"PK"):
        return _examine_zip(data)
    if head.startswith(OLE):
        return _examine_ole(data)
    for magic, name in OTHER_FILES.items():
        if head.startswith(magic):
            refuse("file.not_a_workbook", name)
    if head.startswith(RAW_BIFF) and len(data) > 8:
        return Examined("xls", data)
    return _examine_text(data, file_name)


def check_size(data: bytes, max_bytes: int) -> None:
    """Refuse what is larger than allowed, and what is nothing at all."""
    if len(data) < 4096 and not data.strip(b"\x00 \r\n\t"):
        refuse("file.empty", "")
    if len(data) > max_bytes:
        refuse("file.too_large", f"{len(data) / 2**20:.0f} MB, tối đa {max_bytes / 2**20:.0f} MB")


def refuse(code: str, expected: str, shown: str = "", cause: BaseException | None = None) -> NoReturn:
    """Refuse the whole file; `expected` is the reason in Vietnamese."""
    raise Refused(Finding(code, shown=shown, expected=expected)) from cause


# --- OLE and text ---------------------------------------------------------------------------------------------


def _examine_ole(data: bytes) -> Examined:
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        refuse("file.password", "")
    if not (holds("Workbook") or holds("Book")):
        for stream, name in (("WordDocument", "tệp Word"), ("PowerPoint Document", "tệp PowerPoint")):
            if holds(stream):
                refuse("file.not_a_workbook", name)
        if not holds("Root Entry"):
            refuse("file.unreadable", DAMAGED)
        refuse("file.not_a_workbook", "tệp OLE không có bảng tính")
    return Examined("xls", data, macros=holds("_VBA_PROJECT_CUR"))


def _examine_text(data: bytes, file_name: str) -> Examined:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not utf16 and any(byte < 9 or 13 < byte < 32 for byte in set(data[: 64 * 1024]) - {0x1A}):
        refuse("file.not_a_workbook", "nội dung nhị phân không nhận dạng được")
    head = (data[:8192].decode("utf-16", "replace") if utf16 else data[:8192].decode("latin-1")).lstrip(
        "ï»¿\ufeff \t\r\n"
    )
    if not head.startswith("<"):
        if not any(mark in head for mark in ";\t,|"):
            refuse("file.not_a_workbook", "văn bản thường, không có bảng")
        return Examined("csv", data)
    start = head.lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in start and "<html" not in start:
        refuse("file.unreadable", "dạng XML Spreadsheet 2003")
    if "<office:document" in start:
        refuse("file.unreadable", "dạng OpenDocument phẳng (.fods)")
    if start.startswith("<?xml") and "<html" not in start and "<table" not in start:
        refuse("file.not_a_workbook", "tệp XML không phải bảng tính")
    return Examined("html", data)


# --- zip packages ---------------------------------------------------------------------------------------------


def _examine_zip(data: bytes) -> Examined:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_directory(archive, len(data))
            kind = _kind_of_package(archive)
            examined = Examined(kind, data)
            names = [info.filename for info in archive.infolist()]
            examined.macros = any(name.lower().endswith("vbaproject.bin") for name in names)
            examined.external_links = any("externallinks/externallink" in name.lower() for name in names)
            replaced = _scan_parts(archive, examined)
            if replaced:
                examined.data = _repack(archive, replaced)
            return examined
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError, OverflowError, zlib.error) as error:
        refuse("file.unreadable", DAMAGED, cause=error)


def check_directory(archive: zipfile.ZipFile, size: int) -> None:
    """Judge a zip by its directory alone: names, number, sizes, ratios. Raises Refused."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        refuse("file.unsafe", f"tệp nén có {len(parts)} phần")
    if len({part.filename.casefold() for part in parts}) < len(parts):
        refuse("file.unsafe", "tệp nén có hai phần trùng tên")
    for part in parts:
        _check_part(part)
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        refuse("file.unsafe", "tệp nén giải ra quá lớn")
    if sum(part.compress_size for part in parts) > size:
        refuse("file.unsafe", "các phần trong tệp nén chồng lên nhau")


def _check_part(part: zipfile.ZipInfo) -> None:
    name = part.orig_filename
    if name.startswith("/") or re.search(r"(^|/)\.\.(/|$)|[\\\x00-\x1f]|^[A-Za-z]:", name):
        refuse("file.unsafe", "tệp nén có tên phần không hợp lệ")
    if part.flag_bits & 0x1:
        refuse("file.password", "")
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refuse("file.unsafe", "kiểu nén lạ")
    if part.file_size > RATIO_COUNTS_ABOVE and part.file_size > MAX_RATIO * max(part.compress_size, 1):
        refuse("file.unsafe", "tệp nén giải ra quá lớn")


def _kind_of_package(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        types = archive.read("[Content_Types].xml").replace(b"\x00", b"")
        if b"application/vnd.ms-excel.sheet.binary.macroEnabled.main" in types:
            return "xlsb"
        if re.search(rb"application/vnd\.ms-excel\.(sheet|template|addin)\.macroEnabled\.main\+xml", types):
            return "xlsm"
        if re.search(rb"spreadsheetml\.(sheet|template)\.main\+xml", types):
            return "xlsx"
    if "content.xml" in names and "META-INF/manifest.xml" in names:
        return _kind_of_open_document(archive, names)
    for prefix, what in (("word/", "tệp Word"), ("ppt/", "tệp PowerPoint")):
        if any(name.startswith(prefix) for name in names):
            refuse("file.not_a_workbook", what)
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        refuse("file.unreadable", "thiếu danh mục các phần của tệp")
    refuse("file.not_a_workbook", "tệp nén ZIP")


def _kind_of_open_document(archive: zipfile.ZipFile, names: set[str]) -> str:
    manifest = archive.read("META-INF/manifest.xml")
    if b"encryption-data" in manifest:
        refuse("file.password", "")
    mimetype = archive.read("mimetype") if "mimetype" in names else manifest
    if b"opendocument.spreadsheet" not in mimetype:
        refuse("file.not_a_workbook", "tệp OpenDocument không phải bảng tính")
    return "ods"


def _scan_parts(archive: zipfile.ZipFile, examined: Examined) -> dict[str, bytes]:
    """Scan every XML part; the parts that the readers must take in another form, if any."""
    replaced: dict[str, bytes] = {}
    strict = False
    total = 0
    for part in archive.infolist():
        if part.is_dir() or not _is_xml(archive, part):
            continue
        trim = part.file_size > TRIM_ABOVE
        scan, content = scan_part(archive, part, trim)
        if scan is not None and trim:
            if scan.unnumbered:
                scan, content = scan_part(archive, part, trim=False)
            else:
                replaced[part.filename] = content
        if scan is not None:
            examined.scans[part.filename] = scan
            total += scan.cells
            if total > MAX_CELLS:
                refuse("file.too_large", TOO_MANY_CELLS)
        elif part.filename.endswith("workbook.xml"):
            strict = next(iter(STRICT)) in archive.read(part)
    if strict:
        replaced |= _transitional(archive, replaced)
    return replaced


def _is_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        head = stream.read(64)
    return head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")) or head.lstrip(
        b"\xef\xbb\xbf \r\n\t"
    ).startswith(b"<")


def _transitional(archive: zipfile.ZipFile, replaced: dict[str, bytes]) -> dict[str, bytes]:
    """Strict OOXML in the namespaces that both readers know."""
    parts: dict[str, bytes] = {}
    for part in archive.infolist():
        if part.filename.endswith((".xml", ".rels")):
            content = replaced.get(part.filename) or archive.read(part)
            for strict, usual in STRICT.items():
                content = content.replace(strict, usual)
            parts[part.filename] = content
    return parts


def _repack(archive: zipfile.ZipFile, replaced: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for part in archive.infolist():
            if not part.is_dir():
                packed.writestr(part.filename, replaced.get(part.filename) or archive.read(part))
    return target.getvalue()


# --- the streamed scan ----------------------------------------------------------------------------------------


def scan_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, trim: bool) -> tuple[SheetScan | None, bytes]:
    """Read one XML part in blocks; None unless it is a worksheet. With `trim`, its content without empty cells.

    A part that is not well-formed is left to the parser, which meets the same fault at the same place.
    """
    scanner = _Scanner()
    kept: list[bytes] = []
    with archive.open(part) as stream:
        for block in _trimmed(stream) if trim else iter(lambda: stream.read(BLOCK), b""):
            if not scanner.feed(block):
                break
            if trim:
                kept.append(block)
        else:
            scanner.feed(b"", last=True)
    return scanner.sheet, b"".join(kept)


def _trimmed(stream: IO[bytes]) -> Iterator[bytes]:
    """The part in blocks that end after a tag, without cells and rows that hold nothing."""
    rest = b""
    while block := stream.read(BLOCK):
        whole, mark, rest = (rest + block).rpartition(b">")
        if len(rest) > 64 * BLOCK:
            refuse("file.unsafe", "một phần của tệp không có cấu trúc")
        yield EMPTY_ROW.sub(b"", EMPTY_CELL.sub(b"", whole + mark))
    yield rest


class _Scanner:
    """Feeds expat; counts cells with content and notes formulas, hidden rows and merges of a worksheet."""

    def __init__(self) -> None:
        self.sheet: SheetScan | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._root
        self._row = self._column = self._in_row = 0
        self._counted = False
        self._prefix = ""

    def feed(self, block: bytes, last: bool = False) -> bool:
        """False once the part is found not to be well-formed."""
        try:
            self._parser.Parse(block, last)
        except (expat.ExpatError, LookupError, ValueError):  # the last two: an encoding that nobody knows
            return False
        return True

    def _doctype(self, *_: object) -> None:
        refuse("file.unsafe", "tệp khai báo DOCTYPE hoặc ENTITY")

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        if local == "worksheet":
            self._prefix = prefix + colon
            self.sheet = SheetScan()
            self._parser.StartElementHandler = self._element
        else:
            self._parser.StartElementHandler = None

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if self._prefix or ":" in name:
            # elements of extensions (xm:f) bear the names of ours under another prefix
            if not name.startswith(self._prefix):
                return
            name = name[len(self._prefix) :]
        if name == "c":
            self._cell(attributes)
        elif name in {"v", "is", "f"}:
            self._content(name == "f")
        elif name == "row":
            self._begin_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        assert self.sheet is not None
        self._column = self._in_row = 0
        number = attributes.get("r")
        if number is None:
            self.sheet.unnumbered = True
            self._row += 1
        else:
            self._row = int(float(number))
        if attributes.get("hidden") in {"1", "true"}:
            self.sheet.hidden_rows.add(self._row)

    def _cell(self, attributes: dict[str, str]) -> None:
        assert self.sheet is not None
        self._counted = False
        self._in_row += 1
        if self._in_row > MAX_CELLS_IN_ROW:
            refuse("file.unsafe", f"một dòng có hơn {MAX_CELLS_IN_ROW} ô")
        address = attributes.get("r")
        if address is None:
            self.sheet.unnumbered = True
            self._column += 1
        else:
            self._row, self._column = parse_address(address)

    def _content(self, formula: bool) -> None:
        assert self.sheet is not None
        place = (self._row, self._column)
        if not self._counted:
            self._counted = True
            self.sheet.cells += 1
            if place[0] > MAX_ROW or place[1] > MAX_COLUMN:
                refuse("file.too_large", BEYOND)
            if self.sheet.cells > MAX_CELLS:
                refuse("file.too_large", TOO_MANY_CELLS)
        if formula:
            self.sheet.formulas.add(place)

    def _merge(self, attributes: dict[str, str]) -> None:
        assert self.sheet is not None
        self.sheet.merges.append(attributes.get("ref", ""))
        if len(self.sheet.merges) > MAX_MERGES:
            refuse("file.too_large", f"hơn {MAX_MERGES} ô gộp")


ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,9})")


def parse_address(address: str) -> tuple[int, int]:
    """C7 → (7, 3). Raises Refused: a sheet whose addresses cannot be read cannot be trusted."""
    match = ADDRESS.fullmatch(address)
    if match is None or match[2].strip("0") == "":
        refuse("file.unreadable", "địa chỉ ô không hợp lệ", shown=address)
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column
