"""The counter where workbooks come in by the web: blank forms out, a reading beforehand, the sending, the receipt.

The web process writes nothing but `live/landing/web`; what is left there the watcher takes in and carries out.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

import streamlit as st

from dashboard import visitor
from etl import audit, inbox, periods
from etl.access import Action, Principal, may
from etl.archive import Archive
from etl.errors import HouseError, Refused
from etl.findings import WORDING, Finding
from etl.model import Outcome, Receipt
from etl.pipeline import Pipeline, local_day
from etl.reference import Form, OrgUnit, Reference, load_reference
from etl.settings import Settings
from etl.template import write_template
from sql import warehouse

MOST_WAITING: Final = 200  # files in the landing; beyond that nobody is at work there, and disks are finite
LONGEST_NAME: Final = 200
PERIODS_OFFERED: Final = {"weekly": 8, "monthly": 12, "quarterly": 8, "half": 4, "nine_months": 2, "yearly": 3}
_ARRIVAL: Final = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{12}")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Checked:
    """A workbook as it would be answered if it were sent now; `earlier` is the submission it is the same file as."""

    file_name: str
    data: bytes
    receipts: tuple[Receipt, ...]
    earlier: str

    @property
    def is_acceptable(self) -> bool:
        return not self.earlier and any(receipt.outcome is Outcome.ACCEPTED for receipt in self.receipts)

    @property
    def is_secret(self) -> bool:
        """Whether it bears a secrecy mark: nothing of it may be kept or shown."""
        return any(finding.code == "submission.secret" for finding in self.findings)

    @property
    def is_worth_sending(self) -> bool:
        """Whether sending it would leave more than what is known already: the same file, or an unmended marked copy."""
        return not self.earlier and not any(finding.code.startswith("submission.") for finding in self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of the file once, in order."""
        return tuple(dict.fromkeys(finding for receipt in self.receipts for finding in receipt.content.findings))


class Intake:
    """One per server process: reference data, archive (read) and a bounded pool of reading processes."""

    def __init__(self, settings: Settings, definitions: Path | None = None) -> None:
        self.settings = settings
        self.reference: Reference = load_reference(definitions or settings.reference)
        self.archive = Archive(settings.archive)
        self._pipeline = Pipeline(settings, self.reference).__enter__()

    def close(self) -> None:
        """End the reading processes."""
        self._pipeline.__exit__(None, None, None)

    # before sending

    def template(self, form: str, org_unit: str, period: str) -> bytes:
        """The blank workbook of a form for a unit and period."""
        stream = io.BytesIO()
        write_template(self.reference, form, org_unit, period, path_or_stream=stream)
        return stream.getvalue()

    def check(self, data: bytes, file_name: str, principal: Principal) -> Checked:
        """What a file would be answered if it came from somebody; nothing is written."""
        name = plain_name(file_name)
        earlier = [sent for sent in self.archive.is_accepted(sha256(data).hexdigest()) if self._is_own(sent, principal)]
        receipts = tuple(self._pipeline.check(data, name, sent_for=principal.org_unit))
        checked = Checked(name, data, receipts, "".join(earlier[:1]))
        return replace(checked, data=b"") if checked.is_secret else checked

    def mark(self, checked: Checked) -> tuple[str, bytes] | None:
        """The workbook with its findings marked, and its file name; None if no copy can be made of it."""
        if not checked.is_worth_sending:
            return None
        return self._mark(checked.data, checked.file_name, checked.findings, "")

    # sending and waiting

    def send(self, data: bytes, file_name: str, sender: str, principal: Principal) -> str:
        """Leaves a file for the watcher; gives the key of its arrival. Raises HouseError if too many are waiting."""
        if len(inbox.landed(self.settings)) >= MOST_WAITING:
            raise HouseError("Too many files are waiting to be taken in.", "See whether `tiendoso watch` is running.")
        landed = inbox.land(
            self.settings,
            data,
            plain_name(file_name),
            None,
            sender=sender.strip()[:200],
            channel=inbox.WEB,
            account=principal.id,
            sent_for=principal.org_unit,
        )
        where, key = visitor.address(), landed.folder.name
        audit.record(self.settings, audit.Event.UPLOAD, principal.id, where, file=plain_name(file_name), arrival=key)
        return key

    def is_waiting(self, arrival: str, principal: Principal) -> bool:
        """Whether a file that somebody's unit has sent has not been taken in yet."""
        if not _ARRIVAL.fullmatch(arrival) or not (self.settings.landing / inbox.WEB / arrival).is_dir():
            return False
        waiting = (entry for entry in inbox.landed(self.settings) if entry.folder.name == arrival)
        own = self.own_units(principal)
        return not principal.org_unit or any(entry.arrival.sent_for in own for entry in waiting)

    def answers(self, arrival: str, principal: Principal) -> list[Record]:
        """The receipts given to an arrival, as far as somebody may see them."""
        if not _ARRIVAL.fullmatch(arrival):
            return []
        found = [name for name in self.archive.submissions() if name.startswith(f"{arrival}-")]
        return [record for name in found if (record := self.record(name, principal)) is not None]

    def record(self, submission: str, principal: Principal, action: Action = Action.RECEIPT) -> Record | None:
        """A submission as recorded; None if there is none, or somebody may not do that with it."""
        record = self.archive.receipt(submission)
        if record is None:
            return None
        own = self.own_units(principal)
        sides = (str(record.get(side) or "") for side in ("org_unit", "sent_for"))
        return record if any(may(principal, action, owner=side, own=own) for side in sides) else None

    def own_units(self, principal: Principal) -> frozenset[str]:
        """The unit somebody is bound to with all below it; empty for who is bound to none."""
        return self.reference.units_below(principal.org_unit) if principal.org_unit else frozenset()

    def _is_own(self, submission: str, principal: Principal) -> bool:
        return not principal.org_unit or self.record(submission, principal) is not None

    # afterwards

    def rows_read(self, record: Record) -> tuple[Sequence[Record], Sequence[Record]]:
        """Observations and task reports of a receipt; those of a returned one are read again from its file."""
        if record["outcome"] == Outcome.ACCEPTED:
            return record["observations"], record["tasks"]
        try:
            data = self.archive.original(str(record["file"]))
            received_at = datetime.fromisoformat(str(record["received_at"]))
            sent_for = str(record.get("sent_for") or "")
            receipts = self._pipeline.check(data, str(record["file_name"]), received_at, sent_for=sent_for)
        except HouseError:
            return (), ()
        same = [receipt for receipt in receipts if receipt.submission == record["submission"]]
        return rows_of(same[0]) if same else ((), ())

    def marked_copy(self, record: Record) -> tuple[str, bytes] | None:
        """The sender's workbook with the findings of a receipt marked, and its file name; None if there is none."""
        try:
            data = self.archive.original(str(record["file"]))
        except HouseError:
            return None
        return self._mark(data, str(record["file_name"]), findings_of(record), str(record["submission"]))

    def withdrawal(self, submission: str) -> Record | None:
        """Who took a submission back, when and why."""
        return next((found for found in self.archive.withdrawals() if found["submission"] == submission), None)

    def request_withdrawal(self, submission: str, reason: str, by: str, principal: Principal) -> None:
        """Leaves the wish to take a submission back, if it is somebody's to take; the watcher carries it out."""
        if self.record(submission, principal, Action.WITHDRAW) is None:
            return
        at, reason, by = datetime.now(UTC), reason.strip()[:1000], by.strip()[:200]
        inbox.request_withdrawal(self.settings, submission, reason, by, at, sent_for=principal.org_unit)
        where = visitor.address()
        audit.record(self.settings, audit.Event.WITHDRAWAL, principal.id, where, submission=submission, reason=reason)

    def is_withdrawal_waiting(self, submission: str) -> bool:
        """Whether such a wish has not been carried out yet."""
        return any(wish.submission == submission for wish in inbox.withdrawal_requests(self.settings))

    def _mark(self, data: bytes, name: str, findings: Sequence[Finding], submission: str) -> tuple[str, bytes] | None:
        try:
            return self._pipeline.mark(data, name, findings, submission=submission)
        except (Refused, HouseError):
            return None

    # who may send what

    def cadences(self, form: Form, unit: OrgUnit) -> list[str]:
        """How often a unit must send a form; if it need not, every cadence in which others must."""
        own = [rule.cadence for rule in form.expected if unit.kind in rule.senders or unit.code in rule.senders]
        return list(dict.fromkeys(own or [rule.cadence for rule in form.expected] or ["quarterly"]))

    def periods(self, form: Form, unit: OrgUnit, today: date) -> dict[str, date | None]:
        """Periods that have begun and that a unit may report, each with its due day; newest first."""
        found: dict[str, date | None] = {}
        for cadence in self.cadences(form, unit):
            period = current_period(cadence, today)
            for _ in range(PERIODS_OFFERED[cadence]):
                if unit.is_valid(periods.period_dates(period)[1]) or unit.is_valid(periods.period_dates(period)[0]):
                    found[period] = self.reference.due_on(form.form, period)
                period = periods.previous(period)
        return dict(sorted(found.items(), key=lambda item: periods.order_key(item[0]), reverse=True))


def open_intake(settings: Settings) -> Intake | None:
    """The intake of this server process; None while there is no reference data."""
    return _open(settings, definitions_in_use(settings)) if settings.reference.is_dir() else None


def definitions_in_use(settings: Settings) -> Path:
    """The folder of the reference data that the shown figures were made with; the edited one while there are none."""
    shown = warehouse.published(settings.warehouse).warehouse
    kept = ""
    if shown is not None:
        with contextlib.suppress(OSError, ValueError):
            kept = str(json.loads(shown.with_suffix(".json").read_bytes()).get("reference", ""))
    folder = settings.warehouse / "reference" / kept
    return folder if kept and folder.is_dir() else settings.reference


@st.cache_resource(
    max_entries=2,
    show_spinner=False,
    on_release=lambda intake: intake.close(),
    hash_funcs={Settings: lambda settings: settings.model_dump_json()},
)
def _open(settings: Settings, definitions: Path) -> Intake:
    return Intake(settings, definitions)


# ---------------------------------------------------------------- small questions


def today() -> date:
    """The day in Viet Nam."""
    return local_day(datetime.now(UTC))


def current_period(cadence: str, day: date) -> str:
    """The period of a cadence that a day lies in."""
    if cadence == "weekly":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    month = f"{day.year}-{day.month:02d}"
    ways = {
        "monthly": month,
        "quarterly": periods.quarter_of(day),
        "half": f"{day.year}-H{1 if day.month <= 6 else 2}",
        "nine_months": f"{day.year}-9M",
        "yearly": str(day.year),
    }
    return ways[cadence]


def plain_name(file_name: str) -> str:
    """The last part of a file's name, without folders and control characters, not too long."""
    name = PurePosixPath(PureWindowsPath(file_name).name).name
    name = "".join(letter for letter in name if letter.isprintable()).strip() or "tep"
    path = Path(name)
    return name if len(name) <= LONGEST_NAME else path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix[:20]


def findings_of(record: Record) -> tuple[Finding, ...]:
    """The findings of a receipt as recorded."""
    return tuple(
        Finding(found["code"], found["sheet"], found["cell"], found["shown"], found["expected"])
        for found in record["findings"]
        if found["code"] in WORDING
    )


def rows_of(receipt: Receipt) -> tuple[Sequence[Record], Sequence[Record]]:
    """Observations and task reports of a receipt not yet recorded, as the archive would give them."""
    observations = [{name: getattr(row, name) for name in row.__slots__} for row in receipt.content.observations]
    tasks = [{name: getattr(row, name) for name in row.__slots__} for row in receipt.content.tasks]
    for task in tasks:
        for name in ("due_on", "completed_on"):
            task[name] = task[name].isoformat() if task[name] else None
    return observations, tasks
