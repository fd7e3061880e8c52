-- Postings of entries that were recorded by an instant.
select e.id, p.seq, e.kind, e.on_day, a.code, a.kind,
  case when v.account_id is null then a.area_code else v.area_code end, p.amount_fen,
  (case when e.reverses_id is not null then 1 else 0 end)
    + (select count(*) from ledger_entry r where r.reverses_id = e.id and r.recorded_at <= $1),
  e.source_record
from ledger_posting p
join ledger_entry e on e.id = p.entry_id
join ledger_account a on a.id = p.account_id
left join ledger_account_version v on v.account_id = a.id
  and v.seq = (select min(w.seq) from ledger_account_version w
    where w.account_id = a.id and w.superseded_at > $1)
where e.recorded_at <= $1
order by e.id, p.seq
