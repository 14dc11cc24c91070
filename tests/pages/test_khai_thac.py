"""The page of free selections: what is chosen is shown, restored by its link, and leaves in files with its citation."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl

import openpyxl
import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from dashboard import extracts, filters
from dashboard.app import FOLDER
from dashboard.extracts import Choice
from dashboard.text import t
from etl.settings import Settings
from sql import queries, warehouse
from tests.pages import province

COMMUNES = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    live = tmp_path_factory.mktemp("explored")
    province.fill(province.settings_at(live), COMMUNES)
    return live


@pytest.fixture
def live(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIENDOSO_LIVE", str(folder))
    return folder


def open_page(**parameters: str) -> AppTest:
    app = AppTest.from_string("from dashboard.app import main\nmain()", default_timeout=60).run()
    app.switch_page(str(FOLDER / "pages" / "khai_thac.py"))
    for name, value in parameters.items():
        app.query_params[name.replace("_", "-")] = value
    app.run()
    assert not app.exception
    return app


def table(app: AppTest) -> pl.DataFrame:
    return pl.DataFrame({name: list(values) for name, values in app.dataframe[0].value.items()})


def words_of(app: AppTest) -> str:
    return "\n".join(str(element.value) for kind in ("markdown", "caption", "info") for element in app.get(kind))


def scope_of(live: Path) -> queries.Scope:
    current = warehouse.current(Settings(live=live).warehouse)
    assert current is not None
    return queries.Scope.all(current)


def view_of(live: Path) -> filters.View:
    return filters.read(Settings(live=live), scope_of(live), filters.Selection(province="38"))


def test_it_opens_on_what_the_other_pages_look_at(live: Path) -> None:
    shown = table(open_page(chi_tieu="DVC02", loai="commune", quy="2026-Q1"))
    assert set(shown["Quý"]) == {"Quý I/2026"}
    assert {words[:5] for words in shown["Chỉ tiêu"]} == {"DVC02"}
    assert len(shown) == 166


def test_figures_are_those_of_the_mart(live: Path) -> None:
    shown = table(
        open_page(cac_chi_tieu="VB01,DVC02", cac_quy="2026-Q2", cac_loai="commune", so_do="value,status", xep="rank")
    )
    mart = queries.progress(scope_of(live), province="38", unit_group="commune", period="2026-Q2")
    valued = mart.filter(pl.col("indicator").is_in(["VB01", "DVC02"]), pl.col("value").is_not_null())
    expected = sorted(f"{value:.1f}".replace(".", ",") for value in valued["value"])
    assert sorted(words.strip("\u2007") for words in shown["Giá trị (%)"] if words) == expected
    assert any("Chưa báo cáo" in words for [words] in shown["Trạng thái"])


def test_an_abolished_commune_leads_to_its_successor(live: Path) -> None:
    app = open_page()
    app.text_input(key="explore-find-units").input("HOẰNG XUÂN").run()
    assert not app.exception
    pills = next(group for group in app.get("button_group") if group.key == "pick-cac-don-vi")
    assert [option.content for option in pills.proto.options] == ["Xã Hoằng Giang ← Xã Hoằng Xuân"]


@pytest.mark.parametrize("sought", ["dinh hoa", "ĐỊNH HÒA", "Định Hoà", "xã định hòa", "dinh  hoa"])
def test_a_unit_is_found_however_its_name_is_typed(sought: str, live: Path) -> None:
    app = open_page()
    app.text_input(key="explore-find-units").input(sought).run()
    assert not app.exception
    pills = next(group for group in app.get("button_group") if group.key == "pick-cac-don-vi")
    assert pills.proto.options[0].content == "Xã Định Hòa"


def test_units_named_one_by_one_need_no_group(live: Path) -> None:
    shown = table(open_page(cac_don_vi="38.TC,15865", cac_loai="commune", cac_chi_tieu="VB01", cac_quy="tat-ca"))
    assert set(shown["Đơn vị"]) == {"Xã Hoằng Hóa", "Sở Tài chính"}


@pytest.mark.parametrize("layout", extracts.LAYOUTS)
def test_long_tables_are_turned_page_by_page(live: Path, layout: str) -> None:
    chosen = {"bang": layout, "cac_chi_tieu": "tat-ca", "cac_loai": "tat-ca", "cac_quy": "tat-ca"}
    first, second = open_page(**chosen), open_page(**chosen, trang="2")
    assert len(table(first)) == len(table(second)) in (60, 200)
    assert not table(first).equals(table(second))
    assert table(open_page(**chosen, trang="99999")).equals(table(first))


def test_the_link_restores_the_whole_choice(live: Path) -> None:
    app = open_page(cac_chi_tieu="VB01", cac_quy="2026-Q1,2026-Q2", tuyen="ubnd", bang="period", so_do="value,rank")
    link = re.search(r"\]\(([^)]*khai_thac[^)]*|\?[^)]*)\) · ", words_of(app))
    assert link
    again = open_page(**{name.replace("-", "_"): value for name, value in parse_qsl(link[1].partition("?")[2])})
    assert table(again).equals(table(app))


def test_nothing_to_show_is_said_in_words(live: Path) -> None:
    assert "Không có số liệu cho lựa chọn này" in words_of(open_page(cac_loai="party", cac_chi_tieu="XH01"))


def test_english_is_complete(live: Path) -> None:
    app = open_page(lang="en", bang="long", cac_chi_tieu="tat-ca")
    assert list(table(app).columns)[:3] == ["Unit", "Indicator", "Quarter"]
    assert "Source: Reports of the units" in words_of(app).replace("\\", "")


CHOICE = Choice(indicators=("VB01", "DVC02"), unit_groups=("commune",), periods=("2026-Q1", "2026-Q2"))
LINK = "http://127.0.0.1:8501/khai_thac?tinh=38"


def test_a_workbook_holds_the_table_the_cells_behind_it_and_the_meaning(live: Path) -> None:
    view = view_of(live)
    book = openpyxl.load_workbook(io.BytesIO(extracts.workbook(view, CHOICE, LINK, behind=True)))
    assert book.sheetnames == ["Số liệu", "Ô nguồn", "Chỉ tiêu"]
    above = [str(row[0]) for row in book["Số liệu"].iter_rows(max_row=5, max_col=1, values_only=True)]
    assert any(view.scope.warehouse.stem in line for line in above)
    assert any("Dữ liệu minh họa" in line for line in above)
    assert LINK in above
    rows = extracts.ask(view, CHOICE)
    held = list(book["Số liệu"].iter_rows(min_row=7, values_only=True))
    headings = [str(cell.value) for cell in book["Số liệu"][6]]
    place = headings.index("Giá trị (%)")
    assert [row[place] for row in held] == [value and pytest.approx(value) for value in rows["value"]]
    behind = extracts.sources(view, CHOICE)
    assert book["Ô nguồn"].max_row - 6 == behind.height > 0
    assert {"VB01", "DVC02"} == {row[0] for row in book["Chỉ tiêu"].iter_rows(min_row=7, max_col=1, values_only=True)}


def test_every_figure_has_its_cells_behind_it(live: Path) -> None:
    view = view_of(live)
    figures = extracts.ask(view, CHOICE).filter(pl.col("submission") != "")
    cells = set(extracts.sources(view, CHOICE).select("submission", "sheet", "cell", "shown").iter_rows())
    assert set(figures.select("submission", "sheet", "cell", "shown").iter_rows()) <= cells


@pytest.mark.parametrize("layout", extracts.LAYOUTS)
def test_csv_and_parquet_hold_every_line_and_their_citation(live: Path, layout: extracts.Layout) -> None:
    view = view_of(live)
    choice = Choice(CHOICE.indicators, (), CHOICE.unit_groups, (), CHOICE.periods, (), layout)
    lines = extracts.ask(view, choice)["line"].max()
    citation = extracts.about(view, choice, LINK).citation
    parquet = extracts.flat_file(view, choice, LINK, "parquet", behind=False)
    assert pl.read_parquet(io.BytesIO(parquet)).height == lines
    assert pl.read_parquet_metadata(io.BytesIO(parquet))["citation"] == citation
    written = extracts.flat_file(view, choice, LINK, "csv", behind=False).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written), delimiter=";"))
    assert len(rows) == lines + 1
    assert rows[0][-1] == f"{citation} · {LINK}"
    assert {row[-1] for row in rows[1:]} == {""}


# ---------------------------------------------------------------- the file is the table on the screen


def chosen_at_random(chance: random.Random, view: filters.View) -> Choice:
    figures = queries.progress(view.scope, province="38").filter(pl.col("value").is_not_null())
    reported = figures["indicator"].unique(maintain_order=True).to_list()
    return Choice(
        indicators=tuple(chance.sample(reported, chance.randrange(1, 4))),
        unit_groups=tuple(chance.sample(["commune", "department"], chance.randrange(1, 3))),
        periods=tuple(chance.sample(["2025-Q4", "2026-Q1", "2026-Q2"], chance.randrange(1, 3))),
        measures=tuple(chance.sample(extracts.MEASURES, chance.randrange(0, 5))),
        layout=chance.choice(extracts.LAYOUTS),
        order=chance.choice(extracts.ORDERS),
    )


def number_in(words: str) -> tuple[float | None, float]:
    """The number people read in a cell, and by how much it may be rounded; of `3/12` the first, of no number None."""
    found = re.search(r"[-−]?\d[\d.]*(,\d+)?", words)
    if found is None:
        return None, 0
    digits = len(found[1] or ",") - 1
    return float(found[0].replace("−", "-").replace(".", "").replace(",", ".")), 0.5 * 10**-digits + 1e-9


def test_a_file_holds_the_rows_order_and_sums_of_the_table_shown(live: Path) -> None:
    view, chance, compared = view_of(live), random.Random(57), 0
    for _ in range(50):
        choice = chosen_at_random(chance, view)
        rows = extracts.ask(view, choice)
        if rows.is_empty():
            continue
        shown = {title: words for title, words in extracts.in_words(rows, choice).columns.items() if words}
        book = CalamineWorkbook.from_filelike(io.BytesIO(extracts.workbook(view, choice, LINK, behind=False)))
        lines = book.get_sheet_by_name("Số liệu").to_python()
        top = next(place for place, line in enumerate(lines) if line[0] == "Mã đơn vị")
        header, *lines = [[None if cell == "" else cell for cell in line] for line in lines[top:]]
        held = dict(zip(map(str, header), zip(*lines, strict=True), strict=True))
        measures = [title for title in shown if any(t(key) in title for key in choice.shown) or choice.layout != "long"]
        for title in [title for title in shown if title in held]:
            cells = held[title]
            assert len(cells) == len(shown[title])
            if not any(isinstance(cell, int | float) for cell in cells):
                words = [f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell or "" for cell in cells]
                if any(words):
                    assert words == shown[title]
                else:
                    assert not any(number_in(word)[0] for word in shown[title])
                continue
            assert title in measures
            read = [number_in(word) for word in shown[title]]
            assert [cell is None for cell in cells] == [value is None for value, _ in read]
            sums = [0.0, 0.0, 0.0]
            for (value, rounding), cell in zip(read, cells, strict=True):
                if value is not None:
                    assert abs(value - cell) <= rounding
                    sums = [sums[0] + value, sums[1] + cell, sums[2] + rounding]
            assert abs(sums[0] - sums[1]) <= sums[2]
            compared += 1
        assert list(held["Đơn vị"]) == shown["Đơn vị"]
    assert compared > 100  # columns of numbers
