-- Accepted submissions with what is asked of them all: whether withdrawn, and whether the last of their key.
-- grain: submission
--
-- The key is form × sender × period; where rows are units nothing is last as a whole, its figures are looked at singly.
with accepted as (
    select
        s.*,
        coalesce(f.shape, '') = 'unit_rows' as has_unit_rows,
        s.submission in (select submission from archive_withdrawal) as is_withdrawn
    from archive_submission as s
    left join reference.form as f using (form)
    where s.outcome = 'accepted'
)

select
    *,
    not is_withdrawn
        and submission = max(submission) filter (where not is_withdrawn) over (partition by form, org_unit, period)
        as is_last
from accepted
order by submission
