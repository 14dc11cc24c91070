"""Every page in Chromium against WCAG 2.2 AA as axe-core checks it: both languages, desk and tablet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dashboard.app import PAGES
from dashboard.shell import PREFIX
from dashboard.text import WORDS
from etl.archive import Archive
from tests import wall_site

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
GRAVE = ("serious", "critical")
ALLOWED = tomllib.loads((Path(__file__).with_name("axe_allowed.toml")).read_text(encoding="utf-8"))["allowed"]
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
DESK, TABLET = {"width": 1366, "height": 768}, {"width": 768, "height": 1024}
STYLED = {"tong_quan": "?loai=commune&chi-tieu=VB01&quy=2026-Q2", "trinh_chieu": "?trang=dat-xa&quy=2026-Q2"}


@dataclass
class Seen:
    """What one page showed in one language."""

    faults: list[dict[str, Any]] = field(default_factory=list)
    language: str = ""
    title: str = ""
    overflow: int = 0  # pixels that the page is wider than a tablet
    small: list[str] = field(default_factory=list)  # what can be pressed and is lower or narrower than 24 pixels
    english: list[str] = field(default_factory=list)  # words of Streamlit's own, in English


OF_STREAMLIT = [english for key, (_, english) in WORDS.items() if key.startswith(PREFIX) and "{" not in english]
IN_ENGLISH = """words => [...document.body.querySelectorAll('*')].flatMap(each => [
    ...[...each.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()),
    each.getAttribute('aria-label'), each.getAttribute('placeholder'), each.getAttribute('title'),
  ]).filter(said => words.includes(said))"""
SMALL = """() => [...document.querySelectorAll('[data-testid=stMain] :is(button, .here, summary)')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && getComputedStyle(each).visibility === 'visible' && (box.height < 23.5 || box.width < 23.5);
  }).map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[wall_site.WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("access"))
    site.start()
    yield site
    site.stop()


def addresses(site: wall_site.WallSite, language: str) -> dict[str, str]:
    """Name → address of everything that people look at."""
    found = {}
    for page in PAGES:
        query = STYLED.get(page.url_path, "?quy=2026-Q2")
        found[page.url_path] = f"/{page.url_path}{query}&lang={language}"
    returned = next(row for row in Archive(site.settings.archive).receipts() if row["outcome"] == "rejected")
    found["receipt on the page"] = f"/bao_cao?lang={language}&phieu={returned['submission']}"
    if language == "vi":  # the wall and the paper speak the language of their data
        found["wall"] = "/man-hinh/xoay"
        found["paper"] = f"/phieu/{returned['submission']}"
    return found


def settle(page: Page, address: str) -> None:
    page.goto(address)
    if "/man-hinh" in address:
        page.locator("main *").nth(8).wait_for(state="attached")
    elif "/phieu/" not in address:
        page.wait_for_selector(DONE)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)


def faults(page: Page) -> list[dict[str, Any]]:
    """The grave violations that axe-core finds: rule, how many, and where."""
    options = {"resultTypes": ["violations"], "runOnly": TAGS}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        {"rule": each["id"], "target": node["target"][-1], "html": node["html"][:200]}
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def look_at(page: Page, address: str) -> Seen:
    page.set_viewport_size(DESK)
    settle(page, address)
    seen = Seen(faults=faults(page), title=page.title())
    seen.language = page.evaluate("document.documentElement.lang")
    for fault in seen.faults:
        fault["allowed"] = [
            place
            for place, entry in enumerate(ALLOWED)
            if entry["rule"] == fault["rule"] and _matches(page, fault, entry)
        ]
    seen.english = page.evaluate(IN_ENGLISH, OF_STREAMLIT)
    page.set_viewport_size(TABLET)
    page.wait_for_timeout(700)
    seen.small = page.evaluate(SMALL)
    seen.overflow = page.evaluate(
        "Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".filter(Boolean).map(each => each.scrollWidth - each.clientWidth))"
    )
    return seen


def _matches(page: Page, fault: dict[str, Any], entry: dict[str, Any]) -> bool:
    asked = "([at, of]) => { const found = document.querySelector(at); return !!found && found.matches(of); }"
    return bool(page.evaluate(asked, [fault["target"], entry["selector"]]))


@pytest.fixture(scope="module")
def visits(place: wall_site.WallSite, browser: Browser) -> dict[tuple[str, str], Seen]:
    """Every page in both languages, looked at once for all tests of this file."""
    page = browser.new_context(locale="vi-VN").new_page()
    page.set_default_timeout(30_000)
    seen = {
        (language, name): look_at(page, f"{place.url}{address}")
        for language in ("vi", "en")
        for name, address in addresses(place, language).items()
    }
    page.context.close()
    return seen


def test_no_page_breaks_a_rule_of_wcag_22_aa(visits: dict[tuple[str, str], Seen]) -> None:
    broken = [
        (*where, fault["rule"], fault["html"])
        for where, seen in visits.items()
        for fault in seen.faults
        if not fault["allowed"]
    ]
    assert not broken


def test_every_fault_that_is_allowed_still_exists(visits: dict[tuple[str, str], Seen]) -> None:
    met = {place for seen in visits.values() for fault in seen.faults for place in fault["allowed"]}
    assert met == set(range(len(ALLOWED)))
    assert all({"rule", "selector", "since", "why", "upstream"} == set(entry) for entry in ALLOWED)


def test_every_page_says_its_language_and_its_name(visits: dict[tuple[str, str], Seen]) -> None:
    assert {where: seen.language for where, seen in visits.items()} == {where: where[0] for where in visits}
    titles = {page.url_path: (page.title_vi, page.title_en) for page in PAGES}
    for (language, name), seen in visits.items():
        if name in titles:
            assert seen.title == f"{titles[name][language == 'en']} · Tiến Độ Số"


def test_no_page_is_wider_than_a_tablet(visits: dict[tuple[str, str], Seen]) -> None:
    wide = {where: seen.overflow for where, seen in visits.items() if seen.overflow > 0 and where[1] != "wall"}
    assert not wide


def test_what_is_pressed_is_large_enough(visits: dict[tuple[str, str], Seen]) -> None:
    assert not {where: seen.small for where, seen in visits.items() if seen.small and where[1] != "trinh_chieu"}


def test_streamlit_speaks_vietnamese_on_vietnamese_pages(visits: dict[tuple[str, str], Seen]) -> None:
    assert not {where: seen.english for where, seen in visits.items() if where[0] == "vi" and seen.english}
    assert any("Fullscreen" in seen.english for where, seen in visits.items() if where[0] == "en")


def test_no_drawer_and_no_kind_of_slide_breaks_a_rule(place: wall_site.WallSite, browser: Browser) -> None:
    page = browser.new_context(viewport=DESK, locale="vi-VN").new_page()
    page.set_default_timeout(30_000)
    drawer, broken = page.get_by_role("dialog"), {}
    for opener, role in (("Nguồn số liệu", "button"), ("Bảng số liệu", "link")):
        settle(page, f"{place.url}/{STYLED['tong_quan']}")
        page.get_by_role(role, name=opener).first.click()
        expect(drawer).to_contain_text(opener)
        page.wait_for_load_state("networkidle")
        broken[opener] = faults(page)
    for slide in ("chi-tieu-xa", "nhiem-vu"):
        settle(page, f"{place.url}/trinh_chieu?trang={slide}&quy=2026-Q2&chi-tieu=VB01")
        broken[slide] = faults(page)
    page.context.close()
    assert not {where: found for where, found in broken.items() if found}


def test_a_lost_connection_is_told_in_vietnamese(place: wall_site.WallSite, browser: Browser) -> None:
    page = browser.new_context(viewport=DESK, locale="vi-VN").new_page()
    settle(page, f"{place.url}/chat_luong?quy=2026-Q2")
    place.stop()
    expect(page.get_by_test_id("stDialog")).to_contain_text("Mất kết nối", timeout=90_000)
    assert not page.evaluate(IN_ENGLISH, OF_STREAMLIT)
    page.context.close()
    place.start()
