"""Faults in random order against an installation at work, and a checker of what was promised.

The invariants, in the terms of the history of what was acknowledged and read:
    I1 every file acknowledged is in the current version, once      I2 its rows are as many as were recorded
    I3 no reader saw an older version after a newer one             I4 each answer is that of one version's manifest
    I5 of every file acknowledged the bytes are kept                I6 every row leads to submission, sheet, cell
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from etl import inbox, proving
from etl.archive import Archive
from etl.pipeline import Pipeline
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings
from etl.watch import Watcher
from sql import warehouse
from tests import watching
from tests.actors import settings_of
from tests.damage import cut, flip
from tests.killing import Reader, leftovers

READERS = 3
START_SECONDS = 120
NUMBERS_APART = 1_000_000  # of files sent by two senders


@dataclass
class Promises:
    """What was acknowledged, by word."""

    landed: set[str] = field(default_factory=set)
    receipts: dict[str, tuple[str, str]] = field(default_factory=dict)  # submission → file, outcome
    wished: set[str] = field(default_factory=set)


class Actor:
    """A process that is killed and started again; a thread hears what it promises."""

    def __init__(self, role: str, live: Path, promises: Promises) -> None:
        self.role, self.live, self.promises = role, live, promises
        self.starts = 0
        self.builds: list[int] = []
        self.start()

    def start(self) -> None:
        self.starts += 1
        seed = str(self.starts * NUMBERS_APART)
        command = [sys.executable, "-m", "tests.actors", self.role, str(self.live), seed]
        self.heard = threading.Event()
        self.process = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.thread = threading.Thread(target=self._hear, daemon=True)
        self.thread.start()

    def kill(self) -> None:
        """At once; what it had said by then is promised, a line cut off is not."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.thread.join(30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.endswith("\n"):
                return
            word, *rest = line.split()
            if word == "landed":
                self.promises.landed.add(rest[0])
            elif word == "receipt":
                self.promises.receipts[rest[0]] = (rest[1], rest[2])
            elif word == "wished":
                self.promises.wished.add(rest[0])
            elif word == "build":
                self.builds.append(int(rest[0]))
            self.heard.set()


class Chaos:
    """An installation with a watcher, a sender and readers, to which things happen. Use as a context manager."""

    def __init__(self, live: Path, seed: int) -> None:
        self.settings: Settings = settings_of(live)
        self.chance = random.Random(seed)
        self.promises = Promises()
        self.done: Counter[str] = Counter()
        self.slowest_recovery = 0.0
        shutil.copytree(REPOSITORY / "data" / "reference", self.settings.reference)
        meetings = self.settings.reference / "meetings.csv"
        meetings.write_text(meetings.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")

    def __enter__(self) -> Chaos:
        self.watcher = Actor("watch", self.settings.live, self.promises)
        self.sender = Actor("send", self.settings.live, self.promises)
        until = time.monotonic() + START_SECONDS
        seen: set[Path | None] = {None}  # two versions: whatever is damaged, the one before can be read
        while len(seen) < 3:
            assert time.monotonic() < until, "the watcher did not build twice"
            seen.add(warehouse.current(self.settings.warehouse))
            time.sleep(0.1)
        self.readers = [Reader(self.settings, every_seconds=0.15) for _ in range(READERS)]
        for reader in self.readers:
            reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        for actor in (self.sender, self.watcher):
            actor.kill()
        for reader in self.readers:
            reader.is_over.set()
            reader.join()

    # what happens

    def kill_one(self) -> None:
        """Somebody dies at a random instant: the watcher, a build, or a sender."""
        victim = self.chance.choices(("watcher", "build", "sender"), (4, 3, 3))[0]
        self.done[victim] += 1
        actor = self.sender if victim == "sender" else self.watcher
        assert actor.heard.wait(START_SECONDS), f"the {actor.role} never said anything"
        time.sleep(self.chance.uniform(0, 0.6))
        if victim == "build":
            self._kill_build()
        else:
            actor.kill()
            actor.start()

    def _kill_build(self) -> None:
        seen = len(self.watcher.builds)
        until = time.monotonic() + 20
        while len(self.watcher.builds) == seen and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(self.chance.uniform(0, 1.2))
        if self.watcher.builds:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.watcher.builds[-1], signal.SIGKILL)

    def damage(self) -> None:
        """Somebody damages what is published; readers never see it, the watcher makes it good."""
        how = self.chance.choice(["flip", "cut", "empty", "delete", "log", "manifest", "pointer gone", "pointer wrong"])
        self.done[how] += 1
        folder = self.settings.warehouse
        current = warehouse.current(folder)
        assert current is not None
        with contextlib.suppress(FileNotFoundError):  # swept away meanwhile
            if how in ("flip", "cut"):
                (flip if how == "flip" else cut)(current, self.chance)
            elif how == "empty":
                current.write_bytes(b"")
            elif how == "delete":
                current.unlink()
            elif how == "log":
                current.with_name(f"{current.name}.wal").write_bytes(b"of another")
            elif how == "manifest":
                current.with_suffix(".json").write_text("{")
            elif how == "pointer gone":
                (folder / "CURRENT").unlink()
            else:
                (folder / "CURRENT").write_bytes(b"\xff../../etc/passwd")
        self._recover()

    def fill_the_disk(self) -> None:
        """The disk runs full for a while (of an installation on a disk of its own)."""
        self.done["disk full"] += 1
        filler = self.settings.live / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as stream:
            while True:
                stream.write(bytes(1 << 20))
                stream.flush()
        time.sleep(self.chance.uniform(0.5, 2))
        filler.unlink()
        self._recover()

    def _recover(self) -> None:
        began = time.monotonic()
        while warehouse.published(self.settings.warehouse).fault:
            assert time.monotonic() - began < START_SECONDS, "the watcher did not make it good"
            time.sleep(0.02)
        self.slowest_recovery = max(self.slowest_recovery, time.monotonic() - began)

    # what must hold afterwards

    def settle(self) -> None:
        """A last watcher reads and builds all that is left."""
        with Pipeline(self.settings, load_reference(self.settings.reference)) as pipeline:
            watching.settle(Watcher(self.settings, pipeline))

    def broken(self, *, damaged: bool = False) -> list[str]:
        """The invariants that do not hold, in words. After damage a read may have been torn, and readers gone back."""
        return [*self._reads(damaged), *self._records(), *self._published(), *self._left()]

    def _reads(self, damaged: bool) -> list[str]:
        wrong = []
        for reader in self.readers:
            if reader.versions != sorted(reader.versions) and not damaged:
                wrong.append("I3: a reader saw an older version after a newer one")
            wrong += [f"I4: {fault}" for fault in reader.faults]
            if reader.refused:
                wrong.append(f"a reader was refused though an older version was sound: {dict(reader.refused)}")
            if reader.torn and not damaged:
                wrong.append(f"{reader.torn} reads were torn though nothing was damaged")
        if sum(reader.answers for reader in self.readers) == 0:
            wrong.append("nobody read anything")
        return wrong

    def _records(self) -> list[str]:
        archive = Archive(self.settings.archive)
        wrong = []
        records = {record["submission"]: record for record in archive.receipts()}
        by_file = Counter(record["file"] for record in records.values())
        for file in self.promises.landed:
            if by_file[file] != 1:
                wrong.append(f"I1: {file[:12]} was acknowledged and is recorded {by_file[file]} times")
            elif sha256(archive.original(file)).hexdigest() != file:
                wrong.append(f"I5: the bytes of {file[:12]} are others")
        for submission, (file, outcome) in self.promises.receipts.items():
            record = records.get(submission)
            if record is None or (record["file"], record["outcome"]) != (file, outcome):
                wrong.append(f"I1: the receipt of {submission} is gone or another")
        taken = {str(withdrawal["submission"]) for withdrawal in archive.withdrawals()}
        accepted = {name for name, record in records.items() if record["outcome"] == "accepted"}
        wrong += [f"the wish to withdraw {name} was lost" for name in self.promises.wished & accepted - taken]
        wrong += [f"{loss.place}: {loss.en}" for loss in proving.verify(self.settings)]
        return wrong

    def _published(self) -> list[str]:
        current = warehouse.published(self.settings.warehouse)
        if current.fault or current.warehouse is None:
            return [f"the published warehouse is not sound: {current.fault}"]
        rows = warehouse.query(current.warehouse, "from core.submission")
        records = {record["submission"]: record for record in Archive(self.settings.archive).receipts()}
        wrong = []
        if sorted(rows["submission"]) != sorted(records):
            wrong.append("I1: the current version holds other submissions than the archive")
        counted = Counter(warehouse.query(current.warehouse, "select submission from core.observation")["submission"])
        for submission, record in records.items():
            if counted[submission] != len(record["observations"]):
                wrong.append(f"I2: {submission} has {counted[submission]} rows, {len(record['observations'])} came")
        traced = warehouse.query(current.warehouse, "select submission, sheet, cell, shown from core.observation")
        known = {
            (name, row["sheet"], row["cell"], row["shown"])
            for name, record in records.items()
            for row in record["observations"]
        }
        wrong += [f"I6: {row} leads nowhere" for row in traced.rows() if row not in known]
        wrong += [f"{loss.place}: {loss.en}" for loss in proving.verify_rebuild(self.settings)]
        return wrong

    def _left(self) -> list[str]:
        left = leftovers(self.settings.warehouse)
        return [f"left over: {path}" for path in left] + [
            f"never settled: {entry.folder}" for entry in inbox.landed(self.settings)
        ]
