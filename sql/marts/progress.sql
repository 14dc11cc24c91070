-- The figures of a quarter beside target, rank and the quarter before, and the units of which nothing has come.
-- grain: indicator × org_unit × period
--
-- Target: that of the unit itself, else of its kind, its group, its province, of all; of the quarter's year, else the
-- next year that has one, else the last, else the one without a year. gap > 0 is better than the target. Ranked are
-- exact reported values, best first, within province and unit group; equal values share the better rank.
-- status adds `not_due` to the four: nothing has come, and the due day is not over.
with quarter as (
    select period, start_on, end_on, year(start_on) * 4 + quarter(start_on) as quarter_no, year(start_on) as year
    from reference.period
    where cadence = 'quarterly'
),

-- From a province's first submission on, but not before there were two levels of government.
beginning as (
    select u.province, greatest(min(p.start_on), date '2025-07-01') as start_on
    from core.submission as s
    join reference.org_unit as u using (org_unit)
    join reference.period as p using (period)
    where s.outcome = 'accepted' and not s.is_withdrawn
    group by u.province
),

-- A quarter's monthly reports are due with its last month.
due as (
    select form, 'quarterly' as cadence, period, due_on from reference.due where cadence = 'quarterly'
    union all
    select d.form, 'monthly' as cadence, part.period, d.due_on
    from reference.due as d
    join reference.period_part as part on part.part = d.period and part.part_no = part.part_count
    join quarter as q on q.period = part.period
    where d.cadence = 'monthly'
),

expected as (
    select e.indicator, e.org_unit, q.period, max(d.due_on) as due_on
    from reference.expected_indicator as e
    join reference.form as f on f.form = e.form and f.shape = 'indicator_rows'
    join reference.org_unit as u on u.org_unit = e.org_unit
    join beginning as b on b.province = u.province
    join quarter as q
        on q.end_on >= b.start_on
        and q.start_on <= (select as_of from core.build)
        and q.end_on >= coalesce(u.valid_from, q.end_on)
        and q.start_on <= coalesce(u.valid_to, q.start_on)
    left join due as d on d.form = e.form and d.cadence = e.cadence and d.period = q.period
    where e.cadence in ('monthly', 'quarterly')
    group by e.indicator, e.org_unit, q.period
),

seen as (
    select
        coalesce(f.indicator, e.indicator) as indicator,
        coalesce(f.org_unit, e.org_unit) as org_unit,
        coalesce(f.period, e.period) as period,
        case
            when coalesce(f.status, 'not_reported') <> 'not_reported' then f.status
            when (select as_of from core.build) <= e.due_on then 'not_due'
            else 'not_reported'
        end as status,
        e.period is not null as is_expected,
        e.due_on,
        f.numerator,
        f.denominator,
        f.value,
        f.value_to,
        coalesce(f.qualifier, '') as qualifier,
        f.as_of,
        f.part_count_found,
        f.part_count_expected,
        coalesce(f.is_derived, false) as is_derived,
        coalesce(f.is_percent_only, false) as is_percent_only,
        coalesce(f.submission, '') as submission,
        coalesce(f.form, '') as form,
        coalesce(f.sheet, '') as sheet,
        coalesce(f.cell, '') as cell,
        coalesce(f.shown, '') as shown
    from (from mart.figure where cadence = 'quarterly') as f
    full join expected as e
        on e.indicator = f.indicator and e.org_unit = f.org_unit and e.period = f.period
),

wanted as (
    select s.indicator, s.org_unit, s.year, t.value as target, t.year as target_year, t.source_document
    from (select distinct seen.indicator, seen.org_unit, q.year from seen join quarter as q using (period)) as s
    join reference.org_unit as u using (org_unit)
    join reference.target as t
        on t.indicator = s.indicator and t.scope in (s.org_unit, u.kind, u.unit_group, u.province, '')
    qualify row_number() over (
        partition by s.indicator, s.org_unit, s.year
        order by
            case t.scope when s.org_unit then 1 when u.kind then 2 when u.unit_group then 3 when '' then 5 else 4 end,
            t.year = 0,
            t.year < s.year,
            abs(t.year - s.year)
    ) = 1
),

placed as (
    select
        u.province,
        u.unit_group,
        u.kind,
        q.quarter_no,
        q.start_on,
        i.direction,
        i.position as indicator_position,
        s.*,
        w.target,
        w.target_year,
        coalesce(w.source_document, '') as target_source,
        s.value is not null and s.qualifier in ('', 'approx') as is_comparable,
        k.is_ranked and s.value is not null and s.qualifier = '' as is_rankable
    from seen as s
    join reference.org_unit as u using (org_unit)
    join reference.unit_kind as k on k.kind = u.kind
    join reference.indicator as i using (indicator)
    join quarter as q using (period)
    left join wanted as w on w.indicator = s.indicator and w.org_unit = s.org_unit and w.year = q.year
),

compared as (
    select
        *,
        if(
            lag(quarter_no) over unit_series = quarter_no - 1,
            lag(if(is_comparable, value, null)) over unit_series,
            null
        ) as previous_value,
        if(
            is_rankable,
            rank() over (
                partition by province, unit_group, indicator, period, is_rankable
                order by if(direction = 'lower', value, -value)
            ),
            null
        ) as rank,
        count(*) filter (where is_rankable) over (partition by province, unit_group, indicator, period) as ranked_count
    from placed
    window unit_series as (partition by indicator, org_unit order by quarter_no)
)

select
    province,
    unit_group,
    kind,
    indicator,
    org_unit,
    period,
    numerator,
    denominator,
    value,
    value_to,
    qualifier,
    status,
    is_expected,
    due_on,
    as_of,
    part_count_found,
    part_count_expected,
    is_derived,
    is_percent_only,
    target,
    target_year,
    target_source,
    if(is_comparable, if(direction = 'lower', target - value, value - target), null) as gap,
    core.is_met(direction, qualifier, value, value_to, target) as is_met,
    previous_value,
    if(is_comparable, value - previous_value, null) as change,
    rank,
    ranked_count,
    submission,
    form,
    sheet,
    cell,
    shown
from compared
order by province, start_on, indicator_position, unit_group, org_unit
