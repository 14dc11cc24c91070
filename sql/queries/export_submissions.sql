-- Submissions that count and those not accepted; with history superseded and withdrawn ones too.
select s.*, coalesce(u.name, '') as org_unit_name
from core.submission as s
left join reference.org_unit as u using (org_unit)
where ($history or s.is_current or s.outcome <> 'accepted')
    and ($period::varchar is null or s.period = $period)
    and ($org_unit::varchar is null or s.org_unit = $org_unit)
    and (
        $indicator::varchar is null
        or s.submission in (select o.submission from core.observation as o where o.indicator = $indicator)
    )
    and ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
order by s.submission
