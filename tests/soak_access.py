"""The crawl as the clerk of each of 200 units, every page with every wish: `python -m tests.soak_access [UNITS]`."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from dashboard.gate import COOKIE
from etl.access import Role
from etl.accounts import Accounts
from etl.settings import Settings
from tests import canaries
from tests.access.conftest import PASSWORD, QUICK
from tests.wall_site import WallSite

UNITS = 200  # or as many as the province has


def run(count: int) -> bool:
    """Whether nobody was sent anything of another unit."""
    with TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = Settings(live=Path(folder) / "live", port=probe.getsockname()[1])
        probe.close()
        marked = canaries.fill(settings, count)
        accounts = Accounts(settings, hasher=QUICK)
        for unit in marked.units:
            accounts.add(canaries.clerk(unit), PASSWORD, Role.SUBMITTER, unit)
        sessions = canaries.sessions_of(accounts, marked.units, COOKIE)
        site = WallSite(settings)
        began = time.monotonic()
        try:
            site.start(TIENDOSO_SIGN_IN="accounts")
            found = asyncio.run(canaries.crawl_all(site.url, sessions, marked))
        finally:
            site.stop()
            accounts.close()
    foreign = {unit: {who: at for who, at in seen.places.items() if who != unit} for unit, seen in found.items()}
    faults = sum(len(seen.faults) for seen in found.values())
    size = sum(seen.size for seen in found.values()) / 2**20
    leaking = {unit: places for unit, places in foreign.items() if places}
    print(f"{len(found)} units, {size:.0f} MB looked through in {time.monotonic() - began:.0f} s")
    print(f"foreign marks: {sum(map(len, leaking.values()))}, faults of pages: {faults}")
    for unit, places in leaking.items():
        print(f"  {unit}: {places}")
    return not leaking and not faults


if __name__ == "__main__":
    sys.exit(0 if run(int(sys.argv[1]) if len(sys.argv) > 1 else UNITS) else 1)
