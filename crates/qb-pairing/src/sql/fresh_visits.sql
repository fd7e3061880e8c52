select r.id, r.household_id, coalesce(h.area_code, r.area_code), r.fields
from record r
left join household h on h.id = r.household_id
where r.dataset = $1 and r.superseded_at is null and r.id > $2 and r.id <= $3
order by r.id
