-- Cases per machine and state within a scope.
select machine, state, count(*), cast(coalesce(sum(case when due_on < $1 then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(case when irregular_count > 0 then 1 else 0 end), 0) as bigint)
from case_file
where superseded_at is null and area_code >= $2 and area_code < $3
group by machine, state order by machine, state
