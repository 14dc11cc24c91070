-- The groups within which units of a province are compared, each with its number of units in force.
select
    k.unit_group,
    any_value(k.group_name_vi) as group_name_vi,
    any_value(k.group_name_en) as group_name_en,
    bool_or(k.is_ranked) as is_ranked,
    count(*) filter (where coalesce(u.valid_from <= b.as_of, true) and coalesce(u.valid_to >= b.as_of, true))
        as unit_count
from reference.org_unit as u
join reference.unit_kind as k using (kind)
cross join core.build as b
where u.province = $province and ($org_units::varchar[] is null or $aggregates or u.org_unit in (select unnest($org_units::varchar[])))
group by k.unit_group
order by min(k.position)
