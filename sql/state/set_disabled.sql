update account set is_disabled = :is_disabled where name = :name
