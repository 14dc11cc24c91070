-- severity: warning
-- vi: Chỉ tiêu giao cho phạm vi không có trong danh mục
-- en: Targets are set for a scope that there is not
select indicator, scope, year, value
from reference.target
where
    scope <> ''
    and scope not in (select org_unit from reference.org_unit)
    and scope not in (select kind from reference.unit_kind)
    and scope not in (select unit_group from reference.unit_kind)
