"""Handing in, who has reported, data quality, past moments and changes: what the pages say against their questions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import matrix
from dashboard.app import FOLDER
from dashboard.text import WORDS
from etl import as_of
from etl.archive import Archive
from etl.build import build
from etl.reference import Reference, load_reference
from etl.settings import Settings
from sql import queries, warehouse
from tests.pages import province

MEETING = "2026-03-19"
COMMUNES = 4
SECONDS = 60


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reporting")
    province.fill(province.settings_at(folder), COMMUNES)
    return folder


@pytest.fixture(autouse=True)
def _filled(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_LIVE", str(live))


@pytest.fixture
def scope(live: Path) -> queries.Scope:
    path = warehouse.current(Settings(live=live).warehouse)
    assert path is not None
    return queries.Scope.all(path)


@pytest.fixture(scope="module")
def reference(live: Path) -> Reference:
    return load_reference(live / "reference")


def open_page(path: str, **parameters: str) -> AppTest:
    # A script of its own, because Streamlit's tester takes a folder `pages` beside the script for its old navigation.
    app = AppTest.from_string("from dashboard.app import main\nmain()", default_timeout=SECONDS).run()
    app.switch_page(str(FOLDER / path))
    for name, value in parameters.items():
        app.query_params[name.replace("_", "-")] = value
    app.run()
    assert not app.exception
    return app


def words_of(app: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "success", "error", "text", "code")
    said = "\n".join(str(element.value) for kind in kinds for element in app.get(kind))
    return said.replace("\\", "").replace("\u00a0", " ")


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


# ---------------------------------------------------------------- handing in


def test_the_form_of_a_unit_is_offered_with_its_due_day(reference: Reference) -> None:
    app = open_page("pages/nop_bao_cao.py", don_vi="38.KHCN", bieu="bm01_indicators", ky="2026-08")
    assert app.selectbox(key="pick-don-vi").value == "38.KHCN"
    assert app.selectbox(key="pick-ky").value == "2026-08"
    assert "hạn nộp 18/08/2026" in words_of(app)
    assert [button.proto.label for button in app.get("download_button")] == ["Tải biểu mẫu (.xlsx)"]


def test_a_unit_that_need_not_send_a_form_may(reference: Reference) -> None:
    app = open_page("pages/nop_bao_cao.py", don_vi="38.KHCN", bieu="bm03_by_unit")
    assert WORDS["submit.not_expected"][0] in words_of(app)


def test_the_history_is_that_of_the_unit(scope: queries.Scope) -> None:
    app = open_page("pages/nop_bao_cao.py", don_vi="38.KHCN")
    rows = queries.submissions(scope, org_unit="38.KHCN")
    assert len(rows) > 0
    assert app.dataframe[0].value["Tệp"].to_list() == rows["file_name"].to_list()


def test_an_earlier_report_opens_with_the_way_to_withdraw_it(live: Path, scope: queries.Scope) -> None:
    rows = queries.submissions(scope, org_unit="38.KHCN", outcome="accepted")
    submission = rows["submission"][0]
    app = open_page("pages/nop_bao_cao.py", phieu=submission)
    assert submission in words_of(app)
    assert next(link.proto.url for link in app.get("link_button")) == f"/phieu/{submission}"
    app.button[-1].click().run()
    assert WORDS["withdraw.incomplete"][0] in words_of(app)
    assert not (live / "landing" / "web" / "withdrawals").exists()


def test_what_was_sent_is_waited_for_calmly(live: Path) -> None:
    key = "20260815T010203.000000Z-aaaaaaaaaaaa"
    (live / "landing" / "web" / key).mkdir(parents=True)
    app = open_page("pages/nop_bao_cao.py", da_gui=key)
    assert "Đã gửi lúc 15/08/2026 08:02" in words_of(app)
    (live / "landing" / "web" / key).rmdir()
    assert WORDS["report.no_receipt"][0] in words_of(open_page("pages/nop_bao_cao.py", da_gui=key))


# ---------------------------------------------------------------- who has reported


def test_the_matrix_has_every_expected_report_of_the_form(scope: queries.Scope) -> None:
    app = open_page("pages/ai_da_bao_cao.py", nhip="bm01_indicators.quarterly", ky="2026-Q2")
    rows = queries.completeness(scope, province="38", form="bm01_indicators").filter(
        (pl.col("cadence") == "quarterly") & pl.col("period").is_in(list(province.QUARTERS))
    )
    written = html_of(app)
    assert written.count('aria-label="') == len(rows)
    received = rows.filter("is_received")
    for submission in received["submission"]:
        assert f"phieu={submission}" in written
    of_quarter = rows.filter(pl.col("period") == "2026-Q2")
    first = matrix.ordered(rows, "2026-Q2")[0]
    assert not of_quarter.filter(pl.col("org_unit") == first)["is_received"][0]


def test_missing_units_are_listed_by_line_with_a_reminder(scope: queries.Scope, reference: Reference) -> None:
    app = open_page("pages/ai_da_bao_cao.py", nhip="bm01_indicators.quarterly", ky="2026-Q2")
    missing = queries.missing_units(scope, province="38", form="bm01_indicators", period="2026-Q2")
    silent = province.communes_of(reference, COMMUNES)[province.SILENT]
    assert silent in missing["org_unit"].to_list()
    tables = [frame.value for frame in app.dataframe if "Quá hạn (ngày)" in frame.value.columns]
    assert tables[0]["Đơn vị"].to_list() == missing["org_unit_name"].to_list()
    reminder = app.code[0].value
    assert all(f"- {name}" in reminder for name in missing["org_unit_name"])
    assert "BM01" in reminder
    labels = [button.proto.label for button in app.get("download_button")]
    kinds = [label.rpartition("(")[2] for label in labels]
    assert kinds == [".xlsx)", *[".xlsx)", ".csv)"] * 2]  # the page, then its two tables


def test_the_countdown_is_that_of_the_calendar(scope: queries.Scope) -> None:
    words = words_of(open_page("pages/ai_da_bao_cao.py"))
    for row in queries.calendar(scope, province="38").filter("is_open").iter_rows(named=True):
        assert f"đã nộp {row['received_count']}/{row['expected_count']}" in words
        assert f"hạn nộp {row['due_on']:%d/%m/%Y}" in words


# ---------------------------------------------------------------- data quality


def test_the_measures_are_those_of_the_mart(scope: queries.Scope) -> None:
    app = open_page("pages/chat_luong.py", loai="commune", quy="2026-Q2")
    rows = queries.quality_summary(scope, province="38", period="2026-Q2").filter(unit_group="commune")
    assert len(rows) == 6
    large = [words.removeprefix("<b>").removesuffix("</b>") for words in re.findall(r"<b>[^<]*</b>", html_of(app))]
    for row in rows.iter_rows(named=True):
        assert f"{matrix.share(row['measure'])} %" in [words.replace("\u00a0", " ") for words in large]
    units = queries.quality(scope, province="38", period="2026-Q2").filter(unit_group="commune")
    assert len(app.dataframe[0].value) == units["org_unit"].n_unique()


def test_a_unit_and_a_family_narrow_what_stands_behind(scope: queries.Scope, reference: Reference) -> None:
    silent = province.communes_of(reference, COMMUNES)[province.SILENT]
    app = open_page("pages/chat_luong.py", loai="commune", quy="2026-Q2", cua=silent, ho="song")
    behind = queries.quality_findings(scope, province="38", period="2026-Q2", org_unit=silent, family="song")
    assert len(behind) == 1
    assert app.dataframe[-1].value["Nội dung"].to_list() == ["Chưa nộp, hạn 16/06/2026"]


# ---------------------------------------------------------------- past moments


@pytest.fixture
def meeting(live: Path, reference: Reference) -> datetime:
    """The view of the meeting, built as the watcher would."""
    known_at = next(found.known_at for found in reference.meetings if found.meeting == MEETING)
    settings = Settings(live=live)
    if warehouse.as_of(settings.warehouse, as_of.moment_key(known_at)) is None:
        build(settings, reference, known_until=known_at)
    return known_at


def test_until_a_view_is_built_the_page_asks_for_it_and_says_so(live: Path) -> None:
    app = open_page("pages/chi_tieu.py", thoi_diem="2026-01-31")
    assert "Đang dựng lại số liệu như đã biết lúc 31/01/2026 23:59" in words_of(app)
    assert len(app.title) == 0
    settings = Settings(live=live)
    assert [as_of.moment_key(moment) for moment in as_of.requested(settings)] == ["2026-01-31"]
    as_of.answered(settings, as_of.moment_of("2026-01-31"))


@pytest.mark.parametrize(
    "page", ["tong_quan", "chi_tieu", "don_vi", "nhiem_vu", "bao_cao", "ai_da_bao_cao", "chat_luong"]
)
def test_every_page_says_that_it_shows_the_past(page: str, meeting: datetime) -> None:
    words = words_of(open_page(f"pages/{page}.py", thoi_diem=MEETING))
    assert "Số liệu tại thời điểm 18/03/2026 17:00" in words
    assert "Hội nghị đánh giá kết quả Quý I/2026" in words


def test_the_past_holds_what_was_known_then(meeting: datetime, scope: queries.Scope) -> None:
    then = open_page("pages/bao_cao.py", thoi_diem=MEETING).dataframe[0].value
    known = queries.submissions(scope).filter(pl.col("received_at") <= meeting.astimezone(UTC).replace(tzinfo=None))
    assert 0 < len(known) < len(queries.submissions(scope))
    assert then["Tệp"].to_list() == known["file_name"].to_list()


@pytest.mark.parametrize("wished", ["2099-01-01", "nonsense", "../../etc/passwd", "<script>"])
def test_a_moment_that_there_is_not_is_said_and_the_present_shown(wished: str) -> None:
    app = open_page("pages/tong_quan.py", thoi_diem=wished)
    assert "đang xem: Hiện tại" in words_of(app)
    assert len(app.title) == 1


def test_the_moment_is_chosen_in_the_frame(meeting: datetime) -> None:
    app = open_page("pages/chat_luong.py")
    app.sidebar.selectbox(key="pick-thoi-diem").select(MEETING).run()
    assert not app.exception
    assert "Số liệu tại thời điểm 18/03/2026 17:00" in words_of(app)
    app.sidebar.selectbox(key="pick-thoi-diem").select("ngay-khac").run()
    app.sidebar.text_input(key="pick-ngay").input("31/12/2099").run()
    assert WORDS["moment.no_day"][0] in words_of(app)
    app.sidebar.text_input(key="pick-ngay").input("5/1/2026").run()
    assert "05/01/2026 23:59" in words_of(app)


# ---------------------------------------------------------------- changes


def test_what_changed_since_the_meeting_is_told(meeting: datetime, scope: queries.Scope) -> None:
    app = open_page("pages/thay_doi.py", tu=MEETING)
    words = words_of(app)
    assert "18/03/2026 17:00" in words
    rows = queries.progress(scope, province="38", period="2026-Q2").filter(
        ~pl.col("status").is_in(["not_reported", "not_due"])
    )
    assert len(rows) > 0
    app.selectbox(key="pick-loai-doi").select("new").run()
    assert not app.exception
    table = app.dataframe[0].value
    assert (table["Quý"] == "Q2/2026").sum() == len(rows)
    assert (table["Tại cuộc họp"].str.strip("\u2007") == "—").all()


def test_an_archive_without_a_change_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = province.settings_at(tmp_path)
    reference = province.fill(settings, 2)
    newest = max(found.known_at for found in reference.meetings if found.known_at < datetime.now(UTC))
    latest = max(datetime.fromisoformat(record["received_at"]) for record in Archive(settings.archive).receipts())
    build(settings, reference, known_until=newest)
    monkeypatch.setenv("TIENDOSO_LIVE", str(tmp_path))
    assert latest < newest
    assert WORDS["changes.none"][0] in words_of(open_page("pages/thay_doi.py"))
