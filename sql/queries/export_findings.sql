-- The findings of the submissions that count and of those not accepted; with history of all.
select
    f.submission,
    s.file,
    s.file_name,
    s.form,
    s.org_unit,
    s.period,
    s.outcome,
    f.position,
    f.code,
    f.severity,
    f.sheet,
    f.cell,
    f.shown,
    f.message_vi,
    f.message_en
from core.finding as f
join core.submission as s using (submission)
where ($history or s.is_current or s.outcome <> 'accepted')
    and ($period::varchar is null or s.period = $period)
    and ($org_unit::varchar is null or s.org_unit = $org_unit)
    and (
        $indicator::varchar is null
        or s.submission in (select o.submission from core.observation as o where o.indicator = $indicator)
    )
    and ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
order by f.submission, f.position
