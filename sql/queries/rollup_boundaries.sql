-- The communes of a province added up quarter by quarter, before the merger the old ones; oldest quarter first.
--
-- `today` is one series of communes: what was split between communes of today is still whole within the province.
-- `as_reported` keeps the old units apart (unit group `old`), districts among them left out: theirs are other figures.
-- Who may not see the province's unit gets no sum of fewer than $least_units units.
with old_commune as (
    select distinct old_org_unit as org_unit from reference.succession
),

given as (
    select
        if(f.unit_group = 'old' and $boundaries = 'today', 'commune', f.unit_group) as unit_group,
        f.*,
        i.kind as indicator_kind,
        i.factor,
        i.kind <> 'score'
            and f.status = 'reported'
            and f.numerator is not null
            and (i.kind <> 'ratio' or f.denominator is not null) as is_summed
    from mart.figure as f
    join reference.indicator as i using (indicator)
    where f.cadence = 'quarterly'
        and f.province = $province
        and f.indicator = $indicator
        and (f.unit_group = 'commune' or f.org_unit in (select org_unit from old_commune))
        and ($org_units::varchar[] is null or $aggregates or f.province in (select unnest($org_units::varchar[])))
        and ($of_indicators::varchar[] is null or f.indicator in (select unnest($of_indicators::varchar[])))
),

added as (
    select
        unit_group,
        indicator,
        period,
        any_value(indicator_kind) as indicator_kind,
        any_value(factor) as factor,
        sum(numerator) filter (where is_summed) as numerator,
        if(
            any_value(indicator_kind) <> 'ratio' and bool_or(denominator is null) filter (where is_summed),
            null,
            sum(denominator) filter (where is_summed)
        ) as denominator,
        median(value) filter (where status = 'reported') as median_value,
        core.sum_qualifier(if(is_summed, qualifier, null)) as qualifier,
        count(*) filter (where is_summed) as unit_count_summed,
        count(*) filter (where status in ('reported', 'no_activity')) as unit_count_reported,
        count(*) filter (where is_percent_only and not is_summed) as percent_only_count
    from given
    group by all
)

select
    a.unit_group,
    a.indicator,
    a.period,
    a.numerator,
    a.denominator,
    case
        when a.indicator_kind = 'score' then a.median_value
        when a.indicator_kind <> 'ratio' then a.numerator
        when a.denominator <> 0 then a.factor * a.numerator / a.denominator
    end as value,
    if(a.indicator_kind <> 'score' and a.qualifier = 'range', 'approx', a.qualifier) as qualifier,
    if(a.indicator_kind = 'score', 'median', 'sum') as method,
    a.unit_count_summed,
    a.unit_count_reported,
    a.percent_only_count,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    q.start_on
from added as a
join reference.period as q using (period)
where $org_units::varchar[] is null
    or $province in (select unnest($org_units::varchar[]))
    or if(a.indicator_kind = 'score', a.unit_count_reported, a.unit_count_summed) >= $least_units
order by q.start_on, a.unit_group
