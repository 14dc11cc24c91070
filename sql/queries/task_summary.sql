-- Counts of tasks by quarter and lead, with names; lead '' = none assigned.
select
    t.*,
    coalesce(u.name, '') as lead_name,
    coalesce(u.short_name, '') as short_name,
    coalesce(u.unit_group, '') as unit_group,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    q.start_on
from mart.task_status as t
left join reference.org_unit as u on u.org_unit = t.lead
join reference.period as q using (period)
where t.province = $province
    and ($period::varchar is null or t.period = $period)
    and ($org_units::varchar[] is null or t.lead in (select unnest($org_units::varchar[])))
order by q.start_on, t.task_count desc, u.sort_key
