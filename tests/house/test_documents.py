"""The documents tell the truth: commands, settings, addresses, links, words on the screen, twins in both languages.

Each check gives the faults of one text, so that the checks themselves are tried on a text full of faults.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import click
import pytest
from prometheus_client.registry import REGISTRY
from pydantic import ValidationError

from dashboard import api, extracts, filters, health
from dashboard.app import PAGES
from dashboard.doors import Need, door_of
from dashboard.gate import SCREEN_TOKEN
from dashboard.text import LANGUAGES, WORDS
from dashboard.wall.routes import PARAMETER
from etl import metrics
from etl.cli import main
from etl.findings import WORDING, Severity
from etl.periods import parse_period
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings, variable
from tests.pictures import FOLDER, MOST_BYTES, PICTURES

DOCS = REPOSITORY / "docs"
ROOMS = {language: sorted((DOCS / language).glob("*.md")) for language in ("vi", "en")}
DOCUMENTS = [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", DOCS / "README.md", *ROOMS["vi"], *ROOMS["en"]]
SYSTEM_FOLDERS = ("etc", "opt", "srv", "var", "usr", "run", "mnt", "dev", "home", "root", "tmp", "backup")
MARKS = {"✖": Severity.ERROR, "▲": Severity.WARNING, "ℹ": Severity.INFO}

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)
ROW = re.compile(r"^\|(.+)\|$", re.M)
ADDRESS = re.compile(r"(?:https?://[A-Za-z0-9.:-]+)?(/[A-Za-z0-9_./{}<>-]*)(\?[^\s\"'`]*)?")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_fences(text: str) -> str:
    return FENCE.sub("", text)


def code(text: str) -> Iterator[tuple[str, bool]]:
    """Every piece of code: a line of a fenced block (True: to be run as it stands) or a span within a sentence."""
    for block in FENCE.finditer(text):
        if block[1] == "sh":
            yield from ((line, True) for line in block[2].replace("\\\n", " ").splitlines() if line.strip())
    yield from ((span, False) for span in SPAN.findall(without_fences(text)))


# ---------------------------------------------------------------- commands


def commands(line: str) -> Iterator[list[str]]:
    """The words of each `tiendoso …` in a line, without what stands before it (sudo, variables)."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    words: list[str] = []
    for word in [*lexer, ";"]:
        if not set(word) <= set("|&;<>"):
            words.append(word)
            continue
        starts = [
            place for place, held in enumerate(words) if held == "tiendoso" and words[place - 1 : place] != ["-u"]
        ]
        if starts:
            yield words[starts[0] + 1 :]
        words = []


def command_faults(text: str) -> Iterator[str]:
    for line, is_whole in code(text):
        if "tiendoso" not in line or (not is_whole and not line.startswith("tiendoso ")):
            continue
        for words in commands(line):
            yield from (f"{line}: {fault}" for fault in _command_faults(words, is_whole))
    targets = set(re.findall(r"^([a-z-]+):", read(REPOSITORY / "Makefile"), re.M))
    for line, _ in code(text):
        for target in re.findall(r"(?:^|\s)make ([a-z-]+)", line):
            if target not in targets:
                yield f"there is no make {target}"


def _command_faults(words: list[str], is_whole: bool) -> Iterator[str]:
    held: click.Command = main
    words = list(words)
    while isinstance(held, click.Group) and words:
        if words[0] in ("--help", "--version", "-v"):
            words.pop(0)
            continue
        if words[0] not in held.commands:
            yield f"there is no command {words[0]}"
            return
        held = held.commands[words.pop(0)]
    context = click.Context(held)
    try:
        given, rest, _ = held.make_parser(context).parse_args(words)
    except click.UsageError as fault:
        yield fault.message
        return
    if rest and not isinstance(held, click.Group):
        yield f"too much: {rest}"
    for parameter in held.params:
        value = given.get(parameter.name or "")
        is_given = isinstance(value, str | tuple | list) and len(value) > 0
        if is_whole and parameter.required and not is_given:
            yield f"{parameter.name} is missing"
        if isinstance(value, str) and isinstance(parameter.type, click.Choice | click.IntRange):
            try:
                parameter.type.convert(value, parameter, context)
            except click.UsageError as fault:
                yield fault.message


# ---------------------------------------------------------------- settings, metrics, what the doctor says


def setting_faults(text: str) -> Iterator[str]:
    names = {variable(name): name for name in Settings.model_fields}
    for given in set(re.findall(r"\bTIENDOSO_[A-Z_]+\b", text)) - set(names):
        yield f"there is no {given}"
    for piece, _ in code(text):
        for given, value in re.findall(r"\b(TIENDOSO_[A-Z_]+)=([^\s`…]+)", piece):
            if given in names:
                try:
                    Settings.model_validate({names[given]: value})
                except ValidationError:
                    yield f"{given} cannot be {value}"


def metric_faults(text: str) -> Iterator[str]:
    for given in set(re.findall(r"`(tiendoso_[a-z_]+)", text)) - metric_names():
        yield f"there is no metric {given}"


@cache
def metric_names() -> set[str]:
    """The names under which our own figures are given to Prometheus."""
    kept = {
        f"{metric.name}_total" if metric.type == "counter" else metric.name
        for registry in (metrics.LOADER, metrics.WEB, REGISTRY)
        for metric in registry.collect()
    }
    looked_at = set(re.findall(r'\("(tiendoso_[a-z_]+)", "', read(Path(health.__file__))))
    return {name for name in kept | looked_at if name.startswith("tiendoso_")}


# ---------------------------------------------------------------- addresses and their parameters


@cache
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@cache
def api_parameters() -> dict[str, set[str]]:
    """Path → names of the parameters it takes."""
    described = api.application(Settings()).openapi()["paths"]
    return {
        f"{api.PATH}{path}": {parameter["name"] for parameter in methods["get"]["parameters"]}
        for path, methods in described.items()
    }


def page_parameters() -> set[str]:
    """Every name that a page reads from its address."""
    constants = {value for name, value in vars(filters).items() if name.isupper() and isinstance(value, str)}
    lists = {*filters.PARAMETERS.values(), *extracts.LISTS.values(), extracts.LAYOUT, extracts.ORDER}
    return constants | lists | {SCREEN_TOKEN, PARAMETER}


def _is_day_or_meeting(value: str) -> bool:
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return len(value) in (10, 16, 19) or value in {meeting.meeting for meeting in reference().meetings}


VALUES: dict[str, Callable[[str], bool]] = {
    "tinh": lambda value: value in reference().org_units,
    "don-vi": lambda value: value in reference().org_units,
    "chu-tri": lambda value: value in reference().org_units,
    "loai": lambda value: value in {kind.unit_group for kind in reference().unit_kinds.values()},
    "chi-tieu": lambda value: value in reference().indicators,
    "bieu": lambda value: value in reference().forms,
    "quy": lambda value: parse_period(value) is not None,
    "ky": lambda value: parse_period(value) is not None,
    "thoi-diem": _is_day_or_meeting,
    "format": lambda value: value in api.MEDIA_TYPES,
    "man-hinh": lambda value: value in reference().screens,
    "lang": lambda value: value in LANGUAGES,
}


def address_faults(text: str) -> Iterator[str]:
    api_names, page_names = api_parameters(), page_parameters()
    for piece, _ in code(text):
        for path, query in ADDRESS.findall(piece):
            if not _begins(piece, path) or path.strip("/").partition("/")[0] in SYSTEM_FOLDERS:
                continue
            yield from (f"{path}: {fault}" for fault in _path_faults(path))
            known = api_names.get(path, page_names)
            for name, value in parse_qsl(urlsplit(query).query, keep_blank_values=True):
                if name not in known:
                    yield f"{path} takes no {name}"
                for one in value.split(",") if name in VALUES else ():
                    if not VALUES[name](one):
                        yield f"{name} cannot be {one}"
        named = re.match(r"([a-z]+(?:-[a-z]+)*)=([^\s=]*)$", piece)
        if named and named[1] not in page_names | set().union(*api_names.values()):
            yield f"there is no parameter {named[1]}"
        elif named and named[1] in VALUES and named[2] and not VALUES[named[1]](named[2]):
            yield f"{named[1]} cannot be {named[2]}"


def _begins(piece: str, path: str) -> bool:
    """Whether a path stands at the beginning of a word or of an address: `data/live` holds none."""
    before = piece[: piece.index(path)]
    return bool(re.search(r"(^|[\s\"'(=])(https?://[A-Za-z0-9.:-]+|GET )?$", before)) and path != "/"


def _path_faults(path: str) -> Iterator[str]:
    found = door_of("GET", path)
    if found is None or found[0].need is Need.NEVER:
        yield "there is no such address"
        return
    door, parts = found
    if door.path == "/{page}" and parts["page"] not in {page.url_path for page in PAGES}:
        yield "there is no such page"
    screen = parts.get("name", "")
    if screen and not screen.startswith(("<", "{")) and screen not in reference().screens:
        yield f"there is no screen {screen}"


# ---------------------------------------------------------------- links, words of the screen, findings


def link_faults(text: str, folder: Path) -> Iterator[str]:
    for target in LINK.findall(without_fences(text)):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        path = (folder / name).resolve() if name else None
        if path is not None and not (path.is_relative_to(REPOSITORY) and path.exists()):
            yield f"{target} leads nowhere"
        elif anchor:
            headings = re.findall(r"^#+ (.+)$", read(path) if path else text, re.M)
            if anchor not in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}:
                yield f"{target}: there is no such heading"


def screen_faults(text: str, language: str) -> Iterator[str]:
    """In the documents **bold** are words that stand on the screen."""
    place = LANGUAGES.index(language)
    shown = [words[place] for words in WORDS.values()] + [page.title_en if place else page.title_vi for page in PAGES]
    shown = [words.replace("*", "").casefold() for words in shown]
    for words in BOLD.findall(without_fences(text)):
        wanted = " ".join(words.split()).casefold()
        if not any(wanted in said for said in shown):
            yield f"nothing on the screen says “{words}”"


def finding_rows(text: str) -> list[tuple[str, str]]:
    """Mark and words of each finding that a table quotes."""
    rows = [[cell.strip() for cell in row.split("|")] for row in ROW.findall(text)]
    return [(row[0], row[1][1:-1]) for row in rows if len(row) == 3 and row[0] in MARKS]


def finding_faults(text: str, language: str) -> Iterator[str]:
    for mark, quoted in finding_rows(text):
        if not any(
            wording.severity is MARKS[mark]
            and re.fullmatch(
                re.sub(r"\\{(\w+)\\}", lambda hole: ".*" if hole[1] == "place" else ".+", re.escape(said)), quoted
            )
            for wording in WORDING.values()
            for said in [wording.vi if language == "vi" else wording.en]
        ):
            yield f"no finding says: {quoted}"


def faults_of(text: str, folder: Path) -> list[str]:
    return [
        *command_faults(text),
        *setting_faults(text),
        *metric_faults(text),
        *address_faults(text),
        *link_faults(text, folder),
    ]


# ---------------------------------------------------------------- the documents


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_commands_settings_addresses_and_links_are_there(path: Path) -> None:
    assert faults_of(read(path), path.parent) == []


@pytest.mark.parametrize("path", [*ROOMS["vi"], *ROOMS["en"]], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_words_in_bold_stand_on_the_screen_and_quoted_findings_are_those_of_the_table(path: Path) -> None:
    language = path.parent.name
    assert [*screen_faults(read(path), language), *finding_faults(read(path), language)] == []


def shape(text: str) -> dict[str, object]:
    """What two languages of one document have in common."""
    return {
        "headings": [len(marks) for marks in re.findall(r"^(#+) ", without_fences(text), re.M)],
        "rows": len(ROW.findall(text)),
        "findings": [mark for mark, _ in finding_rows(text)],
        "bullets": len(re.findall(r"^(?:-|\d+\.) ", text, re.M)),
        "programmes": [[words[:2] for words in commands(line)] for line, is_whole in code(text) if is_whole],
        "pictures": [
            Path(name.replace(".en.png", ".png")).name for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
        ],
    }


def test_every_document_is_there_in_both_languages_with_the_same_shape() -> None:
    assert [path.name for path in ROOMS["vi"]] == [path.name for path in ROOMS["en"]]
    for vietnamese, english in zip(ROOMS["vi"], ROOMS["en"], strict=True):
        assert shape(read(vietnamese)) == shape(read(english)), vietnamese.name
        assert f"(../en/{english.name})" in read(vietnamese)
        assert f"(../vi/{vietnamese.name})" in read(english)
        assert {f"(vi/{vietnamese.name})", f"(en/{english.name})"} <= set(
            re.findall(r"\([^()]+\)", read(DOCS / "README.md"))
        )


def test_the_ten_findings_of_the_clerk_are_told() -> None:
    assert [mark for mark, _ in finding_rows(read(DOCS / "vi" / "clerk.md"))].count("✖") == 3
    assert len(finding_rows(read(DOCS / "vi" / "clerk.md"))) == 10


def test_the_analyst_is_told_every_parameter_and_table_of_the_api() -> None:
    every = set().union(*api_parameters().values())
    for language in ("vi", "en"):
        text = read(DOCS / language / "analyst.md")
        told = {name for row in ROW.findall(text) for name in SPAN.findall(row.split("|")[0])}
        assert told == every
        assert set(api_parameters()) <= set(SPAN.findall(text)) | {
            span.removeprefix("GET ") for span in SPAN.findall(text)
        }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_operator_is_told_every_check_and_metric_and_the_steward_every_file(language: str, tmp_path: Path) -> None:
    told = set(SPAN.findall(without_fences(read(DOCS / language / "operator.md"))))
    assert metric_names() - told == set()
    assert {check.name for check in health.look(Settings(live=tmp_path), []).checks} - told == set()
    told = set(SPAN.findall(without_fences(read(DOCS / language / "steward.md"))))
    folder = REPOSITORY / "data" / "reference"
    assert {path.name if path.suffix else f"{path.name}/" for path in folder.iterdir()} - told <= {
        "README.md",
        "screens/",
    }


def test_every_picture_is_made_by_the_script_used_and_small() -> None:
    made = {picture.file_name(language) for picture in PICTURES for language in picture.languages}
    kept = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    used = {Path(target).name for path in DOCUMENTS for target in LINK.findall(read(path)) if target.endswith(".png")}
    assert made == set(kept) == used
    assert {name: size for name, size in kept.items() if size > MOST_BYTES} == {}


# ---------------------------------------------------------------- the checks find what is wrong


@pytest.mark.parametrize(
    "wrong",
    [
        "```sh\ntiendoso exprot progress -o x.csv\n```",
        "```sh\ntiendoso export progress\n```",
        "```sh\ntiendoso export elephants -o x.csv\n```",
        "```sh\nsudo -u tiendoso tiendoso token add Wall --scren ioc\n```",
        "```sh\ntiendoso token add Wall --api --days soon\n```",
        "```sh\ntiendoso user disable an binh\n```",
        "```sh\necho 1 | tiendoso user ad an\n```",
        "with `tiendoso token revok` it is gone",
        "```sh\nmake everything\n```",
        "set `TIENDOSO_SIGN_INN`",
        "set `TIENDOSO_SIGN_IN=maybe`",
        "`tiendoso_elephants_total` counts them",
        "look at `/man-hinh/nowhere`",
        "look at `/no_such_page`",
        "`/api/v1/elephants`",
        "`/api/v1/progress?bieu=bm01_indicators`",
        '```sh\ncurl "http://127.0.0.1:8501/api/v1/progress?chi-tieu=XX99"\n```',
        "`/auth/login`",
        "write `thoi-diem=tomorrow`",
        "write `mau=xanh`",
        "see [there](nowhere.md)",
        "see [there](README.md#no-such-heading)",
        "![nothing](pictures/none.png)",
    ],
)
def test_a_document_that_tells_something_wrong_is_found(wrong: str) -> None:
    assert len(faults_of(wrong, DOCS)) == 1


def test_a_button_or_finding_that_is_worded_otherwise_is_found() -> None:
    assert list(screen_faults("press **Gửi báo cáo**", "vi")) == []
    assert len(list(screen_faults("press **Gửi báo cáo**", "en"))) == 1
    row = "| ▲ | “Ô E14: số thực hiện 671 lớn hơn tổng số 617. Hãy kiểm tra hai số.” | x |"
    assert list(finding_faults(row.replace("▲", "✖"), "vi")) == []
    assert len(list(finding_faults(row, "vi"))) == 1
    assert len(list(finding_faults(row.replace("✖", "▲").replace("lớn hơn", "to hơn"), "vi"))) == 1


def test_twins_of_different_shape_are_told_apart() -> None:
    assert shape("# A\n## B\n") != shape("# A\n### B\n")
    assert shape("```sh\ntiendoso build\n```") != shape("```sh\ntiendoso doctor\n```")
