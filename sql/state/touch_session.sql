update session set seen_at = :now where key = :key
