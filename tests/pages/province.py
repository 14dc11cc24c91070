"""A made-up half of a province for the pages: real reference data, receipts by rule, and a warehouse built from them.

What stands in it is known without asking the marts: see the constants.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from etl.archive import Archive, submission_id
from etl.build import build
from etl.findings import Finding
from etl.model import (
    Arrival,
    Observation,
    Outcome,
    Qualifier,
    Receipt,
    Status,
    Submission,
    TaskReport,
    TaskState,
    task_status,
)
from etl.reference import Reference, copy_reference, load_reference
from etl.settings import REPOSITORY, Settings

DAY = date(2026, 8, 15)  # the third quarter is running and not due
QUARTERS = {
    "2025-Q3": date(2025, 9, 14),
    "2025-Q4": date(2025, 12, 14),
    "2026-Q1": date(2026, 3, 14),
    "2026-Q2": date(2026, 6, 14),
}
INDICATORS = ("VB01", "VB03", "DVC02", "DVC04", "DVC05", "DVC09", "DVC12", "XH01")
LEADS = ("38.VPUB", "38.KHCN", "38.NV", "38.TC", "38.TP", "38.CA")
TASKS, DONE, RECURRING, NOT_STARTED = 81, 3, 3, 3  # the rest is in progress, as in the meeting of June 2025
SILENT = 1  # the place among the communes of the one that sent nothing for the last quarter
EMPTY, NOT_APPLICABLE, NO_ACTIVITY, ZERO = "VB03", "DVC09", "DVC05", "DVC04"  # of the first commune, last quarter


def fill(settings: Settings, communes: int = 12, channel: str = "demo") -> Reference:
    """Archive and published warehouse for a number of communes of province 38 and six departments."""
    reference = _reference(settings)
    archive = Archive(settings.archive)
    for receipt, data in [
        *_indicator_reports(reference, communes, channel),
        *_task_reports(channel),
        _refused(channel),
    ]:
        archive.keep_file(data)
        archive.record(receipt)
    build(settings, reference, day=DAY)
    return reference


def fill_empty(settings: Settings) -> None:
    """A published warehouse in which nothing has been received."""
    build(settings, _reference(settings), day=DAY)


def _reference(settings: Settings) -> Reference:
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    return load_reference(settings.reference)


def communes_of(reference: Reference, count: int) -> list[str]:
    """The first communes of the province by code."""
    return sorted(
        code for code, unit in reference.org_units.items() if unit.kind in {"xa", "phuong"} and unit.parent == "38"
    )[:count]


def _receipt(
    content: Submission, received_at: datetime, name: str, channel: str, outcome: Outcome = Outcome.ACCEPTED
) -> tuple[Receipt, bytes]:
    import hashlib

    data = f"{name} {content.org_unit} {content.period} {received_at}".encode()
    file = hashlib.sha256(data).hexdigest()
    arrival = Arrival(file, name, received_at, "van-thu@example.vn", channel, True)
    return Receipt(submission_id(received_at, file, 1), arrival, outcome, content, "1", "made"), data


def _indicator_reports(reference: Reference, communes: int, channel: str) -> Iterator[tuple[Receipt, bytes]]:
    chance = random.Random(38)
    units = communes_of(reference, communes)
    for number, (period, as_of) in enumerate(QUARTERS.items()):
        for place, unit in enumerate(units):
            if period == "2026-Q2" and (place == SILENT or place % 40 == 39):
                continue
            level = 0.25 + 0.6 * chance.random() + 0.05 * number
            rows = [_observation(code, unit, level, 12 + row, chance) for row, code in enumerate(INDICATORS)]
            if period == "2026-Q2" and place == 0:
                rows = [_without_figure(row) for row in rows]
            if place % 17 == 5:
                rows[1] = _without_figure(replace(rows[1], indicator=EMPTY))
            yield _of(reference, unit, period, as_of, rows, channel, place)
    for month in ("2025-02", "2025-05", "2025-08", "2025-11", "2026-02", "2026-04", "2026-05", "2026-06"):
        year, number = int(month[:4]), int(month[5:])
        for place, unit in enumerate(LEADS):
            level = 0.5 + 0.4 * chance.random()
            rows = [_observation(code, unit, level, 12 + row, chance) for row, code in enumerate(("VB01", "VB03"))]
            yield _of(reference, unit, month, date(year, number, 14), rows, channel, place)


def _of(
    reference: Reference, unit: str, period: str, as_of: date, rows: list[Observation], channel: str, place: int
) -> tuple[Receipt, bytes]:
    received_at = datetime(as_of.year, as_of.month, as_of.day, 2, place % 60, place // 60, tzinfo=UTC) + timedelta(
        days=1
    )
    name = f"{reference.org_units[unit].name} {period}.xlsx"
    findings = (Finding("rule.percentage_differs", "Biểu 01", "G12", "97", "96,5"),) if place % 9 == 4 else ()
    content = Submission("bm01_indicators", unit, period, as_of, "Biểu 01", tuple(rows), findings=findings)
    return _receipt(content, received_at, name, channel)


def _observation(code: str, unit: str, level: float, row: int, chance: random.Random) -> Observation:
    if code == "DVC12":
        value = round(100 * level, 1)
        return Observation(
            code, unit, value, None, value, None, Qualifier.EXACT, Status.REPORTED, "Biểu 01", f"E{row}", str(value)
        )
    denominator = float(chance.randint(40, 1400))
    share = 1 - level if code == "DVC05" else min(1.0, level * (0.8 + 0.5 * chance.random()))
    numerator = float(round(denominator * share))
    shown = f"{numerator:g}"
    return Observation(
        code, unit, numerator, denominator, 100 * numerator / denominator, None, Qualifier.EXACT, Status.REPORTED,
        "Biểu 01", f"E{row}", shown,
    )  # fmt: skip


def _without_figure(row: Observation) -> Observation:
    """The answers that are no figure, and a real zero, on one unit side by side."""
    nothing = replace(row, numerator=None, denominator=None, value=None)
    if row.indicator == EMPTY:
        return replace(nothing, status=Status.NOT_REPORTED, shown="")
    if row.indicator == NOT_APPLICABLE:
        return replace(nothing, status=Status.NOT_APPLICABLE, shown="x")
    if row.indicator == NO_ACTIVITY:
        return replace(nothing, status=Status.NO_ACTIVITY, shown="-")
    if row.indicator == ZERO:
        return replace(row, numerator=0.0, value=0.0, shown="0")
    return row


def _task_reports(channel: str) -> Iterator[tuple[Receipt, bytes]]:
    """One office lists the tasks of many leads, as standing offices do."""
    as_of = date(2026, 6, 24)
    rows = tuple(_task(number, as_of) for number in range(1, TASKS + 1))
    content = Submission("bm02_tasks", "38.VPUB", "2026-W26", as_of, "Biểu 02", (), rows)
    yield _receipt(content, datetime(2026, 6, 26, 8, tzinfo=UTC), "BM02 Tuần 26.xlsx", channel)


def _task(number: int, as_of: date) -> TaskReport:
    state = TaskState.IN_PROGRESS
    if number <= DONE:
        state = TaskState.DONE
    elif number <= DONE + RECURRING:
        state = TaskState.RECURRING
    elif number <= DONE + RECURRING + NOT_STARTED:
        state = TaskState.NOT_STARTED
    due_on = None if state is TaskState.RECURRING else date(2026, 6, 30) if number % 10 == 1 else date(2026, 12, 31)
    completed_on = date(2026, 6, 1) if state is TaskState.DONE else None
    return TaskReport(
        task=f"NV-{number:02d}",
        title=f"Hoàn thành cơ sở dữ liệu chuyên ngành số {number} và kết nối với kho dữ liệu dùng chung của tỉnh",
        assigned_in="Chương trình công tác năm 2026",
        lead=LEADS[number % len(LEADS)],
        lead_text=LEADS[number % len(LEADS)],
        coordinating=(),
        coordinating_text="Các sở, ban, ngành liên quan",
        due_on=due_on,
        due_precision="recurring" if due_on is None else "quarter",
        due_text="Thường xuyên" if due_on is None else f"Quý {'II' if due_on.month == 6 else 'IV'}/2026",
        state=state,
        state_text="",
        status=task_status(state, due_on, completed_on, as_of),
        completed_on=completed_on,
        progress_pct=100.0 if state is TaskState.DONE else 40.0,
        result="Đã trình dự thảo lần 2",
        obstacle="",
        proposal="",
        sheet="Biểu 02",
        cell=f"B{12 + number}",
        shown=f"NV-{number:02d}",
    )


def _refused(channel: str) -> tuple[Receipt, bytes]:
    findings = (Finding("org_unit.unknown", "Biểu 01", "C5", "UBND xã Không Có", ""),)
    content = Submission("bm01_indicators", "", "2026-Q2", None, "Biểu 01", findings=findings)
    return _receipt(content, datetime(2026, 6, 20, 3, tzinfo=UTC), "Biểu 01 xã lạ.xlsx", channel, Outcome.REJECTED)


def settings_at(live: Path) -> Settings:
    return Settings(live=live)
