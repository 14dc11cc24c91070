"""What was read from a workbook, beside what stood in its cells: findings, observations, task reports, links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard import matrix, sources, text
from dashboard.sources import numbers
from dashboard.text import t
from etl.reference import Reference

Row = Mapping[str, Any]


def state(row: Row) -> str:
    """What became of a submission, in words."""
    words = [t(f"outcome.{row['outcome']}")]
    if row["outcome"] == "accepted":
        words.append(
            t(
                "report.withdrawn"
                if row["is_withdrawn"]
                else "report.current"
                if row["is_current"]
                else "report.replaced"
            )
        )
    if row["backfilled"]:
        words.append(t("report.backfilled"))
    return ", ".join(words)


def findings(rows: Sequence[Row]) -> None:
    """Findings with their cell and what to do, errors first."""
    st.markdown(f"**{t('report.findings')}** ({len(rows)})")
    if not rows:
        st.caption(t("report.no_findings"))
        return
    st.html(matrix.findings(rows))


def observations(rows: Sequence[Row]) -> None:
    """Observations with names, each beside its cell."""
    columns = {
        t("sheet"): [row["sheet"] for row in rows],
        t("cell"): [row["cell"] for row in rows],
        t("source.shown"): [row["shown"] for row in rows],
        t("numerator"): numbers([text.number(row["numerator"]) for row in rows]),
        t("denominator"): numbers([text.number(row["denominator"]) for row in rows]),
        t("value"): [read_value(row) for row in rows],
        t("status"): [t(f"read.{row['status']}") for row in rows],
        t("indicator"): [f"{row['indicator']} · {text.name(row, 'indicator_name')}" for row in rows],
        t("unit"): [row["org_unit_name"] for row in rows],
        t("definition.note"): [row["note"] for row in rows],
    }
    sources.draw_table(columns, height="content" if len(rows) < 16 else 560)


def read_value(row: Row) -> str:
    value = text.qualified(row["value"], row["qualifier"], row["value_to"], row["decimals"])
    return f"{value} {row['measure_unit']}".strip() if value else ""


def task_reports(rows: Sequence[Row]) -> None:
    """Task reports with names, each beside its cell."""
    columns = {
        t("sheet"): [row["sheet"] for row in rows],
        t("cell"): [row["cell"] for row in rows],
        t("source.shown"): [row["shown"] for row in rows],
        t("task.code"): [row["task"] for row in rows],
        t("task"): [row["title"] for row in rows],
        t("field.lead"): [row["lead_name"] for row in rows],
        t("task.due_on"): [" → ".join(filter(None, (row["due_text"], text.day(row["due_on"])))) for row in rows],
        t("status"): [t(f"status.{row['status']}") for row in rows],
        t("task.completed_on"): [text.day(row["completed_on"]) for row in rows],
        t("task.progress"): numbers([text.number(row["progress_pct"]) for row in rows]),
    }
    sources.draw_table(columns, height="content" if len(rows) < 16 else 560)


def links(submission: str, outcome: str, codes: Iterable[str] = ()) -> None:
    """What may be taken home of a receipt: to print, the marked copy, the original, JSON; `codes` of its findings."""
    is_readable = not any(code.startswith(("file.", "submission.")) for code in codes)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.link_button(t("receipt.print"), f"/phieu/{submission}", icon=":material/print:")
        if outcome == "rejected" and is_readable:
            st.link_button(
                t("receipt.marked"), f"/ban-danh-dau/{submission}", icon=":material/edit_document:", type="primary"
            )
        sources.download(submission)
        st.link_button("JSON", f"/phieu/{submission}.json", icon=":material/data_object:", type="tertiary")


# ---------------------------------------------------------------- rows of the archive, with names


def named_observations(reference: Reference, rows: Sequence[Row], sender: str) -> list[Row]:
    """Observations as the archive holds them, with the names that their codes stand for."""
    named: list[Row] = []
    for row in rows:
        indicator, unit = reference.indicators.get(row["indicator"]), reference.org_units.get(row["org_unit"])
        names = {
            "indicator_name_vi": indicator.name_vi if indicator else "",
            "indicator_name_en": indicator.name_en if indicator else "",
            "measure_unit": indicator.measure_unit if indicator else "",
            "decimals": indicator.decimals if indicator else None,
            "org_unit_name": (unit.name if unit else row["org_unit"]) if row["org_unit"] != sender else "",
        }
        named.append({**row, **names})
    return named


def named_tasks(reference: Reference, rows: Sequence[Row]) -> list[Row]:
    """Task reports as the archive holds them, with the names that their codes stand for."""
    named: list[Row] = []
    for row in rows:
        lead = reference.org_units.get(row["lead"])
        days = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("due_on", "completed_on")}
        named.append({**row, **days, "lead_name": lead.name if lead else row["lead_text"]})
    return named
