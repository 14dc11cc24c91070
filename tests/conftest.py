"""Keeps every test away from a real installation's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard import text


@pytest.fixture(autouse=True)
def _own_live_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_LIVE", str(tmp_path / "live"))


@pytest.fixture(autouse=True)
def _vietnamese_words() -> None:
    """Pages run in the test's own thread and leave their language behind there."""
    text.use("vi")
