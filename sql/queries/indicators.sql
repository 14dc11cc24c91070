-- The whole catalogue of indicators in its order.
select * from reference.indicator order by position, indicator
