"""Accounts, sessions and tokens over their real file, with a clock of the test's."""

from __future__ import annotations

import sqlite3
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from etl.access import Principal, Role
from etl.accounts import Accounts, SignInRefused, session_key
from etl.errors import HouseError
from etl.settings import Settings

PASSWORD = "bốn con mèo đen"
ADDRESS = "10.0.0.7"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(tmp_path: Path, clock: Clock) -> Iterator[Accounts]:
    held = Accounts(Settings(live=tmp_path / "live"), clock, QUICK)
    held.add("an", PASSWORD, Role.VIEWER)
    yield held
    held.close()


def sign_in(held: Accounts, name: str, password: str, address: str) -> str:
    return held.open_session(held.prove(name, password, address).name, address)


def who(held: Accounts, cookie: str) -> Principal | None:
    return held.principal(session_key(cookie))


def test_a_password_opens_a_session_that_knows_its_owner(held: Accounts) -> None:
    assert who(held, sign_in(held, " AN ", PASSWORD, ADDRESS)) == Principal("an", Role.VIEWER, id="user:an")
    assert who(held, "forged") is None
    assert who(held, "") is None


def test_neither_password_nor_cookie_stands_in_the_file(held: Accounts) -> None:
    cookie = sign_in(held, "an", PASSWORD, ADDRESS)
    _, secret = held.add_token("ioc", Role.WALL, 10, screen="ioc")
    held.close()
    everything = b"".join(path.read_bytes() for path in held.path.parent.glob("state.sqlite*"))
    assert session_key(cookie).encode() in everything
    assert not any(text.encode() in everything for text in (PASSWORD, cookie, secret))
    assert held.path.stat().st_mode & 0o077 == 0


def test_vietnamese_letters_may_be_typed_in_either_way(held: Accounts) -> None:
    assert sign_in(held, "an", unicodedata.normalize("NFD", PASSWORD), ADDRESS)


def test_a_session_ends_after_its_time_and_when_nothing_is_done(held: Accounts, clock: Clock) -> None:
    cookie = sign_in(held, "an", PASSWORD, ADDRESS)
    for _ in range(9):
        clock.now += 50 * 60
        assert held.principal(session_key(cookie), is_active=True) is not None
    clock.now += 31 * 60  # 8 h 1 min after signing in
    assert who(held, cookie) is None
    cookie = sign_in(held, "an", PASSWORD, ADDRESS)
    clock.now += 61 * 60
    assert who(held, cookie) is None


def test_what_another_process_withdraws_is_withdrawn_at_once(held: Accounts) -> None:
    other = Accounts(Settings(live=held.path.parent), held._clock)
    cookies = [sign_in(held, "an", PASSWORD, ADDRESS) for _ in range(2)]
    assert who(held, cookies[0]) is not None
    other.end_session(session_key(cookies[0]))
    assert who(held, cookies[0]) is None
    other.set_role("an", Role.SUBMITTER, "14797")
    assert who(held, cookies[1]) == Principal("an", Role.SUBMITTER, "14797", id="user:an")
    other.set_disabled("an", True)
    assert who(held, cookies[1]) is None
    other.set_disabled("an", False)
    assert who(held, cookies[1]) is None
    other.close()


def test_the_sixth_try_is_refused_unheard_and_each_lock_is_longer(held: Accounts, clock: Clock) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused) as refused:
            sign_in(held, "an", "wrong", ADDRESS)
        assert refused.value.wait_seconds == 0
    waits = []
    for _ in range(4):
        with pytest.raises(SignInRefused) as refused:
            sign_in(held, "an", PASSWORD, ADDRESS)
        waits.append(refused.value.wait_seconds)
        clock.now += refused.value.wait_seconds
        with pytest.raises(SignInRefused) as refused:
            sign_in(held, "an", "wrong", ADDRESS)
        assert refused.value.wait_seconds == 0
    assert waits == [60, 120, 240, 480]
    assert sign_in(held, "an", PASSWORD, "10.0.0.8")  # nobody can lock an owner out from elsewhere so soon


def test_an_account_nobody_has_is_locked_alike(held: Accounts) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in(held, "nobody", "wrong", ADDRESS)
    with pytest.raises(SignInRefused) as refused:
        sign_in(held, "nobody", "wrong", ADDRESS)
    assert refused.value.wait_seconds > 0


def test_an_address_that_tries_many_names_is_locked(held: Accounts) -> None:
    for place in range(20):
        with pytest.raises(SignInRefused):
            sign_in(held, f"name{place}", "wrong", ADDRESS)
    with pytest.raises(SignInRefused) as refused:
        sign_in(held, "an", PASSWORD, ADDRESS)
    assert refused.value.wait_seconds > 0


def test_tries_at_the_same_time_are_no_way_around_the_lock(held: Accounts) -> None:
    heard = []

    def attempt() -> None:
        try:
            sign_in(held, "an", "wrong", ADDRESS)
        except SignInRefused as refused:
            heard.append(refused.wait_seconds == 0)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [False] * 7 + [True] * 5


def test_a_right_password_forgives_the_failures_before(held: Accounts) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(SignInRefused):
                sign_in(held, "an", "wrong", ADDRESS)
        sign_in(held, "an", PASSWORD, ADDRESS)


@pytest.mark.parametrize("password", ["short", "an" * 6 + "an", "aaaaaaaaaaaaaaaa", "x" * 201])
def test_weak_passwords_are_refused(held: Accounts, password: str) -> None:
    with pytest.raises(HouseError):
        held.set_password("an", password)


def test_a_password_does_not_hold_the_name(held: Accounts) -> None:
    with pytest.raises(HouseError):
        held.add("nguyen.an", "Nguyen.An 2026", Role.VIEWER)


@pytest.mark.parametrize("name", ["", "Ân", "a b", "../x", "a" * 65, ".an", "a\nb"])
def test_names_that_cannot_be_are_refused(held: Accounts, name: str) -> None:
    with pytest.raises(HouseError):
        held.add(name, PASSWORD, Role.VIEWER)


def test_a_new_password_ends_the_other_sessions(held: Accounts) -> None:
    here, elsewhere = (sign_in(held, "an", PASSWORD, ADDRESS) for _ in range(2))
    with pytest.raises(SignInRefused):
        held.change_password("an", "wrong", "năm con mèo đen", ADDRESS, session_key(here))
    held.change_password("an", PASSWORD, "năm con mèo đen", ADDRESS, session_key(here))
    assert who(held, here) is not None
    assert who(held, elsewhere) is None
    assert sign_in(held, "an", "năm con mèo đen", ADDRESS)


def test_an_account_of_another_way_has_no_password(held: Accounts) -> None:
    held.add("binh", None, Role.STEWARD, way="oidc")
    with pytest.raises(SignInRefused):
        sign_in(held, "binh", "", ADDRESS)
    with pytest.raises(HouseError):
        held.set_password("binh", PASSWORD)
    assert who(held, held.open_session("binh", ADDRESS)) == Principal("binh", Role.STEWARD, id="user:binh")


@pytest.mark.parametrize(("role", "unit"), [(Role.SUBMITTER, ""), (Role.WALL, ""), (Role.PUBLIC, "")])
def test_roles_that_an_account_cannot_have(held: Accounts, role: Role, unit: str) -> None:
    with pytest.raises(HouseError):
        held.add("binh", PASSWORD, role, unit)
    with pytest.raises(HouseError):
        held.set_role("an", role, unit)


def test_a_token_is_good_for_its_time_until_it_is_revoked(held: Accounts, clock: Clock) -> None:
    token, secret = held.add_token("Sở KHCN", Role.ANALYST, 30, org_unit="38.KHCN")
    found = held.token(secret)
    assert found is not None
    assert found.principal() == Principal("Sở KHCN", Role.ANALYST, "38.KHCN", id=f"token:{token.id}")
    assert held.token(secret[:-1]) is None
    assert held.revoke_token(token.id)
    assert not held.revoke_token(token.id)
    assert held.token(secret) is None
    _, secret = held.add_token("ioc", Role.ANALYST, 1)
    clock.now += 86_401
    assert held.token(secret) is None


def test_a_wall_stays_signed_in_until_its_token_is_revoked(held: Accounts, clock: Clock) -> None:
    token, _ = held.add_token("Phòng IOC", Role.WALL, 365, screen="ioc")
    cookie = held.open_screen(token, ADDRESS)
    clock.now += 300 * 86_400
    assert who(held, cookie) == Principal("Phòng IOC", Role.WALL, screen="ioc", id=f"token:{token.id}")
    held.revoke_token(token.id)
    assert who(held, cookie) is None


def test_a_session_is_looked_up_without_reading_again(held: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    key = session_key(sign_in(held, "an", PASSWORD, ADDRESS))
    held.principal(key)
    asked: list[str] = []
    reader = held._reader
    assert isinstance(reader, sqlite3.Connection)
    reader.set_trace_callback(asked.append)
    for _ in range(100):
        assert held.principal(key) is not None
    assert {statement.lower() for statement in asked} == {"pragma data_version"}


def test_two_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    both = [Accounts(Settings(live=tmp_path / "new"), hasher=QUICK) for _ in range(2)]
    threads = [
        threading.Thread(target=one.add, args=(name, PASSWORD, Role.ADMIN))
        for one, name in zip(both, "ab", strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [account.name for account in both[0].accounts()] == ["a", "b"]
    for one in both:
        one.close()


def test_a_word_for_one_sign_in_is_good_once_and_is_forgotten_when_it_is_over(held: Accounts, clock: Clock) -> None:
    assert [held.spend("word", 600), held.spend("word", 600), held.spend("another", 600)] == [True, False, True]
    clock.now += 601
    assert held.spend("third", 600)
    with sqlite3.connect(held.path) as state:
        assert state.execute("select count(*) from spent").fetchone() == (1,)
    state.close()


def test_a_file_of_an_earlier_version_gets_what_it_lacks(held: Accounts, tmp_path: Path) -> None:
    cookie = sign_in(held, "an", PASSWORD, ADDRESS)
    held.close()
    with sqlite3.connect(held.path) as state:
        state.execute("drop table spent")
    state.close()
    later = Accounts(Settings(live=tmp_path / "live"), Clock(), QUICK)
    assert later.spend("word", 600)
    assert who(later, cookie) == Principal("an", Role.VIEWER, id="user:an")
    later.close()


def test_passwords_are_kept_as_argon2id(tmp_path: Path) -> None:
    real = Accounts(Settings(live=tmp_path / "real"))
    assert real.add("an", PASSWORD, Role.VIEWER).password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    real.close()
