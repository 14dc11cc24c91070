-- The figures of today's communes before they existed: those of the old units that went whole into them, added up.
-- grain: indicator × org_unit × period
--
-- Numerators and denominators are added, never ratios; a score or a percentage without them cannot be. What share of a
-- split unit went where is not known: it is in no sum, only counted (part_unit_count, and part_reported_count of them
-- had something to say). A period that the merger lies in holds the old units' time and the new one's: in-period
-- figures are added across it, of all others the new unit's own one is the last. A unit's own report for the whole
-- period stands; then there is no row here.
with step as (
    select s.old_org_unit, s.new_org_unit, s.share_kind, u.valid_to
    from reference.succession as s
    join reference.org_unit as u on u.org_unit = s.old_org_unit
),

heir as (
    select
        new_org_unit as org_unit,
        count(*) filter (where share_kind = 'whole') as unit_count_expected,
        count(*) filter (where share_kind = 'part') as part_unit_count,
        max(valid_to) as last_on
    from step
    group by new_org_unit
),

-- is_early: the old units had all of the period.
span as (
    select h.org_unit, p.period, p.end_on <= h.last_on as is_early
    from heir as h
    join reference.period as p on p.start_on <= h.last_on and p.cadence <> 'weekly'
),

own as (
    select f.indicator, f.org_unit, f.period, f.is_derived, f.status <> 'not_reported' as is_given
    from mart.figure as f
    join span using (org_unit, period)
),

given as (
    select
        f.indicator,
        step.new_org_unit as org_unit,
        f.period,
        f.status,
        f.numerator,
        f.denominator,
        f.value,
        f.value_to,
        f.qualifier,
        f.as_of,
        f.is_percent_only,
        step.share_kind,
        false as is_own
    from mart.figure as f
    join step on step.old_org_unit = f.org_unit
    where f.status <> 'not_reported'
    union all
    select
        f.indicator,
        f.org_unit,
        f.period,
        f.status,
        f.numerator,
        f.denominator,
        f.value,
        f.value_to,
        f.qualifier,
        f.as_of,
        f.is_percent_only,
        'whole' as share_kind,
        true as is_own
    from mart.figure as f
    join span using (org_unit, period)
    where f.status <> 'not_reported'
),

judged as (
    select
        g.*,
        span.is_early,
        i.kind,
        i.factor,
        i.value_type = 'in_period' and i.kind <> 'score' as is_added,
        g.share_kind = 'whole'
            and g.status = 'reported'
            and i.kind <> 'score'
            and g.numerator is not null
            and (i.kind <> 'ratio' or g.denominator is not null)
            as is_summed
    from given as g
    join span using (org_unit, period)
    join reference.indicator as i using (indicator)
    left join own using (indicator, org_unit, period)
    where not coalesce(own.is_given, false)
        or (own.is_derived and not span.is_early and i.value_type = 'in_period' and i.kind <> 'score')
),

added as (
    select
        indicator,
        org_unit,
        period,
        any_value(kind) as kind,
        any_value(factor) as factor,
        sum(numerator) filter (where is_summed) as numerator,
        if(
            any_value(kind) <> 'ratio' and bool_or(denominator is null) filter (where is_summed),
            null,
            sum(denominator) filter (where is_summed)
        ) as denominator,
        sum(coalesce(value_to, value)) filter (where is_summed) as value_to,
        core.sum_qualifier(if(is_summed, qualifier, null)) as qualifier,
        case
            when coalesce(bool_or(status = 'reported') filter (where share_kind = 'whole'), false) then 'reported'
            when coalesce(bool_or(status = 'no_activity') filter (where share_kind = 'whole'), false)
                then 'no_activity'
            when coalesce(bool_or(status = 'not_applicable') filter (where share_kind = 'whole'), false)
                then 'not_applicable'
            else 'not_reported'
        end as status,
        max(as_of) as as_of,
        count(*) filter (where is_summed and not is_own) as unit_count_summed,
        count(*) filter (where share_kind = 'whole' and not is_own) as unit_count_reported,
        count(*) filter (where share_kind = 'whole' and is_percent_only and not is_summed) as percent_only_count,
        count(*) filter (where share_kind = 'part') as part_reported_count
    from judged
    group by indicator, org_unit, period
    having bool_or(not is_own)
)

select
    u.province,
    u.unit_group,
    u.kind,
    a.indicator,
    a.org_unit,
    a.period,
    p.cadence,
    a.numerator,
    a.denominator,
    case
        when a.kind <> 'ratio' then a.numerator
        when a.denominator <> 0 then a.factor * a.numerator / a.denominator
    end as value,
    if(a.kind <> 'ratio' and a.qualifier = 'range', a.value_to, null) as value_to,
    if(a.kind = 'ratio' and a.qualifier = 'range', 'approx', a.qualifier) as qualifier,
    a.status,
    a.as_of,
    h.unit_count_expected,
    a.unit_count_reported,
    a.unit_count_summed,
    a.percent_only_count,
    h.part_unit_count,
    a.part_reported_count
from added as a
join heir as h using (org_unit)
join reference.org_unit as u using (org_unit)
join reference.period as p using (period)
order by u.province, p.position, a.indicator, a.org_unit
