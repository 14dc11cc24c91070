insert into session (key, account, token, address, created_at, seen_at, expires_at)
values (:key, :account, :token, :address, :now, :now, :expires_at)
