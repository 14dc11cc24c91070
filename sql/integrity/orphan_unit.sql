-- severity: error
-- vi: Có dòng số liệu của đơn vị không có trong danh mục đơn vị (org_units.csv)
-- en: Rows belong to units that the list of units (org_units.csv) does not hold
select 'observation' as kind, submission, org_unit, sheet, cell
from core.observation
where org_unit not in (select org_unit from reference.org_unit)
union all
select 'task_report', submission, org_unit, sheet, cell
from core.task_report
where org_unit not in (select org_unit from reference.org_unit)
union all
select 'submission', submission, org_unit, sheet, ''
from core.submission
where outcome = 'accepted' and org_unit not in (select org_unit from reference.org_unit)
