"""Every finding of the readers, checks and the guard is provoked by a file, and leads to its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.findings import WORDING, Severity
from etl.model import Outcome
from etl.pipeline import Source
from tests import forms
from tests.forms import (
    BM01_HEADER,
    BM02_HEADER,
    Checker,
    Page,
    Written,
    bm01,
    bm02,
    bm03,
    figures,
    findings,
    xlsx,
)
from tests.hostile import SHEET, hostile_files, part, with_parts

ROW = ("VB01", 3, 81)


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    with forms.pipeline(tmp_path_factory.mktemp("live")) as opened:
        yield Checker(opened)


def agency(*lines: str, **options: Any) -> Page:
    return bm01(ROW, agency=lines, **options)


def without_header(page: Page, *addresses: str) -> Page:
    for address in addresses:
        page.put(address, None)
    return page


HIDDEN = Page("Cũ", hidden=True).put("A1", "x")
HIDDEN_ROW = bm01(ROW, ("VB02", 1, 2))
HIDDEN_ROW.hidden_rows = {12}
UNITS = ((1, "Xã Như Xuân", 3, 81), (2, "Phường Hạc Thành", 1, 2))
LEGACY = bm01(ROW).put("H11", Written("Së Khoa häc vµ C«ng nghÖ", font=".VnTime"))

# code, cell, the page or file that provokes it
PROVOKED: list[tuple[str, str, Page | bytes]] = [
    ("sheet.hidden", "", xlsx(bm01(ROW), HIDDEN)),
    ("sheet.left_out", "", xlsx(bm01(ROW), Page("Sheet2").put("A1", "x"))),
    ("form.not_found", "", Page().put("A1", "Danh sách cán bộ").put("A2", "STT", "Họ và tên")),
    ("form.twice", "", xlsx(bm01(ROW), bm01(ROW, name="Biểu 01 (2)"))),
    ("header.missing", "A10", bm01(ROW, header=(*BM01_HEADER[:4], None, *BM01_HEADER[5:]))),
    ("header.added", "I10", bm01(ROW, header=(*BM01_HEADER, "Người theo dõi"))),
    ("header.twice", "I10", bm01(ROW, header=(*BM01_HEADER, "Tổng số"))),
    ("org_unit.missing", "B7", bm01(ROW, unit=None)),
    ("org_unit.unknown", "B7", bm01(ROW, unit="UBND xã Như Xuâm")),
    ("org_unit.abolished", "B7", bm01(ROW, unit="UBND huyện Như Xuân")),
    ("org_unit.from_weaker_place", "B7", agency("UBND TỈNH THANH HÓA", "UBND XÃ NHƯ XUÂN", unit=None)),
    ("org_unit.code_differs", "B10", bm03(UNITS[0]).put("F8", "Mã đơn vị").put("F10", "14797")),
    ("org_unit.places_differ", "B7", agency("UBND TỈNH THANH HÓA", "UBND PHƯỜNG HẠC THÀNH")),
    ("period.missing", "B8", bm01(ROW, period=None)),
    ("period.unreadable", "B8", bm01(ROW, period="đợt 1")),
    ("period.future", "B8", bm01(ROW, period="Quý IV/2026")),
    ("period.places_differ", "B8", bm01(ROW, name="Quý II-2026")),
    ("period.from_weaker_place", "B8", bm01(ROW, period=None, name="Quý I-2026")),
    ("as_of.missing", "B9", bm01(ROW, as_of=None)),
    ("as_of.unreadable", "B9", bm01(ROW, as_of="hôm qua")),
    ("as_of.after_receipt", "B9", bm01(ROW, period="Quý II/2026", as_of=date(2026, 6, 14))),
    ("as_of.outside_period", "B9", bm01(ROW, as_of=date(2025, 3, 14))),
    ("indicator.unknown", "B12", bm01(ROW, ("VB99", 1, 2))),
    ("indicator.from_name", "C11", without_header(bm01(ROW), "B11")),
    ("indicator.places_differ", "B11", bm01(ROW).put("C11", forms.REFERENCE.indicators["VB03"].name_vi)),
    ("cell.not_a_number", "E11", bm01(("VB01", "nhiều", 81))),
    ("cell.negative", "E11", bm01(("VB01", -3, 81))),
    ("cell.broken_formula", "E11", bm01(("VB01", Written("#REF!", formula="=#REF!"), 81))),
    ("cell.division_by_zero", "F11", bm01(("VB01", 3, Written("#DIV/0!", formula="=1/0")))),
    ("cell.not_calculated", "E11", forms.without_results(bm01(("VB01", Written(None, formula="=1+2"), 81)))),
    (
        "cell.percentage_not_calculated",
        "G11",
        forms.without_results(bm01(("VB01", None, None, Written(None, formula="=E11/F11")))),
    ),
    ("cell.two_totals", "E11", bm01(("VB01", "3/81", 82))),
    ("cell.date_as_ratio", "E11", bm01(("VB01", Written(date(2026, 8, 3), "d-mmm"), 8))),
    ("cell.date_not_a_number", "E11", bm01(("VB01", date(2026, 8, 3), 8))),
    ("cell.percent_scale", "G11", bm01(("VB01", None, None, 0.9))),
    ("cell.unit_converted", "D11", bm01(("HT03", 614025)).put("D11", "m")),
    ("cell.unit_differs", "D11", bm01(("HT03", 614)).put("D11", "triệu đồng")),
    ("cell.merged", "E12", bm01(ROW, ("VB02", None, 81)).merge("E11:E12")),
    ("cell.bounded_value", "G11", bm01(("VB01", None, None, "trên 90%"))),
    ("cell.encoding", "", LEGACY),
    ("row.example", "B12", bm01(ROW, ("VB02", 83, 100)).put("A12", "Ví dụ")),
    ("row.hidden", "E12", HIDDEN_ROW),
    ("row.not_understood", "C12", bm01(ROW, ("", 5, 6)).put("C12", "Số máy tính")),
    ("row.duplicate", "E12", bm01(ROW, ROW)),
    ("row.duplicate_differs", "E12", bm01(ROW, ("VB01", 4, 81))),
    ("rule.numerator_exceeds_denominator", "E11", bm01(("VB01", 82, 81))),
    ("rule.percentage_differs", "G11", bm01(("VB01", 3, 81, 37))),
    ("rule.percentage_out_of_range", "G11", bm01(("VB01", None, None, 120))),
    ("rule.total_differs", "C12", bm03(*UNITS, (None, "Tổng cộng", 5, 83))),
    ("rule.not_all_indicators", "", bm01(ROW)),
    ("rule.nothing_reported", "", bm01(*((code, None, None) for code in ("VB01", "VB02", "VB03", "VB04", "VB05")))),
    ("task.state_unknown", "H9", bm02({"H": "đang suy nghĩ"})),
    ("task.state_missing", "H9", bm02({"H": None})),
    ("task.state_against_dates", "H9", bm02({"G": date(2026, 3, 1), "H": "Đang thực hiện trong hạn"})),
    ("task.due_unreadable", "G9", bm02({"G": "sớm nhất có thể"})),
    ("task.completed_unreadable", "I9", bm02({"H": "Hoàn thành", "I": "tuần trước"})),
    ("task.completed_after_as_of", "I9", bm02({"H": "Hoàn thành", "I": date(2026, 4, 2), "J": 100})),
    ("task.progress_unreadable", "J9", bm02({"J": 140})),
    ("task.lead_not_single", "E9", bm02({"E": "Sở Tài chính, Sở Y tế"})),
    ("task.coordinating_unknown", "F9", bm02({"F": "Công ty cổ phần Sao Mai"})),
    ("submission.secret", "", bm01(ROW).put("H1", "TỐI MẬT")),
    ("file.macros", "", with_parts(xlsx(bm01(ROW)), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})),
    ("file.external_links", "", forms.with_external_link(xlsx(bm01(ROW)))),
]


@pytest.mark.parametrize(("code", "cell", "sent"), PROVOKED, ids=[code for code, _, _ in PROVOKED])
def test_a_finding_is_made_at_its_cell_and_decides_what_becomes_of_the_file(
    check: Checker, code: str, cell: str, sent: Page | bytes
) -> None:
    receipts = check.all(sent)
    met = {(finding.code, finding.cell) for receipt in receipts for finding in receipt.content.findings}
    assert (code, cell) in met
    if WORDING[code].severity is Severity.ERROR:
        assert receipts[-1].outcome is Outcome.REJECTED
    elif all(WORDING[other].severity is not Severity.ERROR for other, _ in met):
        assert {receipt.outcome for receipt in receipts} == {Outcome.ACCEPTED}
    else:
        pytest.fail(f"a further error: {met}")


@pytest.mark.parametrize(("code", "cell", "sent"), PROVOKED, ids=[code for code, _, _ in PROVOKED])
def test_its_words_are_complete_in_both_languages(check: Checker, code: str, cell: str, sent: Page | bytes) -> None:
    found = [finding for receipt in check.all(sent) for finding in receipt.content.findings if finding.code == code]
    for finding in found:
        for message in (finding.message_vi, finding.message_en):
            assert "{" not in message
            assert "“”" not in message
            assert "()" not in message
            assert not cell or cell in message


@pytest.mark.parametrize(
    "code", ["file.unreadable", "file.not_a_workbook", "file.password", "file.too_large", "file.unsafe", "file.empty"]
)
def test_files_that_nobody_should_open_are_sent_back(check: Checker, code: str) -> None:
    hostile = next(file for file in hostile_files() if file.expected == {code})
    receipt = check(hostile.data, hostile.file_name)
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {(code, "")}


def test_two_readers_that_disagree_reject_the_file(check: Checker) -> None:
    """A cell with two values: one reader takes the first, the other the last."""
    sheet = part(xlsx(bm01(ROW)), SHEET)
    doubled = re.sub(rb'(<c r="E11"[^>]*>)<v>3</v>', rb"\1<v>3</v><v>4</v>", sheet)
    receipt = check(with_parts(xlsx(bm01(ROW)), {SHEET: doubled}))
    assert receipt.outcome is Outcome.REJECTED
    assert findings(receipt) == {("file.readers_disagree", "E11")}


def test_a_file_sent_twice_is_answered_as_known_and_a_rejected_one_is_read_anew(tmp_path: Path) -> None:
    with forms.pipeline(tmp_path / "live") as opened:
        for data, outcomes in (
            (xlsx(bm01(ROW)), [Outcome.ACCEPTED, Outcome.DUPLICATE]),
            (xlsx(bm01(("VB01", 82, 81))), [Outcome.REJECTED, Outcome.REJECTED]),
        ):
            days = (date(2026, 4, 20), date(2026, 4, 21))
            sources = [Source(data, "bieu.xlsx", Checker.received_at(day)) for day in days]
            first, second = opened.ingest(sources)
            assert [first.outcome, second.outcome] == outcomes
            codes = [finding.code for finding in second.content.findings]
            assert ("submission.duplicate" in codes) == (second.outcome is Outcome.DUPLICATE)


# --- what never matters -------------------------------------------------------------------------------------------

BLANK = bm01()
ROWS = (
    ("VB01", 3, 81, None, "ghi chú"),
    ("VB02", "trên 90%"),
    ("HT03", "614,025"),
    ("VB03", None, None, Written(0.905, "0.0%")),
    ("DVC01", "5/12"),
    ("XH01", "-"),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(1, 9)), rows=st.integers(0, 40), columns=st.integers(0, 30))
def test_the_order_of_columns_and_the_place_of_the_table_do_not_matter(
    check: Checker, order: list[int], rows: int, columns: int
) -> None:
    page = bm01(*ROWS)
    table = {at: value for at, value in page.cells.items() if at[0] >= 10}
    head = {at: value for at, value in page.cells.items() if at[0] < 10}
    shuffled = Page(cells=table).in_order(order)
    moved = Page(cells=head | shuffled.cells).moved(rows, columns)
    assert figures(check(moved)) == figures(check(page))
    assert len(figures(check(page))) == len(ROWS)


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "Tổng cộng",
            "I",
            "VB01",
            "3/0",
            "0/0",
            "-1/-2",
            "1e400",
            "∞",
            "Kỳ báo cáo:",
            "%",
            "Quý 9/2026",
            "31/02/2026",
            "STT",
        ]
    ),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1901, 1, 1), date(9999, 12, 31)).map(lambda day: Written(day, "d-mmm")),
    st.booleans(),
)
PAGES = {
    "BM01": bm01(*ROWS),
    "BM02": bm02({}, {"F": "Sở Tài chính"}).put("A12", "Tổng số: 2"),
    "BM03": bm03(*UNITS, (None, "Tổng cộng", 4, 83)),
}


@pytest.mark.parametrize("name", PAGES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_content_of_any_cell_stops_the_reading(check: Checker, name: str, data: st.DataObject) -> None:
    page = PAGES[name]
    cells = dict(page.cells)
    for place in data.draw(st.lists(st.tuples(st.integers(1, 14), st.integers(1, 13)), min_size=1, max_size=6)):
        cells[place] = data.draw(TEXTS)
    receipts = check.all(Page(page.name, cells, page.merges))
    assert receipts
    for receipt in receipts:
        assert all(finding.message_vi and finding.message_en for finding in receipt.content.findings)


def test_headers_of_the_forms_are_those_of_the_reference_data() -> None:
    for code, header in (("bm01_indicators", BM01_HEADER), ("bm02_tasks", BM02_HEADER)):
        assert tuple(column.header for column in forms.REFERENCE.forms[code].columns) == header
