"""A figure is built once for the same rows and words, and never shown to who has other rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from dashboard import drawing, text
from dashboard.drawing import Drawn, remembered


@pytest.fixture
def counted() -> tuple[Callable[..., Drawn], list[object]]:
    calls: list[object] = []

    @remembered
    def bars(rows: pl.DataFrame, *, height: int = 100, words: Any = ()) -> go.Figure:
        calls.append(words)
        figure = go.Figure(go.Bar(x=rows["value"].to_list(), y=rows["name"].to_list()))
        figure.update_layout(template="none", height=height, title=str(words))
        return figure

    return bars, calls


def test_a_figure_is_built_once_for_the_same_rows_and_language(
    counted: tuple[Callable[..., Drawn], list[object]],
) -> None:
    bars, calls = counted
    rows = pl.DataFrame({"name": ["Hạc Thành", "Đông Quang"], "value": [40.5, 60.0]})
    first, again = bars(rows), bars(rows.clone())
    assert len(calls) == 1
    assert json.loads(first.to_json()) == json.loads(again.to_json())
    assert first.to_dict()["data"][0] == {"type": "bar", "x": [40.5, 60.0], "y": ["Hạc Thành", "Đông Quang"]}
    text.use("en")
    bars(rows)
    assert len(calls) == 2


def test_other_rows_or_words_are_another_figure(counted: tuple[Callable[..., Drawn], list[object]]) -> None:
    bars, calls = counted
    rows = pl.DataFrame({"name": ["a"], "value": [1.0]})
    others = [
        rows.with_columns(value=pl.lit(2.0)),
        rows.rename({"name": "name", "value": "value"}).with_columns(secret=pl.lit("x")),
        pl.concat([rows, rows]),
    ]
    wished: list[Any] = ["12", 12, ("1", "2"), (("1",), "2"), ("1", ("2",)), {"1": "2"}, None, True, 1, 1.0]
    for held in (rows, *others):
        bars(held)
    for words in wished:
        bars(rows, words=words)
    bars(rows, height=101)
    assert len(calls) == 1 + len(others) + len(wished) + 1


def test_changing_a_figure_leaves_the_remembered_one_alone(counted: tuple[Callable[..., Drawn], list[object]]) -> None:
    bars, _ = counted
    rows = pl.DataFrame({"name": ["b"], "value": [3.0]})
    figure = bars(rows)
    assert figure.layout.height == 100
    figure.update_layout(height=900)
    figure.add_trace(go.Bar(x=[1], y=["c"]))
    assert figure.to_dict()["layout"]["height"] == 900
    assert len(figure.to_dict()["data"]) == 2
    assert bars(rows).layout.height == 100
    assert len(bars(rows).data) == 1


def test_memory_for_figures_is_bounded(
    counted: tuple[Callable[..., Drawn], list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bars, calls = counted
    figures = drawing._Figures()
    monkeypatch.setattr(drawing, "_figures", figures)
    monkeypatch.setattr(drawing, "MOST_BYTES", 2_000)
    frames = [pl.DataFrame({"name": [f"unit {n}"], "value": [float(n)]}) for n in range(50)]
    for frame in frames:
        bars(frame)
    assert sum(map(len, figures._held.values())) <= 2_000
    bars(frames[-1])
    assert len(calls) == 50
    bars(frames[0])
    assert len(calls) == 51
