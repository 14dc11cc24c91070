"""Exceptions about our own house, for operators; faults of a sender's data are findings, not these."""

from __future__ import annotations

from typing import Any, Final

from etl.findings import Finding

HOUSE_FAULT: Final = 3
"""Exit code of a process that ends because of a HouseError."""


class HouseError(Exception):
    """Something is wrong with the installation, its data or its settings; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongReference(HouseError):
    """The reference data is wrong; the message names file, line and fault."""


class BuildError(HouseError):
    """The warehouse could not be built; the one before stays in place.

    `checks`: those of `sql/integrity` that failed (name, severity, vi, en, count, examples).
    """

    checks: tuple[dict[str, Any], ...] = ()


class DiskFault(HouseError):
    """Something could not be written: the disk is full, read-only or broken. What was acknowledged is kept."""


class Busy(HouseError):
    """Another process holds the lock of the inbox."""


class Refused(Exception):
    """A whole file or sheet cannot be taken; raised in workbook and reading, caught in pipeline alone."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding
