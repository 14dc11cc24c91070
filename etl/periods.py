"""Reporting periods: `Quý I.2026` → `2026-Q1`, and its dates.

A period is `2026-03`, `2026-Q1`, `2026-H1`, `2026-H2`, `2026-9M`, `2026` or `2026-W12` (ISO week). It is a label: the
figures of `2026-Q1` may be cut off on 14 March. Pure functions; a text that could mean two periods means none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, timedelta

_KEY = re.compile(r"(\d{4})(?:-(?:(Q)([1-4])|(H)([12])|(9)M|(W)(\d\d)|(\d\d)))?")
_LENGTH = {"M": 1, "Q": 3, "H": 6, "N": 9, "Y": 12}
_CADENCE = {"W": "weekly", "M": "monthly", "Q": "quarterly", "H": "half", "N": "nine_months", "Y": "yearly"}
_ROMAN = ("I", "II", "III", "IV")
_ONE_DAY = timedelta(days=1)

# --- keys and their dates -------------------------------------------------------------------------------------------


def _split(period: str) -> tuple[int, str, int]:
    """Year, kind (W, M, Q, H, N nine months, Y) and number; ValueError if the text is no period."""
    match = _KEY.fullmatch(period)
    if not match or not 1 < int(match[1]) < 9999:
        raise ValueError(f"not a period: {period!r}")
    year = int(match[1])
    if match[2] or match[4]:
        return year, (match[2] or match[4]), int(match[3] or match[5])
    if match[6]:
        return year, "N", 1
    if match[7]:
        kind, number, last = "W", int(match[8]), _weeks_in(year)
    elif match[9]:
        kind, number, last = "M", int(match[9]), 12
    else:
        return year, "Y", 1
    if not 1 <= number <= last:
        raise ValueError(f"not a period: {period!r}")
    return year, kind, number


def _join(year: int, kind: str, number: int) -> str:
    endings = {
        "W": f"-W{number:02d}",
        "M": f"-{number:02d}",
        "Q": f"-Q{number}",
        "H": f"-H{number}",
        "N": "-9M",
        "Y": "",
    }
    return f"{year:04d}{endings[kind]}"


def _weeks_in(year: int) -> int:
    return date(year, 12, 28).isocalendar().week


def _month_end(year: int, month: int) -> date:
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - _ONE_DAY


def _week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return _join(year, "W", week)


def _last_month(period: str) -> tuple[int, int]:
    year, kind, number = _split(period)
    return year, number * _LENGTH[kind]


def period_dates(period: str) -> tuple[date, date]:
    """First and last calendar day, both inside."""
    year, kind, number = _split(period)
    if kind == "W":
        monday = date.fromisocalendar(year, number, 1)
        return monday, monday + timedelta(days=6)
    first_month = (number - 1) * _LENGTH[kind] + 1
    return date(year, first_month, 1), _month_end(*_last_month(period))


def cadence(period: str) -> str:
    """`weekly`, `monthly`, `quarterly`, `half`, `nine_months` or `yearly`."""
    return _CADENCE[_split(period)[1]]


def parts(period: str) -> tuple[str, ...]:
    """The shorter periods that add up to it: months of a quarter, quarters of anything longer; none otherwise."""
    year, kind, number = _split(period)
    if kind == "Q":
        return tuple(_join(year, "M", month) for month in range(number * 3 - 2, number * 3 + 1))
    if kind in ("H", "N", "Y"):
        count = _LENGTH[kind] // 3
        return tuple(_join(year, "Q", quarter) for quarter in range((number - 1) * count + 1, number * count + 1))
    return ()


def cut_off(period: str, day: int = 14) -> date:
    """The day until which figures count: `day` of the last month; the Friday of a week."""
    if cadence(period) == "weekly":
        return period_dates(period)[0] + timedelta(days=4)
    year, month = _last_month(period)
    return min(date(year, month, 1) + timedelta(days=day - 1), _month_end(year, month))


def due_day(
    period: str,
    *,
    cut_off_day: int = 14,
    working_days: int = 2,
    weekday: int | None = None,
    holidays: Set[date] = frozenset(),
) -> date:
    """Last day on which a report is in time: so many working days after the cut-off.

    A week is due on its `weekday` (0 = Monday … 4 = Friday) if one is given, or on the next working day if that is
    none. Saturdays, Sundays and `holidays` are no working days.
    """
    if weekday is not None and cadence(period) == "weekly":
        day = period_dates(period)[0] + timedelta(days=weekday)
        while not _is_working_day(day, holidays):
            day += _ONE_DAY
        return day
    day = cut_off(period, cut_off_day)
    while working_days > 0:
        day += _ONE_DAY
        working_days -= _is_working_day(day, holidays)
    return day


def _is_working_day(day: date, holidays: Set[date]) -> bool:
    return day.weekday() < 5 and day not in holidays


# --- neighbours, order ----------------------------------------------------------------------------------------------


def previous(period: str) -> str:
    """The period of the same cadence just before."""
    return _moved(period, -1)


def next_period(period: str) -> str:
    """The period of the same cadence just after."""
    return _moved(period, 1)


def _moved(period: str, step: int) -> str:
    year, kind, number = _split(period)
    if kind == "W":
        return _week_of(date.fromisocalendar(year, number, 1) + timedelta(weeks=step))
    per_year = 1 if kind == "N" else 12 // _LENGTH[kind]
    moved = year * per_year + number - 1 + step
    return _join(moved // per_year, kind, moved % per_year + 1)


def previous_year(period: str) -> str:
    """The same period one year before; week 53 becomes 52 where that year has none."""
    year, kind, number = _split(period)
    return _join(year - 1, kind, min(number, _weeks_in(year - 1)) if kind == "W" else number)


def quarter_of(day: date) -> str:
    """The calendar quarter of a day."""
    return _join(day.year, "Q", (day.month + 2) // 3)


def quarter_containing(period: str) -> str | None:
    """The quarter that a month, a quarter or a week (by its Friday) belongs to; None for anything longer."""
    if cadence(period) == "weekly":
        return quarter_of(cut_off(period))
    return quarter_of(period_dates(period)[0]) if _LENGTH[_split(period)[1]] <= 3 else None


def order_key(period: str) -> tuple[date, int]:
    """Sorts periods by start, then by length in days."""
    start, end = period_dates(period)
    return start, (end - start).days + 1


def all_periods(first_year: int, last_year: int) -> Iterator[str]:
    """Every period of these years, cadence by cadence, each in order."""
    for kind in _CADENCE:
        for year in range(first_year, last_year + 1):
            count = _weeks_in(year) if kind == "W" else 1 if kind == "N" else 12 // _LENGTH[kind]
            for number in range(1, count + 1):
                yield _join(year, kind, number)


_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def label(period: str, lang: str = "vi") -> str:
    """The period in words, `Quý I/2026` or (lang `en`) `Q1/2026`."""
    year, kind, number = _split(period)
    if lang == "en":
        halves = ("First half of", "Second half of")
        return {
            "W": f"Week {number}/{year}", "M": f"{_MONTHS_EN[(number - 1) % 12]} {year}", "Q": f"Q{number}/{year}",
            "H": f"{halves[(number - 1) % 2]} {year}", "N": f"First nine months of {year}", "Y": f"{year}",
        }[kind]  # fmt: skip
    half = "đầu" if number == 1 else "cuối"
    return {
        "W": f"Tuần {number}/{year}", "M": f"Tháng {number}/{year}", "Q": f"Quý {_ROMAN[(number - 1) % 4]}/{year}",
        "H": f"6 tháng {half} năm {year}", "N": f"9 tháng năm {year}", "Y": f"Năm {year}",
    }[kind]  # fmt: skip


# --- reading dates --------------------------------------------------------------------------------------------------

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_FOOTNOTES = re.compile("[\u00b9\u00b2\u00b3\u2070-\u2079*]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def _fold(text: str) -> str:
    """Lower case without marks, invisible characters and footnote marks; one kind of dash and blank."""
    text = _FOOTNOTES.sub("", text.translate(_INVISIBLE))
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    bare = bare.replace("đ", "d").replace("ð", "d")
    return re.sub(r"\s+", " ", _DASHES.sub("-", bare)).strip()


_DATE_FORM = (
    r"(?:(?<!\d)(?P<iy{0}>\d{{4}})-(?P<im{0}>\d\d?)-(?P<id{0}>\d\d?)(?!\d)"
    r"|(?<!\d)(?P<d{0}>\d\d?) ?(?P<s{0}>[/.-]) ?(?P<m{0}>\d\d?) ?(?P=s{0}) ?(?P<y{0}>\d{{4}}|\d\d)(?!\d|[/.]\d)"
    r"|\bngay (?P<wd{0}>\d\d?) thang (?P<wm{0}>\d\d?)(?:,? nam (?P<wy{0}>\d{{4}}))?)"
)
_SHORT_FORM = r"(?<!\d)(?P<d{0}>\d\d?) ?(?P<s{0}>[/.-]) ?(?P<m{0}>\d\d?)(?!\d|[/.,]\d)"
_ALONE = r"(?<![\d/.,-])"
_DATE = re.compile(_ALONE + _DATE_FORM.format(""))
_SHORT_DATE = re.compile(_ALONE + _SHORT_FORM.format("") + r"(?!-\d)")
_TO = r"\s*(?:-|~|\bden(?: het)?(?: ngay)?\b)\s*"
_RANGE = re.compile(_ALONE + _DATE_FORM.format("1") + _TO + _DATE_FORM.format("2"))
_SHORT_RANGE = re.compile(
    _ALONE + _SHORT_FORM.format("1") + _TO + "(?:" + _DATE_FORM.format("2") + "|" + _SHORT_FORM.format("3") + ")"
)
_BLANK_DAY = re.compile(r"\bngay ?[.…_ ]* ?thang ?(?:\d\d?|[.…_ ]*) ?nam ?(?:\d{4}|[.…_ ]*)")


def _date_in(match: re.Match[str], mark: str, default_year: int | None) -> date | None:
    """The date that the groups ending in `mark` hold; None if there is no such day or no year."""
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    for day, month, year in (("id", "im", "iy"), ("d", "m", "y"), ("wd", "wm", "wy")):
        if day + mark in found:
            written = found.get(year + mark)
            number = default_year if written is None else int(written) + (2000 if len(written) == 2 else 0)
            try:
                return None if number is None else date(number, int(found[month + mark]), int(found[day + mark]))
            except ValueError:
                return None
    return None


def parse_date(text: str, *, default_year: int | None = None) -> date | None:
    """The one date a text holds (day before month, always), or the one it begins with; else None.

    `24.4` is a date only if `default_year` is given.
    """
    folded = _fold(text)
    matches = list(_DATE.finditer(folded))
    if not matches and default_year is not None:
        matches = list(_SHORT_DATE.finditer(folded))
    if not matches:
        return None
    first = _date_in(matches[0], "", default_year)
    begins = matches[0].start() == 0
    same = all(_date_in(match, "", default_year) == first for match in matches)
    return first if same or begins else None


# --- reading periods ------------------------------------------------------------------------------------------------

_YEAR = r"(?:[\s./,-]*(?:cua )?(?:\bnam)?[\s./-]*(?P<year>20\d\d)(?!\d))"
_LIST = r"(?P<more>\s*(?:,|;|-|\+|\bva\b|\bden\b|/)\s*(?:(?:quy|qui|thang|tuan)\s*)?(?:[ivx]+|\d\d?)\b(?!\s*thang))?"
_SIX = r"(?<!\d)(?:0?6|sau)\s*(?:thang|t)\b"
_NINE = r"(?<!\d)(?:0?9|chin)\s*(?:thang|t)\b"
_HALF_WORD = {"dau": 1, "cuoi": 2}
_QUARTER_WORD = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_MENTIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("key", r"(?<![\w/.-])(?P<key>20\d\d-(?:q[1-4]|h[12]|9m|w\d\d|\d\d))(?![\w/]|[.-]\d)"),
        ("W", rf"\b(?:tuan(?: lam viec)?(?: (?:thu|so))? ?)(?P<number>\d\d?)(?!\d)(?:{_YEAR}|{_LIST})"),
        ("W", rf"\b(?:week|w) ?(?P<number>\d\d?)(?!\d){_YEAR}"),
        ("H", rf"{_SIX} (?P<word>dau|cuoi)(?: nam)?\b{_YEAR}?"),
        ("H", rf"\bnua (?P<word>dau|cuoi)(?: nam)?\b{_YEAR}?"),
        ("H", rf"\bh(?P<number>[12]){_YEAR}"),
        ("H", rf"\b(?:so ket|giua nam) {_SIX}{_YEAR}?"),
        ("H", rf"{_SIX}{_YEAR}"),
        ("N", rf"{_NINE} dau(?: nam)?\b{_YEAR}?"),
        ("N", rf"\b(?:so ket|tong ket) {_NINE}{_YEAR}?"),
        ("N", rf"{_NINE}{_YEAR}"),
        ("Q", rf"\b(?:quy|qui)(?: (?:thu|so))?[ .]?(?P<word>iv|i{{1,3}}|0?[1-4])(?![a-z0-9])(?:{_YEAR}|{_LIST})"),
        ("Q", rf"\bq[ .]?(?P<word>iv|i{{1,3}}|[1-4])(?![a-z0-9]){_YEAR}"),
        ("M", rf"\bthang ?(?P<number>\d\d?)(?!\d)(?:{_YEAR}|{_LIST})"),
        ("M", r"\bt[. ]?(?P<number>\d\d?)[\s./-]+(?P<year>20\d\d)(?!\d)"),
        ("", r"\bgiai doan 20\d\d\s*(?:-|den)\s*20\d\d"),
        ("?", r"\b20\d\d(?:\s*(?:-|,|\bva\b|\bden\b)\s*(?:nam )?20\d\d)+"),
        ("?", r"\b(?:quy|qui) (?:v|\d)\w*|\bthang \d\w+"),
        ("Y", r"\bnam (?P<year>20\d\d)(?!\d)"),
        ("Y", r"\bca nam\b|\btong ket nam\b"),
    )
)
_BARE = {
    "M": re.compile(r"(?P<number>\d\d?) ?[/.-] ?(?P<year>20\d\d)"),
    "Y": re.compile(r"(?P<year>20\d\d)"),
    "H": re.compile(_SIX),
    "N": re.compile(_NINE),
}
_Mention = tuple[str, int, int | None]  # kind, number, year if one stood with it
_UNKNOWN: _Mention = ("?", 0, None)


def _mention(kind: str, match: re.Match[str]) -> _Mention:
    found = match.groupdict()
    if kind == "?" or found.get("more"):
        return _UNKNOWN
    if kind == "key":
        try:
            year, kind, number = _split(found["key"].upper())
        except ValueError:
            return _UNKNOWN
        return kind, number, year
    word = found.get("word")
    number = int(found.get("number") or 1)
    if word:
        number = _HALF_WORD[word] if kind == "H" else _QUARTER_WORD[word.lstrip("0")]
    year_text = found.get("year")
    last = {"W": 53, "M": 12}.get(kind, 4)
    return (kind, number, int(year_text) if year_text else None) if 1 <= number <= last else _UNKNOWN


def _ranges(text: str, default_year: int | None) -> tuple[str, list[tuple[date, date]]]:
    """The text with date ranges and dates taken out, and the ranges."""
    found: list[tuple[date, date]] = []

    def take(match: re.Match[str]) -> str:
        marks = ("2", "3") if match.re is _SHORT_RANGE else ("2",)
        end = next((day for mark in marks if (day := _date_in(match, mark, default_year))), None)
        start = _date_in(match, "1", end.year if end else None)
        if start and end and start > end and match.re is _SHORT_RANGE:
            start = _date_in(match, "1", end.year - 1)
        if start and end:
            found.append((start, end))
        return " | "

    for pattern in (_RANGE, _SHORT_RANGE):
        text = pattern.sub(take, text)
    return _BLANK_DAY.sub(" | ", _DATE.sub(" | ", text)), found


def _period_of_range(start: date, end: date, cut_off_day: int = 14) -> str | None:
    """The ISO week (Monday to Friday or later), cut-off period (15th to 14th) or calendar period with these days."""
    if start.weekday() == 0 and 4 <= (end - start).days <= 6:
        return _week_of(start)
    for kind, length in _LENGTH.items():
        if end.month % length if kind != "N" else end.month != 9:
            continue
        period = _join(end.year, kind, end.month // length)
        before = period_dates(period)[0] - _ONE_DAY
        if (start, end) in (period_dates(period), (before.replace(day=cut_off_day + 1), cut_off(period, cut_off_day))):
            return period
    return None


def _settled(mentions: list[_Mention], default_year: int | None) -> set[str | None]:
    """The distinct periods that the mentions mean; None among them if one cannot be told.

    A year in words lends itself to a finer mention without year, and gives way to one inside it (`nhiệm vụ năm 2026,
    Quý I/2026`).
    """
    years = {year for kind, _, year in mentions if kind == "Y" and year}
    lent = years.pop() if len(years) == 1 else default_year
    finer = [mention for mention in mentions if mention[0] != "Y"]
    periods: set[str | None] = set()
    dated = {(kind, number) for kind, number, year in mentions if year}
    for kind, number, year in mentions:
        if kind == "?" or (year is None and (kind, number) not in dated and lent is None):
            periods.add(None)
        elif kind == "Y" and finer and all(other in (None, year or lent) for _, _, other in finer):
            continue
        elif year is not None or (kind, number) not in dated:
            periods.add(_valid(_join(year or lent or 0, kind, number)))
    return periods


def _valid(period: str) -> str | None:
    try:
        _split(period)
    except ValueError:
        return None
    return period


def _mentions(text: str) -> list[_Mention]:
    found: list[_Mention] = []
    for kind, pattern in _MENTIONS:

        def take(match: re.Match[str], kind: str = kind) -> str:
            if kind:
                found.append(_mention(kind, match))
            return " | "

        text = pattern.sub(take, text)
    return found


def _bare_mention(text: str) -> _Mention | None:
    """A text that is nothing but `3/2026`, `2026`, `9 tháng`."""
    for kind, pattern in _BARE.items():
        if match := pattern.fullmatch(text.strip(" .:;()")):
            return _mention(kind, match)
    return None


def _read(folded: str, bare_pieces: list[str], default_year: int | None) -> str | None:
    mentions = [mention for piece in bare_pieces if (mention := _bare_mention(piece))]
    text, ranges = _ranges(folded, default_year)
    if not mentions or len(bare_pieces) > 1:
        mentions += _mentions(text)
    # a label says what the period is; an odd range beside it says only when figures were counted
    for start, end in ranges:
        if period := _period_of_range(start, end):
            year, kind, number = _split(period)
            mentions.append((kind, number, year))
    periods = _settled(mentions, default_year)
    return periods.pop() if len(periods) == 1 else None


def parse_period(text: str, *, default_year: int | None = None) -> str | None:
    """The period that a cell names, in any usual spelling; None if none or more than one."""
    folded = _fold(text).replace("_", " ")
    return _read(folded, [folded.rpartition(":")[2]], default_year)


def find_period(text: str) -> str | None:
    """The one period that a title, a sheet name or a file name mentions; None if none or more than one.

    A bare `3-2026` or `2026` counts only between underscores, as file names have it.
    """
    folded = re.sub(r"\.(?:xlsx?|xlsm|xlsb|ods|csv|html?)$", "", _fold(text))
    # 01_2026 may be January or the sender's running number
    pieces = re.sub(r"(?<![^_])\d\d?_20\d\d(?![^_])", "", folded).split("_") if "_" in folded else []
    return _read(folded.replace("_", " "), [*pieces, "", ""], None)


# --- reading deadlines ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day that is in time, and how exact the text was.

    `precision`: day, month, quarter, half, year; recurring or none go without a day.
    """

    due_on: date | None
    precision: str


_RECURRING = re.compile(
    r"\bhang (?:ngay|tuan|thang|quy|nam|6 thang)\b|\bmoi (?:tuan|thang|quy)\b|\bthuong xuyen\b|\bdinh ky\b|\blien tuc\b"
)
_PRECISION = {"W": "day", "M": "month", "Q": "quarter", "N": "quarter", "H": "half", "Y": "year"}
_THIS_YEAR = re.compile(r"\b(?:trong|het|cuoi|ca) nam\b(?! ?\d)")
_YEARS = re.compile(r"(?<![\d/.-])20\d\d\s*(?:-|,|\bva\b|\bden\b)\s*(?:nam )?(20\d\d)(?!\d)")


def parse_deadline(text: str, *, default_year: int | None = None) -> Deadline:
    """The deadline that a text means: the day itself, or the last day of the period it names.

    `trước 02/4/2026` counts as that day. Texts without a date or with several give `none`.
    """
    folded = _fold(text)
    if _RECURRING.search(folded):
        return Deadline(None, "recurring")
    _, ranges = _ranges(folded, default_year)
    if len(ranges) == 1:
        return Deadline(ranges[0][1], "day")
    matches = list(_DATE.finditer(folded)) or (list(_SHORT_DATE.finditer(folded)) if default_year is not None else [])
    if matches:
        days = {_date_in(match, "", default_year) for match in matches}
        day = days.pop() if len(days) == 1 else None
        return Deadline(day, "day" if day else "none")
    if match := _YEARS.search(folded):
        return Deadline(date(int(match[1]), 12, 31), "year")
    loose = re.sub(r"^(?:(?:hoan thanh|xong|truoc|trong|het|den het|den|cham nhat|cuoi|thoi han)\b[ :]*)+", "", folded)
    period = _read(folded, [loose], default_year)
    if period is None and default_year is not None and _THIS_YEAR.search(folded):
        period = _join(default_year, "Y", 1)
    if period is None:
        return Deadline(None, "none")
    return Deadline(period_dates(period)[1], _PRECISION[_split(period)[1]])
