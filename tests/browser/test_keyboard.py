"""What the hand and the eye need: the keyboard alone leads everywhere, and no word of a picture is cut or covered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import wall_site

DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
DESK, TABLET = {"width": 1366, "height": 768}, {"width": 768, "height": 1024}
COMMUNES = 100  # more than one block of a heat map, on a tablet too
PICTURES = {
    "/?quy=2026-Q2&loai=commune&chi-tieu=VB01": 5,
    "/chi_tieu?quy=2026-Q2&loai=commune&chi-tieu=VB01": 4,
    "/don_vi?quy=2026-Q2": 2,
    "/nhiem_vu?quy=2026-Q2": 2,
}

FOCUS = """() => { const at = document.activeElement, style = getComputedStyle(at);
  return { name: at.getAttribute('aria-label') || at.innerText || '', tag: at.tagName,
    pressed: at.matches('a, button, summary, input'),
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 }; }"""

# Words that stand outside the frame of their picture, and labels of one axis that lie on one another.
MISPLACED = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) => {
  const frame = plot.getBoundingClientRect();
  const boxes = (of) => [...plot.querySelectorAll(of)].filter((each) => each.textContent.trim())
    .map((each) => [each.textContent, each.getBoundingClientRect(), each]).filter(([, box]) => box.width);
  const outside = boxes('.main-svg text').filter(([, box]) => Math.max(
    frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom) > 1);
  const axes = new Map();
  for (const [words, box, label] of boxes('.xtick text, .ytick text, [class*="tick"] > text')) {
    const subplots = [...plot.querySelectorAll('.subplot')];
    const axis = `${label.closest('[class*="tick"]').classList} ${subplots.indexOf(label.closest('.subplot'))}`;
    axes.set(axis, [...(axes.get(axis) ?? []), [words, box]]);
  }
  const over = [...axes.values()].flatMap((labels) => labels.flatMap(([words, box], place) => labels.slice(place + 1)
    .filter(([, next]) => Math.min(box.right, next.right) - Math.max(box.left, next.left) > 1
      && Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top) > 3)
    .map(([others]) => `${words} on ${others}`)));
  return [...outside.map(([words]) => `${words} outside`), ...over];
})"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[wall_site.WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("keyboard"), communes=COMMUNES)
    site.start()
    yield site
    site.stop()


def settle(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(DONE)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


def tab_to(page: Page, name: str, most: int = 70) -> None:
    """Press Tab until what has the keyboard bears this name; each stop on the way can be seen."""
    passed: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        passed.append(" ".join(at["name"].split())[:60])
        assert at["seen"] or not at["pressed"], passed
        if at["name"].split("\n")[-1].startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached: {passed}")


def has_keyboard(page: Page, name: str) -> None:
    page.wait_for_function("name => document.activeElement.innerText.includes(name)", arg=name)


def test_the_keyboard_alone_leads_through_the_dashboard(place: wall_site.WallSite, page: Page) -> None:
    settle(page, f"{place.url}/?quy=2026-Q2&loai=commune&chi-tieu=VB01")
    tab_to(page, "Chỉ tiêu")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Chỉ tiêu · Tiến Độ Số")
    page.wait_for_selector(DONE)
    tab_to(page, "Tổng quan")  # past everything on the page and round again: nothing holds the keyboard
    page.keyboard.press("Enter")
    expect(page).to_have_title("Tổng quan · Tiến Độ Số")
    page.wait_for_selector(DONE)

    tab_to(page, "Quý")
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="Quý I/2026").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "quy=20" in url and "quy=2026-Q2" not in url)
    page.wait_for_selector(DONE)

    tab_to(page, "Nguồn số liệu")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("VB01")
    tab_to(page, "Đóng")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    has_keyboard(page, "Nguồn số liệu")


def test_a_table_of_figures_is_read_and_left_by_keyboard(place: wall_site.WallSite, page: Page) -> None:
    settle(page, f"{place.url}/?quy=2026-Q2&loai=commune&chi-tieu=VB01")
    tab_to(page, "Bảng số liệu")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    unit = drawer.locator("tbody th a").first.inner_text()
    tab_to(page, unit)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    has_keyboard(page, "Bảng số liệu")
    page.keyboard.press("Enter")
    drawer.locator("tbody th a").first.wait_for()
    tab_to(page, unit)
    page.keyboard.press("Enter")
    expect(page).to_have_title("Đơn vị · Tiến Độ Số")
    expect(page.get_by_role("heading", name=unit).first).to_be_visible()


@pytest.mark.parametrize("size", [DESK, TABLET], ids=["desk", "tablet"])
def test_no_word_of_a_picture_is_cut_or_covered(
    place: wall_site.WallSite, browser: Browser, size: dict[str, int]
) -> None:
    page = browser.new_context(viewport=size, locale="vi-VN").new_page()
    page.set_default_timeout(30_000)
    misplaced = {}
    for address, least in PICTURES.items():
        settle(page, f"{place.url}{address}")
        expect(page.locator(".js-plotly-plot").nth(least - 1)).to_be_attached()
        for _ in range(20):  # a tablet tells its width after the first picture, which is then drawn anew
            page.wait_for_timeout(300)
            misplaced[address] = page.evaluate(MISPLACED)
            if not misplaced[address]:
                break
        title, bar = (page.locator(f"[data-testid={each}").bounding_box() for each in ("stMain] h1", "stHeader]"))
        assert title is not None
        assert bar is not None
        assert title["y"] >= bar["y"] + bar["height"]  # the marks above its letters are seen
    page.context.close()
    assert not {address: found for address, found in misplaced.items() if found}
