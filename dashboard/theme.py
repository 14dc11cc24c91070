"""Colours, marks and sizes; nothing here knows data or language.

Status is never told by colour alone: every mark has a shape and a word beside it. The three status colours keep apart
for the colour-blind (CIELAB difference of good and bad 78 / 66 / 43 for normal, deuteranope and protanope eyes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GOOD: Final = "#12436D"
WARN: Final = "#F5B82E"
BAD: Final = "#A31D2A"
INK: Final = "#1B2733"
MUTED: Final = "#55606C"  # 6,4:1 on white
FAINT: Final = "#8A94A0"
GRID: Final = "#DDE2E8"
PAPER: Final = "#FFFFFF"
PANEL: Final = "#F3F5F8"
LIGHT: Final = "#E4E8ED"  # what is not reached yet
FOCUS: Final = "#0B5CAD"  # the edge of what has the keyboard; 6,5:1 on white
PLAIN: Final = "#6F8FAF"  # a bar that has no status

FONT: Final = "Source Sans, Source Sans Pro, sans-serif"  # the family Streamlit ships; draws ẮẰẴẶ ỘỖ ưỨ đĐ
SIZE: Final = 13
SIZE_SMALL: Final = 11
ROW: Final = 22  # pixels of one labelled row on a desk screen
ROW_DENSE: Final = 17


@dataclass(frozen=True, slots=True)
class Mark:
    """How a status looks: `word` is a key of `text`, `pattern` a Plotly fill pattern."""

    shape: str
    word: str
    colour: str
    ink: str
    pattern: str = ""


# Keys: `met`, `attention`, `behind`, `no_target` for reported figures, then the answers that are no figure.
MARKS: Final[dict[str, Mark]] = {
    "met": Mark("●", "mark.met", GOOD, PAPER),
    "attention": Mark("▲", "mark.attention", WARN, INK),
    "behind": Mark("■", "mark.behind", BAD, PAPER),
    "no_target": Mark("◆", "mark.no_target", "#C9D6E4", INK),
    "no_value": Mark("◇", "mark.no_value", "#E4E8ED", INK),
    "not_reported": Mark("▨", "mark.not_reported", PAPER, INK, "/"),
    "not_due": Mark("○", "mark.not_due", PAPER, MUTED, "."),
    "no_activity": Mark("–", "mark.no_activity", "#E4E8ED", INK),
    "not_applicable": Mark("×", "mark.not_applicable", "#CDD3DA", INK),
}

# Five classes of a figure against its target, best first (`gap_class` of the marts; their limits are reference data):
# colour, ink, key of the word.
GAP_CLASSES: Final[tuple[tuple[str, str, str], ...]] = (
    (GOOD, PAPER, "class.met"),
    (WARN, INK, "class.attention"),
    ("#E8916B", INK, "class.behind"),
    ("#CB4B4B", PAPER, "class.far_behind"),
    ("#7F1420", PAPER, "class.furthest"),
)

GAP_SHAPES: Final = "●▲■■■"  # of the standing that each class belongs to: best and worst are as dark as one another

# A figure beside the median of like units (`median_standing` of the marts): no judgement, so no colours of one.
MEDIAN_MARKS: Final[dict[str, Mark]] = {
    "above": Mark("▲", "median.above", "#2A5B8F", PAPER),
    "around": Mark("◆", "median.around", "#BFD2E6", INK),
    "below": Mark("▼", "median.below", "#B4713C", PAPER),
}

# A slide is laid out on a stage of this size and scaled to the screen; its smallest letters are those that are read
# with ease from 6 m on a 100-inch picture (16 minutes of arc: 34 px of 1080), rows 13 to a picture.
STAGE_WIDTH: Final = 1920
STAGE_HEIGHT: Final = 1080
ROOM: Final = 2.85  # letters of a slide to those of a desk


# Five classes of a value that has no target, lowest first.
VALUE_CLASSES: Final[tuple[tuple[str, str], ...]] = (
    ("#E6EDF5", INK),
    ("#BFD2E6", INK),
    ("#8FB1D3", INK),
    ("#5785B5", PAPER),
    ("#2A5B8F", PAPER),
)


@dataclass(frozen=True, slots=True)
class TaskPart:
    """One part of a task bar: the status keys it holds, in the fixed order of the bar."""

    part: str
    statuses: tuple[str, ...]
    colour: str
    ink: str
    pattern: str = ""


# The fixed order of a task bar: what is in progress, what is overdue and what is not started each stand together.
# In grey two neighbours differ in lightness or in hatching.
TASK_PARTS: Final[tuple[TaskPart, ...]] = (
    TaskPart("done", ("da_hoan_thanh_dung_han", "da_hoan_thanh_qua_han", "da_hoan_thanh_khong_han"), GOOD, PAPER),
    TaskPart("recurring", ("thuong_xuyen",), "#CFDEED", INK, "/"),
    TaskPart("in_progress", ("dang_thuc_hien_dung_han", "dang_thuc_hien_khong_han"), "#8FB1D3", INK),
    TaskPart("in_progress_overdue", ("dang_thuc_hien_qua_han",), "#CB4B4B", PAPER),
    TaskPart("not_started_overdue", ("chua_thuc_hien_qua_han",), "#7F1420", PAPER, "/"),
    TaskPart("not_started", ("chua_thuc_hien_dung_han", "chua_thuc_hien_khong_han"), "#E4E8ED", INK),
)


def task_shape(status: str) -> str:
    """The shape beside the word of a task status: done ●, overdue ■, recurring ↻, in progress ▷, not started ○."""
    if status.startswith("da_hoan_thanh"):
        return "●"
    if status.endswith("_qua_han"):
        return "■"
    return {"thuong_xuyen": "↻"}.get(status, "▷" if status.startswith("dang_thuc_hien") else "○")


# What became of an expected report; colour never stands without its shape.
REPORT_MARKS: Final[dict[str, Mark]] = {
    "missing": Mark("✖", "due.missing", BAD, PAPER),
    "returned": Mark("↩", "due.returned", "#E8916B", INK),
    "late": Mark("▲", "due.received_late", WARN, INK),
    "not_due": Mark("○", "due.not_due", PAPER, MUTED),
    "on_time": Mark("✔", "due.on_time", GOOD, PAPER),
}

# Lowest per cent of a measure of data quality that still belongs to the class, best first.
# What became of a submission: its colour, and a pattern that tells it apart without colour.
OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "accepted": (GOOD, ""),
    "rejected": ("#E8916B", "/"),
    "duplicate": ("#CDD3DA", "."),
}

QUALITY_CLASSES: Final[tuple[tuple[float, str, str], ...]] = (
    (100.0, GOOD, PAPER),
    (95.0, "#8FB1D3", INK),
    (80.0, WARN, INK),
    (float("-inf"), BAD, PAPER),
)

# Wall screens are dark: status colours of their own (CIELAB difference of good and bad 97 / 77 / 56 for normal,
# deuteranope and protanope eyes; 7,5 / 9,7 / 6,2 : 1 on the background). Keys: surfaces, then the tones of marks.
WALL: Final[dict[str, str]] = {
    "paper": "#0F1B2D",
    "panel": "#1A2B44",
    "line": "#3A506E",
    "ink": "#F2F6FA",
    "muted": "#B4C2D3",
    "met": "#5AB4E5",
    "attention": "#F5B82E",
    "behind": "#FF6B5E",
    "no_target": "#9DB4CC",
    "no_value": "#9DB4CC",
    "not_reported": "#C3CEDA",
    "not_due": "#8FA3BA",
    "no_activity": "#8FA3BA",
    "not_applicable": "#8FA3BA",
    "running": "#A9C4DE",
    "waiting": "#5F7793",
}
