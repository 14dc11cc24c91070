"""How a measured figure is told: one line, beside the limit it should keep."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(what: str, figure: float, unit: str, limit: float | None = None) -> bool:
    """One figure on one line; whether it keeps its limit."""
    kept = limit is None or figure <= limit
    judged = "" if limit is None else f"  (at most {limit:g})" + ("" if kept else "  TOO MUCH")
    print(f"{what:<75}{figure:>10.2f} {unit}{judged}", flush=True)
    return kept


@contextmanager
def measured(what: str, limit: float | None = None) -> Iterator[None]:
    """Says how many seconds the block took."""
    start = time.perf_counter()
    yield
    say(what, time.perf_counter() - start, "s", limit)
