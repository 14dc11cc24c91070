"""The ASGI application around Streamlit: health, original files, compressed assets, and how Streamlit behaves."""

from __future__ import annotations

import gzip
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from etl.archive import Archive
from etl.errors import HouseError
from etl.settings import Settings
from sql import warehouse

SCRIPT: Final = Path(__file__).with_name("app.py")
ASSETS: Final = Path(streamlit.__file__).with_name("static")
COMPRESSIBLE: Final = frozenset({".js", ".css", ".svg", ".json", ".wasm"})
SMALLEST: Final = 1024  # bytes; below that a header costs more than is saved

Handler = Callable[[Request], Awaitable[Response]]


def options(settings: Settings) -> dict[str, Any]:
    """Streamlit's options: a quiet server that shows no traceback, watches no files and calls nobody."""
    return {
        "server.address": settings.address,
        "server.port": settings.port,
        "server.headless": True,
        "server.showEmailPrompt": False,
        "server.maxUploadSize": settings.max_file_mb,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableAgentApi": False,
        "server.enableStaticServing": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "client.disableDataExport": True,
        "browser.gatherUsageStats": False,
        "runner.magicEnabled": False,
        "logger.level": "warning",
    }


def application(settings: Settings) -> App:
    """The application for one installation."""
    # Else the very first visitor of a started server who follows a link to a page gets the bare script of that page:
    # Streamlit takes the folder pages/ for its older kind of pages until the frame has called st.navigation once.
    PagesManager.uses_pages_directory = False
    return App(
        SCRIPT,
        routes=[Route("/healthz", _health(settings)), Route("/tep-goc/{submission}", _original(settings))],
        middleware=[Middleware(CompressedAssets)],
    )


def serve(settings: Settings) -> None:
    """Serve until stopped."""
    application(settings).run(config=options(settings))


# ---------------------------------------------------------------- routes


def _health(settings: Settings) -> Handler:
    async def health(_request: Request) -> Response:
        """Whether the server answers and which warehouse it reads; `empty` until the first one is published."""
        current = warehouse.current(settings.warehouse)
        state = {"status": "ok" if current else "empty", "warehouse": current.name if current else None}
        return JSONResponse(state, headers={"cache-control": "no-store"})

    return health


def _original(settings: Settings) -> Handler:
    async def original(request: Request) -> Response:
        """The file a submission came in, byte for byte, to be saved and never to be opened in the browser."""
        found = await run_in_threadpool(_file_of, settings.archive, str(request.path_params["submission"]))
        if found is None:
            return PlainTextResponse("Không có tệp gốc nào mang mã này. / There is no such file.\n", status_code=404)
        file_name, data = found
        headers = {
            "content-disposition": attachment(file_name),
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        }
        return Response(data, media_type="application/octet-stream", headers=headers)

    return original


def _file_of(root: Path, submission: str) -> tuple[str, bytes] | None:
    archive = Archive(root)
    try:
        receipt = archive.receipt(submission)
        return (str(receipt["file_name"]), archive.original(str(receipt["file"]))) if receipt else None
    except HouseError:
        return None


def attachment(file_name: str) -> str:
    """A Content-Disposition that keeps a Vietnamese file name and cannot be broken out of."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", file_name) or "tep-goc"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


# ---------------------------------------------------------------- compression


class CompressedAssets:
    """Serves Streamlit's own scripts and styles gzipped, each compressed once: 9 MB of a first visit become 3."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and scope["path"].startswith("/static/")
            and any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
        ):
            packed = await run_in_threadpool(packed_asset, scope["path"].removeprefix("/static/"))
            if packed is not None:
                await _asset_response(scope["path"], packed)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@lru_cache(maxsize=1024)
def packed_asset(name: str) -> bytes | None:
    """An asset of Streamlit's, gzipped; None if there is none of that name or it is not worth compressing."""
    root = ASSETS.resolve() / "static"
    path = (root / name).resolve()
    if path.suffix not in COMPRESSIBLE or not path.is_relative_to(root) or not path.is_file():
        return None
    data = path.read_bytes()
    return gzip.compress(data, compresslevel=9, mtime=0) if len(data) >= SMALLEST else None


def _asset_response(path: str, packed: bytes) -> Response:
    headers = {
        "content-encoding": "gzip",
        "vary": "accept-encoding",
        "cache-control": "public, immutable, max-age=31536000",  # Streamlit's names carry a hash of the content
        "x-content-type-options": "nosniff",
    }
    return Response(packed, media_type=guess_type(path)[0] or "application/octet-stream", headers=headers)
