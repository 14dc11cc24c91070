"""Accounts, sessions and tokens: who is who, kept in `live/state.sqlite` by the web processes of an installation.

Every way in ends in a session: an opaque, random cookie of which only the SHA-256 is kept, with an end, a limit of
idleness, and an owner whose role is looked up at each use, so that what is withdrawn is withdrawn at once.

    accounts.open_session("an", address)         a session for an account, however its owner proved to be it
    accounts.principal(session_key(cookie))      who that is now; None if the session is over
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import BoundedSemaphore, Lock
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

import sql
from etl import disk
from etl.access import Principal, Role
from etl.errors import HouseError
from etl.settings import Settings

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
TRIES: Final = 5  # for an account from one address
TRIES_IN_ALL: Final = 20  # for an account from anywhere, or from an address for any account
FIRST_LOCK: Final = 60.0  # seconds; each further failure doubles it
LONGEST_LOCK: Final = 3600.0
FORGOTTEN_AFTER: Final = 6 * 3600.0
TOUCH_EVERY: Final = 30.0  # seconds between two notes that a session is in use
WAYS: Final = ("accounts", "oidc", "proxy")

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?")
_CHECKED_AT_ONCE = BoundedSemaphore(2)  # each check of a password takes 64 MiB and a core


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `way` tells how: with a password kept here, or through others (oidc, proxy)."""

    name: str
    way: str
    role: Role
    org_unit: str
    password: str
    is_disabled: bool
    created_at: float
    changed_at: float


@dataclass(frozen=True, slots=True)
class Token:
    """A right that a programme or a wall screen bears; its secret is shown once, when it is made."""

    id: str
    name: str
    role: Role
    org_unit: str
    screen: str
    created_at: float
    expires_at: float
    revoked_at: float | None
    used_at: float | None

    def principal(self) -> Principal:
        return Principal(self.name, self.role, self.org_unit, self.screen, f"token:{self.id}")


@dataclass(frozen=True, slots=True)
class _Held:
    principal: Principal
    seen_at: float
    expires_at: float


class SignInRefused(Exception):
    """Wrong name or password, which of both is not told; `wait_seconds` > 0 if too many tries came before."""

    def __init__(self, wait_seconds: float = 0, *, is_known: bool = False) -> None:
        super().__init__("locked" if wait_seconds else "wrong name or password")
        self.wait_seconds = wait_seconds
        self.is_known = is_known  # for the audit log alone


class Accounts:
    """The accounts, sessions and tokens of one installation; safe to use from many threads and processes."""

    def __init__(
        self, settings: Settings, clock: Callable[[], float] = time.time, hasher: PasswordHasher | None = None
    ) -> None:
        self.path = settings.live / "state.sqlite"
        self.lifetime = settings.session_hours * 3600.0
        self.idle = settings.session_idle_minutes * 60.0
        self._clock = clock
        self._hasher = hasher or PasswordHasher()  # argon2id with the parameters its makers advise
        self._nobody = ""
        self._guard = Lock()
        self._is_whole = False  # whether the file is known to hold every table of this version
        self._reader: sqlite3.Connection | None = None
        self._version = -1
        self._held: dict[str, _Held | None] = {}

    def close(self) -> None:
        with self._guard:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    # accounts

    def add(self, name: str, password: str | None, role: Role, org_unit: str = "", way: str = "accounts") -> Account:
        """A new account; without a password its owner comes in through others. Raises HouseError."""
        name = account_name(name)
        _check_role(name, role, org_unit)
        if way not in WAYS or (way == "accounts") != (password is not None):
            raise ValueError(f"{way} and a password do not go together")
        hashed = self._hasher.hash(_fit(password, name)) if password is not None else ""
        given = {"name": name, "way": way, "role": role, "org_unit": org_unit, "password": hashed, "now": self._clock()}
        if not self._write(("add_account", given)):
            raise HouseError(f"There is an account {name} already.")
        found = self.account(name)
        assert found is not None
        return found

    def account(self, name: str) -> Account | None:
        rows = self._read("account", name=name)
        return _account(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        """All of them, disabled ones too, by name."""
        return [_account(row) for row in self._read("accounts")]

    def set_password(self, name: str, password: str, keep_session: str = "") -> None:
        """Another password; every session of the account ends but the one with this key. Raises HouseError."""
        account = self._known(name)
        if account.way != "accounts":
            raise HouseError(f"{account.name} signs in elsewhere and has no password here.")
        hashed = self._hasher.hash(_fit(password, account.name))
        self._write(
            ("set_password", {"name": account.name, "password": hashed, "now": self._clock()}),
            ("end_sessions_of", {"account": account.name, "but": keep_session}),
        )

    def set_role(self, name: str, role: Role, org_unit: str = "") -> None:
        """Another role, in force with the owner's next message. Raises HouseError."""
        account = self._known(name)
        _check_role(account.name, role, org_unit)
        self._write(("set_role", {"name": account.name, "role": role, "org_unit": org_unit}))

    def set_disabled(self, name: str, is_disabled: bool) -> None:
        """Shut an account out, or let it in again; its sessions end. Raises HouseError."""
        account = self._known(name)
        self._write(
            ("set_disabled", {"name": account.name, "is_disabled": is_disabled}),
            ("end_sessions_of", {"account": account.name, "but": ""}),
        )

    def _known(self, name: str) -> Account:
        account = self.account(account_name(name))
        if account is None:
            raise HouseError(f"There is no account {name}.", "tiendoso user list shows those there are.")
        return account

    def set_way(self, name: str, way: str, password: str | None = None) -> None:
        """Another way in, with a password if it is by one kept here; every session of the account ends."""
        account = self._known(name)
        if way not in WAYS or (way == "accounts") != (password is not None):
            raise ValueError(f"{way} and a password do not go together")
        hashed = self._hasher.hash(_fit(password, account.name)) if password is not None else ""
        self._write(
            ("set_way", {"name": account.name, "way": way, "password": hashed, "now": self._clock()}),
            ("end_sessions_of", {"account": account.name, "but": ""}),
        )

    # signing in

    def spend(self, word: str, seconds: float) -> bool:
        """Whether a word that is good for one sign-in comes for the first time; it is remembered for `seconds`."""
        now = self._clock()
        given = {"key": session_key(word), "expires_at": now + seconds}
        return self._write(("sweep_spent", {"now": now}), ("spend", given)) == 1

    def change_password(self, name: str, password: str, new: str, address: str, keep_session: str) -> None:
        """Another password for who knows the present one. Raises SignInRefused, HouseError."""
        self.set_password(self.prove(name, password, address).name, new, keep_session)

    def prove(self, name: str, password: str, address: str) -> Account:
        """The account whose password it is. Raises SignInRefused: an unknown name takes as long and is answered alike.

        A try counts as failed before the password is looked at, so that many at once are no way around the lock.
        """
        name, password = name.strip().lower()[:64], password[:LONGEST_PASSWORD]
        self._count_try(name, address)
        account = self.account(name)
        is_right = self._is_password(account.password if account is not None else "", password)
        if account is None or not is_right or account.is_disabled:
            raise SignInRefused(is_known=account is not None)
        self._write(*(("forgive", {"about": about}) for about in (f"{name} {address}", name)))
        if self._hasher.check_needs_rehash(account.password):
            hashed = self._hasher.hash(_as_typed(password))
            self._write(("set_password", {"name": name, "password": hashed, "now": account.changed_at}))
        return account

    def _is_password(self, hashed: str, password: str) -> bool:
        with _CHECKED_AT_ONCE:
            if not hashed and not self._nobody:
                self._nobody = self._hasher.hash(secrets.token_hex(16))  # no password fits, and it is as dear to check
            try:
                return self._hasher.verify(hashed or self._nobody, _as_typed(password)) and hashed != ""
            except (VerificationError, InvalidHashError):
                return False

    def _count_try(self, name: str, address: str) -> None:
        now = self._clock()
        limits = {f"{name} {address}": TRIES, name: TRIES_IN_ALL, address: TRIES_IN_ALL}
        with self._writing() as state:
            state.execute(sql.state("sweep_failures"), {"before": now - FORGOTTEN_AFTER})
            counted = {}
            for about, limit in limits.items():
                count, last_at = state.execute(sql.state("failures"), {"about": about}).fetchone() or (0, 0.0)
                counted[about] = count
                lock = min(FIRST_LOCK * 2 ** min(count - limit, 10), LONGEST_LOCK) if count >= limit else 0.0
                if last_at + lock > now:
                    raise SignInRefused(last_at + lock - now)
            for about, count in counted.items():
                state.execute(sql.state("fail"), {"about": about, "count": count + 1, "now": now})

    # sessions

    def open_session(self, account: str, address: str) -> str:
        """The cookie of a new session for an account, whichever way its owner came in."""
        return self._open(account=account, token="", address=address, lifetime=self.lifetime)

    def open_screen(self, token: Token, address: str) -> str:
        """The cookie of a wall's browser; it lasts as long as the token."""
        return self._open(account="", token=token.id, address=address, lifetime=token.expires_at - self._clock())

    def _open(self, *, account: str, token: str, address: str, lifetime: float) -> str:
        cookie, now = secrets.token_urlsafe(32), self._clock()
        given = {"account": account, "token": token, "address": address, "now": now, "expires_at": now + lifetime}
        self._write(("sweep_sessions", {"now": now}), ("add_session", {"key": session_key(cookie), **given}))
        return cookie

    def end_session(self, key: str) -> None:
        self._write(("end_session", {"key": key}))

    def principal(self, key: str, *, is_active: bool = False) -> Principal | None:
        """Who a session belongs to now, None if it is over; `is_active` notes that its owner did something.

        Cheap enough for every message: nothing is read as long as no process has written.
        """
        held = self._session(key)
        now = self._clock()
        is_person = held is not None and held.principal.role is not Role.WALL
        if held is None or held.expires_at <= now or (is_person and held.seen_at + self.idle <= now):
            return None
        if is_active and held.seen_at + TOUCH_EVERY <= now:
            self._write(("touch_session", {"key": key, "now": now}))
        return held.principal

    def _session(self, key: str) -> _Held | None:
        if not key:
            return None
        with self._guard:
            reader = self._reading()
            version = reader.execute("pragma data_version").fetchone()[0]
            if version != self._version or len(self._held) > 10_000:
                self._version, self._held = version, {}
            if key not in self._held:
                row = reader.execute(sql.state("session"), {"key": key}).fetchone()
                self._held[key] = _held(row) if row is not None else None
            return self._held[key]

    # tokens

    def add_token(self, name: str, role: Role, days: int, *, org_unit: str = "", screen: str = "") -> tuple[Token, str]:
        """A new token and its secret, which is never shown again."""
        Principal(name, role, org_unit, screen)
        secret, now = secrets.token_urlsafe(32), self._clock()
        token = Token(secrets.token_hex(4), name, role, org_unit, screen, now, now + days * 86_400.0, None, None)
        given = {
            "id": token.id,
            "secret": session_key(secret),
            "name": name,
            "role": role,
            "org_unit": org_unit,
            "screen": screen,
            "now": now,
            "expires_at": token.expires_at,
        }
        self._write(("add_token", given))
        return token, secret

    def tokens(self) -> list[Token]:
        """All of them, expired and revoked ones too, the oldest first."""
        return [_token(row) for row in self._read("tokens")]

    def token(self, secret: str) -> Token | None:
        """The token with this secret, if it is in force; notes its use."""
        rows = self._read("token", secret=session_key(secret))
        now = self._clock()
        if not rows or rows[0]["revoked_at"] is not None or rows[0]["expires_at"] <= now:
            return None
        token = _token(rows[0])
        if token.used_at is None or token.used_at + TOUCH_EVERY <= now:
            self._write(("use_token", {"id": token.id, "now": now}))
        return replace(token, used_at=now)

    def revoke_token(self, token: str) -> bool:
        """Take a token back by its id; False if there is none in force."""
        return self._write(("revoke_token", {"id": token, "now": self._clock()})) > 0

    # the file

    def _read(self, statement: str, /, **given: Any) -> list[sqlite3.Row]:
        with self._guard:
            rows: list[sqlite3.Row] = self._reading().execute(sql.state(statement), given).fetchall()
            return rows

    def _reading(self) -> sqlite3.Connection:
        """The connection that only reads: `data_version` changes on it with every commit of any other."""
        if self._reader is None:
            self._reader = self._connect()
        return self._reader

    def _write(self, *statements: tuple[str, dict[str, Any]]) -> int:
        """Carries statements out together, durable on return; how many rows the last one touched."""
        count = 0
        with self._writing() as state:
            for name, given in statements:
                count = state.execute(sql.state(name), given).rowcount
        return count

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as state:
            state.execute("begin immediate")
            with state:
                yield state

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            self._make()
        state = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        state.row_factory = sqlite3.Row
        state.execute("pragma synchronous = full")
        if not self._is_whole:
            state.executescript(sql.state("schema"))
            self._is_whole = True
        return state

    def _make(self) -> None:
        """The empty file, once, and for its owner alone."""
        with disk.lock(self.path.with_name("state.lock"), "making the accounts", wait_seconds=10):
            if self.path.exists():
                return
            if os.geteuid() == 0 and self.path.parent.stat().st_uid != 0:
                raise HouseError(
                    f"{self.path} would belong to root, and the server could not read it.",
                    "Run this as the user that the web server runs as.",
                )
            made = disk.temporary_beside(self.path)
            os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            with closing(sqlite3.connect(made, isolation_level=None)) as state:
                state.execute("pragma journal_mode = wal")
                state.executescript(sql.state("schema"))
            disk.sync(made)
            disk.publish(made, self.path)


def session_key(secret: str) -> str:
    """What is kept of a secret: 256 random bits need no salt and no slow hash."""
    return sha256(secret.encode()).hexdigest()


def account_name(name: str) -> str:
    """A name as it is kept: lower case, letters, digits and `. _ @ -`. Raises HouseError."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise HouseError(
            f"“{name[:80]}” cannot be the name of an account.",
            "Use small letters without marks, digits and . _ @ -, at most 64, for example nguyen.van.an.",
        )
    return name


def _check_role(name: str, role: Role, org_unit: str) -> None:
    if role in (Role.WALL, Role.PUBLIC):
        raise HouseError(f"Nobody signs in as {role}.", "A wall screen gets a token: tiendoso token add --screen.")
    if role is Role.SUBMITTER and not org_unit:
        raise HouseError(f"{name} would send for no unit.", "Name the unit: --org-unit CODE.")


def _fit(password: str, name: str) -> str:
    """The password, if it may be one. Raises HouseError."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise HouseError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    told = len(name) > 3 and (name in password.lower() or password.lower() in name)
    if told or len(set(password)) < 5:
        raise HouseError("A password must not hold the name of its account nor repeat a few characters.")
    return _as_typed(password)


def _as_typed(password: str) -> str:
    """Vietnamese letters can be typed in two ways that look the same."""
    return unicodedata.normalize("NFC", password)


def _account(row: sqlite3.Row) -> Account:
    return Account(**{**dict(row), "role": Role(row["role"]), "is_disabled": bool(row["is_disabled"])})


def _token(row: sqlite3.Row) -> Token:
    return Token(**{**dict(row), "role": Role(row["role"])})


def _held(row: sqlite3.Row) -> _Held:
    way_in = f"token:{row['token']}" if row["token"] else f"user:{row['name']}"
    principal = Principal(row["name"], Role(row["role"]), row["org_unit"], row["screen"], way_in)
    return _Held(principal, row["seen_at"], row["expires_at"])
