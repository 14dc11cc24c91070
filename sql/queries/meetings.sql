-- The meetings whose view may be called up again, newest first.
select * from reference.meeting order by held_on desc, meeting
