"""A backup while the installation is in use, and an installation out of a backup.

    <folder>/<time>/live/…          what cannot be made again, and the published warehouse
    <folder>/<time>/manifest.json   every file with its SHA-256; written last: without it a backup is not whole

Each backup is whole in itself; what did not change since the one before is a hard link to it and takes no room. Files
are copied in the order in which they travel (inbox, landing, archive), so that one on its way is met at least once;
a receipt names only files that were kept before it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl import audit, disk
from etl.archive import time_key
from etl.errors import HouseError
from etl.settings import Settings
from sql import warehouse

FORMAT = 1
MANIFEST = "manifest.json"
LIVE = "live"
STATE = "state.sqlite"
_SECRET = 0o600  # hashes of passwords and tokens

# In the order in which things refer to one another: who refers is listed before what it refers to.
_TREES = ("inbox", "landing", "archive/withdrawals", "archive/secrets", "archive/submissions", "archive/files")
_IN_USE = (".tmp-", ".leaving-", ".erasing-", "build-")


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup: its folder, when it was begun, and every file (path below `live`) with its SHA-256."""

    folder: Path
    at: datetime
    files: dict[str, str]


def backup(settings: Settings, folder: Path, keep: int = 0) -> Backup:
    """Makes a backup in `folder`; durable on return. With `keep` only so many whole ones stay. Raises HouseError."""
    if folder.resolve().is_relative_to(settings.live.resolve()):
        raise HouseError(f"{folder} lies inside {settings.live}.", "Back up to another disk.")
    if not settings.live.is_dir():
        raise HouseError(f"There is nothing to back up at {settings.live}.", "See TIENDOSO_LIVE.")
    now = datetime.now(UTC)
    before = next(iter(backups(folder)), None)
    half = folder / f".half-{time_key(now)}"
    with disk.naming(folder):
        for left in folder.glob(".half-*"):
            shutil.rmtree(left)
        files = _Copier(settings.live, half / LIVE, before).copy()
        facts = {"format": FORMAT, "at": now.isoformat(), "files": dict(sorted(files.items()))}
        disk.write(half / MANIFEST, json.dumps(facts, indent=0).encode())
        for place in sorted({(half / LIVE / name).parent for name in files}):
            disk.sync(place)
        made = folder / time_key(now)
        disk.publish(half, made)
        for old in backups(folder)[keep:] if keep else ():
            shutil.rmtree(old.folder)
    return Backup(made, now, files)


def backups(folder: Path) -> list[Backup]:
    """The whole backups in a folder, newest first; `folder` may be one itself."""
    found = []
    for manifest in [folder / MANIFEST, *folder.glob(f"[0-9]*/{MANIFEST}")]:
        with contextlib.suppress(OSError, ValueError, KeyError):
            facts: dict[str, Any] = json.loads(manifest.read_bytes())
            if facts["format"] == FORMAT:
                found.append(Backup(manifest.parent, datetime.fromisoformat(facts["at"]), facts["files"]))
    return sorted(found, key=lambda one: one.at, reverse=True)


def restore(settings: Settings, folder: Path, *, replace: bool = False) -> Backup:
    """Brings the newest whole backup of `folder` back; every file is held against its hash before anything is moved.

    Refuses an installation that holds anything, unless told to `replace` it: it then stays beside, renamed. Raises
    HouseError.
    """
    found = next(iter(backups(folder)), None)
    if found is None:
        raise HouseError(f"There is no whole backup in {folder}.", f"One holds a {MANIFEST}; look for another.")
    live = settings.live
    if live.exists() and any(live.iterdir()) and not replace:
        raise HouseError(
            f"{live} is not empty: nothing was restored.",
            "Point TIENDOSO_LIVE at an empty folder, or say --replace: what is there is then kept beside, renamed.",
        )
    half = live.with_name(f".{live.name}.restored")
    with disk.naming(live.parent):
        shutil.rmtree(half, ignore_errors=True)
        disk.make_folder(half)
        for name, digest in found.files.items():
            mode = _SECRET if name == STATE else 0o444 if name.startswith("archive/files/") else 0o644
            try:
                copied = disk.copy(found.folder / LIVE / name, half / name, mode)
            except FileNotFoundError:
                copied = ""
            if copied != digest:
                shutil.rmtree(half)
                raise HouseError(
                    f"The backup {found.folder} is damaged at {name}: nothing was restored.", "Take the one before it."
                )
        if live.exists():
            live.rename(live.with_name(f"{live.name}.before-{time_key(datetime.now(UTC))}"))
        disk.publish(half, live)
    return found


class _Copier:
    """Copies an installation in use; links what the backup before has already."""

    def __init__(self, live: Path, target: Path, before: Backup | None) -> None:
        self.live = live
        self.target = target
        self.before = before
        self.files: dict[str, str] = {}

    def copy(self) -> dict[str, str]:
        for tree in _TREES:
            for path in self._below(self.live / tree):
                self._take(path, is_immutable=tree.startswith("archive/"))
        for name in ("archive/VERSION",):
            self._take(self.live / name)
        for tree in ("reference", "warehouse/reference", "warehouse/in_force"):
            for path in self._below(self.live / tree):
                self._take(path)
        self._take_audit()
        self._take_state()
        self._take_warehouse()
        return self.files

    def _below(self, folder: Path) -> Iterator[Path]:
        """Every file below a folder that is whole; folders in the order of names."""
        if not folder.is_dir():
            return
        with contextlib.suppress(FileNotFoundError):  # settled meanwhile: met again further on
            for path in sorted(folder.iterdir()):
                if path.name.startswith(_IN_USE):
                    continue
                if path.is_dir():
                    yield from self._below(path)
                elif path.is_file():
                    yield path

    def _take(self, path: Path, *, is_immutable: bool = False) -> None:
        name = path.relative_to(self.live).as_posix()
        copy = self.target / name
        known = self.before.files.get(name) if self.before else None
        if is_immutable and known and self.before:
            older = self.before.folder / LIVE / name
            with contextlib.suppress(OSError):  # another disk, or gone: then it is copied
                if older.stat().st_size == path.stat().st_size:
                    disk.make_folder(copy.parent)
                    os.link(older, copy)
                    self.files[name] = known
                    return
        with contextlib.suppress(FileNotFoundError):
            self.files[name] = disk.copy(path, copy)

    def _take_audit(self) -> None:
        place = self.live / "audit"
        if place.is_dir():
            with disk.lock(place / ".lock", "writing the audit log", wait_seconds=30):
                for path in self._below(place):
                    if path.name != ".lock":
                        self._take(path)

    def _take_state(self) -> None:
        """SQLite's own copy of a database in use."""
        source = self.live / STATE
        if not source.exists():
            return
        copy = self.target / STATE
        disk.make_folder(copy.parent)
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as held,
            closing(sqlite3.connect(copy)) as new,
        ):
            held.backup(new)
        copy.chmod(_SECRET)
        disk.sync(copy)
        self.files[STATE] = warehouse.sha256_of(copy)

    def _take_warehouse(self) -> None:
        """The published version with its manifest; it can be made again, but so the pages are there at once."""
        for _ in range(5):
            found = warehouse.published(self.live / "warehouse").warehouse
            if found is None:
                return
            for path in (found.with_suffix(".json"), found):
                self._take(path)
            copy = self.target / found.relative_to(self.live)
            if not warehouse.fault(copy):
                pointer = self.target / "warehouse" / warehouse.POINTER
                disk.write(pointer, f"{found.name}\n".encode())
                self.files[pointer.relative_to(self.target).as_posix()] = warehouse.sha256_of(pointer)
                return
            for path in (copy, copy.with_suffix(".json")):  # swept away or rewritten while it was copied
                path.unlink(missing_ok=True)
                self.files.pop(path.relative_to(self.target).as_posix(), None)


def proof(made: Backup) -> int:
    """Holds every file of a backup against its hash; how many there are. Raises HouseError naming the first bad one."""
    for name, digest in made.files.items():
        path = made.folder / LIVE / name
        if not path.exists() or warehouse.sha256_of(path) != digest:
            raise HouseError(f"The backup {made.folder} is damaged at {name}.", "Make another one.")
    verdict = audit.verify(made.folder / LIVE / "audit")
    if verdict.fault:
        raise HouseError(f"The audit log of {made.folder} is not whole: {verdict.fault}")
    return len(made.files)
