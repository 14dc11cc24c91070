"""The one process that takes files in and has the warehouse built while the dashboard runs.

A receipt never waits for a build: builds run aside, one at a time, and whatever comes meanwhile waits for one more. A
build also follows a new day, so that a silent unit's tasks do go overdue, edited reference data, and a published
version that was damaged.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from etl import as_of, heartbeat, inbox, metrics
from etl.building import Builder, Built, Order
from etl.errors import Busy, HouseError
from etl.model import Outcome, Receipt
from etl.pipeline import Pipeline, Source, local_day
from etl.reference import load_reference, marks
from etl.settings import Settings
from sql import warehouse

QUIET_SECONDS = 2.0
LOOK_EVERY_SECONDS = 1.0
BEAT_EVERY_SECONDS = 5.0
BUILD_DURING_INGEST_EVERY_SECONDS = 30.0
LONGEST_REST_SECONDS = 300.0  # between builds that fail

Marks = frozenset[tuple[str, int, int]]

log = logging.getLogger(__name__)


class Watcher:
    """Looks into the inbox and the landing again and again; `run` ends when `is_over` says so."""

    def __init__(self, settings: Settings, pipeline: Pipeline) -> None:
        self.settings = settings
        self.pipeline = pipeline
        self.builder = Builder(settings)
        self._seen: dict[Path, inbox.Look] = {}
        self._built_for: date | None = None
        self._is_stale = False  # something came that no build begun so far knows of
        self._past: list[datetime] = []  # moments whose views are to be looked at
        self._failures = 0  # builds that failed one after the other
        self._rests_until = 0.0
        self._trouble = ""
        self._beat_at = float("-inf")
        self._marks_read: Marks = frozenset()  # of the reference data as it was last read
        self._marks_seen: Marks = frozenset()

    def run(self, is_over: Callable[[], bool], told: Callable[[Receipt], None]) -> None:
        """Takes in what comes until `is_over`; `told` hears of each receipt."""
        try:
            while not is_over():
                try:
                    self.look(told)
                except Busy as busy:
                    log.info("%s", busy.message)
                except HouseError as error:
                    if error.message != self._trouble:  # said once, not every second
                        log.error("%s %s", error.message, error.hint)
                    self._trouble = error.message
                self._beat()
                time.sleep(LOOK_EVERY_SECONDS)
        finally:
            self.builder.stop()

    def look(self, told: Callable[[Receipt], None]) -> None:
        """One round: read what is ready, then see to the builds; waits for none."""
        self._renew_reference()
        try:
            self._take_in(told)
        finally:
            self._see_to_builds()
        self._trouble = "" if not self._failures else self._trouble

    def _renew_reference(self) -> None:
        """Takes edited reference data into use once it stands still for a round; wrong data leaves all as it is."""
        try:
            found = marks(self.settings.reference)
        except FileNotFoundError:  # replaced just now
            return
        if found == self._marks_read or found != self._marks_seen:
            self._marks_seen = found
            return
        self._marks_read = found
        try:
            reference = load_reference(self.settings.reference)
        except HouseError as error:
            log.error("%s %s", error.message, error.hint)
            return
        if reference.hash != self.pipeline.reference.hash:
            log.info("reference data %s is in use now", reference.hash[:12])
            self.pipeline.reference = reference
            self._is_stale = True

    def _take_in(self, told: Callable[[Receipt], None]) -> None:
        ready = inbox.ready_files(self.settings, QUIET_SECONDS, self._seen, time.monotonic())
        wishes = inbox.withdrawal_requests(self.settings)
        if not (ready or wishes or inbox.landed(self.settings)):
            return
        began = time.monotonic()  # viewers need not wait for the last file of many
        with inbox.ingest_lock(self.settings):
            for receipt in self.pipeline.ingest(inbox_sources(ready), channel="inbox"):
                told(receipt)
                self._is_stale = self._is_stale or receipt.outcome is not Outcome.DUPLICATE
                self._beat()
                if time.monotonic() - began > BUILD_DURING_INGEST_EVERY_SECONDS:
                    began = time.monotonic()
                    self._see_to_builds()
            for wish in wishes:
                self._withdraw(wish)

    def _withdraw(self, wish: inbox.WithdrawalRequest) -> None:
        try:
            record = self.pipeline.archive.receipt(wish.submission) or {}
            own = self.pipeline.reference.units_below(wish.sent_for) if wish.sent_for else ()
            if wish.sent_for and record.get("org_unit") not in own:
                raise HouseError(f"{wish.by} may not withdraw {wish.submission}, which is of another unit.")
            self.pipeline.archive.withdraw(wish.submission, wish.reason, wish.by, wish.at)
            self._is_stale = True
        except HouseError as error:  # no such submission, or withdrawn already
            log.warning("%s %s", error.message, error.hint)
        inbox.finish_withdrawal(self.settings, wish)

    # builds

    def _see_to_builds(self) -> None:
        """Hears how the build at work ended, and begins the next one if there is need."""
        if built := self.builder.finished():
            self._hear(built)
        if self.builder.order is None and time.monotonic() >= self._rests_until and (order := self._next_order()):
            if order.known_until is None:
                self._is_stale = False
            self.builder.start(self.pipeline.reference, order)

    def _next_order(self) -> Order | None:
        """The present goes first; then one view of the past at a time: what was asked for, then meetings."""
        today = local_day(datetime.now(UTC))
        if self._is_stale or self._built_for != today or self._is_damaged():
            return Order(day=today)
        while waiting := as_of.requested(self.settings) or self._past:
            if not self._is_at_hand(waiting[0]):
                return Order(known_until=waiting[0])
            self._is_shown(waiting[0])
        return None

    def _is_damaged(self) -> bool:
        found = warehouse.published(self.settings.warehouse)
        if found.fault and not self._failures:
            log.error("The published warehouse is damaged (%s): it is built anew.", found.fault)
        return bool(found.fault)

    def _is_at_hand(self, moment: datetime) -> bool:
        view = warehouse.as_of(self.settings.warehouse, as_of.moment_key(moment))
        if view is None or not as_of.is_fresh(view, self.pipeline.archive):
            return False
        if moment not in self._past:
            as_of.touch(view)
        return True

    def _hear(self, built: Built) -> None:
        moment = built.order.known_until
        if moment is None and not built.is_busy:
            metrics.BUILDS.labels("failed" if built.path is None else "published").inc()
            metrics.BUILD_SUCCESS.set(built.path is not None)
            metrics.BUILD_AT.set_to_current_time()
            metrics.BUILD_SECONDS.observe(built.seconds)
        if built.path is None:
            self._hear_of_failure(built)
        elif moment is None:
            self._failures, self._rests_until = 0, 0.0
            self._built_for = built.order.day
            now = datetime.now(UTC)
            self._past = as_of.pinned(self.pipeline.reference, now) + as_of.moments_built(self.settings)
            log.info("built %s", built.path.name, extra={"seconds": round(built.seconds, 3)})
        else:
            as_of.sweep(self.settings, as_of.pinned(self.pipeline.reference, datetime.now(UTC)))
            self._is_shown(moment)

    def _hear_of_failure(self, built: Built) -> None:
        if built.order.known_until is None:
            self._is_stale = True
        if built.is_busy:
            log.info("%s", built.message)
            self._rests_until = time.monotonic() + LOOK_EVERY_SECONDS
            return
        self._trouble = built.message
        log.error("%s %s", built.message, built.hint)
        if built.order.known_until is not None:  # asked for in vain; the next asker may have more luck
            self._is_shown(built.order.known_until)
            return
        self._failures += 1
        self._rests_until = time.monotonic() + min(LONGEST_REST_SECONDS, 2.0**self._failures)

    def _is_shown(self, moment: datetime) -> None:
        as_of.answered(self.settings, moment)
        self._past = [other for other in self._past if other != moment]

    def _beat(self) -> None:
        if time.monotonic() - self._beat_at < BEAT_EVERY_SECONDS:
            return
        self._beat_at = time.monotonic()
        order = self.builder.order
        building = "" if order is None else as_of.moment_key(order.known_until) if order.known_until else "present"
        with contextlib.suppress(OSError):  # a full disk is told of elsewhere
            heartbeat.beat(self.settings, datetime.now(UTC), building, self._trouble)


def inbox_sources(files: list[Path]) -> list[Source]:
    """Files of the inbox as sources: ours to remove once they have landed."""
    return [Source(file, file.name, None, is_ours_to_remove=True) for file in files]
