delete from session where account = :account and key <> :but
