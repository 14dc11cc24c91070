-- How the ranked units of a group spread over an indicator, quarter by quarter: quartiles and counts, nobody named.
--
-- Quartiles lie between two figures (as QUARTILE.INC); with fewer than $least_units units there is no row for those who
-- may not see them all.
with ranked as (
    select p.*
    from mart.progress as p
    where p.province = $province
        and p.unit_group = $unit_group
        and p.indicator = $indicator
        and p.rank is not null
        and ($period::varchar is null or p.period = $period)
        and ($org_units::varchar[] is null or $aggregates or p.province in (select unnest($org_units::varchar[])))
        and ($of_indicators::varchar[] is null or p.indicator in (select unnest($of_indicators::varchar[])))
)

select
    r.province,
    r.unit_group,
    r.indicator,
    r.period,
    any_value(i.name_vi) as indicator_name_vi,
    any_value(i.name_en) as indicator_name_en,
    any_value(i.measure_unit) as measure_unit,
    any_value(i.decimals) as decimals,
    any_value(i.direction) as direction,
    count(*) as unit_count,
    quantile_cont(r.value, 0.25) as lower_quartile,
    median(r.value) as median_value,
    quantile_cont(r.value, 0.75) as upper_quartile,
    if(count(distinct r.target) = 1, min(r.target), null) as target,
    count(*) filter (where r.is_met) as met_count,
    count(*) filter (where r.is_met is not null) as judged_count,
    min(r.as_of) as as_of_min,
    max(r.as_of) as as_of_max,
    any_value(q.start_on) as start_on
from ranked as r
join reference.indicator as i using (indicator)
join reference.period as q using (period)
group by r.province, r.unit_group, r.indicator, r.period
having $org_units::varchar[] is null
    or $province in (select unnest($org_units::varchar[]))
    or count(*) >= $least_units
order by start_on
