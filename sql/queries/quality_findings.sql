-- What stands behind a measure of data quality: findings, conflicts, tasks not listed, reports late or missing.
--
-- `reason` says which: finding (with code and message), conflict (other_… is the other form's side), task (not in the
-- list), late, missing, incomplete (cells_filled of cells_expected). Newest first.
-- What another form says (other_…) is told only of the unit that the figure is about.
with quarter as (
    select p.period as part, p.start_on, p.position
    from reference.period as p
    join reference.period as q
        on q.cadence = 'quarterly' and p.end_on between q.start_on and q.end_on and q.period = $period
),

sent as (
    select s.*
    from core.submission as s
    join quarter as q on q.part = s.period
    where not s.is_withdrawn and ($org_unit::varchar is null or s.org_unit = $org_unit)
),

found as (
    select
        'finding' as reason,
        r.family,
        f.submission,
        f.position,
        f.code,
        f.severity,
        f.sheet,
        f.cell,
        f.shown,
        f.message_vi,
        f.message_en
    from core.finding as f
    join reference.quality as r using (code)
    where f.submission in (select submission from sent) and ($family::varchar is null or r.family = $family)
),

conflict as (
    select
        'conflict' as reason,
        'thong_nhat' as family,
        submission,
        sheet,
        cell,
        shown,
        indicator,
        org_unit as about_org_unit,
        other_submission,
        other_sheet,
        other_cell,
        other_shown
    from mart.conflict
    where submission in (select submission from sent) and coalesce($family, 'thong_nhat') = 'thong_nhat'
    union all
    select
        'conflict' as reason,
        'thong_nhat' as family,
        other_submission as submission,
        other_sheet as sheet,
        other_cell as cell,
        other_shown as shown,
        indicator,
        org_unit as about_org_unit,
        submission as other_submission,
        sheet as other_sheet,
        cell as other_cell,
        shown as other_shown
    from mart.conflict
    where other_submission in (select submission from sent) and coalesce($family, 'thong_nhat') = 'thong_nhat'
),

unlisted as (
    select 'task' as reason, 'dung_chung' as family, t.submission, t.sheet, t.cell, t.title as shown
    from core.task_report as t
    anti join reference.task as given on given.assigned_in = t.assigned_in and given.task = t.task
    where t.submission in (select submission from sent) and coalesce($family, 'dung_chung') = 'dung_chung'
),

in_cells as (
    select * from found
    union all by name
    select * from conflict
    union all by name
    select * from unlisted
),

owed as (
    select
        unnest(
            list_filter(
                [
                    if(not c.is_received or c.cells_filled < c.cells_expected, 'du', null),
                    if(c.is_due and not c.is_on_time, 'song', null)
                ],
                lambda family: family is not null
            )
        ) as family,
        c.*
    from mart.completeness as c
    join quarter as q on q.part = c.period
    where (c.is_due or c.is_received) and ($org_unit::varchar is null or c.org_unit = $org_unit)
),

together as (
    select
        i.*,
        s.org_unit,
        s.form,
        s.period,
        s.file,
        s.file_name,
        s.received_at,
        s.outcome,
        null as due_on,
        null as cells_expected,
        null as cells_filled
    from in_cells as i
    join sent as s using (submission)
    union all by name
    select
        case
            when not o.is_received then 'missing'
            when o.family = 'song' then 'late'
            else 'incomplete'
        end as reason,
        o.family,
        o.submission,
        o.org_unit,
        o.form,
        o.period,
        o.received_at,
        o.due_on,
        o.cells_expected,
        o.cells_filled
    from owed as o
    where $family::varchar is null or o.family = $family
)

select
    t.reason,
    t.family,
    t.org_unit,
    u.name as org_unit_name,
    u.short_name,
    t.form,
    f.code as form_code,
    t.period,
    p.label_vi as period_label_vi,
    p.label_en as period_label_en,
    coalesce(t.code, '') as code,
    coalesce(t.severity, '') as severity,
    coalesce(t.sheet, '') as sheet,
    coalesce(t.cell, '') as cell,
    coalesce(t.shown, '') as shown,
    coalesce(t.message_vi, '') as message_vi,
    coalesce(t.message_en, '') as message_en,
    coalesce(t.submission, '') as submission,
    coalesce(t.file, '') as file,
    coalesce(t.file_name, '') as file_name,
    coalesce(t.outcome, '') as outcome,
    t.received_at,
    coalesce(t.indicator, '') as indicator,
    coalesce(t.about_org_unit, '') as about_org_unit,
    if(t.is_ours, coalesce(t.other_submission, ''), '') as other_submission,
    coalesce(o.org_unit, '') as other_org_unit,
    if(t.is_ours, coalesce(t.other_sheet, ''), '') as other_sheet,
    if(t.is_ours, coalesce(t.other_cell, ''), '') as other_cell,
    if(t.is_ours, coalesce(t.other_shown, ''), '') as other_shown,
    t.due_on,
    t.cells_expected,
    t.cells_filled
from (
    select
        *,
        $org_units::varchar[] is null or about_org_unit in (select unnest($org_units::varchar[])) as is_ours
    from together
) as t
join reference.org_unit as u using (org_unit)
join reference.period as p using (period)
left join reference.form as f on f.form = t.form
left join core.submission as o on o.submission = t.other_submission
where u.province = $province
    and ($org_units::varchar[] is null or t.org_unit in (select unnest($org_units::varchar[])))
order by p.position desc, t.submission desc, t.position nulls last, t.reason, t.org_unit, t.form, t.sheet, t.cell
