"""The answer to the sender, as JSON and as text for a terminal."""

from __future__ import annotations

import json
from typing import Any

from etl.findings import Severity
from etl.model import Outcome, Receipt
from etl.reference import Reference
from etl.vietnamese import format_date

OUTCOME_WORDS = {
    Outcome.ACCEPTED: "ĐÃ NHẬN",
    Outcome.REJECTED: "TRẢ LẠI",
    Outcome.DUPLICATE: "ĐÃ CÓ",
}
_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "·"}


def as_dict(receipt: Receipt) -> dict[str, Any]:
    """The receipt as scripts read it: counts of the rows that count, findings in full."""
    content = receipt.content
    is_accepted = receipt.outcome is Outcome.ACCEPTED
    return {
        "file": receipt.arrival.file,
        "file_name": receipt.arrival.file_name,
        "submission": receipt.submission,
        "outcome": str(receipt.outcome),
        "form": content.form or None,
        "org_unit": content.org_unit or None,
        "period": content.period or None,
        "as_of": content.as_of.isoformat() if content.as_of else None,
        "observations": len(content.observations) if is_accepted else 0,
        "tasks": len(content.tasks) if is_accepted else 0,
        "findings": [finding.as_dict() for finding in content.findings],
    }


def as_json_line(receipt: Receipt) -> str:
    return json.dumps(as_dict(receipt), ensure_ascii=False)


def as_text(receipt: Receipt, reference: Reference) -> str:
    """The receipt for a terminal: outcome, what it is, and a line per finding."""
    content = receipt.content
    unit = reference.org_units.get(content.org_unit)
    form = reference.forms.get(content.form)
    facts = [
        form.code if form else "",
        unit.name if unit else "",
        content.period,
        f"tính đến {format_date(content.as_of)}" if content.as_of else "",
    ]
    rows = [(len(content.observations), "số liệu"), (len(content.tasks), "nhiệm vụ")]
    facts += [f"{count} {words}" for count, words in rows if count]
    head = f"{OUTCOME_WORDS[receipt.outcome]}  {receipt.arrival.file_name}"
    described = " · ".join(fact for fact in facts if fact)
    lines = [f"{head}  {described}".rstrip()]
    for finding in content.findings:
        place = "!".join(part for part in (finding.sheet, finding.cell) if part)
        lines.append(
            f"  {_MARKS[finding.severity]} {finding.message_vi}  [{finding.code}{' ' + place if place else ''}]"
        )
    return "\n".join(lines)
