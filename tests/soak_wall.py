"""Three days of a wall screen in some minutes: `python -m tests.soak_wall`.

A screen with every kind of picture asks ten times a second, turns its pictures three times a second, and the warehouse
is swapped every twentieth time, until it has refreshed 2,160 times: 72 hours at one refresh in two minutes. Memory is
measured after garbage has been collected. It ends with 1 if memory of the server or the browser is not flat.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from sql import warehouse
from tests import wall_site
from tests.pages import province
from tests.wall_site import WallSite

REFRESHES = 2_160
SWAP_EVERY = 20
MEASURE_EVERY = 120
REFRESH_SECONDS = 0.1
PICTURE_SECONDS = 0.35
COMMUNES = 166
KEPT_VERSIONS = 3
MOST_SERVER_GROWTH = 0.05  # of its memory, from the second quarter of the run to the last
MOST_HEAP_GROWTH = 0.05
MOST_NODE_GROWTH = 50


@dataclass(frozen=True, slots=True)
class Measure:
    """What was taken at one time: refreshes and swaps so far, memory in MB, counts."""

    refreshes: int
    swaps: int
    server_mb: float
    threads: int
    files: int
    heap_mb: float
    nodes: int
    listeners: int

    def __str__(self) -> str:
        return (
            f"{self.refreshes:>9}{self.swaps:>7}{self.server_mb:>11.1f}{self.threads:>9}{self.files:>7}"
            f"{self.heap_mb:>11.2f}{self.nodes:>8}{self.listeners:>11}"
        )


def main() -> int:
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = wall_site.make(
            Path(folder) / "live", communes=COMMUNES, refresh=REFRESH_SECONDS, seconds=PICTURE_SECONDS
        )
        versions = _two_versions(site)
        site.start()
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox", "--disable-gpu"])
        try:
            return _run(site, versions, browser.new_page(viewport={"width": 1920, "height": 1080}))
        finally:
            browser.close()
            site.stop()


def _run(site: WallSite, versions: tuple[Path, Path], page: Page) -> int:
    faults: list[str] = []
    count = [0]
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda reply: count.__setitem__(0, count[0] + reply.url.endswith("/du-lieu")))
    page.goto(f"{site.url}/man-hinh/xoay")
    page.wait_for_selector("main > *")
    probe = page.context.new_cdp_session(page)
    probe.send("Performance.enable")
    print("refreshes  swaps  server MB  threads  files    heap MB   nodes  listeners", flush=True)
    measures, swaps, started = [], 0, time.monotonic()
    while count[0] < REFRESHES:
        page.wait_for_timeout(100)
        if count[0] // SWAP_EVERY > swaps:
            swaps += 1
            _swap(site, versions[swaps % 2], swaps)
        if count[0] // MEASURE_EVERY > len(measures):
            measures.append(_measure(site, probe, count[0], swaps))
            print(measures[-1], flush=True)
    shown, published = page.locator("body").get_attribute("data-warehouse"), _swap(site, versions[0], swaps + 1)
    page.wait_for_function("name => document.body.dataset.warehouse === name", arg=published)
    faults += [f"still showing {shown}"] if shown is None else []
    print(f"{count[0]} refreshes, {swaps + 1} swaps in {time.monotonic() - started:.0f} s; last shown: {published}")
    return _judge(measures, faults)


def _judge(measures: list[Measure], faults: list[str]) -> int:
    quarter = len(measures) // 4
    early, late = measures[quarter : 2 * quarter], measures[-quarter:]
    limits = {"server_mb": MOST_SERVER_GROWTH, "heap_mb": MOST_HEAP_GROWTH}
    for name, limit in limits.items():
        before, after = (statistics.median(getattr(one, name) for one in part) for part in (early, late))
        growth = after / before - 1
        print(f"{name}: {before:.1f} → {after:.1f} ({growth:+.1%}, at most {limit:+.0%})")
        if growth > limit:
            faults.append(f"{name} grows")
    for name in ("nodes", "listeners", "threads", "files"):
        before, after = (statistics.median(getattr(one, name) for one in part) for part in (early, late))
        print(f"{name}: {before:.0f} → {after:.0f}")
        if after > before + MOST_NODE_GROWTH:
            faults.append(f"{name} grow")
    print("; ".join(faults) or "flat")
    return 1 if faults else 0


def _measure(site: WallSite, probe: CDPSession, refreshes: int, swaps: int) -> Measure:
    probe.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in probe.send("Performance.getMetrics")["metrics"]}
    assert site.process is not None
    process = Path("/proc") / str(site.process.pid)
    state = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return Measure(
        refreshes,
        swaps,
        int(state["VmRSS"].split()[0]) / 1024,
        int(state["Threads"]),
        len(list((process / "fd").iterdir())),
        found["JSHeapUsedSize"] / 1e6,
        int(found["Nodes"]),
        int(found["JSEventListeners"]),
    )


def _two_versions(site: WallSite) -> tuple[Path, Path]:
    """Two warehouses that differ in a figure, kept aside."""
    first = warehouse.current(site.settings.warehouse)
    assert first is not None
    kept = site.settings.live / "kept"
    kept.mkdir()
    one = Path(shutil.copy(first, kept / "one.duckdb"))
    site.report(province.communes_of(site.reference(), 1)[0], 123, 124)
    second = warehouse.current(site.settings.warehouse)
    assert second is not None
    for path, name in ((first, "one"), (second, "two")):
        shutil.copy(path.with_suffix(".json"), kept / f"{name}.json")
    return one, Path(shutil.copy(second, kept / "two.duckdb"))


def _swap(site: WallSite, source: Path, number: int) -> str:
    """Publishes a copy under a new number, as a build does, and takes the oldest away."""
    folder = site.settings.warehouse
    name = f"v{1000 + number:08d}.duckdb"
    shutil.copy(source.with_suffix(".json"), (folder / name).with_suffix(".json"))
    shutil.copy(source, folder / name)
    pointer = folder / "CURRENT.half"
    pointer.write_text(name, encoding="utf-8")
    pointer.replace(folder / "CURRENT")
    (folder / f"v{1000 + number - KEPT_VERSIONS:08d}.duckdb").unlink(missing_ok=True)
    return name


if __name__ == "__main__":
    sys.exit(main())
