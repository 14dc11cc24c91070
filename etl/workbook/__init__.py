"""Any spreadsheet file → sheets of cells that know address, number format and font.

A file is judged by `guard`, parsed in a child process (`pool`, `readers`), and comes back as a `Workbook` or is
refused with a `file.*` finding.
"""

from etl.workbook.pool import WorkbookReader
from etl.workbook.shown import shown_text

__all__ = ["WorkbookReader", "shown_text"]
