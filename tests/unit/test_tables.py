"""Addresses of tables and sources, and the table that they open."""

from __future__ import annotations

import re

import pytest

from dashboard import matrix, tables
from dashboard.tables import Key

KEYS: list[Key] = [
    ("figure", "38.KHCN", "VB01", "2026-Q2"),
    ("figure", "", "VB01", "2026-Q2"),
    ("task", "Kế hoạch 266~số 1|NV-01", "", "2026-Q2"),
]


@pytest.mark.parametrize("key", KEYS)
def test_an_address_names_its_source(key: Key) -> None:
    assert tables.source_named(tables.SEPARATOR.join(key)) == key


@pytest.mark.parametrize("wished", ["", "figure", "~~~~", "x~38.KHCN~VB01~2026-Q2", "figure~2026-Q2"])
def test_what_names_no_source_opens_none(wished: str) -> None:
    assert tables.source_named(wished) is None


def test_words_of_others_stay_words_and_rows_keep_their_links() -> None:
    columns = {"Đơn vị": ["Xã <b>A</b>", "Xã B"], "Giá trị": ["\u20079", "10"], "Trống": ["", ""]}
    written = matrix.linked(columns, ["?don-vi=1&x=%22", ""], {(1, "Giá trị"): '?nguon="><b>'}, 9)
    table = written.partition("</style>")[2]
    assert re.findall('<th scope="col">(.*?)</th>', table) == ["Đơn vị", "Giá trị"]
    assert "<b>" not in table
    assert re.findall('href="(.*?)">(.*?)</a>', table) == [
        ("?don-vi=1&amp;x=%22", "Xã &lt;b&gt;A&lt;/b&gt;"),
        ("?nguon=&quot;&gt;&lt;b&gt;", "10"),
    ]
    assert ">9</td>" in table


def test_a_long_table_says_how_much_of_it_is_shown() -> None:
    columns = {"Đơn vị": [f"Xã {number}" for number in range(12)]}
    written = matrix.linked(columns, (), {}, 10)
    assert written.count("<tr>") == 11
    assert "10 dòng đầu trong số 12" in written
