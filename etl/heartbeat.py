"""What the watcher says of itself every few seconds, for whoever asks whether it is at work: `live/watcher.json`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.settings import Settings

SILENT_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When the watcher was last seen, its process, what it builds just now ('' = nothing), and what troubles it."""

    at: datetime
    process: int
    building: str = ""
    trouble: str = ""

    def is_silent(self, now: datetime) -> bool:
        return now - self.at > SILENT_AFTER


def beat(settings: Settings, now: datetime, building: str, trouble: str) -> None:
    """Leaves a heartbeat; replaced whole, and not synced: one of before a power cut is worth nothing."""
    path = _path(settings)
    facts = asdict(Heartbeat(now, os.getpid(), building, trouble)) | {"at": now.isoformat()}
    half = path.with_suffix(".half")
    half.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    half.replace(path)


def last(settings: Settings) -> Heartbeat | None:
    """The last heartbeat; None if there never was one, or none that can be read."""
    try:
        facts = json.loads(_path(settings).read_bytes())
        return Heartbeat(**facts | {"at": datetime.fromisoformat(facts["at"]).astimezone(UTC)})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _path(settings: Settings) -> Path:
    return settings.live / "watcher.json"
