"""The main walks in a real browser: a file becomes a bar, a link restores its view."""

from __future__ import annotations

import shutil
import time
from typing import Any

from playwright.sync_api import Browser, Page, expect

from etl.archive import Archive
from tests.browser.conftest import SUBMISSIONS, Site

NEW = "11_UBND xã Như Xuân_BM01_Tháng 7-2026.xlsx"


def _figures(page: Page) -> list[str]:
    """All words drawn in the charts of the page."""
    page.wait_for_selector(".js-plotly-plot .main-svg text")
    words: Any = page.eval_on_selector_all(".js-plotly-plot text", "nodes => nodes.map(node => node.textContent)")
    return [str(word) for word in words]


def test_a_dropped_file_gets_a_receipt_and_a_bar(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/chi_tieu?tinh=38&loai=commune&quy=2026-Q3&chi-tieu=VB01")
    expect(page.get_by_role("heading", name="Chỉ tiêu").first).to_be_visible()
    assert not any("Như Xuân" in word for word in page.locator("body").all_inner_texts())

    shutil.copy(SUBMISSIONS / NEW, site.settings.inbox / NEW)
    until = time.monotonic() + 90
    archive = Archive(site.settings.archive)
    while not any(record["file_name"] == NEW for record in archive.receipts()):
        assert time.monotonic() < until, "the watcher did not take the file in"
        time.sleep(0.3)

    page.goto(f"{site.url}/bao_cao?tinh=38")
    expect(page.get_by_text("Báo cáo đã nộp").first).to_be_visible()
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        page.goto(f"{site.url}/chi_tieu?tinh=38&loai=commune&quy=2026-Q3&chi-tieu=VB01")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1_000)
        if page.locator(".js-plotly-plot").count() and any("Như Xuân" in word for word in _figures(page)):
            break
    assert any("Như Xuân" in word for word in _figures(page))


def test_a_pasted_link_restores_the_view(site: Site, browser: Browser, page: Page) -> None:
    page.goto(f"{site.url}/nhiem_vu?tinh=40&quy=2025-Q2")
    expect(page.get_by_text("3/81").first).to_be_visible()
    expect(page.get_by_text("trong đó 3 thường xuyên").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    link = page.url
    other = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    other.goto(link)
    expect(other.get_by_text("3/81").first).to_be_visible()
    assert _figures(other) == _figures(page)
    other.context.close()
