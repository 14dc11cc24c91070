-- How many reports were due and came, by form, period and reporting line; asked for a period, what ends in it too.
select
    c.form,
    c.cadence,
    c.period,
    c.reporting_line,
    min(c.due_on) as due_on,
    count(*) as expected_count,
    count(*) filter (where c.is_received) as received_count,
    count(*) filter (where c.is_on_time) as on_time_count,
    count(*) filter (where c.is_late) as late_count,
    count(*) filter (where c.is_due and not c.is_received) as missing_count,
    count(*) filter (where not c.is_due and not c.is_received) as not_due_count,
    count(*) filter (where not c.is_received and c.rejected_count > 0) as returned_count,
    sum(c.cells_expected)::bigint as cells_expected,
    sum(c.cells_filled)::bigint as cells_filled,
    any_value(f.code) as form_code,
    any_value(f.name_vi) as form_name_vi,
    any_value(f.name_en) as form_name_en,
    any_value(p.label_vi) as period_label_vi,
    any_value(p.label_en) as period_label_en,
    any_value(p.start_on) as start_on,
    any_value(p.end_on) as end_on
from mart.completeness as c
join reference.form as f using (form)
join reference.period as p using (period)
left join reference.period as asked on asked.period = $period
where c.province = $province
    and (
        $period::varchar is null
        or c.period = $period
        or (p.end_on between asked.start_on and asked.end_on and p.start_on >= asked.start_on)
        or (c.cadence = 'weekly' and p.end_on between asked.start_on and asked.end_on)
    )
    and ($org_units::varchar[] is null or $aggregates or c.org_unit in (select unnest($org_units::varchar[])))
group by c.form, c.cadence, c.period, c.reporting_line
order by any_value(p.position) desc, form_code, c.reporting_line desc
