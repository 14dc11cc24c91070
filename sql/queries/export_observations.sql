-- Observations in the columns of the command line (value_to holds the upper end of a range).
select
    o.submission,
    o.file,
    o.form,
    o.org_unit,
    coalesce(u.name, '') as org_unit_name,
    o.indicator,
    o.period,
    o.as_of,
    o.numerator,
    o.denominator,
    o.value,
    o.value_to,
    o.qualifier,
    o.status,
    o.sheet,
    o.cell,
    o.shown
from core.observation as o
left join reference.org_unit as u using (org_unit)
where ($history or o.is_current)
    and ($period::varchar is null or o.period = $period)
    and ($org_unit::varchar is null or o.org_unit = $org_unit)
    and ($indicator::varchar is null or o.indicator = $indicator)
    and ($org_units::varchar[] is null or o.org_unit in (select unnest($org_units::varchar[])))
    and ($of_indicators::varchar[] is null or o.indicator in (select unnest($of_indicators::varchar[])))
order by o.submission, o.indicator, o.org_unit, o.cell
