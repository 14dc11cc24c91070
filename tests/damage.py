"""Damaging published warehouses: bits, ends, and rows that somebody changed together with the manifest."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import duckdb

from sql import warehouse


def flip(path: Path, chance: random.Random) -> None:
    """Turns one bit over."""
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def cut(path: Path, chance: random.Random) -> None:
    """Cuts the end off."""
    os.truncate(path, chance.randrange(path.stat().st_size))


def rewrite(path: Path, statement: str) -> None:
    """Changes the rows of a version, whoever reads it just now, and its manifest so that it vouches for them."""
    changed = Path(shutil.copy(path, path.with_name("changed.duckdb")))
    with duckdb.connect(str(changed)) as connection:
        connection.execute(statement)
        connection.execute("checkpoint")
    proof = {"bytes": changed.stat().st_size, "sha256": warehouse.sha256_of(changed)}
    changed.replace(path)
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | proof))
