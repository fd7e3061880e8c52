-- Who looked at a household: by its own readings, and by lists that left as files and covered its village.
select r.id, r.at_at, r.user_id, u.login, u.role, r.action, r.object, r.area_code, r.persons
from person_read r join app_user u on u.id = r.user_id
where r.id in (
  select p.id from person_read p where p.household_id = $1 and p.id < $2
  union all
  select l.id from person_read l where l.household_id is null and l.id < $2
    and l.area_code = substr($3, 1, length(l.area_code))
)
order by r.id desc
limit $4
