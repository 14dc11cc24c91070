"""The installation's own copy of the reference data: made once, never overwritten, compared with what ships."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path


def copy_reference(source: Path, target: Path) -> bool:
    """Copies the shipped reference data on first start; False, and nothing touched, if there is one already."""
    if target.exists() and any(target.iterdir()):
        return False
    half = target.with_name(f".{target.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(source, half)
    if target.exists():
        target.rmdir()
    half.rename(target)
    return True


def differences(source: Path, target: Path) -> tuple[str, ...]:
    """What the installation's own copy differs in from the shipped data: `added|missing|changed <file>`, by name."""
    shipped, own = _digests(source), _digests(target)
    words = []
    for name in sorted(shipped.keys() | own.keys()):
        if name not in own:
            words.append(f"missing {name}")
        elif name not in shipped:
            words.append(f"added {name}")
        elif shipped[name] != own[name]:
            words.append(f"changed {name}")
    return tuple(words)


def _digests(directory: Path) -> dict[str, str]:
    files = (path for pattern in ("*.csv", "*/*.toml") for path in directory.glob(pattern))
    return {path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
