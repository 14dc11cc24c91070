"""The pages to sign in, to sign out and to change one's password: plain HTML without any script.

Every way in ends in `begin`: whoever has proved to own an account gets a session and is led to where he wished to go.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from html import escape
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import policies, text, theme, visitor
from dashboard.gate import COOKIE
from dashboard.text import t
from etl import audit
from etl.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD, Accounts, SignInRefused, session_key
from etl.audit import Event
from etl.errors import HouseError
from etl.settings import Settings

WORD: Final = "ma"  # a form's word, which must be that of the cookie: no other site can send our form
WORD_COOKIE: Final = "tiendoso_ma"
WISHED: Final = "tiep"  # where to go afterwards
LARGEST_FORM: Final = 16_384
FORM_SECONDS: Final = 10.0
AT_ONCE: Final = 8  # passwords being checked or waiting for it; who comes then is asked to wait

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'"


def routes(settings: Settings, accounts: Accounts) -> list[Route]:
    """The routes of an installation whose people sign in with a name and a password."""
    return _Password(settings, accounts).routes()


async def begin(request: Request, settings: Settings, accounts: Accounts, account: str, wished: str) -> Response:
    """Ends every way in: a session for an account, its cookie, a line in the audit log, and on to the wished page."""
    address = request.client.host if request.client else ""
    cookie = await run_in_threadpool(accounts.open_session, account, address)
    await run_in_threadpool(audit.record, settings, Event.SIGN_IN, f"user:{account}", address)
    response = RedirectResponse(own_path(wished), status_code=303)
    is_secure = policies.is_secure(request.scope, settings)
    response.set_cookie(COOKIE, cookie, httponly=True, samesite="lax", secure=is_secure, path="/")
    response.delete_cookie(WORD_COOKIE, path="/")
    return response


def own_path(wished: str) -> str:
    """The path of ours that was wished for; the first page for an address that leads elsewhere."""
    is_plain = wished.startswith("/") and not wished.startswith(("//", "/\\")) and wished.isprintable()
    if not is_plain or "\\" in wished or any(urlsplit(wished)[:2]):
        return "/"
    return "/" if wished.startswith((visitor.SIGN_IN, visitor.SIGN_OUT)) else wished


class Counter(ABC):
    """Where people come in and leave; each way in overrides what differs. All ways have the same addresses."""

    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        self.settings = settings
        self.accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route(visitor.SIGN_IN, self.sign_in, methods=["GET", "POST"]),
            Route(visitor.SIGN_OUT, self.sign_out, methods=["GET", "POST"]),
            Route(visitor.PASSWORD, self.password, methods=["GET", "POST"]),
            Route(visitor.TO_PROVIDER, self.to_provider),
            Route(visitor.FROM_PROVIDER, self.from_provider),
        ]

    @abstractmethod
    async def sign_in(self, request: Request) -> Response: ...

    async def to_provider(self, request: Request) -> Response:
        """Only where people sign in elsewhere."""
        return RedirectResponse(visitor.SIGN_IN, status_code=303, headers=headers())

    async def from_provider(self, request: Request) -> Response:
        return await self.to_provider(request)

    async def password(self, request: Request) -> Response:
        """Only where passwords are kept here."""
        speak(request)
        return HTMLResponse(page(t("password"), note(t("password.elsewhere"))), 404, headers())

    async def sign_out(self, request: Request) -> Response:
        """At once by the link of one's own page; whoever comes by another link is asked."""
        speak(request)
        key = session_key(request.cookies.get(COOKIE, ""))
        given = await _form_of(request) if request.method == "POST" else request.query_params
        principal = self.accounts.principal(key)
        if principal is not None and not hmac.compare_digest(
            given.get(WORD, "").encode(), visitor.sign_out_word(key).encode()
        ):
            return HTMLResponse(page(t("sign_out"), _sign_out_form(key)), headers=headers(self.leads_to()))
        if principal is not None:
            await run_in_threadpool(self.accounts.end_session, key)
            await run_in_threadpool(audit.record, self.settings, Event.SIGN_OUT, principal.id, address(request))
        response = await self.after_sign_out(request)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response

    def leads_to(self) -> str:
        """The site that signing out may lead to; '' = none but ours."""
        return ""

    async def after_sign_out(self, request: Request) -> Response:
        return RedirectResponse(visitor.SIGN_IN, status_code=303, headers=headers())

    async def let_in(self, request: Request, name: str, wished: str) -> Response:
        """Ends a way in by which others have proved who it is: with a session, if an account here bears that name.

        Names are told apart as the table of accounts does; what merely looks like one of them is none of them.
        """
        is_plain = name.isascii() and name == name.strip()
        account = await run_in_threadpool(self.accounts.account, name.lower()) if is_plain else None
        if account is None or account.way != self.settings.sign_in or account.is_disabled:
            told = {"account": name[:64], "way": self.settings.sign_in}
            await run_in_threadpool(audit.record, self.settings, Event.SIGN_IN_REFUSED, "", address(request), **told)
            return self.refused(t("sign_in.no_account", name=name[:64]), self.another(wished))
        return await begin(request, self.settings, self.accounts, account.name, wished)

    def refused(self, words: str, on: str) -> Response:
        """A calm page that says why not; `on` is the link to what to do next."""
        return HTMLResponse(page(t("sign_in"), note(words, "alert"), on), 403, headers())

    def again(self, wished: str) -> str:
        """The link to try once more."""
        return link(asking(visitor.SIGN_IN, wished), t("sign_in.retry"), "button")

    def another(self, wished: str) -> str:
        """The link for who has proved a name that is not known here."""
        return self.again(wished)


class _Password(Counter):
    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        super().__init__(settings, accounts)
        self._busy = 0

    async def sign_in(self, request: Request) -> Response:
        speak(request)
        wished = request.query_params.get(WISHED, "/")
        if request.method != "POST":
            return self._form(request, "sign_in", {WISHED: wished})
        given = await _form_of(request)
        wished = given.get(WISHED, "/")
        again = {WISHED: wished, "ten": given.get("ten", "")[:64]}
        if not _is_own_form(request, given):
            return self._form(request, "sign_in", again, t("sign_in.again"), 403)
        if self._busy >= AT_ONCE:
            return self._form(request, "sign_in", again, t("sign_in.busy"), 503)
        self._busy += 1
        try:
            account = await run_in_threadpool(
                self.accounts.prove, given.get("ten", ""), given.get("mat-khau", ""), address(request)
            )
        except SignInRefused as refused:
            return await self._refused(request, refused, again, "sign_in")
        finally:
            self._busy -= 1
        return await begin(request, self.settings, self.accounts, account.name, wished)

    async def password(self, request: Request) -> Response:
        """Another password for who is signed in and knows the present one."""
        speak(request)
        principal = visitor.of_request(request)
        if not principal.id.startswith("user:") or self.settings.sign_in != "accounts":
            return HTMLResponse(page(t("password"), note(t("password.elsewhere"))), 404, headers())
        if request.method != "POST":
            return self._form(request, "password", {})
        given = await _form_of(request)
        if not _is_own_form(request, given):
            return self._form(request, "password", {}, t("sign_in.again"), 403)
        if given.get("moi", "") != given.get("moi-lai", ""):
            return self._form(request, "password", {}, t("password.differ"), 422)
        key, where = session_key(request.cookies.get(COOKIE, "")), address(request)
        try:
            await run_in_threadpool(
                self.accounts.change_password,
                principal.name,
                given.get("mat-khau", ""),
                given.get("moi", ""),
                where,
                key,
            )
        except SignInRefused as refused:
            return await self._refused(request, refused, {}, "password")
        except HouseError:
            words = t("password.weak", shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
            return self._form(request, "password", {}, words, 422)
        await run_in_threadpool(audit.record, self.settings, Event.PASSWORD, principal.id, where)
        return HTMLResponse(page(t("password"), note(t("password.done")), link("/", t("sign_in.on"))), 200, headers())

    async def _refused(self, request: Request, refused: SignInRefused, again: dict[str, str], form: str) -> Response:
        """One answer for a wrong name and a wrong password; how long to wait if too many were wrong."""
        name = again.get("ten", "").strip().lower() if refused.is_known else ""  # never what may be a password
        who = request.scope[visitor.PRINCIPAL]
        about = {"account": name or (who.name if who is not None else "?")}
        if refused.wait_seconds:
            about["locked"] = "yes"
        await run_in_threadpool(
            audit.record, self.settings, Event.SIGN_IN_REFUSED, who.id if who else "", address(request), **about
        )
        if not refused.wait_seconds:
            return self._form(request, form, again, t("sign_in.wrong"), 401)
        minutes = math.ceil(refused.wait_seconds / 60)
        response = self._form(request, form, again, t("sign_in.locked", minutes=minutes), 429)
        response.headers["retry-after"] = str(math.ceil(refused.wait_seconds))
        return response

    def _form(self, request: Request, form: str, given: dict[str, str], fault: str = "", status: int = 200) -> Response:
        word = request.cookies.get(WORD_COOKIE, "")
        word = word if len(word) == 43 else secrets.token_urlsafe(32)
        fields = _sign_in_fields if form == "sign_in" else _password_fields
        body = note(fault, "alert") + _form(word, fields(given), t(form), {WISHED: given.get(WISHED, "")})
        language = "" if form != "sign_in" else languages(given.get(WISHED, "/"))
        response = HTMLResponse(page(t(form), body, language), status, headers())
        is_secure = policies.is_secure(request.scope, self.settings)
        response.set_cookie(WORD_COOKIE, word, httponly=True, samesite="strict", secure=is_secure, path="/")
        return response


# ---------------------------------------------------------------- what came in


async def _form_of(request: Request) -> Mapping[str, str]:
    """The fields of a small form, each once; empty if it is none, too large or too slow."""
    held = b""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for part in request.stream():
                held += part
                if len(held) > LARGEST_FORM:
                    return {}
    except TimeoutError:
        return {}
    fields = parse_qs(held.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _is_own_form(request: Request, given: Mapping[str, str]) -> bool:
    word = request.cookies.get(WORD_COOKIE, "")
    return bool(word) and hmac.compare_digest(word.encode(), given.get(WORD, "").encode())


def speak(request: Request, wished: str = "") -> None:
    """Answer in the language asked for, else in that of the page that was wished for."""
    of_page = parse_qs(urlsplit(wished or request.query_params.get(WISHED, "")).query).get("lang", ["vi"])[0]
    text.use(request.query_params.get("lang", of_page))


def address(request: Request) -> str:
    return request.client.host if request.client else ""


# ---------------------------------------------------------------- the pages


def headers(leads_to: str = "") -> dict[str, str]:
    """What such a page tells the browser; `leads_to` is a site that its form may end at."""
    return {
        "content-security-policy": f"{_POLICY} {leads_to}".strip(),
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }


def _sign_in_fields(given: Mapping[str, str]) -> str:
    name = escape(given.get("ten", ""))
    return (
        f'<label>{t("sign_in.name")}<input name="ten" value="{name}" autocomplete="username" maxlength="64" '
        f'autocapitalize="none" spellcheck="false" required{"" if name else " autofocus"}></label>'
        + _secret("mat-khau", t("sign_in.password"), "current-password", is_first=bool(name))
    )


def _password_fields(_: Mapping[str, str]) -> str:
    hint = f'<p class="hint">{t("password.rule", shortest=SHORTEST_PASSWORD)}</p>'
    return (
        _secret("mat-khau", t("password.present"), "current-password", is_first=True)
        + _secret("moi", t("password.new"), "new-password")
        + hint
        + _secret("moi-lai", t("password.new_again"), "new-password")
    )


def _secret(name: str, label: str, kind: str, *, is_first: bool = False) -> str:
    focus = " autofocus" if is_first else ""
    return (
        f'<label>{label}<input name="{name}" type="password" autocomplete="{kind}" '
        f'maxlength="{LONGEST_PASSWORD}" required{focus}></label>'
    )


def _form(word: str, fields: str, button: str, hidden: Mapping[str, str]) -> str:
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in {WORD: word, **hidden}.items()
    )
    return f'<form method="post">{kept}{fields}<button>{button}</button></form>'


def _sign_out_form(key: str) -> str:
    return _form(visitor.sign_out_word(key), f"<p>{t('sign_out.sure')}</p>", t("sign_out"), {}) + link(
        "/", t("sign_in.on")
    )


def note(words: str, role: str = "status") -> str:
    return f'<p class="note" role="{role}">{escape(words)}</p>' if words else ""


def link(path: str, words: str, look: str = "") -> str:
    return f'<p><a href="{escape(path)}" class="{look}">{words}</a></p>'


def asking(path: str, wished: str, **more: str) -> str:
    """An address on the way in that keeps where to go afterwards, and the language."""
    kept = {WISHED: own_path(wished)} if own_path(wished) != "/" else {}
    spoken = {"lang": text.language()} if text.language() != "vi" else {}
    query = urlencode({**kept, **spoken, **more})
    return f"{path}?{query}" if query else path


def languages(wished: str) -> str:
    other = "en" if text.language() == "vi" else "vi"
    where = escape(f"?{urlencode({'lang': other, WISHED: own_path(wished)})}")
    return f'<p class="language"><a href="{where}" lang="{other}">{t(f"language.{other}")}</a></p>'


def page(title: str, *parts: str) -> str:
    return (
        f'<!doctype html><html lang="{text.language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{title} · {t('app')}</title><style>{_LOOK}</style></head><body><main>"
        f'<p class="app">{t("app")}</p><p class="about">{t("app.subtitle")}</p><h1>{title}</h1>{"".join(parts)}'
        "</main></body></html>"
    )


_LOOK: Final = f"""
*{{box-sizing:border-box}}
body{{margin:0;min-height:100vh;display:grid;place-items:center;background:#F3F5F8;color:#1B2733;
font:16px/1.5 "Source Sans 3","Source Sans Pro",system-ui,"Segoe UI",Roboto,sans-serif}}
main{{width:min(24rem,calc(100vw - 2rem));background:{theme.PAPER};border:1px solid #CDD3DA;border-radius:8px;
padding:2rem;margin:1rem}}
.app{{margin:0;font-size:1.35rem;font-weight:600;color:#12436D}}.about{{margin:0 0 1.25rem;color:{theme.MUTED}}}
h1{{font-size:1.1rem;margin:0 0 1rem}}label{{display:block;margin:0 0 1rem;font-weight:600}}
input{{display:block;width:100%;margin-top:.25rem;padding:.55rem .7rem;font:inherit;font-weight:400;color:inherit;
border:1px solid #6B7785;border-radius:6px;background:#fff}}
button,.button{{display:block;text-align:center;text-decoration:none;width:100%;padding:.65rem;font:inherit;font-weight:600;border:0;border-radius:6px;background:#12436D;color:#fff;
cursor:pointer}}
a.button{{color:#fff}}
input:focus-visible,button:focus-visible,a:focus-visible{{outline:3px solid #F2A900;outline-offset:2px}}
.note{{border-left:4px solid #B3261E;background:#FBEDEC;padding:.5rem .75rem;margin:0 0 1rem}}
.note[role=status]{{border-color:#12436D;background:#E8EEF4}}
.hint{{margin:-.75rem 0 1rem;color:{theme.MUTED};font-size:.9rem}}
.language{{margin:1.25rem 0 0;text-align:right}}a{{color:#12436D}}
"""
