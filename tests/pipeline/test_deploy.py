"""The shipped units, users and folders, held against the real programmes; and two users who share one installation."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl.cli import main
from etl.settings import REPOSITORY
from tests import forms
from tests.pages import province

DEPLOY = REPOSITORY / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
PROGRAM = "/opt/tiendoso/current/.venv/bin/tiendoso"
WEB, WATCH, GROUP = 64001, 64002, 64000  # users of nobody on a machine of today
SUBMISSION = next((Path(__file__).parent / "submissions").glob("11_*.xlsx"))


def _run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, env=os.environ | env
    )


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        written = unit.read_text(encoding="utf-8")
        (tmp_path / unit.name).write_text(written.replace(PROGRAM, sys.executable), encoding="utf-8")
    found = _run("systemd-analyze", "verify", *tmp_path.iterdir())
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.stem)
def test_a_unit_may_do_little_more_than_it_needs(unit: Path) -> None:
    found = _run("systemd-analyze", "security", "--offline=true", "--threshold=20", unit)  # 2 of 10
    assert found.returncode == 0, found.stdout[-2000:]


def test_every_command_of_the_units_is_one_of_ours() -> None:
    for unit in UNITS:
        for command in re.findall(rf"{PROGRAM} (\S+)(.*)", unit.read_text(encoding="utf-8")):
            assert command[0] in main.commands, command
            options = {
                option for held in main.commands[command[0]].params for option in (*held.opts, *held.secondary_opts)
            }
            assert set(re.findall(r"--\S+", command[1])) <= options


def test_limits_that_keep_a_server_alive_for_months() -> None:
    for name in ("tiendoso-web", "tiendoso-watch"):
        facts = dict(
            line.split("=", 1)
            for line in (DEPLOY / "systemd" / f"{name}.service").read_text(encoding="utf-8").splitlines()
            if "=" in line and not line.startswith("#")
        )
        assert facts["Restart"] == "always"
        assert facts["StartLimitIntervalSec"] == "0"  # never given up for the night
        assert int(facts["LimitNOFILE"]) >= 4096
        assert facts["ProtectSystem"] == "strict"
        assert facts["NoNewPrivileges"] == "yes"
        assert "MemoryMax" in facts
    users = {
        name: re.search(r"^User=(.*)$", (DEPLOY / "systemd" / f"{name}.service").read_text(), re.M)[1]  # type: ignore[index]
        for name in ("tiendoso-web", "tiendoso-watch")
    }
    assert users == {"tiendoso-web": "tiendoso-web", "tiendoso-watch": "tiendoso-watch"}


def test_users_and_folders_are_made_as_the_units_want_them(tmp_path: Path) -> None:
    for folder in ("etc", "usr/lib/sysusers.d", "usr/lib/tmpfiles.d"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(DEPLOY / "sysusers.conf", tmp_path / "usr/lib/sysusers.d/tiendoso.conf")
    made = _run("systemd-sysusers", f"--root={tmp_path}", "tiendoso.conf")
    assert made.returncode == 0, made.stderr
    users = {line.split(":")[0]: line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    groups = {line.split(":")[0]: line.split(":")[2] for line in (tmp_path / "etc/group").read_text().splitlines()}
    assert {users[name][3] for name in ("tiendoso-web", "tiendoso-watch")} == {groups["tiendoso"]}
    # names are looked up in the system that runs, so numbers stand here for those made above
    owners = {"tiendoso-watch": users["tiendoso-watch"][2], "tiendoso-web": users["tiendoso-web"][2]}
    written = (DEPLOY / "tmpfiles.conf").read_text(encoding="utf-8")
    for name, number in {**owners, " tiendoso ": f" {groups['tiendoso']} "}.items():
        written = re.sub(rf"(?<=\s){re.escape(name.strip())}(?=\s)", number.strip(), written)
    (tmp_path / "usr/lib/tmpfiles.d/tiendoso.conf").write_text(written, encoding="utf-8")
    made = _run("systemd-tmpfiles", f"--root={tmp_path}", "--create", "tiendoso.conf")
    assert made.returncode == 0, made.stderr
    live = tmp_path / "var/lib/tiendoso"
    for folder in ("archive", "warehouse", "reference"):
        state = (live / folder).stat()
        assert (state.st_uid, stat.S_IMODE(state.st_mode)) == (int(owners["tiendoso-watch"]), 0o2750)
    assert (live / "landing/web").stat().st_uid == int(owners["tiendoso-web"])
    assert stat.S_IMODE(live.stat().st_mode) == 0o3770


def test_the_shipped_environment_is_a_valid_one() -> None:
    lines = (DEPLOY / "tiendoso.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    listed = CliRunner().invoke(main, ["settings"], env=given)
    assert listed.exit_code == 0, listed.output
    assert "* TIENDOSO_SIGN_IN=accounts" in listed.output
    site = CliRunner().invoke(main, ["nginx"], env=given)
    assert "server_name tiendoso.example.vn;" in site.output
    assert site.output.count("server 127.0.0.1:") == 2 + 2 * 2
    assert not re.search(r"@[A-Z_]+@", site.output)


def test_the_site_asks_for_a_name_only_where_nginx_is_to_tell_it(tmp_path: Path) -> None:
    given = {"TIENDOSO_HOSTS": "so.example.vn", "TIENDOSO_PROXY_ADDRESSES": "127.0.0.1"}
    plain = CliRunner().invoke(main, ["nginx"], env=given).output
    asking = CliRunner().invoke(main, ["nginx"], env=given | {"TIENDOSO_SIGN_IN": "proxy"}).output
    emptied = 'proxy_set_header X-Remote-User "";'
    assert ("tiendoso-sign-in.conf" in plain, emptied in plain) == (False, True)
    assert ("include /etc/nginx/tiendoso-sign-in.conf;" in asking, emptied in asking) == (True, False)
    assert 'proxy_set_header X-Auth-Request-User "";' in asking
    example = (DEPLOY / "nginx-sign-in.conf").read_text(encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; events {{}}\nhttp {{ server {{ listen 127.0.0.1:9;\n{example}}} }}\n"
    )
    command = ["nginx", "-e", tmp_path / "log", "-p", tmp_path, "-t", "-c", tmp_path / "nginx.conf"]
    tested = _run(*command, PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert tested.returncode == 0, tested.stderr


def test_a_name_cannot_break_out_of_the_site() -> None:
    for name in ("a;b", 'a" 1; x', "a b\n"):
        told = CliRunner().invoke(main, ["nginx"], env={"TIENDOSO_HOSTS": name})
        assert told.exit_code == 3, told.output
    assert CliRunner().invoke(main, ["nginx"]).exit_code == 3


# ---------------------------------------------------------------- two users


def _as(user: int, live: Path, umask: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Python as that user; he may read everything, since the checkout may lie anywhere, and write nothing more."""
    program = live.parent / "program.py"  # not `-c`: DuckDB takes that for a terminal and draws progress bars
    program.write_text(script, encoding="utf-8")
    become = [] if os.geteuid() == 0 else ["sudo", "-n", "-E"]
    rights = [
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search",
        "--bounding-set=-all,+dac_read_search",
    ]
    command = [*become, "setpriv", f"--reuid={user}", f"--regid={GROUP}", "--clear-groups", *rights]
    shell = ["sh", "-c", 'umask "$0" && exec "$@"', umask, sys.executable, str(program), *arguments]
    env = {"TIENDOSO_LIVE": str(live), "HOME": str(live), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [*command, *shell], capture_output=True, text=True, check=False, env=os.environ | env, cwd=REPOSITORY
    )


SEND = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from etl import inbox
from etl.settings import Settings
for path in sys.argv[1:]:
    inbox.land(Settings(), Path(path).read_bytes(), Path(path).name, datetime.now(UTC), channel="web")
inbox.request_withdrawal(Settings(), "20260101T000000.000000Z-000000000000-001", "why", "who", datetime.now(UTC))
"""

LOAD = """
import sys
from etl import inbox
from etl.pipeline import Pipeline
from etl.reference import load_reference
from etl.settings import Settings
settings = Settings(parser_processes=1)
reference = load_reference(settings.reference)
with inbox.ingest_lock(settings), Pipeline(settings, reference) as pipeline:
    for receipt in pipeline.ingest_landed():
        codes = [finding.code for finding in receipt.content.findings]
        print(receipt.outcome, *(codes if receipt.outcome == "rejected" else []))
    for wish in inbox.withdrawal_requests(settings):
        inbox.finish_withdrawal(settings, wish)
print(len(inbox.landed(settings)), pipeline.faults.count)
"""

BUILD = """
from etl.build import build
from etl.reference import load_reference
from etl.settings import Settings
print(build(Settings(), load_reference(Settings().reference)).name)
"""

LOOK = """
from etl.archive import Archive
from etl.settings import Settings
from sql import queries, warehouse
settings = Settings()
found = warehouse.published(settings.warehouse)
print(len(found.fault), queries.build_state(queries.Scope.all(found.warehouse)).height)
"""

HARM = """
import os, sys
from pathlib import Path
from etl.settings import Settings
settings, did = Settings(), []
def tried(what, action):
    try:
        action()
        did.append(what)
    except OSError:
        pass
for folder in (settings.archive, settings.warehouse, settings.reference):
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            tried(f"add to {path}", (path / "mine").touch)
        else:
            tried(f"write {path}", lambda: path.open("r+b").close())
            tried(f"remove {path}", path.unlink)
for path in settings.live.iterdir():
    if path.stat().st_uid != os.getuid():
        tried(f"rename {path}", lambda: path.rename(path.with_name("gone")))
print(did)
"""


def _share(live: Path) -> None:
    """Gives an installation's folders the owners and modes of tmpfiles.conf, with numbers for names."""
    os.chown(live, WATCH, GROUP)
    for line in (DEPLOY / "tmpfiles.conf").read_text(encoding="utf-8").splitlines():
        if line.startswith("d /var/lib/tiendoso"):
            _, path, mode, owner, *_ = line.split()
            folder = live / Path(path).relative_to("/var/lib/tiendoso")
            folder.mkdir(exist_ok=True)
            for entry in [folder, *folder.rglob("*")] if folder != live else folder.iterdir():
                os.chown(entry, WEB if owner == "tiendoso-web" else WATCH, GROUP)
            folder.chmod(int(mode, 8))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter: pytest closes its own to all others whenever it is started anywhere."""
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        folder.chmod(0o755)
        yield folder


def test_the_web_hands_over_and_cannot_touch_what_the_loader_keeps(open_folder: Path) -> None:
    live = open_folder / "live"
    province.fill(province.settings_at(live), communes=1)
    secret, good = open_folder / "secret.xlsx", open_folder / "good.xlsx"
    good.write_bytes(SUBMISSION.read_bytes())
    secret.write_bytes(forms.xlsx(forms.bm01(("VB01", 3, 81)).put("H1", "TỐI MẬT")))
    _share(live)
    sent = _as(WEB, live, "0007", SEND, str(good), str(secret))
    assert (sent.returncode, sent.stderr) == (0, "")
    loaded = _as(WATCH, live, "0027", LOAD)
    assert loaded.returncode == 0, loaded.stderr
    outcomes = loaded.stdout.splitlines()
    assert outcomes[:2] == ["accepted", "rejected submission.secret"]
    assert outcomes[2] == "0 0"
    built = _as(WATCH, live, "0027", BUILD)  # as the loader does: in a process aside
    assert (built.returncode, built.stdout.strip()) == (0, "v00000002.duckdb"), built.stderr
    assert [path.name for path in (live / "landing/web").iterdir()] == ["withdrawals"]
    assert not list((live / "landing/web/withdrawals").iterdir())
    seen = _as(WEB, live, "0007", LOOK)
    assert (seen.returncode, seen.stdout.split()) == (0, ["0", "1"]), seen.stderr
    harm = _as(WEB, live, "0007", HARM)
    assert (harm.returncode, harm.stdout.strip()) == (0, "[]"), harm.stderr
