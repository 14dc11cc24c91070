"""The bundle, small: with the few wheels that the command itself needs, installed with networking off.

`make soak` does it whole: every wheel, reports read and a page served from what was installed.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from etl.settings import REPOSITORY
from tests import bundled

# What `tiendoso --version` and `tiendoso settings` import, and what that needs in turn.
NEEDED = (
    "click", "pydantic", "pydantic-core", "pydantic-settings", "annotated-types", "typing-extensions",
    "typing-inspection", "python-dotenv", "prometheus-client", "python-json-logger",
)  # fmt: skip


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    pinned = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"^[A-Za-z0-9._-]+==(?:.*\\\n)*.*\n", pinned, re.M)
    chosen = [block for block in blocks if block.partition("==")[0] in NEEDED]
    assert len(chosen) == len(NEEDED)
    (folder / "requirements.txt").write_text("".join(chosen), encoding="utf-8")
    archive = bundled.make(folder / "dist", folder / "requirements.txt")
    assert archive.with_name(f"{archive.name}.sha256").read_text().endswith(f"  {archive.name}\n")
    return bundled.unpack(archive, folder / "carried")


def test_it_installs_without_network_and_again_without_harm(unpacked: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "opt"
    assert bundled.offline(["python3", "-c", "import socket; socket.create_connection(('127.0.0.1', 9), 2)"]).returncode
    for _ in range(2):
        done = bundled.offline(["sh", unpacked / "install.sh", "--prefix", prefix, "--no-services"])
        assert done.returncode == 0, done.stderr
        assert [path.name for path in (prefix / "releases").iterdir()] == [(prefix / "current").readlink().name]
    command = prefix / "current" / ".venv" / "bin" / "tiendoso"
    live = tmp_path / "live"
    listed = bundled.offline([command, "settings"], TIENDOSO_LIVE=str(live))
    assert listed.returncode == 0, listed.stderr
    assert f"* TIENDOSO_LIVE={live}\t" in listed.stdout
    wrong = bundled.offline([command, "settings"], TIENDOSO_PORT="nine")
    assert wrong.returncode == 3
    assert (prefix / "current" / "data" / "reference" / "org_units.csv").exists()


def test_a_damaged_bundle_is_refused_and_what_runs_stays(unpacked: Path, tmp_path: Path) -> None:
    prefix, damaged = tmp_path / "opt", tmp_path / "damaged"
    (prefix / "releases" / "before").mkdir(parents=True)
    (prefix / "current").symlink_to(prefix / "releases" / "before")
    shutil.copytree(unpacked, damaged)
    wheel = next((damaged / "wheels").glob("click-*.whl"))
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    done = bundled.offline(["sh", damaged / "install.sh", "--prefix", prefix, "--no-services"])
    assert done.returncode == 1
    assert "Gói cài đặt bị hỏng" in done.stderr
    assert (prefix / "current").readlink().name == "before"


def test_a_bundle_for_another_kind_of_machine_is_refused(unpacked: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(unpacked, other)
    sums = (other / "SHA256SUMS").read_text()
    (other / "KIND").write_text("cp39-linux-riscv64\n")
    kept = [line for line in sums.splitlines() if not line.endswith("./KIND")]
    (other / "SHA256SUMS").write_text("\n".join(kept) + "\n")
    done = bundled.offline(["sh", other / "install.sh", "--prefix", tmp_path / "opt", "--no-services"])
    assert done.returncode == 1
    assert "this bundle is for cp39-linux-riscv64" in done.stderr
    assert not (tmp_path / "opt" / "current").exists()
