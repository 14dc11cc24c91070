"""Views of the past: which moments are asked for, what their files are called, which are kept.

landing/web/as_of/<moment>.request       somebody wants to see this moment; written by the web process
warehouse/as_of/<moment>-<8 hex>.duckdb  the view, built by the watcher with the reference data in force then
warehouse/in_force/<time>-<hash>         since when builds used which reference data

A moment's name is the day in Viet Nam where the day's end is meant (`2026-03-18`), else day and time
(`2026-03-18T170000`).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import sql
from etl import audit, disk
from etl.archive import Archive, time_key
from etl.errors import HouseError
from etl.reference import Reference
from etl.settings import Settings

KEPT = 10

_LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
_END_OF_DAY = time(23, 59, 59, 999_999)


def moment_key(moment: datetime) -> str:
    """The name of a moment: `2026-03-18` for the end of that day, else `2026-03-18T170000` (with any fraction)."""
    local = moment.astimezone(_LOCAL_TIME)
    if local.time() == _END_OF_DAY:
        return local.date().isoformat()
    return f"{local:%Y-%m-%dT%H%M%S.%f}".removesuffix(".000000")


def moment_of(key: str) -> datetime:
    """The moment of that name. Raises ValueError."""
    moment = datetime.fromisoformat(key)
    if len(key) == len("2026-03-18"):
        moment = datetime.combine(moment, _END_OF_DAY)
    moment = moment.replace(tzinfo=_LOCAL_TIME)
    if moment_key(moment) != key:
        raise ValueError(f"{key!r} is no moment like 2026-03-18 or 2026-03-18T170000")
    return moment


def request_as_of(settings: Settings, moment: datetime) -> str:
    """Asks for the view of a moment; gives the name under which `sql.warehouse.as_of` finds it once it is built.

    The watcher builds it within a minute or so. Raises HouseError for a moment that has not passed: what will have
    been known then is not known yet.
    """
    key = moment_key(moment)
    if moment >= datetime.now(UTC):
        raise HouseError(f"{key} has not passed.", "Look at the present figures, or choose an earlier day.")
    path = _requests(settings) / f"{key}.request"
    if not path.exists():
        disk.write(path, b"")
    return key


def requested(settings: Settings) -> list[datetime]:
    """The moments asked for and not yet answered, the longest waiting first; what is no moment is thrown away."""
    waiting = []
    for path in sorted(_requests(settings).glob("*.request"), key=_changed_at):
        try:
            waiting.append(moment_of(path.stem))
        except ValueError:
            path.unlink(missing_ok=True)
    return waiting


def answered(settings: Settings, moment: datetime) -> None:
    """Takes the request for a moment away, if there is one."""
    (_requests(settings) / f"{moment_key(moment)}.request").unlink(missing_ok=True)


def pinned(reference: Reference, now: datetime) -> list[datetime]:
    """What each meeting held so far saw: always at hand, newest first."""
    return sorted({meeting.known_at for meeting in reference.meetings if meeting.known_at < now}, reverse=True)


def built(settings: Settings) -> list[Path]:
    """The views there are, the longest unused first."""
    return sorted((settings.warehouse / "as_of").glob("[!.]*-????????.duckdb"), key=_changed_at)


def moment_of_view(view: Path) -> datetime:
    """The moment that a view shows. Raises ValueError if it is named otherwise."""
    return moment_of(view.stem.rpartition("-")[0])


def is_fresh(view: Path, archive: Archive) -> bool:
    """Whether building the view again would give the same: nothing was dated back since, nor the programme changed."""
    try:
        manifest = json.loads(view.with_suffix(".json").read_bytes())
        moment = moment_of_view(view)
    except (OSError, ValueError):
        return False
    return bool(
        manifest.get("statements") == sql.fingerprint()
        and manifest["rows"]["core.submission"] == archive.known_count(moment)
        and manifest["withdrawals"]
        == sum(datetime.fromisoformat(taken["at"]) <= moment for taken in archive.withdrawals())
    )


def moments_built(settings: Settings) -> list[datetime]:
    """The moments of which there is a view, the longest unused first."""
    moments = []
    for view in built(settings):
        with contextlib.suppress(ValueError):
            moments.append(moment_of_view(view))
    return moments


def touch(view: Path) -> None:
    """Notes that a view was asked for again, so that it is kept before others."""
    os.utime(view)


def sweep(settings: Settings, kept_anyway: Iterable[datetime]) -> None:
    """Removes all but the last ten views asked for and those kept anyway; who holds one open goes on reading it."""
    keys = {moment_key(moment) for moment in kept_anyway}
    free = [view for view in built(settings) if view.stem.rpartition("-")[0] not in keys]
    for view in free[:-KEPT]:
        view.unlink(missing_ok=True)
        view.with_suffix(".json").unlink(missing_ok=True)


# The reference data in force: one empty file each time another came into use.


def note_in_force(settings: Settings, reference_hash: str, now: datetime) -> None:
    """Notes that a build used this reference data from now on."""
    folder = _in_force(settings)
    before = next(_noted(settings), ("", ""))[1]
    if before != reference_hash:
        audit.record(settings, audit.Event.REFERENCE, audit.LOADER, before=before[:12], now=reference_hash[:12])
        disk.write(folder / f"{time_key(now)}-{reference_hash}", b"")


def in_force(settings: Settings, moment: datetime) -> str | None:
    """The hash of the reference data in force at a moment; None if nothing was ever noted.

    Before the first note it is the first: a later edit must not change how an earlier day looks.
    """
    first = None
    for since, reference_hash in _noted(settings):
        first = reference_hash
        if since <= time_key(moment):
            return reference_hash
    return first


def _noted(settings: Settings) -> Iterator[tuple[str, str]]:
    """(since, hash), newest first."""
    for path in sorted(_in_force(settings).glob("[0-9]*"), reverse=True):
        since, _, reference_hash = path.name.partition("-")
        yield since, reference_hash


def _in_force(settings: Settings) -> Path:
    return settings.warehouse / "in_force"


def _requests(settings: Settings) -> Path:
    return settings.landing / "web" / "as_of"


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
