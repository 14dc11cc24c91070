-- Every task as last reported, with its state on the day of the view.
-- grain: task_key
--
-- The report with the latest as-of date counts; among equals the lead's own, then the last to arrive. The province is
-- the sender's.
with counted as (
    select
        arg_max(rowid, strftime(as_of, '%Y%m%d') || if(org_unit = lead, '1', '0') || submission || sheet || cell) as id,
        count(*) as report_count
    from core.task_report
    where is_current
    group by task_key
),

latest as (
    select r.*, c.report_count
    from core.task_report as r
    join counted as c on c.id = r.rowid
),

dated as (
    select
        r.*,
        b.as_of as view_on,
        core.task_status(r.state, r.due_on, r.completed_on, r.as_of, b.as_of) as view_status
    from latest as r
    cross join core.build as b
)

select
    coalesce(u.province, '') as province,
    d.task_key,
    d.task,
    d.title,
    d.assigned_in,
    coalesce(t.programme, '') as programme,
    d.lead,
    d.lead_text,
    d.coordinating,
    d.coordinating_text,
    d.due_on,
    d.due_precision,
    d.due_text,
    d.state,
    d.view_status as status,
    d.view_on,
    case
        when d.state = 'thuong_xuyen' or d.due_on is null then null
        when d.view_status not like '%\_qua\_han' escape '\' then 0
        when d.state = 'da_hoan_thanh' then d.completed_on - d.due_on
        else d.view_on - d.due_on
    end as days_overdue,
    d.completed_on,
    d.progress_pct,
    d.result,
    d.obstacle,
    d.proposal,
    d.report_count,
    d.org_unit as sender,
    d.period as report_period,
    d.as_of,
    d.received_at,
    d.submission,
    d.file,
    d.form,
    d.sheet,
    d.cell,
    d.shown
from dated as d
left join reference.org_unit as u on u.org_unit = d.org_unit
left join reference.task as t on t.assigned_in = d.assigned_in and t.task = d.task
order by province, d.lead, d.due_on nulls last, d.task_key
