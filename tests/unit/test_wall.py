"""What a wall screen is told: letters and rows, the pictures against independent counts, the routes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message
from starlette.types import Scope as AsgiScope

from dashboard import text, theme
from dashboard.wall import pictures, routes
from dashboard.wall.pictures import Room
from etl.reference.screens import Screen
from etl.settings import Settings
from sql import queries, warehouse
from sql.queries import Scope
from tests.pages import province

COMMUNES = 12
QUARTER = "2026-Q2"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(live=tmp_path_factory.mktemp("wall"))
    province.fill(settings, COMMUNES)
    return settings


@pytest.fixture(scope="module")
def scope(settings: Settings) -> Scope:
    current = warehouse.current(settings.warehouse)
    assert current is not None
    return Scope.all(current)


def screen(*panels: dict[str, Any], **options: Any) -> Screen:
    return Screen.model_validate({"screen": "thu", "name_vi": "Thử", "name_en": "Trial", "panels": panels, **options})


@pytest.fixture
def drawn(settings: Settings, scope: Scope) -> Callable[..., list[pictures.Picture]]:
    def draw(*panels: dict[str, Any], **options: Any) -> list[pictures.Picture]:
        return pictures.pictures(settings, scope, screen(*panels, **options))

    return draw


# ---------------------------------------------------------------- room

PANEL = {"panel": "tasks"}


@pytest.mark.parametrize(
    ("inches", "metres", "pixels"),
    [(100, 6, 43), (100, 8, 58), (55, 4, 52), (55, 6, 79)],  # the table of the study, at a height of 1080 pixels
)
def test_letters_are_as_high_as_the_farthest_viewer_needs(inches: float, metres: float, pixels: int) -> None:
    room = Room.of(screen(PANEL, diagonal_inches=inches, viewing_metres=metres))
    assert round(room.letter * 10.8) == pytest.approx(pixels, abs=1)
    assert room.small == pytest.approx(0.8 * room.letter)


@pytest.mark.parametrize(("metres", "most"), [(2, 14), (4, 14), (6, 9), (30, 5)])
def test_no_more_units_are_named_than_can_be_read(metres: float, most: int) -> None:
    room = Room.of(screen(PANEL, viewing_metres=metres))
    assert 5 <= room.rows <= most


# ---------------------------------------------------------------- pictures


def test_a_ranking_names_its_two_ends_and_counts_what_lies_between(
    drawn: Callable[..., list[pictures.Picture]], scope: Scope
) -> None:
    panel = {"panel": "ranking", "unit_group": "commune", "indicator": "VB01"}
    (picture,) = drawn(panel, viewing_metres=6)
    rows = queries.progress(scope, province="38", unit_group="commune", indicator="VB01", period=QUARTER)
    valued = sorted((row for row in rows.to_dicts() if row["value"] is not None), key=lambda row: -row["value"])
    shown = [row["name"] for row in picture["rows"]]
    first = picture["gap"]["after"]
    assert shown[:first] == [row["short_name"] for row in valued[:first]]
    assert shown[first:] == [row["short_name"] for row in valued[first - len(shown) :]]
    assert picture["gap"]["words"].startswith(f"{len(valued) - len(shown)} đơn vị ở giữa")
    assert len(shown) + 1 == Room.of(screen(panel, viewing_metres=6)).rows
    best = valued[0]
    assert picture["rows"][0]["share"] == pytest.approx(best["value"] / 100, abs=1e-4)
    assert picture["rows"][0]["counted"] == text.fraction(best["numerator"], best["denominator"])
    met = sum(row["value"] >= row["target"] for row in valued)
    assert picture["title"].startswith(f"{met}/{len(valued)} xã, phường đạt chỉ tiêu")
    assert "14/06/2026" in picture["facts"][1]


@pytest.mark.parametrize(("part", "backwards"), [("top", False), ("bottom", True)])
def test_one_end_of_a_ranking_goes_on_over_pages(
    drawn: Callable[..., list[pictures.Picture]], part: str, backwards: bool
) -> None:
    panel = {"panel": "ranking", "unit_group": "commune", "indicator": "VB01", "part": part, "pages": 2}
    first, second = drawn(panel, viewing_metres=6)
    places = [int(row["place"].rstrip(".")) for row in [*first["rows"], *second["rows"]]]
    assert len(places) == 10 or len(places) == COMMUNES - province.SILENT
    assert (max(places) == COMMUNES - 1) if backwards else (min(places) == 1)
    assert first["about"].endswith("trang 1/2")


def test_headline_cards_say_value_count_standing_and_coverage(
    drawn: Callable[..., list[pictures.Picture]], scope: Scope
) -> None:
    (picture,) = drawn({"panel": "headline", "unit_group": "commune", "indicators": ["VB01", "DVC05"]})
    rows = {
        row["indicator"]: row
        for row in queries.rollup(scope, province="38", unit_group="commune", period=QUARTER).to_dicts()
    }
    for card, code in zip(picture["cards"], ("VB01", "DVC05"), strict=True):
        row = rows[code]
        assert card["value"] == f"{text.number(row['value'], row['decimals'])}\u00a0%"
        assert card["counted"] == f"{text.number(row['numerator'])}/{text.number(row['denominator'])}"
        assert card["mark"]["word"] == text.t(theme.MARKS[row["standing"]].word)
        assert card["coverage"].endswith(" đơn vị")


def test_every_commune_is_a_square_and_every_mark_is_counted(
    drawn: Callable[..., list[pictures.Picture]], scope: Scope
) -> None:
    (picture,) = drawn({"panel": "tiles", "indicator": "VB01"})
    places = queries.tiles(scope, province="38")
    assert len(picture["tiles"]) == len(places) == 166
    assert len({(tile["col"], tile["row"]) for tile in picture["tiles"]}) == 166
    rows = queries.progress(scope, province="38", indicator="VB01", period=QUARTER)
    counts = rows.filter(pl.col("org_unit").is_in(places["org_unit"].to_list()))["standing"].value_counts()
    assert {item["tone"]: int(item["count"]) for item in picture["legend"]} == dict(counts.iter_rows())
    assert all(item["shape"] and item["word"] for item in picture["legend"])


def test_task_bars_hold_every_task_once(drawn: Callable[..., list[pictures.Picture]]) -> None:
    (picture,) = drawn({"panel": "tasks"})
    whole, *leads = picture["bars"]
    assert whole["done"] == f"{province.DONE}/{province.TASKS}"
    assert sum(int(part["count"]) for part in whole["parts"]) == province.TASKS
    assert sum(int(part["count"]) for bar in leads for part in bar["parts"]) == province.TASKS
    assert all(sum(part["share"] for part in bar["parts"]) == pytest.approx(1) for bar in picture["bars"])
    assert len(leads) == len(province.LEADS)
    overdue = sum(1 for number in range(1, province.TASKS + 1) if number % 10 == 1 and number > province.DONE)
    assert picture["title"] == f"{overdue}/{province.TASKS} nhiệm vụ quá hạn"


def test_overdue_tasks_come_with_their_days(drawn: Callable[..., list[pictures.Picture]]) -> None:
    first, *rest = drawn({"panel": "overdue", "pages": 20})
    days = (province.DAY - date(2026, 6, 30)).days
    items = [item for picture in (first, *rest) for item in picture["items"]]
    assert first["title"] == f"{len(items)} nhiệm vụ quá hạn, lâu nhất {days} ngày"
    assert {item["days"] for item in items} == {f"quá {days} ngày"}
    assert all(item["shape"] == "■" for item in items)


def test_who_has_not_reported_is_named(drawn: Callable[..., list[pictures.Picture]], scope: Scope) -> None:
    shown = drawn({"panel": "missing", "form": "bm01_indicators", "unit_group": "commune", "pages": 20})
    names = [row["name"] for picture in shown for row in picture["names"]]
    silent = queries.completeness(scope, province="38", period=QUARTER, form="bm01_indicators").filter(
        ~pl.col("is_received") & (pl.col("unit_group") == "commune")
    )
    assert len(names) == len(silent) == 166 - (COMMUNES - province.SILENT)
    assert shown[0]["title"] == f"{len(silent)} đơn vị chưa nộp báo cáo"
    assert shown[0]["names"][0]["mark"]["word"] == "Chưa báo cáo"


def test_a_quarter_without_figures_is_said_in_words(drawn: Callable[..., list[pictures.Picture]]) -> None:
    panels = [
        {"panel": "headline", "unit_group": "commune", "indicators": ["VB01"], "period": "2024-Q1"},
        {"panel": "ranking", "unit_group": "commune", "indicator": "VB01", "period": "2024-Q1"},
        {"panel": "tiles", "indicator": "VB01", "period": "2024-Q1"},
        {"panel": "tasks", "period": "2024-Q1"},
        {"panel": "missing", "form": "bm01_indicators", "period": "2024-Q1"},
    ]
    assert {picture["title"] for picture in drawn(*panels)} == {"Không có số liệu cho lựa chọn này."}
    (overdue,) = drawn({"panel": "overdue", "period": "2024-Q1"})
    assert overdue["title"] == "Không có nhiệm vụ quá hạn"


def test_a_screen_in_english_holds_no_vietnamese_sentence(drawn: Callable[..., list[pictures.Picture]]) -> None:
    shown = drawn({"panel": "tasks"}, {"panel": "missing", "form": "bm01_indicators"}, language="en")
    assert [picture["title"] for picture in shown] == ["8/81 tasks overdue", shown[1]["title"]]
    assert shown[1]["title"].endswith("units have not reported")


# ---------------------------------------------------------------- colours


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("surface", ["paper", "panel"])
def test_words_and_tones_stand_out_from_the_dark(surface: str) -> None:
    ground = theme.WALL[surface]
    for name in ("ink", "muted", "met", "attention", "behind", "no_target"):
        assert _contrast(theme.WALL[name], ground) >= 4.5, name
    for name in set(theme.WALL) - {"paper", "panel", "line"}:
        assert _contrast(theme.WALL[name], ground) >= 3, name


def test_every_mark_has_a_tone() -> None:
    assert set(theme.MARKS) <= set(theme.WALL)
    style = (routes.FOLDER / "wall.css").read_text(encoding="utf-8")
    assert all(f".tone-{key} " in style for key in theme.MARKS)


# ---------------------------------------------------------------- routes

PLAYLIST = 'screen = "thu"\nname_vi = "Thử <b>"\nname_en = "Trial"\n[[panels]]\npanel = "tasks"\n'


@pytest.fixture
def app(settings: Settings) -> Starlette:
    folder = settings.reference / "screens"
    for path in folder.glob("*.toml"):
        path.unlink()
    (folder / "thu.toml").write_text(PLAYLIST, encoding="utf-8")

    async def root(_request: object) -> PlainTextResponse:
        return PlainTextResponse("Streamlit")

    return Starlette(routes=[*routes.routes(settings), Route("/", root)], middleware=[Middleware(routes.ByParameter)])


def ask(app: Starlette, path: str, query: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    request: AsgiScope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(request, receive, send))
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])


def test_the_parameter_leads_to_the_screen(app: Starlette) -> None:
    status, headers, _ = ask(app, "/", "lang=vi&man-hinh=thu")
    assert (status, headers["location"]) == (307, "/man-hinh/thu")
    assert ask(app, "/", "man-hinh=..%2F%2Fevil.example")[1]["location"] == "/man-hinh/..%2F%2Fevil.example"
    assert ask(app, "/", "tinh=38")[2] == b"Streamlit"
    assert ask(app, "/", "man-hinh=")[2] == b"Streamlit"


def test_the_page_is_closed_and_escapes_the_name(app: Starlette) -> None:
    status, headers, body = ask(app, "/man-hinh/thu")
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert b"<b>" not in body
    assert body.count(b"<script") == 1
    assert b'<script src="/man-hinh/-/wall.js?' in body


def test_a_screen_that_there_is_not_is_told_with_those_there_are(app: Starlette) -> None:
    status, _, body = ask(app, "/man-hinh/<img src=x>")
    assert status == 404
    assert b"<img" not in body
    assert b'href="/man-hinh/thu"' in body
    assert ask(app, "/man-hinh/khac/du-lieu")[0] == 404


def test_figures_are_sent_once_and_then_only_when_they_change(app: Starlette, settings: Settings) -> None:
    status, headers, body = ask(app, "/man-hinh/thu/du-lieu")
    held = json.loads(body)
    assert (status, held["pictures"][0]["kind"]) == (200, "tasks")
    assert held["warehouse"] == (settings.warehouse / "CURRENT").read_text().strip()
    again, _, nothing = ask(app, "/man-hinh/thu/du-lieu", if_none_match=headers["etag"])
    assert (again, nothing) == (304, b"")
    path = settings.reference / "screens" / "thu.toml"
    path.write_text(PLAYLIST + "seconds = 7\n", encoding="utf-8")
    status, changed, body = ask(app, "/man-hinh/thu/du-lieu", if_none_match=headers["etag"])
    assert (status, json.loads(body)["pictures"][0]["seconds"]) == (200, 7)
    assert changed["etag"] != headers["etag"]


def test_a_faulty_playlist_leaves_the_one_before_it(app: Starlette, settings: Settings) -> None:
    tag = ask(app, "/man-hinh/thu/du-lieu")[1]["etag"]
    path = settings.reference / "screens" / "thu.toml"
    path.write_text(PLAYLIST + 'indicator = "VB01"\n', encoding="utf-8")
    assert ask(app, "/man-hinh/thu/du-lieu", if_none_match=tag)[0] == 304


def test_without_a_warehouse_there_is_an_answer_too(settings: Settings, app: Starlette) -> None:
    kept = settings.warehouse.with_name("kept")
    settings.warehouse.replace(kept)
    try:
        assert ask(app, "/man-hinh/thu")[0] == 200
        assert ask(app, "/man-hinh/thu/du-lieu")[0] == 503
    finally:
        kept.replace(settings.warehouse)


def test_figures_of_before_are_marked_as_such(settings: Settings, app: Starlette) -> None:
    tag = ask(app, "/man-hinh/thu/du-lieu")[1]["etag"]
    pointer = settings.warehouse / "CURRENT"
    kept = pointer.read_text()
    pointer.write_text("nothing")
    try:
        status, _, body = ask(app, "/man-hinh/thu/du-lieu", if_none_match=tag)
        assert status == 200
        assert json.loads(body)["fallback"].startswith("Bản số liệu trước, lập lúc ")
    finally:
        pointer.write_text(kept)
    status, _, body = ask(app, "/man-hinh/thu/du-lieu")
    assert json.loads(body)["fallback"] == ""


def test_only_the_pages_own_files_are_served(app: Starlette) -> None:
    for name, kind in routes.ASSETS.items():
        status, headers, body = ask(app, f"/man-hinh/-/{name}")
        assert (status, headers["content-type"].split(";")[0]) == (200, kind)
        assert body
    assert ask(app, "/man-hinh/-/routes.py")[0] == 404
    assert ask(app, "/man-hinh/-/..%2froutes.py")[0] == 404


def test_colours_stand_in_the_theme_alone() -> None:
    style = (routes.FOLDER / "wall.css").read_text(encoding="utf-8")
    script = (routes.FOLDER / "wall.js").read_text(encoding="utf-8")
    assert "#0F1B2D" not in style
    assert "rgb(" not in style
    assert "innerHTML" not in script
    assert "insertAdjacentHTML" not in script
