"""A rejected submission as its sender's own workbook: bad cells filled and commented, a first sheet with all findings.

An .xlsx or .xlsm keeps every part as it is but for the few bytes that the marks need; other kinds become an .xlsx.
"""

from etl.marked_copy.marking import marked_copy, marked_file_name
from etl.marked_copy.recognition import (
    is_marked_copy,
    is_unchanged_marked_copy,
    marked_origin,
    unchanged_finding,
    without_marks,
)

__all__ = [
    "is_marked_copy",
    "is_unchanged_marked_copy",
    "marked_copy",
    "marked_file_name",
    "marked_origin",
    "unchanged_finding",
    "without_marks",
]
