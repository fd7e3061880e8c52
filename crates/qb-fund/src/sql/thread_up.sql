select e.id, e.kind, e.on_day, f.id, f.code, f.kind, f.area_code, -fp.amount_fen, f.project_no, f.household_no
from ledger_posting p
join ledger_entry e on e.id = p.entry_id and e.reverses_id is null
join ledger_posting fp on fp.entry_id = e.id and fp.amount_fen < 0
join ledger_account f on f.id = fp.account_id
where p.account_id = $1 and p.amount_fen > 0
  and not exists (select 1 from ledger_entry r where r.reverses_id = e.id)
order by e.on_day, e.id
limit $2
