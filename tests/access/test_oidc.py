"""Signing in at a real OpenID provider on loopback, from the wished page and back to it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from dashboard import oidc
from dashboard.gate import COOKIE
from etl import audit
from etl.access import Role, pages_for
from etl.accounts import Accounts, session_key
from tests import wall_site
from tests.access.conftest import cookie
from tests.oidc.provider import CLIENT, SECRET, certified
from tests.streamlit_client import Viewer
from tests.wall_site import WallSite

HTML = {"accept": "text/html"}
ROLES = {"xem": Role.VIEWER, "phan.tich": Role.ANALYST, "don.vi": Role.SUBMITTER, "so.lieu": Role.STEWARD}


@dataclass
class Site:
    """The dashboard whose people sign in at a provider, and the provider."""

    site: WallSite
    accounts: Accounts
    provider: ExitStack

    @property
    def url(self) -> str:
        return self.site.url


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("oidc")
    site = wall_site.make(folder / "live", communes=2)
    accounts = Accounts(site.settings)
    unit = next(code for code, one in site.reference().org_units.items() if one.kind == "xa" and one.parent == "38")
    for name, role in ROLES.items():
        accounts.add(name, None, role, unit if role is Role.SUBMITTER else "", "oidc")
    accounts.add("admin", "ba con mèo trắng", Role.ADMIN)
    secret = folder / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with ExitStack() as provider:
        issuer = provider.enter_context(certified(port, site.url, verified=()))
        site.start(
            TIENDOSO_SIGN_IN="oidc",
            TIENDOSO_PUBLIC_URL=site.url,
            TIENDOSO_OIDC_ISSUER=issuer,
            TIENDOSO_OIDC_CLIENT_ID=CLIENT,
            TIENDOSO_OIDC_CLIENT_SECRET_FILE=str(secret),
        )
        try:
            yield Site(site, accounts, provider)
        finally:
            site.stop()
            accounts.close()


def browser() -> httpx.Client:
    return httpx.Client(headers=HTML, trust_env=False, timeout=30)


def arrive(client: httpx.Client, url: str) -> httpx.Response:
    """Follow redirects until a page is shown."""
    answer = client.get(url)
    while answer.is_redirect:
        answer = client.get(urljoin(str(answer.url), answer.headers["location"]))
    return answer


def link(answer: httpx.Response, words: str) -> str:
    found = re.search(rf'<a href="([^"]*)"[^>]*>{words}', answer.text)
    assert found is not None, answer.text
    return urljoin(str(answer.url), unescape(found.group(1)))


def at_the_provider(client: httpx.Client, start: str, name: str) -> str:
    """Sign in over there and agree; gives the address that leads back to us, not yet followed."""
    answer = client.get(start)
    while True:
        if answer.is_redirect:
            where = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(where).path == "/dang-nhap/ve":
                return where
            answer = client.get(where)
            continue
        answer = send_form(client, answer, login=name, password="x")


def send_form(client: httpx.Client, page: httpx.Response, **filled: str) -> httpx.Response:
    """What a browser sends: the hidden fields as they are, and those filled in."""
    form = re.search(r'action="([^"]+)"', page.text)
    assert form is not None, page.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return client.post(form.group(1), data={**hidden, **filled})


def sign_in(client: httpx.Client, site: Site, name: str, wished: str = "/") -> httpx.Response:
    page = arrive(client, site.url + wished)
    assert page.url.path == "/dang-nhap"
    return client.get(at_the_provider(client, link(page, "Đăng nhập qua cổng"), name))


def last(site: Site, event: str) -> audit.Line:
    return next(line for line in audit.lines(site.site.settings) if line["event"] == event)


def test_who_signs_in_at_the_provider_comes_to_the_wished_page_with_a_session_of_ours(served: Site) -> None:
    with browser() as client:
        back = sign_in(client, served, "xem", "/nhiem_vu?quy=2026-Q2")
        assert (back.status_code, back.headers["location"]) == (303, "/nhiem_vu?quy=2026-Q2")
        told = next(one for one in back.headers.get_list("set-cookie") if one.startswith(COOKIE))
        assert all(part in told for part in ("HttpOnly", "SameSite=lax", "Path=/"))
        assert client.get(served.url + "/nhiem_vu?quy=2026-Q2").status_code == 200
        line = last(served, "sign_in")
        assert (line["who"], line["address"]) == ("user:xem", "127.0.0.1")
        with Viewer(served.url, headers=cookie(client.cookies[COOKIE])) as viewer:
            assert "xem" in viewer.open().text
        served.accounts.set_disabled("xem", True)
        assert client.get(served.url + "/nhiem_vu").headers["location"].startswith("/dang-nhap")
        served.accounts.set_disabled("xem", False)


@pytest.mark.parametrize("name", ROLES)
def test_a_session_has_the_rights_of_the_account_and_no_others(served: Site, name: str) -> None:
    with browser() as client:
        sign_in(client, served, name)
        principal = served.accounts.principal(session_key(client.cookies[COOKIE]))
        assert principal is not None
        assert principal.role is ROLES[name]
        allowed = set(pages_for(principal))
        for page in ("nhiem_vu", "khai_thac", "nop_bao_cao", "bao_cao", "van_hanh"):
            assert client.get(f"{served.url}/{page}").status_code == (200 if page in allowed else 403), page
        assert client.get(served.url + "/api/v1/units", headers={"accept": "*/*"}).status_code == (
            200 if name in ("phan.tich", "so.lieu") else 403
        )
        assert client.get(served.url + "/mat-khau").status_code == 404


@pytest.mark.parametrize("name", ["nguoi.la", "admin", "xem ", "\u212aem"])
def test_a_name_without_an_account_of_this_way_is_told_so_and_written_down(served: Site, name: str) -> None:
    with browser() as client:
        refused = sign_in(client, served, name, "/chi_tieu")
        assert (refused.status_code, COOKIE in client.cookies) == (403, False)
        assert "chưa được dùng ở đây" in refused.text
        assert last(served, "sign_in_refused")["about"] == {"account": name, "way": "oidc"}
        other = link(refused, "Đăng nhập bằng tên khác")
        assert parse_qs(urlsplit(client.get(other).headers["location"]).query)["prompt"] == ["login"]
        assert client.get(at_the_provider(client, other, "xem")).headers["location"] == "/chi_tieu"


def test_an_answer_of_the_provider_is_good_once_and_for_the_browser_that_asked(served: Site) -> None:
    with browser() as client, browser() as stranger:
        page = arrive(client, served.url)
        back = at_the_provider(client, link(page, "Đăng nhập qua cổng"), "xem")
        assert stranger.get(back).status_code == 403
        under_way = client.cookies[oidc.COOKIE]
        assert client.get(back).status_code == 303
        assert client.get(back).status_code == 403
        with browser() as again:
            again.cookies.set(oidc.COOKIE, under_way, domain="127.0.0.1", path="/dang-nhap")
            answer = again.get(back)
        assert (answer.status_code, COOKIE in again.cookies) == (403, False)
        assert "không hoàn tất" in answer.text


def test_who_cancels_over_there_is_told_calmly(served: Site) -> None:
    with browser() as client:
        start = client.get(link(arrive(client, served.url), "Đăng nhập qua cổng")).headers["location"]
        state = parse_qs(urlsplit(start).query)["state"][0]
        given = {"state": state, "error": "access_denied", "error_description": "<script>alert(1)</script>"}
        answer = client.get(served.url + "/dang-nhap/ve", params=given)
        assert (answer.status_code, "không hoàn tất" in answer.text) == (403, True)
        assert "<script" not in answer.text
        assert link(answer, "Thử lại") == f"{served.url}/dang-nhap"


def test_signing_out_ends_our_session_and_leads_to_the_provider_and_back(served: Site) -> None:
    with browser() as client:
        sign_in(client, served, "xem")
        session = client.cookies[COOKIE]
        asked = client.get(served.url + "/dang-xuat")
        assert "Kết thúc phiên" in asked.text
        word = asked.text.partition('name="ma" value="')[2].partition('"')[0]
        out = client.get(served.url + "/dang-xuat", params={"ma": word})
        assert served.accounts.principal(session_key(session)) is None
        assert last(served, "sign_out")["who"] == "user:xem"
        over_there = arrive(client, out.headers["location"])
        home = send_form(client, over_there, logout="yes")
        assert home.headers["location"] == f"{served.url}/dang-nhap"


def test_nothing_of_the_way_is_kept_or_logged(served: Site) -> None:
    told = json.dumps(list(audit.lines(served.site.settings)), ensure_ascii=False)
    held = b"".join(path.read_bytes() for path in Path(served.site.settings.live).glob("state.sqlite*"))
    assert SECRET not in told
    assert SECRET.encode() not in held
    assert b"eyJ" not in held  # how every token begins
    verdict = audit.verify(audit.folder(served.site.settings))
    assert verdict.is_whole, verdict.fault


def test_while_the_provider_is_away_there_is_a_calm_page(served: Site) -> None:
    served.provider.close()
    with browser() as client:
        page = arrive(client, served.url + "/?lang=en")
        answer = client.get(link(page, "Sign in with"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "The sign-in service does not answer" in answer.text
        assert link(answer, "Try again").startswith(f"{served.url}/dang-nhap?")
