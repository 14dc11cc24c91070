"""A provider that lies, and answers that others made: nobody gets in by them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from dashboard import oidc
from dashboard.gate import COOKIE
from etl.access import Role
from etl.accounts import Accounts
from etl.settings import Settings
from tests.oidc.provider import CLIENT, Hostile, hostile

SITE = "http://localhost"


@pytest.fixture(scope="module")
def running() -> Iterator[Hostile]:
    with hostile() as provider:
        yield provider


@pytest.fixture
def provider(running: Hostile) -> Hostile:
    """The provider as it is before it is told to lie: it vouches for the name `an`."""
    running.claims, running.told, running.userinfo, running.sign = {"preferred_username": "an"}, {}, {}, "ES256"
    return running


@pytest.fixture
def settings(tmp_path: Path, provider: Hostile) -> Settings:
    settings = Settings(
        live=tmp_path, sign_in="oidc", public_url=SITE, oidc_issuer=provider.issuer, oidc_client_id=CLIENT
    )
    accounts = Accounts(settings)
    for name in ("an", "an@example.vn"):
        accounts.add(name, None, Role.VIEWER, way="oidc")
    accounts.close()
    return settings


def come_back(settings: Settings, provider: Hostile, **changed: str) -> tuple[httpx.Response, dict[str, list[str]]]:
    """Go to the provider and come back; gives our answer and what was asked of the provider in the address."""

    async def both() -> tuple[httpx.Response, dict[str, list[str]]]:
        accounts = Accounts(settings)
        app = Starlette(routes=oidc.routes(settings, accounts, "a secret that signs cookies"))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
            start = await client.get("/dang-nhap/di?tiep=/nhiem_vu")
            if not start.is_redirect:
                return start, {}
            asked = parse_qs(urlsplit(start.headers["location"]).query)
            provider.nonce = asked["nonce"][0]
            given = {"code": "c", "state": asked["state"][0], **changed}
            answer = await client.get("/dang-nhap/ve", params=given)
        accounts.close()
        return answer, asked

    return asyncio.run(both())


def is_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and COOKIE in answer.headers.get("set-cookie", "")


def test_an_honest_answer_lets_in_and_the_question_bears_what_makes_it_safe(
    settings: Settings, provider: Hostile
) -> None:
    answer, asked = come_back(settings, provider)
    assert is_in(answer)
    assert answer.headers["location"] == "/nhiem_vu"
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{SITE}/dang-nhap/ve"]
    assert asked["scope"] == ["openid profile email"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    assert b"code_verifier=" in provider.asked[-1]


NOW = int(time.time())
LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x" * 20},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "for another client": {"aud": "another"},
    "for another client by us": {"aud": "another", "azp": CLIENT},
    "for two and made for the other": {"aud": [CLIENT, "another"], "azp": "another"},
    "for nobody": {"aud": None},
    "about nobody": {"sub": None},
    "about an empty name": {"sub": ""},
    "expired": {"exp": NOW - 120, "iat": NOW - 600},
    "never expires": {"exp": None},
    "from the future": {"iat": NOW + 3600, "exp": NOW + 7200},
    "not yet": {"nbf": NOW + 3600},
    "another's access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_something_else_lets_nobody_in(settings: Settings, provider: Hostile, lie: str) -> None:
    provider.claims = {"preferred_username": "an", **LIES[lie]}
    answer, _ = come_back(settings, provider)
    assert (answer.status_code, is_in(answer)) == (403, False)


def test_clocks_may_differ_a_little(settings: Settings, provider: Hostile) -> None:
    now = int(time.time())
    provider.claims |= {"exp": now - 20, "iat": now + 20}
    assert is_in(come_back(settings, provider)[0])


@pytest.mark.parametrize("sign", ["none", "HS256", "other"])
@pytest.mark.parametrize("offered", [["ES256"], ["none", "HS256", "ES256"], ["none", "HS256"]])
def test_a_token_that_only_the_provider_can_have_signed_is_believed(
    settings: Settings, provider: Hostile, sign: str, offered: list[str]
) -> None:
    provider.sign, provider.told = sign, {"id_token_signing_alg_values_supported": offered}
    answer, _ = come_back(settings, provider)
    assert (answer.status_code, is_in(answer)) == (403, False)


@pytest.mark.parametrize("changed", [{"state": "x" * 30}, {"iss": "https://elsewhere.example"}])
def test_an_answer_to_another_question_lets_nobody_in(
    settings: Settings, provider: Hostile, changed: dict[str, str]
) -> None:
    asked_before = len(provider.asked)
    answer, _ = come_back(settings, provider, **changed)
    assert (answer.status_code, is_in(answer)) == (403, False)
    assert len(provider.asked) == asked_before


def test_a_provider_that_bears_another_name_is_asked_nothing(settings: Settings, provider: Hostile) -> None:
    provider.told = {"issuer": "https://elsewhere.example"}
    answer, _ = come_back(settings, provider)
    assert (answer.status_code, "Cổng đăng nhập chung chưa trả lời" in answer.text) == (503, True)


def test_userinfo_about_somebody_else_is_not_believed(settings: Settings, provider: Hostile) -> None:
    provider.claims, provider.userinfo = {}, {"preferred_username": "an"}
    assert is_in(come_back(settings, provider)[0])
    provider.userinfo["sub"] = "2"
    assert come_back(settings, provider)[0].status_code == 403


def test_a_name_that_is_none_is_told_so(settings: Settings, provider: Hostile) -> None:
    for name in (None, "", 7, ["an"], "an\n"):
        provider.claims = {"preferred_username": name}
        answer, _ = come_back(settings, provider)
        assert (answer.status_code, "không cho biết tên tài khoản" in answer.text) == (403, True), name


def test_a_mail_address_is_a_name_only_if_it_is_proved(settings: Settings, provider: Hostile) -> None:
    by_mail = settings.model_copy(update={"oidc_claim": "email"})
    for proved, status in ((None, 403), (False, 403), ("true", 403), (True, 303)):
        provider.claims = {"email": "An@Example.vn", "email_verified": proved}
        assert come_back(by_mail, provider)[0].status_code == status
