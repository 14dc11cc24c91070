"""An installation with a wall screen, its server that can be stopped and started, and warehouses to swap."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from etl.archive import Archive
from etl.build import build
from etl.model import Submission
from etl.reference import Reference, load_reference
from etl.settings import REPOSITORY, Settings
from tests import made
from tests.pages import province

START_SECONDS = 60
QUARTER = "2026-Q2"

# One picture that stays, to be compared; and every kind of picture, to be looked at one after the other.
SCREENS = {
    "mot": """screen = "mot"
name_vi = "Một hình"
name_en = "One picture"
refresh_seconds = 0.3
old_after_minutes = 0.05
[[panels]]
panel = "ranking"
unit_group = "commune"
indicator = "VB01"
period = "2026-Q2"
seconds = 3600
""",
    "xoay": """screen = "xoay"
name_vi = "Xoay vòng"
name_en = "In turn"
refresh_seconds = {refresh}
[[panels]]
panel = "headline"
unit_group = "commune"
indicators = ["VB01", "VB03", "DVC04", "DVC05"]
seconds = {seconds}
[[panels]]
panel = "ranking"
unit_group = "commune"
indicator = "VB01"
seconds = {seconds}
[[panels]]
panel = "tiles"
indicator = "VB01"
seconds = {seconds}
[[panels]]
panel = "tasks"
seconds = {seconds}
[[panels]]
panel = "overdue"
seconds = {seconds}
[[panels]]
panel = "missing"
form = "bm01_indicators"
seconds = {seconds}
""",
}


@dataclass
class WallSite:
    """A folder with a published warehouse, and the dashboard over it on a port that stays the same."""

    settings: Settings
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def start(self, **given: str) -> None:
        """Start the dashboard, with these settings too, and wait until it answers."""
        env = environment(self.settings) | given
        self.process = subprocess.Popen([sys.executable, "-m", "dashboard"], env=env, cwd=REPOSITORY)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"{self.url} does not answer after {START_SECONDS} s")

    def stop(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def report(self, org_unit: str, numerator: float, denominator: float) -> None:
        """A corrected report of a commune for the quarter shown, and the warehouse published anew."""
        archive = Archive(self.settings.archive)
        data = f"{org_unit} {numerator}/{denominator} {time.monotonic_ns()}".encode()
        file = archive.keep_file(data)
        row = made.observation("VB01", org_unit, numerator, denominator)
        content = Submission("bm01_indicators", org_unit, QUARTER, date(2026, 6, 14), "Biểu 01", (row,))
        sent = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(seconds=time.monotonic_ns() % 1_000_000)
        archive.record(made.receipt(content, received_at=sent, file=file))
        self.publish()

    def rename(self, org_unit: str, name: str) -> None:
        """Another name for a commune in the reference data, and the warehouse published anew."""
        path = self.settings.reference / "org_units.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        header = lines[0].split(",")
        row = next(index for index, line in enumerate(lines) if line.startswith(f"{org_unit},"))
        values = lines[row].split(",")
        for column in ("name", "short_name"):
            values[header.index(column)] = '"' + name.replace('"', '""') + '"'
        lines[row] = ",".join(values)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.publish()

    def reference(self) -> Reference:
        """The reference data as it is now."""
        return load_reference(self.settings.reference)

    def publish(self) -> Path:
        """Build from what there is; the new version is published."""
        return build(self.settings, self.reference(), day=province.DAY)


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a command for this installation."""
    return os.environ | {"TIENDOSO_LIVE": str(settings.live), "TIENDOSO_PORT": str(settings.port)}


def make(live: Path, *, communes: int = 12, refresh: float = 1, seconds: float = 3600) -> WallSite:
    """A filled installation with the screens above, not yet served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(live=live, port=port)
    province.fill(settings, communes)
    folder = settings.reference / "screens"
    folder.mkdir(exist_ok=True)
    for name, playlist in SCREENS.items():
        words = playlist.replace("{refresh}", str(refresh)).replace("{seconds}", str(seconds))
        (folder / f"{name}.toml").write_text(words, encoding="utf-8")
    return WallSite(settings)
