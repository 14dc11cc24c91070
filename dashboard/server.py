"""The ASGI application around Streamlit: our own routes, compressed assets, and how Streamlit behaves."""

from __future__ import annotations

import contextlib
import gzip
import logging
import os
import re
import secrets
import signal
from collections.abc import Awaitable, Callable
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import streamlit
import uvicorn.config
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import logger as streamlit_logs
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App
from streamlit.web import bootstrap

from dashboard import api, health, intake, proxied, shell, sign_in, visitor
from dashboard.gate import Gate
from dashboard.intake import Record
from dashboard.text import WORDS
from dashboard.visitor import accounts_of
from dashboard.wall import routes as wall
from dashboard.warm_up import keep_memory_together, warm_up
from etl import audit, logs, metrics
from etl.access import Action, may
from etl.accounts import Accounts
from etl.archive import Archive
from etl.errors import HouseError
from etl.receipt import as_html
from etl.settings import Settings

SCRIPT: Final = Path(__file__).with_name("app.py")
ASSETS: Final = Path(streamlit.__file__).with_name("static")
COMPRESSIBLE: Final = frozenset({".js", ".css", ".svg", ".json", ".wasm"})
SMALLEST: Final = 1024  # bytes; below that a header costs more than is saved

PRIVATE: Final = {"x-content-type-options": "nosniff", "cache-control": "private, no-store"}
PAPER: Final = {
    **PRIVATE,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "referrer-policy": "no-referrer",
}

Handler = Callable[[Request], Awaitable[Response]]


def options(settings: Settings, port: int) -> dict[str, Any]:
    """Streamlit's options: a quiet server that shows no traceback, watches no files and calls nobody."""
    return {
        "server.address": settings.address,
        "server.port": port,
        "server.headless": True,
        "server.allowedHosts": settings.host_names,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.trustedUserHeaders": {},
        "server.showEmailPrompt": False,
        "server.maxUploadSize": settings.max_file_mb,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableAgentApi": False,
        "server.enableStaticServing": False,
        "server.enableWebsocketCompression": True,  # a page of 300 kB travels as 40
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "client.allowedOrigins": [],  # pages of others that may steer ours from around it; by default a cloud's
        "client.disableDataExport": True,
        "browser.gatherUsageStats": False,
        "runner.magicEnabled": False,
        "logger.level": "warning",
        "logger.hideWelcomeMessage": True,
    }


def application(settings: Settings, process: str = "web-1") -> App:
    """The application for one installation; `process` names the one of its web processes that it runs in."""
    # Else the very first visitor of a started server who follows a link to a page gets the bare script of that page:
    # Streamlit takes the folder pages/ for its older kind of pages until the frame has called st.navigation once.
    PagesManager.uses_pages_directory = False
    accounts = accounts_of(settings)
    return App(
        SCRIPT,
        routes=[
            Route("/healthz", health.alive(settings)),
            Route("/readyz", health.ready(settings, process)),
            Route("/metrics", health.figures(settings, process)),
            Route("/tong_quan", _overview),
            shell.ROUTE,
            Route("/tep-goc/{submission}", _original(settings)),
            Route("/phieu/{submission}.json", _receipt_json(settings)),
            Route("/phieu/{submission}", _receipt_page(settings)),
            Route("/ban-danh-dau/{submission}", _marked_copy(settings)),
            *_counter(settings, accounts),
            *wall.routes(settings),
            Mount(api.PATH, api.application(settings)),
        ],
        middleware=[
            Middleware(proxied.Front, settings),
            Middleware(Gate, settings, accounts),
            Middleware(health.Measured),
            Middleware(CompressedAssets),
            Middleware(wall.ByParameter),
            Middleware(shell.Shell),
        ],
    )


def _counter(settings: Settings, accounts: Accounts) -> list[Route]:
    """Where people sign in and out, the way this installation has it."""
    if settings.sign_in == "oidc":
        from dashboard import oidc  # its libraries take memory that no other way in needs

        return oidc.routes(settings, accounts, shared_secret(settings.live))
    ways = {"accounts": sign_in.routes, "proxy": proxied.routes}
    return ways[settings.sign_in](settings, accounts) if settings.sign_in in ways else []


def serve(settings: Settings, number: int = 1) -> None:
    """Serve until stopped, as the process of this number (from 1) on the port that is its own. Raises HouseError."""
    settings.check_server()
    process = f"web-{number}"
    logs.start(settings.log, process=process)
    _log_of_the_libraries()
    os.environ["FORWARDED_ALLOW_IPS"] = ""  # whom to believe is asked in dashboard.proxied alone
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = shared_secret(settings.live)
    with metrics.Handover(settings.metrics, process, metrics.WEB) as handover:

        def end(*_: object) -> None:
            handover.end()
            os._exit(0)

        # The server hands the signal on when it has closed its connections. Threads that still draw a page or wait for
        # a query would keep the process for as long as they like; whatever was promised is on the disk already.
        signal.signal(signal.SIGTERM, end)
        keep_memory_together()
        served, chosen = application(settings, process), options(settings, settings.ports[number - 1])
        bootstrap.load_config_options(chosen)
        warm_up()
        served.run(config=chosen)


def shared_secret(live: Path) -> str:
    """What cookies are signed with, the same for all web processes and after a restart; made at the first start.

    Raises HouseError if others than the server's own user may read it.
    """
    path = live / "cookie.secret"
    live.mkdir(parents=True, exist_ok=True)
    made = live / f".cookie.secret-{os.getpid()}"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(made)  # of processes that start together only one gives it its name
    finally:
        made.unlink()
    if path.stat().st_mode & 0o077:
        raise HouseError(f"{path} may be read by others than the server.", f"chmod 600 {path}")
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise HouseError(f"{path} is too short to be a secret.", "Remove it; a new one is made at the next start.")
    return secret


def _log_of_the_libraries() -> None:
    """Lets Streamlit's and uvicorn's lines take the way of ours, in one form, instead of ways of their own."""

    def ours(logger: logging.Logger) -> None:
        logger.handlers.clear()
        logger.propagate = True

    streamlit_logs.setup_formatter = ours
    streamlit_logs.update_formatter()
    uvicorn.config.LOGGING_CONFIG["loggers"] = {}


# ---------------------------------------------------------------- routes


async def _overview(request: Request) -> Response:
    """The first page lies at the root alone; a link by its name keeps its parameters."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/", status_code=307)


def _original(settings: Settings) -> Handler:
    async def original(request: Request) -> Response:
        """The file a submission came in, byte for byte, to be saved and never to be opened in the browser."""
        return _download(await run_in_threadpool(_file_of, settings, request))

    return original


def _file_of(settings: Settings, request: Request) -> tuple[str, bytes] | None:
    record = _record_of(settings, request, Action.ORIGINAL)
    try:
        return (str(record["file_name"]), Archive(settings.archive).original(str(record["file"]))) if record else None
    except HouseError:
        return None


def _receipt_page(settings: Settings) -> Handler:
    async def page(request: Request) -> Response:
        """The receipt of a submission as one page to print; it holds no script and may load nothing."""
        written = await run_in_threadpool(_page_of, settings, request)
        return HTMLResponse(written, headers=PAPER) if written is not None else _nothing_here()

    return page


def _receipt_json(settings: Settings) -> Handler:
    async def data(request: Request) -> Response:
        """The receipt of a submission as it was recorded."""
        record = await run_in_threadpool(_record_of, settings, request, Action.RECEIPT)
        return JSONResponse(record, headers=PRIVATE) if record is not None else _nothing_here()

    return data


def _marked_copy(settings: Settings) -> Handler:
    async def marked(request: Request) -> Response:
        """The sender's own workbook with the findings marked in it."""
        return _download(await run_in_threadpool(_marked_of, settings, request))

    return marked


def _record_of(settings: Settings, request: Request, action: Action) -> Record | None:
    """The submission that an address names; None if there is none, or it is not for who asks."""
    principal, submission = visitor.of_request(request), str(request.path_params["submission"])
    if (found := Archive(settings.archive).receipt(submission)) is None:
        return None
    if (desk := intake.open_intake(settings)) is not None:
        record = desk.record(submission, principal, action)
    else:  # no reference data: nobody knows who belongs to whom
        record = found if may(principal, action, owner="") else None
    if record is None:
        address = request.client.host if request.client else ""
        audit.record(settings, audit.Event.DENIED, principal.id, address, where=request.url.path)
    return record


def _download(found: tuple[str, bytes] | None) -> Response:
    if found is None:
        return _nothing_here()
    headers = {"content-disposition": attachment(found[0]), **PRIVATE}
    return Response(found[1], media_type="application/octet-stream", headers=headers)


def _nothing_here() -> Response:
    """In the same words for what there is not and for what is not for who asks."""
    return PlainTextResponse("".join(f"{words}\n" for words in WORDS["not_for_you"]), status_code=404, headers=PRIVATE)


def _page_of(settings: Settings, request: Request) -> str | None:
    desk, record = intake.open_intake(settings), _record_of(settings, request, Action.RECEIPT)
    if desk is None or record is None:
        return None
    submission = str(record["submission"])
    observations, tasks = desk.rows_read(record)
    links = [("Tải tệp gốc", f"/tep-goc/{submission}"), ("JSON", f"/phieu/{submission}.json")]
    if record["outcome"] == "rejected":
        links.insert(0, ("Tải bản đánh dấu ô cần sửa", f"/ban-danh-dau/{submission}"))
    read = {**record, "observations": observations, "tasks": tasks}
    address = f"{request.base_url}phieu/{submission}"
    return as_html(read, desk.reference, withdrawal=desk.withdrawal(submission), links=links, address=address)


def _marked_of(settings: Settings, request: Request) -> tuple[str, bytes] | None:
    desk, record = intake.open_intake(settings), _record_of(settings, request, Action.MARKED_COPY)
    return desk.marked_copy(record) if desk is not None and record is not None and record["findings"] else None


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
