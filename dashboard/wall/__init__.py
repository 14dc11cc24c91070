"""Wall screens: a page of its own that asks for ready-made words and draws them itself, so that it outlives us."""
