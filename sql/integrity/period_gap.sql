-- severity: error
-- vi: Các kỳ báo cáo không nối tiếp nhau: thiếu kỳ hoặc hai kỳ chồng lên nhau
-- en: Periods do not follow one another: one is missing, or two overlap
with following as (
    select
        cadence,
        period,
        start_on,
        end_on,
        lag(period) over series as period_before,
        lag(end_on) over series as end_before
    from reference.period
    where cadence in ('monthly', 'quarterly') and year(start_on) between
        (select min(year(start_on)) from reference.period where cadence = 'yearly')
        and (select max(year(start_on)) from reference.period where cadence = 'yearly')
    window series as (partition by cadence order by start_on)
)

select cadence, period_before, end_before, period, start_on
from following
where end_on < start_on or (end_before is not null and start_on <> end_before + 1 and year(start_on) = year(end_before))
