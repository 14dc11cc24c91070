"""What a visitor waits for, in real Chromium: `python -m tests.bench_browser`.

200 units × 40 indicators × 20 quarters; the server, the watcher's work and the browser share this machine's cores.
A bare Streamlit page with the same figures, measured in turn with ours, tells what the machine and Streamlit cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from dashboard.app import PAGES
from etl import periods
from etl.archive import Archive
from etl.build import build
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from tests import crowd, made
from tests.figures import say
from tests.streamlit_client import Viewer

UNITS, INDICATORS, QUARTERS = 200, 40, 20
DAY = date(2026, 12, 31)
PAGE = "chi_tieu"  # five charts and more
NOW, BEFORE = "2026-Q3", "2026-Q2"
ROUNDS = 7
VIEWERS, EVERY, SECONDS = 30, 5.0, 40.0
SEED = 20
LINE = {"offline": False, "latency": 10, "downloadThroughput": 20e6 / 8, "uploadThroughput": 20e6 / 8}
START_SECONDS = 90
DRAWN_SECONDS = 120_000  # milliseconds

# Notes when a chart was last changed: the picture is there once nothing has changed for a while.
WATCH = """
(() => {
  const charts = '[data-testid="stPlotlyChart"]';
  window.drawnAt = 0;
  const touches = (node) => node.nodeType === 1 && (node.closest(charts) || node.querySelector(charts));
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (touches(change.target) || [...change.addedNodes].some(touches)) { window.drawnAt = performance.now(); break; }
    }
  }).observe(document, {childList: true, subtree: true, attributes: true});
})();
"""
IS_DRAWN = """([charts, since]) =>
  window.drawnAt > since && performance.now() - window.drawnAt > 600
  && document.querySelectorAll('.js-plotly-plot .main-svg').length >= charts
  && document.querySelector('[data-test-script-state="notRunning"]') !== null
  && document.querySelector('[data-stale="true"]') === null"""

BARE = """
import json
from pathlib import Path
import plotly.graph_objects as go
import streamlit as st

@st.cache_resource
def figures():
    held = json.loads(Path(__file__).with_name("figures.json").read_text())
    return {quarter: [go.Figure(one, skip_invalid=True) for one in charts] for quarter, charts in held.items()}

st.set_page_config(layout="wide")
quarter = st.selectbox("Quarter", list(figures()), key="quarter")
for place, figure in enumerate(figures()[quarter]):
    st.plotly_chart(figure, key=f"chart-{place}", theme=None, config={"displayModeBar": False})
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = fill(Path(folder) / "live")
        with sync_playwright() as playwright, serving(settings) as (url, _):
            browser = _launch(playwright)
            bench_first_visit(browser, url)
            bench_payloads(browser, url)
            bench_beside_bare(browser, url, settings, Path(folder))
            browser.close()
        with serving(settings) as (url, process):
            bench_viewers(url, process.pid)


def _launch(playwright: Playwright) -> Browser:
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    options = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
    return playwright.chromium.launch(executable_path=installed, args=options)


# ---------------------------------------------------------------- the installation and its server


def fill(live: Path) -> Settings:
    """An installation of that size, published."""
    settings = Settings(live=live)
    settings.reference.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    reference = load_reference(settings.reference)
    units, quarters = _units(reference), _quarters()
    archive = Archive(settings.archive)
    with patch("os.fsync"):  # it is only there to be read
        for receipt in made.receipts(
            len(units) * len(quarters),
            org_units=units,
            indicators=list(reference.indicators)[:INDICATORS],
            periods=quarters,
            rows=min(INDICATORS, len(reference.indicators)),
        ):
            archive.record(receipt)
        archive.compact()
    build(settings, reference, day=DAY)
    print(f"{len(units)} units × {min(INDICATORS, len(reference.indicators))} indicators × {len(quarters)} quarters")
    return settings


def _units(reference: Reference) -> list[str]:
    known = [
        code
        for code, unit in reference.org_units.items()
        if unit.valid_to is None and reference.province_of(code) == "38" and code != "38"
    ]
    senders = [unit for unit in known if reference.unit_group(unit) in ("commune", "department")]
    return (senders + [unit for unit in known if unit not in senders])[:UNITS]


def _quarters() -> list[tuple[str, date]]:
    known = [period for period in periods.all_periods(2022, 2026) if periods.cadence(period) == "quarterly"]
    return [(period, periods.period_dates(period)[1]) for period in sorted(known, key=periods.order_key)][-QUARTERS:]


@contextmanager
def serving(
    settings: Settings, command: tuple[str, ...] = ("-m", "dashboard"), port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The web server over a folder; its address and process."""
    port = port or free_port()
    env = os.environ | {"TIENDOSO_LIVE": str(settings.live), "TIENDOSO_PORT": str(port)}
    process = subprocess.Popen([sys.executable, *command], env=env, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/_stcore/health")
        yield url, process
    finally:
        process.terminate()
        process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: float = START_SECONDS) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer after {seconds:g} s")


# ---------------------------------------------------------------- one visitor


def bench_first_visit(browser: Browser, url: str) -> None:
    """A browser that has never been here, over a line of 20 Mbit/s, right after the server's start; then two more."""
    seconds = []
    for _ in range(3):
        context = _context(browser)
        page = context.new_page()
        throttle = context.new_cdp_session(page)
        throttle.send("Network.enable")
        throttle.send("Network.emulateNetworkConditions", LINE)
        seconds.append(_visit(page, url, 1))
        context.close()
    say("first visit over 20 Mbit/s, server just started", seconds[0], "s", 4)
    say("first visit over 20 Mbit/s, median of three", statistics.median(seconds), "s", 4)


def bench_payloads(browser: Browser, url: str) -> None:
    """Bytes that travel to a browser for each page after its first visit, headers and websocket frames and all."""
    context = _context(browser)
    with counting(urlsplit(url).port or 0) as (through, counted):
        _visit(context.new_page(), through, 1)
        for listed in PAGES:
            page, path = context.new_page(), "" if listed is PAGES[0] else listed.url_path
            counted[0] = 0
            page.goto(f"{through}/{path}")
            page.wait_for_selector('[data-test-script-state="notRunning"]')
            page.wait_for_timeout(1500)
            page.close()
            with Viewer(url) as viewer:
                unpacked = viewer.open(path).size
            what = f"payload of {listed.url_path} (unpacked, over the websocket alone: {unpacked / 1000:.0f})"
            say(what, counted[0] / 1000, "kB", 300)
    context.close()


@contextmanager
def counting(port: int) -> Iterator[tuple[str, list[int]]]:
    """A way to a server that counts the bytes it sends back; the address and the count."""
    counted = [0]

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_back: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                counted[0] += len(data) * is_back
                sink.write(data)
                await sink.drain()
        sink.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(asyncio.CancelledError):  # at the end
            await asyncio.gather(carry(reader, back, is_back=False), carry(there, writer, is_back=True))

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(meet, "127.0.0.1", 0), loop).result()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", counted
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def bench_beside_bare(browser: Browser, url: str, settings: Settings, folder: Path) -> None:
    """A warm visit and a change of the quarter, in turn with a bare Streamlit page that shows the same figures."""
    held, server = {}, {}
    with Viewer(url) as viewer:
        for quarter in (NOW, BEFORE):
            viewer.open(PAGE, {"quy": quarter, "chi-tieu": "VB01"})
            again = viewer.run()
            held[quarter] = again.charts
            server[quarter] = again.seconds
    charts = len(held[NOW])
    bare = folder / "bare"
    bare.mkdir()
    (bare / "figures.json").write_text(json.dumps(held), encoding="utf-8")
    (bare / "app.py").write_text(BARE, encoding="utf-8")
    port = free_port()
    command = ("-m", "streamlit", "run", str(bare / "app.py"), "--server.headless=true", f"--server.port={port}")
    options = ("--server.address=127.0.0.1", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none")
    ours_at = f"{url}/{PAGE}?{urlencode({'quy': NOW, 'chi-tieu': 'VB01'})}"
    with serving(settings, (*command, *options), port) as (bare_at, _):
        visits, changes = _in_turn(browser, {"ours": ours_at, "bare": bare_at}, charts)
    print(f"a page with {charts} charts in Chromium, medians of {ROUNDS}, in turn with a bare Streamlit page")
    for what, found in (("warm visit", visits), ("change of the quarter", changes)):
        ours, other = statistics.median(found["ours"]), statistics.median(found["bare"])
        say(f"{what}: bare page", other, "s")
        say(f"{what}: ours", ours, "s", round(1.2 * other, 3))
        say(f"{what}: ours beside the bare page", ours / other, "×", 1.2)
    split_of_time(settings, server[BEFORE], statistics.median(changes["ours"]))


def _in_turn(browser: Browser, places: dict[str, str], charts: int) -> tuple[dict[str, list[float]], ...]:
    visits: dict[str, list[float]] = {name: [] for name in places}
    changes: dict[str, list[float]] = {name: [] for name in places}
    contexts = {name: _context(browser) for name in places}
    for turn in range(ROUNDS + 1):
        for name, place in places.items():
            page = contexts[name].new_page()
            seen = _visit(page, place, charts)
            changed = [_turn_quarter(page, charts, back) for back in (False, True)]
            page.close()
            if turn:  # the first only fills the browser's cache
                visits[name].append(seen)
                changes[name].extend(changed)
    for context in contexts.values():
        context.close()
    return visits, changes


def _turn_quarter(page: Page, charts: int, back: bool) -> float:
    """Seconds from the choice of the other quarter to the last stroke of the charts."""
    ours = page.locator(".st-key-pick-quy [role=combobox], .st-key-pick-quy input").first
    picker = ours if ours.count() else page.locator(".st-key-quarter input").first
    picker.click()
    wished = page.get_by_role("option").nth(_place(page, back))
    began = page.evaluate("() => performance.now()")
    wished.click()
    page.wait_for_function(IS_DRAWN, arg=[charts, began])
    return float(page.evaluate("() => window.drawnAt") - began) / 1000


def _place(page: Page, back: bool) -> int:
    """Which option is the other quarter: ours lists all of them, newest first; the bare page two."""
    words = page.get_by_role("option").all_inner_texts()
    wished = (NOW, "III/2026") if back else (BEFORE, "II/2026")
    return next(place for place, label in enumerate(words) if label == wished[0] or label.endswith(f" {wished[1]}"))


def _context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    context.set_default_timeout(DRAWN_SECONDS)
    context.add_init_script(WATCH)
    return context


def _visit(page: Page, url: str, charts: int) -> float:
    """Seconds from the start of the navigation to the last stroke of the charts."""
    page.goto(url)
    page.wait_for_function(IS_DRAWN, arg=[charts, 0])
    return float(page.evaluate("() => window.drawnAt")) / 1000


# ---------------------------------------------------------------- where the time goes


def split_of_time(settings: Settings, served: float, seen: float) -> None:
    """Of one change of the quarter: queries, figure building, the rest of the script, transport, drawing."""
    from streamlit.testing.v1 import AppTest

    from dashboard import drawing
    from sql import queries

    os.environ["TIENDOSO_LIVE"] = str(settings.live)
    app = AppTest.from_string("from dashboard.app import main\nmain()", default_timeout=60).run()
    app.switch_page(str(REPOSITORY / "dashboard" / f"pages/{PAGE}.py"))
    costs: dict[str, list[float]] = {"all": [], "no queries": [], "nothing": []}
    for _ in range(6):
        for kind, found in costs.items():
            app.query_params["quy"] = BEFORE
            if kind == "all":
                queries._remembered.cache_clear()
            if kind != "nothing":
                drawing.forget()
            start = time.process_time()  # of the script's thread and DuckDB's; others may be busy with this machine
            app.run()
            found.append(time.process_time() - start)
    whole, figures, rest = (statistics.median(found[1:]) for found in costs.values())
    say("of that, asked for the first time: queries", max(0.0, whole - figures) * 1000, "ms")
    say("of that, drawn for the first time: figure building", max(0.0, figures - rest) * 1000, "ms")
    say("of that, every time: the script and its way over the websocket", served * 1000, "ms")
    say("of that, every time: React and drawing in the browser", (seen - served) * 1000, "ms")


# ---------------------------------------------------------------- thirty viewers


def bench_viewers(url: str, pid: int) -> None:
    """Thirty viewers, each of whom changes a filter every five seconds."""
    seen = asyncio.run(crowd.turn_filters(url, VIEWERS, every=EVERY, seconds=SECONDS, seed=SEED))
    print(f"{VIEWERS} viewers, a filter changed every {EVERY:g} s, seed {SEED}: {seen}")
    say(f"{VIEWERS} viewers: 95th percentile of an answer", seen.share(0.95), "s", 1)
    say(f"{VIEWERS} viewers: errors", len(seen.errors), "", 0)
    say(f"{VIEWERS} viewers: memory of the server", crowd.state_of(pid).memory_mb, "MiB", 400)
    for error in seen.errors[:5]:
        print(f"    {error}")


if __name__ == "__main__":
    main()
