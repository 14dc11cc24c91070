-- Every submission of any outcome, counted, and whether it counts: read after the rows that came in it.
-- grain: submission
select
    s.submission,
    s.file,
    s.file_name,
    s.form,
    s.org_unit,
    s.period,
    s.as_of,
    s.received_at,
    s.sender,
    s.sent_for,
    s.channel,
    s.backfilled,
    s.outcome,
    s.sheet,
    s.observation_count,
    s.task_count,
    s.error_count,
    s.warning_count,
    coalesce(a.is_withdrawn, false) as is_withdrawn,
    coalesce(
        if(
            a.has_unit_rows and s.observation_count > 0,
            s.submission in (select submission from core.observation where is_current),
            a.is_last
        ),
        false
    ) as is_current
from archive_submission as s
left join standing as a using (submission)
order by s.submission
