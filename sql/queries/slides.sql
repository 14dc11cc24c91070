-- The slides of a meeting in their order.
select slide, position, kind, unit_group, indicator, part
from reference.slide
order by position
