"""`python -m dashboard`: the web server of this installation."""

from __future__ import annotations

from dashboard.server import serve
from etl.settings import Settings

if __name__ == "__main__":
    serve(Settings())
