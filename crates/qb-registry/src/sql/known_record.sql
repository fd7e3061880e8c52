-- Rows of a dataset as they were known by an instant ($4).
select id, area_code, household_id, person_id, fields, record_key from record
where dataset = $1 and superseded_at is null and area_code >= $2 and area_code < $3
  and recorded_at <= $4
union all
select id, area_code, household_id, person_id, fields, record_key from record
where dataset = $1 and superseded_at > $4 and area_code >= $2 and area_code < $3
  and recorded_at <= $4
order by area_code, record_key
