"""From sheets of cells to the tables of the forms found in them, each row with its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from etl.findings import Finding
from etl.model import Sheet, Table, Workbook
from etl.periods import period_dates
from etl.reading import indicator_rows, unit_rows
from etl.reading.grid import Grid
from etl.reading.labels import read_labels
from etl.reading.layout import Layout, find_layout, unread_columns
from etl.reading.task_rows import TaskReader
from etl.reference import Reference
from etl.vietnamese import plain_key

_GUIDE_SHEET = re.compile(r"^(huong dan|mau(?! *(bieu|so|\d))|vi du|danh muc|ghi chu|readme|guide|loi can sua)\b")
_SECRET = frozenset({"MẬT", "TỐIMẬT", "TUYỆTMẬT"})


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a file from outside: reference data, name, day of receipt, home province."""

    reference: Reference
    file_name: str
    received_on: date
    home_province: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A workbook read: one table per form found, and what concerns the file as a whole."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]
    is_secret: bool = False


def read_workbook(workbook: Workbook, context: Context) -> Reading:
    """The tables of all forms on the visible sheets; without one, a `form.not_found` finding.

    A workbook that bears a secrecy mark outside its tables gives `is_secret` and nothing else.
    """
    found: list[tuple[Grid, Layout]] = []
    left_out: list[Finding] = []
    grids: list[tuple[Grid, Layout | None]] = []
    for sheet in workbook.sheets:
        grid = Grid(sheet)
        layout = None if sheet.hidden else find_layout(grid, context.reference)
        grids.append((grid, layout))
    real = [pair for pair in grids if pair[1] is not None and not _is_guide(pair[0].sheet)]
    if not real:
        real = [pair for pair in grids if pair[1] is not None]
    for grid, layout in grids:
        if layout is not None and (grid, layout) in real:
            found.append((grid, layout))
        elif grid.sheet.cells:
            left_out.append(Finding("sheet.hidden" if grid.sheet.hidden else "sheet.left_out", grid.sheet.name))
    tables = [_read_table(grid, layout, context) for grid, layout in found]
    spans = {table.sheet: (table.first_row, table.last_row) for table in tables}
    if any(_bears_secrecy_mark(grid, spans.get(grid.sheet.name)) for grid, _ in grids):
        return Reading((), (), is_secret=True)
    findings = [*workbook.findings, *left_out]
    if not tables:
        forms = ", ".join(form.code for form in context.reference.forms.values())
        findings.append(Finding("form.not_found", expected=forms))
    return Reading(tuple(_without_repeats(tables)), tuple(findings))


def _read_table(grid: Grid, layout: Layout, context: Context) -> Table:
    table = _read_rows(grid, layout, context)
    cells = [typed.observation.cell for typed in table.figures] + [typed.report.cell for typed in table.tasks]
    if table.figures or table.tasks:
        unread = unread_columns(grid, layout, {row_of(cell) for cell in cells})
        table = replace(table, findings=(*table.findings, *unread))
    hidden = [cell for cell in cells if row_of(cell) in grid.sheet.hidden_rows]
    if not hidden:
        return table
    rows = ", ".join(str(row) for row in sorted({row_of(cell) for cell in hidden}))
    return replace(table, findings=(*table.findings, Finding("row.hidden", table.sheet, hidden[0], "", rows)))


def _read_rows(grid: Grid, layout: Layout, context: Context) -> Table:
    reference = context.reference
    labels = read_labels(grid, layout, reference, context.file_name, context.received_on, context.home_province)
    as_of = labels.as_of or context.received_on
    findings = [*layout.findings, *labels.findings]
    findings += [Finding("cell.encoding", grid.sheet.name, expected=name) for name in sorted(grid.encodings)]
    table = Table(
        form=layout.form.form,
        org_unit=labels.org_unit,
        province=labels.province,
        period=labels.period,
        as_of=labels.as_of,
        sheet=grid.sheet.name,
        received_on=context.received_on,
        findings=tuple(findings),
        first_row=layout.first_row,
        as_of_cell=labels.as_of_cell,
    )
    if not layout.is_complete:
        return table
    if layout.form.shape == "indicator_rows":
        figures, met, last_row = indicator_rows.read_rows(grid, layout, reference, labels.org_unit)
        return replace(table, findings=(*findings, *met), last_row=last_row, figures=tuple(figures))
    if layout.form.shape == "unit_rows":
        on = period_dates(labels.period)[1] if labels.period else as_of
        figures, totals, met, last_row = unit_rows.read_rows(grid, layout, reference, labels.province, on)
        return replace(
            table, findings=(*findings, *met), last_row=last_row, figures=tuple(figures), totals=tuple(totals)
        )
    reader = TaskReader(grid, layout, reference, labels.org_unit, labels.province, as_of)
    tasks, totals, last_row = reader.read_rows()
    return replace(
        table, findings=(*findings, *reader.findings), last_row=last_row, tasks=tuple(tasks), totals=tuple(totals)
    )


def row_of(address: str) -> int:
    """The row of a cell's address."""
    return int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _is_guide(sheet: Sheet) -> bool:
    return bool(_GUIDE_SHEET.match(plain_key(sheet.name)))


def _bears_secrecy_mark(grid: Grid, span: tuple[int, int] | None) -> bool:
    """A cell outside the table whose whole text is a degree of secrecy."""
    for row, column in grid.sheet.cells:
        if span and span[0] <= row <= span[1]:
            continue
        text = grid.own_text(row, column)
        if len(text) < 40 and re.sub(r"\s+", "", text).strip(".:()[]-*") in _SECRET:
            return True
    return False


def _without_repeats(tables: list[Table]) -> Iterable[Table]:
    """The tables, where a second one of the same form, unit and period bears `form.twice`."""
    seen: dict[tuple[str, str, str], str] = {}
    for table in tables:
        identity = (table.form, table.org_unit, table.period)
        first = seen.get(identity)
        if first is not None and all(identity):
            finding = Finding("form.twice", table.sheet, "", table.sheet, first)
            yield replace(table, findings=(*table.findings, finding))
            continue
        seen[identity] = table.sheet
        yield table
