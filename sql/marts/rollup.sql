-- The units of a province added up within their group, and beside them the province's own report (unit group `area`).
-- grain: indicator × province × unit_group × period
--
-- Numerators and denominators are summed and divided last; counts and quantities are summed; scores give the median.
-- A unit that sent only a percentage is counted in percent_only_count and stands in no sum.
with figure as (
    select
        p.*,
        i.kind as indicator_kind,
        i.factor,
        i.direction,
        p.status = 'reported' and p.numerator is not null and (i.kind <> 'ratio' or p.denominator is not null)
            as is_summed
    from mart.progress as p
    join reference.indicator as i using (indicator)
),

summed as (
    select
        indicator,
        province,
        unit_group,
        period,
        any_value(indicator_kind) as indicator_kind,
        any_value(factor) as factor,
        if(any_value(indicator_kind) = 'score', null, sum(numerator) filter (where is_summed)) as numerator,
        if(
            any_value(indicator_kind) = 'score'
            or (any_value(indicator_kind) <> 'ratio' and bool_or(denominator is null) filter (where is_summed)),
            null,
            sum(denominator) filter (where is_summed)
        ) as denominator,
        median(value) filter (where status = 'reported') as median_value,
        sum(coalesce(value_to, value)) filter (where is_summed) as upper_value,
        core.sum_qualifier(if(is_summed, qualifier, null)) as qualifier,
        count(*) filter (where is_summed) as unit_count_summed,
        count(*) filter (where status = 'reported') as unit_count_reported,
        count(*) filter (where status = 'no_activity') as unit_count_no_activity,
        count(*) filter (where status = 'not_applicable') as unit_count_not_applicable,
        count(*) filter (where is_expected or status in ('reported', 'no_activity', 'not_applicable'))
            as unit_count_expected,
        count(*) filter (where is_percent_only and not is_summed) as percent_only_count,
        count(*) filter (where is_met) as met_count,
        count(*) filter (where not is_met) as missed_count,
        min(as_of) filter (where status = 'reported') as as_of_min,
        max(as_of) filter (where status = 'reported') as as_of_max
    from figure
    where unit_group <> 'area'
    group by indicator, province, unit_group, period
),

together as (
    select
        indicator,
        province,
        unit_group,
        period,
        numerator,
        denominator,
        case
            when indicator_kind = 'score' then median_value
            when indicator_kind <> 'ratio' then numerator
            when denominator <> 0 then factor * numerator / denominator
        end as value,
        if(indicator_kind not in ('ratio', 'score') and qualifier = 'range', upper_value, null) as value_to,
        case
            when indicator_kind = 'score' then ''
            when indicator_kind = 'ratio' and qualifier = 'range' then 'approx'
            else qualifier
        end as qualifier,
        if(indicator_kind = 'score', 'median', 'sum') as method,
        unit_count_summed,
        unit_count_reported,
        unit_count_no_activity,
        unit_count_not_applicable,
        unit_count_expected,
        percent_only_count,
        met_count,
        missed_count,
        as_of_min,
        as_of_max
    from summed
    union all
    select
        indicator,
        province,
        unit_group,
        period,
        numerator,
        denominator,
        value,
        value_to,
        qualifier,
        'own' as method,
        is_summed::integer as unit_count_summed,
        (status = 'reported')::integer as unit_count_reported,
        (status = 'no_activity')::integer as unit_count_no_activity,
        (status = 'not_applicable')::integer as unit_count_not_applicable,
        1 as unit_count_expected,
        (is_percent_only and not is_summed)::integer as percent_only_count,
        coalesce(is_met, false)::integer as met_count,
        coalesce(not is_met, false)::integer as missed_count,
        as_of as as_of_min,
        as_of as as_of_max
    from figure
    where unit_group = 'area' and org_unit = province
),

quarter as (
    select period, start_on, year(start_on) * 4 + quarter(start_on) as quarter_no, year(start_on) as year
    from reference.period
    where cadence = 'quarterly'
),

-- The province's own target is that of its unit.
wanted as (
    select s.indicator, s.province, s.unit_group, s.year, t.value as target, t.year as target_year, t.source_document
    from (
        select distinct r.indicator, r.province, r.unit_group, q.year
        from summed as r
        join quarter as q using (period)
    ) as s
    join reference.target as t
        on t.indicator = s.indicator and t.scope in (s.unit_group, s.province, '')
    qualify row_number() over (
        partition by s.indicator, s.province, s.unit_group, s.year
        order by
            case t.scope when s.unit_group then 1 when s.province then 2 else 3 end,
            t.year = 0,
            t.year < s.year,
            abs(t.year - s.year)
    ) = 1
    union all
    select distinct f.indicator, f.province, f.unit_group, q.year, f.target, f.target_year, f.target_source
    from figure as f
    join quarter as q using (period)
    where f.unit_group = 'area' and f.org_unit = f.province
),

-- A whole group or the province has its own path, or that of all.
planned as (
    select p.indicator, p.province, p.unit_group, p.period, p.value, p.source_document
    from mart.plan as p
    where p.scope in (p.unit_group, p.province, '')
    qualify row_number() over (
        partition by p.indicator, p.province, p.unit_group, p.period
        order by case p.scope when p.unit_group then 1 when p.province then 2 else 3 end
    ) = 1
),

compared as (
    select
        t.*,
        i.direction,
        i.measure_unit,
        b.attention,
        b.behind,
        b.far_behind,
        n.value as planned_value,
        coalesce(n.source_document, '') as planned_source,
        i.position,
        q.start_on,
        w.target,
        w.target_year,
        coalesce(w.source_document, '') as target_source,
        t.value is not null and t.qualifier in ('', 'approx') as is_comparable,
        if(
            lag(q.quarter_no) over series = q.quarter_no - 1,
            lag(if(t.qualifier in ('', 'approx'), t.value, null)) over series,
            null
        ) as previous_value
    from together as t
    join reference.indicator as i using (indicator)
    join quarter as q using (period)
    left join reference.band as b on b.indicator = t.indicator
    left join planned as n
        on n.indicator = t.indicator
        and n.province = t.province
        and n.unit_group = t.unit_group
        and n.period = t.period
    left join wanted as w
        on w.indicator = t.indicator
        and w.province = t.province
        and w.unit_group = t.unit_group
        and w.year = q.year
    window series as (partition by t.indicator, t.province, t.unit_group order by q.quarter_no)
),

judged as (
    select
        *,
        if(direction = 'lower', -1, 1) as better,
        if(is_comparable, better * (value - target), null) as gap,
        if(is_comparable, better * (value - planned_value), null) as planned_gap,
        core.relative_gap(gap, measure_unit, target) as relative_gap,
        core.is_met(direction, qualifier, value, value_to, target) as is_met
    from compared
)

select
    province,
    unit_group,
    indicator,
    period,
    numerator,
    denominator,
    value,
    value_to,
    qualifier,
    method,
    unit_count_summed,
    unit_count_reported,
    unit_count_no_activity,
    unit_count_not_applicable,
    unit_count_expected,
    percent_only_count,
    target,
    target_year,
    target_source,
    gap,
    is_met,
    core.gap_class(relative_gap, attention, behind, far_behind) as gap_class,
    case
        when value is null and coalesce(unit_count_reported, 0) = 0 then 'not_reported'
        when value is null then 'no_value'
        when is_met is null then 'no_target'
        when is_met then 'met'
        when coalesce(relative_gap >= -attention, false) then 'attention'
        else 'behind'
    end as standing,
    planned_value,
    planned_gap,
    planned_source,
    previous_value,
    if(is_comparable, value - previous_value, null) as change,
    met_count,
    missed_count,
    as_of_min,
    as_of_max
from judged
order by province, unit_group, start_on, position
