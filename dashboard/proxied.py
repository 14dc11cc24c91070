"""Behind a proxy: whom to believe from where a request comes and, if people sign in there, who comes.

Only addresses on the list are believed (`TIENDOSO_PROXY_ADDRESSES`; without a list, this machine is believed where a
request comes from). The header with the name is taken off every request here, whoever sent it: behind this point a
name is in the ASGI scope or nowhere.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dashboard.sign_in import WISHED, Counter, headers, link, note, page, speak
from dashboard.text import t
from dashboard.visitor import REMOTE_USER
from etl.accounts import Accounts
from etl.settings import Settings

HERE: Final = ("127.0.0.1", "::1")
_PEER: Final = "tiendoso.peer"  # who holds the other end of the connection, whomever it speaks for


def routes(settings: Settings, accounts: Accounts) -> list[Route]:
    """The routes of an installation whose people sign in at the proxy in front."""
    return _Proxy(settings, accounts).routes()


class Front:
    """ASGI middleware, before the gate."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.header = settings.proxy_header.lower().encode() if settings.sign_in == "proxy" else b""
        listed = list(settings.proxy_addresses or HERE)
        self._told = ProxyHeadersMiddleware(self._named, trusted_hosts=listed)  # type: ignore[arg-type]
        self._listed = self._told.trusted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else ""
        await self._told({**scope, _PEER: peer}, receive, send)  # type: ignore[arg-type]

    async def _named(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.header:
            # Servers in front may take `_` and `-` for the same: a client's look-alike must not stand for the header.
            given = [value for name, value in scope["headers"] if name.lower().replace(b"_", b"-") == self.header]
            scope["headers"] = [one for one in scope["headers"] if one[0].lower().replace(b"_", b"-") != self.header]
            if len(given) == 1 and scope[_PEER] in self._listed:
                scope[REMOTE_USER] = _name(given[0])
        await self.app(scope, receive, send)


def _name(given: bytes) -> str:
    """The name in the header; '' for what can be none."""
    name = given.decode("latin-1")
    return name.lower() if name.isascii() and name.isprintable() and name == name.strip() else ""


class _Proxy(Counter):
    async def sign_in(self, request: Request) -> Response:
        speak(request)
        wished = request.query_params.get(WISHED, "/")
        name = request.scope.get(REMOTE_USER, "")
        return (
            await self.let_in(request, name, wished) if name else self.refused(t("sign_in.no_name"), self.again(wished))
        )

    async def after_sign_out(self, request: Request) -> Response:
        """The name is still told with the next click, so that going on by itself would sign in again."""
        return HTMLResponse(page(t("sign_out"), note(t("sign_out.here")), link("/", t("sign_in.on"))), 200, headers())
