"""A frame and what it was asked for → csv, json, parquet or xlsx, harmless to open.

Text that a spreadsheet would run as a formula stays text: in xlsx by its cell type, in csv behind an apostrophe.
"""

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import xlsxwriter

FORMATS = ("csv", "xlsx", "parquet", "json")
XLSX_MAX_ROWS = 1_048_000
XLSX_MAX_TEXT = 32_767
"""Of one cell, in UTF-16 units as Excel counts them."""

_INVISIBLE = "\\s\\x00-\\x20\\u200b-\\u200f\\u2060\\ufeff"
_TRIGGER = re.compile(rf"^[{_INVISIBLE}\"']*[=+\-@|%＝＋－＠]|^'*[\t\r\n]")
_HARMLESS = re.compile(r"^[-–]?\Z|^-?\d[\d.,]*\s?%?\Z")
_EXACT_IN_EXCEL = 10**15


@dataclass(frozen=True, slots=True)
class About:
    """What travels with an export: title, the filters used, until when the figures count, their source."""

    title: str
    filters: tuple[tuple[str, str], ...] = ()
    as_of: str = ""
    source: str = ""


def write(frame: pl.DataFrame, file_format: str, about: About | None = None, *, for_excel: bool = False) -> bytes:
    """The frame in one of `FORMATS`; ValueError for another one.

    csv and json give ranges as `40..50` in the value column. `for_excel` makes the csv one that Excel opens here by
    a double click: byte order mark, semicolons.
    """
    if file_format == "csv":
        return _csv(frame, for_excel)
    if file_format == "json":
        return _json(frame)
    if file_format == "parquet":
        stream = io.BytesIO()
        frame.write_parquet(stream)
        return stream.getvalue()
    if file_format == "xlsx":
        return _xlsx(frame, about or About(""))
    raise ValueError(file_format)


def harmless(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet would take it for a formula (OWASP ASVS 1.2.10).

    Taking one apostrophe away from what would then be in danger again gives the text back: `'=1` becomes `''=1`.
    """
    if _TRIGGER.match(text) and not _HARMLESS.match(text):
        return f"'{text}"
    return text


def _csv(frame: pl.DataFrame, for_excel: bool) -> bytes:
    ranged = _with_ranges(frame)
    lists = [name for name, dtype in ranged.schema.items() if isinstance(dtype, pl.List)]
    flat = ranged.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join("|") for name in lists)
    texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
    flat = flat.with_columns(pl.col(name).map_elements(harmless, return_dtype=pl.String) for name in texts)
    flat = flat.rename({name: harmless(name) for name in flat.columns})
    text = flat.write_csv(separator=";" if for_excel else ",", datetime_format="%Y-%m-%dT%H:%M:%S")
    return (b"\xef\xbb\xbf" if for_excel else b"") + text.encode()


def _json(frame: pl.DataFrame) -> bytes:
    """Rows as objects; numbers stay numbers beside a range."""
    if "value_to" not in frame.columns:
        return frame.write_json().encode()
    rows = json.loads(frame.drop("value_to").write_json())
    for row, text, end in zip(rows, _with_ranges(frame)["value"], frame["value_to"], strict=True):
        if end is not None:
            row["value"] = text
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _with_ranges(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the helper column `value_to`: a range stands in `value` as text `40..50`."""
    if "value_to" not in frame.columns:
        return frame
    if frame["value_to"].null_count() == frame.height:
        return frame.drop("value_to")
    text = pl.format("{}..{}", _plain("value"), _plain("value_to"))
    value = pl.when(pl.col("value_to").is_not_null()).then(text).otherwise(_plain("value"))
    return frame.with_columns(value.alias("value")).drop("value_to")


def _plain(column: str) -> pl.Expr:
    """A number as the shortest text, without a trailing .0."""
    return pl.col(column).cast(pl.String).str.replace(r"\.0$", "")


def _xlsx(frame: pl.DataFrame, about: About) -> bytes:
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "dd/mm/yyyy",
    }
    with xlsxwriter.Workbook(stream, options) as book:
        header = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E6ECF2", "border": 1, "valign": "top"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet = book.add_worksheet("Số liệu")
        top = _write_about(sheet, book, about, frame.height)
        for column, name in enumerate(frame.columns):
            sheet.write_string(top, column, _fitting(name), header)
            sheet.set_column(column, column, min(40, max(10, len(name) + 2)))
        for row, values in enumerate(frame.head(XLSX_MAX_ROWS).iter_rows(), start=top + 1):
            for column, value in enumerate(values):
                _write_cell(sheet, row, column, value, moment)
        sheet.freeze_panes(top + 1, 0)
        if frame.width:
            sheet.autofilter(top, 0, top + min(XLSX_MAX_ROWS, max(1, frame.height)), frame.width - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
    return stream.getvalue()


def _write_about(sheet: Any, book: Any, about: About, height: int) -> int:
    """Title, filters, as-of and source above the table; the row of its header."""
    lines = [f"{name}: {value}" for name, value in about.filters]
    lines += [f"Số liệu đến ngày {about.as_of}"] if about.as_of else []
    lines += [f"Nguồn: {about.source}"] if about.source else []
    if height > XLSX_MAX_ROWS:
        lines.append(f"Chỉ có {XLSX_MAX_ROWS} dòng đầu trong số {height} dòng; hãy tải dạng csv để có đủ.")
    if about.title:
        sheet.write_string(0, 0, _fitting(about.title), book.add_format({"bold": True, "font_size": 14}))
        lines.insert(0, "")
    for row, line in enumerate(lines):
        if line:
            sheet.write_string(row, 0, _fitting(line))
    return len(lines) + 1 if lines else 0


def _write_cell(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and abs(value) < _EXACT_IN_EXCEL:
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime) and value.year >= 1900:
        sheet.write_datetime(row, column, _without_zone(value), moment)
    elif isinstance(value, date) and value.year >= 1900:
        sheet.write_datetime(row, column, value)
    elif isinstance(value, list):
        sheet.write_string(row, column, _fitting(", ".join(str(part) for part in value if part is not None)))
    else:
        sheet.write_string(row, column, _fitting(str(value)))


def _without_zone(moment: datetime) -> datetime:
    """UTC, as times without a zone are here; Excel knows no zones."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _fitting(text: str) -> str:
    """The text as one cell can hold it; what is cut off ends in `…`."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * XLSX_MAX_TEXT:
        return text
    return units[: 2 * (XLSX_MAX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
