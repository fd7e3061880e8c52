-- Ledgers of a year that were known by an instant.
select l.area_code, i.item, i.amount_fen, i.amount_prior_fen, i.one_off_fen
from village_ledger l
join village_ledger_item i on i.ledger_id = l.id
where l.area_code >= $1 and l.area_code < $2 and l.policy_year = $3
  and l.recorded_at <= $4 and (l.superseded_at is null or l.superseded_at > $4)
order by l.area_code
