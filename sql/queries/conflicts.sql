-- Figures for which two forms say different things, with names: the one that counts and the other.
-- The unit they are about sees them, and both senders.
select
    c.*,
    u.name as org_unit_name,
    u.short_name,
    i.name_vi as indicator_name_vi,
    i.name_en as indicator_name_en,
    i.measure_unit,
    i.decimals,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    s.org_unit as sender_org_unit,
    o.org_unit as other_sender_org_unit
from mart.conflict as c
join reference.org_unit as u using (org_unit)
join reference.indicator as i using (indicator)
join reference.period as q using (period)
left join core.submission as s on s.submission = c.submission
left join core.submission as o on o.submission = c.other_submission
where c.province = $province
    and (
        $org_units::varchar[] is null
        or list_has_any([c.org_unit, s.org_unit, o.org_unit], $org_units::varchar[])
    )
order by q.position desc, i.position, u.sort_key
