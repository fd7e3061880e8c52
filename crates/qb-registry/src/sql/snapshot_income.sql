select h.id, s.policy_year, i.item, i.amount_fen
from household h
join income_statement s on s.household_id = h.id and s.superseded_at is null
left join income_item i on i.statement_id = s.id
where h.area_code >= $1 and h.area_code < $2 and s.policy_year between $3 and $4
order by h.area_code, h.id
