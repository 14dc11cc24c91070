insert into account (name, way, role, org_unit, password, is_disabled, created_at, changed_at)
values (:name, :way, :role, :org_unit, :password, 0, :now, :now)
on conflict (name) do nothing
