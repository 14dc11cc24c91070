insert into spent (key, expires_at) values (:key, :expires_at) on conflict (key) do nothing
