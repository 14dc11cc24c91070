-- The one row of this build, and the latest as-of date and arrival of what counts in it.
select
    b.*,
    s.latest_as_of,
    s.latest_received_at,
    s.submission_count,
    s.sender_count
from core.build as b
cross join (
    select
        max(as_of) as latest_as_of,
        max(received_at) as latest_received_at,
        count(*) as submission_count,
        count(distinct org_unit) as sender_count
    from core.submission
    where is_current and ($org_units::varchar[] is null or $aggregates or org_unit in (select unnest($org_units::varchar[])))
) as s
