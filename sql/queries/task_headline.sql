-- Counts of tasks over all leads: one row per quarter, oldest first.
select
    t.province,
    t.period,
    q.label_vi as period_label_vi,
    q.label_en as period_label_en,
    q.start_on,
    sum(t.task_count)::bigint as task_count,
    sum(t.done_count)::bigint as done_count,
    sum(t.in_progress_count)::bigint as in_progress_count,
    sum(t.not_started_count)::bigint as not_started_count,
    sum(t.recurring_count)::bigint as recurring_count,
    sum(t.overdue_count)::bigint as overdue_count,
    sum(t.due_count)::bigint as due_count,
    sum(t.due_done_count)::bigint as due_done_count,
    sum(t.due_in_progress_count)::bigint as due_in_progress_count,
    sum(t.due_not_started_count)::bigint as due_not_started_count,
    sum(t.chua_thuc_hien_dung_han)::bigint as chua_thuc_hien_dung_han,
    sum(t.chua_thuc_hien_qua_han)::bigint as chua_thuc_hien_qua_han,
    sum(t.chua_thuc_hien_khong_han)::bigint as chua_thuc_hien_khong_han,
    sum(t.dang_thuc_hien_dung_han)::bigint as dang_thuc_hien_dung_han,
    sum(t.dang_thuc_hien_qua_han)::bigint as dang_thuc_hien_qua_han,
    sum(t.dang_thuc_hien_khong_han)::bigint as dang_thuc_hien_khong_han,
    sum(t.da_hoan_thanh_dung_han)::bigint as da_hoan_thanh_dung_han,
    sum(t.da_hoan_thanh_qua_han)::bigint as da_hoan_thanh_qua_han,
    sum(t.da_hoan_thanh_khong_han)::bigint as da_hoan_thanh_khong_han,
    sum(t.thuong_xuyen)::bigint as thuong_xuyen
from mart.task_status as t
join reference.period as q using (period)
where t.province = $province
    and ($period::varchar is null or t.period = $period)
    and ($org_units::varchar[] is null or $aggregates or t.lead in (select unnest($org_units::varchar[])))
group by t.province, t.period, q.label_vi, q.label_en, q.start_on
order by q.start_on
