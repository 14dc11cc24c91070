"""The URL and the Selection: one is the other, and what is unknown falls back with a word about it."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import PARAMETERS, Selection, Unknown, find_units, from_parameters, settle, to_parameters

CODES = st.text(max_size=20)
SELECTIONS = st.builds(Selection, **{field.name: CODES for field in fields(Selection)})


@given(SELECTIONS)
def test_a_selection_comes_back_from_its_url(selection: Selection) -> None:
    assert from_parameters(to_parameters(selection)) == selection


@given(SELECTIONS)
def test_the_url_says_nothing_of_what_is_not_chosen(selection: Selection) -> None:
    assert all(value for value in to_parameters(selection).values())


def test_names_in_the_url_are_those_of_links_already_out_there() -> None:
    parameters = {
        "tinh": "38",
        "loai": "commune",
        "don-vi": "14758",
        "quy": "2026-Q2",
        "chi-tieu": "VB01",
        "lang": "en",
        "thoi-diem": "2026-03-19",
    }
    assert to_parameters(Selection("38", "commune", "14758", "2026-Q2", "VB01", "en", "2026-03-19")) == parameters
    assert set(PARAMETERS.values()) == set(parameters)


def test_parameters_of_others_are_left_alone() -> None:
    assert from_parameters({"quy": "2026-Q1", "utm_source": "zalo"}) == Selection(period="2026-Q1")


QUARTERS = {"2026-Q2": "Quý II/2026", "2026-Q1": "Quý I/2026"}


@pytest.mark.parametrize(
    ("wished", "default", "settled", "unknown"),
    [
        ("2026-Q1", "2026-Q2", "2026-Q1", None),
        ("", "2026-Q1", "2026-Q1", None),
        ("", "", "2026-Q2", None),
        ("2019-Q1", "2026-Q1", "2026-Q1", Unknown("period", "2019-Q1", "Quý I/2026")),
        ("2019-Q1", "", "2026-Q2", Unknown("period", "2019-Q1", "Quý II/2026")),
        ("<script>", "", "2026-Q2", Unknown("period", "<script>", "Quý II/2026")),
    ],
)
def test_a_wish_is_met_or_falls_back(wished: str, default: str, settled: str, unknown: Unknown | None) -> None:
    assert settle("period", wished, QUARTERS, default) == (settled, unknown)


def test_nothing_to_choose_from_is_no_fault() -> None:
    assert settle("period", "", {}, "") == ("", None)
    assert settle("period", "2026-Q1", {}, "2026-Q1") == ("", Unknown("period", "2026-Q1", "không có"))


UNITS = {"a": "Phường Hạc Thành", "b": "Xã Hóa Quỳ", "c": "Phường Đông Tiến", "d": "Xã Đồng Tiến"}


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("hac thanh", "a"),
        ("HẠC", "a"),
        ("hoá quỳ", "b"),
        ("hóa quỳ", "b"),
        ("dong tien", "cd"),
        ("tiến  xã", "d"),
        ("không có ở đây", ""),
        ("", "abcd"),
    ],
)
def test_units_are_found_without_marks(sought: str, found: str) -> None:
    assert "".join(find_units(UNITS, sought)) == found
