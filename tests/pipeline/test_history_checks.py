"""What is sent is compared with what was loaded before: ingest, build, and the next ingest."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl.build import build
from etl.history import HISTORY_CHECKS
from etl.inbox import ingest_lock
from etl.model import Outcome, Receipt
from etl.periods import cut_off
from etl.pipeline import Pipeline, Source
from etl.reference import Reference, copy_reference, load_reference
from etl.settings import REPOSITORY, Settings
from etl.template import write_template
from sql import queries, warehouse

DAY = date(2026, 9, 20)
UNIT, LEAD, DEPARTMENT, OFFICE = "14758", "38.NNMT", "38.KHCN", "38.VPUB"
CODES = {f"rule.{rule.__name__}" for rule in HISTORY_CHECKS}
QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")

Rows = Mapping[str, Mapping[Any, Any]]


class Province:
    """An installation into which workbooks are sent one after the other."""

    def __init__(self, live: Path) -> None:
        self.settings = Settings(live=live, parser_processes=1)
        copy_reference(REPOSITORY / "data" / "reference", self.settings.reference)
        self.reference: Reference = load_reference(self.settings.reference)
        self.pipeline = Pipeline(self.settings, self.reference)
        self.now = datetime(2026, 9, 16, 2, tzinfo=UTC)

    def workbook(self, form: str, org_unit: str, period: str, rows: Rows, as_of: date | None = None) -> bytes:
        target = io.BytesIO()
        write_template(
            self.reference, form, org_unit, period, rows=rows, path_or_stream=target, as_of=as_of or cut_off(period)
        )
        return target.getvalue()

    def ingest(self, *workbooks: bytes) -> list[Receipt]:
        sources = []
        for data in workbooks:
            self.now += timedelta(seconds=1)
            sources.append(Source(data, "bieu.xlsx", self.now))
        with ingest_lock(self.settings):
            return list(self.pipeline.ingest(sources))

    def build(self) -> Path:
        return build(self.settings, self.reference, day=DAY)

    def communes(self, count: int) -> list[str]:
        units = self.reference.org_units.values()
        return [unit.code for unit in units if unit.kind == "xa" and unit.parent == "38"][:count]


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    opened = Province(tmp_path / "live")
    with opened.pipeline:
        yield opened


def figures(**values: tuple[float, float | None]) -> Rows:
    """indicator=(number, total)"""
    return {
        code: {"numerator": number} | ({"denominator": total} if total is not None else {})
        for code, (number, total) in values.items()
    }


def cell(data: bytes, column: str, text: str) -> str:
    """The cell of a column in the row that bears this text."""
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    (row,) = {found.row for line in sheet.iter_rows() for found in line if found.value == text}
    return f"{column}{row}"


def met(receipt: Receipt) -> list[tuple[str, str]]:
    """(code, cell) of what the history had to say."""
    assert receipt.outcome is Outcome.ACCEPTED, receipt.content.findings
    return sorted((finding.code, finding.cell) for finding in receipt.content.findings if finding.code in CODES)


def usual(step: int) -> Rows:
    return figures(VB01=(70 + step, 100), XH01=(2 + step, None), XH04=(50 + step, 100), DL01=(400 + 50 * step, 1000))


@pytest.fixture
def grown(province: Province) -> Province:
    """Four quarters of one commune, the current quarter of nine others, a lead's figures and two lists of tasks."""
    own = [province.workbook("bm01_indicators", UNIT, period, usual(step)) for step, period in enumerate(QUARTERS)]
    others = [
        province.workbook("bm01_indicators", unit, "2026-Q3", figures(VB01=(70 + number, 100)))
        for number, unit in enumerate(province.communes(9))
    ]
    by_lead = {UNIT: {("DL01", "numerator"): 600, ("DL01", "denominator"): 1000}}
    lead = province.workbook("bm03_by_unit", LEAD, "2026-Q3", by_lead)
    tasks = [
        province.workbook("bm02_tasks", unit, "2026-W37", tasks_of(province, unit, "Đang thực hiện"))
        for unit in (DEPARTMENT, OFFICE)
    ]
    receipts = province.ingest(*own, *others, lead, *tasks)
    assert [met(receipt) for receipt in receipts] == [[]] * 16
    province.build()
    return province


def tasks_of(province: Province, unit: str, state: str) -> Rows:
    tasks = [task for task in province.reference.tasks.values() if task.lead == unit]
    return {task.task: {"state": state} for task in tasks}


def test_an_odd_report_is_questioned_at_its_cells_and_accepted(grown: Province) -> None:
    odd = figures(VB01=(20, 100), XH01=(4, None), XH04=(55, 150), DL01=(599, 1000))
    data = grown.workbook("bm01_indicators", UNIT, "2026-Q3", odd)
    expected = [
        ("rule.cumulative_fell", cell(data, "E", "XH01")),
        ("rule.denominator_changed", cell(data, "F", "XH04")),
        ("rule.jump_own_history", cell(data, "E", "VB01")),
        ("rule.jump_peers", cell(data, "E", "VB01")),
        ("rule.other_form_differs", cell(data, "E", "DL01")),
    ]
    assert met(grown.pipeline.check(data, "bieu.xlsx", grown.now)[0]) == expected
    (receipt,) = grown.ingest(data)
    assert met(receipt) == expected


def test_an_ordinary_report_is_not(grown: Province) -> None:
    ordinary = figures(VB01=(74, 100), XH01=(6, None), XH04=(54, 100), DL01=(600, 1000))
    (receipt,) = grown.ingest(grown.workbook("bm01_indicators", UNIT, "2026-Q3", ordinary))
    assert met(receipt) == []


def test_a_correction_is_not_compared_with_what_it_corrects(grown: Province) -> None:
    wrong = figures(VB01=(99, 100), XH01=(9, None), XH04=(54, 200), DL01=(900, 1000))
    grown.ingest(grown.workbook("bm01_indicators", UNIT, "2026-Q3", wrong))
    grown.build()
    right = figures(VB01=(74, 100), XH01=(6, None), XH04=(54, 100), DL01=(600, 1000))
    (receipt,) = grown.ingest(grown.workbook("bm01_indicators", UNIT, "2026-Q3", right))
    assert met(receipt) == []


def test_both_senders_hear_of_two_forms_that_disagree(grown: Province) -> None:
    """The commune reads the lead's figure of itself; the lead reads who differs. Afterwards the commune sees both."""
    (of_commune,) = grown.ingest(grown.workbook("bm01_indicators", UNIT, "2026-Q3", figures(DL01=(580, 1000))))
    (finding,) = [found for found in of_commune.content.findings if found.code == "rule.other_form_differs"]
    assert "600/1.000 = 60,0 %" in finding.message_vi
    path = grown.build()
    by_lead = {UNIT: {("DL01", "numerator"): 590, ("DL01", "denominator"): 1000}}
    data = grown.workbook("bm03_by_unit", LEAD, "2026-Q3", by_lead)
    (of_lead,) = grown.ingest(data)
    (finding,) = [found for found in of_lead.content.findings if found.code == "rule.other_form_differs"]
    assert finding.shown == "590"
    assert grown.reference.org_units[UNIT].name in finding.message_vi
    assert "580" not in finding.message_vi
    for unit, told in ((UNIT, ["14758", "580.0", "600.0", "DL01"]), (LEAD, ["14758", "600.0", "DL01", "None"])):
        scope = queries.Scope(path, frozenset({unit}))
        pairs = queries.conflicts(scope, province="38").select("org_unit", "indicator", "numerator", "other_numerator")
        assert [sorted(map(str, row)) for row in pairs.rows()] == [told]
    assert queries.conflicts(queries.Scope(path, frozenset({DEPARTMENT})), province="38").is_empty()


def test_task_figures_are_held_against_the_units_own_list(grown: Province) -> None:
    count = len(tasks_of(grown, DEPARTMENT, ""))
    wrong = grown.workbook("bm01_indicators", DEPARTMENT, "2026-09", figures(NV01=(1, count), NV04=(0, count)))
    (receipt,) = grown.ingest(wrong)
    assert met(receipt) == [("rule.computed_differs", cell(wrong, "E", "NV01"))]
    right = grown.workbook("bm01_indicators", DEPARTMENT, "2026-09", figures(NV01=(0, count), NV04=(0, count)))
    (receipt,) = grown.ingest(right)
    assert met(receipt) == []


def test_two_senders_of_one_task_should_say_the_same(grown: Province) -> None:
    task = next(task for task in grown.reference.tasks.values() if task.lead == OFFICE)
    for state, is_odd in (("Chưa thực hiện", True), ("Đang thực hiện", False)):
        row = {"title": task.title, "assigned_in": task.assigned_in, "state": state}
        data = grown.workbook("bm02_tasks", DEPARTMENT, "2026-W38", {task.task: row})
        (receipt,) = grown.ingest(data)
        assert met(receipt) == ([("rule.task_reported_by_other", cell(data, "H", task.task))] if is_odd else [])


def test_the_history_is_that_of_the_warehouse_when_the_run_began(province: Province) -> None:
    first = province.workbook("bm01_indicators", UNIT, "2026-Q1", figures(XH01=(9, None)))
    second = province.workbook("bm01_indicators", UNIT, "2026-Q2", figures(XH01=(5, None)))
    assert [met(receipt) for receipt in province.ingest(first, second)] == [[], []]
    assert warehouse.current(province.settings.warehouse) is None
    province.build()
    third = province.workbook("bm01_indicators", UNIT, "2026-Q3", figures(XH01=(4, None)))
    expected = [("rule.cumulative_fell", cell(third, "E", "XH01"))]
    assert met(province.pipeline.check(third, "bieu.xlsx", province.now)[0]) == expected
    assert met(province.ingest(third)[0]) == expected
    corrected = province.workbook("bm01_indicators", UNIT, "2026-Q2", figures(XH01=(3, None)))
    assert len(met(province.ingest(corrected)[0])) == 1  # against the nine of the first quarter
    province.build()
    again = province.workbook("bm01_indicators", UNIT, "2026-Q3", figures(XH01=(3, None)))
    assert met(province.ingest(again)[0]) == []


def test_a_damaged_warehouse_keeps_no_report_waiting(province: Province, caplog: pytest.LogCaptureFixture) -> None:
    province.build().write_bytes(b"no longer a warehouse")
    data = province.workbook("bm01_indicators", UNIT, "2026-Q3", figures(XH01=(4, None)))
    (receipt,) = province.ingest(data)
    assert receipt.outcome is Outcome.ACCEPTED
    assert province.pipeline.faults.count == 0
    (said,) = caplog.records
    assert said.levelname == "ERROR"
    assert "this run is compared with nothing that is known already" in said.message


def test_while_a_warehouse_is_damaged_the_one_before_is_compared_with(
    province: Province, caplog: pytest.LogCaptureFixture
) -> None:
    province.ingest(province.workbook("bm01_indicators", UNIT, "2026-Q2", figures(XH01=(9, None))))
    before = province.build()
    province.build().write_bytes(b"no longer a warehouse")
    data = province.workbook("bm01_indicators", UNIT, "2026-Q3", figures(XH01=(4, None)))
    assert met(province.ingest(data)[0]) == [("rule.cumulative_fell", cell(data, "E", "XH01"))]
    (said,) = caplog.records
    assert said.levelname == "ERROR"
    assert f"compared with {before.stem}." in said.message


def sample() -> list[tuple[Path, datetime]]:
    folder = REPOSITORY / "data" / "sample"
    with (folder / "received.csv").open(encoding="utf-8", newline="") as listing:
        files = [(folder / row["file"], datetime.fromisoformat(row["received_at"])) for row in csv.DictReader(listing)]
    return sorted(files, key=lambda file: file[1])


def submissions() -> list[tuple[Path, datetime]]:
    paths = sorted((Path(__file__).parent / "submissions").glob("[01]*"))
    return [(path, datetime(2026, 10, 1, number, tzinfo=UTC)) for number, path in enumerate(paths)]


@pytest.mark.parametrize("files", [sample(), submissions()], ids=["sample", "submissions"])
def test_real_looking_reports_raise_no_false_alarm(province: Province, files: list[tuple[Path, datetime]]) -> None:
    """Each in its turn, with a build after every one."""
    assert len(files) >= 6
    alarms = []
    for path, received_at in files:
        with ingest_lock(province.settings):
            receipts = list(province.pipeline.ingest([Source(path, path.name, received_at)], backfilled=True))
        alarms += [(path.name, *found) for receipt in receipts for found in met(receipt)]
        province.build()
    assert alarms == []
