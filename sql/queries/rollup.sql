-- Indicator × unit group × quarter with names, oldest quarter first; the province's own report is unit group area.
--
-- Who may not see the province's unit gets no figure behind which fewer than $least_units units stand: it would tell
-- that of one of them. The province's own report is a unit's own, and not for them at all.
with counted as (
    select
        r.*,
        $org_units::varchar[] is null or list_contains($org_units::varchar[], r.province) as is_own,
        if(r.method = 'median', r.unit_count_reported, r.unit_count_summed) as behind_count,
        is_own or coalesce(behind_count >= $least_units, false) as is_open,
        is_own or coalesce(
            lag(behind_count) over (
                partition by r.province, r.unit_group, r.indicator order by q.start_on
            ) >= $least_units,
            false
        ) as was_open
    from mart.rollup as r
    join reference.period as q using (period)
    where r.province = $province
        and ($unit_group::varchar is null or r.unit_group = $unit_group)
        and ($indicator::varchar is null or r.indicator = $indicator)
        and ($of_indicators::varchar[] is null or r.indicator in (select unnest($of_indicators::varchar[])))
),

shown as (
    select
        c.* exclude (is_own, behind_count, is_open, was_open) replace (
            if(is_open, c.numerator, null) as numerator,
            if(is_open, c.denominator, null) as denominator,
            if(is_open, c.value, null) as value,
            if(is_open, c.value_to, null) as value_to,
            if(is_open, c.qualifier, '') as qualifier,
            if(is_open, c.gap, null) as gap,
            if(is_open, c.is_met, null) as is_met,
            if(is_open, c.gap_class, null) as gap_class,
            if(is_open or c.value is null, c.standing, 'no_value') as standing,
            if(is_open, c.planned_gap, null) as planned_gap,
            if(was_open, c.previous_value, null) as previous_value,
            if(is_open and was_open, c.change, null) as change,
            if(is_open, c.met_count, 0) as met_count,
            if(is_open, c.missed_count, 0) as missed_count
        )
    from counted as c
    where is_own or ($aggregates and c.unit_group <> 'area')
)

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
from shown as r
join (
    select unit_group, any_value(group_name_vi) as group_name_vi, any_value(group_name_en) as group_name_en,
        min(position) as position
    from reference.unit_kind
    group by unit_group
) as k using (unit_group)
join reference.indicator as i using (indicator)
left join reference.band as b using (indicator)
join reference.period as q using (period)
where $period::varchar is null or r.period = $period
order by q.start_on, i.position, k.position
