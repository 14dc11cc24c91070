"""An original read again gives a new, dated reading; the one before stays, and so does every past view."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl import as_of
from etl.archive import Archive
from etl.build import build
from etl.cli import main
from etl.pipeline import Pipeline, Source
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from sql import warehouse

AT = datetime(2026, 4, 14, 3, tzinfo=UTC)
VALUE = "select submission, numerator from core.observation where is_current and indicator = 'VB01'"


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Reference) -> Settings:
    """One report, recorded by a reader that took its 50 for 5."""
    settings = Settings(live=tmp_path / "live")
    monkeypatch.setenv("TIENDOSO_LIVE", str(settings.live))
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    commune = next(code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38")
    stream = BytesIO()
    rows = {"VB01": {"numerator": 50, "denominator": 100}}
    write_template(reference, "bm01_indicators", commune, "2026-Q1", rows=rows, path_or_stream=stream)
    with Pipeline(settings, reference) as pipeline:
        list(pipeline.ingest([Source(stream.getvalue(), "a.xlsx", AT)]))
    [path] = settings.archive.glob("submissions/*/*.json")
    record = json.loads(path.read_text())
    for row in record["observations"]:
        if row["indicator"] == "VB01":
            row["numerator"], row["value"] = 5.0, 5.0
    path.write_text(json.dumps(record, ensure_ascii=False) + "\n")
    return settings


def test_a_new_reading_counts_from_now_on_and_past_views_stay(settings: Settings, reference: Reference) -> None:
    [first] = Archive(settings.archive).submissions()
    kept = (settings.archive / "submissions" / "2026-04-14" / f"{first}.json").read_bytes()
    moment = AT + timedelta(days=1)
    view = build(settings, reference, known_until=moment)
    told = CliRunner().invoke(main, ["reread", first])
    assert told.exit_code == 0, told.output
    again = f"{first[:-3]}101"
    assert told.stdout.split() == [again, "accepted"]
    current = build(settings, reference, day=date(2026, 6, 30))
    assert warehouse.query(current, VALUE).rows() == [(again, 50.0)]
    record = Archive(settings.archive).receipt(again)
    assert record is not None
    assert datetime.now(UTC) - datetime.fromisoformat(record["read_at"]) < timedelta(minutes=10)
    assert record["received_at"] == AT.isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert (settings.archive / "submissions" / "2026-04-14" / f"{first}.json").read_bytes() == kept
    # The view of before knows nothing of it, and made anew it is the same.
    assert as_of.is_fresh(view, Archive(settings.archive))
    assert warehouse.query(build(settings, reference, known_until=moment), VALUE).rows() == [(first, 5.0)]
    # Taken back, the reading before it counts again.
    Archive(settings.archive).withdraw(again, "thử", "an", datetime.now(UTC))
    assert warehouse.query(build(settings, reference, day=date(2026, 6, 30)), VALUE).rows() == [(first, 5.0)]


def test_what_reads_the_same_is_not_kept_again(settings: Settings) -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["reread", "--all"]).stdout.count("accepted") == 1
    assert runner.invoke(main, ["reread", "--all"]).stdout == ""
    assert len(Archive(settings.archive).submissions()) == 2
    assert runner.invoke(main, ["reread"]).exit_code == 2
