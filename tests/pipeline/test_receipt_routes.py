"""Receipts over HTTP: to print, as JSON, and the sender's own workbook with its cells marked."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from etl import audit
from etl.access import Principal, Role
from etl.archive import Archive
from etl.inbox import land
from etl.pipeline import Pipeline
from etl.reference import copy_reference, load_reference
from etl.settings import REPOSITORY, Settings
from tests.forms import bm01, xlsx
from tests.unit.test_server import ask

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(live=tmp_path / "live", parser_processes=1)
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    return settings


def receive(settings: Settings, data: bytes, file_name: str) -> str:
    """The one submission of a file, taken in as the watcher does."""
    land(settings, data, file_name, datetime(2026, 4, 1, 3, tzinfo=UTC), channel="web", sender=HOSTILE)
    with Pipeline(settings, load_reference(settings.reference)) as pipeline:
        [receipt] = pipeline.ingest_landed()
    return receipt.submission


def test_an_accepted_report_prints_and_is_json(settings: Settings) -> None:
    submission = receive(settings, xlsx(bm01(("VB01", 83, 90, None, HOSTILE))), f"{HOSTILE}.xlsx")
    status, headers, body = ask(settings, f"/phieu/{submission}")
    written = body.decode()
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert "script-src" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert "ĐÃ NHẬN" in written
    assert "83/90 = 92,2 %" in written
    assert "<img" not in written
    status, headers, body = ask(settings, f"/phieu/{submission}.json")
    assert status == 200
    assert json.loads(body)["observations"][0]["shown"] == "83"


def test_a_returned_report_shows_its_reading_and_comes_back_marked(settings: Settings) -> None:
    submission = receive(settings, xlsx(bm01(("VB01", "tám mươi", 90), ("VB02", 5, 9))), "a.xlsx")
    status, _, body = ask(settings, f"/phieu/{submission}")
    written = body.decode()
    assert status == 200
    assert "TRẢ LẠI" in written
    assert "5/9 = 55,6 %" in written
    assert f'href="/ban-danh-dau/{submission}"' in written
    status, headers, body = ask(settings, f"/ban-danh-dau/{submission}")
    assert status == 200
    assert headers["content-disposition"].startswith("attachment;")
    assert headers["content-type"] == "application/octet-stream"
    sheet = openpyxl.load_workbook(io.BytesIO(body)).worksheets[1]
    assert "tám mươi" in sheet["E11"].comment.text


@pytest.mark.parametrize("name", ["nobody", "..%2F..%2Fetc", "20260101T000000.000000Z-aaaaaaaaaaaa-001"])
@pytest.mark.parametrize("path", ["/phieu/{}", "/phieu/{}.json", "/ban-danh-dau/{}"])
def test_unknown_receipts_are_not_found(name: str, path: str, settings: Settings) -> None:
    assert ask(settings, path.format(name))[0] == 404


@pytest.mark.parametrize("address", ["/phieu/{}", "/phieu/{}.json", "/tep-goc/{}", "/ban-danh-dau/{}"])
def test_what_is_not_ones_own_is_answered_like_what_there_is_not(settings: Settings, address: str) -> None:
    submission = receive(settings, xlsx(bm01(("VB01", 95, 90))), "bieu.xlsx")
    [record] = Archive(settings.archive).receipts()
    own = Principal("a", Role.SUBMITTER, record["org_unit"], id="user:a")
    stranger = Principal("b", Role.SUBMITTER, "14797", id="user:b")
    assert ask(settings, address.format(submission), principal=own)[0] == 200
    assert ask(settings, address.format(submission), principal=Principal("s", Role.STEWARD))[0] == 200
    refused = ask(settings, address.format(submission), principal=stranger)
    nothing = ask(settings, address.format("20260101T000000.000000Z-aaaaaaaaaaaa-001"), principal=stranger)
    assert refused == nothing
    assert refused[0] == 404
    assert "không được xem" in refused[2].decode()
    [denied] = audit.lines(settings)
    assert (denied["event"], denied["who"], denied["about"]["where"]) == (
        audit.Event.DENIED,
        "user:b",
        address.format(submission),
    )
