"""An installation served by `tiendoso serve` with several web processes, to be asked, killed and stopped."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from etl.settings import REPOSITORY

PATIENCE = 90.0


@dataclass(slots=True)
class Running:
    """A served installation of two web processes and a watcher."""

    supervisor: subprocess.Popen[bytes]
    port: int
    live: Path
    log: Path

    def get(self, path: str, number: int = 1, method: str = "GET", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port + number - 1, timeout=20)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def wait_for(self, path: str, number: int = 1) -> bytes:
        until = time.monotonic() + PATIENCE
        last: object = None
        while time.monotonic() < until:
            try:
                status, body = self.get(path, number)
                if status == 200:
                    return body
                last = body
            except OSError as fault:
                last = fault
            time.sleep(0.2)
        raise AssertionError(f"{path} of process {number}: {last!r}; {self.log.read_text()}")

    def open(self, number: int = 1, **headers: str) -> ClientConnection:
        """A viewer's websocket, with these headers instead of its own."""
        sock = socket.create_connection(("127.0.0.1", self.port + number - 1))
        host = headers.pop("host", f"127.0.0.1:{self.port + number - 1}")
        headers.setdefault("Origin", f"http://{host}")
        return connect(f"ws://{host}/_stcore/stream", sock=sock, additional_headers=headers, open_timeout=30)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def pid(self, name: str) -> int:
        """The process of that name, by the arguments it was started with."""
        wanted = {"web-1": ["dashboard", "1"], "web-2": ["dashboard", "2"], "watcher": ["etl.cli", "watch"]}[name]
        children = Path(f"/proc/{self.supervisor.pid}/task/{self.supervisor.pid}/children").read_text().split()
        for child in children:
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")[:-1]
            if words[-2:] == wanted:
                return int(child)
        raise AssertionError(f"{name} does not run")


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody uses."""
    for first in range(20_000 + os.getpid() % 10_000, 40_000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


@contextmanager
def serve(folder: Path, **settings: str) -> Iterator[Running]:
    """Two web processes and a watcher over `folder/live`; both answer when the block begins."""
    port = free_ports(2)
    env = os.environ | {
        "TIENDOSO_LIVE": str(folder / "live"),
        "TIENDOSO_PORT": str(port),
        "TIENDOSO_PROCESSES": "2",
        "TIENDOSO_LOG": "json",
        **settings,
    }
    log = folder / "log"
    with log.open("wb") as err:
        command = [sys.executable, "-m", "etl.cli", "serve"]
        supervisor = subprocess.Popen(command, env=env, cwd=REPOSITORY, stderr=err, stdout=subprocess.DEVNULL)
    served = Running(supervisor, port, folder / "live", log)
    try:
        served.wait_for("/healthz", 1)
        served.wait_for("/healthz", 2)
        yield served
    finally:
        if supervisor.poll() is None:
            supervisor.terminate()
        supervisor.wait()
