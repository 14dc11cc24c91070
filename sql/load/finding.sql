-- The findings of every submission, in the order in which they were made.
-- grain: submission × position
select submission, position, code, severity, sheet, cell, shown, message_vi, message_en
from archive_finding
order by submission, position
