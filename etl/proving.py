"""Proving that nothing was lost or changed: files against their hashes, receipts, withdrawals, the audit chain, and
the published warehouse against one made anew from the rows as recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from etl import audit
from etl.archive import Archive, Record
from etl.build import rebuild, table_hashes
from etl.errors import HouseError
from etl.model import Outcome
from etl.settings import Settings
from sql import warehouse


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that is not as it was kept: where, and what, in both languages."""

    place: str
    vi: str
    en: str


def verify(settings: Settings) -> Iterator[Loss]:
    """Everything in archive and audit log that is not as it was kept. Reads every file."""
    archive = Archive(settings.archive)
    files = {path.name: path for path in sorted(settings.archive.glob("files/??/*")) if not path.name.startswith(".")}
    for name, path in files.items():
        if warehouse.sha256_of(path) != name:
            yield Loss(str(path), "Tệp gốc đã bị sửa hoặc hỏng.", "An original file was changed or is damaged.")
    secrets = {str(note["file"]) for note in archive.secrets()}
    outcomes: dict[str, str] = {}
    for submission in archive.submissions():
        try:
            record = archive.receipt(submission)
        except HouseError as fault:
            yield Loss(submission, "Phiếu phản hồi bị hỏng, không đọc được.", f"A receipt is damaged: {fault.message}")
            continue
        if record is not None:
            outcomes[submission] = str(record["outcome"])
            yield from _of_receipt(submission, record, files, secrets)
    for file in secrets & files.keys():
        yield Loss(file, "Nội dung có dấu mật vẫn còn được lưu.", "Content marked secret is still kept.")
    yield from _of_withdrawals(archive, outcomes)
    chain = audit.verify(audit.folder(settings))
    if chain.fault:
        yield Loss(chain.fault, "Nhật ký kiểm tra đã bị sửa hoặc xóa bớt.", "The audit log was changed or cut.")


def _of_receipt(submission: str, record: Record, files: dict[str, Path], secrets: set[str]) -> Iterator[Loss]:
    file = str(record["file"])
    if record["submission"] != submission or file[:12] not in submission:
        yield Loss(submission, "Phiếu phản hồi không mang đúng mã của mình.", "A receipt does not bear its own id.")
    if file not in files and file not in secrets:
        yield Loss(submission, f"Mất tệp gốc {file[:12]}… của báo cáo.", f"The original file {file[:12]}… is gone.")
    if record["outcome"] != Outcome.ACCEPTED and (record["observations"] or record["tasks"]):
        yield Loss(submission, "Báo cáo bị trả lại mà vẫn có số liệu.", "A returned report has rows.")


def _of_withdrawals(archive: Archive, outcomes: dict[str, str]) -> Iterator[Loss]:
    try:
        withdrawals = archive.withdrawals()
    except HouseError as fault:
        yield Loss("withdrawals", "Một bản ghi rút báo cáo bị hỏng.", f"A withdrawal is damaged: {fault.message}")
        return
    for taken in withdrawals:
        if outcomes.get(str(taken["submission"])) != Outcome.ACCEPTED:
            place = str(taken["submission"])
            yield Loss(place, "Rút một báo cáo không được nhận.", "A withdrawal is of no accepted report.")


def verify_rebuild(settings: Settings) -> Iterator[Loss]:
    """Every table of the published warehouse that differs from one made anew of what it was made of."""
    found = warehouse.published(settings.warehouse)
    if found.warehouse is None or found.fault:
        raise HouseError(
            f"The published warehouse cannot be read ({found.fault or 'there is none'}).", "Build first: tiendoso build"
        )
    with tempfile.TemporaryDirectory(prefix=".rebuild-", dir=settings.live) as folder:
        again = Path(folder) / "again.duckdb"
        rebuild(settings, found.warehouse, again)
        before, after = table_hashes(found.warehouse), table_hashes(again)
    for table in sorted(before.keys() | after.keys()):
        if before.get(table) != after.get(table):
            yield Loss(table, "Bảng khác với khi dựng lại từ tệp gốc.", "The table differs from one made anew.")
