"""A form's definition → the workbook a unit fills in; the readers know it by the same definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from etl.model import CellValue
from etl.periods import cadence, cut_off, label
from etl.reference import Column, Form, Indicator, OrgUnit, Reference, Task
from etl.vietnamese import sort_key

Values: TypeAlias = Mapping[str | tuple[str, str], CellValue]
Rows: TypeAlias = Mapping[str, Values]

HEADER_ROW = 10  # 0-based: the labels stand above, the table begins here
_BLANK_TASK_ROWS = 8
# An empty text would be stored as no result at all, as of a formula that was never calculated.
_NO_FIGURE = "…"
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_FIGURES_MESSAGE = "Nhập số. Để trống nếu chưa có số liệu; gõ - nếu không phát sinh; gõ x nếu không thuộc phạm vi."
_NOTES = {
    "indicator_rows": "Ghi chú: chỉ nhập cột Số thực hiện, Tổng số; tỷ lệ tự tính. " + _FIGURES_MESSAGE,
    "task_rows": "Ghi chú: chọn trạng thái trong danh sách; đúng hạn hay quá hạn được tính từ các ngày.",
    "unit_rows": "Ghi chú: chỉ nhập các cột {figures}; tỷ lệ và các dòng cộng tự tính. " + _FIGURES_MESSAGE,
}


def write_template(
    reference: Reference,
    form: str,
    org_unit: str,
    period: str,
    *,
    rows: Rows | None = None,
    path_or_stream: Path | BinaryIO,
    as_of: date | None = None,
    remark: str = "",
) -> None:
    """Writes the workbook of a form for a unit and period, blank or with `rows` filled in.

    `rows`: indicator code, task code or unit code → values by column key, in a form of units by (indicator, measure);
    a task code that is not the unit's adds a row. `remark` stands visibly above the table.
    """
    definition, unit = reference.forms[form], reference.org_units[org_unit]
    as_of = as_of or cut_off(period, _cut_off_day(definition, period))
    target = str(path_or_stream) if isinstance(path_or_stream, Path) else path_or_stream
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_urls": False}) as workbook:
        made_at = datetime.combine(as_of, time())  # not now: the same rows give the same bytes
        workbook.set_properties({"title": definition.name_vi, "created": made_at})
        page = _Page(workbook, reference, definition, unit, period, as_of, rows or {})
        page.write_head(remark)
        first, last = _TABLES[definition.shape](page)
        page.write_foot(last, remark)
        page.set_up(first, last)


def _cut_off_day(form: Form, period: str) -> int:
    rules = (rule.cut_off_day for rule in form.expected if rule.cadence == cadence(period))
    return next((day for day in rules if day), 14)


@dataclass(slots=True)
class _Page:
    """The one sheet of a form while it is written; rows and columns count from 0."""

    workbook: Any
    reference: Reference
    form: Form
    unit: OrgUnit
    period: str
    as_of: date
    rows: Rows
    sheet: Any = None
    columns: tuple[Column, ...] = ()
    last_column: int = 0
    header_rows: int = 1
    freeze_column: int = 3
    indicators: tuple[Indicator, ...] = ()
    _styles: Any = None

    def __post_init__(self) -> None:
        self._styles = {}
        self.sheet = self.workbook.add_worksheet(self.form.sheet)
        self.columns = tuple(column for column in self.form.columns if column.in_template)
        self.last_column = len(self.columns) - 1
        if self.form.shape != "task_rows":
            self.indicators = _indicators(self.reference, self.form, self.unit, self.period)
        if self.form.shape == "unit_rows":
            self.header_rows, self.freeze_column = 2, len(self.columns)
            self.last_column += len(self.indicators) * len(self.form.measures)

    def style(self, **properties: Any) -> Any:
        """One format per set of properties; a workbook holds few."""
        key = tuple(properties.items())
        if key not in self._styles:
            base = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
            self._styles[key] = self.workbook.add_format(base | properties)
        return self._styles[key]

    def cell_style(self, *, locked: bool, **properties: Any) -> Any:
        """A cell of the table: bordered, wrapped; an entry cell is unlocked and tinted."""
        key = (locked, *properties.items())
        if key not in self._styles:
            base: dict[str, Any] = {"border": 1, "border_color": "#808080", "text_wrap": True}
            if not locked:
                base |= {"locked": False, "bg_color": "#FFFBEA"}
            self._styles[key] = self.style(**base | properties)
        return self._styles[key]

    # above and below the table

    def write_head(self, remark: str) -> None:
        right = min(3 if self.form.shape != "task_rows" else 5, self.last_column - 1)
        above, agency = _agency(self.reference, self.unit)
        is_party = self.reference.unit_kinds[self.unit.kind].kind == "party_body"
        centred, bold = {"align": "center"}, {"align": "center", "bold": True}
        self.merged(0, 0, right - 1, above, self.style(**centred))
        self.merged(1, 0, right - 1, agency, self.style(**bold))
        motto = "ĐẢNG CỘNG SẢN VIỆT NAM" if is_party else "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
        self.merged(0, right, self.last_column, motto, self.style(**bold))
        if not is_party:
            self.merged(1, right, self.last_column, "Độc lập - Tự do - Hạnh phúc", self.style(**bold))
        title = self.form.titles[0].upper()
        self.merged(4, 0, self.last_column, title, self.style(bold=True, align="center", font_size=14))
        number = f"Biểu số {self.form.code[2:]} (Kèm theo Báo cáo của đơn vị)"
        self.merged(5, 0, self.last_column, number, self.style(italic=True, align="center"))
        caption, value = self.style(bold=True, align="right"), self.style(align="left")
        labels = self.form.labels
        for row, text in ((6, labels.org_unit[0]), (7, labels.period[0]), (8, labels.as_of[0])):
            self.sheet.write_string(row, 1, f"{text}:", caption)
        self.sheet.write_string(6, 2, sender_name(self.reference, self.unit), value)
        self.sheet.write_string(7, 2, label(self.period), value)
        as_of_style = self.style(align="left", num_format="dd/mm/yyyy", locked=False, bg_color="#FFFBEA")
        self.sheet.write_datetime(8, 2, self.as_of, as_of_style)
        if remark:
            self.sheet.write_string(9, 1, remark, self.style(bold=True, italic=True, font_color="#B00020"))

    def write_foot(self, last_row: int, remark: str) -> None:
        italic, centred = self.style(italic=True), {"align": "center"}
        figures = ", ".join(measure.header for measure in self.form.measures if measure.key != "percentage")
        note = _NOTES[self.form.shape].format(figures=figures) + (f" {remark}." if remark else "")
        self.sheet.write_string(last_row + 1, 1, note, italic)
        row, right = last_row + 3, max(self.last_column - 3, 2)
        place = self.reference.org_units[self.reference.province_of(self.unit.code) or "VN"].short_name
        day = f"{place}, ngày {self.as_of.day:02} tháng {self.as_of.month} năm {self.as_of.year}"
        self.merged(row, right, self.last_column, day, self.style(italic=True, locked=False, **centred))
        for column, last, title, sign in (
            (0, min(2, right - 1), "NGƯỜI LẬP BIỂU", "(Ký, ghi rõ họ tên)"),
            (right, self.last_column, "THỦ TRƯỞNG ĐƠN VỊ", "(Ký tên, đóng dấu)"),
        ):
            self.merged(row + 1, column, last, title, self.style(bold=True, **centred))
            self.merged(row + 2, column, last, sign, self.style(italic=True, **centred))
            self.merged(row + 6, column, last, "", self.style(bold=True, locked=False, **centred))

    def merged(self, row: int, first: int, last: int, text: str, style: Any) -> None:
        if last > first:
            self.sheet.merge_range(row, first, row, last, text, style)
        else:
            self.sheet.write(row, first, text, style)

    def set_up(self, first_row: int, last_row: int) -> None:
        """Widths, frozen panes, print set-up and protection (without a password: it guards against slips only)."""
        sheet = self.sheet
        for index, column in enumerate(self.columns):
            sheet.set_column(index, index, column.width)
        if self.last_column >= len(self.columns):
            sheet.set_column(len(self.columns), self.last_column, 13)
        sheet.freeze_panes(first_row, self.freeze_column)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.repeat_rows(HEADER_ROW, first_row - 1)
        sheet.print_area(0, 0, last_row + 9, self.last_column)
        sheet.set_footer("&R&9Trang &P/&N")
        sheet.hide_gridlines(2)
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})

    # the table's own parts

    def write_header(self) -> int:
        """The header cells and the row of column numbers; returns the first row below them."""
        style = self.cell_style(locked=True, bold=True, align="center", bg_color="#DCE6F1")
        last = HEADER_ROW + self.header_rows - 1
        for index, column in enumerate(self.columns):
            if last > HEADER_ROW:
                self.sheet.merge_range(HEADER_ROW, index, last, index, column.header, style)
            else:
                self.sheet.write_string(HEADER_ROW, index, column.header, style)
        return last + 1

    def write_column_numbers(self, row: int, texts: list[str]) -> int:
        style = self.cell_style(locked=True, italic=True, align="center", font_size=10)
        for index, text in enumerate(texts):
            self.sheet.write_string(row, index, text, style)
        return row + 1

    def write_group(self, row: int, number: int, title: str, title_column: int) -> None:
        style = self.cell_style(locked=True, bold=True, bg_color="#F2F2F2")
        for column in range(self.last_column + 1):
            self.sheet.write_blank(row, column, None, style)
        self.sheet.write_string(row, 0, _ROMANS[number], style)
        self.sheet.write_string(row, title_column, title, style)

    def write_value(self, row: int, column: int, value: CellValue, style: Any) -> None:
        if value is None:
            self.sheet.write_blank(row, column, None, style)
        elif isinstance(value, date | datetime):
            self.sheet.write_datetime(row, column, value, style)
        elif isinstance(value, int | float):
            self.sheet.write_number(row, column, value, style)
        else:
            self.sheet.write_string(row, column, str(value), style)

    def write_percentage(
        self, row: int, column: int, indicator: Indicator, values: tuple[CellValue, CellValue]
    ) -> None:
        """`numerator / denominator * 100` of the two cells to the left; `…` (not reported) while one is missing."""
        style = self.cell_style(locked=True, align="right", num_format=_number_format(indicator.decimals))
        numerator, denominator = (xl_rowcol_to_cell(row, column - 2), xl_rowcol_to_cell(row, column - 1))
        formula = f'=IFERROR({numerator}/{denominator}*{indicator.factor:g},"{_NO_FIGURE}")'
        self.sheet.write_formula(row, column, formula, style, _percentage(indicator, values))

    def write_figure(self, row: int, column: int, indicator: Indicator, values: Values, part: str, key: Any) -> None:
        """An entry cell. The numerator of a ratio stays in the general format: a typed 3/8 that Excel takes for a date
        is then still shown as one, and its reader can tell."""
        is_ratio_part = indicator.kind == "ratio" and part == "numerator"
        number_format = "General" if is_ratio_part else _number_format(indicator.decimals if part == "numerator" else 0)
        if indicator.kind == "quantity":
            number_format = _number_format(indicator.decimals)
        style = self.cell_style(locked=False, align="right", num_format=number_format)
        self.write_value(row, column, values.get(key), style)

    def validate_figures(self, first_row: int, last_row: int, first_column: int, last_column: int) -> None:
        cell = xl_rowcol_to_cell(first_row, first_column)
        self.sheet.data_validation(
            first_row,
            first_column,
            last_row,
            last_column,
            {
                "validate": "custom",
                "value": f'=OR(AND(ISNUMBER({cell}),{cell}>=0),{cell}="-",{cell}="x")',
                "input_title": "Số liệu",
                "input_message": _FIGURES_MESSAGE,
                "error_title": "Hãy kiểm tra",
                "error_message": "Ô này cần một số không âm, dấu - hoặc chữ x.",
                "error_type": "warning",
            },
        )


# --- the three shapes -----------------------------------------------------------------------------------------------


def _write_indicator_rows(page: _Page) -> tuple[int, int]:
    place = {column.key: index for index, column in enumerate(page.columns)}
    row = page.write_header()
    numbers = [f"({index})" for index in range(1, len(page.columns) + 1)]
    if {"numerator", "denominator", "percentage"} <= place.keys():
        n, d, p = place["numerator"], place["denominator"], place["percentage"]
        numbers[p] = f"({p + 1})=({n + 1})/({d + 1})"
    first = row = page.write_column_numbers(row, numbers)
    given = page.cell_style(locked=True)
    middle = page.cell_style(locked=True, align="center")
    note = page.cell_style(locked=False)
    for group, (topic, indicators) in enumerate(groupby(page.indicators, key=lambda indicator: indicator.topic)):
        page.write_group(row, group, topic, place["indicator_name"])
        row += 1
        for number, indicator in enumerate(indicators, 1):
            values = page.rows.get(indicator.indicator, {})
            page.sheet.write_number(row, place["number"], number, middle)
            page.sheet.write_string(row, place["indicator"], indicator.indicator, middle)
            page.sheet.write_string(row, place["indicator_name"], indicator.name_vi, given)
            page.sheet.write_string(row, place["measure_unit"], indicator.measure_unit, middle)
            for part in ("numerator", "denominator"):
                if part == "denominator" and not indicator.denominator:
                    page.sheet.write_blank(row, place[part], None, given)
                else:
                    page.write_figure(row, place[part], indicator, values, part, part)
            _write_own_percentage(page, row, place["percentage"], indicator, values)
            page.write_value(row, place["note"], values.get("note"), note)
            row += 1
    page.validate_figures(first, row - 1, place["numerator"], place["denominator"])
    return first, row - 1


def _write_own_percentage(page: _Page, row: int, column: int, indicator: Indicator, values: Values) -> None:
    """The formula; the unit's typed percentage where `rows` give one instead of two numbers."""
    if indicator.kind != "ratio":
        page.sheet.write_blank(row, column, None, page.cell_style(locked=True))
    elif values.get("percentage") is not None:
        style = page.cell_style(locked=False, align="right", num_format=_number_format(indicator.decimals))
        page.write_value(row, column, values["percentage"], style)
    else:
        page.write_percentage(row, column, indicator, (values.get("numerator"), values.get("denominator")))


def _write_task_rows(page: _Page) -> tuple[int, int]:
    row = page.write_header()
    first = row = page.write_column_numbers(row, [f"({index})" for index in range(1, len(page.columns) + 1)])
    tasks = [task for task in page.reference.tasks.values() if task.lead == page.unit.code]
    known = {task.task for task in tasks}
    title_column = next(index for index, column in enumerate(page.columns) if column.key == "title")
    group = 0
    for programme, listed in groupby(tasks, key=lambda task: task.programme):
        page.write_group(row, group, programme, title_column)
        group, row = group + 1, row + 1
        for number, task in enumerate(listed, 1):
            given = _task_values(page.reference, task)
            _write_task(page, row, given | {"number": number} | dict(page.rows.get(task.task, {})), set(given))
            row += 1
    page.write_group(row, group, "Nhiệm vụ đơn vị bổ sung", title_column)
    added = [{"task": code, **values} for code, values in page.rows.items() if code not in known]
    for number, extra in enumerate(added + [{}] * _BLANK_TASK_ROWS, 1):
        row += 1
        _write_task(page, row, {"number": number, **extra} if extra else {}, set())
    _validate_tasks(page, first, row)
    return first, row


def _write_task(page: _Page, row: int, values: Mapping[Any, CellValue], given: set[str]) -> None:
    for index, column in enumerate(page.columns):
        properties: dict[str, Any] = {}
        if column.role == "date" or isinstance(values.get(column.key), date):
            properties = {"num_format": "dd/mm/yyyy", "align": "center"}
        elif column.role == "number" or column.key in ("number", "task", "due"):
            properties = {"align": "center"}
        style = page.cell_style(locked=column.locked or column.key in given, **properties)
        page.write_value(row, index, values.get(column.key), style)


def _task_values(reference: Reference, task: Task) -> dict[str, CellValue]:
    values: dict[str, CellValue] = {
        "task": task.task,
        "title": task.title,
        "assigned_in": task.assigned_in,
        "lead": reference.org_units[task.lead].name,
        "due": due_text(task),
    }
    if task.coordinating:
        values["coordinating"] = "; ".join(reference.org_units[code].name for code in task.coordinating)
    return values


def due_text(task: Task) -> CellValue:
    """A task's due day as a form shows it: a date, or the name of the period it ends with."""
    day = task.due_on
    if day is None:
        return "Thường xuyên" if task.due_precision == "recurring" else None
    quarter, half = (day.month + 2) // 3, (day.month + 5) // 6
    periods = {
        "month": f"{day.year}-{day.month:02}",
        "quarter": f"{day.year}-Q{quarter}",
        "half": f"{day.year}-H{half}",
        "year": f"{day.year}",
    }
    return label(periods[task.due_precision]) if task.due_precision in periods else day


def _validate_tasks(page: _Page, first_row: int, last_row: int) -> None:
    for index, column in enumerate(page.columns):
        rule: dict[str, Any] | None = None
        if column.choices:
            rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
            rule["error_message"] = "Nên chọn một trạng thái trong danh sách."
        elif column.role == "date":
            rule = {"validate": "date", "criteria": "between", "error_type": "warning"}
            rule |= {"minimum": date(2020, 1, 1), "maximum": date(2099, 12, 31)}
            rule["error_message"] = "Nhập ngày dạng 24/4/2026."
        elif column.key == "progress":
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100}
            rule["error_message"] = "Tiến độ là số từ 0 đến 100."
        if rule:
            page.sheet.data_validation(first_row, index, last_row, index, rule)


def _write_unit_rows(page: _Page) -> tuple[int, int]:
    measures = [measure.key for measure in page.form.measures]
    offset = len(page.columns)
    row = _write_unit_header(page, measures)
    first = row = page.write_column_numbers(row, _unit_column_numbers(page, measures))
    has_sums = any(indicator.kind != "score" for indicator in page.indicators)
    subtotals = []
    for group, (title, units) in enumerate(_unit_groups(page)):
        page.write_group(row, group, title, 1)
        first_of_group = row + 1
        for number, unit in enumerate(units, 1):
            row += 1
            _write_unit(page, row, number, unit, measures)
        page.validate_figures(first_of_group, row, offset, page.last_column)
        row += 1
        if has_sums:
            _write_sum(page, row, f"Cộng {_ROMANS[group]}", [unit.code for unit in units], [(first_of_group, row - 1)])
            subtotals.append((row, [unit.code for unit in units]))
            row += 1
    if not has_sums:
        return first, row - 1
    every = [code for _, codes in subtotals for code in codes]
    _write_sum(page, row, "Tổng cộng", every, [(subtotal, subtotal) for subtotal, _ in subtotals])
    return first, row


def _write_unit_header(page: _Page, measures: Sequence[str]) -> int:
    row = page.write_header()
    style = page.cell_style(locked=True, bold=True, align="center", bg_color="#DCE6F1")
    column = len(page.columns)
    for indicator in page.indicators:
        text = f"{indicator.indicator} {indicator.name_vi}"
        page.merged(HEADER_ROW, column, column + len(measures) - 1, text, style)
        for index, measure in enumerate(page.form.measures):
            page.sheet.write_string(HEADER_ROW + 1, column + index, measure.header, style)
        column += len(measures)
    return row


def _unit_column_numbers(page: _Page, measures: Sequence[str]) -> list[str]:
    texts = [chr(ord("A") + index) for index in range(len(page.columns))]
    for index in range(len(page.indicators) * len(measures)):
        part = measures[index % len(measures)]
        texts.append(f"({index + 1})=({index - 1})/({index})" if part == "percentage" else f"({index + 1})")
    return texts


def _unit_groups(page: _Page) -> list[tuple[str, list[OrgUnit]]]:
    """The communes of the lead's province, wards first, each kind in Vietnamese order."""
    province = page.reference.province_of(page.unit.code)
    groups = []
    for kind, title in (("phuong", "UBND phường"), ("xa", "UBND xã")):
        units = [
            unit
            for code, unit in page.reference.org_units.items()
            if unit.kind == kind and page.reference.province_of(code) == province
        ]
        if units:
            groups.append((title, sorted(units, key=lambda unit: sort_key(unit.name))))
    return groups


def _write_unit(page: _Page, row: int, number: int, unit: OrgUnit, measures: Sequence[str]) -> None:
    given: dict[str, CellValue] = {"number": number, "org_unit": unit.name, "official_code": unit.official_code}
    for index, column in enumerate(page.columns):
        align = {} if column.key == "org_unit" else {"align": "center"}
        page.write_value(row, index, given[column.key], page.cell_style(locked=True, **align))
    values = page.rows.get(unit.code, {})
    column_index = len(page.columns)
    for indicator in page.indicators:
        for measure in measures:
            if measure == "percentage":
                parts = values.get((indicator.indicator, "numerator")), values.get((indicator.indicator, "denominator"))
                page.write_percentage(row, column_index, indicator, parts)
            else:
                key = (indicator.indicator, measure)
                page.write_figure(row, column_index, indicator, values, measure, key)
            column_index += 1


def _write_sum(page: _Page, row: int, title: str, units: list[str], ranges: list[tuple[int, int]]) -> None:
    """A row of sums over row ranges, with the results that a spreadsheet program would compute; scores have none."""
    style = page.cell_style(locked=True, bold=True, bg_color="#F2F2F2")
    for index in range(len(page.columns)):
        page.sheet.write_blank(row, index, None, style)
    page.sheet.write_string(row, 1, title, style)
    column = len(page.columns)
    for indicator in page.indicators:
        sums: list[float] = []
        for measure in page.form.measures:
            if indicator.kind == "score":
                page.sheet.write_blank(row, column, None, style)
            elif measure.key == "percentage":
                page.write_percentage(row, column, indicator, (sums[-2], sums[-1]))
            else:
                values = (page.rows.get(unit, {}).get((indicator.indicator, measure.key)) for unit in units)
                sums.append(sum(value for value in values if isinstance(value, int | float)))
                letter = xl_col_to_name(column)
                cells = ",".join(f"{letter}{first + 1}:{letter}{last + 1}" for first, last in ranges)
                bold = page.cell_style(locked=True, bold=True, align="right", num_format="#,##0", bg_color="#F2F2F2")
                page.sheet.write_formula(row, column, f"=SUM({cells})", bold, sums[-1])
            column += 1


_TABLES = {
    "indicator_rows": _write_indicator_rows,
    "task_rows": _write_task_rows,
    "unit_rows": _write_unit_rows,
}


# --- words and numbers ----------------------------------------------------------------------------------------------


def _indicators(reference: Reference, form: Form, unit: OrgUnit, period: str) -> tuple[Indicator, ...]:
    """Those expected of the unit in this cadence; for a unit of whom nothing is expected, all it could report."""
    codes = reference.indicators_expected(form.form, unit.code, cadence(period))
    if not codes and form.shape == "unit_rows":
        codes = tuple(
            code
            for code, indicator in reference.indicators.items()
            if code in form.lead_indicators or (not form.lead_indicators and indicator.reporter != "department")
        )
    elif not codes:
        reporter = "commune" if reference.unit_group(unit.code) == "commune" else "department"
        codes = tuple(
            code for code, indicator in reference.indicators.items() if indicator.reporter in (reporter, "both")
        )
    return tuple(sorted((reference.indicators[code] for code in codes), key=lambda found: (found.position, found.code)))


def sender_name(reference: Reference, unit: OrgUnit) -> str:
    """The unit as it names itself on a form: `UBND xã Như Xuân`, `Sở Nội vụ`."""
    if unit.kind == "province" or reference.unit_group(unit.code) == "commune":
        return f"UBND {unit.name[0].lower()}{unit.name[1:]}"
    return unit.name


def _agency(reference: Reference, unit: OrgUnit) -> tuple[str, str]:
    """The two lines at the upper left: the body above, and the sending agency."""
    province = reference.org_units.get(reference.province_of(unit.code), unit)
    if unit.kind == "province":
        return unit.name.upper(), "ỦY BAN NHÂN DÂN"
    above = {"ubnd": "UBND ", "vptu": ""}.get(unit.reporting_line, "")
    if unit.kind == "party_body":
        return f"TỈNH ỦY {province.short_name}".upper(), unit.name.upper()
    return f"{above}{province.name}".upper(), sender_name(reference, unit).upper()


def _percentage(indicator: Indicator, values: tuple[CellValue, CellValue]) -> float | str:
    numerator, denominator = values
    if not isinstance(numerator, int | float) or not isinstance(denominator, int | float) or not denominator:
        return _NO_FIGURE
    return indicator.factor * numerator / denominator


def _number_format(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")
