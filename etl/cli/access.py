"""The commands about who may do what: accounts, tokens, the audit log."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from getpass import getuser
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from etl import audit
from etl.access import Role
from etl.audit import Event
from etl.cli.edge import REJECTED, at_the_edge, read_reference, read_settings
from etl.errors import HouseError

if TYPE_CHECKING:
    from etl.accounts import Accounts
    from etl.settings import Settings

PEOPLE = [role.value for role in Role if role not in (Role.WALL, Role.PUBLIC)]
_ROLE = click.Choice(PEOPLE)
_WAY = click.Choice(["accounts", "oidc", "proxy"])
_UNIT = "Code of the unit it is bound to; a submitter needs one."
_LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


@click.group()
def user() -> None:
    """Accounts of people: what each may do, and how its owner signs in."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=_ROLE, required=True, help="What the account may do.")
@click.option("--org-unit", default="", help=_UNIT)
@click.option("--way", type=_WAY, help="How its owner signs in (default: as TIENDOSO_SIGN_IN says).")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking for it.")
@at_the_edge
def add_user(name: str, role: str, org_unit: str, way: str | None, password_stdin: bool) -> None:
    """Make an account; the first one of an installation should be an admin."""
    settings = read_settings()
    _known_unit(settings, org_unit)
    way = way or ("accounts" if settings.sign_in == "off" else settings.sign_in)
    password = _password(password_stdin) if way == "accounts" else None
    with closing(_accounts(settings)) as accounts:
        account = accounts.add(name, password, Role(role), org_unit, way)
    _note(settings, Event.ACCOUNT, done="add", account=account.name, role=role, org_unit=org_unit, way=way)
    click.echo(account.name)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text.")
@at_the_edge
def list_users(as_json: bool) -> None:
    """Show every account with its role."""
    with closing(_accounts(read_settings())) as accounts:
        for account in accounts.accounts():
            told = {
                "name": account.name,
                "role": account.role.value,
                "org_unit": account.org_unit,
                "way": account.way,
                "is_disabled": account.is_disabled,
            }
            state = "disabled" if account.is_disabled else ""
            text = f"{account.name}\t{account.role}\t{account.org_unit}\t{account.way}\t{state}".rstrip()
            click.echo(json.dumps(told, ensure_ascii=False) if as_json else text)


@user.command("disable")
@click.argument("name")
@at_the_edge
def disable_user(name: str) -> None:
    """Shut an account out; whoever is signed in with it is out with the next click."""
    _set_disabled(name, True)


@user.command("enable")
@click.argument("name")
@at_the_edge
def enable_user(name: str) -> None:
    """Let a disabled account in again."""
    _set_disabled(name, False)


@user.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking for it.")
@at_the_edge
def set_user_password(name: str, password_stdin: bool) -> None:
    """Give an account another password; its sessions end."""
    settings = read_settings()
    with closing(_accounts(settings)) as accounts:
        accounts.set_password(name, _password(password_stdin))
    _note(settings, Event.ACCOUNT, done="password", account=name)


@user.command("way")
@click.argument("name")
@click.argument("way", type=_WAY)
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking for it.")
@at_the_edge
def set_user_way(name: str, way: str, password_stdin: bool) -> None:
    """Let an account's owner sign in another way; its sessions end."""
    settings = read_settings()
    password = _password(password_stdin) if way == "accounts" else None
    with closing(_accounts(settings)) as accounts:
        accounts.set_way(name, way, password)
    _note(settings, Event.ACCOUNT, done="way", account=name, way=way)


@user.command("role")
@click.argument("name")
@click.argument("role", type=_ROLE)
@click.option("--org-unit", default="", help=_UNIT)
@at_the_edge
def set_user_role(name: str, role: str, org_unit: str) -> None:
    """Give an account another role, in force with the next click."""
    settings = read_settings()
    _known_unit(settings, org_unit)
    with closing(_accounts(settings)) as accounts:
        accounts.set_role(name, Role(role), org_unit)
    _note(settings, Event.ACCOUNT, done="role", account=name, role=role, org_unit=org_unit)


@click.group()
def token() -> None:
    """Tokens: for a wall screen, or for a programme that asks for tables over HTTP."""


@token.command("add")
@click.argument("name")
@click.option("--screen", default="", help="A wall screen: the name of its playlist, e.g. ioc.")
@click.option("--api", "is_api", is_flag=True, help="A programme that asks /api/v1.")
@click.option("--org-unit", default="", help="Only this unit's figures, and those below it (with --api).")
@click.option("--days", type=click.IntRange(1, 3650), help="In force so many days (default: screen 730, api 365).")
@at_the_edge
def add_token(name: str, screen: str, is_api: bool, org_unit: str, days: int | None) -> None:
    """Make a token and print its secret, once: it is kept nowhere."""
    settings = read_settings()
    if bool(screen) == is_api:
        raise click.UsageError("say what it is for: --screen NAME or --api")
    if screen and screen not in read_reference(settings).screens:
        raise click.BadParameter(f"there is no screen {screen}", param_hint="--screen")
    _known_unit(settings, org_unit)
    role = Role.WALL if screen else Role.ANALYST
    with closing(_accounts(settings)) as accounts:
        made, secret = accounts.add_token(
            name, role, days or (730 if screen else 365), org_unit=org_unit, screen=screen
        )
    _note(settings, Event.TOKEN, done="add", token=made.id, name=name, screen=screen, org_unit=org_unit)
    click.echo(f"{made.id} · {_day(made.expires_at)}", err=True)
    click.echo(secret)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text.")
@at_the_edge
def list_tokens(as_json: bool) -> None:
    """Show every token, never its secret."""
    now = datetime.now(UTC).timestamp()
    with closing(_accounts(read_settings())) as accounts:
        for found in accounts.tokens():
            state = "revoked" if found.revoked_at else "expired" if found.expires_at <= now else "in force"
            told = {
                "id": found.id,
                "name": found.name,
                "for": f"screen {found.screen}" if found.screen else "api",
                "org_unit": found.org_unit,
                "expires": _day(found.expires_at),
                "used": _day(found.used_at) if found.used_at else "",
                "state": state,
            }
            click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\t".join(told.values()))


@token.command("revoke")
@click.argument("token_id")
@at_the_edge
def revoke_token(token_id: str) -> None:
    """Take a token back; a screen that uses it is out with its next question."""
    settings = read_settings()
    with closing(_accounts(settings)) as accounts:
        if not accounts.revoke_token(token_id):
            raise HouseError(f"There is no token {token_id} in force.", "tiendoso token list shows those there are.")
    _note(settings, Event.TOKEN, done="revoke", token=token_id)


@click.group("audit")
def audit_log() -> None:
    """The audit log: who did what, when, from where."""


@audit_log.command("list")
@click.option("-n", "count", type=click.IntRange(1), default=50, help="The last so many lines (default 50).")
@click.option("--event", type=click.Choice([event.value for event in Event]), help="Only these.")
@click.option("--who", help="Only of this one, e.g. user:nguyen.van.an.")
@click.option("--json", "as_json", is_flag=True, help="The lines as they are kept.")
@at_the_edge
def list_audit(count: int, event: str | None, who: str | None, as_json: bool) -> None:
    """Show the last lines, the newest first."""
    shown = 0
    for line in audit.lines(read_settings()):
        if shown == count:
            break
        if (event and line["event"] != event) or (who and line["who"] != who):
            continue
        shown += 1
        if as_json:
            click.echo(json.dumps(line, ensure_ascii=False))
            continue
        moment = datetime.fromisoformat(line["at"]).astimezone(_LOCAL_TIME)
        about = " ".join(f"{name}={value}" for name, value in line["about"].items() if value != "")
        click.echo(
            f"{line['number']}\t{moment:%d/%m/%Y %H:%M:%S}\t{line['event']}\t{line['who']}\t{line['address']}\t{about}"
        )


@audit_log.command("verify")
@at_the_edge
def verify_audit() -> None:
    """Follow the chain; names the first line that was changed, removed or moved (exit code 1)."""
    verdict = audit.verify(audit.folder(read_settings()))
    click.echo(f"{verdict.count} {verdict.head}")
    if not verdict.is_whole:
        click.echo(f"tiendoso: {verdict.fault}", err=True)
        sys.exit(REJECTED)


def _accounts(settings: Settings) -> Accounts:
    from etl.accounts import Accounts

    return Accounts(settings)


def _password(is_piped: bool) -> str:
    """A password from the terminal, typed twice, or the first line of stdin; never from the command's arguments."""
    if is_piped:
        return sys.stdin.readline().rstrip("\r\n")
    written: str = click.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại", err=True)
    return written


def _known_unit(settings: Settings, org_unit: str) -> None:
    if org_unit and org_unit not in read_reference(settings).org_units:
        raise click.BadParameter(f"there is no unit {org_unit}", param_hint="--org-unit")


def _note(settings: Settings, event: Event, **about: str) -> None:
    audit.record(settings, event, f"cli:{getuser()}", **{name: value for name, value in about.items() if value})


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, _LOCAL_TIME):%d/%m/%Y}"


def _set_disabled(name: str, is_disabled: bool) -> None:
    settings = read_settings()
    with closing(_accounts(settings)) as accounts:
        accounts.set_disabled(name, is_disabled)
    _note(settings, Event.ACCOUNT, done="disable" if is_disabled else "enable", account=name)
