"""kill -9 at random instants of ingest, build, publish, upload, withdrawal, with readers: nothing lost or doubled."""

from __future__ import annotations

from pathlib import Path

from tests.chaos import Chaos

SEED = 20_261_126
KILLS = 20


def test_twenty_kills_lose_nothing_and_load_nothing_twice(tmp_path: Path) -> None:
    with Chaos(tmp_path / "live", SEED) as chaos:
        for _ in range(KILLS):
            chaos.kill_one()
    chaos.settle()
    assert chaos.broken() == [], SEED
    assert chaos.promises.landed, "nothing was sent: this proves nothing"
    assert set(chaos.done) == {"watcher", "build", "sender"}
