"""Keeps every test away from a real installation's data."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import text

MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def _own_live_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_LIVE", str(tmp_path / "live"))


@pytest.fixture(autouse=True)
def _vietnamese_words() -> None:
    """Pages run in the test's own thread and leave their language behind there."""
    text.use("vi")


@pytest.fixture(autouse=True)
def _own_main_module() -> Iterator[None]:
    """A page run by a test takes the place of `__main__`, and child processes begin by importing that."""
    yield
    sys.modules["__main__"] = MAIN
