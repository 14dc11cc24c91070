"""`python -m dashboard [NUMBER]`: one web process of this installation; NUMBER is its place among several."""

from __future__ import annotations

import sys

from dashboard.server import serve
from etl.errors import HOUSE_FAULT, HouseError
from etl.settings import read_settings

if __name__ == "__main__":
    try:
        serve(read_settings(), int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    except HouseError as error:
        sys.stderr.write(f"tiendoso: {error.message}\n  → {error.hint}\n")
        sys.exit(HOUSE_FAULT)
