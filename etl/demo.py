"""Illustrative submissions of a whole province, the same for the same seed; every workbook says `Dữ liệu minh họa`.

The figures are invented. They are plausible so that the pages can be tried: levels differ between units, most rise,
some are late, missing, corrected, or rejected and sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from csv import DictReader
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from etl.inbox import ingest_lock
from etl.model import CellValue
from etl.periods import cadence, cut_off, label, quarter_of
from etl.pipeline import Pipeline, Source
from etl.reference import Indicator, OrgUnit, Reference, Task
from etl.settings import Settings
from etl.template import sender_name, write_template

REMARK = "Dữ liệu minh họa"
SEED = 57
PROVINCE = "38"

_QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
_MONTHS = tuple(f"{month // 12}-{month % 12 + 1:02}" for month in range(2025 * 12 + 6, 2026 * 12 + 9))
_WEEKS = ("2025-W39", "2025-W52", "2026-W13", "2026-W26", "2026-W37", "2026-W38", "2026-W39", "2026-W40")
_VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Profile:
    """How an indicator behaves: its total (a pool of the unit), first level, rise a quarter and noise, in per cent."""

    pool: str
    start: tuple[float, float]
    rise: float
    noise: float = 1.5


_PROFILES: dict[str, Profile] = {
    "VB01": Profile("documents_out", (82, 95), 1.2),
    "VB02": Profile("documents", (88, 97), 0.8),
    "VB03": Profile("files", (48, 78), 4.0),
    "VB04": Profile("agencies", (80, 100), 3.0, 0),
    "VB05": Profile("officials", (50, 80), 4.5, 2.5),
    "DVC01": Profile("procedures", (62, 88), 2.5, 0.5),
    "DVC02": Profile("settled", (20, 48), 5.0, 3.0),
    "DVC03": Profile("received", (60, 85), 3.0, 2.5),
    "DVC04": Profile("settled", (93, 98.6), 0.3, 0.6),
    "DVC05": Profile("received", (0.8, 4.5), -0.4, 0.4),
    "DVC06": Profile("received", (62, 88), 3.0, 2.0),
    "DVC07": Profile("settled", (55, 84), 4.0, 2.5),
    "DVC08": Profile("received", (6, 24), 4.5, 2.0),
    "DVC09": Profile("paid", (35, 66), 5.0, 3.5),
    "DVC10": Profile("procedures", (18, 45), 5.5, 1.0),
    "DVC11": Profile("ratings", (90, 97), 0.5, 1.0),
    "DVC13": Profile("feedback", (86, 97), 1.0, 2.5),
    "NV01": Profile("tasks", (10, 26), 12.0),
    "NV02": Profile("tasks_due", (55, 85), 3.0, 8.0),
    "NV03": Profile("tasks_open", (4, 14), -1.0, 2.0),
    "NV04": Profile("tasks", (26, 45), -6.0, 1.5),
    "NV05": Profile("tasks_recurring", (70, 95), 2.0, 6.0),
    "NV06": Profile("targets", (10, 24), 13.0),
    "NV07": Profile("tasks", (70, 92), 3.0, 1.0),
    "BC01": Profile("reporters", (76, 94), 1.5, 4.0),
    "BC02": Profile("cells", (94, 99), 0.4, 0.6),
    "DL01": Profile("parcels", (8, 30), 9.0),
    "DL02": Profile("databases", (30, 55), 8.0, 1.0),
    "DL03": Profile("archives", (6, 22), 8.0),
    "HT02": Profile("population", (24, 28), 6.0, 0.2),
    "HT04": Profile("communes", (60, 70), 9.0, 0.5),
    "XH02": Profile("trainees", (25, 50), 11.0),
    "XH03": Profile("adults", (26, 29), 3.5, 0.2),
}
_OF_ONE = {"VB04": 0.95, "HT04": 0.55, "XH01": 0.35, "XH04": 0.75, "XH05": 0.6}  # a commune counts itself: 0/1 or 1/1
_OF_ONE_DEPARTMENT = {"HT01": "KHCN", "HT02": "KHCN", "HT03": "KHCN", "HT04": "KHCN", "XH03": "KHCN", "DL02": "KHCN"}
_POOLS = {  # (least, most) of a commune in a quarter; departments scale them down to a month
    "documents_out": (180, 620), "documents": (700, 2400), "files": (60, 320), "received": (280, 1900),
    "ratings": (60, 520), "feedback": (6, 48), "officials": (34, 68), "tasks": (18, 46), "tasks_due": (4, 14),
    "tasks_open": (10, 30), "tasks_recurring": (3, 9), "targets": (12, 26), "reporters": (8, 24), "cells": (90, 240),
    "parcels": (3600, 22000), "archives": (60, 420), "trainees": (40, 120), "procedures": (24, 160),
    "agencies": (4, 22), "databases": (10, 10), "population": (3_720_000, 3_720_000), "adults": (2_650_000, 2_650_000),
    "communes": (166, 166),
}  # fmt: skip
_VARYING = frozenset(
    ("documents_out", "documents", "files", "received", "ratings", "feedback", "tasks_due", "tasks_open", "cells")
)
_SEASON = {"Q1": 0.82, "Q2": 1.0, "Q3": 1.06, "Q4": 1.12}  # Tết in the first quarter, a rush before the year's end
_OBSTACLES = ("Chậm phê duyệt chủ trương", "Thiếu nhân lực chuyên trách", "Chưa bố trí đủ kinh phí", "Chờ hướng dẫn")
_PROPOSALS = ("Đề nghị bố trí kinh phí bổ sung", "Đề nghị Sở KH&CN hướng dẫn", "Xin lùi thời hạn một quý")
_RESULTS = ("Đã ban hành kế hoạch", "Đã nghiệm thu, bàn giao", "Đã đưa vào vận hành", "Đã trình UBND tỉnh")


@dataclass(frozen=True, slots=True)
class Planned:
    """A workbook to be written: what stands in it, and when it comes."""

    received_at: datetime
    form: str
    org_unit: str
    period: str
    rows: Mapping[str, Mapping[Any, CellValue]] = field(repr=False)
    suffix: str = ""

    def file_name(self, reference: Reference) -> str:
        sender = sender_name(reference, reference.org_units[self.org_unit])
        period = label(self.period).replace("/", "-")
        return f"{sender}_{reference.forms[self.form].code}_{period}{self.suffix}.xlsx"


def write_demo(reference: Reference, folder: Path, seed: int = SEED) -> Iterator[tuple[Path, datetime, str]]:
    """Writes the workbooks in the order of their arrival; gives each with when and from whom it came."""
    yield from (_written(reference, folder, planned) for planned in plan_demo(reference, seed))


def _written(reference: Reference, folder: Path, planned: Planned) -> tuple[Path, datetime, str]:
    path = folder / planned.period / planned.file_name(reference)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_template(
        reference,
        planned.form,
        planned.org_unit,
        planned.period,
        rows=planned.rows,
        path_or_stream=path,
        remark=REMARK,
    )
    return path, planned.received_at, f"vanthu.{planned.org_unit.lower()}@minh-hoa.example"


def load_demo(
    settings: Settings, reference: Reference, sample: Path, told: Callable[[int, int], None], seed: int = SEED
) -> dict[str, int]:
    """Takes the workbooks, and those of the `sample` folder, in by the ordinary way; counts by outcome."""
    plans = plan_demo(reference, seed)
    samples = list(_samples(sample))
    outcomes: Counter[str] = Counter()
    with TemporaryDirectory() as folder, ingest_lock(settings), Pipeline(settings, reference) as pipeline:
        sources = _sources(reference, Path(folder), plans, samples)
        for number, receipt in enumerate(pipeline.ingest(sources, channel="demo", backfilled=True), 1):
            outcomes[str(receipt.outcome)] += 1
            told(min(number, len(plans) + len(samples)), len(plans) + len(samples))
    return dict(outcomes)


def _sources(reference: Reference, folder: Path, plans: list[Planned], samples: list[Source]) -> Iterator[Source]:
    yield from samples
    for planned in plans:
        path, received_at, sender = _written(reference, folder, planned)
        yield Source(path.read_bytes(), path.name, received_at, sender)
        path.unlink()


def _samples(folder: Path) -> Iterator[Source]:
    """The files of a folder listed in its `received.csv` (file, received_at, sender)."""
    listing = folder / "received.csv"
    if not listing.exists():
        return
    with listing.open(encoding="utf-8", newline="") as rows:
        for row in DictReader(rows):
            received_at = datetime.fromisoformat(row["received_at"])
            yield Source(folder / row["file"], row["file"], received_at, row["sender"])


# --- who sends what when --------------------------------------------------------------------------------------------


def plan_demo(reference: Reference, seed: int = SEED) -> list[Planned]:
    """Every workbook of the demonstration in the order of arrival."""
    province = PROVINCE
    units = [unit for code, unit in reference.org_units.items() if reference.province_of(code) == province]
    communes = [unit for unit in units if reference.unit_group(unit.code) == "commune"]
    departments = [unit for unit in units if unit.kind == "department"]
    plans: list[Planned] = []
    for unit in communes:
        plans += _figure_plans(reference, unit, _QUARTERS, seed)
    for unit in departments:
        plans += _figure_plans(reference, unit, _MONTHS, seed)
        plans += _task_plans(reference, unit, seed)
    plans += _unit_plans(reference, plans, seed)
    return sorted(plans, key=lambda planned: (planned.received_at, planned.org_unit, planned.form))


def _figure_plans(reference: Reference, unit: OrgUnit, periods: tuple[str, ...], seed: int) -> Iterator[Planned]:
    random = Random(f"{seed} {unit.code} figures")
    figures = _Figures(reference, unit, random)
    habit = random.choice((0.0, 0.0, 0.0, 0.05, 0.12, 0.4))  # how often the unit is late
    for step, period in enumerate(periods):
        rows = figures.rows(period, step)
        if random.random() < 0.015 + habit / 10 and step:
            continue
        planned = Planned(
            _arrival(reference, "bm01_indicators", period, random, habit), "bm01_indicators", unit.code, period, rows
        )
        if random.random() < 0.02:
            planned = replace(planned, rows=_with_doubt(rows, random))
        if random.random() < 0.01:
            yield replace(planned, rows=_with_fault(rows, random))
            planned = replace(planned, received_at=_later(planned.received_at, random, 1, 3), suffix="_gửi lại")
        yield planned
        if random.random() < 0.03:
            corrected = _corrected(rows, random)
            received_at = _later(planned.received_at, random, 4, 30)
            yield replace(planned, rows=corrected, received_at=received_at, suffix="_điều chỉnh")


def _arrival(reference: Reference, form: str, period: str, random: Random, late: float) -> datetime:
    """Office hours between cut-off and due day, mostly near the latter; some days after it if late."""
    due_on = reference.due_on(form, period)
    assert due_on is not None, (form, period)
    first = cut_off(period) + timedelta(days=cadence(period) != "weekly")
    days = [first + timedelta(days=number) for number in range((due_on - first).days + 1)]
    working = [day for day in days if day.weekday() < 5 and day not in reference.holidays]
    day = random.choice([*working, working[-1]])
    if random.random() < late:
        day = due_on + timedelta(days=random.randint(1, 9))
        while day.weekday() > 4:
            day += timedelta(days=1)
    return datetime.combine(day, time(random.randint(8, 16), random.randint(0, 59), random.randint(0, 59)), _VIETNAM)


def _later(moment: datetime, random: Random, least: int, most: int) -> datetime:
    moment += timedelta(days=random.randint(least, most), minutes=random.randint(-25, 25))
    return moment + timedelta(days=max(0, 7 - moment.weekday()) if moment.weekday() > 4 else 0)


# --- figures --------------------------------------------------------------------------------------------------------


class _Figures:
    """One unit's figures, period after period: its size and level stay, its results rise unevenly."""

    def __init__(self, reference: Reference, unit: OrgUnit, random: Random) -> None:
        self.unit, self.random = unit, random
        self.is_commune = reference.unit_group(unit.code) == "commune"
        self.rate = 1.0 if self.is_commune else 1 / 3  # quarters, or months
        codes = reference.indicators_expected(
            "bm01_indicators", unit.code, "quarterly" if self.is_commune else "monthly"
        )
        self.indicators = [reference.indicators[code] for code in codes]
        self.level = min(1.0, max(0.0, random.gauss(0.55 if unit.kind == "phuong" else 0.48, 0.22)))
        self.pace = random.uniform(0.5, 1.4)
        size = random.uniform(0.6, 1.0) if unit.kind == "phuong" else random.random() ** 1.5
        self.sizes = {
            pool: round(least + (most - least) * min(1, max(0, random.gauss(size, 0.12))))
            for pool, (least, most) in _POOLS.items()
        }
        self.gained: dict[str, float] = {}
        self.own_level = {code: min(1.0, max(0.0, random.gauss(self.level, 0.15))) for code in codes}
        self.gaps = {code for code in codes if random.random() < 0.03}  # what this unit does not manage to report
        self.is_percent_only = random.random() < 0.02

    def rows(self, period: str, step: int) -> dict[str, dict[Any, CellValue]]:
        totals = self._totals(period)
        return {found.indicator: self._row(found, totals, step) for found in self.indicators}

    def _totals(self, period: str) -> dict[str, int]:
        season = _SEASON[quarter_of(date.fromisoformat(f"{period}-01"))[-2:] if "Q" not in period else period[-2:]]
        totals = {}
        for pool, size in self.sizes.items():
            varied = season * self.rate * self.random.uniform(0.9, 1.1) if pool in _VARYING else 1.0
            totals[pool] = max(1, round(size * varied))
        totals["settled"] = max(1, round(totals["received"] * self.random.uniform(0.93, 0.99)))
        totals["paid"] = max(1, round(totals["received"] * self.random.uniform(0.3, 0.5)))
        return totals

    def _row(self, found: Indicator, totals: Mapping[str, int], step: int) -> dict[Any, CellValue]:
        code = found.indicator
        percentage = self._percentage(code, found.value_type, step)  # drawn in any case: gaps do not shift the rest
        silent = self.random.random()
        owner = _OF_ONE_DEPARTMENT.get(code)
        if not self.is_commune and owner and not self.unit.code.endswith(f".{owner}"):
            return {"numerator": "x", "note": "Không thuộc phạm vi"}
        if (code in self.gaps and step < 3) or silent < 0.006:
            return {"note": "Đang tổng hợp"} if silent < 0.5 else {}
        if self.is_commune and code in _OF_ONE:
            return self._of_one(found, step)
        if found.kind != "ratio":
            return self._amount(code, step)
        if code == "DVC13" and silent > 0.95:
            return {"numerator": "-", "denominator": "-"}
        total = totals[_PROFILES[code].pool]
        if self.is_percent_only and code == "DVC11":
            return {"percentage": round(percentage, 1), "note": "Theo hệ thống đánh giá"}
        return {"numerator": min(total, round(total * percentage / 100)), "denominator": total}

    def _percentage(self, code: str, value_type: str, step: int) -> float:
        profile = _PROFILES.get(code)
        if profile is None:
            return 0.0
        low, high = profile.start
        level = self.own_level[code] if profile.rise > 0 else 1 - self.own_level[code]
        start = low + (high - low) * level
        rise = profile.rise * self.rate * self.pace * self.random.uniform(0.2, 1.8)
        self.gained[code] = self.gained.get(code, 0.0) + (rise if step else 0.0)
        noise = 0.0 if value_type == "cumulative" else self.random.gauss(0, profile.noise)
        return min(100.0, max(0.0, start + self.gained[code] + noise))

    def _of_one(self, found: Indicator, step: int) -> dict[Any, CellValue]:
        """A commune reports itself: reached (1/1) or not yet (0/1); once reached, mostly kept."""
        chance = self.gained.setdefault(f"chance {found.indicator}", self.random.random())
        reached = chance < _OF_ONE[found.indicator] + step * 0.1 * self.pace
        return {"numerator": int(reached), "denominator": 1}

    def _amount(self, code: str, step: int) -> dict[Any, CellValue]:
        if code == "DVC12":
            score = 62 + 26 * self.own_level[code] + 1.6 * step * self.rate * self.pace + self.random.gauss(0, 0.8)
            return {"numerator": round(min(98.5, score), 2)}
        if code == "HT03":
            return {"numerator": round(42.5 + 11.375 * step + self.random.uniform(0, 4), 3), "denominator": 320.5}
        if code == "HT01":
            return {"numerator": self.random.randint(0, 3)}
        return {"numerator": max(0, round(self.random.gauss(3.2 - 0.1 * step, 1.2)))}


def _with_fault(rows: Mapping[str, Mapping[Any, CellValue]], random: Random) -> dict[str, dict[Any, CellValue]]:
    """What gets a submission rejected: more done than there is, words for a number, or less than nothing."""
    changed = {code: dict(values) for code, values in rows.items()}
    code = random.choice([code for code, values in rows.items() if isinstance(values.get("denominator"), int)])
    values = changed[code]
    values["numerator"] = random.choice((int(str(values["denominator"])) + 7, "chưa rõ số", -3))
    return changed


def _with_doubt(rows: Mapping[str, Mapping[Any, CellValue]], random: Random) -> dict[str, dict[Any, CellValue]]:
    """A percentage typed by hand that the two numbers do not give: accepted with a warning."""
    changed = {code: dict(values) for code, values in rows.items()}
    code = random.choice([code for code, values in rows.items() if isinstance(values.get("denominator"), int)])
    numerator, total = int(str(rows[code]["numerator"])), int(str(rows[code]["denominator"]))
    changed[code]["percentage"] = round(max(0.0, 100 * numerator / total - random.uniform(2, 9)), 1)
    return changed


def _corrected(rows: Mapping[str, Mapping[Any, CellValue]], random: Random) -> dict[str, dict[Any, CellValue]]:
    changed = {code: dict(values) for code, values in rows.items()}
    codes = [
        code for code, values in rows.items() if code not in _OF_ONE and isinstance(values.get("denominator"), int)
    ]
    for code in random.sample(codes, min(3, len(codes))):
        numerator, total = int(str(rows[code]["numerator"])), int(str(rows[code]["denominator"]))
        changed[code]["numerator"] = min(total, max(0, numerator + random.choice((-3, -2, 2, 4, 6))))
        changed[code]["note"] = "Đã điều chỉnh"
    return changed


# --- tasks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Course:
    """How one task goes: begun on, done on (None = not within the demonstration), and what holds it up."""

    begun_on: date
    done_on: date | None
    result: str
    obstacle: str
    proposal: str


def _course(task: Task, seed: int) -> _Course:
    random = Random(f"{seed} {task.task} course")
    due_on = task.due_on or date(2027, 12, 31)
    begun_on = max(date(2025, 5, 5), due_on - timedelta(days=random.randint(90, 260)))
    fate = random.random()
    done_on: date | None = due_on - timedelta(days=random.randint(1, 40))
    if fate > 0.88:
        done_on = None
    elif fate > 0.74:
        done_on = due_on + timedelta(days=random.randint(6, 70))
    if fate > 0.96:
        begun_on = date(2027, 1, 4)
    is_stuck = fate > 0.74
    return _Course(
        begun_on,
        done_on,
        random.choice(_RESULTS),
        random.choice(_OBSTACLES) if is_stuck else "",
        random.choice(_PROPOSALS) if is_stuck else "",
    )


def _task_values(task: Task, course: _Course, as_of: date) -> dict[Any, CellValue]:
    if task.due_precision == "recurring":
        return {"state": "Thường xuyên", "result": f"Đã thực hiện kỳ đến ngày {as_of.day}/{as_of.month}/{as_of.year}"}
    if course.done_on and course.done_on <= as_of:
        return {"state": "Hoàn thành", "completed_on": course.done_on, "progress": 100, "result": course.result}
    if as_of < course.begun_on:
        return {"state": "Chưa thực hiện", "progress": 0, **({"obstacle": course.obstacle} if course.obstacle else {})}
    end = course.done_on or (task.due_on or as_of) + timedelta(days=200)
    share = (as_of - course.begun_on).days / max(1, (end - course.begun_on).days)
    values: dict[Any, CellValue] = {"state": "Đang thực hiện", "progress": min(95, max(5, round(share * 20) * 5))}
    if course.obstacle:
        values |= {"obstacle": course.obstacle, "proposal": course.proposal}
    return values


def _task_plans(reference: Reference, unit: OrgUnit, seed: int) -> Iterator[Planned]:
    random = Random(f"{seed} {unit.code} tasks")
    tasks = [(task, _course(task, seed)) for task in reference.tasks.values() if task.lead == unit.code]
    for period in _WEEKS:
        as_of = cut_off(period)
        rows = {task.task: _task_values(task, course, as_of) for task, course in tasks}
        received_at = _arrival(reference, "bm02_tasks", period, random, 0.05)
        if random.random() > 0.02:
            yield Planned(received_at, "bm02_tasks", unit.code, period, rows)


# --- one lead for many units ----------------------------------------------------------------------------------------


def _unit_plans(reference: Reference, plans: list[Planned], seed: int) -> Iterator[Planned]:
    """The lead's own figures for all communes: mostly what these sent themselves, here and there another number."""
    random = Random(f"{seed} lead")
    lead = f"{PROVINCE}.NNMT"
    codes = reference.indicators_expected("bm03_by_unit", lead, "quarterly")
    for period in _QUARTERS:
        rows: dict[str, dict[Any, CellValue]] = {}
        for planned in plans:
            if planned.form != "bm01_indicators" or planned.period != period or planned.suffix:
                continue
            rows[planned.org_unit] = {}
            for code in codes:
                own = planned.rows.get(code, {})
                numerator, total = own.get("numerator"), own.get("denominator")
                if not isinstance(numerator, int) or not isinstance(total, int) or not 0 <= numerator <= total:
                    continue
                if random.random() < 0.04:
                    numerator = max(0, numerator - random.randint(2, 60))
                rows[planned.org_unit] |= {(code, "numerator"): numerator, (code, "denominator"): total}
        received_at = _arrival(reference, "bm03_by_unit", period, random, 0.2)
        yield Planned(received_at, "bm03_by_unit", lead, period, rows)
