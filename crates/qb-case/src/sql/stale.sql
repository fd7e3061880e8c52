-- How many cases of a dataset no longer fit their record or the rules.
select count(*) from case_file c
where c.superseded_at is null and c.machine = $1
  and (c.source_record in (
      select id from record where dataset = $2 and superseded_at is not null)
    or (c.machine_digest <> $3
      and c.source_record in (select id from record where dataset = $2)
      and not exists (
        select 1 from case_event e where e.case_id = c.id and e.actor is not null)))
