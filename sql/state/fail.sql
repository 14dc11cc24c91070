insert into failure (about, count, last_at) values (:about, :count, :now)
on conflict (about) do update set count = :count, last_at = :now
