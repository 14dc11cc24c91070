-- One submission, or no row.
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
where s.submission = $submission and ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
