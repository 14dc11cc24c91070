"""The HTML page that Streamlit runs in: its language and title, and Streamlit's own words said in Vietnamese.

Streamlit's page says that it is English whatever stands on it, and its own buttons and hints cannot be translated by
any option; so the page gets the language of the URL and a script that puts our words in their place (`shell.js`).
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.filters import PARAMETERS
from dashboard.text import LANGUAGES, WORDS

ADDRESS: Final = "/shell.js"
SCRIPTS: Final = Path(streamlit.__file__).parent / "static" / "static" / "js"
TITLE: Final = "<title>Streamlit</title>"  # by which Streamlit's page is known
PREFIX: Final = "streamlit."  # of the keys of Streamlit's own words


@cache
def script() -> bytes:
    """The script with the words it needs; English is what Streamlit says, to the letter."""
    words = [(english, vietnamese) for key, (vietnamese, english) in WORDS.items() if key.startswith(PREFIX)]
    own = Path(__file__).with_name("shell.js").read_text(encoding="utf-8")
    return f"(() => {{\nconst WORDS = {json.dumps(words, ensure_ascii=False)};\n{own}}})();\n".encode()


async def _script(_request: Request) -> Response:
    headers = {"cache-control": "public, immutable, max-age=31536000", "x-content-type-options": "nosniff"}
    return Response(script(), media_type="text/javascript", headers=headers)


ROUTE: Final = Route(ADDRESS, _script)


@cache
def _ahead() -> str:
    """Links to the scripts of charts and tables, which Streamlit's page would ask for only when the first one comes.

    Those of charts are loaded beside the page's own, those of tables once the browser has nothing else to do.
    """
    loaded = [
        ("modulepreload", "PlotlyChart.*.js"),
        ("prefetch", "DataFrame.*.js"),
        ("prefetch", "arrowFormatUtils.*.js"),
    ]
    return "".join(
        f'<link rel="{when}" crossorigin href="./static/js/{path.name}">'
        for when, pattern in loaded
        for path in sorted(SCRIPTS.glob(pattern))
    )


def dressed(page: str, language: str) -> str:
    """Streamlit's page in a language, with our title and script; any other page as it is."""
    if TITLE not in page:
        return page
    place = LANGUAGES.index(language)
    head, rest = page.split("<noscript>", 1)
    tail = rest.split("</noscript>", 1)[1]
    head = head.replace('<html lang="en">', f'<html lang="{language}">', 1)
    version = sha256(script()).hexdigest()[:16]
    own = f'<script src=".{ADDRESS}?v={version}"></script>'
    head = head.replace(TITLE, f"<title>{escape(WORDS['app'][place])}</title>{own}", 1)
    head = head.replace("</head>", f"{_ahead()}</head>", 1)
    return f"{head}<noscript><p>{escape(WORDS['no_script'][place])}</p></noscript>{tail}"


class Shell:
    """Puts the language, the title and the script into the page that Streamlit sends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        asked = parse_qs(scope["query_string"].decode("latin-1")).get(PARAMETERS["language"], [""])[0]
        language = asked if asked in LANGUAGES else LANGUAGES[0]
        start: Message | None = None
        parts: list[bytes] = []

        async def dress(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body", False):
                return
            headers = MutableHeaders(raw=start["headers"])
            is_packed = headers.get("content-encoding") == "gzip"
            sent = b"".join(parts)
            page = gzip.decompress(sent) if is_packed else sent
            body = dressed(page.decode(), language).encode()
            if body == page:
                body = sent
            else:
                body = gzip.compress(body) if is_packed else body
                headers["content-length"] = str(len(body))
                for name in ("etag", "last-modified", "accept-ranges"):  # of the file, and this is not the file
                    del headers[name]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, dress)


def _is_page(message: Message) -> bool:
    headers = MutableHeaders(raw=message["headers"])
    is_html = headers.get("content-type", "").startswith("text/html")
    return is_html and message["status"] == 200 and headers.get("content-encoding", "gzip") == "gzip"
