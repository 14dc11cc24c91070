"""A fault at a chosen step of a build and its publishing.

`python -m tests.publishing LIVE STEP exit` dies there; the other ways are met in the process that asks.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from etl import build as house
from etl import disk
from etl.build import build
from etl.errors import HouseError
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from sql import warehouse
from tests.killing import leftovers

DAY = date(2026, 6, 30)
DIED = 9

# The step, and the call that it is: the n-th one whose words say so.
STEPS: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "begin": (house, "_make", lambda *_: True),
    "insert": (house, "_fill", lambda _, table, *__: table == "reference.target"),
    "insert received rows": (house, "_fill_core", lambda *_: True),
    "checkpoint": (house, "_row_counts", lambda *_: True),
    "verify": (house, "_verify", lambda *_: True),
    "check": (house, "_checked", lambda *_, **__: True),
    "sync": (disk, "sync", lambda path: path.name.startswith("build-")),
    "hash": (warehouse, "sha256_of", lambda path: path.name.startswith("build-")),
    "manifest": (disk, "write", lambda path, _: path.suffix == ".json"),
    "rename": (disk, "publish", lambda half, _: half.name.startswith("build-")),
    "pointer": (disk, "write", lambda path, _: path.name == "CURRENT"),
    "sync the folder": (disk, "sync", lambda path: path.name == "warehouse" and (path / "v00000002.duckdb").exists()),
    "sweep": (house, "_sweep_versions", lambda *_: True),
}
AFTER_THE_POINTER = ("sweep",)
WAYS: dict[str, Callable[[], None]] = {}


def _way(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def take(way: Callable[[], None]) -> Callable[[], None]:
        WAYS[name] = way
        return way

    return take


@_way("exception")
def _raise() -> None:
    raise RuntimeError("a fault of ours")


@_way("ENOSPC")
def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@_way("EIO")
def _broken() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@_way("exit")
def _die() -> None:
    os._exit(DIED)


def prepare(live: Path) -> Settings:
    """An installation with one version."""
    settings = Settings(live=live)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    build(settings, load_reference(settings.reference), day=DAY)
    return settings


def broken_by(settings: Settings, step: str, way: str) -> list[str]:
    """What is wrong after a second build that fails at this step in this way, and after the third, which does not."""
    reference = load_reference(settings.reference)
    command = [sys.executable, "-m", "tests.publishing", str(settings.live), step, way]
    if way == "exit":
        is_failed = subprocess.run(command, cwd=REPOSITORY, check=False).returncode == DIED
    else:
        is_failed = fails(settings, reference, step, way)
    wrong = [] if is_failed else ["it did not fail"]
    found = warehouse.published(settings.warehouse)
    readable = {"v00000001.duckdb"} if step not in AFTER_THE_POINTER else {"v00000002.duckdb"}
    if found.fault or found.warehouse is None or found.warehouse.name not in readable:
        wrong.append(f"not readable is {readable}, but {found}")
    after = build(settings, reference, day=DAY)
    if warehouse.published(settings.warehouse) != warehouse.Published(after):
        wrong.append("the next build did not heal it")
    wrong += [f"{path} is left over" for path in leftovers(settings.warehouse)]
    return [f"{step}, {way}: {words}" for words in wrong]


def fails(settings: Settings, reference: Reference, step: str, way: str) -> bool:
    """Whether a build with this fault ends in an error."""
    place, name, is_it = STEPS[step]
    really = getattr(place, name)

    def call(*words: Any, **more: Any) -> Any:
        if is_it(*words, **more):
            WAYS[way]()
        return really(*words, **more)

    with mock.patch.object(place, name, call):
        try:
            build(settings, reference, day=DAY)
        except (HouseError, RuntimeError, OSError):
            return True
    return False


if __name__ == "__main__":
    asked = Settings(live=Path(sys.argv[1]))
    fails(asked, load_reference(asked.reference), *sys.argv[2:4])
