-- Figures for which two forms say different things, with names: the one that counts and the other.
-- The unit they are about sees both sides; a sender that it is not sees its own side, and of the other no figure.
with seen as (
    select
        c.*,
        $org_units::varchar[] is null
            or list_has_any([c.org_unit, s.org_unit], $org_units::varchar[]) as is_ours,
        $org_units::varchar[] is null
            or list_has_any([c.org_unit, o.org_unit], $org_units::varchar[]) as other_is_ours
    from mart.conflict as c
    left join core.submission as s on s.submission = c.submission
    left join core.submission as o on o.submission = c.other_submission
    where c.province = $province
        and ($of_indicators::varchar[] is null or c.indicator in (select unnest($of_indicators::varchar[])))
)

select
    c.* exclude (is_ours, other_is_ours) replace (
        if(is_ours, c.submission, '') as submission,
        if(is_ours, c.numerator, null) as numerator,
        if(is_ours, c.denominator, null) as denominator,
        if(is_ours, c.value, null) as value,
        if(is_ours, c.value_to, null) as value_to,
        if(is_ours, c.qualifier, '') as qualifier,
        if(is_ours, c.status, '') as status,
        if(is_ours, c.sheet, '') as sheet,
        if(is_ours, c.cell, '') as cell,
        if(is_ours, c.shown, '') as shown,
        if(other_is_ours, c.other_submission, '') as other_submission,
        if(other_is_ours, c.other_numerator, null) as other_numerator,
        if(other_is_ours, c.other_denominator, null) as other_denominator,
        if(other_is_ours, c.other_value, null) as other_value,
        if(other_is_ours, c.other_value_to, null) as other_value_to,
        if(other_is_ours, c.other_qualifier, '') as other_qualifier,
        if(other_is_ours, c.other_status, '') as other_status,
        if(other_is_ours, c.other_sheet, '') as other_sheet,
        if(other_is_ours, c.other_cell, '') as other_cell,
        if(other_is_ours, c.other_shown, '') as other_shown
    ),
    u.name as org_unit_name,
    u.short_name,
    i.name_vi as indicator_name_vi,
    i.name_en as indicator_name_en,
    i.measure_unit,
    i.decimals,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    s.org_unit as sender_org_unit,
    o.org_unit as other_sender_org_unit
from seen as c
join reference.org_unit as u using (org_unit)
join reference.indicator as i using (indicator)
join reference.period as q using (period)
left join core.submission as s on s.submission = c.submission
left join core.submission as o on o.submission = c.other_submission
where c.is_ours or c.other_is_ours
order by q.position desc, i.position, u.sort_key
