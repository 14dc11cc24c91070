-- The units of a province, the province first, then by kind and name; abolished ones too.
select
    u.org_unit,
    u.name,
    u.short_name,
    u.kind,
    k.name_vi as kind_name_vi,
    k.name_en as kind_name_en,
    u.unit_group,
    k.group_name_vi,
    k.group_name_en,
    k.is_ranked,
    u.parent,
    u.reporting_line,
    u.valid_from,
    u.valid_to,
    coalesce(u.valid_from <= b.as_of, true) and coalesce(u.valid_to >= b.as_of, true) as is_in_force,
    u.official_code,
    u.search_key,
    u.sort_key
from reference.org_unit as u
join reference.unit_kind as k using (kind)
cross join core.build as b
where u.province = $province and ($org_units::varchar[] is null or u.org_unit in (select unnest($org_units::varchar[])))
order by k.position, u.sort_key, u.org_unit
