"""A choice and its URL are one another; words on a page and numbers in a file stand in the same columns."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import extracts
from dashboard.extracts import LAYOUTS, LISTS, MEASURES, ORDERS, Choice, from_parameters, to_parameters

KNOWN = {
    "indicators": ["VB01", "VB03", "DVC12"],
    "units": ["38.TC", "14758"],
    "unit_groups": ["commune", "department"],
    "reporting_lines": ["ubnd", "vptu"],
    "periods": ["2026-Q1", "2026-Q2"],
    "measures": list(MEASURES),
}
CHOICES = st.builds(
    Choice,
    layout=st.sampled_from(LAYOUTS),
    order=st.sampled_from(ORDERS),
    **{field: st.lists(st.sampled_from(codes), unique=True).map(tuple) for field, codes in KNOWN.items()},
)


@given(CHOICES, CHOICES)
def test_a_choice_comes_back_from_its_url_whatever_the_default_is(choice: Choice, default: Choice) -> None:
    assert from_parameters(to_parameters(choice), default, KNOWN) == choice


@given(CHOICES)
def test_what_the_url_does_not_say_is_the_default(default: Choice) -> None:
    assert from_parameters({"quy": "2026-Q1", "utm_source": "zalo"}, default, KNOWN) == default


@given(CHOICES, st.text())
def test_what_is_unknown_is_left_out(default: Choice, nonsense: str) -> None:
    wished = {LISTS["indicators"]: f"VB01,{nonsense}", LISTS["units"]: nonsense, extracts.LAYOUT: nonsense}
    found = from_parameters(wished, default, KNOWN)
    assert "VB01" in found.indicators
    assert set(found.indicators) <= set(KNOWN["indicators"])
    assert set(found.units) <= set(KNOWN["units"])
    assert found.layout in LAYOUTS


def test_names_in_the_url_are_those_of_links_already_out_there() -> None:
    choice = Choice(("VB01",), ("38.TC",), (), ("ubnd",), ("2026-Q1", "2026-Q2"), ("value", "rank"), "period", "gap")
    assert to_parameters(choice) == {
        "cac-chi-tieu": "VB01",
        "cac-don-vi": "38.TC",
        "cac-loai": "tat-ca",
        "tuyen": "ubnd",
        "cac-quy": "2026-Q1,2026-Q2",
        "so-do": "value,rank",
        "bang": "period",
        "xep": "gap",
    }


# ---------------------------------------------------------------- the table


def figure(line: int, org_unit: str, indicator: str, period: str, value: float | None, **other: Any) -> dict[str, Any]:
    standing = "not_reported" if value is None else "behind"
    return {
        "line": line,
        "org_unit": org_unit,
        "org_unit_name": f"Xã {org_unit}",
        "indicator": indicator,
        "indicator_name_vi": f"Tên {indicator}",
        "indicator_name_en": f"Name {indicator}",
        "indicator_position": int(indicator[-1]),
        "period": period,
        "period_label_vi": f"Quý {period[-1]}/{period[:4]}",
        "period_label_en": period,
        "start_on": date(int(period[:4]), int(period[-1]) * 3 - 2, 1),
        "numerator": None if value is None else value * 10,
        "denominator": None if value is None else 1000.0,
        "value": value,
        "value_to": None,
        "qualifier": "",
        "status": "not_reported" if value is None else "reported",
        "standing": standing,
        "target": 80.0,
        "gap": None if value is None else value - 80,
        "change": None,
        "rank": None if value is None else 2,
        "ranked_count": 12,
        "measure_unit": "%",
        "decimals": 1,
        "as_of": None if value is None else date(2026, 6, 14),
        **other,
    }


LONG = pl.DataFrame(
    [
        figure(1, "a", "VB01", "2026-Q2", 1234.56),
        figure(2, "a", "VB02", "2026-Q2", None),
        figure(3, "b", "VB01", "2026-Q2", 90.0, value_to=95.0, qualifier="range", gap=10.0),
    ],
    infer_schema_length=None,
)
BY_QUARTER = pl.DataFrame(
    [
        figure(1, "a", "VB01", "2026-Q2", 52.3),
        figure(1, "a", "VB01", "2025-Q4", 50.0),
        figure(2, "b", "VB01", "2026-Q2", None),
    ],
    infer_schema_length=None,
)


def test_a_long_table_is_written_as_people_here_write() -> None:
    table = extracts.in_words(LONG, Choice(measures=("value", "gap", "rank", "status")))
    assert table.columns == {
        "Đơn vị": ["Xã a", "Xã a", "Xã b"],
        "Chỉ tiêu": ["VB01 · Tên VB01", "VB02 · Tên VB02", "VB01 · Tên VB01"],
        "Quý": ["Quý 2/2026"] * 3,
        "Giá trị (%)": ["1.234,6", "", "90,0–95,0"],
        "So với chỉ tiêu (điểm %)": ["+1.154,6", "", "+10,0"],
        "Xếp hạng": ["2/12", "", "2/12"],
        "Trạng thái": ["■ Chậm", "▨ Chưa báo cáo", "■ Chậm"],
        "Đơn vị tính": [],
        "Tính đến": ["14/06/2026", "", "14/06/2026"],
    }
    assert table.keys[2, "Giá trị (%)"] == ("b", "VB01", "2026-Q2")


def test_a_wide_table_has_quarters_in_their_order_and_says_why_a_cell_has_no_value() -> None:
    table = extracts.in_words(BY_QUARTER, Choice(layout="period"))
    assert table.columns == {
        "Đơn vị": ["Xã a", "Xã b"],
        "Chỉ tiêu": ["VB01 · Tên VB01"] * 2,
        "Đơn vị tính": [],
        "Q4/2025": ["50,0", ""],
        "Q2/2026": ["52,3", "▨"],
    }
    assert table.keys[1, "Q2/2026"] == ("b", "VB01", "2026-Q2")
    assert (1, "Q4/2025") not in table.keys


def test_a_file_has_the_numbers_behind_the_words() -> None:
    sheet = extracts.table_sheet(LONG, Choice(measures=("numerator", "value", "status")))
    headings = [column.heading for column in sheet.columns.values()]
    assert headings == [
        "Mã đơn vị",
        "Đơn vị",
        "Chỉ tiêu",
        "Quý",
        "Số thực hiện",
        "Giá trị (%)",
        "Mức chính xác",
        "Đến",
        "Trạng thái",
        "Tính đến",
    ]
    assert sheet.frame["value"].to_list() == [1234.56, None, 90.0]
    assert sheet.columns["value"].decimals == "decimals"
    assert sheet.columns["numerator"].decimals is None
    assert "■ Chậm" in sheet.columns["status"].fills


@pytest.mark.parametrize(("measures", "titles"), [((), ["Q4/2025", "Q2/2026"]), (("value", "rank"), None)])
def test_a_wide_file_has_a_column_for_each_quarter_and_measure(
    measures: tuple[str, ...], titles: list[str] | None
) -> None:
    sheet = extracts.table_sheet(BY_QUARTER, Choice(measures=measures, layout="period"))
    shown = [column.title for column in sheet.columns.values()][4:]
    assert shown == (titles or ["Q4/2025 · Giá trị", "Q4/2025 · Xếp hạng", "Q2/2026 · Giá trị", "Q2/2026 · Xếp hạng"])
    assert sheet.frame.select("org_unit", "2025-Q4.value", "2026-Q2.value").rows() == [
        ("a", 50.0, 52.3),
        ("b", None, None),
    ]


def test_a_wide_file_by_indicator_keeps_the_decimals_of_each() -> None:
    rows = pl.DataFrame(
        [figure(1, "a", "VB01", "2026-Q2", 5.0), figure(1, "a", "HT02", "2026-Q2", 7.0, decimals=0, measure_unit="km")],
        infer_schema_length=None,
    )
    columns = extracts.table_sheet(rows, Choice(layout="indicator")).columns
    assert columns["VB01.value"].decimals == 1
    assert columns["HT02.value"].decimals == 0
    assert [columns[name].title for name in ("VB01.value", "HT02.value")] == ["VB01 (%)", "HT02 (km)"]
