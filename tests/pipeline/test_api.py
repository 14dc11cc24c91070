"""The API answers with the frames of the questions, page by page, and refuses in words; its description is true."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pytest
import schemathesis.openapi
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import api, visitor
from etl.access import LOCAL, Principal
from etl.build import build
from etl.reference import load_reference
from etl.settings import Settings
from sql import queries, warehouse
from tests.pages import province

COMMUNES = 6
TABLES = ("progress", "tasks", "completeness", "units", "indicators")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    given = province.settings_at(tmp_path_factory.mktemp("live"))
    province.fill(given, COMMUNES)
    return given


def app_of(given: Settings, principal: Principal = LOCAL) -> ASGIApp:
    """The API as it answers whom the gate has let in."""
    app = Starlette(routes=[Mount(api.PATH, api.application(given))])

    async def let_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, visitor.PRINCIPAL: principal}, receive, send)

    return let_in


def client_of(given: Settings, principal: Principal = LOCAL) -> TestClient:
    return TestClient(app_of(given, principal))


@pytest.fixture
def client(live: Settings) -> Iterator[TestClient]:
    with client_of(live) as asking:
        yield asking


def scope_of(given: Settings) -> queries.Scope:
    current = warehouse.current(given.warehouse)
    assert current is not None
    return queries.Scope.all(current)


def rows(client: TestClient, table: str, **asked: Any) -> list[dict[str, Any]]:
    """All rows, page after page as the answers lead."""
    given = {name.replace("_", "-"): value for name, value in asked.items()}
    answer = client.get(f"{api.PATH}/{table}", params=given)
    assert answer.status_code == 200, answer.text
    held = answer.json()["data"]
    while "next" in answer.links:
        assert answer.links["next"]["url"] == answer.json()["next"]
        answer = client.get(answer.json()["next"])
        held += answer.json()["data"]
    assert len(held) == answer.json()["total"] == int(answer.headers["x-total-count"])
    return held  # type: ignore[no-any-return]


# ---------------------------------------------------------------- what is answered


def test_figures_are_those_of_the_mart_page_by_page(client: TestClient, live: Settings) -> None:
    asked = {"loai": "commune", "quy": ["2026-Q1", "2026-Q2"], "chi-tieu": "VB01,DVC02"}
    found = rows(client, "progress", limit=290, **asked)
    mart = queries.progress(scope_of(live), province="38", unit_group="commune").filter(
        pl.col("period").is_in(asked["quy"]), pl.col("indicator").is_in(["VB01", "DVC02"])
    )
    keys = ("indicator", "org_unit", "period", "numerator", "denominator", "value", "status", "rank", "gap", "shown")
    assert sorted(tuple(row[key] for key in keys) for row in found) == sorted(mart.select(keys).rows())
    assert len(found) > 100


def test_units_of_a_page_come_in_the_order_of_the_alphabet(client: TestClient, live: Settings) -> None:
    found = rows(client, "progress", chi_tieu="VB01", quy="2026-Q2", loai="commune")
    order = queries.org_units(scope_of(live), province="38").sort("sort_key")["org_unit"].to_list()
    for kind in ("phuong", "xa"):
        places = [order.index(row["org_unit"]) for row in found if row["kind"] == kind]
        assert places == sorted(places)
        assert places


def test_tasks_are_those_of_the_newest_quarter(client: TestClient) -> None:
    found = rows(client, "tasks")
    assert len(found) == province.TASKS
    assert {row["period"] for row in found} == {"2026-Q3"}
    led = rows(client, "tasks", chu_tri="38.TC", quy="2026-Q2")
    assert {row["lead"] for row in led} == {"38.TC"}
    assert 0 < len(led) < province.TASKS


def test_reports_due_and_received(client: TestClient, live: Settings) -> None:
    found = rows(client, "completeness", bieu="bm01_indicators", ky="2026-Q2")
    assert {row["form"] for row in found} == {"bm01_indicators"}
    assert sum(row["is_received"] for row in found) == COMMUNES - 1
    assert {row["received_at"][-1] for row in found if row["is_received"]} == {"Z"}


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("hoang hoa", "Xã Hoằng Hóa"),
        ("HOẰNG HOÁ", "Xã Hoằng Hóa"),
        ("xã Hoằng Hóa", "Xã Hoằng Hóa"),
        ("Hoằng Xuân", "Xã Hoằng Giang"),
        ("thi tran but son", "Xã Hoằng Hóa"),
        ("KHCN", "Sở Khoa học và Công nghệ"),
        ("thanh hoa", "Tỉnh Thanh Hóa"),
    ],
)
def test_a_unit_is_found_by_any_spelling_and_by_what_it_was_before_the_merger(
    client: TestClient, sought: str, found: str
) -> None:
    assert rows(client, "units", tim=sought)[0]["name"] == found


def test_a_unit_found_by_an_old_name_says_which(client: TestClient) -> None:
    assert rows(client, "units", tim="hoang xuan")[0]["old_names"] == "Xã Hoằng Xuân"
    assert rows(client, "units", tim="khong co o dau") == []
    assert {row["unit_group"] for row in rows(client, "units", loai="party", tuyen="vptu")} == {"party"}


def test_the_catalogue(client: TestClient, live: Settings) -> None:
    assert [row["indicator"] for row in rows(client, "indicators", limit=9)] == list(
        queries.indicators(scope_of(live))["indicator"]
    )
    assert "VB01" in {row["indicator"] for row in rows(client, "indicators", tim="KÝ SỐ")}


@pytest.mark.parametrize("table", TABLES)
def test_json_csv_and_parquet_hold_the_same(client: TestClient, table: str) -> None:
    asked = {"limit": 40, "offset": 3}
    path = f"{api.PATH}/{table}"
    as_json = client.get(path, params=asked)
    as_csv = client.get(path, params=asked, headers={"accept": "text/csv, application/json;q=0.5"})
    as_parquet = client.get(path, params=asked | {"format": "parquet"}, headers={"accept": "text/csv"})
    assert [answer.headers["content-type"].partition(";")[0] for answer in (as_json, as_csv, as_parquet)] == [
        "application/json",
        "text/csv",
        "application/vnd.apache.parquet",
    ]
    assert len({answer.headers["x-total-count"] for answer in (as_json, as_csv, as_parquet)}) == 1
    held = as_json.json()["data"]
    frame = pl.read_parquet(io.BytesIO(as_parquet.content))
    assert frame.columns == list(held[0])
    key = frame.columns[:7]
    assert [tuple(row[name] for name in key) for row in held] == frame.select(key).rows()
    written = list(csv.DictReader(io.StringIO(as_csv.text)))
    assert [row["org_unit" if "org_unit" in row else key[0]] for row in written] == [
        row["org_unit" if "org_unit" in row else key[0]] for row in held
    ]


def test_every_answer_says_how_to_cite_it(client: TestClient) -> None:
    page = client.get(f"{api.PATH}/indicators?limit=1").json()
    assert page["version"] in page["citation"]
    assert page["is_demo"] is True
    assert f"{date.fromisoformat(page['as_of']):%d/%m/%Y}" in page["citation"]
    for file_format in ("json", "csv", "parquet"):
        asked = f"{api.PATH}/units?limit=2&tim=hoa%20loc&format={file_format}"
        answer = client.get(asked)
        assert unquote(answer.headers["x-citation"]) == page["citation"]
        assert answer.headers["x-warehouse-version"] == page["version"]
        link = answer.links["self"]["url"]
        assert link.endswith(asked)
        assert client.get(link).content == answer.content
    assert client.get(f"{api.PATH}/units?tim=<đ>").links["self"]["url"].endswith("?tim=%3C%C4%91%3E")
    told = pl.read_parquet_metadata(io.BytesIO(client.get(asked).content))
    assert (told["citation"], told["link"]) == (page["citation"], link)


def test_a_page_after_the_last_is_empty_and_knows_how_many_there_are(client: TestClient) -> None:
    for table in TABLES:
        total = client.get(f"{api.PATH}/{table}").json()["total"]
        page = client.get(f"{api.PATH}/{table}?offset=999999").json()
        assert (page["total"], page["data"], page["next"]) == (total, [], None)


# ---------------------------------------------------------------- asked again


def test_who_holds_an_answer_is_not_sent_it_again_until_the_warehouse_changes(tmp_path: Path) -> None:
    given = province.settings_at(tmp_path)
    province.fill_empty(given)
    client = client_of(given)
    held = {}
    for table in TABLES:
        path = f"{api.PATH}/{table}?limit=5"
        etag = held[path] = client.get(path).headers["etag"]
        again = client.get(path, headers={"if-none-match": f'"other", {etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert client.get(f"{path}&offset=1").headers["etag"] != etag
        assert client.get(path, headers={"accept": "text/csv"}).headers["etag"] != etag
    assert len(set(held.values())) == len(TABLES)
    build(given, load_reference(given.reference), day=province.DAY)
    for path, etag in held.items():
        assert client.get(path, headers={"if-none-match": etag}).status_code == 200


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("asked", "status", "parameter"),
    [
        ("progress?don-vi=khong-co", 400, "don-vi"),
        ("progress?chi-tieu=VB01,XX99", 400, "chi-tieu"),
        ("progress?loai=xa-phuong", 400, "loai"),
        ("progress?tuyen=abc", 400, "tuyen"),
        ("progress?quy=2026-Q5", 400, "quy"),
        ("progress?quy=2026-03", 400, "quy"),
        ("progress?tinh=77", 400, "tinh"),
        ("progress?thoi-diem=hom-qua", 400, "thoi-diem"),
        ("progress?thoi-diem=2026-03-18", 404, "thoi-diem"),
        ("progress?limit=0", 422, "limit"),
        ("progress?limit=nhieu", 422, "limit"),
        ("progress?offset=-1", 422, "offset"),
        ("progress?format=xlsx", 422, "format"),
        ("progress?chi_tieu=VB01", 422, "chi_tieu"),
        ("tasks?chu-tri=khong-co", 400, "chu-tri"),
        ("tasks?quy=2026", 400, "quy"),
        ("completeness?bieu=bm99", 400, "bieu"),
        ("completeness?ky=%00", 400, "ky"),
        ("nothing", 404, ""),
    ],
)
def test_what_is_not_understood_is_refused_in_words(
    client: TestClient, asked: str, status: int, parameter: str
) -> None:
    answer = client.get(f"{api.PATH}/{asked}")
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["parameter"]) == (status, status, parameter)
    assert problem["detail"] != problem["detail_en"]
    value = unquote(asked.partition("=")[2]).rpartition(",")[2]
    assert status != 400 or value in problem["detail"]


def test_few_known_values_are_listed(client: TestClient) -> None:
    assert "commune" in client.get(f"{api.PATH}/units?loai=x").json()["known"]
    assert client.get(f"{api.PATH}/progress?don-vi=x").json()["known"] == []


def test_nothing_but_reading(client: TestClient) -> None:
    answer = client.post(f"{api.PATH}/progress")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert client.get(f"{api.PATH}/units", headers={"accept": "image/png"}).status_code == 406
    assert client.get(f"{api.PATH}/docs").status_code == 404


@pytest.mark.parametrize("table", TABLES)
def test_without_a_warehouse_the_answer_is_calm(tmp_path: Path, table: str) -> None:
    answer = client_of(Settings(live=tmp_path)).get(f"{api.PATH}/{table}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "Chưa có số liệu" in answer.json()["detail"]


def test_a_version_swept_away_meanwhile_is_no_fault(live: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = replace(scope_of(live), warehouse=live.warehouse / "v99999999.duckdb")
    monkeypatch.setattr(api, "scope_of", lambda *_: gone)
    assert client_of(live).get(f"{api.PATH}/units").status_code == 503


def test_a_scope_narrows_every_table(live: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = replace(scope_of(live), org_units=frozenset({"38.TC"}))
    monkeypatch.setattr(api, "scope_of", lambda *_: narrow)
    client = client_of(live)
    for table in ("progress", "completeness", "units"):
        assert {row["org_unit"] for row in rows(client, table)} == {"38.TC"}
    assert {row["lead"] for row in rows(client, "tasks") if row["sender"] != "38.TC"} <= {"38.TC"}


# ---------------------------------------------------------------- the description, and cases made from it


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("table", TABLES)
def test_whatever_is_asked_by_the_description_is_answered_by_it(
    live: Settings, table: str, mode: GenerationMode
) -> None:
    operation = schemathesis.openapi.from_asgi(f"{api.PATH}/openapi.json", app_of(live))[f"/{table}"]["GET"]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()


def test_everything_is_described(client: TestClient) -> None:
    described = client.get(f"{api.PATH}/openapi.json").json()
    assert set(described["paths"]) == {f"/{table}" for table in TABLES}
    for path in described["paths"].values():
        assert path["get"]["summary"]
        assert [given["name"] for given in path["get"]["parameters"] if not given.get("description")] == []
