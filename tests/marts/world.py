"""A made-up world for the marts: hand-made reference and received rows, and a warehouse built from nothing else."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

import sql

Row = dict[str, Any]

ARRIVED = datetime.fromisoformat("2026-01-01T00:00:00")

KINDS = {
    "country": ("area", False),
    "province": ("area", False),
    "department": ("department", True),
    "police": ("department", True),
    "party_body": ("party", True),
    "phuong": ("commune", True),
    "xa": ("commune", True),
    "old_district": ("old", False),
}

INDICATORS = [
    # indicator, kind, factor, direction, value_type, reporter
    ("VB01", "ratio", 100.0, "higher", "in_period", "both"),
    ("VB04", "ratio", 100.0, "higher", "snapshot", "both"),
    ("DVC05", "ratio", 100.0, "lower", "in_period", "commune"),
    ("XH03", "ratio", 100.0, "higher", "cumulative", "commune"),
    ("HT01", "count", 1.0, "higher", "in_period", "department"),
    ("NV08", "count", 1.0, "lower", "snapshot", "department"),
    ("HT03", "quantity", 1.0, "higher", "cumulative", "department"),
    ("DVC12", "score", 1.0, "higher", "snapshot", "both"),
    ("DL01", "ratio", 100.0, "higher", "snapshot", "commune"),
]

TARGETS = [
    ("VB01", "", 2025, 100.0),
    ("VB01", "commune", 2030, 90.0),
    ("VB01", "38", 2026, 80.0),
    ("VB01", "38.KHCN", 2026, 60.0),
    ("VB04", "xa", 0, 50.0),
    ("VB04", "department", 2024, 70.0),
    ("VB04", "", 2027, 40.0),
    ("VB04", "", 2026, 45.0),
    ("DVC05", "", 0, 10.0),
    ("DVC05", "", 2027, 5.0),
    ("HT01", "40", 2026, 20.0),
    ("HT03", "40", 2026, 614.025),
    ("HT03", "province", 2026, 900.0),
    ("NV08", "department", 2026, 3.0),
]

BANDS = {"VB01": (5.0, 20.0, 40.0, 10.0)}  # attention, behind, far behind, least denominator
USUAL_BAND = (10.0, 25.0, 50.0, 3.0)

PLANNED_PATH = [
    # indicator, scope, quarter, value
    ("VB01", "commune", "2025-Q4", 50.0),
    ("VB01", "38.KHCN", "2025-Q3", 20.0),
    ("VB04", "", "2025-Q3", None),
    ("VB04", "", "2026-Q1", 44.0),
    ("DVC05", "", "2026-Q1", 25.0),
]

COLUMNS = {
    "observation": {
        "submission": "", "file": "", "form": "bm01_indicators", "org_unit": "", "indicator": "", "period": "",
        "as_of": None, "received_at": ARRIVED, "numerator": None, "denominator": None, "value": None,
        "value_to": None, "qualifier": "", "status": "reported", "sheet": "Biểu 01", "cell": "E12", "shown": "",
        "note": "", "is_current": True,
    },
    "submission": {
        "submission": "", "file": "", "file_name": "", "form": "bm01_indicators", "org_unit": "", "period": "",
        "as_of": None, "received_at": ARRIVED, "sender": "", "sent_for": "", "channel": "inbox", "backfilled": False,
        "outcome": "accepted", "sheet": "Biểu 01", "observation_count": 0, "task_count": 0, "error_count": 0,
        "warning_count": 0, "is_withdrawn": False, "is_current": True,
    },
    "task_report": {
        "submission": "", "file": "", "form": "bm02_tasks", "org_unit": "", "task_key": "", "task": "", "title": "",
        "assigned_in": "", "lead": "", "lead_text": "", "coordinating": [], "coordinating_text": "", "due_on": None,
        "due_precision": "day", "due_text": "", "state": "dang_thuc_hien", "status": "", "completed_on": None,
        "progress_pct": None, "result": "", "obstacle": "", "proposal": "", "period": "", "as_of": date(2026, 1, 1),
        "received_at": ARRIVED, "sheet": "Biểu 02", "cell": "B13", "shown": "", "is_current": True,
    },
    "finding": {
        "submission": "", "position": 0, "code": "", "severity": "warning", "sheet": "", "cell": "", "shown": "",
        "message_vi": "", "message_en": "",
    },
}  # fmt: skip


@dataclass
class World:
    """Rows of every table; `core` rows may leave out what COLUMNS gives."""

    day: date
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        return self.tables.setdefault(table, [])

    def add(self, table: str, **values: Any) -> None:
        self.rows(f"core.{table}").append({**COLUMNS[table], **values})

    def by(self, table: str, key: str) -> dict[str, Row]:
        return {row[key]: row for row in self.rows(table)}


def write(world: World, connection: duckdb.DuckDBPyConnection) -> None:
    """Fill an empty database with the world's tables, then make every mart as a build does."""
    connection.execute(sql.SCHEMA)
    for table, rows in world.tables.items():
        if rows:
            connection.register("rows_in", pl.DataFrame(rows, infer_schema_length=None))
            connection.execute(f"insert into {table} by name select * from rows_in")
            connection.unregister("rows_in")
    for name in sql.MARTS:
        connection.execute(f"create table mart.{name} as {sql.mart(name)}")


def mart(world: World, name: str) -> list[Row]:
    """The rows of one mart, made in memory."""
    with duckdb.connect(":memory:") as connection:
        write(world, connection)
        return connection.sql(f"select * from mart.{name}").pl().to_dicts()


# ---------------------------------------------------------------- reference


def empty(day: date, communes: int = 4) -> World:
    """Two provinces, every kind of indicator, the periods of 2024–2027, and nothing received."""
    world = World(day)
    world.tables["core.build"] = [
        {
            "built_at": ARRIVED,
            "as_of": day,
            "known_until": None,
            "reference_hash": "abc",
            "is_demo": True,
        }
    ]
    _add_units(world, communes)
    _add_indicators(world)
    _add_periods(world)
    _add_forms(world)
    return world


def _add_units(world: World, communes: int) -> None:
    for position, (kind, (group, is_ranked)) in enumerate(KINDS.items()):
        world.rows("reference.unit_kind").append(
            {
                "kind": kind,
                "name_vi": kind,
                "name_en": kind,
                "unit_group": group,
                "group_name_vi": group,
                "group_name_en": group,
                "position": position,
                "is_ranked": is_ranked,
            }
        )
    _add_unit(world, "VN", "country", "", "")
    for province in ("38", "40"):
        _add_unit(world, province, "province", "VN", province)
        for name in ("KHCN", "NV", "NNMT"):
            _add_unit(world, f"{province}.{name}", "department", province, province)
        _add_unit(world, f"{province}.CA", "police", province, province)
        _add_unit(world, f"{province}.VPTU", "party_body", province, province)
        _add_unit(world, f"old.{province}0", "old_district", province, province)
        for number in range(communes):
            code = f"{province}{number:03d}"
            _add_unit(world, code, "phuong" if number % 3 == 0 else "xa", province, province)
            world.rows("reference.tile").append(
                {"province": province, "org_unit": code, "col": number % 10, "row": number // 10}
            )


def _add_unit(world: World, code: str, kind: str, parent: str, province: str) -> None:
    group = KINDS[kind][0]
    world.rows("reference.org_unit").append(
        {
            "org_unit": code,
            "name": f"Đơn vị {code}",
            "short_name": code,
            "kind": kind,
            "unit_group": group,
            "parent": parent,
            "province": province,
            "reporting_line": "vptu" if group == "party" else "ubnd",
            "valid_from": date(2025, 7, 1) if group == "commune" else None,
            "valid_to": date(2025, 6, 30) if group == "old" else None,
            "official_code": code,
            "search_key": code.lower(),
            "sort_key": code,
        }
    )


def _add_indicators(world: World) -> None:
    for position, (code, kind, factor, direction, value_type, reporter) in enumerate(INDICATORS):
        world.rows("reference.indicator").append(
            {
                "indicator": code,
                "name_vi": f"Chỉ tiêu {code}",
                "name_en": f"Indicator {code}",
                "topic": code[:2],
                "numerator_name": "",
                "denominator_name": "",
                "measure_unit": "%" if kind == "ratio" else "",
                "kind": kind,
                "factor": factor,
                "direction": direction,
                "value_type": value_type,
                "cadence": "monthly",
                "reporter": reporter,
                "source_document": "",
                "basis": "source",
                "note": "",
                "decimals": 1,
                "position": position,
                "search_key": code.lower(),
            }
        )
        keys = ("attention", "behind", "far_behind", "least_denominator")
        band = dict(zip(keys, BANDS.get(code, USUAL_BAND), strict=True))
        world.rows("reference.band").append({"indicator": code, **band})
    for indicator, scope, period, planned in PLANNED_PATH:
        world.rows("reference.planned_path").append(
            {"indicator": indicator, "scope": scope, "period": period, "value": planned, "source_document": scope}
        )
    for indicator, scope, year, value in TARGETS:
        world.rows("reference.target").append(
            {"indicator": indicator, "scope": scope, "year": year, "value": value, "source_document": f"{scope}@{year}"}
        )


def _add_periods(world: World) -> None:
    periods: list[tuple[date, date, str, str]] = []
    for year in range(2024, 2028):
        ends = [date(year, month, calendar.monthrange(year, month)[1]) for month in range(1, 13)]
        periods += [(date(year, m, 1), ends[m - 1], f"{year}-{m:02d}", "monthly") for m in range(1, 13)]
        periods += [(date(year, 3 * q - 2, 1), ends[3 * q - 1], f"{year}-Q{q}", "quarterly") for q in range(1, 5)]
        periods += [
            (date(year, 1, 1), ends[5], f"{year}-H1", "half"),
            (date(year, 7, 1), ends[11], f"{year}-H2", "half"),
        ]
        periods += [(date(year, 1, 1), ends[8], f"{year}-9M", "nine_months")]
        periods += [(date(year, 1, 1), ends[11], f"{year}", "yearly")]
        for q in range(1, 5):
            _add_parts(world, f"{year}-Q{q}", [f"{year}-{m:02d}" for m in range(3 * q - 2, 3 * q + 1)])
        _add_parts(world, f"{year}-H1", [f"{year}-Q1", f"{year}-Q2"])
        _add_parts(world, f"{year}-H2", [f"{year}-Q3", f"{year}-Q4"])
        _add_parts(world, f"{year}-9M", [f"{year}-Q{q}" for q in range(1, 4)])
        _add_parts(world, f"{year}", [f"{year}-Q{q}" for q in range(1, 5)])
    monday = date(2025, 6, 2)
    while monday.year < 2027:
        year, week, _ = monday.isocalendar()
        periods.append((monday, monday + timedelta(days=6), f"{year}-W{week:02d}", "weekly"))
        monday += timedelta(days=7)
    for position, (start, end, period, cadence) in enumerate(sorted(periods)):
        world.rows("reference.period").append(
            {
                "period": period,
                "cadence": cadence,
                "start_on": start,
                "end_on": end,
                "position": position,
                "label_vi": period,
                "label_en": period,
            }
        )


def _add_parts(world: World, period: str, parts: list[str]) -> None:
    for number, part in enumerate(parts, start=1):
        world.rows("reference.period_part").append(
            {"period": period, "part": part, "part_no": number, "part_count": len(parts)}
        )


def _add_forms(world: World) -> None:
    shapes = {
        "bm01_indicators": ("indicator_rows", 1),
        "bm02_tasks": ("task_rows", 1),
        "bm03_by_unit": ("unit_rows", 2),
    }
    for form, (shape, rank) in shapes.items():
        world.rows("reference.form").append(
            {"form": form, "code": form[:4].upper(), "name_vi": form, "name_en": form, "shape": shape, "rank": rank}
        )
    world.tables["reference.form_lead"] = [{"form": "bm03_by_unit", "indicator": "DL01"}]
    for unit in world.rows("reference.org_unit"):
        if unit["unit_group"] == "commune":
            _expect(world, "bm01_indicators", "quarterly", unit["org_unit"], ("commune", "both"))
        elif unit["kind"] == "department":
            _expect(world, "bm01_indicators", "monthly", unit["org_unit"], ("department", "both"))
            _expect(world, "bm02_tasks", "weekly", unit["org_unit"], ())
    _expect(world, "bm03_by_unit", "quarterly", "38.NNMT", ())
    for period in world.rows("reference.period"):
        for form, cadence in (
            ("bm01_indicators", "monthly"),
            ("bm01_indicators", "quarterly"),
            ("bm03_by_unit", "quarterly"),
            ("bm02_tasks", "weekly"),
        ):
            if period["cadence"] == cadence:
                end = period["end_on"]
                due_on = end - timedelta(days=2) if cadence == "weekly" else end.replace(day=16)
                world.rows("reference.due").append(
                    {"form": form, "cadence": cadence, "period": period["period"], "due_on": due_on}
                )


def _expect(world: World, form: str, cadence: str, org_unit: str, reporters: tuple[str, ...]) -> None:
    world.rows("reference.expected").append({"form": form, "cadence": cadence, "org_unit": org_unit})
    for indicator in world.rows("reference.indicator"):
        if indicator["reporter"] in reporters:
            world.rows("reference.expected_indicator").append(
                {"form": form, "cadence": cadence, "org_unit": org_unit, "indicator": indicator["indicator"]}
            )


# ---------------------------------------------------------------- received, at random


def random_figures(world: World, seed: int, share: float = 0.5, years: tuple[int, ...] = (2025, 2026)) -> World:
    """Observations of every kind of cell for all units, months, quarters and longer periods; two forms at times."""
    chance = random.Random(seed)
    number = 0
    periods = [
        p
        for p in world.rows("reference.period")
        if p["cadence"] != "weekly" and p["start_on"].year in years and p["start_on"] <= world.day
    ]
    odds = {"monthly": share, "quarterly": share / 3, "half": share / 9, "nine_months": share / 9, "yearly": share / 9}
    for unit in world.rows("reference.org_unit"):
        for period in periods:
            for form in ("bm01_indicators", "bm03_by_unit"):
                if chance.random() > odds[period["cadence"]] * (1 if form == "bm01_indicators" else 0.3):
                    continue
                number += 1
                sent = _sent(chance, number, form, unit, period)
                world.add("submission", **sent)
                for indicator in world.rows("reference.indicator"):
                    if chance.random() < 0.7:
                        figure = _figure(chance, indicator["kind"])
                        kept = {
                            key: sent[key] for key in ("submission", "file", "form", "period", "as_of", "received_at")
                        }
                        world.add(
                            "observation",
                            **kept,
                            **figure,
                            org_unit=unit["org_unit"],
                            indicator=indicator["indicator"],
                            cell=f"E{indicator['position'] + 12}",
                            is_current=chance.random() < 0.95,
                        )
    return world


def _sent(chance: random.Random, number: int, form: str, unit: Row, period: Row) -> Row:
    received = datetime.combine(period["end_on"], datetime.min.time()) + timedelta(
        hours=chance.randrange(-30 * 24, 200)
    )
    return {
        "submission": f"{number:08d}",
        "file": f"{number:064x}",
        "file_name": f"{number}.xlsx",
        "form": form,
        "org_unit": unit["org_unit"],
        "period": period["period"],
        "as_of": period["end_on"] - timedelta(days=chance.randrange(0, 20)),
        "received_at": received,
        "outcome": chance.choice(["accepted"] * 9 + ["rejected"]),
        "is_withdrawn": chance.random() < 0.05,
    }


def _figure(chance: random.Random, kind: str) -> Row:
    draw = chance.random()
    denominator = float(chance.randrange(0, 40))
    numerator = float(chance.randint(0, int(denominator)))
    if draw < 0.08:
        return {"status": "not_reported", "denominator": denominator if chance.random() < 0.5 else None}
    if draw < 0.16:
        return {"status": "no_activity"}
    if draw < 0.20:
        return {"status": "not_applicable"}
    if draw < 0.36:
        low = float(chance.randrange(0, 100))
        qualifier = chance.choice(["", "gt", "ge", "lt", "le", "approx", "range"])
        high = low + chance.randrange(1, 20) if qualifier == "range" else None
        plain = {} if kind == "ratio" else {"numerator": low}
        return {"value": low, "value_to": high, "qualifier": qualifier, **plain}
    if kind != "ratio":
        total = denominator if chance.random() < 0.3 else None
        return {"numerator": numerator, "denominator": total, "value": numerator}
    if draw < 0.40:
        return {"numerator": numerator}
    value = 100.0 * numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "value": value}


def random_tasks(world: World, seed: int, count: int = 60) -> World:
    """Tasks reported now and then by one sender or two, with every state and kind of due date."""
    chance = random.Random(seed)
    units = [u["org_unit"] for u in world.rows("reference.org_unit") if u["kind"] in ("department", "province")]
    for number in range(count):
        senders = chance.sample(units, k=chance.choice([1, 1, 2]))
        lead = chance.choice([senders[0], chance.choice(units), ""])
        for report in range(chance.randint(1, 5)):
            as_of = date(2025, 1, 5) + timedelta(days=chance.randrange(0, 620))
            due_on = as_of + timedelta(days=chance.randrange(-200, 300)) if chance.random() < 0.8 else None
            done = chance.random() < 0.5
            world.add(
                "task_report",
                submission=f"{900000 + number * 100 + report:08d}",
                org_unit=chance.choice(senders),
                task_key=f"key-{number}",
                task=f"T-{number}",
                title=f"Nhiệm vụ {number}",
                assigned_in="Kế hoạch 1",
                lead=lead,
                lead_text=lead,
                coordinating=chance.sample(units, k=2),
                due_on=due_on,
                state=chance.choice(["chua_thuc_hien", "dang_thuc_hien", "da_hoan_thanh", "thuong_xuyen"]),
                completed_on=as_of - timedelta(days=chance.randrange(0, 90)) if done else None,
                period=f"{as_of.year}-Q{(as_of.month + 2) // 3}",
                as_of=as_of,
                cell=f"B{13 + number}",
                is_current=chance.random() < 0.9,
            )
    return world
