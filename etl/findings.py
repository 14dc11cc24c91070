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
    """The words of one finding code; `{shown}`, `{expected}`, `{cell}`, `{sheet}` may stand in them.

    `{place}` is ` (ô B7)` where the cell is known and nothing where it is not.
    """

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
        return self._render(WORDING[self.code].vi, "ô")

    @property
    def message_en(self) -> str:
        return self._render(WORDING[self.code].en, "cell")

    def _render(self, template: str, word: str) -> str:
        place = f" ({word} {self.cell})" if self.cell else ""
        return template.format(
            shown=_short(self.shown), expected=self.expected, cell=self.cell, place=place, sheet=self.sheet
        )

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
        "Đây không phải tệp bảng tính ({expected}). Hãy gửi tệp Excel (.xlsx) của biểu mẫu, không gửi bản chụp "
        "hay bản PDF.",
        "This is not a workbook ({expected}). Send the form's Excel file (.xlsx), not a scan or PDF.",
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
        "Tệp có cấu trúc bất thường nên hệ thống không mở ({expected}). Hãy chép số liệu sang biểu mẫu trắng rồi "
        "gửi lại.",
        "The file's structure is not safe to open ({expected}). Copy the figures into a blank form and send that.",
    ),
    "file.reader_died": Wording(
        E_,
        "Hệ thống phải dừng khi đọc tệp này ({expected}). Hãy chép số liệu sang biểu mẫu trắng rồi gửi lại.",
        "The reader had to stop on this file ({expected}). Copy the figures into a blank form and send that.",
    ),
    "file.readers_disagree": Wording(
        E_,
        "Ô {cell}: hai cách đọc tệp cho hai giá trị khác nhau ({shown} và {expected}). Hãy mở tệp bằng Excel, "
        "lưu lại rồi gửi lại.",
        "Cell {cell}: two readers give two values ({shown} and {expected}). Open the file in Excel, save it and "
        "send it again.",
    ),
    "file.empty": Wording(
        E_,
        "Tệp không có ô nào ghi số liệu. Hãy kiểm tra xem có gửi nhầm tệp không.",
        "The file holds no filled cell. Please check whether it is the right file.",
    ),
    "file.macros": Wording(
        I_,
        "Tệp có macro; macro không được chạy, số liệu trong các ô vẫn được đọc.",
        "The file holds macros; they were not run, the cells were read.",
    ),
    "file.external_links": Wording(
        W_,
        "Tệp có công thức lấy số từ tệp khác; hệ thống chỉ dùng giá trị đã lưu. Hãy dán thành giá trị trước khi gửi.",
        "The file links to other workbooks; only the values saved in it were used. Paste values before sending.",
    ),
    "sheet.hidden": Wording(
        I_,
        "Trang tính “{sheet}” đang bị ẩn nên không được đọc. Nếu cần gửi số liệu ở đó, hãy bỏ ẩn rồi gửi lại.",
        "Sheet “{sheet}” is hidden and was not read. Unhide it and send the file again if it holds figures to report.",
    ),
    "sheet.left_out": Wording(
        I_,
        "Trang tính “{sheet}” không có biểu mẫu nên được bỏ qua.",
        "Sheet “{sheet}” holds no form and was left out.",
    ),
    # form, header, labels
    "form.not_found": Wording(
        E_,
        "Không tìm thấy biểu mẫu trong tệp. Hãy dùng đúng biểu mẫu ({expected}) và giữ nguyên dòng tiêu đề cột.",
        "No form was found in the file. Use one of the forms ({expected}) and keep its header row.",
    ),
    "form.twice": Wording(
        E_,
        "Trang tính “{shown}” trùng biểu mẫu, đơn vị và kỳ báo cáo với trang “{expected}”. Hãy giữ một trang.",
        "Sheet “{shown}” repeats the form, unit and period of sheet “{expected}”. Keep one sheet.",
    ),
    "header.missing": Wording(
        E_,
        "Ô {cell}: dòng tiêu đề cột thiếu cột “{expected}”. Hãy ghi lại tên cột đúng như trong biểu mẫu.",
        "Cell {cell}: column “{expected}” is missing from the header row. Write it as the form has it.",
    ),
    "header.blank": Wording(
        W_,
        "Cột chứa ô {cell} có số liệu nhưng không có tiêu đề hiểu được nên không được đọc. Hãy ghi lại tiêu đề cột.",
        "The column of cell {cell} holds figures under no header that is understood, and was not read. Write its "
        "header again.",
    ),
    "header.added": Wording(
        I_,
        "Ô {cell}: cột “{shown}” không thuộc biểu mẫu nên không được đọc.",
        "Cell {cell}: added column “{shown}” was not read.",
    ),
    "header.twice": Wording(
        E_,
        "Ô {cell}: cột “{shown}” trùng với cột ở ô {expected} nên không rõ lấy số liệu ở cột nào. Hãy giữ một cột.",
        "Cell {cell}: column “{shown}” repeats the one at cell {expected}, so it is not known which counts. Keep one.",
    ),
    "org_unit.missing": Wording(
        E_,
        "Chưa ghi đơn vị báo cáo. Hãy ghi tên đơn vị vào ô bên phải dòng chữ “Đơn vị báo cáo:”{place}.",
        "The sending unit is not known. Write it in the cell to the right of “Đơn vị báo cáo:”{place}.",
    ),
    "org_unit.unknown": Wording(
        E_,
        "Ô {cell}: không có đơn vị “{shown}” trong danh mục{expected}. Hãy ghi đúng tên hoặc mã đơn vị.",
        "Cell {cell}: unit “{shown}” is not in the list of units{expected}. Write its right name or code.",
    ),
    "org_unit.abolished": Wording(
        E_,
        "“{shown}”{place} không còn từ ngày 01/07/2025{expected}. Hãy ghi tên đơn vị hiện nay.",
        "“{shown}”{place} ceased to exist on 01/07/2025{expected}. Write the unit of today.",
    ),
    "org_unit.not_yours": Wording(
        E_,
        "Tệp này là báo cáo của “{shown}”{place}, không thuộc {expected}. Tài khoản của bạn chỉ gửi được cho đơn vị "
        "mình và đơn vị trực thuộc: hãy sửa tên đơn vị, hoặc để đơn vị đó tự gửi.",
        "This file reports for “{shown}”{place}, which is not part of {expected}. Your account sends for its own unit "
        "and those below it alone: mend the name of the unit, or let that unit send it.",
    ),
    "org_unit.from_weaker_place": Wording(
        W_,
        "Chưa ghi đơn vị ở ô “Đơn vị báo cáo:”{place}; tạm lấy “{shown}” theo {expected}. Hãy ghi tên đơn vị vào "
        "ô này.",
        "The cell “Đơn vị báo cáo:”{place} is empty; “{shown}” was taken from {expected}. Write the unit there.",
    ),
    "org_unit.code_differs": Wording(
        E_,
        "Ô {cell}: tên đơn vị là “{shown}” nhưng mã ở cùng dòng là của “{expected}”. Hãy sửa tên hoặc mã cho khớp.",
        "Cell {cell}: the unit's name is “{shown}”, but the code in this row is that of “{expected}”. Correct one.",
    ),
    "org_unit.places_differ": Wording(
        W_,
        "Ô {cell} ghi “{shown}” nhưng phần tiêu đề ghi “{expected}”; hệ thống lấy theo ô {cell}. Hãy sửa cho khớp.",
        "Cell {cell} says “{shown}”, the title block “{expected}”; cell {cell} was used. Please make them agree.",
    ),
    "period.places_differ": Wording(
        W_,
        "Ô {cell} ghi kỳ “{shown}” nhưng tiêu đề hoặc tên trang tính ghi {expected}; hệ thống lấy theo ô {cell}. "
        "Hãy sửa cho khớp.",
        "Cell {cell} says period “{shown}”, the title or sheet name {expected}; cell {cell} was used. Please "
        "make them agree.",
    ),
    "period.missing": Wording(
        E_,
        "Chưa ghi kỳ báo cáo. Hãy ghi kỳ (ví dụ “Quý I/2026”) vào ô bên phải dòng chữ “Kỳ báo cáo:”{place}.",
        "The period is not known. Write it (e.g. “Quý I/2026”) to the right of “Kỳ báo cáo:”{place}.",
    ),
    "period.unreadable": Wording(
        E_,
        "Ô {cell}: không hiểu kỳ báo cáo “{shown}”. Hãy ghi như ví dụ: Tháng 3/2026, Quý I/2026, Tuần 12/2026.",
        "Cell {cell}: period “{shown}” is not understood. Write e.g. Tháng 3/2026, Quý I/2026, Tuần 12/2026.",
    ),
    "period.future": Wording(
        E_,
        "Kỳ báo cáo {shown}{place} chưa bắt đầu khi nhận tệp ngày {expected}. Hãy kiểm tra lại kỳ báo cáo.",
        "Period {shown}{place} had not begun on the day of receipt, {expected}. Please check the period.",
    ),
    "period.from_weaker_place": Wording(
        W_,
        "Chưa ghi kỳ ở ô “Kỳ báo cáo:”{place}; tạm lấy {shown} theo {expected}. Hãy ghi kỳ báo cáo vào ô này.",
        "The cell “Kỳ báo cáo:”{place} is empty; {shown} was taken from {expected}. Write the period there.",
    ),
    "as_of.missing": Wording(
        W_,
        "Chưa ghi ngày chốt ở ô “Số liệu tính đến ngày:”{place}; tạm tính đến {expected}. Hãy ghi ngày, ví dụ "
        "14/03/2026.",
        "The cell “Số liệu tính đến ngày:”{place} is empty; {expected} was used. Write the day, e.g. 14/03/2026.",
    ),
    "as_of.unreadable": Wording(
        W_,
        "Ô {cell}: không hiểu ngày “{shown}”; tạm tính đến {expected}. Hãy ghi ngày/tháng/năm, ví dụ 14/03/2026.",
        "Cell {cell}: date “{shown}” is not understood; {expected} was used. Write day/month/year, e.g. 14/03/2026.",
    ),
    "as_of.after_receipt": Wording(
        W_,
        "Ngày chốt số liệu {shown}{place} sau ngày nhận tệp {expected}. Hãy kiểm tra ngày và tháng.",
        "As-of date {shown}{place} lies after the day of receipt, {expected}. Please check day and month.",
    ),
    "as_of.outside_period": Wording(
        W_,
        "Ngày chốt số liệu {shown}{place} nằm ngoài kỳ báo cáo ({expected}). Hãy kiểm tra ngày hoặc kỳ.",
        "As-of date {shown}{place} lies outside the period ({expected}). Please check the date or the period.",
    ),
    # cells
    "indicator.unknown": Wording(
        E_,
        "Ô {cell}: không có chỉ tiêu “{shown}” trong danh mục{expected}. Hãy ghi đúng mã chỉ tiêu.",
        "Cell {cell}: indicator “{shown}” is not in the catalogue{expected}. Write its right code.",
    ),
    "indicator.from_name": Wording(
        I_,
        "Ô {cell}: chỉ tiêu {expected} được nhận ra theo tên vì cột mã để trống. Lần sau hãy ghi mã chỉ tiêu.",
        "Cell {cell}: indicator {expected} was recognised by its name, the code cell is empty. Write the code "
        "next time.",
    ),
    "indicator.places_differ": Wording(
        W_,
        "Ô {cell}: ghi mã {shown} nhưng tên ở cùng dòng là của chỉ tiêu {expected}; hệ thống lấy theo mã. "
        "Hãy kiểm tra mã và tên.",
        "Cell {cell}: the code is {shown}, but the name in this row is that of {expected}; the code was used. "
        "Please check both.",
    ),
    "cell.not_a_number": Wording(
        E_,
        "Ô {cell}: “{shown}” không phải số. Hãy nhập số (ví dụ 83) hoặc để trống nếu chưa có số liệu.",
        "Cell {cell}: “{shown}” is not a number. Type a number (e.g. 83) or leave it empty if there is none yet.",
    ),
    "cell.negative": Wording(
        E_,
        "Ô {cell}: {shown} là số âm. Hãy nhập số từ 0 trở lên.",
        "Cell {cell}: {shown} is negative. Type 0 or more.",
    ),
    "cell.broken_formula": Wording(
        E_,
        "Ô {cell}: công thức báo lỗi {shown}. Hãy sửa công thức hoặc gõ số vào ô.",
        "Cell {cell}: the formula gives {shown}. Mend it or type the number.",
    ),
    "cell.division_by_zero": Wording(
        W_,
        "Ô {cell}: công thức báo lỗi {shown} nên ô được coi là trống. Hãy gõ số vào ô nếu có số liệu.",
        "Cell {cell}: the formula gives {shown}; the cell was taken as empty. Type the number if there is one.",
    ),
    "cell.not_calculated": Wording(
        E_,
        "Ô {cell}: công thức chưa có kết quả. Hãy mở tệp bằng Excel, lưu lại rồi gửi lại, hoặc gõ số vào ô.",
        "Cell {cell}: the formula was never calculated. Open the file in Excel, save it and send it again.",
    ),
    "cell.percentage_not_calculated": Wording(
        W_,
        "Ô {cell}: công thức tỷ lệ chưa có kết quả và hai cột số để trống. Hãy nhập hai số, hoặc mở tệp bằng "
        "Excel và lưu lại.",
        "Cell {cell}: the percentage was never calculated and both numbers are empty. Type both, or save the "
        "file in Excel.",
    ),
    "cell.two_totals": Wording(
        E_,
        "Ô {cell}: “{shown}” nêu tổng số khác với cột Tổng số ({expected}). Hãy sửa để chỉ còn một tổng số.",
        "Cell {cell}: “{shown}” states another total than the total column ({expected}). Keep one total.",
    ),
    "cell.date_as_ratio": Wording(
        W_,
        "Ô {cell}: Excel đã đổi số gõ vào thành ngày {shown}; hệ thống đọc lại là {expected}. Hãy kiểm tra và gõ "
        "riêng hai số.",
        "Cell {cell}: Excel turned it into the date {shown}; it was read as {expected}. Please check, and type "
        "two numbers.",
    ),
    "cell.date_not_a_number": Wording(
        E_,
        "Ô {cell}: đây là ngày ({shown}), không phải số. Nếu là tỷ số (ví dụ 3/8), hãy gõ 3 vào cột Số thực hiện "
        "và 8 vào cột Tổng số.",
        "Cell {cell}: this is a date ({shown}), not a number. If a ratio was meant, type numerator and total apart.",
    ),
    "cell.percent_scale": Wording(
        W_,
        "Ô {cell}: {shown} được hiểu là {expected} %. Nếu chưa đúng, hãy ghi theo phần trăm, ví dụ 90,5.",
        "Cell {cell}: {shown} was taken as {expected} %. If that is wrong, write per cents, e.g. 90,5.",
    ),
    "cell.unit_converted": Wording(
        W_,
        "Ô {cell}: số liệu ghi theo “{shown}” nên được nhân với {expected} cho đúng đơn vị tính của chỉ tiêu. "
        "Hãy kiểm tra.",
        "Cell {cell}: figures are given in “{shown}” and were multiplied by {expected}. Please check.",
    ),
    "cell.unit_differs": Wording(
        E_,
        "Ô {cell}: đơn vị tính “{shown}” khác với chỉ tiêu ({expected}). Hãy ghi lại số liệu theo đơn vị tính "
        "của chỉ tiêu.",
        "Cell {cell}: measure unit “{shown}” is not the indicator's ({expected}). Give the figure in that unit.",
    ),
    "cell.merged": Wording(
        E_,
        "Ô {cell} bị gộp với ô {expected} nên không rõ số liệu là của dòng nào. Hãy bỏ gộp ô và ghi số vào từng dòng.",
        "Cell {cell} is merged with cell {expected}, so it is not known which row the figure is for. Unmerge them.",
    ),
    "cell.bounded_value": Wording(
        I_,
        "Ô {cell}: “{shown}” không phải số chính xác; được ghi nhận là giá trị {expected}.",
        "Cell {cell}: “{shown}” is no exact number; it is kept as a value {expected}.",
    ),
    "cell.encoding": Wording(
        I_,
        "Chữ ở trang tính “{sheet}” dùng bảng mã cũ {expected} và đã được chuyển sang Unicode. Lần sau hãy dùng "
        "phông chữ Unicode.",
        "Text on sheet “{sheet}” was in the legacy encoding {expected} and was converted to Unicode.",
    ),
    "row.example": Wording(
        I_,
        "Ô {cell}: dòng ví dụ của biểu mẫu được bỏ qua.",
        "Cell {cell}: the example row was left out.",
    ),
    "row.hidden": Wording(
        W_,
        "Ô {cell}: dòng {expected} đang bị ẩn nhưng có số liệu và đã được đọc. Nếu không muốn báo cáo, hãy xoá "
        "dòng rồi gửi lại.",
        "Cell {cell}: row {expected} is hidden but holds figures, and was read. Delete it if it was not meant to "
        "be sent.",
    ),
    "row.not_understood": Wording(
        W_,
        "Ô {cell}: dòng “{shown}” có số nhưng không có mã chỉ tiêu nên không được đọc. Hãy ghi mã chỉ tiêu vào cột mã.",
        "Cell {cell}: row “{shown}” holds numbers but no indicator, and was not read. Write the code in the code "
        "column.",
    ),
    "row.duplicate": Wording(
        W_,
        "Ô {cell}: “{shown}” lặp lại dòng ở ô {expected} với cùng số liệu; chỉ tính một lần. Hãy xoá một dòng.",
        "Cell {cell}: “{shown}” repeats cell {expected} with the same figures; it counts once. Delete one row.",
    ),
    "row.duplicate_differs": Wording(
        E_,
        "Ô {cell}: “{shown}” đã có ở ô {expected} với số liệu khác. Hãy giữ một dòng đúng.",
        "Cell {cell}: “{shown}” stands at cell {expected} with other figures. Keep the right row.",
    ),
    # rules
    "rule.numerator_exceeds_denominator": Wording(
        E_,
        "Ô {cell}: số thực hiện {shown} lớn hơn tổng số {expected}. Hãy kiểm tra hai số.",
        "Cell {cell}: {shown} is more than the total {expected}. Please check both.",
    ),
    "rule.percentage_differs": Wording(
        W_,
        "Ô {cell}: tỷ lệ ghi {shown} nhưng tính từ hai số là {expected} %; hệ thống dùng hai số. Hãy kiểm tra.",
        "Cell {cell}: the percentage says {shown}, the two numbers give {expected} %; they were used. Please check.",
    ),
    "rule.percentage_out_of_range": Wording(
        W_,
        "Ô {cell}: tỷ lệ {shown} nằm ngoài khoảng 0–100 %. Hãy kiểm tra.",
        "Cell {cell}: percentage {shown} lies outside 0–100 %. Please check.",
    ),
    "rule.total_differs": Wording(
        W_,
        "Ô {cell}: ghi tổng là {shown} nhưng cộng các dòng được {expected}. Hãy kiểm tra dòng tổng và các dòng.",
        "Cell {cell}: the total says {shown}, the rows add up to {expected}. Please check both.",
    ),
    "rule.not_all_indicators": Wording(
        W_,
        "Biểu còn thiếu chỉ tiêu {expected}. Hãy bổ sung dòng; nếu chưa có số liệu thì để trống ô số.",
        "The form lacks indicator {expected}. Add the row; leave its numbers empty if there are none yet.",
    ),
    "rule.nothing_reported": Wording(
        W_,
        "Biểu không có số liệu nào. Nếu gửi nhầm biểu trắng, hãy gửi lại biểu đã điền: bản gửi sau thay bản gửi trước.",
        "The form holds no figure. If the blank form was sent by mistake, send the filled one: the later one counts.",
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
        "Ô {cell}: không hiểu trạng thái “{shown}”; tạm coi là {expected}. Hãy chọn trạng thái trong danh sách.",
        "Cell {cell}: state “{shown}” is not understood; taken as {expected}. Choose a state from the list.",
    ),
    "task.state_missing": Wording(
        W_,
        "Ô {cell}: chưa ghi trạng thái; tạm coi là {expected}. Hãy chọn trạng thái trong danh sách.",
        "Cell {cell}: no state is given; taken as {expected}. Choose a state from the list.",
    ),
    "task.state_against_dates": Wording(
        W_,
        "Ô {cell}: ghi “{shown}” nhưng theo các ngày là “{expected}”; hệ thống tính theo ngày. Hãy kiểm tra thời hạn.",
        "Cell {cell}: it says “{shown}”, by the dates it is “{expected}”; the dates count. Please check the due date.",
    ),
    "task.due_unreadable": Wording(
        W_,
        "Ô {cell}: không hiểu thời hạn “{shown}”. Hãy ghi ngày (30/06/2026), tháng, quý hoặc “Thường xuyên”.",
        "Cell {cell}: no due date can be derived from “{shown}”. Write a day, month, quarter or “Thường xuyên”.",
    ),
    "task.completed_unreadable": Wording(
        W_,
        "Ô {cell}: không hiểu ngày hoàn thành “{shown}”. Hãy ghi ngày/tháng/năm, ví dụ 20/03/2026.",
        "Cell {cell}: completion date “{shown}” is not understood. Write day/month/year, e.g. 20/03/2026.",
    ),
    "task.completed_after_as_of": Wording(
        W_,
        "Ô {cell}: ngày hoàn thành {shown} sau ngày chốt số liệu {expected}. Hãy kiểm tra.",
        "Cell {cell}: completion date {shown} lies after the as-of date {expected}. Please check.",
    ),
    "task.progress_unreadable": Wording(
        W_,
        "Ô {cell}: tiến độ “{shown}” không phải số từ 0 đến 100 nên không được ghi nhận. Hãy sửa lại.",
        "Cell {cell}: progress “{shown}” is not a number from 0 to 100 and was left out. Please correct it.",
    ),
    "task.lead_not_single": Wording(
        W_,
        "Ô {cell}: “{shown}” không phải một đơn vị trong danh mục nên chưa gắn đơn vị chủ trì. Hãy ghi đúng một "
        "đơn vị.",
        "Cell {cell}: “{shown}” is not one unit of the list; no lead is assigned. Write exactly one unit.",
    ),
    "task.coordinating_unknown": Wording(
        I_,
        "Ô {cell}: “{shown}” không có trong danh mục đơn vị; chỉ giữ nguyên chữ.",
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
