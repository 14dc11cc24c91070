-- severity: error
-- vi: Một số liệu được tính hai lần cho cùng biểu, đơn vị, chỉ tiêu và kỳ
-- en: A figure counts twice for one form, unit, indicator and period
select form, org_unit, indicator, period, count(*) as row_count, min(submission) as submission
from core.observation
where is_current
group by form, org_unit, indicator, period
having count(*) > 1
union all
select form, org_unit, indicator, period, count(*), submission
from core.observation
group by submission, form, org_unit, indicator, period
having count(*) > 1
