"""What the processes of an installation count and time, in Prometheus' terms, and how they share it.

Each process keeps its own figures and writes them every few seconds, as Prometheus text, to
`live/metrics/<process>.prom`; whichever web process is asked answers for all, each sample labelled with its process. A
process that is gone has no file, or one that grows old. So the loader's figures reach the web across two users.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import REGISTRY, Collector, CollectorRegistry

WRITE_EVERY_SECONDS: Final = 5.0
GONE_AFTER_SECONDS: Final = 60.0
SUFFIX: Final = ".prom"
WATCHER: Final = "watcher"

LOADER: Final = CollectorRegistry()
"""What only the process that loads can know; the registry of the library holds what every process has."""
WEB: Final = CollectorRegistry()

disable_created_metrics()  # type: ignore[no-untyped-call]

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

SUBMISSIONS = Counter(
    "tiendoso_submissions", "Submissions recorded since the loader started.", ["outcome"], registry=LOADER
)
FAULTS = Counter(
    "tiendoso_faults", "Files that could not be read because of a fault of the programme.", registry=LOADER
)
INGEST_SECONDS = Histogram(
    "tiendoso_ingest_seconds",
    "From reading a landed file to its receipts, without waiting for a build.",
    buckets=_SECONDS,
    registry=LOADER,
)
BUILD_SECONDS = Histogram(
    "tiendoso_build_seconds", "Building, verifying and publishing a warehouse.", buckets=_SECONDS, registry=LOADER
)
BUILDS = Counter(
    "tiendoso_builds", "Builds of the current warehouse since the loader started.", ["outcome"], registry=LOADER
)
BUILD_SUCCESS = Gauge(
    "tiendoso_last_build_success", "1 if the last build was published, 0 if it failed.", registry=LOADER
)
BUILD_AT = Gauge(
    "tiendoso_last_build_timestamp_seconds", "When the last build ended, whatever became of it.", registry=LOADER
)
VIEWERS = Gauge("tiendoso_viewers", "Pages open in browsers (websockets) on this process.", registry=WEB)
REQUEST_SECONDS = Histogram(
    "tiendoso_request_seconds",
    "Answers to requests, by kind of address.",
    ["kind", "status"],
    buckets=_SECONDS,
    registry=WEB,
)
WALL_SEEN = Gauge(
    "tiendoso_wall_last_seen_timestamp_seconds",
    "When a wall screen last asked for its pictures.",
    ["screen"],
    registry=WEB,
)

BUILD_SUCCESS.set(math.nan)  # not known before the first build

_names: list[str] = []


class Handover:
    """Writes the figures of this process where the others find them, while the context lasts."""

    def __init__(self, folder: Path, process: str, registry: CollectorRegistry) -> None:
        self._path = folder / f"{process}{SUFFIX}"
        self._registry = registry
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="metrics", daemon=True)

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        _names.append(self._path.stem)
        self._write()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Writes no more and takes away what was written."""
        self._is_over.set()
        self._thread.join()
        _names.remove(self._path.stem)
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _run(self) -> None:
        while not self._is_over.wait(WRITE_EVERY_SECONDS):
            self._write()

    def _write(self) -> None:
        # Replaced whole, not synced: figures of a minute ago are worth nothing after a power cut.
        temporary = self._path.with_name(f".{self._path.name}")
        try:
            temporary.write_bytes(generate_latest(REGISTRY) + generate_latest(self._registry))
            temporary.replace(self._path)
        except OSError as fault:  # a full disk does not stop the work
            logging.getLogger(__name__).warning("The figures of this process cannot be handed over: %s", fault)


def forget(folder: Path, process: str) -> None:
    """Removes what a process that was killed had handed over."""
    for path in (folder / f"{process}{SUFFIX}", folder / f".{process}{SUFFIX}"):
        with contextlib.suppress(OSError):
            path.unlink()


def own_name() -> str:
    """The name under which this process hands its figures over; '' where it does not."""
    return _names[-1] if _names else ""


def gather(folder: Path, own: str, registry: CollectorRegistry, more: Iterable[Metric] = ()) -> list[Metric]:
    """The families of this process and of all others alive, and beside them `more`, which belong to no process.

    Families of one name become one, each sample labelled with its process.
    """
    merged: dict[str, Metric] = {}
    for process, families in ((own, [*REGISTRY.collect(), *registry.collect()]), *_others(folder, own)):
        for family in families:
            whole = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                whole.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
    return [*merged.values(), *more]


def as_text(families: Iterable[Metric]) -> bytes:
    """Families in Prometheus' text format."""
    given = list(families)

    class Given(Collector):
        def collect(self) -> Iterable[Metric]:
            return given

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Given())
    return generate_latest(registry)


def values(families: Iterable[Metric], name: str) -> list[tuple[dict[str, str], float]]:
    """The samples of one name, each with its labels."""
    return [(s.labels, s.value) for family in families for s in family.samples if s.name == name]


def _others(folder: Path, own: str) -> Iterator[tuple[str, list[Metric]]]:
    for path in sorted(folder.glob(f"[!.]*{SUFFIX}")):
        if path.stem == own:
            continue
        try:
            if time.time() - path.stat().st_mtime > GONE_AFTER_SECONDS:
                continue
            yield path.stem, list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as fault:
            logging.getLogger(__name__).warning("%s cannot be read: %s", path, fault)
