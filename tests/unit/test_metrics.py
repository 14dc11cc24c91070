"""Figures of several processes, handed over by files and answered by one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families

from etl import metrics


def _registry() -> tuple[CollectorRegistry, Counter, Gauge, Histogram]:
    registry = CollectorRegistry()
    return (
        registry,
        Counter("files", "Files.", ["outcome"], registry=registry),
        Gauge("at", "When.", registry=registry),
        Histogram("seconds", "How long.", buckets=(1, 2), registry=registry),
    )


def test_one_process_answers_for_all_with_each_ones_name(tmp_path: Path) -> None:
    ours, files, at, _ = _registry()
    files.labels("accepted").inc(3)
    at.set(11)
    theirs, other_files, _, seconds = _registry()
    other_files.labels('a "quoted"\none').inc(4)
    seconds.observe(1.5)
    with metrics.Handover(tmp_path, "watcher", theirs):
        text = metrics.as_text(metrics.gather(tmp_path, "web-1", ours)).decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    assert metrics.values(families, "files_total") == [
        ({"outcome": "accepted", "process": "web-1"}, 3.0),
        ({"outcome": 'a "quoted"\none', "process": "watcher"}, 4.0),
    ]
    buckets = {
        labels["le"]: value
        for labels, value in metrics.values(families, "seconds_bucket")
        if labels["process"] == "watcher"
    }
    assert buckets == {"1.0": 0, "2.0": 1, "+Inf": 1}
    assert not [family.name for family in families if family.name.endswith("_created")]


def test_a_process_that_has_ended_or_grown_silent_is_not_counted(tmp_path: Path) -> None:
    registry, files, *_ = _registry()
    files.labels("accepted").inc()
    ours = CollectorRegistry()
    with metrics.Handover(tmp_path, "watcher", registry):
        assert metrics.values(metrics.gather(tmp_path, "web-1", ours), "files_total")
        old = time.time() - metrics.GONE_AFTER_SECONDS - 1
        os.utime(tmp_path / "watcher.prom", (old, old))
        assert not metrics.values(metrics.gather(tmp_path, "web-1", ours), "files_total")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_of_another_process_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "watcher.prom").write_text('files_total{outcome="x 3')
    (tmp_path / "web-2.prom").write_text("at 5\n")
    found = metrics.gather(tmp_path, "web-1", CollectorRegistry())
    assert [(labels["process"], value) for labels, value in metrics.values(found, "at")] == [("web-2", 5.0)]
    assert "watcher.prom cannot be read" in caplog.text


def test_a_handover_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / ".watcher.prom").mkdir()
    with metrics.Handover(tmp_path, "watcher", CollectorRegistry()):
        assert "cannot be handed over" in caplog.text
