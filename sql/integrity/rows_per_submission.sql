-- severity: error
-- vi: Số dòng trong kho khác số dòng mà báo cáo đã nhận có
-- en: A report has other numbers of rows in the warehouse than it was received with
with loaded as (
    select
        s.submission,
        s.observation_count,
        s.task_count,
        (select count(*) from core.observation as o where o.submission = s.submission) as observations,
        (select count(*) from core.task_report as t where t.submission = s.submission) as tasks
    from core.submission as s
)

select *
from loaded
where observation_count <> observations or task_count <> tasks
