update account set way = :way, password = :password, changed_at = :now where name = :name
