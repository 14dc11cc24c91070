"""The list of doors held against the routes of the whole application, and who is let in where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from dashboard import oidc, proxied, server, sign_in
from dashboard.app import PAGES
from dashboard.doors import DOORS, SOCKET, Need, door_of
from etl.access import LOCAL, Principal, Role
from etl.accounts import Accounts
from etl.settings import Settings

VIEWER = Principal("an", Role.VIEWER)
WALL = Principal("tuong", Role.WALL, screen="ioc")
BUNDLE = "/static/{path:path}"  # of Streamlit's mount at the root these alone are doors: everything else is a page
BUNDLED = {"/", "/favicon.png", BUNDLE, "/{page}"}


def addresses(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of every route, those of mounted applications too."""
    for route in routes:
        if isinstance(route, Mount):
            if prefix + route.path:
                yield from addresses(list(route.routes), prefix + route.path)
        elif isinstance(route, WebSocketRoute):
            yield SOCKET, prefix + route.path
        else:
            assert isinstance(route, Route), f"{route} is of no kind that is known here"
            for method in route.methods or ():
                yield method, prefix + route.path


@pytest.fixture(scope="module")
def all_addresses(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    settings = Settings(live=tmp_path_factory.mktemp("live"), sign_in="accounts")
    return set(addresses(list(server.application(settings)._build_starlette_app().routes)))


def test_every_route_has_a_door_and_every_door_a_route(all_addresses: set[tuple[str, str]]) -> None:
    listed = {(method, door.path) for door in DOORS for method in door.methods if door.need is not Need.NEVER}
    never = {door.path for door in DOORS if door.need is Need.NEVER}
    routed = {(method, path) for method, path in all_addresses if path not in never}
    assert len(routed) > 30
    assert routed - listed == set(), "a route without a door: say in dashboard/doors.py what it takes to enter"
    assert {one for one in listed - routed if one[1] not in BUNDLED} == set(), "a door to no route"
    assert never <= {path for _, path in all_addresses}


def test_a_door_leads_to_its_own_route_and_to_no_other(all_addresses: set[tuple[str, str]]) -> None:
    never = {door.path for door in DOORS if door.need is Need.NEVER}
    for method, path in all_addresses:
        if path in never:
            continue
        plain = path.replace(":path}", "}").replace("{", "").replace("}", "")
        found = door_of(method, plain)
        assert (found[0].path if found else None) == path


def test_every_way_to_sign_in_has_the_same_addresses(tmp_path: Path) -> None:
    accounts = Accounts(Settings(live=tmp_path))
    ways = (
        sign_in.routes(Settings(live=tmp_path, sign_in="accounts"), accounts),
        oidc.routes(Settings(live=tmp_path, sign_in="oidc"), accounts, "a secret that signs cookies"),
        proxied.routes(Settings(live=tmp_path, sign_in="proxy"), accounts),
    )
    assert len({frozenset(addresses(list(routes))) for routes in ways}) == 1


@pytest.mark.parametrize(
    "path",
    ["/nothing/here", "//static/x.js", "/STATIC/x.js", "/healthz/", "/index/html/x", "/_stcore/", "/api/v1/", ""],
)
def test_what_is_not_listed_is_no_door(path: str) -> None:
    assert door_of("GET", path) is None


def test_anonymous_people_reach_the_sign_in_page_and_the_health_check_alone() -> None:
    open_to_all = {door.path for door in DOORS if door.opens_to(None, dict.fromkeys(["page", "name"], "ioc"))}
    assert open_to_all == {"/healthz", "/dang-nhap", "/dang-nhap/di", "/dang-nhap/ve", "/dang-xuat"}


def test_a_programme_on_the_machine_reaches_the_figures_of_operation_too() -> None:
    here = {door.path for door in DOORS if door.opens_to(None, {"page": "", "name": ""}, is_here=True)}
    assert here == {"/healthz", "/dang-nhap", "/dang-nhap/di", "/dang-nhap/ve", "/dang-xuat", "/readyz", "/metrics"}


def test_pages_are_doors_to_those_who_may_see_them() -> None:
    door, parts = door_of("GET", "/khai_thac") or pytest.fail("no door")
    assert door.opens_to(LOCAL, parts)
    assert not door.opens_to(VIEWER, parts)
    assert not door.opens_to(LOCAL, {"page": "no_such_page"})
    assert {page.url_path for page in PAGES if door.opens_to(LOCAL, {"page": page.url_path})} == {
        page.url_path for page in PAGES
    }


def test_a_wall_enters_its_own_screen_alone() -> None:
    entered = {
        door.path
        for door in DOORS
        if door.opens_to(WALL, {"name": "ioc", "page": "tong_quan"}) and door.need != "nothing"
    }
    assert entered == {"/man-hinh/-/{name}", "/man-hinh/{name}", "/man-hinh/{name}/du-lieu"}
    door, _ = door_of("GET", "/man-hinh/phong-hop") or pytest.fail("no door")
    assert not door.opens_to(WALL, {"name": "phong-hop"})
