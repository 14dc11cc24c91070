"""The figures of a chart, or of a table drawn on a canvas, as plain rows with links: for keyboard and screen reader.

A link under the chart opens them in a drawer and costs nothing until then. Which table is open stands in the URL, so
the back button closes it; each row links to where a click on its bar, square or line would lead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard import filters, matrix, text
from dashboard.text import t

Key = tuple[
    str, str, str, str
]  # ("figure", org unit or '' for its group, indicator, quarter) or ("task", key, '', quarter)

PICKED: Final = "picked-source"  # the source to be opened in this run
SEPARATOR: Final = "~"
MOST_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Lines:
    """Columns of words; the address behind the first word of each row, and behind single cells (row, column)."""

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Sequence[str] = ()
    cells: Mapping[tuple[int, str], str] = field(default_factory=dict)


# ---------------------------------------------------------------- addresses


def address(page: str = "", **wished: str) -> str:
    """The address of a page (of this one without `page`) with the filters of this run and what is wished for."""
    parameters = {**filters.link_parameters(), **wished}
    if page and not parameters.get(filters.SLIDE, "0").isdecimal():  # a number is a page of a long table
        parameters[filters.RETURNS] = parameters.pop(filters.SLIDE)
    kept = {name: value for name, value in parameters.items() if value}
    return f"{f'/{page}' if page else ''}?{urlencode(kept)}"


def source_address(key: Key) -> str:
    """The address that opens the source of a figure or of a task on this page."""
    return address(**{filters.SOURCE: SEPARATOR.join(key)})


def source_named(wished: str) -> Key | None:
    """The key that such an address names; None if it names none."""
    kind, _, rest = wished.partition(SEPARATOR)
    rest, _, period = rest.rpartition(SEPARATOR)
    key, found, indicator = rest.rpartition(SEPARATOR)
    return (kind, key, indicator, period) if found and kind in {"figure", "task"} else None


def unit_address(org_unit: str, indicator: str = "") -> str:
    """The address of a unit's page, on an indicator."""
    names = filters.PARAMETERS
    return address("don_vi", **{names["org_unit"]: org_unit, names["indicator"]: indicator}) if org_unit else ""


def link(key: str) -> str:
    """The link that opens the table of a chart, as HTML."""
    return f'<a class="here" href="{escape(address(**{filters.TABLE: key}))}">{escape(t("table"))}</a>'


# ---------------------------------------------------------------- the drawer


def offer(key: str, lines: Callable[[], Lines]) -> None:
    """A link below a table on a canvas to the same rows with links."""
    st.html(f'<div class="chart-image">{link(key)}</div>')
    open_if_wished(key, "", lines)


def open_if_wished(key: str, title: str, lines: Callable[[], Lines]) -> None:
    """Open the drawer with these rows if the URL names their chart, unless a source is to be seen in its stead."""
    if st.query_params.get(filters.TABLE) == key and PICKED not in st.session_state:
        closed = partial(filters.forget, filters.TABLE)
        st.dialog(t("table"), width="medium", position="right", on_dismiss=closed)(
            partial(_drawer, text.language(), title, lines)
        )()


def _drawer(language: str, title: str, lines: Callable[[], Lines]) -> None:
    text.use(language)  # a dialog runs again on its own, outside the page's run
    shown = lines()
    if title:
        st.text(title)
    st.html(matrix.linked(shown.columns, shown.links, shown.cells, MOST_ROWS))
