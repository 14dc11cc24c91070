"""The archive: every received file, receipt and parsed row, kept for good; nothing is updated in place.

The only module that knows how they are stored:

    VERSION                              format of this folder
    files/<2 hex>/<sha256>               bytes as received, read-only
    submissions/<date>/<submission>.json receipt, findings and, if accepted, parsed rows; one line of JSON
    withdrawals/<submission>.json        who took an accepted submission back, when and why
    secrets/<sha256>.json                what was turned away for secrecy; never its content
    compacted/<period>.parquet           the same submissions again, fast to read; may be deleted at any time

Files are durable when a method returns. Many processes may read; one at a time writes (`etl.inbox.ingest_lock`).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import re
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from etl import disk
from etl.errors import HouseError
from etl.findings import Finding
from etl.model import Outcome, Receipt

FORMAT = 1
COMPACT_ABOVE = 300

FINDING: dict[str, pl.DataType] = {
    "code": pl.String(),
    "severity": pl.String(),
    "sheet": pl.String(),
    "cell": pl.String(),
    "shown": pl.String(),
    "expected": pl.String(),
    "message_vi": pl.String(),
    "message_en": pl.String(),
}
OBSERVATION: dict[str, pl.DataType] = {
    "indicator": pl.String(),
    "org_unit": pl.String(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "value": pl.Float64(),
    "value_to": pl.Float64(),
    "qualifier": pl.String(),
    "status": pl.String(),
    "sheet": pl.String(),
    "cell": pl.String(),
    "shown": pl.String(),
    "note": pl.String(),
}
TASK: dict[str, pl.DataType] = {
    "task": pl.String(),
    "title": pl.String(),
    "assigned_in": pl.String(),
    "lead": pl.String(),
    "lead_text": pl.String(),
    "coordinating": pl.List(pl.String()),
    "coordinating_text": pl.String(),
    "due_on": pl.Date(),
    "due_precision": pl.String(),
    "due_text": pl.String(),
    "state": pl.String(),
    "state_text": pl.String(),
    "status": pl.String(),
    "completed_on": pl.Date(),
    "progress_pct": pl.Float64(),
    "result": pl.String(),
    "obstacle": pl.String(),
    "proposal": pl.String(),
    "sheet": pl.String(),
    "cell": pl.String(),
    "shown": pl.String(),
}
SUBMISSION: dict[str, pl.DataType] = {
    "submission": pl.String(),
    "file": pl.String(),
    "file_name": pl.String(),
    "form": pl.String(),
    "org_unit": pl.String(),
    "period": pl.String(),
    "as_of": pl.Date(),
    "received_at": pl.Datetime("us"),
    "sender": pl.String(),
    "account": pl.String(),
    "sent_for": pl.String(),
    "channel": pl.String(),
    "backfilled": pl.Boolean(),
    "outcome": pl.String(),
    "sheet": pl.String(),
    "reader": pl.String(),
    "reference": pl.String(),
    "read_at": pl.Datetime("us"),  # of another reading of an original; null where it was read as it came
}
RECORD: dict[str, pl.DataType] = {
    **SUBMISSION,
    "findings": pl.List(pl.Struct(FINDING)),
    "observations": pl.List(pl.Struct(OBSERVATION)),
    "tasks": pl.List(pl.Struct(TASK)),
}
LATER = ("account", "sent_for")  # texts that the first records do not have
WITHDRAWAL: dict[str, pl.DataType] = {
    "submission": pl.String(),
    "reason": pl.String(),
    "by": pl.String(),
    "at": pl.Datetime("us"),
}

Record = dict[str, Any]

READINGS_APART = 100
"""The n-th submission of a file has number n; read again, n + 100, n + 200 …: it sorts right behind the first."""

_FILE = re.compile(r"[0-9a-f]{64}")
_SUBMISSION = re.compile(r"(\d{4})(\d\d)(\d\d)T\d{6}\.\d{6}Z-([0-9a-f]{12})-\d{3}")
_PERIOD = re.compile(r"[0-9A-Za-z-]{1,20}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frames:
    """The archive as tables, in order of arrival; times are UTC without a zone.

    `submissions` has one row per submission of any outcome with counts of its rows and findings; `observations`,
    `tasks` and `findings` (with `position` from 1) carry the submission they came in; withdrawn submissions are
    included and named in `withdrawals`.
    """

    submissions: pl.DataFrame
    observations: pl.DataFrame
    tasks: pl.DataFrame
    findings: pl.DataFrame
    withdrawals: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Day:
    """The submissions of one folder by the head of their file's hash, as of one look into it."""

    changed_ns: int
    looked_ns: int
    by_file: dict[str, list[str]]

    def still_holds(self, changed_ns: int) -> bool:
        # A folder written twice within one tick of the clock keeps its time: only an old time proves it unchanged.
        return changed_ns == self.changed_ns and self.looked_ns - self.changed_ns > 2_000_000_000


def time_key(at: datetime) -> str:
    """A moment as text that sorts by time and may stand in a file name: 20261122T054913.123456Z."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def submission_id(received_at: datetime, file: str, n: int) -> str:
    """The id of the n-th submission (from 1) of a file received then; ids sort by arrival."""
    if not 1 <= n <= 999:
        raise ValueError(f"a file cannot hold submission number {n}")
    return f"{time_key(received_at)}-{file[:12]}-{n:03d}"


class Archive:
    """The archive below one folder; made on the first write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._days: dict[str, _Day] = {}
        self._guard = threading.Lock()
        self._is_prepared = False
        version = root / "VERSION"
        if not version.exists() and (root / "submissions").is_dir() and any((root / "submissions").iterdir()):
            raise HouseError(
                f"The archive {root} is not whole: it holds submissions but no VERSION.",
                "It was copied half, or with files left out; bring it whole from the backup (`tiendoso restore`).",
            )
        if version.exists() and version.read_text().strip() != str(FORMAT):
            raise HouseError(
                f"The archive {root} has format {version.read_text().strip()}, this programme writes format {FORMAT}.",
                "Use the version of the programme that wrote it, or a newer one.",
            )

    # files

    def keep_file(self, source: bytes | Path) -> str:
        """Keeps received bytes under their SHA-256, which it gives back; durable on return, twice does no harm."""
        temporary = disk.temporary_beside(self.root / "files" / "any")
        with disk.naming(self.root):
            self._prepare()
            try:
                file = disk.copy(source, temporary, mode=0o444)
                path = self._file_path(file)
                disk.make_folder(path.parent)
                if _hash_of(path) == file:
                    disk.sync(path.parent)
                else:
                    disk.publish(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)
        return file

    def original(self, file: str) -> bytes:
        """The bytes as received; HouseError if they are gone or are no longer the same."""
        path = self._file_path(file)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise HouseError(
                f"The archive holds no file {file}.", "Bring it back from the backup, below archive/files/."
            ) from None
        if hashlib.sha256(data).hexdigest() != file:
            raise HouseError(
                f"The archived file {path} is damaged: its hash is no longer its name.",
                "Bring it back from the backup.",
            )
        return data

    def _file_path(self, file: str) -> Path:
        if not _FILE.fullmatch(file):
            raise HouseError(f"“{file[:80]}” is no file of the archive.", "A file is named by its 64 hex digits.")
        return self.root / "files" / file[:2] / file

    # submissions

    def record(self, receipt: Receipt, read_at: datetime | None = None) -> None:
        """Keeps a receipt with its rows (if accepted); durable on return. An id once recorded stays as it is.

        `read_at` dates another reading of an original.
        """
        path = self._submission_path(receipt.submission)
        with disk.naming(self.root):
            self._prepare()
            if path.exists():
                if _read(path)["file"] != receipt.arrival.file:
                    raise HouseError(f"Submission {receipt.submission} is recorded already, of another file.")
                disk.sync(path.parent)
            else:
                disk.write(path, _line(_record(receipt) | {"read_at": _moment(read_at) if read_at else None}))

    def receipt(self, submission: str) -> Record | None:
        """One submission as recorded, with findings and rows; None if there is none of that id."""
        if not _SUBMISSION.fullmatch(submission):
            return None
        try:
            return _read(self._submission_path(submission))
        except FileNotFoundError:
            return None

    def receipts(self) -> Iterator[Record]:
        """Every submission as recorded, in order of arrival."""
        for submission in self.submissions():
            yield _read(self._submission_path(submission))

    def submissions(self) -> list[str]:
        """The ids of every submission, in order of arrival."""
        return sorted(name for day in self._look() for names in day.by_file.values() for name in names)

    def known_count(self, moment: datetime) -> int:
        """How many submissions, of any outcome, were known at a moment: received by then, and read by then."""
        last = f"{time_key(moment)}~"  # an id begins with the time of arrival; "~" sorts after all that may follow
        received = [submission for submission in self.submissions() if submission <= last]
        again = [submission for submission in received if int(submission[-3:]) > READINGS_APART]
        read_later = [submission for submission in again if _read_at(self.receipt(submission)) > moment]
        return len(received) - len(read_later)

    def submissions_of(self, file: str) -> list[Record]:
        """The submissions found in one file, in order of arrival, whatever their outcome."""
        found = sorted(name for day in self._look() for name in day.by_file.get(file[:12], ()))
        records = [_read(self._submission_path(name)) for name in found]
        return [record for record in records if record["file"] == file]

    def is_accepted(self, file: str, apart_from: datetime | None = None) -> list[str]:
        """The submissions of a file that were accepted and not withdrawn; empty if the file may be sent anew.

        `apart_from` leaves out those received at that very moment: an arrival resumed is no duplicate of itself.
        """
        if not self._file_path(file).exists():  # kept before it is recorded: what was never kept was never accepted
            return []
        arrival = f"{time_key(apart_from)}-" if apart_from else None
        return [
            str(record["submission"])
            for record in self.submissions_of(file)
            if record["outcome"] == Outcome.ACCEPTED
            and not self._withdrawal_path(record["submission"]).exists()
            and not (arrival and record["submission"].startswith(arrival))
        ]

    def _submission_path(self, submission: str) -> Path:
        match = _SUBMISSION.fullmatch(submission)
        if not match:
            raise HouseError(f"“{submission[:80]}” is no submission id.")
        return self.root / "submissions" / "-".join(match.group(1, 2, 3)) / f"{submission}.json"

    def _look(self) -> list[_Day]:
        """What stands in each day's folder; only those that changed are looked into again."""
        with self._guard:
            seen: dict[str, _Day] = {}
            with contextlib.suppress(FileNotFoundError):
                for folder in (self.root / "submissions").glob("[0-9]*-[0-9]*-[0-9]*"):
                    known, changed_ns = self._days.get(folder.name), folder.stat().st_mtime_ns
                    seen[folder.name] = known if known and known.still_holds(changed_ns) else _look_into(folder)
            self._days = seen
            return list(seen.values())

    # what is taken back or turned away

    def withdraw(self, submission: str, reason: str, by: str, at: datetime) -> None:
        """Takes an accepted submission back from `at` on; it stays in the archive. HouseError if not accepted."""
        record = self.receipt(submission)
        if record is None or record["outcome"] != Outcome.ACCEPTED:
            raise HouseError(
                f"There is no accepted submission {submission}.", "See the list of submissions for the right id."
            )
        path = self._withdrawal_path(submission)
        if path.exists():
            raise HouseError(f"Submission {submission} is withdrawn already ({_read(path)['at']}).")
        with disk.naming(self.root):
            disk.write(path, _line({"submission": submission, "reason": reason, "by": by, "at": _moment(at)}))

    def withdrawals(self) -> list[Record]:
        """Every withdrawal (submission, reason, by, at), in order of the submissions."""
        return [_read(path) for path in sorted((self.root / "withdrawals").glob("[0-9]*.json"))]

    def _withdrawal_path(self, submission: str) -> Path:
        return self.root / "withdrawals" / f"{submission}.json"

    def note_secret(self, file: str, file_name: str, received_at: datetime, reason: str) -> None:
        """Notes that a file was turned away for secrecy; its content is never kept. The first note stays."""
        self._prepare()
        self._file_path(file)
        path = self.root / "secrets" / f"{file}.json"
        if not path.exists():
            note = {"file": file, "file_name": file_name, "received_at": _moment(received_at), "reason": reason}
            with disk.naming(self.root):
                disk.write(path, _line(note))

    def secrets(self) -> list[Record]:
        """What was turned away for secrecy (file, file_name, received_at, reason), in order of arrival."""
        notes = [_read(path) for path in (self.root / "secrets").glob("[0-9a-f]*.json")]
        return sorted(notes, key=lambda note: str(note["received_at"]))

    # tables

    def frames(
        self, known_until: datetime | None = None, compact_above: int | None = None, *, from_records: bool = False
    ) -> Frames:
        """The archive as tables; with `known_until`, only what had been received and withdrawn by then.

        With `from_records` every submission is read as recorded, none as compacted. With `compact_above` the
        submissions read are compacted on the way, if more than so many are not yet.
        """
        records, newest = self._records(from_records=from_records)
        if compact_above is not None and newest.height > compact_above:
            self._compact(records, newest)
        withdrawals = _frame(map(_line, self.withdrawals()), WITHDRAWAL)
        if known_until is not None:
            limit = pl.lit(known_until.astimezone(UTC).replace(tzinfo=None))
            records = records.filter(pl.coalesce("read_at", "received_at") <= limit)
            withdrawals = withdrawals.filter(pl.col("at") <= limit)
        return _tables(records.sort("submission"), withdrawals)

    def compact(self, above: int = COMPACT_ABOVE) -> int:
        """Writes submissions not yet compacted into the file of their period, if more than `above`; how many."""
        records, newest = self._records()
        if newest.height <= above:
            return 0
        self._compact(records, newest)
        return newest.height

    def _compact(self, records: pl.DataFrame, newest: pl.DataFrame) -> None:
        self._prepare()
        place = pl.col("period").map_elements(_parquet_name, return_dtype=pl.String, skip_nulls=False)
        touched = newest.select(place.unique()).to_series().to_list()
        for (name,), rows in records.filter(place.is_in(touched)).group_by(place.alias("place")):
            self._write_parquet(self.root / "compacted" / str(name), rows.sort("submission"))
        for folder in [*self.root.iterdir(), *self.root.glob("files/*"), *self.root.glob("submissions/*")]:
            disk.sweep(folder)

    def _records(self, *, from_records: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
        """All submissions with nested rows, in no order; beside them those that no compacted file holds."""
        # The list comes first: what is recorded meanwhile is for the next reading, wherever it is compacted to.
        names = self.submissions()
        recorded = pl.DataFrame({"submission": names}, schema={"submission": pl.String()})
        paths = [] if from_records else sorted(self.root.glob("compacted/[!.]*.parquet"))
        parts = [part for path in paths if (part := _compacted(path)) is not None]
        old = pl.concat([pl.DataFrame(schema=RECORD), *parts]).join(recorded, on="submission", how="semi")
        missing = recorded.join(old, on="submission", how="anti").to_series().to_list()
        newest = _frame((self._submission_path(name).read_bytes() for name in missing), RECORD)
        newest = newest.with_columns(pl.col(LATER).fill_null(""))
        return pl.concat([old, newest]), newest

    def _write_parquet(self, path: Path, rows: pl.DataFrame) -> None:
        disk.make_folder(path.parent)
        temporary = disk.temporary_beside(path)
        try:
            rows.write_parquet(temporary, compression="zstd", compression_level=1)
            disk.sync(temporary)
            disk.publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def _prepare(self) -> None:
        if not self._is_prepared:
            if not (self.root / "VERSION").exists():
                disk.write(self.root / "VERSION", f"{FORMAT}\n".encode())
            self._is_prepared = True


def _record(receipt: Receipt) -> Record:
    """The receipt as it is stored: format 1, flat and explicit."""
    arrival, content = receipt.arrival, receipt.content
    is_accepted = receipt.outcome is Outcome.ACCEPTED
    return {
        "format": FORMAT,
        "submission": receipt.submission,
        "file": arrival.file,
        "file_name": arrival.file_name,
        "form": content.form,
        "org_unit": content.org_unit,
        "period": content.period,
        "as_of": content.as_of,
        "received_at": _moment(arrival.received_at),
        "sender": arrival.sender,
        "account": arrival.account,
        "sent_for": arrival.sent_for,
        "channel": arrival.channel,
        "backfilled": arrival.backfilled,
        "outcome": receipt.outcome,
        "sheet": content.sheet,
        "reader": receipt.reader,
        "reference": receipt.reference,
        "findings": [_finding(finding) for finding in dict.fromkeys((*content.findings, *receipt.findings))],
        "observations": [_fields(row, OBSERVATION) for row in content.observations] if is_accepted else [],
        "tasks": [_fields(row, TASK) for row in content.tasks] if is_accepted else [],
    }


_CONTENT = ("form", "org_unit", "period", "as_of", "outcome", "observations", "tasks")


def content_of(receipt: Receipt) -> Record:
    """What a receipt says of a submission, as it would be recorded: comparable with `content_of_record`."""
    return content_of_record(json.loads(_line(_record(receipt))))


def content_of_record(record: Record) -> Record:
    return {name: record[name] for name in _CONTENT}


def _finding(finding: Finding) -> Record:
    # The wording is stored too: a receipt says for ever what it said when it was given.
    return _fields(finding, FINDING)


def _fields(row: object, names: Iterable[str]) -> Record:
    return {name: getattr(row, name) for name in names}


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _read_at(record: Record | None) -> datetime:
    told = (record or {}).get("read_at") or (record or {})["received_at"]
    return datetime.fromisoformat(told)


def _line(record: Record) -> bytes:
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_iso)
    return text.encode("utf-8", "replace") + b"\n"


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be stored")


def _read(path: Path) -> Record:
    data = path.read_bytes()
    try:
        record: Record = json.loads(data)
    except ValueError:
        raise HouseError(f"{path} is damaged: it holds no JSON.", "Bring it back from the backup.") from None
    return record


def _hash_of(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _look_into(folder: Path) -> _Day:
    changed_ns, looked_ns = folder.stat().st_mtime_ns, time.time_ns()
    by_file: dict[str, list[str]] = {}
    for entry in folder.iterdir():
        match = _SUBMISSION.fullmatch(entry.stem)
        if match and entry.suffix == ".json":
            by_file.setdefault(match[4], []).append(entry.stem)
    return _Day(changed_ns, looked_ns, by_file)


def _parquet_name(period: str | None) -> str:
    return f"{period if period and _PERIOD.fullmatch(period) else 'none'}.parquet"


def _compacted(path: Path) -> pl.DataFrame | None:
    """A compacted file, or None if it is damaged or of another format: then the submissions themselves are read."""
    try:
        part = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as fault:
        log.warning("%s cannot be read and is left out until it is compacted anew: %s", path, fault)
        return None
    return part if part.schema == pl.Schema(RECORD) else None


def _frame(lines: Iterable[bytes], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    text = b"".join(lines)
    if not text:
        return pl.DataFrame(schema=schema)
    try:
        return pl.read_ndjson(io.BytesIO(text), schema=schema)
    except pl.exceptions.PolarsError as fault:
        raise HouseError(
            f"A submission of the archive is damaged: {fault}", "`tiendoso verify` names it; bring it from the backup."
        ) from fault


def _tables(records: pl.DataFrame, withdrawals: pl.DataFrame) -> Frames:
    severities = pl.col("findings").list.eval(pl.element().struct.field("severity"))
    submissions = records.select(
        *SUBMISSION,
        observation_count=pl.col("observations").list.len(),
        task_count=pl.col("tasks").list.len(),
        error_count=severities.list.count_matches("error"),
        warning_count=severities.list.count_matches("warning"),
    )
    findings = _rows(records, "findings").select(
        "submission", (pl.int_range(pl.len()).over("submission") + 1).alias("position"), *FINDING
    )
    return Frames(submissions, _rows(records, "observations"), _rows(records, "tasks"), findings, withdrawals)


def _rows(records: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows nested in a column, each with its submission."""
    filled = records.lazy().filter(pl.col(name).list.len() > 0)
    return filled.select("submission", name).explode(name).unnest(name).collect()
