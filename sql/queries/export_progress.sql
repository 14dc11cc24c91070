-- Indicator × org unit × quarter with names, in the order of period, indicator and unit.
select
    p.province,
    p.unit_group,
    p.indicator,
    i.name_vi as indicator_name,
    i.measure_unit,
    p.org_unit,
    u.name as org_unit_name,
    p.period,
    p.numerator,
    p.denominator,
    p.value,
    p.value_to,
    p.qualifier,
    p.status,
    p.as_of,
    p.part_count_found,
    p.part_count_expected,
    p.is_percent_only,
    p.target,
    p.target_year,
    p.target_source,
    p.gap,
    p.is_met,
    p.previous_value,
    p.change,
    p.rank,
    p.ranked_count,
    p.submission,
    p.form,
    p.sheet,
    p.cell,
    p.shown
from mart.progress as p
join reference.org_unit as u using (org_unit)
join reference.indicator as i using (indicator)
join reference.period as q using (period)
where ($period::varchar is null or p.period = $period)
    and ($org_unit::varchar is null or p.org_unit = $org_unit)
    and ($indicator::varchar is null or p.indicator = $indicator)
    and ($org_units::varchar[] is null or p.org_unit in (select unnest($org_units::varchar[])))
    and ($of_indicators::varchar[] is null or p.indicator in (select unnest($of_indicators::varchar[])))
order by q.start_on, i.position, p.province, u.sort_key, p.org_unit
