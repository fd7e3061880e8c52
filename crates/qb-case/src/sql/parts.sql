-- The parts of records that stand and have no case, for keys behind $3 and up to $4.
select r.record_key, p.record_key, p.id, p.fields
from record r
join record p on p.dataset = $1 and p.record_key > r.record_key || '|' and p.record_key < r.record_key || '}'
  and p.superseded_at is null
where r.dataset = $2 and r.record_key > $3 and r.record_key <= $4 and r.superseded_at is null
  and not exists (
    select 1 from case_file c where c.source_record = r.id and c.superseded_at is null)
order by r.record_key, p.record_key
