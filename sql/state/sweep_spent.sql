delete from spent where expires_at < :now
