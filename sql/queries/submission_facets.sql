-- What a list of submissions can be narrowed by, and how many there are of each.
--
-- facet: form, period, org_unit, outcome, or '' for all of them together. `home` = a province: what belongs to it, and
-- what names no unit that is known and so belongs to none.
with counted as (
    select s.form, s.period, s.org_unit, s.outcome, count(*) as submission_count
    from core.submission as s
    left join reference.org_unit as u using (org_unit)
    where coalesce(u.province, '') in ($home, '')
        and ($form::varchar is null or s.form = $form)
        and ($period::varchar is null or s.period = $period)
        and ($org_unit::varchar is null or s.org_unit = $org_unit)
        and ($outcome::varchar is null or s.outcome = $outcome)
        and ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
    group by grouping sets ((s.form), (s.period), (s.org_unit), (s.outcome), ())
)

select
    case
        when c.form is not null then 'form'
        when c.period is not null then 'period'
        when c.org_unit is not null then 'org_unit'
        when c.outcome is not null then 'outcome'
        else ''
    end as facet,
    coalesce(c.form, c.period, c.org_unit, c.outcome, '') as value,
    coalesce(f.code || ' ' || f.name_vi, q.label_vi, u.name, c.form, c.period, c.org_unit, c.outcome, '') as label_vi,
    coalesce(f.code || ' ' || f.name_en, q.label_en, u.name, c.form, c.period, c.org_unit, c.outcome, '') as label_en,
    c.submission_count
from counted as c
left join reference.form as f using (form)
left join reference.org_unit as u using (org_unit)
left join reference.period as q using (period)
where c.submission_count > 0
order by facet, q.position desc, u.sort_key, value
