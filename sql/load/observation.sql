-- The figures of accepted submissions, each with its submission's period and dates, and whether it counts.
-- grain: submission × indicator × org_unit
select
    o.submission,
    s.file,
    s.form,
    o.org_unit,
    o.indicator,
    s.period,
    s.as_of,
    s.received_at,
    o.numerator,
    o.denominator,
    o.value,
    o.value_to,
    o.qualifier,
    o.status,
    o.sheet,
    o.cell,
    o.shown,
    o.note,
    if(
        s.has_unit_rows,
        not s.is_withdrawn and o.submission = max(o.submission) filter (where s.has_unit_rows and not s.is_withdrawn)
            over (partition by s.form, o.indicator, o.org_unit, s.period),
        s.is_last
    ) as is_current
from archive_observation as o
join standing as s using (submission)
order by o.submission
