"""Where a figure comes from: charts and tables whose points and rows open a drawer with file, sheet and cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import chart_image, charts, filters, screen, tables, text, theme, visitor
from dashboard.chart_image import Swatch
from dashboard.filters import View
from dashboard.tables import PICKED, Key, Lines
from dashboard.text import t
from etl.access import Action, Principal, pages_for
from sql import queries

Row = Mapping[str, Any]
Tones = Mapping[str, Mapping[str, str]]  # column → its words → the colour that stands behind them

PAGES: Final = Path(__file__).with_name("pages")
GO: Final = "go-to"  # a page to open in the next run: its stem, and what to see there
CHART_CONFIG: Final = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


# Where Streamlit looks at the finished words once more, whatever was escaped: addresses (of mail too), emoji and icons
# by name (`:x:`), arrows and the like (`->`). A coloured nothing in between parts them and leaves no trace.
_APART: Final = re.compile(
    r"(?<=:)(?=[a-z_+/-]|\d+:)|(?<=www)(?=\.)|(?<=@)(?=[\w-])|(?<=[<>~-])(?=[=>-])", re.IGNORECASE
)
_NOTHING: Final = ":gray[]"


def plain(words: str) -> str:
    """Words of others inside Markdown: shown as they are, never as formatting, link, picture or emoji."""
    return _NOTHING.join(_escaped(part) for part in _APART.split(re.sub(r"(?m)^[ \t]+", "", words)))


def _escaped(words: str) -> str:
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!|<>~$:&=" else letter for letter in words)


def numbers(values: Sequence[str]) -> list[str]:
    """Written numbers padded to one width, so that sorting the column as text sorts by size."""
    width = max((len(value) for value in values), default=0)
    return [value.rjust(width, "\u2007") if value else "" for value in values]


# ---------------------------------------------------------------- charts and tables that open their source


def chart(
    figure: go.Figure,
    key: str,
    alt: str,
    table: Callable[[], Lines],
    *,
    parameter: str = "",
    opens: str = "",
    title: str = "",
    about: str = "",
    legend: Sequence[Swatch] = (),
    on_stage: bool = False,
) -> str:
    """Draw a figure; a click on a point opens the source of its figure, and below it can be taken along as a picture.

    With `parameter` a click puts its key into the URL; with `opens` it opens that page on its unit and indicator.
    The picture bears `title` (else `alt`), what the figure is about, and its legend; `table` gives the same figures as
    rows, asked for only when they are opened. On the stage of a slide, which fits itself to the screen and offers the
    picture elsewhere, it is drawn as it comes. Returns the key it has.
    """
    turn = st.session_state.setdefault(f"turn-{key}", 0)
    drawn = f"{key}-{turn}"  # a new key after each click, so that nothing stays selected and one click opens again
    st.plotly_chart(
        charts.enlarged(figure, screen.factor()) if not on_stage and screen.factor() > 1 else figure,
        key=drawn,
        theme=None,
        alt=alt,
        config=CHART_CONFIG,
        selection_mode="points",
        on_select=partial(_point_picked, key, drawn, parameter, opens),
    )
    if not on_stage:
        chart_image.control(drawn, title or alt, about, legend, tables.link(key))
    tables.open_if_wished(key, alt, table)
    return drawn


def go_to(page: str, **wished: str) -> None:
    """Open a page in the next run with the filters of this one, on what is wished for; in a callback."""
    names = {**filters.PARAMETERS, "slide": filters.SLIDE, "returns": filters.RETURNS}
    st.session_state[GO] = page, {names[field]: value for field, value in wished.items()}


def follow(principal: Principal) -> None:
    """Go to the page that a click asked for, if it is for who clicked; call before a page is run."""
    page, wished = st.session_state.pop(GO, ("", {}))
    if page in pages_for(principal):
        parameters = filters.link_parameters()
        slide = parameters.pop(filters.SLIDE, "")
        if slide:
            parameters[filters.RETURNS] = slide
        parameters = {name: value for name, value in (parameters | wished).items() if value}
        st.switch_page(str(PAGES / f"{page}.py"), query_params=parameters)


def button(opens: Key, key: str) -> None:
    """A button that opens the source of a figure."""
    st.button(
        t("source"), key=f"source-{key}", type="tertiary", icon=":material/search:", on_click=_pick, args=(opens,)
    )


def _pick(opens: Key) -> None:
    st.session_state[PICKED] = opens


def table(
    columns: Mapping[str, Sequence[str]], keys: Sequence[Key], key: str, *, tones: Tones | None = None, **options: Any
) -> None:
    """Draw columns of words; a click on a row opens the source of its figure."""
    turn = st.session_state.setdefault(f"turn-{key}", 0)
    drawn = f"{key}-{turn}"
    draw_table(
        columns,
        tones=tones,
        key=drawn,
        selection_mode="single-cell",
        on_select=partial(_row_picked, key, drawn, tuple(keys)),
        **options,
    )
    _offer_rows(columns, key, lambda: [tables.source_address(each) for each in keys])


def _offer_rows(columns: Mapping[str, Sequence[str]], key: str, links: Callable[[], Sequence[str]]) -> None:
    """The rows of a canvas with their links; moving on a canvas by key opens the first row it comes to."""
    tables.offer(key, lambda: Lines(columns, links()))


def draw_table(columns: Mapping[str, Sequence[str]], *, tones: Tones | None = None, **options: Any) -> Any:
    """Columns of words as a table: empty columns left out, columns of numbers on the right, long words cut.

    The words of a column in `tones` stand on the colour given for each.
    """
    shown = {title: list(words) for title, words in columns.items() if any(words)}
    held = {
        title: words if title not in (tones or {}) else [[word] for word in words] for title, words in shown.items()
    }
    config = {title: _column(words, (tones or {}).get(title)) for title, words in shown.items()}
    return st.dataframe(pl.DataFrame(held), hide_index=True, column_config=config, **options)


def _column(words: Sequence[str], tones: Mapping[str, str] | None) -> Any:
    if tones is not None:
        # Paper white would be a label without an edge.
        colours = [theme.LIGHT if colour == theme.PAPER else colour for colour in tones.values()]
        return st.column_config.MultiselectColumn(options=list(tones), color=colours, disabled=True)
    return st.column_config.TextColumn(
        width=screen.wide(340) if max(map(len, words)) > 60 else None,
        alignment="right" if any("\u2007" in word or _is_number(word) for word in words) else "left",
    )


def _is_number(words: str) -> bool:
    is_date = words.count("/") > 1
    return words.lstrip("+−<>≤≥≈\u00a0")[:1].isdigit() and not is_date and not any(letter.isupper() for letter in words)


def link_table(columns: Mapping[str, Sequence[str]], keys: Sequence[str], key: str, parameter: str) -> None:
    """Draw columns of words; a click on a row puts its key into the URL `parameter`."""
    turn = st.session_state.setdefault(f"turn-{key}", 0)
    drawn = f"{key}-{turn}"
    draw_table(
        columns,
        key=drawn,
        height=620 if len(keys) > 15 else "content",
        selection_mode="single-cell",
        on_select=partial(_link_picked, key, drawn, tuple(keys), parameter),
    )
    _offer_rows(columns, key, lambda: [tables.address(**{parameter: each}) for each in keys])


def receipt_table(columns: Mapping[str, Sequence[str]], submissions: Sequence[str], key: str) -> None:
    """Draw columns of words; a click on a row opens the page of its receipt, if there is one."""
    turn = st.session_state.setdefault(f"turn-{key}", 0)
    drawn = f"{key}-{turn}"
    draw_table(
        columns,
        key=drawn,
        height=460 if len(submissions) > 12 else "content",
        selection_mode="single-cell",
        on_select=partial(_receipt_picked, key, drawn, tuple(submissions)),
    )
    _offer_rows(
        columns,
        key,
        lambda: [tables.address("bao_cao", **{filters.RECEIPT: each}) if each else "" for each in submissions],
    )
    opened = st.session_state.pop(f"opened-{key}", "")
    if opened and "bao_cao" in pages_for(visitor.principal()):
        st.switch_page(PAGES / "bao_cao.py", query_params={**filters.link_parameters(), filters.RECEIPT: opened})


def _receipt_picked(key: str, drawn: str, submissions: Sequence[str]) -> None:
    row = _picked_row(st.session_state[drawn])
    st.session_state[f"turn-{key}"] += 1
    if row is not None and row < len(submissions):
        st.session_state[f"opened-{key}"] = submissions[row]


def _link_picked(key: str, drawn: str, keys: Sequence[str], parameter: str) -> None:
    row = _picked_row(st.session_state[drawn])
    st.session_state[f"turn-{key}"] += 1
    if row is not None and row < len(keys):
        st.query_params[parameter] = keys[row]


def _point_picked(key: str, drawn: str, parameter: str, opens: str) -> None:
    points = st.session_state[drawn]["selection"]["points"]
    st.session_state[f"turn-{key}"] += 1
    for point in points:
        held = point.get("customdata") or ()
        values = [str(value) for value in (held.values() if isinstance(held, Mapping) else held)]
        if opens and len(values) >= 2 and any(values[:2]):
            go_to(opens, org_unit=values[0], indicator=values[1])
            return
        if parameter and values and values[0]:
            st.query_params[parameter] = values[0]
            return
        if not parameter and not opens and len(values) >= 3 and values[1]:
            st.session_state[PICKED] = ("figure", *values[:3])
            return


def _row_picked(key: str, drawn: str, keys: Sequence[Key]) -> None:
    row = _picked_row(st.session_state[drawn])
    st.session_state[f"turn-{key}"] += 1
    if row is not None and row < len(keys):
        st.session_state[PICKED] = keys[row]


def _picked_row(state: Any) -> int | None:
    cells = state["selection"]["cells"]
    return int(cells[0][0]) if cells else None


# ---------------------------------------------------------------- the source of a figure


def open_source(view: View) -> None:
    """Open the drawer for the figure clicked in this run, or named by the URL; call once, at the end of a page."""
    named = tables.source_named(st.query_params.get(filters.SOURCE, ""))
    picked = st.session_state.pop(PICKED, None) or named
    if picked is not None:
        closed: Any = partial(filters.forget, filters.SOURCE) if named else "ignore"
        st.dialog(t("source"), width="medium", position="right", on_dismiss=closed)(partial(_drawer, view, *picked))()


def _drawer(view: View, kind: str, key: str, indicator: str, period: str) -> None:
    text.use(view.selection.language)  # a dialog runs again on its own, outside the page's run
    if kind == "task":
        _task_source(view, key, period)
        return
    catalogue = queries.indicators(view.scope).filter(pl.col("indicator") == indicator)
    meaning: Row = next(catalogue.iter_rows(named=True), {})
    st.markdown(f"**{plain(indicator)}** {plain(text.name(meaning, 'name'))} · **{text.quarter(period)}**")
    if key:
        _unit_source(view, key, meaning, period)
    else:
        _rollup_source(view, meaning, period)


def _unit_source(view: View, org_unit: str, indicator: Row, period: str) -> None:
    code = str(indicator.get("indicator", ""))
    rows = queries.progress(
        view.scope, province=view.selection.province, indicator=code, org_unit=org_unit, period=period
    )
    figure = next(rows.iter_rows(named=True), None)
    with st.container(horizontal=True, gap="small"):
        for page, word in (("don_vi", "open.unit"), ("chi_tieu", "open.indicator")):
            wished = {filters.PARAMETERS["org_unit"]: org_unit, filters.PARAMETERS["indicator"]: code}
            page_link(view, page, t(word), wished | {filters.PARAMETERS["period"]: period})
    if figure is not None:
        st.markdown(f"**{plain(str(figure['org_unit_name']))}** · {plain(charts.describe(figure))}")
        _parts(figure, indicator)
    found = queries.source(view.scope, indicator=code, org_unit=org_unit, period=period)
    if found.is_empty() and figure is not None and view.scope.indicators is not None:
        st.info(t("source.not_public"))
    elif found.is_empty():
        mark = theme.MARKS[charts.mark_of(figure) if figure is not None else "not_reported"]
        st.info(t("source.none", reason=t(mark.word).lower()))
    for row in found.iter_rows(named=True):
        _cell(view, row)


def _parts(figure: Row, indicator: Row) -> None:
    if not figure["is_derived"]:
        return
    counts = {"found": figure["part_count_found"], "expected": figure["part_count_expected"]}
    st.caption(t("source.derived" if indicator.get("value_type") == "in_period" else "source.last_part", **counts))
    if figure["is_percent_only"]:
        st.caption(t("percent_only.mark"))


def _cell(view: View, row: Row) -> None:
    """One cell somebody sent: file, sheet, cell, what stood there, when it came; links to receipt and original."""
    with st.container(border=True, gap="xsmall"):
        place(row)
        facts = [f"{t('source.period')} {text.quarter(row['period'])}", t("as_of", day=text.day(row["as_of"]))]
        facts.append(f"{t('source.received')} {text.moment(row['received_at'])}")
        if not row.get("is_counted", True):
            facts.append(t("source.other_form"))
        st.caption(plain(" · ".join(facts)))
        links(view, row["sender_org_unit"], row["submission"])


def place(row: Row) -> None:
    """File, sheet and cell of a row, and what stood there, as plain text."""
    where = "!".join(part for part in (row["sheet"], row["cell"]) if part)
    file_name = row["file_name"] or t("source.of_others")
    st.text(f"{t('source.file')}: {file_name}\n{t('source.place')}: {where}")
    st.text(f"{t('source.shown')}: {row['shown']}" if row["shown"] else t("source.empty"))


def page_link(view: View, page: str, label: str, wished: Mapping[str, str], icon: str = "arrow_forward") -> None:
    """A link to another page that keeps the filters, for those who may see it."""
    if view.opens(page):
        parameters = {**filters.link_parameters(), **wished}
        st.page_link(PAGES / f"{page}.py", label=label, icon=f":material/{icon}:", query_params=parameters)


def links(view: View, sender: str, submission: str) -> None:
    """Links to the receipt page of a submission and to the file as it was received, for those who may see them."""
    if not view.scope.sees(sender):
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if view.may(Action.RECEIPT):
            page_link(view, "bao_cao", t("source.receipt"), {filters.RECEIPT: submission}, "receipt_long")
        if view.may(Action.ORIGINAL):
            download(submission)


def download(submission: str) -> None:
    """A link to the file of a submission as it was received."""
    st.link_button(t("source.download"), f"/tep-goc/{submission}", icon=":material/download:", type="tertiary")


def _rollup_source(view: View, indicator: Row, period: str) -> None:
    """The units behind a group's figure; choosing one shows its cell."""
    code = str(indicator.get("indicator", ""))
    rows = queries.progress(
        view.scope,
        province=view.selection.province,
        unit_group=view.selection.unit_group,
        indicator=code,
        period=period,
    )
    shown = list(rows.filter(pl.col("status") == "reported").sort("sort_key").iter_rows(named=True))
    words = "source.rollup" if view.scope.org_units is None else "source.rollup.own"
    st.caption(t(words, found=len(shown), expected=len(rows)))
    if not shown:
        return
    chosen = draw_table(
        {
            t("unit"): [row["org_unit_name"] for row in shown],
            t("fraction"): [text.fraction(row["numerator"], row["denominator"]) for row in shown],
            f"{t('value')} ({indicator.get('measure_unit')})": numbers([charts.value_text(row) for row in shown]),
            t("source.place"): ["!".join(part for part in (row["sheet"], row["cell"]) if part) for row in shown],
        },
        key=f"units-{code}-{period}",
        height=300,
        selection_mode="single-cell",
        on_select="rerun",
    )
    row = _picked_row(chosen)
    if row is not None and row < len(shown):
        _unit_source(view, shown[row]["org_unit"], indicator, period)


# ---------------------------------------------------------------- the source of a task


def _task_source(view: View, task_key: str, period: str) -> None:
    rows = queries.tasks(view.scope, province=view.selection.province, period=period)
    row = next(rows.filter(pl.col("task_key") == task_key).iter_rows(named=True), None)
    history = list(queries.task_history(view.scope, task_key=task_key).iter_rows(named=True))
    if row is None:
        st.info(t("nothing_here"))
        return
    st.markdown(f"**{plain(row['task'])}** {plain(row['title'])}")
    st.markdown(f"{plain(theme.task_shape(row['status']))} **{t('status.' + row['status'])}**")
    for key in ("assigned_in", "lead", "coordinating", "due_on", "completed_on", "result", "obstacle", "proposal"):
        words = _task_words(row, key)
        if words:
            st.markdown(f"**{t('task.' + key)}:** {plain(words)}")
    st.markdown(f"**{t('task.history')}**")
    for report in reversed(history):
        with st.container(border=True, gap="xsmall"):
            place(report)
            facts = [
                t("status." + report["status"]),
                t("as_of", day=text.day(report["as_of"])),
                f"{t('source.received')} {text.moment(report['received_at'])}",
                report["sender_name"],
            ]
            if not report["is_current"]:
                facts.append(t("source.superseded"))
            st.caption(plain(" · ".join(fact for fact in facts if fact)))
            links(view, report["org_unit"], report["submission"])


def _task_words(row: Row, key: str) -> str:
    if key == "lead":
        return str(row["lead_name"])
    if key == "coordinating":
        return str(row["coordinating_text"])
    if key == "due_on":
        return " · ".join(dict.fromkeys(part for part in (row["due_text"], text.day(row["due_on"])) if part))
    return text.day(row[key]) if key == "completed_on" else str(row[key])
