select id, name, role, org_unit, screen, created_at, expires_at, revoked_at, used_at from token order by created_at, id
