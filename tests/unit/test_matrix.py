"""Tables of marks: the state of a report, the order of units, totals, shares, and texts that stay texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from dashboard import matrix, text, theme

DUE = date(2026, 9, 16)


@pytest.fixture(autouse=True)
def _vietnamese() -> Iterator[None]:
    text.use("vi")
    yield
    text.use("vi")


def report(unit: str, period: str, state: str, **changed: Any) -> dict[str, Any]:
    """One row of `queries.completeness` in this state."""
    is_received = state in {"on_time", "late"}
    row = {
        "org_unit": unit,
        "org_unit_name": f"Xã {unit}",
        "sort_key": unit,
        "period": period,
        "period_label_vi": f"Quý {period}/2026",
        "period_label_en": f"{period}/2026",
        "is_received": is_received,
        "is_on_time": state == "on_time",
        "is_late": state == "late",
        "is_due": state != "not_due",
        "rejected_count": int(state == "returned"),
        "received_at": datetime(2026, 9, 20, 3, 5, tzinfo=UTC) if is_received else None,
        "due_on": DUE,
        "submission": f"{unit}-{period}" if is_received else "",
        "cells_expected": 30,
        "cells_filled": 28 if is_received else 0,
    }
    return row | changed


@pytest.mark.parametrize("state", theme.REPORT_MARKS)
def test_each_state_is_told_from_its_row(state: str) -> None:
    assert matrix.state_of(report("a", "3", state)) == state


def test_a_received_report_counts_as_received_though_one_was_returned() -> None:
    assert matrix.state_of(report("a", "3", "on_time", rejected_count=2)) == "on_time"


def test_what_is_missing_in_the_period_comes_first_then_what_is_missing_most() -> None:
    rows = [
        report("a", "2", "on_time"), report("a", "3", "on_time"),
        report("b", "2", "missing"), report("b", "3", "on_time"),
        report("c", "2", "on_time"), report("c", "3", "missing"),
        report("d", "2", "missing"), report("d", "3", "missing"),
        report("e", "2", "on_time"), report("e", "3", "late"),
        report("f", "2", "on_time"), report("f", "3", "returned"),
    ]  # fmt: skip
    assert matrix.ordered(pl.DataFrame(rows), "3") == ["d", "c", "f", "e", "b", "a"]


def test_the_matrix_counts_and_links() -> None:
    rows = [report("a", "2", "on_time"), report("a", "3", "missing"), report("b", "3", "late")]
    written = matrix.submissions(pl.DataFrame(rows), ["2", "3"], lambda submission: f"/bao_cao?phieu={submission}&x=1")
    assert 'href="/bao_cao?phieu=a-2&amp;x=1"' in written
    assert written.count("<a ") == 2
    assert "Nộp muộn · 20/09/2026 10:05 · hạn nộp 16/09/2026" in written
    assert "<th>1/1</th><th>1/2</th>" in written  # received, of those expected, by period
    assert "<th>1/1</th><th>0/2</th>" in written  # in time
    assert '<td class="total">1/2</td><td class="total">28/60</td>' in written


def test_cells_of_a_report_not_due_are_not_asked_for() -> None:
    rows = [report("a", "2", "on_time"), report("a", "3", "not_due")]
    assert '<td class="total">28/30</td>' in matrix.submissions(pl.DataFrame(rows), ["2", "3"], str)


def test_a_form_that_names_no_cells_has_no_column_for_them() -> None:
    rows = [report("a", "2", "on_time", cells_expected=None, cells_filled=None)]
    written = matrix.submissions(pl.DataFrame(rows, schema_overrides={"cells_expected": pl.Int64}), ["2"], str)
    assert "Ô đã điền" not in written
    assert '<td class="total">1/1</td></tr>' in written


@pytest.mark.parametrize(("measure", "shown"), [(100.0, "100,0"), (99.98, "99,9"), (99.94, "99,9"), (0.0, "0,0")])
def test_a_share_is_whole_only_if_nothing_is_amiss(measure: float, shown: str) -> None:
    assert matrix.share(measure) == shown


def test_findings_come_errors_first_and_their_texts_stay_texts() -> None:
    hostile = '<img src=x onerror="alert(1)">'
    rows = [
        {"code": "sheet.hidden", "severity": "info", "message_vi": "Trang ẩn", "message_en": ""},
        {"code": "cell.negative", "severity": "error", "message_vi": f"Ô {hostile}. Hãy sửa.", "message_en": ""},
    ]
    written = matrix.findings([{"sheet": hostile, "cell": "E14", "shown": hostile, **row} for row in rows])
    assert "<img" not in written
    assert written.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;") == 5
    assert written.index("✖ Lỗi") < written.index("Trang ẩn")


def test_names_of_units_stay_texts() -> None:
    rows = [report("a", "2", "missing", org_unit_name="<script>", period_label_vi="<b>/2026")]
    written = matrix.submissions(pl.DataFrame(rows), ["2"], str)
    assert "<script>" not in written
    assert "<b>" not in written
