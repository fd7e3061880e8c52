select a.area_code,
  cast(sum(case when a.kind = 'budget' and (p.amount_fen > 0) = (e.reverses_id is null)
    then p.amount_fen else 0 end) as bigint),
  cast(sum(case when a.kind = 'allocation' and (p.amount_fen > 0) = (e.reverses_id is null)
    then p.amount_fen else 0 end) as bigint),
  cast(sum(case when a.kind = 'allocation' and (p.amount_fen < 0) = (e.reverses_id is null)
    then -p.amount_fen else 0 end) as bigint)
from ledger_account a
join ledger_posting p on p.account_id = a.id
join ledger_entry e on e.id = p.entry_id
where a.kind in ('budget', 'allocation') and a.area_code >= $1 and a.area_code < $2
  and (a.year = $3 or $3 = 0) and (a.level = $4 or $4 = '') and (a.source = $5 or $5 = '')
group by a.area_code
order by a.area_code
