select count, last_at from failure where about = :about
