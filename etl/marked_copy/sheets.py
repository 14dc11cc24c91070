"""One worksheet part: where its cells stand, and giving some of them another style; all other bytes stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from etl.marked_copy.markup import Edits, NotEditable, number, opened, prefix_at, tag_at, walk, with_attributes
from etl.model import column_letters

Place = tuple[int, int]

# What may stand behind legacyDrawing in a worksheet; AlternateContent wraps controls and objects.
BEHIND_LEGACY_DRAWING = frozenset(
    {
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
        "AlternateContent",
    }
)
ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
MERGE = re.compile(rb"<(?:[^\s/>:]+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"']([A-Za-z0-9$:]+)[\"']")
TAB_SELECTED = re.compile(rb"<(?:[^\s/>:]+:)?sheetView\s[^>]*?\btabSelected\s*=\s*[\"'](?:1|true)[\"']")
DEFAULT_COLUMN_PX, DEFAULT_ROW_PX = 64, 20


@dataclass(frozen=True, slots=True)
class _Column:
    first: int
    last: int
    style: int
    px: int


@dataclass(slots=True)
class _Row:
    """A row that holds cells to be marked: its tag, and column, offset and style of each of its cells."""

    number: int
    start: int
    style: int
    close: int = 0
    cells: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class SheetPart:
    """What was seen of a worksheet part on one pass over it."""

    data: bytes
    uri: str = ""
    root_close: int = 0
    children: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    columns: list[_Column] = field(default_factory=list)
    row_px: dict[int, int] = field(default_factory=dict)
    default_column_px: int = DEFAULT_COLUMN_PX
    default_row_px: int = DEFAULT_ROW_PX
    rows: dict[int, _Row] = field(default_factory=dict)
    row_places: dict[int, int] = field(default_factory=dict)
    sheet_data: tuple[int, int] = (0, 0)

    @property
    def is_empty(self) -> bool:
        """Whether the list of rows is an empty-element tag."""
        return tag_at(self.data, self.sheet_data[0]).endswith(b"/>")

    def width(self, column: int) -> int:
        """The width of a column in pixels; 0 if it is hidden."""
        return next((known.px for known in self.columns if known.first <= column <= known.last), self.default_column_px)

    def height(self, row: int) -> int:
        return self.row_px.get(row, self.default_row_px)

    def legacy_drawing(self) -> str | None:
        """The relationship id of the sheet's VML drawing."""
        for name, _, attributes in self.children:
            if name == "legacyDrawing":
                return next((value for key, value in attributes.items() if key.endswith("/relationships id")), None)
        return None


def place_of(address: str) -> Place | None:
    """`E14`, `$E$14` or the first cell of `E14:F15` as (row, column)."""
    match = ADDRESS.match(address.strip())
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    return (row, column) if 1 <= row <= 1_048_576 and column <= 16_384 else None


def address_of(place: Place) -> str:
    return f"{column_letters(place[1])}{place[0]}"


def anchors(data: bytes, places: Iterable[Place]) -> dict[Place, Place]:
    """For each place the cell that shows there: itself, or the first cell of the merge that covers it."""
    merges = []
    for found in MERGE.findall(data, data.rfind(b"sheetData")):
        first, _, last = found.decode().partition(":")
        top_left, bottom_right = place_of(first), place_of(last or first)
        if top_left and bottom_right and top_left != bottom_right:
            merges.append((*top_left, *bottom_right))
    return {
        place: next((m[:2] for m in merges if m[0] <= place[0] <= m[2] and m[1] <= place[1] <= m[3]), place)
        for place in places
    }


def deselected(data: bytes) -> bytes:
    """The sheet no longer as the chosen one: two chosen sheets would be typed into together."""
    head = data.find(b"sheetData")
    edits = Edits(data)
    for match in TAB_SELECTED.finditer(data, 0, head if head >= 0 else len(data)):
        tag = tag_at(data, match.start())
        edits.replace(match.start(), match.start() + len(tag), with_attributes(tag, {"tabSelected": 0}))
    return edits.result()


def scan(data: bytes, rows: Iterable[int]) -> SheetPart:
    """Look at a whole worksheet part, at the cells of `rows` closely. Raises NotEditable."""
    scanner = _Scanner(SheetPart(data), sorted(set(rows)))
    walk(data, scanner.start, scanner.end)
    if scanner.part.sheet_data == (0, 0):
        raise NotEditable("a worksheet without cells")
    return scanner.part


class _Scanner:
    def __init__(self, part: SheetPart, rows: list[int]) -> None:
        self.part = part
        self._wanted = frozenset(rows)
        self._missing = rows[::-1]
        self._depth = 0
        self._row_number = self._column = 0
        self._row: _Row | None = None
        self._names: tuple[str, str] = ("", "")

    def start(self, name: str, attributes: dict[str, str], offset: int) -> None:
        self._depth += 1
        if self._depth > 3:
            if self._row is not None and name == self._names[1] and self._depth == 4:
                self._cell(attributes, offset)
        elif self._depth == 3:
            if name == self._names[0]:
                self._begin_row(attributes, offset)
            elif name == f"{self.part.uri} col":
                self._add_column(attributes)
        elif self._depth == 2:
            self._child(name, attributes, offset)
        else:
            self._root(name)

    def end(self, name: str, offset: int) -> None:
        self._depth -= 1
        if self._depth == 2 and self._row is not None and name == self._names[0]:
            self._row.close = offset
            self._row = None
        elif self._depth == 1 and name == f"{self.part.uri} sheetData":
            self.part.sheet_data = (self.part.sheet_data[0], offset)
            for row in self._missing:
                self.part.row_places[row] = offset
        elif self._depth == 0:
            self.part.root_close = offset

    def _root(self, name: str) -> None:
        uri, _, local = name.rpartition(" ")
        if local != "worksheet" or not uri:
            raise NotEditable("no worksheet")
        self.part.uri = uri
        self._names = (f"{uri} row", f"{uri} c")

    def _child(self, name: str, attributes: dict[str, str], offset: int) -> None:
        local = name.rpartition(" ")[2]
        self.part.children.append((local, offset, attributes))
        if local == "sheetData":
            self.part.sheet_data = (offset, offset)
        elif local == "sheetFormatPr":
            self.part.default_row_px = _px(attributes.get("defaultRowHeight"), 4 / 3, DEFAULT_ROW_PX)
            self.part.default_column_px = _px(attributes.get("defaultColWidth"), 7, DEFAULT_COLUMN_PX)

    def _add_column(self, attributes: dict[str, str]) -> None:
        hidden = attributes.get("hidden") in {"1", "true"}
        px = 0 if hidden else _px(attributes.get("width"), 7, self.part.default_column_px)
        first, last = number(attributes.get("min")), number(attributes.get("max"))
        self.part.columns.append(_Column(first, last, number(attributes.get("style")), px))

    def _begin_row(self, attributes: dict[str, str], offset: int) -> None:
        row = number(attributes.get("r")) if "r" in attributes else self._row_number + 1
        if row <= self._row_number:
            raise NotEditable("rows are not in order")
        self._row_number, self._column = row, 0
        if attributes.get("hidden") in {"1", "true"}:
            self.part.row_px[row] = 0
        elif "ht" in attributes:
            self.part.row_px[row] = _px(attributes["ht"], 4 / 3, DEFAULT_ROW_PX)
        while self._missing and self._missing[-1] < row:
            self.part.row_places[self._missing.pop()] = offset
        if row in self._wanted:
            self._missing.pop()
            style = number(attributes.get("s")) if attributes.get("customFormat") in {"1", "true"} else -1
            self._row = self.part.rows[row] = _Row(row, offset, style)

    def _cell(self, attributes: dict[str, str], offset: int) -> None:
        assert self._row is not None
        place = place_of(attributes["r"]) if "r" in attributes else (self._row_number, self._column + 1)
        if place is None or place[0] != self._row_number or place[1] <= self._column:
            raise NotEditable("cells are not in order")
        self._column = place[1]
        self._row.cells.append((place[1], offset, number(attributes.get("s"))))


def _px(text: str | None, factor: float, default: int) -> int:
    try:
        return min(2000, max(0, round(float(text or "") * factor)))
    except (ValueError, OverflowError):
        return default


def restyle(part: SheetPart, edits: Edits, styles: Mapping[Place, Callable[[int], int]]) -> None:
    """Note in `edits` a new style for each place: what its function makes of the style that it has now.

    A cell that does not stand in the part is put in its row and column, with the style it would have shown.
    """
    data = part.data
    by_row: dict[int, dict[int, Callable[[int], int]]] = {}
    for (row, column), change in styles.items():
        by_row.setdefault(row, {})[column] = change
    prefix = prefix_at(data, part.sheet_data[0])
    missing: dict[int, list[bytes]] = {}
    for row, changes in sorted(by_row.items()):
        if row in part.rows:
            _restyle_row(part, edits, part.rows[row], changes)
        else:
            cells = b"".join(_new_cell(part, prefix, (row, column), -1, changes[column]) for column in sorted(changes))
            content = b'<%brow r="%d">%b</%brow>' % (prefix, row, cells, prefix)
            missing.setdefault(part.row_places[row], []).append(content)
    for offset, rows in missing.items():
        if part.is_empty:
            tag = tag_at(data, part.sheet_data[0])
            edits.replace(part.sheet_data[0], offset, opened(tag, b"".join(rows)))
        else:
            edits.insert(offset, b"".join(rows))


def _restyle_row(part: SheetPart, edits: Edits, row: _Row, changes: Mapping[int, Callable[[int], int]]) -> None:
    data = part.data
    prefix = prefix_at(data, row.start)
    known = {column: (offset, style) for column, offset, style in row.cells}
    behind: dict[int, list[bytes]] = {}
    for column in sorted(changes):
        if column in known:
            offset, style = known[column]
            tag = tag_at(data, offset)
            edits.replace(offset, offset + len(tag), with_attributes(tag, {"s": changes[column](style)}))
            continue
        place = next((offset for other, offset, _ in row.cells if other > column), row.close)
        behind.setdefault(place, []).append(_new_cell(part, prefix, (row.number, column), row.style, changes[column]))
    if behind:
        # the row's hint about its first and last column would be wrong
        old = tag_at(data, row.start)
        tag = with_attributes(old, {"spans": None})
        if tag.endswith(b"/>"):
            tag, behind = opened(tag, b"".join(behind[row.close])), {}
        edits.replace(row.start, row.start + len(old), tag)
    for place, cells_there in behind.items():
        edits.insert(place, b"".join(cells_there))


def _new_cell(part: SheetPart, prefix: bytes, place: Place, row_style: int, change: Callable[[int], int]) -> bytes:
    style = row_style
    if style < 0:
        style = next((known.style for known in part.columns if known.first <= place[1] <= known.last), 0)
    return b'<%bc r="%b" s="%d"/>' % (prefix, address_of(place).encode(), change(style))


def relate_legacy_drawing(part: SheetPart, edits: Edits, relation_base: str, relation: str) -> None:
    """Note in `edits` that the sheet has a VML drawing."""
    at = next(
        (offset for name, offset, _ in part.children if name in BEHIND_LEGACY_DRAWING and offset > part.sheet_data[1]),
        None,
    )
    prefix = prefix_at(part.data, part.sheet_data[0])
    edits.insert(
        part.root_close if at is None else at,
        b'<%blegacyDrawing xmlns:r="%b" r:id="%b"/>' % (prefix, relation_base.encode(), relation.encode()),
    )
