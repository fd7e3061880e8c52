select r.id, r.record_key, coalesce(h.area_code, r.area_code), r.fields
from record r
left join household h on h.id = r.household_id
where r.dataset = $1 and r.superseded_at is null
  and not exists (select 1 from ledger_entry e where e.source_record = r.id)
order by r.record_key
