"""Whether an installation is ready, against installations that are not."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.core import GaugeMetricFamily

from dashboard import health, text
from etl import heartbeat, inbox
from etl.settings import Settings
from tests.pages import province


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = province.settings_at(tmp_path_factory.mktemp("live"))
    province.fill(settings, communes=2)
    return settings


def _looked(settings: Settings, silent: float = 0, trouble: str = "", good: float = 1.0) -> health.Health:
    """How it is while the loader was last seen so many seconds ago."""
    heartbeat.beat(settings, datetime.now(UTC) - timedelta(seconds=silent), "", trouble)
    return health.look(settings, [GaugeMetricFamily("tiendoso_last_build_success", "", value=good)])


def _faults(found: health.Health, state: str = "fault") -> set[str]:
    return {check.name for check in found.checks if check.state == state}


def test_all_is_well(filled: Settings) -> None:
    found = _looked(filled)
    assert found.is_ready
    assert _faults(found) == set()
    assert found.warehouse == (filled.warehouse / "CURRENT").read_text().strip()
    assert found.data_age is not None
    assert found.is_build_good is True


def test_a_new_installation_is_not_ready_and_says_why(tmp_path: Path) -> None:
    found = health.look(Settings(live=tmp_path / "not made yet"), [])
    assert not found.is_ready
    assert _faults(found) == {"warehouse", "watcher"}
    said = {check.name: check.said() for check in found.checks}
    assert said["warehouse"] == "Chưa có kho số liệu"
    text.use("en")
    assert "The loader is not running" in {check.name: check.said() for check in found.checks}["watcher"]


def test_a_loader_that_has_stopped_going_round_is_a_fault(filled: Settings) -> None:
    found = _looked(filled, silent=610)
    assert _faults(found) == {"watcher"}
    assert next(check for check in found.checks if check.name == "watcher").said() == "Bộ nạp số liệu im lặng 10 phút"


def test_a_loader_in_trouble_says_what_troubles_it_and_people_may_look(filled: Settings) -> None:
    found = _looked(filled, trouble="The disk is full.")
    assert _faults(found, "warning") >= {"watcher"}
    assert found.is_ready
    assert "The disk is full." in next(check for check in found.checks if check.name == "watcher").said()


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "version_size"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xff"), "version_changed"),
        (lambda path: path.unlink(), "version_missing"),
        (lambda path: path.with_suffix(".json").unlink(), "manifest_missing"),
    ],
)
def test_a_warehouse_unlike_its_manifest_is_a_fault_though_the_one_before_is_shown(
    filled: Settings, tmp_path: Path, harm: Callable[[Path], object], fault: str
) -> None:
    shutil.copytree(filled.warehouse, tmp_path / "warehouse")
    settings = Settings(live=tmp_path)
    before = settings.warehouse / (settings.warehouse / "CURRENT").read_text().strip()
    after = before.with_stem("v00000009")
    shutil.copy(before, after)
    shutil.copy(before.with_suffix(".json"), after.with_suffix(".json"))
    (settings.warehouse / "CURRENT").write_text(after.name)
    harm(after)
    found = _looked(settings)
    assert _faults(found) == {"warehouse"}
    assert found.warehouse == before.name
    assert fault in found.checks[0].said()


def test_a_file_that_waits_too_long_is_a_fault(tmp_path: Path) -> None:
    settings = Settings(live=tmp_path)
    inbox.land(settings, b"bytes", "a.xlsx", datetime.now(UTC), channel="web")
    settings.inbox.mkdir()
    (settings.inbox / "b.xlsx").write_bytes(b"more")
    (settings.inbox / "~$b.xlsx").write_bytes(b"a lock of Excel's")
    now = time.time()
    assert inbox.waiting(settings, now).count == 2
    assert health._backlog(inbox.waiting(settings, now)).state == "ok"
    late = inbox.waiting(settings, now + 3600)
    assert late.oldest_seconds == pytest.approx(3600, abs=5)
    assert health._backlog(late).said() == "Số tệp đang chờ đọc: 2, lâu nhất 60 phút"


def test_old_figures_and_a_failed_build_are_told_but_people_may_look(filled: Settings) -> None:
    old = Settings(live=filled.live, stale_after_days=1)
    latest = datetime.now(UTC) - timedelta(seconds=health.look(filled, []).data_age or 0)
    assert latest < datetime.now(UTC) - timedelta(days=1), "the made province is not old enough for this test"
    found = _looked(old, good=0)
    assert _faults(found, "warning") == {"data", "build"}
    assert found.is_ready


def test_every_sentence_is_there_in_both_languages(filled: Settings) -> None:
    checks = [
        *_looked(filled).checks,
        health._disk(1, 2),
        health._build(None),
        health._data_age(None, 3),
    ]
    for check in checks:
        told = health._in_both(check)
        assert told["vi"] != told["en"], check
        assert "{" not in told["vi"] + told["en"]
    assert health._in_both(health._disk(3 << 29, 1))["en"] == "Free on the disk: 1.5 GiB"
    assert os.sep not in health._in_both(checks[0])["vi"]
