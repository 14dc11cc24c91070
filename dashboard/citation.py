"""Where figures that leave a page come from: source, until when they count, version of the data, link back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard import filters, text
from dashboard.filters import View
from dashboard.text import t
from etl.export import About
from etl.vietnamese import plain_key

LONGEST_NAME: Final = 80  # letters of a file name


def address() -> str:
    """The address of this page without its parameters; '' outside a browser's visit."""
    return str(st.context.url or "").partition("?")[0]


def permalink(view: View) -> str:
    """A link that opens this page on the same selection, whatever will be the default by then."""
    page = address()
    parameters = st.query_params.to_dict() | filters.to_parameters(view.selection)
    return f"{page if page.count('/') > 2 else f'{page}/'}?{urlencode(parameters)}"


def about(view: View, title: str, used: Sequence[tuple[str, str]] = (), link: str = "") -> About:
    """What travels with a file of figures: title, the filters used (label, words), source, as-of, version and link."""
    notes = [re.sub(r"\*", "", t("demo.long"))] if view.build.get("is_demo") else []
    if view.moment is not None:
        notes.append(t("moment.shown", moment=text.moment(view.moment.at)).replace("*", ""))
    return About(
        title,
        tuple(used),
        text.day(view.build.get("latest_as_of") or view.build.get("as_of")),
        t("explore.source"),
        view.scope.warehouse.stem,
        link or permalink(view),
        tuple(notes),
        text.language(),
    )


def file_name(words: str) -> str:
    """Words as the name of a file without marks and spaces, cut at a word."""
    name = re.sub(r"[^a-z0-9]+", "-", plain_key(words)).strip("-")
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME].rpartition("-")[0] or name[:LONGEST_NAME]
