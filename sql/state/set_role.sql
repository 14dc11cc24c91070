update account set role = :role, org_unit = :org_unit where name = :name
