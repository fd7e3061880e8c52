-- Accounts that were opened by an instant, as they were described and what they held then.
select a.code, a.kind,
  case when v.account_id is null then a.area_code else v.area_code end,
  case when v.account_id is null then a.level else v.level end,
  case when v.account_id is null then a.year else v.year end,
  case when v.account_id is null then a.source else v.source end,
  case when v.account_id is null then a.purpose else v.purpose end, a.project_no, a.household_no,
  case when v.account_id is null then a.since_on else v.since_on end, b.balance_fen
from (
  select p.account_id, cast(sum(p.amount_fen) as bigint) as balance_fen
  from ledger_posting p join ledger_entry e on e.id = p.entry_id
  where e.recorded_at <= $1 group by p.account_id
) b
join ledger_account a on a.id = b.account_id
left join ledger_account_version v on v.account_id = a.id
  and v.seq = (select min(w.seq) from ledger_account_version w
    where w.account_id = a.id and w.superseded_at > $1)
order by 3, 1
