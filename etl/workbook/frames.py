"""The words between the parent and a reading child: length-prefixed frames of JSON, never pickle.

The child opens what strangers sent, so nothing it answers is trusted: `decode` builds the workbook field by field.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, BinaryIO

from etl.findings import WORDING, Finding
from etl.model import Cell, CellValue, Sheet, Workbook

MAX_FRAME = 256 * 2**20
FORMULA, ERROR, DATE, DATETIME, TIME = 1, 2, 4, 8, 16


class FrameError(Exception):
    """The other side stopped in the middle of a frame or said something that is none."""


def send(stream: BinaryIO, content: bytes) -> None:
    stream.write(struct.pack(">I", len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: BinaryIO) -> bytes:
    """The next frame; empty at the end of the stream. Raises FrameError."""
    head = stream.read(4)
    if not head:
        return b""
    if len(head) < 4:
        raise FrameError("short head")
    (length,) = struct.unpack(">I", head)
    if length > MAX_FRAME:
        raise FrameError("frame too long")
    content = stream.read(length)
    if len(content) < length:
        raise FrameError("short frame")
    return content


def encode(workbook: Workbook) -> bytes:
    """A workbook as JSON bytes."""
    sheets = [_sheet_out(sheet) for sheet in workbook.sheets]
    return _dumps({"kind": workbook.kind, "sheets": sheets, "findings": _findings_out(workbook.findings)})


def encode_refusal(finding: Finding) -> bytes:
    """Why a file is not read, as JSON bytes."""
    return _dumps({"refused": _findings_out([finding])})


def decode(content: bytes) -> Workbook | Finding:
    """What a child answered. Raises FrameError if that is not of the agreed shape."""
    try:
        answer = json.loads(content)
        if "refused" in answer:
            return _findings_in(answer["refused"])[0]
        sheets = tuple(_sheet_in(sheet) for sheet in answer["sheets"])
        return Workbook(_text(answer["kind"]), sheets, _findings_in(answer["findings"]))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise FrameError(f"{type(error).__name__}: {error}"[:200]) from error


def _dumps(content: dict[str, Any]) -> bytes:
    # lone surrogates of a damaged text must not stop the answer
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def _findings_out(findings: Iterable[Finding]) -> list[list[str]]:
    return [[f.code, f.sheet, f.cell, f.shown, f.expected] for f in findings]


def _findings_in(rows: list[list[str]]) -> tuple[Finding, ...]:
    findings = tuple(Finding(*(_text(word) for word in row)) for row in rows)
    if any(finding.code not in WORDING for finding in findings):
        raise ValueError("unknown finding")
    return findings


def _sheet_out(sheet: Sheet) -> dict[str, Any]:
    looks: dict[tuple[str, str], int] = {}
    cells = []
    for cell in sheet.cells.values():
        look = looks.setdefault((cell.number_format, cell.font), len(looks))
        flags, value = _value_out(cell.value)
        flags |= FORMULA * cell.formula | ERROR * cell.error
        cells.append([cell.row, cell.column, look, flags, value])
    return {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "hidden_rows": sorted(sheet.hidden_rows),
        "merges": sheet.merges,
        "looks": list(looks),
        "cells": cells,
    }


def _sheet_in(sheet: dict[str, Any]) -> Sheet:
    looks = [(_text(number_format), _text(font)) for number_format, font in sheet["looks"]]
    cells = {}
    for row, column, look, flags, value in sheet["cells"]:
        number_format, font = looks[look]
        cells[(row, column)] = Cell(
            _whole(row),
            _whole(column),
            _value_in(flags, value),
            number_format,
            font,
            bool(flags & FORMULA),
            bool(flags & ERROR),
        )
    merges = tuple((_whole(a), _whole(b), _whole(c), _whole(d)) for a, b, c, d in sheet["merges"])
    rows = frozenset(_whole(row) for row in sheet["hidden_rows"])
    return Sheet(_text(sheet["name"]), cells, merges, bool(sheet["hidden"]), rows)


def _value_out(value: CellValue) -> tuple[int, str | int | float | bool | None]:
    if isinstance(value, datetime):
        return DATETIME, value.isoformat()
    if isinstance(value, date):
        return DATE, value.isoformat()
    if isinstance(value, time):
        return TIME, value.isoformat()
    return 0, value


def _value_in(flags: int, value: Any) -> CellValue:
    if flags & DATETIME:
        return datetime.fromisoformat(value)
    if flags & DATE:
        return date.fromisoformat(value)
    if flags & TIME:
        return time.fromisoformat(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError("unknown kind of value")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text expected")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("row or column expected")
    return value
