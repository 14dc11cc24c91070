-- The figures of a quarter beside target, rank and the quarter before, and the units of which nothing has come.
-- grain: indicator × org_unit × period
--
-- Target: that of the unit itself, else of its kind, its group, its province, of all; of the quarter's year, else the
-- next year that has one, else the last, else the one without a year. gap > 0 is better than the target. Ranked are
-- exact reported values, best first, within province and unit group; equal values share the better rank.
-- planned_value is that of the planned path of the unit itself, else of its kind, its group, its province, of all.
-- The median is that of the exact reported values the unit is ranked among. standing: met, attention, behind,
-- no_target, no_value, or why there is no figure.
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

planned as (
    select s.indicator, s.org_unit, s.period, p.value, p.source_document
    from (select distinct indicator, org_unit, period from seen) as s
    join reference.org_unit as u using (org_unit)
    join mart.plan as p
        on p.indicator = s.indicator
        and p.period = s.period
        and p.province = u.province
        and p.unit_group = u.unit_group
        and p.scope in (u.org_unit, u.kind, u.unit_group, u.province, '')
    qualify row_number() over (
        partition by s.indicator, s.org_unit, s.period
        order by
            case p.scope when s.org_unit then 1 when u.kind then 2 when u.unit_group then 3 when '' then 5 else 4 end
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
        i.kind as indicator_kind,
        i.measure_unit,
        i.position as indicator_position,
        b.attention,
        b.behind,
        b.far_behind,
        coalesce(b.least_denominator, 0) as least_denominator,
        s.*,
        w.target,
        w.target_year,
        coalesce(w.source_document, '') as target_source,
        n.value as planned_value,
        coalesce(n.source_document, '') as planned_source,
        s.value is not null and s.qualifier in ('', 'approx') as is_comparable,
        k.is_ranked and s.value is not null and s.qualifier = '' as is_rankable
    from seen as s
    join reference.org_unit as u using (org_unit)
    join reference.unit_kind as k on k.kind = u.kind
    join reference.indicator as i using (indicator)
    join quarter as q using (period)
    left join reference.band as b on b.indicator = s.indicator
    left join planned as n on n.indicator = s.indicator and n.org_unit = s.org_unit and n.period = s.period
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
        count(*) filter (where is_rankable) over (partition by province, unit_group, indicator, period) as ranked_count,
        median(value) filter (where is_rankable) over (partition by province, unit_group, indicator, period)
            as median_value,
        if(direction = 'lower', -1, 1) as better,
        core.is_met(direction, qualifier, value, value_to, target) as is_met
    from placed
    window unit_series as (partition by indicator, org_unit order by quarter_no)
),

judged as (
    select
        *,
        if(is_comparable, better * (value - target), null) as gap,
        if(is_comparable, better * (value - planned_value), null) as planned_gap,
        if(is_comparable, better * (value - median_value), null) as median_gap,
        core.relative_gap(if(is_comparable, better * (value - target), null), measure_unit, target) as relative_gap,
        core.relative_gap(if(is_comparable, better * (value - median_value), null), measure_unit, median_value)
            as relative_median_gap
    from compared
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
    gap,
    is_met,
    if(status = 'reported', core.gap_class(relative_gap, attention, behind, far_behind), null) as gap_class,
    case
        when status <> 'reported' then status
        when value is null then 'no_value'
        when is_met is null then 'no_target'
        when is_met then 'met'
        when coalesce(relative_gap >= -attention, false) then 'attention'
        else 'behind'
    end as standing,
    planned_value,
    planned_gap,
    planned_source,
    median_value,
    median_gap,
    case
        when relative_median_gap is null then null
        when abs(relative_median_gap) <= attention then 'around'
        when relative_median_gap > 0 then 'above'
        else 'below'
    end as median_standing,
    indicator_kind = 'ratio' and coalesce(denominator < least_denominator, false) as is_small,
    previous_value,
    if(is_comparable, value - previous_value, null) as change,
    rank,
    ranked_count,
    submission,
    form,
    sheet,
    cell,
    shown
from judged
order by province, start_on, indicator_position, unit_group, org_unit
