-- Rows of a list within a scope that meet nobody in the register, with the file and row they came from, by keyset.
select r.area_code, r.record_key, f.name, r.source_row
from record r join source_file f on f.id = r.source_file_id
where r.dataset = $1 and r.superseded_at is null and r.area_code >= $2 and r.area_code < $3
  and r.household_id is null and r.person_id is null and (r.area_code, r.record_key) > ($4, $5)
order by r.area_code, r.record_key limit $6
