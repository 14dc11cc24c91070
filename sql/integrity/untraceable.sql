-- severity: error
-- vi: Có số liệu không lần ra được tệp, trang tính và ô đã gửi
-- en: Figures lead back to no file, sheet and cell that were sent
select 'observation' as kind, o.submission, o.org_unit, o.indicator as of, o.sheet, o.cell
from core.observation as o
left join core.submission as s using (submission)
where s.submission is null or s.file <> o.file or o.sheet = '' or o.cell = ''
union all
select 'task_report', t.submission, t.org_unit, t.task_key, t.sheet, t.cell
from core.task_report as t
left join core.submission as s using (submission)
where s.submission is null or s.file <> t.file or t.sheet = '' or t.cell = ''
