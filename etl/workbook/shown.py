"""What a person sees in a cell, in Vietnamese style: 1.204, 90,5%, 24/06/2025."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from etl.model import Cell

QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
DIGITS = re.compile(r"[0#?][0#?.,]*")
DATE_PARTS = re.compile(r"y+|m+|d+|h+|s+|am/pm|[^ymdhs]", re.IGNORECASE)


def shown_text(cell: Cell) -> str:
    """The cell as a person reads it; text, errors and booleans as they stand, numbers and dates by their format."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (date, time)):
        return _moment(value, cell.number_format)
    return _number(value, cell.number_format)


# --- dates ----------------------------------------------------------------------------------------------------


def _moment(value: date | time, number_format: str) -> str:
    """Day and month always in figures and in the order day, month, year: `03-Aug` is a day-month, `03/08`."""
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    has = _date_fields(number_format)
    words = [
        text for mark, text in (("d", f"{value:%d}"), ("m", f"{value:%m}"), ("y", f"{value.year:04}")) if mark in has
    ]
    shown = "/".join(words)
    if isinstance(value, datetime) and ("h" in has or not has):
        shown = f"{shown} {value:%H:%M}".strip()
    return shown


@lru_cache(maxsize=512)
def _date_fields(number_format: str) -> str:
    """Which of d, m, y, h a date format shows; d, m and y if it is no date format."""
    code = QUOTED.sub("", number_format.split(";", maxsplit=1)[0]).lower()
    if code in {"general", "@", ""}:
        return "dmy"
    clock = re.search(r"h+[^ymd]*m|m+[^ymdh]*s|h", code)
    days = code[: clock.start()] + code[clock.end() :] if clock else code
    fields = "".join(mark for mark in "dmy" if mark in days)
    return (fields or ("" if clock else "dmy")) + ("h" if clock else "")


# --- numbers --------------------------------------------------------------------------------------------------


def _number(value: float, number_format: str) -> str:
    sections = _sections(number_format)
    section = sections[0]
    exact = Decimal(repr(value))
    if value < 0 and len(sections) > 1:
        section, exact = sections[1], -exact
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    bare = QUOTED.sub(lambda match: " " * len(match[0]), section)
    if re.search(r"\[h+\]", section, re.IGNORECASE):
        hours = timedelta(days=float(exact)) / timedelta(hours=1)
        return f"{int(hours)}:{round(hours % 1 * 60):02}"
    digits = DIGITS.search(bare)
    if digits is None or "e+" in bare.lower() or "/" in bare:
        text = _plain_section(section) if digits is None and section.lower() not in {"general", "@", ""} else ""
        return text or _general(exact)
    before, after = section[: digits.start()], section[digits.end() :]
    return _literal(before) + _digits(exact, digits[0], "%" in bare) + _literal(after)


def _sections(number_format: str) -> list[str]:
    sections, quoted, begin = [], False, 0
    for place, letter in enumerate(number_format):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted:
            sections.append(number_format[begin:place])
            begin = place + 1
    return [*sections, number_format[begin:]]


def _plain_section(section: str) -> str:
    """A section of literals only, such as `"-"`."""
    return _literal(section) if re.fullmatch(r'(?:"[^"]*"|\\.|_.|\*.|[-\s()])*', section) else ""


def _literal(text: str) -> str:
    """The fixed words around the digits: quotes and escapes resolved, paddings and colours left out."""
    text = re.sub(r'"([^"]*)"', r"\1", text)
    text = re.sub(r"\[\$([^\]-]*)[^\]]*\]", r"\1", text)
    text = re.sub(r"\[[^\]]*\]|_.|\*.", "", text)
    return re.sub(r"\\(.)", r"\1", text).replace("General", "")


def _digits(value: Decimal, code: str, percent: bool) -> str:
    """`value` by a code like `#,##0.0#`."""
    if percent:
        value = value * 100
    whole_code, _, decimals = code.partition(".")
    trailing = len(whole_code) - len(whole_code.rstrip(","))
    value = value.scaleb(-3 * trailing)
    grouped = "," in whole_code.rstrip(",")
    places = sum(mark in "0#?" for mark in decimals)
    least = decimals.rstrip("#?,").count("0") if decimals else 0
    if abs(value) >= Decimal(10) ** 40:
        return _general(value)
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = "-" if rounded < 0 else ""
    whole, _, rest = f"{abs(rounded):f}".partition(".")
    while len(rest) > least and rest.endswith("0"):
        rest = rest[:-1]
    whole = whole.zfill(whole_code.count("0")) if whole != "0" or "0" in whole_code else ""
    if grouped:
        whole = f"{int(whole or 0):,}".replace(",", ".").rjust(len(whole))
    return sign + (whole or ("0" if not rest else "")) + (f",{rest}" if rest else "")


def _general(value: Decimal) -> str:
    """As Excel's General: up to eleven significant digits, no grouping."""
    if value == value.to_integral_value() and abs(value) < 10**15:
        return f"{value:.0f}" if value else "0"
    text = f"{float(value):.11g}"
    if "e" not in text:
        return text.replace(".", ",")
    return text.replace(".", ",").replace("e", "E")
