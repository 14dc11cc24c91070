"""The viewer without a browser sees what a browser is sent: the protocol is Streamlit's own and may move."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import polars as pl
import pytest

from dashboard.app import PAGES
from tests import crowd, wall_site
from tests.crowd import Seen
from tests.pages import province
from tests.streamlit_client import Refused, Viewer
from tests.wall_site import WallSite


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("live"))
    site.start()
    yield site
    site.stop()


def test_a_viewer_without_a_browser_reads_pages_turns_filters_and_downloads(site: WallSite) -> None:
    first = site.reference().org_units[province.communes_of(site.reference(), 1)[0]].name
    with Viewer(site.url) as viewer:
        opened = viewer.open()
        assert opened.exceptions == []
        assert f"/{province.TASKS}" in opened.text
        assert set(viewer.pages) == {"", *(page.url_path for page in PAGES[1:])}
        assert opened.size == sum(map(len, opened.frames)) > 10_000

        page = viewer.open("chi_tieu", {"quy": "2026-Q1", "chi-tieu": "VB01"})
        assert page.exceptions == []
        assert page.charts
        assert first in page.text
        turned = viewer.set("pick-quy", "Quý II/2026")
        assert viewer.parameters == {"quy": "2026-Q2", "chi-tieu": "VB01"}
        assert "Quý II/2026" in turned.text

        exports = [viewer.deferred(key) for key in viewer.open("khai_thac", {"quy": "2026-Q2"}).deferred]
        assert {made.status_code for made in exports} == {200}
        tables = [pl.read_parquet(made.content) for made in exports if made.content.startswith(b"PAR1")]
        assert [table.height > 0 for table in tables] == [True]


def test_a_page_without_the_same_origin_lets_no_viewer_in(site: WallSite) -> None:
    with pytest.raises(Refused, match="403"):
        Viewer(site.url, origin="https://elsewhere.example").__enter__()
    with pytest.raises(Refused, match="403"):
        Viewer(site.url, origin=None).__enter__()
    with Viewer(site.url) as viewer:
        assert viewer.open().exceptions == []
        with pytest.raises(KeyError):
            viewer.set("no such widget", "x")


def test_a_viewer_takes_up_its_session_again(site: WallSite) -> None:
    with Viewer(site.url) as viewer:
        viewer.open()
        session = viewer.session
    with Viewer(site.url, session=session) as again:
        again.open()
        assert again.session == session


def test_the_overview_shows_every_indicator_also_one_that_nobody_has_reported(site: WallSite) -> None:
    with Viewer(site.url) as viewer:
        for indicator in site.reference().indicators:
            assert viewer.open("", {"quy": "2026-Q2", "chi-tieu": indicator}).exceptions == [], indicator


def test_viewers_and_walls_at_once_meet_no_error_and_no_blank_screen(site: WallSite) -> None:
    async def together() -> tuple[Seen, Seen]:
        return await asyncio.gather(
            crowd.turn_filters(site.url, len(crowd.PAGES), every=0.5, seconds=1, seed=7),
            crowd.watch_walls(site.url, "xoay", 2, every=0.3, seconds=1),
        )

    viewers, walls = asyncio.run(together())
    assert viewers.errors == walls.errors == []
    assert len(viewers.seconds) == 2 * len(crowd.PAGES)
    assert len(walls.seconds) >= 2


def test_viewers_come_back_by_themselves_after_a_restart(site: WallSite) -> None:
    async def come_back() -> Seen:
        started = asyncio.create_task(asyncio.to_thread(site.start))
        seen, _ = await crowd.come_back(site.url, 4, most_seconds=60)
        await started
        return seen

    site.stop()
    seen = asyncio.run(come_back())
    assert seen.errors == []
    assert len(seen.seconds) == 4
