"""What is wrong with an installation, in plain words: looked at from outside, nothing is changed or waited for."""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from etl import disk, heartbeat, inbox
from etl.archive import Archive, time_key
from etl.build import last_failure, row_counts
from etl.errors import HouseError
from etl.reference import load_reference
from etl.settings import Settings, is_loopback
from sql import queries, warehouse

LEAST_OPEN_FILES: Final = 4096
LEFT_OVER_AFTER_SECONDS: Final = 3600.0
WAITING_TOO_LONG_SECONDS: Final = 900.0
EARLIEST_CLOCK: Final = datetime(2026, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)

FAULT, WARNING = "fault", "warning"


@dataclass(frozen=True, slots=True)
class Words:
    """How bad it is, what is wrong and what to do, in both languages; `{…}` is filled from the finding."""

    severity: str
    vi: str
    en: str
    do_vi: str
    do_en: str


WORDS: Final[Mapping[str, Words]] = {
    "warehouse.none": Words(
        WARNING,
        "Chưa có kho số liệu.",
        "There is no warehouse yet.",
        "Chạy: tiendoso build",
        "Run: tiendoso build",
    ),
    "warehouse.pointer": Words(
        FAULT,
        "Con trỏ warehouse/CURRENT bị mất hoặc sai; người xem đang dùng {shown}.",
        "The pointer warehouse/CURRENT is missing or wrong; viewers see {shown}.",
        "Bộ nạp tự dựng lại; nếu bộ nạp không chạy: tiendoso build",
        "The watcher builds anew by itself; if it is not running: tiendoso build",
    ),
    "warehouse.damaged": Words(
        FAULT,
        "Kho số liệu đang công bố bị hỏng, bị cắt hoặc bị xóa ({fault}); người xem đang dùng {shown}.",
        "The published warehouse is damaged, cut or gone ({fault}); viewers see {shown}.",
        "Bộ nạp tự dựng lại từ các tệp đã nhận; nếu lặp lại, kiểm tra ổ đĩa.",
        "The watcher builds it anew from the files received; if it happens again, check the disk.",
    ),
    "warehouse.rows": Words(
        FAULT,
        "Bảng {table} có {count} dòng, bản kê ghi {expected}.",
        "Table {table} holds {count} rows, its manifest says {expected}.",
        "Chạy: tiendoso build",
        "Run: tiendoso build",
    ),
    "warehouse.check": Words(
        WARNING,
        "{vi} ({count}; ví dụ: {example}).",
        "{en} ({count}; for example: {example}).",
        "Xem lại báo cáo hoặc dữ liệu tham chiếu được nêu.",
        "Look at the report or the reference data that is named.",
    ),
    "build.failed": Words(
        FAULT,
        "Lần dựng kho gần nhất bị lỗi ({at}): {message}",
        "The last build failed ({at}): {message}",
        "Người xem vẫn dùng bản trước. {hint}",
        "Viewers still see the version before. {hint}",
    ),
    "build.check": Words(
        FAULT,
        "Kho mới không được công bố: {vi} ({count}; ví dụ: {example}).",
        "The new warehouse was not published: {en} ({count}; for example: {example}).",
        "Sửa dữ liệu tham chiếu hoặc rút báo cáo được nêu; bộ nạp tự dựng lại.",
        "Correct the reference data or withdraw the report that is named; the watcher builds again by itself.",
    ),
    "leftovers": Words(
        WARNING,
        "Còn {count} tệp dở dang của tiến trình đã chết, ví dụ {example}.",
        "{count} half-written files of processes that died are left, for example {example}.",
        "Lần nạp hoặc dựng sau tự dọn; không cần làm gì.",
        "The next run clears them away by itself; nothing to do.",
    ),
    "landing.backlog": Words(
        FAULT,
        "{count} tệp chờ đọc, lâu nhất đã {minutes} phút.",
        "{count} files wait to be read, the longest for {minutes} minutes.",
        "Xem bộ nạp có chạy không (tiendoso watch) và nhật ký của nó.",
        "See whether the watcher runs (tiendoso watch), and its log.",
    ),
    "landing.damaged": Words(
        FAULT,
        "Mục {place} trong landing bị hỏng nên không đọc được.",
        "The entry {place} of the landing is damaged and cannot be read.",
        "Xin đơn vị gửi lại tệp rồi xóa thư mục đó.",
        "Ask the sender for the file again, then remove the folder.",
    ),
    "inbox.stuck": Words(
        FAULT,
        "Tệp {place} nằm trong inbox đã {minutes} phút mà chưa được nhận.",
        "The file {place} has lain in the inbox for {minutes} minutes.",
        "Xem bộ nạp có chạy không, tệp có còn đang được chép không.",
        "See whether the watcher runs and whether the file is still being copied.",
    ),
    "archive.not_writable": Words(
        FAULT,
        "Không ghi được vào kho lưu {place}: {why}",
        "The archive {place} cannot be written: {why}",
        "Kiểm tra quyền thư mục và ổ đĩa (có bị chuyển sang chỉ đọc không).",
        "Check whom the folder belongs to and whether the disk became read-only.",
    ),
    "archive.half": Words(
        FAULT,
        "Kho lưu không đủ: {why}",
        "The archive is not whole: {why}",
        "Chép lại toàn bộ từ bản sao lưu (tiendoso restore) rồi chạy tiendoso verify.",
        "Bring it whole from the backup (tiendoso restore), then run tiendoso verify.",
    ),
    "archive.originals": Words(
        FAULT,
        "Mất tệp gốc của {count} báo cáo, ví dụ {example}.",
        "The original files of {count} reports are gone, for example of {example}.",
        "Chép lại archive/files từ bản sao lưu rồi chạy tiendoso verify.",
        "Bring archive/files back from the backup, then run tiendoso verify.",
    ),
    "disk.floor": Words(
        FAULT,
        "Đĩa chỉ còn {free} MB, dưới mức {floor} MB: không nhận tệp mới.",
        "The disk has {free} MB free, below the floor of {floor} MB: no file is taken in.",
        "Dọn bớt đĩa (bản sao lưu, nhật ký cũ); tệp đang chờ sẽ tự được nhận.",
        "Make room (old backups, logs); what waits is then taken in by itself.",
    ),
    "disk.low": Words(
        WARNING,
        "Đĩa sắp đầy: còn {free} MB, mức dừng là {floor} MB.",
        "The disk is nearly full: {free} MB left, the floor is {floor} MB.",
        "Dọn bớt đĩa trước khi bộ nạp phải dừng.",
        "Make room before the watcher has to stop.",
    ),
    "clock.past": Words(
        FAULT,
        "Đồng hồ của máy sai: đang là {now}.",
        "The clock of this machine is wrong: it says {now}.",
        "Bật đồng bộ giờ (NTP).",
        "Turn time synchronisation (NTP) on.",
    ),
    "clock.behind": Words(
        FAULT,
        "Đồng hồ của máy bị lùi: có báo cáo ghi giờ nhận {latest}, bây giờ là {now}.",
        "The clock was set back: a report bears {latest}, now it is {now}.",
        "Chỉnh lại giờ, bật NTP. Báo cáo mới vẫn được xếp sau báo cáo cũ.",
        "Set it right and turn NTP on. What comes still counts after what came before.",
    ),
    "limits.files": Words(
        WARNING,
        "Chỉ được mở {count} tệp cùng lúc, cần ít nhất {least}.",
        "Only {count} files may be open at once; at least {least} are needed.",
        "Đặt LimitNOFILE=4096 trong systemd (hoặc ulimit -n 4096).",
        "Set LimitNOFILE=4096 in the systemd unit (or ulimit -n 4096).",
    ),
    "settings.open": Words(
        FAULT,
        "Máy chủ mở ra mạng ({address}) mà không đăng nhập.",
        "The server is open to the network ({address}) without sign-in.",
        "Đặt TIENDOSO_SIGN_IN, hoặc TIENDOSO_ADDRESS=127.0.0.1.",
        "Set TIENDOSO_SIGN_IN, or TIENDOSO_ADDRESS=127.0.0.1.",
    ),
    "settings.no_tls": Words(
        FAULT,
        "Đăng nhập qua địa chỉ không mã hóa: {url}.",
        "People sign in over an address without encryption: {url}.",
        "Đặt máy chủ sau nginx có TLS và sửa TIENDOSO_PUBLIC_URL thành https://…",
        "Put it behind nginx with TLS and set TIENDOSO_PUBLIC_URL to https://…",
    ),
    "settings.floor": Words(
        WARNING,
        "Mức đĩa trống tối thiểu đang tắt (TIENDOSO_LEAST_FREE_MB=0).",
        "The floor of free disk space is off (TIENDOSO_LEAST_FREE_MB=0).",
        "Đặt lại, ví dụ 500.",
        "Set it, for example to 500.",
    ),
    "settings.streamlit": Words(
        WARNING,
        "Biến môi trường {name} có thể ghi đè cấu hình an toàn của máy chủ.",
        "The environment variable {name} may override a safe setting of the server.",
        "Bỏ biến đó khỏi môi trường của dịch vụ.",
        "Take it out of the service's environment.",
    ),
    "rights.root": Words(
        WARNING,
        "Đang chạy bằng tài khoản root.",
        "This runs as root.",
        "Tạo người dùng riêng cho máy chủ và cho bộ nạp.",
        "Make users of their own for the server and for the watcher.",
    ),
    "rights.others": Words(
        WARNING,
        "Mọi người dùng trên máy đều ghi được vào {place}.",
        "Every user of this machine may write to {place}.",
        "Chạy: chmod o-w {place}",
        "Run: chmod o-w {place}",
    ),
    "rights.state": Words(
        FAULT,
        "Mọi người dùng trên máy đều đọc được tài khoản và phiên đăng nhập ({place}).",
        "Every user of this machine may read accounts and sessions ({place}).",
        "Chạy: chmod 600 {place}",
        "Run: chmod 600 {place}",
    ),
    "watcher.none": Words(
        FAULT,
        "Bộ nạp chưa chạy lần nào: tệp gửi đến sẽ không được đọc.",
        "The watcher has never run: files that come are not read.",
        "Chạy: tiendoso watch (hoặc dịch vụ systemd của nó)",
        "Run: tiendoso watch (or its systemd unit)",
    ),
    "watcher.silent": Words(
        FAULT,
        "Bộ nạp im lặng từ {at}.",
        "The watcher has been silent since {at}.",
        "Xem dịch vụ của nó và nhật ký; khởi động lại.",
        "Look at its unit and log; start it again.",
    ),
    "watcher.trouble": Words(
        FAULT,
        "Bộ nạp đang gặp lỗi: {message}",
        "The watcher is in trouble: {message}",
        "Xem nhật ký của bộ nạp.",
        "See the watcher's log.",
    ),
    "data.old": Words(
        WARNING,
        "Đã {days} ngày không nhận được báo cáo nào.",
        "No report has come for {days} days.",
        "Nhắc các đơn vị; xem đường gửi tệp có thông không.",
        "Remind the units; see whether files can reach the inbox.",
    ),
    "reference.wrong": Words(
        FAULT,
        "Dữ liệu tham chiếu có lỗi: {message}",
        "The reference data is wrong: {message}",
        "Sửa đúng dòng được nêu; số liệu cũ vẫn được dùng cho đến khi sửa xong.",
        "Correct the line that is named; the figures stay as they are until then.",
    ),
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: its code in `WORDS`, and what fills the words."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        return WORDS[self.code].severity

    def words(self, language: str) -> tuple[str, str]:
        """What is wrong, and what to do."""
        words = WORDS[self.code]
        said, do = (words.en, words.do_en) if language == "en" else (words.vi, words.do_vi)
        return said.format(**self.values), do.format(**self.values)

    def as_facts(self) -> dict[str, str]:
        (vi, do_vi), (en, do_en) = self.words("vi"), self.words("en")
        return {"code": self.code, "severity": self.severity, "vi": vi, "en": en, "do_vi": do_vi, "do_en": do_en}


def examine(settings: Settings, now: datetime | None = None) -> list[Complaint]:
    """Everything that is wrong, the worst first."""
    now = now or datetime.now(UTC)
    looks: tuple[Callable[[Settings, datetime], Iterator[Complaint]], ...] = (
        _warehouse, _build, _watcher, _arrivals, _archive, _disk, _clock, _reference, _settings, _rights, _leftovers,
    )  # fmt: skip
    found = [complaint for look in looks for complaint in look(settings, now)]
    return sorted(found, key=lambda complaint: complaint.severity != FAULT)


def _warehouse(settings: Settings, now: datetime) -> Iterator[Complaint]:
    found = warehouse.published(settings.warehouse)
    shown = found.warehouse.name if found.warehouse else "–"
    if found.fault:
        is_pointer = found.fault.startswith("pointer")
        code = "warehouse.pointer" if is_pointer else "warehouse.damaged"
        yield Complaint(code, {"shown": shown, "fault": found.fault})
    if found.warehouse is None:
        if not found.fault:
            yield Complaint("warehouse.none")
        return
    manifest = json.loads(found.warehouse.with_suffix(".json").read_bytes())
    counts = row_counts(found.warehouse)
    for table, expected in manifest["rows"].items():
        if counts.get(table) != expected:
            yield Complaint("warehouse.rows", {"table": table, "count": counts.get(table, 0), "expected": expected})
    for check in manifest.get("checks", ()):
        yield Complaint("warehouse.check", _of_check(check))
    latest = queries.build_state(queries.Scope.all(found.warehouse)).row(0, named=True)["latest_received_at"]
    days = (now - latest.replace(tzinfo=UTC)).days if latest else 0
    if days >= settings.stale_after_days:
        yield Complaint("data.old", {"days": days})


def _of_check(check: Mapping[str, Any]) -> dict[str, object]:
    return {"vi": check["vi"], "en": check["en"], "count": check["count"], "example": check["examples"][0]}


def _build(settings: Settings, now: datetime) -> Iterator[Complaint]:
    failure = last_failure(settings)
    if failure is None:
        return
    if not failure["checks"]:
        yield Complaint("build.failed", failure)
    for check in failure["checks"]:
        yield Complaint("build.check", _of_check(check))


def _watcher(settings: Settings, now: datetime) -> Iterator[Complaint]:
    beat = heartbeat.last(settings)
    if beat is None:
        yield Complaint("watcher.none")
    elif beat.is_silent(now):
        yield Complaint("watcher.silent", {"at": _shown(beat.at)})
    elif beat.trouble:
        yield Complaint("watcher.trouble", {"message": beat.trouble})


def _arrivals(settings: Settings, now: datetime) -> Iterator[Complaint]:
    good = {entry.folder.name for entry in inbox.landed(settings)}
    ages = []
    for landing in (settings.landing, settings.landing / inbox.WEB):
        for entry in sorted(landing.glob("2*Z-*")):
            if entry.name in good:
                ages.append(_age(entry, now))
            else:
                yield Complaint("landing.damaged", {"place": entry})
    if max(ages, default=0.0) > WAITING_TOO_LONG_SECONDS:
        yield Complaint("landing.backlog", {"count": len(ages), "minutes": int(max(ages) // 60)})
    for path in sorted(settings.inbox.rglob("*")) if settings.inbox.is_dir() else ():
        if path.is_file() and not path.name.startswith(".") and _age(path, now) > WAITING_TOO_LONG_SECONDS:
            yield Complaint("inbox.stuck", {"place": path.name, "minutes": int(_age(path, now) // 60)})


def _age(path: Path, now: datetime) -> float:
    try:
        return now.timestamp() - path.stat().st_ctime
    except FileNotFoundError:
        return 0.0


def _archive(settings: Settings, now: datetime) -> Iterator[Complaint]:
    if not settings.archive.exists():
        return
    probe = disk.temporary_beside(settings.archive / "any")
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as fault:
        yield Complaint("archive.not_writable", {"place": settings.archive, "why": fault.strerror or fault})
    try:
        archive = Archive(settings.archive)
    except HouseError as fault:
        yield Complaint("archive.half", {"why": fault.message})
        return
    kept = {path.name[:12] for path in settings.archive.glob("files/??/*")}
    kept |= {str(note["file"])[:12] for note in archive.secrets()}
    lost = [submission for submission in archive.submissions() if submission.split("-")[1] not in kept]
    if lost:
        yield Complaint("archive.originals", {"count": len(lost), "example": lost[0]})


def _disk(settings: Settings, now: datetime) -> Iterator[Complaint]:
    free = disk.free_bytes(settings.live) >> 20
    values = {"free": free, "floor": settings.least_free_mb}
    if free < settings.least_free_mb:
        yield Complaint("disk.floor", values)
    elif free < 2 * settings.least_free_mb:
        yield Complaint("disk.low", values)
    if settings.least_free_mb == 0:
        yield Complaint("settings.floor")


def _clock(settings: Settings, now: datetime) -> Iterator[Complaint]:
    if now < EARLIEST_CLOCK:
        yield Complaint("clock.past", {"now": _shown(now)})
    limit = time_key(now + CLOCK_TOLERANCE)
    ahead = [path.stem for path in settings.archive.glob("submissions/*/*.json") if path.stem[: len(limit)] > limit]
    if ahead:
        latest = datetime.strptime(max(ahead)[: len(limit)], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
        yield Complaint("clock.behind", {"latest": _shown(latest), "now": _shown(now)})


def _reference(settings: Settings, now: datetime) -> Iterator[Complaint]:
    if settings.reference.exists():
        try:
            load_reference(settings.reference)
        except (HouseError, OSError) as fault:
            yield Complaint("reference.wrong", {"message": str(fault)})


def _settings(settings: Settings, now: datetime) -> Iterator[Complaint]:
    if settings.sign_in == "off" and not is_loopback(settings.address):
        yield Complaint("settings.open", {"address": settings.address})
    if settings.sign_in != "off" and settings.public_url.startswith("http://"):
        yield Complaint("settings.no_tls", {"url": settings.public_url})
    # The server itself hands the secret of its cookies to Streamlit in this way, the only one there is.
    ours = "STREAMLIT_SERVER_COOKIE_SECRET"
    given = sorted(name for name in os.environ if re.match(r"STREAMLIT_(SERVER|CLIENT|GLOBAL)_", name) and name != ours)
    for name in given:
        yield Complaint("settings.streamlit", {"name": name})
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < LEAST_OPEN_FILES:
        yield Complaint("limits.files", {"count": soft, "least": LEAST_OPEN_FILES})


def _rights(settings: Settings, now: datetime) -> Iterator[Complaint]:
    if os.geteuid() == 0:
        yield Complaint("rights.root")
    for place in (settings.live, settings.archive, settings.reference, settings.warehouse, settings.landing):
        if place.exists() and place.stat().st_mode & stat.S_IWOTH:
            yield Complaint("rights.others", {"place": place})
    state = settings.live / "state.sqlite"
    if state.exists() and state.stat().st_mode & stat.S_IROTH:
        yield Complaint("rights.state", {"place": state})


def _leftovers(settings: Settings, now: datetime) -> Iterator[Complaint]:
    limit = time.time() - LEFT_OVER_AFTER_SECONDS
    left = [path for start in (".tmp-*", "build-*", ".leaving-*") for path in settings.live.rglob(start)]
    left = [path for path in left if path.exists() and path.stat().st_mtime < limit]
    if left:
        yield Complaint("leftovers", {"count": len(left), "example": left[0]})


def _shown(moment: datetime) -> str:
    """As clocks in Viet Nam show it."""
    return f"{moment.astimezone(UTC) + timedelta(hours=7):%d/%m/%Y %H:%M}"
