"""Every word shown to people, in Vietnamese and English, and how numbers, dates and periods are written in each.

The language belongs to the running thread: `use` sets it at the start of a run (and of a dialog), the rest reads it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

LANGUAGES: Final = ("vi", "en")
VIETNAM: Final = timezone(timedelta(hours=7))

_language: ContextVar[str] = ContextVar("language", default="vi")


def use(language: str) -> None:
    """Words, numbers and dates are written in this language from here on."""
    _language.set(language if language in LANGUAGES else "vi")


def language() -> str:
    return _language.get()


def t(key: str, **values: object) -> str:
    """The words for `key`, its `{holes}` filled; an unknown key is a fault of ours and raises KeyError."""
    words = WORDS[key][LANGUAGES.index(language())]
    return words.format(**values) if values else words


def name(row: Mapping[str, object], key: str) -> str:
    """`<key>_vi` or `<key>_en` of a row, the Vietnamese one where there is no English."""
    return str(row.get(f"{key}_{language()}") or row.get(f"{key}_vi") or "")


def separators() -> str:
    """Decimal and thousands separator, as Plotly's `layout.separators` wants them."""
    return ",." if language() == "vi" else ".,"


def number(value: float | None, decimals: int | None = None) -> str:
    """1234.5 → `1.234,5` (vi), `1,234.5` (en); without `decimals` as many as needed, at most 6; None → empty."""
    if value is None or math.isnan(value):
        return ""
    written = f"{value:,.{6 if decimals is None else decimals}f}"
    if decimals is None:
        written = written.rstrip("0").rstrip(".")
    if written.lstrip("-").strip("0.,") == "":
        written = written.lstrip("-")  # -0,0 is no number people write
    if language() == "vi":
        written = written.translate(str.maketrans(",.", ".,"))
    return written.replace("-", "−")


def fraction(numerator: float | None, denominator: float | None) -> str:
    """`3/81`; an unknown side is `?`; nothing at all → empty."""
    if numerator is None and denominator is None:
        return ""
    return "/".join(number(side) if side is not None else "?" for side in (numerator, denominator))


def measured(value: float | None, measure_unit: str, decimals: int | None = None) -> str:
    """A value with its unit: `3,7 %`, `12 km`."""
    return f"{number(value, decimals)}\u00a0{measure_unit}".strip() if value is not None else ""


def qualified(value: float | None, qualifier: str, value_to: float | None, decimals: int | None = None) -> str:
    """A value as exact as it was given: `> 90`, `≥ 40`, `≈ 12`, `40–50`."""
    if value is None:
        return ""
    if qualifier == "range":
        return f"{number(value, decimals)}–{number(value_to, decimals)}"
    sign = {"gt": ">\u00a0", "ge": "≥\u00a0", "lt": "<\u00a0", "le": "≤\u00a0", "approx": "≈\u00a0"}.get(qualifier, "")
    return sign + number(value, decimals)


def change(value: float | None, measure_unit: str, decimals: int | None = 1) -> str:
    """A difference with its sign and direction: `▲ 2,1 điểm %`, `▼ 3 km`, `= 0`."""
    if value is None:
        return ""
    points = t("points") if measure_unit == "%" else measure_unit
    if round(value, decimals if decimals is not None else 6) == 0:
        return f"=\u00a00\u00a0{points}".rstrip()
    return f"{'▲' if value > 0 else '▼'}\u00a0{number(abs(value), decimals)}\u00a0{points}".rstrip()


def day(value: date | None) -> str:
    """17/3/2026 → `17/03/2026`; None → empty."""
    return f"{value:%d/%m/%Y}" if value else ""


def moment(value: datetime | None) -> str:
    """A UTC time as clocks in Viet Nam show it: `12/04/2026 16:05`."""
    if value is None:
        return ""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return f"{aware.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def quarter(period: str) -> str:
    """`2026-Q1` → `Q1/2026`, for the axis of a chart; other periods are left as they are."""
    year, dash, part = period.partition("-")
    return f"{part}/{year}" if dash and part.startswith("Q") else period


WORDS: Final[dict[str, tuple[str, str]]] = {
    # the frame
    "app": ("Tiến Độ Số", "Tiến Độ Số"),
    "app.subtitle": ("Theo dõi chuyển đổi số", "Digital transformation progress"),
    "language": ("Ngôn ngữ", "Language"),
    "language.vi": ("Tiếng Việt", "Tiếng Việt"),
    "language.en": ("English", "English"),
    # who is here
    "visitor": ("Đang dùng: {name} · {role}", "Signed in: {name} · {role}"),
    "visitor.public": ("Số liệu công khai", "Public figures"),
    "visitor.over": (
        "Phiên làm việc đã kết thúc.",
        "Your session is over.",
    ),
    "role.viewer": ("xem", "viewer"),
    "role.analyst": ("phân tích số liệu", "analyst"),
    "role.submitter": ("nộp báo cáo", "sends reports"),
    "role.steward": ("phụ trách số liệu", "data steward"),
    "role.admin": ("quản trị", "administrator"),
    "role.public": ("công khai", "public"),
    "sign_in": ("Đăng nhập", "Sign in"),
    "sign_in.name": ("Tên đăng nhập", "Name"),
    "sign_in.password": ("Mật khẩu", "Password"),
    "sign_in.wrong": ("Tên đăng nhập hoặc mật khẩu không đúng.", "Wrong name or password."),
    "sign_in.locked": (
        "Đã nhập sai nhiều lần. Hãy thử lại sau {minutes} phút.",
        "Too many wrong tries. Try again in {minutes} min.",
    ),
    "sign_in.again": ("Trang đã cũ. Hãy thử lại.", "This page was out of date. Please try again."),
    "sign_in.busy": ("Đang có nhiều người đăng nhập. Hãy thử lại sau giây lát.", "Busy. Please try again in a moment."),
    "sign_in.provider": ("Đăng nhập qua cổng chung", "Sign in with your account"),
    "sign_in.provider_about": (
        "Tên và mật khẩu nhập ở cổng đăng nhập chung của tỉnh, không nhập ở đây.",
        "You give your name and password at your organisation's sign-in, not here.",
    ),
    "sign_in.provider_away": (
        "Cổng đăng nhập chung chưa trả lời. Hãy thử lại sau ít phút; nếu vẫn vậy, báo người vận hành.",
        "The sign-in service does not answer. Try again in a few minutes; if that does not help, tell your operator.",
    ),
    "sign_in.provider_refused": (
        "Lần đăng nhập này không hoàn tất. Hãy thử lại từ đầu.",
        "This sign-in was not completed. Please start again.",
    ),
    "sign_in.provider_nameless": (
        "Cổng đăng nhập chung không cho biết tên tài khoản của bạn. Hãy báo người vận hành.",
        "The sign-in service did not tell the name of your account. Please tell your operator.",
    ),
    "sign_in.no_account": (
        "Bạn đã đăng nhập với tên {name}, nhưng tên này chưa được dùng ở đây. Hãy nhờ người quản trị cấp quyền.",
        "You are signed in as {name}, but that name has no access here. Ask your administrator for it.",
    ),
    "sign_in.retry": ("Thử lại", "Try again"),
    "sign_in.other_name": ("Đăng nhập bằng tên khác", "Sign in under another name"),
    "sign_in.no_name": (
        "Máy chủ phía trước chưa cho biết bạn là ai. Hãy vào bằng địa chỉ chính thức, hoặc báo người vận hành.",
        "You came without a name from the sign-in in front. Use the official address, or tell your operator.",
    ),
    "sign_out.here": (
        "Phiên làm việc ở đây đã kết thúc. Muốn ra hẳn, hãy đăng xuất cả ở cổng đăng nhập chung.",
        "Your session here is over. To leave entirely, sign out of your organisation's sign-in too.",
    ),
    "sign_in.on": ("Vào trang đầu", "Go to the first page"),
    "sign_out": ("Đăng xuất", "Sign out"),
    "sign_out.sure": ("Kết thúc phiên làm việc trên máy này?", "End your session on this computer?"),
    "password": ("Đổi mật khẩu", "Change password"),
    "password.present": ("Mật khẩu hiện tại", "Present password"),
    "password.new": ("Mật khẩu mới", "New password"),
    "password.new_again": ("Nhập lại mật khẩu mới", "New password once more"),
    "password.rule": (
        "Ít nhất {shortest} ký tự, không chứa tên đăng nhập. Một câu ngắn là tốt nhất.",
        "At least {shortest} characters, without your name. A short sentence is best.",
    ),
    "password.differ": ("Hai lần nhập mật khẩu mới không giống nhau.", "The two new passwords differ."),
    "password.weak": (
        "Mật khẩu phải có {shortest}–{longest} ký tự, không chứa tên đăng nhập, không lặp vài ký tự.",
        "A password has {shortest}–{longest} characters, without your name, and not a few characters repeated.",
    ),
    "password.done": (
        "Đã đổi mật khẩu. Các phiên khác của tài khoản này đã kết thúc.",
        "The password was changed. Other sessions of this account have ended.",
    ),
    "password.elsewhere": (
        "Tài khoản này không có mật khẩu ở đây.",
        "This account has no password here.",
    ),
    "gate.sign_in": ("Cần đăng nhập.", "Please sign in."),
    "gate.denied": ("Bạn không có quyền xem phần này.", "You have no right to this."),
    "not_for_you": (
        "Không có mục này, hoặc bạn không được xem.",
        "There is no such thing, or it is not for you to see.",
    ),
    "gate.nothing": ("Không có trang này.", "There is no such page."),
    "gate.method": ("Địa chỉ này không nhận yêu cầu kiểu đó.", "This address takes no such request."),
    "gate.host": ("Máy chủ này không mang tên đó.", "This server does not go by that name."),
    "gate.origin": ("Yêu cầu đến từ một trang khác.", "The request comes from another site."),
    "gate.slow": ("Tệp gửi lên quá chậm nên đã dừng.", "The upload was too slow and was stopped."),
    "gate.too_much": (
        "Tệp quá lớn, hoặc phiên này đã gửi lên quá nhiều.",
        "The file is too large, or this session has uploaded too much.",
    ),
    "demo.long": (
        "**Dữ liệu minh họa** — không phải số liệu thật của đơn vị nào",
        "**Demonstration data** — not the real figures of any unit",
    ),
    "no_script": (
        "Trang này cần JavaScript; hãy bật JavaScript trong trình duyệt.",
        "This page needs JavaScript; please turn it on in your browser.",
    ),
    "as_of": ("Số liệu tính đến {day}", "Figures as of {day}"),
    "as_of.column": ("Tính đến", "As of"),
    "received": ("nhận gần nhất {moment}", "last received {moment}"),
    "link": ("Liên kết tới phần đang xem", "Link to this view"),
    "image": ("Tải hình:", "Picture:"),
    "image.as": ("Tải hình dạng {kind}: {title}", "Download as {kind}: {title}"),
    "image.making": ("Đang tạo hình…", "Making the picture…"),
    "image.done": ("Đã tải về", "Downloaded"),
    "image.failed": (
        "Không tạo được hình; hãy tải lại trang rồi thử lại.",
        "No picture could be made; reload the page and try again.",
    ),
    "no_warehouse": (
        "Chưa có số liệu. Khi đơn vị gửi báo cáo đầu tiên và báo cáo được nhận, các trang này sẽ có nội dung.",
        "There are no figures yet. These pages fill as soon as the first report has been received.",
    ),
    "fallback": (
        "Bản số liệu mới nhất đang có lỗi. Đang xem bản tốt gần nhất, lập lúc {built}; bản mới đang được lập lại.",
        "The newest figures cannot be read. These are the last good ones, built {built}; new ones are being built.",
    ),
    "rebuilding": (
        "Số liệu đang được lập lại từ các báo cáo đã nhận; không báo cáo nào bị mất. Hãy mở lại sau ít phút.",
        "The figures are being rebuilt from the reports received; none is lost. Open this page again in a few minutes.",
    ),
    "page.van_hanh": ("Vận hành", "Operations"),
    "operations.ready": ("Hệ thống hoạt động bình thường", "Everything needed works"),
    "operations.warned": ("Hệ thống hoạt động, có điều cần xem", "Everything needed works; some things want a look"),
    "operations.not_ready": ("Có sự cố cần xử lý", "Something is broken and wants attention"),
    "operations.check": ("Mục", "Check"),
    "operations.state": ("Tình trạng", "State"),
    "operations.says": ("Diễn giải", "In words"),
    "operations.state.ok": ("● Tốt", "● Good"),
    "operations.state.warning": ("▲ Cần xem", "▲ Look"),
    "operations.state.fault": ("■ Sự cố", "■ Broken"),
    "operations.check.warehouse": ("Kho số liệu", "Warehouse"),
    "operations.check.data": ("Tuổi số liệu", "Age of data"),
    "operations.check.watcher": ("Bộ nạp", "Loader"),
    "operations.check.backlog": ("Hàng chờ", "Backlog"),
    "operations.check.build": ("Dựng kho", "Build"),
    "operations.check.disk": ("Đĩa", "Disk"),
    "operations.data_age": ("Báo cáo mới nhất cách đây", "Latest report"),
    "operations.days": ("{days} ngày", "{days} days ago"),
    "operations.backlog": ("Tệp chờ đọc", "Files waiting"),
    "operations.minutes": ("lâu nhất {count} phút", "the oldest for {count} min"),
    "operations.viewers": ("Trang đang mở", "Pages open"),
    "operations.viewers.of": ("trên {count} tiến trình web", "on {count} web processes"),
    "operations.free": ("Đĩa còn trống", "Free disk"),
    "operations.received": ("Tệp nhận mỗi ngày", "Submissions per day"),
    "operations.received.found": (
        "30 ngày gần nhất: {accepted} được nhận, {rejected} trả lại",
        "Last 30 days: {accepted} accepted, {rejected} returned",
    ),
    "operations.received.about": (
        "Số báo cáo theo ngày nhận, đến {day}",
        "Submissions by day of arrival, until {day}",
    ),
    "operations.day": ("Ngày", "Day"),
    "operations.count": ("Số báo cáo", "Submissions"),
    "operations.builds": ("Các bản kho số liệu còn giữ", "Warehouse versions kept"),
    "operations.version": ("Phiên bản", "Version"),
    "operations.built_at": ("Dựng lúc", "Built"),
    "operations.size": ("Dung lượng (MiB)", "Size (MiB)"),
    "operations.rows": ("Số dòng", "Rows"),
    "operations.walls": ("Màn hình treo tường", "Wall screens"),
    "operations.screen": ("Màn hình", "Screen"),
    "operations.seen": ("Hỏi số liệu lần cuối", "Last asked"),
    "operations.seen.ago": ("{seconds} giây trước", "{seconds} s ago"),
    "operations.walls.none": (
        "Chưa màn hình nào hỏi số liệu từ khi máy chủ khởi động.",
        "No screen has asked since the server started.",
    ),
    "operations.processes": ("Tiến trình", "Processes"),
    "operations.process": ("Tiến trình", "Process"),
    "operations.memory": ("Bộ nhớ (MiB)", "Memory (MiB)"),
    "operations.files": ("Tệp đang mở", "Open files"),
    "operations.started": ("Chạy từ", "Running since"),
    "operations.complaints": ("Bác sĩ hệ thống (tiendoso doctor)", "What is wrong and what to do (tiendoso doctor)"),
    "operations.complaint": ("Điều sai", "What is wrong"),
    "operations.remedy": ("Cần làm", "What to do"),
    "operations.complaints.none": ("Không thấy điều gì sai.", "Nothing is wrong."),
    "operations.audit": ("Nhật ký kiểm toán, mới nhất trước", "Audit log, newest first"),
    "audit.sign_in": ("đăng nhập", "sign-in"),
    "audit.sign_in_refused": ("đăng nhập bị từ chối", "sign-in refused"),
    "audit.sign_out": ("đăng xuất", "sign-out"),
    "audit.password": ("đổi mật khẩu", "password changed"),
    "audit.denied": ("bị từ chối quyền", "right refused"),
    "audit.upload": ("gửi tệp", "upload"),
    "audit.download": ("tải về", "download"),
    "audit.withdrawal": ("rút báo cáo", "withdrawal"),
    "audit.account": ("tài khoản", "account"),
    "audit.token": ("khóa truy cập", "token"),
    "audit.reference": ("dữ liệu danh mục", "reference data"),
    "audit.who.loader": ("bộ nạp", "loader"),
    "audit.about.account": ("tài khoản", "account"),
    "audit.about.again": ("lặp lại", "again"),
    "audit.about.arrival": ("mã nhận", "arrival"),
    "audit.about.before": ("trước", "before"),
    "audit.about.done": ("việc", "done"),
    "audit.about.file": ("tệp", "file"),
    "audit.about.now": ("nay", "now"),
    "audit.about.org_unit": ("đơn vị", "unit"),
    "audit.about.path": ("địa chỉ", "path"),
    "audit.about.query": ("tham số", "query"),
    "audit.about.reason": ("lý do", "reason"),
    "audit.about.role": ("vai trò", "role"),
    "audit.about.screen": ("màn hình", "screen"),
    "audit.about.submission": ("mã báo cáo", "submission"),
    "audit.about.token": ("khóa", "token"),
    "audit.about.way": ("cách đăng nhập", "way in"),
    "audit.about.where": ("nơi", "where"),
    "operations.audit.none": ("Chưa có dòng nào.", "No line yet."),
    "operations.at": ("Lúc", "At"),
    "operations.event": ("Việc", "Event"),
    "operations.who": ("Ai", "Who"),
    "operations.about": ("Chi tiết", "About"),
    "operations.versions": ("Phiên bản chương trình: {words}", "Versions: {words}"),
    "operations.stale": (
        "Số liệu cũ: {days} ngày chưa nhận được báo cáo mới. Hãy xem bộ nạp có chạy không và nhắc các đơn vị.",
        "Old figures: no new report for {days} days. See whether the loader runs, and remind the units.",
    ),
    "health.warehouse.ok": (
        "Kho số liệu {name} đọc được và đúng như khi dựng",
        "Warehouse {name} can be read and is as it was built",
    ),
    "health.warehouse.none": ("Chưa có kho số liệu", "There is no warehouse yet"),
    "health.warehouse.broken": (
        "Không đọc được kho số liệu nào; bộ nạp phải dựng lại",
        "No warehouse can be read; the loader has to build one anew",
    ),
    "health.warehouse.fallback": (
        "Kho số liệu mới nhất có lỗi ({fault}); đang dùng bản trước {name}",
        "The newest warehouse has a fault ({fault}); {name} before it is shown",
    ),
    "health.data.ok": ("Báo cáo mới nhất nhận cách đây {days} ngày", "The latest report came {days} days ago"),
    "health.data.stale": (
        "Số liệu cũ: {days} ngày chưa nhận được báo cáo nào mới",
        "Old figures: no new report for {days} days",
    ),
    "health.data.none": ("Chưa có báo cáo nào được nhận", "No report has been accepted yet"),
    "health.watcher.ok": ("Bộ nạp số liệu đang chạy", "The loader is running"),
    "health.watcher.none": (
        "Bộ nạp số liệu không chạy: tệp gửi đến chưa được đọc",
        "The loader is not running: files sent are not read",
    ),
    "health.watcher.trouble": ("Bộ nạp số liệu đang gặp trở ngại: {message}", "The loader is in trouble: {message}"),
    "health.watcher.silent": (
        "Bộ nạp số liệu im lặng {minutes} phút",
        "The loader has been silent for {minutes} minutes",
    ),
    "health.backlog.ok": ("Số tệp đang chờ đọc: {count}", "Files waiting to be read: {count}"),
    "health.backlog.long": (
        "Số tệp đang chờ đọc: {count}, lâu nhất {minutes} phút",
        "Files waiting to be read: {count}, the oldest for {minutes} minutes",
    ),
    "health.build.ok": ("Lần dựng kho gần nhất thành công", "The last build succeeded"),
    "health.build.none": ("Chưa dựng kho từ khi bộ nạp khởi động", "Nothing built since the loader started"),
    "health.build.failed": (
        "Lần dựng kho gần nhất không thành; số liệu trước đó vẫn giữ nguyên, nhật ký ghi lý do",
        "The last build failed; the figures before it stand, the log says why",
    ),
    "health.disk.ok": ("Đĩa còn trống {free} GiB", "Free on the disk: {free} GiB"),
    "health.disk.low": ("Đĩa sắp đầy: còn {free} GiB", "The disk is nearly full: {free} GiB left"),
    "no_data": ("Chưa có báo cáo nào được nhận.", "No report has been received yet."),
    "nothing_here": ("Không có số liệu cho lựa chọn này.", "There are no figures for this selection."),
    "unknown_value": (
        "Không có “{value}” trong mục {field}; đang xem: {shown}.",
        "There is no “{value}” under {field}; showing {shown} instead.",
    ),
    # words of Streamlit itself: the English is what it says, to the letter (see shell)
    "streamlit.skip": ("Đến nội dung chính", "Skip to main content"),
    "streamlit.sidebar": ("Thanh bên", "Sidebar"),
    "streamlit.collapse": ("Thu thanh bên", "Collapse sidebar"),
    "streamlit.expand": ("Mở thanh bên", "Expand sidebar"),
    "streamlit.menu": ("Trình đơn", "Main menu"),
    "streamlit.heading": ("Liên kết tới mục này", "Link to heading"),
    "streamlit.close": ("Đóng", "Close"),
    "streamlit.dismiss": ("Đóng", "Dismiss"),
    "streamlit.open": ("Mở", "Open"),
    "streamlit.fullscreen": ("Phóng to", "Fullscreen"),
    "streamlit.fullscreen.close": ("Thu nhỏ", "Close fullscreen"),
    "streamlit.search": ("Tìm", "Search"),
    "streamlit.search.type": ("Gõ để tìm", "Type to search"),
    "streamlit.search.close": ("Đóng ô tìm", "Close Search"),
    "streamlit.search.previous": ("Chỗ trước", "Previous Result"),
    "streamlit.search.next": ("Chỗ sau", "Next Result"),
    "streamlit.columns": ("Ẩn, hiện cột", "Show/hide columns"),
    "streamlit.columns.all": ("Chọn tất cả", "Select all"),
    "streamlit.column.menu": ("Trình đơn của cột", "Dataframe column menu"),
    "streamlit.column.ascending": ("Xếp tăng dần", "Sort ascending"),
    "streamlit.column.descending": ("Xếp giảm dần", "Sort descending"),
    "streamlit.column.autosize": ("Vừa bề rộng", "Autosize"),
    "streamlit.column.pin": ("Ghim cột", "Pin column"),
    "streamlit.column.unpin": ("Bỏ ghim cột", "Unpin column"),
    "streamlit.column.hide": ("Ẩn cột", "Hide column"),
    "streamlit.column.copy": ("Sao chép tên cột", "Copy column name"),
    "streamlit.copy": ("Sao chép", "Copy to clipboard"),
    "streamlit.clear": ("Xóa", "Clear value"),
    "streamlit.clear.selection": ("Bỏ chọn", "Clear selection"),
    "streamlit.clear.entry": ("Xóa", "Clear entry"),
    "streamlit.choose": ("Chọn", "Choose an option"),
    "streamlit.choose.several": ("Chọn", "Choose options"),
    "streamlit.no_results": ("Không tìm thấy", "No results"),
    "streamlit.no_data": ("Không có số liệu", "No data"),
    "streamlit.option": ("{count} lựa chọn", "{count} option available."),
    "streamlit.options": ("{count} lựa chọn", "{count} options available."),
    "streamlit.enter": ("Bấm Enter để áp dụng", "Press Enter to apply"),
    "streamlit.enter.long": ("Bấm Ctrl+Enter để áp dụng", "Press Ctrl+Enter to apply"),
    "streamlit.upload": ("Chọn tệp", "Upload"),
    "streamlit.upload.field": ("Chọn tệp", "file upload"),
    "streamlit.upload.add": ("Thêm tệp", "Add files"),
    "streamlit.upload.drop": ("Thả tệp vào đây", "Drag and drop a file here"),
    "streamlit.upload.size": ("tối đa {size}", "{size} per file"),
    "streamlit.upload.large": ("Tệp lớn hơn {size}", "File is larger than {size}"),
    "streamlit.upload.kind": ("Không nhận tệp loại {kind}", "{kind} files are not allowed."),
    "streamlit.upload.many": ("Quá nhiều tệp", "Too many files"),
    "streamlit.help": ("Giải thích: {label}", "Help for {label}"),
    "streamlit.info": ("Lưu ý", "info icon"),
    "streamlit.pages": ("Các trang của bảng", "Pagination"),
    "streamlit.pages.previous": ("Trang trước", "Previous page"),
    "streamlit.pages.next": ("Trang sau", "Next page"),
    "streamlit.pages.one": ("Trang {number}", "Page {number}"),
    "streamlit.running": ("Đang chạy…", "Running..."),
    "streamlit.waiting": ("Xin chờ…", "Please wait..."),
    "streamlit.stop": ("Dừng", "Stop"),
    "streamlit.connecting": ("Đang kết nối", "Connecting"),
    "streamlit.connecting.long": ("Đang kết nối với máy chủ", "Connecting to Streamlit server"),
    "streamlit.error": ("Lỗi", "Error"),
    "streamlit.error.connect": ("Không kết nối được với máy chủ", "Unable to connect to Streamlit server"),
    "streamlit.error.connection": ("Mất kết nối", "Connection error"),
    "streamlit.error.silent": (
        "Máy chủ không trả lời. Hãy xem lại đường mạng.",
        "Streamlit server is not responding. Are you connected to the internet?",
    ),
    "streamlit.error.timeout": ("Quá thời gian kết nối.", "Connection timed out."),
    "streamlit.error.network": ("Lỗi mạng", "Network Error"),
    "streamlit.error.page": ("Không có trang này", "Page not found"),
    "streamlit.error.page.long": (
        "Không có trang này; đang mở trang đầu.",
        "The page that you have requested does not seem to exist. Running the app's main page.",
    ),
    "streamlit.error.download": ("Không tải được", "Download failed"),
    "streamlit.error.ours": (
        "Trang gặp lỗi; lỗi đã được ghi vào nhật ký. Hãy tải lại trang, nếu vẫn còn xin báo người quản trị.",
        "This app has encountered an error. The original error message is redacted to prevent data leaks. "
        "Full error details have been recorded in the logs "
        "(if you're on Streamlit Cloud, click on 'Manage app' in the lower right of your app).",
    ),
    "streamlit.again": ("Thử lại", "Try again"),
    "streamlit.new_tab": ("(mở trong thẻ mới)", "(opens in new tab)"),
    # fields to choose from
    "field.province": ("Tỉnh", "Province"),
    "field.unit_group": ("Khối đơn vị", "Unit group"),
    "field.org_unit": ("Đơn vị", "Unit"),
    "field.period": ("Quý", "Quarter"),
    "field.indicator": ("Chỉ tiêu", "Indicator"),
    "field.language": ("Ngôn ngữ", "Language"),
    "field.form": ("Biểu mẫu", "Form"),
    "field.outcome": ("Kết quả", "Outcome"),
    "field.search": ("Tìm đơn vị (không cần dấu)", "Find a unit (marks not needed)"),
    "field.lead": ("Cơ quan chủ trì", "Lead unit"),
    "all": ("Tất cả", "All"),
    "none": ("không có", "none"),
    # pages
    "page.tong_quan": ("Tổng quan", "Overview"),
    "page.chi_tieu": ("Chỉ tiêu", "Indicators"),
    "page.don_vi": ("Đơn vị", "Units"),
    "page.nhiem_vu": ("Nhiệm vụ", "Tasks"),
    "page.bao_cao": ("Báo cáo đã nộp", "Submitted reports"),
    # marks of a figure
    "mark.met": ("Đạt", "Met"),
    "mark.attention": ("Cần chú ý", "Watch"),
    "mark.behind": ("Chậm", "Behind"),
    "mark.no_target": ("Chưa giao chỉ tiêu", "No target"),
    "mark.no_value": ("Đã báo cáo, không có giá trị (0/0)", "Reported without a value (0/0)"),
    "mark.not_reported": ("Chưa báo cáo", "Not reported"),
    "mark.not_due": ("Chưa đến hạn", "Not due yet"),
    "mark.no_activity": ("Không phát sinh", "No activity"),
    "mark.not_applicable": ("Không thuộc phạm vi", "Not applicable"),
    "mark.zero": ("Có báo cáo: số không", "Reported: zero"),
    "mark.blank": ("ô trắng: không phải báo cáo kỳ này", "blank: need not report in this quarter"),
    "mark.attention.rule": (
        "Cần chú ý: thiếu không quá {points} điểm % (hoặc {points} % của chỉ tiêu giao)",
        "Watch: short by at most {points} points (or {points} % of the target)",
    ),
    "class.met": ("Đạt chỉ tiêu", "Target met"),
    "class.attention": ("thiếu đến {attention}", "short by up to {attention}"),
    "class.behind": ("thiếu {attention}–{behind}", "short by {attention}–{behind}"),
    "class.far_behind": ("thiếu {behind}–{far_behind}", "short by {behind}–{far_behind}"),
    "class.furthest": ("thiếu trên {far_behind}", "short by over {far_behind}"),
    "class.points": ("điểm % so với chỉ tiêu giao", "points from the target"),
    "class.of_target": ("% của chỉ tiêu giao", "% of the target"),
    "points": ("điểm %", "points"),
    # figures
    "value": ("Giá trị", "Value"),
    "numerator": ("Số thực hiện", "Numerator"),
    "denominator": ("Tổng số", "Denominator"),
    "fraction": ("Thực hiện/Tổng số", "Numerator/denominator"),
    "target": ("Chỉ tiêu giao", "Target"),
    "target.short": ("Chỉ tiêu giao {value}", "Target {value}"),
    "target.none": ("Chưa giao chỉ tiêu", "No target set"),
    "target.year": ("chỉ tiêu giao {value} (năm {year})", "target {value} ({year})"),
    "change": ("So với quý trước", "Since last quarter"),
    "change.none": ("chưa có quý trước để so", "no last quarter to compare with"),
    "gap": ("So với chỉ tiêu", "Against target"),
    "status": ("Trạng thái", "Status"),
    "rank": ("Xếp hạng", "Rank"),
    "coverage": ("Độ phủ", "Coverage"),
    "coverage.parts": ("{found}/{expected} tháng", "{found}/{expected} months"),
    "coverage.under": (
        "Dưới mỗi quý: số đơn vị đã báo cáo trên số phải báo cáo.",
        "Below each quarter: units that reported, of those expected.",
    ),
    "median": ("trung vị", "median"),
    "own": ("báo cáo chung của tỉnh", "the province's own report"),
    "percent_only": (
        "{count} đơn vị chỉ gửi tỷ lệ, không cộng được",
        "{count} units sent a percentage only, not added",
    ),
    "percent_only.mark": ("chỉ có tỷ lệ", "percentage only"),
    "units_met": ("Đơn vị đạt chỉ tiêu", "Units that met the target"),
    "units_reported": ("Đơn vị đã báo cáo", "Units that reported"),
    "unit": ("Đơn vị", "Unit"),
    "units": ("đơn vị", "units"),
    "receipt.print": ("Phiếu để in", "To print"),
    "receipt.marked": ("Tải bản đánh dấu ô cần sửa", "Download with the cells marked"),
    "finding.to_do": ("Nội dung và cách sửa", "What it is and what to do"),
    "read.reported": ("Đã báo cáo", "Reported"),
    "read.not_reported": ("Chưa báo cáo", "Not reported"),
    "read.not_applicable": ("Không thuộc phạm vi", "Not applicable"),
    "read.no_activity": ("Không phát sinh", "No activity"),
    "reports": ("báo cáo", "reports"),
    "parts": ("Số tháng", "Months"),
    "indicator": ("Chỉ tiêu", "Indicator"),
    "all_indicators.title": ("Các chỉ tiêu của {group}, {period}", "Indicators of {group}, {period}"),
    "all_indicators.sub": (
        "Thanh: giá trị; vạch đứng: chỉ tiêu giao; tam giác: lộ trình; vòng tròn: quý trước; đơn vị: %",
        "Bar: value; upright tick: target; triangle: planned path; ring: last quarter; in per cent",
    ),
    "table": ("Bảng số liệu", "Table of figures"),
    "table.more": ("{shown} dòng đầu trong số {count}", "the first {shown} of {count} rows"),
    "click": (
        "Bấm vào một ô, một thanh hay một dòng để xem nguồn số liệu.",
        "Click a cell, a bar or a row to see where the figure comes from.",
    ),
    # overview
    "heatmap.title": ("{group}: {indicator} theo quý", "{group}: {indicator} by quarter"),
    "heatmap.sub": (
        "Đơn vị tính: {unit}. Xếp theo {period}, tốt nhất trước",
        "Unit: {unit}. Sorted by {period}, best first",
    ),
    # indicator page
    "definition": ("Định nghĩa", "Definition"),
    "definition.formula": ("Cách tính", "Formula"),
    "definition.better": ("Chiều tốt", "Better"),
    "definition.higher": ("càng cao càng tốt", "the higher the better"),
    "definition.lower": ("càng thấp càng tốt", "the lower the better"),
    "definition.value_type": ("Loại số liệu", "Kind of figure"),
    "definition.in_period": ("trong kỳ (cộng các tháng)", "in the period (months are added)"),
    "definition.cumulative": ("lũy kế (lấy kỳ cuối)", "cumulative (the last one counts)"),
    "definition.snapshot": ("thời điểm (lấy kỳ cuối)", "at a point in time (the last one counts)"),
    "definition.source": ("Văn bản", "Source document"),
    "definition.target_source": ("Văn bản giao chỉ tiêu", "Source of the target"),
    "definition.note": ("Ghi chú", "Note"),
    "ranked.title": ("Xếp hạng {group}, {period}", "{group} ranked, {period}"),
    "ranked.top": ("{count} đơn vị đầu", "Top {count}"),
    "ranked.bottom": ("{count} đơn vị cuối", "Bottom {count}"),
    "ranked.near": ("Quanh chỉ tiêu giao", "Around the target"),
    "ranked.all": ("Tất cả ({count})", "All ({count})"),
    "ranked.show": ("Xem", "Show"),
    "without_value": ("Không xếp hạng ({count} đơn vị)", "Not ranked ({count} units)"),
    "trend.title": ("Diễn biến theo quý", "By quarter"),
    "boundaries": ("Địa giới", "Boundaries"),
    "boundaries.title": ("Trước và sau sắp xếp 01/07/2025", "Before and after the merger of 01/07/2025"),
    "boundaries.today": ("Địa giới hiện nay", "Today's boundaries"),
    "boundaries.as_reported": ("Như đã báo cáo", "As reported"),
    "boundaries.how": ("Cách có", "How it was got"),
    "boundaries.added": ("Cộng {count}/{of} đơn vị cũ", "{count}/{of} old units added up"),
    "boundaries.own": ("Đơn vị báo cáo", "Reported by the unit"),
    "boundaries.part": (
        "không tính {count} đơn vị cũ bị chia tách (không rõ phần nào thuộc đơn vị này)",
        "{count} split old units left out (their share is not known)",
    ),
    "boundaries.part_own": ("đơn vị cũ bị chia tách", "a split old unit"),
    "trend.break": ("01/07/2025: chính quyền hai cấp", "01/07/2025: two-tier government"),
    # unit page
    "unit.indicators": ("Chỉ tiêu của đơn vị, {period}", "Indicators of the unit, {period}"),
    "unit.tasks": ("Nhiệm vụ chủ trì", "Tasks led"),
    "unit.no_tasks": (
        "Đơn vị không chủ trì nhiệm vụ nào trong các báo cáo đã nhận.",
        "The unit leads no task in the reports received.",
    ),
    "unit.no_match": (
        "Không có đơn vị nào khớp “{text}”; đang hiện tất cả.",
        "No unit matches “{text}”; showing all.",
    ),
    # tasks
    "task": ("Nhiệm vụ", "Task"),
    "tasks": ("nhiệm vụ", "tasks"),
    "task.done": ("Hoàn thành", "Done"),
    "task.in_progress": ("Đang thực hiện", "In progress"),
    "task.in_progress_overdue": ("Đang thực hiện, quá hạn", "In progress, overdue"),
    "task.not_started": ("Chưa thực hiện", "Not started"),
    "task.not_started_overdue": ("Chưa thực hiện, quá hạn", "Not started, overdue"),
    "task.recurring": ("Thường xuyên", "Recurring"),
    "task.overdue": ("Quá hạn", "Overdue"),
    "task.of_recurring": ("trong đó {count} thường xuyên", "of these {count} recurring"),
    "task.late_done": ("trong đó {count} quá hạn", "of these {count} late"),
    "task.due_done": ("Đã hoàn thành trong số đến hạn", "Done of those due"),
    "task.summary": ("Tiến độ nhiệm vụ, {period}", "Tasks, {period}"),
    "task.by_lead": ("Theo cơ quan chủ trì", "By lead unit"),
    "task.by_lead.sub": (
        "tỷ lệ nhiệm vụ; cuối hàng: hoàn thành/tổng số",
        "share of tasks; at the end: done/total",
    ),
    "task.unassigned": ("Chưa rõ cơ quan chủ trì", "Lead unit not clear"),
    "task.list": ("Danh sách, quá hạn trước", "List, overdue first"),
    "task.province": ("toàn tỉnh", "whole province"),
    "task.none": (
        "Chưa có báo cáo nhiệm vụ nào cho lựa chọn này.",
        "There is no report on tasks for this selection.",
    ),
    "task.due_on": ("Thời hạn", "Due"),
    "task.days_overdue": ("Quá hạn (ngày)", "Days overdue"),
    "task.assigned_in": ("Văn bản giao", "Assigned in"),
    "task.coordinating": ("Phối hợp", "With"),
    "task.completed_on": ("Ngày hoàn thành", "Completed on"),
    "task.progress": ("Tiến độ (%)", "Progress (%)"),
    "task.result": ("Kết quả, sản phẩm", "Result"),
    "task.obstacle": ("Khó khăn, vướng mắc", "Obstacles"),
    "task.proposal": ("Đề xuất, kiến nghị", "Proposals"),
    "task.history": ("Các lần báo cáo", "Reports so far"),
    "task.code": ("Mã", "Code"),
    "task.done_of_all": ("Nhiệm vụ hoàn thành", "Tasks done"),
    "task.overdue.note": ("đang làm hoặc chưa làm, đã quá hạn", "in progress or not started, past due"),
    "task.due_rest": ("{doing} đang thực hiện, {waiting} chưa thực hiện", "{doing} in progress, {waiting} not started"),
    "task.none_due": ("không có nhiệm vụ đến hạn trong quý", "no task is due in the quarter"),
    "task.due_short": ("đến hạn trong quý, đã xong", "due in the quarter, done"),
    "task.lead": ("Cơ quan chủ trì", "Lead unit"),
    "status.da_hoan_thanh_dung_han": ("Hoàn thành đúng hạn", "Done in time"),
    "status.da_hoan_thanh_qua_han": ("Hoàn thành quá hạn", "Done late"),
    "status.da_hoan_thanh_khong_han": ("Hoàn thành, không rõ hạn", "Done, deadline not known"),
    "status.dang_thuc_hien_dung_han": ("Đang thực hiện, trong hạn", "In progress, in time"),
    "status.dang_thuc_hien_qua_han": ("Đang thực hiện, quá hạn", "In progress, overdue"),
    "status.dang_thuc_hien_khong_han": ("Đang thực hiện, không có hạn", "In progress, no deadline"),
    "status.chua_thuc_hien_dung_han": ("Chưa thực hiện, trong hạn", "Not started, in time"),
    "status.chua_thuc_hien_qua_han": ("Chưa thực hiện, quá hạn", "Not started, overdue"),
    "status.chua_thuc_hien_khong_han": ("Chưa thực hiện, không có hạn", "Not started, no deadline"),
    "status.thuong_xuyen": ("Thường xuyên", "Recurring"),
    # source of a figure
    "source": ("Nguồn số liệu", "Source of the figure"),
    "source.file": ("Tệp", "File"),
    "source.place": ("Ô", "Cell"),
    "source.shown": ("Trong ô ghi", "The cell says"),
    "source.received": ("Nhận lúc", "Received"),
    "source.sender": ("Người gửi", "Sender"),
    "source.period": ("Kỳ", "Period"),
    "source.superseded": ("đã được thay", "replaced"),
    "source.receipt": ("Xem phiếu phản hồi", "Open the receipt"),
    "source.download": ("Tải tệp gốc", "Download the original"),
    "source.none": (
        "Không có báo cáo nào đứng sau ô này: {reason}.",
        "No report stands behind this cell: {reason}.",
    ),
    "source.not_public": (
        "Số liệu do đơn vị báo cáo; tệp và ô gốc không công khai.",
        "Reported by the unit; its file and cells are not public.",
    ),
    "source.derived": (
        "Cộng từ {found}/{expected} tháng đã báo cáo.",
        "Added up from {found} of {expected} months reported.",
    ),
    "source.last_part": (
        "Lấy tháng cuối; đã có {found}/{expected} tháng.",
        "The last month counts; {found} of {expected} months reported.",
    ),
    "source.rollup": (
        "Tổng hợp từ báo cáo của {found}/{expected} đơn vị; chọn một đơn vị để xem ô gốc.",
        "Put together from the reports of {found} of {expected} units; choose one to see its cell.",
    ),
    "source.rollup.own": (
        "Tổng hợp từ báo cáo của các đơn vị trong khối; bạn xem được ô gốc của đơn vị mình.",
        "Put together from the reports of the group's units; the cells of your own unit are yours to see.",
    ),
    "source.of_others": ("tệp của đơn vị khác", "a file of another unit"),
    "source.other_form": ("biểu khác, không dùng số này", "another form; this figure does not count"),
    "source.empty": ("Ô để trống.", "The cell was empty."),
    # submissions
    # receipts
    "report.received_at": ("Nhận lúc", "Received"),
    "report.file": ("Tệp", "File"),
    "report.form": ("Biểu", "Form"),
    "report.sender": ("Đơn vị gửi", "Sender"),
    "report.period": ("Kỳ", "Period"),
    "report.as_of": ("Tính đến", "As of"),
    "report.outcome": ("Kết quả", "Outcome"),
    "report.rows": ("Số dòng", "Rows"),
    "report.errors": ("Lỗi", "Errors"),
    "report.warnings": ("Cảnh báo", "Warnings"),
    "report.counts": ("{count} báo cáo", "{count} reports"),
    "report.counts.accepted": ("{count} được nhận", "{count} accepted"),
    "report.counts.rejected": ("{count} bị trả lại", "{count} rejected"),
    "report.choose": (
        "Chọn một dòng để xem phiếu phản hồi và các dòng đã đọc.",
        "Choose a row to see its receipt and what was read.",
    ),
    "report.receipt": ("Phiếu phản hồi", "Receipt"),
    "report.findings": ("Phát hiện", "Findings"),
    "report.no_findings": ("Không có lỗi hay cảnh báo.", "No errors and no warnings."),
    "report.read_rows": ("Đọc được, bên cạnh chữ trong ô", "What was read, beside what stood in the cell"),
    "report.no_rows": ("Không có dòng nào được nhận.", "No row was taken over."),
    "report.no_receipt": (
        "Không có phiếu phản hồi mang mã này, hoặc bạn không được xem.",
        "There is no receipt with this number, or it is not for you to see.",
    ),
    "report.number": ("Mã phiếu", "Receipt number"),
    "report.close": ("Về danh sách", "Back to the list"),
    "report.withdrawn": ("đã rút", "withdrawn"),
    "report.replaced": ("đã có bản mới thay", "replaced by a newer one"),
    "report.current": ("đang dùng", "counts"),
    "report.backfilled": ("nhập bù", "back-loaded"),
    "report.received": ("Báo cáo quý đã nộp", "Quarterly reports received"),
    "report.on_time": ("{count} đúng hạn, {late} muộn", "{count} in time, {late} late"),
    "report.due": ("hạn nộp {day}", "due {day}"),
    "outcome.accepted": ("✔ Được nhận", "✔ Accepted"),
    "outcome.rejected": ("✖ Trả lại", "✖ Rejected"),
    "outcome.duplicate": ("⧉ Trùng", "⧉ Duplicate"),
    "severity.error": ("✖ Lỗi", "✖ Error"),
    "severity.warning": ("▲ Cảnh báo", "▲ Warning"),
    "severity.info": ("ℹ Thông tin", "ℹ Note"),
    "finding": ("Nội dung", "What it is"),
    "severity": ("Mức", "Severity"),
    "sheet": ("Trang tính", "Sheet"),
    "cell": ("Ô", "Cell"),
    # findings: the titles of pictures, made from their rows
    "unranked.inexact": ("Chỉ ghi trên, dưới, khoảng: không so được", "Only a bound or an estimate: not comparable"),
    "finding.nothing": ("Chưa có số liệu", "No figures yet"),
    "finding.together": ("{group} đạt chung {value}", "{group} together reach {value}"),
    "finding.met": ("{count} {group} đạt chỉ tiêu {target}", "{count} {group} meet the target of {target}"),
    "finding.leads": ("{unit} dẫn đầu: {value}", "{unit} leads with {value}"),
    "finding.lead_together": ("{count} đơn vị cùng dẫn đầu: {value}", "{count} units lead with {value}"),
    "finding.lags": ("{unit} thấp nhất: {value}", "{unit} is last with {value}"),
    "finding.lag_together": ("{count} đơn vị cùng cuối bảng: {value}", "{count} units are last with {value}"),
    "finding.near": ("{count} đơn vị sát chỉ tiêu giao", "{count} units just short of the target"),
    "finding.course": (
        "{period}: {count} đơn vị từ {low} đến {high}",
        "{period}: {count} units from {low} to {high}",
    ),
    "finding.median": ("Một nửa số đơn vị đạt từ {value}", "Half of the units reach {value}"),
    "finding.median_lower": ("Một nửa số đơn vị không quá {value}", "Half of the units stay below {value}"),
    "finding.moved": ("{count} đơn vị tiến bộ so với quý trước", "{count} units did better than last quarter"),
    "finding.no_change": ("Chưa có quý trước để so", "No last quarter to compare with"),
    "finding.indicators": ("{count} chỉ tiêu đã đạt mức giao", "{count} indicators meet their target"),
    "finding.no_targets": ("{count} chỉ tiêu, chưa giao mức", "{count} indicators without a target"),
    "finding.tasks": ("{done} nhiệm vụ hoàn thành, {overdue} quá hạn", "{done} tasks done, {overdue} overdue"),
    "finding.overdue": ("{unit}: {count} nhiệm vụ quá hạn", "{unit}: {count} tasks overdue"),
    "finding.none_overdue": ("Không có nhiệm vụ quá hạn", "No task is overdue"),
    "finding.none_overdue_own": ("Đơn vị mình không có nhiệm vụ quá hạn", "No task of your own unit is overdue"),
    "finding.missing": ("{count} báo cáo chưa nộp", "{count} reports not received"),
    "finding.all_in": ("{count} báo cáo đã nộp đủ", "All {count} reports received"),
    "finding.missing_own": (
        "{count} báo cáo của đơn vị mình chưa nộp",
        "{count} reports of your own unit not received",
    ),
    "finding.all_in_own": (
        "Đơn vị mình đã nộp đủ {count} báo cáo",
        "All {count} reports of your own unit received",
    ),
    # beside the median of like units
    "beside": ("So với", "Compared with"),
    "beside.target": ("Chỉ tiêu giao", "Target"),
    "beside.median": ("Trung vị các đơn vị cùng khối", "Median of like units"),
    "median.above": ("Trên trung vị", "Above the median"),
    "median.around": ("Quanh trung vị (±{attention})", "Around the median (±{attention})"),
    "median.below": ("Dưới trung vị", "Below the median"),
    "median.short": ("Trung vị {value}", "Median {value}"),
    "planned": ("Lộ trình", "Planned path"),
    "planned.on": ("đúng lộ trình ({value})", "on the planned path ({value})"),
    "planned.behind": ("chậm {gap} so với lộ trình ({value})", "{gap} behind the planned path ({value})"),
    "previous": ("Quý trước", "Last quarter"),
    "small.rule": ("Mẫu số dưới {count}: tô xám, tỷ lệ ít ý nghĩa", "Fewer than {count} cases: greyed"),
    "leaders": ("Bên phải xem", "On the right show"),
    "leaders.bottom": ("Cuối bảng", "Last"),
    "leaders.near": ("Sát chỉ tiêu", "Nearest the target"),
    "map.title": ("Bản đồ ô vuông", "Tile map"),
    "map.note": (
        "Mỗi xã, phường một ô; vị trí gần đúng, không theo diện tích.",
        "One square per commune; placed roughly, regardless of area.",
    ),
    "click.unit": ("Bấm vào đơn vị để mở trang của đơn vị.", "Click a unit to open its page."),
    "click.indicator": ("Bấm vào chỉ tiêu để xem từng đơn vị.", "Click an indicator to see its units."),
    "movers.title": ("Quý trước → quý này", "Last quarter → this quarter"),
    "movers.sub": ("Vòng tròn: quý trước; chấm màu: quý này", "Ring: last quarter; filled: this quarter"),
    "multiples.title": ("Từng đơn vị theo quý", "Each unit by quarter"),
    "multiples.sub": (
        "Chung một thang đo; nét đứt: chỉ tiêu giao; xa chỉ tiêu nhất trước",
        "One scale; dashed: target; furthest from the target first",
    ),
    "own.only": (
        "Bạn xem số liệu của {unit}; các đơn vị khác chỉ hiện dưới dạng tổng hợp không nêu tên.",
        "You see the figures of {unit}; other units show as unnamed totals alone.",
    ),
    "own.finding": ("{unit}: {value}, hạng {place}", "{unit}: {value}, rank {place}"),
    "own.finding_unranked": ("{unit}: {value}", "{unit}: {value}"),
    "own.unit": ("đơn vị mình", "your own unit"),
    "own.place": ("hạng {place}", "rank {place}"),
    "own.above": ("hơn trung vị {gap}", "{gap} better than the median"),
    "own.below": ("kém trung vị {gap}", "{gap} short of the median"),
    "spread.title": ("Đơn vị mình trong cả khối", "Your own unit within the group"),
    "spread.sub": (
        "Dải màu: một nửa số đơn vị ở giữa (từ {lower} đến {upper}), {count} đơn vị được xếp hạng",
        "The band: the middle half of the units (from {lower} to {upper}), {count} units ranked",
    ),
    "spread.few": (
        "Chưa đủ {count} đơn vị có số liệu để so sánh mà không lộ số của từng đơn vị.",
        "Fewer than {count} units have figures: a comparison would tell those of single units.",
    ),
    "strip.title": ("Vị trí trong khối", "Place within the group"),
    "strip.sub": ("Mỗi chấm một đơn vị", "Each dot is a unit"),
    "overdue.title": ("Nhiệm vụ quá hạn theo cơ quan chủ trì", "Overdue tasks by lead unit"),
    "missing.title": ("Chưa nộp báo cáo", "Not received"),
    "missing.more": ("và {count} đơn vị khác", "and {count} more"),
    "open.unit": ("Trang của đơn vị", "The unit's page"),
    "open.indicator": ("Trang của chỉ tiêu", "The indicator's page"),
    # slides
    "page.trinh_chieu": ("Trình chiếu", "Slides"),
    "slide.of": ("{place}/{count}", "{place}/{count}"),
    "slide.previous": ("Trang trước", "Previous slide"),
    "slide.next": ("Trang sau", "Next slide"),
    "slide.full": ("Toàn màn hình (F)", "Full screen (F)"),
    "slide.return": ("Về trình chiếu (Esc)", "Back to the slides (Esc)"),
    "slide.none": ("Chưa có danh sách trang trình chiếu.", "There is no list of slides."),
    # figures of a past moment
    "field.moment": ("Số liệu tại thời điểm", "Figures as known at"),
    "moment.present": ("Hiện tại", "Now"),
    "moment.another": ("Một ngày khác…", "Another day…"),
    "moment.day": ("Ngày (ngày/tháng/năm)", "Day (day/month/year)"),
    "moment.no_day": ("Hãy ghi một ngày đã qua, ví dụ 18/03/2026.", "Write a day that has passed, e.g. 18/03/2026."),
    "moment.waiting": (
        "Đang dựng lại số liệu như đã biết lúc {moment}. Trang tự mở khi xong, thường trong một phút.",
        "The figures as known at {moment} are being put together. The page opens by itself, usually within a minute.",
    ),
    "moment.shown": ("Số liệu tại thời điểm {moment}", "Figures as known at {moment}"),
    "moment.note": (
        "Báo cáo nhận sau lúc đó không được tính ở trang này.",
        "Reports received later do not count on this page.",
    ),
    "moment.back": ("Về số liệu hiện tại", "Back to the present"),
    # handing in
    "page.nop_bao_cao": ("Nộp báo cáo", "Hand in a report"),
    "submit.step.form": ("1. Lấy biểu mẫu", "1. Take the form"),
    "submit.step.file": ("2. Thả tệp đã điền vào đây", "2. Drop the filled-in file here"),
    "submit.template": ("Tải biểu mẫu (.xlsx)", "Download the form (.xlsx)"),
    "submit.template.note": (
        "Đã ghi sẵn đơn vị, kỳ và mã chỉ tiêu; chỉ cần điền số.",
        "Unit, period and codes are filled in; only the figures are missing.",
    ),
    "guide.clerk": ("Hướng dẫn cách làm", "How it is done"),
    "submit.not_expected": (
        "Đơn vị không bắt buộc gửi biểu này; nếu gửi vẫn được nhận.",
        "The unit need not send this form; it is taken all the same.",
    ),
    "submit.file.note": (
        "Excel (.xlsx, .xlsm, .xls, .xlsb), OpenDocument (.ods) hoặc .csv. Chưa gửi gì: hệ thống đọc thử và cho xem "
        "trước kết quả.",
        "Excel (.xlsx, .xlsm, .xls, .xlsb), OpenDocument (.ods) or .csv. Nothing is sent yet: the file is read and the "
        "result shown beforehand.",
    ),
    "submit.reading": ("Đang đọc tệp…", "Reading the file…"),
    "submit.before": ("Đọc trước khi gửi: {name}", "Read before sending: {name}"),
    "submit.look": (
        "Hãy xem phần đọc được ở dưới, bên cạnh chữ trong ô, rồi gửi.",
        "Please look at what was read below, beside what stood in the cells, then send it.",
    ),
    "submit.duplicate": (
        "Tệp này đã được nhận trước đó, y nguyên; không phải gửi lại.",
        "This very file was received before; there is nothing to send again.",
    ),
    "submit.would_accept": (
        "✔ Nếu gửi, báo cáo này **sẽ được nhận**.",
        "✔ If it is sent, this report **will be accepted**.",
    ),
    "submit.would_return": (
        "✖ Nếu gửi, báo cáo này **sẽ bị trả lại**: còn lỗi phải sửa.",
        "✖ If it is sent, this report **will be returned**: there are errors to correct.",
    ),
    "submit.other": (
        "Trong tệp ghi đơn vị hoặc kỳ khác với phần đang chọn ở trên ({chosen}). Báo cáo được tính theo tệp.",
        "The file names another unit or period than chosen above ({chosen}). What the file says counts.",
    ),
    "submit.replaces": (
        "Bản này sẽ thay báo cáo cùng kỳ nhận lúc {moment}; bản cũ vẫn được lưu.",
        "It will replace the report of the same period received {moment}, which stays in the archive.",
    ),
    "submit.figures": ("{count} số liệu", "{count} figures"),
    "submit.tasks": ("{count} nhiệm vụ", "{count} tasks"),
    "submit.sender": ("Người gửi (họ tên, điện thoại)", "Sender (name, telephone)"),
    "submit.sender.help": (
        "Ghi trên phiếu phản hồi, để liên hệ khi cần.",
        "Stands on the receipt, so that you can be reached.",
    ),
    "submit.send": ("Gửi báo cáo", "Send the report"),
    "submit.send_anyway": ("Vẫn gửi", "Send it all the same"),
    "submit.mend_first": (
        "Nên tải bản đánh dấu, sửa các ô được tô màu rồi thả lại tệp. Nếu vẫn gửi, tệp được lưu kèm phiếu trả lại.",
        "Better take the marked copy, correct the coloured cells and drop the file again. If it is sent all the same, "
        "it is kept with a receipt of return.",
    ),
    "submit.not_sent": (
        "Chưa gửi được: hàng đợi tiếp nhận đang đầy hoặc ổ đĩa có sự cố. Hãy thử lại sau ít phút.",
        "It could not be sent: the queue is full or the disk is at fault. Please try again in a few minutes.",
    ),
    "submit.waiting": ("Đã gửi lúc {moment}; đang chờ phiếu phản hồi.", "Sent {moment}; waiting for the receipt."),
    "submit.waiting.note": (
        "Tệp đã được lưu an toàn. Trang tự cập nhật, thường trong vài giây.",
        "The file is safely stored. The page updates itself, usually within seconds.",
    ),
    "submit.waiting.long": (
        "Tệp đã được lưu an toàn, không cần gửi lại; bộ phận tiếp nhận chưa làm việc. Có thể đóng trang và mở lại "
        "liên kết này sau.",
        "The file is safely stored, there is no need to send it again; nobody is taking files in just now. You may "
        "close the page and come back by this link.",
    ),
    "submit.next": ("Gửi báo cáo khác", "Send another report"),
    "submit.soon": (
        "Số liệu lên các trang sau khi dựng xong, thường trong một phút.",
        "The figures reach the pages with the next build, usually within a minute.",
    ),
    "submit.see": ("Xem trang của đơn vị", "See the unit's page"),
    "submit.history": ("Đã gửi: {unit}", "Sent so far: {unit}"),
    "submit.history.none": ("Đơn vị chưa gửi báo cáo nào.", "The unit has sent no report yet."),
    "submit.history.note": (
        "Chọn một dòng để xem phiếu hoặc rút báo cáo. Cần điều chỉnh: thả bản đã sửa của cùng kỳ ở trên; bản mới nhất "
        "được tính.",
        "Choose a row to see its receipt or to withdraw it. To correct a report drop the new file of the same period "
        "above; the newest one counts.",
    ),
    "due.left": ("còn {days} ngày", "{days} days left"),
    "due.today": ("hôm nay là ngày cuối", "today is the last day"),
    "due.late": ("quá hạn {days} ngày", "{days} days late"),
    "withdraw": ("Rút báo cáo này", "Withdraw this report"),
    "withdraw.note": (
        "Báo cáo bị rút không còn được tính; báo cáo trước đó của cùng kỳ (nếu có) được tính lại. Tệp, phiếu vẫn lưu.",
        "A withdrawn report no longer counts; the one before it, if any, counts again. File and receipt are kept.",
    ),
    "withdraw.reason": ("Lý do", "Reason"),
    "withdraw.do": ("Rút báo cáo", "Withdraw"),
    "withdraw.incomplete": ("Hãy ghi lý do và người rút.", "Please give a reason and your name."),
    "withdraw.waiting": ("Đã gửi yêu cầu rút; đang chờ thực hiện.", "The wish to withdraw was sent and is waiting."),
    "withdraw.done": ("Đã rút lúc {moment} ({by}): {reason}", "Withdrawn {moment} ({by}): {reason}"),
    # who has reported
    "page.ai_da_bao_cao": ("Ai đã báo cáo", "Who has reported"),
    "cadence.weekly": ("hằng tuần", "weekly"),
    "cadence.monthly": ("hằng tháng", "monthly"),
    "cadence.quarterly": ("hằng quý", "quarterly"),
    "cadence.half": ("6 tháng", "half-yearly"),
    "cadence.nine_months": ("9 tháng", "nine months"),
    "cadence.yearly": ("hằng năm", "yearly"),
    "line": ("Tuyến báo cáo", "Reporting line"),
    "line.ubnd": ("UBND tỉnh", "People's Committee"),
    "line.vptu": ("Văn phòng Tỉnh ủy", "Office of the Party Committee"),
    "line.none": ("Khác", "Other"),
    "due.calendar": ("Các kỳ đang mở, ngày {day}", "Reports now open, {day}"),
    "due.so_far": ("đã nộp {found}/{expected}", "{found}/{expected} received"),
    "due.last": ("kỳ trước ({period}): {found}/{expected}", "last one ({period}): {found}/{expected}"),
    "due.expected": ("Phải nộp", "Expected"),
    "due.received": ("Đã nộp", "Received"),
    "due.in_time": ("Đúng hạn", "In time"),
    "due.on_time": ("Đã nộp đúng hạn", "Received in time"),
    "due.received_late": ("Nộp muộn", "Received late"),
    "due.missing": ("Chưa nộp, quá hạn", "Missing"),
    "due.returned": ("Bị trả lại, chưa gửi lại", "Returned, not sent again"),
    "due.not_due": ("Chưa đến hạn", "Not due yet"),
    "due.cells": ("Ô đã điền", "Cells filled"),
    "due.days_late": ("Quá hạn (ngày)", "Days late"),
    "due.returned_at": ("Bị trả lại lúc", "Returned"),
    "due.matrix.note": (
        "Xếp theo kỳ chọn, chưa nộp trước. Bấm vào một dấu để xem phiếu. Ô đã điền: đếm trong các tệp đã nhận, "
        "trên số ô phải điền của các kỳ đã đến hạn.",
        "Sorted by the period chosen, missing first. A mark opens its receipt. Cells filled: counted in the files "
        "received, of those to be filled for the periods due.",
    ),
    "due.missing.title": ("Chưa nộp, {period}: {count} đơn vị", "Not sent, {period}: {count} units"),
    "due.nobody": ("Tất cả đơn vị phải nộp đã nộp.", "Every unit that has to has sent its report."),
    "due.remind": (
        "Văn bản đôn đốc soạn sẵn; bấm biểu tượng góc phải để sao chép.",
        "A reminder ready to send; copy it with the icon in its corner.",
    ),
    "report.due.column": ("Hạn nộp", "Due"),
    "due.export.matrix": ("Tình hình nộp báo cáo", "Reports received"),
    "due.export.missing": ("Danh sách chưa nộp", "Reports missing"),
    "export.code": ("Mã đơn vị", "Unit code"),
    "book.together": ("Các chỉ tiêu của khối", "Indicators of the group"),
    "book.units": ("Các đơn vị", "Units"),
    "book.quarters": ("Các đơn vị theo quý", "Units by quarter"),
    "book.indicators": ("Các chỉ tiêu", "Indicators"),
    "book.missing": ("Chưa nộp", "Not sent"),
    "book.report_counts": ("Tổng hợp theo tuyến", "Totals by line"),
    "book.calendar": ("Các kỳ đang mở", "Reports now open"),
    "book.read_figures": ("Chỉ tiêu đã đọc", "Figures read"),
    "book.read_tasks": ("Nhiệm vụ đã đọc", "Tasks read"),
    "book.quality": ("Chất lượng theo quý", "Quality by quarter"),
    "book.quality_units": ("Chất lượng theo đơn vị", "Quality by unit"),
    "workbook": ("Tải cả trang (.xlsx)", "Download the page (.xlsx)"),
    "export.units": ("Số đơn vị", "Units"),
    "export.units_reported": ("Số đơn vị đã báo cáo", "Units reported"),
    "export.units_expected": ("Số đơn vị phải báo cáo", "Units expected"),
    "export.units_met": ("Số đơn vị đạt", "Units that met it"),
    "export.units_missed": ("Số đơn vị chưa đạt", "Units that did not"),
    "export.parts_found": ("Số tháng có số liệu", "Months found"),
    "export.parts_expected": ("Số tháng của kỳ", "Months expected"),
    "export.as_of_first": ("Tính đến (sớm nhất)", "As of (first)"),
    "export.as_of_last": ("Tính đến (muộn nhất)", "As of (last)"),
    "export.lead_code": ("Mã cơ quan chủ trì", "Code of the lead unit"),
    "export.due_text": ("Thời hạn ghi trong báo cáo", "Due, as reported"),
    "export.due_count": ("Đến hạn trong quý", "Due in the quarter"),
    "export.figures": ("Số dòng chỉ tiêu", "Rows of indicators"),
    "export.days_left": ("Còn lại (ngày)", "Days left"),
    "export.measure": ("Mức đạt", "Measure"),
    "export.age": ("Báo cáo cách đây (ngày)", "Age of the last report (days)"),
    "export.cells_filled": ("Số ô đã điền", "Cells filled"),
    "export.cells_expected": ("Số ô phải điền", "Cells expected"),
    # data quality
    "page.chat_luong": ("Chất lượng dữ liệu", "Data quality"),
    "quality.family": ("Nhóm tiêu chí", "Family"),
    "quality.dung": ("Đúng", "Correct"),
    "quality.du": ("Đủ", "Complete"),
    "quality.sach": ("Sạch", "Clean"),
    "quality.song": ("Sống", "Alive"),
    "quality.thong_nhat": ("Thống nhất", "Consistent"),
    "quality.dung_chung": ("Dùng chung", "Shared"),
    "quality.of.dung": ("dòng không có lỗi về giá trị", "rows without a finding about their value"),
    "quality.of.du": ("ô phải điền đã được điền", "cells expected and filled"),
    "quality.of.sach": ("tệp không trùng, không tên lạ, không phải chuyển mã", "files without duplicates or odd names"),
    "quality.of.song": ("báo cáo đến đúng hạn", "reports that came in time"),
    "quality.of.thong_nhat": ("dòng không mâu thuẫn", "rows without a contradiction"),
    "quality.of.dung_chung": ("dòng dùng mã chung", "rows told by common codes"),
    "quality.age": ("số liệu mới nhất: trung vị {days} ngày tuổi", "latest figures: median age {days} days"),
    "quality.findings": ("{count} phát hiện", "{count} findings"),
    "quality.count": ("Phát hiện", "Findings"),
    "quality.note": (
        "Mỗi số đo là phần trăm của cái có thể đạt, tính từ các tệp đã nhận kể cả tệp bị trả lại; báo cáo chưa đến hạn "
        "không bị tính.",
        "Each measure is a share of what could be right, taken from the files received, returned ones too; what is not "
        "due yet does not count.",
    ),
    "quality.by_quarter": ("{group} theo quý (%)", "{group} by quarter (%)"),
    "quality.by_unit": ("Theo đơn vị, {period}", "By unit, {period}"),
    "quality.by_unit.note": (
        "Yếu nhất trước; chọn một dòng để xem các phát hiện của đơn vị đó ở dưới.",
        "The weakest first; choose a row to see what was found about that unit below.",
    ),
    "quality.behind": ("Phát hiện đứng sau số đo", "What stands behind the measures"),
    "quality.behind.count": (
        "{count} mục; chọn một dòng để mở phiếu phản hồi.",
        "{count} entries; choose a row to open its receipt.",
    ),
    "quality.nothing": ("Không có phát hiện nào cho lựa chọn này.", "Nothing was found for this selection."),
    "quality.conflict": (
        "{indicator}: biểu khác ghi “{shown}” (ô {where})",
        "{indicator}: another form says “{shown}” (cell {where})",
    ),
    "quality.incomplete": ("Mới điền {found}/{expected} ô", "{found} of {expected} cells filled"),
    "quality.late": ("Nộp muộn, hạn {day}", "Came late, due {day}"),
    "quality.missing": ("Chưa nộp, hạn {day}", "Not received, due {day}"),
    "quality.unlisted": (
        "Nhiệm vụ không có trong danh mục nhiệm vụ được giao",
        "The task is not in the list of assigned tasks",
    ),
    # changes
    "page.thay_doi": ("Thay đổi từ kỳ họp trước", "Changes since a meeting"),
    "changes.since": ("So với số liệu tại cuộc họp", "Compared with the meeting"),
    "changes.no_meeting": ("Chưa có cuộc họp nào trong danh mục.", "There is no meeting in the list yet."),
    "changes.between": ("Số liệu đã biết lúc {then} so với số liệu dựng lúc {now}.", "Known at {then}, against {now}."),
    "changes.units": ("Đơn vị sửa số liệu cũ", "Units that revised figures"),
    "changes.figures": ("{count} số liệu được sửa", "{count} figures revised"),
    "changes.met": ("{met} thành đạt, {missed} thành chưa đạt", "{met} now meet the target, {missed} no longer do"),
    "changes.gone": ("{count} số liệu không còn", "{count} figures gone"),
    "changes.tasks": ("Nhiệm vụ đổi trạng thái", "Tasks whose status changed"),
    "changes.tasks.reported": ("{count} do có báo cáo mới", "{count} by a new report"),
    "changes.tasks.new": ("{count} nhiệm vụ mới", "{count} new tasks"),
    "changes.withdrawn": ("Báo cáo bị rút", "Reports withdrawn"),
    "changes.of_figures": ("Số liệu", "Figures"),
    "changes.of_tasks": ("Nhiệm vụ", "Tasks"),
    "changes.show": ("Xem", "Show"),
    "changes.kind.new": ("Số liệu mới", "New figures"),
    "changes.kind.revised": ("Số liệu được sửa", "Revised figures"),
    "changes.kind.gone": ("Số liệu không còn", "Figures gone"),
    "changes.kind.target": ("Chỉ đổi chỉ tiêu giao", "Only the target changed"),
    "changes.then": ("Tại cuộc họp", "At the meeting"),
    "changes.now": ("Hiện nay", "Now"),
    "changes.judged": ("So với chỉ tiêu giao", "Against the target"),
    "changes.judged.met": ("● thành đạt", "● now met"),
    "changes.judged.missed": ("■ thành chưa đạt", "■ no longer met"),
    "changes.click": ("{count} dòng; chọn một dòng để xem nguồn.", "{count} rows; choose one to see its source."),
    "changes.why": ("Vì sao", "Why"),
    "changes.task.reported": ("báo cáo mới", "a new report"),
    "changes.task.time": ("quá thời hạn", "time has passed"),
    "changes.task.new": ("nhiệm vụ mới", "new task"),
    "changes.task.gone": ("không còn báo cáo", "no report any more"),
    "changes.none": ("Không có thay đổi nào.", "Nothing has changed."),
    # answers of the API
    "api.no_warehouse": (
        "Chưa có số liệu. Hãy hỏi lại sau khi báo cáo đầu tiên được nhận.",
        "There are no figures yet. Ask again once the first report has been received.",
    ),
    "api.unknown": ("Không có “{value}” trong kho số liệu.", "There is no “{value}” among the data."),
    "api.no_period": ("“{value}” không phải là một kỳ, ví dụ 2026-Q2.", "“{value}” is no period such as 2026-Q2."),
    "api.no_quarter": ("“{value}” không phải là một quý, ví dụ 2026-Q2.", "“{value}” is no quarter such as 2026-Q2."),
    "api.no_parameter": ("Không có tham số “{name}”.", "There is no parameter “{name}”."),
    "api.misunderstood": ("Không hiểu giá trị của tham số “{name}”.", "The value of “{name}” is not understood."),
    "api.not_built": (
        "Số liệu của thời điểm này chưa được dựng; hãy mở một trang tại thời điểm đó rồi hỏi lại.",
        "The view of that moment has not been built; open a page at that moment and ask again.",
    ),
    "api.not_here": (
        "Không có địa chỉ này, hoặc chỉ đọc được bằng GET.",
        "There is no such address, or only GET works.",
    ),
    "api.not_acceptable": (
        "Chỉ có json, csv và parquet; Accept không nhận dạng nào trong đó.",
        "There are json, csv and parquet; Accept takes none of them.",
    ),
    # free selection of figures
    "page.khai_thac": ("Khai thác số liệu", "Explore the figures"),
    "explore.title": ("Số liệu chuyển đổi số, {province}", "Figures of digital transformation, {province}"),
    "explore.indicators": ("Chỉ tiêu", "Indicators"),
    "explore.units": ("Đơn vị", "Units"),
    "explore.periods": ("Quý", "Quarters"),
    "explore.find_indicator": ("Tìm chỉ tiêu (không cần dấu)", "Find an indicator (marks not needed)"),
    "explore.find_unit": (
        "Tìm đơn vị (không cần dấu; tìm được cả tên xã, huyện cũ)",
        "Find a unit (marks not needed; names before the merger too)",
    ),
    "explore.more_units": ("Còn {count} đơn vị nữa; hãy gõ tên để tìm.", "{count} more units; type a name."),
    "explore.every": ("Bỏ chọn, lấy tất cả", "Choose none: take all"),
    "explore.measures": ("Số đo", "Measures"),
    "explore.measure_unit": ("Đơn vị tính", "Measure unit"),
    "explore.layout": ("Cách trình bày", "Layout"),
    "explore.layout.long": ("Bảng dọc", "Long"),
    "explore.layout.period": ("Ngang theo quý", "Quarters across"),
    "explore.layout.indicator": ("Ngang theo chỉ tiêu", "Indicators across"),
    "explore.order": ("Xếp theo", "Sorted by"),
    "explore.order.unit": ("Đơn vị (A–Y)", "Unit (A–Z)"),
    "explore.order.indicator": ("Chỉ tiêu, rồi đơn vị", "Indicator, then unit"),
    "explore.order.value": ("Giá trị, cao trước", "Value, high first"),
    "explore.order.gap": ("Thiếu so với chỉ tiêu, nhiều trước", "Short of the target, most first"),
    "explore.order.change": ("Tăng so với quý trước, nhiều trước", "Rise since last quarter, most first"),
    "explore.order.rank": ("Xếp hạng", "Rank"),
    "explore.shown": ("Dòng {first}–{last} trong số {count}", "Lines {first}–{last} of {count}"),
    "explore.qualifier": ("Mức chính xác", "Qualifier"),
    "explore.value_to": ("Đến", "To"),
    "explore.ranked": ("Số đơn vị xếp hạng", "Units ranked"),
    "explore.indicator_name": ("Tên chỉ tiêu", "Name of the indicator"),
    "explore.sheet": ("Số liệu", "Figures"),
    "explore.sources": ("Ô nguồn", "Source cells"),
    "explore.meaning": ("Chỉ tiêu", "Indicators"),
    "explore.take": ("Tải về", "Download"),
    "explore.take.table": ("Bảng đang xem (mọi trang)", "The table shown (all pages)"),
    "explore.take.behind": ("Kèm mọi ô nguồn phía sau", "With every source cell behind it"),
    "explore.xlsx": ("Excel (.xlsx)", "Excel (.xlsx)"),
    "explore.csv": ("CSV cho Excel", "CSV for Excel"),
    "explore.parquet": ("Parquet", "Parquet"),
    "explore.make": ("Tạo tệp Excel", "Make the Excel file"),
    "explore.making": ("Đã ghi {done}/{of} dòng", "{done} of {of} rows written"),
    "explore.link": ("Liên kết giữ nguyên lựa chọn này", "Link that restores this selection"),
    "explore.api": ("Cùng số liệu qua API (JSON)", "The same figures from the API (JSON)"),
    "explore.source": (
        "Báo cáo của các đơn vị, tổng hợp bởi Tiến Độ Số",
        "Reports of the units, put together by Tiến Độ Số",
    ),
    # wall screens
    "wall.as_of": ("Số liệu đến {day}", "Figures to {day}"),
    "wall.page": ("trang {number}/{count}", "page {number}/{count}"),
    "wall.more": ("hiện {shown}/{total}", "showing {shown}/{total}"),
    "wall.indicators": ("{count} chỉ tiêu", "{count} indicators"),
    "wall.lowest": ("Thấp nhất", "Lowest"),
    "wall.longest_first": ("Quá hạn lâu nhất trước", "Longest overdue first"),
    "wall.met": ("{counted} {group} đạt chỉ tiêu {target}", "{counted} {group} met the target of {target}"),
    "wall.reported": ("{counted} {group} đã báo cáo", "{counted} {group} have reported"),
    "wall.standing": ("{behind} {group} chậm, {attention} cần chú ý", "{behind} {group} behind, {attention} to watch"),
    "wall.unranked": ("{count} đơn vị chưa có số", "{count} units without a figure"),
    "wall.between": ("{count} đơn vị ở giữa", "{count} units between"),
    "wall.tiles": ("Mỗi ô là một xã, phường; vị trí gần đúng", "Each square is a commune, roughly in its place"),
    "wall.all_tasks": ("Tất cả", "All tasks"),
    "wall.overdue": ("{counted} nhiệm vụ quá hạn", "{counted} tasks overdue"),
    "wall.due_done": ("{counted} nhiệm vụ đến hạn đã xong", "{counted} tasks due are done"),
    "wall.none_overdue": ("Không có nhiệm vụ quá hạn", "No task is overdue"),
    "wall.longest": (
        "{count} nhiệm vụ quá hạn, lâu nhất {days} ngày",
        "{count} tasks overdue, the longest by {days} days",
    ),
    "wall.days": ("quá {days} ngày", "{days} days late"),
    "wall.due": ("hạn {day}", "due {day}"),
    "wall.received": ("Đã nhận {counted} báo cáo", "{counted} reports received"),
    "wall.all_received": ("Đã nhận đủ {count} báo cáo", "All {count} reports received"),
    "wall.missing": ("{count} đơn vị chưa nộp báo cáo", "{count} units have not reported"),
    "wall.awaited": ("Còn chờ báo cáo của {count} đơn vị", "Still waiting for {count} units"),
    "wall.returned": ("bản gửi bị trả lại", "what was sent was returned"),
    "wall.loading": ("Đang lấy số liệu…", "Fetching the figures…"),
    "wall.next": ("làm mới: {seconds} s", "refresh: {seconds} s"),
    "wall.asking": ("làm mới…", "refreshing…"),
    "wall.live": ("trực tuyến", "live"),
    "wall.away": ("Mất kết nối từ {time}", "No connection since {time}"),
    "wall.empty": ("Máy chủ chưa có số liệu", "The server has no figures yet"),
    "wall.gone": ("Màn hình này không còn trong danh mục", "This screen is no longer in the list"),
    "wall.old": ("HÌNH CŨ: {age} chưa được làm mới", "OLD PICTURE: not refreshed for {age}"),
    "wall.old_build": ("SỐ LIỆU CŨ: {age} chưa tổng hợp lại", "OLD FIGURES: not rebuilt for {age}"),
    "wall.fallback": (
        "Bản số liệu trước, lập lúc {built}; bản mới đang được lập lại",
        "The figures before, built {built}; new ones are being built",
    ),
    "wall.minutes": ("{count} phút", "{count} min"),
    "wall.hours": ("{count} giờ", "{count} h"),
    "wall.days_old": ("{count} ngày", "{count} days"),
    "wall.resting": ("Ngoài giờ trình chiếu", "Outside showing hours"),
    "wall.demo": ("Dữ liệu minh họa", "Demonstration data"),
    "wall.unknown": ("Không có màn hình “{name}”.", "There is no screen “{name}”."),
    "wall.list": ("Các màn hình: {names}", "Screens: {names}"),
}
