"""The figures of this machine: `python -m tests.bench`."""

from __future__ import annotations

import logging
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import polars as pl
from streamlit.testing.v1 import AppTest

from dashboard.app import FOLDER, PAGES
from etl import periods
from etl.archive import Archive
from etl.build import build
from etl.export import About, Column, Sheet, write, write_workbook
from etl.model import CellValue, Receipt, Submission
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from sql import queries, warehouse
from tests import bench_browser, made
from tests.figures import measured, say

INGESTED = 1_500
SUBMISSIONS = 25_000
ROWS = 20
TASK_SUBMISSIONS = 1_000
DAY = date(2026, 12, 31)


def main() -> None:
    print(f"{platform.node()}: {os.cpu_count()} cores, {_memory_gb():.0f} GB, Python {platform.python_version()}")
    bench_ingest()
    bench_demo()
    bench_build()
    bench_export()
    bench_browser.main()


def bench_ingest() -> None:
    """1,500 workbooks of 20 to 40 rows from a folder to a published warehouse, by the command; then one more."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(live=Path(folder) / "live")
        reference = load_reference(REPOSITORY / "data" / "reference")
        sent = Path(folder) / "sent"
        sent.mkdir()
        for number, (unit, period) in enumerate(_senders(reference, INGESTED + 1)):
            path = sent / f"{number:04d}.xlsx" if number < INGESTED else Path(folder) / "one more.xlsx"
            write_template(
                reference, "bm01_indicators", unit, period, rows=_filled(reference, number), path_or_stream=path
            )
        with measured(f"ingest {INGESTED:,} workbooks end to end, build included", 30):
            _command(settings, "ingest", str(sent), "--json")
        with measured("ingest one more, start of the programme and build included"):
            _command(settings, "ingest", str(Path(folder) / "one more.xlsx"), "--json")
        with measured("build alone"):
            _command(settings, "build")


def _senders(reference: Reference, count: int) -> Iterator[tuple[str, str]]:
    communes = [
        code for code, unit in reference.org_units.items() if unit.kind in ("xa", "phuong") and unit.parent == "38"
    ]
    known = [period for period in periods.all_periods(2025, 2027) if periods.cadence(period) == "quarterly"]
    quarters = sorted((period for period in known if period > "2025-Q2"), key=periods.order_key)
    for number in range(count):
        yield communes[number % len(communes)], quarters[number // len(communes)]


def _filled(reference: Reference, number: int) -> dict[str, dict[str | tuple[str, str], CellValue]]:
    codes = [code for code, indicator in reference.indicators.items() if indicator.reporter != "department"]
    return {
        code: {"numerator": (number * 7 + place * 13) % 90, "denominator": 90 + place}
        for place, code in enumerate(codes)
    }


def bench_demo() -> None:
    """The illustrative data, its workbooks written, loaded and built, by the command."""
    with tempfile.TemporaryDirectory() as folder, measured("demo: written, loaded, built", 30):
        _command(Settings(live=Path(folder)), "demo")


def _command(settings: Settings, *words: str) -> None:
    env = os.environ | {"TIENDOSO_LIVE": str(settings.live)}
    done = subprocess.run(
        [sys.executable, "-m", "etl.cli", *words], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)


def bench_pages(settings: Settings) -> None:
    """What each page asks of a warehouse of that size, nothing remembered: all its queries of one view together."""
    view = "from dashboard.app import main\nmain()"
    asked: list[float] = []
    unmeasured = warehouse.query

    def query(*given: Any, **limits: Any) -> pl.DataFrame:
        start = time.perf_counter()
        answer = unmeasured(*given, **limits)
        asked.append(time.perf_counter() - start)
        return answer

    os.environ["TIENDOSO_LIVE"] = str(settings.live)
    logging.disable(logging.WARNING)
    with patch("sql.warehouse.query", query):
        for page in PAGES:
            single: list[float] = []
            for quarter in ("2026-Q3", "2026-Q2", "2026-Q1", "2025-Q4", "2025-Q3") * 4:
                queries._remembered.cache_clear()
                app = AppTest.from_string(view, default_timeout=60)
                app.run()
                app.switch_page(str(FOLDER / page.path))
                app.query_params["quy"] = quarter
                asked.clear()
                queries._remembered.cache_clear()
                app.run()
                single.extend(asked)
            single.sort()
            say(f"page {page.url_path}: one query, 95th percentile", single[int(len(single) * 0.95)] * 1000, "ms", 20)
            say(f"page {page.url_path}: all queries of a view, mean", sum(single) / 20 * 1000, "ms")


def bench_export() -> None:
    """100,000 rows of ten columns as a workbook that is ready to print, and as the other formats."""
    rows = 100_000
    frame = pl.DataFrame(
        {
            "org_unit": [f"Xã Hoằng Hóa {row % 166}" for row in range(rows)],
            "indicator": ["VB01 · Tỷ lệ văn bản điện tử được ký số"] * rows,
            "period": ["Quý II/2026"] * rows,
            "numerator": [float(row % 977) for row in range(rows)],
            "denominator": [977.0] * rows,
            "value": [row % 977 / 9.77 for row in range(rows)],
            "target": [80.0] * rows,
            "gap": [row % 977 / 9.77 - 80 for row in range(rows)],
            "status": ["● Đạt" if row % 977 > 781 else "■ Chậm" for row in range(rows)],
            "as_of": [date(2026, 10, 2)] * rows,
            "decimals": [1] * rows,
        }
    )
    fills = {"● Đạt": ("#12436D", "#FFFFFF"), "■ Chậm": ("#A31D2A", "#FFFFFF")}
    columns = {
        name: Column(name, decimals="decimals" if name in ("value", "target", "gap") else None, fills=fills)
        for name in frame.columns[:10]
    }
    about = About("Thử", (("Tỉnh", "Thanh Hóa"),), "02/10/2026", "Báo cáo của các đơn vị", "v1")
    with measured("100,000 rows × 10 columns as xlsx", 6):
        data = write_workbook([Sheet("Số liệu", frame, columns)], about)
    say("size", len(data) / 1e6, "MB")
    for file_format in ("csv", "parquet"):
        with measured(f"the same as {file_format}"):
            write(frame, file_format, about, for_excel=True)


def bench_build() -> None:
    """Recording one submission, and a whole build from 25,000 submissions with 500,000 observations."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(live=Path(folder))
        reference = load_reference(_own_reference(settings))
        archive = Archive(settings.archive)
        receipts = _receipts(reference)
        costs = []
        for _ in range(500):
            start = time.perf_counter()
            archive.record(next(receipts))
            costs.append(time.perf_counter() - start)
        say("record one submission of 20 rows, synced: median", statistics.median(costs) * 1000, "ms", limit=3)
        with patch("os.fsync"):  # the bulk is only there to be read
            for receipt in receipts:
                archive.record(receipt)
            with measured("compact 26,000 submissions for the first time"):
                archive.compact()
        with measured("read the archive as tables", limit=2):
            frames = Archive(settings.archive).frames()
        with measured(
            f"whole build: {frames.submissions.height} submissions, {frames.observations.height} figures", 10
        ):
            built = build(settings, reference, day=DAY)
        with measured("whole build again", 10):
            built = build(settings, reference, day=DAY)
        say("warehouse", built.stat().st_size / 1e6, "MB")
        say("most memory taken", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, "MB")
        bench_pages(settings)


def _receipts(reference: Reference) -> Iterator[Receipt]:
    """Monthly and quarterly figures of every commune and department, with corrections; tasks of the departments."""
    units = [
        code
        for code, unit in reference.org_units.items()
        if unit.valid_to is None and reference.province_of(code) == "38"
    ]
    senders = [unit for unit in units if reference.unit_group(unit) in ("commune", "department")]
    known = [
        period for period in periods.all_periods(2024, 2026) if periods.cadence(period) in ("monthly", "quarterly")
    ]
    dated = [(period, periods.period_dates(period)[1]) for period in sorted(known, key=periods.order_key)]
    yield from made.receipts(
        SUBMISSIONS, org_units=senders, indicators=list(reference.indicators), periods=dated, rows=ROWS
    )
    departments = [unit for unit in senders if reference.unit_group(unit) == "department"]
    listed = list(reference.tasks.values())
    for number in range(TASK_SUBMISSIONS):
        unit, week = departments[number % len(departments)], number // len(departments)
        as_of = date(2025, 7, 4) + timedelta(weeks=week)
        tasks = tuple(
            replace(made.task(task.task, task.lead, as_of=as_of), assigned_in=task.assigned_in, title=task.title)
            for task in (listed[(number + step) % len(listed)] for step in range(ROWS))
        )
        year, weekday_week, _ = as_of.isocalendar()
        content = Submission("bm02_tasks", unit, f"{year}-W{weekday_week:02d}", as_of, "Biểu 02", tasks=tasks)
        received_at = datetime(as_of.year, as_of.month, as_of.day, 9, tzinfo=UTC) + timedelta(milliseconds=number)
        yield made.receipt(content, received_at=received_at, file=f"{number:012x}{number:052x}")


def _own_reference(settings: Settings) -> Path:
    copied = settings.reference
    copied.parent.mkdir(parents=True, exist_ok=True)
    copied.symlink_to(REPOSITORY / "data" / "reference")
    return copied


def _memory_gb() -> float:
    return cast(int, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) / 1e9


if __name__ == "__main__":
    main()
