"""Units compared: who is in the picture, what is drawn of each, what is said of them in the title."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from dashboard import charts, comparisons, headings, text, theme

NOW = "2026-Q2"


@pytest.fixture(autouse=True)
def _vietnamese() -> Iterator[None]:
    text.use("vi")
    yield
    text.use("vi")


def row(unit: str, value: float | None, rank: int | None = 1, **given: Any) -> dict[str, Any]:
    """A row of `progress`: a ratio of 100 with a target of 80 and a median of 60, unless told otherwise."""
    status = given.get("status", "reported")
    gap = None if value is None else value - 80
    number = None if gap is None else sum(gap < limit for limit in (0, -10, -25, -50))
    standing = status if value is None else ("met", "attention", "behind")[min(number or 0, 2)]
    beside = None if value is None else "above" if value > 70 else "below" if value < 50 else "around"
    return {
        "org_unit": unit, "org_unit_name": f"Xã {unit}", "short_name": unit, "sort_key": unit, "indicator": "VB01",
        "indicator_name_vi": "Ký số", "indicator_name_en": "Signed", "period": NOW, "status": status, "value": value,
        "value_to": None, "qualifier": "", "numerator": value, "denominator": None if value is None else 100.0,
        "target": 80.0, "gap": gap, "gap_class": number, "standing": standing, "median_value": 60.0,
        "median_standing": beside, "is_small": False, "measure_unit": "%", "decimals": 1, "direction": "higher",
        "rank": rank if value is not None else None, "previous_value": None, "change": None, "as_of": date(2026, 6, 14),
        "attention": 10.0, "behind": 25.0, "far_behind": 50.0, "least_denominator": 10.0, **given,
    }  # fmt: skip


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    floats = ("value", "value_to", "numerator", "denominator", "target", "gap", "previous_value", "change")
    kinds: dict[str, Any] = {**dict.fromkeys(floats, pl.Float64), "rank": pl.Int64, "gap_class": pl.Int64}
    return pl.DataFrame(list(rows), schema_overrides=kinds | {"median_standing": pl.String}, infer_schema_length=None)


def ranked(*values: float) -> pl.DataFrame:
    """Units a, b, … with values best first; equal values share a rank."""
    return frame(*(row(f"{place:02d}", value, values.index(value) + 1) for place, value in enumerate(values)))


def drawn(figure: go.Figure) -> Any:
    return json.loads(figure.to_json())


def names(rows: pl.DataFrame) -> list[str]:
    return list(rows["org_unit"])


# ---------------------------------------------------------------- who is in the picture


def test_the_ends_of_a_ranking_keep_the_order_of_ranks() -> None:
    rows = ranked(*(float(value) for value in range(99, 59, -1)))
    assert comparisons.leaders(rows, "top", 3)["value"].to_list() == [99, 98, 97]
    assert comparisons.leaders(rows, "bottom", 3)["value"].to_list() == [62, 61, 60]
    assert comparisons.leaders(rows, "near", 3)["value"].to_list() == [81, 80, 79]


def test_a_tie_at_the_edge_is_not_torn_apart_unless_it_is_long() -> None:
    assert len(comparisons.leaders(ranked(90, 80, 80, 80, 70, 60, 50), "top", 3)) == 4
    assert len(comparisons.leaders(ranked(90, *[80.0] * 9, 70), "top", 3)) == 3
    assert len(comparisons.leaders(ranked(90, 80, 70, 60, 50, 50, 50), "bottom", 2)) == 3


def test_units_without_a_rank_are_not_in_a_ranking() -> None:
    rows = frame(row("a", 90), row("b", None, status="not_reported"), row("c", 50, None, qualifier="gt"))
    assert names(comparisons.leaders(rows, "top")) == ["a"]


def test_those_who_moved_most_gains_first() -> None:
    rows = frame(*(row(f"{step}", 50.0, change=float(step)) for step in (-9, -1, 0, 2, 7)), row("x", 50.0))
    assert comparisons.movers(rows, 4)["change"].to_list() == [7, 2, -1, -9]
    lower = rows.with_columns(direction=pl.lit("lower"))
    assert comparisons.movers(lower, 2)["change"].to_list() == [-9, 7]


# ---------------------------------------------------------------- what is drawn


def test_ends_carry_rank_value_and_counts_and_their_unit() -> None:
    figure = drawn(comparisons.ends(ranked(95, 75, 75, 20)))
    bars = figure["data"][0]
    assert bars["x"] == [95, 75, 75, 20]
    assert [held[:3] for held in bars["customdata"]] == [[f"0{n}", "VB01", NOW] for n in range(4)]
    assert [label.split(" ")[0] for label in figure["layout"]["yaxis"]["ticktext"]] == ["1.", "2.", "2.", "4."]
    words = [note["text"] for note in figure["layout"]["annotations"]]
    assert "● 95,0 % (95/100)" in words
    assert any("80" in word and "Chỉ tiêu giao" in word for word in words)
    assert bars["marker"]["color"] == [theme.GAP_CLASSES[number][0] for number in (0, 1, 1, 4)]


def test_beside_the_median_colours_and_line_are_those_of_the_median() -> None:
    figure = drawn(comparisons.ends(ranked(95, 60, 20), "median"))
    expected = [theme.MEDIAN_MARKS[key].colour for key in ("above", "around", "below")]
    assert figure["data"][0]["marker"]["color"] == expected
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [60]


def test_a_ratio_of_few_cases_is_grey_and_not_judged() -> None:
    few = frame(row("a", 90, is_small=True), row("b", 90))
    grey, coloured = drawn(comparisons.ends(few))["data"][0]["marker"]["color"]
    assert grey != coloured == theme.GOOD


def test_a_strip_shows_every_unit_and_names_the_chosen_one() -> None:
    rows = ranked(*(float(value) for value in range(90, 10, -2)))
    figure = drawn(comparisons.strip(rows, "05", named=1))
    dots = figure["data"][0]
    assert sorted(dots["x"]) == sorted(rows["value"].to_list())
    chosen = [held[0] for held, size in zip(dots["customdata"], dots["marker"]["size"], strict=True) if size > 10]
    assert chosen == ["05"]
    named = [note["text"] for note in figure["layout"]["annotations"]]
    assert any(words.startswith("<b>05 ") for words in named)
    assert len(named) == 5  # the chosen one, either end, target and median


def test_dots_of_one_value_stand_on_top_of_one_another() -> None:
    heights = drawn(comparisons.strip(ranked(80, 50, 50, 50, 20)))["data"][0]["y"]
    assert sorted(heights) == [0, 0, 0, 1, 2]


def test_a_dumbbell_goes_from_last_quarter_to_now() -> None:
    line, ring, now = drawn(comparisons.dumbbell(frame(row("a", 90, previous_value=70.0, change=20.0))))["data"]
    assert (line["x"], ring["x"], now["x"]) == ([70, 90, None], [70], [90])
    assert now["customdata"][0][:3] == ["a", "VB01", NOW]


def test_small_multiples_share_a_scale_and_break_at_july_2025() -> None:
    quarters = ["2025-Q2", "2025-Q3", "2025-Q4"]
    rows = frame(*(row(unit, value, period=quarter) for unit, value in (("a", 90), ("b", 20)) for quarter in quarters))
    figure = drawn(comparisons.multiples(rows, quarters, "2025-Q4", columns=2))
    assert figure["layout"]["yaxis"]["range"] == figure["layout"]["yaxis2"]["range"]
    assert len(figure["layout"]["shapes"]) == 2
    titles = [note["text"] for note in figure["layout"]["annotations"]]
    assert [title.split("<br>")[0] for title in titles] == ["<b>b</b>", "<b>a</b>"]  # furthest from the target first


TILES = pl.DataFrame(
    {
        "org_unit": ["a", "b", "c", "d"],
        "org_unit_name": ["Xã a", "Xã b", "Xã c", "Xã d"],
        "short_name": ["a", "b", "c", "d"],
        "col": [0, 1, 2, 3],
        "row": [0, 0, 1, 1],
    }
)


def test_a_tile_map_has_one_square_per_commune_missing_ones_hatched() -> None:
    rows = frame(row("a", 90), row("b", 10), row("c", None, status="not_reported"))
    squares = drawn(comparisons.tile_map(TILES, rows, chosen="b"))["data"][0]
    assert [held[0] for held in squares["customdata"]] == ["a", "b", "c", "d"]
    assert squares["marker"]["pattern"]["shape"] == ["", "", "/", ""]
    assert squares["text"] == ["●", "■", "", ""]
    assert squares["marker"]["line"]["width"][1] > squares["marker"]["line"]["width"][0]
    top = [base for base, place in zip(squares["base"], TILES["row"], strict=True) if place == 0]
    assert max(top) < 0 < min(set(squares["base"]) - set(top))


def test_a_picture_for_a_room_has_larger_letters_and_the_same_figures() -> None:
    desk = comparisons.ends(ranked(95, 75))
    room = charts.enlarged(desk, 3, height=800)
    assert room.layout.font.size == 3 * desk.layout.font.size
    assert room.layout.annotations[0].font.size == 3 * desk.layout.annotations[0].font.size
    assert (room.layout.height, room.layout.margin.r) == (800, 3 * desk.layout.margin.r)
    assert list(room.data[0].x) == list(desk.data[0].x)
    assert comparisons.dumbbell(frame(row("a", 9, previous_value=7.0, change=2.0))).data[2].marker.size == 13


@pytest.mark.parametrize(
    "draw", [comparisons.ends, comparisons.strip, comparisons.dumbbell, lambda rows: comparisons.tile_map(TILES, rows)]
)
def test_nothing_is_an_empty_picture(draw: Any) -> None:
    assert draw(frame(row("a", 1)).clear()).layout.height > 0


# ---------------------------------------------------------------- what is said


def rollup(**given: Any) -> dict[str, Any]:
    return {**row("", 70.0), "met_count": 43, "missed_count": 123, "target": 100.0, **given}


SAID = [
    (lambda: headings.met(rollup(), "Xã, phường"), "43/166 xã, phường đạt chỉ tiêu 100 %"),
    (lambda: headings.met(rollup(target=None), "Xã, phường"), "Xã, phường đạt chung 70,0 %"),
    (lambda: headings.met(None, "Xã, phường"), "Chưa có số liệu"),
    (lambda: headings.first(ranked(95, 75)), "00 dẫn đầu: 95,0 %"),
    (lambda: headings.first(ranked(95, 95, 75)), "2 đơn vị cùng dẫn đầu: 95,0 %"),
    (lambda: headings.last(ranked(95, 75)), "01 thấp nhất: 75,0 %"),
    (lambda: headings.near(ranked(95, 75, 71, 20)), "2 đơn vị sát chỉ tiêu giao"),
    (lambda: headings.median(ranked(95)), "Một nửa số đơn vị đạt từ 60,0 %"),
    (lambda: headings.moved(frame(row("a", 9, change=1.0), row("b", 9, change=-1.0))), "1/2 đơn vị tiến bộ so với"),
    (lambda: headings.moved(ranked(9)), "Chưa có quý trước để so"),
    (lambda: headings.indicators_met(ranked(95, 75, 20)), "1/3 chỉ tiêu đã đạt mức giao"),
    (lambda: headings.tasks({"task_count": 81, "done_count": 3, "overdue_count": 7}), "3/81 nhiệm vụ hoàn thành"),
    (lambda: headings.missing(pl.DataFrame({"is_received": [True, False]})), "1/2 báo cáo chưa nộp"),
    (lambda: headings.missing(pl.DataFrame({"is_received": [True, True]})), "2/2 báo cáo đã nộp đủ"),
]


@pytest.mark.parametrize(("say", "said"), SAID, ids=[said for _, said in SAID])
def test_a_title_says_what_the_rows_show(say: Any, said: str) -> None:
    words = say().replace("\u00a0", " ")
    assert words.startswith(said)
    assert len(words.split()) <= 12  # ten words, a number and its sign being one


def test_below_the_title_stand_measure_unit_kind_quarter_and_day() -> None:
    assert headings.about_rows(ranked(95, 75), "Xã, phường", NOW) == (
        "VB01 Ký số (%) · Xã, phường · Q2/2026 · Số liệu tính đến 14/06/2026"
    )
