-- The units that have not sent a form for a period, by reporting line; a returned attempt is told.
select
    c.reporting_line,
    c.unit_group,
    c.org_unit,
    u.name as org_unit_name,
    u.short_name,
    c.form,
    f.code as form_code,
    c.period,
    p.label_vi as period_label_vi,
    p.label_en as period_label_en,
    c.due_on,
    c.is_due,
    greatest(b.as_of - c.due_on, 0) as days_late,
    c.rejected_count,
    r.received_at as returned_at,
    coalesce(r.submission, '') as returned_submission
from mart.completeness as c
cross join core.build as b
join reference.org_unit as u using (org_unit)
join reference.form as f using (form)
join reference.period as p using (period)
join (select unit_group, min(position) as position from reference.unit_kind group by unit_group) as k
    on k.unit_group = c.unit_group
left join (
    select form, org_unit, period, max(submission) as submission, max(received_at) as received_at
    from core.submission
    where outcome = 'rejected' and form = $form and period = $period
    group by form, org_unit, period
) as r on r.form = c.form and r.org_unit = c.org_unit and r.period = c.period
where c.province = $province
    and c.form = $form
    and c.period = $period
    and not c.is_received
    and ($org_units::varchar[] is null or c.org_unit in (select unnest($org_units::varchar[])))
order by c.reporting_line desc, k.position, u.sort_key, c.org_unit
