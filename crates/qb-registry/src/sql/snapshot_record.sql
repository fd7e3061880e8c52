select id, area_code, household_id, person_id, fields from record
where dataset = $1 and superseded_at is null and area_code >= $2 and area_code < $3
order by area_code, record_key
