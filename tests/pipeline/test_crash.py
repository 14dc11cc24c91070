"""kill -9 in the middle of landing, keeping, recording, compacting and building: nothing lost, nothing doubled."""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from etl import inbox
from etl.archive import Archive
from etl.build import build
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings
from sql import warehouse
from tests.killing import Reader, killed, leftovers, promised

SEED = 20_261_122
KILLS = 8  # tests/pipeline/test_kills.py: twenty, with builds aside and withdrawals
ROWS = 3

# Sends numbered files for ever, from the first number nobody was promised; each line is said after the deed.
LOADER = f"""
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from etl import inbox
from etl.archive import Archive
from etl.build import build
from etl.model import Submission
from etl.reference import load_reference
from etl.settings import Settings
from tests import made

live, start = Path(sys.argv[1]), int(sys.argv[2])
settings = Settings(live=live, keep_versions=3)
reference, archive = load_reference(settings.reference), Archive(settings.archive)
codes = list(reference.indicators)[:{ROWS}]
communes = [code for code, unit in reference.org_units.items() if unit.kind == "xa"]


def settle(entry):
    number = int(entry.arrival.file_name)
    file = archive.keep_file(entry.content)
    unit = communes[number % len(communes)]
    rows = tuple(made.observation(code, unit, number, 1000 + number) for code in codes)
    content = Submission("bm01_indicators", unit, f"2026-{{number % 12 + 1:02d}}", made.RECEIVED.date(), "B", rows)
    receipt = made.receipt(content, received_at=entry.arrival.received_at, file=file, file_name=str(number))
    archive.record(receipt)
    print("recorded", number, flush=True)
    inbox.finish(entry)


with inbox.ingest_lock(settings):
    for entry in inbox.landed(settings):
        settle(entry)
    for number in count(start):
        received_at = made.RECEIVED + timedelta(seconds=number)
        entry = inbox.land(settings, f"file {{number}}".encode(), str(number), received_at)
        print("landed", number, flush=True)
        settle(entry)
        if number % 8 == 0:
            archive.compact(above=5)
        if number % 20 == 0:
            build(settings, reference, day=made.RECEIVED.date())
            print("built", number, flush=True)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(live=tmp_path / "live", keep_versions=3)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    return settings


def test_kills_at_any_instant_lose_nothing_and_double_nothing(settings: Settings) -> None:
    chance = random.Random(SEED)
    landed: set[int] = set()
    recorded: set[int] = set()
    built: set[int] = set()
    build(settings, load_reference(settings.reference))
    with Reader(settings) as reader:
        for _ in range(KILLS):
            told = killed(
                LOADER,
                str(settings.live),
                str(max(landed, default=-1) + 1),
                chance=chance,
                most_lines=60,
                most_seconds=0.3,
            )
            landed |= promised(told, "landed")
            recorded |= promised(told, "recorded")
            built |= promised(told, "built")
            # What was recorded is there at once, whatever the killed process was at.
            seen = {int(record["file_name"]) for record in Archive(settings.archive).receipts()}
            assert recorded <= seen, SEED
        time.sleep(0.1)
    assert (reader.faults, reader.torn, reader.refused) == ([], 0, {}), SEED
    assert reader.answers > 0
    assert reader.versions == sorted(reader.versions), "a reader saw an older version after a newer one"
    assert built, "no kill left a build whole; the test proves nothing"

    archive = Archive(settings.archive)
    counted = Counter(int(record["file_name"]) for record in archive.receipts())
    waiting = {int(entry.arrival.file_name) for entry in inbox.landed(settings)}
    assert recorded <= set(counted), SEED
    assert landed <= set(counted) | waiting, SEED
    numbers = set(counted) | waiting
    assert numbers == set(range(len(numbers))), SEED
    assert set(counted.values()) == {1}, SEED
    for record in archive.receipts():
        assert archive.original(record["file"]) == f"file {record['file_name']}".encode()
        assert len(record["observations"]) == ROWS
        assert record["file"] == hashlib.sha256(f"file {record['file_name']}".encode()).hexdigest()

    # Now finish: the archive with its compacted files and without them give the same warehouse, whole.
    with inbox.ingest_lock(settings):
        for entry in inbox.landed(settings):
            assert entry.read() == f"file {entry.arrival.file_name}".encode()
            inbox.finish(entry)
    reference = load_reference(settings.reference)
    answers = []
    for is_compacted in (True, False):
        if not is_compacted:
            shutil.rmtree(settings.archive / "compacted", ignore_errors=True)
        current = build(settings, reference)
        assert current == warehouse.current(settings.warehouse)
        rows = warehouse.query(current, "select file_name, submission from core.submission order by submission").rows()
        assert [int(name) for name, _ in rows] == sorted(counted)
        answers.append(
            warehouse.query(
                current, "select submission, indicator, numerator from core.observation order by all"
            ).rows()
        )
    assert answers[0] == answers[1]
    assert len(answers[0]) == ROWS * len(counted)
    assert leftovers(settings.warehouse) == []
    assert len(leftovers(settings.live)) <= KILLS + 1
