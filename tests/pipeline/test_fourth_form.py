"""A new form is one file of reference data (and one per new indicator): from its template to the observations."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from etl.cli import main
from etl.reference import load_reference
from etl.settings import REPOSITORY

SHIPPED = REPOSITORY / "data" / "reference"
FORM = "forms/bm04_service_index.toml"
LEAD, PERIOD = "38.TTPVHCC", "2026-09"
MAXIMA = {"SI01": 18, "SI02": 20, "SI03": 12, "SI04": 10, "SI05": 22, "SI06": 18}

Scores = dict[tuple[str, str], float | str]


def run(live: Path, *words: str) -> str:
    """The command line over an installation; its standard output."""
    result = CliRunner().invoke(main, list(words), env={"TIENDOSO_LIVE": str(live)}, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def filled(template: Path, seed: int) -> Scores:
    """Types scores into the template as a person would; what was typed by (commune's name, indicator)."""
    chance = random.Random(seed)
    book = openpyxl.load_workbook(template)
    sheet = book.active
    assert sheet is not None
    (header,) = [row for row in sheet.iter_rows() if row[0].value == "STT"]
    columns = {str(cell.value).split()[0]: cell.column for cell in header[2:]}
    typed: Scores = {}
    for row in range(header[0].row + 1, sheet.max_row + 1):
        if not isinstance(sheet.cell(row, 1).value, int):
            continue
        scores: dict[str, Any] = {code: round(chance.uniform(0, most), 2) for code, most in MAXIMA.items()}
        scores["DVC12"] = round(sum(scores.values()), 2)
        scores |= dict.fromkeys(["SI03"], "x") if chance.random() < 0.05 else {}
        for code, column in columns.items():
            value = scores[f"SI{code[2:]}" if code != "DVC12" else code]
            sheet.cell(row, column).value = value
            typed[str(sheet.cell(row, 2).value), code] = value
    book.save(template)
    return typed


def through(live: Path, code: str, seed: int) -> tuple[dict[str, Any], Scores, dict[tuple[str, str], dict[str, Any]]]:
    """Template → fill → ingest → export: the receipt, what was typed, the observations by (name, indicator)."""
    file = live.parent / f"{code} tháng 9.xlsx"
    run(live, "template", code, "--org-unit", LEAD, "--period", PERIOD, "-o", str(file))
    typed = filled(file, seed)
    (receipt,) = [json.loads(line) for line in run(live, "ingest", str(file), "--json").splitlines()]
    out = live.parent / "observations.json"
    run(live, "export", "observations", "-o", str(out))
    names = {unit.code: unit.name for unit in load_reference(live / "reference").org_units.values()}
    rows = json.loads(out.read_text(encoding="utf-8"))
    return receipt, typed, {(names[row["org_unit"]], row["indicator"]): row for row in rows}


def prove(receipt: dict[str, Any], form: str, typed: Scores, observed: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert (receipt["outcome"], receipt["findings"]) == ("accepted", [])
    assert (receipt["form"], receipt["org_unit"], receipt["period"], receipt["as_of"]) == (
        form,
        LEAD,
        PERIOD,
        "2026-09-14",
    )
    assert len(typed) == (147 + 19) * 7
    assert observed.keys() == typed.keys()
    for key, value in typed.items():
        row = observed[key]
        if value == "x":
            assert (row["status"], row["value"]) == ("not_applicable", None)
        else:
            assert (row["status"], row["value"], row["denominator"]) == ("reported", pytest.approx(value), None)


def test_the_service_index_goes_from_template_to_observations(tmp_path: Path) -> None:
    receipt, typed, observed = through(tmp_path / "live", "BM04", seed=766)
    prove(receipt, "bm04_service_index", typed, observed)


def test_without_its_files_the_form_is_unknown_and_all_else_stands(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "reference"))
    (folder / FORM).unlink()
    for code in MAXIMA:
        (folder / "indicators" / f"{code}.toml").unlink()
    before, after = load_reference(folder), load_reference(SHIPPED)
    assert [form.code for form in before.forms.values()] == ["BM01", "BM02", "BM03"]
    assert len(before.indicators) == 40
    for unit, cadence in (("16174", "quarterly"), ("38.KHCN", "monthly"), (LEAD, "monthly")):
        expected = after.indicators_expected("bm01_indicators", unit, cadence)
        assert expected == before.indicators_expected("bm01_indicators", unit, cadence)


def test_a_form_never_heard_of_is_one_file_too(tmp_path: Path) -> None:
    live = tmp_path / "live"
    reference = Path(shutil.copytree(SHIPPED, live / "reference"))
    for code in MAXIMA:
        definition = (SHIPPED / "indicators" / f"{code}.toml").read_text(encoding="utf-8")
        definition = definition.replace(code, f"QX{code[2:]}").replace("(766)", "(phường văn minh)")
        (reference / "indicators" / f"QX{code[2:]}.toml").write_text(definition, encoding="utf-8")
    form = (SHIPPED / FORM).read_text(encoding="utf-8")
    form = re.sub(r"SI(0\d)", r"QX\1", form).replace("bm04_service_index", "bm17_ward_score").replace("BM04", "BM17")
    form = form.replace("số 04", "số 17").replace("biểu 04", "biểu 17").replace("Biểu 04", "Biểu 17")
    form = form.replace("hỉ số phục vụ", "hấm điểm văn minh").replace("chất lượng phục vụ", "nếp sống văn minh")
    (reference / "forms" / "bm17_ward_score.toml").write_text(form, encoding="utf-8")
    receipt, typed, observed = through(live, "BM17", seed=17)
    prove(receipt, "bm17_ward_score", typed, observed)


def test_no_line_of_code_knows_the_fourth_form() -> None:
    for package, pattern in (("etl", "*.py"), ("dashboard", "*.py"), ("sql", "*.py"), ("sql", "*.sql")):
        for path in (REPOSITORY / package).rglob(pattern):
            assert re.findall(r"(?i)bm04|\bSI0\d|service.index", path.read_text(encoding="utf-8")) == [], path
