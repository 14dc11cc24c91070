-- Figures of many units, indicators and quarters at once, cut into pages of lines; every row knows how many lines.
--
-- A line is what stands in one line of the table: a row (`long`), all quarters of a unit's indicator (`period`), or
-- all indicators of a unit's quarter (`indicator`). Units come by kind, then as the Vietnamese alphabet has them.
with chosen as (
    select
        p.* exclude (is_expected),
        u.name as org_unit_name,
        u.short_name,
        u.reporting_line,
        u.sort_key,
        k.position as kind_position,
        i.name_vi as indicator_name_vi,
        i.name_en as indicator_name_en,
        i.measure_unit,
        i.decimals,
        i.direction,
        i.kind as indicator_kind,
        i.position as indicator_position,
        q.label_vi as period_label_vi,
        q.label_en as period_label_en,
        q.start_on
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
),

numbered as (
    select
        *,
        dense_rank() over (
            order by
                case when $layout <> 'long' then null
                    when $order = 'value' then -value
                    when $order = 'gap' then gap
                    when $order = 'change' then -change
                    when $order = 'rank' then rank
                end nulls last,
                if($order = 'indicator', indicator_position, null),
                if($order = 'indicator' and $layout <> 'period', start_on, null),
                kind_position,
                sort_key,
                org_unit,
                if($layout = 'indicator', null, indicator_position),
                if($layout = 'indicator', null, indicator),
                if($layout = 'period', null, start_on)
        ) as line
    from chosen
)

select * exclude (kind_position), (select max(line) from numbered) as line_count
from numbered
where $limit::bigint is null or line between $offset::bigint + 1 and $offset::bigint + $limit::bigint
order by line, indicator_position, start_on
