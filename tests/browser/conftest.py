"""A real server over a real installation's folder, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from etl.settings import REPOSITORY, Settings

SUBMISSIONS = Path(__file__).parents[1] / "pipeline" / "submissions"
START_SECONDS = 60
expect.set_options(timeout=30_000)  # a server's first page takes seconds, on a busy machine many


@dataclass(frozen=True, slots=True)
class Site:
    """A running installation: where it answers and where its files lie."""

    url: str
    settings: Settings


@pytest.fixture(scope="module")  # while Playwright runs, its thread can run no other event loop
def browser() -> Iterator[Browser]:
    """Chromium from the system's packages, else the one Playwright brought; without either the tests fail."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed, args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`tiendoso serve` with its watcher, over three submissions of Nghệ An and Thanh Hóa."""
    live = tmp_path_factory.mktemp("live")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"TIENDOSO_LIVE": str(live), "TIENDOSO_PORT": str(port)}
    files = [str(path) for path in sorted(SUBMISSIONS.glob("0[1267]*.xlsx"))]
    subprocess.run([sys.executable, "-m", "etl.cli", "ingest", *files], env=env, check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([sys.executable, "-m", "etl.cli", "serve"], env=env, cwd=REPOSITORY)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield Site(url, Settings(live=live, port=port))
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"{url} does not answer after {START_SECONDS} s")
