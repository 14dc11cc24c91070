"""A frame and what it was asked for → csv, json, parquet or xlsx, harmless to open.

Text that a spreadsheet would run as a formula stays text: in xlsx by its cell type, in csv behind an apostrophe.
Numbers are numbers: their separators are those of the reader's own Excel, `1.234,5` in a Vietnamese one.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import polars as pl
import xlsxwriter

FORMATS = ("csv", "xlsx", "parquet", "json")
XLSX_MAX_ROWS = 1_048_000
XLSX_MAX_TEXT = 32_767
"""Of one cell, in UTF-16 units as Excel counts them."""

Told = Callable[[int, int], None]
"""Is told how many rows are written, of how many."""

_INVISIBLE = "\\s\\x00-\\x20\\u200b-\\u200f\\u2060\\ufeff"
_TRIGGER = re.compile(rf"^[{_INVISIBLE}\"']*[=+\-@|%＝＋－＠]|^'*[\t\r\n]")
_HARMLESS = re.compile(r"^[-–%]?\Z|^-?\d[\d.,]*\s?%?\Z")
_EXACT_IN_EXCEL = 10**15

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "sheet": ("Số liệu", "Data"),
    "as_of": ("Số liệu tính đến ngày {}", "Figures as of {}"),
    "source": ("Nguồn: {}", "Source: {}"),
    "version": ("phiên bản {}", "version {}"),
    "cut": (
        "Chỉ có {} dòng đầu trong số {} dòng; hãy tải dạng csv để có đủ.",
        "Only the first {} of {} rows; take csv for all of them.",
    ),
    "page": ("Trang &P/&N", "Page &P of &N"),
}


@dataclass(frozen=True, slots=True)
class About:
    """What travels with an export: title, the filters used, until when the figures count, source, version, link."""

    title: str
    filters: tuple[tuple[str, str], ...] = ()
    as_of: str = ""
    source: str = ""
    version: str = ""
    link: str = ""
    notes: tuple[str, ...] = ()
    language: str = "vi"

    @property
    def citation(self) -> str:
        """One line that says where the figures are from: source, as-of, version."""
        parts = (
            self.say("source", self.source) if self.source else "",
            self.say("as_of", self.as_of) if self.as_of else "",
            self.say("version", self.version) if self.version else "",
        )
        return " · ".join(part for part in parts if part)

    @property
    def cited(self) -> str:
        """The citation and the link back, where one line must hold both."""
        return " · ".join(part for part in (self.citation, self.link) if part)

    def say(self, key: str, *values: object) -> str:
        """Our own words in the language of the export."""
        return _WORDS[key][1 if self.language == "en" else 0].format(*values)


@dataclass(frozen=True, slots=True)
class Column:
    """How a column of a frame is headed and written.

    `decimals`: digits after the comma; or the name of the column that holds them, row by row; None: as many as there
    are. `unit` stands behind the title. `fills`: text of a cell → (colour of the cell, of its letters), as `#RRGGBB`.
    """

    title: str
    unit: str = ""
    decimals: int | str | None = None
    fills: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a workbook: the columns of a frame it shows, in this order; all under their own names if none.

    The first `fixed` columns stay in sight, and stand on every page where one page is too narrow.
    """

    name: str
    frame: pl.DataFrame
    columns: Mapping[str, Column] = field(default_factory=dict)
    fixed: int = 0


def write(frame: pl.DataFrame, file_format: str, about: About | None = None, *, for_excel: bool = False) -> bytes:
    """The frame in one of `FORMATS`; ValueError for another one.

    csv and json give ranges as `40..50` in the value column. `for_excel` makes the csv one that Excel opens here by
    a double click: byte order mark, semicolons, decimal commas, and the citation as heading of a last, empty column.
    """
    if file_format == "csv":
        return _csv_for_excel(frame, about) if for_excel else _csv(frame)
    if file_format == "json":
        return _json(frame)
    if file_format == "parquet":
        return _parquet(frame, about)
    if file_format == "xlsx":
        about = about or About("")
        return write_workbook([Sheet(about.say("sheet"), frame)], about)
    raise ValueError(file_format)


def harmless(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet would take it for a formula (OWASP ASVS 1.2.10).

    Taking one apostrophe away from what would then be in danger again gives the text back: `'=1` becomes `''=1`.
    """
    if _TRIGGER.match(text) and not _HARMLESS.match(text):
        return f"'{text}"
    return text


# ---------------------------------------------------------------- csv, json, parquet


def _csv(frame: pl.DataFrame) -> bytes:
    return _flat(_with_ranges(frame)).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S").encode()


def _csv_for_excel(frame: pl.DataFrame, about: About | None) -> bytes:
    flat = _flat(_with_ranges(frame, decimal_comma=True))
    if about and about.cited:
        # As a line of its own it would be taken for a row; a heading is neither sorted nor filtered away.
        flat = flat.with_columns(pl.lit(None, pl.String).alias(harmless(about.cited)))
    text = flat.write_csv(
        separator=";",
        decimal_comma=True,
        date_format="%d/%m/%Y",
        datetime_format="%d/%m/%Y %H:%M:%S",
        include_bom=True,
    )
    return text.encode()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as `a|b`, and neither a text nor a name that a spreadsheet would run."""
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    flat = frame.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join("|") for name in lists)
    texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
    flat = flat.with_columns(pl.col(name).map_elements(harmless, return_dtype=pl.String) for name in texts)
    return flat.rename({name: harmless(name) for name in flat.columns})


def _json(frame: pl.DataFrame) -> bytes:
    """Rows as objects; numbers stay numbers beside a range."""
    if "value_to" not in frame.columns:
        return frame.write_json().encode()
    rows = json.loads(frame.drop("value_to").write_json())
    for row, text, end in zip(rows, _with_ranges(frame)["value"], frame["value_to"], strict=True):
        if end is not None:
            row["value"] = text
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _parquet(frame: pl.DataFrame, about: About | None) -> bytes:
    """With title, filters and citation in the file's own metadata."""
    if about is None:
        told = {}
    else:
        told = {"title": about.title, "citation": about.citation, "link": about.link, "version": about.version}
        told |= {"as_of": about.as_of, "source": about.source, "notes": "; ".join(about.notes)}
        told |= {"filters": "; ".join(f"{name}: {value}" for name, value in about.filters)}
    stream = io.BytesIO()
    frame.write_parquet(stream, metadata={name: value for name, value in told.items() if value})
    return stream.getvalue()


def _with_ranges(frame: pl.DataFrame, *, decimal_comma: bool = False) -> pl.DataFrame:
    """Without the helper column `value_to`: a range stands in `value` as text `40..50`."""
    if "value_to" not in frame.columns:
        return frame
    if frame["value_to"].null_count() == frame.height:
        return frame.drop("value_to")
    low, high = _plain("value"), _plain("value_to")
    if decimal_comma:
        low, high = low.str.replace(".", ",", literal=True), high.str.replace(".", ",", literal=True)
    value = pl.when(pl.col("value_to").is_not_null()).then(pl.format("{}..{}", low, high)).otherwise(low)
    return frame.with_columns(value.alias("value")).drop("value_to")


def _plain(column: str) -> pl.Expr:
    """A number as the shortest text, without a trailing .0."""
    return pl.col(column).cast(pl.String).str.replace(r"\.0$", "")


# ---------------------------------------------------------------- xlsx

_PAPER_A4: Final = 9
_TOLD_EVERY: Final = 2_000  # rows
_NARROWEST, _WIDEST = 7, 56  # of a column, in digits; longer text is broken into lines
_LINE: Final = 15.5  # points
_LETTER: Final = 0.88  # of the width of a digit, on average
_MOST_LINES: Final = 26  # Excel's highest row is 409 points
_PAGE_WIDTH: Final = 290  # digits that can still be read across A4
_LOOKED_AT: Final = 2_000  # rows whose content decides how wide a column is


def write_workbook(sheets: Sequence[Sheet], about: About, told: Told | None = None) -> bytes:
    """One workbook, a table on each sheet below title, filters and citation; ready to print on A4.

    Rows go to disk as they are written, so memory does not grow with them. Names of sheets are cut and told apart as
    Excel demands.
    """
    stream = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    done, total = 0, sum(min(sheet.frame.height, XLSX_MAX_ROWS) for sheet in sheets)
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": about.title[:255], "comments": about.citation[:255]})
        formats = _Formats(book, about.language)
        for name, sheet in zip(_sheet_names([sheet.name for sheet in sheets]), sheets, strict=True):
            for written in _write_sheet(book.add_worksheet(name), sheet, about, formats):
                if told:
                    told(done + written, total)
            done += min(sheet.frame.height, XLSX_MAX_ROWS)
    if told:
        told(total, total)
    return stream.getvalue()


class _Formats:
    """The cell formats of one workbook, each made once, for readers of a language."""

    def __init__(self, book: Any, language: str) -> None:
        self._book = book
        self._locale = "[$-42A]" if language == "vi" else ""  # Excel goes by its own settings, LibreOffice by this
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def get(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def number(self, decimals: int | None) -> Any:
        """`#,##0.0` shows as `1.234,5` where the reader's Excel is Vietnamese, and in any LibreOffice."""
        digits = ".######" if decimals is None else "." + "0" * decimals if decimals > 0 else ""
        return self.get(num_format=f"{self._locale}#,##0{digits}", valign="top")


def _sheet_names(wished: Sequence[str]) -> list[str]:
    """At most 31 letters without `[]:*?/\\` or an apostrophe at an end, no two alike but for case, never `History`."""
    names: list[str] = []
    for place, wish in enumerate(wished, start=1):
        name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", wish)[:31].strip(" '") or f"Sheet{place}"
        taken = {other.casefold() for other in names} | {"history"}
        if name.casefold() in taken:
            name = f"{name[: 31 - len(str(place)) - 3]} ({place})"
        names.append(name)
    return names


def _write_sheet(sheet: Any, table: Sheet, about: About, formats: _Formats) -> Iterator[int]:
    """Writes one table; yields the number of rows written now and then."""
    frame = table.frame.head(XLSX_MAX_ROWS)
    columns = table.columns or {name: Column(name) for name in frame.columns}
    widths = [_width(frame[name], column) for name, column in columns.items()]
    tall = _tall_rows(frame, dict(zip(columns, widths, strict=True)))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width, formats.get(valign="top") if tall else None)
    top = _write_about(sheet, about, table.frame.height, widths, formats)
    header = formats.get(bold=True, text_wrap=True, bg_color="#E6ECF2", border=1, valign="top")
    lines = [_lines(column.heading, width) for column, width in zip(columns.values(), widths, strict=True)]
    sheet.set_row(top, _LINE * max(lines, default=1))
    for place, column in enumerate(columns.values()):
        _write_text(sheet, top, place, column.heading, header)
    writers = [
        _writer(sheet, frame, name, place, top, column, formats) for place, (name, column) in enumerate(columns.items())
    ]
    for row, values in enumerate(frame.select(list(columns)).iter_rows(), start=top + 1):
        if row - top - 1 in tall:
            sheet.set_row(row, _LINE * tall[row - top - 1])
        for writer, value in zip(writers, values, strict=True):
            if value is not None:
                writer(row, value)
        if (row - top) % _TOLD_EVERY == 0:
            yield row - top
    sheet.freeze_panes(top + 1, table.fixed)
    if columns:
        last = top + max(1, frame.height)
        sheet.autofilter(top, 0, last, len(columns) - 1)
        sheet.print_area(0, 0, last, len(columns) - 1)
    _set_up_print(sheet, about, top, math.ceil(sum(widths) / _PAGE_WIDTH), table.fixed)


def _tall_rows(frame: pl.DataFrame, widths: Mapping[str, float]) -> dict[int, int]:
    """Row → lines, of rows with a text that does not fit into one; not every program finds that out itself."""
    texts = [name for name in widths if frame.schema[name] == pl.String]
    if not texts:
        return {}
    needed = [
        (pl.col(name).str.len_chars() * _LETTER / widths[name]).ceil() + pl.col(name).str.count_matches("\n")
        for name in texts
    ]
    lines = frame.select(pl.max_horizontal(needed).fill_null(1).cast(pl.Int64).alias("lines"))["lines"]
    return {row: min(count, _MOST_LINES) for row, count in enumerate(lines) if count > 1}


def _set_up_print(sheet: Any, about: About, header: int, pages_wide: int, fixed: int) -> None:
    """A4 landscape, no smaller than can be read, the header on every page, citation and page number below."""
    sheet.set_landscape()
    sheet.set_paper(_PAPER_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(max(1, pages_wide), 0)
    sheet.repeat_rows(header)
    if fixed and pages_wide > 1:
        sheet.repeat_columns(0, fixed - 1)
    sheet.set_footer(f"&L&8{about.citation.replace('&', '&&')[:200]}&R&8{about.say('page')}")


def _write_about(sheet: Any, about: About, height: int, widths: Sequence[float], formats: _Formats) -> int:
    """Title, filters, citation, notes and link above the table, few lines as they stay in sight; the header's row."""
    lines = [" · ".join(f"{name}: {value}" for name, value in about.filters), about.citation, *about.notes, about.link]
    if height > XLSX_MAX_ROWS:
        lines.append(about.say("cut", XLSX_MAX_ROWS, height))
    styles = [(about.title, formats.get(bold=True, font_size=14, text_wrap=True, valign="top"))]
    styles += [(line, formats.get(font_size=9, font_color="#55606C", text_wrap=True, valign="top")) for line in lines]
    row = 0
    for line, style in styles:
        if not line:
            continue
        sheet.set_row(row, _LINE * (1.25 if row == 0 else 0.85) * _lines(line, max(sum(widths), 1)))
        if len(widths) > 1:
            sheet.merge_range(row, 0, row, len(widths) - 1, "", style)
        _write_text(sheet, row, 0, line, style)
        row += 1
    return row


def _width(values: pl.Series, column: Column) -> float:
    """Wide enough for the heading's longest word and for what stands in the column, within limits."""
    looked_at = values.head(_LOOKED_AT).drop_nulls()
    if looked_at.dtype == pl.String:
        longest = max(looked_at.str.len_chars().to_list(), default=0)
    elif looked_at.dtype.is_float():
        decimals = column.decimals if isinstance(column.decimals, int) else 2
        longest = max((len(f"{value:,.{decimals}f}") for value in looked_at.to_list()), default=0)
    elif looked_at.dtype.is_temporal():
        longest = 16 if looked_at.dtype == pl.Datetime else 10
    else:
        longest = max((len(str(value)) for value in looked_at.to_list()), default=0)
    words = max((len(word) for word in column.heading.split()), default=0)
    heading = min(len(column.heading), 2 * words + 4)
    return min(_WIDEST, max(_NARROWEST, longest, heading) + 2.5)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a cell of this width."""
    return sum(max(1, math.ceil(len(line) * 1.08 / width)) for line in text[:2000].split("\n"))


def _writer(
    sheet: Any, frame: pl.DataFrame, name: str, place: int, top: int, column: Column, formats: _Formats
) -> Callable[[int, Any], None]:
    """Writes values of one column into a row; of what kind they are is looked at once."""
    dtype = frame.schema[name]
    if dtype.is_numeric():
        return _number_writer(sheet, frame, name, place, top, column, formats)
    if dtype == pl.String:
        return _text_writer(sheet, frame, name, place, column, formats)
    moment = formats.get(num_format="dd/mm/yyyy hh:mm", valign="top")
    day = formats.get(num_format="dd/mm/yyyy", valign="top")

    def write_other(row: int, value: Any) -> None:
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, datetime) and value.year >= 1900:
            sheet.write_datetime(row, place, _without_zone(value), moment)
        elif isinstance(value, date) and value.year >= 1900:
            sheet.write_datetime(row, place, value, day)
        elif isinstance(value, list):
            _write_text(sheet, row, place, ", ".join(str(part) for part in value if part is not None))
        else:
            _write_text(sheet, row, place, str(value))

    return write_other


def _number_writer(
    sheet: Any, frame: pl.DataFrame, name: str, place: int, top: int, column: Column, formats: _Formats
) -> Callable[[int, Any], None]:
    by_row: list[int | None] = frame[column.decimals].to_list() if isinstance(column.decimals, str) else []
    styles = {decimals: formats.number(decimals) for decimals in range(10)}
    fixed = styles.get(column.decimals) if isinstance(column.decimals, int) else None
    as_it_is = None if frame.schema[name].is_integer() else formats.number(None)  # a year is no 2.026

    def style(row: int, value: float) -> Any:
        if by_row:
            return styles.get(by_row[row - top - 1] or 0)
        if fixed is not None or as_it_is is None:
            return fixed
        return styles[0] if value == int(value) else as_it_is

    sizes = frame[name].drop_nulls().cast(pl.Float64).abs()  # the limit does not fit into a small integer column
    if not (~(sizes < _EXACT_IN_EXCEL)).any():
        return lambda row, value: sheet.write_number(row, place, value, style(row, value))

    def write_number(row: int, value: Any) -> None:
        if abs(value) < _EXACT_IN_EXCEL:
            sheet.write_number(row, place, value, style(row, value))
        elif value == value:  # noqa: PLR0124 – not a number is left out
            _write_text(sheet, row, place, str(value))

    return write_number


def _text_writer(
    sheet: Any, frame: pl.DataFrame, name: str, place: int, column: Column, formats: _Formats
) -> Callable[[int, Any], None]:
    wrapped = formats.get(text_wrap=True, valign="top") if (frame[name].str.len_chars() > _WIDEST).any() else None
    fills = {
        words: formats.get(bg_color=fill, font_color=ink, border=1, border_color="#B8C0C9", valign="top")
        for words, (fill, ink) in column.fills.items()
    }
    if not fills and not wrapped and not frame[name].str.starts_with("<r>").any():
        return lambda row, value: sheet.write_string(row, place, value)

    def write_text(row: int, value: Any) -> None:
        _write_text(sheet, row, place, value, fills.get(value, wrapped))

    return write_text


def _write_text(sheet: Any, row: int, place: int, text: str, style: Any = None) -> None:
    text = _fitting(text)
    if text.startswith("<r>") and text.endswith("</r>"):  # else the library takes it for markup of its own
        sheet.write_rich_string(row, place, "<", text[1:-1], ">", *([style] if style else []))
    else:
        sheet.write_string(row, place, text, style)


def _without_zone(moment: datetime) -> datetime:
    """UTC, as times without a zone are here; Excel knows no zones."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _fitting(text: str) -> str:
    """The text as one cell can hold it; what is cut off ends in `…`."""
    if 2 * len(text) <= XLSX_MAX_TEXT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * XLSX_MAX_TEXT:
        return text
    return units[: 2 * (XLSX_MAX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
