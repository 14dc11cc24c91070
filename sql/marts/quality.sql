-- Six families of data quality of each sender and quarter, each as a share (0–100 %) of what could be right.
-- grain: province × org_unit × period × family
--
-- dung        correct     rows sent, returned ones too, without a finding about their value
-- du          complete    cells filled of the cells expected; a form that names no cells counts as one
-- sach        clean       submissions without duplicates, unknown names, converted texts
-- song        alive       expected reports that came in time; age_days is the age of the last one at the quarter's end
-- thong_nhat  consistent  rows sent that neither contradict themselves nor another form
-- dung_chung  shared      accepted rows told by official codes: indicators by code, units by label, listed tasks
--
-- Which finding belongs to which family is data (reference.quality); a family without any is not measured. A period
-- belongs to the quarter it ends in. What stood in a returned submission is not kept: it counts with the cells that
-- were expected of it, or at least those found wrong. What was withdrawn does not count.
with quarter as (
    select p.period as part, q.period, q.end_on
    from reference.period as p
    join reference.period as q on q.cadence = 'quarterly' and p.end_on between q.start_on and q.end_on
),

family as (
    from (values ('dung', 1), ('du', 2), ('sach', 3), ('song', 4), ('thong_nhat', 5), ('dung_chung', 6))
        as t (family, position)
    where family in ('du', 'song') or family in (select family from reference.quality)
),

-- What a finding is about; the two sides of a conflict, and tasks that are not listed, come without one.
flagged as (
    select distinct r.family, f.submission, f.sheet, f.cell
    from core.finding as f
    join reference.quality as r using (code)
    union
    select 'thong_nhat', submission, sheet, cell from mart.conflict
    union
    select 'thong_nhat', other_submission, other_sheet, other_cell from mart.conflict
    union
    select 'dung_chung', t.submission, t.sheet, t.cell
    from core.task_report as t
    anti join reference.task as given on given.assigned_in = t.assigned_in and given.task = t.task
),

wanted as (
    select form, cadence, org_unit, count(*) as cell_count
    from reference.expected_indicator
    group by form, cadence, org_unit
),

faulty as (
    select
        submission,
        count(*) filter (where family = 'dung') as dung,
        count(*) filter (where family = 'sach') as sach,
        count(*) filter (where family = 'thong_nhat') as thong_nhat,
        count(*) filter (where family = 'dung_chung') as dung_chung
    from flagged
    group by submission
),

sent as (
    select
        s.submission,
        s.org_unit,
        q.period,
        s.outcome,
        if(
            s.outcome = 'rejected',
            greatest(coalesce(w.cell_count, 0), coalesce(f.dung, 0), coalesce(f.thong_nhat, 0)),
            s.observation_count + s.task_count
        ) as row_count,
        coalesce(f.dung, 0) as dung,
        coalesce(f.sach, 0) as sach,
        coalesce(f.thong_nhat, 0) as thong_nhat,
        coalesce(f.dung_chung, 0) as dung_chung,
        if(s.outcome = 'accepted', coalesce(s.as_of, core.local_day(s.received_at)), null) as as_of
    from core.submission as s
    join quarter as q on q.part = s.period
    join reference.period as p on p.period = s.period
    left join wanted as w on w.form = s.form and w.org_unit = s.org_unit and w.cadence = p.cadence
    left join faulty as f on f.submission = s.submission
    where not s.is_withdrawn
),

sent_together as (
    select
        org_unit,
        period,
        sum(row_count) as row_count,
        sum(row_count) filter (where outcome = 'accepted') as accepted_row_count,
        count(*) as submission_count,
        sum(greatest(row_count - dung, 0)) as dung,
        count(*) filter (where sach = 0) as sach,
        sum(greatest(row_count - thong_nhat, 0)) as thong_nhat,
        sum(greatest(row_count - dung_chung, 0)) filter (where outcome = 'accepted') as dung_chung,
        max(as_of) as last_on
    from sent
    group by org_unit, period
),

due_together as (
    select
        c.org_unit,
        q.period,
        sum(coalesce(c.cells_expected, 1)) as cells_expected,
        sum(coalesce(c.cells_filled, c.is_received::integer)) as cells_filled,
        count(*) filter (where c.is_due or c.is_on_time) as report_count,
        count(*) filter (where c.is_on_time) as on_time_count
    from mart.completeness as c
    join quarter as q on q.part = c.period
    where c.is_due or c.is_received
    group by c.org_unit, q.period
),

both_together as (
    select
        coalesce(s.org_unit, d.org_unit) as org_unit,
        coalesce(s.period, d.period) as period,
        s.* exclude (org_unit, period),
        d.* exclude (org_unit, period)
    from sent_together as s
    full join due_together as d on d.org_unit = s.org_unit and d.period = s.period
),

-- The last thing heard of a unit, also when a whole quarter brought nothing.
heard as (
    select *, max(last_on) over (partition by org_unit order by end_on) as heard_on
    from both_together
    join (select distinct period, end_on from quarter) using (period)
),

measured as (
    select
        h.org_unit,
        h.period,
        h.end_on,
        f.family,
        f.position,
        case f.family
            when 'dung' then h.dung
            when 'du' then h.cells_filled
            when 'sach' then h.sach
            when 'song' then h.on_time_count
            when 'thong_nhat' then h.thong_nhat
            when 'dung_chung' then h.dung_chung
        end::bigint as numerator,
        case f.family
            when 'dung' then h.row_count
            when 'du' then h.cells_expected
            when 'sach' then h.submission_count
            when 'song' then h.report_count
            when 'thong_nhat' then h.row_count
            when 'dung_chung' then h.accepted_row_count
        end::bigint as denominator,
        if(
            f.family = 'song' and h.heard_on is not null,
            greatest(least(h.end_on, (select as_of from core.build)) - h.heard_on, 0),
            null
        ) as age_days
    from heard as h
    cross join family as f
),

found as (
    select s.org_unit, s.period, r.family, count(*) as finding_count
    from core.finding as f
    join reference.quality as r using (code)
    join sent as s using (submission)
    group by s.org_unit, s.period, r.family
)

select
    u.province,
    u.unit_group,
    u.kind,
    m.org_unit,
    m.period,
    m.family,
    m.position,
    coalesce(m.numerator, 0) as numerator,
    coalesce(m.denominator, 0) as denominator,
    if(m.denominator > 0, 100.0 * m.numerator / m.denominator, null) as measure,
    m.age_days,
    coalesce(f.finding_count, 0) as finding_count
from measured as m
join reference.org_unit as u using (org_unit)
left join found as f using (org_unit, period, family)
order by u.province, m.end_on, u.unit_group, m.org_unit, m.position
