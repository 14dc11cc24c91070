"""The commands of the journey of a submission: taking in, building, writing out, serving."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.edge import REJECTED, at_the_edge, read_reference, read_settings
from etl.errors import HouseError
from etl.settings import REPOSITORY

if TYPE_CHECKING:
    import polars as pl

    from etl.model import Receipt
    from etl.reference import Reference


BUILD_WAIT_SECONDS = 60.0  # the watcher may be building just now


class _Moment(click.ParamType[datetime]):
    """A day or a moment in ISO form; without a zone it is Vietnamese time, a bare day is its end."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from etl.pipeline import LOCAL_TIME

        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is not a time like 2026-03-19 or 2026-03-19T08:30", param, ctx)
        if len(value) <= 10:
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_TIME)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text.")
@click.option("--received-at", type=_Moment(), help="Load history: when the files came (recorded as nhập bù).")
@click.option("--build/--no-build", "is_built", default=True, help="Build the warehouse afterwards (default).")
@at_the_edge
def ingest(paths: tuple[Path, ...], as_json: bool, received_at: datetime | None, is_built: bool) -> None:
    """Take files or folders in (default: the inbox), print a receipt per form found, build the warehouse."""
    from etl import inbox
    from etl.build import build
    from etl.pipeline import Pipeline, local_day, sources
    from etl.watch import inbox_sources

    settings = read_settings()
    reference = read_reference(settings)
    with inbox.ingest_lock(settings, wait_seconds=30), Pipeline(settings, reference) as pipeline:
        ready = [] if paths else inbox.ready_files(settings, 0, {}, 0)
        found = list(sources(paths, received_at)) if paths else inbox_sources(ready)
        receipts = pipeline.ingest(found, channel="cli" if paths else "inbox", backfilled=received_at is not None)
        outcomes = _told(receipts, len(found), reference, as_json)
        pipeline.archive.compact()
        faults = pipeline.faults.count
    if is_built:
        build(settings, reference, day=local_day(datetime.now(UTC)), wait_seconds=BUILD_WAIT_SECONDS)
    if faults:
        raise HouseError(
            f"{faults} file(s) could not be read because of a fault of the programme; they stay in the landing.",
            "The log above says where; the next run reads them again.",
        )
    sys.exit(REJECTED if "rejected" in outcomes else 0)


def _told(receipts: Iterable[Receipt], expected: int, reference: Reference, as_json: bool) -> set[str]:
    """Prints the receipts as they come, with a progress bar on stderr; the outcomes met."""
    from etl import receipt

    outcomes = set()
    for given in _with_progress(receipts, expected):
        outcomes.add(str(given.outcome))
        click.echo(receipt.as_json_line(given) if as_json else receipt.as_text(given, reference))
    return outcomes


def _with_progress(receipts: Iterable[Receipt], expected: int) -> Iterator[Receipt]:
    """The same receipts; a bar on stderr while stdout goes elsewhere and somebody watches."""
    if expected < 20 or sys.stdout.isatty() or not sys.stderr.isatty():
        yield from receipts
        return
    files = set()
    with click.progressbar(length=expected, label="Đang đọc", file=sys.stderr) as bar:
        for given in receipts:
            yield given
            identity = (given.arrival.file, given.arrival.received_at)
            if identity not in files:
                files.add(identity)
                bar.update(1)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text.")
@at_the_edge
def check(file: Path, as_json: bool) -> None:
    """Print the receipts a file would get; nothing is loaded."""
    from etl.pipeline import Pipeline

    settings = read_settings()
    reference = read_reference(settings)
    with Pipeline(settings, reference) as pipeline:
        limit = settings.max_file_mb * 1024 * 1024
        with file.open("rb") as stream:
            receipts = pipeline.check(stream.read(limit + 1), file.name)
    outcomes = _told(receipts, 1, reference, as_json)
    sys.exit(REJECTED if "rejected" in outcomes else 0)


@click.command()
@click.argument("form")
@click.option("--org-unit", required=True, help="Code of the unit that will fill it in.")
@click.option("--period", required=True, help="Period, e.g. 2026-Q1, 2026-03, 2026-W12.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@at_the_edge
def template(form: str, org_unit: str, period: str, output: Path) -> None:
    """Write the blank workbook of a form for a unit and period."""
    from etl.periods import parse_period
    from etl.template import write_template

    reference = read_reference(read_settings())
    forms = {code.casefold(): name for name, found in reference.forms.items() for code in (name, found.code)}
    chosen = forms.get(form.casefold())
    if chosen is None:
        raise click.BadParameter(f"there is no form {form}; known: {', '.join(sorted(reference.forms))}")
    if org_unit not in reference.org_units:
        raise click.BadParameter(f"there is no unit {org_unit}")
    read = parse_period(period)
    if read is None:
        raise click.BadParameter(f"“{period}” is not a period like 2026-Q1, 2026-03 or 2026-W12")
    output.parent.mkdir(parents=True, exist_ok=True)
    write_template(reference, chosen, org_unit, read, path_or_stream=output)


@click.command()
@click.option("--as-of", type=_Moment(), help="As it was known at this time; kept beside the current warehouse.")
@at_the_edge
def build(as_of: datetime | None) -> None:
    """Build the warehouse anew from reference data and archive, and publish it."""
    from etl.build import build as build_warehouse
    from etl.pipeline import local_day

    settings = read_settings()
    day = local_day(as_of or datetime.now(UTC))
    reference = read_reference(settings)
    click.echo(build_warehouse(settings, reference, day=day, known_until=as_of, wait_seconds=BUILD_WAIT_SECONDS))


@click.command()
@click.argument("submission")
@click.option("--reason", required=True, help="Why; kept beside the submission for good.")
@click.option("--by", help="Who takes it back (default: the user of this machine).")
@click.option("--build/--no-build", "is_built", default=True, help="Build the warehouse afterwards (default).")
@at_the_edge
def withdraw(submission: str, reason: str, by: str | None, is_built: bool) -> None:
    """Take an accepted submission back: the one before it counts again; nothing is deleted."""
    from getpass import getuser

    from etl import audit, inbox
    from etl.archive import Archive
    from etl.build import build as build_warehouse
    from etl.pipeline import local_day

    if not reason.strip():
        raise click.BadParameter("it must not be empty", param_hint="--reason")
    settings = read_settings()
    reference = read_reference(settings)
    now = datetime.now(UTC)
    with inbox.ingest_lock(settings, wait_seconds=30):
        Archive(settings.archive).withdraw(submission, reason.strip(), by or getuser(), now)
        who = f"cli:{getuser()}"
        audit.record(settings, audit.Event.WITHDRAWAL, who, submission=submission, reason=reason.strip())
    if is_built:
        build_warehouse(settings, reference, day=local_day(now), wait_seconds=BUILD_WAIT_SECONDS)
    click.echo(submission)


TABLES = ("observations", "tasks", "submissions", "findings", "progress")


@click.command()
@click.argument("table", type=click.Choice(TABLES))
@click.option("--period", help="Only this period, e.g. 2026-Q1.")
@click.option("--org-unit", help="Only this unit (of tasks: lead or sender).")
@click.option("--indicator", help="Only this indicator, e.g. VB01.")
@click.option("--history", is_flag=True, help="Also what was superseded, rejected or withdrawn.")
@click.option(
    "--format", "file_format", type=click.Choice(["csv", "xlsx", "parquet", "json"]), help="Default: by -o, else csv."
)
@click.option("-o", "--output", required=True, help="File to write, - for stdout.")
@at_the_edge
def export(
    table: str,
    period: str | None,
    org_unit: str | None,
    indicator: str | None,
    history: bool,
    file_format: str | None,
    output: str,
) -> None:
    """Write a table of the warehouse to a file: what counts now, or with --history everything that came."""
    from etl.export import FORMATS, About, write
    from sql import queries, warehouse

    settings = read_settings()
    current = warehouse.current(settings.warehouse)
    if current is None:
        raise HouseError("There is no warehouse yet.", "Load something first: tiendoso ingest, or tiendoso demo.")
    suffix = Path(output).suffix.lstrip(".").lower()
    file_format = file_format or (suffix if suffix in FORMATS else "csv")
    frame = _table(current, table, period, org_unit, indicator, history)
    filters = [("Kỳ", period), ("Đơn vị", org_unit), ("Chỉ tiêu", indicator)]
    state = queries.build_state(queries.Scope.all(current)).row(0, named=True)
    about = About(
        f"Tiến Độ Số: {table}",
        tuple((name, value) for name, value in filters if value),
        as_of=f"{state['latest_as_of'] or state['as_of']:%d/%m/%Y}",
        source="Báo cáo của các đơn vị, tổng hợp bởi Tiến Độ Số",
        version=current.stem,
    )
    data = write(frame, file_format, about)
    if output == "-":
        sys.stdout.buffer.write(data)
        return
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    Path(output).write_bytes(data)


def _table(
    current: Path, table: str, period: str | None, org_unit: str | None, indicator: str | None, history: bool
) -> pl.DataFrame:
    from sql import queries

    ask: dict[str, Callable[..., pl.DataFrame]] = {
        "observations": queries.export_observations,
        "tasks": queries.export_tasks,
        "submissions": queries.export_submissions,
        "findings": queries.export_findings,
        "progress": queries.export_progress,
    }
    narrowing: dict[str, str | bool | None] = {"period": period, "org_unit": org_unit, "history": history}
    if table in ("observations", "progress"):
        narrowing["indicator"] = indicator
    elif indicator:
        raise click.UsageError(f"--indicator does not go with {table}")
    if table == "progress":
        narrowing.pop("history")
    return ask[table](queries.Scope.all(current), **narrowing)


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing if something has been received already.")
@at_the_edge
def demo(if_empty: bool) -> None:
    """Load illustrative submissions (Dữ liệu minh họa) of all units of Thanh Hóa through the same pipeline."""
    from etl.archive import Archive
    from etl.build import build as build_warehouse
    from etl.demo import load_demo
    from etl.pipeline import local_day
    from sql import warehouse

    settings = read_settings()
    reference = read_reference(settings)
    today: date = local_day(datetime.now(UTC))
    if Archive(settings.archive).submissions():
        if not if_empty:
            raise HouseError(
                f"{settings.live} is not empty.", "Point TIENDOSO_LIVE at an empty folder to load the demo there."
            )
        if warehouse.current(settings.warehouse) is None:
            build_warehouse(settings, reference, day=today)
        return
    with _counted("Đang tạo và nạp dữ liệu minh họa") as told:
        outcomes = load_demo(settings, reference, REPOSITORY / "data" / "sample", told)
    build_warehouse(settings, reference, day=today)
    click.echo(" · ".join(f"{outcome}: {count}" for outcome, count in sorted(outcomes.items())))


@contextmanager
def _counted(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr, told (done, of) as the work goes on."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def told(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield told
