"""How large a page is drawn: on a screen far wider than a desk's (4K at full size) letters and pictures grow.

On a tablet held upright the widest pictures say less beside their bars.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

KEY: Final = "screen"
FACTOR: Final = "screen-factor"
DESK: Final = 1920  # pixels across
LETTER: Final = 15  # pixels, `theme.baseFontSize`
SIDEBAR: Final = 220
NARROW: Final = "screen-narrow"
TABLET: Final = 1000  # pixels across; below it pictures stand below one another

STEPS: Final = tuple(step / 4 for step in range(6, 13))  # factors; smaller screens than the first are a desk's


def _letters() -> str:
    """Letters by the width of the window, so that they have their size before the first table measures them."""
    rules = [
        f"@media (min-width: {DESK * (step - 0.125 if step > STEPS[0] else step):g}px) {{"
        f"html {{font-size: {LETTER * step:g}px !important}} "
        f'[data-testid="stSidebar"] {{min-width: {SIDEBAR * step:g}px !important}}}}'
        for step in STEPS
    ]
    return f"<style>{' '.join(rules)}</style>"


LOOK: Final = _letters()

# The same steps again: a figure's letters are made by the server, which has to be told.
SCRIPT: Final = """
export default function (component) {
  const { data, setStateValue } = component;
  const fit = () => {
    const across = window.innerWidth / data.desk;
    const factor = across < data.steps[0] ? 1 : Math.min(data.steps.at(-1), Math.round(across * 4) / 4);
    if (factor !== data.factor) setStateValue('factor', factor);
    const narrow = window.innerWidth <= data.tablet;
    if (narrow !== data.narrow) setStateValue('narrow', narrow);
  };
  window.addEventListener('resize', fit);
  fit();
  return () => window.removeEventListener('resize', fit);
}
"""


def measure() -> None:
    """Draw the letters of the page to the width of the window, and let the browser tell it; once a run."""
    st.html(LOOK)
    mount = st.components.v2.component("screen_size", js=SCRIPT)
    told = {"factor": factor(), "narrow": is_narrow()}
    data = {"desk": DESK, "steps": STEPS, "tablet": TABLET} | told
    mount(key=KEY, data=data, default=told, height=0, on_factor_change=_told, on_narrow_change=_told)


def wide(pixels: int) -> int:
    """A width that is given in pixels of a desk's screen, on this screen."""
    return round(pixels * factor())


def factor() -> float:
    """How many times larger than on a desk; 1 until a wider screen has told."""
    return float(st.session_state.get(FACTOR, 1.0))


def is_narrow() -> bool:
    """Whether the window is as wide as a tablet held upright, or narrower; False until it has told."""
    return bool(st.session_state.get(NARROW, False))


def _told() -> None:
    state: Any = st.session_state.get(KEY)
    if not isinstance(state, Mapping):
        return
    told = state.get("factor")
    if isinstance(told, int | float) and (told == 1 or told in STEPS):
        st.session_state[FACTOR] = float(told)
    st.session_state[NARROW] = state.get("narrow") is True
