"""Many viewers at once, without browsers: each opens a page and changes a filter every few seconds."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.streamlit_client import AsyncViewer, Refused

# A page, its parameters, and the pickers that are turned there.
PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("pick-quy", "pick-chi-tieu")),
    ("chi_tieu", ("pick-quy", "pick-chi-tieu")),
    ("don_vi", ("pick-don-vi", "pick-quy")),
    ("nhiem_vu", ("pick-quy",)),
    ("ai_da_bao_cao", ("pick-ky",)),
    ("chat_luong", ("pick-quy",)),
)
RECONNECT_SECONDS = 0.2


@dataclass(slots=True)
class Seen:
    """What a crowd met: seconds of each answer, and everything that went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def share(self, part: float) -> float:
        """The seconds within which this part of all answers came; 0 without any."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0

    def __str__(self) -> str:
        return (
            f"{len(self.seconds)} answers, median {self.share(0.5) * 1000:.0f} ms, p99 {self.share(0.99) * 1000:.0f} ms"
        )


async def turn_filters(
    url: str, viewers: int, *, every: float, seconds: float, seed: int, refresh_only: bool = False
) -> Seen:
    """`viewers` who have opened their pages act every `every` seconds, each in its own rhythm, for so many seconds.

    They turn one of the page's pickers, or with `refresh_only` let the page run again as it is.
    """
    seen, started = Seen(), asyncio.Event()
    turns = max(1, round(seconds / every))
    opened = asyncio.Barrier(viewers + 1)

    async def look(number: int) -> None:
        chance = random.Random(f"{seed} {number}")
        page, pickers = PAGES[number % len(PAGES)]
        try:
            async with AsyncViewer(url) as viewer:
                await viewer.open(page)
                await opened.wait()
                await started.wait()
                await asyncio.sleep(every * chance.random())
                for _ in range(turns):
                    began = time.monotonic()
                    await _act(viewer, seen, chance, () if refresh_only else pickers)
                    await asyncio.sleep(max(0.0, every - (time.monotonic() - began)))
        except Refused as refused:
            seen.errors.append(f"{page or 'tong_quan'}: {refused}")
            await opened.abort()

    async with asyncio.TaskGroup() as crowd:
        for number in range(viewers):
            crowd.create_task(look(number))
        try:
            await opened.wait()
        except asyncio.BrokenBarrierError:
            seen.errors.append("not all viewers could open their page")
        started.set()
    return seen


async def _act(viewer: AsyncViewer, seen: Seen, chance: random.Random, pickers: Sequence[str]) -> None:
    """One change of a filter, timed until the page has answered whole."""
    if pickers:
        picker = chance.choice(pickers)
        answer = await viewer.set(picker, chance.choice(viewer.options(picker)))
    else:
        answer = await viewer.run()
    seen.seconds.append(answer.seconds)
    seen.errors.extend(answer.exceptions)


async def watch_walls(url: str, screen: str, walls: int, *, every: float, seconds: float) -> Seen:
    """`walls` screens ask for their pictures as the wall's own script does, with the tag of what they have."""
    seen, until = Seen(), time.monotonic() + seconds

    async def look(number: int) -> None:
        tag = ""
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as browser:
            await asyncio.sleep(every * number / walls)
            while time.monotonic() < until:
                began = time.monotonic()
                try:
                    answer = await browser.get(
                        f"/man-hinh/{screen}/du-lieu", headers={"if-none-match": tag} if tag else {}
                    )
                except httpx.HTTPError as error:
                    seen.errors.append(f"wall: {error!r}")
                else:
                    seen.seconds.append(time.monotonic() - began)
                    blank = answer.status_code == 200 and not answer.json().get("pictures")
                    if answer.status_code not in (200, 304) or blank:
                        seen.errors.append(f"wall: {answer.status_code}" + (" without a picture" if blank else ""))
                    tag = answer.headers.get("etag", tag)
                await asyncio.sleep(max(0.0, every - (time.monotonic() - began)))

    async with asyncio.TaskGroup() as crowd:
        for number in range(walls):
            crowd.create_task(look(number))
    return seen


async def come_back(url: str, viewers: int, *, most_seconds: float) -> tuple[Seen, float]:
    """Viewers whose server is away try again and again until each has its page; and the slowest health check."""
    seen, began = Seen(), time.monotonic()
    slowest, waiting = [0.0], [viewers]

    async def look(number: int) -> None:
        page, _ = PAGES[number % len(PAGES)]
        while time.monotonic() - began < most_seconds:
            try:
                async with AsyncViewer(url) as viewer:
                    answer = await viewer.open(page)
                    seen.errors.extend(answer.exceptions)
                    seen.seconds.append(time.monotonic() - began)
                    break
            except Refused:
                await asyncio.sleep(RECONNECT_SECONDS)
        else:
            seen.errors.append(f"viewer {number} was not served within {most_seconds:g} s")
        waiting[0] -= 1

    async def check() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            while waiting[0]:
                asked = time.monotonic()
                try:
                    await client.get("/healthz")
                    slowest[0] = max(slowest[0], time.monotonic() - asked)
                except httpx.ConnectError:
                    pass  # it has not come back yet
                await asyncio.sleep(RECONNECT_SECONDS)

    async with asyncio.TaskGroup() as crowd:
        crowd.create_task(check())
        for number in range(viewers):
            crowd.create_task(look(number))
    return seen, slowest[0]


@dataclass(frozen=True, slots=True)
class Process:
    """What a process holds: memory, threads, open files, and of those the ones that are deleted."""

    memory_mb: float
    threads: int
    files: int
    deleted: int


def state_of(pid: int) -> Process:
    folder = Path("/proc") / str(pid)
    state = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    files, deleted = 0, 0
    for handle in (folder / "fd").iterdir():
        try:
            target = str(handle.readlink())
        except FileNotFoundError:
            continue
        files += 1
        deleted += target.endswith("(deleted)") and not target.startswith("/memfd")
    return Process(int(state["VmRSS"].split()[0]) / 1024, int(state["Threads"]), files, deleted)
