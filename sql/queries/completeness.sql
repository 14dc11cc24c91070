-- What was due, whether and when it came, and how much of it was filled in, with names; newest period first.
select
    c.*,
    u.name as org_unit_name,
    u.short_name,
    u.sort_key,
    u.search_key,
    f.code as form_code,
    f.name_vi as form_name_vi,
    f.name_en as form_name_en,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    q.start_on,
    q.end_on
from mart.completeness as c
join reference.org_unit as u using (org_unit)
join reference.form as f using (form)
join reference.period as q using (period)
where c.province = $province
    and ($period::varchar is null or c.period = $period)
    and ($form::varchar is null or c.form = $form)
    and ($org_units::varchar[] is null or c.org_unit in (select unnest($org_units::varchar[])))
order by q.position desc, c.form, c.unit_group, u.sort_key, c.org_unit
