"""How the installation is: whether it is ready, in plain words, and its figures for Prometheus."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import text
from etl import heartbeat, inbox, metrics
from etl.settings import Settings
from sql import queries, warehouse

WAITING_TOO_LONG_SECONDS: Final = 15 * 60.0
NO_STORE: Final = {"cache-control": "no-store"}

Handler = Callable[[Request], Awaitable[Response]]
State = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it is and the sentence that says so, by its key in `text.WORDS` and what fills it."""

    name: str
    state: State
    word: str
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self) -> str:
        """The sentence in the language of this thread."""
        values = {key: text.number(held, 1) if isinstance(held, float) else held for key, held in self.values.items()}
        return text.t(self.word, **values)


@dataclass(frozen=True, slots=True)
class Health:
    """Everything looked at, and the figures behind it; ages in seconds, None where there is nothing to have an age."""

    checks: tuple[Check, ...]
    warehouse: str | None
    data_age: float | None
    backlog: int
    oldest_waiting: float
    watcher_seen: datetime | None
    watcher_silent: float | None
    free_bytes: int
    is_build_good: bool | None

    @property
    def is_ready(self) -> bool:
        return all(check.state != "fault" for check in self.checks)


def look(settings: Settings, families: list[Metric]) -> Health:
    """How the installation is now; reads folders and the current warehouse, waits for nobody."""
    waiting = inbox.waiting(settings, time.time())
    beat = heartbeat.last(settings)
    good = _latest(families, "tiendoso_last_build_success")
    free = shutil.disk_usage(_existing(settings.live)).free
    shown, data_age, reading = _read(settings)
    now = datetime.now(UTC)
    checks = (
        reading,
        _data_age(data_age, settings.stale_after_days),
        _watcher(beat, now),
        _backlog(waiting),
        _build(good),
        _disk(free, settings.least_free_mb << 20),
    )
    return Health(
        checks=checks,
        warehouse=shown.name if shown else None,
        data_age=data_age,
        backlog=waiting.count,
        oldest_waiting=waiting.oldest_seconds,
        watcher_seen=beat.at if beat else None,
        watcher_silent=(now - beat.at).total_seconds() if beat else None,
        free_bytes=free,
        is_build_good=None if good is None else bool(good),
    )


def families_of(settings: Settings, process: str) -> list[Metric]:
    """The figures of all processes, and those that belong to the installation as a whole."""
    families = metrics.gather(settings.metrics, process, metrics.WEB)
    health = look(settings, families)
    info = InfoMetricFamily("tiendoso", "Version of the programme and the warehouse it shows.")
    info.add_metric([], {"version": version("tiendoso"), "warehouse": health.warehouse or ""})
    seen = health.watcher_seen.timestamp() if health.watcher_seen else None
    facts: tuple[tuple[str, str, float | None], ...] = (
        ("tiendoso_ready", "1 if /readyz answers 200.", float(health.is_ready)),
        ("tiendoso_data_age_seconds", "Since the latest report that counts was received.", health.data_age),
        ("tiendoso_watcher_heartbeat_timestamp_seconds", "When the loader was last at work.", seen),
        ("tiendoso_inbox_backlog", "Files in inbox and landing that have no receipt yet.", health.backlog),
        ("tiendoso_inbox_oldest_seconds", "How long the oldest of them has waited.", health.oldest_waiting),
        ("tiendoso_disk_free_bytes", "Free space where the data lies.", health.free_bytes),
    )
    own = [GaugeMetricFamily(name, words, value=value) for name, words, value in facts if value is not None]
    return [*families, info, *own]


# ---------------------------------------------------------------- what is looked at


def _read(settings: Settings) -> tuple[Path | None, float | None, Check]:
    """The warehouse shown, the age of its data, and whether it is the one that was published, byte for byte."""
    found = warehouse.published(settings.warehouse)
    shown = found.warehouse
    if shown is None:
        return (
            None,
            None,
            Check("warehouse", "fault", "health.warehouse.broken" if found.fault else "health.warehouse.none"),
        )
    latest = queries.build_state(queries.Scope.all(shown)).row(0, named=True)["latest_received_at"]
    age = (datetime.now(UTC).replace(tzinfo=None) - latest).total_seconds() if latest else None
    if found.fault:
        return (
            shown,
            age,
            Check("warehouse", "fault", "health.warehouse.fallback", {"name": shown.stem, "fault": found.fault}),
        )
    return shown, age, Check("warehouse", "ok", "health.warehouse.ok", {"name": shown.stem})


def _data_age(age: float | None, stale_after_days: int) -> Check:
    if age is None:
        return Check("data", "warning", "health.data.none")
    days = int(age // 86400)
    is_stale = days >= stale_after_days
    return Check(
        "data", "warning" if is_stale else "ok", "health.data.stale" if is_stale else "health.data.ok", {"days": days}
    )


def _watcher(beat: heartbeat.Heartbeat | None, now: datetime) -> Check:
    if beat is None:
        return Check("watcher", "fault", "health.watcher.none")
    if beat.is_silent(now):
        return Check("watcher", "fault", "health.watcher.silent", {"minutes": (now - beat.at) // timedelta(minutes=1)})
    if beat.trouble:
        return Check("watcher", "warning", "health.watcher.trouble", {"message": beat.trouble})
    return Check("watcher", "ok", "health.watcher.ok")


def _backlog(waiting: inbox.Waiting) -> Check:
    if waiting.oldest_seconds > WAITING_TOO_LONG_SECONDS:
        facts = {"count": waiting.count, "minutes": int(waiting.oldest_seconds // 60)}
        return Check("backlog", "fault", "health.backlog.long", facts)
    return Check("backlog", "ok", "health.backlog.ok", {"count": waiting.count})


def _build(is_good: float | None) -> Check:
    if is_good is None:
        return Check("build", "ok", "health.build.none")
    return Check("build", "ok", "health.build.ok") if is_good else Check("build", "warning", "health.build.failed")


def _disk(free: int, least: int) -> Check:
    state: State = "fault" if free < least else "ok"
    return Check("disk", state, "health.disk.ok" if state == "ok" else "health.disk.low", {"free": free / (1 << 30)})


def _latest(families: list[Metric], name: str) -> float | None:
    known = (value for _, value in metrics.values(families, name) if not math.isnan(value))
    return max(known, default=None)


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)


# ---------------------------------------------------------------- routes


def alive(settings: Settings) -> Handler:
    async def health(_request: Request) -> Response:
        """Whether the server answers and which warehouse it reads; `empty` until the first one is published."""
        current = warehouse.current(settings.warehouse)
        state = {"status": "ok" if current else "empty", "warehouse": current.name if current else None}
        return JSONResponse(state, headers=NO_STORE)

    return health


def ready(settings: Settings, process: str) -> Handler:
    async def readiness(_request: Request) -> Response:
        """200 if everything needed works, 503 if not; either way each check with its sentence in both languages."""
        found = await run_in_threadpool(lambda: look(settings, metrics.gather(settings.metrics, process, metrics.WEB)))
        state = {
            "status": "ready" if found.is_ready else "not ready",
            "warehouse": found.warehouse,
            "data_age_seconds": found.data_age,
            "inbox_backlog": found.backlog,
            "watcher_silent_seconds": found.watcher_silent,
            "checks": [_in_both(check) for check in found.checks],
        }
        return JSONResponse(state, status_code=200 if found.is_ready else 503, headers=NO_STORE)

    return readiness


def _in_both(check: Check) -> dict[str, str]:
    said = {}
    for language in text.LANGUAGES:
        text.use(language)
        said[language] = check.said()
    return {"name": check.name, "state": check.state, **said}


def figures(settings: Settings, process: str) -> Handler:
    async def prometheus(_request: Request) -> Response:
        """The figures of every process in Prometheus' text format."""
        body = await run_in_threadpool(lambda: metrics.as_text(families_of(settings, process)))
        return Response(body, media_type="text/plain; version=0.0.4", headers=NO_STORE)

    return prometheus


class Measured:
    """Counts the pages open in browsers and times the answers, by kind of address and status."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._viewer(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _viewer(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = False

        async def counted(message: Message) -> None:
            nonlocal is_open
            if message["type"] == "websocket.accept" and not is_open:
                is_open = True
                metrics.VIEWERS.inc()
            await send(message)

        try:
            await self.app(scope, receive, counted)
        finally:
            if is_open:
                metrics.VIEWERS.dec()

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
                metrics.REQUEST_SECONDS.labels(_kind(scope["path"]), status).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, timed)


# Few kinds: each is a set of time series in the memory of whoever collects them.
_KINDS: Final = (
    ("/_stcore/upload_file", "upload"),
    ("/_stcore", "streamlit"),
    ("/static", "asset"),
    ("/media", "media"),
    ("/man-hinh", "wall"),
    ("/api", "api"),
    ("/healthz", "health"),
    ("/readyz", "health"),
    ("/metrics", "health"),
)


def _kind(path: str) -> str:
    return next((kind for start, kind in _KINDS if path.startswith(start)), "page")
