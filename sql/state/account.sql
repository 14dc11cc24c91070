select name, way, role, org_unit, password, is_disabled, created_at, changed_at from account where name = :name
