-- The findings of one submission in their order.
select f.*
from core.finding as f
join core.submission as s using (submission)
where f.submission = $submission and ($org_units::varchar[] is null or list_has_any([s.org_unit, s.sent_for], $org_units::varchar[]))
order by f.position
