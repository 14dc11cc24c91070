"""The warehouse is a function of reference, archive and day; a build that fails leaves the one before in place."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl import build as build_module
from etl import disk, periods
from etl.archive import Archive
from etl.build import build
from etl.errors import BuildError, Busy
from etl.findings import Finding
from etl.model import Observation, Outcome, Receipt, Submission, TaskState
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from sql import warehouse
from tests import made

DAY = date(2026, 6, 30)
AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(live=tmp_path / "live", keep_versions=2)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    return settings


@pytest.fixture
def archive(settings: Settings) -> Archive:
    return Archive(settings.archive)


@pytest.fixture
def communes(reference: Reference) -> list[str]:
    return [code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38"]


class Sender:
    """Records submissions one after the other, a minute apart."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.count = 0

    def send(self, form: str, org_unit: str, *rows: Observation, period: str = "2026-Q1", **more: object) -> Receipt:
        self.count += 1
        content = Submission(form, org_unit, period, AS_OF, "Biểu", rows, findings=more.pop("findings", ()))  # type: ignore[arg-type]
        receipt = made.receipt(
            replace(content, tasks=more.pop("tasks", ())),  # type: ignore[arg-type]
            received_at=made.RECEIVED + timedelta(minutes=self.count),
            file=f"{self.count:064x}",
            **more,  # type: ignore[arg-type]
        )
        self.archive.record(receipt)
        return receipt


@pytest.fixture
def sender(archive: Archive) -> Sender:
    return Sender(archive)


def rows_of(path: Path, statement: str) -> list[tuple[object, ...]]:
    return warehouse.query(path, statement).rows()


def published(settings: Settings) -> Path:
    path = warehouse.current(settings.warehouse)
    assert path is not None
    return path


# what is in it


def test_the_warehouse_holds_every_row_of_the_archive(
    settings: Settings, reference: Reference, sender: Sender, communes: list[str]
) -> None:
    first = sender.send(
        "bm01_indicators",
        communes[0],
        made.observation("VB01", communes[0], 80, 100),
        made.observation("VB02", communes[0], 3, 81),
        findings=(Finding("row.example", "Biểu 01", "B13"),),
    )
    refused = sender.send(
        "bm01_indicators",
        communes[1],
        made.observation("VB01", communes[1]),
        outcome=Outcome.REJECTED,
        findings=(Finding("cell.negative", "Biểu 01", "E14", "-3"),),
    )
    path = build(settings, reference, day=DAY)
    assert path == published(settings)
    assert rows_of(path, "select * exclude (file, received_at) from core.submission order by submission") == [
        (
            first.submission, "Biểu 01 Quý I.xlsx", "bm01_indicators", communes[0], "2026-Q1", AS_OF, "a@x.vn", "",
            "cli", False, "accepted", "Biểu", 2, 0, 0, 0, False, True,
        ),
        (
            refused.submission, "Biểu 01 Quý I.xlsx", "bm01_indicators", communes[1], "2026-Q1", AS_OF, "a@x.vn",
            "", "cli", False, "rejected", "Biểu", 0, 0, 1, 0, False, False,
        ),
    ]  # fmt: skip
    assert rows_of(path, "select received_at from core.submission order by submission limit 1") == [
        (first.arrival.received_at.astimezone(UTC).replace(tzinfo=None),)
    ]
    assert rows_of(path, "select * exclude (file, received_at) from core.observation order by indicator") == [
        (
            first.submission, "bm01_indicators", communes[0], row.indicator, "2026-Q1", AS_OF, row.numerator,
            row.denominator, row.value, None, "", "reported", row.sheet, row.cell, row.shown, row.note, True,
        )
        for row in first.content.observations
    ]  # fmt: skip
    assert rows_of(path, "select submission, position, code, severity, cell, message_vi from core.finding") == [
        (first.submission, 1, "row.example", "info", "B13", first.content.findings[0].message_vi),
        (refused.submission, 1, "cell.negative", "error", "E14", refused.content.findings[0].message_vi),
    ]
    assert rows_of(path, "select as_of, known_until, reference_hash, is_demo from core.build") == [
        (DAY, None, reference.hash, False)
    ]


def current(path: Path) -> list[tuple[object, ...]]:
    """The submissions whose rows count, by indicator and unit."""
    return rows_of(
        path,
        "select indicator, org_unit, submission from core.observation where is_current order by indicator, org_unit",
    )


def test_the_latest_accepted_submission_counts_whole_and_a_withdrawn_one_gives_way(
    settings: Settings, reference: Reference, sender: Sender, archive: Archive, communes: list[str]
) -> None:
    one, other = communes[:2]
    first = sender.send("bm01_indicators", one, made.observation("VB01", one, 1), made.observation("VB02", one, 1))
    elsewhere = sender.send("bm01_indicators", other, made.observation("VB01", other))
    earlier = sender.send("bm01_indicators", one, made.observation("VB01", one), period="2025-Q4")
    second = sender.send("bm01_indicators", one, made.observation("VB01", one, 2))
    sender.send("bm01_indicators", one, made.observation("VB01", one, 3), outcome=Outcome.REJECTED)
    others = {("VB01", other, elsewhere.submission), ("VB01", one, earlier.submission)}
    path = build(settings, reference, day=DAY)
    assert set(current(path)) == others | {("VB01", one, second.submission)}
    counting = "select submission from core.submission where is_current"
    assert {name for (name,) in rows_of(path, counting)} == {
        elsewhere.submission,
        earlier.submission,
        second.submission,
    }
    archive.withdraw(second.submission, "nhầm", "an", datetime(2026, 6, 1, tzinfo=UTC))
    path = build(settings, reference, day=DAY)
    assert set(current(path)) == others | {("VB01", one, first.submission), ("VB02", one, first.submission)}
    assert rows_of(path, "select submission from core.submission where is_withdrawn") == [(second.submission,)]


def test_of_rows_about_units_the_latest_counts_singly_whoever_sent_it(
    settings: Settings, reference: Reference, sender: Sender, archive: Archive, communes: list[str]
) -> None:
    one, other = communes[:2]
    first = sender.send(
        "bm03_by_unit",
        "38.KHCN",
        made.observation("DL01", one),
        made.observation("DL01", other),
        made.observation("VB01", one),
    )
    second = sender.send("bm03_by_unit", "38.TC", made.observation("DL01", one, 5))
    last = sender.send("bm03_by_unit", "38.KHCN", made.observation("VB01", one, 7))
    path = build(settings, reference, day=DAY)
    assert current(path) == [
        ("DL01", one, second.submission),
        ("DL01", other, first.submission),
        ("VB01", one, last.submission),
    ]
    assert len(rows_of(path, "select submission from core.submission where is_current")) == 3
    archive.withdraw(second.submission, "", "", datetime(2026, 6, 1, tzinfo=UTC))
    assert ("DL01", one, first.submission) in current(build(settings, reference, day=DAY))


def test_a_task_is_known_by_its_document_or_else_by_its_sender(
    settings: Settings, reference: Reference, sender: Sender
) -> None:
    listed = next(iter(reference.tasks.values()))
    report = made.task(listed.task, listed.lead)
    tasks = (
        replace(report, assigned_in=listed.assigned_in),
        replace(report, assigned_in="Công văn 1", task="A-1", state=TaskState.DONE),
        replace(report, assigned_in="", task="", title="Hoàn  thành HỒ SƠ - đợt 1", coordinating=("38.TC", "38.NV")),
    )
    sender.send("bm02_tasks", "38.KHCN", tasks=tasks, period="2026-W13")
    path = build(settings, reference, day=DAY)
    statement = "select task_key, status, coordinating, due_on, is_current from core.task_report order by task_key"
    assert sorted(rows_of(path, statement)) == sorted(
        [
            (f"{listed.assigned_in}|{listed.task}", report.status, [], date(2026, 6, 30), True),
            ("38.KHCN|A-1", report.status, [], date(2026, 6, 30), True),
            ("38.KHCN|hoàn thành hồ sơ đợt 1", report.status, ["38.TC", "38.NV"], date(2026, 6, 30), True),
        ]
    )


def test_the_reference_tables_hold_the_reference_data(settings: Settings, reference: Reference) -> None:
    path = build(settings, reference, day=DAY)
    sizes = {
        "org_unit": len(reference.org_units),
        "unit_kind": len(reference.unit_kinds),
        "indicator": len(reference.indicators),
        "target": len(reference.targets),
        "form": len(reference.forms),
        "task": len(reference.tasks),
        "succession": len(reference.successions),
        "tile": len(reference.tiles),
        "meeting": len(reference.meetings),
    }
    for table, size in sizes.items():
        assert rows_of(path, f"select count(*) from reference.{table}") == [(size,)], table
    units = rows_of(path, "select org_unit, province, unit_group, valid_to from reference.org_unit")
    assert {row[0]: row[1:] for row in units} == {
        code: (reference.province_of(code), reference.unit_group(code), unit.valid_to)
        for code, unit in reference.org_units.items()
    }
    assert rows_of(path, "select known_at from reference.meeting where meeting = '2026-03-19'") == [
        (datetime(2026, 3, 18, 10),)  # 17:00 in Vietnam  # noqa: DTZ001
    ]
    given = rows_of(path, "select period from reference.period order by position")
    assert [row[0] for row in given] == sorted(periods.all_periods(2024, 2030), key=periods.order_key)
    parts = "select part from reference.period_part where period = '2026-Q2' order by part_no"
    assert rows_of(path, parts) == [("2026-04",), ("2026-05",), ("2026-06",)]
    due = (
        "select cadence, due_on from reference.due where form = 'bm01_indicators' and period in ('2026-Q1', '2026-04')"
    )
    assert sorted(rows_of(path, due)) == [("monthly", date(2026, 4, 16)), ("quarterly", date(2026, 3, 17))]


def test_who_must_send_what_is_spelled_out(settings: Settings, reference: Reference) -> None:
    path = build(settings, reference, day=DAY)
    for form, cadence in (("bm01_indicators", "quarterly"), ("bm01_indicators", "monthly"), ("bm02_tasks", "weekly")):
        senders = rows_of(
            path, f"select org_unit from reference.expected where form = '{form}' and cadence = '{cadence}'"
        )
        assert {row[0] for row in senders} == {unit.code for unit in reference.expected_units(form, cadence)}
    commune = next(code for code, unit in reference.org_units.items() if unit.kind == "xa")
    wanted = rows_of(path, f"select indicator from reference.expected_indicator where org_unit = '{commune}'")
    assert [row[0] for row in wanted] == list(reference.indicators_expected("bm01_indicators", commune, "quarterly"))


def test_a_period_outside_the_usual_years_is_known_if_it_was_reported(
    settings: Settings, reference: Reference, sender: Sender, communes: list[str]
) -> None:
    sender.send("bm01_indicators", communes[0], made.observation("VB01", communes[0]), period="2019-H1")
    sender.send("bm01_indicators", communes[0], period="2026-Q9", outcome=Outcome.REJECTED)
    path = build(settings, reference, day=DAY)
    known = rows_of(path, "select period from reference.period where year(start_on) = 2019 order by period")
    months = [f"2019-{month:02d}" for month in range(1, 7)]
    assert [row[0] for row in known] == [*months, "2019-H1", "2019-Q1", "2019-Q2"]


def contents(path: Path) -> dict[str, pl.DataFrame]:
    names = warehouse.query(
        path, "select schema_name || '.' || table_name as name from duckdb_tables() where database_name = 'w'"
    )
    return {name: warehouse.query(path, f"from {name}") for name in names["name"].sort() if name != "core.build"}


def test_the_same_archive_gives_the_same_warehouse(
    settings: Settings, reference: Reference, archive: Archive, communes: list[str]
) -> None:
    for receipt in made.receipts(
        120,
        org_units=communes[:20],
        indicators=list(reference.indicators),
        periods=[("2026-01", date(2026, 1, 31)), ("2026-Q1", date(2026, 3, 31))],
        rows=5,
    ):
        archive.record(receipt)
    first = contents(build(settings, reference, day=DAY))
    archive.compact(above=0)
    second = contents(build(settings, reference, day=DAY))
    shutil.rmtree(settings.archive / "compacted")
    third = contents(build(settings, reference, day=DAY))
    assert first["core.observation"].height == 600
    assert first["mart.figure"].height > 0
    for name, frame in first.items():
        keys = sorted(frame.columns)
        for other in (second, third):
            assert frame.select(keys).rows_by_key(keys).keys() == other[name].select(keys).rows_by_key(keys).keys(), (
                name
            )
            assert frame.height == other[name].height, name


# views of the past


def test_a_past_moment_is_built_beside_and_moves_no_pointer(
    settings: Settings, reference: Reference, sender: Sender, archive: Archive, communes: list[str]
) -> None:
    one = communes[0]
    first = sender.send("bm01_indicators", one, made.observation("VB01", one, 1))
    second = sender.send("bm01_indicators", one, made.observation("VB01", one, 2))
    now = build(settings, reference, day=DAY)
    moment = first.arrival.received_at
    past = build(settings, reference, known_until=moment)
    assert past == settings.warehouse / "as_of" / f"2026-04-14T100100.123456-{reference.hash[:8]}.duckdb"
    assert published(settings) == now
    assert current(past) == [("VB01", one, first.submission)]
    assert current(now) == [("VB01", one, second.submission)]
    assert rows_of(past, "select as_of, known_until from core.build") == [
        (date(2026, 4, 14), moment.astimezone(UTC).replace(tzinfo=None))
    ]
    assert json.loads(past.with_suffix(".json").read_text())["rows"]["core.submission"] == 1


def test_a_target_gets_the_warehouse_and_its_folder_is_left_alone(
    settings: Settings, reference: Reference, tmp_path: Path
) -> None:
    mine = tmp_path / "mine" / "build-notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    path = build(settings, reference, day=DAY, target=mine.parent / "copy.duckdb")
    assert warehouse.current(settings.warehouse) is None
    assert sorted(item.name for item in mine.parent.iterdir()) == ["build-notes.txt", "copy.duckdb", "copy.json"]
    assert rows_of(path, "select as_of from core.build") == [(DAY,)]


# versions


def test_the_last_versions_are_kept_with_their_manifests(settings: Settings, reference: Reference) -> None:
    for half in ("build-1.duckdb", "build-1.duckdb.wal", ".tmp-1-aa"):
        disk.write(settings.warehouse / half, b"half")
    os.utime(settings.warehouse / ".tmp-1-aa", (0, 0))
    (settings.warehouse / "build-1.tmp").mkdir()
    paths = [build(settings, reference, day=DAY) for _ in range(settings.keep_versions + 2)]
    assert [path.name for path in paths] == [f"v{number:08d}.duckdb" for number in range(1, len(paths) + 1)]
    kept = paths[-settings.keep_versions :]
    names = {path.name for path in settings.warehouse.iterdir()}
    assert names == {
        "CURRENT",
        "in_force",
        "reference",
        *(name for path in kept for name in (path.name, f"{path.stem}.json")),
    }
    assert published(settings) == paths[-1]
    manifest = json.loads(paths[-1].with_suffix(".json").read_text())
    assert manifest["rows"]["reference.org_unit"] == len(reference.org_units)
    assert (manifest["day"], manifest["reference"]) == (DAY.isoformat(), reference.hash)


def test_who_reads_the_old_version_goes_on_reading_it(
    settings: Settings, reference: Reference, sender: Sender, communes: list[str]
) -> None:
    first = build(settings, reference, day=DAY)
    reader = duckdb.connect(":memory:")
    reader.execute(f"attach '{first}' as w (read_only)")
    sender.send("bm01_indicators", communes[0], made.observation("VB01", communes[0]))
    for _ in range(settings.keep_versions + 1):
        newest = build(settings, reference, day=DAY)
    assert not first.exists()
    assert reader.execute("select count(*) from w.core.submission").fetchall() == [(0,)]
    assert rows_of(newest, "select count(*) from core.submission") == [(1,)]
    reader.close()


def test_the_reference_data_in_force_is_kept(settings: Settings, reference: Reference) -> None:
    build(settings, reference, day=DAY)
    kept = settings.warehouse / "reference" / reference.hash
    assert load_reference(kept).hash == reference.hash
    targets = settings.reference / "targets.csv"
    targets.write_text(targets.read_text().replace(",2025,100,", ",2025,1,"))
    build(settings, reference, day=DAY)
    assert [path.name for path in kept.parent.iterdir()] == [reference.hash]
    build(settings, load_reference(settings.reference), day=DAY)
    assert len(list(kept.parent.iterdir())) == 2
    assert load_reference(kept).targets == reference.targets != load_reference(settings.reference).targets


def test_one_build_runs_at_a_time(settings: Settings, reference: Reference) -> None:
    with disk.lock(settings.live / "build.lock", "the build"), pytest.raises(Busy):
        build(settings, reference, day=DAY)


# failures


class _Fault:
    """Lets the n-th call of the disk fail, whichever it is; counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int, number: int) -> None:
        self.calls = 0
        self.fail_at, self.number = fail_at, number
        for name in ("fsync", "replace"):
            monkeypatch.setattr(os, name, self._failing(getattr(os, name)))

    def _failing(self, really: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            self.calls += 1
            if self.calls == self.fail_at:
                raise OSError(self.number, os.strerror(self.number))
            really(*arguments)

        return call


STEPS = 10  # manifest: 3; the version: 1 + 2; CURRENT: 3; and one that is not there


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_disk_that_fails_at_any_step_leaves_a_whole_warehouse(
    settings: Settings, reference: Reference, sender: Sender, communes: list[str], step: int
) -> None:
    before = build(settings, reference, day=DAY)
    sender.send("bm01_indicators", communes[0], made.observation("VB01", communes[0]))
    number = errno.ENOSPC if step % 2 else errno.EIO
    with pytest.MonkeyPatch.context() as patched:
        fault = _Fault(patched, step, number)
        if step < STEPS:
            with pytest.raises(BuildError, match=os.strerror(number)):
                build(settings, reference, day=DAY)
            assert fault.calls == step + 3, "it was noted why, beside the pointer"
        else:
            build(settings, reference, day=DAY)
            assert fault.calls == STEPS - 1
    # The pointer itself may have moved before its folder could not be synced; then the new one is whole.
    moved = published(settings) != before
    assert moved == (step >= STEPS - 1)
    assert rows_of(published(settings), "select count(*) from core.submission") == [(int(moved),)]
    assert list(settings.warehouse.glob("build-*")) == []
    after = build(settings, reference, day=DAY)
    assert published(settings) == after
    assert rows_of(after, "select count(*) from core.submission") == [(1,)]


@pytest.fixture
def half(settings: Settings, reference: Reference, sender: Sender, communes: list[str]) -> Path:
    sender.send("bm01_indicators", communes[0], made.observation("VB01", communes[0]))
    return build(settings, reference, day=DAY)


def test_a_wrong_warehouse_is_not_published(half: Path, archive: Archive) -> None:
    manifest, frames = json.loads(half.with_suffix(".json").read_text()), archive.frames()
    build_module._verify(half, manifest, frames)
    fewer = replace(frames, observations=frames.observations.clear())
    with pytest.raises(BuildError, match=re.escape("core.observation holds 1 rows instead of 0")):
        build_module._verify(half, manifest, fewer)
    with pytest.raises(BuildError, match="rows changed"):
        build_module._verify(half, manifest | {"rows": manifest["rows"] | {"core.finding": 9}}, frames)
    connection = duckdb.connect(str(half))
    connection.execute("insert into mart.figure from mart.figure")
    connection.execute("checkpoint")
    connection.close()
    manifest["rows"]["mart.figure"] *= 2
    with pytest.raises(BuildError, match=r"mart\.figure holds (\d+) rows but \d+ of indicator, org_unit, period"):
        build_module._verify(half, manifest, frames)
    half.with_name(f"{half.name}.wal").write_bytes(b"")
    with pytest.raises(BuildError, match="not closed"):
        build_module._verify(half, manifest, frames)


def test_a_damaged_archive_keeps_the_warehouse(settings: Settings, reference: Reference, half: Path) -> None:
    [record] = settings.archive.glob("submissions/*/*.json")
    record.write_bytes(record.read_bytes()[:100])
    with pytest.raises(BuildError, match="damaged"):
        build(settings, reference, day=DAY)
    assert published(settings) == half


def test_reference_data_that_contradicts_itself_keeps_the_warehouse(
    settings: Settings, reference: Reference, half: Path
) -> None:
    form = next(iter(reference.forms.values()))
    wrong = replace(reference, forms=reference.forms | {"again": form})  # type: ignore[operator]
    with pytest.raises(BuildError):
        build(settings, wrong, day=DAY)
    assert published(settings) == half
