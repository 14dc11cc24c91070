-- Figures for which two forms say different things: the one that counts, and the best ranked other one.
-- grain: indicator × org_unit × period
--
-- A cell left empty contradicts nothing. Values count as equal to the sixth decimal.
with ranked as (
    select
        o.*,
        row_number() over (
            partition by o.indicator, o.org_unit, o.period
            order by if(l.form is not null, -1, f.rank) nulls last, o.submission desc, o.cell
        ) as place
    from core.observation as o
    left join reference.form as f using (form)
    left join reference.form_lead as l using (form, indicator)
    where o.is_current and o.status <> 'not_reported'
),

pair as (
    select one, other
    from (from ranked where place = 1) as one
    join (from ranked where place > 1) as other
        on other.indicator = one.indicator
        and other.org_unit = one.org_unit
        and other.period = one.period
        and other.form <> one.form
    where one.status <> other.status
        or one.qualifier <> other.qualifier
        or round(one.value, 6) is distinct from round(other.value, 6)
        or round(one.value_to, 6) is distinct from round(other.value_to, 6)
        or round(one.numerator, 6) <> round(other.numerator, 6)
        or round(one.denominator, 6) <> round(other.denominator, 6)
    qualify row_number() over (partition by one.indicator, one.org_unit, one.period order by other.place) = 1
)

select
    u.province,
    u.unit_group,
    one.indicator,
    one.org_unit,
    one.period,
    one.form,
    one.submission,
    one.numerator,
    one.denominator,
    one.value,
    one.value_to,
    one.qualifier,
    one.status,
    one.sheet,
    one.cell,
    one.shown,
    other.form as other_form,
    other.submission as other_submission,
    other.numerator as other_numerator,
    other.denominator as other_denominator,
    other.value as other_value,
    other.value_to as other_value_to,
    other.qualifier as other_qualifier,
    other.status as other_status,
    other.sheet as other_sheet,
    other.cell as other_cell,
    other.shown as other_shown
from pair
join reference.org_unit as u on u.org_unit = one.org_unit
order by u.province, one.period, one.indicator, one.org_unit
