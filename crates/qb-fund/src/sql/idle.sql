select a.code, a.kind, a.area_code, a.level, a.year, a.source, a.purpose, a.since_on,
  cast(sum(p.amount_fen) as bigint)
from ledger_account a
join ledger_posting p on p.account_id = a.id
join ledger_entry e on e.id = p.entry_id
where a.since_on <= $1 and e.on_day <= $1 and a.area_code >= $2 and a.area_code < $3
group by a.id, a.code, a.kind, a.area_code, a.level, a.year, a.source, a.purpose, a.since_on
having sum(p.amount_fen) > 0
order by a.since_on, a.code
