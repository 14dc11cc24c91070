-- What was planned for the end of each quarter: straight lines between the points given and the targets of later years.
-- grain: province × unit_group × indicator × scope × period
--
-- A point without a value is what the units of the group had reached together by then, numerators and denominators
-- summed. Targets of the path's own scope lead it on, else those of all; without a later one it ends with its last point.
with quarter as (
    select period, year(start_on) * 4 + quarter(start_on) as quarter_no
    from reference.period
    where cadence = 'quarterly'
),

path as (
    select distinct p.indicator, p.scope, u.province, u.unit_group
    from (select distinct indicator, scope from reference.planned_path) as p
    join reference.org_unit as u
        on p.scope in (u.org_unit, u.kind, u.unit_group, u.province, '')
        and u.province <> ''
),

reached as (
    select
        p.indicator,
        p.scope,
        u.province,
        u.unit_group,
        p.period,
        any_value(i.factor) * sum(f.numerator) / nullif(sum(f.denominator), 0) as value
    from reference.planned_path as p
    join reference.indicator as i using (indicator)
    join mart.figure as f on f.indicator = p.indicator and f.period = p.period
    join reference.org_unit as u
        on u.org_unit = f.org_unit
        and p.scope in (u.org_unit, u.kind, u.unit_group, u.province, '')
    where p.value is null and f.status = 'reported' and f.numerator is not null and f.denominator is not null
    group by p.indicator, p.scope, u.province, u.unit_group, p.period
),

given as (
    select
        path.*,
        q.quarter_no,
        coalesce(p.value, r.value) as value,
        p.source_document
    from path
    join reference.planned_path as p using (indicator, scope)
    join quarter as q using (period)
    left join reached as r using (indicator, scope, province, unit_group, period)
    where coalesce(p.value, r.value) is not null
),

beginning as (
    select
        indicator,
        scope,
        province,
        unit_group,
        min(quarter_no) as quarter_no,
        arg_min(source_document, quarter_no) as source_document
    from given
    group by indicator, scope, province, unit_group
),

led as (
    select b.indicator, b.scope, b.province, b.unit_group, t.year * 4 + 4 as quarter_no, t.value
    from beginning as b
    join reference.target as t
        on t.indicator = b.indicator
        and t.year * 4 + 4 > b.quarter_no
        and t.scope = if(
            exists (from reference.target as own where own.indicator = b.indicator and own.scope = b.scope),
            b.scope,
            ''
        )
    where not exists (
        from given as g
        where (g.indicator, g.scope, g.province, g.unit_group) = (b.indicator, b.scope, b.province, b.unit_group)
            and g.quarter_no = t.year * 4 + 4
    )
),

point as (
    select
        *,
        lead(quarter_no, 1, quarter_no + 1) over following as next_quarter_no,
        lead(value, 1, value) over following as next_value
    from (
        select indicator, scope, province, unit_group, quarter_no, value from given
        union all
        select indicator, scope, province, unit_group, quarter_no, value from led
    )
    window following as (partition by indicator, scope, province, unit_group order by quarter_no)
)

select
    p.province,
    p.unit_group,
    p.indicator,
    p.scope,
    q.period,
    p.value + (p.next_value - p.value) * (q.quarter_no - p.quarter_no) / (p.next_quarter_no - p.quarter_no) as value,
    b.source_document
from point as p
join beginning as b using (indicator, scope, province, unit_group)
join quarter as q on q.quarter_no >= p.quarter_no and q.quarter_no < p.next_quarter_no
order by p.province, p.unit_group, p.indicator, p.scope, q.quarter_no
