"""`tiendoso user`, `token` and `audit`, and the start of a server that would let everybody in."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from etl import as_of, audit
from etl.access import Principal, Role
from etl.accounts import Accounts, SignInRefused, session_key
from etl.cli import main
from etl.settings import REPOSITORY, Settings
from tests import made

PASSWORD = "ba con mèo trắng"


@pytest.fixture
def settings() -> Settings:
    return Settings()


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed)


def test_the_first_admin_is_made_with_a_password_from_stdin(settings: Settings) -> None:
    made_account = run("user", "add", "An", "--role", "admin", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (made_account.exit_code, made_account.output) == (0, "an\n")
    accounts = Accounts(settings)
    assert accounts.prove("an", PASSWORD, "10.0.0.1").role is Role.ADMIN
    accounts.close()
    listed = json.loads(run("user", "list", "--json").output)
    assert listed == {"name": "an", "role": "admin", "org_unit": "", "way": "accounts", "is_disabled": False}


def test_a_password_is_asked_for_twice_and_not_shown(settings: Settings) -> None:
    asked = run("user", "add", "an", "--role", "viewer", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert asked.exit_code == 0
    assert PASSWORD not in asked.output
    assert not any("password" in (option.name or "") and not option.is_flag for option in _options("user", "add"))  # type: ignore[attr-defined]


def _options(group: str, name: str) -> list[object]:
    return list(main.commands[group].commands[name].params)  # type: ignore[attr-defined]


def test_what_changes_accounts_and_tokens_is_done_and_written_down(settings: Settings) -> None:
    run("user", "add", "an", "--role", "viewer", "--password-stdin", typed=f"{PASSWORD}\n")
    assert run("user", "role", "an", "submitter", "--org-unit", "14797").exit_code == 0
    assert run("user", "disable", "an").exit_code == 0
    assert run("user", "enable", "an").exit_code == 0
    assert run("user", "password", "an", "--password-stdin", typed="bốn con mèo trắng\n").exit_code == 0
    made_token = run("token", "add", "Phòng IOC", "--screen", "ioc")
    secret = made_token.stdout.strip()
    accounts = Accounts(settings)
    token = accounts.token(secret)
    assert token is not None
    assert token.principal() == Principal("Phòng IOC", Role.WALL, screen="ioc", id=f"token:{token.id}")
    assert accounts.prove("an", "bốn con mèo trắng", "10.0.0.1").org_unit == "14797"
    assert secret not in run("token", "list", "--json").output
    assert run("token", "revoke", token.id).exit_code == 0
    assert accounts.token(secret) is None
    accounts.close()
    done = [(line["event"], line["about"].get("done")) for line in audit.lines(settings)]
    assert done == [
        ("token", "revoke"),
        ("token", "add"),
        ("account", "password"),
        ("account", "enable"),
        ("account", "disable"),
        ("account", "role"),
        ("account", "add"),
    ]
    everything = b"".join(path.read_bytes() for path in audit.folder(settings).glob("*.jsonl"))
    assert secret.encode() not in everything
    assert PASSWORD.encode() not in everything


def test_who_signs_in_elsewhere_has_no_password_here(settings: Settings) -> None:
    env = {"TIENDOSO_SIGN_IN": "oidc"}
    assert CliRunner().invoke(main, ["user", "add", "an", "--role", "viewer"], env=env).exit_code == 0
    assert run("user", "add", "binh", "--role", "admin", "--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    refused = run("user", "password", "an", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (refused.exit_code, "signs in elsewhere" in refused.output) == (3, True)
    accounts = Accounts(settings)
    sessions = {name: session_key(accounts.open_session(name, "10.0.0.1")) for name in ("an", "binh")}
    assert run("user", "way", "an", "accounts", "--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    assert run("user", "way", "binh", "proxy").exit_code == 0
    assert [accounts.principal(key) for key in sessions.values()] == [None, None]
    assert accounts.prove("an", PASSWORD, "10.0.0.1").way == "accounts"
    with pytest.raises(SignInRefused):
        accounts.prove("binh", PASSWORD, "10.0.0.1")
    accounts.close()
    done = [(line["about"]["account"], line["about"]["way"]) for line in audit.lines(settings)]
    assert done == [("binh", "proxy"), ("an", "accounts"), ("binh", "accounts"), ("an", "oidc")]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["user", "add", "an", "--role", "viewer", "--password-stdin"], 3, "12"),
        (["user", "add", "an", "--role", "submitter", "--password-stdin"], 3, "--org-unit"),
        (["user", "add", "an", "--role", "submitter", "--org-unit", "nowhere", "--password-stdin"], 2, "nowhere"),
        (["user", "add", "an", "--role", "wall", "--password-stdin"], 2, "wall"),
        (["user", "role", "nobody", "viewer"], 3, "nobody"),
        (["token", "add", "x"], 2, "--screen"),
        (["token", "add", "x", "--screen", "ioc", "--api"], 2, "--screen"),
        (["token", "add", "x", "--screen", "nowhere"], 2, "nowhere"),
        (["token", "revoke", "deadbeef"], 3, "deadbeef"),
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments: list[str], exit_code: int, words: str) -> None:
    refused = run(*arguments, typed="short\n")
    assert refused.exit_code == exit_code, refused.output
    assert words in refused.output
    assert list(audit.lines(Settings())) == []


def test_the_log_can_be_read_and_followed_and_tampering_is_named(settings: Settings) -> None:
    for name in ("an", "binh", "cuong"):
        run("token", "add", name, "--api")
    lines = run("audit", "list", "-n", "2").output.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["3", "2"]
    assert "name=cuong" in lines[0]
    whole = run("audit", "verify")
    assert (whole.exit_code, whole.output.split()[0]) == (0, "3")
    path = next(audit.folder(settings).glob("*.jsonl"))
    path.write_text(path.read_text().replace("binh", "bo"))
    broken = run("audit", "verify")
    assert (broken.exit_code, "line 2" in broken.output) == (1, True)


def test_other_reference_data_and_a_withdrawal_are_written_down(settings: Settings) -> None:
    now = made.receipt(made.Submission("bm01_indicators", "38.KHCN", "2026-03", None)).arrival.received_at
    for reference_hash in ("a" * 64, "a" * 64, "b" * 64):
        as_of.note_in_force(settings, reference_hash, now)
    found = [line["about"] for line in audit.lines(settings) if line["event"] == "reference"]
    assert found == [{"before": "a" * 12, "now": "b" * 12}, {"before": "", "now": "a" * 12}]


OIDC = {
    "TIENDOSO_SIGN_IN": "oidc",
    "TIENDOSO_OIDC_ISSUER": "https://so.example.vn",
    "TIENDOSO_OIDC_CLIENT_ID": "tiendoso",
    "TIENDOSO_PUBLIC_URL": "https://tinh.example.vn",
}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"TIENDOSO_ADDRESS": "0.0.0.0"}, "TIENDOSO_SIGN_IN=off"),
        ({"TIENDOSO_ADDRESS": "::"}, "TIENDOSO_SIGN_IN=off"),
        ({"TIENDOSO_SIGN_IN": "proxy"}, "TIENDOSO_PROXY_ADDRESSES"),
        ({"TIENDOSO_SIGN_IN": "proxy", "TIENDOSO_PROXY_ADDRESSES": "nginx"}, "TIENDOSO_PROXY_ADDRESSES='nginx'"),
        ({"TIENDOSO_SIGN_IN": "proxy", "TIENDOSO_PROXY_ADDRESSES": "*"}, "TIENDOSO_PROXY_ADDRESSES='*'"),
        ({"TIENDOSO_SIGN_IN": "oidc"}, "TIENDOSO_OIDC_ISSUER, TIENDOSO_OIDC_CLIENT_ID, TIENDOSO_PUBLIC_URL"),
        (OIDC | {"TIENDOSO_OIDC_ISSUER": "http://so.example.vn"}, "TIENDOSO_OIDC_ISSUER=http://so.example.vn"),
        (OIDC | {"TIENDOSO_OIDC_ISSUER": "so.example.vn"}, "TIENDOSO_OIDC_ISSUER='so.example.vn'"),
        (OIDC | {"TIENDOSO_PUBLIC_URL": "http://tinh.example.vn"}, "TIENDOSO_PUBLIC_URL=http://tinh.example.vn"),
        (OIDC | {"TIENDOSO_OIDC_SCOPES": "profile"}, "TIENDOSO_OIDC_SCOPES='profile'"),
        (OIDC | {"TIENDOSO_OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "/nowhere cannot be read"),
        (OIDC | {"TIENDOSO_OIDC_CLIENT_SECRET_FILE": "/etc/hostname"}, "/etc/hostname may be read by everybody"),
    ],
)
def test_a_server_that_would_let_everybody_in_does_not_start(given: dict[str, str], words: str) -> None:
    served = CliRunner().invoke(main, ["serve", "--no-watch"], env=given)
    assert (served.exit_code, words in served.output) == (3, True)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_without_sign_in_the_machine_itself_is_served(address: str) -> None:
    Settings(address=address).check_server()


def test_the_web_process_itself_refuses_too() -> None:
    env = os.environ | {"TIENDOSO_ADDRESS": "0.0.0.0"}
    command = [sys.executable, "-m", "dashboard"]
    started = subprocess.run(command, env=env, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert (started.returncode, "TIENDOSO_SIGN_IN=off" in started.stderr) == (3, True)
    assert "Traceback" not in started.stderr
