"""The package that knows DuckDB: the data model, the marts, and every question that may be asked.

Statements are files; this module only hands out their text. It imports nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

_FOLDER = Path(__file__).parent

# The statements that make the empty schemas, tables and macros of a warehouse.
SCHEMA = (_FOLDER / "schema.sql").read_text(encoding="utf-8")

# The order in which the marts are made: a mart may read those before it.
MARTS: tuple[str, ...] = (
    "figure",
    "figure_today",
    "plan",
    "progress",
    "rollup",
    "conflict",
    "completeness",
    "quality",
    "task",
    "task_quarter",
    "task_status",
)

# The order in which received rows are loaded: whether a submission counts is told by its rows.
CORE: tuple[str, ...] = ("observation", "task_report", "submission", "finding")


@cache
def load(name: str) -> str:
    """The SELECT over the archive's tables (`archive_…`) whose rows go into the table `core.<name>`."""
    return _text("load", name)


@cache
def mart(name: str) -> str:
    """The SELECT whose rows are the table `mart.<name>`."""
    return _text("marts", name)


@cache
def grain(name: str) -> tuple[str, ...]:
    """The columns of `mart.<name>` that together are unique, from its `-- grain:` line."""
    line = next(line for line in mart(name).splitlines() if line.startswith("-- grain:"))
    return tuple(column.strip() for column in line.removeprefix("-- grain:").split("×"))


@cache
def statement(name: str) -> str:
    """The SELECT that answers the question `name` (a function of sql.queries)."""
    return _text("queries", name)


@cache
def state(name: str) -> str:
    """A statement about accounts, sessions and tokens (SQLite, `etl.accounts`)."""
    return _text("state", name)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a warehouse: its statement gives the rows that offend; with severity `error` none may."""

    name: str
    severity: str
    vi: str
    en: str
    statement: str


@cache
def integrity() -> tuple[Check, ...]:
    """Every check of `integrity/`, by name."""
    return tuple(_check(path.stem) for path in sorted((_FOLDER / "integrity").glob("*.sql")))


def _check(name: str) -> Check:
    text = _text("integrity", name)
    head = dict(line.removeprefix("-- ").split(": ", 1) for line in text.splitlines()[:3])
    return Check(name, head["severity"], head["vi"], head["en"], text)


@cache
def fingerprint() -> str:
    """Changes with any statement that makes a warehouse: one of another fingerprint may lack what is asked of it."""
    texts = (SCHEMA, *map(load, CORE), *map(mart, MARTS))
    return sha256("\0".join(texts).encode()).hexdigest()[:16]


def _text(folder: str, name: str) -> str:
    return (_FOLDER / folder / f"{name}.sql").read_text(encoding="utf-8")
