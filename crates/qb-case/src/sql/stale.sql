-- How many cases of a dataset no longer fit their record, the rules, or the record's parts.
select count(*) from case_file c
join record r on r.id = c.source_record and r.dataset = $1
where c.superseded_at is null and c.machine = $2
  and (r.superseded_at is not null
    or (c.machine_digest <> $3 and not c.is_decided and not c.is_ended
      and not exists (
        select 1 from case_event e where e.case_id = c.id and e.actor is not null))
    or (c.parts_seen is not null and c.parts_seen <> (
      select count(*) || ':' || coalesce(sum(p.id), 0) from record p
      where p.dataset = $4 and p.record_key > c.subject || '|' and p.record_key < c.subject || '}'
        and p.superseded_at is null)))
