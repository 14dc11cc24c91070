"""Killing a child process at a random instant, while somebody reads the published warehouse over and over."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import TracebackType

import duckdb

from etl.settings import REPOSITORY, Settings
from sql import warehouse

HANG_SECONDS = 120


def killed(script: str, *words: str, chance: random.Random, most_lines: int, most_seconds: float) -> list[str]:
    """Runs a script that says in a line whatever it promises, for ever; kills it; the promises it made.

    The instant is drawn from `chance`: some lines, then some time, so that a slow machine gets as far as a fast one.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", script, *words],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    watchdog = threading.Timer(HANG_SECONDS, child.kill)
    watchdog.start()
    told = [child.stdout.readline() for _ in range(chance.randint(1, most_lines))]
    time.sleep(chance.uniform(0, most_seconds))
    child.kill()
    watchdog.cancel()
    rest, faults = child.communicate()
    assert (told[-1] != "", child.returncode) == (True, -signal.SIGKILL), faults
    # A line without its end was cut off by the kill: nothing was promised yet.
    lines = [*told, *rest.splitlines(keepends=True)]
    return [line.removesuffix("\n") for line in lines if line.endswith("\n")]


class Reader(threading.Thread):
    """Asks the published warehouse over and over; keeps what went wrong and every version it saw.

    Each answer must agree with the manifest of the version it came from. It asks as the pages do: `refused` counts when
    no version was sound, by what was wrong, `torn` when one was damaged between being found and being read; all else
    that is no answer is a fault. Use as a context manager.
    """

    def __init__(self, settings: Settings, every_seconds: float = 0.02) -> None:
        super().__init__(daemon=True)
        self.settings = settings
        self.every_seconds = every_seconds
        self.is_over = threading.Event()
        self.faults: list[str] = []
        self.versions: list[str] = []
        self.answers = 0
        self.torn = 0
        self.refused: Counter[str] = Counter()

    def __enter__(self) -> Reader:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.is_over.set()
        self.join()

    def run(self) -> None:
        while not self.is_over.wait(self.every_seconds):
            try:
                self._look()
            except Exception as fault:
                self.faults.append(repr(fault))

    def _look(self) -> None:
        found = warehouse.published(self.settings.warehouse)
        current = found.warehouse
        if current is None:
            if found.fault:
                self.refused[found.fault] += 1
            elif self.versions:
                self.faults.append("what was published is gone without a word")
            return
        if not self.versions or self.versions[-1] != current.name:
            self.versions.append(current.name)
        try:
            self._compare(current)
        except (OSError, ValueError, duckdb.Error):
            if not warehouse.fault(current):
                raise
            self.torn += 1
        else:
            self.answers += 1

    def _compare(self, current: Path) -> None:
        manifest = json.loads(current.with_suffix(".json").read_text())["rows"]
        for table in ("core.submission", "core.observation", "mart.figure"):
            count = warehouse.query(current, _counting(table)).item()
            if count != manifest[table]:
                self.faults.append(f"{current.name}: {table} holds {count} rows instead of {manifest[table]}")


def _counting(table: str) -> str:
    return f"select count(*) from {table}"


def promised(told: list[str], word: str) -> set[int]:
    """The numbers promised in lines `<word> <number>`."""
    return {int(line.split()[1]) for line in told if line.startswith(f"{word} ")}


def leftovers(folder: Path) -> list[Path]:
    """What half-written files a folder and all below hold."""
    return sorted(path for path in folder.rglob("*") if path.name.startswith((".tmp-", "build-", ".leaving-")))
