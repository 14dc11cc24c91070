"""Counts of tasks typed beside a table of tasks (`Tổng số: 81; hoàn thành: 3 …`), with what its rows add up to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from etl.model import Cell, TaskReport, TaskState, TypedTotal
from etl.reading.grid import Grid
from etl.vietnamese import plain_key
from etl.workbook import shown_text

# Longest first: `hoàn thành quá hạn` is no `hoàn thành`.
_WORDS = {
    r"(?:da )?hoan thanh (?:dung|trong|truoc) (?:han|tien do)": ("da_hoan_thanh_dung_han",),
    r"(?:da )?hoan thanh (?:qua han|tre han|cham|cham tien do)": ("da_hoan_thanh_qua_han",),
    r"dang (?:thuc hien|trien khai),? \(?(?:dung|trong) han\)?": ("dang_thuc_hien_dung_han",),
    r"dang (?:thuc hien|trien khai),? \(?(?:qua|tre) han\)?": ("dang_thuc_hien_qua_han",),
    r"chua (?:thuc hien|trien khai),? \(?(?:dung|trong|den) han\)?": ("chua_thuc_hien_dung_han",),
    r"chua (?:thuc hien|trien khai),? \(?(?:qua|tre) han\)?": ("chua_thuc_hien_qua_han",),
    r"tong(?: so| cong)?(?: nhiem vu)?(?: duoc giao)?|cong": ("",),
    r"(?<!chua )(?:da )?hoan thanh": ("da_hoan_thanh",),
    r"dang (?:thuc hien|trien khai)": ("dang_thuc_hien", "dang_thuc_hien+thuong_xuyen"),
    r"chua (?:thuc hien|trien khai|bat dau)": ("chua_thuc_hien",),
    r"thuong xuyen": ("thuong_xuyen",),
}
_PATTERNS = [
    (re.compile(rf"(?<![^\W\d_])(?:{words})\b(?P<rest>[^\d;,]{{0,25}})"), meant) for words, meant in _WORDS.items()
]
_COUNT = re.compile(r"(\d{1,5})(?![\d.,]*%|[/.]\d|,\d)")
_FARTHEST_COLUMN = 4


def typed_counts(grid: Grid, rows: Iterable[int], tasks: list[TaskReport]) -> list[TypedTotal]:
    """The counts in `rows` (those that hold no task); in progress may or may not contain the recurring ones."""
    if not tasks:
        return []
    totals = []
    for row in rows:
        for cell, shown, meant, count in _counts_in(grid, row):
            sums = [_counted(meaning, tasks) for meaning in meant]
            totals.append(TypedTotal(cell, shown, count, count if count in sums else sums[0]))
    return totals


def _counts_in(grid: Grid, row: int) -> Iterator[tuple[str, str, tuple[str, ...], float]]:
    """(cell, text shown, status keys, count) of every count in a row."""
    for column in grid.columns(row):
        text = grid.own_text(row, column)
        if not text:
            continue
        rest = plain_key(text)
        address = Cell(row, column, None).address
        found = False
        for pattern, meant in _PATTERNS:
            for match in list(pattern.finditer(rest)):
                count = _COUNT.match(rest, match.end())
                if count:
                    found = True
                    yield address, text, meant, float(count[1])
            rest = pattern.sub(lambda match: "·" * len(match[0]), rest)
        if not found and (beside := _beside(grid, row, column, text)):
            yield beside


def _beside(grid: Grid, row: int, column: int, text: str) -> tuple[str, str, tuple[str, ...], float] | None:
    """A count in a cell of its own, right of its words."""
    folded = plain_key(text).rstrip(" :")
    meant = next((meant for pattern, meant in _PATTERNS if pattern.fullmatch(folded)), None)
    right = next((other for other in grid.columns(row) if other > column), None)
    cell = grid.cell(row, right) if right and right - column <= _FARTHEST_COLUMN else None
    if meant is None or cell is None or isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return None
    if not float(cell.value).is_integer() or "%" in cell.number_format:
        return None
    return cell.address, shown_text(cell), meant, float(cell.value)


def _counted(meaning: str, tasks: list[TaskReport]) -> float:
    kinds = tuple(meaning.split("+"))
    if kinds == (str(TaskState.RECURRING),):
        return float(sum(task.status == kinds[0] for task in tasks))
    return float(sum(task.status.startswith(kinds) for task in tasks))
