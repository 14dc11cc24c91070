update account set password = :password, changed_at = :now where name = :name
