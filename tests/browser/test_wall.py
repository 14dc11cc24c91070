"""A wall screen in a real browser: what it must outlive, that nothing needs scrolling, that a name stays a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import wall_site
from tests.pages import province
from tests.wall_site import WallSite

HOSTILE = '<img src=x onerror="window.hurt=1">'
SECONDS = 15_000


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("wall"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def screen(browser: Browser, wall: WallSite) -> Iterator[Page]:
    """The screen of one picture, marked so that a reload would be seen."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{wall.url}/?man-hinh=mot")
    expect(page.locator("body")).to_have_attribute("data-state", "live")
    page.evaluate("window.neverReloaded = true")
    yield page
    assert page.evaluate("window.neverReloaded") is True
    context.close()


def _rows(page: Page) -> list[str]:
    return [" ".join(row.split()) for row in page.locator("main .row").all_inner_texts()]


def _commune(wall: WallSite, place: int) -> str:
    return province.communes_of(wall.reference(), 12)[place]


def test_new_figures_come_by_themselves(wall: WallSite, screen: Page) -> None:
    unit = _commune(wall, 4)
    before = _rows(screen)
    version = screen.locator("body").get_attribute("data-warehouse")
    assert version is not None
    assert not any("123/124" in row for row in before)
    wall.report(unit, 123, 124)
    expect(screen.get_by_text("123/124")).to_be_visible()
    expect(screen.locator("body")).not_to_have_attribute("data-warehouse", version)
    assert len(_rows(screen)) == len(before)


def test_it_keeps_its_picture_while_the_server_is_away_and_comes_back(wall: WallSite, screen: Page) -> None:
    before = _rows(screen)
    wall.stop()
    expect(screen.locator("#state")).to_contain_text("Mất kết nối từ")
    assert _rows(screen) == before
    expect(screen.locator("body")).to_have_attribute("data-state", "old")  # three seconds in this playlist
    expect(screen.locator("#banner")).to_contain_text("HÌNH CŨ")
    assert "grayscale(1)" in screen.eval_on_selector("main", "node => getComputedStyle(node).filter")
    assert _rows(screen) == before
    wall.start()
    expect(screen.locator("body")).to_have_attribute("data-state", "live")
    expect(screen.locator("#banner")).to_be_hidden()
    assert _rows(screen) == before


def test_it_outlives_the_loss_of_the_network(wall: WallSite, screen: Page) -> None:
    before = _rows(screen)
    screen.context.set_offline(True)
    expect(screen.locator("#state")).to_contain_text("Mất kết nối từ")
    assert _rows(screen) == before
    wall.report(_commune(wall, 5), 71, 72)
    assert _rows(screen) == before
    screen.context.set_offline(False)
    expect(screen.locator("body")).to_have_attribute("data-state", "live")
    expect(screen.get_by_text("71/72")).to_be_visible()


def test_a_browser_started_while_the_server_is_away_shows_the_last_picture(wall: WallSite, browser: Browser) -> None:
    """Where the browser lets a page keep itself: https, or the server's own computer."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{wall.url}/man-hinh/mot")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()  # from here on the worker keeps what passes
    expect(page.locator("body")).to_have_attribute("data-state", "live")
    before = _rows(page)
    context.set_offline(True)
    page.reload()
    expect(page.locator("#state")).to_contain_text("Mất kết nối từ")
    assert _rows(page) == before
    context.set_offline(False)
    expect(page.locator("body")).to_have_attribute("data-state", "live")
    context.close()


def test_a_name_is_only_ever_text(wall: WallSite, screen: Page) -> None:
    wall.rename(_commune(wall, 4), HOSTILE)
    expect(screen.get_by_text(HOSTILE)).to_be_visible()
    assert screen.locator("img").count() == 0
    assert screen.evaluate("window.hurt") is None


def test_outside_its_hours_it_rests_with_the_clock(wall: WallSite, browser: Browser) -> None:
    now = datetime.now(timezone(timedelta(hours=7)))
    later = [f"{(now + timedelta(hours=hours)):%H:%M}" for hours in (2, 3)]
    path = wall.settings.reference / "screens" / "nghi.toml"
    playlist = wall_site.SCREENS["mot"].replace('"mot"', '"nghi"', 1)
    path.write_text(playlist.replace("[[panels]]", f'hours = "{later[0]}-{later[1]}"\n[[panels]]'), encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{wall.url}/man-hinh/nghi")
    expect(page.locator("main .rest")).to_contain_text("Ngoài giờ trình chiếu")
    expect(page.locator("main .time")).to_have_text(page.locator("#clock").inner_text())
    path.write_text(playlist, encoding="utf-8")  # the playlist is changed while it is on the wall
    expect(page.locator("main .ranked").first).to_be_visible()
    page.close()


FIT: Any = """() => {
  const root = document.documentElement, main = document.querySelector('main');
  const outside = [...document.querySelectorAll('body *')].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1);
  }).map(node => node.className);
  return [root.scrollWidth - innerWidth, root.scrollHeight - innerHeight,
          main.scrollWidth - main.clientWidth, main.scrollHeight - main.clientHeight, outside];
}"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_nothing_needs_scrolling(wall: WallSite, browser: Browser, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{wall.url}/man-hinh/xoay")
    seen = []
    for kind in ("headline", "ranking", "tiles", "tasks", "overdue", "missing"):
        expect(page.locator("main")).to_have_class(kind)
        assert page.evaluate(FIT) == [0, 0, 0, 0, []], kind
        letters = page.eval_on_selector("body", "node => parseFloat(getComputedStyle(node).fontSize)")
        assert letters / height == pytest.approx(0.0485, abs=0.001)  # 20 minutes of arc at 4 m from a 55 inch screen
        named = page.locator("main .row:not(.gap), main .item-row, main .low").count()
        assert named <= 14
        seen.append(page.locator("#title").inner_text())
        page.keyboard.press("ArrowRight")
    assert all(seen)
    assert not faults
    context.close()
