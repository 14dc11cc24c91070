"""The gate in front of everything: who is not let in reaches no script, no file and no websocket.

Each request is held against the list of doors, each message of a websocket against the session it came with, so that
what is withdrawn is withdrawn with the next message. What Streamlit keeps in the server's memory for a viewer — files
offered for download, files uploaded, the state of a page — is reached only by the session that it was made for.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard import policies
from dashboard.doors import MEDIA, SCREEN, SOCKET, UPLOAD, Door, Need, door_of, is_known
from dashboard.text import WORDS
from dashboard.visitor import HEADER, OURS, PRINCIPAL, PUBLIC_KEY, REMOTE_USER, SIGN_IN, principal_of
from etl import audit
from etl.access import LOCAL, Action, Principal, Role, may, pages_for
from etl.accounts import Accounts, Token, session_key
from etl.audit import Event
from etl.settings import Settings

COOKIE: Final = "tiendoso_phien"
SCREEN_COOKIE: Final = "tiendoso_man_hinh"
SCREEN_PATH: Final = "/man-hinh"
SCREEN_TOKEN: Final = "khoa"

OVER: Final = 4401  # the websocket's code when a session is over or is another's now
POLICY: Final = 1008
TALKATIVE: Final = 1 << 20  # bytes of a message that is no file
UPLOAD_PAUSE: Final = 20.0  # seconds without a byte
UPLOAD_SECONDS: Final = 300.0
SAME_DENIAL_EVERY: Final = 60.0  # seconds; the same door refused again meanwhile is counted, not written down

# What a browser may ask of Streamlit, and the right that takes; all else is dropped.
_MESSAGES: Final[Mapping[str, Action | None]] = {
    "rerun_script": None,
    "stop_script": None,
    "app_heartbeat": None,
    "backend_operation_request": None,
    "file_urls_request": Action.UPLOAD,
    "clear_cache": Action.OPERATIONS,
    "set_run_on_save": Action.OPERATIONS,
    "load_git_info": Action.OPERATIONS,
}
# What a page asks for by itself, like the figures of a wall screen: no sign that somebody sits before it.
_AUTOMATIC: Final = frozenset({"/_stcore/health", "/_stcore/host-config"})
_OPERATIONS: Final = frozenset({"deferred_file", "dataframe_chunk"})
_MEDIA_NAME: Final = re.compile(rb"/media/([0-9a-f]+(?:\.[0-9A-Za-z]+)?)")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Belongings:
    """What the server holds for one session: pages opened, files offered, bytes uploaded."""

    streams: OrderedDict[str, Principal] = field(default_factory=OrderedDict)  # Streamlit's sessions
    media: OrderedDict[str, None] = field(default_factory=OrderedDict)
    uploaded: int = 0


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request or websocket: who comes, with which session, from where, to which door."""

    principal: Principal | None
    key: str  # of the session; '' without
    address: str
    door: Door | None = None
    parts: Mapping[str, str] = field(default_factory=dict)


class Gate:
    """ASGI middleware, the outermost one."""

    def __init__(
        self, app: ASGIApp, settings: Settings, accounts: Accounts, upload_pause: float = UPLOAD_PAUSE
    ) -> None:
        self.app = app
        self.settings = settings
        self.accounts = accounts
        self.upload_pause = upload_pause
        self._belongings: OrderedDict[str, _Belongings] = OrderedDict()
        self._denials: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = {**scope, "headers": [given for given in scope["headers"] if not given[0].lower().startswith(OURS)]}
        is_secure = policies.is_secure(scope, self.settings)
        if scope["type"] == "http":
            send = policies.with_headers(send, scope["path"], self.settings, is_secure)
        if not policies.is_host_known(scope, self.settings):
            await _refuse(scope, receive, send, 400, "gate.host")
            return
        method = SOCKET if scope["type"] == "websocket" else scope["method"]
        found = door_of(method, scope["path"])
        if found is not None and found[0].path == SCREEN and await self._start_screen(scope, receive, send, is_secure):
            return
        visit = await self._visit(scope, found)
        scope[PRINCIPAL] = visit.principal
        scope["headers"].append((HEADER.encode(), visit.key.encode()))
        if not await self._admit(visit, scope, receive, send):
            return
        if scope["type"] == "websocket":
            await self._stream(visit, scope, receive, send)
        elif visit.door is not None and visit.door.path == UPLOAD and method == "PUT":
            await self._upload(visit, scope, receive, send)
        else:
            await self.app(scope, receive, self._noting_downloads(visit, scope, send))

    # ---------------------------------------------------------------- who comes

    async def _visit(self, scope: Scope, found: tuple[Door, dict[str, str]] | None) -> _Visit:
        address = scope["client"][0] if scope.get("client") else ""
        door, parts = found if found is not None else (None, {})
        visit = _Visit(None, "", address, door, parts)
        if self.settings.sign_in == "off":
            return replace(visit, principal=LOCAL, key="local")
        connection = HTTPConnection(scope)
        secret = _bearer(connection)
        if secret and (door is None or door.need is Action.API):
            token = await run_in_threadpool(self.accounts.token, secret)
            if token is None or token.role is Role.WALL:
                return visit
            return replace(visit, principal=token.principal(), key=f"token:{token.id}")
        cookies = _cookies(scope)
        names = [COOKIE] if door is None or door.need is not Action.SCREEN else [SCREEN_COOKIE, COOKIE]
        for name in names:
            key = session_key(cookies[name]) if cookies.get(name) else ""
            is_active = door is not None and door.need is not Action.SCREEN and door.path not in _AUTOMATIC
            principal = await run_in_threadpool(self._principal, key, is_active) if key else None
            if principal is None or not await self._is_named(scope, principal, key):
                continue
            if (name == SCREEN_COOKIE) == (principal.role is Role.WALL):
                return replace(visit, principal=principal, key=key)
        public = self._principal(PUBLIC_KEY)
        return replace(visit, principal=public, key=PUBLIC_KEY) if public is not None else visit

    def _principal(self, key: str, is_active: bool = True) -> Principal | None:
        return principal_of(self.settings, self.accounts, key, is_active=is_active)

    async def _is_named(self, scope: Scope, principal: Principal, key: str) -> bool:
        """Behind a proxy that tells who comes, a session goes with the name it was opened for; another ends it."""
        if self.settings.sign_in != "proxy" or principal.role is Role.WALL:
            return True
        told = scope.get(REMOTE_USER, "")
        if told and told != principal.name:
            await run_in_threadpool(self.accounts.end_session, key)
        return bool(told) and told == principal.name

    async def _start_screen(self, scope: Scope, receive: Receive, send: Send, is_secure: bool) -> bool:
        """A wall's browser comes with its token in the address: it gets a cookie, and the address without it."""
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        secret = dict(asked).get(SCREEN_TOKEN)
        if secret is None or scope["type"] != "http":
            return False
        rest = urlencode([(name, value) for name, value in asked if name != SCREEN_TOKEN])
        response = RedirectResponse(quote(scope["path"]) + (f"?{rest}" if rest else ""), status_code=303)
        address = scope["client"][0] if scope.get("client") else ""
        token = await run_in_threadpool(self.accounts.token, secret) if self.settings.sign_in != "off" else None
        if token is not None and may(token.principal(), Action.SCREEN, owner=scope["path"].rpartition("/")[2]):
            cookie = await run_in_threadpool(self._open_screen, token, address)
            # Inside a page of another site a browser sends none but such cookies.
            way = "None; Partitioned" if self.settings.frame_ancestors and is_secure else "Lax"
            age = int(token.expires_at - time.time())
            secure = "; Secure" if is_secure else ""
            told = f"{SCREEN_COOKIE}={cookie}; Path={SCREEN_PATH}; Max-Age={age}; HttpOnly; SameSite={way}{secure}"
            response.headers["set-cookie"] = told
        elif self.settings.sign_in != "off":
            await self._note_denial(_Visit(None, "", address), SCREEN)
        await response(scope, receive, send)
        return True

    def _open_screen(self, token: Token, address: str) -> str:
        cookie = self.accounts.open_screen(token, address)
        audit.record(self.settings, Event.SIGN_IN, token.principal().id, address, screen=token.screen)
        return cookie

    # ---------------------------------------------------------------- who is let in

    async def _admit(self, visit: _Visit, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether the door opens; where it does not, the answer is given here."""
        door, principal = visit.door, visit.principal
        if door is not None and door.opens_to(principal, visit.parts, is_here=policies.is_from_here(scope)):
            is_socket = scope["type"] == "websocket"
            is_change = not is_socket and scope["method"] not in ("GET", "HEAD", "OPTIONS")
            if (is_socket or is_change) and not policies.is_own_origin(scope, self.settings, is_required=is_socket):
                await self._note_denial(visit, "origin")
                await _refuse(scope, receive, send, 403, "gate.origin")
                return False
            if self._is_own(visit):
                return True
        if principal is None or principal.role is Role.PUBLIC:
            is_page = door is not None and door.need in (Need.PAGES, Action.VIEW)
            if not (is_page and _is_looking(scope)):  # who comes to look is on the way to sign in
                await self._note_denial(visit, door.path if door is not None else "")
            await _ask_to_sign_in(scope, receive, send)
        elif door is None and is_known(scope["path"]):
            await _refuse(scope, receive, send, 405, "gate.method")
        elif door is None or door.need is Need.NEVER or (door.need is Action.VIEW and not _is_page(visit)):
            await _refuse(scope, receive, send, 404, "gate.nothing")
        else:
            await self._note_denial(visit, scope["path"])
            await _refuse(scope, receive, send, 403, "gate.denied")
        return False

    def _is_own(self, visit: _Visit) -> bool:
        """Whether what Streamlit holds at this address was made for this session."""
        door = visit.door
        if door is None or door.path not in (MEDIA, UPLOAD) or self.settings.sign_in == "off":
            return True
        held = self._belongings.get(visit.key)
        if held is None:
            return False
        if door.path == UPLOAD:
            return visit.parts["session_id"] in held.streams
        return visit.parts["file_id"] in held.media

    async def _note_denial(self, visit: _Visit, where: str) -> None:
        """Into the audit log; the same again within a minute is only counted."""
        who = visit.principal.id if visit.principal is not None else ""
        about = (who or visit.address, where)
        now = time.monotonic()
        since, count = self._denials.get(about, (-SAME_DENIAL_EVERY, 0))
        if now - since < SAME_DENIAL_EVERY:
            self._denials[about] = since, count + 1
            return
        self._denials[about] = now, 0
        self._denials.move_to_end(about)
        while len(self._denials) > 10_000:
            self._denials.popitem(last=False)
        told: dict[str, str | int] = {"where": where} | ({"again": count} if count else {})
        await run_in_threadpool(audit.record, self.settings, Event.DENIED, who, visit.address, **told)

    # ---------------------------------------------------------------- files out and in

    def _noting_downloads(self, visit: _Visit, scope: Scope, send: Send) -> Send:
        """Writes a download into the audit log before its first byte leaves."""
        door = visit.door
        if door is None or not door.is_download or scope["method"] != "GET":
            return send

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206):
                headers = {name.lower(): value.decode("latin-1") for name, value in message["headers"]}
                disposition = headers.get(b"content-disposition", "")
                if disposition or door.need is Action.API:
                    about = {"path": scope["path"], "file": _file_name(disposition)}
                    if query := scope["query_string"].decode("latin-1"):
                        about["query"] = query
                    who = visit.principal.id if visit.principal is not None else ""
                    await run_in_threadpool(audit.record, self.settings, Event.DOWNLOAD, who, visit.address, **about)
            await send(message)

        return noting

    async def _upload(self, visit: _Visit, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a file in as long as it is not too large, not too slow, and not too much for its session."""
        held = self._held(visit.key)
        room = self.settings.session_upload_mb * 2**20 - held.uploaded
        until = time.monotonic() + UPLOAD_SECONDS
        is_answered = False

        async def answer(status: int, words: str) -> Message:
            nonlocal is_answered
            if not is_answered:
                is_answered = True
                await _refuse(scope, receive, send, status, words)
            return {"type": "http.disconnect"}

        async def limited() -> Message:
            nonlocal room
            if is_answered:
                return {"type": "http.disconnect"}
            try:
                async with asyncio.timeout(min(self.upload_pause, until - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                return await answer(408, "gate.slow")
            arrived = len(message.get("body", b""))
            held.uploaded += arrived
            room -= arrived
            return message if room >= 0 else await answer(413, "gate.too_much")

        async def unless_answered(message: Message) -> None:
            if not is_answered:
                await send(message)

        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > room:
            await answer(413, "gate.too_much")
            return
        try:
            await self.app(scope, limited, unless_answered)
        except Exception:
            if not is_answered:
                raise

    def _held(self, key: str) -> _Belongings:
        held = self._belongings.setdefault(key, _Belongings())
        self._belongings.move_to_end(key)
        while len(self._belongings) > 5_000:
            self._belongings.popitem(last=False)
        return held

    # ---------------------------------------------------------------- the websocket

    async def _stream(self, visit: _Visit, scope: Scope, receive: Receive, send: Send) -> None:
        held = self._held(visit.key)
        assert visit.principal is not None
        if self.settings.sign_in != "off":
            _keep_own_stream(scope, held, visit.principal)
        is_known = is_over = False  # known: Streamlit has told which session of its own this is

        async def heard() -> Message:
            nonlocal is_over
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                if not await self._is_still(visit, message):
                    is_over = True
                    await send({"type": "websocket.send", "bytes": _to_sign_in()})
                    await send({"type": "websocket.close", "code": OVER, "reason": "session over"})
                    return {"type": "websocket.disconnect", "code": OVER}
                if is_allowed(message, visit.principal):
                    return message

        async def told(message: Message) -> None:
            nonlocal is_known
            data = message.get("bytes")
            if data:
                if not is_known:
                    is_known = _note_stream(data, held, visit.principal)
                if b"/media/" in data:
                    _note_media(data, held)
            if not is_over:
                await send(message)

        await self.app(scope, heard, told)

    async def _is_still(self, visit: _Visit, message: Message) -> bool:
        """Whether the session is in force and its owner has the rights that this page was opened with."""
        if self.settings.sign_in == "off":
            return True
        data = message.get("bytes") or b""
        is_active = data != b"" and not _is_automatic(data)
        if is_active:
            return await run_in_threadpool(self._principal, visit.key) == visit.principal
        return principal_of(self.settings, self.accounts, visit.key) == visit.principal


# ---------------------------------------------------------------- messages


def _back_message(data: bytes) -> BackMsg | None:
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    return message


def _is_automatic(data: bytes) -> bool:
    """Whether a page renews itself: no sign that somebody sits before it."""
    message = _back_message(data) if len(data) < TALKATIVE else None
    return message is not None and message.rerun_script.is_auto_rerun


def is_allowed(message: Message, principal: Principal | None) -> bool:
    """Whether a message may reach Streamlit; one that is none it refuses itself."""
    asked = _back_message(message.get("bytes") or b"")
    if asked is None or principal is None:
        return asked is None
    kind = str(asked.WhichOneof("type"))
    if kind not in _MESSAGES:
        return False
    if kind == "backend_operation_request":
        operations = {name.name for name, _ in asked.backend_operation_request.ListFields()}
        return operations <= _OPERATIONS | {"request_id", "session_id"}
    right = _MESSAGES[kind]
    return right is None or may(principal, right)


def _to_sign_in() -> bytes:
    """The message upon which Streamlit's page leaves for the page to sign in."""
    message = ForwardMsg()
    message.auth_redirect.url = SIGN_IN
    written: bytes = message.SerializeToString()
    return written


def _note_stream(data: bytes, held: _Belongings, principal: Principal | None) -> bool:
    message = ForwardMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return False
    stream = message.new_session.initialize.session_id
    if stream and principal is not None:
        held.streams[stream] = principal
        while len(held.streams) > 200:
            held.streams.popitem(last=False)
    return bool(stream)


def _note_media(data: bytes, held: _Belongings) -> None:
    for name in _MEDIA_NAME.findall(data):
        held.media[name.decode()] = None
        held.media.move_to_end(name.decode())
    while len(held.media) > 5_000:
        held.media.popitem(last=False)


def _keep_own_stream(scope: MutableMapping[str, Any], held: _Belongings, principal: Principal) -> None:
    """Streamlit's state of a page is taken up again by the session it was made for, with the rights of then."""
    headers = MutableHeaders(scope=scope)
    parts = [part.strip() for part in headers.get("sec-websocket-protocol", "").split(",")]
    if len(parts) > 2 and held.streams.get(parts[2]) != principal:
        headers["sec-websocket-protocol"] = ", ".join(parts[:2])
        scope["subprotocols"] = parts[:2]


# ---------------------------------------------------------------- answers


async def _ask_to_sign_in(scope: Scope, receive: Receive, send: Send) -> None:
    """Those who look are led to the page to sign in and from there to where they wished; programmes are told so."""
    if _is_looking(scope):
        query = scope["query_string"].decode("latin-1")
        wished = quote(scope["path"]) + (f"?{query}" if query else "")
        where = f"{SIGN_IN}?{urlencode({'tiep': wished})}" if wished != "/" else SIGN_IN
        await RedirectResponse(where, status_code=303)(scope, receive, send)
        return
    await _refuse(scope, receive, send, 401, "gate.sign_in", {"www-authenticate": "Bearer"})


def _is_looking(scope: Scope) -> bool:
    """Whether a browser opens a page, as against what a page or a programme fetches."""
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and b"text/html" in accepted


async def _refuse(
    scope: Scope, receive: Receive, send: Send, status: int, words: str, headers: Mapping[str, str] | None = None
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY})
        return
    response: Response = PlainTextResponse(" / ".join(WORDS[words]) + "\n", status, headers)
    await response(scope, receive, send)


def _is_page(visit: _Visit) -> bool:
    return visit.parts.get("page") in pages_for(LOCAL)


def _bearer(connection: HTTPConnection) -> str:
    kind, _, secret = connection.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def _cookies(scope: Scope) -> dict[str, str]:
    written = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    try:
        return {name: held.value for name, held in SimpleCookie(written).items()}
    except CookieError:
        return {}


def _file_name(disposition: str) -> str:
    """The file's name in a Content-Disposition."""
    for part in disposition.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "filename*":
            return unquote(value.partition("''")[2])
    found = re.search(r'filename="([^"]*)"', disposition)
    return found.group(1) if found else ""
