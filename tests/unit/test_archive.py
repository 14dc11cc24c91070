"""The archive: nothing recorded is lost or changed, and its tables are what was recorded."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from etl import archive as archive_module
from etl.archive import Archive, submission_id
from etl.errors import HouseError
from etl.findings import Finding
from etl.model import Observation, Outcome, Receipt, Submission, TaskReport
from tests import made

UNIT = "38.00001"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def submission(period: str = "2026-Q1", indicator: str = "VB01") -> Submission:
    return Submission(
        "bm01_indicators", UNIT, period, date(2026, 3, 31), "Biểu 01", (made.observation(indicator, UNIT),)
    )


def many(archive: Archive, count: int, start: int = 0) -> list[Receipt]:
    receipts = [
        made.receipt(
            submission("2026-Q1" if number % 2 else "2025-12"),
            received_at=made.RECEIVED + timedelta(seconds=start + number),
            file=f"{number + start:012x}" + "0" * 52,
        )
        for number in range(count)
    ]
    for receipt in receipts:
        archive.record(receipt)
    return receipts


# ids


def test_ids_sort_by_arrival() -> None:
    start = datetime(2026, 12, 31, 23, 59, 59, 999_998, tzinfo=UTC)
    moments = [start + timedelta(microseconds=step) for step in (0, 1, 2, 3, 10**6, 10**12)]
    ids = [submission_id(at, file, n) for at in moments for file in ("0" * 64, "f" * 64) for n in (1, 2, 10, 11)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_an_id_is_the_same_moment_in_every_time_zone() -> None:
    hanoi = made.RECEIVED.astimezone(timezone(timedelta(hours=7)))
    assert submission_id(hanoi, "ab" * 32, 1) == "20260414T030000.123456Z-abababababab-001"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        submission_id(datetime(2026, 1, 1), "ab" * 32, 1)  # noqa: DTZ001


# files


def test_a_file_is_kept_once_read_only_under_its_hash(archive: Archive, tmp_path: Path) -> None:
    data = b"PK\x03\x04 any bytes"
    file = archive.keep_file(data)
    source = tmp_path / "source.xlsx"
    source.write_bytes(data)
    assert archive.keep_file(source) == file == hashlib.sha256(data).hexdigest()
    kept = [path for path in archive.root.rglob("*") if path.is_file() and path.name != "VERSION"]
    assert [path.relative_to(archive.root).parts for path in kept] == [("files", file[:2], file)]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o444
    assert archive.original(file) == data


def test_a_missing_or_damaged_original_is_not_given_out(archive: Archive) -> None:
    file = archive.keep_file(b"good")
    path = archive.root / "files" / file[:2] / file
    path.chmod(0o600)
    path.write_bytes(b"bad!")
    with pytest.raises(HouseError, match="damaged"):
        archive.original(file)
    with pytest.raises(HouseError, match="holds no file"):
        archive.original("0" * 64)
    archive.keep_file(b"good")
    assert archive.original(file) == b"good"


@pytest.mark.parametrize("name", ["../../../etc/passwd", "", "A" * 64, "ab/" + "c" * 61])
def test_no_other_name_reaches_the_disk(archive: Archive, name: str) -> None:
    with pytest.raises(HouseError):
        archive.original(name)
    assert archive.receipt(name) is None


# submissions


def test_a_receipt_comes_back_as_it_was_recorded(archive: Archive) -> None:
    finding = Finding("cell.negative", "Biểu 01", "E14", "-3")
    content = replace(
        submission(), tasks=(replace(made.task("CT-01", UNIT), coordinating=("38.A", "38.B")),), findings=(finding,)
    )
    receipt = made.receipt(content, findings=(finding, Finding("row.example", "Biểu 01", "B13")))
    archive.record(receipt)
    record = archive.receipt(receipt.submission)
    assert record is not None
    assert record["format"] == 1
    assert {key: record[key] for key in ("file_name", "sender", "channel", "backfilled", "outcome", "as_of")} == {
        "file_name": "Biểu 01 Quý I.xlsx",
        "sender": "a@x.vn",
        "channel": "cli",
        "backfilled": False,
        "outcome": "accepted",
        "as_of": "2026-03-31",
    }
    assert record["received_at"] == "2026-04-14T03:00:00.123456Z"
    assert record["observations"] == [asdict(content.observations[0])]
    assert record["tasks"][0]["coordinating"] == ["38.A", "38.B"]
    assert record["tasks"][0]["due_on"] == "2026-06-30"
    assert [row["code"] for row in record["findings"]] == ["cell.negative", "row.example"]
    assert record["findings"][0]["message_vi"] == finding.message_vi
    assert list(archive.receipts()) == [record]


def test_every_field_of_a_row_is_stored() -> None:
    assert list(archive_module.OBSERVATION) == [field.name for field in fields(Observation)]
    assert list(archive_module.TASK) == [field.name for field in fields(TaskReport)]


def test_only_accepted_submissions_keep_their_rows(archive: Archive) -> None:
    receipt = made.receipt(submission(), outcome=Outcome.REJECTED)
    archive.record(receipt)
    record = archive.receipt(receipt.submission)
    assert record is not None
    assert record["observations"] == []
    assert archive.frames().observations.is_empty()


def test_what_is_recorded_stays_as_it_is(archive: Archive) -> None:
    archive.record(made.receipt(submission(indicator="VB01")))
    archive.record(made.receipt(submission(indicator="VB02")))
    assert [row["indicator"] for record in archive.receipts() for row in record["observations"]] == ["VB01"]
    with pytest.raises(HouseError, match="another file"):
        archive.record(made.receipt(submission(), file="ab" * 31 + "cd"))


def test_a_value_that_is_no_number_is_never_stored(archive: Archive) -> None:
    content = replace(submission(), observations=(made.observation("VB01", UNIT, numerator=float("nan")),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        archive.record(made.receipt(content))
    assert archive.submissions() == []


def test_half_a_character_does_not_lose_a_submission(archive: Archive) -> None:
    content = replace(submission(), observations=(replace(made.observation("VB01", UNIT), note="a\ud800b\u2028\nc"),))
    archive.record(made.receipt(content))
    assert archive.frames().observations["note"].to_list() == ["a?b\u2028\nc"]


def test_submissions_are_found_by_their_file(archive: Archive) -> None:
    file, other = "ab" * 32, "ab" * 31 + "cd"  # the same head: ids hold no more than that
    (archive.root / "files" / "ab").mkdir(parents=True)
    for name in (file, other):
        (archive.root / "files" / "ab" / name).write_bytes(b"no real file has such a hash")
    ids = []
    for n, outcome in ((1, Outcome.ACCEPTED), (2, Outcome.REJECTED), (3, Outcome.ACCEPTED)):
        receipt = made.receipt(submission(f"2026-0{n}"), file=file, n=n, outcome=outcome)
        archive.record(receipt)
        ids.append(receipt.submission)
    assert archive.is_accepted(other) == []
    archive.record(made.receipt(submission(), file=other, received_at=made.RECEIVED + timedelta(seconds=1)))
    assert [record["submission"] for record in archive.submissions_of(file)] == ids
    assert archive.is_accepted(file) == [ids[0], ids[2]]
    archive.withdraw(ids[0], "sai kỳ", "an", made.RECEIVED + timedelta(days=1))
    assert archive.is_accepted(file) == [ids[2]]
    assert archive.is_accepted(file, apart_from=made.RECEIVED) == []
    assert archive.is_accepted(file, apart_from=made.RECEIVED + timedelta(microseconds=1)) == [ids[2]]


def test_what_another_process_records_is_seen_at_once(archive: Archive) -> None:
    reader = Archive(archive.root)
    for number in range(50):
        file = f"{number:012x}" + "0" * 52
        receipt = made.receipt(submission(), file=file)
        assert reader.submissions_of(file) == []
        archive.record(receipt)
        assert len(reader.submissions()) == number + 1


def test_an_archive_of_a_newer_format_is_left_alone(archive: Archive) -> None:
    archive.keep_file(b"x")
    (archive.root / "VERSION").write_text("2\n")
    with pytest.raises(HouseError, match="format 2"):
        Archive(archive.root)


# withdrawals and secrets


def test_withdrawing_is_recorded_and_deletes_nothing(archive: Archive) -> None:
    [receipt] = many(archive, 1)
    at = made.RECEIVED + timedelta(days=2)
    archive.withdraw(receipt.submission, "gửi nhầm", "an", at)
    assert archive.withdrawals() == [
        {"submission": receipt.submission, "reason": "gửi nhầm", "by": "an", "at": "2026-04-16T03:00:00.123456Z"}
    ]
    assert archive.submissions() == [receipt.submission]
    frames = archive.frames()
    assert frames.submissions.height == 1
    assert frames.withdrawals["at"].to_list() == [at.replace(tzinfo=None)]
    with pytest.raises(HouseError, match="withdrawn already"):
        archive.withdraw(receipt.submission, "lần nữa", "an", at)


def test_only_accepted_submissions_can_be_withdrawn(archive: Archive) -> None:
    rejected = made.receipt(submission(), outcome=Outcome.REJECTED)
    archive.record(rejected)
    for name in (rejected.submission, submission_id(made.RECEIVED, "cd" * 32, 1), "../x"):
        with pytest.raises(HouseError, match="no accepted submission"):
            archive.withdraw(name, "", "", made.RECEIVED)


def test_of_a_secret_only_the_note_is_kept(archive: Archive) -> None:
    archive.note_secret("cd" * 32, "Báo cáo.xlsx", made.RECEIVED, "TỐI MẬT ở ô A1")
    assert archive.secrets() == [
        {
            "file": "cd" * 32,
            "file_name": "Báo cáo.xlsx",
            "received_at": "2026-04-14T03:00:00.123456Z",
            "reason": "TỐI MẬT ở ô A1",
        }
    ]
    assert not (archive.root / "files").exists()


# tables


def test_the_tables_hold_what_was_recorded(archive: Archive) -> None:
    receipts = list(
        made.receipts(
            40,
            org_units=["38.A", "38.B"],
            indicators=["VB01", "VB02"],
            periods=[("2026-01", date(2026, 1, 31))],
            rows=3,
        )
    )
    with_tasks = made.receipt(
        replace(submission(), observations=(), tasks=(made.task("CT-01", UNIT), made.task("CT-02", UNIT))),
        findings=(Finding("row.example", "Biểu 01", "B13"), Finding("cell.negative", "Biểu 01", "E14", "-3")),
    )
    for receipt in (*receipts, with_tasks):
        archive.record(receipt)
    frames = archive.frames()
    by_id = {receipt.submission: receipt for receipt in (*receipts, with_tasks)}
    assert frames.submissions["submission"].to_list() == sorted(by_id)
    expected = [
        (name, row.indicator, row.org_unit, row.numerator, row.denominator, row.value, row.cell, row.status)
        for name in sorted(by_id)
        for row in by_id[name].content.observations
    ]
    columns = ("submission", "indicator", "org_unit", "numerator", "denominator", "value", "cell", "status")
    assert frames.observations.select(columns).rows() == expected
    assert frames.tasks["task"].to_list() == ["CT-01", "CT-02"]
    assert frames.tasks["due_on"].to_list() == [date(2026, 6, 30)] * 2
    assert frames.tasks["coordinating"].to_list() == [[], []]
    assert frames.findings.select("submission", "position", "code").rows() == [
        (with_tasks.submission, 1, "row.example"),
        (with_tasks.submission, 2, "cell.negative"),
    ]
    last = frames.submissions.filter(pl.col("submission") == with_tasks.submission).row(0, named=True)
    assert (last["observation_count"], last["task_count"], last["error_count"], last["warning_count"]) == (0, 2, 1, 0)


def test_an_empty_archive_has_tables_too(archive: Archive) -> None:
    frames = archive.frames()
    assert [frame.height for frame in (frames.submissions, frames.observations, frames.tasks)] == [0, 0, 0]
    assert frames.submissions.schema["received_at"] == pl.Datetime("us")
    assert not archive.root.exists()


def same(one: archive_module.Frames, other: archive_module.Frames) -> bool:
    return all(getattr(one, field.name).equals(getattr(other, field.name)) for field in fields(one))


def test_compacting_changes_no_table(archive: Archive) -> None:
    many(archive, 30)
    before = archive.frames()
    assert archive.compact(above=30) == 0
    assert archive.compact(above=29) == 30
    assert sorted(path.name for path in (archive.root / "compacted").iterdir()) == [
        "2025-12.parquet",
        "2026-Q1.parquet",
    ]
    assert archive.compact(above=0) == 0
    assert same(archive.frames(), before)
    many(archive, 5, start=100)
    assert archive.frames().submissions.height == 35
    uncompacted = archive.frames()
    assert archive.compact(above=0) == 5
    assert same(archive.frames(), uncompacted)


def test_the_compacted_files_are_only_a_shortcut(archive: Archive) -> None:
    many(archive, 20)
    before = archive.frames()
    archive.compact(above=0)
    one, other = sorted((archive.root / "compacted").iterdir())
    one.write_bytes(one.read_bytes()[:-100])
    pl.DataFrame({"submission": ["x"]}).write_parquet(other)
    assert same(archive.frames(), before)
    assert archive.compact(above=0) == 20
    assert same(archive.frames(), before)
    one.unlink()
    assert same(archive.frames(), before)


def test_a_submission_without_period_is_compacted_too(archive: Archive) -> None:
    archive.record(made.receipt(submission(period=""), outcome=Outcome.REJECTED))
    archive.record(made.receipt(submission(period="../x"), outcome=Outcome.REJECTED, n=2))
    before = archive.frames()
    assert archive.compact(above=0) == 2
    assert [path.name for path in (archive.root / "compacted").iterdir()] == ["none.parquet"]
    assert same(archive.frames(), before)


@pytest.mark.parametrize("compacted", [False, True])
def test_a_past_moment_is_seen_as_it_was(archive: Archive, compacted: bool) -> None:
    receipts = many(archive, 10)
    archive.withdraw(receipts[0].submission, "", "", made.RECEIVED + timedelta(seconds=6))
    if compacted:
        archive.compact(above=0)
    for seconds, count, withdrawn in ((-1, 0, 0), (0, 1, 0), (5, 6, 0), (6, 7, 1), (60, 10, 1)):
        known = archive.frames((made.RECEIVED + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=7))))
        assert (known.submissions.height, known.observations.height, known.withdrawals.height) == (
            count,
            count,
            withdrawn,
        )


def test_a_damaged_submission_is_never_passed_over(archive: Archive) -> None:
    [first, second] = many(archive, 2)
    path = next(archive.root.glob(f"submissions/*/{first.submission}.json"))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(HouseError, match="damaged"):
        archive.receipt(first.submission)
    with pytest.raises(HouseError, match="damaged"):
        archive.frames()
    assert archive.receipt(second.submission) is not None


def test_what_killed_writers_left_is_swept_when_old(archive: Archive) -> None:
    many(archive, 3)
    folder = next((archive.root / "submissions").iterdir())
    old, new = folder / ".tmp-1-aa", folder / ".tmp-1-bb"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert archive.frames().submissions.height == 3
    archive.compact(above=0)
    assert not old.exists()
    assert new.exists()


# durability


def test_bytes_are_synced_before_they_get_their_name_and_the_folder_after(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.keep_file(b"the first one makes the folders")
    many(archive, 1)
    steps: list[tuple[str, str]] = []
    really_sync, really_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        steps.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        really_sync(descriptor)

    def replace_(source: Path, target: Path) -> None:
        steps.append(("rename", f"{source} {target}"))
        really_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace_)
    file = archive.keep_file(b"new")
    [receipt] = many(archive, 1, start=5)
    archive.withdraw(receipt.submission, "", "", made.RECEIVED)
    day = archive.root / "submissions" / "2026-04-14"
    for target in (
        archive.root / "files" / file[:2] / file,
        day / f"{receipt.submission}.json",
        archive.root / "withdrawals" / f"{receipt.submission}.json",
    ):
        rename = next(step for step in steps if step[0] == "rename" and step[1].endswith(f" {target}"))
        temporary = rename[1].split()[0]
        synced, named = steps.index(("fsync", temporary)), steps.index(rename)
        assert synced < named < steps.index(("fsync", str(target.parent)), named)
