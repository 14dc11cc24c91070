"""What drawing every page before the server opens must leave as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from etl.settings import REPOSITORY

# In a process of its own, since a warm-up also tells the garbage collector how to behave.
PROGRAMME = """
from dashboard import server, warm_up
from etl.settings import read_settings
from streamlit.runtime.pages_manager import PagesManager

server.application(read_settings())
warm_up.warm_up()
print("pages of their own:", PagesManager.uses_pages_directory)
"""


def test_the_first_visitor_of_a_page_after_the_warm_up_gets_our_frame_around_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMME],
        env=os.environ | {"TIENDOSO_LIVE": str(tmp_path / "live")},
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "pages of their own: False" in done.stdout
