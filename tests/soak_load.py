"""A server under load, faults of load and a day's use: `python -m tests.soak_load`, sizes as arguments.

Every part is bounded in count and time, prints its figures beside their limits with the seed, and the whole ends with 1
if one is missed: `--parts combined,restart` runs some of them, `--share 0.2` makes everything smaller and shorter.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import duckdb
import httpx

from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from sql import queries, warehouse
from sql.queries import Scope
from tests import crowd, wall_site
from tests.crowd import Seen
from tests.figures import say
from tests.pages import province
from tests.streamlit_client import AsyncViewer, Refused
from tests.wall_site import WallSite

COMMUNES = 166
KEPT_VERSIONS = 3
KEPT_FILES = 3 * 128  # of sessions that Streamlit keeps for their viewers' return, each with three
SCREEN = "xoay"
ENDLESS = "select count(*) from range(10000000) as a, range(10000000) as b where a.range * b.range % 7 = 3"


@dataclass(slots=True)
class Soak:
    """A filled installation, how much smaller than usual everything is made, and what was missed."""

    site: WallSite
    share: float
    seed: int
    missed: list[str] = field(default_factory=list)

    def count(self, usual: int, least: int = 2) -> int:
        return max(least, round(usual * self.share))

    def seconds(self, usual: float, least: float = 10) -> float:
        return max(least, usual * self.share)

    def say(self, what: str, figure: float, unit: str, limit: float | None = None) -> None:
        if not say(what, figure, unit, limit):
            self.missed.append(what)

    def tell(self, what: str, seen: Seen, limit: float, part: float = 0.95) -> None:
        """A crowd's answers, its errors, and whether the slow ones came within a limit."""
        print(f"{what}: {seen}, seed {self.seed}", flush=True)
        self.say(f"{what}: {part:.0%} of answers within", seen.share(part), "s", limit)
        self.say(f"{what}: errors", len(seen.errors), "", 0)
        for error in sorted(set(seen.errors))[:5]:
            print(f"    {error}")

    def pid(self) -> int:
        assert self.site.process is not None
        return self.site.process.pid

    def state(self) -> crowd.Process:
        return crowd.state_of(self.pid())


# ---------------------------------------------------------------- many viewers


def refreshing(soak: Soak) -> None:
    """L1: a hundred viewers whose pages run anew every thirty seconds."""
    viewers, every = soak.count(100), 30.0 if soak.share >= 1 else 10.0
    seen = asyncio.run(
        crowd.turn_filters(
            soak.site.url, viewers, every=every, seconds=soak.seconds(60), seed=soak.seed, refresh_only=True
        )
    )
    what = f"{viewers} viewers refreshing every {every:g} s"
    soak.tell(what, seen, 0.8)
    soak.say(f"{what}: 99 % within", seen.share(0.99), "s", 2)
    soak.say(f"{what}: memory of the server", soak.state().memory_mb, "MiB", 600)


def publishing(soak: Soak) -> None:
    """L2: two hundred viewers while new versions are published and a file of 20 MB is sent."""
    viewers, every = soak.count(200), 30.0 if soak.share >= 1 else 10.0
    seconds = soak.seconds(60)
    versions, stop = _two_versions(soak.site), threading.Event()

    def publish() -> None:
        number = 0
        while not stop.wait(every):
            number += 1
            _swap(soak.site, versions[number % 2])

    thread = threading.Thread(target=publish)
    thread.start()

    async def both() -> Seen:
        crowd_task = asyncio.create_task(
            crowd.turn_filters(soak.site.url, viewers, every=every, seconds=seconds, seed=soak.seed, refresh_only=True)
        )
        await asyncio.sleep(1)
        await _send_large(soak.site.url)
        return await crowd_task

    try:
        seen = asyncio.run(both())
    finally:
        stop.set()
        thread.join()
    soak.tell(f"{viewers} viewers, a new version every {every:g} s, an upload of 20 MB", seen, 1.5)


async def _send_large(url: str) -> None:
    """What a browser does when a file is dropped; whether it is taken in is another test's matter."""
    async with AsyncViewer(url) as viewer, httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as browser:
        await viewer.open("nop_bao_cao")
        await browser.get("/_stcore/host-config")
        token = browser.cookies.get("_streamlit_xsrf") or ""
        await browser.put(
            f"/_stcore/upload_file/{viewer.session}/large",
            files={"file": ("lon.xlsx", b"\x00" * 20_000_000)},
            headers={"x-xsrftoken": token, "origin": url},
        )


def restart(soak: Soak) -> None:
    """L3: the server ends at once and starts again, and a hundred viewers all come back."""
    viewers = soak.count(100)

    async def come_back() -> tuple[Seen, float]:
        started = asyncio.create_task(asyncio.to_thread(soak.site.start))
        found = await crowd.come_back(soak.site.url, viewers, most_seconds=60)
        await started
        return found

    soak.site.stop()
    seen, health = asyncio.run(come_back())
    what = f"{viewers} viewers coming back after a restart"
    soak.tell(what, seen, 30, part=1.0)
    soak.say(f"{what}: slowest health check", health, "s", 3)


# ---------------------------------------------------------------- a flood of files


def combined(soak: Soak) -> None:
    """Thirty viewers, ten wall screens and two hundred workbooks at once, beside the same without the workbooks."""
    viewers, walls, files = soak.count(30), soak.count(10), soak.count(200, 10)
    seconds, every = soak.seconds(40), 5.0
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder)
        _workbooks(soak.site, sent, files)

        async def together() -> tuple[Seen, Seen]:
            return await asyncio.gather(
                crowd.turn_filters(soak.site.url, viewers, every=every, seconds=seconds, seed=soak.seed),
                crowd.watch_walls(soak.site.url, SCREEN, walls, every=2.0, seconds=seconds),
            )

        before, _ = asyncio.run(together())
        env = wall_site.environment(soak.site.settings)
        command = [sys.executable, "-m", "etl.cli", "ingest", str(sent), "--json"]
        began = time.monotonic()
        ended: list[float] = []
        with subprocess.Popen(command, env=env, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as loader:
            answers: list[str] = []

            def read() -> None:
                answers.extend(loader.stdout or [])
                ended.append(time.monotonic() - began)

            reader = threading.Thread(target=read)
            reader.start()
            during, wall = asyncio.run(together())
            reader.join()
        what = f"{viewers} viewers, {walls} walls, {files} workbooks at once"
        soak.say(f"{viewers} viewers, {walls} walls: 95 % of answers within", before.share(0.95), "s", 1)
        soak.tell(what, during, 1)
        soak.tell(f"{what}: walls", wall, 1)
        soak.say(f"{what}: all loaded and published in", ended[0], "s")
        soak.say(f"{what}: workbooks without a receipt", files - len(answers), "", 0)
        soak.say(f"{what}: memory of the server", soak.state().memory_mb, "MiB", 400)


def _workbooks(site: WallSite, folder: Path, count: int) -> None:
    reference = site.reference()
    units = province.communes_of(reference, COMMUNES)
    codes = [code for code, indicator in reference.indicators.items() if indicator.reporter != "department"]
    for number in range(count):
        unit, period = units[number % len(units)], ("2026-Q1", "2026-Q2")[number // len(units) % 2]
        rows: dict[Any, Any] = {
            code: {"numerator": (number * 7 + place) % 90, "denominator": 90 + place}
            for place, code in enumerate(codes)
        }
        write_template(
            reference, "bm01_indicators", unit, period, rows=rows, path_or_stream=folder / f"{number:04d}.xlsx"
        )


# ---------------------------------------------------------------- a day, compressed


def a_day(soak: Soak) -> None:
    """L4: the wall's and viewers' refreshes, publishes and comings and goings of 24 hours, one after the other."""
    refreshes, publishes, churns = soak.count(2880, 60) * 5, soak.count(96, 8), soak.count(500, 20)
    until, versions = time.monotonic() + soak.seconds(200, 30), _two_versions(soak.site)
    measures: list[crowd.Process] = []
    errors: list[str] = []

    async def day() -> float:
        done, tag = 0, ""
        async with (
            AsyncViewer(soak.site.url) as viewer,
            httpx.AsyncClient(base_url=soak.site.url, timeout=30, trust_env=False) as screen,
        ):
            await viewer.open()
            for number in range(publishes):
                await asyncio.to_thread(_swap, soak.site, versions[number % 2])
                for _ in range(refreshes // publishes):
                    answer = await screen.get(f"/man-hinh/{SCREEN}/du-lieu", headers={"if-none-match": tag})
                    errors.extend([] if answer.status_code in (200, 304) else [f"wall {answer.status_code}"])
                    tag = answer.headers.get("etag", tag)
                errors.extend((await viewer.run()).exceptions)
                for _ in range(-(-churns // publishes)):
                    async with AsyncViewer(soak.site.url) as passing:
                        errors.extend((await passing.open("nhiem_vu")).exceptions)
                measures.append(soak.state())
                done = number + 1
                if time.monotonic() > until:
                    break
        return done / publishes

    share = asyncio.run(day())
    quarter = max(1, len(measures) // 4)
    early, late = measures[quarter : 2 * quarter] or measures[:1], measures[-quarter:]
    print(f"a day compressed: {refreshes} refreshes, {publishes} versions, {churns} visits; {share:.0%} of it run")
    hours = 24 * share * 0.625  # from the middle of the second quarter to that of the last
    growth = _median(late, "memory_mb") - _median(early, "memory_mb")
    soak.say("a day compressed: memory grows per hour by", growth / hours, "MiB", 2)
    for name in ("threads", "files"):
        grown = _median(late, name) - _median(early, name)
        soak.say(f"a day compressed: {name} more", grown, "", KEPT_FILES if name == "files" else 20)
    soak.say("a day compressed: deleted files held open", max(one.deleted for one in measures), "", KEPT_VERSIONS)
    soak.say("a day compressed: errors", len(errors), "", 0)


def _median(measures: list[crowd.Process], name: str) -> float:
    return statistics.median(float(getattr(one, name)) for one in measures)


# ---------------------------------------------------------------- one endless query


def endless(soak: Soak) -> None:
    """L6: a query that would never end is interrupted, and the others hardly notice."""
    path = warehouse.current(soak.site.settings.warehouse)
    assert path is not None
    quiet = _ask_pages(path, soak.seconds(8, 3), soak.seed)
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        hung = pool.submit(_interrupted, path)
        beside = _ask_pages(path, soak.seconds(8, 3), soak.seed)
        after = hung.result(timeout=60) - began
    soak.say("an endless query is interrupted after", after, "s", warehouse.SECONDS_PER_QUERY + 1)
    soak.say("95 % of other queries, nothing else running", quiet.share(0.95) * 1000, "ms")
    soak.say("95 % of other queries beside an endless one", beside.share(0.95) * 1000, "ms", 2000 * quiet.share(0.95))


def _interrupted(path: Path) -> float:
    try:
        warehouse.query(path, ENDLESS)
    except duckdb.InterruptException:
        return time.monotonic()
    raise AssertionError("the endless query has ended")


def _ask_pages(path: Path, seconds: float, seed: int) -> Seen:
    """What pages ask, one after the other, past the memory."""
    seen, chance, until = Seen(), random.Random(seed), time.monotonic() + seconds
    scope = Scope.all(path)
    while time.monotonic() < until:
        queries._remembered.cache_clear()
        began = time.monotonic()
        period = chance.choice(list(province.QUARTERS))
        queries.progress(scope, province="38", unit_group="commune", indicator="VB01", period=period)
        seen.seconds.append(time.monotonic() - began)
    return seen


# ---------------------------------------------------------------- versions to swap


def _two_versions(site: WallSite) -> tuple[Path, Path]:
    """Two published warehouses with their manifests, kept aside."""
    kept = site.settings.live / "kept"
    if not kept.exists():
        kept.mkdir()
        for name in ("one", "two"):
            current = warehouse.current(site.settings.warehouse)
            assert current is not None
            for suffix in (".duckdb", ".json"):
                shutil.copy(current.with_suffix(suffix), kept / f"{name}{suffix}")
            if name == "one":
                site.report(province.communes_of(site.reference(), 1)[0], 123, 124)
    return kept / "one.duckdb", kept / "two.duckdb"


def _swap(site: WallSite, source: Path) -> None:
    """Publishes a copy under a new number, as a build does, and takes the oldest away."""
    folder, number = site.settings.warehouse, _newest(site.settings) + 1
    for suffix in (".json", ".duckdb"):
        shutil.copy(source.with_suffix(suffix), folder / f"v{number:08d}{suffix}")
    pointer = folder / "CURRENT.half"
    pointer.write_text(f"v{number:08d}.duckdb", encoding="utf-8")
    pointer.replace(folder / "CURRENT")
    for old in sorted(folder.glob("v*.duckdb"))[:-KEPT_VERSIONS]:
        old.unlink()
        old.with_suffix(".json").unlink(missing_ok=True)


def _newest(settings: Settings) -> int:
    return max(int(path.stem[1:]) for path in settings.warehouse.glob("v*.duckdb"))


# ---------------------------------------------------------------- running

PARTS: dict[str, Callable[[Soak], None]] = {
    "combined": combined,
    "refreshing": refreshing,
    "publishing": publishing,
    "restart": restart,
    "day": a_day,
    "endless": endless,
}


def soak_all(folder: Path, parts: list[str], share: float, seed: int) -> list[str]:
    """The figures that missed their limits."""
    site = wall_site.make(folder / "live", communes=COMMUNES, refresh=1, seconds=5)
    missed: list[str] = []
    for name in parts:
        soak = Soak(site, share, seed, missed)
        site.start()
        began = time.monotonic()
        try:
            PARTS[name](soak)
        except (Refused, ExceptionGroup) as error:
            missed.append(f"{name}: {error}")
            print(f"{name} ended early: {error}")
        finally:
            site.stop()
        print(f"{name}: {time.monotonic() - began:.0f} s\n", flush=True)
    return missed


@click.command()
@click.option("--parts", default=",".join(PARTS), help="Which parts to run, with commas between.")
@click.option("--share", default=1.0, help="How large and long everything is; 1 is the size of the requirement.")
@click.option("--seed", default=5, help="What is chosen by chance.")
def main(parts: str, share: float, seed: int) -> None:
    """Load the server with viewers, walls and files."""
    with tempfile.TemporaryDirectory() as folder:
        missed = soak_all(Path(folder), parts.split(","), share, seed)
    print("missed: " + "; ".join(missed) if missed else "every limit was kept")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
