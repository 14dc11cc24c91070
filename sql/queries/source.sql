-- Every observation behind a figure: of the period itself and of its parts, from every form that sent one.
--
-- Of a file that came from another unit its name and notes stay hidden: only what it says of the unit is told.
with wanted as (
    select $period::varchar as period, 0 as depth
    union all
    select part, 1 from reference.period_part where period = $period
    union all
    select small.part, 2
    from reference.period_part as whole
    join reference.period_part as small on small.period = whole.part
    where whole.period = $period
)

select
    o.period,
    w.depth,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    o.numerator,
    o.denominator,
    o.value,
    o.value_to,
    o.qualifier,
    o.status,
    o.as_of,
    o.form,
    f.code as form_code,
    s.org_unit as sender_org_unit,
    su.name as sender_org_unit_name,
    o.file,
    if($org_units::varchar[] is null or s.org_unit in (select unnest($org_units::varchar[])), s.file_name, '') as file_name,
    o.received_at,
    o.submission,
    o.sheet,
    o.cell,
    o.shown,
    if($org_units::varchar[] is null or s.org_unit in (select unnest($org_units::varchar[])), o.note, '') as note,
    o.is_current,
    o.submission = g.submission and o.form = g.form as is_counted
from core.observation as o
join wanted as w using (period)
join reference.period as q using (period)
left join reference.form as f using (form)
left join core.submission as s using (submission)
left join reference.org_unit as su on su.org_unit = s.org_unit
left join mart.figure as g
    on g.indicator = o.indicator and g.org_unit = o.org_unit and g.period = o.period
where o.indicator = $indicator
    and o.org_unit = $org_unit
    and o.is_current
    and ($org_units::varchar[] is null or o.org_unit in (select unnest($org_units::varchar[])))
order by w.depth, q.position, f.rank, o.submission desc
