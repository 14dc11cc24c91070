"""Attacks, damage and honest oddities through the reading children: always a workbook or a finding, never a crash."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from etl.errors import Refused
from etl.model import Workbook
from etl.workbook import WorkbookReader
from tests.hostile import READ, good_xlsx, hostile_files, mutations

FILES = {hostile.name: hostile for hostile in hostile_files()}


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    with WorkbookReader(processes=2, seconds=30, memory_mb=1024, max_file_mb=20) as reader:
        yield reader


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_every_file_gets_its_verdict(reader: WorkbookReader, name: str) -> None:
    hostile = FILES[name]
    began = time.monotonic()
    ((_, answer),) = reader.read_many([(name, hostile.data, hostile.file_name)])
    code = answer.finding.code if isinstance(answer, Refused) else READ
    assert code in hostile.expected
    assert time.monotonic() - began < 10


def test_damaged_files_never_reach_the_parent(reader: WorkbookReader) -> None:
    files = [(hostile.name, hostile.data, hostile.file_name) for hostile in mutations(seed=20260314, count=50)]
    answers = list(reader.read_many(files))
    assert [name for name, _ in answers] == [name for name, _, _ in files]
    assert all(isinstance(answer, (Workbook, Refused)) for _, answer in answers)
    assert all(answer.finding.code.startswith("file.") for _, answer in answers if isinstance(answer, Refused))


def test_a_good_file_is_read_the_same_after_all_that(reader: WorkbookReader) -> None:
    sheet = reader.read(good_xlsx(), "a.xlsx").sheets[0]
    assert sheet.cells[(7, 5)].value == 7
    assert sheet.cells[(7, 7)].formula
    assert sheet.cells[(7, 7)].value == pytest.approx(7 / 1204 * 100)
