-- Keeps how an account is described before that changes.
insert into ledger_account_version (account_id, seq, area_code, level, year, source, purpose,
  since_on, superseded_at)
select id, (select count(*) + 1 from ledger_account_version v where v.account_id = ledger_account.id),
  area_code, level, year, source, purpose, since_on, cast($1 as bigint)
from ledger_account where id = $2
