"""Numbers, dates and words as people read them, in both languages."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from dashboard import text


@pytest.fixture(autouse=True)
def _vietnamese() -> Iterator[None]:
    text.use("vi")
    yield
    text.use("vi")


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234567.0, None, "1.234.567", "1,234,567"),
        (614.025, None, "614,025", "614.025"),
        (3.703704, 1, "3,7", "3.7"),
        (-0.04, 1, "0,0", "0.0"),
        (-12.0, 0, "−12", "−12"),
        (0.0, None, "0", "0"),
        (None, 1, "", ""),
        (float("nan"), 1, "", ""),
    ],
)
def test_numbers(value: float | None, decimals: int | None, vi: str, en: str) -> None:
    assert text.number(value, decimals) == vi
    text.use("en")
    assert text.number(value, decimals) == en


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [(3.0, 81.0, "3/81"), (0.0, 0.0, "0/0"), (1013.0, None, "1.013/?"), (None, None, "")],
)
def test_fractions(numerator: float | None, denominator: float | None, words: str) -> None:
    assert text.fraction(numerator, denominator) == words


@pytest.mark.parametrize(
    ("qualifier", "words"), [("", "90"), ("gt", "> 90"), ("ge", "≥ 90"), ("approx", "≈ 90"), ("range", "90–95")]
)
def test_bounds(qualifier: str, words: str) -> None:
    assert text.qualified(90, qualifier, 95, 0).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(2.14, "%", "▲ 2,1 điểm %"), (-3.0, "km", "▼ 3,0 km"), (0.01, "%", "= 0 điểm %"), (None, "%", "")],
)
def test_changes(value: float | None, unit: str, words: str) -> None:
    assert text.change(value, unit).replace("\u00a0", " ") == words


def test_times_are_those_of_clocks_in_viet_nam() -> None:
    assert text.moment(datetime(2026, 4, 12, 18, 5)) == "13/04/2026 01:05"  # noqa: DTZ001, as the warehouse gives it
    assert text.moment(datetime(2026, 4, 12, 9, 5, tzinfo=UTC)) == "12/04/2026 16:05"
    assert text.day(date(2026, 3, 7)) == "07/03/2026"


def test_every_word_stands_in_both_languages_with_the_same_holes() -> None:
    def holes(words: str) -> set[str | None]:
        return {hole for _, hole, _, _ in string.Formatter().parse(words)} - {None}

    for key, (vi, en) in text.WORDS.items():
        assert vi.strip(), key
        assert en.strip(), key
        assert holes(vi) == holes(en), key
