-- What was received, newest first, whatever became of it, cut into pages where a limit is given.
--
-- `home` = a province: what belongs to it, and what names no unit that is known and so belongs to none.
select
    s.*,
    coalesce(f.code, '') as form_code,
    coalesce(f.name_vi, '') as form_name_vi,
    coalesce(f.name_en, '') as form_name_en,
    coalesce(u.name, '') as org_unit_name,
    coalesce(u.short_name, '') as short_name,
    coalesce(u.province, '') as province,
    coalesce(q.label_vi, s.period) as period_label_vi,
    coalesce(q.label_en, s.period) as period_label_en
from core.submission as s
left join reference.form as f using (form)
left join reference.org_unit as u using (org_unit)
left join reference.period as q using (period)
where ($province::varchar is null or u.province = $province)
    and ($home::varchar is null or coalesce(u.province, '') in ($home, ''))
    and ($form::varchar is null or s.form = $form)
    and ($period::varchar is null or s.period = $period)
    and ($org_unit::varchar is null or s.org_unit = $org_unit)
    and ($outcome::varchar is null or s.outcome = $outcome)
    and ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
order by s.submission desc
limit $limit::bigint
offset $offset::bigint
