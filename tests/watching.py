"""Waiting for a watcher whose builds run aside."""

from __future__ import annotations

import time

from etl.model import Receipt
from etl.watch import Watcher

PATIENCE_SECONDS = 300


def settle(watcher: Watcher, *, past: bool = False) -> list[Receipt]:
    """Lets the watcher look until all is read and the present is built, with `past` its views too; the receipts."""
    told: list[Receipt] = []
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        watcher.look(told.append)
        order = watcher.builder.order
        following = watcher._next_order() if order is None else order
        if following is None:
            return told
        if not past and following.known_until is not None:
            watcher.builder.stop()
            return told
        time.sleep(0.02)
    raise AssertionError(f"the watcher never came to rest: {watcher._trouble}")
