"""The doctor names each thing that is broken, in its own sentence, and nothing where nothing is."""

from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl import doctor, heartbeat, inbox
from etl.build import build
from etl.cli import main
from etl.reference import load_reference
from etl.settings import REPOSITORY, Settings
from sql import warehouse
from tests import damage

OLD = Path(__file__).with_name("archive_format_1")
NOW = datetime(2026, 10, 6, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(live=tmp_path_factory.mktemp("built") / "live")
    shutil.copytree(OLD / "archive", settings.archive)
    shutil.copytree(REPOSITORY / "data" / "reference", settings.reference)
    build(settings, load_reference(settings.reference), day=date(2026, 10, 6))
    return settings


@pytest.fixture
def settings(built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Sound in every respect, as of NOW."""
    shutil.copytree(built.live, tmp_path / "live")
    settings = Settings(live=tmp_path / "live", least_free_mb=1)
    heartbeat.beat(settings, NOW, "", "")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name in [name for name in os.environ if name.startswith("STREAMLIT_")]:
        monkeypatch.delenv(name)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limits[0], 4096), max(limits[1], 4096)))
    yield settings
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def version(settings: Settings) -> Path:
    path = warehouse.current(settings.warehouse)
    assert path is not None
    return path


def manifest(settings: Settings, **facts: object) -> None:
    path = version(settings).with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def lose_rows(settings: Settings) -> None:
    damage.rewrite(version(settings), "delete from core.finding")


def put(path: Path, data: bytes = b"x", days_old: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if days_old:
        at = datetime.now().timestamp() - 86400 * days_old  # noqa: DTZ005 - a time of the file system
        os.utime(path, (at, at))
    return path


CHECK = {"check": "x", "severity": "warning", "vi": "Có lỗi", "en": "A fault", "count": 3, "examples": ["a · b"]}


def fail_the_build(settings: Settings, *checks: dict[str, object]) -> None:
    facts = {"at": "2026-10-06", "message": "The disk is full", "hint": "Make room.", "checks": checks}
    put(settings.warehouse / "last_failure.json", json.dumps(facts).encode())


def land_nonsense(settings: Settings) -> None:
    folder = inbox.land(settings, b"x", "x.xlsx", NOW).folder
    (folder / "arrival.json").write_text("{")


def replaced(**facts: object) -> Callable[[Settings], Settings]:
    return lambda settings: settings.model_copy(update=facts)


def later(settings: Settings) -> None:
    inbox.land(settings, b"x", "x.xlsx", NOW)


def make_writable_by_all(settings: Settings) -> None:
    settings.live.chmod(0o777)


# Each breaks one thing; a function may give other settings back. The second is the moment looked at, if not NOW.
BREAKS: dict[str, Callable[[Settings], object]] = {
    "warehouse.none": lambda settings: shutil.rmtree(settings.warehouse),
    "warehouse.pointer": lambda settings: (settings.warehouse / "CURRENT").unlink(),
    "warehouse.damaged": lambda settings: version(settings).write_bytes(b""),
    "warehouse.rows": lose_rows,
    "warehouse.check": lambda settings: manifest(settings, checks=[CHECK]),
    "build.failed": fail_the_build,
    "build.check": lambda settings: fail_the_build(settings, CHECK),
    "leftovers": lambda settings: put(settings.archive / ".tmp-1-aa", days_old=1),
    "landing.backlog": later,
    "landing.damaged": land_nonsense,
    "inbox.stuck": lambda settings: put(settings.inbox / "a.xlsx"),
    "archive.not_writable": lambda settings: settings.archive.rename(settings.live / "gone") and put(settings.archive),
    "archive.half": lambda settings: (settings.archive / "VERSION").unlink(),
    "archive.originals": lambda settings: next(settings.archive.glob("files/??/*")).unlink(),
    "disk.floor": replaced(least_free_mb=1 << 40),
    "disk.low": lambda settings: settings.model_copy(
        update={"least_free_mb": int((shutil.disk_usage(settings.live).free >> 20) * 0.8)}
    ),
    "clock.past": lambda settings: None,
    "clock.behind": lambda settings: None,
    "limits.files": lambda settings: resource.setrlimit(
        resource.RLIMIT_NOFILE, (1000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    ),
    "settings.open": replaced(address="0.0.0.0"),
    "settings.no_tls": replaced(sign_in="accounts", public_url="http://tiendoso.example.vn"),
    "settings.floor": replaced(least_free_mb=0),
    "settings.streamlit": lambda settings: os.environ.update(STREAMLIT_CLIENT_SHOW_ERROR_DETAILS="full"),
    "rights.root": lambda settings: setattr(os, "geteuid", lambda: 0),
    "rights.others": make_writable_by_all,
    "rights.state": lambda settings: put(settings.live / "state.sqlite").chmod(0o644),
    "watcher.none": lambda settings: (settings.live / "watcher.json").unlink(),
    "watcher.silent": lambda settings: heartbeat.beat(settings, NOW - timedelta(minutes=5), "", ""),
    "watcher.trouble": lambda settings: heartbeat.beat(settings, NOW, "", "The disk is full"),
    "data.old": lambda settings: None,
    "reference.wrong": lambda settings: put(settings.reference / "targets.csv", b"nonsense\n"),
}
MOMENTS = {
    "clock.past": datetime(2020, 1, 1, tzinfo=UTC),
    "clock.behind": NOW - timedelta(days=2),
    "data.old": NOW + timedelta(days=30),
    "landing.backlog": datetime.now(UTC) + timedelta(hours=1),
    "inbox.stuck": datetime.now(UTC) + timedelta(hours=1),
}


def test_every_complaint_has_words_and_something_that_causes_it() -> None:
    assert set(BREAKS) == set(doctor.WORDS)
    for words in doctor.WORDS.values():
        assert words.severity in (doctor.FAULT, doctor.WARNING)
        assert words.vi != words.en
        assert words.do_vi != words.do_en


def test_nothing_is_said_of_a_sound_installation(settings: Settings) -> None:
    assert [complaint.words("en") for complaint in doctor.examine(settings, NOW)] == []


@pytest.mark.parametrize("code", BREAKS)
def test_the_doctor_names_what_is_broken(settings: Settings, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "none")  # so that it is taken away afterwards
    monkeypatch.delenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS")
    broken = BREAKS[code](settings)
    looked_at = broken if isinstance(broken, Settings) else settings
    found = {complaint.code: complaint for complaint in doctor.examine(looked_at, MOMENTS.get(code, NOW))}
    assert code in found
    for language in ("vi", "en"):
        said, do = found[code].words(language)
        assert "{" not in said + do
        assert said.endswith(".") or ":" in said
    for name in ("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS",):
        os.environ.pop(name, None)


def test_the_command_tells_people_and_programmes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_LIVE", str(settings.live))
    version(settings).write_bytes(b"")
    told = CliRunner().invoke(main, ["doctor", "--language", "en"])
    assert told.exit_code == 1
    assert "✗ The published warehouse is damaged, cut or gone (version_size); viewers see –." in told.stdout
    lines = CliRunner().invoke(main, ["doctor", "--json"]).stdout.splitlines()
    facts = {line["code"]: line for line in map(json.loads, lines)}
    assert facts["warehouse.damaged"]["severity"] == "fault"
    assert facts["warehouse.damaged"]["vi"].startswith("Kho số liệu đang công bố bị hỏng")
