-- The six families of data quality by quarter and unit group, numerators and denominators of the senders added up.
-- Who may not see the province's unit gets no sum of fewer than $least_units senders but their own.
select
    m.unit_group,
    m.period,
    m.family,
    m.position,
    sum(m.numerator)::bigint as numerator,
    sum(m.denominator)::bigint as denominator,
    if(sum(m.denominator) > 0, 100.0 * sum(m.numerator) / sum(m.denominator), null) as measure,
    median(m.age_days)::double as median_age_days,
    sum(m.finding_count)::bigint as finding_count,
    count(*) as unit_count,
    any_value(k.group_name_vi) as group_name_vi,
    any_value(k.group_name_en) as group_name_en,
    any_value(p.label_vi) as period_label_vi,
    any_value(p.label_en) as period_label_en,
    any_value(p.start_on) as start_on
from mart.quality as m
join (
    select unit_group, any_value(group_name_vi) as group_name_vi, any_value(group_name_en) as group_name_en,
        min(position) as position
    from reference.unit_kind
    group by unit_group
) as k using (unit_group)
join reference.period as p using (period)
where m.province = $province
    and ($period::varchar is null or m.period = $period)
    and ($org_units::varchar[] is null or $aggregates or m.org_unit in (select unnest($org_units::varchar[])))
group by m.unit_group, m.period, m.family, m.position
having $org_units::varchar[] is null
    or $province in (select unnest($org_units::varchar[]))
    or count(*) >= $least_units
    or bool_and(m.org_unit in (select unnest($org_units::varchar[])))
order by start_on desc, any_value(k.position), m.position
