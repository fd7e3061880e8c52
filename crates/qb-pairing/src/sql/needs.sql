select coalesce(need, ''), count(*),
  cast(coalesce(sum(case when promised_until is not null then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(case when done_on <= coalesce(promised_until, done_on) then 1 else 0 end), 0)
    as bigint),
  cast(coalesce(sum(case when done_on > promised_until then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(case when done_on is null and promised_until >= $1 then 1 else 0 end), 0)
    as bigint),
  cast(coalesce(sum(case when done_on is null and promised_until < $1 then 1 else 0 end), 0)
    as bigint)
from visit_need
where area_code >= $2 and area_code < $3 and visited_on <= $1
group by coalesce(need, '')
order by 1
