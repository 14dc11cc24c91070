"""A sheet as the readers look at it: cleaned text by cell, merges followed, legacy encodings undone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from etl.model import Cell, Sheet
from etl.vietnamese import clean, decode_legacy

_FONTS = {"TCVN3": ".VnTime", "VNI": "VNI-Times"}
_LONGEST_MERGE = 2_000


class Grid:
    """One sheet's cells: `cell(row, column)` follows vertical merges, `text(row, column)` is cleaned Unicode."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.encodings: set[str] = set()
        self._texts: dict[tuple[int, int], str] = {}
        doubtful: list[tuple[tuple[int, int], str]] = []
        for place, cell in sheet.cells.items():
            value = cell.value
            if not isinstance(value, str):
                continue
            if value.isascii():
                self._texts[place] = clean(value)
                continue
            text, encoding = decode_legacy(value, cell.font)
            if encoding:
                self.encodings.add(encoding)
            elif text == value:
                doubtful.append((place, value))
            self._texts[place] = clean(text)
        self._decode_like_the_rest(doubtful)

    def _decode_like_the_rest(self, doubtful: list[tuple[tuple[int, int], str]]) -> None:
        """A short text that does not show its encoding by itself is in the one that the rest of the sheet is in."""
        if len(self.encodings) != 1:
            return
        (encoding,) = self.encodings
        for place, value in doubtful:
            text, decoded = decode_legacy(value, _FONTS[encoding])
            if decoded:
                self._texts[place] = clean(text)

    @cached_property
    def _anchors(self) -> dict[tuple[int, int], tuple[int, int]]:
        anchors = {}
        for top, left, bottom, right in self.sheet.merges:
            if left == right and bottom - top < _LONGEST_MERGE:
                anchors.update({(row, left): (top, left) for row in range(top + 1, bottom + 1)})
        return anchors

    @cached_property
    def _merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        """First cell of a merge → its last row and column."""
        return {(top, left): (bottom, right) for top, left, bottom, right in self.sheet.merges}

    @cached_property
    def rows(self) -> list[int]:
        """Numbers of the rows that hold a filled cell, ascending."""
        return sorted(self._columns_of)

    @cached_property
    def _columns_of(self) -> dict[int, list[int]]:
        columns: dict[int, list[int]] = {}
        for row, column in sorted(self.sheet.cells):
            columns.setdefault(row, []).append(column)
        return columns

    def columns(self, row: int) -> list[int]:
        """Columns of the row's filled cells, ascending."""
        return self._columns_of.get(row, [])

    def cell(self, row: int, column: int) -> Cell | None:
        place = (row, column)
        return self.sheet.cells.get(self._anchors.get(place, place))

    def text(self, row: int, column: int) -> str:
        """The cell's text, cleaned; numbers and dates give an empty string."""
        place = (row, column)
        return self._texts.get(self._anchors.get(place, place), "")

    def own_text(self, row: int, column: int) -> str:
        """Like `text`, but of this very cell, not of a merge that reaches it from above."""
        return self._texts.get((row, column), "")

    def is_continued(self, row: int, column: int) -> bool:
        """Whether a merge reaches this cell from above."""
        return (row, column) in self._anchors

    def words(self, row: int, column: int) -> str:
        """The cell in words: its text, or a whole number as digits (a code typed as a number)."""
        cell = self.cell(row, column)
        if cell is None or cell.value is None:
            return ""
        if isinstance(cell.value, float) and cell.value.is_integer():
            return str(int(cell.value))
        return self.text(row, column) or str(cell.value)

    @cached_property
    def _all_texts(self) -> list[tuple[int, int, str]]:
        return sorted((row, column, text) for (row, column), text in self._texts.items() if text)

    def texts(self, last_row: int) -> Iterator[tuple[int, int, str]]:
        """(row, column, text) of the text cells down to `last_row`, in reading order."""
        for row, column, text in self._all_texts:
            if row > last_row:
                return
            yield row, column, text

    def span(self, row: int, column: int) -> int:
        """How many columns the cell spans to the right (1 without a merge)."""
        _, right = self._merged.get((row, column), (row, column))
        return right - column + 1

    def depth(self, row: int, column: int) -> int:
        """How many rows the cell spans downwards (1 without a merge)."""
        bottom, _ = self._merged.get((row, column), (row, column))
        return bottom - row + 1
