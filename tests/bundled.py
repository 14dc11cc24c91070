"""The bundle made, carried over and installed where there is no network at all."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from etl.settings import REPOSITORY

# A new network namespace holds nothing but a loopback that is down; who is not root gets it with a namespace of users.
NO_NETWORK = ("unshare", "-n") if os.geteuid() == 0 else ("unshare", "-r", "-n")


def make(target: Path, requirements: Path) -> Path:
    """The archive, with wheels of these requirements."""
    env = os.environ | {"PYTHON": sys.executable, "REQUIREMENTS": str(requirements)}
    made = subprocess.run(
        ["sh", str(REPOSITORY / "deploy" / "bundle.sh"), str(target)],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(made.stdout.splitlines()[-1])


def unpack(archive: Path, target: Path) -> Path:
    """The folder that was in the archive."""
    with tarfile.open(archive) as held:
        held.extractall(target, filter="data")
    return next(target.iterdir())


def offline(command: Sequence[str | Path], **env: str) -> subprocess.CompletedProcess[str]:
    """Runs a command where no network is, and no index could be found by another way."""
    given = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHON": sys.executable, **env}
    words = [*NO_NETWORK, *map(str, command)]
    return subprocess.run(words, env=given, check=False, capture_output=True, text=True, cwd="/")
