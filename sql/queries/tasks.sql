-- The tasks of a province as they stood in a quarter, with names; the longest overdue first.
select
    t.* exclude (coordinating),
    t.coordinating,
    coalesce(l.name, t.lead_text) as lead_name,
    coalesce(l.short_name, t.lead_text) as lead_short_name,
    coalesce(l.unit_group, '') as lead_unit_group,
    coalesce(s.name, '') as sender_name
from mart.task_quarter as t
left join reference.org_unit as l on l.org_unit = t.lead
left join reference.org_unit as s on s.org_unit = t.sender
where t.province = $province
    and t.period = $period
    and ($lead::varchar is null or t.lead = $lead)
    and ($org_units::varchar[] is null or list_has_any([t.lead, t.sender], $org_units::varchar[]))
order by
    if(t.state in ('dang_thuc_hien', 'chua_thuc_hien'), t.days_overdue, 0) desc nulls last,
    t.due_on nulls last,
    t.task_key
