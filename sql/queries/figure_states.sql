-- Every figure of a province's quarters that counts, in few columns: one side of a comparison of two warehouses.
select
    p.indicator,
    p.org_unit,
    p.period,
    p.unit_group,
    p.status,
    p.numerator,
    p.denominator,
    p.value,
    p.value_to,
    p.qualifier,
    p.target,
    p.is_met,
    p.submission,
    p.form,
    p.sheet,
    p.cell,
    p.shown
from mart.progress as p
where p.province = $province
    and p.status not in ('not_reported', 'not_due')
    and ($org_units::varchar[] is null or p.org_unit in (select unnest($org_units::varchar[])))
    and ($of_indicators::varchar[] is null or p.indicator in (select unnest($of_indicators::varchar[])))
order by p.indicator, p.org_unit, p.period
