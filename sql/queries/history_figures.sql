-- Every figure that counts within its own form, cells left empty left out: what a new submission is compared with.
select
    o.form,
    o.indicator,
    o.org_unit,
    o.period,
    s.org_unit as sender,
    u.province,
    if(k.is_ranked, u.unit_group, '') as unit_group,
    o.numerator,
    o.denominator,
    o.value,
    o.value_to,
    o.qualifier,
    o.status
from core.observation as o
join core.submission as s using (submission)
join reference.org_unit as u on u.org_unit = o.org_unit
join reference.unit_kind as k using (kind)
where o.is_current
    and o.status <> 'not_reported'
    and ($org_units::varchar[] is null or o.org_unit in (select unnest($org_units::varchar[])))
