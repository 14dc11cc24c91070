"""The log: one line an event on stderr, in one form for our own lines and for those of the libraries.

A line about a submission bears its id, a line about a file the head of its hash; names of files and people stay out.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType, TracebackType
from typing import Final, Literal, TextIO

from pythonjsonlogger.json import JsonFormatter

FILE_HEAD: Final = 12  # hex digits, as in submission ids

_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(*, file: str = "", submission: str = "") -> Iterator[None]:
    """Every line logged meanwhile in this thread or task bears this file and submission."""
    named = {"file": file[:FILE_HEAD], "submission": submission}
    token = _ABOUT.set({**_ABOUT.get(), **{key: value for key, value in named.items() if value}})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def start(
    form: Literal["text", "json"], level: int = logging.INFO, *, process: str = "", to: TextIO | None = None
) -> None:
    """Sends the log of this process to stderr; `process` names it where several write into one log."""
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(_json(process) if form == "json" else _Lines(process))
    handler.addFilter(_add_what_it_is_about)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_the_last_word


def _log_the_last_word(kind: type[BaseException], exception: BaseException, trace: TracebackType | None) -> None:
    """What ends the process is told in the form of the log, too."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, exception, trace)
        return
    logging.getLogger(__name__).critical("the process ends of a fault", exc_info=(kind, exception, trace))


def _add_what_it_is_about(record: logging.LogRecord) -> bool:
    for key, value in _ABOUT.get().items():
        if not hasattr(record, key):
            setattr(record, key, value)
    return True


def _json(process: str) -> JsonFormatter:
    return JsonFormatter(
        "{asctime}{levelname}{name}{message}",
        style="{",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "traceback"},
        static_fields={"process": process} if process else None,
        json_ensure_ascii=False,
    )


class _Lines(logging.Formatter):
    """Lines for people: what a line is about stands at its end."""

    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {f'{process} ' if process else ''}%(name)s %(message)s%(about)s")

    def format(self, record: logging.LogRecord) -> str:
        named = [f" {key}={record.__dict__[key]}" for key in ("submission", "file") if key in record.__dict__]
        record.about = "".join(named)
        return super().format(record)
