"""Every page without a warehouse, with an empty one and with a filled one; filters, links, sources, languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app import FOLDER, PAGES
from dashboard.tables import PICKED
from dashboard.text import WORDS
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings
from sql import queries, warehouse
from tests.pages import province

SECONDS = 60
COMMUNES = 12


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    live = tmp_path_factory.mktemp("filled")
    province.fill(province.settings_at(live), COMMUNES)
    return live


@pytest.fixture(scope="session")
def unfilled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    live = tmp_path_factory.mktemp("unfilled")
    province.fill_empty(province.settings_at(live))
    return live


@pytest.fixture(params=["no warehouse", "empty warehouse", "filled warehouse"])
def live(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fixtures = {"empty warehouse": "unfilled", "filled warehouse": "filled"}
    name = fixtures.get(request.param)
    folder: Path = request.getfixturevalue(name) if name else tmp_path
    monkeypatch.setenv("TIENDOSO_LIVE", str(folder))
    return folder


@pytest.fixture
def full(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIENDOSO_LIVE", str(filled))
    return filled


def open_page(path: str = "", **parameters: str) -> AppTest:
    """A page run once, with its query parameters (`_` for `-` in their names)."""
    # A script of its own, because Streamlit's tester takes a folder `pages` beside the script for its old navigation.
    app = AppTest.from_string("from dashboard.app import main\nmain()", default_timeout=SECONDS)
    for name, value in parameters.items():
        app.query_params[name.replace("_", "-")] = value
    if path:
        app.run()
        app.switch_page(str(FOLDER / path))
        for name, value in parameters.items():
            app.query_params[name.replace("_", "-")] = value
    return app.run()


def words_of(app: AppTest) -> str:
    """Everything a page says outside its charts and tables."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "text")
    said = [str(element.value) for kind in kinds for element in app.get(kind)]
    return "\n".join([*said, *(re.sub(r"<[^>]+>", " ", element.proto.body) for element in app.get("html"))])


def parameter(app: AppTest, name: str) -> str:
    """A query parameter after the run; what the test set is a list, what a page set is a string."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def figures(app: AppTest) -> list[Any]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def scope_of(folder: Path) -> queries.Scope:
    current = warehouse.current(Settings(live=folder).warehouse)
    assert current is not None
    return queries.Scope.all(current)


PATHS = [page.path for page in PAGES]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens(path: str, live: Path) -> None:
    app = open_page(path)
    assert not app.exception
    title = next(page.title_vi for page in PAGES if page.path == path)
    if (live / "warehouse").exists():
        assert [element.value for element in app.title] == [title] or words_of(app).count(WORDS["no_data"][0])
    else:
        assert WORDS["no_warehouse"][0] in words_of(app)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_in_english(path: str, full: Path) -> None:
    app = open_page(path, lang="en")
    assert not app.exception
    assert [element.value for element in app.title] == [next(page.title_en for page in PAGES if page.path == path)]
    assert "Chỉ tiêu giao" not in words_of(app)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_that_its_figures_are_made_up(path: str, full: Path) -> None:
    assert "Dữ liệu minh họa" in words_of(open_page(path))


def test_real_figures_are_not_called_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    province.fill(province.settings_at(tmp_path), 2, channel="inbox")
    monkeypatch.setenv("TIENDOSO_LIVE", str(tmp_path))
    app = open_page()
    assert not app.exception
    assert "Dữ liệu minh họa" not in words_of(app)


@pytest.mark.parametrize("path", PATHS)
def test_unknown_parameters_survive_and_unknown_values_fall_back_calmly(path: str, full: Path) -> None:
    app = open_page(
        path, khac="7", quy="2019-Q1", loai="khong-co", chi_tieu="<b>x</b>", don_vi="99", tinh="77", lang="xx"
    )
    assert not app.exception
    assert parameter(app, "khac") == "7"
    assert "77" in words_of(app)
    assert "đang xem" in words_of(app)


def test_links_to_the_other_pages_carry_the_filters_but_no_open_receipt(full: Path) -> None:
    app = open_page("pages/bao_cao.py", quy="2026-Q1", khac="7", phieu="none")
    assert not app.exception
    links = app.sidebar.get("page_link")
    assert [link.proto.page.rpartition("/")[2] for link in links] == ["", *(page.url_path for page in PAGES[1:])]
    for link in links:
        assert "quy=2026-Q1" in link.proto.query_string
        assert "khac=7" in link.proto.query_string
        assert "phieu" not in link.proto.query_string


def test_the_url_path_of_a_page_is_the_stem_of_its_file() -> None:
    assert [page.url_path for page in PAGES] == [Path(page.path).stem for page in PAGES]
    assert all((FOLDER / page.path).is_file() for page in PAGES)
    assert {path.stem for path in (FOLDER / "pages").glob("[!_]*.py")} == {page.url_path for page in PAGES}


# ---------------------------------------------------------------- overview


def test_the_overview_shows_every_commune_of_every_quarter(full: Path) -> None:
    heatmap = figures(open_page(loai="commune", chi_tieu="VB01", quy="2026-Q2"))[-1]
    shown = {(held[0], held[2]) for trace in heatmap["data"] for held in trace["customdata"]}
    rows = queries.progress(scope_of(full), province="38", unit_group="commune", indicator="VB01")
    assert shown == {key for key in rows.select("org_unit", "period").iter_rows() if key[1] != "2026-Q3"}


def test_the_overview_opens_on_the_last_full_quarter_of_the_largest_group(full: Path) -> None:
    app = open_page()
    assert app.selectbox(key="pick-quy").value == "2026-Q2"
    assert app.session_state["pick-loai"] == "commune"


def test_the_headline_is_the_roll_up_with_its_coverage(full: Path) -> None:
    words = words_of(open_page(loai="commune", chi_tieu="VB01", quy="2026-Q2"))
    row = queries.rollup(scope_of(full), province="38", unit_group="commune", indicator="VB01", period="2026-Q2").row(
        0, named=True
    )
    counted = f"{row['value']:.1f} % {row['numerator']:,.0f}/{row['denominator']:,.0f}"
    assert counted.translate(str.maketrans(",.", ".,")) in " ".join(words.split())
    assert f"Độ phủ {COMMUNES - 1}/166 đơn vị" in words


def test_the_headline_is_also_drawn_as_a_length_beside_its_target(full: Path) -> None:
    app = open_page(loai="commune", chi_tieu="VB03", quy="2026-Q2")
    row = queries.rollup(scope_of(full), province="38", unit_group="commune", indicator="VB03", period="2026-Q2").row(
        0, named=True
    )
    drawn = next(html.proto.body for html in app.get("html") if "aria-hidden" in html.proto.body)
    assert f"left:0.00%;width:{row['value']:.2f}%" in drawn
    assert f"left:{row['target']:.2f}%" in drawn


def test_the_overview_shows_first_and_last_and_on_a_wish_those_nearest_to_the_target(full: Path) -> None:
    rows = queries.progress(
        scope_of(full), province="38", unit_group="commune", indicator="VB03", period="2026-Q2"
    ).filter(pl.col("rank").is_not_null())
    wanted = {"loai": "commune", "chi_tieu": "VB03", "quy": "2026-Q2"}
    first, last = figures(open_page(**wanted))[:2]
    assert (first["data"][0]["x"][0], last["data"][0]["x"][-1]) == (rows["value"].max(), rows["value"].min())
    near = figures(open_page(**wanted, xep_hang="sat-chi-tieu"))[1]["data"][0]["x"]
    gaps = sorted(abs(value - 60) for value in rows["value"])
    assert sorted(abs(value - 60) for value in near) == pytest.approx(gaps[: len(near)])


def test_the_overview_beside_the_median_says_what_half_of_the_units_reach(full: Path) -> None:
    app = open_page(loai="commune", chi_tieu="VB01", quy="2026-Q2", so_voi="trung-vi")
    assert not app.exception
    assert any(words.value.startswith("Một nửa số đơn vị đạt từ") for words in app.subheader)
    words = " ".join(note["text"] for note in figures(app)[0]["layout"]["annotations"])
    assert "Trung vị" in words
    assert "Chỉ tiêu giao" not in words


def test_the_overview_names_who_has_not_reported(full: Path) -> None:
    reference = load_reference(full / "reference")
    silent = province.communes_of(reference, COMMUNES)[province.SILENT]
    words = words_of(open_page(loai="commune", quy="2026-Q2")).replace("\\", "")
    assert "báo cáo chưa nộp" in words
    assert reference.org_units[silent].short_name in words


# ---------------------------------------------------------------- slides

SLIDES = load_reference(REPOSITORY / "data" / "reference").slides


@pytest.mark.parametrize("slide", [slide.slide for slide in SLIDES])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_slide_has_its_link_one_finding_and_its_day(slide: str, language: str, full: Path) -> None:
    app = open_page("pages/trinh_chieu.py", trang=slide, quy="2026-Q2", chi_tieu="VB01", lang=language)
    assert not app.exception
    assert len(app.header) == 1
    place = [each.slide for each in SLIDES].index(slide) + 1
    said = words_of(app).replace("\\", "")
    assert f"{place}/{len(SLIDES)}" in said
    assert "/2026" in said
    assert len(figures(app)) <= 1


def test_buttons_move_the_slides_and_stop_at_either_end(full: Path) -> None:
    app = open_page("pages/trinh_chieu.py", trang=SLIDES[-2].slide)
    for _ in range(2):
        app.button(key="slide-next").click().run()
        assert parameter(app, "trang") == SLIDES[-1].slide
    app.button(key="slide-previous").click().run()
    assert parameter(app, "trang") == SLIDES[-2].slide


def test_a_page_opened_from_a_slide_leads_back_to_it(full: Path) -> None:
    app = open_page("pages/don_vi.py", trinh_chieu="dat-xa")
    assert not app.exception
    assert WORDS["slide.return"][0] in [button.label for button in app.button]
    assert WORDS["slide.return"][0] not in [button.label for button in open_page("pages/don_vi.py").button]


def test_a_filter_narrows_what_is_shown(full: Path) -> None:
    app = open_page(loai="commune", chi_tieu="VB01", quy="2026-Q2")
    app.selectbox(key="pick-chi-tieu").select("DVC02").run()
    assert not app.exception
    assert parameter(app, "chi-tieu") == "DVC02"
    assert {held[1] for trace in figures(app)[-1]["data"] for held in trace["customdata"]} == {"DVC02"}


# ---------------------------------------------------------------- indicators, units


def test_the_ranking_is_that_of_the_mart(full: Path) -> None:
    ranking = figures(open_page("pages/chi_tieu.py", loai="commune", chi_tieu="VB01", quy="2026-Q2"))[2]["data"][0]
    rows = queries.progress(
        scope_of(full), province="38", unit_group="commune", indicator="VB01", period="2026-Q2"
    ).filter(status="reported")
    assert ranking["x"] == rows.sort("rank", "sort_key")["value"].to_list()


def test_the_trend_of_departments_crosses_july_2025(full: Path) -> None:
    trend = figures(open_page("pages/chi_tieu.py", loai="department", chi_tieu="VB01"))[0]
    assert any("01/07/2025" in note["text"] for note in trend["layout"]["annotations"])


def test_answers_that_are_no_figure_are_told_apart(full: Path) -> None:
    commune = province.communes_of(load_reference(full / "reference"), 1)[0]
    app = open_page("pages/don_vi.py", don_vi=commune, quy="2026-Q2")
    assert not app.exception
    table = app.dataframe[0].value
    codes = [words.split(" ")[0] for words in table["Chỉ tiêu"]]
    status = dict(zip(codes, (words for [words] in table["Trạng thái"]), strict=True))
    assert status[province.EMPTY] == "▨ Chưa báo cáo"
    assert status[province.NOT_APPLICABLE] == "× Không thuộc phạm vi"
    assert status[province.NO_ACTIVITY] == "– Không phát sinh"
    values = dict(zip(codes, table["Giá trị"], strict=True))
    assert values[province.ZERO].strip("\u2007").replace("\u00a0", " ") == "0,0 %"
    assert values[province.EMPTY] == ""


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("dinh hoa", "Xã Định Hòa"),  # without marks
        ("ĐỊNH HÒA", "Xã Định Hòa"),  # in capitals
        ("Định Hoà", "Xã Định Hòa"),  # the mark where it stood before
        ("hoá quỳ", "Xã Hóa Quỳ"),
        ("Hoằng Xuân", "Xã Hoằng Giang ← Xã Hoằng Xuân"),  # a commune before the merger
        ("hoang xuan", "Xã Hoằng Giang ← Xã Hoằng Xuân"),
    ],
)
@pytest.mark.parametrize("path", ["pages/don_vi.py", "pages/nop_bao_cao.py"])
def test_a_unit_is_found_however_its_name_is_typed(path: str, sought: str, found: str, full: Path) -> None:
    app = open_page(path)
    app.text_input(key="pick-tim").input(sought).run()
    assert not app.exception
    assert found in app.selectbox(key="pick-don-vi").options


def test_a_unit_is_found_without_marks(full: Path) -> None:
    app = open_page("pages/don_vi.py")
    app.text_input(key="pick-tim").input("khoa hoc").run()
    assert not app.exception
    assert app.selectbox(key="pick-don-vi").options == ["Sở Khoa học và Công nghệ"]
    app.text_input(key="pick-tim").input("zzz").run()
    assert "zzz" in words_of(app)
    assert len(app.selectbox(key="pick-don-vi").options) > 100


# ---------------------------------------------------------------- tasks


def test_the_tasks_are_three_of_eighty_one(full: Path) -> None:
    words = " ".join(words_of(open_page("pages/nhiem_vu.py", quy="2026-Q2")).split())
    assert "3/81 3,7 %" in words
    assert "75/81 92,6 %" in words
    assert "trong đó 3 thường xuyên" in words


def test_a_lead_unit_narrows_the_tasks_and_overdue_ones_come_first(full: Path) -> None:
    app = open_page("pages/nhiem_vu.py")
    everything = app.dataframe[0].value
    assert len(everything) == province.TASKS
    late = [words.startswith("■") for [words] in everything["Trạng thái"]]
    assert late == sorted(late, reverse=True)
    app.selectbox(key="pick-chu-tri").select("38.TC").run()
    assert not app.exception
    assert parameter(app, "chu-tri") == "38.TC"
    assert 0 < len(app.dataframe[0].value) < province.TASKS


# ---------------------------------------------------------------- submitted reports and sources


def test_a_refused_file_of_nobody_is_on_the_list_and_its_receipt_says_why(full: Path) -> None:
    rows = queries.submissions(scope_of(full), outcome="rejected")
    app = open_page("pages/bao_cao.py", ket_qua="rejected")
    assert len(app.dataframe[0].value) == len(rows) == 1
    app = open_page("pages/bao_cao.py", phieu=rows["submission"][0])
    assert not app.exception
    assert any("không có đơn vị" in table.proto.body for table in app.get("html"))


def test_a_receipt_shows_each_row_beside_what_stood_in_its_cell(full: Path) -> None:
    submission = queries.submissions(scope_of(full), form="bm01_indicators", period="2026-Q2", outcome="accepted")[
        "submission"
    ][0]
    app = open_page("pages/bao_cao.py", phieu=submission)
    rows = queries.submission_observations(scope_of(full), submission=submission)
    assert app.dataframe[-1].value["Trong ô ghi"].to_list() == rows["shown"].to_list()
    assert app.dataframe[-1].value["Ô"].to_list() == rows["cell"].to_list()


def test_an_unknown_receipt_is_said_to_be_unknown(full: Path) -> None:
    app = open_page("pages/bao_cao.py", phieu="../../etc/passwd")
    assert not app.exception
    assert WORDS["report.no_receipt"][0] in words_of(app)


@pytest.mark.parametrize("indicator", ["VB01", "DVC12"])
def test_a_figure_opens_its_file_sheet_and_cell(indicator: str, full: Path) -> None:
    source = (
        queries.progress(scope_of(full), province="38", unit_group="commune", indicator=indicator, period="2026-Q2")
        .filter(status="reported")
        .row(0, named=True)
    )
    app = open_page()
    app.session_state[PICKED] = ("figure", source["org_unit"], indicator, "2026-Q2")
    app.run()
    assert not app.exception
    said = words_of(app)
    assert f"{source['sheet']}!{source['cell']}" in said
    assert f"Trong ô ghi: {source['shown']}" in said
    assert any(f"phieu={source['submission']}" in link.proto.query_string for link in app.get("page_link"))
    assert any(link.proto.url == f"/tep-goc/{source['submission']}" for link in app.get("link_button"))


@pytest.mark.parametrize(
    "picked",
    [
        ("figure", "", "VB01", "2026-Q2"),
        ("figure", "the silent one", "VB01", "2026-Q2"),
        ("figure", "38.KHCN", "VB01", "2026-Q2"),
        ("figure", "38.KHCN", "VB01", "2026-Q3"),
        ("figure", "nobody", "nothing", "2026-Q2"),
        ("task", "nothing", "", "2026-Q2"),
    ],
)
def test_the_drawer_opens_for_sums_gaps_and_nonsense(picked: tuple[str, ...], full: Path) -> None:
    silent = province.communes_of(load_reference(full / "reference"), COMMUNES)[province.SILENT]
    app = open_page()
    app.session_state[PICKED] = tuple(silent if part == "the silent one" else part for part in picked)
    app.run()
    assert not app.exception


def test_a_task_opens_its_report(full: Path) -> None:
    task = queries.tasks(scope_of(full), province="38", period="2026-Q2").row(0, named=True)
    app = open_page("pages/nhiem_vu.py", quy="2026-Q2")
    app.session_state[PICKED] = ("task", task["task_key"], "", "2026-Q2")
    app.run()
    assert not app.exception
    assert f"{task['sheet']}!{task['cell']}" in words_of(app)


def test_changing_the_language_keeps_everything_else(full: Path) -> None:
    app = open_page("pages/chi_tieu.py", loai="department", chi_tieu="VB03")
    app.sidebar.get("button_group")[0].set_value("en").run()
    assert not app.exception
    assert parameter(app, "lang") == "en"
    assert app.title[0].value == "Indicators"
    assert app.selectbox(key="pick-chi-tieu").value == "VB03"


# ---------------------------------------------------------------- charts without the eye

CHART_PAGES = ["", "pages/chi_tieu.py", "pages/don_vi.py", "pages/nhiem_vu.py"]


def test_every_chart_says_its_finding_and_has_its_table(full: Path) -> None:
    wanted = {"quy": "2026-Q2", "chi_tieu": "VB01"}
    pages = [(path, {**wanted, "loai": group}) for path in CHART_PAGES for group in ("commune", "department")]
    pages[5] = ("pages/don_vi.py", {**wanted, "don_vi": "38.KHCN"})
    pages += [("pages/trinh_chieu.py", {**wanted, "trang": slide.slide}) for slide in SLIDES]
    seen = 0
    without = tuple(WORDS[key][0] for key in ("finding.none_overdue", "finding.nothing"))
    for path, asked in pages:
        app = open_page(path, **asked)
        linked = re.findall(r"[?&;]bang=([\w-]+)", "".join(element.proto.body for element in app.get("html")))
        for chart in app.get("plotly_chart"):
            seen += 1
            assert re.sub(r"^\$\$ID-[0-9a-f]+-|-\d+$", "", chart.proto.id) in linked
            assert re.search(r"\d", chart.proto.alt) or chart.proto.alt.endswith(without)
    assert seen > 30


def test_the_table_of_a_chart_holds_its_figures_and_their_way_on(full: Path) -> None:
    app = open_page("pages/chi_tieu.py", loai="commune", chi_tieu="VB01", quy="2026-Q2", bang="ranked")
    table = app.get("html")[-1].proto.body
    rows = queries.progress(
        scope_of(full), province="38", unit_group="commune", indicator="VB01", period="2026-Q2"
    ).sort("rank", "sort_key", nulls_last=True)
    assert re.findall('<th scope="row"><a [^>]*>(.*?)</a>', table) == rows["org_unit_name"].to_list()
    assert [f"don-vi={unit}" in table for unit in rows["org_unit"]] == [True] * len(rows)
    assert f"nguon=figure~{rows['org_unit'][0]}~VB01~2026-Q2" in table.replace("%7E", "~")


def test_a_link_opens_the_source_of_a_figure(full: Path) -> None:
    app = open_page("pages/don_vi.py", nguon="figure~38.KHCN~VB01~2026-Q2", don_vi="38.KHCN", quy="2026-Q2")
    assert not app.exception
    source = queries.source(scope_of(full), indicator="VB01", org_unit="38.KHCN", period="2026-Q2")
    assert f"{source['sheet'][0]}!{source['cell'][0]}" in words_of(app)
    assert not open_page(nguon="figure~x<b>~y~z").exception
    assert not open_page("pages/nhiem_vu.py", nguon="task~none~~2026-Q2").exception
