"""The watcher's builds run aside: a receipt waits for none, they coalesce, and one that dies is made up for."""

from __future__ import annotations

import multiprocessing.spawn
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard import intake
from etl import heartbeat, inbox
from etl.build import last_failure
from etl.building import Builder, Order
from etl.model import Receipt
from etl.pipeline import Pipeline
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from etl.watch import Watcher
from sql import warehouse
from tests.watching import settle


@pytest.fixture(scope="module")
def reference() -> Reference:
    """Without meetings: no views of the past are built unasked."""
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(live=tmp_path / "live")
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    (settings.reference / "meetings.csv").write_text(
        (settings.reference / "meetings.csv").read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8"
    )
    return settings


@pytest.fixture
def watcher(settings: Settings) -> Iterator[Watcher]:
    with Pipeline(settings, load_reference(settings.reference)) as pipeline:
        watcher = Watcher(settings, pipeline)
        yield watcher
        watcher.builder.stop()


def send(settings: Settings, reference: Reference, number: int) -> None:
    """Leaves a report in the landing as the web does."""
    communes = [code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38"]
    path = settings.live / f"{number}.xlsx"
    rows = {"VB01": {"numerator": number, "denominator": 100}}
    write_template(reference, "bm01_indicators", communes[number], "2026-Q1", rows=rows, path_or_stream=path)
    inbox.land(settings, path, path.name, datetime.now(UTC), channel=inbox.WEB)
    path.unlink()


@contextmanager
def standing_still(watcher: Watcher) -> Iterator[int]:
    """The build at work makes no progress meanwhile; its process."""
    process = watcher.builder._process.pid
    assert process is not None
    os.kill(process, signal.SIGSTOP)
    try:
        yield process
    finally:
        os.kill(process, signal.SIGCONT)


def counted(settings: Settings) -> tuple[str, int]:
    current = warehouse.current(settings.warehouse)
    assert current is not None
    return current.stem, warehouse.query(current, "select count(*) from core.submission").item()


def test_receipts_come_during_a_build_and_one_more_build_holds_them_all(
    settings: Settings, reference: Reference, watcher: Watcher
) -> None:
    told: list[Receipt] = []
    watcher.look(told.append)
    assert watcher.builder.order is not None
    with standing_still(watcher):
        for number in range(3):
            send(settings, reference, number)
            watcher.look(told.append)
            assert len(told) == number + 1
        assert warehouse.current(settings.warehouse) is None
    settle(watcher)
    name, count = counted(settings)
    assert count == 3
    # What the first build saw is chance; what came after its start made one more, not three.
    assert name in ("v00000001", "v00000002")


def test_a_build_that_is_killed_is_told_and_made_up_for(settings: Settings, watcher: Watcher) -> None:
    watcher.look(lambda _: None)
    with standing_still(watcher) as process:
        os.kill(process, signal.SIGKILL)
    assert watcher.builder.finished(30) is not None or watcher.builder.order is None
    settle(watcher)
    assert counted(settings) == ("v00000001", 0)


def test_a_build_that_dies_before_it_is_told_anything_holds_nobody_up(
    settings: Settings, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/bin/false")
    builder = Builder(settings)
    builder.start(reference, Order())
    built = builder.finished(wait_seconds=60)
    assert built is not None
    assert "The build died" in built.message


def test_a_build_that_fails_is_tried_again_ever_more_seldom(settings: Settings, watcher: Watcher) -> None:
    settings.warehouse.write_bytes(b"no folder")
    watcher.look(lambda _: None)
    order = watcher.builder.order
    built = watcher.builder.finished(60)
    assert built is not None
    assert built.order == order
    assert "could not be built" in built.message
    watcher._hear(built)
    first = watcher._rests_until
    watcher._hear(built)
    assert watcher._rests_until > first
    watcher.look(lambda _: None)
    assert watcher.builder.order is None, "it rests first"
    settings.warehouse.unlink()
    watcher._rests_until = 0
    settle(watcher)
    assert counted(settings) == ("v00000001", 0)
    assert last_failure(settings) is None


def test_a_damaged_version_is_built_anew_without_being_told(settings: Settings, watcher: Watcher) -> None:
    settle(watcher)
    (settings.warehouse / "v00000001.duckdb").write_bytes(b"")
    assert warehouse.published(settings.warehouse) == warehouse.Published(None, "version_size")
    settle(watcher)
    assert counted(settings) == ("v00000002", 0)


def named(settings: Settings) -> str:
    """What the published warehouse calls the Phường Hạc Thành."""
    current = warehouse.current(settings.warehouse)
    assert current is not None
    return str(warehouse.query(current, "select name from reference.org_unit where org_unit = '14797'").item())


def test_edited_reference_data_comes_into_use_by_itself_and_wrong_data_never_does(
    settings: Settings, reference: Reference, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    settle(watcher)
    units = settings.reference / "org_units.csv"
    before = units.read_text(encoding="utf-8")
    assert named(settings) == "Phường Hạc Thành"

    units.write_text(before.replace(",Phường Hạc Thành,", ",Phường Hạc Thành mới,"), encoding="utf-8")
    watcher.look(lambda _: None)  # perhaps still being saved
    settle(watcher)
    assert named(settings) == "Phường Hạc Thành mới"
    assert intake.definitions_in_use(settings).name == watcher.pipeline.reference.hash

    units.write_text(before.replace(",phuong,", ",no_such_kind,"), encoding="utf-8")
    send(settings, reference, 1)
    watcher.look(lambda _: None)
    settle(watcher)
    assert (counted(settings)[1], named(settings)) == (1, "Phường Hạc Thành mới")
    assert "org_units.csv:" in caplog.text

    units.write_text(before, encoding="utf-8")
    watcher.look(lambda _: None)
    settle(watcher)
    assert named(settings) == "Phường Hạc Thành"


def test_the_watcher_is_known_to_be_at_work(settings: Settings, watcher: Watcher) -> None:
    assert heartbeat.last(settings) is None
    rounds = iter([False, True])
    watcher.run(lambda: next(rounds), lambda _: None)
    beat = heartbeat.last(settings)
    assert beat is not None
    assert (beat.process, beat.building, beat.trouble) == (os.getpid(), "present", "")
    assert not beat.is_silent(datetime.now(UTC))
    assert beat.is_silent(datetime.now(UTC) + timedelta(minutes=3))
    (settings.live / "watcher.json").write_text("{")
    assert heartbeat.last(settings) is None
