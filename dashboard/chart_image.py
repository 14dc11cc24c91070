"""Any chart as a picture to take along, made in the visitor's own browser by the library that drew it.

The picture is the chart with its finding above and its citation below; the server sends words, never the data again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import streamlit as st

from dashboard import citation, theme
from dashboard.filters import View
from dashboard.text import t

SCRIPT: Final = Path(__file__).with_name("chart_image.js").read_text(encoding="utf-8")
FORMATS: Final = ("png", "svg")
# A picture cannot reach the fonts of the page. These are on every computer, and draw ẮẰẴẶ ỘỖ ưỨ đĐ.
FONT: Final = "Arial, Liberation Sans, DejaVu Sans, sans-serif"

LOOK: Final = f"""
.chart-image {{display: flex; gap: 0 0.667rem; justify-content: flex-end; align-items: center; font-size: 0.8rem;
  line-height: 1.5; color: {theme.MUTED}; min-height: 1.6rem}}
.chart-image button {{font: inherit; color: {theme.GOOD}; background: none; border: 0; border-radius: 3px;
  padding: 2px 4px; min-height: 1.6rem; min-width: 1.6rem; cursor: pointer; text-decoration: underline}}
.chart-image a {{color: {theme.GOOD}; padding: 2px 4px; min-height: 1.6rem; text-decoration: underline}}
.chart-image button:focus-visible {{outline: 2px solid {theme.GOOD}; outline-offset: 1px}}
.chart-image button:disabled {{color: {theme.MUTED}; cursor: progress}}
"""


@dataclass(frozen=True, slots=True)
class Swatch:
    """One entry of a legend: colours of ground and of its shape, `/` or `.` if hatched, the shape, and its words."""

    fill: str
    ink: str
    pattern: str
    shape: str
    words: str


def listen(view: View) -> None:
    """Bring the script that makes pictures into the page, with what is said below each of them; once a page."""
    about = citation.about(view, "")
    data = {
        "citation": [" · ".join(filter(None, (about.citation, *about.notes))), about.link],
        "font": FONT,
        "ink": theme.INK,
        "muted": theme.MUTED,
        "making": t("image.making"),
        "done": t("image.done"),
        "failed": t("image.failed"),
    }
    mount = st.components.v2.component("chart_images", html="<span></span>", js=SCRIPT)
    mount(key="chart-images", data=data, width="content", height="content")


def control(drawn: str, title: str, about: str, legend: Sequence[Swatch], beside: str = "") -> None:
    """`Tải hình: PNG · SVG` for the chart drawn under the key `drawn`; the picture bears title, about and legend.

    `beside` is HTML that stands before it.
    """
    if not drawn:
        return
    told: dict[str, Any] = {
        "chart": drawn,
        "title": title,
        "about": about,
        "legend": [asdict(swatch) for swatch in legend],
        "name": citation.file_name(f"{title} {about}"),
    }
    labels = {kind: escape(t("image.as", kind=kind.upper(), title=title)) for kind in FORMATS}
    buttons = "".join(
        f'<button type="button" data-format="{kind}" aria-label="{label}">{kind.upper()}</button>'
        for kind, label in labels.items()
    )
    st.html(
        f'<div class="chart-image" data-told="{escape(json.dumps(told, ensure_ascii=False))}">'
        f'<span role="status"></span>{beside}<span aria-hidden="true">{escape(t("image"))}</span>{buttons}</div>'
    )
