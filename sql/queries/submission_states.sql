-- Every accepted submission of a province and what has become of it: one side of a comparison of two warehouses.
select
    s.submission,
    s.file,
    s.file_name,
    s.form,
    s.org_unit,
    s.period,
    s.received_at,
    s.is_withdrawn,
    s.is_current
from core.submission as s
join reference.org_unit as u using (org_unit)
where u.province = $province
    and s.outcome = 'accepted'
    and ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
order by s.submission
