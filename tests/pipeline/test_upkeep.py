"""Backup, restore, proof and upgrade: what was kept can be brought back, and any change made later is found."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from etl import audit, inbox, proving
from etl import backup as backups
from etl.access import Role
from etl.accounts import Accounts
from etl.archive import Archive
from etl.build import build, table_hashes
from etl.cli import main
from etl.errors import HouseError
from etl.model import Submission
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from sql import warehouse
from tests import damage, made

OLD = Path(__file__).with_name("archive_format_1")
DAY = date(2026, 10, 6)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Settings:
    """The old archive under a warehouse of today, with an audit log and something in inbox and landing."""
    settings = Settings(live=tmp_path_factory.mktemp("built") / "live")
    shutil.copytree(OLD / "archive", settings.archive)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    build(settings, reference, day=DAY)
    for number in range(3):
        audit.record(settings, audit.Event.UPLOAD, f"người-{number}", "127.0.0.1", file="bieu.xlsx")
    inbox.land(settings, b"on its way", "a.xlsx", None, channel=inbox.WEB)
    settings.inbox.mkdir()
    (settings.inbox / "b.xlsx").write_bytes(b"not taken in yet")
    return settings


@pytest.fixture
def settings(built: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(built.live, tmp_path / "live")
    return Settings(live=tmp_path / "live")


def published(settings: Settings) -> Path:
    found = warehouse.published(settings.warehouse)
    assert not found.fault
    assert found.warehouse is not None
    return found.warehouse


# upgrade


@pytest.mark.parametrize("is_compacted", [True, False])
def test_an_old_archive_opens_without_a_step_by_hand_and_gives_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_compacted: bool
) -> None:
    settings = Settings(live=tmp_path / "old")
    shutil.copytree(OLD / "archive", settings.archive)
    if not is_compacted:
        shutil.rmtree(settings.archive / "compacted")
    monkeypatch.setenv("TIENDOSO_LIVE", str(settings.live))
    assert CliRunner().invoke(main, ["build"]).exit_code == 0
    assert list(proving.verify(settings)) == []
    for table, name in (("observation", "observations"), ("task_report", "task_reports")):
        kept = pl.read_csv(OLD / f"{name}.csv", infer_schema=False)
        columns = ", ".join(f"{column}::varchar as {column}" for column in kept.columns)
        given = warehouse.query(published(settings), f"select {columns} from core.{table}")
        assert sorted(given.fill_null("").rows()) == sorted(kept.fill_null("").rows())


def test_an_archive_of_a_format_to_come_is_refused(tmp_path: Path) -> None:
    shutil.copytree(OLD / "archive", tmp_path / "archive")
    (tmp_path / "archive" / "VERSION").write_text("2\n")
    with pytest.raises(HouseError, match="has format 2"):
        Archive(tmp_path / "archive")


# backup and restore


def test_a_backup_restored_on_an_empty_machine_gives_the_same_answers(settings: Settings, tmp_path: Path) -> None:
    accounts = Accounts(settings)
    accounts.add("lan", "mat-khau-rat-dai-2026", Role.ADMIN)
    accounts.close()
    made_ = backups.backup(settings, tmp_path / "backups")
    assert backups.proof(made_) == len(made_.files)
    fresh = Settings(live=tmp_path / "elsewhere" / "live")
    fresh.live.parent.mkdir()
    backups.restore(fresh, tmp_path / "backups")
    assert table_hashes(published(fresh)) == table_hashes(published(settings))
    assert list(proving.verify(fresh)) == []
    assert audit.verify(audit.folder(fresh)) == audit.verify(audit.folder(settings))
    restored = Accounts(fresh)
    assert [account.name for account in restored.accounts()] == ["lan"]
    restored.close()
    for kept in (made_.folder / "live", fresh.live):
        assert (kept / "state.sqlite").stat().st_mode & 0o077 == 0
    assert [entry.read() for entry in inbox.landed(fresh)] == [b"on its way"]
    assert (fresh.inbox / "b.xlsx").read_bytes() == b"not taken in yet"
    assert load_reference(fresh.reference).hash == load_reference(settings.reference).hash
    # And what is built there anew is the same again.
    before = table_hashes(published(settings))
    assert table_hashes(build(fresh, load_reference(fresh.reference), day=DAY)) == before


def test_a_second_backup_takes_no_room_for_what_stayed_and_old_ones_go(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    first = backups.backup(settings, folder)
    second = backups.backup(settings, folder)
    name = next(name for name in second.files if name.startswith("archive/files/"))
    assert (second.folder / "live" / name).samefile(first.folder / "live" / name)
    third = backups.backup(settings, folder, keep=2)
    assert [one.folder for one in backups.backups(folder)] == [third.folder, second.folder]
    assert sorted(path.name for path in folder.iterdir()) == [second.folder.name, third.folder.name]
    assert backups.proof(third) == len(third.files)


def test_backups_taken_under_load_hold_all_that_was_acknowledged_before_them(
    settings: Settings, reference: Reference, tmp_path: Path
) -> None:
    """Files land, are kept, recorded and built while five backups are made; each is restored and proved."""
    acknowledged: list[str] = []
    is_over = threading.Event()

    def load() -> None:
        archive = Archive(settings.archive)
        for number in count():
            if is_over.is_set():
                return
            entry = inbox.land(settings, f"file {number}".encode(), f"{number}.xlsx", None)
            file = archive.keep_file(entry.content)
            content = Submission("bm01_indicators", "14797", "2026-Q2", DAY)
            receipt = made.receipt(content, received_at=entry.arrival.received_at, file=file)
            archive.record(receipt)
            acknowledged.append(receipt.submission)
            inbox.finish(entry)
            if number % 10 == 9:
                build(settings, reference, day=DAY)

    loader = threading.Thread(target=load)
    loader.start()
    try:
        for number in range(5):
            before = set(acknowledged)
            made_ = backups.backup(settings, tmp_path / "backups")
            target = Settings(live=tmp_path / f"restored-{number}")
            backups.restore(target, made_.folder)
            assert before <= set(Archive(target.archive).submissions())
            assert list(proving.verify(target)) == []
            assert warehouse.query(published(target), "select count(*) from core.submission").item() > 0
    finally:
        is_over.set()
        loader.join()
    assert acknowledged


def test_an_installation_in_use_is_not_overwritten_unless_told(settings: Settings, tmp_path: Path) -> None:
    backups.backup(settings, tmp_path / "backups")
    with pytest.raises(HouseError, match="not empty: nothing was restored"):
        backups.restore(settings, tmp_path / "backups")
    (settings.live / "mine.txt").write_text("mine")
    backups.restore(settings, tmp_path / "backups", replace=True)
    assert not (settings.live / "mine.txt").exists()
    [beside] = settings.live.parent.glob("live.before-*")
    assert (beside / "mine.txt").read_text() == "mine"


def test_a_damaged_or_unfinished_backup_restores_nothing(settings: Settings, tmp_path: Path) -> None:
    made_ = backups.backup(settings, tmp_path / "backups")
    fresh = Settings(live=tmp_path / "fresh")
    victim = made_.folder / "live" / next(name for name in made_.files if name.startswith("archive/submissions/"))
    kept = victim.read_bytes()
    victim.write_bytes(kept[:-5])
    with pytest.raises(HouseError, match="damaged at archive/submissions"):
        backups.restore(fresh, tmp_path / "backups")
    with pytest.raises(HouseError, match="is damaged"):
        backups.proof(made_)
    victim.unlink()
    with pytest.raises(HouseError, match="damaged"):
        backups.restore(fresh, tmp_path / "backups")
    (made_.folder / "manifest.json").unlink()
    with pytest.raises(HouseError, match="no whole backup"):
        backups.restore(fresh, tmp_path / "backups")
    assert not fresh.live.exists()
    assert list(tmp_path.glob(".fresh*")) == []
    with pytest.raises(HouseError, match="inside"):
        backups.backup(settings, settings.live / "backups")


# proof


def edit(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))


def a_receipt(settings: Settings) -> Path:
    return sorted(settings.archive.glob("submissions/*/*.json"))[0]


def a_file(settings: Settings) -> Path:
    return sorted(settings.archive.glob("files/??/*"))[0]


def change_a_file(settings: Settings) -> None:
    a_file(settings).chmod(0o644)
    a_file(settings).write_bytes(b"another")


def change_the_audit_log(settings: Settings) -> None:
    [log] = (settings.live / "audit").glob("*.jsonl")
    log.write_text(log.read_text().replace("người-1", "người-9"))


CHANGES: dict[str, Callable[[Settings], object]] = {
    "An original file was changed": change_a_file,
    "The original file": lambda settings: a_file(settings).unlink(),
    "A receipt is damaged": lambda settings: a_receipt(settings).write_text("{"),
    "A receipt does not bear its own id": lambda settings: edit(
        a_receipt(settings), lambda facts: facts.update(submission="20261005T020100.000000Z-b168a506d5e4-001")
    ),
    "A returned report has rows": lambda settings: edit(
        a_receipt(settings), lambda facts: facts.update(outcome="rejected")
    ),
    "A withdrawal is of no accepted report": lambda settings: edit(
        next((settings.archive / "withdrawals").glob("*.json")), lambda facts: facts.update(submission="none")
    ),
    "Content marked secret is still kept": lambda settings: Archive(settings.archive).note_secret(
        a_file(settings).name, "x", datetime.now(UTC), "secrecy mark"
    ),
    "The audit log was changed": change_the_audit_log,
}


@pytest.mark.parametrize("words", CHANGES)
def test_any_change_made_later_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    assert list(proving.verify(settings)) == []
    CHANGES[words](settings)
    losses = list(proving.verify(settings))
    assert any(loss.en.startswith(words) for loss in losses), losses
    assert all(loss.vi and loss.vi != loss.en for loss in losses)
    monkeypatch.setenv("TIENDOSO_LIVE", str(settings.live))
    told = CliRunner().invoke(main, ["verify", "--language", "en"])
    assert told.exit_code == 1
    assert words in told.stdout


def test_the_published_warehouse_is_held_against_one_made_anew(settings: Settings, reference: Reference) -> None:
    assert list(proving.verify_rebuild(settings)) == []
    # What came after that build is no difference, nor is what was taken back since.
    archive = Archive(settings.archive)
    accepted = next(record["submission"] for record in archive.receipts() if record["outcome"] == "accepted")
    archive.withdraw(accepted, "thử", "an", datetime.now(UTC))
    archive.record(
        made.receipt(Submission("bm01_indicators", "14797", "2026-Q2", DAY), received_at=made.RECEIVED + timedelta(1))
    )
    assert list(proving.verify_rebuild(settings)) == []
    path = published(settings)
    damage.rewrite(path, "update mart.figure set value = value + 1 where value is not null")
    assert [loss.place for loss in proving.verify_rebuild(settings)] == ["mart.figure"]
    path.write_bytes(b"")
    with pytest.raises(HouseError, match="version_size"):
        list(proving.verify_rebuild(settings))
