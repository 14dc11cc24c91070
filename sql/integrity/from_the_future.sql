-- severity: warning
-- vi: Có báo cáo ghi giờ nhận muộn hơn giờ dựng kho: đồng hồ của máy đã có lúc chạy sai
-- en: Reports bear a later time of arrival than this build: the clock of this machine was wrong at some time
select s.submission, s.received_at, b.built_at
from core.submission as s
cross join core.build as b
where s.received_at > b.built_at + interval 1 hour
