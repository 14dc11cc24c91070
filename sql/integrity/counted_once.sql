-- severity: error
-- vi: Hai báo cáo cùng được tính cho một biểu, một đơn vị và một kỳ
-- en: Two reports count at once for one form, unit and period
select s.form, s.org_unit, s.period, count(*) as submission_count, min(s.submission) as first, max(s.submission) as last
from core.submission as s
join reference.form as f using (form)
where s.is_current and f.shape <> 'unit_rows'
group by s.form, s.org_unit, s.period
having count(*) > 1
