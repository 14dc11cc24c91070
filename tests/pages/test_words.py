"""Every word, number and date of every page: in English nothing Vietnamese of ours, in Vietnamese nothing English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from dashboard.app import PAGES
from dashboard.shell import PREFIX
from dashboard.text import WORDS
from etl.reference import load_reference
from etl.settings import REPOSITORY
from sql import queries
from tests.pages.test_pages import filled, full, open_page, scope_of  # noqa: F401, the fixtures too

MARKS = re.compile("[ăâđêôơưàáạảãằắặẳẵầấậẩẫèéẹẻẽềếệểễìíịỉĩòóọỏõồốộổỗờớợởỡùúụủũừứựửữỳýỵỷỹ]", re.IGNORECASE)
SLIDES = [slide.slide for slide in load_reference(REPOSITORY / "data" / "reference").slides]
QUARTER = {"quy": "2026-Q2", "chi_tieu": "VB01"}
VIEWS: list[tuple[str, dict[str, str]]] = [
    *((page.path, {**QUARTER, "loai": "commune"}) for page in PAGES),
    ("pages/chi_tieu.py", {**QUARTER, "loai": "department", "bang": "trend"}),
    ("pages/don_vi.py", {**QUARTER, "don_vi": "38.KHCN", "nguon": "figure~38.KHCN~VB01~2026-Q2"}),
    ("pages/nhiem_vu.py", {"quy": "2026-Q2", "bang": "task-leads"}),
    ("pages/tong_quan.py", {**QUARTER, "loai": "commune", "bang": "heatmap", "so_voi": "trung-vi"}),
    *(("pages/trinh_chieu.py", {**QUARTER, "trang": slide}) for slide in SLIDES[1::4]),
]
NOT_SHOWN = ("id", "query_string", "page", "url", "key", "form_id", "element_id", "css", "js", "html_content", "icon")
OF_A_FIGURE = {"text", "ticktext", "hovertext", "hovertemplate", "name", "title", "customdata", "ticksuffix"}


def said_in(message: Message) -> Iterator[str]:
    """Every string that an element brings to the browser, as words."""
    for descriptor, value in message.ListFields():
        values = value if descriptor.is_repeated else [value]
        for each in values:
            if isinstance(each, Message):
                yield from said_in(each)
            elif isinstance(each, str) and not descriptor.name.startswith(NOT_SHOWN):
                if descriptor.name == "spec":
                    yield from of_figure(json.loads(each))
                elif each.startswith("{") and descriptor.name in ("columns", "mixins"):
                    continue
                else:
                    yield bare(each)


def of_figure(part: Any, name: str = "") -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from of_figure(value, key if key in OF_A_FIGURE or not name else name)
    elif isinstance(part, list):
        for value in part:
            yield from of_figure(value, name)
    elif isinstance(part, str) and name in OF_A_FIGURE:
        yield bare(part)


def bare(words: str) -> str:
    """Words without HTML, style, Plotly's holes and the backslashes of Markdown."""
    words = re.sub(r"<style>.*?</style>", " ", words, flags=re.DOTALL)
    told = re.findall(r' (?:title|aria-label)="([^"]*)"', words)
    for facts in map(json.loads, map(unescape, re.findall(r'data-told="([^"]*)"', words))):
        told += [facts["title"], facts["about"], *(swatch["words"] for swatch in facts["legend"])]
    words = "\n".join([re.sub(r"<[^>]*>", " \n ", words), *told])
    words = re.sub(r"%\{[^}]*\}|:material/\w+:|:[a-z-]+\[|\]\([^)]*\)", " ", words)
    return unescape(words.replace("\\", "").replace("\u00a0", " "))


def shown_by(app: AppTest) -> Iterator[str]:
    """All that a page says, tables, charts and their hovers, and an open drawer too."""
    for block in app._tree.children.values():
        yield from _of_block(block)


def _of_block(block: Any) -> Iterator[str]:
    for node in block.children.values():
        proto = getattr(node, "proto", None)
        if type(node).__name__ == "Dataframe":
            frame = node.value
            yield from map(str, frame.columns)
            for column in frame.columns:
                for cell in frame[column]:
                    yield (
                        " ".join(map(str, cell))
                        if isinstance(cell, list | tuple) or hasattr(cell, "tolist")
                        else str(cell or "")
                    )
        elif isinstance(proto, Message):
            yield from said_in(proto)
        if hasattr(node, "children"):
            yield from _of_block(node)


@cache
def of_the_data(folder: Path) -> re.Pattern[str]:
    """What comes from reports and definitions, longest first: names, titles, texts of cells, file names, documents."""
    scope = scope_of(folder)
    own = {"province": "38"}
    frames = [
        *(ask(scope) for ask in (queries.indicators, queries.submissions, queries.meetings, queries.slides)),
        *(ask(scope, **own) for ask in (queries.org_units, queries.progress, queries.rollup, queries.find_units)),
        *(ask(scope, **own, period="2026-Q2") for ask in (queries.tasks, queries.quality_findings)),
        queries.task_summary(scope, **own),
        queries.provinces(scope),
    ]
    reference = load_reference(folder / "reference")
    held = {str(value) for frame in frames for column in frame.select(pl.col(pl.String)) for value in column if value}
    held |= {unit.name for unit in reference.org_units.values()}
    held |= {unit.short_name for unit in reference.org_units.values()}
    for form in reference.forms.values():
        held |= {form.name_vi, form.code}
    held |= {part.strip() for value in held for part in re.split(r"[,;()·/]", value)}
    ours = {vietnamese.lower() for vietnamese, _ in WORDS.values()}
    kept = {value for value in held if len(value) > 1 and value.lower() not in ours}
    kept |= {unit.name for unit in reference.org_units.values()}
    kept |= set(queries.tasks(scope, **own, period="2026-Q2")["due_text"])
    names = "|".join(map(re.escape, sorted(kept, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)


@cache
def lines_of(view: int, language: str, folder: Path) -> tuple[str, ...]:
    """All lines that a view shows in a language."""
    path, asked = VIEWS[view]
    app = open_page(path, **asked, lang=language)
    assert not app.exception
    return tuple({line.strip() for words in shown_by(app) for line in words.splitlines() if line.strip()})


def without_data(lines: Iterable[str], folder: Path) -> list[str]:
    """The lines without what comes from the data; only doubtful ones, for there are thousands of names."""
    return [of_the_data(folder).sub(" ", line) for line in lines]


ENGLISH = (
    {word for _, english in WORDS.values() for word in re.findall(r"\b[a-z]{4,}\b", english.lower())}
    - {word for vietnamese, _ in WORDS.values() for word in re.findall(r"[a-z]+", vietnamese.lower())}
    - {"english", "streamlit", "watch"}  # names: of the language, a programme, a command
)
NOWHERE = r"\b\d{4}-\d\d-\d\d\b|\b\d\d?-\d\d?-\d{4}\b|\b(?:nan|None|null)\b|\b\d+e[+-]\d+\b"
OF_THE_OTHER = {"vi": r"(?<![\d.,/])\d+\.\d{1,2}(?![\d./])|\d,\d{3}\b", "en": r"\d,\d{1,2}(?!\d)|\d\.\d{3}\b"}
EACH = pytest.mark.parametrize("view", range(len(VIEWS)), ids=lambda view: f"{view}-{VIEWS[view][0]}")


@EACH
def test_the_english_page_has_no_vietnamese_words_of_ours(view: int, full: Path) -> None:  # noqa: F811
    lines = [re.sub("Tiến Độ Số|Tiếng Việt", "", line) for line in lines_of(view, "en", full)]
    left = without_data(filter(MARKS.search, lines), full)
    assert not [line[:90] for line in left if MARKS.search(line)]


@EACH
def test_the_vietnamese_page_has_no_english_words_of_ours(view: int, full: Path) -> None:  # noqa: F811
    written = re.compile(r"(?<![\w/.=&?-])[a-z]{4,}(?![\w/.=-])")
    doubtful = [line for line in lines_of(view, "vi", full) if ENGLISH & set(written.findall(line.lower()))]
    left = {word: line[:90] for line in without_data(doubtful, full) for word in written.findall(line.lower())}
    assert not {word: line for word, line in left.items() if word in ENGLISH}


@EACH
@pytest.mark.parametrize("language", ["vi", "en"])
def test_numbers_and_dates_are_written_as_people_here_write_them(view: int, language: str, full: Path) -> None:  # noqa: F811
    foreign = re.compile(f"{NOWHERE}|{OF_THE_OTHER[language]}")
    doubtful = [line for line in lines_of(view, language, full) if foreign.search(line)]
    left = without_data(doubtful, full)
    assert not {(found[0], line[:80]) for line in left if (found := foreign.search(line))}


def test_every_word_is_used() -> None:
    scripts = [path for path in (REPOSITORY / "dashboard").rglob("*.py") if path.name != "text.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    literal = set(re.findall(r"[\"']([\w.]+)[\"']", source))
    starts = tuple(
        set(re.findall(r"f[\"']([\w.]+\.)\{", source)) | set(re.findall(r"[\"']([\w.]+\.)[\"'] ?\+", source))
    )
    ends = set(re.findall(r"_WORDS|wall\.", source))
    assert ends
    unused = [
        key for key in WORDS
        if key not in literal and not key.startswith((PREFIX, "wall.", *starts))
    ]  # fmt: skip
    assert not unused
