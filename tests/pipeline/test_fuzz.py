"""A few dozen mutants of the fuzzer on every change (`make fuzz`: thousands), and what it found once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl.cli import main
from tests import forms, fuzz
from tests.forms import Checker, bm01, figures, xlsx

ROWS = (("VB01", 3, 81), ("VB02", 40, 50), ("VB03", 7, 9))
READ = {"VB01": "3/81 = 3.703704", "VB02": "40/50 = 80", "VB03": "7/9 = 77.77778"}


def test_fifty_mutants_get_their_receipts_and_no_figure_changes_silently(tmp_path: Path) -> None:
    report = fuzz.fuzz(seed=20260314, count=50, folder=tmp_path)
    assert report.faults == []
    assert report.count == 50
    assert report.outcomes["accepted"] > 10
    assert report.outcomes["rejected"] > 10


def test_a_mutant_depends_on_its_seed_and_number_alone() -> None:
    (alone,) = fuzz.mutants(seed=5, count=20, only=13)
    again = list(fuzz.mutants(seed=5, count=20))[13]
    assert (again.original, again.done, again.file_name) == (alone.original, alone.done, alone.file_name)


def test_a_figure_that_changed_without_a_word_is_a_fault() -> None:
    """The judge itself: a record with another figure is blamed, with a warning it is not."""
    (mutant,) = fuzz.mutants(seed=5, count=1)
    row = {"org_unit": "16174", "indicator": "VB01", "numerator": 3.0, "denominator": 81.0, "value": 3.703704}
    row |= {"value_to": None, "qualifier": "", "status": "reported"}
    record = {"form": "bm01_indicators", "org_unit": "16174", "period": "2026-Q1", "as_of": "2026-03-14"}
    record |= {"outcome": "accepted", "findings": [], "tasks": [], "observations": [row]}
    other = record | {"observations": [row | {"numerator": 30.0}]}
    warned = other | {"findings": [{"code": "cell.percent_scale", "severity": "warning"}]}
    known = fuzz.Mutant(0, mutant.original, (), b"", b"", fuzz.Truth())

    def blamed(record: fuzz.Record) -> int:
        return len(list(fuzz.faults_of(known, fuzz.Answer((record,)), fuzz.Answer((honest,)))))

    honest = record
    assert [blamed(record), blamed(other), blamed(warned)] == [0, 1, 0]
    assert blamed(record | {"period": "2026-Q2"}) > 0
    assert blamed(record | {"as_of": "2026-03-31"}) == 1


# --- what it found ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [24, 25, 26, 80, 3000])
def test_rows_below_many_blank_rows_are_read(tmp_path: Path, blank: int) -> None:
    page = bm01(*ROWS)
    page.cells = {(row + blank if row > 12 else row, column): value for (row, column), value in page.cells.items()}
    with forms.pipeline(tmp_path) as opened:
        assert figures(Checker(opened)(xlsx(page))) == READ


@pytest.mark.parametrize(
    "name", [b"bi\xe1\xbb\x83u \xff\xfe.xlsx", b"bi\xe1\xbb\x83u\n\x1b[31m.xlsx", b"..\\..\\bieu.xlsx"]
)
def test_names_that_are_no_text_get_a_receipt(tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    Path(os.path.join(os.fsencode(folder), name).decode("utf-8", "surrogateescape")).write_bytes(xlsx(bm01(*ROWS)))  # noqa: PTH118
    result = CliRunner().invoke(main, ["ingest", str(folder), "--json"], catch_exceptions=False)
    (receipt,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert receipt["outcome"] == "accepted"
    assert receipt["file_name"] == name.decode("utf-8", "replace")


def test_a_hidden_file_is_taken_only_if_it_is_named(tmp_path: Path) -> None:
    from etl.pipeline import sources

    for name in (".bieu.xlsx", "~$bieu.xlsx", "..bieu.xlsx"):
        (tmp_path / name).write_bytes(b"x")
    found = list(sources([tmp_path], forms.Checker.received_at(forms.RECEIVED_ON), lambda: pytest.fail("not asked")))
    assert [source.file_name for source in found] == ["..bieu.xlsx"]
    named = list(
        sources(
            [tmp_path / ".bieu.xlsx"], forms.Checker.received_at(forms.RECEIVED_ON), lambda: pytest.fail("not asked")
        )
    )
    assert [source.file_name for source in named] == [".bieu.xlsx"]
