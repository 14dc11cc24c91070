"""`tiendoso serve` as it runs for months: several processes, what they refuse, a death, an orderly end."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.pages import province
from tests.served import PATIENCE, Running, serve

END_SECONDS = 10.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serving")
    province.fill(province.settings_at(folder / "live"), communes=2)
    with serve(folder, TIENDOSO_MAX_FILE_MB="1", TIENDOSO_HOSTS="so.tinh.example") as served:
        yield served


def test_it_is_ready_once_the_loader_goes_round(running: Running) -> None:
    state = json.loads(running.wait_for("/readyz", 2))
    assert state["status"] == "ready"
    assert {check["name"] for check in state["checks"]} >= {"warehouse", "data", "watcher", "backlog", "disk"}


def test_each_process_tells_the_figures_of_all(running: Running) -> None:
    running.wait_for("/readyz", 1)
    with running.open(2):
        until = time.monotonic() + PATIENCE
        while b'tiendoso_viewers{process="web-2"} 1.0' not in (body := running.get("/metrics", 1)[1]):
            assert time.monotonic() < until, body.decode()
            time.sleep(0.5)
    told = body.decode()
    for name in ("web-1", "web-2", "watcher"):
        assert f'process_resident_memory_bytes{{process="{name}"}}' in told
    assert "\ntiendoso_ready 1.0\n" in told
    assert "tiendoso_data_age_seconds" in told
    assert "tiendoso_query_seconds_count" in told


def test_only_its_own_names_and_pages_may_open_a_websocket(running: Running) -> None:
    for own in ("127.0.0.1", "localhost", "so.tinh.example"):
        with running.open(1, host=own):
            pass
    for headers in ({"host": "evil.example"}, {"Origin": "https://evil.example"}):
        with pytest.raises(InvalidStatus) as refused:
            running.open(1, **headers)
        assert refused.value.response.status_code == 403


def test_streamlit_offers_nothing_that_is_not_needed(running: Running) -> None:
    assert running.get("/_stcore/upload_file/some/file", method="PUT")[0] in (400, 403)
    assert running.get("/_stcore/agent/interact", method="POST")[0] in (403, 404)
    status, body = running.get("/_stcore/host-config")
    assert status == 200
    assert not any("streamlit" in str(origin) for origin in json.loads(body)["allowedOrigins"])


def test_cookies_of_all_processes_are_signed_with_one_secret_that_others_cannot_read(running: Running) -> None:
    secret = running.live / "cookie.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    for name in ("web-1", "web-2"):
        environment = Path(f"/proc/{running.pid(name)}/environ").read_bytes()
        assert secret.read_bytes().strip() not in environment  # set inside, not handed down where `ps e` would show it


def test_a_process_that_dies_is_started_again_and_the_other_one_serves(running: Running) -> None:
    before = running.pid("web-2")
    os.kill(before, signal.SIGKILL)
    assert running.get("/healthz", 1)[0] == 200
    running.wait_for("/healthz", 2)
    assert running.pid("web-2") != before
    assert any("web-2 ended with code -9" in line["message"] for line in running.lines())


def test_it_ends_in_time_and_without_a_traceback_though_people_are_looking(running: Running) -> None:
    running.wait_for("/healthz", 2)
    with running.open(1), running.open(2):
        began = time.monotonic()
        running.supervisor.terminate()
        assert running.supervisor.wait(timeout=60) == 0
        assert time.monotonic() - began < END_SECONDS
    for line in running.lines():  # each line is one JSON object
        assert {"time", "level", "logger", "message", "process"} <= line.keys()
        assert "traceback" not in line, line
    assert not list((running.live / "metrics").iterdir())
