"""Files that come too slowly, too large or too many, at the gate before the application sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard.gate import Gate
from etl.accounts import Accounts
from etl.settings import Settings

Chunks = list[tuple[float, bytes]]  # seconds to wait, then these bytes


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., tuple[int, int]]:
    """Sends chunks of a file one after the other; (status of the answer, bytes that came through)."""
    settings = Settings(live=tmp_path, session_upload_mb=1)
    came = 0

    async def application(_scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal came
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError("the sender is gone")
            came += len(message.get("body", b""))
            if not message.get("more_body", False):
                break
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    gate = Gate(application, settings, Accounts(settings), upload_pause=0.1)

    def run(chunks: Chunks, headers: dict[bytes, bytes] | None = None) -> tuple[int, int]:
        nonlocal came
        came = 0
        waiting = list(chunks)
        sent: list[Message] = []

        async def receive() -> Message:
            seconds, data = waiting.pop(0)
            await asyncio.sleep(seconds)
            return {"type": "http.request", "body": data, "more_body": bool(waiting)}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {
            "type": "http",
            "method": "PUT",
            "path": "/_stcore/upload_file/session/file",
            "scheme": "http",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1"), *(headers or {}).items()],
            "client": ("127.0.0.1", 1),
        }
        asyncio.run(gate(scope, receive, send))
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
        return sent[0]["status"], came

    return run


def test_a_file_comes_through(upload: Callable[..., tuple[int, int]]) -> None:
    assert upload([(0, b"x" * 1000), (0.01, b"y" * 500)]) == (204, 1500)


def test_a_file_that_stops_coming_is_given_up(upload: Callable[..., tuple[int, int]]) -> None:
    assert upload([(0, b"x" * 1000), (30, b"y")]) == (408, 1000)


def test_one_session_sends_only_so_much_in_all(upload: Callable[..., tuple[int, int]]) -> None:
    assert upload([(0, b"x" * 600_000)]) == (204, 600_000)
    assert upload([(0, b"x" * 300_000), (0, b"x" * 300_000)]) == (413, 300_000)
    assert upload([(0, b"x")])[0] == 413


@pytest.mark.parametrize("length", [b"2000000", b"-1", b"many"])
def test_what_says_that_it_is_too_large_is_not_even_begun(
    upload: Callable[..., tuple[int, int]], length: bytes
) -> None:
    assert upload([(0, b"x")], {b"content-length": length}) == (413, 0)
