"""The stage of a slide: one surface of fixed size, scaled to the screen it is shown on, moved by keys and clicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from dashboard import theme
from dashboard.text import t

KEY: Final = "slide-stage"
MOUNTED: Final = "slide-keys"
SCALE: Final = "slide-scale"
SIDE: Final = 56  # pixels left and right of what is shown
MOVES: Final = ("next", "previous", "first", "last", "leave")

USUAL: Final = 0.7  # of a screen that has not told its size yet


def _px(pixels: float) -> str:
    """A length of the stage on the screen it is shown on."""
    return f"calc({pixels}px * var(--stage-scale, {USUAL}))"


# Everything of the frame gives way to the stage. It is laid out anew for each screen rather than scaled as a picture,
# because Streamlit measures a chart's room after scaling.
LOOK: Final = f"""<style>
[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stSidebarCollapsedControl"] {{display: none}}
[data-testid="stApp"] {{overflow: hidden; background: {theme.PAPER}}}
.st-key-{KEY} {{
  position: fixed; z-index: 10; box-sizing: border-box; overflow: hidden; gap: 0; max-width: none; top: 0;
  left: calc((100vw - {theme.STAGE_WIDTH}px * var(--stage-scale, {USUAL})) / 2);
  width: {_px(theme.STAGE_WIDTH)}; height: {_px(theme.STAGE_HEIGHT)}; padding: {_px(36)} {_px(SIDE)} 0 {_px(SIDE)};
  background: {theme.PAPER}; color: {theme.INK};
}}
.st-key-{KEY} h1 {{position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}}
.st-key-{KEY} [data-testid="stCaptionContainer"] p {{font-size: {_px(30)}; line-height: 1.35}}
.st-key-{KEY} h2 {{font-size: {_px(60)}; line-height: 1.3; padding: 0; margin: 0; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis}}
.st-key-{KEY} [data-testid="stMarkdownContainer"]:has(h2) {{margin-bottom: {_px(-16)}}}
.st-key-{KEY} .about {{margin-top: {_px(14)}; font-size: {_px(34)}; line-height: 1.3; max-height: 2.6em;
  overflow: hidden; color: {theme.MUTED}}}
.st-key-{KEY} .legend {{display: flex; flex-wrap: wrap; gap: 0 1em; font-size: {_px(34)}; line-height: 1.4}}
.st-key-{KEY} .legend i {{display: inline-block; width: 1em; height: 1em; vertical-align: -0.15em; margin-right: 0.3em;
  border: 1px solid {theme.MUTED}}}
.st-key-{KEY} .list {{max-height: {_px(760)}; overflow: hidden}}
.st-key-{KEY} .list p {{font-size: {_px(38)}; line-height: 1.45}}
.st-key-slide-foot {{position: absolute; left: {_px(SIDE)}; right: {_px(SIDE)}; bottom: {_px(12)}; width: auto}}
.st-key-slide-foot {{flex-wrap: nowrap}}
.st-key-slide-foot > :first-child {{min-width: 0; flex: 1 1 0; overflow: hidden}}
.st-key-slide-foot > :not(:first-child) {{flex: none; width: auto}}
.st-key-slide-foot p {{font-size: {_px(26)}; line-height: 1.5; white-space: nowrap}}
.st-key-slide-foot .chart-image {{font-size: {_px(26)}; white-space: nowrap; gap: 0}}
.st-key-slide-foot .chart-image span {{position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%)}}
.st-key-slide-foot button {{min-height: {_px(48)}; min-width: {_px(64)}}}
.st-key-slide-foot button p {{font-size: {_px(30)}}}
</style>"""

SCRIPT: Final = """
const KEYS = {
  ArrowRight: 'next', ArrowDown: 'next', PageDown: 'next', ' ': 'next',
  ArrowLeft: 'previous', ArrowUp: 'previous', PageUp: 'previous', Home: 'first', End: 'last', Escape: 'leave',
};
export default function (component) {
  const { setTriggerValue, setStateValue, data, parentElement } = component;
  const fit = () => {
    const fits = Math.min(window.innerWidth / data.width, window.innerHeight / data.height);
    const scale = Math.max(0.2, Math.floor(fits * 1000) / 1000);
    document.documentElement.style.setProperty('--stage-scale', scale);
    if (scale !== data.scale) setStateValue('scale', scale);
  };
  const full = () => document.fullscreenElement
    ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  const pressed = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector('[role="dialog"]')) return;
    if (event.key === 'f' || event.key === 'F') { full(); return; }
    const isButton = event.target instanceof HTMLButtonElement;
    const move = KEYS[event.key];
    if (!move || (isButton && event.key === ' ')) return;
    event.preventDefault();
    setTriggerValue('move', move);
  };
  const button = parentElement.querySelector('button');
  button.textContent = data.full;
  button.addEventListener('click', full);
  window.addEventListener('keydown', pressed);
  window.addEventListener('resize', fit);
  fit();
  return () => {
    button.removeEventListener('click', full);
    window.removeEventListener('keydown', pressed);
    window.removeEventListener('resize', fit);
  };
}
"""
BUTTON: Final = '<button type="button"></button>'
BUTTON_LOOK: Final = f"""button {{
  font: inherit; font-size: {_px(26)}; line-height: 1.5; border: 1px solid {theme.MUTED}; border-radius: 8px;
  background: {theme.PAPER}; color: {theme.INK}; padding: 2px 0.6em; cursor: pointer;
}}"""


def keys(on_move: Callable[[], None]) -> None:
    """Listen to keys and clicker, fit the stage to the screen, and offer the whole screen; a move is in `moved()`."""
    mount = st.components.v2.component("slide_keys", html=BUTTON, css=BUTTON_LOOK, js=SCRIPT)
    data = {
        "width": theme.STAGE_WIDTH,
        "height": theme.STAGE_HEIGHT,
        "scale": scale(),
        "full": t("slide.full"),
    }
    mount(
        key=MOUNTED,
        data=data,
        default={"scale": scale()},
        width="content",
        on_move_change=on_move,
        on_scale_change=_fitted,
    )


def moved() -> str:
    """Which move was asked for, in the callback of `keys`; '' for none."""
    move = str(_told("move") or "")
    return move if move in MOVES else ""


def scale() -> float:
    """Pixels of the screen to those of the stage, as the screen last told."""
    return float(st.session_state.get(SCALE, USUAL))


def _fitted() -> None:
    told = _told("scale")
    if isinstance(told, int | float) and 0.2 <= told <= 8:
        st.session_state[SCALE] = float(told)


def _told(name: str) -> Any:
    state = st.session_state.get(MOUNTED)
    return state.get(name) if isinstance(state, Mapping) else None
