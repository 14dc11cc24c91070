"""Lists of units follow the Vietnamese alphabet, as it is written down here."""

from __future__ import annotations

import unicodedata
from itertools import groupby, pairwise
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import panels
from dashboard.app import FOLDER
from etl.settings import Settings
from sql import queries, warehouse
from tests.pages import province

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = {"\N{COMBINING GRAVE ACCENT}", "\N{COMBINING HOOK ABOVE}", "\N{COMBINING TILDE}", "\N{COMBINING ACUTE ACCENT}"}
TONES |= {"\N{COMBINING DOT BELOW}"}
KINDS = ("Xã ", "Phường ")


def own_name(name: str) -> str:
    return next((name.removeprefix(kind) for kind in KINDS if name.startswith(kind)), name)


def letters(name: str) -> list[int]:
    """The place of each letter in the alphabet, whatever its tone; what parts words stands before every letter."""
    toneless = "".join(each for each in unicodedata.normalize("NFD", own_name(name).lower()) if each not in TONES)
    return [ALPHABET.find(each) for each in unicodedata.normalize("NFC", toneless)]


def out_of_order(names: list[str]) -> list[tuple[str, str]]:
    return [(before, after) for before, after in pairwise(names) if letters(before) > letters(after)]


def assert_wards_first(names: list[str]) -> None:
    """All wards, then all communes, each by the alphabet."""
    kinds = [(kind, list(each)) for kind, each in groupby(names, key=lambda name: name.split()[0])]
    assert [kind for kind, _ in kinds] == ["Phường", "Xã"]
    assert not [pair for _, each in kinds for pair in out_of_order(each)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    live = tmp_path_factory.mktemp("alphabet")
    province.fill(province.settings_at(live), 12)
    return live


@pytest.fixture
def live(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIENDOSO_LIVE", str(folder))
    return folder


def scope_of(live: Path) -> queries.Scope:
    current = warehouse.current(Settings(live=live).warehouse)
    assert current is not None
    return queries.Scope.all(current)


def open_page(name: str, **parameters: str) -> AppTest:
    app = AppTest.from_string("from dashboard.app import main\nmain()", default_timeout=60).run()
    app.switch_page(str(FOLDER / "pages" / f"{name}.py"))
    for key, value in parameters.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def test_the_alphabet_of_this_test_knows_its_letters() -> None:
    names = [
        "Xã An Nông",
        "Phường Ăn",
        "Xã Ân",
        "Xã Bá Thước",
        "Xã Diên",
        "Phường Đào Duy Từ",
        "Xã Êm",
        "Xã Ô",
        "Xã Ở",
        "Xã Ơn",
    ]
    assert not out_of_order([*names, "Xã Ơn Quan", "Xã Ủ", "Phường Ưng"])
    assert out_of_order(["Phường Đào Duy Từ", "Xã Diên"])


@pytest.mark.parametrize("page", ["don_vi", "nop_bao_cao"])
def test_units_to_pick_from(live: Path, page: str) -> None:
    app = open_page(page, loai="commune")
    options = next(list(box.options) for box in app.selectbox if any(name.startswith("Xã ") for name in box.options))
    communes = [name for name in options if name.startswith(KINDS)]
    assert len(communes) == 166
    if page == "nop_bao_cao":
        assert_wards_first(communes)
    else:
        assert not out_of_order(communes)
    departments = [name for name in options if name.startswith("Sở ")]
    assert len(departments) > 5
    assert not out_of_order(departments)


def test_the_table_of_free_selections(live: Path) -> None:
    shown = open_page("khai_thac", loai="commune").dataframe[0].value
    assert_wards_first(list(shown["Đơn vị"]))


def test_tables_behind_pictures(live: Path) -> None:
    rows = queries.progress(scope_of(live), province="38", unit_group="commune").filter(indicator="VB01")
    names = next(
        iter(panels.quarter_lines(rows.sample(fraction=1, shuffle=True, seed=7), ["2026-Q2"]).columns.values())
    )
    assert len(names) == 166
    assert not out_of_order([str(name) for name in names])


def test_exports(live: Path) -> None:
    rows = queries.export_progress(scope_of(live), indicator="VB01", period="2026-Q2")
    communes = rows.filter(pl.col("org_unit_name").str.contains("^(Xã|Phường) "))["org_unit_name"].to_list()
    assert len(communes) == 166
    assert not out_of_order(communes)
