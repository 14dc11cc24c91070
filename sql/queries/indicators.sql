-- The whole catalogue of indicators in its order, each with the classes of its gap to a target.
select i.*, b.attention, b.behind, b.far_behind, b.least_denominator
from reference.indicator as i
left join reference.band as b using (indicator)
where ($of_indicators::varchar[] is null or i.indicator in (select unnest($of_indicators::varchar[])))
order by i.position, i.indicator
