-- The observations of one submission with names, as they stood; whoever may see the sender may see all its rows.
select
    o.*,
    u.name as org_unit_name,
    u.short_name,
    i.name_vi as indicator_name_vi,
    i.name_en as indicator_name_en,
    i.measure_unit,
    i.decimals,
    i.kind as indicator_kind,
    i.position as indicator_position
from core.observation as o
join core.submission as s using (submission)
join reference.org_unit as u on u.org_unit = o.org_unit
join reference.indicator as i using (indicator)
where o.submission = $submission and ($org_units::varchar[] is null or s.org_unit in (select unnest($org_units::varchar[])))
order by i.position, u.sort_key, o.cell
