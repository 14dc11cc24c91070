"""Findings: faults and doubts about what a sender sent, each with its cell.

One table, `WORDING`, holds every code with its severity and its words in Vietnamese and English. The
text is rendered from the table, never put together where the finding is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How grave a finding is; one error rejects the whole submission, warnings and infos do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one finding code; `{shown}`, `{expected}`, `{cell}`, `{sheet}` may stand in them."""

    severity: Severity
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or doubt: its code, where it stands, what stood there, and what was expected.

    `shown` is the text as sent; `expected` is what the rule wanted to see, already in words or numbers.
    """

    code: str
    sheet: str = ""
    cell: str = ""
    shown: str = ""
    expected: str = ""

    @property
    def severity(self) -> Severity:
        return WORDING[self.code].severity

    @property
    def message_vi(self) -> str:
        return self._render(WORDING[self.code].vi)

    @property
    def message_en(self) -> str:
        return self._render(WORDING[self.code].en)

    def _render(self, template: str) -> str:
        return template.format(shown=_short(self.shown), expected=self.expected, cell=self.cell, sheet=self.sheet)

    def as_dict(self) -> dict[str, Any]:
        """The finding as the receipt and the command line give it out."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "sheet": self.sheet,
            "cell": self.cell,
            "shown": self.shown,
            "message_vi": self.message_vi,
            "message_en": self.message_en,
        }


def _short(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


E_, W_, I_ = Severity.ERROR, Severity.WARNING, Severity.INFO

WORDING: dict[str, Wording] = {
    # file: the received bytes
    "file.unreadable": Wording(
        E_,
        "Không đọc được tệp: {expected}. Hãy mở tệp bằng Excel, lưu lại dạng .xlsx rồi gửi lại.",
        "The file cannot be read: {expected}. Open it in Excel, save it as .xlsx and send it again.",
    ),
    "file.not_a_workbook": Wording(
        E_,
        "Đây không phải tệp bảng tính ({expected}). Hãy gửi tệp Excel (.xlsx) của biểu mẫu.",
        "This is not a workbook ({expected}). Send the form's Excel file (.xlsx).",
    ),
    "file.password": Wording(
        E_,
        "Tệp đặt mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi gửi lại.",
        "The file is protected by a password. Remove the password and send it again.",
    ),
    "file.too_large": Wording(
        E_,
        "Tệp quá lớn ({expected}). Hãy xoá phần không thuộc biểu mẫu rồi gửi lại.",
        "The file is too large ({expected}). Remove what does not belong to the form and send it again.",
    ),
    "file.unsafe": Wording(
        E_,
        "Tệp có cấu trúc bất thường nên không được mở ({expected}). Hãy chép số liệu sang biểu mẫu trắng rồi gửi lại.",
        "The file's structure is not safe to open ({expected}). Copy the figures into a blank form and send that.",
    ),
    "file.reader_died": Wording(
        E_,
        "Chương trình đọc phải dừng khi mở tệp này ({expected}). Hãy chép số liệu sang biểu mẫu trắng rồi gửi lại.",
        "The reader had to stop on this file ({expected}). Copy the figures into a blank form and send that.",
    ),
    "file.readers_disagree": Wording(
        E_,
        "Hai cách đọc cho kết quả khác nhau ở ô {cell} ({shown} / {expected}). Hãy mở bằng Excel, lưu lại rồi gửi lại.",
        "Two readers disagree about cell {cell} ({shown} / {expected}). Open it in Excel, save it and send it again.",
    ),
    "file.empty": Wording(E_, "Tệp không có ô số liệu nào.", "The file holds no filled cell."),
    "file.macros": Wording(I_, "Tệp có macro; macro không được chạy.", "The file holds macros; they were not run."),
    "file.external_links": Wording(
        W_,
        "Tệp có liên kết sang tệp khác; chỉ dùng giá trị đã lưu trong tệp.",
        "The file links to other workbooks; only the values saved in it were used.",
    ),
    "sheet.hidden": Wording(I_, "Trang ẩn “{sheet}” không được đọc.", "Hidden sheet “{sheet}” was not read."),
    "sheet.left_out": Wording(
        I_, "Trang “{sheet}” không có biểu mẫu nên được bỏ qua.", "Sheet “{sheet}” holds no form and was left out."
    ),
    # form, header, labels
    "form.not_found": Wording(
        E_,
        "Không tìm thấy biểu mẫu nào trong tệp. Hãy dùng đúng biểu mẫu ({expected}), giữ nguyên dòng tiêu đề cột.",
        "No form was found in the file. Use one of the forms ({expected}) and keep its header row.",
    ),
    "form.twice": Wording(
        E_,
        "Trang “{shown}” lặp lại biểu mẫu, đơn vị và kỳ của trang “{expected}”. Hãy giữ một trang.",
        "Sheet “{shown}” repeats the form, unit and period of sheet “{expected}”. Keep one sheet.",
    ),
    "header.missing": Wording(
        E_,
        "Thiếu cột “{expected}” trong dòng tiêu đề của biểu.",
        "Column “{expected}” is missing from the form's header row.",
    ),
    "header.added": Wording(
        I_, "Cột thêm “{shown}” (ô {cell}) không được đọc.", "Added column “{shown}” (cell {cell}) was not read."
    ),
    "header.twice": Wording(
        E_,
        "Cột “{shown}” có hai lần (ô {expected} và ô {cell}) nên không biết lấy cột nào. Hãy giữ một cột.",
        "Column “{shown}” stands twice (cells {expected} and {cell}), so it is not known which counts. Keep one.",
    ),
    "org_unit.missing": Wording(
        E_,
        "Không biết đơn vị nào gửi: hãy ghi tên đơn vị vào ô bên phải “Đơn vị báo cáo:”.",
        "The sending unit is not known: write it in the cell to the right of “Đơn vị báo cáo:”.",
    ),
    "org_unit.unknown": Wording(
        E_,
        "Ô {cell}: không có đơn vị “{shown}” trong danh mục{expected}.",
        "Cell {cell}: unit “{shown}” is not in the list of units{expected}.",
    ),
    "org_unit.abolished": Wording(
        E_,
        "“{shown}” đã thôi hoạt động từ 01/07/2025{expected}.",
        "“{shown}” ceased to exist on 01/07/2025{expected}.",
    ),
    "org_unit.from_weaker_place": Wording(
        W_,
        "Đơn vị gửi được lấy từ {expected} (“{shown}”) vì ô “Đơn vị báo cáo:” để trống hoặc khác.",
        "The sender was taken from {expected} (“{shown}”) because the label cell is empty or differs.",
    ),
    "org_unit.places_differ": Wording(
        W_,
        "Ô {cell} ghi “{shown}” nhưng phần tiêu đề ghi “{expected}”; dùng ô {cell}.",
        "Cell {cell} says “{shown}”, the title block says “{expected}”; cell {cell} was used.",
    ),
    "period.places_differ": Wording(
        W_,
        "Ô {cell} ghi kỳ “{shown}” nhưng tiêu đề hoặc tên trang ghi {expected}; dùng ô {cell}.",
        "Cell {cell} says period “{shown}”, the title or sheet name says {expected}; cell {cell} was used.",
    ),
    "period.missing": Wording(
        E_,
        "Không biết kỳ báo cáo: hãy ghi kỳ (ví dụ “Quý I/2026”) vào ô bên phải “Kỳ báo cáo:”.",
        "The period is not known: write it (e.g. “Quý I/2026”) to the right of “Kỳ báo cáo:”.",
    ),
    "period.unreadable": Wording(
        E_,
        "Ô {cell}: không hiểu kỳ báo cáo “{shown}”. Ví dụ đúng: Tháng 3/2026, Quý I/2026, Tuần 12/2026.",
        "Cell {cell}: period “{shown}” is not understood. Write e.g. Tháng 3/2026, Quý I/2026, Tuần 12/2026.",
    ),
    "period.future": Wording(
        E_,
        "Kỳ báo cáo {shown} chưa bắt đầu vào ngày nhận {expected}.",
        "Period {shown} had not begun on the day of receipt, {expected}.",
    ),
    "period.from_weaker_place": Wording(
        W_,
        "Kỳ báo cáo được lấy từ {expected} (“{shown}”) vì ô “Kỳ báo cáo:” để trống hoặc khác.",
        "The period was taken from {expected} (“{shown}”) because the label cell is empty or differs.",
    ),
    "as_of.missing": Wording(
        W_,
        "Thiếu ngày “Số liệu tính đến ngày”; tạm dùng {expected}.",
        "The as-of date is missing; {expected} was used.",
    ),
    "as_of.unreadable": Wording(
        W_,
        "Ô {cell}: không hiểu ngày “{shown}”; tạm dùng {expected}.",
        "Cell {cell}: date “{shown}” is not understood; {expected} was used.",
    ),
    "as_of.after_receipt": Wording(
        W_,
        "Số liệu tính đến ngày {shown} nhưng tệp nhận ngày {expected}.",
        "Figures are said to count until {shown}, but the file came on {expected}.",
    ),
    "as_of.outside_period": Wording(
        W_,
        "Ngày {shown} nằm ngoài kỳ báo cáo ({expected}).",
        "{shown} lies outside the period ({expected}).",
    ),
    # cells
    "indicator.unknown": Wording(
        E_,
        "Ô {cell}: không có chỉ tiêu “{shown}” trong danh mục{expected}.",
        "Cell {cell}: indicator “{shown}” is not in the catalogue{expected}.",
    ),
    "indicator.from_name": Wording(
        I_,
        "Ô {cell}: chỉ tiêu {expected} được nhận theo tên vì ô mã để trống.",
        "Cell {cell}: indicator {expected} was recognised by its name, the code cell is empty.",
    ),
    "cell.not_a_number": Wording(
        E_,
        "Ô {cell}: “{shown}” không phải số. Hãy nhập số (ví dụ 83) hoặc để trống nếu chưa có số liệu.",
        "Cell {cell}: “{shown}” is not a number. Type a number (e.g. 83) or leave it empty if there is none yet.",
    ),
    "cell.negative": Wording(E_, "Ô {cell}: {shown} là số âm.", "Cell {cell}: {shown} is negative."),
    "cell.broken_formula": Wording(
        E_,
        "Ô {cell}: công thức báo lỗi {shown}. Hãy sửa công thức hoặc nhập số.",
        "Cell {cell}: the formula gives {shown}. Mend it or type the number.",
    ),
    "cell.division_by_zero": Wording(
        W_,
        "Ô {cell}: công thức báo {shown}; ô được coi là trống.",
        "Cell {cell}: the formula gives {shown}; the cell was taken as empty.",
    ),
    "cell.not_calculated": Wording(
        E_,
        "Ô {cell}: công thức chưa được tính. Hãy mở tệp bằng Excel, lưu lại rồi gửi lại.",
        "Cell {cell}: the formula was never calculated. Open the file in Excel, save it and send it again.",
    ),
    "cell.percentage_not_calculated": Wording(
        W_,
        "Ô {cell}: công thức tỷ lệ chưa được tính và hai cột số để trống. Hãy mở tệp bằng Excel, lưu lại rồi gửi lại.",
        "Cell {cell}: the percentage formula was never calculated and both numbers are empty. Open the file in Excel, "
        "save it and send it again.",
    ),
    "cell.two_totals": Wording(
        E_,
        "Ô {cell}: “{shown}” nêu một tổng số khác với cột Tổng số ({expected}). Hãy chỉ ghi một tổng số.",
        "Cell {cell}: “{shown}” states another total than the total column ({expected}). Keep one total.",
    ),
    "cell.date_as_ratio": Wording(
        W_,
        "Ô {cell}: Excel đã đổi thành ngày {shown}; đọc lại là {expected}. Hãy kiểm tra.",
        "Cell {cell}: Excel turned it into the date {shown}; it was read as {expected}. Please check.",
    ),
    "cell.date_not_a_number": Wording(
        E_,
        "Ô {cell}: đây là ngày ({shown}), không phải số. Nếu là tỷ số (ví dụ 3/8), hãy nhập riêng tử số và tổng số.",
        "Cell {cell}: this is a date ({shown}), not a number. If a ratio was meant, type numerator and total apart.",
    ),
    "cell.percent_scale": Wording(
        W_,
        "Ô {cell}: {shown} được hiểu là {expected} %. Hãy kiểm tra.",
        "Cell {cell}: {shown} was taken as {expected} %. Please check.",
    ),
    "cell.unit_converted": Wording(
        W_,
        "Ô {cell}: số liệu ghi theo “{shown}” nên đã được nhân với {expected}. Hãy kiểm tra.",
        "Cell {cell}: figures are given in “{shown}” and were multiplied by {expected}. Please check.",
    ),
    "cell.unit_differs": Wording(
        E_,
        "Ô {cell}: đơn vị tính “{shown}” khác đơn vị tính của chỉ tiêu ({expected}). Hãy ghi số theo đúng đơn vị tính.",
        "Cell {cell}: measure unit “{shown}” is not the indicator's ({expected}). Give the figure in that unit.",
    ),
    "cell.bounded_value": Wording(
        I_,
        "Ô {cell}: “{shown}” được giữ là giá trị có giới hạn ({expected}).",
        "Cell {cell}: “{shown}” is kept as a bounded value ({expected}).",
    ),
    "cell.encoding": Wording(
        I_,
        "Chữ trong trang “{sheet}” dùng bảng mã cũ {expected} và đã được chuyển sang Unicode.",
        "Text on sheet “{sheet}” was in the legacy encoding {expected} and was converted to Unicode.",
    ),
    "row.example": Wording(I_, "Dòng ví dụ ở ô {cell} được bỏ qua.", "The example row at cell {cell} was left out."),
    "row.hidden": Wording(
        W_,
        "Dòng {expected} đang bị ẩn nhưng có số liệu và đã được đọc. Hãy xoá dòng nếu không muốn báo cáo.",
        "Row {expected} is hidden but holds figures, and was read. Delete it if it was not meant to be sent.",
    ),
    "row.not_understood": Wording(
        W_,
        "Ô {cell}: dòng “{shown}” có số nhưng không có mã chỉ tiêu nên không được đọc.",
        "Cell {cell}: row “{shown}” holds numbers but no indicator, and was not read.",
    ),
    "row.duplicate": Wording(
        W_,
        "Ô {cell}: “{shown}” lặp lại dòng ở ô {expected} với cùng số liệu; chỉ tính một lần.",
        "Cell {cell}: “{shown}” repeats cell {expected} with the same figures; it counts once.",
    ),
    "row.duplicate_differs": Wording(
        E_,
        "Ô {cell}: “{shown}” đã có ở ô {expected} với số liệu khác. Hãy giữ một dòng.",
        "Cell {cell}: “{shown}” stands at cell {expected} with other figures. Keep one row.",
    ),
    # rules
    "rule.numerator_exceeds_denominator": Wording(
        E_,
        "Ô {cell}: {shown} lớn hơn tổng số {expected}.",
        "Cell {cell}: {shown} is more than the total {expected}.",
    ),
    "rule.percentage_differs": Wording(
        W_,
        "Ô {cell}: tỷ lệ ghi {shown} nhưng tính từ hai số là {expected} %.",
        "Cell {cell}: the percentage says {shown}, the two numbers give {expected} %.",
    ),
    "rule.percentage_out_of_range": Wording(
        W_,
        "Ô {cell}: tỷ lệ {shown} nằm ngoài 0–100 %.",
        "Cell {cell}: percentage {shown} lies outside 0–100 %.",
    ),
    "rule.total_differs": Wording(
        W_,
        "Ô {cell}: dòng tổng ghi {shown} nhưng cộng các dòng là {expected}.",
        "Cell {cell}: the total row says {shown}, the rows add up to {expected}.",
    ),
    "rule.not_all_indicators": Wording(
        W_,
        "Biểu thiếu chỉ tiêu {expected}.",
        "The form lacks indicator {expected}.",
    ),
    # rules that compare with what is known already; the sender may be right, so they never reject
    "rule.cumulative_fell": Wording(
        W_,
        "Ô {cell}: số lũy kế “{shown}” thấp hơn số đã báo cáo trước đó là {expected}. Hãy kiểm tra; nếu số trước sai, "
        "gửi bản điều chỉnh của kỳ đó; nếu số này đúng, ghi lý do vào cột Ghi chú.",
        "Cell {cell}: cumulative figure “{shown}” is lower than {expected}, reported before. Please check; if the "
        "earlier one was wrong, send a correction for that period; if this one is right, give the reason in the notes.",
    ),
    "rule.jump_own_history": Wording(
        W_,
        "Ô {cell}: “{shown}” khác xa các kỳ trước của chính đơn vị (mức giữa các kỳ trước → kỳ này: {expected}). "
        "Hãy kiểm tra; nếu đúng, ghi lý do vào cột Ghi chú.",
        "Cell {cell}: “{shown}” is far from the unit's own earlier periods (their median → now: {expected}). "
        "Please check; if it is right, give the reason in the notes.",
    ),
    "rule.jump_peers": Wording(
        W_,
        "Ô {cell}: “{shown}” khác xa các đơn vị cùng nhóm trong tỉnh (đơn vị / mức phổ biến của nhóm: {expected}). "
        "Hãy kiểm tra; nếu đúng, ghi lý do vào cột Ghi chú.",
        "Cell {cell}: “{shown}” is far from like units of the province (this unit / the middle half of them: "
        "{expected}). Please check; if it is right, give the reason in the notes.",
    ),
    "rule.denominator_changed": Wording(
        W_,
        "Ô {cell}: tổng số “{shown}” thay đổi hơn 10 % so với số báo cáo trước là {expected} mà không ghi chú. "
        "Hãy kiểm tra; nếu đúng, ghi lý do vào cột Ghi chú.",
        "Cell {cell}: total “{shown}” is more than 10 % off the one reported before, {expected}, without a note. "
        "Please check; if it is right, give the reason in the notes.",
    ),
    "rule.other_form_differs": Wording(
        W_,
        "Ô {cell}: “{shown}” khác số liệu cùng chỉ tiêu, cùng kỳ của đơn vị này ở biểu khác ({expected}). "
        "Hai đơn vị gửi cần thống nhất; bên sai gửi bản điều chỉnh.",
        "Cell {cell}: “{shown}” differs from another form's figure for the same indicator, unit and period "
        "({expected}). The two senders should agree; whoever is wrong sends a correction.",
    ),
    "rule.computed_differs": Wording(
        W_,
        "Ô {cell}: “{shown}” khác kết quả tính từ danh sách nhiệm vụ do chính đơn vị gửi (số tính, ngày số liệu: "
        "{expected}). Hãy kiểm tra hai biểu; gửi bản điều chỉnh cho biểu sai.",
        "Cell {cell}: “{shown}” differs from what the unit's own list of tasks gives (computed, as of: {expected}). "
        "Please check both forms and send a correction of the wrong one.",
    ),
    "rule.task_reported_by_other": Wording(
        W_,
        "Ô {cell}: ghi “{shown}” nhưng đơn vị khác báo cáo cùng nhiệm vụ này khác ({expected}). "
        "Hai đơn vị cần thống nhất; bên sai gửi bản điều chỉnh.",
        "Cell {cell}: it says “{shown}”, another unit reports the same task otherwise ({expected}). "
        "The two units should agree; whoever is wrong sends a correction.",
    ),
    # tasks
    "task.state_unknown": Wording(
        W_,
        "Ô {cell}: không hiểu trạng thái “{shown}”; tạm coi là {expected}.",
        "Cell {cell}: state “{shown}” is not understood; taken as {expected}.",
    ),
    "task.state_missing": Wording(
        W_,
        "Ô {cell}: chưa ghi trạng thái; tạm coi là {expected}.",
        "Cell {cell}: no state is given; taken as {expected}.",
    ),
    "task.state_against_dates": Wording(
        W_,
        "Ô {cell}: ghi “{shown}” nhưng theo thời hạn là “{expected}”.",
        "Cell {cell}: it says “{shown}”, by the dates it is “{expected}”.",
    ),
    "task.due_unreadable": Wording(
        W_,
        "Ô {cell}: không suy ra được thời hạn từ “{shown}”.",
        "Cell {cell}: no due date can be derived from “{shown}”.",
    ),
    "task.completed_unreadable": Wording(
        W_,
        "Ô {cell}: không hiểu ngày hoàn thành “{shown}”.",
        "Cell {cell}: completion date “{shown}” is not understood.",
    ),
    "task.completed_after_as_of": Wording(
        W_,
        "Ô {cell}: ngày hoàn thành {shown} sau ngày số liệu {expected}.",
        "Cell {cell}: completion date {shown} lies after the as-of date {expected}.",
    ),
    "task.progress_unreadable": Wording(
        W_,
        "Ô {cell}: tiến độ “{shown}” không phải số từ 0 đến 100.",
        "Cell {cell}: progress “{shown}” is not a number from 0 to 100.",
    ),
    "task.lead_not_single": Wording(
        W_,
        "Ô {cell}: “{shown}” không phải một đơn vị trong danh mục; giữ nguyên chữ, chưa gắn đơn vị chủ trì.",
        "Cell {cell}: “{shown}” is not one unit of the list; the text is kept, no lead is assigned.",
    ),
    "task.coordinating_unknown": Wording(
        I_,
        "Ô {cell}: “{shown}” không phải đơn vị trong danh mục; giữ nguyên chữ.",
        "Cell {cell}: “{shown}” is not a unit of the list; the text is kept.",
    ),
    # the house itself
    "submission.secret": Wording(
        E_,
        "Tệp mang dấu chỉ mức độ mật nên không được nhận. Nội dung đã bị xoá; hệ thống này không nhận tài liệu mật.",
        "The file bears a secrecy mark and was refused. Its content was erased; secret documents are not taken here.",
    ),
    "submission.duplicate": Wording(
        I_,
        "Tệp này đã được nhận và chấp nhận trước đó ({expected}); không nạp lại.",
        "This file was received and accepted before ({expected}); it was not loaded again.",
    ),
    "submission.marked_copy": Wording(
        E_,
        "Đây là bản đánh dấu lỗi do hệ thống gửi lại và chưa được sửa. Hãy sửa các ô được tô màu, lưu tệp rồi gửi lại.",
        "This is the marked copy that was sent back to you, and nothing in it was changed. Mend the coloured cells, "
        "save the file and send it again.",
    ),
}
