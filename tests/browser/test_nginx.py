"""The shipped site of nginx, in a real nginx with TLS on loopback, over two web processes, in a real Chromium."""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from prometheus_client.parser import text_string_to_metric_families

from etl import metrics
from etl.settings import REPOSITORY
from tests import wall_site
from tests.browser.conftest import SUBMISSIONS
from tests.served import Running, free_ports, serve

PATIENCE = 90_000  # ms; a first page on a busy machine
STICKY = "tiendoso_process"


@dataclass(frozen=True, slots=True)
class Front:
    """nginx on a port of loopback."""

    port: int

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        trusting = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=trusting)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            told = {name.lower(): ", ".join(answer.headers.get_all(name, [])) for name in answer.headers}
            return answer.status, told, answer.read()
        finally:
            connection.close()


@contextmanager
def _nginx(folder: Path, **settings: str) -> Iterator[Front]:
    """The site that `tiendoso nginx` prints for these settings, checked by `nginx -t` and run as it is."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert program, "nginx is not installed, see tests/debian-packages.txt"
    port = free_ports(2)
    folder.mkdir()
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(made, check=True, capture_output=True)
    command = [sys.executable, "-m", "etl.cli", "nginx", "--port", str(port), "--plain-port", str(port + 1)]
    command += ["--certificate", str(folder / "certificate.pem"), "--key", str(folder / "key.pem")]
    site = subprocess.run(command, env=os.environ | settings, cwd=REPOSITORY, check=True, capture_output=True)
    (folder / "site.conf").write_bytes(site.stdout)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; daemon off; worker_processes 2; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; access_log off; {temporary} include {folder}/site.conf; }}\n"
    )
    arguments = [program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    tested = subprocess.run([*arguments, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr, tested.stderr
    process = subprocess.Popen(arguments)
    try:
        until = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < until, "nginx does not answer"
            time.sleep(0.1)
        yield Front(port)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("behind")
    wall_site.make(folder / "live", communes=4, refresh=0.5)
    with serve(folder, TIENDOSO_MAX_FILE_MB="2", TIENDOSO_HOSTS="localhost") as served:
        yield served


@pytest.fixture(scope="module")
def front(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    settings = {
        "TIENDOSO_PORT": str(running.port),
        "TIENDOSO_PROCESSES": "2",
        "TIENDOSO_MAX_FILE_MB": "2",
        "TIENDOSO_HOSTS": "localhost",
    }
    with _nginx(tmp_path_factory.mktemp("nginx") / "site", **settings) as front:
        yield front


@contextmanager
def _visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="vi-VN", ignore_https_errors=True, service_workers="block"
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def _open(context: BrowserContext, front: Front) -> Page:
    page = context.new_page()
    page.goto(f"{front.url}/?tinh=38")
    expect(page.get_by_role("heading", name="Tổng quan").first).to_be_visible(timeout=PATIENCE)
    return page


def _place(context: BrowserContext) -> str:
    """The process that a browser was led to."""
    return next((str(cookie["value"]) for cookie in context.cookies() if cookie["name"] == STICKY), "")


def _requests(running: Running, number: int) -> float:
    families = list(text_string_to_metric_families(running.get("/metrics", number)[1].decode()))
    found = metrics.values(families, "tiendoso_request_seconds_count")
    own = [value for labels, value in found if labels["process"] == f"web-{number}" and labels["kind"] == "api"]
    return sum(own)


def test_what_nginx_adds_and_refuses(front: Front) -> None:
    status, headers, body = front.ask("/", accept_encoding="gzip")
    assert (status, headers["strict-transport-security"]) == (200, "max-age=31536000")
    assert "nginx/" not in headers["server"]
    assert headers["content-encoding"] == "gzip"
    assert b"<!doctype html>" in gzip.decompress(body).lower()

    plain = http.client.HTTPConnection("localhost", front.port + 1, timeout=10)
    plain.request("GET", "/chi_tieu?tinh=38")
    led = plain.getresponse()
    assert (led.status, led.getheader("location")) == (308, f"{front.url}/chi_tieu?tinh=38")
    plain.close()

    assert front.ask("/", Host="evil.example")[0] == 421
    status, headers, body = front.ask("/_stcore/upload_file/any/any", "PUT", bytes(3 * 2**20 + 1))
    assert (status, headers["strict-transport-security"]) == (413, "max-age=31536000")
    assert "Tệp lớn hơn mức cho phép (2 MB)" in body.decode()
    assert front.ask("/metrics")[0] == 200


def test_nobody_can_claim_to_be_somebody(tmp_path: Path) -> None:
    """A server that tells what reaches it, behind the same site."""
    seen: list[tuple[str, str]] = []

    class Telling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.extend((name.lower(), value) for name, value in self.headers.items())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Telling)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    claimed = {
        "X-Remote-User": "admin",
        "Remote-User": "admin",
        "X_Remote_User": "admin",
        "X-Forwarded-User": "admin",
        "X-Tiendoso-Session": "admin",
        "X-Forwarded-For": "admin",
        "X-Forwarded-Proto": "admin",
        "Forwarded": "for=admin",
        "X-Real-IP": "admin",
    }
    settings = {"TIENDOSO_PORT": str(server.server_port), "TIENDOSO_PUBLIC_URL": "https://localhost"}
    try:
        with _nginx(tmp_path / "site", **settings) as front:
            assert front.ask("/", **claimed)[0] == 204
    finally:
        server.shutdown()
        server.server_close()
    told = dict(seen)
    assert "admin" not in told.values()
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "https")


def test_a_visitor_stays_with_the_process_that_holds_his_session(
    front: Front, running: Running, browser: Browser
) -> None:
    with _visitor(browser) as first, _visitor(browser) as second:
        _open(first, front)
        _open(second, front)
        assert {_place(first), _place(second)} == {"1", "2"}, "two visitors are not spread over two processes"
        for context in (first, second):
            # A file goes up by its own request and is found by the session only if both met the same process.
            page = context.new_page()
            page.goto(f"{front.url}/nop_bao_cao?tinh=38")
            page.set_input_files('input[type="file"]', next(SUBMISSIONS.glob("11_*.xlsx")))
            expect(page.get_by_role("heading", name="Đọc trước khi gửi")).to_be_visible(timeout=PATIENCE)
            assert _place(context) in ("1", "2")
        for number in (1, 2):
            before = _requests(running, number)
            for _ in range(6):
                assert front.ask("/api/v1/openapi.json", cookie=f"{STICKY}={number}")[0] == 200
            assert _requests(running, number) == before + 6


def test_a_dying_process_takes_no_wall_screen_and_no_viewer_with_it(
    front: Front, running: Running, browser: Browser
) -> None:
    with _visitor(browser) as context, _visitor(browser) as other:
        wall = context.new_page()
        refused: list[int] = []
        wall.on("response", lambda answer: refused.append(answer.status) if answer.status >= 500 else None)
        wall.goto(f"{front.url}/man-hinh/mot")
        expect(wall.locator("#stage .row").first).to_be_visible(timeout=PATIENCE)
        words = wall.locator("#stage").inner_text()
        page = _open(other, front)
        place = _place(other)
        died = running.pid(f"web-{place}")

        os.kill(died, signal.SIGKILL)
        until = time.monotonic() + PATIENCE / 1000
        while _place(other) == place:  # the page itself finds its way to the other process
            assert time.monotonic() < until, "the viewer did not come back"
            page.wait_for_timeout(200)
        expect(page.get_by_role("heading", name="Tổng quan").first).to_be_visible()
        page.get_by_role("link", name="Nhiệm vụ").first.click()
        expect(page.get_by_role("heading", name="Nhiệm vụ").first).to_be_visible(timeout=PATIENCE)
        wall.wait_for_timeout(2_000)
        assert refused == []
        assert wall.locator("#stage").inner_text() == words
        assert not wall.locator("#banner").inner_text()
    running.wait_for("/healthz", int(place))
    assert running.pid(f"web-{place}") != died
