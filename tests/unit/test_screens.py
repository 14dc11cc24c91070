"""Playlists of wall screens: what ships loads, faults are refused with file and line, hours are kept."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import WrongReference
from etl.reference import load_reference
from etl.reference.screens import is_within, minutes_of

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "reference"
SCREEN = """screen = "thu"
name_vi = "Thử"
name_en = "Trial"
viewing_metres = 4

[[panels]]
panel = "headline"
unit_group = "commune"
indicators = ["VB01", "VB03"]

[[panels]]
panel = "ranking"
unit_group = "commune"
indicator = "VB01"
hours = "22:00-06:30"

[[panels]]
panel = "missing"
form = "bm01_indicators"
pages = 2
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("screens") / "reference"))


@pytest.fixture
def folder(shared: Path) -> Path:
    for path in (shared / "screens").glob("*.toml"):
        path.unlink()
    (shared / "screens" / "thu.toml").write_text(SCREEN, encoding="utf-8")
    return shared


def test_what_ships_shows_every_kind_of_panel() -> None:
    screens = load_reference(SHIPPED).screens
    assert list(screens) == ["ioc", "phong-hop"]
    kinds = {panel.panel for panel in screens["ioc"].panels}
    assert kinds == {"headline", "ranking", "tiles", "tasks", "missing", "overdue"}


def test_a_screen_is_read_with_its_usual_values(folder: Path) -> None:
    screen = load_reference(folder).screens["thu"]
    assert (screen.diagonal_inches, screen.refresh_seconds, screen.language, screen.province) == (55, 15, "vi", "")
    assert [panel.panel for panel in screen.panels] == ["headline", "ranking", "missing"]
    assert [panel.seconds for panel in screen.panels] == [20, 20, 20]
    assert (screen.panels[1].part, screen.panels[2].pages) == ("both", 2)


def test_an_installation_may_have_no_screen(folder: Path) -> None:
    (folder / "screens" / "thu.toml").unlink()
    assert load_reference(folder).screens == {}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("viewing_metres = 4", "viewing_meters = 4", 4, "unknown key 'viewing_meters' (did you mean 'viewing_metres'"),
        ("viewing_metres = 4", "viewing_metres = 0", 4, "viewing_metres: "),
        ('screen = "thu"', 'screen = "khac"', 1, "does not bear the name of its file"),
        ('screen = "thu"', 'screen = "Thử nghiệm"', 1, "screen: "),
        ("viewing_metres = 4", 'province = "83"', 4, "unknown province '83'"),
        ("viewing_metres = 4", 'language = "fr"', 4, "language: "),
        ('indicators = ["VB01", "VB03"]', 'indicators = ["VB01", "VB99"]', 9, "unknown indicator 'VB99'"),
        ('indicators = ["VB01", "VB03"]', 'indicators = ["VB01", "VB03", "DL01", "DL02", "DL03"]', 9, "indicators: "),
        ('indicators = ["VB01", "VB03"]', 'indicator = "VB01"', 6, "a panel 'headline' needs indicators"),
        ('indicator = "VB01"', 'indicator = "VB1"', 14, "unknown indicator 'VB1' in indicator (did you mean 'VB01'?)"),
        ('indicator = "VB01"', 'indicator = "VB01"\nform = "bm01_indicators"', 11, "a panel 'ranking' has no form"),
        ('indicator = "VB01"', 'indicator = "VB01"\npart = "middle"', 15, "part: "),
        ('indicator = "VB01"', 'indicator = "VB01"\nperiod = "2026-03"', 15, "'2026-03' is not a quarter"),
        ('indicator = "VB01"', 'indicator = "VB01"\nsecond = 5', 15, "unknown key 'second' (did you mean 'seconds'?)"),
        ('indicator = "VB01"', 'indicator = "VB01"\nseconds = 0', 15, "seconds: "),
        ('unit_group = "commune"\nindicator =', 'unit_group = "communes"\nindicator =', 13, "unknown unit group"),
        ('hours = "22:00-06:30"', 'hours = "22-6"', 15, "hours: "),
        ('form = "bm01_indicators"', 'form = "bm1_indicators"', 19, "unknown form 'bm1_indicators' in form (did you"),
        ('panel = "missing"', 'panel = "mising"', 18, "panel: "),
        ("pages = 2", "pages = ", 20, "not valid TOML"),
    ],
)
def test_a_wrong_screen_is_refused_with_file_and_line(folder: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in SCREEN
    path = folder / "screens" / "thu.toml"
    path.write_text(SCREEN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(WrongReference) as refused:
        load_reference(folder)
    told = [fault for fault in refused.value.message.splitlines() if words in fault]
    assert told, refused.value.message
    assert told[0].startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("hours", "shown", "hidden"),
    [
        ("00:00-24:00", ["00:00", "12:00", "23:59"], []),
        ("06:30-19:00", ["06:30", "18:59"], ["06:29", "19:00", "00:00"]),
        ("22:00-06:30", ["22:00", "23:59", "00:00", "06:29"], ["06:30", "21:59"]),
    ],
)
def test_hours_are_those_of_viet_nam(hours: str, shown: list[str], hidden: list[str]) -> None:
    def at(time: str) -> datetime:
        return datetime.fromisoformat(f"2026-03-19T{time}:00+07:00").astimezone(UTC)

    assert [is_within(hours, at(time)) for time in [*shown, *hidden]] == [True] * len(shown) + [False] * len(hidden)


def test_the_end_of_the_day_is_midnight() -> None:
    assert minutes_of("22:00-24:00") == (1320, 1440)
