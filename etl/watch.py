"""The one process that takes files in and builds the warehouse while the dashboard runs.

A receipt never waits for a build: files are read first, then one build follows for all that came. A build also
follows a new day, so that a silent unit's tasks do go overdue.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from etl import as_of, inbox, metrics
from etl.build import build
from etl.errors import Busy, HouseError
from etl.model import Outcome, Receipt
from etl.pipeline import Pipeline, Source, local_day
from etl.reference import Reference
from etl.settings import Settings
from sql import warehouse

QUIET_SECONDS = 2.0
LOOK_EVERY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Watcher:
    """Looks into the inbox and the landing again and again; `run` ends when `is_over` says so."""

    def __init__(self, settings: Settings, pipeline: Pipeline) -> None:
        self.settings = settings
        self.pipeline = pipeline
        self._seen: dict[Path, inbox.Look] = {}
        self._built_for: date | None = None
        self._is_stale = warehouse.current(settings.warehouse) is None
        self._past: list[datetime] = []  # moments whose views are to be looked at

    def run(self, is_over: Callable[[], bool], told: Callable[[Receipt], None]) -> None:
        """Takes in what comes until `is_over`; `told` hears of each receipt."""
        while not is_over():
            metrics.HEARTBEAT.set_to_current_time()
            try:
                self.look(told)
            except Busy as busy:
                log.info("%s", busy.message)
            except HouseError as error:
                log.error("%s %s", error.message, error.hint)
            time.sleep(LOOK_EVERY_SECONDS)

    def look(self, told: Callable[[Receipt], None]) -> None:
        """One round: read what is ready, then build if anything that counts has changed or a day has begun."""
        today = local_day(datetime.now(UTC))
        ready = inbox.ready_files(self.settings, QUIET_SECONDS, self._seen, time.monotonic())
        wishes = inbox.withdrawal_requests(self.settings)
        if ready or wishes or inbox.landed(self.settings):
            with inbox.ingest_lock(self.settings):
                for receipt in self.pipeline.ingest(inbox_sources(ready), channel="inbox"):
                    metrics.HEARTBEAT.set_to_current_time()
                    told(receipt)
                    self._is_stale = self._is_stale or receipt.outcome is not Outcome.DUPLICATE
                for wish in wishes:
                    self._withdraw(wish)
        if self._is_stale or self._built_for != today:
            self._build(self.pipeline.reference, today)
        else:
            self._show_past()

    def _withdraw(self, wish: inbox.WithdrawalRequest) -> None:
        try:
            self.pipeline.archive.withdraw(wish.submission, wish.reason, wish.by, wish.at)
            self._is_stale = True
        except HouseError as error:  # no such submission, or withdrawn already
            log.warning("%s %s", error.message, error.hint)
        inbox.finish_withdrawal(self.settings, wish)

    def _build(self, reference: Reference, today: date) -> None:
        began = time.perf_counter()
        is_published = False
        try:
            published = build(self.settings, reference, day=today)
            is_published = True
        finally:
            metrics.BUILDS.labels("published" if is_published else "failed").inc()
            metrics.BUILD_SUCCESS.set(is_published)
            metrics.BUILD_AT.set_to_current_time()
            metrics.BUILD_SECONDS.observe(time.perf_counter() - began)
        log.info("built %s", published.name, extra={"seconds": round(time.perf_counter() - began, 3)})
        self._is_stale = False
        self._built_for = today
        self._past = as_of.pinned(reference, datetime.now(UTC)) + as_of.moments_built(self.settings)

    def _show_past(self) -> None:
        """Builds one view of the past at most, so that what comes meanwhile waits no longer than for that one."""
        waiting = as_of.requested(self.settings) or self._past
        if not waiting:
            return
        moment = waiting[0]
        try:
            self._show(moment)
        except Busy:
            raise
        except HouseError:
            self._is_shown(moment)
            raise
        self._is_shown(moment)

    def _is_shown(self, moment: datetime) -> None:
        as_of.answered(self.settings, moment)
        self._past = [other for other in self._past if other != moment]

    def _show(self, moment: datetime) -> None:
        view = warehouse.as_of(self.settings.warehouse, as_of.moment_key(moment))
        if view and as_of.is_fresh(view, self.pipeline.archive):
            if moment not in self._past:
                as_of.touch(view)
            return
        build(self.settings, self.pipeline.reference, known_until=moment)
        as_of.sweep(self.settings, as_of.pinned(self.pipeline.reference, datetime.now(UTC)))


def inbox_sources(files: list[Path]) -> list[Source]:
    """Files of the inbox as sources: ours to remove once they have landed."""
    now = datetime.now(UTC)
    return [Source(file, file.name, now, is_ours_to_remove=True) for file in files]
