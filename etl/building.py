"""Builds aside: one at a time, each in a process of its own, so that whoever orders one goes on with other work.

A build that dies takes nobody with it; one that outlives whoever ordered it finishes and holds the lock until then.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from etl.build import build
from etl.errors import Busy, HouseError
from etl.reference import Reference
from etl.settings import Settings

LONGEST_SECONDS = 1800.0
NICENESS = 5  # viewers and receipts come first

_PROCESSES = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built: the present for the view of `day`, or with `known_until` a view of the past."""

    day: date | None = None
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """How an order ended: the path, or why there is none; `is_busy`: another process was building."""

    order: Order
    seconds: float
    path: Path | None = None
    message: str = ""
    hint: str = ""
    is_busy: bool = False


class Builder:
    """Carries out one order at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.order: Order | None = None  # the one at work
        self._began = 0.0

    def start(self, reference: Reference, order: Order) -> None:
        """Begins a build; the one before must have been fetched by `finished`."""
        if self.order is not None:
            raise RuntimeError("a build is at work already")
        self._answer, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(
            target=_build, args=(self.settings, order, theirs), name="build", daemon=True
        )
        self._process.start()
        theirs.close()
        self.order, self._began = order, time.monotonic()
        # What is given to a process as an argument must fit into a pipe: `start` writes it while it holds the other end
        # itself, and would wait for ever for a process that died before it read. Here its death is an error at once.
        with contextlib.suppress(OSError):  # `finished` tells that it died
            self._answer.send(reference)

    def finished(self, wait_seconds: float = 0) -> Built | None:
        """How the order at work ended, once; None while it is at work or there is none."""
        if self.order is None:
            return None
        seconds = time.monotonic() - self._began
        if not self._answer.poll(wait_seconds):
            if seconds <= LONGEST_SECONDS:
                return None
            self._process.kill()
        order, seconds = self.order, time.monotonic() - self._began
        try:
            path, message, hint, is_busy = self._answer.recv()
            built = Built(order, seconds, path, message, hint, is_busy)
        except (EOFError, OSError):
            self._process.join()
            built = Built(order, seconds, message=f"The build died after {seconds:.0f} s ({self._process.exitcode}).")
        self._forget()
        return built

    def stop(self) -> None:
        """Ends what is at work; the published warehouse stays as it is."""
        if self.order is not None:
            self._process.terminate()
            self._forget()

    def _forget(self) -> None:
        self._answer.close()
        self._process.join()
        self.order = None


def _build(settings: Settings, order: Order, asker: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: whoever ordered the build decides
    os.nice(NICENESS)
    path, message, hint, is_busy = None, "", "", False
    try:
        reference: Reference = asker.recv()
        path = build(settings, reference, day=order.day, known_until=order.known_until)
    except HouseError as fault:
        message, hint, is_busy = fault.message, fault.hint, isinstance(fault, Busy)
    except Exception as fault:  # a fault of ours must not look like a death without a word
        message = f"The build failed by a fault of the programme: {fault!r}"
    with contextlib.suppress(OSError):  # nobody waits for it any more
        asker.send((path, message, hint, is_busy))
