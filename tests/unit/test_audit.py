"""The audit log, its chain, and what is seen of tampering."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dashboard.text import WORDS
from etl import audit
from etl.audit import Event
from etl.settings import REPOSITORY, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(live=tmp_path / "live")


def fill(settings: Settings, count: int = 5) -> Path:
    for place in range(count):
        audit.record(settings, Event.DOWNLOAD, "user:an", "10.0.0.7", file=f"Biểu {place}.xlsx")
    return next(audit.folder(settings).glob("*.jsonl"))


def test_what_is_recorded_can_be_read_and_followed(settings: Settings) -> None:
    fill(settings)
    found = list(audit.lines(settings))
    assert [line["number"] for line in found] == [5, 4, 3, 2, 1]
    assert found[0]["about"] == {"file": "Biểu 4.xlsx"}
    verdict = audit.verify(audit.folder(settings))
    assert (verdict.is_whole, verdict.count, verdict.head) == (True, 5, found[0]["hash"])


def test_an_empty_log_is_whole(settings: Settings) -> None:
    assert audit.verify(audit.folder(settings)).is_whole


def rewritten(line: bytes) -> bytes:
    """The line with another content and a hash that fits it."""
    told = json.loads(line)
    told["who"] = "user:binh"
    del told["hash"]
    told["hash"] = audit._hash(told)
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda lines: [*lines[:2], lines[2].replace(b"user:an", b"user:bo"), *lines[3:]], "line 3"),
        (lambda lines: [*lines[:2], lines[2].replace(b"download", b"sign_out"), *lines[3:]], "line 3"),
        (lambda lines: [*lines[:2], rewritten(lines[2]), *lines[3:]], "line 4"),
        (lambda lines: [*lines[:2], *lines[3:]], "line 3"),
        (lambda lines: lines[1:], "line 1"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "line 2"),
        (lambda lines: [*lines[:3], lines[1], *lines[3:]], "line 4"),
        (lambda lines: lines[:-1], "after line 4"),
        (lambda lines: lines[:-2], "after line 3"),
        (lambda lines: [*lines[:-1], rewritten(lines[-1])], "line 5"),
        (lambda lines: [*lines[:2], b"not json\n", *lines[2:]], "line 3"),
        (lambda lines: [*lines[:2], lines[2].replace(b": ", b":", 1), *lines[3:]], "line 3"),
    ],
)
def test_any_later_change_is_named(settings: Settings, change: object, named: str) -> None:
    path = fill(settings)
    assert callable(change)
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    verdict = audit.verify(audit.folder(settings))
    assert not verdict.is_whole
    assert named in verdict.fault


def test_the_chain_goes_on_into_the_next_month_and_a_missing_month_is_seen(settings: Settings) -> None:
    path = fill(settings)
    path.rename(path.with_name("2025-12.jsonl"))
    audit.record(settings, Event.SIGN_OUT, "user:an")
    assert audit.verify(audit.folder(settings)).count == 6
    path.with_name("2025-12.jsonl").unlink()
    assert not audit.verify(audit.folder(settings)).is_whole


def test_a_clock_set_back_does_not_break_the_order(settings: Settings) -> None:
    path = fill(settings)
    path.rename(path.with_name("2099-01.jsonl"))
    audit.record(settings, Event.SIGN_OUT, "user:an")
    assert audit.verify(audit.folder(settings)).count == 6


def test_writers_at_the_same_time_wait_for_one_another(settings: Settings) -> None:
    threads = [threading.Thread(target=fill, args=(settings, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify(audit.folder(settings)).count == 40


WRITER = """
import sys
from pathlib import Path
from etl import audit
from etl.settings import Settings
settings = Settings(live=Path(sys.argv[1]))
while True:
    audit.record(settings, audit.Event.DOWNLOAD, "user:an", file="x" * 200)
    print(flush=True)
"""


def test_a_killed_writer_loses_nothing_it_had_told_and_leaves_a_whole_log(settings: Settings) -> None:
    told = 0
    for turn in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(settings.live)], cwd=REPOSITORY, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        told += len(writer.stdout.readline())
        time.sleep(0.03 + 0.02 * turn)
        os.kill(writer.pid, signal.SIGKILL)
        told += len(writer.stdout.read())
        writer.wait()
        writer.stdout.close()
    assert audit.verify(audit.folder(settings)).is_whole
    path = next(audit.folder(settings).glob("*.jsonl"))
    with path.open("ab") as stream:
        stream.write(b'{"number": 99, "at"')
    assert audit.verify(audit.folder(settings)).is_whole
    audit.record(settings, Event.SIGN_OUT, "user:an")
    verdict = audit.verify(audit.folder(settings))
    assert verdict.is_whole
    assert verdict.count > told


def test_a_value_cannot_break_out_of_its_line_nor_grow(settings: Settings) -> None:
    audit.record(settings, Event.DENIED, 'user:"\n{}', "10.0.0.7\r\n", path="x" * 10_000)
    line = next(audit.lines(settings))
    assert (line["who"], len(line["about"]["path"])) == ('user:"\n{}', 300)
    assert audit.verify(audit.folder(settings)).is_whole


def test_every_event_has_words_for_the_operations_page() -> None:
    assert {f"audit.{event}" for event in Event} == {
        key for key in WORDS if key.count(".") == 1 and key.startswith("audit.")
    }
