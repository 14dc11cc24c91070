"""Opening a warehouse: which version is current, one locked-down instance per version, a cursor per query.

DuckDB caches instances by path and would go on serving a replaced file; an in-memory instance with the file attached
read-only never does. A connection shared by threads gives answers to the wrong thread; a cursor of its own for each
query never does.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Timer
from typing import Any

import duckdb
import polars as pl

Version = tuple[str, int, int, int]

OPEN_VERSIONS = 3
MEMORY_LIMIT = "1GB"
THREADS = 2
SECONDS_PER_QUERY = 60.0

# Once these are set, a statement reads the attached file and nothing else of the machine.
_LOCKDOWN = f"""
set memory_limit = '{MEMORY_LIMIT}';
set threads = {THREADS};
set autoinstall_known_extensions = false;
set autoload_known_extensions = false;
set allow_community_extensions = false;
set python_enable_replacements = false;
set temp_directory = '';
set enable_external_access = false;
set lock_configuration = true;
"""


def current(directory: Path) -> Path | None:
    """The published warehouse that `CURRENT` in this folder names; None if there is none or it cannot be read."""
    try:
        name = (directory / "CURRENT").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    if not name or Path(name).name != name:
        return None
    warehouse = directory / name
    return warehouse if warehouse.is_file() else None


def as_of(directory: Path, moment: str) -> Path | None:
    """The warehouse of what was known at a moment, `2026-03-18` (the day's end) or `2026-03-18T170000` (local time).

    None until it has been built, and for a name that is none.
    """
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d{6}(\.\d{6})?)?", moment):
        return None
    found = [(path.stat().st_mtime_ns, path) for path in (directory / "as_of").glob(f"{moment}-????????.duckdb")]
    return max(found)[1] if found else None


def version(warehouse: Path) -> Version:
    """What changes whenever another file stands at this path; part of every cache key. Raises FileNotFoundError."""
    state = warehouse.stat()
    return str(warehouse), state.st_ino, state.st_mtime_ns, state.st_size


def query(warehouse: Path, statement: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """Answer one SELECT with its named parameters; tables are found as `mart.x`, `core.x`, `reference.x`.

    Raises FileNotFoundError; duckdb.Error for a damaged file, a parameter too many or too few, a query that takes
    too long.
    """
    cursor = _instance(warehouse).cursor()
    watchdog = Timer(SECONDS_PER_QUERY, cursor.interrupt)
    watchdog.daemon = True
    watchdog.start()
    try:
        cursor.execute("use w")
        # A relation with parameters (`cursor.sql(…).pl()`) copies its rows value by value: ten times slower.
        return pl.DataFrame(cursor.execute(statement, dict(params or {})).to_arrow_table())
    finally:
        watchdog.cancel()
        cursor.close()


_instances: OrderedDict[Version, duckdb.DuckDBPyConnection] = OrderedDict()
_lock = Lock()


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
