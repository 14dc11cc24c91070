"""The journey of a file: landing → reading → checks → receipts and rows in the archive; the only place that catches.

A submission is accepted or rejected as a whole. One bad row, file or programming fault never sinks the run.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from etl import checks, history, inbox, logs, marked_copy, metrics
from etl.archive import READINGS_APART, Archive, content_of, content_of_record, submission_id, time_key
from etl.errors import DiskFault, Refused
from etl.findings import Finding, Severity
from etl.history import NOTHING_KNOWN, History
from etl.inbox import Landed
from etl.model import Arrival, Outcome, Receipt, Submission, Table, Workbook
from etl.reading import Context, read_workbook
from etl.reference import Reference
from etl.settings import Settings
from etl.workbook import WorkbookReader

REREAD = "reread"
"""The channel of another reading of an original."""

READER = "1"
"""Version of the reading; rows of another version are another reading of the same file."""

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

_HIDDEN = re.compile(r"\.(?!\.)|~\$")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A file on its way in: where it lies (or its bytes), its name, and when and from whom it came.

    A file of the inbox is ours to remove once it has landed; one that a person named stays where it is.
    """

    content: Path | bytes
    file_name: str
    received_at: datetime | None  # None: now
    sender: str = ""
    is_ours_to_remove: bool = False


@dataclass(slots=True)
class Faults:
    """Programming faults met in a run: the files stay landed and are read again by the next run."""

    count: int = 0


class Pipeline:
    """Takes files in and checks them; one reader pool for its whole life. Use as a context manager."""

    def __init__(self, settings: Settings, reference: Reference) -> None:
        self.settings = settings
        self.reference = reference
        self.archive = Archive(settings.archive)
        self.faults = Faults()
        self._history: History | None = None
        self._reader = WorkbookReader(
            settings.parser_processes, settings.parser_seconds, settings.parser_memory_mb, settings.max_file_mb
        )

    def __enter__(self) -> Self:
        self._reader.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, exception, trace)

    def ingest(self, sources: Iterable[Source], *, channel: str = "cli", backfilled: bool = False) -> Iterator[Receipt]:
        """Lands the sources, then reads everything that has landed; gives the receipts as they are recorded.

        The caller holds `inbox.ingest_lock`. What an earlier run left in the landing comes first.
        """
        yield from self.ingest_landed()
        for receipts in self._read_all(self._land(sources, channel, backfilled)):
            yield from receipts

    def _land(self, sources: Iterable[Source], channel: str, backfilled: bool) -> Iterator[Landed]:
        for source in sources:
            yield inbox.land(
                self.settings,
                source.content,
                source.file_name,
                source.received_at,
                sender=source.sender,
                channel=channel,
                backfilled=backfilled,
            )
            if source.is_ours_to_remove and isinstance(source.content, Path):
                inbox.erase_file(source.content)

    def ingest_landed(self) -> Iterator[Receipt]:
        """Reads what has landed by another way (the web), oldest first."""
        self._history = None
        for receipts in self._read_all(inbox.landed(self.settings)):
            yield from receipts

    def reread(self, submissions: Iterable[str], now: datetime) -> Iterator[tuple[Receipt, bool]]:
        """Reads the originals of these submissions again; gives each receipt, and whether it is kept as a new reading.

        A new reading is kept, dated `now`, where its outcome or its rows are others; the reading before it stays and
        counts on where the new one is rejected. The caller holds `inbox.ingest_lock`.
        """
        self._history = None
        asked = [record for submission in submissions if (record := self.archive.receipt(submission)) is not None]
        for record in {record["submission"][:-4]: record for record in asked}.values():
            arrival = Arrival(
                str(record["file"]),
                str(record["file_name"]),
                datetime.fromisoformat(record["received_at"]),
                str(record["sender"]),
                REREAD,
                bool(record["backfilled"]),
                str(record.get("account") or ""),
                str(record.get("sent_for") or ""),
            )
            before = [
                other
                for other in self.archive.submissions_of(arrival.file)
                if other["submission"].startswith(record["submission"][:-4])
            ]
            try:
                read: Workbook | Refused = self._reader.read(self.archive.original(arrival.file), arrival.file_name)
            except Refused as refused:
                read = refused
            reading = 1 + max(int(other["submission"][-3:]) // READINGS_APART for other in before)
            for receipt in self._receipts(arrival, read)[0]:
                n = int(receipt.submission[-3:])
                numbered = replace(receipt, submission=f"{receipt.submission[:-3]}{n + READINGS_APART * reading:03d}")
                earlier = [other for other in before if int(other["submission"][-3:]) % READINGS_APART == n]
                is_new = not earlier or content_of(numbered) != content_of_record(earlier[-1])
                if is_new:
                    self.archive.record(numbered, read_at=now)
                yield numbered, is_new

    def check(
        self, data: bytes, file_name: str, received_at: datetime | None = None, *, sent_for: str = ""
    ) -> list[Receipt]:
        """The receipts that this file would get from an account bound to `sent_for`; nothing is written."""
        self._history = None
        received_at = received_at or datetime.now(UTC)
        arrival = Arrival(sha256(data).hexdigest(), file_name, received_at, channel="check", sent_for=sent_for)
        try:
            read: Workbook | Refused = self._reader.read(data, file_name)
        except Refused as refused:
            read = refused
        return self._receipts(arrival, read)[0]

    def mark(
        self, data: bytes, file_name: str, findings: Sequence[Finding], *, submission: str = ""
    ) -> tuple[str, bytes]:
        """The workbook with these findings marked in it, and its file name. Raises Refused if none can be made."""
        read = self._reader.read(data, file_name)
        marked = marked_copy.marked_copy(
            data, read.kind, findings, submission=submission, file_name=file_name, workbook=read
        )
        return marked_copy.marked_file_name(file_name, read.kind), marked

    def _read_all(self, landed: Iterable[Landed]) -> Iterator[list[Receipt]]:
        items = ((entry, data, entry.arrival.file_name) for entry, data in self._unread(landed))
        for entry, read in self._reader.read_many(items):
            with self._house_faults(entry):
                with logs.about(**_named(entry.arrival)), metrics.INGEST_SECONDS.time():
                    receipts = self._settle(entry, read)
                _tell(receipts)
                yield receipts

    def _unread(self, landed: Iterable[Landed]) -> Iterator[tuple[Landed, bytes]]:
        for entry in landed:
            with self._house_faults(entry):
                yield entry, self._bytes(entry)

    def _bytes(self, entry: Landed) -> bytes:
        """The entry's bytes; of a file over the limit only enough to be refused as too large."""
        limit = self.settings.max_file_mb * 1024 * 1024
        if entry.size <= limit:
            return entry.read()
        with entry.content.open("rb") as stream:
            return stream.read(limit + 1)

    @contextmanager
    def _house_faults(self, entry: Landed) -> Iterator[None]:
        """A fault of ours is logged with its traceback; the entry stays landed for the next run."""
        try:
            yield
        except DiskFault:  # the next file would fare no better: the run ends, whatever landed waits for the next one
            raise
        except Exception:
            self.faults.count += 1
            metrics.FAULTS.inc()
            log.exception("%s could not be read; it stays for the next run", entry.folder, extra=_named(entry.arrival))

    def _settle(self, entry: Landed, read: Workbook | Refused) -> list[Receipt]:
        """Decides about one landed file and records it: archive first, then receipts, then the landing is cleared."""
        arrival = entry.arrival
        earlier = self.archive.is_accepted(arrival.file, apart_from=arrival.received_at if entry.is_resumed else None)
        if earlier and self._may_send(arrival, str((self.archive.receipt(earlier[0]) or {}).get("org_unit", ""))):
            receipts = [self._duplicate(arrival, earlier[0])]
        else:
            receipts, is_secret = self._receipts(arrival, read)
            if is_secret:
                self.archive.note_secret(arrival.file, arrival.file_name, arrival.received_at, "secrecy mark")
                for receipt in receipts:
                    self.archive.record(receipt)
                inbox.erase(entry)
                return receipts
        self.archive.keep_file(entry.content)
        for receipt in receipts:
            self.archive.record(receipt)
        inbox.finish(entry)
        return receipts

    def _duplicate(self, arrival: Arrival, earlier: str) -> Receipt:
        first = self.archive.receipt(earlier) or {}
        content = Submission(
            form=first.get("form", ""),
            org_unit=first.get("org_unit", ""),
            period=first.get("period", ""),
            as_of=date.fromisoformat(first["as_of"]) if first.get("as_of") else None,
            findings=(Finding("submission.duplicate", expected=earlier),),
        )
        return self._receipt(arrival, 1, Outcome.DUPLICATE, content)

    def _receipts(self, arrival: Arrival, read: Workbook | Refused) -> tuple[list[Receipt], bool]:
        """The receipts of a file that was read, and whether it bears a secrecy mark."""
        if isinstance(read, Refused):
            return [self._rejected(arrival, (read.finding,))], False
        if unchanged := marked_copy.unchanged_finding(read):
            return [self._rejected(arrival, (unchanged,))], False
        read = marked_copy.without_marks(read)
        errors = tuple(finding for finding in read.findings if finding.severity is Severity.ERROR)
        context = Context(
            self.reference, arrival.file_name, local_day(arrival.received_at), self.settings.home_province
        )
        reading = read_workbook(read, context)
        if reading.is_secret:
            return [self._rejected(arrival, (Finding("submission.secret"),))], True
        if errors or not reading.tables:
            return [self._rejected(arrival, reading.findings)], False
        receipts = []
        for n, table in enumerate(reading.tables, start=1):
            content = self._not_theirs(arrival, table) or submission_of(table, self.reference, self._known())
            content = replace(content, findings=(*reading.findings, *content.findings))
            outcome = Outcome.ACCEPTED if content.is_acceptable else Outcome.REJECTED
            receipts.append(self._receipt(arrival, n, outcome, content))
        return receipts, False

    def _may_send(self, arrival: Arrival, org_unit: str) -> bool:
        """Whether the account that a file came with may send for a unit; what came by another way may for every one."""
        return not arrival.sent_for or not org_unit or org_unit in self.reference.units_below(arrival.sent_for)

    def _not_theirs(self, arrival: Arrival, table: Table) -> Submission | None:
        """A table that names a unit the sender may not send for; None if all is in order.

        Nothing of it is compared with what is known of that unit: whoever can name one could otherwise ask for it.
        Rows about others are for those who must send the form, the leads of its indicators.
        """
        if not arrival.sent_for:
            return None
        own = self.reference.units_below(arrival.sent_for)
        sender = self.reference.org_units.get(table.org_unit)
        rules = self.reference.forms[table.form].expected
        leads = sender is not None and any({sender.code, sender.kind} & set(rule.senders) for rule in rules)
        about = () if leads else (typed.observation for typed in table.figures)
        others = ((row.org_unit, row.cell) for row in about if row.org_unit not in own)
        named, cell = next(others, ("", "")) if self._may_send(arrival, table.org_unit) else (table.org_unit, "")
        if not named:
            return None
        names = [self.reference.org_units[code].name for code in (named, arrival.sent_for)]
        finding = Finding("org_unit.not_yours", table.sheet, cell, *names)
        return Submission(table.form, "", table.period, table.as_of, table.sheet, findings=(finding,))

    def _known(self) -> History:
        """What counted in the warehouse when the first table of this run was checked."""
        known = self._history
        if known is None:
            try:
                known = history.load_history(self.settings.warehouse)
            except Exception:  # a receipt does not wait until a damaged warehouse has been mended
                log.exception("The warehouse cannot be read; this run compares nothing with what is known already.")
                known = NOTHING_KNOWN
            self._history = known
        return known

    def _rejected(self, arrival: Arrival, findings: tuple[Finding, ...]) -> Receipt:
        return self._receipt(arrival, 1, Outcome.REJECTED, Submission("", "", "", None, findings=findings))

    def _receipt(self, arrival: Arrival, n: int, outcome: Outcome, content: Submission) -> Receipt:
        return Receipt(
            submission_id(arrival.received_at, arrival.file, n),
            arrival,
            outcome,
            content,
            reader=READER,
            reference=self.reference.hash,
        )


def _named(arrival: Arrival) -> dict[str, str]:
    """What a log line about an arrival bears; its submissions are known only when it has been read."""
    file = arrival.file[: logs.FILE_HEAD]
    return {"submission": f"{time_key(arrival.received_at)}-{file}", "file": file}


def _tell(receipts: Iterable[Receipt]) -> None:
    for receipt in receipts:
        metrics.SUBMISSIONS.labels(str(receipt.outcome)).inc()
        content = receipt.content
        facts = {"outcome": str(receipt.outcome), "channel": receipt.arrival.channel, "form": content.form}
        facts |= {"org_unit": content.org_unit, "period": content.period}
        facts |= _named(receipt.arrival) | {"submission": receipt.submission}
        codes = sorted({finding.code for finding in content.findings})
        log.info("submission %s", receipt.outcome, extra={**facts, "findings": codes})


def submission_of(table: Table, reference: Reference, known: History = NOTHING_KNOWN) -> Submission:
    """A table with its checks made, as the submission it becomes; repeated equal rows count once."""
    met = [*checks.check(table, reference), *history.check(table, reference, known)]
    findings = tuple(dict.fromkeys((*table.findings, *met)))
    observations = {
        (typed.observation.org_unit, typed.observation.indicator): typed.observation
        for typed in reversed(table.figures)
    }
    return Submission(
        form=table.form,
        org_unit=table.org_unit,
        period=table.period,
        as_of=table.as_of,
        sheet=table.sheet,
        observations=tuple(reversed(observations.values())),
        tasks=tuple(typed.report for typed in table.tasks),
        findings=findings,
    )


def local_day(moment: datetime) -> date:
    """The calendar day in Vietnam of a moment."""
    return moment.astimezone(LOCAL_TIME).date()


def sources(paths: Iterable[Path], received_at: datetime | None) -> Iterator[Source]:
    """The files at `paths` (folders with everything below them, in the order of names), received now or as told.

    Hidden files and locks are passed over in folders; a file that is named is taken.
    """
    for path in paths:
        below = (file for file in sorted(path.rglob("*")) if not _HIDDEN.match(file.name))
        for file in below if path.is_dir() else [path]:
            if file.is_file():
                yield Source(file, file.name, received_at)
