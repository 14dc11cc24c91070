-- The provinces, each with the number of submissions that count.
select p.org_unit, p.name, p.short_name, count(s.submission) as submission_count
from reference.org_unit as p
left join (
    select u.province, s.submission
    from core.submission as s
    join reference.org_unit as u using (org_unit)
    where s.is_current and ($org_units::varchar[] is null or $aggregates or s.org_unit in (select unnest($org_units::varchar[])))
) as s on s.province = p.org_unit
where p.kind = 'province'
group by p.org_unit, p.name, p.short_name
order by submission_count desc, p.org_unit
