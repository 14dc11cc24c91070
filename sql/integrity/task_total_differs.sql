-- severity: error
-- vi: Số nhiệm vụ theo trạng thái cộng lại khác tổng số nhiệm vụ
-- en: Tasks by state do not add up to all tasks
select province, period, lead, task_count, done_count, in_progress_count, not_started_count
from mart.task_status
where done_count + in_progress_count + not_started_count <> task_count or overdue_count > task_count
