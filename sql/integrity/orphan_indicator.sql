-- severity: error
-- vi: Có số liệu của chỉ tiêu không có trong danh mục chỉ tiêu (indicators/)
-- en: Figures belong to indicators that the catalogue (indicators/) does not hold
select submission, indicator, org_unit, sheet, cell
from core.observation
where indicator not in (select indicator from reference.indicator)
