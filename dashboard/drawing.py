"""Figures once drawn are remembered: building one costs Plotly ten times what sending it does.

A figure is a function of what it is given and of the language, so it is remembered under a digest of exactly that:
nobody is shown a figure made of other rows than his own, and no new data needs anything to be forgotten.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from io import BytesIO
from threading import Lock
from typing import Any, Final, ParamSpec

import orjson
import plotly.graph_objects as go
import plotly.io
import polars as pl

from dashboard import text

MOST_BYTES: Final = 16 * 2**20  # of figures remembered by a server, as they are sent

_FOREIGN_MARK: Final = re.compile(rb"<(?!/?b>|br>|/?extra>)")

P = ParamSpec("P")


class Drawn(go.Figure):  # type: ignore[misc]
    """A figure that is ready to be sent; only who looks into it or changes it pays for Plotly's own objects."""

    _sent: bytes | None

    def __init__(self, sent: bytes) -> None:
        object.__setattr__(self, "_sent", sent)

    def to_dict(self) -> dict[str, Any]:
        described: dict[str, Any] = orjson.loads(self._sent) if self._sent is not None else super().to_dict()
        return described

    def to_plotly_json(self) -> dict[str, Any]:
        return self.to_dict()

    def __getattr__(self, name: str) -> Any:
        sent = self.__dict__.get("_sent")
        if sent is None:
            raise AttributeError(name)
        object.__setattr__(self, "_sent", None)
        super().__init__(orjson.loads(sent), skip_invalid=False)
        return getattr(self, name)


def remembered(draw: Callable[P, go.Figure]) -> Callable[P, Drawn]:
    """`draw` is called once for the same frames, rows and words; what it answers may be changed by who asked."""
    name = f"{draw.__module__}.{draw.__qualname__}"

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Drawn:
        key = _digest((name, text.language(), args, kwargs))
        sent = _figures.get(key)
        if sent is None:
            written = plotly.io.to_json(draw(*args, **kwargs), validate=False, engine="orjson")
            sent = inert(orjson.dumps(orjson.loads(written)))  # Plotly writes < as an escape
            _figures.put(key, sent)
        return Drawn(sent)

    return drawn


def inert(sent: bytes) -> bytes:
    """A figure as JSON in which of all marks that Plotly takes for HTML only our own are left: bold, line, box.

    Names, notes and titles come from files of others: a link or picture in them is shown as the letters it is.
    """
    return _FOREIGN_MARK.sub(b"&lt;", sent)


class _Figures:
    """The figures last asked for, within a number of bytes."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: bytes) -> bytes | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: bytes, sent: bytes) -> None:
        with self._lock:
            self._size += len(sent) - len(self._held.pop(key, b""))
            self._held[key] = sent
            while self._size > MOST_BYTES and self._held:
                self._size -= len(self._held.popitem(last=False)[1])

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._size = 0


_figures = _Figures()


def forget() -> None:
    """Forget every figure."""
    _figures.clear()


def _digest(value: Any) -> bytes:
    digest = blake2b(digest_size=20)
    _add(digest, value)
    return digest.digest()


def _add(digest: Any, value: Any) -> None:
    """Adds a value with its type and length, so that no two different values add the same bytes."""
    if isinstance(value, pl.DataFrame):
        written = BytesIO()
        value.write_ipc(written)
        _add_bytes(digest, b"frame", written.getbuffer())
    elif isinstance(value, go.Figure):
        _add_bytes(digest, b"figure", orjson.dumps(value.to_dict(), option=orjson.OPT_SERIALIZE_NUMPY))
    elif isinstance(value, dict):
        _add_bytes(digest, b"dict", str(len(value)).encode())
        for key, held in value.items():
            _add(digest, key)
            _add(digest, held)
    elif isinstance(value, list | tuple):
        _add_bytes(digest, b"list", str(len(value)).encode())
        for held in value:
            _add(digest, held)
    else:
        _add_bytes(digest, type(value).__name__.encode(), repr(value).encode())


def _add_bytes(digest: Any, kind: bytes, data: bytes | memoryview) -> None:
    digest.update(b"%s %d\n" % (kind, len(data)))
    digest.update(data)
