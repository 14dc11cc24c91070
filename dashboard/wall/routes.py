"""The addresses of wall screens: a small page that stays, its script and style, and the figures it asks for.

The page may load nothing but what comes from here, holds no script of its own, and all words reach it as text.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import parse_qs, quote

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import text, theme
from dashboard.text import t
from dashboard.wall import pictures
from etl import metrics
from etl.errors import WrongReference
from etl.reference import Screen, load_reference
from etl.reference.screens import minutes_of
from etl.settings import Settings
from sql import queries, warehouse

ADDRESS: Final = "/man-hinh"
PARAMETER: Final = "man-hinh"
FOLDER: Final = Path(__file__).parent
ASSETS: Final = {
    "wall.js": "text/javascript",
    "wall.css": "text/css",
    "worker.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
FONT: Final = "letters.woff2"
FONTS: Final = Path(streamlit.__file__).with_name("static") / "static" / "media"

CLOSED: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "font-src 'self'; img-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}

# Words that the page itself needs, whatever the figures; `{…}` is filled there.
_OWN_WORDS: Final = (
    "loading", "next", "asking", "live", "away", "empty", "gone", "old", "old_build", "minutes", "hours", "days_old",
    "resting",
)  # fmt: skip

Signature = tuple[tuple[str, int, int], ...]
Answer = tuple[str, bytes]  # tag, JSON

log = logging.getLogger(__name__)


class Wall:
    """The screens of one installation and the last answer given for each."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._signature: Signature | None = None
        self._screens: Mapping[str, Screen] = {}
        self._answers: dict[str, Answer] = {}

    def screens(self) -> Mapping[str, Screen]:
        """The playlists as they lie in the folder now; a faulty change is told in the log and not followed."""
        signature = _signature(self.settings.reference / "screens")
        with self._lock:
            if signature != self._signature:
                self._signature = signature
                try:
                    self._screens = load_reference(self.settings.reference).screens
                except WrongReference as wrong:
                    log.warning("The screens stay as they were: %s", wrong.message)
            return self._screens

    def answer(self, name: str) -> Answer | None:
        """What a screen shows, drawn up anew only when a new warehouse or playlist is there; None without a warehouse.

        Raises KeyError for a screen that there is not, OSError if the warehouse is taken away meanwhile.
        """
        screen = self.screens()[name]
        found = warehouse.published(self.settings.warehouse)
        current = found.warehouse
        if current is None:
            return None
        shown = (screen.model_dump_json(), shell(), self.settings.home_province, bool(found.fault))
        known = (warehouse.version(current), *shown)
        tag = f'"{sha256(repr(known).encode()).hexdigest()[:24]}"'
        with self._lock:
            if self._answers.get(name, ("", b""))[0] != tag:
                self._answers = {key: held for key, held in self._answers.items() if key in self._screens}
                self._answers[name] = tag, self._content(screen, current, bool(found.fault))
            return self._answers[name]

    def _content(self, screen: Screen, current: Path, is_fallback: bool) -> bytes:
        scope = queries.Scope.all(current)
        room = pictures.Room.of(screen)
        build = queries.build_state(scope).row(0, named=True)
        start, end = minutes_of(screen.hours)
        shown = pictures.pictures(self.settings, scope, screen)
        content = {
            "shell": shell(),
            "warehouse": current.name,
            "built_at": _milliseconds(build["built_at"]),
            "demo": t("wall.demo") if build["is_demo"] else "",
            "letter": round(room.letter, 3),
            "small": round(room.small, 3),
            "foot_lines": room.foot_lines,
            "refresh": screen.refresh_seconds,
            "old_after": 60 * screen.old_after_minutes,
            "old_build_after": 3600 * screen.old_build_after_hours,
            "from": start,
            "to": end,
            "fallback": t("wall.fallback", built=text.moment(build["built_at"])) if is_fallback else "",
            "pictures": shown,
        }
        return json.dumps(content, ensure_ascii=False).encode()


def routes(settings: Settings) -> list[Route]:
    """The routes of all screens of an installation."""
    wall = Wall(settings)

    async def page(request: Request) -> Response:
        name = str(request.path_params["name"])
        screens = await run_in_threadpool(wall.screens)
        if name not in screens:
            return HTMLResponse(_no_screen(name, screens), status_code=404, headers=CLOSED)
        return HTMLResponse(_page(screens[name]), headers=CLOSED)

    async def data(request: Request) -> Response:
        """200 with all pictures, 304 if the asker has them, 404 for no such screen, 503 while there are no figures."""
        try:
            answer = await run_in_threadpool(wall.answer, str(request.path_params["name"]))
        except KeyError:
            return JSONResponse({"status": "unknown"}, status_code=404, headers=CLOSED)
        except OSError:
            answer = None
        metrics.WALL_SEEN.labels(str(request.path_params["name"])).set_to_current_time()
        if answer is None:
            return JSONResponse({"status": "empty"}, status_code=503, headers=CLOSED)
        tag, body = answer
        headers = {**CLOSED, "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    return [
        Route(f"{ADDRESS}/-/{{name}}", _asset),
        Route(f"{ADDRESS}/{{name}}", page),
        Route(f"{ADDRESS}/{{name}}/du-lieu", data),
    ]


class ByParameter:
    """Leads `/?man-hinh=NAME` to the page of that screen."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/" and PARAMETER.encode() in scope["query_string"]:
            names = parse_qs(scope["query_string"].decode("latin-1")).get(PARAMETER)
            if names:
                where = f"{ADDRESS}/{quote(names[0], safe='')}"
                await RedirectResponse(where, status_code=307)(scope, receive, send)
                return
        await self.app(scope, receive, send)


# ---------------------------------------------------------------- the page and what belongs to it


async def _asset(request: Request) -> Response:
    name = str(request.path_params["name"])
    if name == FONT and (found := _font()):
        return FileResponse(found[0], media_type="font/woff2", headers=CLOSED)
    if name not in ASSETS:
        return Response(status_code=404, headers=CLOSED)
    headers = {**CLOSED, "service-worker-allowed": f"{ADDRESS}/"}
    return Response(_text_of(name), media_type=ASSETS[name], headers=headers)


@cache
def _font() -> list[Path]:
    """The letters that come with Streamlit; served from here, since a screen is let in nowhere else."""
    return sorted(FONTS.glob("SourceSansVF-Upright*"))[:1]


@cache
def _text_of(name: str) -> str:
    written = (FOLDER.parent if name == "icon.svg" else FOLDER).joinpath(name).read_text(encoding="utf-8")
    return _palette() + written if name == "wall.css" else written


def _palette() -> str:
    """The colours of the theme and the font that comes with Streamlit, as the style sheet knows them."""
    colours = "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in theme.WALL.items())
    face = "".join(
        f"@font-face{{font-family:wall;src:url({ADDRESS}/-/{FONT});font-weight:200 900;font-display:block}}\n"
        for _ in _font()
    )
    return f"{face}:root{{{colours}}}\n"


@cache
def shell() -> str:
    """Changes with any byte of the page, its script or its style: a page of another one loads itself anew."""
    parts = (*(_text_of(name) for name in ASSETS), _PAGE, *(repr(text.WORDS[f"wall.{name}"]) for name in _OWN_WORDS))
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


_PAGE: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{address}/-/icon.svg">
<link rel="stylesheet" href="{address}/-/wall.css?{shell}">
<script src="{address}/-/wall.js?{shell}" defer></script>
</head>
<body data-settings="{settings}">
<header>
<div><h1 id="title">{loading}</h1><p id="about"></p></div>
<div class="when"><time id="clock"></time><span id="date"></span></div>
</header>
<main id="stage"></main>
<aside id="banner" role="status"></aside>
<footer><span id="demo"></span><span id="facts"></span><span id="state"></span><span id="next"></span></footer>
<div id="passing"></div>
</body>
</html>
"""


def _page(screen: Screen) -> str:
    text.use(screen.language)
    settings = {
        "data": f"{ADDRESS}/{screen.screen}/du-lieu",
        "worker": f"{ADDRESS}/-/worker.js",
        "home": f"{ADDRESS}/",
        "shell": shell(),
        "refresh": screen.refresh_seconds,
        "words": {name: text.WORDS[f"wall.{name}"][text.LANGUAGES.index(screen.language)] for name in _OWN_WORDS},
    }
    return _PAGE.format(
        language=screen.language,
        title=escape(f"{t('app')} · {text.name({'name_vi': screen.name_vi, 'name_en': screen.name_en}, 'name')}"),
        address=ADDRESS,
        shell=shell(),
        settings=escape(json.dumps(settings, ensure_ascii=False)),
        loading=escape(t("wall.loading")),
    )


def _no_screen(name: str, screens: Mapping[str, Screen]) -> str:
    links = ", ".join(f'<a href="{ADDRESS}/{quote(code)}">{escape(code)}</a>' for code in screens)
    words = escape(t("wall.unknown", name=name[:60]))
    listed = t("wall.list", names=links) if screens else ""
    return f'<!doctype html><meta charset="utf-8"><title>{words}</title><p>{words}</p><p>{listed}</p>'


def _signature(folder: Path) -> Signature:
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            state = path.stat()
        except OSError:  # taken away meanwhile
            continue
        found.append((path.name, state.st_mtime_ns, state.st_size))
    return tuple(found)


def _milliseconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)
