-- The reporting cycles on either side of the day of the view, each with its due day and who has sent.
--
-- For each form and cadence the next to fall due (is_open; the due day itself is) and the last that did; days_left is
-- negative once it is past. Expected are the units in force in the period, also of one that has not begun.
with day as (
    select as_of as today from core.build
),

cycle as (
    select d.form, d.cadence, d.period, d.due_on, d.due_on >= day.today as is_open, d.due_on - day.today as days_left
    from reference.due as d
    cross join day
    qualify row_number() over (
        partition by d.form, d.cadence, d.due_on >= day.today order by abs(d.due_on - day.today)
    ) = 1
),

owing as (
    select c.form, c.cadence, c.period, e.org_unit
    from cycle as c
    join reference.expected as e using (form, cadence)
    join reference.org_unit as u using (org_unit)
    join reference.period as p using (period)
    where u.province = $province
        and p.end_on >= coalesce(u.valid_from, p.end_on)
        and p.start_on <= coalesce(u.valid_to, p.start_on)
        and ($org_units::varchar[] is null or $aggregates or e.org_unit in (select unnest($org_units::varchar[])))
),

counted as (
    select
        o.form,
        o.cadence,
        o.period,
        count(*) as expected_count,
        count(*) filter (where m.is_received) as received_count,
        count(*) filter (where m.is_on_time) as on_time_count,
        count(*) filter (where not coalesce(m.is_received, false)) as missing_count
    from owing as o
    left join mart.completeness as m using (form, org_unit, period)
    group by o.form, o.cadence, o.period
)

select
    c.form,
    f.code as form_code,
    f.name_vi as form_name_vi,
    f.name_en as form_name_en,
    c.cadence,
    c.period,
    p.label_vi as period_label_vi,
    p.label_en as period_label_en,
    p.start_on,
    p.end_on,
    c.due_on,
    c.is_open,
    c.days_left,
    n.expected_count,
    n.received_count,
    n.on_time_count,
    n.missing_count,
    day.today as view_on
from cycle as c
join counted as n using (form, cadence, period)
join reference.form as f using (form)
join reference.period as p using (period)
cross join day
order by c.is_open desc, c.due_on, f.code
