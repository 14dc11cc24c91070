-- severity: error
-- vi: Có số liệu âm, vô hạn hoặc không phải là số
-- en: Figures are negative, infinite or no numbers
select submission, indicator, org_unit, numerator, denominator, value, sheet, cell
from core.observation
where
    numerator < 0
    or denominator < 0
    or value < 0
    or isnan(numerator) or isnan(denominator) or isnan(value) or isnan(value_to)
    or isinf(numerator) or isinf(denominator) or isinf(value) or isinf(value_to)
