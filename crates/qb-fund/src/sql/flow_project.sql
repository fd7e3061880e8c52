select t.project_no, t.area_code, cast(sum(tp.amount_fen) as bigint)
from ledger_account a
join ledger_posting p on p.account_id = a.id
join ledger_entry e on e.id = p.entry_id
join ledger_posting tp on tp.entry_id = e.id and tp.account_id <> a.id
join ledger_account t on t.id = tp.account_id
where a.kind = 'allocation' and a.area_code >= $1 and a.area_code < $2 and a.year = $3
  and (p.amount_fen < 0) = (e.reverses_id is null) and t.kind = 'project'
group by t.project_no, t.area_code
order by 3 desc, t.project_no
limit $4
