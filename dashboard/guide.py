"""The documents for people (docs/), shown where they are needed; whoever uses a page need not know where they lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import text
from dashboard.text import t
from etl.settings import REPOSITORY

FOLDER: Final = REPOSITORY / "docs"
_PICTURE: Final = re.compile(r"^!\[([^\]]*)\]\(([^)]+)\)\n", re.M)
_HEADING: Final = re.compile(r"^## ", re.M)  # as large as the headings of a page's parts
_LINKS_ABOVE: Final = re.compile(r"^\[.*\n+", re.M)  # to the other language and to the contents


def offer(name: str) -> None:
    """A button that opens a document in the language of the page."""
    if st.button(t(f"guide.{name}"), type="tertiary", icon=":material/menu_book:", key=f"guide-{name}"):
        st.dialog(t(f"guide.{name}"), width="large")(partial(_show, name, text.language()))()


def _show(name: str, language: str) -> None:
    text.use(language)  # a dialog runs again on its own, outside the page's run
    for words, picture, caption in parts(name, language):
        st.markdown(_HEADING.sub("### ", words))
        if picture is not None:
            st.image(picture, caption=caption, width="stretch")


def parts(name: str, language: str) -> Iterator[tuple[str, Path | None, str]]:
    """A document without its title, cut at its pictures: the words before each, the picture, and what it shows."""
    path = FOLDER / language / f"{name}.md"
    held = path.read_text(encoding="utf-8").partition("\n")[2]
    words, *rest = _PICTURE.split(_LINKS_ABOVE.sub("", held, count=1))
    for caption, picture, following in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        yield words, (path.parent / picture).resolve(), caption
        words = following
    yield words, None, ""
