-- Units of today whose own name, code, or a name before the merger holds every word sought; the nearest match first.
--
-- A word is found where a word of the name begins with it; where some name has them just as sought, only those count.
-- `through`: own = by its own name or code; predecessor = by that of an old unit that went into it, whole or in part;
-- district = by that of such a unit's district.
with carried as (
    select org_unit, search_key as key, 'own' as through, '' as old_name
    from reference.org_unit
    where unit_group <> 'old'
    union all
    select org_unit, lower(replace(org_unit, '.', ' ')), 'own', ''
    from reference.org_unit
    where unit_group <> 'old'
    union all
    select s.new_org_unit, old.search_key, 'predecessor', old.name
    from reference.succession as s
    join reference.org_unit as old on old.org_unit = s.old_org_unit
    union all
    select distinct s.new_org_unit, district.search_key, 'district', district.name
    from reference.succession as s
    join reference.org_unit as old on old.org_unit = s.old_org_unit
    join reference.org_unit as district on district.org_unit = old.parent and district.unit_group = 'old'
),

found as (
    select
        carried.*,
        case through when 'own' then 1 when 'predecessor' then 2 else 3 end as place,
        coalesce(contains(' ' || key, ' ' || array_to_string($words::varchar[], ' ')), true) as is_phrase
    from carried
    join reference.org_unit as u using (org_unit)
    where u.province = $province
        and ($org_units::varchar[] is null or u.org_unit in (select unnest($org_units::varchar[])))
        and (
            $words::varchar[] is null
            or list_bool_and(list_transform($words::varchar[], lambda word: contains(' ' || key, ' ' || word)))
        )
),

nearest as (
    select
        org_unit,
        min(place) as place,
        min_by(through, place) as through,
        bool_or(key = array_to_string($words::varchar[], ' ') and place < 3) as is_whole,
        coalesce(string_agg(distinct old_name, ', ' order by old_name) filter (where place = 2), '') as old_names,
        coalesce(string_agg(distinct old_name, ', ' order by old_name) filter (where place = 3), '') as districts
    from found
    where is_phrase or not (select bool_or(is_phrase) from found)
    group by org_unit
)

select
    u.org_unit,
    u.name,
    u.short_name,
    u.kind,
    u.unit_group,
    u.reporting_line,
    n.through,
    if(n.through = 'predecessor', n.old_names, if(n.through = 'district', n.districts, '')) as old_names,
    u.sort_key
from nearest as n
join reference.org_unit as u using (org_unit)
join reference.unit_kind as k using (kind)
order by coalesce(n.is_whole, false) desc, n.place, k.position, u.sort_key, u.org_unit
