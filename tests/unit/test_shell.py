"""The page around Streamlit's own: language, title, and words that Streamlit says only in English."""

from __future__ import annotations

import asyncio
import gzip
import re
from functools import cache
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope
from streamlit.elements import exception

from dashboard import shell
from dashboard.text import WORDS

STATIC = Path(streamlit.__file__).with_name("static")
PAGE = (STATIC / "index.html").read_text(encoding="utf-8")


@cache
def said_by_streamlit() -> str:
    scripts = "".join(path.read_text(encoding="utf-8") for path in (STATIC / "static" / "js").glob("*.js"))
    return scripts + exception._GENERIC_UNCAUGHT_EXCEPTION_TEXT


def answer(body: bytes, query: str = "", **headers: str) -> tuple[dict[str, str], bytes]:
    async def page(_request: Request) -> Response:
        return HTMLResponse(body, headers=headers)

    app = Starlette(routes=[Route("/", page)], middleware=[Middleware(shell.Shell)])
    scope: Scope = {
        "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "root_path": "", "scheme": "http",
        "query_string": query.encode(), "headers": [], "client": None, "server": ("127.0.0.1", 2),
    }  # fmt: skip
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return told, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize(("query", "language"), [("", "vi"), ("lang=en&quy=2026-Q2", "en"), ("lang=%22%3E", "vi")])
@pytest.mark.parametrize("is_packed", [False, True])
def test_the_page_has_the_language_of_the_url_and_our_title(query: str, language: str, is_packed: bool) -> None:
    sent = gzip.compress(PAGE.encode()) if is_packed else PAGE.encode()
    encoding = {"content-encoding": "gzip"} if is_packed else {}
    headers, body = answer(sent, query, etag='"of the file"', **encoding)
    assert int(headers["content-length"]) == len(body)
    assert "etag" not in headers
    page = (gzip.decompress(body) if is_packed else body).decode()
    assert re.findall(r'<html lang="(\w+)">', page) == [language]
    assert re.findall("<title>(.*?)</title>", page) == ["Tiến Độ Số"]
    assert page.index("./shell.js") < page.index('<script type="module"')
    assert "You need to enable" not in page


def test_other_pages_stay_as_they_are() -> None:
    other = b'<!doctype html><html lang="en"><title>Streamlit, an introduction</title>'
    headers, body = answer(other, etag='"1"')
    assert (body, headers["etag"]) == (other, '"1"')


def is_said(words: str, pieces: int = 4) -> bool:
    """Whether Streamlit's scripts hold these words, whole or put together from a few long pieces."""
    if words in said_by_streamlit():
        return True
    cuts = [cut for cut in range(len(words) - 1, 3, -1) if words[:cut] in said_by_streamlit()]
    return pieces > 1 and bool(cuts) and is_said(words[cuts[0] :], pieces - 1)


def test_every_english_word_is_one_that_streamlit_says() -> None:
    own = {key: english for key, (_, english) in WORDS.items() if key.startswith(shell.PREFIX)}
    unknown = [key for key, english in own.items() if not all(map(is_said, re.split(r"\{\w+\}", english)))]
    assert len(own) > 50
    assert not unknown


def test_the_scripts_of_charts_and_tables_are_loaded_ahead() -> None:
    static = Path(streamlit.__file__).with_name("static")
    page = shell.dressed((static / "index.html").read_text(encoding="utf-8"), "vi")
    ahead = re.findall(r'<link rel="(modulepreload|prefetch)" crossorigin href="\./(static/js/(\w+)\.[^"]+)">', page)
    kinds = {name: kind for kind, _, name in ahead if name in ("PlotlyChart", "DataFrame", "arrowFormatUtils")}
    assert kinds == {"PlotlyChart": "modulepreload", "DataFrame": "prefetch", "arrowFormatUtils": "prefetch"}
    assert all((static / path).is_file() for _, path, _ in ahead)
