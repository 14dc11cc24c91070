"""The same workbook again, by two loaders at once, under another name; corrected and taken back: one table for each."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from etl.archive import Archive
from etl.build import build, table_hashes
from etl.pipeline import Pipeline, Source
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from sql import warehouse

DAY = date(2026, 6, 30)
AT = datetime(2026, 4, 14, 3, tzinfo=UTC)
# A duplicate is a submission too, with a finding of its own, and sending twice is not clean.
RECEIVED = ("core.submission", "core.finding", "mart.quality")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


def workbook(reference: Reference, numerator: int) -> bytes:
    commune = next(code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38")
    stream = BytesIO()
    rows = {"VB01": {"numerator": numerator, "denominator": 100}}
    write_template(reference, "bm01_indicators", commune, "2026-Q1", rows=rows, path_or_stream=stream)
    return stream.getvalue()


def figures(settings: Settings, reference: Reference) -> dict[str, str]:
    """Every table of figures, as hashes of rows."""
    hashes = table_hashes(build(settings, reference, day=DAY))
    return {table: digest for table, digest in hashes.items() if table not in RECEIVED}


def test_loaded_once_twice_ten_times_and_under_another_name_gives_the_same_tables(
    reference: Reference, tmp_path: Path
) -> None:
    data = workbook(reference, 50)
    tables = []
    for times in (1, 2, 10):
        settings = Settings(live=tmp_path / f"live-{times}")
        shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
        with Pipeline(settings, reference) as pipeline:
            sources = [Source(data, f"tên {n}.xlsx", AT + timedelta(minutes=n)) for n in range(times)]
            receipts = list(pipeline.ingest(sources))
        assert [str(receipt.outcome) for receipt in receipts] == ["accepted", *["duplicate"] * (times - 1)]
        tables.append(figures(settings, reference))
    assert tables[0] == tables[1] == tables[2]


def test_two_loaders_at_once_load_a_file_once(
    reference: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits for the first; each file has one receipt of each run, and counts once."""
    settings = Settings(live=tmp_path / "live")
    monkeypatch.setenv("TIENDOSO_LIVE", str(settings.live))
    files = tmp_path / "files"
    files.mkdir()
    for number in range(3):
        (files / f"{number}.xlsx").write_bytes(workbook(reference, number))
    command = [sys.executable, "-m", "etl.cli", "ingest", str(files), "--json"]
    runs = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    told = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    assert [len(answers.splitlines()) for answers, _ in told] == [3, 3]
    outcomes = sorted(record["outcome"] for record in Archive(settings.archive).receipts())
    assert outcomes == ["accepted"] * 3 + ["duplicate"] * 3
    current = warehouse.current(settings.warehouse)
    assert current is not None
    counted = "select count(*) from core.observation where is_current and indicator = 'VB01'"
    assert warehouse.query(current, counted).item() == 1


def test_correction_withdrawal_and_late_data_leave_every_earlier_state_answerable(
    reference: Reference, tmp_path: Path
) -> None:
    settings = Settings(live=tmp_path / "live")
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    with Pipeline(settings, reference) as pipeline:
        [first] = pipeline.ingest([Source(workbook(reference, 50), "a.xlsx", AT)])
        [second] = pipeline.ingest([Source(workbook(reference, 60), "b.xlsx", AT + timedelta(days=1))])
        pipeline.archive.withdraw(second.submission, "nhầm", "an", AT + timedelta(days=2))
        pipeline.ingest([])

    def numerator(known_until: datetime) -> float:
        view = build(settings, reference, known_until=known_until)
        counted = "select numerator from core.observation where is_current and indicator = 'VB01'"
        return float(warehouse.query(view, counted).item())

    moments = (AT + timedelta(hours=1), AT + timedelta(days=1, hours=1), AT + timedelta(days=2, hours=1))
    before = [numerator(moment) for moment in moments]
    assert before == [50, 60, 50]
    # History that is loaded later, of a quarter before, changes none of what was known of this one.
    with Pipeline(settings, reference) as pipeline:
        [late] = pipeline.ingest([Source(workbook(reference, 70), "c.xlsx", AT + timedelta(days=3))])
    assert [numerator(moment) for moment in moments] == before
    assert numerator(AT + timedelta(days=3, hours=1)) == 70
    records = {record["submission"]: record["outcome"] for record in Archive(settings.archive).receipts()}
    assert records == dict.fromkeys((first.submission, second.submission, late.submission), "accepted")
