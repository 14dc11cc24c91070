-- The tile map of a province: one square per commune, col 0 in the west, row 0 in the north.
select t.org_unit, u.name as org_unit_name, u.short_name, u.kind, t.col, t."row"
from reference.tile as t
join reference.org_unit as u using (org_unit)
where t.province = $province and ($org_units::varchar[] is null or t.org_unit in (select unnest($org_units::varchar[])))
order by t."row", t.col
