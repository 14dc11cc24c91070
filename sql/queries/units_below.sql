-- A unit, the units below it in the tree, and the old units that went whole into one of them.
with recursive below as (
    select u.org_unit
    from reference.org_unit as u
    where u.org_unit = $org_unit
    union
    select u.org_unit
    from below as b
    join reference.org_unit as u on u.parent = b.org_unit
),

own as (
    select org_unit from below
    union
    select s.old_org_unit
    from reference.succession as s
    join below as b on b.org_unit = s.new_org_unit
    where s.share_kind = 'whole'
)

select u.org_unit, u.name, u.unit_group, u.parent
from own
join reference.org_unit as u using (org_unit)
where $org_units::varchar[] is null or u.org_unit in (select unnest($org_units::varchar[]))
order by u.org_unit
