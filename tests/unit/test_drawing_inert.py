"""Names and notes of others inside a figure are letters, whatever Plotly would make of them."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from dashboard.drawing import inert, remembered

HOSTILE = (
    '<a href="javascript:alert(1)">x</a>',
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<BR><B>x</B>",
    '<span style="font-size:90px">x</span>',
    "<sub>x</sub><i>x</i><br/>",
    "a < b",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_only_our_own_marks_are_left_in_a_figure(name: str) -> None:
    @remembered
    def draw(words: str) -> go.Figure:
        figure = go.Figure(go.Bar(x=[1], y=[1], hovertext=[words], customdata=[[words]], text=words, name=words))
        figure.update_traces(hovertemplate="<b>%{hovertext}</b><br>%{customdata[0]}<extra></extra>")
        return figure.update_layout(title=words, xaxis_ticktext=[words])

    drawn = draw(name).to_dict()
    shown = name.replace("<", "&lt;")
    bar = drawn["data"][0]
    assert [bar["hovertext"], bar["customdata"], bar["text"], bar["name"]] == [[shown], [[shown]], shown, shown]
    assert drawn["layout"]["title"]["text"] == shown
    assert bar["hovertemplate"] == "<b>%{hovertext}</b><br>%{customdata[0]}<extra></extra>"


def test_what_is_no_mark_stays() -> None:
    figure = {"text": "<b>1.234,5</b><br>≤ 5 &amp; > 3"}
    assert json.loads(inert(json.dumps(figure).encode())) == figure
