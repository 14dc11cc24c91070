delete from session where key = :key
