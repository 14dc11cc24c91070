"""Reference data + archive + day → a new warehouse → the pointer; the one before stays until the new one is proved.

warehouse/v00000012.duckdb  .json    a version and its manifest (size, SHA-256, rows, day, reference, checks)
warehouse/CURRENT                    the name of the version to be read
warehouse/as_of/<moment>-….duckdb    what was known at a moment of the past
warehouse/reference/<hash>/          the reference data that versions were built with
warehouse/in_force/<time>-<hash>     since when
warehouse/build-…                    half built; removed by the next build
warehouse/last_failure.json          why the present could not be built; gone once it could
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

import sql
from etl import as_of, disk, periods
from etl.archive import COMPACT_ABOVE, Archive, Frames
from etl.errors import BuildError, HouseError, WrongReference
from etl.reference import Indicator, Reference, load_reference
from etl.settings import Settings
from etl.vietnamese import name_key, plain_key, search_key, sort_key
from sql import warehouse

MEMORY_LIMIT = "2GB"
THREADS = 2
FIRST_YEAR, LAST_YEAR = 2024, 2030
DEMO_CHANNEL = "demo"

_LIMITS: dict[str, Any] = {"threads": THREADS, "memory_limit": MEMORY_LIMIT}

HALF_BUILT = "build-"
FAILURE = "last_failure.json"
DIGITS_COMPARED = 10
EXAMPLES = 5  # of the rows that a check finds
_VERSION = re.compile(r"v(\d{8})\.duckdb")
_LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

Row = dict[str, Any]
Manifest = dict[str, Any]

log = logging.getLogger(__name__)


def build(
    settings: Settings,
    reference: Reference,
    *,
    day: date | None = None,
    known_until: datetime | None = None,
    target: Path | None = None,
    wait_seconds: float = 0,
) -> Path:
    """Builds, verifies and publishes a warehouse for the view of `day` (today in Vietnam); gives its path.

    With `known_until` only what had been received by then counts (`day` is that day unless given), beside the reference
    data in force then; every table is the same whenever it is built, and the result goes to `as_of/`. With `target` it
    goes there. Neither moves the pointer. Raises BuildError (Busy if another build is still running after
    `wait_seconds`); the published warehouse is then as before, and `last_failure` says why.
    """
    day = day or (known_until or datetime.now(UTC)).astimezone(_LOCAL_TIME).date()
    folder = target.parent if target else settings.warehouse / "as_of" if known_until else settings.warehouse
    half = folder / f"{HALF_BUILT}{os.getpid()}.duckdb"
    with (
        disk.lock(settings.live / "build.lock", "the build", wait_seconds),
        _failure_kept(settings, known_until or target),
    ):
        try:
            disk.make_folder(folder)
            _sweep_half_built(settings.warehouse)
            _keep_reference(settings, reference)
            if known_until:
                reference = _reference_in_force(settings, known_until, reference)
                target = target or folder / f"{as_of.moment_key(known_until)}-{reference.hash[:8]}.duckdb"
            frames = Archive(settings.archive).frames(known_until, compact_above=COMPACT_ABOVE)
            manifest = _make(half, reference, frames, day, known_until)
            manifest["withdrawals"] = frames.withdrawals.height
            _verify(half, manifest, frames)
            manifest["checks"] = _checked(half, is_binding=not (known_until or target))
            path = target or settings.warehouse / f"v{_last_version(settings.warehouse) + 1:08d}.duckdb"
            _publish(half, path, manifest)
            if not target:
                disk.write(settings.warehouse / warehouse.POINTER, f"{path.name}\n".encode())
                _sweep_versions(settings.warehouse, settings.keep_versions)
        except BuildError:
            raise
        except HouseError as fault:
            raise BuildError(fault.message, fault.hint) from fault
        except OSError as fault:
            named = disk.told(fault, folder)
            raise BuildError(f"The warehouse could not be built. {named.message}", named.hint) from fault
        except (duckdb.Error, pl.exceptions.PolarsError) as fault:
            raise BuildError(
                f"The warehouse could not be built: {fault}",
                "The one before is still in place; mend this, build again.",
            ) from fault
        finally:
            _remove(path for path in (half, _wal(half), half.with_suffix(".tmp")) if path.exists())
    return path


@contextlib.contextmanager
def _failure_kept(settings: Settings, aside: object) -> Iterator[None]:
    """Keeps why the present could not be built until it can; of builds `aside` nothing."""
    path = settings.warehouse / FAILURE
    try:
        yield
    except BuildError as fault:
        if not aside:
            facts: Row = {"at": datetime.now(UTC).isoformat(), "message": fault.message, "hint": fault.hint}
            facts["checks"] = list(fault.checks)
            with contextlib.suppress(OSError):  # of a full disk the caller hears anyway
                disk.write(path, json.dumps(facts, ensure_ascii=False).encode())
        raise
    if not aside:
        path.unlink(missing_ok=True)


def last_failure(settings: Settings) -> Row | None:
    """When and why the last build of the present failed (at, message, hint, checks); None if it did not."""
    try:
        facts: Row = json.loads((settings.warehouse / FAILURE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {"at": "", "message": "The note about the last failure cannot be read.", "hint": "", "checks": []}
    return facts


def rebuild(settings: Settings, like: Path, target: Path) -> None:
    """Makes a published version anew at `target`: of the same day, reference data, submissions and withdrawals.

    Reads every submission as recorded, never what was compacted of it. Raises BuildError for a version that another
    release of the programme built, or whose reference data was not kept.
    """
    manifest = json.loads(like.with_suffix(".json").read_bytes())
    kept = settings.warehouse / "reference" / manifest["reference"]
    if manifest["statements"] != sql.fingerprint() or not kept.is_dir():
        raise BuildError(f"{like.name} was built by another version or of other reference data.", "Build first.")
    held = warehouse.query(like, "from core.submission")
    taken = held.filter("is_withdrawn")["submission"]
    frames = Archive(settings.archive).frames(from_records=True)
    counted = {
        name: frame.filter(pl.col("submission").is_in(held["submission"].implode()))
        for name, frame in ((field.name, getattr(frames, field.name)) for field in dataclasses.fields(frames))
    }
    counted["withdrawals"] = frames.withdrawals.filter(pl.col("submission").is_in(taken.implode()))
    disk.make_folder(target.parent)
    _make(target, load_reference(kept), Frames(**counted), date.fromisoformat(manifest["day"]), None)


def table_hashes(path: Path) -> dict[str, str]:
    """Of every table a hash of its sorted rows; the moment of the build does not count, nor the last digits of sums."""
    names = _table_names(path)
    return {name: _hash_of_rows(warehouse.query(path, f"from {name}")) for name in names}


def _table_names(path: Path) -> list[str]:
    tables = warehouse.query(path, "from duckdb_tables()").filter(pl.col("database_name") == "w")
    return sorted(f"{schema}.{table}" for schema, table in tables.select("schema_name", "table_name").rows())


def row_counts(path: Path) -> dict[str, int]:
    """How many rows each table of a warehouse holds."""
    return {name: warehouse.query(path, f"select count(*) from {name}").item() for name in _table_names(path)}


def _hash_of_rows(rows: pl.DataFrame) -> str:
    plain = rows.drop("built_at", strict=False).with_columns(
        pl.col(pl.Float64).round_sig_figs(DIGITS_COMPARED), pl.col(pl.List(pl.String)).list.join("\x1f")
    )
    lines = plain.select(sorted(plain.columns)).write_csv(include_header=True, null_value="\x00").encode()
    head, _, body = lines.partition(b"\n")
    return hashlib.sha256(b"\n".join([head, *sorted(body.split(b"\n"))])).hexdigest()


# --- making ---------------------------------------------------------------------------------------------------------


def _make(half: Path, reference: Reference, frames: Frames, day: date, known_until: datetime | None) -> Manifest:
    """Fills the file and closes it, with everything in it and nothing beside it; says how many rows each table has."""
    connection = duckdb.connect(
        str(half),
        config={
            # Fractions give the same sum to the last digit only if they are always added in the same order.
            "threads": 1 if known_until else THREADS,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(half.with_suffix(".tmp")),
            "autoinstall_known_extensions": False,
        },
    )
    built_at = datetime.now(UTC)
    try:
        connection.execute("set enable_progress_bar = false")  # it would write among the answers on stdout
        connection.execute(sql.SCHEMA)
        built = {
            "built_at": _utc(known_until or built_at),
            "as_of": day,
            "known_until": _utc(known_until),
            "reference_hash": reference.hash,
            "is_demo": DEMO_CHANNEL in frames.submissions["channel"],
        }
        _fill(connection, "core.build", [built])
        for table, rows in _reference_tables(reference, frames.submissions["period"].unique()):
            _fill(connection, f"reference.{table}", rows)
        _fill_core(connection, frames)
        for name in sql.MARTS:
            connection.execute(f"create table mart.{name} as {sql.mart(name)}")
        connection.execute("checkpoint")
        counts = _row_counts(connection, half.stem)
    finally:
        connection.close()
    return {
        "built_at": built_at.isoformat(),
        "day": day.isoformat(),
        "known_until": known_until.astimezone(UTC).isoformat() if known_until else None,
        "reference": reference.hash,
        "statements": sql.fingerprint(),
        "rows": counts,
    }


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row]) -> None:
    given = pl.DataFrame(list(rows), infer_schema_length=None)
    if given.is_empty():
        return
    connection.register("given", given)
    connection.execute(f"insert into {table} by name select * from given")
    connection.unregister("given")


def _fill_core(connection: duckdb.DuckDBPyConnection, frames: Frames) -> None:
    titles = frames.tasks.select(pl.col("title").unique())
    keys = titles.with_columns(title_key=pl.col("title").map_elements(name_key, return_dtype=pl.String))
    received = {
        "archive_submission": frames.submissions,
        "archive_observation": frames.observations,
        "archive_task": frames.tasks.join(keys, on="title", how="left", maintain_order="left"),
        "archive_finding": frames.findings,
        "archive_withdrawal": frames.withdrawals,
    }
    for name, frame in received.items():
        connection.register(name, frame)
    connection.execute(f"create temp table standing as {sql.load('standing')}")
    for table in sql.CORE:
        connection.execute(f"insert into core.{table} by name {sql.load(table)}")
    for name in received:
        connection.unregister(name)


def _reference_tables(reference: Reference, used_periods: Iterable[str]) -> Iterator[tuple[str, Iterable[Row]]]:
    """Every table of the schema `reference` with its rows."""
    known = _periods(used_periods)
    yield "org_unit", _org_units(reference)
    yield "unit_kind", map(_fields, reference.unit_kinds.values())
    yield "indicator", map(_indicator, reference.indicators.values())
    yield "target", map(_fields, reference.targets)
    yield "period", map(_period, known, range(1, len(known) + 1))
    yield "period_part", (part for period in known for part in _parts(period))
    yield "form", (form.model_dump(include=_FORM) for form in reference.forms.values())
    yield "form_lead", _form_leads(reference)
    yield "expected", _duties(reference)
    yield "expected_indicator", _expected_indicators(reference)
    yield "due", _due_days(reference, known)
    yield "task", (_fields(task, without=("coordinating",)) for task in reference.tasks.values())
    yield "succession", (_fields(step, without=_OLD_NAMES) for step in reference.successions)
    yield "tile", map(_fields, reference.tiles)
    yield "band", ({"indicator": code, **_fields(band)} for code, band in reference.bands.items())
    yield "slide", ({**_fields(slide), "position": place} for place, slide in enumerate(reference.slides, start=1))
    yield "planned_path", map(_fields, reference.planned_path)
    yield "quality", ({"code": code, "family": family} for code, family in reference.quality.items())
    yield "meeting", ({**_fields(meeting), "known_at": _utc(meeting.known_at)} for meeting in reference.meetings)


_FORM = {"form", "code", "name_vi", "name_en", "shape", "rank"}
_OLD_NAMES = ("old_name", "old_kind", "old_district")


def _fields(row: Any, without: tuple[str, ...] = ()) -> Row:
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row) if field.name not in without}


def _org_units(reference: Reference) -> Iterator[Row]:
    for code, unit in reference.org_units.items():
        own = _fields(unit, without=("code", "basis"))
        yield own | {
            "org_unit": code,
            "unit_group": reference.unit_group(code),
            "province": reference.province_of(code),
            "search_key": _search_key(unit.name),
            # an abbreviation (Sở NN&MT) would stand out of order among names written in full
            "sort_key": _sort_key(unit.short_name if unit.short_name and unit.short_name in unit.name else unit.name),
        }


# The watcher builds many times with the same thousand names.
_search_key = lru_cache(maxsize=20_000)(search_key)
_sort_key = lru_cache(maxsize=20_000)(sort_key)


def _indicator(indicator: Indicator) -> Row:
    own = indicator.model_dump(exclude={"numerator", "denominator", "example", "total_varies"})
    return own | {
        "numerator_name": indicator.numerator,
        "denominator_name": indicator.denominator,
        "search_key": plain_key(f"{indicator.indicator} {indicator.name_vi}"),
    }


def _periods(used: Iterable[str]) -> list[str]:
    """Every period of the years shown and every other that was reported, by start and length."""
    known = set(periods.all_periods(FIRST_YEAR, LAST_YEAR))
    for period in used:
        # A rejected submission may bear a period that is none.
        with contextlib.suppress(ValueError):
            periods.period_dates(period)
            known |= {period, *(part for whole in (period, *periods.parts(period)) for part in periods.parts(whole))}
    return sorted(known, key=periods.order_key)


def _period(period: str, position: int) -> Row:
    start_on, end_on = periods.period_dates(period)
    return {
        "period": period,
        "cadence": periods.cadence(period),
        "start_on": start_on,
        "end_on": end_on,
        "position": position,
        "label_vi": periods.label(period),
        "label_en": periods.label(period, "en"),
    }


def _parts(period: str) -> Iterator[Row]:
    parts = periods.parts(period)
    for number, part in enumerate(parts, start=1):
        yield {"period": period, "part": part, "part_no": number, "part_count": len(parts)}


def _form_leads(reference: Reference) -> Iterator[Row]:
    for form in reference.forms.values():
        for indicator in form.lead_indicators:
            yield {"form": form.form, "indicator": indicator}


def _duties(reference: Reference) -> Iterator[Row]:
    """Form, cadence and unit of every duty to report; of abolished units too, the marts look at the days."""
    for form in reference.forms.values():
        for cadence in dict.fromkeys(rule.cadence for rule in form.expected):
            senders = {sender for rule in form.expected if rule.cadence == cadence for sender in rule.senders}
            for code, unit in reference.org_units.items():
                if senders & {code, unit.kind}:
                    yield {"form": form.form, "cadence": cadence, "org_unit": code}


def _expected_indicators(reference: Reference) -> Iterator[Row]:
    for duty in _duties(reference):
        if reference.forms[duty["form"]].shape == "indicator_rows":
            for indicator in reference.indicators_expected(duty["form"], duty["org_unit"], duty["cadence"]):
                yield duty | {"indicator": indicator}


def _due_days(reference: Reference, known: list[str]) -> Iterator[Row]:
    for form in reference.forms:
        for period in known:
            if due_on := reference.due_on(form, period):
                yield {"form": form, "cadence": periods.cadence(period), "period": period, "due_on": due_on}


# --- proving --------------------------------------------------------------------------------------------------------


def _verify(half: Path, manifest: Manifest, frames: Frames) -> None:
    """Opens the closed file as readers will, and compares it with what went in. Raises BuildError."""
    if _wal(half).exists():
        # DuckDB asks access(2) whether there is a log to remove, and that answers by the user's own rights alone.
        raise BuildError(
            f"{half} was not closed whole.",
            "Build again; if it happens again, see that the user who builds may enter every folder above it.",
        )
    connection = duckdb.connect(":memory:", config=_LIMITS)
    try:
        connection.execute(f"attach '{_quoted(half)}' as w (read_only)")
        faults = list(_faults(connection, manifest, frames))
    finally:
        connection.close()
    if faults:
        raise BuildError("The new warehouse is wrong: " + "; ".join(faults), "The one before is still in place.")


def _faults(connection: duckdb.DuckDBPyConnection, manifest: Manifest, frames: Frames) -> Iterator[str]:
    counts = _row_counts(connection, "w")
    if counts != manifest["rows"]:
        yield f"its rows changed when it was closed ({counts}, before {manifest['rows']})"
    received = {
        "core.build": 1,
        "core.submission": frames.submissions.height,
        "core.observation": frames.observations.height,
        "core.task_report": frames.tasks.height,
        "core.finding": frames.findings.height,
    }
    for table, count in received.items():
        if counts.get(table) != count:
            yield f"{table} holds {counts.get(table)} rows instead of {count}"
    for name in sql.MARTS:
        grain = ", ".join(sql.grain(name))
        keys = connection.table(f"w.mart.{name}").aggregate(f"count(distinct row({grain}))").pl().item()
        if keys != counts.get(f"mart.{name}"):
            yield f"mart.{name} holds {counts.get(f'mart.{name}')} rows but {keys} of {grain}"


def _checked(half: Path, *, is_binding: bool) -> list[Row]:
    """What the checks of `sql/integrity` found in the closed file, a few rows of each.

    Raises BuildError if one of severity `error` found something and the checks are binding: a view of the past is
    shown as it was.
    """
    connection = duckdb.connect(":memory:", config=_LIMITS)
    found: list[Row] = []
    try:
        connection.execute(f"attach '{_quoted(half)}' as w (read_only)")
        connection.execute("use w")
        for check in sql.integrity():
            rows = pl.DataFrame(connection.execute(check.statement).to_arrow_table())
            if rows.height:
                examples = [" · ".join(map(str, row)) for row in rows.head(EXAMPLES).rows()]
                told = {"check": check.name, "severity": check.severity, "vi": check.vi, "en": check.en}
                found.append(told | {"count": rows.height, "examples": examples})
    finally:
        connection.close()
    errors = tuple(finding for finding in found if finding["severity"] == "error")
    if errors and is_binding:
        words = "; ".join(f"{error['en']} ({error['count']}; {error['examples'][0]})" for error in errors)
        fault = BuildError(f"The new warehouse is wrong: {words}.", "The one before is still in place.")
        fault.checks = errors
        raise fault
    for finding in found:
        log.warning("%s (%d; %s)", finding["en"], finding["count"], finding["examples"][0])
    return found


def _row_counts(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    tables = connection.table_function("duckdb_tables").pl().filter(pl.col("database_name") == database)
    names = sorted(f"{schema}.{table}" for schema, table in tables.select("schema_name", "table_name").rows())
    return {name: connection.table(f'"{database}".{name}').aggregate("count(*)").pl().item() for name in names}


# --- publishing -----------------------------------------------------------------------------------------------------


def _publish(half: Path, path: Path, manifest: Manifest) -> None:
    disk.sync(half)
    proof = {"bytes": half.stat().st_size, "sha256": warehouse.sha256_of(half)}
    disk.write(path.with_suffix(".json"), json.dumps(manifest | proof, indent=1).encode())
    disk.publish(half, path)


def _last_version(folder: Path) -> int:
    return max((int(match[1]) for path in folder.iterdir() if (match := _VERSION.fullmatch(path.name))), default=0)


def _sweep_half_built(directory: Path) -> None:
    """Removes what killed builds left; the lock is held, so nobody is building."""
    for folder in (directory, directory / "as_of"):
        _remove(folder.glob(f"{HALF_BUILT}*"))
        disk.sweep(folder, older_than_seconds=-1)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _sweep_versions(folder: Path, keep: int) -> None:
    """Removes all but the newest sound versions; readers that hold an old one open go on reading it."""
    _remove(folder.glob("v*.duckdb.wal"))
    versions = sorted(path for path in folder.iterdir() if _VERSION.fullmatch(path.name))
    kept = {path.stem for path in versions if not warehouse.fault(path)}
    kept = set(sorted(kept)[-keep:])
    _remove(path for path in versions if path.stem not in kept)
    _remove(path for path in folder.glob("v*.json") if path.stem not in kept)


def _keep_reference(settings: Settings, reference: Reference) -> None:
    """Keeps a copy of the reference data, so that a past day can be seen with the data in force then."""
    kept = settings.warehouse / "reference" / reference.hash
    if kept.exists():
        as_of.note_in_force(settings, reference.hash, datetime.now(UTC))
        return
    disk.make_folder(kept.parent)
    disk.sweep(kept.parent)
    temporary = disk.temporary_beside(kept)
    try:
        shutil.copytree(settings.reference, temporary)
        if load_reference(temporary).hash != reference.hash:
            log.warning("The reference data changed after it was read; this build keeps no copy of it.")
            return
        for path in temporary.rglob("*"):
            disk.sync(path)
        disk.publish(temporary, kept)
        as_of.note_in_force(settings, reference.hash, datetime.now(UTC))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _reference_in_force(settings: Settings, moment: datetime, present: Reference) -> Reference:
    """The reference data that was in force at a moment, or the present one where the copy is gone or unreadable."""
    found = as_of.in_force(settings, moment)
    if found is None or found == present.hash:
        return present
    try:
        return load_reference(settings.warehouse / "reference" / found)
    except (OSError, WrongReference) as fault:
        log.warning("The reference data of %s cannot be read, the present one is used: %s", moment, fault)
        return present


def _wal(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(tzinfo=None) if at else None
