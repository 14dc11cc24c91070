-- The task reports of accepted submissions, each with the key of its task and whether it counts.
-- grain: submission × sheet × cell
select
    t.submission,
    s.file,
    s.form,
    s.org_unit,
    case
        when given.task is not null then t.assigned_in || '|' || t.task
        when t.task <> '' then s.org_unit || '|' || t.task
        else s.org_unit || '|' || t.title_key
    end as task_key,
    t.task,
    t.title,
    t.assigned_in,
    t.lead,
    t.lead_text,
    t.coordinating,
    t.coordinating_text,
    t.due_on,
    t.due_precision,
    t.due_text,
    t.state,
    t.status,
    t.completed_on,
    t.progress_pct,
    t.result,
    t.obstacle,
    t.proposal,
    s.period,
    coalesce(s.as_of, core.local_day(s.received_at)) as as_of,
    s.received_at,
    t.sheet,
    t.cell,
    t.shown,
    s.is_last as is_current
from archive_task as t
join standing as s using (submission)
left join reference.task as given on given.assigned_in = t.assigned_in and given.task = t.task
order by t.submission
