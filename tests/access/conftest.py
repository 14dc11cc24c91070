"""A real server with sign-in, and a session for each kind of visitor."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx
import pytest
from argon2 import PasswordHasher

from dashboard.gate import COOKIE, SCREEN_COOKIE
from etl.access import Role
from etl.accounts import Accounts, session_key
from etl.settings import Settings
from tests import wall_site
from tests.pages import province
from tests.wall_site import WallSite

PASSWORD: Final = "ba con mèo trắng"
QUICK: Final = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@dataclass
class Guarded:
    """The running site, its accounts as another process sees them, and what each kind of visitor sends along."""

    site: WallSite
    accounts: Accounts
    units: tuple[str, str]
    client: httpx.Client
    visitors: dict[str, dict[str, str]] = field(default_factory=dict)  # headers by kind

    @property
    def url(self) -> str:
        return self.site.url

    def session(self, name: str) -> str:
        """The cookie of a new session of an account."""
        return self.accounts.open_session(name, "10.0.0.1")

    def ask(self, who: str, path: str, method: str = "GET", **options: object) -> httpx.Response:
        """A request as a kind of visitor from some other machine; redirects are not followed."""
        headers = {**from_elsewhere(), **self.visitors.get(who, {}), **dict(options.pop("headers", None) or {})}
        self.client.cookies.clear()
        return self.client.request(method, self.url + path, headers=headers, **options)


def from_elsewhere(address: str = "10.0.0.99") -> dict[str, str]:
    """What the proxy in front adds for a visitor of another machine."""
    return {"x-forwarded-for": address}


def cookie(secret: str, name: str = COOKIE) -> dict[str, str]:
    return {"cookie": f"{name}={secret}"}


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    site = wall_site.make(tmp_path_factory.mktemp("guarded"), communes=6)
    units = province.communes_of(site.reference(), 6)
    accounts = Accounts(Settings(live=site.settings.live), hasher=QUICK)
    people: Mapping[str, tuple[Role, str]] = {
        "viewer": (Role.VIEWER, ""),
        "analyst": (Role.ANALYST, ""),
        "submitter-a": (Role.SUBMITTER, units[0]),
        "submitter-b": (Role.SUBMITTER, units[2]),
        "steward": (Role.STEWARD, ""),
        "admin": (Role.ADMIN, ""),
        "disabled": (Role.ADMIN, ""),
        "expired": (Role.ADMIN, ""),
    }
    for name, (role, unit) in people.items():
        accounts.add(name, PASSWORD, role, unit)
    found = Guarded(site, accounts, (units[0], units[2]), httpx.Client(trust_env=False, timeout=30))
    past = Accounts(Settings(live=site.settings.live), lambda: time.time() - 9 * 3600, QUICK)
    for name in people:
        opened = past if name == "expired" else accounts
        found.visitors[name] = cookie(opened.open_session(name, "10.0.0.1"))
    past.close()
    accounts.set_disabled("disabled", True)
    token, _ = accounts.add_token("wall", Role.WALL, 30, screen="mot")
    found.visitors["wall"] = cookie(accounts.open_screen(token, "10.0.0.2"), SCREEN_COOKIE)
    found.visitors["anonymous"] = {}
    found.visitors["forged"] = cookie(session_key("forged"))
    try:
        site.start(TIENDOSO_SIGN_IN="accounts", TIENDOSO_SESSION_UPLOAD_MB="3")
        yield found
    finally:
        site.stop()
        found.client.close()
        accounts.close()
