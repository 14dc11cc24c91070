"""The server's own routes and compression, asked as an ASGI server would ask them."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Message, Scope

from dashboard import server, visitor
from etl.access import LOCAL, Principal
from etl.archive import Archive
from etl.cli import running
from etl.settings import Settings
from tests import made


def ask(
    settings: Settings, path: str, method: str = "GET", *, principal: Principal = LOCAL, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request of somebody whom the gate has let in to the routes and middleware, Streamlit left out."""
    whole = server.application(settings)
    app = Starlette(routes=whole._user_routes, middleware=[Middleware(server.CompressedAssets)])
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        visitor.PRINCIPAL: principal,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(live=tmp_path)


@pytest.fixture
def submission(settings: Settings) -> tuple[str, bytes]:
    data = b"PK\x03\x04 the very bytes"
    archive = Archive(settings.archive)
    file = archive.keep_file(data)
    receipt = made.receipt(made.Submission("bm01_indicators", "38.KHCN", "2026-03", None), file=file)
    archive.record(receipt)
    return receipt.submission, data


def test_health_is_empty_until_a_warehouse_is_published(settings: Settings) -> None:
    status, _, body = ask(settings, "/healthz")
    assert (status, json.loads(body)) == (200, {"status": "empty", "warehouse": None})
    settings.warehouse.mkdir()
    (settings.warehouse / "v00000001.duckdb").write_bytes(b"")
    (settings.warehouse / "v00000001.json").write_text('{"bytes": 0}')
    (settings.warehouse / "CURRENT").write_text("v00000001.duckdb")
    assert json.loads(ask(settings, "/healthz")[2]) == {"status": "ok", "warehouse": "v00000001.duckdb"}


def test_an_original_comes_byte_for_byte_and_is_never_opened(settings: Settings, submission: tuple[str, bytes]) -> None:
    status, headers, body = ask(settings, f"/tep-goc/{submission[0]}")
    assert (status, body) == (200, submission[1])
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment;")
    assert unquote(headers["content-disposition"]).endswith("Biểu 01 Quý I.xlsx")


@pytest.mark.parametrize(
    "name", ["nothing", "..%2f..%2fVERSION", "20260414T030000.123456Z-000000000000-001", "a" * 5000]
)
def test_what_is_no_submission_is_not_found(settings: Settings, submission: tuple[str, bytes], name: str) -> None:
    assert ask(settings, f"/tep-goc/{name}")[0] == 404


def test_a_damaged_original_is_not_handed_out(settings: Settings, submission: tuple[str, bytes]) -> None:
    path = settings.archive / "files" / (file := hashlib.sha256(submission[1]).hexdigest())[:2] / file
    path.chmod(0o644)
    path.write_bytes(b"something else")
    assert ask(settings, f"/tep-goc/{submission[0]}")[0] == 404


@pytest.mark.parametrize("name", ['a".xlsx', "a\r\nX-Evil: 1.xlsx", "Biểu 01.xlsx", "", "../../x.xlsx"])
def test_a_file_name_cannot_break_out_of_its_header(name: str) -> None:
    header = server.attachment(name)
    assert header.isascii()
    assert not {"\r", "\n", "/"} & set(header)
    assert header.count('"') == 2
    assert unquote(header.partition("UTF-8''")[2]) == name


def test_assets_come_compressed_to_those_who_can_read_it(settings: Settings) -> None:
    asset = max((server.ASSETS / "static" / "js").glob("*.js"), key=lambda path: path.stat().st_size)
    path = f"/static/js/{asset.name}"
    status, headers, body = ask(settings, path, accept_encoding="gzip, deflate")
    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "accept-encoding")
    assert headers["content-type"].startswith("text/javascript")
    assert gzip.decompress(body) == asset.read_bytes()
    assert len(body) < 0.5 * asset.stat().st_size
    assert ask(settings, path)[0] == 404  # passed on to Streamlit, which is not here


@pytest.mark.parametrize("name", ["../index.html", "js/../../index.html", "nothing.js", "", "js"])
def test_nothing_but_assets_is_compressed(name: str) -> None:
    assert server.packed_asset(name) is None


def test_streamlit_shows_no_traceback_exports_nothing_and_calls_nobody(settings: Settings) -> None:
    options = server.options(settings, 8502)
    assert options["client.showErrorDetails"] == "none"
    assert options["client.disableDataExport"] is True
    assert options["browser.gatherUsageStats"] is False
    assert options["server.enableAgentApi"] is False
    assert options["server.maxUploadSize"] == 20
    assert (options["server.address"], options["server.port"]) == ("127.0.0.1", 8502)


def test_the_first_page_is_found_by_its_name_too(settings: Settings) -> None:
    status, headers, _ = ask(settings, "/tong_quan")
    assert (status, headers["location"]) == (307, "/")


def test_a_process_that_will_not_end_is_killed_and_leaves_no_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "STOP_SECONDS", 0.5)
    settings = Settings(live=tmp_path)
    settings.metrics.mkdir()
    (settings.metrics / "web-1.prom").write_text("tiendoso_viewers 1\n")
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    child = running._Child("web-1", [sys.executable, "-c", deaf])
    child.process = subprocess.Popen(child.command, stdout=subprocess.PIPE)
    assert child.process.stdout is not None
    with child.process.stdout as said:
        said.readline()  # it is deaf from here on
        running._stop(settings, [child])
    assert child.process.returncode == -signal.SIGKILL
    assert not list(settings.metrics.iterdir())
