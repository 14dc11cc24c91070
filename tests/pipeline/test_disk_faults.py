"""A disk that is full, read-only or broken, a clock set back: nothing acknowledged is lost, and it is said plainly."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl import disk, inbox
from etl.archive import Archive, submission_id, time_key
from etl.errors import DiskFault, HouseError
from etl.model import Submission
from etl.pipeline import Pipeline, Source
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from tests import made
from tests.killing import leftovers


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(live=tmp_path / "live")


class Recorder:
    """Every fsync and rename in order, as (what, name); the n-th of them may fail."""

    def __init__(self, fail_at: int = 0, number: int = errno.ENOSPC) -> None:
        self.done: list[tuple[str, str]] = []
        self.fail_at, self.number = fail_at, number

    @contextmanager
    def at_work(self) -> Iterator[Recorder]:
        with pytest.MonkeyPatch.context() as patched:
            fsync, replace = os.fsync, os.replace

            def recorded_fsync(descriptor: int) -> None:
                self._note("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink()))
                fsync(descriptor)

            def recorded_replace(source: Path, target: Path) -> None:
                self._note("rename", str(target))
                replace(source, target)

            patched.setattr(os, "fsync", recorded_fsync)
            patched.setattr(os, "replace", recorded_replace)
            yield self

    def _note(self, what: str, name: str) -> None:
        self.done.append((what, name))
        if len(self.done) == self.fail_at:
            raise OSError(self.number, os.strerror(self.number), name)

    def place(self, what: str, ending: str) -> int:
        return next(at for at, (done, name) in enumerate(self.done) if done == what and name.endswith(ending))


def workbook(reference: Reference, folder: Path) -> bytes:
    commune = next(code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38")
    path = folder / "bieu.xlsx"
    rows = {"VB01": {"numerator": 50, "denominator": 100}}
    write_template(reference, "bm01_indicators", commune, "2026-Q1", rows=rows, path_or_stream=path)
    return path.read_bytes()


def test_a_receipt_is_given_only_after_everything_is_synced_in_order(
    settings: Settings, reference: Reference, tmp_path: Path
) -> None:
    data = workbook(reference, tmp_path)
    with Recorder().at_work() as recorder, Pipeline(settings, reference) as pipeline:
        [receipt] = pipeline.ingest([Source(data, "bieu.xlsx", None)])
        steps = recorder.done.copy()
    file, entry = receipt.arrival.file, receipt.submission[:-4]
    landing = str(settings.landing)
    order = [
        recorder.place("fsync", "/content"),
        recorder.place("fsync", "/arrival.json"),
        recorder.place("rename", f"landing/{entry}"),
        steps.index(("fsync", landing), recorder.place("rename", f"landing/{entry}")),
        recorder.place("rename", f"files/{file[:2]}/{file}"),
        steps.index(("fsync", str(settings.archive / "files" / file[:2])), recorder.place("rename", file)),
        recorder.place("rename", f"{receipt.submission}.json"),
        len(steps) - 2,
    ]
    assert order == sorted(order)
    # The rename of the receipt is followed by the sync of its folder; only then the landing is cleared.
    after = steps[order[6] + 1]
    assert after == ("fsync", str((settings.archive / "submissions").glob("*").__next__()))
    for at, (what, name) in enumerate(steps):
        if what == "rename" and ".leaving-" not in name:
            assert ("fsync", str(Path(name).parent)) in steps[at + 1 :], name


STEPS_OF_A_FILE = 30  # more than there are


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_at_any_step_of_taking_in_loses_nothing(
    settings: Settings, reference: Reference, tmp_path: Path, number: int
) -> None:
    """Land, keep, record; fail at step k of it; try again: once in the archive, nothing left over."""
    source = tmp_path / "bieu.xlsx"
    for step in range(1, STEPS_OF_A_FILE):
        live = Settings(live=tmp_path / f"{number}-{step}")
        source.write_bytes(b"the bytes as received")
        recorder = Recorder(step, number)
        with recorder.at_work():
            words = said_of(take_in, live, source)
        acknowledged = not words
        assert acknowledged == (len(recorder.done) < step)
        assert acknowledged or (str(live.live) in words and os.strerror(number) in words)
        assert source.exists() or inbox.landed(live), "neither in the inbox nor in the landing"
        for entry in inbox.landed(live):
            settle(live, entry)
        if source.exists() and not Archive(live.archive).submissions():
            take_in(live, source)
        archive = Archive(live.archive)
        [submission] = archive.submissions()
        record = archive.receipt(submission)
        assert record is not None
        assert archive.original(record["file"]) == b"the bytes as received"
        assert inbox.landed(live) == []
        assert leftovers(live.live) == []
        if acknowledged:
            return
    raise AssertionError("the steps were never gone through")


def said_of(deed: Callable[[Settings, Path], None], settings: Settings, source: Path) -> str:
    """What the operator is told; '' if all went well."""
    try:
        deed(settings, source)
    except DiskFault as fault:
        return f"{fault.message} {fault.hint}"
    return ""


def take_in(settings: Settings, source: Path) -> None:
    entry = inbox.land(settings, source, source.name, made.RECEIVED)
    settle(settings, entry)


def settle(settings: Settings, entry: inbox.Landed) -> None:
    archive = Archive(settings.archive)
    file = archive.keep_file(entry.content)
    content = Submission("bm01_indicators", "x", "2026-Q1", None)
    archive.record(made.receipt(content, received_at=entry.arrival.received_at, file=file))
    inbox.finish(entry)


def test_a_run_over_a_full_disk_ends_plainly_and_the_next_one_takes_all_in(
    settings: Settings, reference: Reference, tmp_path: Path
) -> None:
    data = workbook(reference, tmp_path)
    with Pipeline(settings, reference) as pipeline:
        recorder = Recorder(fail_at=14)  # somewhere in the archive
        with recorder.at_work(), pytest.raises(DiskFault, match="is full"):
            list(pipeline.ingest([Source(data, "bieu.xlsx", None)]))
        assert len(inbox.landed(settings)) == 1
        [receipt] = pipeline.ingest([])
        assert receipt.arrival.file_name == "bieu.xlsx"
        assert inbox.landed(settings) == []


def test_below_the_floor_nothing_is_taken_in_and_what_is_there_stays(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free >> 20
    settings = Settings(live=tmp_path / "live", least_free_mb=2 * free)
    source = tmp_path / "bieu.xlsx"
    source.write_bytes(b"x")
    with pytest.raises(DiskFault, match=r"MB free, below the floor of \d+ MB") as refused:
        inbox.land(settings, source, source.name, None)
    assert "TIENDOSO_LEAST_FREE_MB" in refused.value.hint
    assert source.exists()
    assert inbox.landed(settings) == []


def test_an_archive_copied_half_is_named(settings: Settings) -> None:
    archive = Archive(settings.archive)
    archive.record(made.receipt(Submission("bm01_indicators", "x", "2026-Q1", None)))
    (settings.archive / "VERSION").unlink()
    with pytest.raises(HouseError, match="not whole"):
        Archive(settings.archive)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock that arrivals are stamped by."""

    def to(moment: datetime) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return moment

        monkeypatch.setattr(inbox, "datetime", Clock)

    return to


def test_ids_sort_by_arrival_though_the_clock_is_set_back(
    settings: Settings, clock: Callable[[datetime], None]
) -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    ids = []
    for number, minutes in enumerate([0, 1, 1, -60, -59, -700, 2, 2, 3]):
        clock(noon + timedelta(minutes=minutes))
        if number == 4:  # another process: it knows only what lies on the disk
            inbox._last_arrivals.clear()
        entry = inbox.land(settings, b"the same bytes", "x.xlsx", None)
        ids.append(submission_id(entry.arrival.received_at, entry.arrival.file, 1))
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert ids[-1].startswith(time_key(noon + timedelta(minutes=3)))


def test_a_clock_that_was_far_ahead_once_is_no_measure(settings: Settings, clock: Callable[[datetime], None]) -> None:
    clock(datetime(2031, 1, 1, tzinfo=UTC))
    inbox.land(settings, b"a", "x.xlsx", None)
    right = datetime(2026, 11, 26, 12, tzinfo=UTC)
    clock(right)
    inbox._last_arrivals.clear()
    assert inbox.land(settings, b"b", "x.xlsx", None).arrival.received_at == right


def test_words_for_a_disk_fault_name_the_place(tmp_path: Path) -> None:
    for number, words in ((errno.ENOSPC, "is full"), (errno.EROFS, "may not be written"), (errno.EIO, "fails")):
        with pytest.raises(DiskFault, match=words) as told, disk.naming(tmp_path):
            raise OSError(number, os.strerror(number))
        assert str(tmp_path) in told.value.message
