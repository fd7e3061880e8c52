select e.id, e.kind, e.on_day, t.id, t.code, t.kind, t.area_code, tp.amount_fen, t.project_no, t.household_no
from ledger_posting p
join ledger_entry e on e.id = p.entry_id and e.reverses_id is null
join ledger_posting tp on tp.entry_id = e.id and tp.amount_fen > 0
join ledger_account t on t.id = tp.account_id
where p.account_id = $1 and p.amount_fen < 0
  and not exists (select 1 from ledger_entry r where r.reverses_id = e.id)
order by e.on_day, e.id, tp.seq
limit $2
