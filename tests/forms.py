"""Filled-in forms as units send them, made in the test: one page of cells, written in any kind of file."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt
from odf import number as odf_number
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from openpyxl import load_workbook

from etl.model import Observation, Receipt
from etl.pipeline import Pipeline
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings

REFERENCE = load_reference(REPOSITORY / "data" / "reference")
RECEIVED_ON = date(2026, 4, 20)

STATE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
BM01_HEADER = (
    "STT", "Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Số thực hiện", "Tổng số", "Tỷ lệ (%)", "Ghi chú",
)  # fmt: skip
BM02_HEADER = (
    "STT", "Mã nhiệm vụ", "Nhiệm vụ", "Văn bản giao", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời hạn", "Trạng thái",
    "Ngày hoàn thành", "Tiến độ (%)", "Kết quả, sản phẩm", "Khó khăn, vướng mắc", "Đề xuất, kiến nghị",
)  # fmt: skip
MEASURES = ("Số thực hiện", "Tổng số", "Tỷ lệ (%)")


@dataclass(frozen=True)
class Written:
    """A cell with more than a value: its number format, its font, a formula (`value` is its stored result)."""

    value: Any
    number_format: str = "General"
    font: str = ""
    formula: str = ""


@dataclass
class Page:
    """One sheet in the making."""

    name: str = "Biểu 01"
    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)

    def put(self, address: str, *values: Any) -> Page:
        """The values from this cell to the right; None leaves a cell empty."""
        row, column = place(address)
        for offset, value in enumerate(values):
            self.cells.pop((row, column + offset), None)
            if value is not None:
                self.cells[row, column + offset] = value
        return self

    def merge(self, *areas: str) -> Page:
        for area in areas:
            first, last = area.split(":")
            self.merges.append((*place(first), *place(last)))
        return self

    def moved(self, rows: int = 0, columns: int = 0) -> Page:
        """The same page with everything further down and to the right."""
        cells = {(row + rows, column + columns): value for (row, column), value in self.cells.items()}
        merges = [
            (top + rows, left + columns, bottom + rows, right + columns) for top, left, bottom, right in self.merges
        ]
        return replace(self, cells=cells, merges=merges, hidden_rows={row + rows for row in self.hidden_rows})

    def in_order(self, order: Sequence[int]) -> Page:
        """The page with its columns in another order: `order[i]` is the old number of column i + 1."""
        new = {old: position for position, old in enumerate(order, start=1)}
        return replace(
            self, cells={(row, new.get(column, column)): value for (row, column), value in self.cells.items()}
        )

    def changed(self, change: Callable[[str], str], font: str = "") -> Page:
        """The page with every text changed, and in a font."""
        cells = {
            at: Written(change(value), font=font) if isinstance(value, str) else value
            for at, value in self.cells.items()
        }
        return replace(self, cells=cells)

    def written(self) -> Iterator[tuple[int, int, Written]]:
        for (row, column), value in sorted(self.cells.items()):
            yield row, column, value if isinstance(value, Written) else Written(value)

    @property
    def last_row(self) -> int:
        return max(row for row, _ in self.cells)


def place(address: str) -> tuple[int, int]:
    """`B7` → (7, 2)."""
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(address[len(letters) :]), column


# --- the forms --------------------------------------------------------------------------------------------------


def head(
    page: Page, unit: Any, period: Any, as_of: Any, *, title: str, header_row: int, agency: tuple[str, ...] = ()
) -> Page:
    """Title block and labels above a header row; with less room only the labels, one a row right above the header."""
    labels = [("Đơn vị báo cáo:", unit), ("Kỳ báo cáo:", period), ("Số liệu tính đến ngày:", as_of)]
    first = header_row - len(labels)
    for row, (label, value) in enumerate(labels, start=first):
        page.put(f"A{row}", label, value)
    if first > 1:
        page.put(f"A{first - 1}", title)
    if first > 2:
        page.put("E1", STATE)
        for row, text in enumerate(agency, start=1):
            page.put(f"A{row}", text)
    if first > 3:
        page.put("E2", MOTTO)
    return page


def bm01(
    *rows: Sequence[Any],
    unit: Any = "UBND xã Như Xuân",
    period: Any = "Quý I/2026",
    as_of: Any = date(2026, 3, 14),
    header_row: int = 10,
    header: Sequence[Any] = BM01_HEADER,
    agency: tuple[str, ...] = (),
    name: str = "Biểu 01",
) -> Page:
    """BM01; a row is (code, numerator, total, percentage, note), what is left out stays empty."""
    page = Page(name)
    head(
        page,
        unit,
        period,
        as_of,
        title="KẾT QUẢ THỰC HIỆN CHỈ TIÊU CHUYỂN ĐỔI SỐ",
        header_row=header_row,
        agency=agency,
    )
    page.put(f"A{header_row}", *header)
    for number, (code, *values) in enumerate(rows, start=1):
        indicator = REFERENCE.indicators.get(code)
        words = (indicator.name_vi, indicator.measure_unit) if indicator else (None, None)
        page.put(f"A{header_row + number}", number, code, *words, *values)
    return page


def bm02(
    *rows: dict[str, Any],
    unit: Any = "Sở Nội vụ",
    period: Any = "Tuần 12/2026",
    as_of: Any = date(2026, 3, 20),
    header_row: int = 8,
) -> Page:
    """BM02; a row is given by column letter, with a task's usual words where it says nothing."""
    page = Page("Biểu 02")
    head(page, unit, period, as_of, title="TIẾN ĐỘ THỰC HIỆN NHIỆM VỤ", header_row=header_row)
    page.put(f"A{header_row}", *BM02_HEADER)
    for number, given in enumerate(rows, start=1):
        usual = {"A": number, "B": f"NV-{number:02}", "C": f"Nhiệm vụ số {number}", "D": "Kế hoạch 266-KH/TU"}
        usual |= {"E": "Sở Nội vụ", "G": date(2026, 6, 30), "H": "Đang thực hiện", "J": 40}
        for letter, value in (usual | given).items():
            page.put(f"{letter}{header_row + number}", value)
    return page


def bm03(
    *rows: Sequence[Any],
    indicators: Sequence[str] = ("DL01 Tỷ lệ số hóa cơ sở dữ liệu đất đai",),
    unit: Any = "Sở Nông nghiệp và Môi trường",
    period: Any = "Quý I/2026",
    as_of: Any = date(2026, 3, 14),
    header_row: int = 8,
) -> Page:
    """BM03 with two header rows; a row is (number, unit, numerator, total, percentage, numerator …)."""
    page = Page("Biểu 03")
    head(page, unit, period, as_of, title="TỔNG HỢP CHỈ TIÊU THEO ĐƠN VỊ", header_row=header_row)
    page.put(f"A{header_row}", "STT", "Đơn vị")
    below = header_row + 1
    page.merges += [(header_row, 1, below, 1), (header_row, 2, below, 2)]
    for position, indicator in enumerate(indicators):
        column = 3 + 3 * position
        page.cells[header_row, column] = indicator
        page.merges.append((header_row, column, header_row, column + 2))
        for offset, measure in enumerate(MEASURES):
            page.cells[below, column + offset] = measure
    for row, values in enumerate(rows, start=below + 1):
        page.put(f"A{row}", *values)
    return page


# --- kinds of files ---------------------------------------------------------------------------------------------


def xlsx(*pages: Page, fill: Callable[[Any, Any], None] | None = None) -> bytes:
    """`fill` may write more with the workbook and its first sheet in hand."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_urls": False}) as book:
        sheets = []
        for page in pages:
            sheet = book.add_worksheet(page.name)
            sheets.append(sheet)
            merged = {(top, left): (top, left, bottom, right) for top, left, bottom, right in page.merges}
            for row, column, cell in page.written():
                look = _look(book, cell)
                if (row, column) in merged:
                    top, left, bottom, right = merged[row, column]
                    sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, "", look)
                _write(sheet, row - 1, column - 1, cell, look)
            for row in page.hidden_rows:
                sheet.set_row(row - 1, None, None, {"hidden": True})
        for page, sheet in zip(pages, sheets, strict=True):
            if not page.hidden:
                sheet.activate()
        for page, sheet in zip(pages, sheets, strict=True):
            if page.hidden:
                sheet.hide()
        if fill:
            fill(book, sheets[0])
    return target.getvalue()


def _look(book: Any, cell: Written) -> Any:
    properties: dict[str, Any] = {"num_format": cell.number_format}
    if cell.font:
        properties["font_name"] = cell.font
    if isinstance(cell.value, date) and cell.number_format == "General":
        properties["num_format"] = "dd/mm/yyyy"
    return book.add_format(properties)


def _write(sheet: Any, row: int, column: int, cell: Written, look: Any) -> None:
    if cell.formula:
        sheet.write_formula(row, column, cell.formula, look, "" if cell.value is None else cell.value)
    elif isinstance(cell.value, str):
        sheet.write_string(row, column, cell.value, look)
    elif isinstance(cell.value, bool):
        sheet.write_boolean(row, column, cell.value, look)
    elif isinstance(cell.value, date):
        sheet.write_datetime(row, column, cell.value, look)
    else:
        sheet.write_number(row, column, cell.value, look)


def without_results(page: Page) -> bytes:
    """An xlsx (xlsm) as a program writes it that stores no results of formulas."""
    book = load_workbook(io.BytesIO(xlsx(page)))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_external_link(data: bytes) -> bytes:
    """The workbook with a link to another one."""
    target = io.BytesIO()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as packed:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/_rels/workbook.xml.rels":
                link = f'<Relationship Id="rId99" Type="{kind}" Target="externalLinks/externalLink1.xml"/>'
                content = content.replace(b"</Relationships>", link.encode() + b"</Relationships>")
            packed.writestr(name, content)
        packed.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    return target.getvalue()


def xls(*pages: Page) -> bytes:
    book = xlwt.Workbook()
    for page in pages:
        sheet = book.add_sheet(page.name)
        merged = {(top, left): (bottom, right) for top, left, bottom, right in page.merges}
        for row, column, cell in page.written():
            style = xlwt.XFStyle()
            style.num_format_str = "dd/mm/yyyy" if isinstance(cell.value, date) else cell.number_format
            if cell.number_format != "General":
                style.num_format_str = cell.number_format
            style.font.name = cell.font or "Times New Roman"
            value = xlwt.Formula(cell.formula.lstrip("=")) if cell.formula else cell.value
            if (row, column) in merged:
                bottom, right = merged[row, column]
                sheet.write_merge(row - 1, bottom - 1, column - 1, right - 1, value, style)
            else:
                sheet.write(row - 1, column - 1, value, style)
        for row in page.hidden_rows:
            sheet.row(row - 1).hidden = True
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def ods(*pages: Page) -> bytes:
    document = OpenDocumentSpreadsheet()
    percent = odf_number.PercentageStyle(name="percent")
    percent.addElement(odf_number.Number(decimalplaces=1, minintegerdigits=1))
    percent.addElement(odf_number.Text(text="%"))
    document.automaticstyles.addElement(percent)
    document.automaticstyles.addElement(Style(name="in-percent", family="table-cell", datastylename="percent"))
    for page in pages:
        table = Table(name=page.name)
        merged = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in page.merges}
        covered = {
            (row, column)
            for top, left, bottom, right in page.merges
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        } - set(merged)
        written = {(row, column): cell for row, column, cell in page.written()}
        width = max(column for _, column in written)
        for row in range(1, page.last_row + 1):
            line = TableRow()
            for column in range(1, width + 1):
                if (row, column) in covered:
                    line.addElement(CoveredTableCell())
                    continue
                line.addElement(_ods_cell(written.get((row, column)), merged.get((row, column))))
            table.addElement(line)
        document.spreadsheet.addElement(table)
    target = io.BytesIO()
    document.write(target)
    return target.getvalue()


def _ods_cell(cell: Written | None, span: tuple[int, int] | None) -> TableCell:
    spans = {"numberrowsspanned": span[0], "numbercolumnsspanned": span[1]} if span else {}
    if cell is None:
        return TableCell(**spans)
    if isinstance(cell.value, str):
        made = TableCell(valuetype="string", **spans)
        for line in cell.value.split("\n"):
            made.addElement(P(text=line))
        return made
    if isinstance(cell.value, date):
        return TableCell(valuetype="date", datevalue=cell.value.isoformat(), **spans)
    if "%" in cell.number_format:
        return TableCell(valuetype="percentage", value=str(cell.value), stylename="in-percent", **spans)
    return TableCell(valuetype="float", value=str(cell.value), **spans)


def csv_file(page: Page, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    rows = [[_typed(page, row, column) for column in range(1, 14)] for row in range(1, page.last_row + 1)]
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows(rows)
    return target.getvalue().encode(encoding)


def html(page: Page) -> bytes:
    """An HTML table with merged cells, as portals give it out under the name of an Excel file."""
    merged = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in page.merges}
    covered = {
        (row, column)
        for top, left, bottom, right in page.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - set(merged)
    rows = []
    for row in range(1, page.last_row + 1):
        cells = []
        for column in range(1, 14):
            if (row, column) in covered:
                continue
            down, across = merged.get((row, column), (1, 1))
            cells.append(f'<td rowspan="{down}" colspan="{across}">{_typed(page, row, column)}</td>')
        rows.append("<tr>" + "".join(cells) + "</tr>")
    table = "<table>" + "".join(rows) + "</table>"
    return f'<html><head><meta charset="utf-8"></head><body>{table}</body></html>'.encode()


def _typed(page: Page, row: int, column: int) -> str:
    """A cell's value as a person types it here."""
    value = page.cells.get((row, column))
    if isinstance(value, Written):
        value = value.value
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float):
        return f"{value}".replace(".", ",")
    return str(value)


# --- what became of them ----------------------------------------------------------------------------------------


@contextmanager
def pipeline(live: Path) -> Iterator[Pipeline]:
    with Pipeline(Settings(live=live, parser_processes=1), REFERENCE) as opened:
        yield opened


class Checker:
    """Puts files through `Pipeline.check`."""

    def __init__(self, opened: Pipeline) -> None:
        self.pipeline = opened

    def all(self, data: bytes | Page, file_name: str = "bieu.xlsx", received_on: date = RECEIVED_ON) -> list[Receipt]:
        content = xlsx(data) if isinstance(data, Page) else data
        return self.pipeline.check(content, file_name, self.received_at(received_on))

    @staticmethod
    def received_at(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)

    def __call__(self, data: bytes | Page, file_name: str = "bieu.xlsx", received_on: date = RECEIVED_ON) -> Receipt:
        (receipt,) = self.all(data, file_name, received_on)
        return receipt


def said(observation: Observation) -> str:
    """An observation in words: `3/81 = 3,7037`, `> 90`, `40..50`, `· /81 not_reported`."""
    numbers = [observation.numerator, observation.denominator]
    parts = (
        "/".join("·" if number is None else f"{number:.10g}" for number in numbers)
        if any(number is not None for number in numbers)
        else ""
    )
    if observation.status != "reported":
        return f"{parts} {observation.status}".strip()
    value = "none" if observation.value is None else f"{observation.value:.7g}"
    if observation.value_to is not None:
        value += f"..{observation.value_to:.7g}"
    return " ".join(word for word in (parts, "=" if parts else "", observation.qualifier, value) if word)


def figures(receipt: Receipt) -> dict[str, str]:
    """Indicator → what was read, of a form of one unit."""
    return {observation.indicator: said(observation) for observation in receipt.content.observations}


def figures_of_units(receipt: Receipt) -> dict[tuple[str, str], str]:
    return {
        (observation.org_unit, observation.indicator): said(observation) for observation in receipt.content.observations
    }


def findings(receipt: Receipt, *, but: Iterable[str] = ("rule.not_all_indicators",)) -> set[tuple[str, str]]:
    """(code, cell) of all findings; that a small made form lacks indicators of the catalogue is left out."""
    return {(finding.code, finding.cell) for finding in receipt.content.findings if finding.code not in but}
