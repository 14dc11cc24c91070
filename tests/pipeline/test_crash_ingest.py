"""kill -9 in the middle of an ingest, again and again: nothing lost, nothing doubled, always a warehouse to read."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from etl.archive import Archive
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from sql import queries, warehouse

SEED = 20_260_319
KILLS = 20
FILES_A_ROUND = 4


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "etl.cli", *words]


class Reader(threading.Thread):
    """Asks the published warehouse over and over; keeps what went wrong and every version it saw."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.settings = settings
        self.is_over = threading.Event()
        self.faults: list[str] = []
        self.versions: list[str] = []
        self.answers = 0

    def run(self) -> None:
        while not self.is_over.wait(0.02):
            current = warehouse.current(self.settings.warehouse)
            if current is None:
                if self.versions:
                    self.faults.append("the pointer was gone")
                continue
            try:
                queries.build_state(queries.Scope.all(current))
                self.answers += 1
            except Exception as fault:
                self.faults.append(repr(fault))
            if not self.versions or self.versions[-1] != current.name:
                self.versions.append(current.name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(live=tmp_path / "live")
    settings.inbox.mkdir(parents=True)
    return settings


def test_twenty_kills_lose_nothing_and_load_nothing_twice(settings: Settings) -> None:
    chance = random.Random(SEED)
    reference = load_reference(REPOSITORY / "data" / "reference")
    communes = [code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38"]
    env = os.environ | {"TIENDOSO_LIVE": str(settings.live)}
    reader = Reader(settings)
    reader.start()
    sent: list[Path] = []
    for round_ in range(KILLS):
        for _ in range(FILES_A_ROUND):
            commune = communes[len(sent) % len(communes)]
            path = settings.inbox / f"{len(sent):03d}.xlsx"
            rows = {
                "VB01": {"numerator": chance.randint(50, 90), "denominator": 100},
                "DVC03": {"numerator": chance.randint(10, 90), "denominator": 100 + len(sent)},
            }
            write_template(reference, "bm01_indicators", commune, "2026-Q1", rows=rows, path_or_stream=path)
            sent.append(path)
        running = subprocess.Popen(_command("ingest"), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0.6, 2.6) if round_ else 3.5)
        running.kill()
        running.communicate()
    last = subprocess.run(_command("ingest", "--json"), env=env, capture_output=True, text=True, check=False)
    assert last.returncode == 0, (SEED, last.stderr)
    reader.is_over.set()
    reader.join()

    assert reader.faults == [], SEED
    assert reader.answers > 0
    assert reader.versions == sorted(reader.versions), "a reader saw an older version after a newer one"
    accepted = Counter(
        record["file_name"] for record in Archive(settings.archive).receipts() if record["outcome"] == "accepted"
    )
    assert accepted == Counter(f"{n:03d}.xlsx" for n in range(len(sent))), SEED
    exported = subprocess.run(
        _command("export", "observations", "--format", "json", "-o", "-"), env=env, capture_output=True, check=True
    )
    counted = Counter((row["org_unit"], row["indicator"], row["period"]) for row in json.loads(exported.stdout))
    assert max(counted.values()) == 1
    assert {unit for unit, _, _ in counted} == set(communes[: len(sent)])
    assert list(settings.landing.glob("2*")) == []
    assert [path for path in settings.inbox.iterdir() if not path.name.startswith(".")] == []
