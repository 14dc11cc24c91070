"""A crawl as the clerk of each of ten units, all caches warm and eight at once: no byte of another unit comes back."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx

from dashboard.gate import COOKIE
from etl.access import Role
from etl.accounts import Accounts
from etl.settings import Settings
from tests import canaries
from tests.access.conftest import PASSWORD, QUICK
from tests.wall_site import WallSite

UNITS = 10
ALL = ""


def test_nobody_is_sent_a_word_or_a_number_of_another_unit(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = Settings(live=tmp_path / "live", port=probe.getsockname()[1])
    marked = canaries.fill(settings, UNITS)
    accounts = Accounts(settings, hasher=QUICK)
    accounts.add("quan-tri", PASSWORD, Role.STEWARD)
    for unit in marked.units:
        accounts.add(canaries.clerk(unit), PASSWORD, Role.SUBMITTER, unit)
    steward = {"cookie": f"{COOKIE}={accounts.open_session('quan-tri', '10.0.0.1')}"}
    sessions = canaries.sessions_of(accounts, marked.units, COOKIE)
    own, stranger = marked.units[:2]
    _, token = accounts.add_token("may-xa", Role.ANALYST, 30, org_unit=own)
    bearer = {"authorization": f"Bearer {token}", "x-forwarded-for": "10.0.0.9"}
    site = WallSite(settings)
    try:
        site.start(TIENDOSO_SIGN_IN="accounts")
        # Who may see all goes first: what is remembered for him must not be told to others.
        whole = asyncio.run(canaries.crawl_all(site.url, {ALL: steward}, marked, wishes=1))[ALL]
        found = asyncio.run(canaries.crawl_all(site.url, sessions, marked, wishes=1, shared_by=3))
        with httpx.Client(base_url=site.url, headers=bearer, trust_env=False, timeout=30) as client:
            tables = canaries.crawl_tables(client, marked, own, stranger)
    finally:
        site.stop()
        accounts.close()
    assert whole.faults == []
    assert whole.units == set(marked.units)
    for unit, seen in found.items():
        assert seen.faults == [], unit
        foreign = {other: place for other, place in seen.places.items() if other != unit}
        assert foreign == {}, unit
        assert seen.units == {unit}
    # A programme's token that is bound to a unit is told as little.
    assert (tables.faults, tables.units) == ([], {own}), tables.places
