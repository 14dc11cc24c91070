-- Every task report that counts, oldest first: what new figures about tasks and new task reports are compared with.
select
    t.org_unit as sender,
    t.submission,
    t.as_of,
    if(given.task is null, '', t.task_key) as listed_task,
    t.state,
    t.due_on,
    t.completed_on
from core.task_report as t
left join reference.task as given on given.assigned_in = t.assigned_in and given.task = t.task
where t.is_current and ($org_units::varchar[] is null or t.org_unit in (select unnest($org_units::varchar[])))
order by t.as_of, t.submission, t.sheet, t.cell
