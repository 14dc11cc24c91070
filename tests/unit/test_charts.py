"""What is drawn is what stands in the frame: values, order, marks that are no figure, targets, the break of 2025."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from dashboard import charts, text, theme

REPORTED = ("met", "attention", "behind", "no_target", "no_value")
PERIODS = ["2025-Q2", "2025-Q3", "2025-Q4"]


@pytest.fixture(autouse=True)
def _vietnamese() -> Iterator[None]:
    text.use("vi")
    yield
    text.use("vi")


def row(org_unit: str = "a", period: str = "2025-Q3", value: float | None = 90.0, **given: Any) -> dict[str, Any]:
    """A row of `progress`: a reported ratio of 100 with a target of 80, unless told otherwise."""
    target = given.get("target", 80.0)
    lower = given.get("direction") == "lower"
    gap = None if value is None or target is None else (target - value if lower else value - target)
    limits = (0, -10, -25, -50)
    number = None if gap is None else sum(gap < limit for limit in limits)
    standing = "no_value" if value is None else "no_target" if number is None else REPORTED[min(number, 2)]
    return {
        "attention": 10.0,
        "behind": 25.0,
        "far_behind": 50.0,
        "gap_class": number,
        "standing": standing,
        "planned_value": None,
        "median_value": None,
        "median_gap": None,
        "median_standing": None,
        "is_small": False,
        "previous_value": None,
        "change": None,
        "province": "38",
        "org_unit": org_unit,
        "org_unit_name": f"Xã {org_unit}",
        "short_name": org_unit,
        "sort_key": org_unit,
        "indicator": "VB01",
        "period": period,
        "status": "reported",
        "value": value,
        "value_to": None,
        "qualifier": "",
        "numerator": value,
        "denominator": 100.0,
        "target": 80.0,
        "gap": gap,
        "is_met": None if gap is None else gap >= 0,
        "measure_unit": "%",
        "decimals": 1,
        "direction": "higher",
        "rank": 1,
        **given,
    }


def nothing(status: str, **given: Any) -> dict[str, Any]:
    return row(value=None, **{"status": status, "standing": status, "numerator": None, "denominator": None, **given})


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    floats = dict.fromkeys(("value", "value_to", "numerator", "denominator", "target", "gap"), pl.Float64)
    return pl.DataFrame(list(rows), schema_overrides=floats, infer_schema_length=None)


def drawn(figure: go.Figure) -> Any:
    return json.loads(figure.to_json())


@pytest.mark.parametrize("mark", theme.MARKS)
def test_each_answer_is_told_by_shape_and_word(mark: str) -> None:
    given = row(standing=mark) if mark in REPORTED else nothing(mark)
    assert charts.mark_of(given) == mark
    assert f"{theme.MARKS[mark].shape} {text.t(theme.MARKS[mark].word)}" in charts.describe(given)


def test_no_two_marks_look_alike() -> None:
    assert len({mark.shape for mark in theme.MARKS.values()}) == len(theme.MARKS)
    assert len({text.t(mark.word) for mark in theme.MARKS.values()}) == len(theme.MARKS)


def test_zero_is_a_figure_and_what_is_missing_is_not() -> None:
    words = [charts.value_text(given) for given in (row(value=0), nothing("not_reported"), nothing("no_activity"))]
    assert words == ["0,0", "▨", "–"]
    assert charts.value_text(row(value=None, numerator=0.0, denominator=0.0)) == "0/0"


# ---------------------------------------------------------------- heat map


def heat_cells(figure: go.Figure) -> dict[tuple[str, str], dict[str, Any]]:
    """(unit, quarter) → what its cell looks like."""
    cells = {}
    for trace in drawn(figure)["data"]:
        for place, held in enumerate(trace["customdata"]):
            cells[held[0], held[2]] = {
                "text": trace["text"][place],
                "fill": trace["marker"]["color"][place],
                "pattern": trace["marker"]["pattern"]["shape"][place],
                "column": int(trace["base"][place]),
                "row": trace["y"][place],
                "words": held[3],
            }
    return cells


def test_a_heat_map_holds_every_row_of_the_frame_and_nothing_else() -> None:
    rows = frame(
        row("a", "2025-Q2", 85), row("a", "2025-Q3", 20), row("b", "2025-Q2", 60), nothing("not_reported", org_unit="b")
    )
    cells = heat_cells(charts.heatmap(rows, PERIODS, "2025-Q3"))
    assert {key: (cell["text"], cell["column"]) for key, cell in cells.items()} == {
        ("a", "2025-Q2"): ("85,0", 0),
        ("a", "2025-Q3"): ("20,0", 1),
        ("b", "2025-Q2"): ("60,0", 0),
        ("b", "2025-Q3"): ("", 1),
    }
    assert cells["a", "2025-Q2"]["fill"] == theme.GAP_CLASSES[0][0]
    assert cells["a", "2025-Q3"]["fill"] == theme.GAP_CLASSES[4][0]
    assert cells["b", "2025-Q3"]["pattern"] == "/"


def test_missing_exempt_inactive_and_not_due_cells_differ_from_each_other_and_from_zero() -> None:
    statuses = ("not_reported", "not_applicable", "no_activity", "not_due")
    rows = frame(row("zero", value=0), *(nothing(status, org_unit=status) for status in statuses))
    cells = heat_cells(charts.heatmap(rows, ["2025-Q3"], "2025-Q3")).values()
    assert len({(cell["text"], cell["pattern"]) for cell in cells}) == 5
    assert len({cell["words"] for cell in cells}) == 5


@pytest.mark.parametrize(("direction", "order"), [("higher", "bacd"), ("lower", "cabd")])
def test_a_heat_map_is_sorted_best_first_and_units_without_a_value_last(direction: str, order: str) -> None:
    rows = frame(
        row("a", value=50, direction=direction),
        row("b", value=90, direction=direction),
        row("c", value=10, direction=direction),
        nothing("not_reported", org_unit="d", direction=direction),
    )
    cells = heat_cells(charts.heatmap(rows, ["2025-Q3"], "2025-Q3"))
    assert "".join(sorted((unit for unit, _ in cells), key=lambda unit: cells[unit, "2025-Q3"]["row"])) == order


def test_a_hundred_and_sixty_six_units_stand_in_three_blocks() -> None:
    rows = frame(*(row(f"{number:03d}", value=number % 100) for number in range(166)))
    figure = charts.heatmap(rows, ["2025-Q3"], "2025-Q3")
    assert [len(trace["y"]) for trace in drawn(figure)["data"]] == [56, 56, 54]
    assert len(heat_cells(figure)) == 166


def test_without_a_target_the_classes_are_of_the_value() -> None:
    rows = frame(*(row(str(value), value=value, target=None) for value in (10, 30, 50, 70, 90)))
    fills = [cell["fill"] for cell in heat_cells(charts.heatmap(rows, ["2025-Q3"], "2025-Q3")).values()]
    assert sorted(fills) == sorted(fill for fill, _ in theme.VALUE_CLASSES)


def test_an_empty_frame_is_an_empty_picture() -> None:
    empty = frame(row()).clear()
    assert heat_cells(charts.heatmap(empty, [], "")) == {}
    assert drawn(charts.ranked(empty))["data"][0]["x"] == []
    assert charts.bullets(rollup().clear()).layout.height > 0


# ---------------------------------------------------------------- ranked bars


def test_ranked_bars_keep_the_order_given_and_leave_out_what_has_no_value() -> None:
    rows = frame(row("a", value=95), row("b", value=75), nothing("not_reported", org_unit="c"))
    figure = drawn(charts.ranked(rows))
    bars = figure["data"][0]
    assert (bars["x"], [held[0] for held in bars["customdata"]]) == ([95, 75], ["a", "b"])
    beside = [note["text"] for note in figure["layout"]["annotations"]]
    assert "● 95,0 %  (95/100)" in beside
    assert "▲ 75,0 %  (75/100)" in beside


def test_one_target_is_one_line_and_several_are_ticks() -> None:
    one = drawn(charts.ranked(frame(row("a"), row("b"))))
    assert [shape["x0"] for shape in one["layout"]["shapes"]] == [80]
    assert len(one["data"]) == 1
    several = drawn(charts.ranked(frame(row("a"), row("b", target=60.0))))
    assert "shapes" not in several["layout"]
    assert several["data"][1]["x"] == [80, 60]


def test_a_bound_is_written_as_a_bound() -> None:
    figure = drawn(charts.ranked(frame(row("a", value=90, qualifier="gt", numerator=None, denominator=None))))
    assert figure["layout"]["annotations"][-1]["text"].replace("\u00a0", " ") == "● > 90,0 %"


# ---------------------------------------------------------------- trend


def rollup(*periods: str, value: float | None = 50.0) -> pl.DataFrame:
    floats = dict.fromkeys(("value", "target", "numerator", "denominator", "previous_value", "gap"), pl.Float64)
    rows = [
        {
            "indicator": "VB01", "indicator_name_vi": "Ký số", "indicator_name_en": "Signed", "period": period,
            "value": value, "target": 80.0, "numerator": 50.0, "denominator": 100.0, "measure_unit": "%", "decimals": 1,
            "unit_count_reported": 160, "unit_count_no_activity": 2, "unit_count_not_applicable": 1,
            "unit_count_expected": 167, "previous_value": 40.0, "gap": -30.0, "is_met": False,
            "gap_class": 3, "standing": "behind", "planned_value": 45.0, "planned_gap": 5.0,
        }
        for period in periods or PERIODS
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides=floats)


def test_a_trend_breaks_where_a_quarter_has_no_value() -> None:
    line = drawn(charts.trend(rollup("2025-Q3", "2026-Q1"), ["2025-Q3", "2025-Q4", "2026-Q1"], "%", 1))["data"][-1]
    assert line["y"] == [50, None, 50]
    assert line["connectgaps"] is False


def test_a_trend_crossing_july_2025_shows_the_break_and_another_does_not() -> None:
    crossing = charts.trend(rollup(*PERIODS), PERIODS, "%", 1)
    assert [shape.x0 for shape in crossing.layout.shapes] == [0.5]
    assert any("01/07/2025" in note.text for note in crossing.layout.annotations)
    assert not charts.trend(rollup("2025-Q3", "2025-Q4"), ["2025-Q3", "2025-Q4"], "%", 1).layout.shapes


def test_a_trend_says_how_many_units_stand_behind_each_quarter() -> None:
    figure = charts.trend(rollup("2025-Q3"), ["2025-Q3", "2025-Q4"], "%", 1)
    assert list(figure.layout.xaxis.ticktext) == ["Q3/2025<br>162/166", "Q4/2025<br>—"]


# ---------------------------------------------------------------- bullets and tasks


def test_a_bullet_holds_value_target_planned_value_and_last_quarter() -> None:
    bars, target, planned, previous = drawn(charts.bullets(rollup("2025-Q3")))["data"]
    assert (bars["x"], target["x"], planned["x"], previous["x"]) == ([50], [80], [45], [40])
    assert bars["text"] == ["■ 50,0\u00a0% · 50/100 · 162/166 đơn vị"]


COUNTS = {
    "da_hoan_thanh_dung_han": 3, "dang_thuc_hien_dung_han": 66, "dang_thuc_hien_qua_han": 5,
    "dang_thuc_hien_khong_han": 1, "thuong_xuyen": 3, "chua_thuc_hien_dung_han": 1, "chua_thuc_hien_qua_han": 2,
}  # fmt: skip


def test_a_task_bar_is_a_whole_and_says_three_of_eighty_one() -> None:
    figure = drawn(charts.task_bars([{"label": "Tỉnh", "lead": "38.KHCN", "counts": COUNTS}]))
    assert sum(trace["x"][0] for trace in figure["data"]) == pytest.approx(100)
    assert sum(trace["customdata"][0][1] for trace in figure["data"]) == 81
    parts = {trace["name"]: trace["customdata"][0][1] for trace in figure["data"]}
    assert parts == {
        "Hoàn thành": 3, "Thường xuyên": 3, "Đang thực hiện": 67, "Đang thực hiện, quá hạn": 5,
        "Chưa thực hiện, quá hạn": 2, "Chưa thực hiện": 1,
    }  # fmt: skip
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["<b>3/81</b> (3,7\u00a0%)"]


def test_every_status_of_a_task_has_its_place_in_the_bar() -> None:
    placed = [status for part in theme.TASK_PARTS for status in part.statuses]
    assert len(placed) == len(set(placed)) == 10
    assert all(text.t(f"status.{status}") for status in placed)


def test_a_lead_without_tasks_is_drawn_without_dividing_by_zero() -> None:
    bars = charts.task_bars([{"label": "A", "counts": {}}, {"label": "B", "counts": {"thuong_xuyen": 1}}])
    assert list(bars.data[0].x) == [0, 100]


def test_numbers_follow_the_language() -> None:
    assert charts.trend(rollup("2025-Q3"), ["2025-Q3"], "%", 1).layout.separators == ",."
    text.use("en")
    assert charts.trend(rollup("2025-Q3"), ["2025-Q3"], "%", 1).layout.separators == ".,"
    assert charts.value_text(row(value=12.5)) == "12.5"
