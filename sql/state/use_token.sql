update token set used_at = :now where id = :id
