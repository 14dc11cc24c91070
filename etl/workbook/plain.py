"""csv and html: text files that portals and people send as workbooks. Every value stays text, as it was typed."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

from etl.model import Sheet
from etl.workbook.guard import MAX_COLUMN, MAX_ROW, Examined, refuse
from etl.workbook.sheets import SheetBuilder

DELIMITERS = ";\t,|"
SAMPLE_LINES = 200
# In windows-1258 a tone mark follows its vowel; where it follows anything else the text is in another encoding.
STRAY_TONE = re.compile(r"(?<![aeiouyăâêôơưAEIOUYĂÂÊÔƠƯ])[\u0300\u0301\u0303\u0309\u0323]")
DECLARED = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)


def read_csv(examined: Examined) -> list[Sheet]:
    """One sheet. Raises Refused."""
    text = decode(examined.data)
    named = re.match(r"sep=(.)\r?\n", text)
    if named:
        text = text[named.end() :]
    delimiter = named[1] if named else _delimiter(text)
    csv.field_size_limit(2**20)
    builder = SheetBuilder("csv")
    first = 2 if named else 1
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), first):
        for column, value in enumerate(row, 1):
            builder.add(number, column, value)
    return [builder.finish()]


def decode(data: bytes) -> str:
    """Text of unknown encoding: UTF-8 or UTF-16 if it says so or fits, else windows-1258 or 1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1258")
    except UnicodeDecodeError:
        text = "\u0301"
    return data.decode("cp1252", "replace") if STRAY_TONE.search(text) else text


def _delimiter(text: str) -> str:
    """The mark that cuts most lines into the same number of fields."""
    lines = text[:200_000].splitlines(keepends=True)[:SAMPLE_LINES]

    def evenness(mark: str) -> int:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1]
        return max((widths.count(width) * (width - 1) for width in set(widths)), default=0)

    return max(DELIMITERS, key=evenness)


def read_html(examined: Examined) -> list[Sheet]:
    """All tables of the page, one below the other on one sheet, as Excel opens it. Raises Refused."""
    data = examined.data
    declared = DECLARED.search(data[:4096])
    text = None
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            text = data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            text = None
    page = _Page()
    page.feed(text if text is not None else decode(data))
    page.close()
    if not page.tables:
        refuse("file.not_a_workbook", "trang web không có bảng")
    return [page.sheet()]


class _Page(HTMLParser):
    """Collects the cells of tables; an inner table goes on in the rows of its own."""

    SILENT = frozenset({"script", "style", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables = 0
        self._builder = SheetBuilder("html")
        self._row = 0
        self._column = 0
        self._taken: dict[int, int] = {}  # column -> last row that a cell above reaches down to
        self._text: list[str] | None = None
        self._spans = (1, 1)
        self._loose: list[str] = []
        self._silent = 0

    def sheet(self) -> Sheet:
        self._end_loose()
        return self._builder.finish()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent += 1
        elif tag == "table":
            self._end_cell()
            self._end_loose()
            self.tables += 1
            self._taken.clear()
        elif tag == "tr":
            self._end_cell()
            self._end_loose()
            self._begin_row()
        elif tag in {"td", "th"}:
            self._end_cell()
            self._begin_cell(dict(attrs))
        elif tag == "br":
            self._write("\n")
        elif tag in {"p", "div", "h1", "h2", "h3", "h4"} and self._text is None:
            self._end_loose()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in {"td", "th", "tr", "table"}:
            self._end_cell()
            if tag == "table":
                self._taken.clear()
        elif tag in {"p", "div", "h1", "h2", "h3", "h4"} and self._text is None:
            self._end_loose()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._write(re.sub(r"[ \t\r\n]+", " ", data))

    def _write(self, text: str) -> None:
        (self._loose if self._text is None else self._text).append(text)

    def _begin_row(self) -> None:
        self._row += 1
        self._column = 0
        if self._row > MAX_ROW:
            refuse("file.too_large", f"hơn {MAX_ROW} dòng")

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self._column += 1
        while self._taken.get(self._column, 0) >= self._row:
            self._column += 1
        if self._row == 0:
            self._row = 1
        self._spans = (_span(attributes.get("rowspan")), min(_span(attributes.get("colspan")), MAX_COLUMN))
        self._text = []

    def _end_cell(self) -> None:
        if self._text is None:
            return
        down, across = self._spans
        text = "\n".join(line.strip() for line in "".join(self._text).split("\n")).strip()
        self._builder.add(self._row, self._column, text)
        if down > 1 or across > 1:
            bottom = min(self._row + down - 1, MAX_ROW)
            self._builder.merges.append((self._row, self._column, bottom, self._column + across - 1))
            for column in range(self._column, self._column + across):
                self._taken[column] = bottom
        self._column += across - 1
        self._text = None

    def _end_loose(self) -> None:
        """Text between tables stands in a row of its own."""
        text = "".join(self._loose).strip()
        self._loose = []
        if text:
            self._begin_row()
            self._builder.add(self._row, 1, text)


def _span(text: str | None) -> int:
    return min(max(int(text), 1), MAX_ROW) if text and text.strip().isdecimal() and len(text) < 9 else 1
