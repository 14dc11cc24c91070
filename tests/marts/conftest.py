from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.marts import world as made_up


@pytest.fixture(scope="session")
def warehouse_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published warehouse with figures and tasks of two provinces."""
    path = tmp_path_factory.mktemp("warehouse") / "v00000001.duckdb"
    world = made_up.random_tasks(made_up.random_figures(made_up.empty(date(2026, 10, 5)), seed=7), seed=7)
    with duckdb.connect(str(path)) as connection:
        made_up.write(world, connection)
        connection.execute("checkpoint")
    return path


@pytest.fixture
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        made_up.write(made_up.empty(date(2026, 10, 5)), connection)
        yield connection
