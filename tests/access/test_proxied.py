"""A name that the proxy in front tells: believed from its address alone, and only if there is such an account."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard import proxied
from dashboard.gate import COOKIE, Gate
from dashboard.visitor import of_request
from etl import audit
from etl.access import Role
from etl.accounts import Accounts, session_key
from etl.settings import Settings
from tests import wall_site
from tests.access.conftest import cookie
from tests.streamlit_client import Refused, Viewer
from tests.wall_site import WallSite

PROXY, VISITOR = "10.0.0.5", "10.1.2.3"
Headers = list[tuple[str, str]]


@dataclass
class Site:
    """Gate and routes behind a proxy; a page that tells who came, from where, and with which headers."""

    settings: Settings
    accounts: Accounts

    def ask(self, path: str, headers: Headers, peer: str = PROXY) -> httpx.Response:
        async def who(request: Request) -> Response:
            assert request.client is not None
            found = of_request(request)
            return JSONResponse([found.id, request.client.host, sorted(request.headers)])

        async def asked() -> httpx.Response:
            routes = [Route("/", who), *proxied.routes(self.settings, self.accounts)]
            middleware = [Middleware(proxied.Front, self.settings), Middleware(Gate, self.settings, self.accounts)]
            transport = httpx.ASGITransport(Starlette(routes=routes, middleware=middleware), client=(peer, 40_000))
            sent = [("x-forwarded-for", VISITOR), ("accept", "text/html"), *headers]
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get(
                    path, headers=[(name.encode(), value.encode("latin-1")) for name, value in sent]
                )

        return asyncio.run(asked())

    def sign_in(self, name: str) -> str:
        """The session of somebody of whom the proxy tells."""
        answer = self.ask("/dang-nhap?tiep=/nhiem_vu", named(name))
        assert (answer.status_code, answer.headers["location"]) == (303, "/nhiem_vu"), answer.text
        return answer.cookies[COOKIE]

    def is_in(self, answer: httpx.Response) -> bool:
        return answer.status_code == 200 and answer.json()[0].startswith("user:")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    settings = Settings(live=tmp_path, sign_in="proxy", proxy_addresses=(PROXY, "10.9.0.0/16"))
    accounts = Accounts(settings)
    for name in ("an", "binh", "disabled"):
        accounts.add(name, None, Role.VIEWER, way="proxy")
    accounts.add("admin", None, Role.ADMIN, way="oidc")
    accounts.set_disabled("disabled", True)
    yield Site(settings, accounts)
    accounts.close()


def named(name: str, header: str = "x-remote-user") -> Headers:
    return [(header, name)]


def with_session(session: str, *headers: tuple[str, str]) -> Headers:
    return [("cookie", f"{COOKIE}={session}"), *headers]


def test_whom_the_proxy_names_gets_a_session_that_goes_with_the_name(site: Site) -> None:
    assert site.ask("/", named("an")).headers["location"] == "/dang-nhap"
    session = site.sign_in("An")
    line = next(audit.lines(site.settings))
    assert (line["event"], line["who"], line["address"]) == ("sign_in", "user:an", VISITOR)
    answer = site.ask("/", with_session(session, *named("an")))
    assert answer.json()[:2] == ["user:an", VISITOR]
    assert "x-remote-user" not in answer.json()[2]
    assert site.is_in(site.ask("/", with_session(session, *named("an")), peer="10.9.8.7"))


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.1", "::1", VISITOR])
def test_from_any_other_address_the_name_is_dropped(site: Site, peer: str) -> None:
    session = site.sign_in("an")
    for header in ("x-remote-user", "X-Remote-User", "x_remote_user"):
        answer = site.ask("/dang-nhap", named("an", header), peer)
        assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
        assert not site.is_in(site.ask("/", with_session(session, *named("an", header)), peer))
    assert "địa chỉ chính thức" in answer.text
    assert site.accounts.principal(session_key(session)) is not None  # nor can others end it


@pytest.mark.parametrize(
    "headers",
    [
        [],
        named(""),
        named(" "),
        named("an\tbinh"),
        named("an,binh"),
        named("an\u00a0"),
        named("an\x01"),
        [*named("an"), *named("binh")],
        [*named("an"), *named("an")],
        [*named("an"), *named("binh", "x_remote_user")],
        named("an", "x-remote-users"),
        named("an", "remote-user"),
    ],
)
def test_a_name_that_is_none_or_two_lets_nobody_in(site: Site, headers: Headers) -> None:
    answer = site.ask("/dang-nhap", headers)
    assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
    assert not site.is_in(site.ask("/", with_session(site.sign_in("an"), *headers)))


@pytest.mark.parametrize("name", ["disabled", "admin", "nobody", "public", "local"])
def test_a_name_without_an_account_of_this_way_is_told_so_and_written_down(site: Site, name: str) -> None:
    answer = site.ask("/dang-nhap", named(name))
    assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
    assert "chưa được dùng ở đây" in answer.text
    line = next(audit.lines(site.settings))
    assert (line["event"], line["about"], line["address"]) == (
        "sign_in_refused",
        {"account": name, "way": "proxy"},
        VISITOR,
    )


def test_another_name_ends_the_session_of_the_one_before(site: Site) -> None:
    session = site.sign_in("an")
    assert not site.is_in(site.ask("/", with_session(session, *named("binh"))))
    assert site.accounts.principal(session_key(session)) is None
    assert not site.is_in(site.ask("/", with_session(session, *named("an"))))


def test_an_account_that_is_disabled_is_out_though_the_proxy_still_names_it(site: Site) -> None:
    session = site.sign_in("an")
    site.accounts.set_disabled("an", True)
    assert not site.is_in(site.ask("/", with_session(session, *named("an"))))
    assert site.ask("/dang-nhap", named("an")).status_code == 403


def test_after_signing_out_nothing_signs_in_again_by_itself(site: Site) -> None:
    session = site.sign_in("an")
    page = site.ask("/dang-xuat", with_session(session, *named("an"))).text
    word = page.partition('name="ma" value="')[2].partition('"')[0]
    out = site.ask(f"/dang-xuat?ma={word}", with_session(session, *named("an")))
    assert (out.status_code, "đăng xuất cả ở cổng" in out.text) == (200, True)
    assert site.accounts.principal(session_key(session)) is None


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    served = wall_site.make(tmp_path_factory.mktemp("proxied"), communes=2)
    accounts = Accounts(served.settings)
    accounts.add("an", None, Role.VIEWER, way="proxy")
    accounts.close()
    served.start(TIENDOSO_SIGN_IN="proxy", TIENDOSO_PROXY_ADDRESSES="127.0.0.7", TIENDOSO_PROXY_HEADER="X-Auth-User")
    yield served
    served.stop()


def test_the_running_server_looks_at_the_connection_and_not_at_what_it_is_told(served: WallSite) -> None:
    def client(address: str) -> httpx.Client:
        return httpx.Client(
            transport=httpx.HTTPTransport(local_address=address),
            base_url=served.url,
            headers={"accept": "text/html", "x-auth-user": "an", "x-forwarded-for": "127.0.0.7"},
        )

    with client("127.0.0.1") as stranger, client("127.0.0.7") as proxy:
        assert stranger.get("/dang-nhap").status_code == 403
        assert proxy.get("/dang-nhap").status_code == 303
        session = proxy.cookies[COOKIE]
        assert proxy.get("/nhiem_vu").status_code == 200
        stranger.cookies.set(COOKIE, session)
        assert stranger.get("/nhiem_vu").status_code == 303
    with pytest.raises(Refused), Viewer(served.url, headers={**cookie(session), "x-auth-user": "an"}):
        pass
