"""Where a form stands on a sheet: its header rows and columns, and which rows are not data.

Headers are found by wording, never by address; the wordings are in the form's definition.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from etl.findings import Finding
from etl.model import column_letters
from etl.reading.grid import Grid
from etl.reading.words import FormWords, Header, are_column_numbers, is_end, words_of
from etl.reference import Form, Reference

HEADER_SEARCH_ROWS = 60
HEADER_DEPTH = 3
_FIGURES = frozenset({"numerator", "denominator", "percentage", "value"})
_THIS_PERIOD = re.compile(r"\b(kỳ này|trong kỳ|kỳ báo cáo|(tháng|quý|tuần|năm) (này|nay|báo cáo)|hiện tại)\b")
_OTHER_PERIOD = re.compile(r"\b((kỳ|tháng|quý|tuần|năm) trước|cùng kỳ|lũy kế|luỹ kế|kế hoạch|mục tiêu|được giao|ước)\b")


@dataclass(frozen=True, slots=True)
class Measures:
    """The columns of one indicator in a table of units: measure key → column; units named in their headers."""

    indicator: str
    columns: dict[str, int]
    header_cell: str
    units: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """A form found on a sheet: first header row, first data row, column number of each column key.

    `units` maps a figure column's key to the unit its header names in brackets, and that header's cell.
    """

    form: Form
    words: FormWords
    header_row: int
    first_row: int
    columns: dict[str, int]
    measures: tuple[Measures, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
    units: dict[str, tuple[str, str]] = field(default_factory=dict)
    header_texts: frozenset[str] = frozenset()

    @property
    def is_complete(self) -> bool:
        return not any(finding.code in {"header.missing", "header.twice"} for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """The lowest header cell of a column that the form knows (or the lowest of all), and the words above it."""

    row: int
    column: int
    text: str
    header: Header | None
    parents: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"{column_letters(self.column)}{self.row}"


def find_layout(grid: Grid, reference: Reference) -> Layout | None:
    """The form that this sheet holds, or None; of several the one whose header matches most columns.

    A sheet that bears a form's title and at least two of its headers, but lacks required ones, is that form with
    `header.missing` findings.
    """
    best: tuple[float, Layout] | None = None
    for form in reference.forms.values():
        search = _Search(grid, reference, form)
        for row in search.rows:
            layout = search.layout_at(row)
            if layout is None:
                continue
            score = len(layout.columns) + 2 * len(layout.measures) + (3 if search.has_title(row) else 0)
            missing = sum(finding.code == "header.missing" for finding in layout.findings)
            if best is None or score - 4 * missing > best[0]:
                best = (score - 4 * missing, layout)
            if not missing:
                break
    return best[1] if best else None


class _Search:
    """Looks for one form on one sheet."""

    def __init__(self, grid: Grid, reference: Reference, form: Form) -> None:
        self.grid = grid
        self.reference = reference
        self.form = form
        self.words = words_of(reference, form)

    @cached_property
    def _known(self) -> dict[tuple[int, int], Header]:
        """Cells of the first rows that hold a header of the form."""
        known = {}
        for row, column, text in self.grid.texts(HEADER_SEARCH_ROWS + HEADER_DEPTH):
            header = None if text.endswith(":") else self.words.column(text)
            if header is not None:
                known[row, column] = header
        return known

    @cached_property
    def rows(self) -> list[int]:
        """Rows that may begin the header."""
        columns: dict[int, set[str]] = {}
        for (row, _), header in self._known.items():
            columns.setdefault(row, set()).add(header.column)
        if self.form.shape == "unit_rows":
            return sorted(row for row, found in columns.items() if "org_unit" in found)
        return sorted(row for row, found in columns.items() if len(found) > 1)

    @cached_property
    def _title_row(self) -> int | None:
        rows = (row for row, _, text in self.grid.texts(HEADER_SEARCH_ROWS) if self.words.is_title(text))
        return next(rows, None)

    def has_title(self, before_row: int) -> bool:
        return self._title_row is not None and self._title_row < before_row

    def layout_at(self, row: int) -> Layout | None:
        return self._units_at(row) if self.form.shape == "unit_rows" else self._rows_at(row)

    # tables with one header per column

    def _rows_at(self, row: int) -> Layout | None:
        last_row = self._last_header_row(row)
        leaves = self._leaves(row, last_row)
        chosen, findings = self._chosen(leaves)
        required = [column for column in self.form.columns if column.required]
        found = sum(column.key in chosen for column in required)
        if found < min(2, len(required)) or len(chosen) < 3:
            return None
        missing = [
            Finding("header.missing", self.grid.sheet.name, leaves[0].address, "", column.header)
            for column in required
            if column.key not in chosen
        ]
        if missing and not self.has_title(row):
            return None
        columns = {key: leaf.column for key, leaf in chosen.items()}
        units = {key: (leaf.header.unit, leaf.address) for key, leaf in chosen.items() if leaf.header}
        units = {key: unit for key, unit in units.items() if key in _FIGURES and unit[0]}
        first_row = _first_data_row(self.grid, last_row)
        texts = frozenset(leaf.text for leaf in chosen.values())
        return Layout(self.form, self.words, row, first_row, columns, (), (*missing, *findings), units, texts)

    def _last_header_row(self, row: int) -> int:
        """The last row of the header: merges reach it from above, or headers of the form stand in it."""
        last = row
        for below in range(row + 1, row + HEADER_DEPTH):
            reached = any(
                top + self.grid.depth(top, column) - 1 >= below
                for top in range(row, below)
                for column in self.grid.columns(top)
                if (top, column) in self._known
            )
            if not reached and not any(self._is_leaf_below(row, below, column) for column in self.grid.columns(below)):
                break
            last = below
        return last

    def _is_leaf_below(self, row: int, below: int, column: int) -> bool:
        """Whether a header of the form stands here under no other one ("%" in a column of units is no header)."""
        return (below, column) in self._known and not any((top, column) in self._known for top in range(row, below))

    def _leaves(self, row: int, last_row: int) -> list[_Leaf]:
        leaves = []
        spans = [
            (top, column, column + self.grid.span(top, column) - 1, text)
            for top in range(row, last_row + 1)
            for column in self.grid.columns(top)
            if (text := self.grid.own_text(top, column))
        ]
        for column in sorted({column for _, column, _, _ in spans}):
            own = [(top, text) for top, left, _, text in spans if left == column]
            known = [(top, text) for top, text in own if (top, column) in self._known]
            top, text = (known or own)[-1]
            below = any(left != column and column <= left <= right for line, left, right, _ in spans if line > top)
            parents = tuple(words for line, left, right, words in spans if line < top and left <= column <= right)
            if self.grid.span(top, column) > 1 and (below or any(line > top for line, _ in own)):
                continue  # only a parent: its columns have headers of their own below
            leaves.append(_Leaf(top, column, text, self._known.get((top, column)), parents))
        return leaves

    def _chosen(self, leaves: list[_Leaf]) -> tuple[dict[str, _Leaf], list[Finding]]:
        """One header cell for each column of the form; findings about the others."""
        sheet = self.grid.sheet.name
        by_key: dict[str, list[_Leaf]] = {}
        findings = []
        for leaf in leaves:
            if leaf.header is None:
                findings.append(Finding("header.added", sheet, leaf.address, leaf.text))
            else:
                by_key.setdefault(leaf.header.column, []).append(leaf)
        chosen = {}
        for column, found in by_key.items():
            first, *alike = _of_this_period(found)
            chosen[column] = first
            if alike and self.form.column[column].role == "number":
                findings.append(Finding("header.twice", sheet, alike[0].address, alike[0].text, first.address))
                continue
            findings += [Finding("header.added", sheet, leaf.address, leaf.text) for leaf in found if leaf is not first]
        return chosen, findings

    # tables of units, with several columns for each indicator

    def _units_at(self, row: int) -> Layout | None:
        columns = {
            header.column: column
            for column in reversed(self.grid.columns(row))
            if (header := self._known.get((row, column)))
        }
        if "org_unit" not in columns:
            return None
        for indicator_row in range(row, row + HEADER_DEPTH - 1):
            if any(
                self._heads_units(indicator_row, column)
                for column in self.grid.columns(indicator_row)
                if indicator_row > row
            ):
                return None
            measures, last_row = self._measures(indicator_row)
            if measures:
                reached = max(row + self.grid.depth(row, column) - 1 for column in columns.values())
                first_row = _first_data_row(self.grid, max(last_row, min(reached, row + HEADER_DEPTH)))
                texts = frozenset(self.grid.own_text(row, column) for column in columns.values())
                return Layout(self.form, self.words, row, first_row, columns, measures, header_texts=texts)
        return None

    def _heads_units(self, row: int, column: int) -> bool:
        header = self._known.get((row, column))
        return header is not None and header.column == "org_unit"

    def _measures(self, row: int) -> tuple[tuple[Measures, ...], int]:
        """The indicator headers of this row with their measure columns below, and the last header row."""
        found: list[Measures] = []
        last_header = row
        filled = self.grid.columns(row)
        for column in filled:
            text = self.grid.own_text(row, column)
            indicator = self.reference.find_indicator(text) if text else None
            if indicator is None:
                continue
            columns: dict[str, int] = {}
            units: dict[str, tuple[str, str]] = {}
            for below in (row + 1, row + 2):
                for place in self._below(row, column, below):
                    header = self.words.measure(self.grid.own_text(below, place))
                    if header and header.column not in columns:
                        columns[header.column] = place
                        last_header = max(last_header, below)
                        if header.unit:
                            units[header.column] = (header.unit, f"{column_letters(place)}{below}")
                if columns:
                    break
            address = f"{column_letters(column)}{row}"
            found.append(Measures(indicator.code, columns or {"value": column}, address, units))
        return tuple(found), last_header

    def _below(self, row: int, column: int, below: int) -> range:
        """The columns under an indicator's header: those it spans, else (no merges in csv) up to the next header."""
        span = self.grid.span(row, column)
        if span == 1:
            after = next((other for other in self.grid.columns(row) if other > column), None)
            last = after or max(self.grid.columns(below), default=column) + 1
            span = min(last - column, len(self.form.measures))
        return range(column, column + span)


def _of_this_period(leaves: list[_Leaf]) -> list[_Leaf]:
    """Of several headers that read alike those that are meant: of this period, else in the form's own words."""
    if len(leaves) == 1:
        return leaves
    words = {leaf.address: " ".join((*leaf.parents, leaf.text)).casefold() for leaf in leaves}
    for wanted in (
        [leaf for leaf in leaves if _THIS_PERIOD.search(words[leaf.address])],
        [leaf for leaf in leaves if not _OTHER_PERIOD.search(words[leaf.address])],
    ):
        if wanted:
            leaves = wanted
    own = [leaf for leaf in leaves if leaf.header and leaf.header.is_own_wording]
    return own or leaves


def _first_data_row(grid: Grid, header_row: int) -> int:
    """The row after the header and the row of column numbers, if one stands there."""
    row = header_row + 1
    if is_column_numbers(grid, row):
        row += 1
    return row


def is_column_numbers(grid: Grid, row: int) -> bool:
    """Whether the row only numbers the columns."""
    return are_column_numbers(grid.words(row, column) for column in grid.columns(row))


def data_rows(grid: Grid, layout: Layout) -> list[int]:
    """Rows from the first data row to the end of the table: the signature block, or nothing more on the sheet.

    Blank rows end no table, however many: what stands below them was sent too. A header repeated on a further page
    and rows that number the columns are no data.
    """
    rows: list[int] = []
    for row in grid.rows:
        if row < layout.first_row:
            continue
        texts = [text for column in grid.columns(row) if (text := grid.own_text(row, column))]
        if len(texts) <= 3 and any(is_end(text) for text in texts):
            break
        if not _is_header_again(grid, layout, row) and not is_column_numbers(grid, row):
            rows.append(row)
    return rows


def unread_columns(grid: Grid, layout: Layout, rows: Collection[int]) -> list[Finding]:
    """`header.blank` for each column that holds a number (or several texts) in these rows under no header, or under
    one that only names a measure of an indicator nobody named. Columns left of the table are none of its own.
    """
    read = {*layout.columns.values(), *(column for found in layout.measures for column in found.columns.values())}
    unread: dict[int, str] = {}
    texts: set[int] = set()
    for (row, column), cell in sorted(grid.sheet.cells.items()):
        if row not in rows or column in read or column < min(read):
            continue
        if type(cell.value) in (int, float) or (column in texts and grid.own_text(row, column)):
            unread.setdefault(column, cell.address)
        elif grid.own_text(row, column):
            texts.add(column)
    last = layout.first_row - 1
    if is_column_numbers(grid, last):
        last -= 1
    findings = []
    for column, address in sorted(unread.items()):
        headers = [text for row in range(layout.header_row, last + 1) if (text := grid.words(row, column))]
        if not headers or any(layout.words.measure(text) for text in headers):
            findings.append(Finding("header.blank", grid.sheet.name, address))
    return findings


def _is_header_again(grid: Grid, layout: Layout, row: int) -> bool:
    texts = [grid.own_text(row, column) for column in layout.columns.values()]
    return sum(text in layout.header_texts for text in texts if text) >= 2
