"""The audit log: who did what, when, from where; one line after the other, each chained to the one before by hash.

live/audit/<year>-<month>.jsonl   one JSON object a line, times UTC; only ever appended to
live/audit/HEAD                   number and hash of the last line, so that a cut end is seen as well

A line is durable when `record` returns. Web processes and the watcher all write, as users of one group; a lock puts
them in a row. Whoever
may write to the folder could make the whole chain anew: to prove more than that, note number and hash of the last
line elsewhere from time to time (`tiendoso audit verify` prints them).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from etl import disk
from etl.settings import Settings

BEGINNING: Final = "0" * 64
LONGEST_VALUE: Final = 300
BLOCK: Final = 1 << 16

Line = Mapping[str, Any]


class Event(StrEnum):
    """What is recorded."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    PASSWORD = "password"  # changed
    DENIED = "denied"  # a right was missing
    UPLOAD = "upload"
    DOWNLOAD = "download"  # a file, an export, a table over HTTP
    WITHDRAWAL = "withdrawal"
    ACCOUNT = "account"  # added, changed, disabled, enabled
    TOKEN = "token"  # made, revoked
    REFERENCE = "reference"  # other reference data came into use


LOADER = "loader"  # who is written down for what the watcher does by itself


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: `count` good lines with `head` the hash of the last one; `fault` names the first bad one."""

    count: int
    head: str
    fault: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.fault


def folder(settings: Settings) -> Path:
    return settings.live / "audit"


def record(settings: Settings, event: Event, who: str, address: str = "", **about: str | int) -> None:
    """Appends a line; durable on return. `who` is a principal's id, `address` where it came from."""
    place = folder(settings)
    if not (place / ".lock").exists():
        _make(place)
    with disk.lock(place / ".lock", "writing the audit log", wait_seconds=30):
        number, before = _last(place)
        now = datetime.now(UTC)
        line: dict[str, Any] = {
            "number": number + 1,
            "at": now.isoformat(timespec="milliseconds"),
            "event": str(event),
            "who": who[:LONGEST_VALUE],
            "address": address[:LONGEST_VALUE],
            "about": {
                name: value[:LONGEST_VALUE] if isinstance(value, str) else value for name, value in about.items()
            },
            "before": before,
        }
        line["hash"] = _hash(line)
        # A clock set back must not put a line into a file that is read before the last one.
        name = max(f"{now:%Y-%m}.jsonl", *(path.name for path in _files(place)[-1:]), "")
        _append(place / name, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        _note_head(place / "HEAD", f"{line['number']} {line['hash']}\n")


def lines(settings: Settings) -> Iterator[Line]:
    """Every line, the newest first; one that cannot be read is left out (`verify` names it)."""
    for path in reversed(_files(folder(settings))):
        for written in reversed(path.read_bytes().splitlines()):
            try:
                line = json.loads(written)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


def verify(place: Path) -> Verdict:
    """Follows the chain in a folder of `live/audit` and names the first line that was changed, removed or moved."""
    number, before = 0, BEGINNING
    for path in _files(place):
        for row, written in enumerate(path.read_bytes().splitlines(keepends=True), 1):
            fault = _fault(written, number + 1, before)
            if fault == "torn":  # its writer died before anybody was told; the next one takes it away
                continue
            if fault:
                return Verdict(number, before, f"{path.name}, line {row}: {fault}")
            number, before = number + 1, json.loads(written)["hash"]
    count, head = _noted_head(place)
    if count > number:
        return Verdict(number, before, f"after line {number}: {count - number} line(s) were removed from the end")
    if number and count == number and head != before:
        return Verdict(number, before, f"line {number}: it is not the one noted as the last")
    return Verdict(number, before)


def _fault(written: bytes, number: int, before: str) -> str:
    """What is wrong with a line; '' for nothing."""
    try:
        line = json.loads(written)
        told = line.pop("hash")
    except (ValueError, AttributeError, KeyError, TypeError):
        return "it cannot be read" if written.endswith(b"\n") else "torn"
    if told != _hash(line) or json.dumps({**line, "hash": told}, ensure_ascii=False).encode() != written.rstrip(b"\n"):
        return "it was changed"
    if line["number"] > number:
        return f"{line['number'] - number} line(s) before it were removed"
    if line["number"] < number:
        return "it was moved or put in"
    return "" if line["before"] == before else "the line before it was replaced"


def _hash(line: Line) -> str:
    return sha256(json.dumps(line, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))


def _last(place: Path) -> tuple[int, str]:
    """Number and hash of the last line; an unfinished one is cut off: nobody was told that it was written."""
    for path in reversed(_files(place)):
        end = _cut_unfinished(path)
        if end:
            line = json.loads(_last_line(path, end))
            return int(line["number"]), str(line["hash"])
    return 0, BEGINNING


def _cut_unfinished(path: Path) -> int:
    """The length of a file up to its last whole line."""
    with path.open("r+b") as stream:
        end = stream.seek(0, os.SEEK_END)
        if end == 0:
            return 0
        stream.seek(end - 1)
        if stream.read(1) == b"\n":
            return end
        stream.seek(max(0, end - BLOCK))
        tail = stream.read()
        whole = end - len(tail) + tail.rfind(b"\n") + 1
        stream.truncate(whole)
        return whole


def _last_line(path: Path, end: int) -> bytes:
    with path.open("rb") as stream:
        start = stream.seek(max(0, end - BLOCK))
        return stream.read(end - start).rstrip(b"\n").rpartition(b"\n")[2]


def _make(place: Path) -> None:
    """The folder and its lock, open to every user of the group; whoever comes second finds them made."""
    if not place.exists():
        disk.make_folder(place)
        disk.share(place, 0o770)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(place / ".lock", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660))
        disk.share(place / ".lock", 0o660)


def _note_head(path: Path, told: str) -> None:
    """Not forced to the disk: after a crash it may be behind by some lines, which is no fault."""
    is_new = not path.exists()
    path.write_text(told)
    if is_new:
        disk.share(path, 0o660)


def _append(path: Path, written: bytes) -> None:
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        if os.write(descriptor, written) != len(written):
            raise OSError(f"{path} took only a part of a line: is the disk full?")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        disk.share(path, 0o660)
        disk.sync(path.parent)


def _noted_head(place: Path) -> tuple[int, str]:
    try:
        number, _, head = (place / "HEAD").read_text().strip().partition(" ")
        return int(number), head
    except (OSError, ValueError):
        return 0, ""
