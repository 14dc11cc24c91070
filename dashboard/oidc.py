"""Signing in at a provider that speaks OpenID Connect: authorization code with PKCE, then a session as ever.

What the provider proves is a name, nothing else: role and unit stand in our own table and are read anew at each use.
Tokens are looked at once and not kept.
"""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import visitor
from dashboard.sign_in import WISHED, Counter, asking, headers, languages, link, note, own_path, page, speak
from dashboard.text import t
from etl.accounts import Accounts
from etl.settings import Settings

COOKIE: Final = "tiendoso_luot"  # state, nonce and PKCE's secret of a sign-in under way, signed
PATIENCE: Final = 600  # seconds for somebody to sign in over there
ANSWERS_WITHIN: Final = 10.0  # seconds
SKEW: Final = 60  # seconds that both clocks may differ
LONGEST_WISH: Final = 1500  # a cookie has room for 4,096 bytes

# Signatures that only the provider can make: with a shared secret or without any signature, others could.
SIGNATURES: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)

log = logging.getLogger(__name__)


def routes(settings: Settings, accounts: Accounts, secret: str) -> list[Route]:
    """The routes of an installation whose people sign in at a provider; `secret` signs the cookie of the way there."""
    under_way = Middleware(
        SessionMiddleware,
        secret_key=secret,
        session_cookie=COOKIE,
        max_age=PATIENCE,
        path=visitor.SIGN_IN,
        https_only=settings.public_url.startswith("https://"),
    )
    return [
        Route(route.path, route.endpoint, methods=route.methods, middleware=[under_way])
        for route in _Provider(settings, accounts).routes()
    ]


class _Refused(Exception):
    """What the provider said is not to be believed; the reason is for the log."""


class _Provider(Counter):
    async def sign_in(self, request: Request) -> Response:
        speak(request)
        wished = request.query_params.get(WISHED, "/")
        body = link(asking(visitor.TO_PROVIDER, wished), t("sign_in.provider"), "button")
        about = f'<p class="about">{t("sign_in.provider_about")}</p>'
        return HTMLResponse(page(t("sign_in"), body, about, languages(wished)), headers=headers())

    async def to_provider(self, request: Request) -> Response:
        speak(request)
        wished = own_path(request.query_params.get(WISHED, "/"))
        more = {"prompt": "login"} if "khac" in request.query_params else {}
        try:
            client = await self._client()
            back = f"{self.settings.public_url}{visitor.FROM_PROVIDER}"
            response: Response = await client.authorize_redirect(request, back, **more)
        except (httpx2.HTTPError, AuthlibBaseError, _Refused, ValueError, RuntimeError) as fault:
            return self._away(fault, wished)
        request.session[WISHED] = wished if len(wished) <= LONGEST_WISH else "/"
        response.headers["cache-control"] = "no-store"
        return response

    async def from_provider(self, request: Request) -> Response:
        wished = str(request.session.get(WISHED, "/"))
        speak(request, wished)
        try:
            name = await self._proved_name(request)
        except httpx2.HTTPError as fault:
            return self._away(fault, wished)
        except (AuthlibBaseError, JoseError, _Refused, ValueError, KeyError, TypeError) as fault:
            log.warning("a sign-in by OpenID Connect was refused: %s", _told(fault))
            return self.refused(t("sign_in.provider_refused"), self.again(wished))
        finally:
            request.session.clear()  # whatever came of it, this way in was gone once
        if not name:
            log.warning("the provider tells no claim %s that can be believed", self.settings.oidc_claim)
            return self.refused(t("sign_in.provider_nameless"), self.another(wished))
        return await self.let_in(request, name, wished)

    async def _proved_name(self, request: Request) -> str:
        """The name of the account that the provider vouches for; '' if it tells none."""
        if not request.session:
            raise _Refused("nobody set out from here")
        if request.query_params.get("iss", self.settings.oidc_issuer) != self.settings.oidc_issuer:
            raise _Refused("an answer of another provider")
        client = await self._client()
        token = await client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "value": self.settings.oidc_issuer},
                "aud": {"essential": True, "value": self.settings.oidc_client_id},
            },
            leeway=SKEW,
        )
        claims = token.get("userinfo")
        if not claims or not claims.get("sub"):
            raise _Refused("no id_token")
        if not await run_in_threadpool(self.accounts.spend, str(claims["nonce"]), PATIENCE + SKEW):
            raise _Refused("the answer came before")
        if self.settings.oidc_claim not in claims and client.server_metadata.get("userinfo_endpoint"):
            more = await client.userinfo(token=token)
            if more.get("sub") != claims["sub"]:
                raise _Refused("userinfo about somebody else")
            claims = {**more, **claims}
        return self._name(claims)

    def _name(self, claims: dict[str, Any]) -> str:
        name = claims.get(self.settings.oidc_claim)
        if self.settings.oidc_claim == "email" and claims.get("email_verified") is not True:
            return ""  # anybody can say that an address is theirs
        return name if isinstance(name, str) and name.isprintable() else ""

    async def _client(self) -> Any:
        """Authlib's client, with what the provider says of itself now: its keys and addresses change untold."""
        client = OAuth().register(
            "oidc",
            client_id=self.settings.oidc_client_id,
            client_secret=self.settings.oidc_client_secret() or None,
            server_metadata_url=f"{self.settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": self.settings.oidc_scopes,
                "code_challenge_method": "S256",
                "timeout": ANSWERS_WITHIN,
            },
        )
        told = await client.load_server_metadata()
        if told.get("issuer") != self.settings.oidc_issuer:
            raise _Refused(f"the provider calls itself {told.get('issuer')!r}")
        signatures = SIGNATURES & set(told.get("id_token_signing_alg_values_supported", ["RS256"]))
        told["id_token_signing_alg_values_supported"] = sorted(signatures) or ["RS256"]
        return client

    # ---------------------------------------------------------------- answers

    def another(self, wished: str) -> str:
        return link(asking(visitor.TO_PROVIDER, wished, khac="1"), t("sign_in.other_name"), "button")

    def _away(self, fault: Exception, wished: str) -> Response:
        log.warning("the provider %s cannot be used: %s", self.settings.oidc_issuer, _told(fault))
        words = note(t("sign_in.provider_away"), "alert")
        return HTMLResponse(page(t("sign_in"), words, self.again(wished)), 503, {**headers(), "retry-after": "60"})

    def leads_to(self) -> str:
        address = urlsplit(self.settings.oidc_issuer)
        return f"{address.scheme}://{address.netloc}"

    async def after_sign_out(self, request: Request) -> Response:
        """Out over there as well, where the provider offers it; else a page that does not go on by itself."""
        try:
            told = (await self._client()).server_metadata
        except (httpx2.HTTPError, AuthlibBaseError, _Refused, ValueError, RuntimeError) as fault:
            log.warning("nobody was signed out at %s: %s", self.settings.oidc_issuer, _told(fault))
            told = {}
        where = str(told.get("end_session_endpoint", ""))
        if not where.startswith(f"{self.leads_to()}/"):
            here = link(visitor.SIGN_IN, t("sign_in"))
            return HTMLResponse(page(t("sign_out"), note(t("sign_out.here")), here), 200, headers())
        given = {
            "client_id": self.settings.oidc_client_id,
            "post_logout_redirect_uri": f"{self.settings.public_url}{visitor.SIGN_IN}",
        }
        return RedirectResponse(f"{where}{'&' if '?' in where else '?'}{urlencode(given)}", 303, headers())


def _told(fault: Exception) -> str:
    """A fault in a few words, without what the other side or the visitor wrote."""
    return f"{type(fault).__name__} {fault}"[:200] if isinstance(fault, _Refused) else type(fault).__name__
