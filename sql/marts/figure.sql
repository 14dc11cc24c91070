-- The figure that counts: a period's own report, else what its parts give.
-- grain: indicator × org_unit × period
--
-- Between forms the better ranked counts, and a form before all others for the indicators it leads; a cell left empty
-- counts only if nobody gave more. Parts: months make a quarter, quarters the longer periods; weeks are no part.
-- In-period figures are added by numerator and denominator, of all others the last part counts. A percentage without
-- numerator and denominator cannot be added: its part is missing, and the figure says is_percent_only.
with counted as (
    select
        arg_max(
            o.rowid,
            if(o.status = 'not_reported', '0', '1')
            || if(l.form is not null, '9999', lpad((9000 - coalesce(f.rank, 9000))::varchar, 4, '0'))
            || o.submission
        ) as id
    from core.observation as o
    left join reference.form as f using (form)
    left join reference.form_lead as l using (form, indicator)
    where o.is_current
    group by o.indicator, o.org_unit, o.period
),

own as (
    select
        o.rowid as id,
        o.indicator,
        o.org_unit,
        o.period,
        o.status,
        i.kind <> 'ratio' as is_plain,
        i.value_type = 'in_period' and i.kind <> 'score' as is_added,
        i.factor,
        if(i.kind <> 'ratio' and o.status = 'reported', coalesce(o.numerator, o.value), o.numerator) as numerator,
        o.denominator,
        case
            when o.status <> 'reported' then null
            when i.kind <> 'ratio' then coalesce(o.numerator, o.value)
            when o.numerator is null or o.denominator is null then o.value
            when o.denominator <> 0 then i.factor * o.numerator / o.denominator
        end as value,
        o.value_to,
        o.qualifier,
        o.as_of
    from core.observation as o
    join counted on counted.id = o.rowid
    join reference.indicator as i using (indicator)
),

given as (
    select
        *,
        status <> 'not_reported' as is_given,
        status = 'reported' and numerator is not null and (is_plain or denominator is not null) as is_summed,
        status = 'reported' and value is not null and not is_plain and (numerator is null or denominator is null)
            as is_percent_only
    from own
),

-- A part stands for itself, or for its own parts where it was not reported itself.
leaf as (
    select whole.period, whole.part, whole.part as leaf, null as held_by, whole.part_count
    from reference.period_part as whole
    union all
    select whole.period, whole.part, small.part as leaf, whole.part as held_by, whole.part_count
    from reference.period_part as whole
    join reference.period_part as small on small.period = whole.part
),

whole_report as (
    select given.indicator, given.org_unit, given.period, true as is_there
    from given
    join reference.period as p using (period)
    where given.is_given and p.cadence not in ('weekly', 'monthly')
),

part as (
    select
        given.id,
        given.indicator,
        given.org_unit,
        leaf.period,
        leaf.part,
        leaf.part_count,
        p.position,
        given.status,
        given.is_plain,
        given.is_added,
        given.is_given,
        given.is_summed,
        given.is_percent_only,
        given.numerator,
        given.denominator,
        given.value,
        given.value_to,
        given.qualifier,
        given.as_of
    from given
    join leaf on leaf.leaf = given.period
    join reference.period as p on p.period = leaf.leaf
    left join whole_report as whole
        on whole.indicator = given.indicator
        and whole.org_unit = given.org_unit
        and whole.period = leaf.period
    left join whole_report as holder
        on holder.indicator = given.indicator
        and holder.org_unit = given.org_unit
        and holder.period = leaf.held_by
    where whole.is_there is null and holder.is_there is null
),

gathered as (
    select
        indicator,
        org_unit,
        period,
        any_value(part_count) as part_count_expected,
        count(distinct part) filter (
            where if(is_added, is_summed or status in ('no_activity', 'not_applicable'), is_given)
        ) as part_count_found,
        arg_max(id, if(is_given, 1000000, 0) + position) as last_id,
        sum(numerator) filter (where is_summed) as numerator,
        if(
            any_value(is_plain) and bool_or(denominator is null) filter (where is_summed),
            null,
            sum(denominator) filter (where is_summed)
        ) as denominator,
        sum(coalesce(value_to, value)) filter (where is_summed) as value_to,
        core.sum_qualifier(if(is_summed, qualifier, null)) as qualifier,
        case
            when bool_or(status = 'reported') then 'reported'
            when bool_or(status = 'no_activity') then 'no_activity'
            when bool_or(status = 'not_applicable') then 'not_applicable'
            else 'not_reported'
        end as status,
        max(as_of) filter (where is_given) as as_of,
        bool_or(is_percent_only) as is_percent_only
    from part
    group by indicator, org_unit, period
),

derived as (
    select
        g.indicator,
        g.org_unit,
        g.period,
        g.last_id as id,
        if(last.is_added, g.numerator, last.numerator) as numerator,
        if(last.is_added, g.denominator, last.denominator) as denominator,
        case
            when not last.is_added then last.value
            when last.is_plain then g.numerator
            when g.denominator <> 0 then last.factor * g.numerator / g.denominator
        end as value,
        case
            when not last.is_added then last.value_to
            when last.is_plain and g.qualifier = 'range' then g.value_to
        end as value_to,
        case
            when not last.is_added then last.qualifier
            when not last.is_plain and g.qualifier = 'range' then 'approx'
            else g.qualifier
        end as qualifier,
        if(last.is_added, g.status, last.status) as status,
        if(last.is_added, coalesce(g.as_of, last.as_of), last.as_of) as as_of,
        g.part_count_found,
        g.part_count_expected,
        true as is_derived,
        if(last.is_added, g.is_percent_only, last.is_percent_only) as is_percent_only
    from gathered as g
    join given as last on last.id = g.last_id
),

-- A whole period left empty stands only if its parts were left empty too.
blank as (
    select g.*
    from given as g
    anti join derived as d
        on d.indicator = g.indicator
        and d.org_unit = g.org_unit
        and d.period = g.period
        and d.status <> 'not_reported'
    where not g.is_given
),

figure as (
    select
        g.indicator,
        g.org_unit,
        g.period,
        g.id,
        g.numerator,
        g.denominator,
        g.value,
        g.value_to,
        g.qualifier,
        g.status,
        g.as_of,
        null as part_count_found,
        null as part_count_expected,
        false as is_derived,
        g.is_percent_only
    from (from given where is_given union all from blank) as g
    union all
    select d.*
    from derived as d
    anti join blank as b on b.indicator = d.indicator and b.org_unit = d.org_unit and b.period = d.period
)

select
    u.province,
    u.unit_group,
    u.kind,
    f.* exclude (id),
    p.cadence,
    o.submission,
    o.form,
    o.sheet,
    o.cell,
    o.shown
from figure as f
join core.observation as o on o.rowid = f.id
join reference.org_unit as u on u.org_unit = f.org_unit
join reference.period as p on p.period = f.period
