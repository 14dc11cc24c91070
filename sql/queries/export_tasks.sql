-- Task reports in the columns of the command line; status is the state at the report's as-of date.
select
    t.submission,
    t.file,
    t.org_unit,
    t.task,
    t.title,
    t.assigned_in,
    t.lead,
    t.coordinating,
    t.due_on,
    t.due_precision,
    t.due_text,
    t.status,
    t.completed_on,
    t.progress_pct,
    t.result,
    t.obstacle,
    t.proposal,
    t.period,
    t.as_of,
    t.sheet,
    t.cell,
    t.shown
from core.task_report as t
where ($history or t.is_current)
    and ($period::varchar is null or t.period = $period)
    and ($org_unit::varchar is null or t.lead = $org_unit or t.org_unit = $org_unit)
    and ($org_units::varchar[] is null or list_has_any([t.lead, t.org_unit], $org_units::varchar[]))
order by t.submission, t.sheet, nullif(regexp_extract(t.cell, '[0-9]+'), '')::integer nulls last, t.cell
