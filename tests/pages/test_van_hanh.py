"""The page of operations: what works and what does not, in words, against an installation that is made so."""

from __future__ import annotations

import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, Gauge, generate_latest
from streamlit.testing.v1 import AppTest

from dashboard.text import WORDS
from etl import audit, heartbeat, metrics
from etl.archive import Archive
from etl.pipeline import local_day
from etl.settings import Settings
from tests.pages import province
from tests.pages.test_pages import figures, open_page, words_of

PAGE = "pages/van_hanh.py"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    live = tmp_path_factory.mktemp("operated")
    province.fill(province.settings_at(live), 4)
    return live


@pytest.fixture
def operated(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A loader that has gone round just now, another web process with two viewers, and a wall screen on it."""
    monkeypatch.setenv("TIENDOSO_LIVE", str(filled))
    loader, web = CollectorRegistry(), CollectorRegistry()
    heartbeat.beat(Settings(live=filled), datetime.now(UTC), "", "")
    Gauge("tiendoso_viewers", "", registry=web).set(2)
    Gauge("tiendoso_wall_last_seen_timestamp_seconds", "", ["screen"], registry=web).labels("ioc").set(time.time() - 7)
    (filled / "metrics").mkdir(exist_ok=True)
    for process, registry in (("watcher", loader), ("web-2", web)):
        told = generate_latest(REGISTRY) + generate_latest(registry)
        (filled / "metrics" / f"{process}{metrics.SUFFIX}").write_bytes(told)
    yield filled
    shutil.rmtree(filled / "metrics")
    (filled / "watcher.json").unlink()


def tables(app: AppTest) -> list[str]:
    """What stands in each table of the page."""
    return [str(element.value.values.tolist()) for element in app.dataframe]


def test_it_tells_in_words_what_works(operated: Path) -> None:
    app = open_page(PAGE)
    assert not app.exception
    assert not app.error
    said = tables(app)
    assert any("Bộ nạp số liệu đang chạy" in frame for frame in said)
    assert any(re.search(r"\['ioc', '\d+ giây trước'\]", frame) for frame in said)
    assert any("web-2" in frame for frame in said)
    assert any(("v00000001" in frame) for frame in said)
    assert "Python 3." in words_of(app)


def test_what_is_drawn_is_what_came(operated: Path) -> None:
    (figure,) = figures(open_page(PAGE))
    drawn = {trace["name"]: sum(trace["y"]) for trace in figure["data"]}
    records = list(Archive(Settings(live=operated).archive).receipts())
    days = [local_day(datetime.fromisoformat(record["received_at"])) for record in records]
    recent = [record for record, day in zip(records, days, strict=True) if (max(days) - day).days < 30]
    assert 0 < len(recent) < len(records)
    counted = Counter(WORDS[f"outcome.{record['outcome']}"][0] for record in recent)
    assert {name: count for name, count in drawn.items() if count} == counted


def test_a_loader_that_does_not_run_is_an_alarm(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_LIVE", str(filled))
    app = open_page(PAGE, lang="en")
    assert not app.exception
    assert [element.value for element in app.error] == [WORDS["operations.not_ready"][1]]
    assert any("The loader is not running" in frame for frame in tables(app))


def test_it_shows_what_happened_as_words(operated: Path) -> None:
    hostile = "<img src=x onerror=alert(1)> [a](http://x)"
    audit.record(Settings(live=operated), audit.Event.SIGN_IN, "user:an", "127.0.0.1", note=hostile)
    app = open_page(PAGE)
    assert not app.exception
    assert any(hostile in frame for frame in tables(app))
    assert hostile not in words_of(app)


def test_who_looks_after_the_figures_is_reminded_when_nothing_new_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.fill(province.settings_at(tmp_path), 1, channel="inbox")
    monkeypatch.setenv("TIENDOSO_LIVE", str(tmp_path))
    reminded = [element.value for element in open_page().warning]
    assert any("ngày chưa nhận được báo cáo mới" in words for words in reminded)
    monkeypatch.setenv("TIENDOSO_STALE_AFTER_DAYS", "366")
    assert not open_page().warning
