select e.id, p.seq, e.kind, e.on_day, a.code, a.kind, a.area_code, p.amount_fen,
  (case when e.reverses_id is not null then 1 else 0 end)
    + (select count(*) from ledger_entry r where r.reverses_id = e.id),
  e.source_record
from ledger_posting p
join ledger_entry e on e.id = p.entry_id
join ledger_account a on a.id = p.account_id
order by e.id, p.seq
