"""A published warehouse that somebody damages: the last good one is read, it is said so, and the next build heals."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.text import WORDS
from etl import as_of
from etl.archive import Archive
from etl.build import build
from etl.model import Submission
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from sql import queries, warehouse
from tests import made
from tests.damage import cut, flip

SEED = 20_261_126
DAY = date(2026, 6, 30)
FLIPS, CUTS = 25, 8  # a few hundred in the soak


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REPOSITORY / "data" / "reference")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Settings:
    """Two versions: one submission in the first, two in the second."""
    settings = Settings(live=tmp_path_factory.mktemp("live"))
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    archive = Archive(settings.archive)
    communes = [code for code, unit in reference.org_units.items() if unit.kind == "xa" and unit.parent == "38"]
    for number, commune in enumerate(communes[:2]):
        content = Submission("bm01_indicators", commune, "2026-Q1", DAY, "B", (made.observation("VB01", commune),))
        received_at = made.RECEIVED + timedelta(minutes=number)
        archive.record(made.receipt(content, received_at=received_at, file=f"{number:064x}"))
        build(settings, reference, day=DAY)
    return settings


@pytest.fixture
def settings(made_once: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(made_once.live, tmp_path / "live")
    return Settings(live=tmp_path / "live")


def submissions(path: Path) -> int:
    return int(warehouse.query(path, "select count(*) from core.submission").item())


def of_another_version(path: Path) -> None:
    manifest = json.loads(path.with_suffix(".json").read_bytes())
    path.with_suffix(".json").write_text(json.dumps(manifest | {"statements": "0123456789abcdef"}))


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "flipped": (lambda path: flip(path, random.Random(SEED)), "version_changed"),
    "cut": (lambda path: cut(path, random.Random(SEED)), "version_size"),
    "empty": (lambda path: path.write_bytes(b""), "version_size"),
    "deleted": (lambda path: path.unlink(), "version_missing"),
    "with the log of another": (lambda path: path.with_name(f"{path.name}.wal").write_bytes(b"x"), "version_log"),
    "without manifest": (lambda path: path.with_suffix(".json").unlink(), "manifest_missing"),
    "with a cut manifest": (lambda path: os.truncate(path.with_suffix(".json"), 40), "manifest_missing"),
    "made by another version of the programme": (of_another_version, "other_statements"),
    "not pointed at": (lambda path: (path.parent / "CURRENT").unlink(), "pointer_missing"),
    "pointed past": (lambda path: (path.parent / "CURRENT").write_text("v00000009.duckdb"), "version_missing"),
    "pointed out of the folder": (lambda path: (path.parent / "CURRENT").write_text("../x.duckdb"), "pointer_wrong"),
    "pointed at by rubbish": (lambda path: (path.parent / "CURRENT").write_bytes(b"\xff\x00"), "pointer_wrong"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_last_good_version_is_read_and_the_next_build_heals(
    settings: Settings, reference: Reference, damage: str
) -> None:
    published = warehouse.published(settings.warehouse)
    assert (published.fault, published.warehouse) == ("", settings.warehouse / "v00000002.duckdb")
    assert published.warehouse is not None
    do, fault = DAMAGES[damage]
    do(published.warehouse)
    found = warehouse.published(settings.warehouse)
    assert found.fault == fault
    assert found.warehouse is not None
    # Where the pointer alone is damaged the newest version is still whole.
    assert found.warehouse.name == ("v00000002.duckdb" if "point" in damage else "v00000001.duckdb")
    assert submissions(found.warehouse) == (2 if "point" in damage else 1)
    healed = build(settings, reference, day=DAY)
    assert warehouse.published(settings.warehouse) == warehouse.Published(healed)
    assert submissions(healed) == 2
    assert not list(settings.warehouse.glob("*.wal"))
    assert [path.name for path in settings.warehouse.glob("v*.duckdb") if warehouse.fault(path)] == []


def test_no_flipped_bit_and_no_cut_gives_a_figure(settings: Settings) -> None:
    chance = random.Random(SEED)
    path = settings.warehouse / "v00000002.duckdb"
    whole = path.read_bytes()
    for number in range(FLIPS + CUTS):
        path.write_bytes(whole)
        (flip if number < FLIPS else cut)(path, chance)
        found = warehouse.published(settings.warehouse)
        assert found.warehouse == settings.warehouse / "v00000001.duckdb", (SEED, number)
        assert submissions(found.warehouse) == 1


def test_with_no_good_version_left_there_is_none_and_it_is_no_new_installation(settings: Settings) -> None:
    for path in settings.warehouse.glob("v*.duckdb"):
        path.write_bytes(b"")
    assert warehouse.published(settings.warehouse) == warehouse.Published(None, "version_size")
    shutil.rmtree(settings.warehouse)
    assert warehouse.published(settings.warehouse) == warehouse.Published(None)


def test_a_manifest_of_before_hashes_were_kept_vouches_for_the_size(settings: Settings) -> None:
    path = settings.warehouse / "v00000002.duckdb"
    manifest = json.loads(path.with_suffix(".json").read_text())
    del manifest["sha256"]
    path.with_suffix(".json").write_text(json.dumps(manifest))
    assert warehouse.published(settings.warehouse).fault == ""
    os.truncate(path, 5000)
    assert warehouse.published(settings.warehouse).fault == "version_size"


def test_a_damaged_view_of_the_past_is_none(settings: Settings, reference: Reference) -> None:
    moment = made.RECEIVED + timedelta(seconds=30)
    view = build(settings, reference, known_until=moment)
    key = as_of.moment_key(moment)
    assert warehouse.as_of(settings.warehouse, key) == view
    flip(view, random.Random(SEED))
    assert warehouse.as_of(settings.warehouse, key) is None


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_page_says_which_figures_it_shows(settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("TIENDOSO_LIVE", str(settings.live))
    words, old = (WORDS[key][("vi", "en").index(language)] for key in ("fallback", "operations.stale"))

    def said() -> list[str]:
        app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=60)
        app.query_params["lang"] = language
        app.run()
        assert not app.exception
        said = [str(warning.value) for warning in app.warning]
        return [words for words in said if not words.startswith(old.partition("{")[0])]

    assert said() == []
    (settings.warehouse / "v00000002.duckdb").write_bytes(b"")
    built: datetime = queries.build_state(queries.Scope.all(settings.warehouse / "v00000001.duckdb"))["built_at"].item()
    local = built + timedelta(hours=7)
    assert said() == [words.format(built=f"{local:%d/%m/%Y %H:%M}")]
