"""Receipts made up from a seed, as the readers would give them: for tests and figures of the archive and the build."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from etl.archive import submission_id
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

RECEIVED = datetime(2026, 4, 14, 3, 0, 0, 123456, tzinfo=UTC)


def observation(indicator: str, org_unit: str, numerator: float = 3, denominator: float = 81) -> Observation:
    """A ratio that was reported in full."""
    return Observation(
        indicator=indicator,
        org_unit=org_unit,
        numerator=numerator,
        denominator=denominator,
        value=round(100 * numerator / denominator, 6),
        value_to=None,
        qualifier=Qualifier.EXACT,
        status=Status.REPORTED,
        sheet="Biểu 01",
        cell="E14",
        shown=f"{numerator:g}",
        note="Ghi chú “có dấu”",
    )


def task(code: str, lead: str, state: TaskState = TaskState.IN_PROGRESS, as_of: date = date(2026, 3, 31)) -> TaskReport:
    """A task due at the end of June 2026."""
    due_on = date(2026, 6, 30)
    return TaskReport(
        task=code,
        title=f"Nhiệm vụ {code}",
        assigned_in="KH 01/KH-UBND",
        lead=lead,
        lead_text="Sở Khoa học và Công nghệ",
        coordinating=(),
        coordinating_text="",
        due_on=due_on,
        due_precision="quarter",
        due_text="Quý II/2026",
        state=state,
        state_text="Đang thực hiện",
        status=task_status(state, due_on, None, as_of),
        completed_on=None,
        progress_pct=40.0,
        result="",
        obstacle="",
        proposal="",
        sheet="Biểu 02",
        cell="B13",
        shown=code,
    )


def receipt(
    content: Submission,
    *,
    received_at: datetime = RECEIVED,
    file: str = "ab" * 32,
    n: int = 1,
    outcome: Outcome = Outcome.ACCEPTED,
    findings: tuple[Finding, ...] = (),
    file_name: str = "Biểu 01 Quý I.xlsx",
) -> Receipt:
    """A receipt for `content`, whose id follows from time, file and number."""
    arrival = Arrival(file=file, file_name=file_name, received_at=received_at, sender="a@x.vn", channel="cli")
    return Receipt(
        submission=submission_id(received_at, file, n),
        arrival=arrival,
        outcome=outcome,
        content=content,
        reader="1",
        reference="ref",
        findings=findings,
    )


def receipts(
    count: int,
    *,
    org_units: Sequence[str],
    indicators: Sequence[str],
    periods: Sequence[tuple[str, date]],
    rows: int = 20,
    seed: int = 1,
) -> Iterator[Receipt]:
    """`count` accepted submissions of form BM01 with `rows` observations each: units in turn within periods in turn.

    `periods` are (period, last day); a submission comes ten days later. After the last period it starts over, as
    corrections do.
    """
    chance = random.Random(seed)
    for number in range(count):
        period, end_on = periods[number // len(org_units) % len(periods)]
        unit = org_units[number % len(org_units)]
        observations = []
        for position in range(rows):
            denominator = chance.randint(1, 500)
            row = observation(
                indicators[position % len(indicators)], unit, chance.randint(0, denominator), float(denominator)
            )
            observations.append(replace(row, cell=f"E{14 + position}"))
        received_at = datetime(end_on.year, end_on.month, end_on.day, 2, tzinfo=UTC) + timedelta(
            days=10, milliseconds=number
        )
        yield receipt(
            Submission("bm01_indicators", unit, period, end_on, "Biểu 01", tuple(observations)),
            received_at=received_at,
            file=f"{chance.getrandbits(256):064x}",
        )
