-- The quarters for which a province has figures or task reports, newest first.
select q.period, q.label_vi, q.label_en, q.start_on, q.end_on, q.position
from reference.period as q
where q.period in (
    select p.period
    from mart.progress as p
    where p.province = $province
        and p.status not in ('not_reported', 'not_due')
        and ($org_units::varchar[] is null or $aggregates or p.org_unit in (select unnest($org_units::varchar[])))
    union
    select t.period
    from mart.task_quarter as t
    where t.province = $province
        and ($org_units::varchar[] is null or $aggregates or list_has_any([t.lead, t.sender], $org_units::varchar[]))
)
order by q.position desc
