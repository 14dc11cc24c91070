-- How many tasks of a quarter stand in which state, by lead; lead '' = none assigned.
-- grain: province × period × lead
--
-- Done, in progress (recurring ones among them) and not started add up to all. Overdue are open tasks past their due
-- day; due are those whose due day lies in the quarter.
select
    t.province,
    t.period,
    t.lead,
    count(*) as task_count,
    count(*) filter (where t.state = 'da_hoan_thanh') as done_count,
    count(*) filter (where t.state in ('dang_thuc_hien', 'thuong_xuyen')) as in_progress_count,
    count(*) filter (where t.state = 'chua_thuc_hien') as not_started_count,
    count(*) filter (where t.state = 'thuong_xuyen') as recurring_count,
    count(*) filter (where t.status in ('dang_thuc_hien_qua_han', 'chua_thuc_hien_qua_han')) as overdue_count,
    count(*) filter (where t.is_due_in_quarter) as due_count,
    count(*) filter (where t.is_due_in_quarter and t.state = 'da_hoan_thanh') as due_done_count,
    count(*) filter (where t.is_due_in_quarter and t.state in ('dang_thuc_hien', 'thuong_xuyen'))
        as due_in_progress_count,
    count(*) filter (where t.is_due_in_quarter and t.state = 'chua_thuc_hien') as due_not_started_count,
    count(*) filter (where t.status = 'chua_thuc_hien_dung_han') as chua_thuc_hien_dung_han,
    count(*) filter (where t.status = 'chua_thuc_hien_qua_han') as chua_thuc_hien_qua_han,
    count(*) filter (where t.status = 'chua_thuc_hien_khong_han') as chua_thuc_hien_khong_han,
    count(*) filter (where t.status = 'dang_thuc_hien_dung_han') as dang_thuc_hien_dung_han,
    count(*) filter (where t.status = 'dang_thuc_hien_qua_han') as dang_thuc_hien_qua_han,
    count(*) filter (where t.status = 'dang_thuc_hien_khong_han') as dang_thuc_hien_khong_han,
    count(*) filter (where t.status = 'da_hoan_thanh_dung_han') as da_hoan_thanh_dung_han,
    count(*) filter (where t.status = 'da_hoan_thanh_qua_han') as da_hoan_thanh_qua_han,
    count(*) filter (where t.status = 'da_hoan_thanh_khong_han') as da_hoan_thanh_khong_han,
    count(*) filter (where t.status = 'thuong_xuyen') as thuong_xuyen
from mart.task_quarter as t
group by t.province, t.period, t.lead
order by t.province, t.period, t.lead
