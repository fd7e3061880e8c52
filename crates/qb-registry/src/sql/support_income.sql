select h.id, h.area_code, i.amount_fen
from income_item i
join income_statement s on s.id = i.statement_id and s.superseded_at is null
join household h on h.id = s.household_id
where i.item = $1 and s.policy_year = $2 and i.amount_fen <> 0
  and not exists (select 1 from household_life l where l.household_id = h.id and l.superseded_at is null
    and (l.began_on > $3 or l.ended_on <= $3))
order by h.area_code, h.id
