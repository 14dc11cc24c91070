"""What the first visitor of a started server would wait for is done before it opens."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
from pathlib import Path
from typing import Final

from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from dashboard.app import FOLDER, PAGES

MOST_SECONDS: Final = 60.0
M_ARENA_MAX: Final = -8
YOUNG_OBJECTS: Final = 5_000
NOBODY: Final = {"TIENDOSO_SIGN_IN": "off", "TIENDOSO_ADDRESS": "127.0.0.1"}  # no one can come in yet

_log = logging.getLogger(__name__)


def keep_memory_together() -> None:
    """Few arenas for many threads: else each of dozens keeps memory of its own that it no longer needs (glibc only)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def warm_up() -> None:
    """Draw each page once for nobody: modules are loaded, the warehouse is opened, its usual answers are remembered.

    Call it before the server runs. A page that fails here fails for its visitors too and is none of our business.
    """
    quiet = logging.root.manager.disable
    logging.disable(logging.WARNING)  # Streamlit warns that there is no browser
    environment = dict(os.environ)
    kind_of_pages = PagesManager.uses_pages_directory
    os.environ |= NOBODY
    try:
        nobody = AppTest.from_file(Path(__file__).with_name("app.py"), default_timeout=MOST_SECONDS).run()
        for page in PAGES[1:]:
            nobody.switch_page(str(FOLDER / page.path)).run()
    except Exception as error:
        _log.info("warming up ended early: %s", error)
    finally:
        os.environ.clear()
        os.environ.update(environment)
        PagesManager.uses_pages_directory = kind_of_pages  # AppTest forgets what the application settled
        logging.disable(quiet)
        # The test runner forgets that pages are chosen by the frame; without it the first visitor who follows a link
        # would get the bare script of a page, whatever his rights.
        PagesManager.uses_pages_directory = False
    # What was loaded stays for good: the collector need not look through it with every page that is drawn.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
