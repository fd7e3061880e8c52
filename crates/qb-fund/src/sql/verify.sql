select e.id, e.client_id, e.kind, e.on_day, e.reason, o.client_id, e.source_record, e.describes,
  e.content_digest, e.chain_digest, e.recorded_at, a.code, p.amount_fen
from ledger_entry e
left join ledger_entry o on o.id = e.reverses_id
left join ledger_posting p on p.entry_id = e.id
left join ledger_account a on a.id = p.account_id
order by e.id, p.seq
