-- severity: error
-- vi: Tổng của một nhóm đơn vị khác tổng các đơn vị cộng lại
-- en: The total of a group of units is not the sum of its units
with part as (
    select
        p.indicator,
        p.province,
        p.unit_group,
        p.period,
        sum(p.numerator) as numerator,
        count(*) as unit_count
    from mart.progress as p
    join reference.indicator as i using (indicator)
    where
        p.unit_group <> 'area'
        and p.status = 'reported'
        and p.numerator is not null
        and i.kind <> 'score'
        and (i.kind <> 'ratio' or p.denominator is not null)
    group by p.indicator, p.province, p.unit_group, p.period
)

select r.indicator, r.province, r.unit_group, r.period, r.numerator as total, part.numerator as sum_of_parts
from mart.rollup as r
left join part using (indicator, province, unit_group, period)
where
    r.method = 'sum'
    and (
        r.unit_count_summed <> coalesce(part.unit_count, 0)
        or abs(coalesce(r.numerator, 0) - coalesce(part.numerator, 0)) > 1e-9 * greatest(1, abs(part.numerator))
    )
