-- What accounts of an area read; user 0 stands for all of them.
select r.id, r.at_at, r.user_id, u.login, u.role, r.action, r.object, r.area_code, r.persons
from person_read r join app_user u on u.id = r.user_id
where u.area_code >= $1 and u.area_code < $2 and ($3 = 0 or r.user_id = $3) and r.id < $4
order by r.id desc
limit $5
