"""Who sent a form, for which period and until which day: from the label cells, else from weaker places.

Order of places: label, title block, sheet name, file name. What is taken from a weaker place, or disagrees with one,
is a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from etl.findings import Finding
from etl.model import Cell
from etl.periods import cut_off, find_period, parse_date, parse_period, period_dates
from etl.periods import label as period_label
from etl.reading.grid import Grid
from etl.reading.layout import Layout
from etl.reading.moments import day_of, month_of
from etl.reading.words import LONGEST_WORDING
from etl.reference import Reference, UnitMatch
from etl.vietnamese import format_date
from etl.workbook import shown_text

_PLACE_LINE = re.compile(r"^(?P<place>[^,]{2,60}),\s*ngày\b", re.IGNORECASE)
_NUMBER_LINE = re.compile(r"^số\s*[:.]", re.IGNORECASE)
_MOTTO = re.compile(r"^(cộng hòa xã hội|độc lập|đảng cộng sản|biểu|mẫu|\(?kèm theo|đơn vị tính)", re.IGNORECASE)
_DIGIT_OR_ROMAN = re.compile(r"\d|\bqu\S{1,2} [iv]+\b", re.IGNORECASE)  # no period is named without one
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_PLACES_VI = {"title": "phần tiêu đề", "sheet": "tên trang", "file": "tên tệp"}
_FILE_NAME_NOISE = re.compile(r"^\d{1,3}[_\-. ]+|\.(xlsx|xlsm|xlsb|xls|ods|csv|html?)$", re.IGNORECASE)


@dataclass(slots=True)
class Labels:
    """What the head of a form says; empty strings and None where it says nothing that is understood."""

    province: str = ""
    org_unit: str = ""
    period: str = ""
    as_of: date | None = None
    as_of_cell: str = ""
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Label:
    text: str
    shown: str
    cell: str
    value: Cell | None


def read_labels(
    grid: Grid, layout: Layout, reference: Reference, file_name: str, received_on: date, home_province: str
) -> Labels:
    """The sender, period and as-of date of the form at `layout`; faults and doubts are in `findings`."""
    labels = Labels()
    unit_label = _label(grid, layout, "org_unit")
    period_cell = _label(grid, layout, "period")
    as_of_label = _label(grid, layout, "as_of")
    title = _title_lines(grid, layout)
    labels.province = _province(reference, unit_label, title, grid, layout, file_name, home_province)
    typed_as_of = _typed_date(as_of_label)
    _read_period(labels, grid, period_cell, title, file_name, (typed_as_of or received_on).year)
    if typed_as_of is None and labels.period:
        typed_as_of = _typed_date(as_of_label, period_dates(labels.period)[1].year)
    if labels.period and period_dates(labels.period)[0] > received_on:
        labels.findings.append(
            Finding(
                "period.future",
                grid.sheet.name,
                period_cell.cell if period_cell else "",
                period_cell.shown if period_cell and period_cell.shown else period_label(labels.period),
                format_date(received_on),
            )
        )
    on = period_dates(labels.period)[1] if labels.period else received_on
    _read_org_unit(labels, reference, grid, unit_label, _agency(grid, layout), file_name, on)
    _read_as_of(labels, grid, as_of_label, typed_as_of, received_on)
    return labels


def _label(grid: Grid, layout: Layout, name: str) -> _Label | None:
    """The value of a label cell: the text after its colon, else the next filled cell to the right.

    Where the same label stands twice, one without a value gives way; a label without a colon may have its value
    behind it (`Số liệu tính đến ngày 14/3/2026`).
    """
    empty: _Label | None = None
    for row, column, text in grid.texts(layout.header_row - 1):
        head, colon, rest = text.partition(":")
        if layout.words.labels.find(head) != name:
            continue
        if colon and rest.strip():
            shown = rest.strip()
            return _Label(shown, shown, Cell(row, column, None).address, None)
        cell = _value_cell(grid, layout, row, column)
        if cell is not None:
            return _Label(grid.words(cell.row, cell.column), shown_text(cell), cell.address, cell)
        empty = empty or _Label("", "", Cell(row, column + grid.span(row, column), None).address, None)
    return _run_on_label(grid, layout, name) or empty


def _run_on_label(grid: Grid, layout: Layout, name: str) -> _Label | None:
    for row, column, text in grid.texts(layout.header_row - 1):
        rest = layout.words.labels.find_in_front(text.strip("()* "), name) if len(text) <= LONGEST_WORDING else None
        if rest and any(char.isdigit() for char in rest):
            return _Label(rest, rest, Cell(row, column, None).address, None)
    return None


def _value_cell(grid: Grid, layout: Layout, row: int, column: int) -> Cell | None:
    """The next filled cell to the right, unless another label stands before it."""
    for right in grid.columns(row):
        cell = grid.cell(row, right)
        if right <= column or cell is None or cell.value is None or not str(cell.value).strip():
            continue
        is_label = layout.words.labels.find(grid.own_text(row, right).partition(":")[0]) is not None
        return None if is_label else cell
    return None


def _title_lines(grid: Grid, layout: Layout) -> list[str]:
    """Lines above the header that are no label and no place-and-date line."""
    find = layout.words.labels.find
    return [
        text
        for _, _, text in grid.texts(layout.header_row - 1)
        if find(text.partition(":")[0]) is None and not _PLACE_LINE.match(text)
    ]


def _agency(grid: Grid, layout: Layout) -> tuple[str, str] | None:
    """The sending agency of the title block (last line at the far left before the number line) and its cell."""
    lines: list[tuple[int, str, str]] = []
    for row, column, text in grid.texts(min(layout.header_row - 1, 12)):
        if column > 2 or _MOTTO.match(text) or _NUMBER_LINE.match(text) or ":" in text:
            continue
        for part in text.split("\n"):
            lines.append((row, part.strip(), Cell(row, column, None).address))
        if row > 6:
            break
    agency = [(text, cell) for _, text, cell in lines if not layout.words.is_title(text)]
    return agency[1] if len(agency) > 1 else (agency[0] if agency else None)


def _province(
    reference: Reference,
    label: _Label | None,
    title: list[str],
    grid: Grid,
    layout: Layout,
    file_name: str,
    home: str,
) -> str:
    places = [label.text if label else "", "\n".join(title)]
    places.append(
        "\n".join(
            match["place"] for _, _, text in grid.texts(layout.header_row - 1) if (match := _PLACE_LINE.match(text))
        )
    )
    places.append(_file_words(file_name))
    for text in places:
        named = reference.find_provinces_in(text) if text else ()
        if len(named) == 1:
            return named[0]
    return home


def _read_period(labels: Labels, grid: Grid, label: _Label | None, title: list[str], file_name: str, year: int) -> None:
    weaker = [
        ("title", next((found for text in title if (found := _period_in(text))), None)),
        ("sheet", find_period(grid.sheet.name)),
        ("file", find_period(_file_words(file_name))),
    ]
    if not weaker[1][1]:  # a sheet called "Tháng 3" in a file of one year
        years = {match for text in (*title, file_name) for match in _YEAR.findall(text)}
        sheet_year = int(years.pop()) if len(years) == 1 else year
        weaker[1] = ("sheet", parse_period(grid.sheet.name, default_year=sheet_year))
    sheet = grid.sheet.name
    if label and label.text:
        period = _label_period(label, year)
        if period:
            labels.period = period
            other = next(((place, found) for place, found in weaker[:2] if found and found != period), None)
            if other:
                labels.findings.append(
                    Finding("period.places_differ", sheet, label.cell, label.shown, period_label(other[1]))
                )
            return
        labels.findings.append(Finding("period.unreadable", sheet, label.cell, label.shown))
        return
    for place, found in weaker:
        if found:
            labels.period = found
            labels.findings.append(
                Finding(
                    "period.from_weaker_place",
                    sheet,
                    label.cell if label else "",
                    period_label(found),
                    _PLACES_VI[place],
                )
            )
            return
    labels.findings.append(Finding("period.missing", sheet, label.cell if label else ""))


def _period_in(text: str) -> str | None:
    return find_period(text) if _DIGIT_OR_ROMAN.search(text) else None


def _label_period(label: _Label, year: int) -> str | None:
    """The period in a label cell; a date is one only where it was typed as a month (`3/2026` → 1 March 2026)."""
    cell = label.value
    if cell is None or not isinstance(cell.value, date):
        return parse_period(label.text, default_year=year)
    month = month_of(cell)
    if month is None and cell.value.day == 1:
        month = cell.value.month, cell.value.year
    return parse_period(f"{month[0]}/{month[1]}") if month else None


def _read_org_unit(
    labels: Labels,
    reference: Reference,
    grid: Grid,
    label: _Label | None,
    agency: tuple[str, str] | None,
    file_name: str,
    on: date,
) -> None:
    sheet = grid.sheet.name
    if label and label.text:
        match = reference.find_org_unit(label.text, labels.province, on)
        if match.org_unit:
            labels.org_unit = match.org_unit
            named = reference.find_org_unit(agency[0], labels.province, on).org_unit if agency else None
            agreed = {None, match.org_unit, labels.province, *reference.ancestors(match.org_unit)}
            if named is not None and named not in agreed:
                name = reference.org_units[named].name
                labels.findings.append(Finding("org_unit.places_differ", sheet, label.cell, label.shown, name))
            return
        labels.findings.append(unit_finding(reference, match, sheet, label.cell, label.shown))
        return
    weaker = [("title", agency[0] if agency else ""), ("sheet", grid.sheet.name)]
    weaker += [("file", part) for part in _file_parts(file_name)]
    for place, text in weaker:
        if not text:
            continue
        match = reference.find_org_unit(text, labels.province, on)
        if match.org_unit and match.org_unit != labels.province:
            labels.org_unit = match.org_unit
            shown = reference.org_units[match.org_unit].name
            labels.findings.append(
                Finding("org_unit.from_weaker_place", sheet, label.cell if label else "", shown, _PLACES_VI[place])
            )
            return
        if match.abolished:
            labels.findings.append(unit_finding(reference, match, sheet, label.cell if label else "", text))
            return
    labels.findings.append(Finding("org_unit.missing", sheet, label.cell if label else ""))


def unit_finding(reference: Reference, match: UnitMatch, sheet: str, cell: str, shown: str) -> Finding:
    """Why a unit's name was not accepted: abolished (with what succeeded it) or unknown (with the nearest names)."""
    if match.abolished is not None:
        names = ", ".join(unit.name for unit in match.successors)
        return Finding("org_unit.abolished", sheet, cell, shown, f"; nay là {names}" if names else "")
    nearest = ", ".join(match.nearest[:3])
    return Finding("org_unit.unknown", sheet, cell, shown, f"; gần giống: {nearest}" if nearest else "")


def _typed_date(label: _Label | None, year: int | None = None) -> date | None:
    if label is None:
        return None
    return day_of(label.value) or (parse_date(label.text, default_year=year) if label.text else None)


def _read_as_of(labels: Labels, grid: Grid, label: _Label | None, typed: date | None, received_on: date) -> None:
    sheet = grid.sheet.name
    cell = label.cell if label else ""
    labels.as_of_cell = cell
    if typed is None:
        assumed = min(cut_off(labels.period), received_on) if labels.period else received_on
        labels.as_of = assumed
        code = "as_of.unreadable" if label and label.text else "as_of.missing"
        labels.findings.append(Finding(code, sheet, cell, label.shown if label else "", format_date(assumed)))
        return
    labels.as_of = typed


def _file_words(file_name: str) -> str:
    """The file name with the separators of file names as blanks, without its running number and ending."""
    stem = _FILE_NAME_NOISE.sub("", file_name)
    return re.sub(r"[_]+", " ", stem)


def _file_parts(file_name: str) -> list[str]:
    """Pieces of a file name that may be a unit's name."""
    stem = _FILE_NAME_NOISE.sub("", _FILE_NAME_NOISE.sub("", file_name))
    parts = [part.strip() for part in re.split(r"_+|\s+-\s+", stem) if part.strip()]
    return [stem, *parts]
