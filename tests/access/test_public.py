"""The view without a name: chosen pages and indicators, and nothing else, for whoever comes."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from etl.access import PUBLIC, Role, pages_for
from etl.accounts import Accounts
from etl.archive import Archive
from tests import wall_site
from tests.access.conftest import cookie, from_elsewhere
from tests.pages import province
from tests.streamlit_client import Viewer
from tests.wall_site import WallSite

SHOWN, HIDDEN = "VB01", "DVC04"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("public"), communes=12)
    accounts = Accounts(site.settings)
    accounts.add("admin", "ba con mèo trắng", Role.ADMIN)
    accounts.close()
    site.start(TIENDOSO_SIGN_IN="accounts", TIENDOSO_PUBLIC_INDICATORS=SHOWN)
    yield site
    site.stop()


def test_whoever_comes_reaches_the_public_pages_and_no_other_address(site: WallSite) -> None:
    with httpx.Client(
        base_url=site.url, headers={**from_elsewhere(), "accept": "text/html"}, trust_env=False
    ) as client:
        answers = {
            path: client.get(path).status_code
            for path in (
                "/",
                "/chi_tieu",
                "/nhiem_vu",
                "/khai_thac",
                "/mat-khau",
                "/api/v1/units",
                "/tep-goc/x",
                "/metrics",
            )
        }
        assert answers.pop("/") == answers.pop("/chi_tieu") == 200
        assert set(answers.values()) == {303}
        assert client.put("/_stcore/upload_file/a/b", content=b"x").status_code == 401


def test_the_public_pages_name_no_indicator_but_those_chosen(site: WallSite) -> None:
    with Viewer(site.url, headers=from_elsewhere()) as viewer:
        for page in ("", "chi_tieu"):
            answer = viewer.open(page)
            assert answer.exceptions == []
            assert "Số liệu công khai" in answer.text
            assert HIDDEN not in answer.text
        assert SHOWN in answer.text
        assert {page or "tong_quan" for page in viewer.pages} == set(pages_for(PUBLIC))


def test_a_crawl_without_a_name_meets_no_sender_file_receipt_export_nor_another_indicator(site: WallSite) -> None:
    archive, reference = Archive(site.settings.archive), site.reference()
    receipts = [archive.receipt(name) or {} for name in archive.submissions()]
    secret = {str(held[name]) for held in receipts for name in ("submission", "file", "file_name")}
    secret |= {"van-thu@example.vn", *(code for code in reference.indicators if code != SHOWN)}
    secret |= {one.name_vi for code, one in reference.indicators.items() if code != SHOWN}
    unit = province.communes_of(reference, 1)[0]
    source = {"chi-tieu": SHOWN, "nguon": f"figure~{unit}~{SHOWN}~2026-Q1"}
    with Viewer(site.url, headers=admin_session(site)) as admin:
        text = admin.open("chi_tieu", source).text
        assert any(str(held["file_name"]) in text for held in receipts), "an administrator sees it at this address"
    asked = [
        {},
        {"lang": "en", "quy": "2026-Q1"},
        {"chi-tieu": HIDDEN},
        {"don-vi": unit},
        source,
        {"nguon": f"figure~{unit}~{HIDDEN}~2026-Q1"},
        {"nguon": f"figure~~{SHOWN}~2026-Q1"},
        {"bang": "ranking"},
        {"phieu": str(receipts[0]["submission"])},
        {"thoi-diem": "2026-06-30"},
    ]
    with Viewer(site.url, headers=from_elsewhere()) as viewer:
        for page in ("", "chi_tieu"):
            for parameters in asked:
                answer = viewer.open(page, parameters)
                assert answer.exceptions == []
                shown, echoed = answer.text, " ".join(parameters.values())
                told = {word for word in secret if word in shown and word not in echoed}
                assert told == set(), (page, parameters)
                assert (answer.downloads, answer.deferred) == ([], [])


def admin_session(site: WallSite) -> dict[str, str]:
    accounts = Accounts(site.settings)
    session = accounts.open_session("admin", "10.0.0.1")
    accounts.close()
    return {**from_elsewhere(), **cookie(session)}


def test_a_page_that_is_not_public_is_not_shown_by_its_key_either(site: WallSite) -> None:
    with Viewer(site.url, headers=admin_session(site)) as admin:
        admin.open()
        keys = admin.pages
    with Viewer(site.url, headers=from_elsewhere()) as viewer:
        viewer.open()
        hidden = {name: key for name, key in keys.items() if name not in viewer.pages}
        assert len(hidden) >= 8
        for name, key in hidden.items():
            answer = viewer.open_hash(key)
            assert "Số liệu công khai" in answer.text, name
            assert HIDDEN not in answer.text, name


@pytest.mark.parametrize(
    "path",
    [
        "/man-hinh/mot",
        "/man-hinh/mot/du-lieu",
        "/man-hinh/-/wall.css",
        "/phieu/{}",
        "/phieu/{}.json",
        "/tep-goc/{}",
        "/ban-danh-dau/{}",
        "/api/v1/progress",
        "/api/v1/indicators",
        "/_stcore/metrics",
        "/readyz",
        "/media/aaaaaaaa.csv",
    ],
)
def test_no_wall_receipt_file_table_nor_figure_of_operation_is_opened(site: WallSite, path: str) -> None:
    submission = Archive(site.settings.archive).submissions()[0]
    answer = httpx.get(site.url + path.format(submission), headers=from_elsewhere(), trust_env=False)
    assert answer.status_code == 401


def test_the_public_overview_says_nothing_of_tasks_reports_and_files(site: WallSite) -> None:
    with Viewer(site.url, headers=from_elsewhere()) as viewer:
        unit = province.communes_of(site.reference(), 3)[2]
        overview = viewer.open("")
        said = overview.text + viewer.open("chi_tieu", {"nguon": f"figure~{unit}~{SHOWN}~2026-Q2"}).text
        assert "tệp và ô gốc không công khai" in said
        for words in ("nhiệm vụ", "báo cáo quý", "chưa nộp", "trang của đơn vị", ".xlsx", "đứng sau ô này"):
            assert words not in said.lower()
        assert overview.downloads == []
