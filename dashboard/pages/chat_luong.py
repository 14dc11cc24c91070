"""Data quality: six families with their measure per unit and quarter, and the findings behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboard import filters, matrix, panels, sources, text, workbooks
from dashboard.filters import View
from dashboard.sources import numbers, plain
from dashboard.text import t
from dashboard.workbooks import Book
from sql import queries

Row = Mapping[str, Any]

UNIT: Final = "cua"  # the unit whose findings are shown; '' = the whole group
FAMILY: Final = "ho"
QUARTERS: Final = 8
MOST_FINDINGS: Final = 500


def tiles(rows: Sequence[Row]) -> None:
    """The six measures of the group in the quarter."""
    for column, row in zip(st.columns(len(rows), gap="small"), rows, strict=True):
        with column:
            counted = text.fraction(row["numerator"], row["denominator"]) if row["denominator"] else ""
            age = row["median_age_days"]
            panels.tile(
                t(f"quality.{row['family']}"),
                _measure(row),
                "",
                f"{counted} {t('quality.of.' + row['family'])}".strip(),
                t("quality.age", days=text.number(age, 0)) if age is not None else "",
                t("quality.findings", count=text.number(row["finding_count"])) if row["finding_count"] else "",
            )


def units(rows: pl.DataFrame) -> None:
    """Unit × family, the weakest first; a row narrows the findings below."""
    families = list(dict.fromkeys(row["family"] for row in rows.sort("position").iter_rows(named=True)))
    held = {(row["org_unit"], row["family"]): row for row in rows.iter_rows(named=True)}
    weakest = (
        rows.group_by("org_unit", "org_unit_name", "sort_key")
        .agg(pl.col("measure").mean().alias("mean"), pl.col("finding_count").sum())
        .sort("mean", "sort_key", nulls_last=True)
    )
    shown = list(weakest.iter_rows(named=True))
    columns = {t("unit"): [row["org_unit_name"] for row in shown]}
    for family in families:
        own = [held.get((row["org_unit"], family)) for row in shown]
        columns[t(f"quality.{family}")] = numbers([_measure(row) for row in own])
    columns[t("quality.count")] = numbers([text.number(row["finding_count"] or None) for row in shown])
    sources.link_table(columns, [row["org_unit"] for row in shown], "quality-units", UNIT)


def _measure(row: Row | None) -> str:
    return f"{matrix.share(row['measure'])}\u00a0%" if row is not None and row["measure"] is not None else ""


def behind(view: View, book: Book, unit: str, family: str, of_group: list[str]) -> None:
    """The findings, conflicts, late and missing reports behind the measures; a row opens its receipt."""
    rows = queries.quality_findings(
        view.scope,
        province=view.selection.province,
        period=view.selection.period,
        org_unit=unit or None,
        family=family or None,
    ).filter(pl.col("org_unit").is_in(of_group))
    book.add(t("quality.behind"), rows, workbooks.FINDINGS, family=family_name, message=what)
    st.caption(t("quality.behind.count", count=text.number(len(rows))))
    shown = list(rows.head(MOST_FINDINGS).iter_rows(named=True))
    if not shown:
        st.info(t("quality.nothing"))
        return
    columns = {
        t("quality.family"): [t(f"quality.{row['family']}") for row in shown],
        t("unit"): [row["org_unit_name"] for row in shown],
        t("report.form"): [row["form_code"] for row in shown],
        t("report.period"): [text.name(row, "period_label") for row in shown],
        t("finding"): [what(row) for row in shown],
        t("cell"): ["!".join(filter(None, (row["sheet"], row["cell"]))) for row in shown],
        t("source.shown"): [row["shown"] for row in shown],
        t("report.file"): [row["file_name"] for row in shown],
    }
    sources.receipt_table(columns, [row["submission"] for row in shown], "quality-findings")


def family_name(row: Row) -> str:
    return t(f"quality.{row['family']}")


def what(row: Row) -> str:
    """One line that says what is wrong."""
    if row["reason"] == "finding":
        return text.name(row, "message")
    if row["reason"] == "conflict":
        where = "!".join(filter(None, (row["other_sheet"], row["other_cell"])))
        return t("quality.conflict", indicator=row["indicator"], shown=row["other_shown"], where=where)
    if row["reason"] == "incomplete":
        return t("quality.incomplete", found=row["cells_filled"], expected=row["cells_expected"])
    if row["reason"] in ("late", "missing"):
        return t(f"quality.{row['reason']}", day=text.day(row["due_on"]))
    return t("quality.unlisted")


view = filters.open_view()
chosen = view.selection
book = panels.head(view, t("page.chat_luong"), "unit_group", "period")
filters.draw(view, "unit_group", "period")

summary = queries.quality_summary(view.scope, province=chosen.province).filter(
    pl.col("unit_group") == chosen.unit_group
)
now = list(summary.filter(pl.col("period") == chosen.period).sort("position").iter_rows(named=True))
if not now:
    st.info(t("nothing_here"))
    st.stop()
tiles(now)
st.caption(t("quality.note"))

st.subheader(t("quality.by_quarter", group=plain(view.label("unit_group"))))
ends = dict(summary.sort("start_on").select("period", "start_on").iter_rows())
columns = [period for period in ends if ends[period] <= ends[chosen.period]][-QUARTERS:]
st.html(matrix.quality(summary.filter(pl.col("period").is_in(columns)), columns))

st.subheader(t("quality.by_unit", period=text.quarter(chosen.period)))
rows = queries.quality(view.scope, province=chosen.province, period=chosen.period)
rows = rows.filter(pl.col("unit_group") == chosen.unit_group)
st.caption(t("quality.by_unit.note"))
units(rows)

st.subheader(t("quality.behind"))
names = dict(rows.sort("sort_key").select("org_unit", "org_unit_name").iter_rows())
with st.container(horizontal=True, vertical_alignment="top", gap="small"):
    unit = filters.pick_extra(UNIT, t("field.org_unit"), names, 360)
    family = filters.pick_extra(
        FAMILY, t("quality.family"), {row["family"]: t(f"quality.{row['family']}") for row in now}, 260
    )
book.narrow(t("field.org_unit"), names.get(unit, ""))
book.narrow(t("quality.family"), t(f"quality.{family}") if family else "")
book.add(t("book.quality"), summary.filter(pl.col("period").is_in(columns)), workbooks.QUALITY, family=family_name)
book.add(t("book.quality_units"), rows.sort("sort_key", "position"), workbooks.QUALITY, family=family_name)
behind(view, book, unit, family, list(names))
