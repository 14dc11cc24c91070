"""What has changed since a meeting: figures revised, new or gone, tasks whose status moved, reports taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboard import filters, panels, sources, text, theme, workbooks
from dashboard.filters import Moment, View
from dashboard.sources import numbers, plain
from dashboard.text import t
from sql import queries
from sql.changes import Changes, changes
from sql.queries import Scope

Row = Mapping[str, Any]

MEETING: Final = "tu"  # since which meeting
KIND: Final = "loai-doi"
KINDS: Final = ("revised", "gone", "target", "new")
MOST_ROWS: Final = 1000


def choose(scope: Scope) -> Moment | None:
    """The meeting compared with; by default the last that was held."""
    held = {
        row["meeting"]: f"{text.day(row['held_on'])} · {text.name(row, 'name')}"
        for row in queries.meetings(scope).iter_rows(named=True)
        if row["known_at"].replace(tzinfo=UTC) < datetime.now(UTC)
    }
    if not held:
        return None
    wished = st.query_params.get(filters.PARAMETERS["moment"], "")
    return filters.find_moment(scope, filters.pick_one(MEETING, t("changes.since"), held, wished))


def tiles(found: Changes) -> None:
    """How much has changed, in four figures."""
    kinds = found.figures["change"].value_counts()
    counts: dict[str, int] = dict(kinds.iter_rows())
    moved = found.tasks.filter(pl.col("change") == "status")
    revised = found.figures.filter(pl.col("change") == "revised")
    met = dict(found.figures["met_change"].value_counts().iter_rows())
    shown = (
        (
            t("changes.units"),
            text.number(revised["org_unit"].n_unique()),
            t("changes.figures", count=text.number(counts.get("revised", 0))),
            t("changes.met", met=met.get("met", 0), missed=met.get("missed", 0)),
        ),
        (
            t("changes.kind.new"),
            text.number(counts.get("new", 0)),
            t("changes.gone", count=text.number(counts.get("gone", 0))),
        ),
        (
            t("changes.tasks"),
            text.number(len(moved)),
            t("changes.tasks.reported", count=text.number(int(moved["is_reported"].sum()))),
            t("changes.tasks.new", count=text.number(len(found.tasks.filter(pl.col("change") == "new")))),
        ),
        (t("changes.withdrawn"), text.number(len(found.withdrawn))),
    )
    for column, (label, large, *lines) in zip(st.columns(len(shown), gap="small"), shown, strict=True):
        with column:
            panels.tile(label, large, "", *lines)


def figures(rows: pl.DataFrame) -> None:
    """Figures then and now; a row opens the source."""
    counts = dict(rows["change"].value_counts().iter_rows())
    kinds = {kind: f"{t('changes.kind.' + kind)} ({text.number(counts[kind])})" for kind in KINDS if kind in counts}
    if not kinds:
        st.info(t("changes.none"))
        return
    kind = filters.pick_one(KIND, t("changes.show"), kinds, "", 320)
    chosen = rows.filter(pl.col("change") == kind).sort(
        "period", "org_unit", "indicator", descending=[True, False, False]
    )
    shown = list(chosen.head(MOST_ROWS).iter_rows(named=True))
    columns = {
        t("unit"): [row["name"] or row["org_unit"] for row in shown],
        t("indicator"): [f"{row['indicator']} · {text.name(row, 'indicator_name')}" for row in shown],
        t("field.period"): [text.quarter(row["period"]) for row in shown],
        t("changes.then"): numbers([said(row, "_then") for row in shown]),
        t("changes.now"): numbers([said(row, "") for row in shown]),
        t("changes.judged"): [t(f"changes.judged.{row['met_change']}") if row["met_change"] else "" for row in shown],
        t("source.place"): ["!".join(filter(None, (row["sheet"], row["cell"]))) for row in shown],
    }
    keys = [("figure", row["org_unit"], row["indicator"], row["period"]) for row in shown]
    sources.table(columns, keys, f"changes-{kind}", height=460 if len(shown) > 12 else "content")
    st.caption(t("changes.click", count=text.number(len(chosen))))


def said(row: Row, suffix: str) -> str:
    """A figure as it was or is: n/d and value, or why there is none."""
    status = row[f"status{suffix}"]
    if status is None:
        return "—"
    if status != "reported":
        return t(f"read.{status}")
    counted = (
        text.fraction(row[f"numerator{suffix}"], row[f"denominator{suffix}"]) if row[f"denominator{suffix}"] else ""
    )
    value = text.qualified(row[f"value{suffix}"], row[f"qualifier{suffix}"], row[f"value_to{suffix}"], row["decimals"])
    return " = ".join(filter(None, (counted, f"{value} {row['measure_unit']}".strip() if value else "")))


def tasks(view: View, rows: pl.DataFrame) -> None:
    """Tasks whose status moved; a row opens the report."""
    if rows.is_empty():
        st.info(t("changes.none"))
        return
    order = {"status": 0, "gone": 1, "new": 2}
    shown = sorted(rows.iter_rows(named=True), key=lambda row: order[row["change"]])[:MOST_ROWS]
    columns = {
        t("task.code"): [row["task"] for row in shown],
        t("task"): [row["title"] for row in shown],
        t("field.lead"): [row["lead_name"] or row["lead"] or "" for row in shown],
        t("changes.then"): [status(row["status_then"]) for row in shown],
        t("changes.now"): [status(row["status"]) for row in shown],
        t("changes.why"): [why(row) for row in shown],
        t("source.place"): ["!".join(filter(None, (row["sheet"], row["cell"]))) for row in shown],
    }
    keys = [("task", row["task_key"], "", view.selection.period) for row in shown]
    sources.table(columns, keys, "changes-tasks", height=460 if len(shown) > 12 else "content")


def status(key: str | None) -> str:
    return f"{theme.task_shape(key)} {t('status.' + key)}" if key else "—"


def why(row: Row) -> str:
    if row["change"] != "status":
        return t(f"changes.task.{row['change']}")
    return t("changes.task.reported" if row["is_reported"] else "changes.task.time")


def withdrawn(rows: pl.DataFrame) -> None:
    """Reports taken back since; a row opens the receipt."""
    shown = list(rows.iter_rows(named=True))
    columns = {
        t("report.received_at"): [text.moment(row["received_at"]) for row in shown],
        t("unit"): [row["name"] or row["org_unit"] for row in shown],
        t("report.period"): [row["period"] for row in shown],
        t("report.file"): [row["file_name"] for row in shown],
    }
    sources.receipt_table(columns, [row["submission"] for row in shown], "changes-withdrawn")


view = filters.open_view(needs_figures=False, newest=True, present=True)
book = panels.head(view, t("page.thay_doi"))
moment = choose(view.scope)
if moment is None:
    st.info(t("changes.no_meeting"))
    st.stop()
past = filters.past_of(view, moment)
found = changes(view.scope, past, province=view.selection.province)
st.caption(plain(t("changes.between", then=text.moment(moment.at), now=text.moment(view.build.get("built_at")))))
tiles(found)
book.narrow(t("changes.since"), text.moment(moment.at))
book.add(
    t("changes.of_figures"),
    found.figures.rename({"name": "org_unit_name"}),
    workbooks.CHANGED,
    period_label=lambda row: text.quarter(row["period"]),
    state=lambda row: t(f"changes.kind.{row['change']}"),
    judged=lambda row: t(f"changes.judged.{row['met_change']}") if row["met_change"] else "",
)
book.add(
    t("changes.of_tasks"),
    found.tasks,
    workbooks.CHANGED_TASKS,
    then=lambda row: status(row["status_then"]),
    now=lambda row: status(row["status"]),
    why=why,
)
book.add(t("changes.withdrawn"), found.withdrawn.rename({"name": "org_unit_name"}), workbooks.SUBMISSIONS)
st.subheader(t("changes.of_figures"))
figures(found.figures)
st.subheader(t("changes.of_tasks"))
tasks(view, found.tasks)
if not found.withdrawn.is_empty():
    st.subheader(t("changes.withdrawn"))
    withdrawn(found.withdrawn)
sources.open_source(view)
