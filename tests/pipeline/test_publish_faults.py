"""A fault at every step of a publish: the version before is read, the next build heals, nothing is left over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from etl.settings import Settings
from tests import publishing

# Each step in one way here, the more telling ones by a death; all of them in every way in the soak.
DEATHS = ("sync", "rename", "pointer", "sweep")
CASES = [
    (step, "exit" if step in DEATHS else ("exception", "ENOSPC", "EIO")[number % 3])
    for number, step in enumerate(publishing.STEPS)
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return publishing.prepare(tmp_path_factory.mktemp("prepared") / "live")


@pytest.mark.parametrize(("step", "way"), CASES)
def test_a_fault_at_any_step_leaves_the_version_before(prepared: Settings, tmp_path: Path, step: str, way: str) -> None:
    shutil.copytree(prepared.live, tmp_path / "live")
    assert publishing.broken_by(Settings(live=tmp_path / "live"), step, way) == []
