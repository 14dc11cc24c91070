-- Figures of many units, indicators and quarters at once, cut into pages of lines; every row knows how many lines.
--
-- A line is what stands in one line of the table: a row (`long`), all quarters of a unit's indicator (`period`), or
-- all indicators of a unit's quarter (`indicator`). Units come by kind, then as the Vietnamese alphabet has them.
-- Who may not see every unit gets no median of fewer than $least_units.
with chosen as (
    select
        p.indicator,
        p.org_unit,
        p.period,
        case when $layout <> 'long' then null
            when $order = 'value' then -p.value
            when $order = 'gap' then p.gap
            when $order = 'change' then -p.change
            when $order = 'rank' then p.rank
        end as wished,
        if($order = 'indicator' and $layout <> 'indicator', i.position, null) as first_indicator,
        if($order = 'indicator' and $layout <> 'period', q.start_on, null) as first_start,
        k.position as kind_position,
        u.sort_key,
        if($layout = 'indicator', 0, i.position) as line_position,
        if($layout = 'indicator', '', p.indicator) as line_indicator,
        if($layout = 'period', '', p.period) as line_period,
        if($layout = 'period', null, q.start_on) as line_start
    from mart.progress as p
    join reference.org_unit as u using (org_unit)
    join reference.unit_kind as k on k.kind = u.kind
    join reference.indicator as i using (indicator)
    join reference.period as q using (period)
    where p.province = $province
        and ($indicators::varchar[] is null or p.indicator in (select unnest($indicators::varchar[])))
        and ($periods::varchar[] is null or p.period in (select unnest($periods::varchar[])))
        and ($units::varchar[] is null or p.org_unit in (select unnest($units::varchar[])))
        and ($unit_groups::varchar[] is null or p.unit_group in (select unnest($unit_groups::varchar[])))
        and ($reporting_lines::varchar[] is null or u.reporting_line in (select unnest($reporting_lines::varchar[])))
        and ($org_units::varchar[] is null or p.org_unit in (select unnest($org_units::varchar[])))
        and ($of_indicators::varchar[] is null or p.indicator in (select unnest($of_indicators::varchar[])))
),

lines as (
    select distinct * exclude (indicator, period) from chosen
),

-- Cut into pages while rows are still few columns wide.
page as (
    select *
    from lines
    order by
        wished nulls last,
        first_indicator,
        first_start,
        kind_position,
        sort_key,
        org_unit,
        line_position,
        line_indicator,
        line_start
    limit $limit::bigint
    offset $offset::bigint
),

cut as (
    select
        org_unit,
        line_indicator,
        line_period,
        $offset::bigint + row_number() over (
            order by
                wished nulls last,
                first_indicator,
                first_start,
                kind_position,
                sort_key,
                org_unit,
                line_position,
                line_indicator,
                line_start
        ) as line,
        (select count(*) from lines) as line_count
    from page
)

select
    p.* exclude (is_expected) replace (
        if(p.ranked_count >= $least_units or $org_units::varchar[] is null, p.median_value, null) as median_value,
        if(p.ranked_count >= $least_units or $org_units::varchar[] is null, p.median_gap, null) as median_gap,
        if(p.ranked_count >= $least_units or $org_units::varchar[] is null, p.median_standing, null) as median_standing
    ),
    u.name as org_unit_name,
    u.short_name,
    u.reporting_line,
    u.sort_key,
    i.name_vi as indicator_name_vi,
    i.name_en as indicator_name_en,
    i.measure_unit,
    i.decimals,
    i.direction,
    i.kind as indicator_kind,
    i.position as indicator_position,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    q.start_on,
    cut.line,
    cut.line_count
from cut
join chosen as c using (org_unit, line_indicator, line_period)
join mart.progress as p using (indicator, org_unit, period)
join reference.org_unit as u using (org_unit)
join reference.indicator as i using (indicator)
join reference.period as q using (period)
order by cut.line, i.position, q.start_on
