"""The pictures of the documents, taken anew from a server over the illustrative data: `python -m tests.pictures`.

With names (`python -m tests.pictures explore overview`) only those; with `--live FOLDER` over an installation that
holds the illustrative data already.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.text import LANGUAGES, WORDS
from etl.archive import Archive
from etl.settings import REPOSITORY

FOLDER = REPOSITORY / "docs" / "pictures"
MOST_BYTES = 150_000
COLOURS = 96
PATIENCE = 90_000  # milliseconds
STILL = 1_500  # milliseconds after the last run of a page until its charts stand still
UNIT, PERIOD, FORM = "14797", "2026-Q3", "bm01_indicators"  # Phường Hạc Thành
SENDING = f"nop_bao_cao?tinh=38&don-vi={UNIT}&bieu={FORM}&ky={PERIOD}"
DROP = '[data-testid="stFileUploaderDropzoneInput"]'

# What a clerk in a hurry may have written: digits swapped, words for a number, a percentage by hand.
FAULTS: dict[str, float | str] = {"E14": 671, "E16": "đang rà soát", "G22": 89.5}

ONE_LINE = 56  # letters of an indicator's name that fit into one line of the form
UPPER_PART = 0.466  # of the form, down to the last marked cell
VIETNAMESE_NUMBERS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>vi-VN</value></prop></item></oor:items>
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """A page of a browser in front of the running server, the language, and the sender's workbooks."""

    page: Page
    url: str
    language: str
    report: bytes
    folder: Path

    def word(self, key: str) -> str:
        return WORDS[key][LANGUAGES.index(self.language)]

    def open(self, address: str) -> None:
        """Opens an address in the language and waits until the page stands still."""
        joint = "&" if "?" in address else "?"
        self.page.goto(f"{self.url}/{address}{joint}lang={self.language}")
        self.settle()

    def written(self, file_name: str, changed: Mapping[str, float | str]) -> Path:
        """The unit's report of the quarter with some cells changed."""
        book = openpyxl.load_workbook(io.BytesIO(self.report))
        for cell, value in changed.items():
            book.worksheets[0][cell].value = value
        path = self.folder / file_name
        book.save(path)
        return path

    def settle(self) -> None:
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=PATIENCE)
        self.page.wait_for_timeout(STILL)

    def shot(self) -> bytes:
        return self.page.screenshot(animations="disabled")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its name, the size of the screen, how it is got (PNG), and the languages it is made in."""

    name: str
    size: tuple[int, int]
    take: Callable[[Scene], bytes]
    languages: tuple[str, ...] = LANGUAGES

    def file_name(self, language: str) -> str:
        return f"{self.name}.png" if language == "vi" else f"{self.name}.{language}.png"


# ---------------------------------------------------------------- how each is got


def overview(scene: Scene) -> bytes:
    scene.open("?tinh=38&loai=commune&quy=2026-Q3&chi-tieu=VB01")
    return scene.shot()


def explore(scene: Scene) -> bytes:
    chosen = "cac-chi-tieu=VB01,VB03,DVC05&cac-loai=department&cac-quy=2026-Q2,2026-Q3&bang=long&xep=gap"
    scene.open(f"khai_thac?tinh=38&{chosen}")
    return scene.shot()


def returned(scene: Scene) -> bytes:
    """Read before sending, with faults."""
    scene.open(SENDING)
    scene.page.set_input_files(DROP, scene.written("Biểu 01 Quý III.xlsx", FAULTS))
    heading = scene.word("submit.before").partition("{")[0].strip()
    expect(scene.page.get_by_role("heading", name=heading)).to_be_visible(timeout=PATIENCE)
    scene.settle()
    return scene.shot()


def marked(scene: Scene) -> bytes:
    """The marked copy, as a spreadsheet program shows it."""
    returned(scene)
    with scene.page.expect_download() as download:
        scene.page.get_by_role("button", name=scene.word("receipt.marked")).click()
    path = scene.folder / "marked.xlsx"
    download.value.save_as(path)
    _fit_rows(path)
    office = scene.folder / "office"
    (office / "user").mkdir(parents=True)
    (office / "user" / "registrymodifications.xcu").write_text(VIETNAMESE_NUMBERS, encoding="utf-8")
    command = ["soffice", f"-env:UserInstallation=file://{office}", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(scene.folder), str(path)], check=True, capture_output=True, timeout=PATIENCE / 1000
    )
    drawn = scene.folder / "marked"
    command = ["pdftoppm", "-png", "-r", "110", "-l", "2", str(path.with_suffix(".pdf")), str(drawn)]
    subprocess.run(command, check=True)
    summary, form = sorted(scene.folder.glob("marked-*.png"))
    return _stacked((summary, 1.0), (form, UPPER_PART))


def _fit_rows(path: Path) -> None:
    """Makes rows as high as their text, as Excel does when it opens a file and LibreOffice does not."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[-1]
    for row in range(14, sheet.max_row + 1):
        if len(str(sheet.cell(row, 3).value or "")) > ONE_LINE:
            sheet.row_dimensions[row].height = 32
    book.save(path)


def reporters(scene: Scene) -> bytes:
    scene.open("ai_da_bao_cao?tinh=38&loai=commune&quy=2026-Q3")
    return scene.shot()


def operations(scene: Scene) -> bytes:
    scene.open("van_hanh")
    return scene.shot()


def wall(scene: Scene) -> bytes:
    scene.page.goto(f"{scene.url}/man-hinh/ioc")
    scene.page.wait_for_timeout(6_000)
    return scene.shot()


PICTURES = (
    Picture("overview", (1366, 768), overview, ("vi",)),
    Picture("reporters", (1366, 900), reporters),
    Picture("explore", (1366, 768), explore),
    Picture("operations", (1366, 548), operations),
    Picture("wall", (1920, 1080), wall, ("vi",)),
    Picture("returned", (1366, 880), returned),
    Picture("marked", (1366, 1000), marked, ("vi",)),
)


# ---------------------------------------------------------------- taking them


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(picture.name for picture in PICTURES))
    parser.add_argument("--live", type=Path, help="an installation that holds the illustrative data")
    given = parser.parse_args()
    wanted = [picture for picture in PICTURES if not given.names or picture.name in given.names]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _server(given.live or Path(folder) / "live") as url:
        report = _report(given.live or Path(folder) / "live")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            for picture in wanted:
                for language in picture.languages:
                    target = FOLDER / picture.file_name(language)
                    page = _page(browser, picture.size, language)
                    taken = picture.take(Scene(page, url, language, report, Path(folder)))
                    page.context.close()
                    target.write_bytes(_small(taken))
                    print(f"{target.relative_to(REPOSITORY)}\t{target.stat().st_size // 1000} kB")
            browser.close()


def _page(browser: Browser, size: tuple[int, int], language: str) -> Page:
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale={"vi": "vi-VN", "en": "en-GB"}[language],
        timezone_id="Asia/Ho_Chi_Minh",
    ).new_page()
    page.set_default_timeout(PATIENCE)
    return page


def _small(taken: bytes) -> bytes:
    """The picture with as many colours as a screen of figures needs; a picture that stays too large is refused."""
    with Image.open(io.BytesIO(taken)) as shot:
        drawn = shot.convert("RGB")
    if drawn.width > 1366:
        drawn = drawn.resize((1366, drawn.height * 1366 // drawn.width), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    if len(out.getvalue()) > MOST_BYTES:
        raise ValueError(f"a picture of {len(out.getvalue())} bytes is larger than {MOST_BYTES}")
    return out.getvalue()


def _stacked(*pages: tuple[Path, float]) -> bytes:
    """Printed pages without their margins, of each the upper share that is given, one below the other."""
    cut = []
    for path, share in pages:
        with Image.open(path) as page:
            drawn = page.convert("RGB").crop((0, 0, page.width, int(page.height * share)))
        cut.append(drawn.crop(ImageChops.invert(drawn).getbbox()))
    whole = Image.new(
        "RGB", (max(page.width for page in cut) + 40, sum(page.height + 20 for page in cut) + 20), "white"
    )
    top = 20
    for page in cut:
        whole.paste(page, (20, top))
        top += page.height + 20
    out = io.BytesIO()
    whole.save(out, "PNG")
    return out.getvalue()


def _report(live: Path) -> bytes:
    """The workbook that the unit sent for the quarter."""
    archive = Archive(live / "archive")
    wanted = (FORM, UNIT, PERIOD, "accepted")
    fields = ("form", "org_unit", "period", "outcome")
    file = next(held["file"] for held in archive.receipts() if tuple(held[field] for field in fields) == wanted)
    return archive.original(file)


@contextlib.contextmanager
def _server(live: Path) -> Iterator[str]:
    """The address of `tiendoso serve` over the illustrative data in a folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"TIENDOSO_LIVE": str(live), "TIENDOSO_PORT": str(port), "TIENDOSO_SIGN_IN": "off"}
    command = [sys.executable, "-m", "etl.cli"]
    subprocess.run([*command, "demo", "--if-empty"], env=env, cwd=REPOSITORY, check=True)
    server = subprocess.Popen([*command, "serve"], env=env, cwd=REPOSITORY)
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await(url: str) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2):
            return
        time.sleep(0.3)
    raise TimeoutError(f"{url} does not answer")


if __name__ == "__main__":
    main()
