-- The findings of one submission in their order.
select f.*
from core.finding as f
join core.submission as s using (submission)
where f.submission = $submission and ($org_units::varchar[] is null or s.org_unit in (select unnest($org_units::varchar[])))
order by f.position
