"""Forms whose rows are assigned tasks (BM02)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from etl.findings import Finding
from etl.model import Cell, TaskReport, TaskState, TypedTask, TypedTotal, task_status
from etl.periods import Deadline, parse_date, parse_deadline
from etl.reading.grid import Grid
from etl.reading.layout import Layout, data_rows
from etl.reading.moments import day_of, month_of
from etl.reading.task_counts import typed_counts
from etl.reading.words import is_example, is_group_number, is_note, is_total
from etl.reference import Reference
from etl.vietnamese import parse_number
from etl.workbook import shown_text

_GROUP_OF_UNITS = re.compile(
    r"\b(các|những|toàn thể|tất cả|liên quan)\b|^(ủy ban nhân dân|ubnd|đảng ủy)( các)? (xã|phường|huyện)\b"
)
_PER_CENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")
_ONLY_PARTLY = re.compile(r"\b(một phần|cơ bản|chưa|gần|sắp|dự kiến)\b")


class TaskReader:
    """Reads the tasks of one table; gathers findings in `findings`."""

    def __init__(
        self, grid: Grid, layout: Layout, reference: Reference, sender: str, province: str, as_of: date
    ) -> None:
        self.grid = grid
        self.layout = layout
        self.reference = reference
        self.sender = sender
        self.province = province
        self.as_of = as_of
        self.findings: list[Finding] = []
        self._units: dict[str, str | None] = {}
        self._progress_scale = 1.0
        self._deadlines: dict[str, Deadline] = {}

    def read_rows(self) -> tuple[list[TypedTask], list[TypedTotal], int]:
        """The tasks, the counts of tasks typed above or below them, and the last row of the table."""
        tasks: list[TypedTask] = []
        others = []
        last_row = self.layout.first_row - 1
        rows = data_rows(self.grid, self.layout)
        self._progress_scale = self._find_progress_scale(rows)
        for row in rows:
            last_row = row
            if tasks and self._continues(row):
                tasks[-1] = self._with_more(tasks[-1], row)
            elif self._is_task(row):
                tasks.append(self._task(row))
            else:
                others.append(row)
        return tasks, typed_counts(self.grid, others, [task.report for task in tasks]), last_row

    def _continues(self, row: int) -> bool:
        """Whether the task above is merged over this row too: by its code, or without one by its number."""
        name = "task" if self._words(row, "task") else "number"
        return name in self.layout.columns and self.grid.is_continued(row, self.layout.columns[name])

    def _with_more(self, task: TypedTask, row: int) -> TypedTask:
        """Further lines of a task's texts."""
        report = task.report
        return replace(
            task,
            report=replace(
                report,
                title=self._longer(report.title, row, "title"),
                result=self._longer(report.result, row, "result"),
                obstacle=self._longer(report.obstacle, row, "obstacle"),
                proposal=self._longer(report.proposal, row, "proposal"),
            ),
        )

    def _longer(self, text: str, row: int, name: str) -> str:
        return f"{text}\n{self.grid.own_text(row, self.layout.columns.get(name, 0))}".strip()

    def _is_task(self, row: int) -> bool:
        title, code, number = self._text(row, "title"), self._words(row, "task"), self._words(row, "number")
        words = [text for text in (number, code, title) if text]
        if any(is_note(text) for text in words) or not (title or code):
            return False
        if any(is_example(text) for text in words):
            self._found("row.example", row, "title", title)
            return False
        if any(is_total(text) for text in (number, title) if text) and not code:
            return False
        filled = [
            name for name in ("assigned_in", "lead", "due", "state", "progress", "result") if self._words(row, name)
        ]
        if code or filled:
            return True
        return bool(number) and not is_group_number(number)

    def _task(self, row: int) -> TypedTask:
        due_text = self._due_text(row)
        due = self._deadline(row, due_text)
        state_text = self._text(row, "state")
        state, claimed = self._state(row, state_text, due)
        completed_on = self._completed_on(row)
        lead_text = self._text(row, "lead")
        title = self._text(row, "title")
        code = self._words(row, "task")
        place = self._address(row, "task") if code else self._address(row, "title")
        shown_cell = self.grid.cell(row, self.layout.columns.get("task" if code else "title", 0))
        report = TaskReport(
            task=code,
            title=title,
            assigned_in=self._text(row, "assigned_in"),
            lead=self._lead(row, lead_text),
            lead_text=lead_text,
            coordinating=self._coordinating(row),
            coordinating_text=self._text(row, "coordinating"),
            due_on=due.due_on,
            due_precision=due.precision,
            due_text=due_text,
            state=state,
            state_text=state_text,
            status=task_status(state, due.due_on, completed_on, self.as_of),
            completed_on=completed_on,
            progress_pct=self._progress(row),
            result=self._text(row, "result"),
            obstacle=self._text(row, "obstacle"),
            proposal=self._text(row, "proposal"),
            sheet=self.grid.sheet.name,
            cell=place,
            shown=shown_text(shown_cell) if shown_cell else "",
        )
        return TypedTask(report, claimed, self._address(row, "state"), self._address(row, "completed_on"))

    def _due_text(self, row: int) -> str:
        cell = self._cell(row, "due")
        if cell is None or cell.value is None:
            return ""
        return self._text(row, "due") or shown_text(cell)

    def _deadline(self, row: int, text: str) -> Deadline:
        cell = self._cell(row, "due")
        if month := month_of(cell):
            return parse_deadline(f"{month[0]}/{month[1]}")
        day = day_of(cell)
        if day is not None:
            return Deadline(day, "day")
        if text not in self._deadlines:
            self._deadlines[text] = parse_deadline(text, default_year=self.as_of.year)
        due = self._deadlines[text]
        if text and due.precision == "none":
            self._found("task.due_unreadable", row, "due", text)
        return due

    def _state(self, row: int, text: str, due: Deadline) -> tuple[TaskState, str]:
        """The state, and the status key the sender's word claims where it speaks of time."""
        status = self.layout.words.states.find(text)
        if status is None:
            state = self._likely_state(row, text, due)
            code = "task.state_unknown" if text else "task.state_missing"
            self._found(code, row, "state", text, _STATE_WORDS[state])
            return state, ""
        state = next(state for state in TaskState if status.startswith(state))
        if due.precision == "recurring" and state is TaskState.IN_PROGRESS:
            state = TaskState.RECURRING
        return state, status if status != state and not status.endswith("_khong_han") else ""

    def _likely_state(self, row: int, text: str, due: Deadline) -> TaskState:
        """From progress and finish date, else from the words that the text begins with (`Hoàn thành (100%)`)."""
        if due.precision == "recurring":
            return TaskState.RECURRING
        typed = _PER_CENT.search(text)
        progress = self._progress(row, is_told=True)
        if progress is None and typed:
            progress = float(typed[1].replace(",", "."))
        done = self._cell(row, "completed_on")
        if (progress or 0) >= 100 or (done is not None and done.value is not None):
            return TaskState.DONE
        if progress:
            return TaskState.IN_PROGRESS
        begins = self.layout.words.states.find_beginning(text)
        if begins is None or (begins.startswith(TaskState.DONE) and _ONLY_PARTLY.search(text.casefold())):
            return TaskState.IN_PROGRESS if begins else TaskState.NOT_STARTED
        return next(state for state in TaskState if begins.startswith(state))

    def _completed_on(self, row: int) -> date | None:
        cell = self._cell(row, "completed_on")
        day = day_of(cell)
        if day is not None or cell is None:
            return day
        text = self._text(row, "completed_on")
        if not text or text in {"-", "–"}:
            return None
        day = parse_date(text, default_year=self.as_of.year)
        if day is None:
            self._found("task.completed_unreadable", row, "completed_on", text)
        return day

    def _progress(self, row: int, *, is_told: bool = False) -> float | None:
        """Per cent; what is no number from 0 to 100 is told once and left out."""
        cell = self._cell(row, "progress")
        if cell is None or (cell.value is None and not cell.formula):
            return None
        value, is_plain = (None, True) if _says_nothing(cell) else self._plain_progress(cell)
        if value is None and not is_plain:
            return None
        if value is not None and is_plain and value <= 1:
            value = round(value * self._progress_scale, 6)
        if value is None or not 0 <= value <= 100:
            if not is_told:
                self._found("task.progress_unreadable", row, "progress", shown_text(cell))
            return None
        return value

    def _plain_progress(self, cell: Cell) -> tuple[float | None, bool]:
        """The number typed and whether it stands without %; (None, False) where a word says that there is none."""
        if isinstance(cell.value, int | float):
            is_percent = "%" in cell.number_format
            return (round(cell.value * 100, 6) if is_percent else float(cell.value)), not is_percent
        number = parse_number(self.grid.text(cell.row, cell.column)) if isinstance(cell.value, str) else None
        if number is None:
            return None, True
        if number.status != "reported":
            return None, False
        if number.numerator is not None and number.denominator:
            return round(100 * number.numerator / number.denominator, 6), False
        return number.value, not number.percent

    def _find_progress_scale(self, rows: list[int]) -> float:
        """100 where all progress was typed as fractions (0,4 for 40 %); among per cents a fraction is doubtful."""
        cells = [cell for row in rows if (cell := self._cell(row, "progress")) and cell.value is not None]
        read = [(cell, *self._plain_progress(cell)) for cell in cells if not isinstance(cell.value, bool)]
        plain = [(cell, value) for cell, value, is_plain in read if is_plain and value is not None]
        fractions = [cell for cell, value in plain if 0 < value < 1]
        scale = 100.0 if fractions and all(0 <= value <= 1 for _, value in plain) else 1.0
        for cell, value in plain:
            if cell in fractions or (scale == 100 and value == 1):
                words = f"{value * scale:g}".replace(".", ",")
                self.findings.append(
                    Finding("cell.percent_scale", self.grid.sheet.name, cell.address, shown_text(cell), words)
                )
        return scale

    def _lead(self, row: int, text: str) -> str:
        if not text:
            return self.sender
        lead = self._unit(text)
        if lead is None:
            self._found("task.lead_not_single", row, "lead", text)
        return lead or ""

    def _coordinating(self, row: int) -> tuple[str, ...]:
        units: list[str] = []
        for piece in re.split(r"[;\n]+", self._text(row, "coordinating")):
            unknown = []
            for part in self._split_units(piece):
                unit = self._unit(part)
                if unit and unit not in units:
                    units.append(unit)
                elif not unit:
                    unknown.append(part)
            # "các sở, ban, ngành": the words after the comma are part of the group, not units that are missing
            if unknown and not any(_GROUP_OF_UNITS.search(part.casefold()) for part in unknown):
                self._found("task.coordinating_unknown", row, "coordinating", ", ".join(unknown))
        return tuple(units)

    def _split_units(self, piece: str) -> list[str]:
        """Names parted by commas; one inside a unit's own name (Sở Văn hóa, Thể thao và Du lịch) does not part it."""
        parts: list[str] = []
        words = [word.strip() for word in piece.split(",") if word.strip()]
        while words:
            for length in range(len(words), 0, -1):
                name = ", ".join(words[:length])
                if length == 1 or self._unit(name):
                    parts.append(name)
                    words = words[length:]
                    break
        return parts

    def _unit(self, text: str) -> str | None:
        if text not in self._units:
            self._units[text] = self.reference.find_org_unit(text, self.province, self.as_of).org_unit
        return self._units[text]

    def _cell(self, row: int, name: str) -> Cell | None:
        column = self.layout.columns.get(name)
        return self.grid.cell(row, column) if column else None

    def _text(self, row: int, name: str) -> str:
        column = self.layout.columns.get(name)
        return self.grid.text(row, column) if column else ""

    def _words(self, row: int, name: str) -> str:
        column = self.layout.columns.get(name)
        return self.grid.words(row, column) if column else ""

    def _address(self, row: int, name: str) -> str:
        cell = self._cell(row, name)
        return cell.address if cell else Cell(row, self.layout.columns.get(name, 1), None).address

    def _found(self, code: str, row: int, name: str, shown: str, expected: str = "") -> None:
        self.findings.append(Finding(code, self.grid.sheet.name, self._address(row, name), shown, expected))


_STATE_WORDS = {
    TaskState.NOT_STARTED: "chưa thực hiện",
    TaskState.IN_PROGRESS: "đang thực hiện",
    TaskState.DONE: "đã hoàn thành",
    TaskState.RECURRING: "thường xuyên",
}


def _says_nothing(cell: Cell) -> bool:
    """A flag, or a formula that was never calculated."""
    return isinstance(cell.value, bool) or cell.value in (None, "")
