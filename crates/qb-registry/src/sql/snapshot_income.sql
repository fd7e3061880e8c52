select h.id, s.policy_year, i.item, i.amount_fen
from household h
join income_statement s on s.household_id = h.id and s.superseded_at is null
left join income_item i on i.statement_id = s.id
where h.area_code >= $1 and h.area_code < $2
  and not exists (select 1 from household_life l where l.household_id = h.id and l.superseded_at is null
    and (l.began_on > $3 or l.ended_on <= $3))
  and s.policy_year between $4 and $5
order by h.area_code, h.id
