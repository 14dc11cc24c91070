"""A bounded pool of warm children that read workbooks, each under limits of memory, processor and wall clock."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeVar, cast

from etl import logs
from etl.errors import HouseError, Refused
from etl.findings import Finding
from etl.model import Workbook
from etl.workbook import frames, guard

FILES_PER_CHILD = 200
CPU_SECONDS = 20
START_SECONDS = 60.0
LOOK_AHEAD = 3
PACKAGES = Path(__file__).resolve().parents[2]

log = logging.getLogger(__name__)
Key = TypeVar("Key")


class WorkbookReader:
    """Reads workbooks in child processes; `read` may be called by several threads at once.

    `processes` children at most, started when first needed; one file may take `seconds` of wall clock and
    `memory_mb` of address space; larger files than `max_file_mb` are refused unopened.
    """

    def __init__(self, processes: int, seconds: float, memory_mb: int, max_file_mb: int) -> None:
        self._processes = processes
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._max_bytes = max_file_mb * 2**20
        self._slots = threading.BoundedSemaphore(processes)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False

    def __enter__(self) -> WorkbookReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, data: bytes, file_name: str) -> Workbook:
        """The workbook in `data`. Raises Refused with a `file.*` finding, HouseError if no child can be started."""
        guard.check_size(data, self._max_bytes)
        with self._slots, logs.about(file=sha256(data).hexdigest()):
            answer = self._ask(data, file_name)
        if isinstance(answer, Finding):
            raise Refused(answer)
        return answer

    def read_many(self, items: Iterable[tuple[Key, bytes, str]]) -> Iterator[tuple[Key, Workbook | Refused]]:
        """Read many files with all children at once; answers come in the order of `items`, few held at a time."""
        waiting: deque[tuple[Key, Future[Workbook | Refused]]] = deque()
        with ThreadPoolExecutor(self._processes, thread_name_prefix="workbook") as threads:
            try:
                for key, data, name in items:
                    waiting.append((key, threads.submit(self._read_or_refuse, data, name)))
                    if len(waiting) >= self._processes * LOOK_AHEAD:
                        yield _first(waiting)
                while waiting:
                    yield _first(waiting)
            finally:
                threads.shutdown(cancel_futures=True)

    def close(self) -> None:
        """End all children; a read under way raises HouseError."""
        with self._lock:
            self._closed = True
            children, self._idle = list(self._all), []
            self._all.clear()
        for child in children:
            child.end()

    def _read_or_refuse(self, data: bytes, file_name: str) -> Workbook | Refused:
        try:
            return self.read(data, file_name)
        except Refused as refused:
            return refused

    def _ask(self, data: bytes, file_name: str) -> Workbook | Finding:
        for attempt in (1, 2):
            child = self._take()
            try:
                answer = frames.decode(child.ask(data, file_name, self._max_bytes, self._seconds))
            except (OSError, frames.FrameError) as error:
                child.end(patience=1)
                self._drop(child)
                if self._closed:
                    raise HouseError("The workbook reader was closed while it read a file.") from error
                log.warning("reader ended (%s): %s", child.epitaph(), child.last_words())
                # a kill from outside (another's memory hunger, an operator) is no fault of this file: once more
                if child.killed_from_outside() and attempt == 1:
                    continue
                return Finding("file.reader_died", expected=self._reason(child))
            refused = isinstance(answer, Finding)
            if refused and (words := child.last_words()):
                log.info("reader refused the file: %s", words)
            if refused or child.files >= FILES_PER_CHILD or child.timed_out:
                self._drop(child)
            else:
                self._give_back(child)
            return answer
        raise AssertionError("unreachable")

    def _reason(self, child: _Child) -> str:
        if child.timed_out:
            return f"quá {self._seconds:g} giây"
        code = child.died_by
        if code == -signal.SIGXCPU:
            return f"quá {CPU_SECONDS} giây xử lý"
        if code == -signal.SIGKILL or "emory" in child.last_words():
            return "cần quá nhiều bộ nhớ"
        return "cấu trúc tệp làm hỏng chương trình đọc"

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise HouseError("The workbook reader is closed.")
            while self._idle:
                child = self._idle.pop()
                if child.process.poll() is None:
                    return child
                self._all.discard(child)
                child.end()
        try:
            child = _Child(self._memory_mb)
        except OSError as error:
            raise HouseError("The reading process cannot be started.", str(error)) from error
        with self._lock:
            self._all.add(child)
        return child

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(child)

    def _drop(self, child: _Child) -> None:
        with self._lock:
            self._all.discard(child)
        child.end()


class _Child:
    """One reading process and its pipes; stderr goes to a file, so that its last words survive it."""

    def __init__(self, memory_mb: int) -> None:
        self.files = 0
        self.timed_out = False
        self._ended = False
        self._ending = threading.Lock()
        self.died_by: int | None = None
        self._last_words = ""
        self._errors = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as the child
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "etl.workbook.readers", str(memory_mb), str(CPU_SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_environment(),
            start_new_session=True,
        )
        if self._greeting() != b"ready":
            self.end()
            raise HouseError("The reading process does not start.", self.last_words())

    def _greeting(self) -> bytes:
        assert self.process.stdout is not None
        timer = self._limit(START_SECONDS)
        try:
            return frames.receive(cast(BinaryIO, self.process.stdout))
        except frames.FrameError:
            return b""
        finally:
            timer.cancel()

    def ask(self, data: bytes, file_name: str, max_bytes: int, seconds: float) -> bytes:
        """The child's answer to one file. Raises OSError or FrameError if it died over it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.files += 1
        timer = self._limit(seconds)
        try:
            stdin = cast(BinaryIO, self.process.stdin)
            frames.send(stdin, json.dumps({"name": file_name, "max_bytes": max_bytes}).encode())
            frames.send(stdin, data)
            answer = frames.receive(cast(BinaryIO, self.process.stdout))
        finally:
            timer.cancel()
        if not answer:
            raise frames.FrameError("no answer")
        return answer

    def _limit(self, seconds: float) -> threading.Timer:
        def stop() -> None:
            self.timed_out = True
            self.process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        return timer

    def killed_from_outside(self) -> bool:
        """Whether somebody else killed it; known once it is ended."""
        return self.died_by == -signal.SIGKILL and not self.timed_out

    def epitaph(self) -> str:
        return f"exit {self.died_by}" + (", wall clock" if self.timed_out else "")

    def last_words(self, limit: int = 2000) -> str:
        """The end of what the child wrote to stderr."""
        if self._ended:
            return self._last_words
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - limit))
        return self._errors.read().decode("utf-8", "replace").strip()

    def end(self, patience: float = 0) -> None:
        """End the process by its id; `patience` seconds are given to one that is dying by itself."""
        with self._ending:
            if self._ended:
                return
            try:
                self.died_by = self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self._last_words = self.last_words()
            self._ended = True
            self._errors.close()
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(OSError):
                    cast(BinaryIO, pipe).close()


def _environment() -> dict[str, str]:
    """Only what the child needs: nothing of the parent's secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": str(PACKAGES), "PYTHONUTF8": "1", "PYTHONFAULTHANDLER": "1", "LC_ALL": "C.UTF-8"}


def _first(waiting: deque[tuple[Key, Future[Workbook | Refused]]]) -> tuple[Key, Workbook | Refused]:
    key, future = waiting.popleft()
    return key, future.result()
