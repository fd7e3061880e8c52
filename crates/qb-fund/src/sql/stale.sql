select e.client_id, r.id, r.dataset, r.record_key, r.area_code, e.on_day
from ledger_entry e
join record r on r.id = e.source_record
where r.superseded_at is not null
  and not exists (select 1 from ledger_entry x where x.reverses_id = e.id)
order by e.id
