"""Every observation's cell text is what stands in that cell of the archived original, read by other programmes."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlrd
from odf import opendocument, table, teletype

from etl import inbox
from etl.archive import Archive
from etl.build import build
from etl.pipeline import Pipeline, sources
from etl.reference import copy_reference, load_reference
from etl.settings import REPOSITORY, Settings
from sql import queries, warehouse
from tests.made import RECEIVED

SUBMISSIONS = Path(__file__).parent / "submissions"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(live=tmp_path_factory.mktemp("live"))
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    reference = load_reference(settings.reference)
    paths = [path for path in SUBMISSIONS.iterdir() if path.suffix in {".xlsx", ".xls", ".ods"}]
    with inbox.ingest_lock(settings), Pipeline(settings, reference) as pipeline:
        list(pipeline.ingest(sources(paths, RECEIVED.replace(year=2026, month=11))))
    build(settings, reference, day=date(2026, 11, 22))
    return settings


def _value(data: bytes, file_name: str, sheet: str, cell: str) -> Any:
    """The value of one cell by a plain reading of the original; None where nothing stands."""
    letters, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
    column = openpyxl.utils.column_index_from_string(letters)
    if file_name.endswith(".xlsx"):
        return openpyxl.load_workbook(io.BytesIO(data), data_only=True)[sheet][cell].value
    if file_name.endswith(".xls"):
        return xlrd.open_workbook(file_contents=data).sheet_by_name(sheet).cell_value(int(row) - 1, column - 1)
    for found in opendocument.load(io.BytesIO(data)).spreadsheet.getElementsByType(table.Table):
        if found.getAttribute("name") == sheet:
            return _ods_value(found, int(row), column)
    raise AssertionError(f"{file_name} has no sheet {sheet}")


def _ods_value(sheet: Any, row: int, column: int) -> float | str:
    rows = [line for line in sheet.getElementsByType(table.TableRow) for _ in range(_repeated(line, "rows"))]
    cells = [
        cell
        for cell in rows[row - 1].childNodes
        for _ in range(_repeated(cell, "columns"))
        if cell.qname[1] in ("table-cell", "covered-table-cell")
    ]
    cell = cells[column - 1]
    if cell.getAttribute("valuetype") == "float":
        return float(cell.getAttribute("value"))
    return str(teletype.extractText(cell))


def _repeated(node: Any, what: str) -> int:
    return min(int(node.getAttribute(f"number{what}repeated") or 1), 1000)


def _same(shown: str, value: Any) -> bool:
    """Text to the letter; a number when the text shown, read as Vietnamese, is it to the digits shown."""
    if isinstance(value, str) and shown == value:
        return True
    if value in (None, ""):
        return shown == ""
    plain = shown.replace(" ", "").replace(".", "").replace(",", ".")
    scale = 100 if plain.endswith("%") else 1
    digits = len(plain.rstrip("%").partition(".")[2])
    number = value if isinstance(value, int | float) else float(str(value).replace(".", "").replace(",", "."))
    return abs(float(plain.rstrip("%")) - number * scale) <= 0.5000001 * 10**-digits


def test_every_observation_shows_what_stands_in_its_cell(settings: Settings) -> None:
    current = warehouse.current(settings.warehouse)
    assert current is not None
    archive = Archive(settings.archive)
    names = {record["submission"]: record["file_name"] for record in archive.receipts()}
    rows = queries.export_observations(queries.Scope.all(current), history=True).to_dicts()
    assert len(rows) >= 80
    wrong = []
    for row in rows:
        value = _value(archive.original(row["file"]), names[row["submission"]], row["sheet"], row["cell"])
        if not _same(row["shown"] or "", value):
            wrong.append((names[row["submission"]], row["cell"], row["shown"], value))
    assert wrong == []
