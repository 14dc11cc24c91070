"""The clerk's document as the page shows it."""

from __future__ import annotations

import pytest

from dashboard import guide
from etl.settings import REPOSITORY


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_clerk_reads_every_word_and_picture_of_her_document_and_no_link_that_leads_out(language: str) -> None:
    parts = list(guide.parts("clerk", language))
    written = (REPOSITORY / "docs" / language / "clerk.md").read_text(encoding="utf-8")
    shown = "".join(words for words, _, _ in parts)
    assert [line for line in written.splitlines() if line and line not in shown.splitlines()] == [
        line for line in written.splitlines() if line.startswith(("# ", "[", "!["))
    ]
    assert "](" not in shown
    pictures = [picture for _, picture, _ in parts if picture is not None]
    assert len(pictures) == 2
    assert all(picture.is_file() for picture in pictures)
