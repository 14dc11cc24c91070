"""The way in: an entry appears whole, leaves whole, and nothing is taken while it still grows."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl import inbox
from etl.errors import Busy, HouseError
from etl.inbox import Look
from etl.settings import Settings

AT = datetime(2026, 4, 14, 3, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(live=tmp_path / "live")


# landing


@pytest.mark.parametrize("channel", ["cli", "web"])
def test_what_lands_is_found_again(settings: Settings, tmp_path: Path, channel: str) -> None:
    source = tmp_path / "Biểu 01.xlsx"
    source.write_bytes(b"bytes of a file")
    for content in (source, b"bytes of a file"):
        entry = inbox.land(settings, content, "Biểu 01.xlsx", AT, sender="a@x.vn", channel=channel, backfilled=True)
        assert inbox.landed(settings) == [entry]
        assert entry.read() == b"bytes of a file"
        assert entry.size == 15
        assert entry.arrival.file == hashlib.sha256(b"bytes of a file").hexdigest()
        assert (entry.arrival.file_name, entry.arrival.received_at) == ("Biểu 01.xlsx", AT)
        assert (entry.arrival.sender, entry.arrival.channel, entry.arrival.backfilled) == ("a@x.vn", channel, True)
    assert not entry.is_resumed
    assert inbox.landed(settings)[0].is_resumed
    assert source.exists()
    assert entry.folder.parent == (settings.landing / "web" if channel == "web" else settings.landing)
    assert [path.name for path in entry.folder.parent.iterdir()] == [entry.folder.name]


def test_entries_come_oldest_first_whatever_their_way(settings: Settings) -> None:
    for minute, channel in ((3, "web"), (1, "cli"), (2, "web"), (0, "cli")):
        inbox.land(settings, str(minute).encode(), "x.xlsx", AT + timedelta(minutes=minute), channel=channel)
    assert [entry.read() for entry in inbox.landed(settings)] == [b"0", b"1", b"2", b"3"]


def test_nothing_has_landed_in_a_fresh_house(settings: Settings) -> None:
    assert inbox.landed(settings) == []
    assert inbox.ready_files(settings, 0, {}, 0) == []


def test_a_finished_entry_is_gone(settings: Settings) -> None:
    one = inbox.land(settings, b"1", "1.xlsx", AT)
    two = inbox.land(settings, b"2", "2.xlsx", AT)
    inbox.finish(one)
    inbox.finish(one)
    assert inbox.landed(settings) == [two]
    assert [path.name for path in settings.landing.iterdir()] == [two.folder.name]


def test_erased_content_is_overwritten(settings: Settings, tmp_path: Path) -> None:
    entry = inbox.land(settings, b"TOI MAT" * 500_000, "x.xlsx", AT)
    other_name = tmp_path / "link"
    other_name.hardlink_to(entry.content)
    inbox.erase(entry)
    assert inbox.landed(settings) == []
    assert not any(settings.landing.iterdir())
    assert other_name.read_bytes() == bytes(3_500_000)


def test_damaged_bytes_are_not_read(settings: Settings) -> None:
    entry = inbox.land(settings, b"good", "x.xlsx", AT)
    entry.content.chmod(0o600)
    entry.content.write_bytes(b"bad!")
    with pytest.raises(HouseError, match="damaged"):
        entry.read()


@pytest.mark.parametrize(
    "sidecar", ["", "[]", "{}", '{"file": "x", "received_at": 7}', '{"received_at": "2026-01-01T00:00:00+00:00"}']
)
def test_a_damaged_sidecar_stops_nobody_else_and_loses_nothing(settings: Settings, sidecar: str) -> None:
    bad = inbox.land(settings, b"1", "1.xlsx", AT, channel="web")
    good = inbox.land(settings, b"2", "2.xlsx", AT, channel="web")
    (bad.folder / "arrival.json").write_text(sidecar)
    assert inbox.landed(settings) == [good]
    assert bad.content.read_bytes() == b"1"


def test_the_entry_is_synced_before_it_gets_its_name(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.land(settings, b"the first one makes the folder", "x.xlsx", AT - timedelta(days=1))
    steps: list[str] = []
    really_sync, really_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        steps.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        really_sync(descriptor)

    def replace(source: Path, target: Path) -> None:
        steps.append("rename")
        really_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    inbox.land(settings, b"x", "x.xlsx", AT)
    named = steps.index("rename")
    assert {"content", "arrival.json"} <= set(steps[:named])
    assert steps[named - 1].startswith(".tmp-")
    assert steps[named + 1 :] == ["landing"]


# the inbox folder


def test_a_file_is_ready_once_it_has_stopped_growing(settings: Settings) -> None:
    settings.inbox.mkdir(parents=True)
    path, seen = settings.inbox / "x.xlsx", dict[Path, Look]()
    path.write_bytes(b"1")
    os.utime(path, (0, 0))  # a copy often keeps the time of its source
    assert inbox.ready_files(settings, 2, seen, now=10) == []
    path.write_bytes(b"12")
    os.utime(path, (0, 0))
    assert inbox.ready_files(settings, 2, seen, now=12) == []
    assert inbox.ready_files(settings, 2, seen, now=13.9) == []
    assert inbox.ready_files(settings, 2, seen, now=14) == [path]
    path.write_bytes(b"34")
    assert inbox.ready_files(settings, 2, seen, now=15) == []
    path.unlink()
    assert inbox.ready_files(settings, 2, seen, now=20) == []
    assert seen == {}


def test_only_whole_visible_files_are_taken(settings: Settings, tmp_path: Path) -> None:
    settings.inbox.mkdir(parents=True)
    (settings.inbox / "Sở Y tế").mkdir()
    (settings.inbox / ".hidden").mkdir()
    wanted = ["Biểu 01.xlsx", "Sở Y tế/a.ods", "b.XLS", "c.tmp.xlsx"]
    unwanted = ["~$Biểu 01.xlsx", ".x.xlsx", "b.tmp", "c.PART", "d.crdownload", ".hidden/e.xlsx", "Thumbs.db"]
    for name in wanted + unwanted:
        (settings.inbox / name).write_bytes(b"x")
    (tmp_path / "secret.xlsx").write_bytes(b"x")
    (settings.inbox / "link.xlsx").symlink_to(tmp_path / "secret.xlsx")
    found = inbox.ready_files(settings, 0, {}, now=0)
    assert {str(path.relative_to(settings.inbox)) for path in found} == set(wanted)


# the lock

HOLD = """
import sys
from pathlib import Path
from etl.inbox import ingest_lock
from etl.settings import Settings
with ingest_lock(Settings(live=Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_process_takes_in_at_a_time_and_a_killed_one_lets_go(settings: Settings) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.live)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(Busy, match=str(child.pid)), inbox.ingest_lock(settings):
            pass
        child.kill()
    with inbox.ingest_lock(settings), pytest.raises(Busy), inbox.ingest_lock(settings, wait_seconds=0.1):
        pass
    with inbox.ingest_lock(settings):
        pass


def test_the_next_holder_clears_up_after_one_that_died(settings: Settings, tmp_path: Path) -> None:
    kept, leaving, erasing = (inbox.land(settings, str(n).encode(), f"{n}.xlsx", AT, channel="web") for n in range(3))
    other_name = tmp_path / "link"
    other_name.hardlink_to(erasing.content)
    leaving.folder.rename(leaving.folder.with_name(".leaving-" + leaving.folder.name))
    erasing.folder.rename(erasing.folder.with_name(".erasing-" + erasing.folder.name))
    half, growing = settings.landing / "web" / ".tmp-1-aa", settings.landing / "web" / ".tmp-1-bb"
    for folder in (half, growing):
        folder.mkdir()
        (folder / "content").write_bytes(b"half")
    os.utime(half, (0, 0))
    with inbox.ingest_lock(settings):
        assert sorted((settings.landing / "web").iterdir()) == sorted([kept.folder, growing])
    assert other_name.read_bytes() == b"\0"
