-- What was due from whom, whether and when it came, and how much of it was filled in.
-- grain: form × org_unit × period
--
-- Periods that have begun by the day of the view, from the province's first submission on, but not before there were
-- two levels of government. The day of arrival is the day in Viet Nam; the due day itself is in time.
with beginning as (
    select u.province, greatest(min(p.start_on), date '2025-07-01') as start_on
    from core.submission as s
    join reference.org_unit as u using (org_unit)
    join reference.period as p using (period)
    where s.outcome = 'accepted' and not s.is_withdrawn
    group by u.province
),

expected as (
    select
        u.province,
        u.unit_group,
        u.kind,
        u.reporting_line,
        e.form,
        e.cadence,
        e.org_unit,
        p.period,
        p.position,
        d.due_on
    from reference.expected as e
    join reference.org_unit as u using (org_unit)
    join beginning as b on b.province = u.province
    join reference.period as p
        on p.cadence = e.cadence
        and p.end_on >= b.start_on
        and p.start_on <= (select as_of from core.build)
        and p.end_on >= coalesce(u.valid_from, p.end_on)
        and p.start_on <= coalesce(u.valid_to, p.start_on)
    left join reference.due as d on d.form = e.form and d.cadence = e.cadence and d.period = p.period
),

received as (
    select
        form,
        org_unit,
        period,
        min(received_at) filter (where outcome = 'accepted' and not is_withdrawn) as received_at,
        max(submission) filter (where outcome = 'accepted' and not is_withdrawn) as submission,
        count(*) filter (where outcome = 'rejected') as rejected_count
    from core.submission
    group by form, org_unit, period
),

wanted as (
    select form, cadence, org_unit, count(*) as cells_expected
    from reference.expected_indicator
    group by form, cadence, org_unit
),

filled as (
    select e.form, e.cadence, e.org_unit, o.period, count(distinct o.indicator) as cells_filled
    from reference.expected_indicator as e
    join core.observation as o
        on o.form = e.form and o.org_unit = e.org_unit and o.indicator = e.indicator
    where o.is_current and o.status <> 'not_reported'
    group by e.form, e.cadence, e.org_unit, o.period
)

select
    e.province,
    e.unit_group,
    e.kind,
    e.reporting_line,
    e.form,
    e.cadence,
    e.org_unit,
    e.period,
    e.due_on,
    r.received_at,
    coalesce(r.submission, '') as submission,
    r.received_at is not null as is_received,
    r.received_at is not null and coalesce(core.local_day(r.received_at) <= e.due_on, true) as is_on_time,
    coalesce(core.local_day(r.received_at) > e.due_on, false) as is_late,
    coalesce((select as_of from core.build) > e.due_on, false) as is_due,
    coalesce(r.rejected_count, 0) as rejected_count,
    w.cells_expected,
    if(w.cells_expected is null, null, coalesce(f.cells_filled, 0)) as cells_filled
from expected as e
left join received as r on r.form = e.form and r.org_unit = e.org_unit and r.period = e.period
left join wanted as w on w.form = e.form and w.cadence = e.cadence and w.org_unit = e.org_unit
left join filled as f
    on f.form = e.form and f.cadence = e.cadence and f.org_unit = e.org_unit and f.period = e.period
order by e.province, e.position, e.form, e.unit_group, e.org_unit
