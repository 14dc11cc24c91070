"""An installation in which every text and number says whose it is, and somebody who looks at everything there is.

Each unit's rows bear its own mark in titles, notes, cells, file names and numbers. A crawl opens every page with some
filters, also those that name other units, fetches every download and receipt, and keeps every byte that comes back.
"""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import httpx
import polars as pl

from etl.accounts import Accounts
from etl.archive import Archive, submission_id
from etl.build import build
from etl.findings import Finding
from etl.model import Arrival, Outcome, Receipt, Submission, TaskReport
from etl.reference import Reference, copy_reference, load_reference
from etl.settings import REPOSITORY, Settings
from tests import made
from tests.pages import province
from tests.streamlit_client import Answer, AsyncViewer

QUARTERS = {"2025-Q4": date(2025, 12, 14), "2026-Q1": date(2026, 3, 14), "2026-Q2": date(2026, 6, 14)}
INDICATORS = ("VB01", "VB03", "DVC02")
DEPARTMENTS = ("38.KHCN", "38.NV")
PAGES = (
    "", "chi_tieu", "don_vi", "nhiem_vu", "khai_thac", "nop_bao_cao", "ai_da_bao_cao", "bao_cao", "chat_luong",
    "thay_doi", "trinh_chieu",
)  # fmt: skip
MARK = re.compile(r"QZ([0-9A-Z]{4,12}?)ZQ")
NUMBER = re.compile(r"(?<![\d.,])(?:\d{7}|\d(?:[.,\u00a0]\d{3}){2})(?!\d)")
ADDRESSES = ("/phieu/{}", "/phieu/{}.json", "/tep-goc/{}", "/ban-danh-dau/{}")
TABLES = ("progress", "tasks", "completeness", "units", "indicators")
AT_ONCE = 8


def mark(unit: str) -> str:
    """The word that stands in every text of a unit's."""
    return f"QZ{unit.replace('.', '')}ZQ"


@dataclass
class Marked:
    """Whose each mark and number is, and what every unit sent."""

    units: list[str]
    marks: dict[str, str] = field(default_factory=dict)  # mark → unit
    numbers: dict[int, str] = field(default_factory=dict)  # number → unit
    submissions: dict[str, list[str]] = field(default_factory=dict)  # unit → ids


def fill(settings: Settings, count: int, word: Callable[[str], str] = mark) -> Marked:
    """Archive and warehouse of so many units, most of them communes, each with marked figures, tasks and findings.

    `word` gives what stands in every text of a unit's.
    """
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    reference = load_reference(settings.reference)
    every = province.communes_of(reference, len(reference.org_units))
    others = [code for code in reference.org_units if code.startswith("38.") and code not in DEPARTMENTS]
    departments = [*DEPARTMENTS, *others][: max(len(DEPARTMENTS), count - len(every))]
    found = Marked([*every[: count - len(departments)], *departments])
    archive = Archive(settings.archive)
    for place, unit in enumerate(found.units):
        found.marks[mark(unit).removeprefix("QZ").removesuffix("ZQ")] = unit
        for content, outcome, name in _sent(reference, found, unit, place, word(unit)):
            _keep(archive, found, content, outcome, name, place, word(unit))
    build(settings, reference, day=province.DAY)
    return found


def _sent(
    reference: Reference, found: Marked, unit: str, place: int, own: str
) -> Iterable[tuple[Submission, Outcome, str]]:
    doubt = Finding("rule.percentage_differs", own, "G12", own, own)
    for number, (period, as_of) in enumerate(QUARTERS.items()):
        month = f"{as_of.year}-{as_of.month:02d}"
        rows = [_row(found, unit, place, number, line, own) for line in range(len(INDICATORS))]
        sent = month if "." in unit else period
        content = Submission("bm01_indicators", unit, sent, as_of, own, tuple(rows), findings=(doubt,))
        yield content, Outcome.ACCEPTED, f"{own} {sent}.xlsx"
    as_of = date(2026, 6, 24)
    task = replace(_task(unit, own), sheet=own, shown=own)
    yield Submission("bm02_tasks", unit, "2026-W26", as_of, own, (), (task,)), Outcome.ACCEPTED, f"{own} BM02.xlsx"
    wrong = Finding("rule.numerator_exceeds_denominator", own, "E14", own, own)
    refused = Submission("bm01_indicators", unit, "2026-Q2", as_of, own, findings=(wrong,))
    yield refused, Outcome.REJECTED, f"{own} sai.xlsx"


def _row(found: Marked, unit: str, place: int, quarter: int, line: int, own: str) -> made.Observation:
    numerator = 1_000_003 + 37 * (place * 100 + quarter * 10 + line)
    denominator = 2 * numerator + 17 * place + 1
    for number in (numerator, denominator):
        assert found.numbers.setdefault(number, unit) == unit
    row = made.observation(INDICATORS[line], unit, numerator, float(denominator))
    return replace(row, sheet=own, shown=own, note=own)


def _task(unit: str, own: str) -> TaskReport:
    words = dict.fromkeys(("title", "result", "obstacle", "proposal", "assigned_in", "coordinating_text"), own)
    return replace(province._task(11, date(2026, 6, 24)), lead=unit, lead_text=unit, **words)


def _keep(
    archive: Archive, found: Marked, content: Submission, outcome: Outcome, name: str, place: int, own: str
) -> None:
    data = f"{own} {name} {content.period}".encode()
    file = sha256(data).hexdigest()
    at = datetime(2026, 6, 28, 2, tzinfo=UTC) + timedelta(minutes=place)
    arrival = Arrival(file, name, at, own, "web")
    receipt = Receipt(submission_id(at, file, 1), arrival, outcome, content, "1", "made")
    archive.keep_file(data)
    archive.record(receipt)
    found.submissions.setdefault(content.org_unit, []).append(receipt.submission)


# ---------------------------------------------------------------- looking at everything


@dataclass
class Seen:
    """Whose marks and numbers came back, how many bytes, and what went wrong on a page."""

    units: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)  # unit → where its mark was first met
    size: int = 0
    faults: list[str] = field(default_factory=list)

    def look(self, marked: Marked, where: str, *contents: str | bytes) -> None:
        for content in contents:
            self.size += len(content)
            words = content if isinstance(content, str) else _as_text(content)
            own = {marked.marks.get(found, found) for found in MARK.findall(words)}
            plain = (int(re.sub(r"\D", "", found)) for found in NUMBER.findall(words))
            own |= {marked.numbers[number] for number in plain if number in marked.numbers}
            for unit in own - self.units:
                self.places[unit] = where
            self.units |= own


def _as_text(data: bytes) -> str:
    """The words of a file: of a workbook those of all its parts, of a parquet file those of its rows."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    if data[:4] == b"PAR1":
        return str(pl.read_parquet(io.BytesIO(data)).write_json())
    return data.decode("utf-8", "replace")


def filters_of(marked: Marked, stranger: str) -> list[dict[str, str]]:
    """What the address of a page may wish for, another unit and its things by name among it."""
    of_stranger = {"don-vi": stranger, "gui": stranger, "cua": stranger, "chu-tri": stranger, "chi-tieu": "VB03"}
    everything = {"cac-don-vi": "tat-ca", "cac-quy": "tat-ca", "cac-chi-tieu": "VB01,VB03", "cac-loai": "tat-ca"}
    return [
        {**of_stranger, **everything, "quy": "2026-Q2", "nguon": f"figure~{stranger}~VB01~2026-Q2"},
        {"phieu": marked.submissions[stranger][0], "tim": "xa", "loai": "department", "so-voi": "trung-vi"},
        {},
        {"quy": "2026-Q1", **everything, "bang": "period"},
    ]


async def crawl(
    url: str, headers: Mapping[str, str], marked: Marked, stranger: str, *, pages: Iterable[str], wishes: int = 99
) -> Seen:
    """Everything that somebody with these headers gets to see."""
    seen = Seen()
    async with AsyncViewer(url, headers=dict(headers)) as viewer:
        for page in pages:
            for wished in filters_of(marked, stranger)[:wishes]:
                answer = await viewer.open(page, wished)
                where = f"/{page}?{wished}"
                seen.faults += [f"{where}: {fault}" for fault in answer.exceptions]
                seen.look(marked, where, answer.text, *answer.frames)
                await _take_along(viewer, answer, marked, seen, where)
        submissions = [*marked.submissions[stranger], *(ids[0] for ids in marked.submissions.values())]
        for path in [address.format(one) for one in submissions for address in ADDRESSES]:
            response = await viewer.get(path)
            seen.look(marked, path, response.content, str(response.headers))
        for table in TABLES:
            response = await viewer.get(f"/api/v1/{table}?limit=10000")
            seen.look(marked, table, response.content)
    return seen


def crawl_tables(client: httpx.Client, marked: Marked, own: str, stranger: str) -> Seen:
    """Every table over HTTP in every form, whole and narrowed to one's own unit, to another, to its tasks and names."""
    seen = Seen()
    word = mark(stranger)
    wishes = (
        "",
        f"&don-vi={own}",
        f"&don-vi={stranger}",
        f"&chu-tri={stranger}",
        f"&tim={word}",
        "&quy=2026-Q1",
        "&offset=1",
    )
    for path in [f"/api/v1/{table}?limit=10000&tinh=38{wished}" for table in TABLES for wished in wishes]:
        for kind in ("json", "csv") if "&tim=" in path else ("json", "csv", "parquet"):
            answer = client.get(f"{path}&format={kind}")
            if answer.status_code >= 500:
                seen.faults.append(f"{path}: {answer.status_code}")
            # What was asked for comes back in the answer's own link.
            seen.look(marked, path, answer.content.replace(word.encode(), b"") if "&tim=" in path else answer.content)
    return seen


async def _take_along(viewer: AsyncViewer, answer: Answer, marked: Marked, seen: Seen, where: str) -> None:
    for path in answer.downloads:
        if path.startswith(("/media/", "/phieu/", "/tep-goc/", "/ban-danh-dau/")):
            seen.look(marked, f"{where} → {path}", (await viewer.get(path)).content)
    for key in answer.deferred:
        seen.look(marked, f"{where} → a file made on request", (await viewer.deferred(key)).content)


async def crawl_all(
    url: str,
    sessions: Mapping[str, Mapping[str, str]],
    marked: Marked,
    *,
    pages: Iterable[str] = PAGES,
    wishes: int = 99,
    shared_by: int = 1,
) -> dict[str, Seen]:
    """The crawl of each of these visitors, eight at once; `sessions` are their headers by unit ('' = of all).

    So many units in a row share the pages: each opens every second one of two, every third one of three.
    """
    at_once = asyncio.Semaphore(AT_ONCE)
    pages = list(pages)

    async def one(unit: str) -> Seen:
        place = marked.units.index(unit) if unit in marked.units else 0
        async with at_once:
            stranger = marked.units[(place + 1) % len(marked.units)]
            own = pages[place % shared_by :: shared_by]
            return await crawl(url, sessions[unit], marked, stranger, pages=own, wishes=wishes)

    return dict(zip(sessions, await asyncio.gather(*(one(unit) for unit in sessions)), strict=True))


def sessions_of(accounts: Accounts, units: Iterable[str], cookie: str) -> dict[str, dict[str, str]]:
    """The headers of a new session of each unit's clerk."""
    return {unit: {"cookie": f"{cookie}={accounts.open_session(clerk(unit), '10.0.0.1')}"} for unit in units}


def clerk(unit: str) -> str:
    return f"van-thu-{unit.replace('.', '-').lower()}"
