"""ods through odfpy: repeated cells unrolled within limits, styles turned into number formats as Excel writes them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import odf.opendocument
from odf.namespaces import DRAWNS, NUMBERNS, OFFICENS, STYLENS, SVGNS, TABLENS, TEXTNS

from etl.model import Sheet
from etl.workbook.guard import BEYOND, MAX_COLUMN, MAX_ROW, MAX_SHEETS, Examined, refuse
from etl.workbook.sheets import EXCEL_ERRORS, RawValue, SheetBuilder

CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
FALLBACK_FORMATS = {"percentage": "0.00%", "date": "dd/mm/yyyy", "time": "hh:mm:ss"}
DURATION = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")
GROUPS = {
    "table-row-group",
    "table-rows",
    "table-header-rows",
    "table-column-group",
    "table-columns",
    "table-header-columns",
}
DATE_FIELDS = {"day": "d", "month": "m", "year": "yy", "hours": "h", "minutes": "m", "seconds": "s"}


def read(examined: Examined) -> list[Sheet]:
    """All tables. Raises Refused; any other exception means a damaged file."""
    document = odf.opendocument.load(io.BytesIO(examined.data))
    tables = [node for node in document.spreadsheet.childNodes if node.qname == (TABLENS, "table")]
    if len(tables) > MAX_SHEETS:
        refuse("file.too_large", f"{len(tables)} trang tính")
    styles = Styles(document)
    return [_Table(table, styles).read() for table in tables]


class _Table:
    """One table: where each cell stands, and what it looks like if it says nothing itself."""

    def __init__(self, node: Any, styles: Styles) -> None:
        self._node = node
        self._styles = styles
        self._columns: list[str] = []
        hidden = styles.is_hidden(_get(node, TABLENS, "style-name"))
        self._builder = SheetBuilder(_get(node, TABLENS, "name"), hidden)

    def read(self) -> Sheet:
        for column in _descend(self._node, "table-column"):
            style = _get(column, TABLENS, "default-cell-style-name")
            self._columns += [style] * min(_repeat(column, "number-columns-repeated"), MAX_COLUMN - len(self._columns))
        row = 1
        for node in _descend(self._node, "table-row"):
            count = _repeat(node, "number-rows-repeated")
            self._row(node, row, count)
            row += count
        return self._builder.finish()

    def _row(self, node: Any, first: int, count: int) -> None:
        hidden = _get(node, TABLENS, "visibility") in {"collapse", "filter"}
        if hidden:
            self._builder.hidden_rows.update(range(first, min(first + count, MAX_ROW + 1)))
        row_style = _get(node, TABLENS, "default-cell-style-name")
        column = 1
        for cell in node.childNodes:
            if cell.qname not in ((TABLENS, "table-cell"), (TABLENS, "covered-table-cell")):
                continue
            repeated = _repeat(cell, "number-columns-repeated")
            value, formula, error = _value(cell)
            if formula or value not in (None, ""):
                self._fill((first, count), (column, repeated), cell, row_style, (value, formula, error))
            self._merge(cell, first, column)
            column += repeated

    def _fill(
        self,
        rows: tuple[int, int],
        columns: tuple[int, int],
        cell: Any,
        row_style: str,
        content: tuple[RawValue, bool, bool],
    ) -> None:
        if rows[0] + rows[1] - 1 > MAX_ROW or columns[0] + columns[1] - 1 > MAX_COLUMN:
            refuse("file.too_large", BEYOND)
        value, formula, error = content
        for column in range(columns[0], columns[0] + columns[1]):
            default = self._columns[column - 1] if column <= len(self._columns) else ""
            style = _get(cell, TABLENS, "style-name") or row_style or default
            number_format, font = self._styles.look(style, _get(cell, OFFICENS, "value-type"))
            for row in range(rows[0], rows[0] + rows[1]):
                self._builder.add(row, column, value, number_format, font, formula=formula, error=error)

    def _merge(self, cell: Any, row: int, column: int) -> None:
        down, across = _repeat(cell, "number-rows-spanned"), _repeat(cell, "number-columns-spanned")
        if down > 1 or across > 1:
            self._builder.merges.append((row, column, row + down - 1, column + across - 1))


# --- values ---------------------------------------------------------------------------------------------------


def _value(cell: Any) -> tuple[RawValue, bool, bool]:
    """Value, whether a formula stands there, whether it is an error."""
    formula = bool(_get(cell, TABLENS, "formula"))
    kind = _get(cell, OFFICENS, "value-type")
    text = _text(cell) if kind in {"", "string"} or formula else ""
    if _get(cell, CALCEXT, "value-type") == "error" or (formula and (text in EXCEL_ERRORS or text.startswith("Err:"))):
        return (text or "#VALUE!"), formula, True
    number = _get(cell, OFFICENS, "value")
    if kind in {"float", "percentage", "currency"} and number:
        value = float(number)
        return (int(value) if value.is_integer() and abs(value) < 10**15 else value), formula, False
    if kind == "date":
        return _date(_get(cell, OFFICENS, "date-value")), formula, False
    if kind == "time":
        return _time(_get(cell, OFFICENS, "time-value")), formula, False
    if kind == "boolean":
        return _get(cell, OFFICENS, "boolean-value") == "true", formula, False
    if kind == "" and formula and not text:
        return None, True, False
    return _get(cell, OFFICENS, "string-value") or text, formula, False


def _date(text: str) -> RawValue:
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return text


def _time(text: str) -> RawValue:
    match = DURATION.fullmatch(text)
    if match is None:
        return text
    days, hours, minutes = (int(part or 0) for part in match.group(2, 3, 4))
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(match[5] or 0))
    if match[1]:
        return -span
    if span < timedelta(days=1):
        minute, second = divmod(span.seconds, 60)
        return time(minute // 60, minute % 60, second)
    return span


def _text(cell: Any) -> str:
    """The paragraphs of a cell, a line each; a comment hung on the cell is not its text."""
    return "\n".join("".join(_pieces(node)) for node in cell.childNodes if node.qname == (TEXTNS, "p"))


def _pieces(node: Any) -> Iterator[str]:
    for child in node.childNodes:
        if child.nodeType in (child.TEXT_NODE, child.CDATA_SECTION_NODE):
            yield child.data
        elif child.qname == (TEXTNS, "s"):
            yield " " * min(_repeat(child, "c", TEXTNS), 1000)
        elif child.qname == (TEXTNS, "tab"):
            yield "\t"
        elif child.qname == (TEXTNS, "line-break"):
            yield "\n"
        elif child.qname != (OFFICENS, "annotation") and child.qname[0] != DRAWNS:
            yield from _pieces(child)


# --- styles ---------------------------------------------------------------------------------------------------


class Styles:
    """Cell styles → number format and font, as far as Excel has words for them."""

    def __init__(self, document: Any) -> None:
        self._cells: dict[str, Any] = {}
        self._tables: dict[str, Any] = {}
        self._formats: dict[str, Any] = {}
        self._faces: dict[str, str] = {}
        self._known: dict[tuple[str, str], tuple[str, str]] = {}
        for root in (document.styles, document.automaticstyles):
            for node in root.childNodes:
                self._keep(node)
        for node in document.fontfacedecls.childNodes:
            self._faces[_get(node, STYLENS, "name")] = _get(node, SVGNS, "font-family").strip("'\"")

    def _keep(self, node: Any) -> None:
        name = _get(node, STYLENS, "name")
        if node.qname[0] == NUMBERNS:
            self._formats[name] = node
        elif _get(node, STYLENS, "family") == "table-cell":
            self._cells[name] = node
        elif _get(node, STYLENS, "family") == "table":
            self._tables[name] = node

    def is_hidden(self, name: str) -> bool:
        node = self._tables.get(name)
        children = node.childNodes if node is not None else []
        return any(_get(child, TABLENS, "display") == "false" for child in children)

    def look(self, name: str, kind: str) -> tuple[str, str]:
        """Number format and font of cell style `name` on a value of office type `kind`."""
        key = (name, kind)
        if key not in self._known:
            number_format = self._format(name) or "General"
            if number_format == "General":
                number_format = FALLBACK_FORMATS.get(kind, "General")
            self._known[key] = (number_format, self._font(name))
        return self._known[key]

    def _chain(self, name: str) -> Iterator[Any]:
        for _ in range(10):
            node = self._cells.get(name)
            if node is None:
                return
            yield node
            name = _get(node, STYLENS, "parent-style-name")

    def _format(self, name: str) -> str:
        for node in self._chain(name):
            style = self._formats.get(_get(node, STYLENS, "data-style-name"))
            if style is not None:
                return _format_code(style)
        return ""

    def _font(self, name: str) -> str:
        for node in self._chain(name):
            for child in node.childNodes:
                if child.qname == (STYLENS, "text-properties") and (face := _get(child, STYLENS, "font-name")):
                    return self._faces.get(face, face)
        return ""


def _format_code(style: Any) -> str:
    """A data style in Excel's words; `General` where it says nothing."""
    if style.qname[1] == "text-style":
        return "@"
    parts = []
    for node in style.childNodes:
        local = node.qname[1]
        if local == "number":
            parts.append(_digits(node))
        elif local in DATE_FIELDS:
            parts.append(_date_field(node, local))
        elif local in {"text", "currency-symbol"}:
            parts.append(_quoted("".join(_pieces(node))))
    return "".join(parts) or "General"


def _digits(node: Any) -> str:
    places = _get(node, NUMBERNS, "decimal-places")
    grouped = _get(node, NUMBERNS, "grouping") == "true"
    if not places and not grouped and node.parentNode.qname[1] == "number-style":
        return "General"
    least = int(_get(node, NUMBERNS, "min-decimal-places") or places or 0)
    optional = max(int(places or 0) - least, 0)
    decimals = "0" * least + "#" * optional
    return ("#,##0" if grouped else "0") + (f".{decimals}" if decimals else "")


def _date_field(node: Any, local: str) -> str:
    mark = DATE_FIELDS[local]
    long = _get(node, NUMBERNS, "style") == "long"
    if local == "month" and _get(node, NUMBERNS, "textual") == "true":
        return "mmmm" if long else "mmm"
    return mark * 2 if long else mark


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[-/.,:%\s()]*", text) else f'"{text}"'


# --- the tree -------------------------------------------------------------------------------------------------


def _get(node: Any, namespace: str, name: str) -> str:
    value = node.attributes.get((namespace, name)) if node.attributes else None
    return "" if value is None else str(value)


def _repeat(node: Any, name: str, namespace: str = TABLENS) -> int:
    text = _get(node, namespace, name)
    return max(int(text), 1) if text else 1


def _descend(node: Any, local: str) -> Iterator[Any]:
    """Rows or columns of a table in order, those within groups and headers too, not those of tables in cells."""
    for child in node.childNodes:
        if child.qname == (TABLENS, local):
            yield child
        elif child.qname[0] == TABLENS and child.qname[1] in GROUPS:
            yield from _descend(child, local)
