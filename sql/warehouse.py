"""Opening a warehouse: which version is to be read, one locked-down instance per version, a cursor per query.

A version is read only while it is, byte for byte, what its manifest says; else the newest sound one before it is, and
whoever asks is told why.

DuckDB caches instances by path and would go on serving a replaced file; an in-memory instance with the file attached
read-only never does. A connection shared by threads gives answers to the wrong thread; a cursor of its own for each
query never does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import Any, Literal

import duckdb
import polars as pl
import pyarrow

import sql

Version = tuple[str, int, int, int]

OPEN_VERSIONS = 3
REMEMBERED_VERDICTS = 64
MEMORY_LIMIT = "1GB"
THREADS = 1  # a query of a page is too short to be shared out; queries of many viewers run side by side anyhow
SECONDS_PER_QUERY = 10.0

_VERSION = re.compile(r"v\d{8}\.duckdb")

# Once these are set, a statement reads the attached file and nothing else of the machine.
_LOCKDOWN = f"""
set memory_limit = '{MEMORY_LIMIT}';
set threads = {THREADS};
set autoinstall_known_extensions = false;
set autoload_known_extensions = false;
set allow_community_extensions = false;
set python_enable_replacements = false;
set temp_directory = '';
set disabled_optimizers = 'compressed_materialization';  -- costs more to plan than our short, wide sorts gain
set enable_external_access = false;
set lock_configuration = true;
"""


POINTER = "CURRENT"

Fault = Literal[
    "",
    "pointer_missing",  # there are versions, and nothing says which is current
    "pointer_wrong",  # it names nothing that may be a version
    "version_missing",
    "version_size",  # cut short or grown since it was published
    "version_changed",  # its bytes are others
    "version_log",  # a write-ahead log of another file lies beside it
    "manifest_missing",  # or it cannot be read
    "other_statements",  # made by another version of this programme: it may lack what is asked
    "unreadable",
]


@dataclass(frozen=True, slots=True)
class Published:
    """What is to be read now, and what is wrong with the version that should be.

    `fault` is '' where `warehouse` is the very one that the pointer names; else `warehouse` is the newest sound one
    (None if there is none). Nothing was ever published: None without a fault.
    """

    warehouse: Path | None
    fault: Fault = ""


def current(directory: Path) -> Path | None:
    """The warehouse in this folder that is to be read, see `published`; None if there is none."""
    return published(directory).warehouse


def published(directory: Path) -> Published:
    """The published warehouse if it is sound, else the newest sound version before it with what is wrong."""
    while True:
        pointer = _pointer(directory)
        found = _published(directory, pointer)
        # Between reading the pointer and looking at its version the version may have been swept away.
        if not found.fault or pointer == _pointer(directory):
            return found


def fault(warehouse: Path) -> Fault:
    """What is wrong with a version beside its manifest; '' if it is what was published. Hashed once per change.

    A manifest of before hashes were kept vouches for the size alone.
    """
    manifest = warehouse.with_suffix(".json")
    try:
        state, beside = warehouse.stat(), manifest.stat()
    except FileNotFoundError:
        return "manifest_missing" if warehouse.exists() else "version_missing"
    except OSError:
        return "unreadable"
    if warehouse.with_name(f"{warehouse.name}.wal").exists():
        return "version_log"
    key = (str(warehouse), state.st_ino, state.st_mtime_ns, state.st_ctime_ns, state.st_size, beside.st_mtime_ns)
    with _lock:
        if key not in _verdicts:
            _verdicts[key] = _compared(warehouse, manifest)
            while len(_verdicts) > REMEMBERED_VERDICTS:
                _verdicts.popitem(last=False)
        return _verdicts[key]


def _pointer(directory: Path) -> str | None:
    """What the pointer says; None if there is none, '' if it cannot be a version's name."""
    try:
        name = (directory / POINTER).read_bytes().decode().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return ""
    return name if _VERSION.fullmatch(name) else ""


def _published(directory: Path, name: str | None) -> Published:
    wrong: Fault
    if name:
        wrong = fault(directory / name)
        if not wrong:
            return Published(directory / name)
    else:
        wrong = "pointer_wrong" if name == "" else "pointer_missing"
    before = [path for path in _versions(directory) if not name or path.name < name]
    sound = next((path for path in before if not fault(path)), None)
    return Published(sound, "" if name is None and not before else wrong)


def _versions(directory: Path) -> Iterator[Path]:
    """The versions there are, newest first."""
    if directory.is_dir():
        yield from sorted((path for path in directory.iterdir() if _VERSION.fullmatch(path.name)), reverse=True)


def _compared(warehouse: Path, manifest: Path) -> Fault:
    try:
        said = json.loads(manifest.read_bytes())
        size, digest = said["bytes"], said.get("sha256")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "manifest_missing"
    if said.get("statements", sql.fingerprint()) != sql.fingerprint():
        return "other_statements"
    try:
        if warehouse.stat().st_size != size:
            return "version_size"
        if digest is not None and sha256_of(warehouse) != digest:
            return "version_changed"
    except OSError:
        return "unreadable"
    return ""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file of any size. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def as_of(directory: Path, moment: str) -> Path | None:
    """The warehouse of what was known at a moment, `2026-03-18` (the day's end) or `2026-03-18T170000` (local time).

    None until it has been built (or if it is no longer what was built), and for a name that is none.
    """
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d{6}(\.\d{6})?)?", moment):
        return None
    views = (directory / "as_of").glob(f"{moment}-????????.duckdb")
    found = [(path.stat().st_mtime_ns, path) for path in views if not fault(path)]
    return max(found)[1] if found else None


def version(warehouse: Path) -> Version:
    """What changes whenever another file stands at this path; part of every cache key. Raises FileNotFoundError."""
    state = warehouse.stat()
    return str(warehouse), state.st_ino, state.st_mtime_ns, state.st_size


def query(
    warehouse: Path, statement: str, params: Mapping[str, Any] | None = None, *, seconds: float = SECONDS_PER_QUERY
) -> pl.DataFrame:
    """Answer one SELECT with its named parameters; tables are found as `mart.x`, `core.x`, `reference.x`.

    Raises FileNotFoundError; duckdb.Error for a damaged file (it is compared with its manifest anew before it is read
    again), a parameter too many or too few, a query that takes too long.
    """
    try:
        return _answer(warehouse, statement, params, seconds)
    except (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException):
        _distrust(warehouse)
        raise


def _answer(warehouse: Path, statement: str, params: Mapping[str, Any] | None, seconds: float) -> pl.DataFrame:
    cursor = _instance(warehouse).cursor()
    watchdog = Timer(seconds, cursor.interrupt)
    watchdog.daemon = True
    watchdog.start()
    try:
        cursor.execute("use w")
        # A relation with parameters (`cursor.sql(…).pl()`) copies its rows value by value: ten times slower.
        table = cursor.execute(statement, dict(params or {})).to_arrow_table()
        # Taken out of DuckDB's buffers, made for a million rows: of a hundred columns a few rows would hold a megabyte.
        return pl.DataFrame(table.take(pyarrow.array(range(table.num_rows), pyarrow.int64())))
    finally:
        watchdog.cancel()
        cursor.close()


_instances: OrderedDict[Version, duckdb.DuckDBPyConnection] = OrderedDict()
_verdicts: OrderedDict[tuple[str | int, ...], Fault] = OrderedDict()
_lock = Lock()


def _distrust(warehouse: Path) -> None:
    """Forgets what is known of a file that could not be read: its instance, and that it was found sound."""
    with _lock:
        for key in [key for key in _instances if key[0] == str(warehouse)]:
            del _instances[key]
        for known in [known for known in _verdicts if known[0] == str(warehouse)]:
            del _verdicts[known]


def _instance(warehouse: Path) -> duckdb.DuckDBPyConnection:
    # The oldest is dropped, not closed: a query of another thread may be about to take its cursor.
    key = version(warehouse)
    with _lock:
        if key not in _instances:
            _instances[key] = _open(warehouse)
            while len(_instances) > OPEN_VERSIONS:
                _instances.popitem(last=False)
        _instances.move_to_end(key)
        return _instances[key]


def _open(warehouse: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    path = str(warehouse).replace("'", "''")
    connection.execute(f"attach '{path}' as w (read_only)")
    connection.execute(_LOCKDOWN)
    return connection
