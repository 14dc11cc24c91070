"""A free selection of figures: indicators, units, quarters and measures, long or pivoted, on the page and as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard import citation, extracts, filters, panels, screen, sources, tables, text
from dashboard.extracts import LAYOUT, LISTS, ORDER, Choice
from dashboard.filters import View
from dashboard.sources import plain
from dashboard.tables import Lines
from dashboard.text import t
from etl.vietnamese import plain_key, search_key
from sql import queries

PAGE: Final = "trang"
PATH: Final = "/api/v1"
LINES: Final = {"long": 200, "period": 60, "indicator": 60}  # of one page
MOST_PILLS: Final = 60  # more are found by searching
LARGE: Final = 20_000  # rows from which on a workbook is made with its progress shown
MIME: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}

Options = Mapping[str, str]


# ---------------------------------------------------------------- choosing


def options_of(view: View) -> dict[str, Options]:
    """What each list can be made of: code → words."""
    units = queries.org_units(view.scope, province=view.selection.province)
    groups = queries.unit_groups(view.scope, province=view.selection.province)
    lines = [line for line in ("ubnd", "vptu") if line in units["reporting_line"]]
    return {
        "indicators": view.options["indicator"],
        "units": dict(units.select("org_unit", "name").iter_rows()),
        "unit_groups": {row["unit_group"]: text.name(row, "group_name") for row in groups.iter_rows(named=True)},
        "reporting_lines": {line: t(f"line.{line}") for line in lines},
        "periods": {period: text.quarter(period) for period in view.options["period"]},
        "measures": {key: t(key) for key in extracts.MEASURES},
    }


def usual(view: View) -> Choice:
    """Where the URL says nothing: the indicator, group and quarter that the other pages look at."""
    chosen = view.selection
    return Choice(
        indicators=(chosen.indicator,) if chosen.indicator else (),
        unit_groups=(chosen.unit_group,) if chosen.unit_group else (),
        periods=(chosen.period,),
    )


def choose(view: View, choice: Choice, options: Mapping[str, Options]) -> None:
    """Every picker of the page; what is chosen goes to the URL and starts the next run."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with _popover("indicators", choice, options):
            sought = st.text_input(t("explore.find_indicator"), key="explore-find-indicators")
            found = _matching(options["indicators"], sought)
            _pills("indicators", t("field.indicator"), found, choice.indicators, options["indicators"])
        with _popover("units", choice, options):
            sought = st.text_input(t("explore.find_unit"), key="explore-find-units")
            found = found_units(view, choice, sought)
            _pills("units", t("field.org_unit"), found, choice.units, options["units"])
            if len(found) > MOST_PILLS:
                st.caption(t("explore.more_units", count=text.number(len(found) - MOST_PILLS)))
        with _popover("periods", choice, options):
            _pills("periods", t("field.period"), options["periods"], choice.periods, options["periods"])
        with _popover("measures", choice, options):
            _pills("measures", t("explore.measures"), options["measures"], choice.shown, options["measures"])
        _one(LAYOUT, t("explore.layout"), {key: t(f"explore.layout.{key}") for key in extracts.LAYOUTS}, choice.layout)
        if choice.layout == "long":
            orders: Options = {key: t(f"explore.order.{key}") for key in extracts.ORDERS}
            _one(ORDER, t("explore.order"), orders, choice.order, st.selectbox, width=screen.wide(230))
    if not choice.units:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            for field, label in (("unit_groups", "field.unit_group"), ("reporting_lines", "line")):
                _pills(field, t(label), options[field], getattr(choice, field), options[field])


def found_units(view: View, choice: Choice, sought: str) -> dict[str, str]:
    """The units that a search finds, those before the merger named beside those of today; all if nothing is sought."""
    words = tuple(search_key(sought).split())
    rows = queries.find_units(view.scope, province=view.selection.province, words=words or None)
    if not words and choice.unit_groups:
        rows = rows.filter(pl.col("unit_group").is_in(choice.unit_groups))
    labels = {}
    for row in rows.iter_rows(named=True):
        before = f" ← {row['old_names'][:60]}" if row["old_names"] and words else ""
        labels[row["org_unit"]] = f"{row['name']}{before}"
    return labels


def _matching(options: Options, sought: str) -> dict[str, str]:
    words = plain_key(sought or "").split()
    return {code: label for code, label in options.items() if all(word in plain_key(label) for word in words)}


def _popover(field: str, choice: Choice, options: Mapping[str, Options]) -> Any:
    """A button that says what is chosen of a list, and opens the list."""
    chosen: tuple[str, ...] = choice.shown if field == "measures" else getattr(choice, field)
    if not chosen:
        said = t("all").lower()
    elif len(chosen) > 2:
        said = text.fraction(len(chosen), len(options[field]))
    else:
        said = ", ".join(code if field == "indicators" else options[field][code] for code in chosen)
    return st.popover(f"{t(f'explore.{field}')}: **{plain(said)}**", key=f"explore-open-{field}")


def _pills(field: str, label: str, found: Options, chosen: Sequence[str], names: Options) -> None:
    """A list to choose several of; those chosen already stand first among what is found."""
    shown = list(dict.fromkeys([*chosen, *list(found)[:MOST_PILLS]])) if field in ("units", "indicators") else found
    key = f"pick-{LISTS[field]}"
    st.session_state[key] = list(chosen)
    st.pills(
        label,
        list(shown),
        selection_mode="multi",
        format_func=lambda code: found.get(code) or names[code],
        key=key,
        on_change=_keep_list,
        args=(LISTS[field], key),
    )
    if field in ("units", "indicators", "periods") and chosen:
        st.button(t("explore.every"), key=f"every-{field}", on_click=_keep, args=(LISTS[field], extracts.EVERY))


def _one(name: str, label: str, options: Options, value: str, widget: Any = st.segmented_control, **look: Any) -> None:
    key = f"pick-{name}"
    st.session_state[key] = value
    required = {"required": True} if widget is st.segmented_control else {}
    widget(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        on_change=lambda: _keep(name, st.session_state[key]),
        **required,
        **look,
    )


def _keep_list(name: str, key: str) -> None:
    _keep(name, ",".join(st.session_state[key]) or extracts.EVERY)


def _keep(name: str, value: str) -> None:
    st.query_params[name] = value
    st.query_params.pop(PAGE, None)


# ---------------------------------------------------------------- showing


def page_wished() -> int:
    wished = st.query_params.get(PAGE, "")
    return max(1, int(wished)) if wished.isdecimal() and len(wished) < 8 else 1


def show(rows: pl.DataFrame, choice: Choice) -> None:
    """One page of the table; a click on a cell opens the source of its figure."""
    table = extracts.in_words(rows, choice)
    turn = st.session_state.setdefault("turn-explore", 0)
    drawn = f"explore-{turn}"
    columns = {
        title: sources.numbers(words) if place > 1 and _is_numeric(words) else words
        for place, (title, words) in enumerate(table.columns.items())
    }
    sources.draw_table(
        columns,
        tones=panels.standing_tones(),
        key=drawn,
        height=520 if len(next(iter(columns.values()), [])) > 14 else "content",
        selection_mode="single-cell",
        on_select=partial(_picked, drawn, table.keys),
    )
    tables.offer("explore", partial(_lines, columns, table.keys))


def _lines(columns: Mapping[str, Sequence[str]], keys: Mapping[tuple[int, str], tuple[str, str, str]]) -> Lines:
    """The same cells, each with the way to its source; words that stand before the figures have none."""
    cells = {at: tables.source_address(("figure", *key)) for at, key in keys.items()}
    before = list(columns)[:1]
    first = [cells.get((place, before[0]), "") for place in range(len(columns[before[0]]))] if before else []
    figures = {at: link for at, link in cells.items() if _is_numeric(columns[at[1]])}
    return Lines(columns, first, figures)


def _is_numeric(words: Sequence[str]) -> bool:
    digits = set("0123456789.,+−><≥≤≈–/ \u00a0")
    return all(set(word) <= digits for word in words if len(word) > 1)


def _picked(drawn: str, keys: Mapping[tuple[int, str], tuple[str, str, str]]) -> None:
    cells = st.session_state[drawn]["selection"]["cells"]
    st.session_state["turn-explore"] += 1
    found = keys.get((int(cells[0][0]), str(cells[0][1]))) if cells else None
    if found is not None:
        st.session_state[tables.PICKED] = ("figure", *found)


def turn_pages(pages: int, now: int) -> None:
    key = f"pick-page-{now}"
    st.pagination(
        pages, default=now, key=key, on_change=lambda: st.query_params.update({PAGE: str(st.session_state[key])})
    )


# ---------------------------------------------------------------- taking along


def take_along(view: View, choice: Choice, line_count: int, link: str) -> None:
    """The table as files, alone or with every cell behind it."""
    st.markdown(f"**{t('explore.take')}**")
    kinds = {"": t("explore.take.table"), "nguon": t("explore.take.behind")}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind = st.segmented_control(
            t("explore.take"),
            list(kinds),
            format_func=kinds.__getitem__,
            default="",
            required=True,
            key="explore-behind",
            label_visibility="collapsed",
        )
        behind = kind == "nguon"
        name = f"khai-thac_{view.selection.province}_{view.scope.warehouse.stem}" + ("_nguon" if behind else "")
        if line_count > LARGE:
            _large_workbook(view, choice, link, name, behind)
        else:
            _offer("xlsx", name, lambda: extracts.workbook(view, choice, link, behind=behind))
        for file_format in ("csv", "parquet"):
            _offer(
                file_format,
                name,
                partial(extracts.flat_file, view, choice, link, file_format, behind=behind),
            )


def _offer(file_format: str, name: str, data: Callable[[], bytes] | bytes) -> None:
    st.download_button(
        t(f"explore.{file_format}"),
        data=data,
        file_name=f"{name}.{file_format}",
        mime=MIME[file_format],
        icon=":material/download:",
        on_click="ignore",
        key=f"explore-{file_format}",
    )


def _large_workbook(view: View, choice: Choice, link: str, name: str, behind: bool) -> None:
    """Made before it is offered, with its progress in sight."""
    wanted = (view.scope.warehouse, choice, behind, text.language())
    made = st.session_state.get("explore-made")
    if made is not None and made[0] == wanted:
        _offer("xlsx", name, made[1])
    elif st.button(t("explore.make"), icon=":material/table_view:", key="explore-make"):
        bar = st.progress(0.0, t("explore.making", done="0", of="…"))

        def told(done: int, of: int) -> None:
            bar.progress(done / max(of, 1), t("explore.making", done=text.number(done), of=text.number(of)))

        st.session_state["explore-made"] = (wanted, extracts.workbook(view, choice, link, behind=behind, told=told))
        st.rerun()


view = filters.open_view()
options = options_of(view)
choice = extracts.from_parameters(st.query_params.to_dict(), usual(view), options)
book = panels.head(view, t("page.khai_thac"))
for label, words in extracts.filters_used(view, choice):
    book.narrow(label, words)
book.add_table(choice)
choose(view, choice, options)
size = LINES[choice.layout]
first = page_wished()
rows = extracts.ask(view, choice, limit=size, offset=(first - 1) * size)
if rows.is_empty() and first > 1:
    first = 1
    rows = extracts.ask(view, choice, limit=size)
if rows.is_empty():
    st.info(t("nothing_here"))
    st.stop()
line_count = int(rows["line_count"][0])
if line_count <= LARGE:  # more is taken along below, where its progress is shown
    book.add_behind(choice)
pages = -(-line_count // size)
shown = (first - 1) * size
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.caption(
        t(
            "explore.shown",
            first=text.number(shown + 1),
            last=text.number(min(shown + size, line_count)),
            count=text.number(line_count),
        )
        + ". "
        + t("click")
    )
    if pages > 1:
        turn_pages(pages, first)
show(rows, choice)
link = f"{citation.address()}?{urlencode(extracts.link_parameters(view, choice))}"
take_along(view, choice, line_count, link)
st.caption(plain(extracts.about(view, choice, link).citation))
api = f"{PATH}/progress?{urlencode(extracts.api_parameters(view, choice))}"
st.markdown(f"[{t('explore.link')}]({link}) · [{t('explore.api')}]({api})")
sources.open_source(view)
