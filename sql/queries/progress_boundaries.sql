-- Quarters of units within the boundaries of today, or as they were reported; oldest quarter first.
--
-- `today`: every unit of today, before a merger with what the old units gave together. `as_reported`: every unit with
-- what it sent itself; asked for one unit, its predecessors too.
with asked as (
    select org_unit, '' as share_kind
    from reference.org_unit
    where province = $province and ($org_unit::varchar is null or org_unit = $org_unit)
    union all
    select old_org_unit, share_kind
    from reference.succession
    where $boundaries = 'as_reported' and new_org_unit = $org_unit
),

added as (
    select f.*
    from mart.figure_today as f
    where $boundaries = 'today'
        and f.cadence = 'quarterly'
        and f.province = $province
        and ($indicator::varchar is null or f.indicator = $indicator)
        and ($org_unit::varchar is null or f.org_unit = $org_unit)
),

shown as (
    select
        a.indicator,
        a.org_unit,
        a.period,
        a.numerator,
        a.denominator,
        a.value,
        a.value_to,
        a.qualifier,
        a.status,
        a.as_of,
        null as target,
        null as is_met,
        true as is_added_up,
        '' as share_kind,
        a.unit_count_expected,
        a.unit_count_reported,
        a.unit_count_summed,
        a.percent_only_count,
        a.part_unit_count,
        a.part_reported_count,
        '' as submission,
        '' as form,
        '' as sheet,
        '' as cell,
        '' as shown
    from added as a
    union all by name
    select
        p.indicator,
        p.org_unit,
        p.period,
        p.numerator,
        p.denominator,
        p.value,
        p.value_to,
        p.qualifier,
        p.status,
        p.as_of,
        p.target,
        p.is_met,
        false as is_added_up,
        asked.share_kind,
        p.submission,
        p.form,
        p.sheet,
        p.cell,
        p.shown
    from mart.progress as p
    join asked using (org_unit)
    anti join added using (indicator, org_unit, period)
    where p.province = $province
        and ($indicator::varchar is null or p.indicator = $indicator)
        and ($boundaries = 'as_reported' or p.unit_group <> 'old')
)

select
    s.*,
    u.name as org_unit_name,
    u.short_name,
    u.unit_group,
    u.kind,
    u.valid_from,
    u.valid_to,
    u.sort_key,
    i.name_vi as indicator_name_vi,
    i.name_en as indicator_name_en,
    i.measure_unit,
    i.decimals,
    i.direction,
    i.kind as indicator_kind,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    q.start_on
from shown as s
join reference.org_unit as u using (org_unit)
join reference.indicator as i using (indicator)
join reference.period as q using (period)
where ($org_units::varchar[] is null or s.org_unit in (select unnest($org_units::varchar[])))
    and ($of_indicators::varchar[] is null or s.indicator in (select unnest($of_indicators::varchar[])))
order by q.start_on, i.position, u.sort_key, s.org_unit
