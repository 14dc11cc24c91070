"""A whole page as one workbook: every table of the page, with the numbers of the marts and where they are from."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator

import openpyxl
import polars as pl
import pyarrow as pa
import pytest

from dashboard.app import PAGES
from etl.build import build
from sql import queries, warehouse
from sql.queries import Scope
from tests import wall_site
from tests.streamlit_client import Answer, Viewer
from tests.wall_site import WallSite

HOME = "38"
WITHOUT = {"trinh_chieu", "nop_bao_cao", "van_hanh"}
MEETING = "2026-03-19"
SHOWN = {"quy": "2026-Q2", "chi-tieu": "VB01", "loai": "commune", "tu": MEETING}
PART_OF = {
    "chat_luong": "Đơn vị",
    "thay_doi": "Trạng thái",
}  # pages with a table of one line, or a part, for each of these
ABOVE = 8  # rows above a table, at most


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("live"))
    known_at = next(found.known_at for found in site.reference().meetings if found.meeting == MEETING)
    build(site.settings, site.reference(), known_until=known_at)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def viewer(site: WallSite) -> Iterator[Viewer]:
    with Viewer(site.url) as viewer:
        yield viewer


@pytest.fixture(scope="module")
def scope(site: WallSite) -> Scope:
    path = warehouse.current(site.settings.warehouse)
    assert path is not None
    return Scope.all(path)


def workbook_of(viewer: Viewer, answer: Answer) -> openpyxl.Workbook:
    made = viewer.deferred(answer.deferred[0])  # the first button of a page, in its head
    assert made.status_code == 200
    assert made.headers["content-disposition"].isascii()
    assert '.xlsx"' in made.headers["content-disposition"]
    return openpyxl.load_workbook(io.BytesIO(made.content))


def table_of(book: openpyxl.Workbook, name: str) -> pl.DataFrame:
    """The table on a sheet, below what is told above it; its header is the row that stays in sight."""
    top = int("".join(filter(str.isdigit, book[name].freeze_panes))) - 1
    header, *rows = list(book[name].iter_rows(min_row=top, values_only=True))
    return pl.DataFrame(rows, schema=[str(title) for title in header], orient="row", infer_schema_length=None)


def heights(answer: Answer) -> list[int]:
    """How many rows each table of the page has."""
    tables = [element for element in answer.elements if element.DESCRIPTOR.name == "Dataframe"]
    return [pa.ipc.open_stream(table.arrow_data.data).read_all().num_rows for table in tables]


@pytest.mark.parametrize("path", [page.url_path for page in PAGES if page.url_path not in WITHOUT])
def test_every_table_of_a_page_is_a_sheet_that_says_where_it_is_from(
    path: str, site: WallSite, viewer: Viewer, scope: Scope
) -> None:
    answer = viewer.open("" if path == "tong_quan" else path, SHOWN)
    assert answer.exceptions == []
    book = workbook_of(viewer, answer)
    tables = [table_of(book, sheet.title) for sheet in book]
    held = {table.height for table in tables}
    for column in {PART_OF[path]} if path in PART_OF else ():
        own = [table[column] for table in tables if column in table.columns]
        held |= {values.n_unique() for values in own} | {
            count for values in own for count in values.value_counts()["count"]
        }
    if path != "khai_thac":  # a page of it has fewer rows than the table
        assert [rows for rows in heights(answer) if rows not in held and rows > 0] == []
    for sheet in book:
        above = [str(row[0]) for row in sheet.iter_rows(max_row=ABOVE, max_col=1, values_only=True)]
        assert above[0] == answer_title(answer)
        assert any("Nguồn: Báo cáo của các đơn vị" in line and scope.warehouse.stem in line for line in above)
        assert any(line.startswith(f"{site.url}/") and "quy=2026-Q2" in line for line in above)
        assert any("Dữ liệu minh họa" in line for line in above)
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows
        assert sheet.freeze_panes


def answer_title(answer: Answer) -> str:
    return next(str(one.body) for one in answer.elements if one.DESCRIPTOR.name == "Heading" and one.tag == "h1")


def test_the_figures_of_the_overview_are_those_of_the_mart_behind_it(viewer: Viewer, scope: Scope) -> None:
    book = workbook_of(viewer, viewer.open("", SHOWN))
    asked = {"province": HOME, "unit_group": "commune", "indicator": "VB01"}
    rows = queries.progress(scope, **asked, period="2026-Q2").sort("rank", "sort_key", nulls_last=True)
    units = table_of(book, "Các đơn vị")
    for heading, column in {"Mã đơn vị": "org_unit", "Đơn vị": "org_unit_name", "Xếp hạng": "rank"}.items():
        assert units[heading].to_list() == rows[column].to_list()
    assert units["Giá trị"].to_list() == [value and pytest.approx(value) for value in rows["value"]]
    assert units["Số thực hiện"].sum() == rows["numerator"].sum()
    assert units["Trạng thái"].n_unique() > 1
    coloured = {
        cell.value for row in book["Các đơn vị"].iter_rows() for cell in row if cell.fill.fgColor.rgb == "FF12436D"
    }
    assert coloured == {"● Đạt"}
    assert table_of(book, "Các đơn vị theo quý").height == queries.progress(scope, **asked).height
    cells = queries.explore_sources(
        scope, province=HOME, indicators=("VB01",), unit_groups=("commune",), periods=("2026-Q2",)
    )
    assert table_of(book, "Ô nguồn")["Mã phiếu"].to_list() == cells["submission"].to_list()


def test_a_receipt_and_what_it_read_is_a_workbook_in_english_too(viewer: Viewer, scope: Scope) -> None:
    taken = queries.submissions(scope, outcome="accepted", form="bm01_indicators")["submission"][0]
    book = workbook_of(viewer, viewer.open("bao_cao", {"phieu": taken, "lang": "en"}))
    read = queries.submission_observations(scope, submission=taken)
    table = table_of(book, "Figures read")
    assert table["Cell"].to_list() == read["cell"].to_list()
    assert table["Numerator"].to_list() == read["numerator"].to_list()
    assert table["Name of the indicator"].to_list() == read["indicator_name_en"].to_list()


def test_files_made_at_once_do_not_keep_pages_waiting(site: WallSite) -> None:
    viewers = [Viewer(site.url) for _ in range(5)]
    made: list[int] = []
    for viewer in viewers:
        viewer.__enter__()
    keys = [viewer.open("chat_luong", SHOWN).deferred[0] for viewer in viewers]
    fetching = [
        threading.Thread(target=lambda viewer=viewer, key=key: made.append(viewer.deferred(key).status_code))
        for viewer, key in zip(viewers[1:], keys[1:], strict=True)
    ]
    for thread in fetching:
        thread.start()
    assert viewers[0].open("nhiem_vu", SHOWN).exceptions == []
    for thread in fetching:
        thread.join()
    assert made == [200] * 4
    for viewer in viewers:
        viewer.__exit__(None, None, None)
