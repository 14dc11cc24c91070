-- Indicator × unit group × quarter with names, oldest quarter first; the province's own report is unit group area.
select
    r.*,
    k.group_name_vi,
    k.group_name_en,
    i.name_vi as indicator_name_vi,
    i.name_en as indicator_name_en,
    i.topic,
    i.measure_unit,
    i.decimals,
    i.direction,
    i.kind as indicator_kind,
    i.position as indicator_position,
    b.attention,
    b.behind,
    b.far_behind,
    b.least_denominator,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    q.start_on
from mart.rollup as r
join (
    select unit_group, any_value(group_name_vi) as group_name_vi, any_value(group_name_en) as group_name_en,
        min(position) as position
    from reference.unit_kind
    group by unit_group
) as k using (unit_group)
join reference.indicator as i using (indicator)
left join reference.band as b using (indicator)
join reference.period as q using (period)
where r.province = $province
    and ($unit_group::varchar is null or r.unit_group = $unit_group)
    and ($indicator::varchar is null or r.indicator = $indicator)
    and ($period::varchar is null or r.period = $period)
    and ($org_units::varchar[] is null or r.province in (select unnest($org_units::varchar[])))
order by q.start_on, i.position, k.position
