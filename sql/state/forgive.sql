delete from failure where about = :about
