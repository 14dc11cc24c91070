"""The answer to the sender: as JSON, as text for a terminal, and as one page of HTML to print."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from etl import periods
from etl.findings import Severity
from etl.model import Outcome, Receipt
from etl.reference import Indicator, Reference
from etl.vietnamese import format_date, format_number

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


# ---------------------------------------------------------------- what the sender has to do

# For findings whose own words only say what is wrong; (Vietnamese, English).
_TO_DO = {
    "submission.duplicate": ("Không phải gửi lại.", "There is nothing to send again."),
    "submission.secret": ("Không gửi tài liệu mật qua hệ thống này.", "Send no secret documents by this system."),
}
_TO_DO_BY_SEVERITY = {
    Severity.ERROR: ("Sửa rồi gửi lại.", "Correct it and send it again."),
    Severity.WARNING: (
        "Kiểm tra; nếu sai thì sửa và gửi lại, nếu đúng thì không phải làm gì.",
        "Please check; if it is wrong correct it and send again, if it is right there is nothing to do.",
    ),
    Severity.INFO: ("Để biết, không phải làm gì.", "For your information only."),
}


def what_to_do(code: str, severity: str, message: str = "", language: str = "vi") -> str:
    """What the sender does about a finding; empty where its own message says so already."""
    if "Hãy " in message or "Please " in message:
        return ""
    words = _TO_DO.get(code) or _TO_DO_BY_SEVERITY[Severity(severity)]
    return words[language == "en"]


# ---------------------------------------------------------------- one page to print

_LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
_OUTCOMES = {
    Outcome.ACCEPTED: ("✔ ĐÃ NHẬN", "Báo cáo đã được nhận; bản mới nhất của kỳ này được tính vào số liệu chung."),
    Outcome.REJECTED: ("✖ TRẢ LẠI", "Báo cáo chưa được nhận. Hãy sửa các lỗi dưới đây rồi gửi lại cả tệp."),
    Outcome.DUPLICATE: ("⧉ ĐÃ CÓ", "Tệp này đã được nhận trước đó; không nạp lại và không phải gửi lại."),
}
_SEVERITIES = {"error": "✖ Lỗi", "warning": "▲ Cảnh báo", "info": "ℹ Thông tin"}
_NO_FIGURE = {
    "reported": "đã báo cáo, không có giá trị",
    "not_reported": "chưa báo cáo",
    "not_applicable": "không thuộc phạm vi",
    "no_activity": "không phát sinh",
}
_STATES = {
    "chua_thuc_hien": "chưa thực hiện",
    "dang_thuc_hien": "đang thực hiện",
    "da_hoan_thanh": "đã hoàn thành",
    "thuong_xuyen": "thường xuyên",
}
_SIGNS = {"gt": "> ", "ge": "≥ ", "lt": "< ", "le": "≤ ", "approx": "≈ "}
_STYLE = """
@page { size: A4 portrait; margin: 14mm 13mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.45 "Times New Roman", "Liberation Serif", serif; color: #1B2733; background: #fff;
  max-width: 186mm; margin: 8mm auto; padding: 0 4mm }
h1 { font-size: 15pt; margin: 0 0 1mm; text-align: center }
h2 { font-size: 11.5pt; margin: 5mm 0 1.5mm; break-after: avoid }
p { margin: 1mm 0 }
.number, footer { text-align: center; color: #55606C; font-size: 9pt }
.outcome { border: 1.5pt solid #1B2733; padding: 2mm 3mm; margin: 4mm 0; break-inside: avoid }
.outcome b { font-size: 13pt }
.rejected { border-color: #A31D2A; color: #A31D2A }
.accepted { border-color: #12436D; color: #12436D }
table { border-collapse: collapse; width: 100% }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border: .5pt solid #8A94A0; padding: .7mm 1.6mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
th { background: #F3F5F8; font-weight: bold; white-space: nowrap }
.facts th { width: 38mm; background: none; border: 0; font-weight: normal; color: #55606C }
.facts td { border: 0 }
.place { white-space: nowrap }
.end { text-align: right; white-space: nowrap }
footer { margin-top: 6mm }
nav { margin: 0 0 5mm; font-family: sans-serif; font-size: 10pt }
nav a { color: #12436D; margin-right: 6mm }
@media print { nav { display: none } body { margin: 0; padding: 0; max-width: none; font-size: 9pt;
  line-height: 1.25 } th, td { padding: .3mm 1.4mm } }
"""


def as_html(
    record: Mapping[str, Any],
    reference: Reference,
    *,
    withdrawal: Mapping[str, Any] | None = None,
    links: Sequence[tuple[str, str]] = (),
    address: str = "",
) -> str:
    """A submission as recorded (`Archive.receipt`) as a page of its own: Vietnamese, A4, without any script.

    `links`: words and addresses shown above it on the screen only. `address`: where it is found again, below it.
    Every text of the sender is escaped.
    """
    outcome = Outcome(record["outcome"])
    title, meaning = _OUTCOMES[outcome]
    number = escape(str(record["submission"]))
    taken_back = (
        f"<p><b>Đã rút {_moment(withdrawal['at'])}</b>: {escape(withdrawal['reason'])}</p>" if withdrawal else ""
    )
    parts = [
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">',
        f"<title>Phiếu phản hồi {number}</title><style>{_STYLE}</style></head><body>",
        _links(links),
        f'<h1>PHIẾU PHẢN HỒI BÁO CÁO</h1><p class="number">Mã phiếu {number}</p>',
        _facts(record, reference),
        f'<div class="outcome {outcome}"><b>{title}</b> — {meaning}{taken_back}</div>',
        _findings(record["findings"]),
        _figures(record["observations"], reference, str(record["org_unit"])),
        _tasks(record["tasks"], reference),
        _source_line(record, address),
        "</body></html>\n",
    ]
    return "".join(parts)


def _source_line(record: Mapping[str, Any], address: str) -> str:
    """Where what is printed comes from: file, until when it counts, version of the reading, address."""
    parts = (
        "Nguồn: Tiến Độ Số, phiếu lập từ tệp có mã băm SHA-256 " + str(record["file"])[:16] + "…",
        f"số liệu tính đến ngày {format_date(date.fromisoformat(record['as_of']))}" if record["as_of"] else "",
        f"phiên bản {record['submission']}",
        address,
    )
    return f"<footer>{escape(' · '.join(part for part in parts if part))}</footer>"


def _links(links: Sequence[tuple[str, str]]) -> str:
    written = "".join(f'<a href="{escape(address)}">{escape(words)}</a>' for words, address in links)
    return f"<nav>{written}</nav>" if written else ""


def _facts(record: Mapping[str, Any], reference: Reference) -> str:
    form = reference.forms.get(record["form"])
    unit = reference.org_units.get(record["org_unit"])
    facts = (
        ("Đơn vị gửi", unit.name if unit else record["org_unit"]),
        ("Biểu mẫu", f"{form.code} {form.name_vi}" if form else record["form"]),
        ("Kỳ báo cáo", _period(record["period"])),
        ("Số liệu tính đến ngày", format_date(date.fromisoformat(record["as_of"])) if record["as_of"] else ""),
        ("Tệp", record["file_name"]),
        ("Nhận lúc", _moment(record["received_at"])),
        ("Người gửi", record["sender"]),
    )
    rows = "".join(f"<tr><th>{label}</th><td>{escape(str(words))}</td></tr>" for label, words in facts if words)
    return f'<table class="facts">{rows}</table>'


def _findings(findings: Sequence[Mapping[str, Any]]) -> str:
    if not findings:
        return "<h2>Phát hiện</h2><p>Không có lỗi hay cảnh báo.</p>"
    rows = []
    for position, found in enumerate(findings, start=1):
        advice = what_to_do(found["code"], found["severity"], found["message_vi"])
        said = escape(found["message_vi"]) + (f"<br><i>{escape(advice)}</i>" if advice else "")
        place = escape(_place(found["sheet"], found["cell"]))
        rows.append(
            f'<tr><td class="end">{position}</td><td class="place">{_SEVERITIES[found["severity"]]}</td>'
            f'<td class="place">{place}</td><td>{escape(found["shown"])}</td><td>{said}</td></tr>'
        )
    head = "<tr><th>TT</th><th>Mức</th><th>Ô</th><th>Trong ô ghi</th><th>Nội dung và cách sửa</th></tr>"
    return f"<h2>Phát hiện ({len(findings)})</h2>{_table(head, rows)}"


def _figures(observations: Sequence[Mapping[str, Any]], reference: Reference, sender: str) -> str:
    if not observations:
        return ""
    has_units = any(row["org_unit"] != sender for row in observations)
    rows = []
    for row in observations:
        indicator, unit = reference.indicators.get(row["indicator"]), reference.org_units.get(row["org_unit"])
        of_unit = f"<td>{escape(unit.name if unit else row['org_unit'])}</td>" if has_units else ""
        name = escape(f"{row['indicator']} · {indicator.name_vi}" if indicator else row["indicator"])
        rows.append(
            f'<tr><td class="place">{escape(row["cell"])}</td><td>{escape(row["shown"])}</td>'
            f'<td class="end">{escape(_read_as(row, indicator))}</td>{of_unit}<td>{name}</td></tr>'
        )
    head = "<tr><th>Ô</th><th>Trong ô ghi</th><th>Đọc là</th>" + ("<th>Đơn vị</th>" if has_units else "")
    return f"<h2>Đọc được từ tệp ({len(rows)} số liệu)</h2>{_table(head + '<th>Chỉ tiêu</th></tr>', rows)}"


def _read_as(row: Mapping[str, Any], indicator: Indicator | None) -> str:
    """`83/90 = 92,2 %`; or why there is no figure."""
    if row["status"] != "reported":
        return _NO_FIGURE[row["status"]]
    counted = ""
    if row["denominator"] is not None:
        counted = f"{_number(row['numerator'])}/{_number(row['denominator'])}"
    if row["value"] is None:
        return counted or _NO_FIGURE["reported"]
    decimals = indicator.decimals if indicator else None
    value = _number(row["value"], decimals)
    value = (
        f"{value}–{_number(row['value_to'], decimals)}"
        if row["qualifier"] == "range"
        else _SIGNS.get(row["qualifier"], "") + value
    )
    measured = f"{value} {indicator.measure_unit if indicator else ''}".strip()
    return " = ".join(part for part in (counted, measured) if part)


def _tasks(tasks: Sequence[Mapping[str, Any]], reference: Reference) -> str:
    if not tasks:
        return ""
    rows = []
    for row in tasks:
        lead = reference.org_units.get(row["lead"])
        due = format_date(date.fromisoformat(row["due_on"])) if row["due_on"] else ""
        due = " → ".join(dict.fromkeys(filter(None, (row["due_text"], due))))
        done = f", xong {format_date(date.fromisoformat(row['completed_on']))}" if row["completed_on"] else ""
        progress = f", {_number(row['progress_pct'])} %" if row["progress_pct"] is not None else ""
        cells = (
            row["cell"],
            row["state_text"],
            f"{_STATES[row['state']]}{done}{progress}",
            f"{row['task']} {row['title']}".strip(),
            lead.name if lead else row["lead_text"],
            due,
        )
        rows.append(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>")
    head = "".join(
        f"<th>{name}</th>" for name in ("Ô", "Trong ô ghi", "Đọc là", "Nhiệm vụ", "Cơ quan chủ trì", "Thời hạn")
    )
    return f"<h2>Đọc được từ tệp ({len(rows)} nhiệm vụ)</h2>{_table(f'<tr>{head}</tr>', rows)}"


def _table(head: str, rows: Sequence[str]) -> str:
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _place(sheet: str, cell: str) -> str:
    return "!".join(part for part in (sheet, cell) if part)


def _period(period: str) -> str:
    try:
        return periods.label(period)
    except ValueError:
        return period


def _moment(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(_LOCAL_TIME):%d/%m/%Y %H:%M}"


def _number(value: float | None, decimals: int | None = None) -> str:
    if value is None:
        return "?"
    if decimals is not None:
        return format_number(value, decimals)
    return format_number(value, 6).rstrip("0").rstrip(",")
