"""Each check of a warehouse finds the fault it is there for, and an error keeps the version before."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

import sql
from etl import build as build_module
from etl.archive import Archive
from etl.build import build, last_failure
from etl.errors import BuildError
from etl.model import Submission
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from sql import warehouse
from tests import made

DAY = date(2026, 6, 30)

# What somebody's mistake in reference data, statements or programme would leave in the tables.
DAMAGES = {
    "orphan_unit": "update core.observation set org_unit = 'x' where indicator = 'VB01'",
    "orphan_indicator": "update core.observation set indicator = 'XX99' where indicator = 'VB01'",
    "orphan_form": "delete from reference.form where form = 'bm01_indicators'",
    "duplicate_figure": "insert into core.observation from core.observation limit 1",
    "counted_once": "update core.submission set is_current = true",
    "withdrawn_counts": "update core.submission set is_withdrawn = true where is_current",
    "rows_per_submission": "delete from core.observation where indicator = 'VB01'",
    "untraceable": "update core.observation set cell = '' where indicator = 'VB01'",
    "total_differs": "update mart.rollup set numerator = numerator + 1",
    "task_total_differs": "update mart.task_status set done_count = done_count + 1",
    "period_gap": "delete from reference.period where period = '2026-Q2'",
    "no_number": "update core.observation set value = 'nan'::double where indicator = 'VB01'",
    "measure_unit": "update core.observation set value = value / 100 where indicator = 'VB01'",
    "over_hundred": "update core.observation set value = 101, qualifier = 'ge' where indicator = 'VB01'",
    "from_the_future": "update core.submission set received_at = received_at + interval 10 years",
    "target_without_scope": "update reference.target set scope = 'nowhere'",
}


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Settings:
    """Two reports of one unit and quarter, the second of which counts, and a list of tasks."""
    settings = Settings(live=tmp_path_factory.mktemp("live"))
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    archive = Archive(settings.archive)
    commune = next(code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38")
    rows = tuple(made.observation(code, commune, 30, 60) for code in ("VB01", "VB02"))
    report = Submission("bm01_indicators", commune, "2026-Q1", DAY, "B", rows)
    tasks = Submission("bm02_tasks", "38.KHCN", "2026-W13", DAY, "B", tasks=(made.task("A-1", "38.KHCN"),))
    for number, content in enumerate((report, report, tasks), start=1):
        received_at = made.RECEIVED.replace(minute=number)
        archive.record(made.receipt(content, received_at=received_at, file=f"{number:064x}"))
    build(settings, reference, day=DAY)
    return settings


def published(settings: Settings) -> Path:
    path = warehouse.current(settings.warehouse)
    assert path is not None
    return path


def test_every_check_has_words_a_severity_and_a_damage_it_finds() -> None:
    assert {check.name for check in sql.integrity()} == set(DAMAGES)
    for check in sql.integrity():
        assert check.severity in ("error", "warning")
        assert check.vi.strip() != check.en.strip() != ""


def test_a_sound_warehouse_passes(settings: Settings) -> None:
    assert json.loads(published(settings).with_suffix(".json").read_text())["checks"] == []


@pytest.mark.parametrize("name", DAMAGES)
def test_a_check_finds_its_fault(settings: Settings, tmp_path: Path, name: str) -> None:
    damaged = Path(shutil.copy(published(settings), tmp_path / "damaged.duckdb"))
    with duckdb.connect(str(damaged)) as connection:
        connection.execute(DAMAGES[name])
        connection.execute("checkpoint")
    found = {check["check"]: check for check in build_module._checked(damaged, is_binding=False)}
    assert found[name]["count"] > 0
    assert 0 < len(found[name]["examples"]) <= build_module.EXAMPLES
    if found[name]["severity"] == "error":
        with pytest.raises(BuildError, match="wrong") as refused:
            build_module._checked(damaged, is_binding=True)
        assert name in [check["check"] for check in refused.value.checks]


def test_an_error_keeps_the_version_before_and_says_why(settings: Settings, reference: Reference) -> None:
    before = published(settings)
    indicators = {code: indicator for code, indicator in reference.indicators.items() if code != "VB02"}
    targets = tuple(target for target in reference.targets if target.indicator != "VB02")
    with pytest.raises(BuildError, match="Figures belong to indicators that the catalogue"):
        build(settings, replace(reference, indicators=indicators, targets=targets), day=DAY)
    assert published(settings) == before
    failure = last_failure(settings)
    assert failure is not None
    assert [check["check"] for check in failure["checks"]] == ["orphan_indicator"]
    assert failure["checks"][0]["vi"].startswith("Có số liệu của chỉ tiêu không có trong danh mục")
    assert build(settings, reference, day=DAY) == published(settings) != before
    assert last_failure(settings) is None
