insert into token (id, secret, name, role, org_unit, screen, created_at, expires_at)
values (:id, :secret, :name, :role, :org_unit, :screen, :now, :expires_at)
