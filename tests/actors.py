"""Processes to be killed: a watcher at work, and a sender who leaves files and wishes as the web does.

    python -m tests.actors watch|send LIVE SEED

Each says in a line whatever it has promised, after the deed:
    receipt <submission> <file> <outcome>     landed <file>     wished <submission>     build <process>
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path

import etl.watch
from etl import inbox
from etl.archive import Archive
from etl.building import Builder, Order
from etl.errors import DiskFault
from etl.model import Receipt
from etl.pipeline import Pipeline
from etl.reference import Reference, load_reference
from etl.settings import Settings
from etl.template import write_template
from etl.watch import Watcher

LEAST_FREE_MB = 20
MOST_WAITING = 12  # files; a sender faster than the reading proves nothing more


def say(*words: str) -> None:
    print(*words, flush=True)


class _Telling(Builder):
    """Says which process builds."""

    def start(self, reference: Reference, order: Order) -> None:
        super().start(reference, order)
        say("build", str(self._process.pid))


def settings_of(live: Path) -> Settings:
    return Settings(live=live, keep_versions=4, least_free_mb=LEAST_FREE_MB, parser_processes=1)


def watch(live: Path) -> None:
    """The real watcher, in more of a hurry."""
    etl.watch.QUIET_SECONDS, etl.watch.LOOK_EVERY_SECONDS = 0.1, 0.05
    settings = settings_of(live)

    def told(receipt: Receipt) -> None:
        say("receipt", receipt.submission, receipt.arrival.file, str(receipt.outcome))

    with Pipeline(settings, load_reference(settings.reference)) as pipeline:
        watcher = Watcher(settings, pipeline)
        watcher.builder = _Telling(settings)
        say("ready")
        watcher.run(lambda: False, told)


def workbook(reference: Reference, number: int) -> bytes:
    """A report unlike every other: of a commune in turn, its figures made from the number."""
    communes = [code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38"]
    stream = BytesIO()
    rows = {
        "VB01": {"numerator": number % 90, "denominator": 100 + number},
        "DVC03": {"numerator": number % 50, "denominator": 60 + number},
    }
    commune = communes[number % len(communes)]
    write_template(reference, "bm01_indicators", commune, "2026-Q1", rows=rows, path_or_stream=stream)
    return stream.getvalue()


def send(live: Path, seed: int) -> None:
    """Files by the web and by the inbox, and now and then the wish to take back what was accepted."""
    settings, chance = settings_of(live), random.Random(seed)
    reference, archive = load_reference(settings.reference), Archive(settings.archive)
    for number in count(seed):
        data = workbook(reference, number)
        try:
            inbox.land(settings, data, f"{number}.xlsx", None, channel=inbox.WEB)
        except DiskFault:
            time.sleep(0.2)
            continue
        say("landed", sha256(data).hexdigest())
        submissions = archive.submissions()
        if submissions and chance.random() < 0.15:
            chosen = chance.choice(submissions)
            inbox.request_withdrawal(settings, chosen, "thử", "an", datetime.now(UTC))
            say("wished", chosen)
        while len(inbox.landed(settings)) > MOST_WAITING:
            time.sleep(0.1)


if __name__ == "__main__":
    role, place = sys.argv[1], Path(sys.argv[2])
    watch(place) if role == "watch" else send(place, int(sys.argv[3]))
