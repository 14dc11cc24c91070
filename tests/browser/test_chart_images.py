"""Charts taken along as pictures, from a real browser: what is in them, and that the keyboard reaches them."""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from defusedxml.ElementTree import fromstring
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

SVG = "{http://www.w3.org/2000/svg}"
OVERVIEW = "?tinh=38&loai=commune&quy=2026-Q1&chi-tieu=VB01"


def open_page(site: Site, page: Page, path: str) -> None:
    page.goto(f"{site.url}/{path}")
    page.wait_for_selector(".js-plotly-plot .main-svg text")
    page.wait_for_load_state("networkidle")


def taken(page: Page, place: int, kind: str) -> tuple[str, bytes]:
    """Press the button of a chart by keyboard; name and content of the file that comes."""
    button = page.locator(".chart-image").nth(place).get_by_role("button", name=f"dạng {kind}")
    button.focus()
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    expect(page.locator(".chart-image").nth(place).get_by_role("status")).to_have_text("Đã tải về")
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()


def words_of(picture: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("path", ["chi_tieu", "trinh_chieu"])
def test_a_picture_bears_the_finding_the_chart_and_where_it_is_from(path: str, site: Site, page: Page) -> None:
    open_page(site, page, f"{path}{OVERVIEW}")
    place = page.locator(".chart-image").count() - 1
    name, data = taken(page, place, "SVG")
    assert name.isascii()
    assert name.endswith(".svg")
    picture = fromstring(data)
    words = words_of(picture)
    told = picture.findtext(f"{SVG}title")
    assert told
    assert " ".join(words).startswith(told)
    cited = " ".join(words[-3:])
    assert "Nguồn: Báo cáo của các đơn vị" in " ".join(words)
    assert "phiên bản v0" in " ".join(words)
    assert "quy=2026-Q1" in cited.replace(" ", "")
    drawn = page.locator(".js-plotly-plot").nth(place).locator(".main-svg text").all_text_contents()
    assert {text for text in drawn if any(letter.isalpha() for letter in text)} <= set(words)
    assert b"Source Sans" not in data

    name, png = taken(page, place, "PNG")
    width, height = size_of(png)
    assert width >= 1600
    assert abs(width / height - float(picture.attrib["width"]) / float(picture.attrib["height"])) < 0.01
    assert name.endswith(".png")
