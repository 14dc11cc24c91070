-- Every report of one task, oldest first, superseded and withdrawn ones too. The name of a file that came from another unit stays hidden.
select
    r.*,
    coalesce(l.name, r.lead_text) as lead_name,
    coalesce(s.name, '') as sender_name,
    if(
        $org_units::varchar[] is null or r.org_unit in (select unnest($org_units::varchar[])),
        coalesce(c.file_name, ''),
        ''
    ) as file_name,
    coalesce(c.is_withdrawn, false) as is_withdrawn
from core.task_report as r
left join reference.org_unit as l on l.org_unit = r.lead
left join reference.org_unit as s on s.org_unit = r.org_unit
left join core.submission as c using (submission)
where r.task_key = $task_key
    and ($org_units::varchar[] is null or list_has_any([r.lead, r.org_unit], $org_units::varchar[]))
order by r.as_of, r.submission, r.cell
