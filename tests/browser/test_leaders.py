"""Slides in a real browser: arrow keys and clicker move them, a click drills down, Esc returns, a link reproduces."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site

START = "trinh_chieu?tinh=38&loai=commune&quy=2026-Q3&chi-tieu=VB01"


def _parameter(page: Page, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def _place(page: Page, words: str) -> None:
    expect(page.get_by_text(re.compile(f"^{words}$"))).to_be_visible(timeout=30_000)


def _press(page: Page, key: str) -> None:
    """A key once the page has come to rest: on a busy machine the picture is there before it listens again."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(200)
    page.keyboard.press(key)


def test_keys_move_the_slides_and_a_link_opens_the_same_one(site: Site, browser: Browser, page: Page) -> None:
    page.goto(f"{site.url}/{START}")
    _place(page, "1/13")
    expect(page.get_by_role("button", name="Toàn màn hình")).to_be_visible(timeout=30_000)
    expect(page.locator("[data-testid=stSidebar]")).to_be_hidden()
    for key, shown in (("ArrowRight", "2/13"), ("PageDown", "3/13"), ("PageUp", "2/13"), ("End", "13/13")):
        _press(page, key)
        _place(page, shown)
    _press(page, "ArrowRight")
    _press(page, "Home")
    _place(page, "1/13")
    _press(page, "ArrowRight")
    _place(page, "2/13")
    finding = page.locator("h2").first.inner_text()
    other = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="vi-VN").new_page()
    other.goto(page.url)
    _place(other, "2/13")
    expect(other.locator("h2").first).to_have_text(finding, timeout=30_000)
    other.wait_for_function(
        "() => { const box = document.querySelector('.st-key-slide-stage').getBoundingClientRect();"
        " return Math.round(box.width) === 1920 && Math.round(box.height) === 1080 }"
    )
    other.context.close()


def test_a_tile_opens_the_unit_and_escape_returns_to_the_slide(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/{START}&trang=dat-xa")
    page.wait_for_selector(".js-plotly-plot .barlayer .point")
    page.wait_for_timeout(500)
    tile = page.locator(".js-plotly-plot .barlayer .point").first.bounding_box()
    assert tile is not None
    page.mouse.click(tile["x"] + tile["width"] / 2, tile["y"] + tile["height"] / 2)
    expect(page.get_by_role("heading", name="Đơn vị", exact=True).first).to_be_visible(timeout=30_000)
    assert _parameter(page, "don-vi")
    assert (_parameter(page, "quy"), _parameter(page, "chi-tieu")) == ("2026-Q3", "VB01")
    _press(page, "Escape")
    expect(page.locator(".st-key-slide-stage")).to_be_visible(timeout=30_000)
    assert (_parameter(page, "trang"), _parameter(page, "quy")) == ("dat-xa", "2026-Q3")


def test_back_returns_from_a_unit_to_the_overview(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/?tinh=38&loai=commune&quy=2026-Q3&chi-tieu=VB01&so-voi=trung-vi")
    chart = page.locator(".st-key-tiles-0 .barlayer .point")
    chart.first.wait_for()
    tile = chart.first.bounding_box()
    assert tile is not None
    page.mouse.click(tile["x"] + tile["width"] / 2, tile["y"] + tile["height"] / 2)
    expect(page.get_by_role("heading", name="Đơn vị", exact=True).first).to_be_visible(timeout=30_000)
    assert _parameter(page, "so-voi") == "trung-vi"
    page.go_back()
    expect(page.get_by_role("heading", name="Tổng quan", exact=True).first).to_be_visible(timeout=30_000)
    assert (_parameter(page, "chi-tieu"), _parameter(page, "so-voi")) == ("VB01", "trung-vi")


def test_on_a_wide_screen_letters_and_pictures_grow_with_it(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 2900, "height": 800}, locale="vi-VN")
    page = context.new_page()
    page.goto(f"{site.url}/?tinh=38&loai=commune&quy=2026-Q3&chi-tieu=VB01")
    page.wait_for_function(
        "() => getComputedStyle(document.documentElement).fontSize === '22.5px'"
        " && [...document.querySelectorAll('.ytick text')].some((name) => parseFloat(name.style.fontSize) >= 18)",
        timeout=60_000,
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 2900
    context.close()
