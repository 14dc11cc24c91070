"""Opening a warehouse: the pointer, the lock-down, replaced files, threads."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sql import queries, warehouse
from sql.queries import Scope
from tests.marts import world as made_up


def test_current_follows_the_pointer(tmp_path: Path) -> None:
    assert warehouse.current(tmp_path) is None
    pointer = tmp_path / "CURRENT"
    pointer.write_text("v00000001.duckdb\n", encoding="utf-8")
    assert warehouse.current(tmp_path) is None
    (tmp_path / "v00000001.duckdb").write_bytes(b"")
    (tmp_path / "v00000001.json").write_text('{"bytes": 0}')
    assert warehouse.current(tmp_path) == tmp_path / "v00000001.duckdb"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../other.duckdb", b"/etc/passwd"])
def test_a_pointer_to_elsewhere_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path.parent / "other.duckdb").write_bytes(b"")
    (tmp_path / "CURRENT").write_bytes(content)
    assert warehouse.current(tmp_path) is None


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/etc/*')",
        "select * from '/etc/passwd'",
        "copy (select 1) to '{folder}/out.csv'",
        "export database '{folder}/out'",
        "attach '{folder}/other.duckdb'",
        "insert into core.build select * from core.build",
        "update core.build set is_demo = false",
        "delete from core.submission",
        "drop table mart.figure",
        "create table w.core.mine (x integer)",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '100GB'",
        "set enable_external_access = true",
        "reset lock_configuration",
    ],
)
def test_a_statement_reaches_nothing_but_the_warehouse(warehouse_file: Path, tmp_path: Path, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        warehouse.query(warehouse_file, statement.format(folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_python_variable_is_no_table(warehouse_file: Path) -> None:
    secret = made_up.pl.DataFrame({"x": [1]})
    with pytest.raises(duckdb.Error, match="secret"):
        warehouse.query(warehouse_file, "select * from secret")
    assert secret.height == 1


@pytest.mark.parametrize("params", [{}, {"x": 1, "y": 2}])
def test_parameters_too_few_or_too_many_are_refused(warehouse_file: Path, params: dict[str, int]) -> None:
    with pytest.raises(duckdb.Error):
        warehouse.query(warehouse_file, "select $x as x", params)


def test_a_missing_warehouse_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        queries.indicators(Scope.all(tmp_path / "none.duckdb"))


def publish(path: Path, day: date) -> None:
    aside = path.with_suffix(".tmp")
    with duckdb.connect(str(aside)) as connection:
        made_up.write(made_up.empty(day), connection)
        connection.execute("checkpoint")
    aside.replace(path)


def test_a_file_replaced_under_the_same_name_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "day.duckdb"
    days = [date(2026, 1, n) for n in range(1, warehouse.OPEN_VERSIONS + 3)]
    for day in days:
        publish(path, day)
        assert queries.build_state(Scope.all(path))["as_of"].item() == day


def test_a_query_that_takes_too_long_is_interrupted(warehouse_file: Path) -> None:
    endless = "select count(*) from range(1000000) as a, range(1000000) as b where a.range * b.range % 7 = 3"
    started = time.monotonic()
    with pytest.raises(duckdb.InterruptException):
        warehouse.query(warehouse_file, endless, seconds=0.3)
    assert time.monotonic() - started < 5
    assert warehouse.query(warehouse_file, "select 1 as one").item() == 1


def test_no_thread_gets_anothers_answer(warehouse_file: Path) -> None:
    """Eight threads ask for units of their own; every answer holds the unit asked for and the count known for it."""
    scope = Scope.all(warehouse_file)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{warehouse_file}' as w (read_only)")
        counted = connection.execute("select org_unit, count(*) from w.mart.progress group by 1").fetchall()
    known = {org_unit: count for org_unit, count in counted if org_unit[:2] in ("38", "40")}
    assert len(known) > 10
    statement = "select org_unit from mart.progress where org_unit = $org_unit"

    def ask(seed: int) -> list[str]:
        chance, foreign = random.Random(seed), []
        for number in range(500):
            org_unit = chance.choice(sorted(known))
            if number % 2:
                frame = queries.progress(scope, province=org_unit[:2], org_unit=org_unit)
            else:  # past the memory, so that threads meet in the database
                frame = warehouse.query(warehouse_file, statement, {"org_unit": org_unit})
            if frame.height != known[org_unit] or set(frame["org_unit"]) != {org_unit}:
                foreign.append(org_unit)
        return foreign

    with ThreadPoolExecutor(8) as pool:
        assert [answers for answers in pool.map(ask, range(8)) if answers] == []
