"""Units in which figures are written (`triệu đồng`, `nghìn hồ sơ`, `m`) against the unit of an indicator.

A figure is converted only where the factor is beyond doubt; the caller makes a finding of everything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from etl.vietnamese import clean

_SCALES = (
    (re.compile(r"^(nghìn|ngàn|nghin|ngan|1\.?000)\s+tỷ\b"), 1e12),
    (re.compile(r"^(tỷ|tỉ|1\.000\.000\.000)(?=\s|$)"), 1e9),
    (re.compile(r"^(triệu|trieu|tr\.?đ|1\.?000\.?000)(?=\s|$)"), 1e6),
    (re.compile(r"^(nghìn|ngàn|nghin|ngan|1\.?000)(?=\s|$)"), 1e3),
)
_KNOWN = {
    "mm": ("length", 0.001), "cm": ("length", 0.01), "m": ("length", 1.0), "mét": ("length", 1.0),
    "km": ("length", 1000.0), "kilômét": ("length", 1000.0), "kilomet": ("length", 1000.0),
    "m2": ("area", 1.0), "m²": ("area", 1.0), "ha": ("area", 1e4), "héc": ("area", 1e4), "hecta": ("area", 1e4),
    "km2": ("area", 1e6), "km²": ("area", 1e6),
    "đồng": ("money", 1.0), "đ": ("money", 1.0), "vnđ": ("money", 1.0), "vnd": ("money", 1.0), "usd": ("dollars", 1.0),
    "%": ("per cent", 1.0),
}  # fmt: skip
_BRACKETED = re.compile(
    r"^[(\[]?\s*(?:đơn vị tính|đvt|don vi tinh|dvt)\s*[:.]\s*(?P<unit>[^)\]]+?)\s*[)\]]?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MeasureUnit:
    """A unit taken apart: `nghìn km` is 1000 (scale) of a length of 1000 (size)."""

    scale: float
    kind: str
    size: float


@lru_cache(maxsize=1_000)
def parse_unit(text: str) -> MeasureUnit:
    """The unit that a text names; kind is empty for things that are counted."""
    folded = clean(text).casefold().strip(" .():")
    scale = 1.0
    for pattern, factor in _SCALES:
        if match := pattern.match(folded):
            scale, folded = factor, folded[match.end() :].strip()
            break
    first = re.split(r"[\s,;/]+", folded, maxsplit=1)[0]
    kind, size = _KNOWN.get(first, ("", 1.0))
    return MeasureUnit(scale, kind, size)


def conversion(written: str, own: str) -> float | None:
    """What a figure written in one unit must be multiplied by to stand in the indicator's; None if nobody can tell."""
    typed, wanted = parse_unit(written), parse_unit(own)
    if typed.kind == wanted.kind:
        return typed.scale * typed.size / (wanted.scale * wanted.size)
    if typed.kind or typed.scale != 1:
        return None
    return 1.0  # other words for what is counted


def scale_of(written: str) -> float:
    """The pure number in a unit: 1000 of `nghìn hồ sơ`."""
    return parse_unit(written).scale


def unit_line(text: str) -> str:
    """The unit that a line above a table names (`Đơn vị tính: triệu đồng`); empty if it names none."""
    match = _BRACKETED.match(text)
    return match["unit"] if match else ""
