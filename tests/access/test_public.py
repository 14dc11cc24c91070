"""The view without a name: chosen pages and indicators, and nothing else, for whoever comes."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from etl.access import PUBLIC, pages_for
from tests import wall_site
from tests.access.conftest import from_elsewhere
from tests.streamlit_client import Viewer
from tests.wall_site import WallSite

SHOWN, HIDDEN = "VB01", "DVC04"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    site = wall_site.make(tmp_path_factory.mktemp("public"), communes=12)
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
