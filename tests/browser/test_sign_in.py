"""Signing in, looking and signing out in a real browser, under the policy that every page is sent with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import BrowserContext, Page, expect

from dashboard.app import PAGES
from etl.access import Principal, Role, pages_for
from etl.accounts import Accounts
from etl.settings import Settings
from tests import wall_site
from tests.wall_site import WallSite

PASSWORD = "ba con mèo trắng"
WELCOME = ".visitor"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("live"), communes=6)
    accounts = Accounts(Settings(live=site.settings.live), hasher=PasswordHasher(time_cost=1, memory_cost=64))
    accounts.add("binh", PASSWORD, Role.ADMIN)
    accounts.close()
    site.start(TIENDOSO_SIGN_IN="accounts")
    yield site
    site.stop()


def sign_in(page: Page, site: WallSite, path: str) -> None:
    page.goto(site.url + path)
    page.get_by_label("Tên đăng nhập").fill("binh")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator(WELCOME)).to_contain_text("binh · quản trị")


def test_signing_in_leads_to_the_wished_page_and_out_again_in_every_tab(guarded: WallSite, page: Page) -> None:
    sign_in(page, guarded, "/nhiem_vu?quy=2026-Q2")
    assert page.url == f"{guarded.url}/nhiem_vu?quy=2026-Q2"
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nhiệm vụ")
    other = page.context.new_page()
    other.goto(f"{guarded.url}/chi_tieu")
    expect(other.locator(WELCOME)).to_be_visible()
    page.get_by_role("link", name="Đăng xuất").click()
    expect(page.get_by_role("button", name="Đăng nhập")).to_be_visible()
    other.get_by_role("link", name="Đơn vị").first.click()  # a click in a tab that was left open
    expect(other.get_by_role("button", name="Đăng nhập")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Đăng nhập")).to_be_visible()


def test_every_page_works_under_its_policy(guarded: WallSite, page: Page) -> None:
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, guarded, "/")
    for one in PAGES:
        if one.url_path not in pages_for(Principal("binh", Role.ADMIN)):
            continue
        page.goto(f"{guarded.url}/{one.url_path}")
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.wait_for_load_state("networkidle")
    assert faults == []


def test_a_portal_on_the_list_may_show_a_wall_and_nobody_else(guarded: WallSite, page: Page) -> None:
    sign_in(page, guarded, "/")
    with portal(guarded.url) as listed, portal(guarded.url) as another:
        assert not is_shown(page.context, f"{listed}/man-hinh/mot", guarded)
        guarded.stop()
        guarded.start(TIENDOSO_SIGN_IN="accounts", TIENDOSO_FRAME_ANCESTORS=listed)
        assert is_shown(page.context, f"{listed}/man-hinh/mot", guarded)
        assert not is_shown(page.context, f"{listed}/dang-nhap", guarded)
        assert not is_shown(page.context, f"{another}/man-hinh/mot", guarded)


@contextmanager
def portal(framed: str) -> Iterator[str]:
    """A site of others whose pages show, in a frame, the page of that path of a server."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{framed}{self.path}"></iframe>'.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def is_shown(context: BrowserContext, address: str, site: WallSite) -> bool:
    """Whether a page shows what it puts into a frame."""
    outer = context.new_page()
    outer.goto(address)
    shown = any(frame.url.startswith(site.url) for frame in outer.frames[1:])
    outer.close()
    return shown
