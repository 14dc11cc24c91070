"""The whole bundle, installed with networking off: reports read, warehouse built, a page served: `make soak`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from etl.settings import REPOSITORY
from tests import bundled

SUBMISSIONS = REPOSITORY / "tests" / "pipeline" / "submissions"

# In the namespace the loopback is down until somebody lifts it.
SERVE = """
set -e
ip link set lo up
"$1" serve & server=$!
for _ in $(seq 120); do curl -sf http://127.0.0.1:8501/readyz && break; sleep 1; done
curl -sf http://127.0.0.1:8501/ >/dev/null
curl -sf 'http://127.0.0.1:8501/api/v1/progress?tinh=38'
kill $server; wait $server
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        began = time.monotonic()
        archive = bundled.make(folder / "dist", REPOSITORY / "requirements.txt")
        print(f"bundle: {archive.stat().st_size / 2**20:.0f} MiB in {time.monotonic() - began:.0f} s")
        unpacked = bundled.unpack(archive, folder / "carried")
        began = time.monotonic()
        done = bundled.offline(["sh", unpacked / "install.sh", "--prefix", folder / "opt", "--no-services"])
        assert done.returncode == 0, done.stderr
        print(f"installed without network in {time.monotonic() - began:.0f} s")
        command = folder / "opt" / "current" / ".venv" / "bin" / "tiendoso"
        live = {"TIENDOSO_LIVE": str(folder / "live")}
        done = bundled.offline([command, "ingest", *sorted(SUBMISSIONS.glob("0[67]*.xlsx"))], **live)
        assert done.returncode == 0, done.stderr
        done = bundled.offline(["sh", "-c", SERVE, "serve", command], **live)
        assert done.returncode == 0, done.stderr
        assert '"status":"ready"' in done.stdout
        print("reports read, warehouse built and a page served by what was installed")


if __name__ == "__main__":
    main()
