-- Every task as it stood in a quarter: its last report up to the quarter's end, its state on that day.
-- grain: task_key × period
--
-- A task stays on the list from the quarter of its first report to that of the day of the view, so a silent unit does
-- go overdue. In a quarter that has not ended the day of the view counts.
with quarter as (
    select
        p.period,
        p.start_on,
        p.end_on,
        year(p.start_on) * 4 + quarter(p.start_on) as quarter_no,
        least(p.end_on, b.as_of) as view_on
    from reference.period as p
    cross join core.build as b
    where p.cadence = 'quarterly' and p.start_on <= b.as_of
),

last_of_quarter as (
    select
        arg_max(rowid, strftime(as_of, '%Y%m%d') || if(org_unit = lead, '1', '0') || submission || sheet || cell) as id
    from core.task_report
    where is_current
    group by task_key, year(as_of), quarter(as_of)
),

reported as (
    select r.*, year(r.as_of) * 4 + quarter(r.as_of) as quarter_no
    from core.task_report as r
    join last_of_quarter as l on l.id = r.rowid
),

in_force as (
    select *, lead(quarter_no) over (partition by task_key order by quarter_no) as next_quarter_no
    from reported
),

dated as (
    select
        r.*,
        q.period as quarter,
        q.start_on,
        q.end_on,
        q.view_on,
        core.task_status(r.state, r.due_on, r.completed_on, r.as_of, q.view_on) as view_status
    from in_force as r
    join quarter as q
        on q.quarter_no >= r.quarter_no and q.quarter_no < coalesce(r.next_quarter_no, q.quarter_no + 1)
)

select
    coalesce(u.province, '') as province,
    d.quarter as period,
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
    coalesce(d.due_on between d.start_on and d.end_on, false) as is_due_in_quarter,
    d.completed_on,
    d.progress_pct,
    d.result,
    d.obstacle,
    d.proposal,
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
order by province, d.start_on, d.lead, d.due_on nulls last, d.task_key
