-- severity: error
-- vi: Có báo cáo đã nhận theo biểu mẫu không có trong danh mục biểu mẫu (forms/)
-- en: Accepted reports are of forms that the list of forms (forms/) does not hold
select submission, form, org_unit, period
from core.submission
where outcome = 'accepted' and form not in (select form from reference.form)
