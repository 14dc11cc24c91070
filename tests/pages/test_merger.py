"""A commune's page adds up what its predecessors reported before 01/07/2025, or shows it as reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app import FOLDER
from etl.archive import Archive
from etl.build import build
from etl.model import Submission
from etl.reference import copy_reference, load_reference
from etl.settings import REPOSITORY, Settings
from tests import made

GIVEN = ((30, 40), (10, 60))  # numerator and denominator of the first two predecessors: 40 of 100 together


@pytest.fixture
def commune(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    settings = Settings(live=tmp_path)
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    reference = load_reference(settings.reference)
    whole: dict[str, list[str]] = {}
    for step in reference.successions:
        if step.new_org_unit in reference.org_units and reference.org_units[step.new_org_unit].parent == "40":
            whole.setdefault(step.new_org_unit, []).append(step.old_org_unit)
    unit, old = next((new, olds) for new, olds in sorted(whole.items()) if len(olds) == len(GIVEN))
    archive = Archive(settings.archive)
    figures = [(code, "2025-Q1", date(2025, 3, 14), *given) for code, given in zip(old, GIVEN, strict=True)]
    figures.append((unit, "2025-Q3", date(2025, 9, 14), 45, 100))
    for n, (code, period, as_of, numerator, denominator) in enumerate(figures):
        file = archive.keep_file(f"file {n}".encode())
        observation = made.observation("VB01", code, numerator, denominator)
        content = Submission("bm01_indicators", code, period, as_of, "Biểu 01", observations=(observation,))
        archive.record(replace(made.receipt(content, file=file)))
    build(settings, reference, day=date(2026, 1, 10))
    monkeypatch.setenv("TIENDOSO_LIVE", str(tmp_path))
    return unit


@pytest.mark.parametrize(
    ("side", "fractions"), [("hien-nay", ["40/100", "45/100"]), ("nhu-bao-cao", ["30/40", "10/60", "45/100"])]
)
def test_quarters_before_the_merger_are_added_up_or_shown_apart(commune: str, side: str, fractions: list[str]) -> None:
    app = AppTest.from_string("from dashboard.app import main\nmain()", default_timeout=60)
    wished = {"tinh": "40", "don-vi": commune, "quy": "2025-Q3", "chi-tieu": "VB01", "dia-gioi": side}
    app.run()
    app.switch_page(str(FOLDER / "pages" / "don_vi.py"))
    for name, value in wished.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    tables = [frame.value for frame in app.dataframe if "Cách có" in frame.value.columns]
    assert len(tables) == 1
    assert sorted(text for text in tables[0]["Thực hiện/Tổng số"] if text) == sorted(fractions)
