-- Cases whose record or parts were replaced or withdrawn since; records are looked up by their id, for there are millions.
update case_file as c set superseded_at = $1,
  superseded_reason = case when exists (
    select 1 from record n
    where n.dataset = $2 and n.record_key = c.subject and n.superseded_at is null
  ) then 'record_changed' else 'record_withdrawn' end
where superseded_at is null and machine = $3
  and exists (
    select 1 from record r
    where r.id = c.source_record and r.dataset = $2
      and (r.superseded_at is not null
        or (c.parts_seen is not null and c.parts_seen <> (
          select count(*) || ':' || coalesce(sum(p.id), 0) from record p
          where p.dataset = $4 and p.record_key > c.subject || '|' and p.record_key < c.subject || '}'
            and p.superseded_at is null))))
