"""The wordings by which a form is known: headers, labels, titles, states; and the words that mark rows.

A text without any mark (`SO THUC HIEN`) is compared with the wordings' letters, any other with the wordings themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from etl.reference import Form, Reference
from etl.vietnamese import name_key, plain_key

_FOOTNOTE = re.compile(r"[¹²³⁴⁵⁶⁷⁸⁹⁰*]+$")
_IN_BRACKETS = re.compile(r"^(.*\S)\s*[(\[]([^()\[\]]*)[)\]]$", re.DOTALL)
LONGEST_WORDING = 80
LONGEST_TITLE = 400


@lru_cache(maxsize=8_192)
def key(text: str) -> str:
    """The text for comparing wordings: `name_key` without footnote marks, stars and closing colons."""
    return _FOOTNOTE.sub("", name_key(text).strip().strip("*").rstrip(":").strip()).strip()


class Wordings:
    """Wording → what it stands for; found by its key, a text without marks also by its letters."""

    def __init__(self, meanings: Iterable[tuple[str, str]]) -> None:
        self._marked: dict[str, str] = {}
        self._letters: dict[str, str | None] = {}
        for wording, meaning in meanings:
            self._marked.setdefault(key(wording), meaning)
            letters = plain_key(key(wording))
            if self._letters.setdefault(letters, meaning) != meaning:
                self._letters[letters] = None

    def find(self, text: str) -> str | None:
        if not text or len(text) > LONGEST_WORDING:
            return None
        found = self._marked.get(key(text))
        if found is None and text.isascii():
            return self._letters.get(key(text))
        return found

    def find_beginning(self, text: str) -> str | None:
        """The meaning of the longest wording that a text begins with."""
        words = text.split()[:12]
        found = (self.find(" ".join(words[:count]).rstrip(",;:.-–(")) for count in range(len(words), 0, -1))
        return next((meaning for meaning in found if meaning is not None), None)

    def find_in_front(self, text: str, meaning: str) -> str | None:
        """What follows a wording of this meaning at the beginning of a text; None if it begins otherwise."""
        words = text.split()
        for count in range(len(words) - 1, 0, -1):
            if self.find(" ".join(words[:count])) == meaning:
                return " ".join(words[count:])
        return None


@dataclass(frozen=True, slots=True)
class Header:
    """A header cell understood: the column it heads, whether in the form's own words, the unit named in brackets."""

    column: str
    is_own_wording: bool
    unit: str = ""


class FormWords:
    """All wordings of one form."""

    def __init__(self, form: Form) -> None:
        self._columns = Wordings((text, column.key) for column in form.columns for text in column.wordings)
        self._own = Wordings((column.header, column.key) for column in form.columns)
        self._measures = Wordings((text, measure.key) for measure in form.measures for text in measure.wordings)
        labels = form.labels
        named = {"org_unit": labels.org_unit, "period": labels.period, "as_of": labels.as_of}
        self.labels = Wordings((text, name) for name, texts in named.items() for text in texts)
        self.states = Wordings((text, status) for status, texts in form.states.items() for text in texts)
        self.column = lru_cache(maxsize=4_096)(self._column)
        self.is_title = lru_cache(maxsize=4_096)(self._is_title)
        self._titles = tuple(key(title) for title in form.titles)
        self._title_letters = tuple(plain_key(title) for title in self._titles)

    def _column(self, text: str) -> Header | None:
        """The column that a header names; words in brackets behind it may be its unit (`Tổng số (nghìn hồ sơ)`)."""
        return self._header(text, self._columns, self._own)

    def measure(self, text: str) -> Header | None:
        return self._header(text, self._measures, self._measures)

    @staticmethod
    def _header(text: str, wordings: Wordings, own: Wordings) -> Header | None:
        found = wordings.find(text)
        if found is not None:
            return Header(found, own.find(text) is not None)
        match = _IN_BRACKETS.match(text) if text.endswith((")", "]")) and len(text) <= LONGEST_WORDING else None
        found = wordings.find(match[1]) if match else None
        return Header(found, own.find(match[1]) is not None, match[2].strip()) if match and found else None

    def _is_title(self, text: str) -> bool:
        """Whether one of the form's titles stands in the text."""
        if len(text) > LONGEST_TITLE:
            return False
        titles, folded = (self._title_letters if text.isascii() else self._titles), key(text)
        return any(title in folded for title in titles)


_KNOWN: dict[tuple[str, str], FormWords] = {}


def words_of(reference: Reference, form: Form) -> FormWords:
    """The wordings of a form, prepared once for each state of the reference data."""
    identity = reference.hash, form.form
    if identity not in _KNOWN:
        if len(_KNOWN) >= 64:
            _KNOWN.clear()
        _KNOWN[identity] = FormWords(form)
    return _KNOWN[identity]


# --- rows that are no data --------------------------------------------------------------------------------------


class _Pattern:
    """A pattern over case-folded text; one without marks is searched for the pattern's letters."""

    def __init__(self, pattern: str) -> None:
        self._marked = re.compile(pattern)
        self._letters = re.compile(plain_key(pattern))

    def search(self, text: str) -> re.Match[str] | None:
        return (self._letters if text.isascii() else self._marked).search(text.casefold())

    __call__ = search


_ROMAN = re.compile(
    r"^\W*((?=[ivxlc])(x{0,3})(ix|iv|v?i{0,3})(?=\W|$)\W*$|[a-zđ]\W*$|(phần|nhóm|mục|khối)\b)", re.IGNORECASE
)
_TOTAL = _Pattern(
    r"^(tổng( số| cộng)?|cộng( nhóm| mục| khối)?|toàn tỉnh|toàn huyện|bình quân|trung bình|"
    r"tổng (toàn tỉnh|chung|hợp chung))"
    r"( (các |số )?(nhiệm vụ|chỉ tiêu|đơn vị|xã, phường|sở, ban, ngành)| toàn tỉnh| chung| [ivx]{1,5}| [a-e]| \d{1,2})?"
    r"\s*([:.(+].*)?$"
)
_SUBTOTAL = _Pattern(r"^(tổng )?cộng( nhóm| mục| khối)? ([ivx]{1,5}|[a-e]|\d{1,2})\W*$")
_GRAND_TOTAL = _Pattern(r"^(tổng cộng|toàn tỉnh|tổng (toàn tỉnh|chung|hợp chung))\b")
_AVERAGE = _Pattern(r"^(bình quân|trung bình)\b")
_OFFICE = r"(chủ tịch|giám đốc|chánh văn phòng|cục trưởng|chi cục trưởng|trưởng ban|bí thư|viện trưởng|trưởng phòng)"
_END = _Pattern(
    r"^\W*(người lập( biểu| báo cáo)?|thủ trưởng|(tm|kt|k/t|tl|t/l|t/m|tuq|q)[. ]|nơi nhận|xuất báo cáo|"
    r"thời gian (xuất|lập|in)\b|(đã )?ký\b[ ,]|xác nhận của|(phó |quyền )?" + _OFFICE + r"( [\w ,]{1,40})?\W*$)|"
    r"\bngày\s+(\d{1,2}|[.…]+)\s+tháng\s+(\d{1,2}|[.…]+)\s+năm\b"
)
_NOTE = _Pattern(r"^\W*(ghi chú|chú thích|lưu ý|hướng dẫn|nguồn)\s*[:.]")
_EXAMPLE = _Pattern(
    r"^\W*(ví dụ|vd|dòng mẫu|mẫu|thực nghiệm)\W*$|^\W*(ví dụ|vd|dòng mẫu)\s*[:)]|\((ví dụ|dòng mẫu|mẫu)\)"
)
_COLUMN_NUMBER = re.compile(r"^[(\[]?\s*-?(\d{1,2}|[a-z])\s*[)\]]?(\s*=\s*[\d\s()\[\]/*+\-x×:.,%]+)?$")


def is_end(text: str) -> bool:
    """Whether the text belongs to the block under a table: place and date, signatures, recipients."""
    return bool(_END(text))


def is_note(text: str) -> bool:
    return bool(_NOTE(text))


def is_total(text: str) -> bool:
    """Whether the text names a total or subtotal row (Tổng, Cộng I, Toàn tỉnh, Bình quân …)."""
    return bool(_TOTAL(text))


def is_subtotal(text: str) -> bool:
    """Whether a total says by its own words that it stands for one group (Cộng I)."""
    return bool(_SUBTOTAL(text))


def is_grand_total(text: str) -> bool:
    """Whether a total says by its own words that it stands for the whole table (Tổng cộng, Toàn tỉnh)."""
    return bool(_GRAND_TOTAL(text)) and not is_subtotal(text)


def is_average(text: str) -> bool:
    return bool(_AVERAGE(text))


def is_group_number(text: str) -> bool:
    """Whether a running number marks a group row: I, II., A, b) …"""
    return bool(_ROMAN.match(text.strip()))


def is_example(text: str) -> bool:
    return bool(_EXAMPLE(text))


def are_column_numbers(texts: Iterable[str]) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3)=(1)/(2), or A B 1 2; typed (1) is stored as -1."""
    numbers, letters = [], []
    for text in texts:
        match = _COLUMN_NUMBER.match(text.casefold())
        if match is None:
            return False
        if match[1].isdecimal():
            numbers.append(int(match[1]))
        else:
            letters.append(ord(match[1]) - 96)
    is_counted = all(counts == list(range(1, len(counts) + 1)) for counts in (numbers, letters))
    return is_counted and len(numbers) + len(letters) >= 3
