"""A viewer without a browser: speaks Streamlit's websocket and collects everything the server sends it.

The protocol is Streamlit's own and private; `tests/pages/test_streamlit_client.py` tells when it has moved.

    with Viewer("http://127.0.0.1:8501", cookies={"sid": "…"}) as viewer:
        answer = viewer.open("chi_tieu", {"quy": "2026-Q2"})
        assert not answer.exceptions and "VB01" in answer.text
        viewer.set("Quý", "2026-Q1")          # a widget by its label; the script runs again
        viewer.get(answer.downloads[0])       # an HTTP request with the same cookies and headers

Many viewers in one thread: the same calls on `AsyncViewer`, awaited.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

import httpx
import pyarrow as pa
from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

Parameters = Mapping[str, str]

ANSWER_SECONDS = 60.0
LARGEST_MESSAGE = 200 * 2**20
REMEMBERED = 100  # messages a browser keeps, so that the server need not send them again

# How a widget's value is written, by the kind of its element; a widget that is only pressed has a trigger.
_VALUES: dict[str, str] = {
    "selectbox": "string_value",
    "text_input": "string_value",
    "text_area": "string_value",
    "checkbox": "bool_value",
    "button": "trigger_value",
    "button_group": "string_array_value",
    "radio": "string_value",
    "multiselect": "string_array_value",
    "number_input": "double_value",
    "slider": "double_array_value",
    "plotly_chart": "json_value",
    "dataframe": "json_value",
    "pagination": "int_value",
}


@dataclass(slots=True)
class Answer:
    """What one wish brought: every message until the script had finished, reruns it asked for itself included."""

    messages: list[ForwardMsg] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    seconds: float = 0.0
    runs: int = 0

    @property
    def size(self) -> int:
        """Bytes received over the websocket."""
        return sum(map(len, self.frames))

    @property
    def elements(self) -> list[Message]:
        """What is shown now, in the order it came: buttons, charts, texts …, as Streamlit's own messages."""
        shown: dict[tuple[int, ...], Message] = {}
        for message in self.messages:
            if message.WhichOneof("type") == "new_session":
                shown.clear()
            if message.WhichOneof("type") == "delta" and message.delta.HasField("new_element"):
                element = message.delta.new_element
                kind = element.WhichOneof("type")
                if kind is not None:
                    shown[tuple(message.metadata.delta_path)] = getattr(element, kind)
        return list(shown.values())

    @property
    def exceptions(self) -> list[str]:
        """The errors that the page shows."""
        return [f"{one.type}: {one.message}" for one in self._of("Exception")]

    @property
    def charts(self) -> list[dict[str, Any]]:
        """The figures, as Plotly's own JSON."""
        return [json.loads(one.spec) for one in self._of("PlotlyChart")]

    @property
    def downloads(self) -> list[str]:
        """Addresses offered for download, as they stand in the page; those made on request are left out."""
        return [str(one.url) for one in self._of("DownloadButton", "LinkButton") if one.url]

    @property
    def deferred(self) -> list[str]:
        """The keys of downloads that are made on request: see `Viewer.deferred`."""
        return [str(one.deferred_file_id) for one in self._of("DownloadButton") if one.deferred_file_id]

    @property
    def text(self) -> str:
        """Every word of every message of this answer, whether shown or not: tables, figures, options, links."""
        return "\n".join(word for message in self.messages for word in _words(message))

    @property
    def query_string(self) -> str | None:
        """The parameters in the address after the run, if the script has changed them."""
        changed = [one.page_info_changed.query_string for one in self.messages if one.HasField("page_info_changed")]
        return changed[-1] if changed else None

    def _of(self, *kinds: str) -> list[Any]:
        return [element for element in self.elements if element.DESCRIPTOR.name in kinds]


class Refused(Exception):
    """The server did not let the viewer in, or broke off; the reason is that of the websocket."""


class AsyncViewer:
    """One browser tab. `headers` go with the websocket and with every request; an Origin is sent as a browser does.

    `origin=None` sends none. `session` takes up a session that was broken off (`viewer.session`).
    """

    def __init__(
        self,
        url: str,
        *,
        cookies: Parameters | None = None,
        headers: Parameters | None = None,
        origin: str | None = "",
        session: str = "",
    ) -> None:
        self.url = url.rstrip("/")
        self.origin = self.url if origin == "" else origin
        self.cookies = dict(cookies or {})
        self.headers = dict(headers or {})
        self.session = session
        self.pages: dict[str, str] = {}
        self.parameters: dict[str, str] = {}
        self.shown = Answer()
        self._page_hash = ""
        self._page_name = ""
        self._states: dict[str, WidgetState] = {}
        self._remembered: OrderedDict[str, ForwardMsg] = OrderedDict()
        self._socket: ClientConnection | None = None

    async def connect(self) -> Self:
        """Open the websocket. Raises Refused."""
        headers = dict(self.headers)
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = urlsplit(self.url)
        scheme = "wss" if address.scheme == "https" else "ws"
        protocols = ["streamlit", "no-xsrf-token", self.session] if self.session else ["streamlit", "no-xsrf-token"]
        try:
            self._socket = await connect(
                f"{scheme}://{address.netloc}{address.path}/_stcore/stream",
                origin=self.origin,  # type: ignore[arg-type]
                additional_headers=headers,
                subprotocols=protocols,  # type: ignore[arg-type]
                max_size=LARGEST_MESSAGE,
                compression=None,
                proxy=None,
                open_timeout=ANSWER_SECONDS,
            )
        except Exception as error:
            raise Refused(str(error)) from error
        return self

    async def close(self) -> None:
        """Break off."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self, page: str = "", parameters: Parameters | None = None) -> Answer:
        """Follow a link to a page (its name in the address; '' is the first) with parameters."""
        self._page_name, self._page_hash = page, self.pages.get(page, "")
        self.parameters = dict(parameters or {})
        self._states.clear()
        return await self.run()

    async def open_hash(self, page_hash: str, parameters: Parameters | None = None) -> Answer:
        """Ask for a page by its key, listed or not."""
        self._page_name, self._page_hash, self.parameters = "", page_hash, dict(parameters or {})
        return await self.run()

    async def set(self, label: str, value: Any, *, fragment: str = "") -> Answer:
        """Give a widget, named by label or key, a value, and let the script run. KeyError if the page has none."""
        kind, widget = self._widget(label)
        self._states[widget.id] = state = WidgetState(id=widget.id)
        name = _VALUES[kind]
        if name.endswith("_array_value"):
            getattr(state, name).data.extend([value] if isinstance(value, str | int | float) else value)
        else:
            setattr(state, name, value)
        answer = await self.run(fragment=fragment)
        if name == "trigger_value":
            del self._states[widget.id]
        return answer

    def options(self, label: str) -> list[str]:
        """The words that a picker offers; KeyError if the page has none of that label or key."""
        _, widget = self._widget(label)
        return [getattr(one, "content", one) for one in widget.options]

    async def press(self, label: str) -> Answer:
        """Press a button."""
        return await self.set(label, True)

    async def run(self, *, fragment: str = "", auto: bool = False) -> Answer:
        """Let the script run with all that was chosen so far; or one fragment of it, or that by its own clock."""
        message = BackMsg()
        wish = message.rerun_script
        wish.query_string = urlencode(self.parameters)
        wish.page_script_hash, wish.page_name = self._page_hash, self._page_name
        wish.fragment_id, wish.is_auto_rerun = fragment, auto
        wish.widget_states.widgets.extend(self._states.values())
        wish.cached_message_hashes.extend(self._remembered)
        wish.context_info.url = f"{self.url}/{self._page_name}"
        wish.context_info.timezone, wish.context_info.locale = "Asia/Ho_Chi_Minh", "vi-VN"
        answer = await self._ask(message, _script_finished)
        if answer.query_string is not None:
            self.parameters = dict(httpx.QueryParams(answer.query_string))
        if not fragment:
            self.shown = answer
        return answer

    async def send(self, message: BackMsg) -> None:
        """Send any message, also one no browser would."""
        await self._connected().send(message.SerializeToString())

    async def deferred(self, key: str) -> httpx.Response:
        """Have a download made and fetch it. Raises Refused with the reason if it could not be made."""
        message = BackMsg()
        request = message.backend_operation_request
        request.request_id, request.session_id, request.deferred_file.file_id = uuid4().hex, self.session, key
        response = await self._operation(message)
        return await self.get(response.deferred_file.url)

    async def rows(self, source: str, offset: int, limit: int) -> pa.Table:
        """Lines of a table that is sent in parts."""
        message = BackMsg()
        request = message.backend_operation_request
        request.request_id, request.session_id = uuid4().hex, self.session
        request.dataframe_chunk.source_id = source
        request.dataframe_chunk.offset, request.dataframe_chunk.limit = offset, limit
        response = await self._operation(message)
        return pa.ipc.open_stream(response.dataframe_chunk.arrow_data.data).read_all()

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """An HTTP request with the viewer's cookies and headers; redirects are not followed."""
        async with httpx.AsyncClient(cookies=self.cookies, headers=self.headers, trust_env=False, timeout=60) as client:
            return await client.get(urljoin(self.url + "/", path), **options)

    async def _operation(self, message: BackMsg) -> Any:
        wanted = message.backend_operation_request.request_id

        def answered(received: ForwardMsg) -> bool:
            response = received.backend_operation_response
            return received.HasField("backend_operation_response") and response.request_id == wanted

        response = (await self._ask(message, answered)).messages[-1].backend_operation_response
        if response.error_msg:
            raise Refused(response.error_msg)
        return response

    async def _ask(self, message: BackMsg, ended: Callable[[ForwardMsg], bool]) -> Answer:
        answer, started = Answer(), time.perf_counter()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.send(message)
                while True:
                    frame = await self._connected().recv(decode=False)
                    answer.frames.append(frame)
                    received = ForwardMsg()
                    received.ParseFromString(frame)
                    resolved = self._take(received)
                    answer.messages.append(resolved)
                    answer.runs += resolved.WhichOneof("type") == "script_finished"
                    if ended(resolved):
                        answer.seconds = time.perf_counter() - started
                        return answer
        except TimeoutError as error:
            raise Refused(f"no answer after {ANSWER_SECONDS:g} s") from error
        except OSError as error:
            raise Refused(str(error)) from error
        except Exception as error:
            if self._socket is not None and self._socket.close_code is not None:
                raise Refused(f"{self._socket.close_code} {self._socket.close_reason}") from error
            raise

    def _take(self, message: ForwardMsg) -> ForwardMsg:
        """Note what a message says about session and pages; a reference becomes what it refers to."""
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            kept = self._remembered[message.ref_hash]
            self._remembered.move_to_end(message.ref_hash)
            referred = ForwardMsg()
            referred.CopyFrom(kept)
            referred.metadata.CopyFrom(message.metadata)
            return referred
        if message.metadata.cacheable and message.hash:
            self._remembered[message.hash] = message
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        if kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
            self.pages = {
                "" if one.is_default else one.url_pathname: one.page_script_hash for one in message.navigation.app_pages
            }
        return message

    def _widget(self, label: str) -> tuple[str, Any]:
        for message in reversed(self.shown.messages):
            kind = message.delta.new_element.WhichOneof("type")
            if kind in _VALUES:
                widget = getattr(message.delta.new_element, kind)
                # Streamlit's own key of a widget ends with the key that the page gave.
                if label == getattr(widget, "label", "") or str(widget.id).endswith(f"-{label}"):
                    return str(kind), widget
        raise KeyError(label)

    def _connected(self) -> ClientConnection:
        if self._socket is None:
            raise Refused("not connected")
        return self._socket


class Viewer:
    """The same for a test that waits: each call returns when the server has answered.

    It has a thread of its own for its event loop, so it also works beside Playwright.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self._viewer = AsyncViewer(url, **options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._do(self._viewer.connect())
        except Refused:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._viewer.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def session(self) -> str:
        return self._viewer.session

    @property
    def pages(self) -> dict[str, str]:
        """The keys of the pages that the navigation lists, by their name in the address."""
        return self._viewer.pages

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters in the address."""
        return self._viewer.parameters

    def open(self, page: str = "", parameters: Parameters | None = None) -> Answer:
        """See AsyncViewer; likewise below."""
        return self._do(self._viewer.open(page, parameters))

    def open_hash(self, page_hash: str, parameters: Parameters | None = None) -> Answer:
        return self._do(self._viewer.open_hash(page_hash, parameters))

    def set(self, label: str, value: Any, *, fragment: str = "") -> Answer:
        return self._do(self._viewer.set(label, value, fragment=fragment))

    def press(self, label: str) -> Answer:
        return self._do(self._viewer.press(label))

    def run(self, *, fragment: str = "", auto: bool = False) -> Answer:
        return self._do(self._viewer.run(fragment=fragment, auto=auto))

    def send(self, message: BackMsg) -> None:
        self._do(self._viewer.send(message))

    def deferred(self, key: str) -> httpx.Response:
        return self._do(self._viewer.deferred(key))

    def rows(self, source: str, offset: int, limit: int) -> pa.Table:
        return self._do(self._viewer.rows(source, offset, limit))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._do(self._viewer.get(path, **options))

    def _do(self, wish: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(wish, self._loop).result()


def _script_finished(message: ForwardMsg) -> bool:
    return message.WhichOneof("type") == "script_finished" and message.script_finished != (
        ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )


def _words(message: Message) -> Iterator[str]:
    """Every text in a message; of a table its cells, of a figure the texts of its JSON."""
    for descriptor, value in message.ListFields():
        values = value if descriptor.is_repeated else (value,)
        if descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry:
            for key, held in value.items():
                yield str(key)
                yield from _words(held) if isinstance(held, Message) else (str(held),)
        elif descriptor.message_type is not None:
            for one in values:
                yield from _words(one)
        elif descriptor.type == descriptor.TYPE_BYTES:
            for one in values:
                yield from _cells(one)
        elif descriptor.type == descriptor.TYPE_STRING:
            for one in values:
                yield one
                if one[:1] in "{[":
                    yield from _json_words(one)


def _json_words(written: str) -> Iterator[str]:
    try:
        waiting = [json.loads(written)]
    except ValueError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend([*value, *value.values()])
        elif isinstance(value, list):
            waiting.extend(value)


def _cells(data: bytes) -> Iterator[str]:
    try:
        table = pa.ipc.open_stream(data).read_all()
    except pa.ArrowInvalid:
        yield data.decode("utf-8", errors="replace")
        return
    yield from table.column_names
    for column in table.columns:
        yield from (str(value) for value in column.to_pylist() if value is not None)
