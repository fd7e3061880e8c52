-- Cases whose record was replaced or withdrawn since.
update case_file set superseded_at = $1,
  superseded_reason = case when exists (
    select 1 from record n
    where n.dataset = $2 and n.record_key = case_file.subject and n.superseded_at is null
  ) then 'record_changed' else 'record_withdrawn' end
where superseded_at is null and machine = $3
  and source_record in (
    select id from record where dataset = $2 and superseded_at is not null)
