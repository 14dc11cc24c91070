"""What was known at a past moment looks the same for ever, whatever comes later; the watcher shows it on request."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from click.testing import CliRunner

from etl import as_of, disk
from etl.archive import Archive
from etl.build import build
from etl.cli import main
from etl.errors import HouseError
from etl.findings import Finding
from etl.model import Outcome, Receipt, Submission, TaskState
from etl.pipeline import Pipeline
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from etl.watch import Watcher
from sql import warehouse
from sql.changes import changes
from sql.queries import Scope
from tests import made, watching

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MEETING = datetime(2026, 3, 18, 17, tzinfo=HANOI)
AS_OF = date(2026, 3, 14)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(live=tmp_path / "live")
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    return settings


@pytest.fixture
def archive(settings: Settings) -> Archive:
    return Archive(settings.archive)


Send = Callable[..., Receipt]


@pytest.fixture
def send(archive: Archive) -> Send:
    count = 0

    def send(received_at: datetime, content: Submission, outcome: Outcome = Outcome.ACCEPTED) -> Receipt:
        nonlocal count
        count += 1
        receipt = made.receipt(content, received_at=received_at, file=f"{count:012x}{count:052x}", outcome=outcome)
        archive.record(receipt)
        return receipt

    return send


def figures(org_unit: str, *rows: tuple[str, float, float], period: str = "2026-Q1") -> Submission:
    """A BM01 of one unit; denominators that are no round binary fractions, so that the order of adding shows."""
    observations = tuple(
        replace(made.observation(indicator, org_unit, n, d), cell=f"E{14 + position}")
        for position, (indicator, n, d) in enumerate(rows)
    )
    return Submission("bm01_indicators", org_unit, period, AS_OF, "Biểu 01", observations)


def tables(path: Path) -> dict[str, str]:
    """Every table of a warehouse, its rows put in order and hashed."""
    names = warehouse.query(
        path,
        "select schema_name || '.' || table_name as name from duckdb_tables() where database_name = 'w' order by 1",
    )["name"].to_list()
    assert len(names) > 20
    hashes = {}
    for name in names:
        frame = warehouse.query(path, f"select * from {name} order by all")
        hashes[name] = hashlib.sha256(frame.write_json().encode()).hexdigest()
    return hashes


def units(reference: Reference, kind: str, count: int) -> list[str]:
    return [
        code for code, unit in reference.org_units.items() if unit.kind == kind and reference.province_of(code) == "38"
    ][:count]


def load_before_the_meeting(reference: Reference, send: Send) -> list[Receipt]:
    received = []
    for number, commune in enumerate(units(reference, "xa", 40)):
        content = figures(commune, ("VB01", 0.1 + number / 3, 100.7), ("DVC01", number, 81.3))
        received.append(send(MEETING - timedelta(days=2, minutes=number), content))
    department = units(reference, "department", 1)[0]
    content = Submission("bm02_tasks", department, "2026-W11", AS_OF, "Biểu 02", tasks=(made.task("01", department),))
    received.append(send(MEETING - timedelta(hours=1), content))
    fault = replace(figures(department, ("VB01", 9, 3)), findings=(Finding("cell.negative", "Biểu 01", "E14", "-3"),))
    received.append(send(MEETING - timedelta(minutes=30), fault, Outcome.REJECTED))
    return received


def load_after_the_meeting(reference: Reference, send: Send, archive: Archive, received: list[Receipt]) -> None:
    communes = units(reference, "xa", 42)
    send(MEETING + timedelta(minutes=1), figures(communes[0], ("VB01", 99, 100), ("DVC01", 1, 2)))
    send(MEETING + timedelta(days=30), figures(communes[1], ("VB01", 98, 100), period="2025-Q4"))
    send(MEETING + timedelta(days=30), figures(communes[41], ("VB01", 50, 100)))
    department = units(reference, "department", 1)[0]
    done = made.task("01", department, state=TaskState.DONE)
    content = Submission("bm02_tasks", department, "2026-W15", date(2026, 4, 10), "Biểu 02", tasks=(done,))
    send(MEETING + timedelta(days=31), content)
    archive.withdraw(received[5].submission, "Gửi nhầm", "a@x.vn", MEETING + timedelta(days=2))


# the same for ever


def test_every_table_of_a_past_moment_is_the_same_before_and_after_later_loads(
    settings: Settings, reference: Reference, archive: Archive, send: Send
) -> None:
    received = load_before_the_meeting(reference, send)
    now = build(settings, reference, day=date(2026, 3, 18))
    before = tables(build(settings, reference, known_until=MEETING))
    load_after_the_meeting(reference, send, archive, received)
    archive.compact(above=0)
    later = build(settings, reference, day=date(2026, 6, 30))
    after = tables(build(settings, reference, known_until=MEETING))
    assert after == before
    assert tables(later) != tables(now)


def test_a_past_moment_keeps_the_reference_data_then_in_force(
    settings: Settings, reference: Reference, send: Send
) -> None:
    load_before_the_meeting(reference, send)
    build(settings, reference)
    before = build(settings, reference, known_until=MEETING)
    hashes = tables(before)
    targets = settings.reference / "targets.csv"
    targets.write_text(targets.read_text().replace(",2025,100,", ",2025,1,"))
    changed = load_reference(settings.reference)
    assert changed.hash != reference.hash
    now = build(settings, changed)
    assert now.name != before.name
    after = build(settings, changed, known_until=MEETING)
    assert after == before
    assert tables(after) == hashes
    assert warehouse.query(now, "select reference_hash from core.build").item() == changed.hash


def test_what_was_in_force_is_the_last_noted_before(settings: Settings) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert as_of.in_force(settings, noon) is None
    for day, name in ((0, "aa"), (1, "aa"), (2, "bb"), (3, "aa")):
        as_of.note_in_force(settings, name, noon + timedelta(days=day))
    asked = [as_of.in_force(settings, noon + timedelta(days=day, hours=1)) for day in (-9, 0, 1, 2, 3)]
    assert asked == ["aa", "aa", "aa", "bb", "aa"]
    assert len(list((settings.warehouse / "in_force").iterdir())) == 3


def test_a_copy_of_reference_data_that_is_gone_is_replaced_by_the_present_one(
    settings: Settings, reference: Reference, caplog: pytest.LogCaptureFixture
) -> None:
    as_of.note_in_force(settings, "ab" * 32, datetime(2026, 1, 1, tzinfo=UTC))
    path = build(settings, reference, known_until=MEETING)
    assert path.stem.endswith(reference.hash[:8])
    assert "cannot be read" in caplog.text


# names


@pytest.mark.parametrize(
    ("moment", "key"),
    [
        (datetime(2026, 3, 18, 23, 59, 59, 999_999, tzinfo=HANOI), "2026-03-18"),
        (datetime(2026, 3, 18, 16, 59, 59, 999_999, tzinfo=UTC), "2026-03-18"),
        (MEETING, "2026-03-18T170000"),
        (datetime(2026, 3, 18, 20, 0, 0, 5, tzinfo=UTC), "2026-03-19T030000.000005"),
    ],
)
def test_a_moment_has_one_name(moment: datetime, key: str) -> None:
    assert as_of.moment_key(moment) == key
    assert as_of.moment_of(key) == moment


@pytest.mark.parametrize("name", ["", "2026-3-18", "2026-03-18T17", "20260318", "../CURRENT", "2026-02-30", "*"])
def test_what_is_no_moment_finds_no_view(settings: Settings, name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are Python's
        as_of.moment_of(name)
    assert warehouse.as_of(settings.warehouse, name) is None


# on request


@pytest.fixture
def watcher(settings: Settings, reference: Reference) -> Watcher:
    """Of a house that has held but two meetings, so that few views are built unasked."""
    few = replace(
        reference, meetings=tuple(meeting for meeting in reference.meetings if meeting.known_at <= MEETING)[-2:]
    )
    return Watcher(settings, Pipeline(settings, few))


def settle(watcher: Watcher) -> None:
    watching.settle(watcher, past=True)
    assert as_of.requested(watcher.settings) == []


def test_meetings_are_shown_without_asking_and_a_day_on_request(
    settings: Settings, reference: Reference, watcher: Watcher, send: Send
) -> None:
    load_before_the_meeting(reference, send)
    settle(watcher)
    held = watcher.pipeline.reference.meetings
    assert len(held) == 2
    for meeting in held:
        view = warehouse.as_of(settings.warehouse, as_of.moment_key(meeting.known_at))
        assert view is not None
        until = warehouse.query(view, "select known_until from core.build").item()
        assert until == meeting.known_at.astimezone(UTC).replace(tzinfo=None)
    key = as_of.request_as_of(settings, datetime(2026, 3, 16, 23, 59, 59, 999_999, tzinfo=HANOI))
    assert key == "2026-03-16"
    assert warehouse.as_of(settings.warehouse, key) is None
    settle(watcher)
    view = warehouse.as_of(settings.warehouse, key)
    assert view is not None
    assert warehouse.query(view, "select count(*) from core.submission").item() == 40
    assert as_of.requested(settings) == []


def test_a_moment_to_come_cannot_be_asked_for(settings: Settings) -> None:
    with pytest.raises(HouseError, match="not passed"):
        as_of.request_as_of(settings, datetime.now(UTC) + timedelta(minutes=1))
    assert as_of.requested(settings) == []


def test_a_request_that_is_none_is_thrown_away(settings: Settings) -> None:
    folder = settings.landing / "web" / "as_of"
    folder.mkdir(parents=True)
    for name in ("tomorrow", "2026-99-99"):
        (folder / f"{name}.request").write_text("")
    assert as_of.requested(settings) == []
    assert list(folder.iterdir()) == []


def test_history_loaded_later_renews_the_views_it_belongs_to(
    settings: Settings, reference: Reference, watcher: Watcher, send: Send
) -> None:
    settle(watcher)
    view = warehouse.as_of(settings.warehouse, as_of.moment_key(MEETING))
    assert view is not None
    assert as_of.is_fresh(view, watcher.pipeline.archive)
    receipt = send(MEETING - timedelta(days=1), figures(units(reference, "xa", 1)[0], ("VB01", 1, 2)))
    assert not as_of.is_fresh(view, watcher.pipeline.archive)
    watcher._is_stale = True
    settle(watcher)
    assert warehouse.query(view, "select submission from core.submission").item() == receipt.submission
    watcher.pipeline.archive.withdraw(receipt.submission, "Gửi nhầm", "a@x.vn", MEETING - timedelta(hours=1))
    assert not as_of.is_fresh(view, watcher.pipeline.archive)


def test_a_view_that_cannot_be_built_is_not_tried_for_ever(
    settings: Settings, reference: Reference, watcher: Watcher
) -> None:
    settle(watcher)
    moment = MEETING - timedelta(hours=3)
    as_of.request_as_of(settings, moment)
    with disk.lock(settings.live / "build.lock", "the build"):
        watcher.look(lambda _: None)
        finish(watcher)
        assert as_of.requested(settings) == [moment]
    shutil.rmtree(settings.warehouse / "as_of")
    (settings.warehouse / "as_of").write_bytes(b"no folder")
    settle(watcher)
    assert warehouse.as_of(settings.warehouse, as_of.moment_key(moment)) is None


def finish(watcher: Watcher) -> None:
    """Waits for the build at work and lets the watcher hear of it."""
    while watcher.builder.order is not None:
        watcher.look(lambda _: None)
        time.sleep(0.02)


def test_ten_views_are_kept_and_the_meetings(settings: Settings) -> None:
    folder = settings.warehouse / "as_of"
    folder.mkdir(parents=True)
    for day in range(1, 16):
        for suffix in ("duckdb", "json"):
            path = folder / f"2026-05-{day:02d}-abcdef01.{suffix}"
            path.write_text("")
            os.utime(path, (day, day))
    as_of.touch(folder / "2026-05-02-abcdef01.duckdb")
    as_of.sweep(settings, [as_of.moment_of("2026-05-01")])
    kept = sorted(path.stem[8:10] for path in as_of.built(settings))
    assert kept == ["01", "02", "07", "08", "09", "10", "11", "12", "13", "14", "15"]
    assert sorted(path.stem[8:10] for path in folder.glob("*.json")) == kept


# what has changed since


def test_changes_since_a_meeting_are_told_apart(
    settings: Settings, reference: Reference, archive: Archive, send: Send
) -> None:
    received = load_before_the_meeting(reference, send)
    then = build(settings, reference, known_until=MEETING)
    load_after_the_meeting(reference, send, archive, received)
    now = build(settings, reference, day=date(2026, 3, 18))
    found = changes(Scope.all(now), Scope.all(then), province="38")

    communes = units(reference, "xa", 42)
    told = {
        (row["org_unit"], row["indicator"], row["period"]): row["change"] for row in found.figures.iter_rows(named=True)
    }
    assert told == {
        (communes[0], "VB01", "2026-Q1"): "revised",
        (communes[0], "DVC01", "2026-Q1"): "revised",
        (communes[1], "VB01", "2025-Q4"): "new",
        (communes[41], "VB01", "2026-Q1"): "new",
        (communes[5], "VB01", "2026-Q1"): "gone",
        (communes[5], "DVC01", "2026-Q1"): "gone",
    }
    revised = found.figures.row(
        by_predicate=(pl.col("org_unit") == communes[0]) & (pl.col("indicator") == "VB01"), named=True
    )
    assert (revised["numerator_then"], revised["numerator"]) == (0.1, 99)
    assert (revised["submission_then"], revised["name"]) == (
        received[0].submission,
        reference.org_units[communes[0]].name,
    )
    assert [(row["change"], row["status_then"], row["status"]) for row in found.tasks.iter_rows(named=True)] == [
        ("status", "dang_thuc_hien_dung_han", "da_hoan_thanh_dung_han")
    ]
    assert found.tasks["is_reported"].to_list() == [True]
    assert found.withdrawn["submission"].to_list() == [received[5].submission]


def test_nothing_has_changed_between_a_warehouse_and_itself(
    settings: Settings, reference: Reference, send: Send
) -> None:
    load_before_the_meeting(reference, send)
    path = build(settings, reference, day=date(2026, 3, 18))
    found = changes(Scope.all(path), Scope.all(path), province="38")
    assert (found.figures.height, found.tasks.height, found.withdrawn.height) == (0, 0, 0)


def test_a_figure_that_crosses_its_target_is_told(settings: Settings, reference: Reference, send: Send) -> None:
    commune = units(reference, "xa", 1)[0]
    send(MEETING - timedelta(days=1), figures(commune, ("VB01", 1, 100), ("VB02", 100, 100)))
    then = build(settings, reference, known_until=MEETING)
    send(MEETING + timedelta(days=1), figures(commune, ("VB01", 100, 100), ("VB02", 1, 100)))
    now = build(settings, reference, day=date(2026, 3, 20))
    found = changes(Scope.all(now), Scope.all(then), province="38").figures
    assert dict(found.select("indicator", "met_change").rows()) == {"VB01": "met", "VB02": "missed"}
    nobody = changes(Scope(now, frozenset()), Scope(then, frozenset()), province="38")
    assert (nobody.figures.height, nobody.tasks.height, nobody.withdrawn.height) == (0, 0, 0)


# taking back


def test_a_submission_taken_back_by_the_command_lets_the_one_before_count_again(tmp_path: Path) -> None:
    env = {"TIENDOSO_LIVE": str(tmp_path / "live")}
    settings = Settings(live=tmp_path / "live")
    runner = CliRunner()

    def run(*arguments: str, exit_code: int = 0) -> str:
        result = runner.invoke(main, list(arguments), env=env)
        assert result.exit_code == exit_code, result.output
        return result.stdout

    def counting() -> list[tuple[str, float]]:
        out = tmp_path / "out.json"
        run("export", "observations", "-o", str(out))
        return [(row["submission"], row["numerator"]) for row in json.loads(out.read_text())]

    run("build")
    archive = Archive(settings.archive)
    receipts = [
        made.receipt(
            figures("14758", ("VB01", n, 100)), received_at=made.RECEIVED + timedelta(days=n), file=f"{n:064x}"
        )
        for n in (1, 2)
    ]
    for receipt in receipts:
        archive.record(receipt)
    run("build")
    first, second = (receipt.submission for receipt in receipts)
    assert counting() == [(second, 2)]
    run("withdraw", second, exit_code=2)
    run("withdraw", second, "--reason", "  ", exit_code=2)
    assert counting() == [(second, 2)]
    assert run("withdraw", second, "--reason", "Gửi nhầm kỳ", "--by", "nguyen.van.a") == f"{second}\n"
    assert counting() == [(first, 1)]
    assert [(row["submission"], row["reason"], row["by"]) for row in archive.withdrawals()] == [
        (second, "Gửi nhầm kỳ", "nguyen.van.a")
    ]
    run("withdraw", second, "--reason", "Lần nữa", exit_code=3)
    run("withdraw", "20260101T000000.000000Z-0123456789ab-1", "--reason", "Không có", exit_code=3)
    assert archive.receipt(second) is not None
    assert re.search(second, run("export", "submissions", "--history", "-o", "-"))
