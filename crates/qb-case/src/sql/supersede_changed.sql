-- Cases whose record was replaced or withdrawn since; records are looked up by their id, for there are millions.
update case_file set superseded_at = $1,
  superseded_reason = case when exists (
    select 1 from record n
    where n.dataset = $2 and n.record_key = case_file.subject and n.superseded_at is null
  ) then 'record_changed' else 'record_withdrawn' end
where superseded_at is null and machine = $3
  and exists (
    select 1 from record r
    where r.id = case_file.source_record and r.dataset = $2 and r.superseded_at is not null)
