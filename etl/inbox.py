"""The way in: a file that has stopped growing becomes an entry of the landing, durable before anything is read of it.

    inbox/…                              where people and programmes drop files
    landing/<time>-<12 hex>/content      bytes as received
    landing/<time>-<12 hex>/arrival.json whose they are
    landing/web/<time>-<12 hex>/…        the same, written by the web process, which may write nowhere else
    landing/web/withdrawals/<id>.json    who wishes to take which submission back, and why; carried out by the watcher

An entry appears whole (its folder is renamed) and leaves whole: whoever dies in between finds it again, or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from etl import disk
from etl.archive import time_key
from etl.errors import DiskFault, HouseError
from etl.model import Arrival
from etl.settings import Settings

WEB = "web"
LEAVING = ".leaving-"
ERASING = ".erasing-"

_ENTRY = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{12}")
_UNFINISHED = re.compile(
    r"^(\.(?!\.)|~\$)|\.(tmp|temp|part|partial|crdownload|download|swp|lock)$|^(thumbs\.db|desktop\.ini)$"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Landed:
    """One entry of the landing: its folder and how it came.

    `is_resumed`: found there, not landed just now; an earlier run may have recorded some of its submissions already.
    """

    folder: Path
    arrival: Arrival
    is_resumed: bool = field(default=False, compare=False)

    @property
    def content(self) -> Path:
        """The file with the bytes as received."""
        return self.folder / "content"

    @property
    def size(self) -> int:
        """In bytes; to be looked at before `read`, the file may be of any size."""
        return self.content.stat().st_size

    def read(self) -> bytes:
        """The bytes as received; HouseError if they are no longer those."""
        data = self.content.read_bytes()
        if hashlib.sha256(data).hexdigest() != self.arrival.file:
            raise HouseError(
                f"{self.content} is damaged: its hash is not the one it came with.",
                f"Ask the sender for “{self.arrival.file_name}” again, then remove the folder.",
            )
        return data


@dataclass(frozen=True, slots=True)
class Look:
    """A file of the inbox as last seen, and since when (seconds of a monotonic clock) it has looked like that."""

    size: int
    changed_ns: int
    since: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many files have no receipt yet, and for how long the oldest of them has waited."""

    count: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class WithdrawalRequest:
    """A wish, left by the web process, to take an accepted submission back; `sent_for` as of an Arrival."""

    submission: str
    reason: str
    by: str
    at: datetime
    sent_for: str = ""


def land(
    settings: Settings,
    source: Path | bytes,
    file_name: str,
    received_at: datetime | None,
    *,
    sender: str = "",
    channel: str = "cli",
    backfilled: bool = False,
    account: str = "",
    sent_for: str = "",
) -> Landed:
    """Takes bytes, or a copy of a file, into the landing; durable on return. What came by the web lands in `web/`.

    Without `received_at` it comes now (see `arrival_moment`). Raises DiskFault where it cannot be kept, or so little
    room is left that the next files could not.
    """
    # What the web takes in is its user's; the loader, of the same group, must be able to erase it where it is secret.
    landing, mode = (settings.landing / WEB, 0o460) if channel == WEB else (settings.landing, 0o444)
    free = disk.free_bytes(settings.live)
    if free < settings.least_free_mb << 20:
        raise DiskFault(
            f"The disk of {settings.live} has {free >> 20} MB free, below the floor of {settings.least_free_mb} MB: "
            "no file is taken in.",
            "Make room (old backups, logs); it will be taken in by itself. The floor is TIENDOSO_LEAST_FREE_MB.",
        )
    received_at = received_at or arrival_moment(settings)
    temporary = disk.temporary_beside(landing / "any")
    try:
        with disk.naming(landing):
            file = disk.copy(source, temporary / "content", mode=mode)
            arrival = Arrival(file, _as_text(file_name), received_at, sender, channel, backfilled, account, sent_for)
            facts = asdict(arrival) | {"received_at": received_at.isoformat()}
            disk.copy(json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace"), temporary / "arrival.json")
            disk.sync(temporary)
            folder = landing / f"{time_key(received_at)}-{file[:12]}"
            if not folder.exists():
                disk.publish(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Landed(folder, arrival)


def arrival_moment(settings: Settings) -> datetime:
    """Now, but after every arrival so far, though the clock was set back meanwhile: ids sort by arrival.

    An arrival more than a day ahead is no measure (then the clock was wrong when it came, and is right now).
    """
    now = datetime.now(UTC)
    with _guard:
        known = _last_arrivals.get(settings.live)
        drift = now.timestamp() - time.monotonic()
        if known is None or abs(known[1] - drift) > _CLOCK_TOLERANCE_SECONDS:
            latest = max((known[0] if known else _EARLIEST), _latest_arrival(settings))
        else:
            latest = known[0]
        moment = latest + timedelta(microseconds=1) if now <= latest <= now + timedelta(days=1) else now
        _last_arrivals[settings.live] = (moment, drift)
    return moment


_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_TOLERANCE_SECONDS = 0.2
_guard = Lock()
_last_arrivals: dict[Path, tuple[datetime, float]] = {}  # the last moment given, and how the clock stood then


def _latest_arrival(settings: Settings) -> datetime:
    """The latest moment of arrival in landing and archive, of those at most a day ahead."""
    limit = time_key(datetime.now(UTC) + timedelta(days=1))
    days = sorted((settings.archive / "submissions").glob("[0-9]*-[0-9]*-[0-9]*"), reverse=True)
    recent = [day for day in days if day.name.replace("-", "") <= limit[:8]][:2]
    folders = [*recent, settings.landing, settings.landing / WEB]
    names = (entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir())
    keys = [name[: len(limit)] for name in names if _ENTRY.match(name) and name[: len(limit)] <= limit]
    return datetime.strptime(max(keys), "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC) if keys else _EARLIEST


def landed(settings: Settings) -> list[Landed]:
    """What has landed and is not finished, oldest first."""
    folders = [
        folder
        for landing in (settings.landing, settings.landing / WEB)
        if landing.is_dir()
        for folder in landing.iterdir()
        if _ENTRY.fullmatch(folder.name)
    ]
    entries = (_entry(folder) for folder in sorted(folders, key=lambda folder: folder.name))
    return [entry for entry in entries if entry is not None]


def waiting(settings: Settings, now: float) -> Waiting:
    """What waits in inbox and landing at `now` (seconds of the epoch), seen from outside: nothing is read or taken."""
    landings = (folder for folder in (settings.landing, settings.landing / WEB) if folder.is_dir())
    entries = [entry for folder in landings for entry in folder.iterdir() if _ENTRY.fullmatch(entry.name)]
    since = []
    for path in (*entries, *_files(settings.inbox)):
        with contextlib.suppress(FileNotFoundError):  # taken meanwhile
            since.append(path.stat().st_ctime)
    return Waiting(len(since), max(0.0, now - min(since, default=now)))


def finish(entry: Landed) -> None:
    """Removes an entry whose receipts are recorded. Twice does no harm.

    Not synced: an entry that a power cut brings back is settled again under the same ids.
    """
    _leave(entry.folder, LEAVING, durable=False)


def erase(entry: Landed) -> None:
    """Overwrites an entry's bytes and removes it; for content that must not be kept."""
    _leave(entry.folder, ERASING, durable=True)


def request_withdrawal(
    settings: Settings, submission: str, reason: str, by: str, at: datetime, *, sent_for: str = ""
) -> None:
    """Leaves the wish to take a submission back; durable on return. A wish for the same one stays as first given."""
    path = _withdrawals(settings) / f"{submission}.json"
    if not path.exists():
        facts = {"submission": submission, "reason": reason, "by": by, "at": at.isoformat(), "sent_for": sent_for}
        with disk.naming(path.parent):
            disk.write(path, json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace"))


def withdrawal_requests(settings: Settings) -> list[WithdrawalRequest]:
    """The wishes not yet carried out, the oldest submission first; a damaged one stays where it is, with a word."""
    found = []
    for path in sorted(_withdrawals(settings).glob("[0-9]*.json")):
        try:
            facts = json.loads(path.read_bytes())
            request = WithdrawalRequest(**facts | {"at": datetime.fromisoformat(facts["at"])})
            if path.stem != request.submission:
                raise ValueError("its name is not its submission")
        except (OSError, ValueError, TypeError, KeyError) as fault:
            log.error("%s is left where it is: %s", path, fault)
            continue
        found.append(request)
    return found


def finish_withdrawal(settings: Settings, request: WithdrawalRequest) -> None:
    """Removes a wish that was carried out or cannot be."""
    (_withdrawals(settings) / f"{request.submission}.json").unlink(missing_ok=True)


def _withdrawals(settings: Settings) -> Path:
    return settings.landing / WEB / "withdrawals"


def erase_file(path: Path) -> None:
    """Overwrites a file with zeros, synced, and removes it; a missing one is no fault."""
    with contextlib.suppress(FileNotFoundError):
        with contextlib.suppress(PermissionError):  # another user's file, which may still be writable for the group
            path.chmod(0o600)
        with path.open("r+b") as stream:
            left = os.fstat(stream.fileno()).st_size
            while left > 0:
                left -= stream.write(bytes(min(left, disk.BLOCK)))
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()
        disk.sync(path.parent)


def ready_files(settings: Settings, quiet_seconds: float, seen: dict[Path, Look], now: float) -> list[Path]:
    """The files of the inbox that have kept size and time for `quiet_seconds`, by name; never waits.

    `seen` is what earlier calls saw, kept up here; `now` is a monotonic clock. The file's own time says nothing of
    when it was copied. Hidden files, those of programmes still writing and links are passed over.
    """
    ready, looks = [], {}
    for path in sorted(_files(settings.inbox)):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        look = Look(stat.st_size, stat.st_mtime_ns, now)
        before = seen.get(path)
        if before and (before.size, before.changed_ns) == (look.size, look.changed_ns):
            look = before
        looks[path] = look
        if now - look.since >= quiet_seconds:
            ready.append(path)
    seen.clear()
    seen.update(looks)
    return ready


@contextmanager
def ingest_lock(settings: Settings, wait_seconds: float = 0) -> Iterator[None]:
    """Holds the right to take in files, and first clears up after a holder that died. Raises Busy."""
    with disk.lock(settings.live / "ingest.lock", "the inbox", wait_seconds):
        for landing in (settings.landing, settings.landing / WEB):
            disk.sweep(landing)
            for folder in landing.glob(f"{ERASING}*"):
                _remove(folder)
            for folder in landing.glob(f"{LEAVING}*"):
                _remove(folder)
        yield


def _as_text(file_name: str) -> str:
    """The name with U+FFFD for bytes that are no text; file systems take any, receipts and warehouses do not."""
    return file_name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _entry(folder: Path) -> Landed | None:
    """The entry of a folder; None (and a word in the log) if somebody damaged it: it then stays where it is."""
    try:
        facts = json.loads((folder / "arrival.json").read_bytes())
        received_at = datetime.fromisoformat(facts["received_at"])
        arrival = Arrival(**facts | {"received_at": received_at})
        if folder.name != f"{time_key(received_at)}-{arrival.file[:12]}":
            raise ValueError("its name is not its time and hash")
    except (OSError, ValueError, TypeError, KeyError) as fault:
        log.error("%s is left where it is: %s", folder, fault)
        return None
    return Landed(folder, arrival, is_resumed=True)


def _leave(folder: Path, way: str, *, durable: bool) -> None:
    leaving = folder.with_name(way + folder.name)
    with contextlib.suppress(FileNotFoundError), disk.naming(folder.parent):
        folder.replace(leaving)
        if durable:
            disk.sync(folder.parent)
    _remove(leaving)


def _remove(folder: Path) -> None:
    if folder.name.startswith(ERASING):
        erase_file(folder / "content")
    shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        if _UNFINISHED.search(entry.name.lower()):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
