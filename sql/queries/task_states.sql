-- Every task of a province as last reported, in few columns: one side of a comparison of two warehouses.
select
    t.task_key,
    t.task,
    t.title,
    t.assigned_in,
    t.lead,
    t.sender,
    t.status,
    t.state,
    t.due_on,
    t.completed_on,
    t.progress_pct,
    t.as_of,
    t.submission,
    t.sheet,
    t.cell
from mart.task as t
where t.province = $province
    and ($org_units::varchar[] is null or list_has_any([t.lead, t.sender], $org_units::varchar[]))
order by t.task_key
