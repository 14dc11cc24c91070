"""Handing in a report in a real browser: template, reading, sending, receipt, and the figure on the unit's page."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Page, expect

from etl.archive import Archive
from sql import queries, warehouse
from tests.browser.conftest import Site

PAGE = "nop_bao_cao?tinh=38&don-vi=38.NV&bieu=bm01_indicators&ky=2026-10"
INPUT = '[data-testid="stFileUploaderDropzoneInput"]'
PATIENCE = 60_000  # milliseconds; a receipt waits at most for the build under way
NUMERATOR, DENOMINATOR = 71, 97
HOSTILE = "<img src=x onerror=\"document.title='hit'\">"


def template(site: Site, page: Page, folder: Path) -> Any:
    """The form of the unit as downloaded from the page."""
    page.goto(f"{site.url}/{PAGE}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải biểu mẫu").click()
    download.value.save_as(folder / "bieu.xlsx")
    assert download.value.suggested_filename == "Sở Nội vụ_BM01_Tháng 10-2026.xlsx"
    return openpyxl.load_workbook(folder / "bieu.xlsx")


def saved(book: Any, path: Path) -> Path:
    stream = io.BytesIO()
    book.save(stream)
    path.write_bytes(stream.getvalue())
    return path


def drop(page: Page, path: Path) -> None:
    page.set_input_files(INPUT, path)
    expect(page.get_by_role("heading", name="Đọc trước khi gửi")).to_be_visible(timeout=PATIENCE)


def fill(book: Any) -> Any:
    sheet = book.worksheets[0]
    for row in range(14, sheet.max_row + 1):
        if isinstance(sheet.cell(row, 2).value, str):
            sheet.cell(row, 5).value, sheet.cell(row, 6).value = NUMERATOR, DENOMINATOR
    return sheet


def test_a_filled_template_is_read_sent_answered_and_shown(site: Site, page: Page, tmp_path: Path) -> None:
    book = template(site, page, tmp_path)
    fill(book)
    drop(page, saved(book, tmp_path / "Sở Nội vụ.xlsx"))
    expect(page.get_by_text("sẽ được nhận")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("BM01 · Sở Nội vụ · Tháng 10/2026").first).to_be_visible(timeout=PATIENCE)
    assert not list((site.settings.landing / "web").glob("[0-9]*"))

    page.get_by_role("textbox", name="Người gửi").fill(HOSTILE)
    page.get_by_role("button", name="Gửi báo cáo").click()
    expect(page.get_by_text("✔ Được nhận").first).to_be_visible(timeout=PATIENCE)
    assert "da-gui=" in page.url
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Phiếu để in").click()
    receipt = opened.value
    receipt.wait_for_load_state()
    expect(receipt.get_by_text("ĐÃ NHẬN")).to_be_visible(timeout=PATIENCE)
    expect(receipt.get_by_text(HOSTILE)).to_be_visible(timeout=PATIENCE)
    assert receipt.title().startswith("Phiếu phản hồi")
    receipt.close()

    page.reload()  # the link holds: the receipt is still there
    expect(page.get_by_text("✔ Được nhận").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("link", name="Xem trang của đơn vị")).to_be_visible(timeout=PATIENCE)
    until = time.monotonic() + 60
    while not _submissions(site):
        assert time.monotonic() < until, "the watcher did not build"
        time.sleep(0.3)
    page.goto(f"{site.url}/chi_tieu?tinh=38&loai=department&quy=2026-Q4&chi-tieu=VB01")
    expect(page.get_by_text(f"{NUMERATOR}/{DENOMINATOR}").first).to_be_visible(timeout=PATIENCE)


def _submissions(site: Site) -> list[str]:
    """The submissions of the unit in the published warehouse."""
    path = warehouse.current(site.settings.warehouse)
    if path is None:
        return []
    found: list[str] = queries.submissions(queries.Scope.all(path), org_unit="38.NV")["submission"].to_list()
    return found


def test_a_wrong_file_is_returned_with_its_cells_marked(site: Site, page: Page, tmp_path: Path) -> None:
    book = template(site, page, tmp_path)
    sheet = fill(book)
    sheet["E14"] = HOSTILE
    sheet["H15"] = HOSTILE
    # A file name may not hold a slash here, but everything else that a page might take for markup.
    drop(page, saved(book, tmp_path / "<b>x<img src=x onerror=alert(1)>.xlsx"))
    expect(page.get_by_text("sẽ bị trả lại")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải bản đánh dấu ô cần sửa").click()
    download.value.save_as(tmp_path / "marked.xlsx")
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx").worksheets[1]
    assert "không phải số" in marked["E14"].comment.text
    assert marked["E14"].value == HOSTILE

    page.get_by_role("button", name="Vẫn gửi").click()
    expect(page.get_by_text("✖ Trả lại").first).to_be_visible(timeout=PATIENCE)
    address = page.get_by_role("link", name="Tải bản đánh dấu ô cần sửa").get_attribute("href")
    answer = page.request.get(f"{site.url}{address}")
    assert answer.ok
    assert "không phải số" in openpyxl.load_workbook(io.BytesIO(answer.body())).worksheets[1]["E14"].comment.text

    page.goto(f"{site.url}/{PAGE}")
    drop(page, tmp_path / "marked.xlsx")
    expect(page.get_by_text(re.compile("bản đánh dấu lỗi do hệ thống gửi lại")).first).to_be_visible(timeout=PATIENCE)
    assert page.locator("img[src=x]").count() == 0
    assert page.title() != "hit"


def test_a_report_is_withdrawn_with_a_reason(site: Site, page: Page, tmp_path: Path) -> None:
    book = template(site, page, tmp_path)
    fill(book)["E16"] = NUMERATOR - 1
    drop(page, saved(book, tmp_path / "lan hai.xlsx"))
    page.get_by_role("button", name="Gửi báo cáo").click()
    expect(page.get_by_text("✔ Được nhận").first).to_be_visible(timeout=PATIENCE)
    submission = re.search(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{12}-001", page.locator("body").inner_text())
    assert submission is not None
    page.goto(f"{site.url}/nop_bao_cao?phieu={submission[0]}")
    page.get_by_text("Rút báo cáo này").click()
    page.get_by_role("textbox", name="Lý do").fill(f"Gửi nhầm kỳ {HOSTILE}")
    page.get_by_role("textbox", name="Người gửi").fill("Trần B")
    page.get_by_role("textbox", name="Người gửi").press("Tab")
    page.get_by_role("button", name="Rút báo cáo", exact=True).click()
    expect(page.get_by_text("Đã rút lúc")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Gửi nhầm kỳ <img")).to_be_visible(timeout=PATIENCE)
    assert Archive(site.settings.archive).withdrawals()[0]["submission"] == submission[0]
    assert Archive(site.settings.archive).receipt(submission[0]) is not None
    assert page.locator("img[src=x]").count() == 0
