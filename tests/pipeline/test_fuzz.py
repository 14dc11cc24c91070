"""A few dozen mutants of the fuzzer on every change (`make fuzz`: thousands), and what it found once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl.cli import main
from etl.errors import Refused
from etl.workbook import readers
from tests import forms, fuzz
from tests.forms import Checker, Written, bm01, bm02, bm03, figures, figures_of_units, findings, xlsx
from tests.hostile import SHEET, good_xlsx, part, with_parts

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
    """The judge itself: a record with another figure is blamed, with a word about that row it is not."""
    (mutant,) = fuzz.mutants(seed=5, count=1)
    row = {"org_unit": "16174", "indicator": "VB01", "numerator": 3.0, "denominator": 81.0, "value": 3.703704}
    row |= {"value_to": None, "qualifier": "", "status": "reported", "sheet": "Biểu 01", "cell": "E11"}
    record = {"form": "bm01_indicators", "org_unit": "16174", "period": "2026-Q1", "as_of": "2026-03-14"}
    record |= {"outcome": "accepted", "findings": [], "tasks": [], "observations": [row]}
    other = record | {"observations": [row | {"numerator": 30.0}]}
    finding = {"code": "cell.date_as_ratio", "severity": "warning", "sheet": "Biểu 01", "cell": "F11"}
    warned = other | {"findings": [finding]}
    elsewhere = other | {"findings": [finding | {"cell": "F12"}]}
    known = fuzz.Mutant(0, mutant.original, (), b"", b"", fuzz.Truth())

    def blamed(record: fuzz.Record) -> int:
        return len(list(fuzz.faults_of(known, fuzz.Answer((record,)), fuzz.Answer((honest,)))))

    honest = record
    assert [blamed(record), blamed(other), blamed(warned), blamed(elsewhere)] == [0, 1, 0, 1]
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
    found = list(sources([tmp_path], None))
    assert [source.file_name for source in found] == ["..bieu.xlsx"]
    named = list(sources([tmp_path / ".bieu.xlsx"], None))
    assert [source.file_name for source in named] == [".bieu.xlsx"]


@pytest.mark.parametrize("lost", ["G10", "H10"])
def test_a_column_of_figures_without_a_header_is_named(tmp_path: Path, lost: str) -> None:
    """`header.blank`: an optional column whose header was lost."""
    page = bm01(("VB01", 3, 81, 3.7, 12), ("VB02", 40, 50, 80)).put(lost, None)
    with forms.pipeline(tmp_path) as opened:
        receipt = Checker(opened)(xlsx(page))
    assert ("header.blank", f"{lost[0]}11") in findings(receipt)
    assert figures(receipt) == {key: READ[key] for key in ("VB01", "VB02")}


@pytest.mark.parametrize("header", [None, "ZZ99 Chỉ tiêu lạ"])
def test_an_indicator_lost_from_a_header_of_units_is_named(tmp_path: Path, header: str | None) -> None:
    page = bm03(
        (1, "Xã Như Xuân", 3, 81, None, 40, 50),
        (2, "Phường Hạc Thành", 8, 8, None, 0, 10),
        indicators=("DL01 Tỷ lệ số hóa cơ sở dữ liệu đất đai", "DVC06 Tỷ lệ số hóa kết quả"),
    ).put("F8", header)
    with forms.pipeline(tmp_path) as opened:
        receipt = Checker(opened)(xlsx(page))
    assert {cell for code, cell in findings(receipt) if code == "header.blank"} == {"F10", "G10"}
    assert {unit for unit, indicator in figures_of_units(receipt) if indicator == "DL01"} == {"16174", "14797"}


def test_a_column_of_words_without_a_header_is_named(tmp_path: Path) -> None:
    """Without its column of leads every task would be the sender's own, and nobody would know."""
    page = bm02({"E": "Sở Tài chính"}, {"E": "Công an tỉnh"}).put("E8", None)
    with forms.pipeline(tmp_path) as opened:
        receipt = Checker(opened)(xlsx(page))
    assert ("header.blank", "E10") in findings(receipt)


@pytest.mark.parametrize("value", [True, Written(None, formula="=1/7")])
def test_progress_that_says_nothing_is_told(tmp_path: Path, value: object) -> None:
    with forms.pipeline(tmp_path) as opened:
        receipt = Checker(opened)(xlsx(bm02({"J": value}, {"J": 40})))
    assert ("task.progress_unreadable", "J9") in findings(receipt)
    assert [task.progress_pct for task in receipt.content.tasks] == [None, 40]


@pytest.mark.parametrize("encoding", ["QTF-8", "utf-7", "big5", "rot13", "utf-32"])
def test_an_encoding_that_nobody_knows_is_a_damaged_file(encoding: str) -> None:
    sheet = part(good_xlsx(), SHEET).replace(b'encoding="UTF-8"', f'encoding="{encoding}"'.encode())
    with pytest.raises(Refused) as refused:
        readers.read(with_parts(good_xlsx(), {SHEET: sheet}), "a.xlsx", 2**20)
    assert refused.value.finding.code == "file.unreadable"
