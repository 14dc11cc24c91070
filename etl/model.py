"""What is handed from room to room: cells, observations, task reports, submissions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from etl.findings import Finding, Severity

CellValue = str | int | float | bool | datetime | date | time | None


class Outcome(StrEnum):
    """What was done with a submission."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


class Status(StrEnum):
    """Whether a figure was given; four answers that are never mixed up."""

    REPORTED = "reported"
    NOT_REPORTED = "not_reported"
    NOT_APPLICABLE = "not_applicable"
    NO_ACTIVITY = "no_activity"


class Qualifier(StrEnum):
    """How exact a value is; `range` has its upper end in `value_to`."""

    EXACT = ""
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    APPROX = "approx"
    RANGE = "range"


class TaskState(StrEnum):
    """How far a task is, before its dates are looked at."""

    NOT_STARTED = "chua_thuc_hien"
    IN_PROGRESS = "dang_thuc_hien"
    DONE = "da_hoan_thanh"
    RECURRING = "thuong_xuyen"


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell: 1-based row and column, its value, and what decides how it reads.

    `formula` is true where a formula stands; `value` is then its stored result, None if never calculated.
    An Excel error (`#REF!`) is a string value with `error` true.
    """

    row: int
    column: int
    value: CellValue
    number_format: str = "General"
    font: str = ""
    formula: bool = False
    error: bool = False

    @property
    def address(self) -> str:
        return f"{column_letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its filled cells by (row, column), its merges as (first row, first column, last row, last column)."""

    name: str
    cells: dict[tuple[int, int], Cell]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Workbook:
    """Any spreadsheet file, read: `kind` is xlsx, xlsm, xls, xlsb, ods, csv or html."""

    kind: str
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """Indicator × org unit × period, as one submission gave it.

    `value` is in the indicator's measure unit (3/81 is 3.703704 %); `sheet`, `cell`, `shown` say where it stood
    and what a person saw there.
    """

    indicator: str
    org_unit: str
    numerator: float | None
    denominator: float | None
    value: float | None
    value_to: float | None
    qualifier: Qualifier
    status: Status
    sheet: str
    cell: str
    shown: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TaskReport:
    """One task as one submission gave it; `status` is its state on the submission's as-of date (contract keys)."""

    task: str
    title: str
    assigned_in: str
    lead: str
    lead_text: str
    coordinating: tuple[str, ...]
    coordinating_text: str
    due_on: date | None
    due_precision: str
    due_text: str
    state: TaskState
    state_text: str
    status: str
    completed_on: date | None
    progress_pct: float | None
    result: str
    obstacle: str
    proposal: str
    sheet: str
    cell: str
    shown: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One form × org unit × period found in a file, as read; empty strings where nothing was found."""

    form: str
    org_unit: str
    period: str
    as_of: date | None
    sheet: str = ""
    observations: tuple[Observation, ...] = ()
    tasks: tuple[TaskReport, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_acceptable(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class TypedFigure:
    """What the sender typed for one observation beside the figure itself; the checks compare the two.

    Cells are addresses, empty where nothing stood; `percentage` is in per cent.
    """

    observation: Observation
    numerator_cell: str = ""
    denominator_cell: str = ""
    denominator_shown: str = ""
    percentage: float | None = None
    percentage_cell: str = ""
    percentage_shown: str = ""


@dataclass(frozen=True, slots=True)
class TypedTotal:
    """A total or subtotal cell of a table: what it says and which rows it stands for (their summed value)."""

    cell: str
    shown: str
    value: float
    rows_sum: float


@dataclass(frozen=True, slots=True)
class TypedTask:
    """One task with the status key that the typed word claims (empty if it claims nothing about time)."""

    report: TaskReport
    claimed_status: str
    state_cell: str
    completed_cell: str


@dataclass(frozen=True, slots=True)
class Table:
    """One form found on one sheet, read: what the checks look at before it becomes a submission."""

    form: str
    org_unit: str
    province: str
    period: str
    as_of: date | None
    sheet: str
    received_on: date
    figures: tuple[TypedFigure, ...] = ()
    totals: tuple[TypedTotal, ...] = ()
    tasks: tuple[TypedTask, ...] = ()
    findings: tuple[Finding, ...] = ()
    first_row: int = 1
    last_row: int = 0
    as_of_cell: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a file came: its hash and name, when it was received, from whom, by which way.

    `account` is who was signed in, `sent_for` the unit that this account is bound to: it may send for that unit and
    those below it alone. Both are empty for what came by another way.
    """

    file: str
    file_name: str
    received_at: datetime
    sender: str = ""
    channel: str = "cli"
    backfilled: bool = False
    account: str = ""
    sent_for: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one submission: what was done with it and why."""

    submission: str
    arrival: Arrival
    outcome: Outcome
    content: Submission
    reader: str = ""
    reference: str = ""
    findings: tuple[Finding, ...] = field(default=())


def task_status(
    state: TaskState, due_on: date | None, completed_on: date | None, as_of: date, day: date | None = None
) -> str:
    """The state of a task with its dates: one of the keys `{state}_{dung_han|qua_han|khong_han}` or `thuong_xuyen`.

    `as_of` is until when the report counts, `day` the day of the view (default: the same). The due day itself is in
    time. A task finished without a finish date is in time if its report is not later than the due day; else its
    punctuality is unknown (`khong_han`).
    """
    day = day or as_of
    if state is TaskState.RECURRING:
        return str(state)
    if due_on is None:
        return f"{state}_khong_han"
    if state is TaskState.DONE:
        if completed_on is None:
            return f"{state}_dung_han" if as_of <= due_on else f"{state}_khong_han"
        return f"{state}_dung_han" if completed_on <= due_on else f"{state}_qua_han"
    return f"{state}_dung_han" if day <= due_on else f"{state}_qua_han"


def column_letters(column: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
