-- The old units that went into a unit of today, whole or in part, each with what it gave for a figure.
select
    s.old_org_unit as org_unit,
    s.share_kind,
    u.name as org_unit_name,
    u.short_name,
    u.kind,
    d.name as district_name,
    u.valid_to,
    coalesce(f.status, 'not_reported') as status,
    f.numerator,
    f.denominator,
    f.value,
    f.value_to,
    coalesce(f.qualifier, '') as qualifier,
    f.as_of,
    coalesce(f.submission, '') as submission,
    coalesce(f.form, '') as form,
    coalesce(f.sheet, '') as sheet,
    coalesce(f.cell, '') as cell,
    coalesce(f.shown, '') as shown
from reference.succession as s
join reference.org_unit as u on u.org_unit = s.old_org_unit
left join reference.org_unit as d on d.org_unit = u.parent
left join mart.figure as f on f.org_unit = s.old_org_unit and f.indicator = $indicator and f.period = $period
    and ($of_indicators::varchar[] is null or f.indicator in (select unnest($of_indicators::varchar[])))
where s.new_org_unit = $org_unit
    and ($org_units::varchar[] is null or s.new_org_unit in (select unnest($org_units::varchar[])))
order by s.share_kind desc, u.sort_key, s.old_org_unit
