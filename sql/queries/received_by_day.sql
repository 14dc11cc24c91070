-- How many submissions came on each day (in Viet Nam), by outcome; oldest day first.
select cast(s.received_at + interval 7 hour as date) as day, s.outcome, count(*) as submission_count
from core.submission as s
where ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
group by all
order by day, s.outcome
