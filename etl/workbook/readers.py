"""The reading child: `python -m etl.workbook.readers MEMORY_MB CPU_SECONDS`, frames on stdin and stdout.

Everything that parses strangers' bytes is imported and run here only, under limits set before the first file.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import sys
import traceback

from etl.errors import Refused
from etl.findings import Finding
from etl.model import Sheet, Workbook
from etl.workbook import frames, guard

MAX_STDERR = 2**20
NICENESS = 10  # a flood of files must not slow the viewers


def main() -> None:
    """Serve until stdin ends."""
    memory_mb, cpu_seconds = int(sys.argv[1]), int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a parser that prints must not speak into the frames
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_STDERR, MAX_STDERR))
    sys.modules["numpy"] = None  # type: ignore[assignment] # openpyxl would load it if it is there; nothing here needs it
    from etl.workbook import ooxml, second  # noqa: F401 - warm before the first file

    gc.freeze()
    frames.send(answers, b"ready")
    while header := frames.receive(sys.stdin.buffer):
        data = frames.receive(sys.stdin.buffer)
        _allow_cpu(cpu_seconds)
        asked = json.loads(header)
        frames.send(answers, _answer(data, asked["name"], asked["max_bytes"]))


def _allow_cpu(seconds: int) -> None:
    """The limit counts from the start of the process: what was used so far, and `seconds` more for this file."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = math.ceil(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(data: bytes, file_name: str, max_bytes: int) -> bytes:
    try:
        return frames.encode(read(data, file_name, max_bytes))
    except Refused as refused:
        if refused.__cause__ is not None:
            traceback.print_exception(refused.__cause__, limit=-4)
        return frames.encode_refusal(refused.finding)
    except MemoryError:
        return frames.encode_refusal(Finding("file.reader_died", expected="cần quá nhiều bộ nhớ"))


def read(data: bytes, file_name: str, max_bytes: int) -> Workbook:
    """Examine and parse one file in this very process. Raises Refused."""
    examined = guard.examine(data, file_name, max_bytes)
    try:
        sheets, findings = _parse(examined)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # whatever a parser raises over a damaged file: the file cannot be read
        guard.refuse("file.unreadable", "cấu trúc bảng tính bị hỏng", cause=error)
    if not any(_is_filled(sheet) for sheet in sheets):
        guard.refuse("file.empty", "")
    if examined.macros:
        findings.append(Finding("file.macros"))
    if examined.external_links:
        findings.append(Finding("file.external_links"))
    return Workbook(examined.kind, tuple(sheets), tuple(findings))


def _parse(examined: guard.Examined) -> tuple[list[Sheet], list[Finding]]:
    """The sheets and where two readers disagree; parsers of rarer kinds are imported when first needed."""
    from etl.workbook import plain, second

    if examined.kind == "csv":
        return plain.read_csv(examined), []
    if examined.kind == "html":
        return plain.read_html(examined), []
    if examined.kind == "xlsb":
        return second.read_xlsb(examined), []
    if examined.kind == "xls":
        from etl.workbook import biff

        sheets = biff.read(examined)
    elif examined.kind == "ods":
        from etl.workbook import opendocument

        sheets = opendocument.read(examined)
    else:
        from etl.workbook import ooxml

        sheets = ooxml.read(examined)
    return sheets, second.disagreements(examined, sheets)


def _is_filled(sheet: Sheet) -> bool:
    return any(cell.formula or str(cell.value).strip() for cell in sheet.cells.values())


if __name__ == "__main__":
    main()
