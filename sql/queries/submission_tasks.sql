-- The task reports of one submission with names, in the order of their cells.
select r.*, coalesce(l.name, r.lead_text) as lead_name
from core.task_report as r
left join reference.org_unit as l on l.org_unit = r.lead
where r.submission = $submission and ($org_units::varchar[] is null or r.org_unit in (select unnest($org_units::varchar[])))
order by r.sheet, nullif(regexp_extract(r.cell, '[0-9]+'), '')::integer nulls last, r.cell, r.task_key
