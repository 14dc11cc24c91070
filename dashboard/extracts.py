"""A free selection of figures: its words in the URL, the table it makes on a page, and the files it leaves in.

A page shows words (`1.234,5`), a file holds numbers; both have the same columns in the same order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import Any, Final, cast, get_args

import polars as pl

from dashboard import charts, citation, text, theme
from dashboard.filters import PARAMETERS, View
from dashboard.text import t
from etl.export import About, Column, Sheet, Told, write, write_workbook
from sql import queries
from sql.queries import Layout, Order

Row = Mapping[str, Any]

# Names in the URL; links out there carry them, so they never change.
LISTS: Final[dict[str, str]] = {
    "indicators": "cac-chi-tieu",
    "units": "cac-don-vi",
    "unit_groups": "cac-loai",
    "reporting_lines": "tuyen",
    "periods": "cac-quy",
    "measures": "so-do",
}
LAYOUT: Final = "bang"
ORDER: Final = "xep"
EVERY: Final = "tat-ca"  # a list that leaves nothing out, where leaving it out would mean the default

MEASURES: Final = ("numerator", "denominator", "value", "target", "gap", "change", "rank", "status")
USUAL: Final[dict[str, tuple[str, ...]]] = {
    "long": ("numerator", "denominator", "value", "target", "gap", "rank", "status"),
    "period": ("value",),
    "indicator": ("value",),
}
# Files being made; more wait, so that pages go on being answered.
FEW_AT_ONCE: Final = BoundedSemaphore(2)
LAYOUTS: Final = cast(tuple[Layout, ...], get_args(Layout))
ORDERS: Final = cast(tuple[Order, ...], get_args(Order))
_EXACT: Final = frozenset({"numerator", "denominator", "rank"})  # as many digits as they have
_IN_MEASURE_UNIT: Final = frozenset({"value", "target", "gap", "change"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked at and how it is laid out; an empty list leaves nothing out."""

    indicators: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    unit_groups: tuple[str, ...] = ()
    reporting_lines: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    layout: Layout = "long"
    order: Order = "unit"

    @property
    def shown(self) -> tuple[str, ...]:
        """The measures in their fixed order; the usual ones of the layout if none is chosen."""
        return tuple(key for key in MEASURES if key in self.measures) or USUAL[self.layout]


def from_parameters(parameters: Mapping[str, str], default: Choice, known: Mapping[str, Collection[str]]) -> Choice:
    """The choice that a URL wishes for: of each list what is `known`, the default where it says nothing of one."""
    found: dict[str, tuple[str, ...]] = {}
    for field, name in LISTS.items():
        wished = parameters.get(name, "")
        codes = tuple(code for code in dict.fromkeys(wished.split(",")) if code in known[field])
        found[field] = codes if wished == EVERY or codes else getattr(default, field)
    layout, order = parameters.get(LAYOUT, ""), parameters.get(ORDER, "")
    return Choice(
        **found,
        layout=next((known_one for known_one in LAYOUTS if known_one == layout), default.layout),
        order=next((known_one for known_one in ORDERS if known_one == order), default.order),
    )


def to_parameters(choice: Choice) -> dict[str, str]:
    """The query parameters that restore a choice, whatever the defaults will be by then."""
    lists = {name: ",".join(getattr(choice, field)) or EVERY for field, name in LISTS.items()}
    return {**lists, LAYOUT: choice.layout, ORDER: choice.order}


def link_parameters(view: View, choice: Choice) -> dict[str, str]:
    """The query parameters of a link that restores a choice: province, moment and language with it."""
    kept = {"province": view.selection.province, "moment": view.selection.moment, "language": view.selection.language}
    return {PARAMETERS[field]: value for field, value in kept.items() if value} | to_parameters(choice)


def api_parameters(view: View, choice: Choice) -> list[tuple[str, str]]:
    """The query parameters of the same figures from the API."""
    names = ("indicators", "indicator"), ("units", "org_unit"), ("unit_groups", "unit_group"), ("periods", "period")
    choice = replace(choice, unit_groups=(), reporting_lines=()) if choice.units else choice
    asked = [(PARAMETERS[name], ",".join(getattr(choice, field))) for field, name in names]
    asked.append((LISTS["reporting_lines"], ",".join(choice.reporting_lines)))
    kept = [(PARAMETERS["province"], view.selection.province), (PARAMETERS["moment"], view.selection.moment)]
    return [(name, value) for name, value in kept + asked if value]


# ---------------------------------------------------------------- asking


def ask(view: View, choice: Choice, *, limit: int | None = None, offset: int = 0) -> pl.DataFrame:
    """The rows of `limit` lines of the table, or of all; `line_count` says how many lines there are."""
    return queries.explore(
        view.scope, **_narrowed(view, choice), layout=choice.layout, order=choice.order, limit=limit, offset=offset
    )


def sources(view: View, choice: Choice) -> pl.DataFrame:
    """Every cell behind the figures of a choice."""
    return queries.explore_sources(view.scope, **_narrowed(view, choice))


def _narrowed(view: View, choice: Choice) -> dict[str, Any]:
    lists = {field: getattr(choice, field) or None for field in LISTS if field != "measures"}
    if choice.units:  # named one by one, they need no group
        lists |= {"unit_groups": None, "reporting_lines": None}
    return {"province": view.selection.province, **lists}


# ---------------------------------------------------------------- in words, for a page


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of words, and for each cell the figure behind it: (line, column) → unit, indicator, quarter."""

    columns: dict[str, list[str]]
    keys: dict[tuple[int, str], tuple[str, str, str]]


def in_words(rows: pl.DataFrame, choice: Choice) -> Table:
    """The lines of a table as people here write them."""
    return _long_words(rows, choice) if choice.layout == "long" else _wide_words(rows, choice)


def _long_words(rows: pl.DataFrame, choice: Choice) -> Table:
    shown = list(rows.iter_rows(named=True))
    unit = _one_unit(rows)
    columns = {
        t("unit"): [row["org_unit_name"] for row in shown],
        t("indicator"): [_indicator(row) for row in shown],
        t("field.period"): [text.name(row, "period_label") for row in shown],
        **{_heading(key, unit): [_words(row, key) for row in shown] for key in choice.shown},
        t("explore.measure_unit"): [row["measure_unit"] for row in shown] if unit is None else [],
        t("as_of.column"): [text.day(row["as_of"]) for row in shown],
    }
    keys = {
        (place, title): (row["org_unit"], row["indicator"], row["period"])
        for place, row in enumerate(shown)
        for title in columns
    }
    return Table(columns, keys)


def _wide_words(rows: pl.DataFrame, choice: Choice) -> Table:
    across = _across(rows, choice.layout)
    unit = _one_unit(rows)
    cells: dict[tuple[int, str], Row] = {}
    lines: dict[int, Row] = {}
    for row in rows.iter_rows(named=True):
        lines.setdefault(row["line"], row)
        cells[row["line"], row[choice.layout]] = row
    columns: dict[str, list[str]] = {t("unit"): [row["org_unit_name"] for row in lines.values()]}
    if choice.layout == "period":
        columns[t("indicator")] = [_indicator(row) for row in lines.values()]
        columns[t("explore.measure_unit")] = [row["measure_unit"] for row in lines.values()] if unit is None else []
    else:
        columns[t("field.period")] = [text.name(row, "period_label") for row in lines.values()]
    keys: dict[tuple[int, str], tuple[str, str, str]] = {}
    for code, label in across.items():
        for key in choice.shown:
            title = label if len(choice.shown) == 1 else f"{label} · {t(key)}"
            found = [cells.get((line, code)) for line in lines]
            columns[title] = [_words(row, key, narrow=True) if row else "" for row in found]
            keys |= {
                (place, title): (row["org_unit"], row["indicator"], row["period"])
                for place, row in enumerate(found)
                if row
            }
    return Table(columns, keys)


def _words(row: Row, key: str, *, narrow: bool = False) -> str:
    """One measure of a row; where there is no value a narrow cell says why by the shape of its mark."""
    if key == "status":
        return standing(row)
    if key == "value":
        if narrow:
            return charts.value_text(row)
        return text.qualified(row["value"], row["qualifier"], row["value_to"], row["decimals"])
    if key == "rank":
        return text.fraction(row["rank"], row["ranked_count"]) if row["rank"] else ""
    if key in ("gap", "change") and row[key] is not None:
        written = text.number(row[key], row["decimals"])
        return f"+{written}" if row[key] > 0 and written.strip("0.,") else written
    return text.number(row[key])


def standing(row: Row) -> str:
    """`● Đạt`: shape and word of the mark of a row."""
    mark = theme.MARKS[charts.mark_of(row)]
    return f"{mark.shape} {t(mark.word)}"


def _indicator(row: Row) -> str:
    return f"{row['indicator']} · {text.name(row, 'indicator_name')}"


def _across(rows: pl.DataFrame, layout: Layout) -> dict[str, str]:
    """What stands side by side in a wide table: code → heading, in its own order."""
    if layout == "period":
        held = rows.unique("period").sort("start_on")
        return {row["period"]: text.quarter(row["period"]) for row in held.iter_rows(named=True)}
    held = rows.unique("indicator").sort("indicator_position", "indicator")
    return {
        row["indicator"]: f"{row['indicator']} ({row['measure_unit']})" if row["measure_unit"] else row["indicator"]
        for row in held.iter_rows(named=True)
    }


def _one_unit(rows: pl.DataFrame) -> str | None:
    """The measure unit if all rows have one."""
    units = rows["measure_unit"].unique().to_list()
    return str(units[0]) if len(units) == 1 else None


def _heading(key: str, unit: str | None) -> str:
    return f"{t(key)} ({_unit_of(key, unit)})" if unit and key in _IN_MEASURE_UNIT else t(key)


def _unit_of(key: str, unit: str) -> str:
    return t("points") if unit == charts.PERCENT and key in ("gap", "change") else unit


# ---------------------------------------------------------------- in numbers, for a file


def table_sheet(rows: pl.DataFrame, choice: Choice) -> Sheet:
    """The table of a choice with numbers as numbers."""
    words = [standing(row) for row in rows.select("standing").iter_rows(named=True)]
    rows = rows.with_columns(pl.Series("status", words, pl.String))
    rows = rows.with_columns(pl.format("{} · {}", "indicator", f"indicator_name_{text.language()}").alias("shown_name"))
    return _long_sheet(rows, choice) if choice.layout == "long" else _wide_sheet(rows, choice)


def _long_sheet(rows: pl.DataFrame, choice: Choice) -> Sheet:
    unit = _one_unit(rows)
    columns = {
        "org_unit": Column(t("export.code")),
        "org_unit_name": Column(t("unit")),
        "shown_name": Column(t("indicator")),
        f"period_label_{text.language()}": Column(t("field.period")),
    }
    for key in choice.shown:
        columns[key] = _column(key, unit)
        if key == "value" and (rows["qualifier"] != "").any():
            columns |= {"qualifier": Column(t("explore.qualifier")), "value_to": Column(t("explore.value_to"))}
        if key == "rank":
            columns["ranked_count"] = Column(t("explore.ranked"))
    if unit is None:
        columns["measure_unit"] = Column(t("explore.measure_unit"))
    columns["as_of"] = Column(t("as_of.column"))
    return Sheet(t("explore.sheet"), rows, columns, fixed=2)


def _wide_sheet(rows: pl.DataFrame, choice: Choice) -> Sheet:
    across = _across(rows, choice.layout)
    unit = _one_unit(rows)
    lines = rows.unique("line", maintain_order=True).sort("line")
    columns = {"org_unit": Column(t("export.code")), "org_unit_name": Column(t("unit"))}
    if choice.layout == "period":
        columns["shown_name"] = Column(t("indicator"))
        columns["measure_unit"] = Column(t("explore.measure_unit"))
    else:
        columns[f"period_label_{text.language()}"] = Column(t("field.period"))
    wide = lines.select("line", *columns, "decimals")
    decimals = dict(rows.select("indicator", "decimals").unique().iter_rows())
    for code, label in across.items():
        part = rows.filter(pl.col(choice.layout) == code).select(
            "line", *(pl.col(key).alias(f"{code}.{key}") for key in choice.shown)
        )
        wide = wide.join(part, on="line", how="left", maintain_order="left")
        for key in choice.shown:
            column = _column(key, unit if choice.layout == "period" else "")
            digits = decimals[code] if choice.layout == "indicator" and key in _IN_MEASURE_UNIT else column.decimals
            title = label if len(choice.shown) == 1 else f"{label} · {t(key)}"
            columns[f"{code}.{key}"] = replace(column, title=title, unit="", decimals=digits)
    return Sheet(t("explore.sheet"), wide, columns, fixed=3)


def _column(key: str, unit: str | None) -> Column:
    if key == "status":
        return Column(t(key), fills=mark_fills())
    digits: int | str | None = None if key in _EXACT or key == "target" else "decimals"
    return Column(t(key), _unit_of(key, unit) if unit and key in _IN_MEASURE_UNIT else "", digits)


def mark_fills() -> dict[str, tuple[str, str]]:
    """The colours of a cell that holds the words of a mark."""
    marks = [mark for mark in theme.MARKS.values() if mark.colour != theme.PAPER]
    return {f"{mark.shape} {t(mark.word)}": (mark.colour, mark.ink) for mark in marks}


def source_sheet(rows: pl.DataFrame) -> Sheet:
    """The cells behind the figures: file, sheet, cell, what stood there and what was read."""
    language = text.language()
    statuses = {status: t(f"read.{status}") for status in ("reported", "not_reported", "not_applicable", "no_activity")}
    rows = rows.with_columns(pl.col("status").replace(statuses), in_vietnam("received_at"))
    columns = {
        "org_unit": Column(t("export.code")),
        "org_unit_name": Column(t("unit")),
        "indicator": Column(t("indicator")),
        f"indicator_name_{language}": Column(t("explore.indicator_name")),
        f"period_label_{language}": Column(t("source.period")),
        "numerator": Column(t("numerator")),
        "denominator": Column(t("denominator")),
        "value": Column(t("value"), decimals="decimals"),
        "value_to": Column(t("explore.value_to"), decimals="decimals"),
        "qualifier": Column(t("explore.qualifier")),
        "measure_unit": Column(t("explore.measure_unit")),
        "status": Column(t("status")),
        "as_of": Column(t("as_of.column")),
        "received_at": Column(t("source.received")),
        "file_name": Column(t("source.file")),
        "sheet": Column(t("sheet")),
        "cell": Column(t("cell")),
        "shown": Column(t("source.shown")),
        "note": Column(t("definition.note")),
        "submission": Column(t("report.number")),
    }
    empty = [
        name
        for name in ("value_to", "qualifier", "note")
        if rows.select((pl.col(name).cast(pl.String).fill_null("") == "").all()).item()
    ]
    return Sheet(t("explore.sources"), rows, {name: column for name, column in columns.items() if name not in empty}, 2)


def in_vietnam(column: str) -> pl.Expr:
    """A moment without a zone, which is UTC here, as clocks in Vietnam show it."""
    moment = pl.col(column).dt.replace_time_zone("UTC")
    return moment.dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.replace_time_zone(None)


def meaning_sheet(view: View, choice: Choice) -> Sheet:
    """What the indicators of a choice mean."""
    rows = queries.indicators(view.scope)
    if choice.indicators:
        rows = rows.filter(pl.col("indicator").is_in(choice.indicators))
    words = [t(f"definition.{direction}") for direction in rows["direction"]]
    columns = {
        "indicator": Column(t("indicator")),
        f"name_{text.language()}": Column(t("explore.indicator_name")),
        "measure_unit": Column(t("explore.measure_unit")),
        "numerator_name": Column(t("numerator")),
        "denominator_name": Column(t("denominator")),
        "direction": Column(t("definition.better")),
        "source_document": Column(t("definition.source")),
        "note": Column(t("definition.note")),
    }
    return Sheet(t("explore.meaning"), rows.with_columns(pl.Series("direction", words, pl.String)), columns)


def workbook(view: View, choice: Choice, link: str, *, behind: bool, told: Told | None = None) -> bytes:
    """The table of a choice as a workbook, with `behind` also the cells its figures were read from."""
    text.use(view.selection.language)  # a file may be made outside the run of a page
    with FEW_AT_ONCE:
        sheets = [table_sheet(ask(view, choice), choice)]
        if behind:
            sheets.append(source_sheet(sources(view, choice)))
        return write_workbook([*sheets, meaning_sheet(view, choice)], about(view, choice, link), told)


def flat_file(view: View, choice: Choice, link: str, file_format: str, *, behind: bool) -> bytes:
    """The table of a choice, or with `behind` the cells behind it, as a csv for Excel or as parquet."""
    text.use(view.selection.language)
    with FEW_AT_ONCE:
        sheet = source_sheet(sources(view, choice)) if behind else table_sheet(ask(view, choice), choice)
        frame = sheet.frame.select(list(sheet.columns))
        if file_format == "csv":
            frame = frame.rename({name: column.heading for name, column in sheet.columns.items()})
        return write(frame, file_format, about(view, choice, link), for_excel=True)


def about(view: View, choice: Choice, link: str) -> About:
    """What travels with a file of a choice, and stands on the page as its citation."""
    return citation.about(
        view, t("explore.title", province=view.label("province")), tuple(filters_used(view, choice)), link
    )


def filters_used(view: View, choice: Choice) -> Iterator[tuple[str, str]]:
    """What a choice is narrowed to: label and words."""
    groups = queries.unit_groups(view.scope, province=view.selection.province)
    names = {row["unit_group"]: text.name(row, "group_name") for row in groups.iter_rows(named=True)}
    units = dict(queries.org_units(view.scope, province=view.selection.province).select("org_unit", "name").iter_rows())
    yield t("indicator"), _few(choice.indicators)
    if choice.units:
        yield t("unit"), _few([units.get(code, code) for code in choice.units])
    else:
        yield t("field.unit_group"), _few([names.get(code, code) for code in choice.unit_groups])
        if choice.reporting_lines:
            yield t("line"), _few([t(f"line.{line}") for line in choice.reporting_lines])
    yield t("field.period"), _few([text.quarter(period) for period in sorted(choice.periods)])


def _few(words: Sequence[str]) -> str:
    """All of them, the first few and how many, or that nothing is left out."""
    if not words:
        return t("all").lower()
    return ", ".join(words[:12]) + (f" … ({len(words)})" if len(words) > 12 else "")
