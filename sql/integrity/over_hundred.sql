-- severity: warning
-- vi: Có tỷ lệ vượt 100 %
-- en: Percentages are above 100
select o.submission, o.indicator, o.org_unit, o.period, o.value, o.sheet, o.cell
from core.observation as o
join reference.indicator as i using (indicator)
where o.is_current and i.kind = 'ratio' and i.measure_unit = '%' and o.value > 100
