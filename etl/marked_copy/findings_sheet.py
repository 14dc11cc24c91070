"""The first sheet of a marked copy: what has to be mended, each line with a link to its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etl.findings import Finding, Severity
from etl.marked_copy.markup import attribute, cell_text
from etl.marked_copy.recognition import TITLE
from etl.marked_copy.styles import FILLS, Look, Styles
from etl.model import column_letters

NAME = "Lỗi cần sửa"
HEADER = ("STT", "Mức độ", "Trang", "Ô", "Nội dung trong ô", "Cần làm gì", "English")
WIDTHS = (6, 13, 20, 9, 26, 58, 48)
LEVELS = {Severity.ERROR: "Lỗi", Severity.WARNING: "Cần xem lại", Severity.INFO: "Để biết"}
ADVICE = (
    "Bấm vào địa chỉ ở cột Ô để tới ô cần sửa. Sửa xong, lưu tệp và gửi lại; không cần xoá trang này hay các ghi chú."
)
MAX_LISTED = 1000
MAX_SHOWN = 300
HEADER_ROW = 7
LETTERS_PER_WIDTH, LINE_POINTS = 1.2, 15.5

PLAIN = Look(border=True)
CENTRED = Look(border=True, align="center")
ENGLISH = Look(border=True, italic=True, colour="FF595959")
LINK = Look(border=True, align="center", underline=True, colour="FF0563C1")
HEAD = Look(bold=True, border=True, align="center", fill="FFE6ECF2")
NOTE = Look(wrap=False)
SMALL = Look(size=9, colour="FF7F7F7F", wrap=False)
LEVEL_LOOKS = {
    Severity.ERROR: Look(bold=True, border=True, align="center", colour="FFA31D2A", fill=FILLS[Severity.ERROR]),
    Severity.WARNING: Look(bold=True, border=True, align="center", colour="FF7A5200", fill=FILLS[Severity.WARNING]),
    Severity.INFO: CENTRED,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: a finding, and where its link leads (`'Sheet'!E14`), empty for nowhere."""

    finding: Finding
    location: str


def link_to(sheet: str, address: str) -> str:
    """The place of a cell as a link inside a workbook."""
    return "'" + sheet.replace("'", "''") + "'!" + address


def findings_sheet(
    lines: Sequence[Listed], styles: Styles, uri: str, *, file_name: str, submission: str, mark: str
) -> bytes:
    """The worksheet part; its looks are added to `styles`. `lines` are in the order in which they are to stand."""
    listed = lines[:MAX_LISTED]
    rows = [
        _text_row(1, TITLE, styles.look(Look(size=18, bold=True, colour="FFA31D2A", wrap=False)), 27),
        _text_row(2, f"Tệp đã gửi: {file_name}", styles.look(NOTE), 17),
        _text_row(3, f"Mã hồ sơ: {submission}", styles.look(NOTE), 17),
        _text_row(4, _summary(lines), styles.look(Look(bold=True, wrap=False)), 17),
        _text_row(5, ADVICE, styles.look(NOTE), 17),
        _text_row(6, mark, styles.look(SMALL), 15),
        _row(HEADER_ROW, [(text, styles.look(HEAD)) for text in HEADER], 20),
    ]
    links = []
    for number, line in enumerate(listed, 1):
        row = HEADER_ROW + number
        rows.append(_finding_row(row, number, line, styles))
        if line.location:
            links.append(b'<hyperlink ref="D%d" location="%b"/>' % (row, attribute(line.location)))
    if len(lines) > len(listed):
        rest = f"… và {len(lines) - len(listed)} điểm khác, xem trong phiếu phản hồi."
        rows.append(_text_row(HEADER_ROW + len(listed) + 1, rest, styles.look(NOTE), 17))
    return _worksheet(uri, b"".join(rows), b"".join(links))


def _summary(lines: Sequence[Listed]) -> str:
    counts = {level: sum(line.finding.severity is level for line in lines) for level in Severity}
    words = f"Có {counts[Severity.ERROR]} lỗi phải sửa"
    if counts[Severity.WARNING]:
        words += f", {counts[Severity.WARNING]} điểm cần xem lại"
    return words + ". Ô có lỗi được tô nền hồng, ô cần xem lại được tô nền vàng, kèm ghi chú."


def _finding_row(row: int, number: int, line: Listed, styles: Styles) -> bytes:
    finding = line.finding
    shown = finding.shown if len(finding.shown) <= MAX_SHOWN else finding.shown[: MAX_SHOWN - 1] + "…"
    cells = [
        (str(number), styles.look(CENTRED)),
        (LEVELS[finding.severity], styles.look(LEVEL_LOOKS[finding.severity])),
        (finding.sheet, styles.look(PLAIN)),
        (finding.cell, styles.look(LINK if line.location else CENTRED)),
        (shown, styles.look(PLAIN)),
        (finding.message_vi, styles.look(PLAIN)),
        (finding.message_en, styles.look(ENGLISH)),
    ]
    lines = max(_lines(text, width) for (text, _), width in zip(cells, WIDTHS, strict=True))
    return _row(row, cells, min(400, lines * LINE_POINTS + 3))


def _lines(text: str, width: int) -> int:
    room = max(1, int(width * LETTERS_PER_WIDTH))
    return sum(max(1, -(-len(part) // room)) for part in text.split("\n"))


def _text_row(row: int, text: str, style: int, height: float) -> bytes:
    return _row(row, [(text, style)], height)


def _row(row: int, cells: Sequence[tuple[str, int]], height: float) -> bytes:
    content = b"".join(
        b'<c r="%b%d" s="%d" t="inlineStr"><is><t xml:space="preserve">%b</t></is></c>'
        % (column_letters(column).encode(), row, style, cell_text(text[:32_000]))
        for column, (text, style) in enumerate(cells, 1)
    )
    return b'<row r="%d" ht="%.1f" customHeight="1">%b</row>' % (row, height, content)


def _worksheet(uri: str, rows: bytes, links: bytes) -> bytes:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(WIDTHS, 1)
    )
    below = HEADER_ROW + 1
    before = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{uri}">'
        '<sheetPr><tabColor rgb="FFA31D2A"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        f'<pane ySplit="{HEADER_ROW}" topLeftCell="A{below}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{below}" sqref="A{below}"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
    )
    after = (
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )
    hyperlinks = b"<hyperlinks>" + links + b"</hyperlinks>" if links else b""
    return before.encode() + rows + b"</sheetData>" + hyperlinks + after.encode()
