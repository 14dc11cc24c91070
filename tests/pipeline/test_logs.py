"""The log as programmes read it: one JSON object a line, each of a submission with its id, and nobody's name in it."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from etl import inbox, logs
from etl.pipeline import Pipeline, Source
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings

SUBMISSIONS = Path(__file__).parent / "submissions"
GOOD = SUBMISSIONS / "11_UBND xã Như Xuân_BM01_Tháng 7-2026.xlsx"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log of this process writes, in JSON; logging is as before afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    logs.start("json", process="watcher", to=out)
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)


def _lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_line_of_a_submission_bears_its_id_and_no_name(tmp_path: Path, written: io.StringIO) -> None:
    settings = Settings(live=tmp_path, parser_processes=1)
    reference = load_reference(REPOSITORY / "data" / "reference")
    broken = b"PK\x03\x04 not a workbook"
    at = datetime(2026, 8, 3, 2, tzinfo=UTC)
    given = [Source(GOOD, "Nguyễn Văn A.xlsx", at, sender="Trần Thị B"), Source(broken, "Lê Văn C.xlsx", at)]
    with inbox.ingest_lock(settings), Pipeline(settings, reference) as pipeline:
        receipts = list(pipeline.ingest(given))
    told = [line for line in _lines(written) if line["logger"] == "etl.pipeline"]
    assert [(line["submission"], line["outcome"]) for line in told] == [
        (receipt.submission, str(receipt.outcome)) for receipt in receipts
    ]
    heads = [hashlib.sha256(data).hexdigest()[:12] for data in (GOOD.read_bytes(), broken)]
    assert {line["file"] for line in told} == set(heads)
    assert {line["process"] for line in _lines(written)} == {"watcher"}
    for name in ("Nguyễn", "Trần", "Lê Văn", "\\u"):
        assert name not in written.getvalue()


def test_a_fault_is_one_line_with_its_traceback_and_what_it_is_about(tmp_path: Path, written: io.StringIO) -> None:
    settings = Settings(live=tmp_path, parser_processes=1)
    reference = load_reference(REPOSITORY / "data" / "reference")
    entry = inbox.land(settings, GOOD, "a.xlsx", datetime(2026, 8, 3, 2, tzinfo=UTC))
    entry.content.chmod(0o644)
    entry.content.write_bytes(b"other bytes than those that landed")
    with inbox.ingest_lock(settings), Pipeline(settings, reference) as pipeline:
        assert list(pipeline.ingest_landed()) == []
    (line,) = [line for line in _lines(written) if line["level"] == "ERROR"]
    assert "Traceback" in line["traceback"]
    assert "\n" in line["traceback"]
    assert line["file"] == entry.arrival.file[:12]
    assert line["submission"] == entry.folder.name


def test_what_a_line_is_about_ends_with_its_block(written: io.StringIO) -> None:
    log = logging.getLogger("somewhere")
    with logs.about(file="0123456789abcdef", submission="s1"):
        log.info("first\nsecond %s", "third")
        with logs.about(submission="s2"):
            log.info("inner")
    log.info("after")
    first, inner, after = _lines(written)
    assert (first["file"], first["submission"], first["message"]) == ("0123456789ab", "s1", "first\nsecond third")
    assert (inner["file"], inner["submission"]) == ("0123456789ab", "s2")
    assert not {"file", "submission"} & set(after)


def test_lines_for_people_name_what_they_are_about_at_their_end(written: io.StringIO) -> None:
    out = io.StringIO()
    logs.start("text", process="web-2", to=out)
    with logs.about(submission="s1"):
        logging.getLogger("somewhere").warning("tell me")
    logging.getLogger("somewhere").warning("and this")
    told, more = out.getvalue().splitlines()
    assert told.endswith("WARNING web-2 somewhere tell me submission=s1")
    assert more.endswith("WARNING web-2 somewhere and this")
