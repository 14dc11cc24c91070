"""How the installation is: what works and what does not, what came in, who is looking, what happened; for admins."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final

import polars as pl
import streamlit as st
from prometheus_client.core import Metric

from dashboard import charts, filters, health, panels, sources, text, theme
from dashboard.sources import numbers
from dashboard.tables import Lines
from dashboard.text import t
from etl import audit, doctor, metrics
from etl.settings import Settings
from sql import queries

DAYS: Final = 30
AUDIT_LINES: Final = 20
MIB: Final = 1 << 20
PROGRAMMES: Final = ("tiendoso", "streamlit", "duckdb", "polars")


def verdict(found: health.Health) -> None:
    """One sentence about the whole, then each thing looked at in words."""
    if not found.is_ready:
        st.error(t("operations.not_ready"), icon=":material/error:")
    elif any(check.state == "warning" for check in found.checks):
        st.warning(t("operations.warned"), icon=":material/warning:")
    else:
        st.success(t("operations.ready"), icon=":material/check_circle:")
    states = {t("operations.state.ok"): theme.LIGHT, t("operations.state.warning"): theme.WARN}
    sources.draw_table(
        {
            t("operations.check"): [t(f"operations.check.{check.name}") for check in found.checks],
            t("operations.state"): [t(f"operations.state.{check.state}") for check in found.checks],
            t("operations.says"): [check.said() for check in found.checks],
        },
        tones={t("operations.state"): {**states, t("operations.state.fault"): "#E8916B"}},
        key="operations-checks",
    )


def tiles(found: health.Health, families: list[Metric]) -> None:
    """The four figures that change from minute to minute."""
    webs = metrics.values(families, "tiendoso_viewers")
    age = "" if found.data_age is None else t("operations.days", days=int(found.data_age // 86400))
    waited = t("operations.minutes", count=int(found.oldest_waiting // 60)) if found.backlog else ""
    shown = (
        (t("operations.data_age"), age, ""),
        (t("operations.backlog"), text.number(found.backlog), waited),
        (
            t("operations.viewers"),
            text.number(float(sum(value for _, value in webs))),
            t("operations.viewers.of", count=len(webs)),
        ),
        (t("operations.free"), f"{text.number(found.free_bytes / (1 << 30), 1)} GiB", ""),
    )
    for column, (label, large, line) in zip(st.columns(len(shown), gap="small"), shown, strict=True):
        with column:
            panels.tile(label, large, "", line)


def received(scope: queries.Scope) -> None:
    """What came in on each of the last days, and what became of it."""
    rows = queries.received_by_day(scope)
    if rows.is_empty():
        st.info(t("no_data"))
        return
    last: date = rows["day"].to_list()[-1]
    days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    rows = rows.filter(pl.col("day").is_in(days))
    sums = {outcome: rows.filter(outcome=outcome)["submission_count"].sum() for outcome in theme.OUTCOMES}
    title = t("operations.received.found", **{name: text.number(float(held)) for name, held in sums.items()})
    about = t("operations.received.about", day=text.day(last))
    panels.finding(title, about)
    sources.chart(
        charts.received(rows, days),
        "operations-received",
        title,
        lambda: received_lines(rows),
        title=title,
        about=about,
    )


def received_lines(rows: pl.DataFrame) -> Lines:
    """The same counts as rows."""
    shown = list(rows.sort("day", "outcome", descending=[True, False]).iter_rows(named=True))
    return Lines(
        {
            t("operations.day"): [text.day(row["day"]) for row in shown],
            t("operations.state"): [t(f"outcome.{row['outcome']}") for row in shown],
            t("operations.count"): numbers([text.number(row["submission_count"]) for row in shown]),
        }
    )


def builds(folder: Path) -> None:
    """The versions that are kept, newest first, as their manifests tell."""
    held = []
    for path in sorted(folder.glob("v*.json"), reverse=True):
        try:
            held.append((path.stem, json.loads(path.read_bytes())))
        except (OSError, ValueError):  # swept away meanwhile, or damaged: the checks above tell
            continue
    sources.draw_table(
        {
            t("operations.version"): [name for name, _ in held],
            t("operations.built_at"): [text.moment(datetime.fromisoformat(facts["built_at"])) for _, facts in held],
            t("operations.size"): numbers([text.number(facts["bytes"] / MIB, 1) for _, facts in held]),
            t("operations.rows"): numbers([text.number(sum(facts["rows"].values())) for _, facts in held]),
        },
        key="operations-builds",
    )


def walls(families: list[Metric]) -> None:
    """When each wall screen last asked for its pictures, whichever process answered."""
    seen: dict[str, float] = {}
    for labels, at in metrics.values(families, "tiendoso_wall_last_seen_timestamp_seconds"):
        seen[labels["screen"]] = max(at, seen.get(labels["screen"], 0.0))
    if not seen:
        st.caption(t("operations.walls.none"))
        return
    names = sorted(seen)
    ago = [t("operations.seen.ago", seconds=text.number(max(0, int(time.time() - seen[name])))) for name in names]
    sources.draw_table({t("operations.screen"): names, t("operations.seen"): ago}, key="operations-walls")


def processes(families: list[Metric]) -> None:
    """What each process takes of the machine."""
    kinds = ("process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds")
    held = [{labels["process"]: value for labels, value in metrics.values(families, kind)} for kind in kinds]
    memory, files, started = held
    names = sorted(memory)
    sources.draw_table(
        {
            t("operations.process"): names,
            t("operations.memory"): numbers([text.number(memory[name] / MIB, 0) for name in names]),
            t("operations.files"): numbers([text.number(files.get(name), 0) for name in names]),
            t("operations.started"): [text.moment(datetime.fromtimestamp(started[name], UTC)) for name in names],
        },
        key="operations-processes",
    )


def complaints(settings: Settings) -> None:
    """What the doctor finds, with what to do."""
    found = doctor.examine(settings)
    if not found:
        st.success(t("operations.complaints.none"))
        return
    said = [complaint.words(text.language()) for complaint in found]
    columns: dict[str, Sequence[str]] = {
        t("operations.complaint"): [wrong for wrong, _ in said],
        t("operations.remedy"): [do for _, do in said],
    }
    sources.draw_table(columns, key="operations-complaints")


def audited(settings: Settings) -> None:
    """The newest lines of the audit log."""
    shown: list[Mapping[str, Any]] = list(islice(audit.lines(settings), AUDIT_LINES))
    if not shown:
        st.caption(t("operations.audit.none"))
        return
    sources.draw_table(
        {
            t("operations.at"): [text.moment(datetime.fromisoformat(line["at"])) for line in shown],
            t("operations.event"): [t(f"audit.{line['event']}") for line in shown],
            t("operations.who"): [
                t("audit.who.loader") if line["who"] == audit.LOADER else str(line["who"]) for line in shown
            ],
            t("operations.about"): [
                " · ".join(f"{_about(name)}: {held or '—'}" for name, held in line["about"].items()) for line in shown
            ],
        },
        key="operations-audit",
    )


def _about(name: str) -> str:
    """What a detail of the audit log is; one that an older version wrote keeps its name."""
    key = f"audit.about.{name}"
    return t(key) if key in text.WORDS else name


settings, scope = filters.open_warehouse()
if scope is None:
    st.title(t("page.van_hanh"))
    st.info(t("no_warehouse"), icon=":material/hourglass_empty:")
else:
    panels.head(filters.open_view(needs_figures=False, newest=True, present=True), t("page.van_hanh"), whole_page=False)
families = metrics.gather(settings.metrics, metrics.own_name(), metrics.WEB)
found = health.look(settings, families)
verdict(found)
tiles(found, families)
if scope is not None:
    st.subheader(t("operations.received"))
    received(scope)
left, right = st.columns(2, gap="medium")
with left:
    st.subheader(t("operations.builds"))
    builds(settings.warehouse)
    st.subheader(t("operations.walls"))
    walls(families)
with right:
    st.subheader(t("operations.processes"))
    processes(families)
st.subheader(t("operations.complaints"))
complaints(settings)
st.subheader(t("operations.audit"))
audited(settings)
programmes = [f"{name} {version(name)}" for name in PROGRAMMES] + [f"Python {platform.python_version()}"]
st.caption(t("operations.versions", words=" · ".join(programmes)))
