select a.source, a.level, a.purpose, a.area_code,
  cast(sum(case when (p.amount_fen > 0) = (e.reverses_id is null)
    then p.amount_fen else 0 end) as bigint),
  cast(sum(p.amount_fen) as bigint)
from ledger_account a
join ledger_posting p on p.account_id = a.id
join ledger_entry e on e.id = p.entry_id
where a.kind = 'allocation' and a.area_code >= $1 and a.area_code < $2 and a.year = $3
group by a.source, a.level, a.purpose, a.area_code
order by a.source, a.level, a.purpose, a.area_code
