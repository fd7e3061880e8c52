select e.client_id,
  (select coalesce(cast(sum(p.amount_fen) as bigint), 0) from ledger_posting p
    where p.entry_id = e.id and p.amount_fen > 0)
from ledger_entry e
join record r on r.id = e.source_record
where r.dataset = $1 and r.record_key = $2 and r.superseded_at is null
order by e.id desc
