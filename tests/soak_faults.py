"""Faults for as long as one likes: `python -m tests.soak_faults --kills 200 --seed 7`; exit 1 if any broke a promise.

Kills with readers (D1), kills and damage in random order (T2), flipped bits and cut files (D5), uploads in parallel
(P5), a fault at each step of a publish in four ways (D2).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

from etl import inbox
from etl.build import build
from etl.pipeline import Pipeline
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings
from etl.watch import Watcher
from sql import warehouse
from tests import hostile, publishing, watching
from tests.actors import settings_of, workbook
from tests.chaos import Chaos
from tests.damage import cut, flip

FLIPS, CUTS = 200, 50
UPLOADS, HOSTILE = 200, 5
DISK_MB = 400

Figures = dict[str, object]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=int(time.strftime("%Y%m%d")))
    asked.add_argument("--only", choices=["kills", "chaos", "damage", "uploads", "publish"])
    words = asked.parse_args()
    parts: dict[str, Callable[[Path, int, int], Figures]] = {
        "kills": kills, "chaos": chaos, "damage": damage, "uploads": uploads, "publish": publish,
    }  # fmt: skip
    broken = 0
    for name, part in parts.items():
        if words.only in (None, name):
            began = time.monotonic()
            with disk_of_its_own() as place:
                figures = part(place / "live", words.seed, words.kills)
            seconds = round(time.monotonic() - began, 1)
            print(json.dumps({"part": name, "seed": words.seed, "seconds": seconds, **figures}), flush=True)
            broken += bool(figures["broken"])
    return 1 if broken else 0


@contextmanager
def disk_of_its_own() -> Iterator[Path]:
    """A folder on a small disk that can be filled, if this user may mount one; else an ordinary one."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", folder]
        is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        try:
            yield Path(folder)
        finally:
            if is_mounted:
                subprocess.run(["umount", "-l", folder], check=True)  # this process may still hold a version open


def kills(live: Path, seed: int, count: int) -> Figures:
    with Chaos(live, seed) as house:
        for _ in range(count):
            house.kill_one()
    house.settle()
    return _figures(house, house.broken())


def chaos(live: Path, seed: int, count: int) -> Figures:
    """A third as many things, of every kind, in random order."""
    with Chaos(live, seed + 1) as house:
        ways = [house.kill_one, house.damage] + [house.fill_the_disk] * os.path.ismount(live.parent)
        for _ in range(max(9, count // 3)):
            house.chance.choice(ways)()
    house.settle()
    figures = _figures(house, house.broken(damaged=True))
    return figures | {"slowest_recovery_seconds": round(house.slowest_recovery, 2)}


def _figures(house: Chaos, broken: list[str]) -> Figures:
    return {
        "broken": broken,
        "happened": dict(house.done),
        "acknowledged": len(house.promises.landed),
        "receipts": len(house.promises.receipts),
        "wishes": len(house.promises.wished),
        "reads": sum(reader.answers for reader in house.readers),
        "reader_errors": sum(len(reader.faults) for reader in house.readers),
        "reads_torn": sum(reader.torn for reader in house.readers),
        "reads_refused": dict(sum((reader.refused for reader in house.readers), Counter())),
    }


def damage(live: Path, seed: int, count: int) -> Figures:
    """Bits flipped and ends cut off: each is found, and the version before is read."""
    settings = Settings(live=live)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    reference, chance = load_reference(settings.reference), random.Random(seed)
    first = build(settings, reference, day=date(2026, 6, 29))
    path = build(settings, reference, day=date(2026, 6, 30))
    whole, broken = path.read_bytes(), []
    for number in range(FLIPS + CUTS):
        path.write_bytes(whole)
        (flip if number < FLIPS else cut)(path, chance)
        found = warehouse.published(settings.warehouse)
        if found.warehouse != first or not found.fault:
            broken.append(f"damage {number} was not seen")
    return {"broken": broken, "flipped": FLIPS, "cut": CUTS}


def uploads(live: Path, seed: int, count: int) -> Figures:
    """200 uploads at once, 5 of them hostile: the good ones are accepted, the hostile refused, each has its receipt."""
    settings = settings_of(live)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    reference = load_reference(settings.reference)
    bad = [(f"{row.name}.xlsx", row.data) for row in islice(hostile.hostile_files(hostile.zip_attacks), HOSTILE)]
    good = [(f"{number}.xlsx", workbook(reference, number)) for number in range(UPLOADS - len(bad))]
    sent = [*good, *bad]
    random.Random(seed).shuffle(sent)
    began = time.monotonic()
    with ThreadPoolExecutor(UPLOADS) as pool:
        list(pool.map(lambda one: inbox.land(settings, one[1], one[0], None, channel=inbox.WEB), sent))
    landed = time.monotonic() - began
    with Pipeline(settings, reference) as pipeline:
        receipts = watching.settle(Watcher(settings, pipeline))
    outcomes = {receipt.arrival.file_name: str(receipt.outcome) for receipt in receipts}
    broken = [name for name, _ in good if outcomes.get(name) != "accepted"]
    broken += [name for name, _ in bad if outcomes.get(name) != "rejected"]
    return {
        "broken": broken,
        "outcomes": dict(Counter(outcomes.values())),
        "all_landed_seconds": round(landed, 2),
        "all_answered_seconds": round(time.monotonic() - began, 2),
    }


def publish(live: Path, seed: int, count: int) -> Figures:
    """A fault at each step of a publish, in each way."""
    broken, cases = [], [(step, way) for step in publishing.STEPS for way in publishing.WAYS]
    publishing.prepare(live)
    for step, way in cases:
        place = live.with_name("case")
        shutil.copytree(live, place)
        broken += publishing.broken_by(Settings(live=place), step, way)
        shutil.rmtree(place)
    return {"broken": broken, "cases": len(cases)}


if __name__ == "__main__":
    sys.exit(main())
