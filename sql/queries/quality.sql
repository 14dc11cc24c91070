-- The six families of data quality of senders by quarter, with names; newest quarter first.
select
    m.*,
    u.name as org_unit_name,
    u.short_name,
    u.reporting_line,
    u.sort_key,
    u.search_key,
    p.label_vi as period_label_vi,
    p.label_en as period_label_en,
    p.start_on
from mart.quality as m
join reference.org_unit as u using (org_unit)
join reference.period as p using (period)
where m.province = $province
    and ($period::varchar is null or m.period = $period)
    and ($org_unit::varchar is null or m.org_unit = $org_unit)
    and ($org_units::varchar[] is null or m.org_unit in (select unnest($org_units::varchar[])))
order by p.start_on desc, u.sort_key, m.org_unit, m.position
