-- Every cell behind the figures chosen: what was sent for these quarters and their parts, with file, sheet and cell.
--
-- Of a file that came from another unit its name and notes stay hidden: only what it says of the unit is told.
with wanted as (
    select unnest($periods::varchar[]) as period
    union
    select part.part
    from reference.period_part as part
    where part.period in (select unnest($periods::varchar[]))
)

select
    o.indicator,
    i.name_vi as indicator_name_vi,
    i.name_en as indicator_name_en,
    o.org_unit,
    u.name as org_unit_name,
    o.period,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    o.numerator,
    o.denominator,
    o.value,
    o.value_to,
    o.qualifier,
    o.status,
    i.measure_unit,
    i.decimals,
    if($org_units::varchar[] is null or s.org_unit in (select unnest($org_units::varchar[])), o.note, '') as note,
    o.as_of,
    o.received_at,
    o.form,
    if($org_units::varchar[] is null or s.org_unit in (select unnest($org_units::varchar[])), s.file_name, '') as file_name,
    o.sheet,
    o.cell,
    o.shown,
    o.submission
from core.observation as o
join core.submission as s using (submission)
join reference.org_unit as u on u.org_unit = o.org_unit
join reference.indicator as i on i.indicator = o.indicator
join reference.period as q on q.period = o.period
where o.is_current
    and u.province = $province
    and ($periods::varchar[] is null or o.period in (select period from wanted))
    and ($indicators::varchar[] is null or o.indicator in (select unnest($indicators::varchar[])))
    and ($units::varchar[] is null or o.org_unit in (select unnest($units::varchar[])))
    and ($unit_groups::varchar[] is null or u.unit_group in (select unnest($unit_groups::varchar[])))
    and ($reporting_lines::varchar[] is null or u.reporting_line in (select unnest($reporting_lines::varchar[])))
    and ($org_units::varchar[] is null or o.org_unit in (select unnest($org_units::varchar[])))
order by i.position, q.position, u.sort_key, o.org_unit, o.submission
