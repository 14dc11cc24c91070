"""Knowing a marked copy again: the mark on its sheet of findings, and whether the sender changed anything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from hashlib import sha256

from etl.findings import Finding
from etl.model import Cell, Sheet, Workbook

TITLE = "TRẢ LẠI – CẦN SỬA"
MARK = "Mã nhận dạng bản đánh dấu"
NO_FINGERPRINT = "-"
PATTERN = re.compile(rf"\s*{MARK}:\s*(\S+)\s*/\s*([0-9a-f]{{32}}|{NO_FINGERPRINT})\s*")
LOOK_AT_ROWS = 20


def mark_text(submission: str, fingerprint: str) -> str:
    """The words that stand on the sheet of findings."""
    return f"{MARK}: {submission or NO_FINGERPRINT} / {fingerprint or NO_FINGERPRINT}"


def is_marked_copy(workbook: Workbook) -> bool:
    """Whether the workbook holds a sheet of findings that this system wrote."""
    return any(_mark(sheet) for sheet in workbook.sheets)


def marked_origin(workbook: Workbook) -> str | None:
    """The id of the submission that the copy was made of; None if it is no marked copy."""
    return next((mark[0] for sheet in workbook.sheets if (mark := _mark(sheet))), None)


def without_marks(workbook: Workbook) -> Workbook:
    """The workbook without its sheets of findings: what the sender sends."""
    dropped = {sheet.name for sheet in workbook.sheets if _mark(sheet)}
    if not dropped:
        return workbook
    sheets = tuple(sheet for sheet in workbook.sheets if sheet.name not in dropped)
    return replace(
        workbook,
        sheets=sheets,
        findings=tuple(finding for finding in workbook.findings if finding.sheet not in dropped),
    )


def is_unchanged_marked_copy(workbook: Workbook) -> bool:
    """Whether this is a marked copy in which every cell still says what it said when it was marked."""
    marks = {mark[1] for sheet in workbook.sheets if (mark := _mark(sheet))}
    return bool(marks) and fingerprint(without_marks(workbook)) in marks


def unchanged_finding(workbook: Workbook) -> Finding | None:
    """The finding that sends an unchanged marked copy back."""
    if not is_unchanged_marked_copy(workbook):
        return None
    return Finding("submission.marked_copy", expected=marked_origin(workbook) or "")


def fingerprint(workbook: Workbook) -> str:
    """32 hex digits over what a sender may have mended: sheet names, hidden or not, and values by cell.

    Results of formulas count too: mending a formula, or letting Excel calculate it, is a change. Blanks and the last
    digits of numbers do not: a program that opens and saves a file may change those.
    """
    digest = sha256()
    for sheet in workbook.sheets:
        digest.update(f"\x1d{sheet.name}\x1f{sheet.hidden}".encode())
        for place in sorted(sheet.cells):
            content = _content(sheet.cells[place])
            if content:
                digest.update(f"\x1e{place[0]},{place[1]}\x1f{content}".encode("utf-8", "replace"))
    return digest.hexdigest()[:32]


def _content(cell: Cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f"{value:.10g}{'%' if '%' in cell.number_format else ''}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return " ".join(str(value).split())


def _mark(sheet: Sheet) -> tuple[str, str] | None:
    """The submission and the fingerprint of a sheet of findings."""
    title, found = False, None
    for row in range(1, LOOK_AT_ROWS + 1):
        cell = sheet.cells.get((row, 1))
        if cell is not None and isinstance(cell.value, str):
            title = title or cell.value.strip() == TITLE
            match = PATTERN.fullmatch(cell.value)
            found = (match[1], match[2]) if match else found
    return found if title else None
