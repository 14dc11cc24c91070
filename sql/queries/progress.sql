-- Indicator × org unit × quarter with names: figure, target, rank, change, and what is still missing.
--
-- Who may not see every unit gets no median of fewer than $least_units: it would tell the figure of one of them.
select
    p.* replace (
        if(p.ranked_count >= $least_units or $org_units::varchar[] is null, p.median_value, null) as median_value,
        if(p.ranked_count >= $least_units or $org_units::varchar[] is null, p.median_gap, null) as median_gap,
        if(p.ranked_count >= $least_units or $org_units::varchar[] is null, p.median_standing, null) as median_standing
    ),
    u.name as org_unit_name,
    u.short_name,
    u.sort_key,
    u.search_key,
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
from mart.progress as p
join reference.org_unit as u using (org_unit)
join reference.indicator as i using (indicator)
left join reference.band as b using (indicator)
join reference.period as q using (period)
where p.province = $province
    and ($unit_group::varchar is null or p.unit_group = $unit_group)
    and ($indicator::varchar is null or p.indicator = $indicator)
    and ($org_unit::varchar is null or p.org_unit = $org_unit)
    and ($period::varchar is null or p.period = $period)
    and ($org_units::varchar[] is null or p.org_unit in (select unnest($org_units::varchar[])))
    and ($of_indicators::varchar[] is null or p.indicator in (select unnest($of_indicators::varchar[])))
order by q.start_on, i.position, u.sort_key, p.org_unit
