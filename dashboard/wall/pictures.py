"""A screen's playlist and a warehouse → the pictures to show, in words and shares; no indicator is computed here.

A picture is plain data that the page draws as it is: `rows` and the like hold only text, shares of a length (0–1) and
names of tones (`theme.WALL`). How many named units fit follows from the height of letters, see `Room`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from dashboard import charts, filters, text, theme
from dashboard.filters import Selection
from dashboard.text import t
from etl.reference.screens import Panel, Screen, minutes_of
from etl.settings import Settings
from sql import queries
from sql.queries import Scope

Row = Mapping[str, Any]
Picture = dict[str, Any]

# A letter is read with ease at 20 minutes of arc (5,8 mm a metre) and not below 16 (ISO 9241-3); a capital is 0,7 em.
EASY_MM_PER_METRE: Final = 5.818
LEAST_OF_EASY: Final = 0.8
CAPITAL_OF_EM: Final = 0.7
MM_PER_INCH: Final = 25.4
SHAPE: Final = (16, 9)
MOST_ROWS: Final = 14
LEAST_ROWS: Final = 5

ROW_OF_LETTER: Final = 1.3  # height of a row; Ấ and ộ need 1,25
HEAD_OF_LETTER: Final = 2.6  # the finding and what it is about
FOOT_OF_SMALL: Final = 1.35  # one line of the foot
MARGINS: Final = 4.0  # hundredths of the height
SMALL_WIDTH: Final = 0.47  # of an average letter, in em
FOOT_LETTERS: Final = 84

# Which part of a task bar a status belongs to, in the order of the bar: tone, shape, word, theme.TASK_PARTS.
TASK_PARTS: Final[tuple[tuple[str, str, str, tuple[str, ...]], ...]] = (
    ("met", "●", "task.done", ("done",)),
    ("behind", "■", "task.overdue", ("in_progress_overdue", "not_started_overdue")),
    ("running", "▷", "task.in_progress", ("in_progress", "recurring")),
    ("waiting", "○", "task.not_started", ("not_started",)),
)


@dataclass(frozen=True, slots=True)
class Room:
    """What a screen has room for: letters in hundredths of its height, lines of the foot, rows of named units."""

    letter: float
    small: float
    foot_lines: int
    rows: int

    @classmethod
    def of(cls, screen: Screen) -> Room:
        wide, high = SHAPE
        height_mm = screen.diagonal_inches * MM_PER_INCH * high / math.hypot(wide, high)
        letter = 100 * EASY_MM_PER_METRE * screen.viewing_metres / CAPITAL_OF_EM / height_mm
        small = letter * LEAST_OF_EASY
        width = 100 * wide / high - 2 * MARGINS
        foot_lines = math.ceil(FOOT_LETTERS * SMALL_WIDTH * small / width)
        left = 100 - MARGINS - HEAD_OF_LETTER * letter - foot_lines * FOOT_OF_SMALL * small
        rows = int(left / (ROW_OF_LETTER * letter))
        return cls(letter, small, foot_lines, max(LEAST_ROWS, min(MOST_ROWS, rows)))


@dataclass(frozen=True)
class Looking:
    """What every picture of a screen looks at."""

    settings: Settings
    scope: Scope
    screen: Screen
    room: Room
    province: str

    def period(self, panel: Panel) -> str:
        """The quarter of a panel: its own, else the one the pages open with."""
        if panel.period:
            return panel.period
        wished = Selection(province=self.province, unit_group=panel.unit_group)
        return filters.read(self.settings, self.scope, wished).selection.period


def pictures(settings: Settings, scope: Scope, screen: Screen) -> list[Picture]:
    """Every picture of a screen in the order of its playlist, a long list as several; in the screen's language."""
    text.use(screen.language)
    province = filters.read(settings, scope, Selection(province=screen.province)).selection.province
    looking = Looking(settings, scope, screen, Room.of(screen), province)
    shown = []
    for panel in screen.panels:
        start, end = minutes_of(panel.hours)
        for picture in _DRAWN[panel.panel](looking, panel):
            shown.append({"kind": panel.panel, "seconds": panel.seconds, "from": start, "to": end, **picture})
    return shown


def _picture(title: str, about: Iterable[str], facts: Iterable[str], **content: Any) -> Picture:
    return {"title": title, "about": " · ".join(filter(None, about)), "facts": [*filter(None, facts)], **content}


def _nothing(panel: Panel, about: str) -> list[Picture]:
    return [_picture(t("nothing_here"), (about, text.quarter(panel.period)), (), rows=[])]


# ---------------------------------------------------------------- words shared by pictures


def _mark(key: str) -> dict[str, str]:
    mark = theme.MARKS[key]
    return {"tone": key, "shape": mark.shape, "word": t(mark.word)}


def _value(row: Row) -> str:
    value = text.qualified(row["value"], row["qualifier"], row["value_to"], row["decimals"])
    return f"{value}\u00a0{row['measure_unit']}".strip() if value else ""


def _counted(row: Row) -> str:
    return text.fraction(row["numerator"], row["denominator"]) if row["denominator"] is not None else ""


def _until(days: Iterable[date | None]) -> str:
    held = [day for day in days if day is not None]
    return t("wall.as_of", day=text.day(max(held))) if held else ""


def _group(row: Row) -> str:
    """The name of a group inside a sentence: `xã, phường`."""
    return _inside(text.name(row, "group_name"))


def _inside(words: str) -> str:
    return words[:1].lower() + words[1:]


def _unit_name(row: Row) -> str:
    return str(row["short_name"] or row["org_unit_name"])


def _pages(rows: Sequence[Any], size: int, most: int) -> list[Sequence[Any]]:
    return [rows[start : start + size] for start in range(0, min(len(rows), size * most), size)]


def _page(number: int, count: int) -> str:
    return t("wall.page", number=number, count=count) if count > 1 else ""


def _more(shown: int, total: int) -> str:
    return t("wall.more", shown=shown, total=total) if total > shown else ""


def _label(looking: Looking, period: str) -> str:
    rows = queries.quarters(looking.scope, province=looking.province).filter(pl.col("period") == period)
    return text.name(rows.row(0, named=True), "label") if len(rows) else text.quarter(period)


# ---------------------------------------------------------------- headline figures


def _headline(looking: Looking, panel: Panel) -> list[Picture]:
    period = looking.period(panel)
    found = queries.rollup(looking.scope, province=looking.province, unit_group=panel.unit_group, period=period)
    by_code = {row["indicator"]: row for row in found.iter_rows(named=True)}
    rows = [by_code[code] for code in panel.indicators if code in by_code]
    if not rows:
        return _nothing(panel, "")
    counts = Counter(charts.mark_of(row) for row in rows)
    title = ", ".join(f"{counts[key]} {_inside(t(mark.word))}" for key, mark in theme.MARKS.items() if counts[key])
    covered = min(rows, key=lambda row: row["unit_count_reported"] or 0)
    return [
        _picture(
            title,
            (
                text.name(rows[0], "group_name"),
                t("wall.indicators", count=len(rows)),
                text.name(rows[0], "period_label"),
            ),
            (f"{t('coverage')} {charts.coverage(covered)}", _until(row["as_of_max"] for row in rows)),
            cards=[_card(row) for row in rows],
        )
    ]


def _card(row: Row) -> dict[str, Any]:
    measured = row["target"] is not None and row["measure_unit"] == charts.PERCENT
    return {
        "name": text.name(row, "indicator_name"),
        "value": _value(row) or "—",
        "counted": _counted(row),
        "mark": _mark(charts.mark_of(row)),
        "target": t("target.short", value=text.measured(row["target"], row["measure_unit"]))
        if row["target"] is not None
        else "",
        "change": f"{t('change')}: {moved}" if (moved := text.change(row["change"], row["measure_unit"])) else "",
        "coverage": f"{charts.coverage(row)} {t('units')}",
        "share": _share(row["value"], 100.0) if measured else None,
        "aim": _share(row["target"], 100.0) if measured else None,
    }


def _share(value: float | None, whole: float) -> float | None:
    return None if value is None or not whole else round(min(1.0, max(0.0, value / whole)), 4)


# ---------------------------------------------------------------- who leads, who lags


def _ranking(looking: Looking, panel: Panel) -> list[Picture]:
    period = looking.period(panel)
    rows = _figures(looking, panel.indicator, panel.unit_group, period)
    together = _together(looking, panel.indicator, panel.unit_group, period)
    if rows.is_empty() or together is None:
        return _nothing(panel, panel.indicator)
    ranked = rows.filter(pl.col("rank").is_not_null()).sort("rank", "sort_key")
    drawn = [_bar(row, _scale(ranked)) for row in ranked.iter_rows(named=True)]
    parts, between = _parts_of(drawn, looking.room.rows, panel)
    count = max(1, len(parts))
    unranked = t("wall.unranked", count=len(rows) - len(ranked)) if len(rows) > len(ranked) else ""
    if between is not None:
        between["words"] = " · ".join(filter(None, (between["words"], unranked)))
    return [
        _picture(
            _met_title(together),
            (
                f"{text.name(together, 'indicator_name')} ({together['measure_unit']})",
                text.name(together, "period_label"),
                _page(number, count),
            ),
            (
                f"{t('coverage')} {charts.coverage(together)}",
                _until([together["as_of_max"]]),
                unranked if between is None else "",
            ),
            rows=part,
            gap=between,
        )
        for number, part in enumerate(parts or [[]], start=1)
    ]


def _figures(looking: Looking, indicator: str, unit_group: str | None, period: str) -> pl.DataFrame:
    return queries.progress(
        looking.scope, province=looking.province, unit_group=unit_group, indicator=indicator, period=period
    )


def _together(looking: Looking, indicator: str, unit_group: str, period: str) -> Row | None:
    found = queries.rollup(
        looking.scope, province=looking.province, unit_group=unit_group, indicator=indicator, period=period
    )
    return next(found.iter_rows(named=True), None)


def _met_title(row: Row) -> str:
    """The finding: how many units met the target, or how many reported where there is none."""
    judged = (row["met_count"] or 0) + (row["missed_count"] or 0)
    if row["target"] is None or not judged:
        return t("wall.reported", counted=charts.coverage(row), group=_group(row))
    target = text.measured(row["target"], row["measure_unit"])
    return t("wall.met", counted=text.fraction(row["met_count"], judged), group=_group(row), target=target)


def _scale(rows: pl.DataFrame) -> float:
    """The value at the end of a bar."""
    highest = max([0.0, *rows["value"].drop_nulls(), *rows["target"].drop_nulls()])
    is_share = not rows.is_empty() and rows["measure_unit"][0] == charts.PERCENT and highest <= 100
    return 100.0 if is_share else highest


def _bar(row: Row, scale: float) -> dict[str, Any]:
    return {
        "place": f"{row['rank']}.",
        "name": _unit_name(row),
        "share": _share(row["value"], scale),
        "aim": _share(row["target"], scale),
        "value": _value(row),
        "counted": _counted(row),
        "mark": _mark(charts.mark_of(row)),
        "is_small": row["is_small"],
    }


def _parts_of(
    bars: list[dict[str, Any]], room: int, panel: Panel
) -> tuple[list[Sequence[dict[str, Any]]], dict[str, Any] | None]:
    """What of a ranking is seen, by picture, and what lies between its two ends where both are in one picture."""
    if panel.part == "bottom":
        pages = _pages(bars[::-1], room, panel.pages)
        return [page[::-1] for page in pages], None
    if panel.part == "top" or len(bars) <= room:
        return _pages(bars, room, panel.pages), None
    first = room // 2
    last = room - 1 - first
    words = t("wall.between", count=len(bars) - first - last)
    return [[*bars[:first], *bars[-last:]]], {"after": first, "words": words}


# ---------------------------------------------------------------- tile map


def _tiles(looking: Looking, panel: Panel) -> list[Picture]:
    places = list(queries.tiles(looking.scope, province=looking.province).iter_rows(named=True))
    period = looking.period(panel)
    rows = {row["org_unit"]: row for row in _figures(looking, panel.indicator, None, period).iter_rows(named=True)}
    shown = [(place, rows[place["org_unit"]]) for place in places if place["org_unit"] in rows]
    together = _together(looking, panel.indicator, shown[0][1]["unit_group"], period) if shown else None
    if together is None:
        return _nothing(panel, panel.indicator)
    marks = {place["org_unit"]: charts.mark_of(row) for place, row in shown}
    counts = Counter(marks.values())
    return [
        _picture(
            _standing_title(counts, together),
            (
                f"{text.name(together, 'indicator_name')} ({together['measure_unit']})",
                text.name(together, "period_label"),
            ),
            (f"{t('coverage')} {charts.coverage(together)}", _until([together["as_of_max"]])),
            tiles=[
                {
                    "col": place["col"],
                    "row": place["row"],
                    "tone": marks.get(place["org_unit"], "none"),
                    "shape": theme.MARKS[marks[place["org_unit"]]].shape if place["org_unit"] in marks else "",
                }
                for place in places
            ],
            legend=[{**_mark(key), "count": text.number(counts[key])} for key in theme.MARKS if counts[key]],
            lowest=_lowest([row for _, row in shown], looking.room.rows - len(counts) - 2),
            lowest_words=t("wall.lowest"),
            note=t("wall.tiles"),
        )
    ]


def _lowest(rows: Sequence[Row], count: int) -> list[dict[str, Any]]:
    ranked = sorted((row for row in rows if row["rank"] is not None), key=lambda row: (-row["rank"], row["sort_key"]))
    return [
        {"name": _unit_name(row), "value": _value(row), "mark": _mark(charts.mark_of(row))}
        for row in ranked[: max(0, count)]
    ]


def _standing_title(counts: Counter[str], together: Row) -> str:
    if not counts["behind"] and not counts["attention"]:
        return _met_title(together)
    return t(
        "wall.standing",
        behind=text.number(counts["behind"]),
        attention=text.number(counts["attention"]),
        group=_group(together),
    )


# ---------------------------------------------------------------- tasks


def _tasks(looking: Looking, panel: Panel) -> list[Picture]:
    period = _task_quarter(looking, panel)
    headline = next(
        queries.task_headline(looking.scope, province=looking.province, period=period).iter_rows(named=True), None
    )
    if headline is None or not headline["task_count"]:
        return _nothing(panel, t("tasks"))
    leads = queries.task_summary(looking.scope, province=looking.province, period=period)
    leads = leads.sort("overdue_count", "task_count", descending=True, maintain_order=True)
    room = (
        looking.room.rows - 1 - looking.room.foot_lines
    )  # the bar of all, and the legend, which breaks as the foot does
    pages = _pages(list(leads.iter_rows(named=True)), room, panel.pages)
    shown = sum(len(page) for page in pages)
    whole = _task_bar(headline, t("wall.all_tasks"))
    totals = {part["tone"]: part["count"] for part in whole["parts"]}
    return [
        _picture(
            t("wall.overdue", counted=text.fraction(headline["overdue_count"], headline["task_count"])),
            (
                t("task.by_lead"),
                text.name(headline, "period_label"),
                _page(number, len(pages)) or _more(shown, len(leads)),
            ),
            _task_facts(looking, headline, period),
            bars=[whole, *(_task_bar(row, _lead(row)) for row in page)],
            legend=[
                {"tone": tone, "shape": shape, "word": t(word), "count": totals.get(tone, "0")}
                for tone, shape, word, _ in TASK_PARTS
            ],
        )
        for number, page in enumerate(pages, start=1)
    ]


def _task_quarter(looking: Looking, panel: Panel) -> str:
    """The quarter of a panel about tasks: its own, else the newest, since tasks go on between reports."""
    if panel.period:
        return panel.period
    wished = Selection(province=looking.province)
    return filters.read(looking.settings, looking.scope, wished, newest=True).selection.period


def _task_facts(looking: Looking, headline: Row, period: str) -> tuple[str, str]:
    rows = queries.tasks(looking.scope, province=looking.province, period=period)
    due = t("wall.due_done", counted=text.fraction(headline["due_done_count"], headline["due_count"]))
    return due if headline["due_count"] else "", _until(rows["as_of"])


def _task_bar(row: Row, name: str) -> dict[str, Any]:
    held = {part.part: sum(int(row[status]) for status in part.statuses) for part in theme.TASK_PARTS}
    total = sum(held.values())
    parts = [
        {"tone": tone, "shape": shape, "share": count / total, "count": text.number(count)}
        for tone, shape, _, names in TASK_PARTS
        if (count := sum(held[part] for part in names))
    ]
    return {"name": name, "parts": parts, "done": text.fraction(held["done"], total)}


def _lead(row: Row) -> str:
    return str(row["short_name"] or row["lead_name"] or t("task.unassigned"))


# ---------------------------------------------------------------- lists


def _overdue(looking: Looking, panel: Panel) -> list[Picture]:
    period = _task_quarter(looking, panel)
    rows = queries.tasks(looking.scope, province=looking.province, period=period, lead=panel.lead or None)
    late = [
        row
        for row in rows.iter_rows(named=True)
        if row["status"].endswith("_qua_han") and row["state"] in {"dang_thuc_hien", "chua_thuc_hien"}
    ]
    about = (late[0]["lead_name"] if panel.lead and late else t("wall.longest_first"), _label(looking, period))
    facts = (_until(rows["as_of"]),)
    if not late:
        return [_picture(t("wall.none_overdue"), (_label(looking, period),), facts, rows=[])]
    size = max(2, looking.room.rows // 2)  # a task takes two lines
    pages = _pages(late, size, panel.pages)
    shown = sum(len(page) for page in pages)
    return [
        _picture(
            t("wall.longest", count=len(late), days=text.number(late[0]["days_overdue"])),
            (*about, _page(number, len(pages)), _more(shown, len(late))),
            facts,
            items=[
                {
                    "title": row["title"],
                    "line": " · ".join(
                        filter(None, (row["lead_short_name"] or t("task.unassigned"), _due(row), row["task"]))
                    ),
                    "days": t("wall.days", days=text.number(row["days_overdue"])),
                    "tone": "behind",
                    "shape": theme.task_shape(row["status"]),
                    "word": t("task.in_progress" if row["state"] == "dang_thuc_hien" else "task.not_started"),
                }
                for row in page
            ],
        )
        for number, page in enumerate(pages, start=1)
    ]


def _due(row: Row) -> str:
    return t("wall.due", day=row["due_text"] or text.day(row["due_on"]))


def _missing(looking: Looking, panel: Panel) -> list[Picture]:
    period = looking.period(panel)
    counts = queries.completeness_summary(looking.scope, province=looking.province, period=period)
    counts = counts.filter((pl.col("form") == panel.form) & (pl.col("period") == period))
    rows = queries.missing_units(looking.scope, province=looking.province, form=panel.form, period=period)
    if panel.unit_group:
        rows = rows.filter(pl.col("unit_group") == panel.unit_group)
    if counts.is_empty():
        return _nothing(panel, panel.form)
    first = counts.row(0, named=True)
    expected, received = int(counts["expected_count"].sum()), int(counts["received_count"].sum())
    facts = (
        t("wall.received", counted=text.fraction(received, expected)),
        t("report.due", day=text.day(first["due_on"])),
    )
    about = f"{first['form_code']} · {text.name(first, 'form_name')}"
    when = text.name(first, "period_label")
    if rows.is_empty():
        return [_picture(t("wall.all_received", count=expected), (about, when), facts, rows=[])]
    pages = _pages(list(rows.iter_rows(named=True)), looking.room.rows, panel.pages)
    shown = sum(len(page) for page in pages)
    is_due = bool(rows["is_due"].any())
    return [
        _picture(
            t("wall.missing" if is_due else "wall.awaited", count=len(rows)),
            (about, when, _page(number, len(pages)), _more(shown, len(rows))),
            facts,
            names=[_absent(row) for row in page],
        )
        for number, page in enumerate(pages, start=1)
    ]


def _absent(row: Row) -> dict[str, Any]:
    key = "not_reported" if row["is_due"] else "not_due"
    late = t("due.late", days=text.number(row["days_late"])) if row["days_late"] else ""
    returned = t("wall.returned") if row["rejected_count"] else ""
    return {"name": row["org_unit_name"], "mark": _mark(key), "late": " · ".join(filter(None, (returned, late)))}


_DRAWN: Final[dict[str, Callable[[Looking, Panel], list[Picture]]]] = {
    "headline": _headline,
    "ranking": _ranking,
    "tiles": _tiles,
    "tasks": _tasks,
    "overdue": _overdue,
    "missing": _missing,
}
