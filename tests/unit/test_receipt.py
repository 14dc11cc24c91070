"""The receipt as a page of its own: what it says, and that no text of a sender does anything in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from etl.archive import Archive
from etl.findings import WORDING, Finding
from etl.model import Arrival, Observation, Outcome, Qualifier, Receipt, Status, Submission
from etl.receipt import as_html, what_to_do
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY
from tests import made

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></table><iframe src=javascript:alert(1)>",
    "<style>body{display:none}</style>",
    "&lt;script&gt;",
    "javascript:alert(1)",
    '=HYPERLINK("http://evil")',
)
ALLOWED = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "nav",
    "a",
    "h1",
    "h2",
    "p",
    "b",
    "i",
    "br",
    "div",
    "table",
}
ALLOWED |= {"thead", "tbody", "tr", "th", "td", "footer"}


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


class Page(HTMLParser):
    """What a browser would make of the page: its elements, their attributes, and its visible words."""

    def __init__(self, written: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._is_style = False
        self.feed(written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._is_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.words.append(data)


def recorded(tmp_path: Path, receipt: Receipt) -> dict[str, Any]:
    """A receipt as the archive gives it back."""
    archive = Archive(tmp_path / "archive")
    archive.record(receipt)
    record = archive.receipt(receipt.submission)
    assert record is not None
    return record


def content(*observations: Observation, **changed: Any) -> Submission:
    given = Submission("bm01_indicators", "38.KHCN", "2026-Q1", date(2026, 3, 14), "Biểu 01", observations)
    return replace(given, **changed)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_sender_does_anything(text: str, tmp_path: Path, reference: Reference) -> None:
    observation = replace(made.observation("VB01", "38.KHCN"), shown=text, cell=text, sheet=text, note=text)
    finding = Finding("cell.percent_scale", sheet=text, cell=text, shown=text, expected=text)
    task = replace(made.task("1", "38.KHCN"), title=text, task=text, state_text=text, due_text=text, lead_text=text)
    given = content(observation, findings=(finding,), tasks=(replace(task, lead=text),))
    receipt = made.receipt(given)
    arrival = replace(receipt.arrival, file_name=text, sender=text)
    record = recorded(tmp_path, replace(receipt, arrival=arrival))
    record |= {"org_unit": text, "form": text, "period": text}
    record["observations"][0] |= {"indicator": text, "org_unit": text}
    page = Page(as_html(record, reference, withdrawal={"at": "2026-03-20T01:00:00Z", "reason": text}))
    assert set(page.tags) <= ALLOWED
    assert {name for name, _ in page.attributes} <= {"lang", "charset", "class", "href"}
    assert "".join(page.words).count(text) >= 10


def test_links_are_escaped_and_hidden_on_paper(tmp_path: Path, reference: Reference) -> None:
    record = recorded(tmp_path, made.receipt(content()))
    written = as_html(record, reference, links=[('"><b>', '/tep-goc/"onclick="x')])
    assert ("href", '/tep-goc/"onclick="x') in Page(written).attributes
    assert "@media print { nav { display: none }" in written
    assert "<nav>" not in as_html(record, reference)


def test_what_is_printed_says_where_it_is_from(tmp_path: Path, reference: Reference) -> None:
    record = recorded(tmp_path, made.receipt(content()))
    address = f"http://may-chu:8501/phieu/{record['submission']}"
    said = "".join(Page(as_html(record, reference, address=address)).words[-3:])
    day = date.fromisoformat(record["as_of"])
    for part in (record["file"][:16], record["submission"], f"{day:%d/%m/%Y}", address):
        assert part in said


def test_each_figure_stands_beside_what_stood_in_its_cell(tmp_path: Path, reference: Reference) -> None:
    rows = (
        replace(made.observation("VB01", "38.KHCN", 83, 90), cell="E14", shown="83/90"),
        replace(made.observation("VB02", "38.KHCN", 1, 3), cell="E15", shown="gần 34%", qualifier=Qualifier.APPROX),
        replace(made.observation("VB03", "38.KHCN"), cell="E16", shown="-", status=Status.NO_ACTIVITY, value=None),
        replace(
            made.observation("DVC12", "38.KHCN"),
            cell="E17",
            shown="40-50",
            numerator=40.0,
            denominator=None,
            value=40.0,
            value_to=50.0,
            qualifier=Qualifier.RANGE,
        ),
        replace(made.observation("VB05", "38.KHCN", 0, 1), cell="E18", shown="0/0", value=None, denominator=0.0),
    )
    page = Page(as_html(recorded(tmp_path, made.receipt(content(*rows))), reference))
    words = " | ".join(page.words)
    assert "E14 | 83/90 | 83/90 = 92,2 %" in words
    assert "E15 | gần 34% | 1/3 = ≈ 33,3 %" in words
    assert "E16 | - | không phát sinh" in words
    assert "E17 | 40-50 | 40,00–50,00 điểm" in words
    assert "E18 | 0/0 | 0/0 | VB05" in words
    assert "Sở Khoa học và Công nghệ" in words
    assert "Quý I/2026" in words
    assert "ĐÃ NHẬN" in words


def test_a_returned_report_says_which_cells_are_wrong_and_what_to_do(tmp_path: Path, reference: Reference) -> None:
    findings = (
        Finding("cell.not_a_number", "Biểu 01", "E14", "tám mươi"),
        Finding("indicator.unknown", "Biểu 01", "B20", "XX99"),
    )
    receipt = made.receipt(content(findings=findings), outcome=Outcome.REJECTED)
    words = "\n".join(Page(as_html(recorded(tmp_path, receipt), reference)).words)
    assert "TRẢ LẠI" in words
    assert "Biểu 01!E14" in words
    assert "tám mươi" in words
    assert "Phát hiện (2)" in words
    for finding in findings:
        assert finding.message_vi in words


def test_what_was_withdrawn_says_so(tmp_path: Path, reference: Reference) -> None:
    record = recorded(tmp_path, made.receipt(content()))
    written = as_html(record, reference, withdrawal={"at": "2026-03-20T01:30:00Z", "reason": "Gửi nhầm kỳ"})
    assert "Đã rút 20/03/2026 08:30" in written
    assert "Gửi nhầm kỳ" in written


def test_a_file_that_names_nothing_known_has_a_receipt_too(tmp_path: Path, reference: Reference) -> None:
    given = Submission("", "", "", None, findings=(Finding("file.empty"),))
    arrival = Arrival("cd" * 32, "la.xlsx", datetime(2026, 3, 1, tzinfo=UTC))
    receipt = Receipt("20260301T000000.000000Z-cdcdcdcdcdcd-001", arrival, Outcome.REJECTED, given)
    words = "".join(Page(as_html(recorded(tmp_path, receipt), reference)).words)
    assert "la.xlsx" in words
    assert "Đơn vị gửi" not in words


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", WORDING)
def test_every_finding_says_what_to_do(code: str, language: str) -> None:
    finding = Finding(code)
    message = finding.message_en if language == "en" else finding.message_vi
    advice = what_to_do(code, finding.severity, message, language)
    assert advice or "Hãy " in message or "Please " in message
