select h.household_class, h.exit_status, h.exit_year, count(r.person_id) as on_roster
from person p
join household h on h.household_id = p.household_id
left join {view} r on r.person_id = p.person_id
where p.person_id = {person}
group by h.household_class, h.exit_status, h.exit_year
