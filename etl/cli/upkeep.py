"""The commands of upkeep: what is wrong, whether all is still as it was kept, backups."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from etl.cli.edge import REJECTED, at_the_edge, read_reference, read_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, words in both languages.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", help="Language of the words (default: vi).")
@at_the_edge
def doctor(as_json: bool, language: str) -> None:
    """Say in plain words what is wrong with this installation and what to do; exit code 1 if anything is."""
    from etl.doctor import FAULT, examine

    found = examine(read_settings())
    for complaint in found:
        if as_json:
            click.echo(json.dumps(complaint.as_facts(), ensure_ascii=False))
        else:
            said, do = complaint.words(language)
            click.echo(f"{'✗' if complaint.severity == FAULT else '!'} {said}\n  → {do}")
    if not found and not as_json:
        click.echo("Mọi thứ đều ổn." if language == "vi" else "All is well.")
    sys.exit(REJECTED if found else 0)


@click.command()
@click.option("--rebuild", is_flag=True, help="Also make the published warehouse anew and compare every table.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", help="Language of the words (default: vi).")
@at_the_edge
def verify(rebuild: bool, language: str) -> None:
    """Prove that nothing kept was changed: files against hashes, receipts, withdrawals, audit log, warehouse."""
    from etl import proving

    settings = read_settings()
    losses = list(proving.verify(settings))
    if rebuild:
        losses += proving.verify_rebuild(settings)
    for loss in losses:
        click.echo(f"✗ {loss.place}: {loss.en if language == 'en' else loss.vi}")
    if not losses:
        click.echo("Mọi thứ còn nguyên như lúc nhận." if language == "vi" else "All is as it was kept.")
    sys.exit(REJECTED if losses else 0)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(min=0), default=0, help="Keep only so many backups (default: all).")
@at_the_edge
def backup(folder: Path, keep: int) -> None:
    """Make a backup in FOLDER while the installation is in use, and prove it; prints where it lies."""
    from etl import backup as backups

    made = backups.backup(read_settings(), folder, keep)
    backups.proof(made)
    click.echo(made.folder)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Also where something is: it stays beside, renamed.")
@at_the_edge
def restore(folder: Path, replace: bool) -> None:
    """Bring the newest whole backup of FOLDER back into an empty installation; stop server and watcher before."""
    from etl import backup as backups

    settings = read_settings()
    brought = backups.restore(settings, folder, replace=replace)
    click.echo(f"{settings.live} ← {brought.folder} ({len(brought.files)})")


@click.command()
@click.argument("submissions", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Every accepted submission that was not withdrawn.")
@at_the_edge
def reread(submissions: tuple[str, ...], is_all: bool) -> None:
    """Read originals again with this programme and reference data; what differs is kept as a new, dated reading.

    Run `tiendoso build` afterwards. Nothing is changed: the reading before stays, and past views stay as they were.
    """
    from etl import inbox
    from etl.archive import Archive
    from etl.pipeline import Pipeline

    settings = read_settings()
    reference = read_reference(settings)
    if is_all:
        archive = Archive(settings.archive)
        taken = {withdrawal["submission"] for withdrawal in archive.withdrawals()}
        found = (record["submission"] for record in archive.receipts() if record["outcome"] == "accepted")
        submissions = tuple(submission for submission in found if submission not in taken)
    elif not submissions:
        raise click.UsageError("name submissions, or say --all")
    is_rejected = False
    with inbox.ingest_lock(settings, wait_seconds=30), Pipeline(settings, reference) as pipeline:
        for receipt, is_new in pipeline.reread(submissions, datetime.now(UTC)):
            is_rejected = is_rejected or receipt.outcome == "rejected"
            if is_new:
                click.echo(f"{receipt.submission} {receipt.outcome}")
    sys.exit(REJECTED if is_rejected else 0)
