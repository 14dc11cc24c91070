-- severity: error
-- vi: Báo cáo đã rút hoặc đã trả lại vẫn còn được tính
-- en: A report that was withdrawn or returned still counts
select submission, outcome, is_withdrawn
from core.submission
where is_current and (is_withdrawn or outcome <> 'accepted')
union all
select o.submission, s.outcome, s.is_withdrawn
from core.observation as o
join core.submission as s using (submission)
where o.is_current and (s.is_withdrawn or s.outcome <> 'accepted')
union all
select t.submission, s.outcome, s.is_withdrawn
from core.task_report as t
join core.submission as s using (submission)
where t.is_current and (s.is_withdrawn or s.outcome <> 'accepted')
